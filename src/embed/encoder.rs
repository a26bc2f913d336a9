//! Text to vectors on the calling thread: tokenizer, then network.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use tokenizers::{Tokenizer, TruncationParams};

#[cfg(feature = "cuda")]
use crate::embed::card::Card;
use crate::embed::error::EmbedError;
use crate::embed::manifest::{Model, TOKENIZER_FILE};
use crate::embed::network::Network;
use crate::embed::options::{EngineKind, Options, Precision};
use crate::embed::stock::Stock;
use crate::embed::vector::UnitVector;
use crate::text::clean::CleanText;

/// What a text is encoded for; some models put another prefix before each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To search with.
    Query,
    /// To be found.
    Passage,
}

/// A model ready to encode on the calling thread. Services use [`Embedder`](crate::embed::Embedder), which wraps one.
pub struct Encoder {
    tokenizer: Tokenizer,
    engine: Engine,
    threads: usize,
    revision: String,
    dimensions: usize,
    max_tokens: usize,
    precision: Precision,
    query_prefix: String,
    passage_prefix: String,
    most_bytes: usize,
}

/// What computes.
enum Engine {
    Kernels(Box<Network>),
    Candle(Box<Stock>),
    #[cfg(feature = "cuda")]
    Card(Box<Card>),
}

/// A token of any language is shorter on average, so what is cut off before the tokenizer it would cut off itself. The exception is
/// a text of extremely long unbroken words, which loses what follows its first kilobytes, always the same way.
const MOST_BYTES_A_TOKEN: usize = 64;
const TEXTS_TOGETHER: usize = 32;

impl Encoder {
    /// Opens a model in a folder that [`models::pull`](crate::embed::models::pull) has filled; blocks for some 100 ms.
    ///
    /// # Errors
    /// A file cannot be read, or contradicts the manifest.
    pub fn open(model: &Model, folder: &Path, options: &Options) -> Result<Self, EmbedError> {
        let open = |error| EmbedError::open(TOKENIZER_FILE, error);
        let bytes = fs_err::read(folder.join(TOKENIZER_FILE)).map_err(|error| EmbedError::open(TOKENIZER_FILE, error))?;
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(open)?;
        // Published files often carry the truncation and padding of somebody's training run.
        let truncation = TruncationParams { max_length: model.max_tokens, ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(open)?;
        let threads = match options.engine {
            EngineKind::Kernels => options.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get),
            // Candle has threads of its own.
            EngineKind::Candle | EngineKind::Cuda => 1,
        };
        for key in options.without_effect() {
            tracing::warn!("`models.{key}` has no effect with this `models.engine`: leave it out, or set `models.engine` to `kernels`");
        }
        let engine = Engine::open(model, folder, options)?;
        if let Engine::Kernels(network) = &engine
            && tokenizer.get_vocab_size(true) > network.vocabulary()
        {
            let (pieces, rows) = (tokenizer.get_vocab_size(true), network.vocabulary());
            return Err(EmbedError::Mismatch(format!("its tokenizer has {pieces} pieces, and its weights {rows} rows for them")));
        }
        Ok(Self {
            tokenizer,
            engine,
            threads,
            revision: model.encoder_revision(options),
            dimensions: model.dimensions(),
            max_tokens: model.max_tokens(),
            precision: options.precision_of(model),
            query_prefix: model.query_prefix.clone(),
            passage_prefix: model.passage_prefix.clone(),
            most_bytes: model.max_tokens * MOST_BYTES_A_TOKEN,
        })
    }

    /// Cuts a text into the ids of its tokens, at most `max_tokens` of them.
    ///
    /// # Errors
    /// The tokenizer cannot read the text.
    pub fn tokens(&self, text: &CleanText, purpose: Purpose) -> Result<Vec<u32>, EmbedError> {
        let text = text.as_str();
        let text = &text[..text.floor_char_boundary(self.most_bytes)];
        let prefix = match purpose {
            Purpose::Query => &self.query_prefix,
            Purpose::Passage => &self.passage_prefix,
        };
        let encoding = if prefix.is_empty() {
            self.tokenizer.encode_fast(text, true)
        } else {
            self.tokenizer.encode_fast(format!("{prefix}{text}"), true)
        };
        let encoding = encoding.map_err(|error| EmbedError::Tokenizer(Arc::from(error)))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Encodes texts on the calling thread, in order.
    ///
    /// # Errors
    /// A text is empty, or the model fails.
    pub fn encode(&self, texts: &[CleanText], purpose: Purpose) -> Result<Vec<UnitVector>, EmbedError> {
        refuse_empty(texts)?;
        let mut vectors = Vec::with_capacity(texts.len());
        for part in texts.chunks(TEXTS_TOGETHER) {
            let rows = part.iter().map(|text| self.tokens(text, purpose)).collect::<Result<Vec<_>, _>>()?;
            vectors.extend(self.forward(&rows)?);
        }
        Ok(vectors)
    }

    /// On how many threads it is worth encoding at once.
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// What its vectors are marked with; those of different marks never meet in one collection.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// How many numbers a vector has.
    pub const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many tokens of a text it reads at most.
    pub const fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// How exactly it computes.
    pub const fn precision(&self) -> Precision {
        self.precision
    }

    /// What the network computes with, for people.
    pub fn computes_with(&self) -> &'static str {
        match &self.engine {
            Engine::Kernels(network) => network.level().name(),
            Engine::Candle(_) => "candle",
            #[cfg(feature = "cuda")]
            Engine::Card(_) => "candle, CUDA",
        }
    }

