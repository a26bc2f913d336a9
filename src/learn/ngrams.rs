//! Hashed TF-IDF features over words and character n-grams, so that a French text finds a French neighbour even when the
//! dense encoder knows only English.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

/// Number of hash buckets; collisions below 1 % for the vocabulary of a few thousand tickets.
const BUCKETS: u32 = 1 << 20;
const SHORTEST_GRAM: usize = 3;
const LONGEST_GRAM: usize = 5;

/// A sparse vector of unit norm: buckets rising, weights positive.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sparse(Vec<(u32, f32)>);

impl Sparse {
    /// The vector in the direction of these weights; buckets must rise.
    pub(crate) fn unit(mut weights: Vec<(u32, f32)>) -> Self {
        let norm = weights.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
        if norm > 0.0 {
            for (_, weight) in &mut weights {
                *weight /= norm;
            }
        }
        Self(weights)
    }

    /// The cosine with another vector, in \[0, 1\].
    #[must_use]
    pub fn dot(&self, other: &Self) -> f32 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut sum = 0.0;
        while let (Some((a, x)), Some((b, y))) = (left.peek(), right.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => drop(left.next()),
                std::cmp::Ordering::Greater => drop(right.next()),
                std::cmp::Ordering::Equal => {
                    sum += x * y;
                    left.next();
                    right.next();
                }
            }
        }
        sum
    }

    /// The features: bucket and weight, buckets rising.
    #[must_use]
    pub fn entries(&self) -> &[(u32, f32)] {
        &self.0
    }

    /// Whether no feature is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How rare each feature is in a set of texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Vocabulary {
    texts: u32,
    found_in: HashMap<u32, u32>,
}

/// A vocabulary as it is kept: in the order of buckets, so that the same one has the same bytes.
#[derive(Serialize, Deserialize)]
struct Written {
    texts: u32,
    found_in: BTreeMap<u32, u32>,
}

impl From<Vocabulary> for Written {
    fn from(vocabulary: Vocabulary) -> Self {
        Self { texts: vocabulary.texts, found_in: vocabulary.found_in.into_iter().collect() }
    }
}

impl From<Written> for Vocabulary {
    fn from(written: Written) -> Self {
        Self { texts: written.texts, found_in: written.found_in.into_iter().collect() }
    }
}

impl Vocabulary {
    /// Counts in how many of the texts each feature occurs.
    #[must_use]
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut vocabulary = Self::default();
        for text in texts {
            vocabulary.texts += 1;
            for bucket in counts(text).into_keys() {
                *vocabulary.found_in.entry(bucket).or_default() += 1;
            }
        }
        vocabulary
    }

    /// The features of a text: `(1 + ln tf) · idf`, scaled to norm 1.
    ///
    /// Source: Manning, Raghavan, Schütze, *Introduction to Information Retrieval*, 6.4 (`ltc` weighting, smoothed idf).
    #[must_use]
    pub fn features(&self, text: &str) -> Sparse {
        let weights =
            counts(text).into_iter().map(|(bucket, count)| (bucket, (1.0 + count_as_f32(count).ln()) * self.rarity(bucket))).collect();
        Sparse::unit(weights)
    }

    fn rarity(&self, bucket: u32) -> f32 {
        let found_in = self.found_in.get(&bucket).copied().unwrap_or(0);
        ((count_as_f32(self.texts) + 1.0) / (count_as_f32(found_in) + 1.0)).ln() + 1.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of texts and grams stay far below 2^24")]
fn count_as_f32(count: u32) -> f32 {
    count as f32
}

fn counts(text: &str) -> BTreeMap<u32, u32> {
    let mut counts = BTreeMap::new();
    let lower = text.to_lowercase();
    for word in words(&lower) {
        each_bucket(word, |bucket| *counts.entry(bucket).or_default() += 1);
    }
    counts
}

/// The words of a text in lower case.
pub(crate) fn words(lower: &str) -> impl Iterator<Item = &str> {
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The buckets of a word in lower case: of itself and of its n-grams.
pub(crate) fn each_bucket(word: &str, mut each: impl FnMut(u32)) {
    let folded: Vec<char> = word.chars().map(without_accent).take(40).collect();
    let marked: Vec<char> = std::iter::once('^').chain(folded).chain(std::iter::once('$')).collect();
    each(bucket(&marked));
    for size in SHORTEST_GRAM..=LONGEST_GRAM.min(marked.len().saturating_sub(1)) {
        for gram in marked.windows(size) {
            each(bucket(gram));
        }
    }
}

/// Folds the accents of French, so that `remboursé` and `rembourse` are one.
pub(crate) fn without_accent(c: char) -> char {
    match c {
        'à' | 'â' | 'ä' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ÿ' => 'y',
        other => other,
    }
}

/// FNV-1a over the characters, folded into the buckets.
fn bucket(gram: &[char]) -> u32 {
    let hash = gram.iter().fold(0x811c_9dc5_u32, |hash, c| (hash ^ u32::from(*c)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 20)) % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_closest_to_itself() {
        let texts = ["je veux être remboursé", "where is my parcel", "cancel my order please"];
        let vocabulary = Vocabulary::of(texts);
        let features = texts.map(|text| vocabulary.features(text));
        assert!((features[0].dot(&features[0]) - 1.0).abs() < 1e-5);
        assert!(features[0].dot(&features[1]) < 0.2);
    }

    #[test]
    fn inflected_words_and_missing_accents_still_meet() {
        let vocabulary = Vocabulary::of(["remboursement demandé", "colis perdu"]);
        let asked = vocabulary.features("je demande un remboursment");
        assert!(asked.dot(&vocabulary.features("remboursement demandé")) > asked.dot(&vocabulary.features("colis perdu")) + 0.1);
    }

    #[test]
    fn a_text_without_letters_has_no_features() {
        assert!(Vocabulary::default().features("!? …").is_empty());
    }
}
