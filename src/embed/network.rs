//! The network: token ids in, unit vectors out. It looks embeddings up and pools; the layers between are of the kernels.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use backchannel_kernels::{self as kernels, Activation, Lengths, Level, Scratch, Shape, Stack};
use serde::Deserialize;

use crate::embed::error::EmbedError;
use crate::embed::manifest::{Architecture, CONFIG_FILE, Model, Pooling};
use crate::embed::options::{Options, Precision};
use crate::embed::pack::pack;
use crate::embed::vector::UnitVector;
use crate::embed::weights::{Table, WORDS, Weights};

/// A BERT-like network with its pooling.
pub(super) struct Network {
    stack: Stack,
    words: Table,
    positions: Table,
    types: Table,
    /// The row of the first token's position.
    first_position: usize,
    pooling: kernels::Pooling,
    dimensions: usize,
    /// Room for as many threads as ever worked at once.
    scratch: Mutex<Vec<Scratch>>,
}

/// What the configuration file of either architecture says about the shape.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    #[serde(default)]
    model_type: Option<String>,
    hidden_size: usize,
    num_attention_heads: usize,
    num_hidden_layers: usize,
    intermediate_size: usize,
    hidden_act: String,
    layer_norm_eps: f32,
    pad_token_id: usize,
    #[serde(default)]
    position_embedding_type: Option<String>,
}

impl Config {
    pub(super) fn read(folder: &Path) -> Result<Self, EmbedError> {
        let read = || -> io::Result<Self> { Ok(serde_json::from_slice(&fs_err::read(folder.join(CONFIG_FILE))?)?) };
        read().map_err(|error| EmbedError::open(CONFIG_FILE, error))
    }

    pub(super) const fn layers(&self) -> usize {
        self.num_hidden_layers
    }

    /// The row of the first token's position: XLM-RoBERTa counts from the padding token's id on.
    pub(super) const fn first_position(&self, architecture: Architecture) -> usize {
        match architecture {
            Architecture::Bert => 0,
            Architecture::XlmRoberta => self.pad_token_id + 1,
        }
    }

    pub(super) fn shape(&self) -> Result<Shape, EmbedError> {
        let activation = match self.hidden_act.as_str() {
            "gelu" => Activation::Gelu,
            "gelu_new" | "gelu_pytorch_tanh" => Activation::GeluTanh,
            "relu" => Activation::Relu,
            other => return Err(EmbedError::Mismatch(format!("its activation `{other}` is not known here: gelu, gelu_new and relu are"))),
        };
        if let Some(other) = self.position_embedding_type.as_deref().filter(|kind| *kind != "absolute") {
            return Err(EmbedError::Mismatch(format!("its positions are `{other}`: only absolute ones are known here")));
        }
        Ok(Shape {
            hidden: self.hidden_size,
            heads: self.num_attention_heads,
            intermediate: self.intermediate_size,
            epsilon: self.layer_norm_eps,
            activation,
        })
    }
}

impl Network {
    /// Maps the weights of a model and packs its layers for the best instructions of this machine, or those that are set.
    ///
    /// # Errors
    /// A file cannot be read, contradicts the manifest, or is of a shape that is not known here.
    pub(super) fn open(model: &Model, folder: &Path, options: &Options) -> Result<Self, EmbedError> {
        let level = match &options.instructions {
            None => Level::best(),
            Some(key) => Level::find(key).map_err(|known| EmbedError::Instructions { key: key.clone(), known: known.join(", ") })?,
        };
        Self::for_level(level, model, folder, options.precision_of(model))
    }