    /// What one core can do at most, in operations a second, as measured; nothing of candle.
    pub fn peak(&self) -> Option<f64> {
        match &self.engine {
            Engine::Kernels(network) => Some(network.peak(self.precision)),
            Engine::Candle(_) => None,
            #[cfg(feature = "cuda")]
            Engine::Card(_) => None,
        }
    }

    /// The operations of a text of so many tokens, as the network's shape tells; nothing of candle.
    pub fn operations(&self, tokens: usize) -> Option<f64> {
        match &self.engine {
            Engine::Kernels(network) => Some(network.operations(tokens)),
            Engine::Candle(_) => None,
            #[cfg(feature = "cuda")]
            Engine::Card(_) => None,
        }
    }

    /// Encodes one batch of token ids on the calling thread.
    pub(super) fn forward(&self, rows: &[Vec<u32>]) -> Result<Vec<UnitVector>, EmbedError> {
        match &self.engine {
            _ if rows.is_empty() => Ok(Vec::new()),
            Engine::Kernels(network) => network.forward(rows),
            Engine::Candle(network) => network.forward(rows),
            #[cfg(feature = "cuda")]
            Engine::Card(network) => network.forward(rows),
        }
    }
}

impl Engine {
    fn open(model: &Model, folder: &Path, options: &Options) -> Result<Self, EmbedError> {
        Ok(match options.engine {
            EngineKind::Kernels => Self::Kernels(Box::new(Network::open(model, folder, options)?)),
            EngineKind::Candle => Self::Candle(Box::new(Stock::open(model, folder)?)),
            #[cfg(feature = "cuda")]
            EngineKind::Cuda => {
                let device = candle_core::Device::new_cuda(0).map_err(|error| EmbedError::NoCard(Some(std::sync::Arc::new(error))))?;
                Self::Card(Box::new(Card::open(model, folder, &device, Card::numbers(options.precision_of(model)))?))
            }
            #[cfg(not(feature = "cuda"))]
            EngineKind::Cuda => return Err(EmbedError::NoCard(None)),
        })
    }
}

