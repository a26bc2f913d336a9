//! What an admin may set about the encoder and its files.

use std::env;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::embed::manifest::Model;

/// Settings of the encoder: which model, where its files come from, and how much work may wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The name of the manifest entry to encode with. Default: `all-minilm-l6-v2`.
    pub model: String,
    /// A manifest file with more models; its entries replace built-in ones of the same name. Default: none.
    pub manifest: Option<PathBuf>,
    /// The folder that keeps fetched models. Default: `$XDG_CACHE_HOME/backchannel/models` or `~/.cache/backchannel/models`.
    pub dir: Option<PathBuf>,
    /// A folder somebody has put the model's files into, looked at before any download. Default: none.
    pub local: Option<PathBuf>,
    /// The only kind of source that may be used. Default: each kind that the manifest lists, in its order.
    pub source: Option<SourceKind>,
    /// How many tokens may wait, for each of the two priorities, before callers are turned away (interactive) or wait (bulk).
    /// Default: 32768, some 2,000 short questions or 128 passages of full length.
    pub queue_tokens: NonZeroUsize,
    /// About how many tokens a thread takes through the network before it looks who waits, a longer text apart. Default: 512.
    pub batch_tokens: NonZeroUsize,
    /// How many texts' vectors are remembered, of about 2 kB each for vectors of 384 dimensions. With 0 every vector is made anew, even of
    /// equal texts in one request. Default: 20000.
    pub remembered_texts: usize,
    /// How many threads encode. Default: one for each core; `candle` has threads of its own.
    pub threads: Option<NonZeroUsize>,
    /// How exactly the network computes. Default: what the manifest says of the model. Vectors of different precisions never meet: after a
    /// change everything is encoded anew.
    pub precision: Option<Precision>,
    /// What computes the network. Default: `kernels`.
    pub engine: EngineKind,
    /// The processor's instructions to use: `avx512`, `avx2`, `neon-dotprod`, `neon` or `portable`. Vectors are the same but for rounding. Default: the best.
    pub instructions: Option<String>,
}

/// How exactly the network computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Linear maps in whole numbers of 8 and 16 bits: with AVX-512 VNNI about 2.4 times as fast, with a cosine of 0.9993 on average to the exact vectors.
    Fast,
    /// In 32 bits with a fraction, as models are published.
    Exact,
}

/// What computes the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// The kernels of this project, on the processor.
    Kernels,
    /// The layers of candle on the processor, in 32 bits whatever the precision: slow, to compare with.
    Candle,
    /// An NVIDIA card, in 16 bits or, when exact, in 32; only in a build with the feature `cuda`.
    Cuda,
}

/// A kind of place that model files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A folder on this machine.
    Local,
    /// A model hub over HTTPS.
    Hub,
    /// A wheel from the Python package index that `pip` is set up for.
    PythonPackage,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            model: "all-minilm-l6-v2".to_owned(),
            manifest: None,
            dir: None,
            local: None,
            source: None,
            queue_tokens: const { NonZeroUsize::new(32_768).expect("not zero: this is a bug") },
            batch_tokens: const { NonZeroUsize::new(512).expect("not zero: this is a bug") },
            remembered_texts: 20_000,
            threads: None,
            precision: None,
            engine: EngineKind::Kernels,
            instructions: None,
        }
    }
}

impl Options {
    /// How exactly a model is computed with these settings.
    pub fn precision_of(&self, model: &Model) -> Precision {
        match self.engine {
            EngineKind::Kernels => self.precision.unwrap_or(model.precision),
            EngineKind::Candle => Precision::Exact,
            EngineKind::Cuda => self.precision.unwrap_or(Precision::Fast),
        }
    }

    /// The settings that are given and mean nothing to what computes the network, by their keys.
    pub(super) fn without_effect(&self) -> Vec<&'static str> {
        match self.engine {
            EngineKind::Kernels => Vec::new(),
            EngineKind::Candle | EngineKind::Cuda => [
                ("precision", self.engine == EngineKind::Candle && self.precision == Some(Precision::Fast)),
                ("threads", self.threads.is_some()),
                ("instructions", self.instructions.is_some()),
            ]
            .into_iter()
            .filter_map(|(key, given)| given.then_some(key))
            .collect(),
        }
    }

    /// The folder that keeps fetched models, or nothing if neither `dir` nor the environment names one.
    pub fn cache_root(&self) -> Option<PathBuf> {
        let from_environment = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        self.dir.clone().or_else(|| {
            let cache = from_environment("XDG_CACHE_HOME").or_else(|| from_environment("HOME").map(|home| home.join(".cache")))?;
            Some(cache.join("backchannel").join("models"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_table_means_the_defaults() {
        assert_eq!(toml::from_str::<Options>("").unwrap(), Options::default());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = toml::from_str::<Options>("modell = \"x\"").unwrap_err();
        assert!(error.to_string().contains("unknown field `modell`"), "{error}");
    }

    #[test]
    fn a_word_that_is_no_setting_is_refused_with_those_that_are() {
        for (line, known) in [
            ("precision = \"half\"", "`fast` or `exact`"),
            ("engine = \"onnx\"", "`kernels`, `candle`, `cuda`"),
            ("threads = 0", "nonzero"),
        ] {
            let error = toml::from_str::<Options>(line).unwrap_err();
            assert!(error.to_string().contains(known), "{error}");
        }
    }

    #[test]
    fn what_candle_does_not_heed_is_told() {
        let given = "precision = \"fast\"\nthreads = 2\ninstructions = \"avx2\"";
        let told =
            |engine: &str, given: &str| toml::from_str::<Options>(&format!("engine = \"{engine}\"\n{given}")).unwrap().without_effect();
        assert_eq!(told("candle", given), ["precision", "threads", "instructions"]);
        assert!(told("candle", "precision = \"exact\"").is_empty() && told("kernels", given).is_empty());
    }

    #[test]
    fn a_queue_of_no_tokens_is_refused() {
        assert!(toml::from_str::<Options>("queue_tokens = 0").is_err());
    }

    #[test]
    fn a_named_folder_wins_over_the_environment() {
        let options = Options { dir: Some("/srv/models".into()), ..Options::default() };
        assert_eq!(options.cache_root(), Some(PathBuf::from("/srv/models")));
    }
}
