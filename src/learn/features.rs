//! What a text is to the learners: dense and sparse features together.

use crate::ngrams::Sparse;

/// The features of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Features {
    /// The encoder's vector, norm 1.
    pub dense: Vec<f32>,
    /// Words and character n-grams.
    pub sparse: Sparse,
}

impl Features {
    /// How alike two texts are: a weighted sum of the two cosines, at most 1.
    ///
    /// `dense_share` says how far the encoder is trusted: less where it does not know the language.
    #[must_use]
    pub fn similarity(&self, other: &Self, dense_share: f32) -> f32 {
        let dense: f32 = self.dense.iter().zip(&other.dense).map(|(a, b)| a * b).sum();
        dense_share * dense.max(0.0) + (1.0 - dense_share) * self.sparse.dot(&other.sparse)
    }
}
