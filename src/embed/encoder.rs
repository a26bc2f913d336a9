//! Text to vectors on the calling thread: tokenizer, then network.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokenizers::{Tokenizer, TruncationParams};

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
    threads: ThreadPool,
    query_prefix: String,
    passage_prefix: String,
    most_bytes: usize,
    batch_tokens: usize,
}

/// What computes.
enum Engine {
    Kernels(Box<Network>),
    Candle(Box<Stock>),
}

/// A token of any language is shorter on average, so what is cut off before the tokenizer it would cut off itself. The exception is
/// a text of extremely long unbroken words, which loses what follows its first kilobytes, always the same way.
const MOST_BYTES_A_TOKEN: usize = 64;
const TEXTS_CUT_TOGETHER: usize = 256;

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
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = ThreadPoolBuilder::new()
            .num_threads(options.threads.map_or_else(cores, NonZeroUsize::get))
            .thread_name(|number| format!("embed-{number}"))
            .build()
            .map_err(|error| EmbedError::Network(Arc::new(error)))?;
        Ok(Self {
            tokenizer,
            engine: Engine::open(model, folder, options)?,
            threads,
            query_prefix: model.query_prefix.clone(),
            passage_prefix: model.passage_prefix.clone(),
            most_bytes: model.max_tokens * MOST_BYTES_A_TOKEN,
            batch_tokens: options.batch_tokens.get(),
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

    /// Cuts texts into tokens as [`Encoder::tokens`] does, on all threads.
    pub fn cut(&self, texts: &[(CleanText, Purpose)]) -> Vec<Result<Vec<u32>, EmbedError>> {
        match texts {
            [(text, purpose)] => vec![self.tokens(text, *purpose)],
            _ => self.threads.install(|| texts.par_iter().map(|(text, purpose)| self.tokens(text, *purpose)).collect()),
        }
    }

    /// Encodes texts, in order.
    ///
    /// # Errors
    /// A text is empty, or the model fails.
    pub fn encode(&self, texts: &[CleanText], purpose: Purpose) -> Result<Vec<UnitVector>, EmbedError> {
        refuse_empty(texts)?;
        let mut vectors = Vec::with_capacity(texts.len());
        let mut batch: Vec<Vec<u32>> = Vec::new();
        // Some hundred texts' tokens at a time, so that there is never more than a little beside the vectors.
        for part in texts.chunks(TEXTS_CUT_TOGETHER) {
            let part: Vec<(CleanText, Purpose)> = part.iter().map(|text| (text.clone(), purpose)).collect();
            for row in self.cut(&part) {
                batch.push(row?);
                let most = self.fitting(batch.iter().map(Vec::len));
                if most < batch.len() {
                    let later = batch.split_off(most);
                    vectors.extend(self.forward(&std::mem::replace(&mut batch, later))?);
                }
            }
        }
        vectors.extend(self.forward(&batch)?);
        Ok(vectors)
    }

    /// How many texts go into one batch, of their lengths in tokens: at least one, and no more tokens than are set.
    pub(super) fn fitting(&self, lengths: impl IntoIterator<Item = usize>) -> usize {
        let fits = |(number, length): (usize, usize), tokens: &mut usize| {
            *tokens += length;
            number == 0 || *tokens <= self.batch_tokens
        };
        let mut tokens = 0;
        lengths.into_iter().enumerate().take_while(|next| fits(*next, &mut tokens)).count()
    }

    /// How many tokens a batch may have.
    pub(super) const fn batch_tokens(&self) -> usize {
        self.batch_tokens
    }

    /// What the network computes with, for people.
    pub fn computes_with(&self) -> &'static str {
        match &self.engine {
            Engine::Kernels(network) => network.level().name(),
            Engine::Candle(network) => network.computes_with(),
        }
    }

    /// What one core can do at most, in operations a second, as measured; nothing of candle.
    pub fn peak(&self, precision: Precision) -> Option<f64> {
        match &self.engine {
            Engine::Kernels(network) => Some(network.peak(precision)),
            Engine::Candle(_) => None,
        }
    }

    /// The operations of a text of so many tokens, as the network's shape tells; nothing of candle.
    pub fn operations(&self, tokens: usize) -> Option<f64> {
        match &self.engine {
            Engine::Kernels(network) => Some(network.operations(tokens)),
            Engine::Candle(_) => None,
        }
    }

    /// Encodes one batch of token ids, each thread the texts of its own share.
    pub(super) fn forward(&self, rows: &[Vec<u32>]) -> Result<Vec<UnitVector>, EmbedError> {
        match &self.engine {
            Engine::Kernels(network) => {
                let shares = shares(rows, self.threads.current_num_threads());
                match shares.as_slice() {
                    [] => Ok(Vec::new()),
                    [all] => network.forward(all),
                    _ => {
                        let answers: Result<Vec<_>, _> =
                            self.threads.install(|| shares.into_par_iter().map(|share| network.forward(share)).collect());
                        Ok(answers?.into_iter().flatten().collect())
                    }
                }
            }
            Engine::Candle(_) if rows.is_empty() => Ok(Vec::new()),
            Engine::Candle(network) => network.forward(rows),
        }
    }
}

impl Engine {
    fn open(model: &Model, folder: &Path, options: &Options) -> Result<Self, EmbedError> {
        Ok(match options.engine {
            EngineKind::Kernels => Self::Kernels(Box::new(Network::open(model, folder, options)?)),
            EngineKind::Candle => Self::Candle(Box::new(Stock::open(model, folder)?)),
        })
    }
}

/// Cuts a batch into at most so many runs of about the same number of tokens.
fn shares(rows: &[Vec<u32>], most: usize) -> Vec<&[Vec<u32>]> {
    let mut left: usize = rows.iter().map(Vec::len).sum();
    let (mut rows, mut shares) = (rows, Vec::new());
    for others in (0..most).rev() {
        let fair = left.div_ceil(others + 1);
        let mut tokens = 0;
        let mut texts = 0;
        while texts < rows.len() && (others == 0 || tokens + rows[texts].len() / 2 <= fair) {
            tokens += rows[texts].len();
            texts += 1;
        }
        let (share, rest) = rows.split_at(texts);
        if !share.is_empty() {
            shares.push(share);
        }
        (rows, left) = (rest, left - tokens);
    }
    shares
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
    use crate::embed::tiny;
    use crate::text::clean::clean;

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
            assert!(vector.dot(&alone[0]) >= 0.99999, "{text:?}");
        }
    }

    #[test]
    fn threads_share_a_batch_by_its_tokens_and_every_text_goes_once() {
        let texts = |lengths: &[usize]| lengths.iter().map(|length| vec![5; *length]).collect::<Vec<_>>();
        let tokens = |lengths: &[usize], most| {
            shares(&texts(lengths), most).into_iter().map(|share| share.iter().map(Vec::len).sum::<usize>()).collect::<Vec<_>>()
        };
        assert_eq!(tokens(&[10, 10, 10, 10], 2), [20, 20]);
        assert_eq!(tokens(&[200, 10, 10, 180], 2), [200, 200]);
        assert_eq!(tokens(&[10], 4), [10]);
        assert_eq!(tokens(&[], 4), [0_usize; 0]);
        for most in 1..9 {
            let lengths: Vec<usize> = (1..40).map(|place| 1 + place * 7 % 23).collect();
            let shared = tokens(&lengths, most);
            assert_eq!(shared.iter().sum::<usize>(), lengths.iter().sum::<usize>());
            assert!(shared.len() <= most && shared.iter().all(|tokens| *tokens <= lengths.iter().sum::<usize>() / most + 23), "{shared:?}");
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
