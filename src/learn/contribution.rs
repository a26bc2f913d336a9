//! What speaks for a class: what each feature adds to its score, and which words of a text that comes from.

use std::collections::BTreeMap;

use crate::ngrams::{each_bucket, words};

/// What the features of a text add to the score of a class beyond the average class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contributions {
    /// What the class has before anything is read.
    pub bias: f32,
    /// What the encoder's vector adds.
    pub dense: f32,
    /// What readers of rules add.
    pub told: f32,
    /// What each bucket of words and n-grams adds, buckets rising.
    pub sparse: Vec<(u32, f32)>,
}

/// The words of a text with the buckets that they fill.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms {
    /// Each word once, in the order of the text, with its share of the count of each of its buckets.
    words: Vec<(String, Vec<(u32, f32)>)>,
}

impl Terms {
    /// Reads a text as [`Vocabulary::features`](crate::ngrams::Vocabulary::features) does.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut found: Vec<(&str, BTreeMap<u32, f32>)> = Vec::new();
        let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
        for word in words(&lower) {
            let place = *places.entry(word).or_insert_with(|| {
                found.push((word, BTreeMap::new()));
                found.len() - 1
            });
            each_bucket(word, |bucket| {
                *found[place].1.entry(bucket).or_default() += 1.0;
                *counts.entry(bucket).or_default() += 1.0;
            });
        }
        let share = |(bucket, count): (u32, f32)| (bucket, count / counts.get(&bucket).copied().unwrap_or(1.0));
        Self { words: found.into_iter().map(|(word, own)| (word.to_owned(), own.into_iter().map(share).collect())).collect() }
    }

    /// What each word adds by what each bucket adds, the most first: a bucket that several words fill is shared out among them.
    #[must_use]
    pub fn weigh(&self, added: &[(u32, f32)]) -> Vec<(String, f32)> {
        let of = |bucket: u32| added.binary_search_by_key(&bucket, |(known, _)| *known).map_or(0.0, |place| added[place].1);
        let weight = |own: &[(u32, f32)]| own.iter().map(|(bucket, share)| of(*bucket) * share).sum::<f32>();
        let mut weighed: Vec<(String, f32)> = self.words.iter().map(|(word, own)| (word.clone(), weight(own))).collect();
        // A stable sort: of equals the first of the text stays first.
        weighed.sort_by(|a, b| b.1.total_cmp(&a.1));
        weighed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ngrams::Vocabulary;

    #[test]
    fn everything_that_buckets_add_is_shared_out_among_the_words() {
        let text = "lost parcel, lost parcels, perdu";
        let added: Vec<(u32, f32)> = Vocabulary::of([text]).features(text).entries().to_vec();
        let words = Terms::of(text).weigh(&added);
        assert_eq!(words.iter().map(|(word, _)| word.as_str()).collect::<std::collections::BTreeSet<_>>().len(), 4);
        let (shared, whole): (f32, f32) = (words.iter().map(|(_, weight)| weight).sum(), added.iter().map(|(_, weight)| weight).sum());
        assert!((shared - whole).abs() < 1e-4, "{shared} of {whole}");
    }
}
