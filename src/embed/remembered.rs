//! Vectors of texts that were encoded before: the sentences of an article come back with every ticket it answers.

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use crate::embed::encoder::Purpose;
use crate::embed::vector::UnitVector;
use crate::text::clean::CleanText;

/// A bounded memory from texts to their vectors; what is asked for again stays longest. Texts are known by their sums, so that long ones
/// take no more room than short ones.
#[derive(Debug)]
pub(super) struct Remembered(Option<Cache<Key, UnitVector>>);

type Key = (Purpose, [u8; 32]);

impl Remembered {
    /// A memory for so many texts; 0 remembers nothing.
    pub(super) fn new(texts: usize) -> Self {
        Self((texts > 0).then(|| Cache::new(texts)))
    }

    /// Whether it remembers nothing, so that every vector is made anew.
    pub(super) const fn is_off(&self) -> bool {
        self.0.is_none()
    }

    /// The vectors that are known, in the order of the texts.
    pub(super) fn recall(&self, texts: &[CleanText], purpose: Purpose) -> Vec<Option<UnitVector>> {
        let recalled = |text: &CleanText| self.0.as_ref()?.get(&key(text, purpose));
        texts.iter().map(recalled).collect()
    }

    /// Remembers the vectors of texts.
    pub(super) fn keep<'a>(&self, known: impl Iterator<Item = (&'a CleanText, &'a UnitVector)>, purpose: Purpose) {
        let Some(cache) = &self.0 else { return };
        for (text, vector) in known {
            cache.insert(key(text, purpose), vector.clone());
        }
    }
}

fn key(text: &CleanText, purpose: Purpose) -> Key {
    (purpose, Sha256::digest(text.as_str()).into())
}