    pub(super) fn for_level(level: Level, model: &Model, folder: &Path, precision: Precision) -> Result<Self, EmbedError> {
        let config = Config::read(folder)?;
        let kinds: &[&str] = match model.architecture {
            Architecture::Bert => &["bert"],
            Architecture::XlmRoberta => &["xlm-roberta", "camembert", "roberta"],
        };
        if let Some(found) = config.model_type.as_deref().filter(|found| !kinds.contains(found)) {
            let listed = kinds[0];
            return Err(EmbedError::Mismatch(format!("its `{CONFIG_FILE}` is of a `{found}`, the manifest calls it `{listed}`")));
        }
        if config.hidden_size != model.dimensions {
            let (found, expected) = (config.hidden_size, model.dimensions);
            return Err(EmbedError::Mismatch(format!("its vectors have {found} dimensions instead of {expected}")));
        }
        let weights = Weights::open(folder)?;
        let shape = config.shape()?;
        let table = |name: &str| weights.table(&format!("embeddings.{name}_embeddings.weight"), shape.hidden);
        let positions = table("position")?;
        let first_position = config.first_position(model.architecture);
        let types = table("token_type")?;
        for (what, table) in [("position", &positions), ("token_type", &types)] {
            if !table.is_finite() {
                return Err(EmbedError::Mismatch(format!("`embeddings.{what}_embeddings.weight` holds a number that is not finite")));
            }
        }
        let reach = positions.rows().saturating_sub(first_position);
        if reach < model.max_tokens {
            return Err(EmbedError::Mismatch(format!("it reads {reach} tokens at most, `max_tokens` is {}", model.max_tokens)));
        }
        Ok(Self {
            stack: pack(level, &weights, shape, config.layers(), of_kernels(precision))?,
            words: table("word")?,
            types,
            positions,
            first_position,
            pooling: match model.pooling {
                Pooling::Mean => kernels::Pooling::Mean,
                Pooling::Cls => kernels::Pooling::First,
            },
            dimensions: model.dimensions,
            scratch: Mutex::default(),
        })
    }

    /// How many token ids it knows.
    pub(super) fn vocabulary(&self) -> usize {
        self.words.rows()
    }

    /// The instructions it computes with.
    pub(super) fn level(&self) -> Level {
        self.stack.level()
    }

    /// What one core can do at most with these instructions, in operations a second, as measured.
    pub(super) fn peak(&self, precision: Precision) -> f64 {
        kernels::peak(self.level(), of_kernels(precision))
    }

    /// The operations of a text of so many tokens.
    pub(super) fn operations(&self, tokens: usize) -> f64 {
        self.stack.operations(tokens)
    }

    /// Computes the vector of each text on the calling thread, in order; none may be without tokens.
    ///
    /// # Errors
    /// An id is not in the vocabulary, a text is longer than the network has positions, or the weights give no direction.
    pub(super) fn forward(&self, texts: &[Vec<u32>]) -> Result<Vec<UnitVector>, EmbedError> {
        let lengths: Vec<usize> = texts.iter().map(Vec::len).collect();
        let known = Lengths::new(&lengths).ok_or_else(|| EmbedError::Mismatch("its tokenizer makes texts of no tokens".to_owned()))?;
        let mut rows = vec![0.0; lengths.iter().sum::<usize>() * self.dimensions];
        let tokens = texts.iter().flat_map(|text| text.iter().enumerate());
        for ((place, id), row) in tokens.zip(rows.chunks_exact_mut(self.dimensions)) {
            let id = *id as usize;
            self.words.add(id, row).ok_or_else(|| outside("token", id, &self.words))?;
            let position = self.first_position + place;
            self.positions.add(position, row).ok_or_else(|| outside("position", position, &self.positions))?;
            self.types.add(0, row).ok_or_else(|| outside("type", 0, &self.types))?;
        }
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let vectors = self.stack.forward(&mut rows, known, self.pooling, &mut scratch);
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        let unit = |(vector, text): (&[f32], &Vec<u32>)| {
            UnitVector::normalized(vector.to_vec()).map_err(|error| self.bad_word(text).unwrap_or_else(|| error.into()))
        };
        vectors.chunks_exact(self.dimensions).zip(texts).map(unit).collect()
    }

    /// Why a text has no vector, if that is because of a word's row.
    ///
    /// The rows are not looked at before: they stay in the file until they are used (reading all of them takes 9 ms for 30,000 words and would take 70 for 250,000, and far longer
    /// from a cold disk), and what is not finite stays so through every layer.
    fn bad_word(&self, text: &[u32]) -> Option<EmbedError> {
        let id = text.iter().find(|id| !self.words.is_row_finite(**id as usize))?;
        Some(EmbedError::network(format!("row {id} of `{WORDS}` holds a number that is not finite: fetch the model anew")))
    }
}

fn outside(what: &str, place: usize, table: &Table) -> EmbedError {
    EmbedError::network(format!("{what} {place} is outside of a table of {}", table.rows()))
}