/// Refuses a request with an empty text in it.
pub(super) fn refuse_empty(texts: &[CleanText]) -> Result<(), EmbedError> {
    match texts.iter().position(|text| text.as_str().trim().is_empty()) {
        Some(position) => Err(EmbedError::EmptyText { position }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::manifest::Architecture;
    use crate::embed::tiny;
    use crate::text::clean::clean;

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_build_without_cards_says_what_to_set_instead() {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 7).unwrap();
        let options = Options { engine: EngineKind::Cuda, ..tiny.options };
        let Err(error) = Encoder::open(&tiny.model, place.path(), &options) else { panic!("not refused") };
        assert_eq!(
            error.to_string(),
            "`models.engine` is `cuda`, and there is no NVIDIA card to compute on in this build, which was made without the feature `cuda`: \
             set it to `kernels`"
        );
    }

    fn encoder() -> Encoder {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 7).unwrap();
        Encoder::open(&tiny.model, place.path(), &tiny.options).unwrap()
    }

    #[test]
    fn the_truncation_and_padding_of_the_tokenizer_file_are_not_used() {
        let encoder = encoder();
        assert_eq!(encoder.tokens(&clean("a b c"), Purpose::Query).unwrap().len(), 5);
        assert_eq!(encoder.tokens(&clean(&"a ".repeat(500)), Purpose::Query).unwrap().len(), 64);
    }

    #[test]
    fn truncation_is_deterministic() {
        let encoder = encoder();
        let long = "the parcel is late ".repeat(400);
        let longer = format!("{long}and this comes far behind the last token that is read");
        let vectors = encoder.encode(&[clean(&long), clean(&longer)], Purpose::Passage).unwrap();
        assert_eq!(vectors[0], vectors[1]);
        assert_eq!(vectors, encoder.encode(&[clean(&long), clean(&longer)], Purpose::Passage).unwrap());
    }

    #[test]
    fn a_huge_text_without_a_space_is_cut_between_characters() {
        let encoder = encoder();
        let vectors = encoder.encode(&[clean(&"é".repeat(100_000)), clean(&format!("x{}", "é".repeat(100_000)))], Purpose::Query);
        assert_eq!(vectors.unwrap().len(), 2);
    }

    #[test]
    fn an_empty_text_is_refused_by_its_place() {
        let error = encoder().encode(&[clean("a"), clean(" \n")], Purpose::Query).unwrap_err();
        assert!(matches!(error, EmbedError::EmptyText { position: 1 }));
        assert!(encoder().encode(&[], Purpose::Query).unwrap().is_empty());
    }

    #[test]
    fn many_texts_of_all_lengths_keep_their_order_and_their_vectors() {
        let encoder = encoder();
        let texts: Vec<CleanText> = (0..60).map(|number| clean(&format!("order {number} {}", "word ".repeat(number * 7 % 23)))).collect();
        let together = encoder.encode(&texts, Purpose::Passage).unwrap();
        for (text, vector) in texts.iter().zip(&together) {
            let alone = encoder.encode(std::slice::from_ref(text), Purpose::Passage).unwrap();
            assert_eq!(vector, &alone[0], "{text:?}");
        }
    }

    #[test]
    fn candle_s_layers_give_the_same_vectors() {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 7).unwrap();
        let options = Options { engine: EngineKind::Candle, ..tiny.options.clone() };
        let texts: Vec<CleanText> = (1..30).map(|words| clean(&"late parcel ".repeat(words))).collect();
        let [expected, found] = [options, tiny.options]
            .map(|options| Encoder::open(&tiny.model, place.path(), &options).unwrap().encode(&texts, Purpose::Query));
        for (expected, found) in expected.unwrap().iter().zip(&found.unwrap()) {
            assert!(found.dot(expected) > 0.999, "{}", found.dot(expected));
        }
    }

    #[test]
    fn a_multilingual_model_with_a_unigram_tokenizer_gives_the_vectors_of_candle() {
        for architecture in [Architecture::Bert, Architecture::XlmRoberta] {
            let place = tempfile::tempdir().unwrap();
            let mut tiny = tiny::write(place.path(), 7).unwrap();
            tiny::turn_multilingual(&mut tiny, place.path(), architecture).unwrap();
            (tiny.model.query_prefix, tiny.model.passage_prefix) = ("query: ".to_owned(), "passage: ".to_owned());
            let open = |engine, precision| {
                let options = Options { engine, precision: Some(precision), ..tiny.options.clone() };
                Encoder::open(&tiny.model, place.path(), &options).unwrap()
            };
            let candle = open(EngineKind::Candle, Precision::Exact);
            let sizes = ["", "É", "Ma commande est où ?", "漢字"].map(|text| candle.tokens(&clean(text), Purpose::Query).unwrap().len());
            // "query: " begins with a space that is no piece of its own by then, and what is no piece at all becomes one unknown.
            assert!(sizes[0] > 3 && sizes[1] == sizes[0] + 1 && sizes[3] == sizes[0] + 1, "{sizes:?}");
            let texts = ["où est ma commande", "ma commande n'est pas arrivée", "the printer is offline"].map(clean);
            let expected = candle.encode(&texts, Purpose::Passage).unwrap();
            for (precision, least) in [(Precision::Exact, 0.99999), (Precision::Fast, 0.999)] {
                let found = open(EngineKind::Kernels, precision).encode(&texts, Purpose::Passage).unwrap();
                assert!(
                    found.iter().zip(&expected).all(|(found, expected)| found.dot(expected) >= least),
                    "{architecture:?} {precision:?}"
                );
            }
            assert!(expected[0].dot(&expected[1]) > expected[0].dot(&expected[2]));
        }
    }

    #[test]
    fn a_tokenizer_of_another_model_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 7).unwrap();
        let path = place.path().join(TOKENIZER_FILE);
        let mut tokenizer: serde_json::Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
        tokenizer["model"]["vocab"]["another"] = 9_999.into();
        fs_err::write(&path, tokenizer.to_string()).unwrap();
        let Err(error) = Encoder::open(&tiny.model, place.path(), &tiny.options) else { panic!("not refused") };
        assert!(error.to_string().contains("its tokenizer has 1"), "{error}");
    }

    #[test]
    fn a_prefix_goes_before_the_text() {
        let place = tempfile::tempdir().unwrap();
        let mut tiny = tiny::write(place.path(), 7).unwrap();
        tiny.model.query_prefix = "query: ".to_owned();
        let encoder = Encoder::open(&tiny.model, place.path(), &tiny.options).unwrap();
        let tokens = |text, purpose| encoder.tokens(&clean(text), purpose).unwrap();
        assert_eq!(tokens("late", Purpose::Query), tokens("query: late", Purpose::Passage));
        assert_ne!(tokens("late", Purpose::Query), tokens("late", Purpose::Passage));
    }
}
