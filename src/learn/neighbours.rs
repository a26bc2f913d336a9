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

/// Lets the `k` nearest of `(index, similarity, label)` vote, each with `exp(similarity / temperature)`.
///
/// The order of equal similarities follows the index, so the same input gives the same votes.
#[must_use]
pub fn vote<L: Ord + Clone>(mut scored: Vec<(usize, f32, L)>, k: usize, temperature: f32) -> Vec<Vote<L>> {
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scored.truncate(k);
    let Some(nearest) = scored.first().map(|(_, similarity, _)| *similarity) else { return Vec::new() };
    let mut by_label: BTreeMap<L, (f64, Vec<usize>)> = BTreeMap::new();
    let mut total = 0.0;
    for (index, similarity, label) in scored {
        // The true maximum is subtracted, so that no weight overflows.
        let weight = f64::from((similarity - nearest) / temperature).exp();
        total += weight;
        let (sum, neighbours) = by_label.entry(label).or_default();
        *sum += weight;
        neighbours.push(index);
    }
    let mut votes: Vec<Vote<L>> =
        by_label.into_iter().map(|(label, (sum, neighbours))| Vote { label, share: sum / total, neighbours }).collect();
    votes.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.label.cmp(&b.label)));
    votes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_neighbours_win_and_shares_add_up() {
        let votes = vote(vec![(0, 0.2, "b"), (1, 0.9, "a"), (2, 0.8, "a"), (3, 0.7, "b")], 3, 0.1);
        assert_eq!(votes[0].label, "a");
        assert_eq!(votes[0].neighbours, [1, 2]);
        assert_eq!(votes[1].neighbours, [3]);
        assert!((votes.iter().map(|vote| vote.share).sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nobody_near_means_no_votes() {
        assert_eq!(vote::<&str>(Vec::new(), 5, 0.1), Vec::new());
    }
}