const fn of_kernels(precision: Precision) -> kernels::Precision {
    match precision {
        Precision::Exact => kernels::Precision::Exact,
        Precision::Fast => kernels::Precision::Fast,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_oneof};
    use proptest::test_runner::TestRunner;
    use safetensors::tensor::TensorView;

    use super::*;
    use crate::embed::manifest::WEIGHTS_FILE;
    use crate::embed::reference;
    use crate::embed::stock::Stock;
    use crate::embed::tiny;

    const SHORT: &[u32] = &[2, 17, 3];
    const MIDDLE: &[u32] = &[2, 300, 21, 22, 40, 3];
    const LONG: &[u32] = &[2, 9, 8, 7, 6, 5, 400, 11, 12, 13, 14, 3];

    fn rows(texts: &[&[u32]]) -> Vec<Vec<u32>> {
        texts.iter().map(|text| text.to_vec()).collect()
    }

    #[test]
    fn every_level_and_precision_gives_the_vectors_of_stock_candle() {
        let lengths: Vec<Vec<u32>> = (1..=64).map(|length| (0..length).map(|place| 5 + place * 37 % 400).collect()).collect();
        for (place, model) in reference::kinds() {
            let stock = Stock::open(&model, place.path()).unwrap();
            let expected = stock.forward(&lengths).unwrap();
            for level in Level::all() {
                for (precision, least) in [(Precision::Exact, 0.999_99), (Precision::Fast, 0.999)] {
                    let network = Network::for_level(level, &model, place.path(), precision).unwrap();
                    for ((text, expected), found) in lengths.iter().zip(&expected).zip(network.forward(&lengths).unwrap()) {
                        let cosine = found.dot(expected);
                        assert!(cosine >= least, "{level:?} {precision:?} {model:?}: {cosine} for {} tokens", text.len());
                    }
                }
            }
        }
    }

    /// A tiny model of each architecture that reads 512 tokens, with both networks of it.
    fn long_kinds() -> Vec<(Stock, Vec<(Network, f32)>)> {
        let mut kinds = Vec::new();
        for architecture in [Architecture::Bert, Architecture::XlmRoberta] {
            let place = tempfile::tempdir().unwrap();
            let mut tiny = tiny::write_long(place.path(), 7).unwrap();
            if architecture == Architecture::XlmRoberta {
                tiny::turn_multilingual(&mut tiny, place.path(), architecture).unwrap();
            }
            let open = |(level, precision, least)| (Network::for_level(level, &tiny.model, place.path(), precision).unwrap(), least);
            // What differs between architectures is before the kernels.
            let levels = if architecture == Architecture::Bert { Level::all() } else { vec![Level::best()] };
            let paths = levels.into_iter().flat_map(|level| [(level, Precision::Exact, 0.999_99), (level, Precision::Fast, 0.999)]);
            kinds.push((Stock::open(&tiny.model, place.path()).unwrap(), paths.map(open).collect()));
        }
        kinds
    }

    fn text(length: usize, seed: u32) -> Vec<u32> {
        (0..u32::try_from(length).unwrap()).map(|place| 5 + (place * 37 + seed * 91 + place * place * (seed + 1)) % 400).collect()
    }

    #[test]
    fn texts_of_every_length_have_the_vectors_of_stock_candle() {
        // The second kind has other positions and the same layers.
        for ((stock, networks), every) in long_kinds().into_iter().zip([1, 17]) {
            let lengths: Vec<usize> = (1..=512).rev().step_by(every).collect();
            // Of about one length, because candle fills up to the longest.
            for lengths in lengths.chunks(16) {
                let texts: Vec<Vec<u32>> = lengths.iter().map(|length| text(*length, 0)).collect();
                let expected = stock.forward(&texts).unwrap();
                for (network, least) in &networks {
                    for ((length, expected), found) in lengths.iter().zip(&expected).zip(network.forward(&texts).unwrap()) {
                        let cosine = found.dot(expected);
                        assert!(cosine >= *least, "{:?}: {cosine} instead of {least} for {length} tokens", network.level());
                    }
                }
            }
        }
    }

    #[test]
    fn batches_of_every_form_have_the_vectors_of_stock_candle() {
        let kinds = long_kinds();
        let lengths = proptest::collection::vec(prop_oneof![4 => 1..=24_usize, 2 => 25..=200_usize, 1 => 201..=512_usize], 1..=14);
        let mut runner = TestRunner::new(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() });
        let law = runner.run(&(lengths, 0..1000_u32), |(lengths, seed)| {
            let texts: Vec<Vec<u32>> = lengths.iter().zip(seed..).map(|(length, seed)| text(*length, seed)).collect();
            for (stock, networks) in &kinds {
                let expected = texts.iter().map(|text| Ok(stock.forward(std::slice::from_ref(text))?.remove(0)));
                let expected = expected.collect::<Result<Vec<_>, EmbedError>>().unwrap();
                for (network, least) in networks {
                    for (expected, found) in expected.iter().zip(network.forward(&texts).unwrap()) {
                        let cosine = found.dot(expected);
                        prop_assert!(cosine >= *least, "{:?}: {cosine} instead of {least}", network.level());
                    }
                }
            }
            Ok(())
        });
        law.unwrap();
    }

    #[test]
    fn a_text_alone_has_the_vector_it_has_among_others_and_the_order_is_kept() {
        for (place, model) in reference::kinds() {
            let network = Network::open(&model, place.path(), &Options::default()).unwrap();
            let texts = rows(&[LONG, SHORT, MIDDLE, SHORT]);
            let together = network.forward(&texts).unwrap();
            for (text, vector) in texts.iter().zip(&together) {
                assert_eq!(vector, &network.forward(std::slice::from_ref(text)).unwrap()[0], "{text:?}");
            }
            assert!(together[0].dot(&together[1]) < 0.999, "the tiny model tells texts apart");
            assert!((together[2].dot(&together[2]) - 1.0).abs() < 1e-5 && together[2].dimensions() == 32);
            let turned: Vec<u32> = LONG.iter().rev().copied().collect();
            assert!(network.forward(&[turned]).unwrap()[0].dot(&together[0]) < 0.99999, "the order of tokens matters");
        }
    }

    #[test]
    fn what_lies_outside_of_the_tables_is_an_error() {
        let (place, model) = reference::kinds().remove(0);
        let network = Network::open(&model, place.path(), &Options::default()).unwrap();
        assert!(matches!(network.forward(&rows(&[&[2, 1_000_000, 3]])), Err(EmbedError::Network(_))));
        assert!(matches!(network.forward(&[vec![2; 73]]), Err(EmbedError::Network(_))));
        assert!(matches!(network.forward(&[vec![2], Vec::new()]), Err(EmbedError::Mismatch(_))));
        assert!(network.forward(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_model_that_contradicts_the_manifest_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let mut model = tiny::write(place.path(), 5).unwrap().model;
        model.dimensions = 64;
        assert!(matches!(Network::open(&model, place.path(), &Options::default()), Err(EmbedError::Mismatch(_))));
        model.dimensions = 32;
        model.max_tokens = 4096;
        assert!(matches!(Network::open(&model, place.path(), &Options::default()), Err(EmbedError::Mismatch(_))));
        fs_err::write(place.path().join(WEIGHTS_FILE), b"not weights").unwrap();
        model.max_tokens = 64;
        assert!(matches!(Network::open(&model, place.path(), &Options::default()), Err(EmbedError::Open { .. })));
    }

    #[track_caller]
    fn check_config(key: &str, value: serde_json::Value, expected: &str) {
        let place = tempfile::tempdir().unwrap();
        let model = tiny::write(place.path(), 5).unwrap().model;
        let path = place.path().join(CONFIG_FILE);
        let mut config: serde_json::Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
        config[key] = value;
        fs_err::write(&path, config.to_string()).unwrap();
        let Err(error) = Network::open(&model, place.path(), &Options::default()) else { panic!("`{key}` was not refused") };
        let said = crate::embed::fetch::chain(&error);
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn a_shape_that_is_not_known_is_refused_with_what_is() {
        check_config("model_type", "xlm-roberta".into(), "is of a `xlm-roberta`, the manifest calls it `bert`");
        check_config("hidden_act", "swish".into(), "its activation `swish` is not known here");
        check_config("position_embedding_type", "relative_key".into(), "only absolute ones are known");
        check_config("num_attention_heads", 4.into(), "the size of a head is 8, which is not a multiple of 16");
        check_config("num_hidden_layers", 3.into(), "has no `encoder.layer.2.attention.self.query.weight`");
        check_config(
            "intermediate_size",
            32.into(),
            "`encoder.layer.0.intermediate.dense.weight` has the shape [64, 32] instead of [32, 32]",
        );
    }

    #[test]
    fn instructions_that_this_machine_has_not_are_refused_with_those_it_has() {
        let place = tempfile::tempdir().unwrap();
        let model = tiny::write(place.path(), 5).unwrap().model;
        let asked = |key: &str| Options { instructions: Some(key.to_owned()), ..Options::default() };
        assert_eq!(Network::open(&model, place.path(), &asked("portable")).unwrap().level().key(), "portable");
        let Err(error) = Network::open(&model, place.path(), &asked("sse9")) else { panic!("not refused") };
        assert!(error.to_string().contains("`sse9`") && error.to_string().contains("portable"), "{error}");
    }

    /// Writes the weights of a folder again, each changed as told.
    fn rewrite(folder: &Path, change: impl Fn(&str, Vec<f32>) -> (String, safetensors::Dtype, Vec<u8>)) {
        let path = folder.join(WEIGHTS_FILE);
        let bytes = fs_err::read(&path).unwrap();
        let old = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let changed: Vec<_> = old
            .tensors()
            .into_iter()
            .map(|(name, tensor)| {
                let numbers = tensor.data().chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
                let (name, kind, bytes) = change(&name, numbers);
                (name, kind, tensor.shape().to_vec(), bytes)
            })
            .collect();
        let views = changed.iter().map(|(name, kind, shape, bytes)| (name, TensorView::new(*kind, shape.clone(), bytes).unwrap()));
        fs_err::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    }

    fn floats(numbers: &[f32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn weights_that_are_no_numbers_are_refused_by_name() {
        let place = tempfile::tempdir().unwrap();
        let model = tiny::write(place.path(), 5).unwrap().model;
        rewrite(place.path(), |name, mut numbers| {
            if name == "encoder.layer.1.attention.self.value.weight" {
                numbers[7] = f32::NAN;
            }
            (name.to_owned(), safetensors::Dtype::F32, floats(&numbers))
        });
        let Err(error) = Network::open(&model, place.path(), &Options::default()) else { panic!("not refused") };
        let said = crate::embed::fetch::chain(&error);
        assert!(said.contains("the weight of the value of layer 1 holds a number that is not finite, at place 7"), "{said}");
    }

    #[test]
    fn a_word_that_is_no_number_is_named_where_it_is_used() {
        let place = tempfile::tempdir().unwrap();
        let model = tiny::write(place.path(), 5).unwrap().model;
        for bad in [f32::NAN, f32::INFINITY] {
            rewrite(place.path(), |name, mut numbers| {
                if name == WORDS {
                    numbers[17 * 32 + 3] = bad;
                }
                (name.to_owned(), safetensors::Dtype::F32, floats(&numbers))
            });
            for (level, precision) in Level::all().into_iter().flat_map(|level| [(level, Precision::Exact), (level, Precision::Fast)]) {
                let network = Network::for_level(level, &model, place.path(), precision).unwrap();
                assert!(network.forward(&rows(&[MIDDLE])).is_ok());
                let said = crate::embed::fetch::chain(&network.forward(&rows(&[MIDDLE, SHORT])).unwrap_err());
                assert!(said.contains("row 17 of `embeddings.word_embeddings.weight` holds a number that is not finite"), "{said}");
            }
        }
    }

    #[test]
    fn weights_in_half_precision_and_under_a_framework_s_prefix_are_read() {
        let place = tempfile::tempdir().unwrap();
        let model = tiny::write(place.path(), 5).unwrap().model;
        let expected = Network::for_level(Level::best(), &model, place.path(), Precision::Exact).unwrap().forward(&rows(&[LONG])).unwrap();
        rewrite(place.path(), |name, numbers| {
            let halves = numbers.iter().flat_map(|number| half::f16::from_f32(*number).to_le_bytes()).collect();
            (format!("bert.{name}"), safetensors::Dtype::F16, halves)
        });
        let found = Network::for_level(Level::best(), &model, place.path(), Precision::Exact).unwrap().forward(&rows(&[LONG])).unwrap();
        assert!(found[0].dot(&expected[0]) > 0.9999, "{}", found[0].dot(&expected[0]));
    }
}
