//! Nearest neighbours over dense and sparse features together.

use std::collections::BTreeMap;

use crate::learn::ngrams::Sparse;

/// The features of a text.
#[derive(Debug, Clone, PartialEq)]
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

/// What the neighbours say: shares of all votes, largest first, each with the neighbours behind it, nearest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Vote<L> {
    /// The label.
    pub label: L,
    /// Its share of the votes, in \[0, 1\].
    pub share: f64,
    /// Indexes of the neighbours that voted for it, nearest first.
    pub neighbours: Vec<usize>,
}

/// Lets the `k` nearest of each label in `(index, similarity, label)` speak for it: a label's score is the sum of their
/// similarities over `k`, so that one lucky neighbour does not decide, and its share the softmax of the scores.
///
/// The order of equal similarities follows the index, so the same input gives the same votes.
#[must_use]
pub fn vote<L: Ord + Clone>(mut scored: Vec<(usize, f32, L)>, k: u8, temperature: f64) -> Vec<Vote<L>> {
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut by_label: BTreeMap<L, (f64, Vec<usize>)> = BTreeMap::new();
    for (index, similarity, label) in scored {
        let (score, neighbours) = by_label.entry(label).or_default();
        if neighbours.len() < usize::from(k) {
            *score += f64::from(similarity) / f64::from(k);
            neighbours.push(index);
        }
    }
    // The true maximum is subtracted, so that no weight overflows.
    let best = by_label.values().map(|(score, _)| *score).fold(f64::NEG_INFINITY, f64::max);
    let weight = |score: f64| ((score - best) / temperature).exp();
    let total: f64 = by_label.values().map(|(score, _)| weight(*score)).sum();
    let mut votes: Vec<Vote<L>> =
        by_label.into_iter().map(|(label, (score, neighbours))| Vote { label, share: weight(score) / total, neighbours }).collect();
    votes.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.label.cmp(&b.label)));
    votes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_near_neighbours_win_over_one_lucky_one() {
        let votes = vote(vec![(0, 0.9, "lucky"), (1, 0.8, "a"), (2, 0.7, "a"), (3, 0.1, "lucky"), (4, 0.6, "a")], 2, 0.1);
        assert_eq!(votes[0].label, "a");
        assert_eq!(votes[0].neighbours, [1, 2]);
        assert_eq!(votes[1].neighbours, [0, 3]);
        assert!((votes.iter().map(|vote| vote.share).sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nobody_near_means_no_votes() {
        assert_eq!(vote::<&str>(Vec::new(), 4, 0.1), Vec::new());
    }
}
