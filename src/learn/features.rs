//! What a text is to the learners: dense and sparse features together.

use serde::{Deserialize, Serialize};

use crate::ngrams::Sparse;

/// So many bits hold the marks of a probe: few enough to stay in a processor's first cache, enough that few buckets share one.
const MARKS: usize = 1 << 15;
const LANES: usize = 16;

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

    /// This text, to be held against many others; `dense_share` says how far the encoder is trusted: less where it does not know the
    /// language.
    #[must_use]
    pub fn probe(&self, dense_share: f32) -> Probe<'_> {
        let mut marked = vec![0; MARKS / 64];
        for (bucket, _) in self.sparse.entries() {
            let (word, bit) = mark(*bucket);
            marked[word] |= bit;
        }
        Probe { text: self, dense_share, marked }
    }
}

/// A text that is held against many others: what most of them do not share with it is passed over at the cost of one bit.
#[derive(Debug)]
pub struct Probe<'a> {
    text: &'a Features,
    dense_share: f32,
    /// A bit for each bucket of the text; several buckets share one.
    marked: Vec<u64>,
}

impl Probe<'_> {
    /// How alike another text is: a weighted sum of the two cosines, at most 1; what was told of them says nothing of that.
    #[must_use]
    pub fn likeness(&self, other: &Features) -> f32 {
        let dense = product(&self.text.dense, &other.dense);
        self.dense_share * dense.max(0.0) + (1.0 - self.dense_share) * self.shared(&other.sparse)
    }

    /// The cosine of the words and n-grams.
    fn shared(&self, other: &Sparse) -> f32 {
        let (mut own, mut sum) = (self.text.sparse.entries(), 0.0);
        for (bucket, weight) in other.entries() {
            let (word, bit) = mark(*bucket);
            if self.marked[word] & bit == 0 {
                continue;
            }
            while let [(before, _), rest @ ..] = own
                && before < bucket
            {
                own = rest;
            }
            if let [(same, own_weight), ..] = own
                && same == bucket
            {
                sum += own_weight * weight;
            }
        }
        sum
    }
}

/// Where the mark of a bucket stands.
const fn mark(bucket: u32) -> (usize, u64) {
    let place = bucket as usize % MARKS;
    (place / 64, 1 << (place % 64))
}

/// The sum of the products of two rows, in lanes that a processor adds at once.
fn product(one: &[f32], other: &[f32]) -> f32 {
    let ((one, one_rest), (other, other_rest)) = (one.as_chunks::<LANES>(), other.as_chunks::<LANES>());
    let mut sums = [0.0_f32; LANES];
    for (one, other) in one.iter().zip(other) {
        for ((sum, a), b) in sums.iter_mut().zip(one).zip(other) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + one_rest.iter().zip(other_rest).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_finds_what_both_texts_have_and_nothing_else() {
        let text = |dense: &[f32], sparse: &[(u32, f32)]| Features {
            dense: dense.to_vec(),
            told: vec![0.5],
            sparse: Sparse::unit(sparse.to_vec()),
        };
        // 5 and 5 + MARKS share a mark.
        let far = u32::try_from(MARKS).unwrap() + 5;
        let (one, other) = (text(&[0.6, 0.8], &[(1, 3.0), (5, 4.0)]), text(&[0.8, 0.6], &[(2, 3.0), (5, 4.0), (far, 9.0)]));
        let words = one.sparse.dot(&other.sparse);
        assert!(words > 0.0 && (one.probe(0.0).likeness(&other) - words).abs() < 1e-6);
        assert!((other.probe(0.0).likeness(&one) - words).abs() < 1e-6);
        assert!((one.probe(1.0).likeness(&other) - 0.96).abs() < 1e-6);
        assert!((one.probe(0.5).likeness(&other) - f32::midpoint(0.96, words)).abs() < 1e-6);
        assert!(one.probe(0.5).likeness(&text(&[-1.0, 0.0], &[])).abs() < 1e-6, "nothing is less than unlike");
    }

    #[test]
    fn rows_longer_than_the_lanes_are_summed_to_their_end() {
        let row: Vec<f32> = (0..37_u8).map(f32::from).collect();
        assert!((product(&row, &row) - 16_206.0).abs() < 1e-3);
    }
}
