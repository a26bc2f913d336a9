//! Text to vectors on the calling thread: tokenizer, then network.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use tokenizers::{Tokenizer, TruncationParams};

use crate::embed::batcher;
use crate::embed::bert::{Batch, Bert};
use crate::embed::error::EmbedError;
use crate::embed::manifest::{Model, TOKENIZER_FILE};
use crate::embed::options::Options;
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
    bert: Bert,
    query_prefix: String,
    passage_prefix: String,
    most_bytes: usize,
    batch_tokens: usize,
}

/// A token of any language is shorter on average, so what is cut off before the tokenizer it would cut off itself. The exception is
/// a text of extremely long unbroken words, which loses what follows its first kilobytes, always the same way.
const MOST_BYTES_A_TOKEN: usize = 64;

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
        let threads = options.threads.map_or_else(cores, NonZeroUsize::get);
        Ok(Self {
            tokenizer,
            bert: Bert::open(model, folder, threads)?,
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

    /// Encodes texts in batches of similar length, in order.
    ///
    /// # Errors
    /// A text is empty, or the model fails.
    pub fn encode(&self, texts: &[CleanText], purpose: Purpose) -> Result<Vec<UnitVector>, EmbedError> {
        refuse_empty(texts)?;
        let mut rows = texts.iter().map(|text| self.tokens(text, purpose)).collect::<Result<Vec<_>, _>>()?;
        let mut waiting: Vec<usize> = (0..rows.len()).collect();
        let mut vectors = vec![None; rows.len()];
        while !waiting.is_empty() {
            let lengths: Vec<usize> = waiting.iter().map(|place| rows[*place].len()).collect();
            let places: Vec<usize> = batcher::choose(&lengths, self.batch_tokens).into_iter().map(|chosen| waiting[chosen]).collect();
            waiting.retain(|place| !places.contains(place));
            let chosen = places.iter().map(|place| std::mem::take(&mut rows[*place])).collect();
            for (place, vector) in places.iter().zip(self.forward(chosen)?) {
                vectors[*place] = Some(vector);
            }
        }
        Ok(vectors.into_iter().map(|vector| vector.expect("every text was in one batch: this is a bug")).collect())
    }

    /// How many tokens, padding included, a batch may have.
    pub(super) fn batch_tokens(&self) -> usize {
        self.batch_tokens
    }

    /// Encodes one batch of token ids.
    pub(super) fn forward(&self, rows: Vec<Vec<u32>>) -> Result<Vec<UnitVector>, EmbedError> {
        let batch = Batch::new(rows).ok_or_else(|| EmbedError::Mismatch("its tokenizer makes texts of no tokens".to_owned()))?;
        self.bert.forward(&batch)
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
