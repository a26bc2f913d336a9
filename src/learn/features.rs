//! What a text is to the learners: dense and sparse features together.

use serde::{Deserialize, Serialize};

use crate::ngrams::Sparse;

/// The features of a text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// The encoder's vector, norm 1.
    pub dense: Vec<f32>,
    /// What a reader of rules says of it, each number in \[0, 1\] or near; as many for every text.
    pub told: Vec<f32>,
    /// Words and character n-grams.
    pub sparse: Sparse,
}

impl Features {
    /// The dense numbers that a head learns from: the vector and what was told.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = f32> {
        self.dense.iter().chain(&self.told).copied()
    }

    /// How alike two texts are: a weighted sum of the two cosines, at most 1; what was told of them says nothing of that.
    ///
    /// `dense_share` says how far the encoder is trusted: less where it does not know the language.
    #[must_use]
    pub fn similarity(&self, other: &Self, dense_share: f32) -> f32 {
        let dense: f32 = self.dense.iter().zip(&other.dense).map(|(a, b)| a * b).sum();
        dense_share * dense.max(0.0) + (1.0 - dense_share) * self.sparse.dot(&other.sparse)
    }
}
