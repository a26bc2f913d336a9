//! Words, pairs of words and character n-grams in a fixed number of columns: no vocabulary has to be kept beside a head.
//!
//! Source: Weinberger, Dasgupta, Langford, Smola and Attenberg, *Feature Hashing for Large Scale Multitask Learning* (2009), without signs:
//! a head that learns from the columns learns what they share.

use std::collections::BTreeMap;

use crate::ngrams::{Sparse, without_accent};

/// Longer words are cut here.
const LONGEST_WORD: usize = 30;

/// What a text says and how it is said: words, marks such as `!`, pairs of neighbours, and the n-grams of longer words.
#[must_use]
pub fn of_text(text: &str, columns: u32) -> Sparse {
    let mut counts = Counts::new(columns);
    let lower = text.to_lowercase().replace('’', "'");
    let mut before: Option<Vec<char>> = None;
    for token in tokens(&lower) {
        counts.add('w', &token);
        if let Some(mut pair) = before.take() {
            pair.push(' ');
            pair.extend(&token);
            counts.add('p', &pair);
        }
        if token.len() > 3 {
            counts.grams(&token, 3..=5);
        }
        before = Some(token);
    }
    counts.weighted()
}

/// How words are spelled, with their accents: whole, and in n-grams of one to five characters.
#[must_use]
pub fn of_spelling<'a>(words: impl IntoIterator<Item = &'a str>, columns: u32) -> Sparse {
    let mut counts = Counts::new(columns);
    for word in words {
        let word: Vec<char> = word.chars().take(LONGEST_WORD).collect();
        counts.add('w', &word);
        counts.grams(&word, 1..=5);
    }
    counts.weighted()
}

/// Words with folded accents, and every mark that is no space by itself.
fn tokens(text: &str) -> Vec<Vec<char>> {
    let mut tokens: Vec<Vec<char>> = Vec::new();
    let mut inside = false;
    for c in text.chars() {
        let is_word = c.is_alphanumeric() || (c == '\'' && inside);
        match tokens.last_mut().filter(|_| inside && is_word) {
            Some(word) if word.len() < LONGEST_WORD => word.push(without_accent(c)),
            None if !c.is_whitespace() => tokens.push(vec![without_accent(c)]),
            Some(_) | None => {}
        }
        inside = is_word;
    }
    tokens
}

/// How often each column was met.
struct Counts {
    columns: u32,
    of: BTreeMap<u32, f32>,
    seen: BTreeMap<u32, f32>,
}

impl Counts {
    const fn new(columns: u32) -> Self {
        Self { columns, of: BTreeMap::new(), seen: BTreeMap::new() }
    }

    fn add(&mut self, kind: char, gram: &[char]) {
        let hash = gram.iter().fold(step(0x811c_9dc5, kind), |hash, c| step(hash, *c));
        *self.seen.entry(hash ^ (hash >> 15)).or_default() += 1.0;
    }

    fn grams(&mut self, word: &[char], sizes: std::ops::RangeInclusive<usize>) {
        let marked: Vec<char> = std::iter::once('^').chain(word.iter().copied()).chain(std::iter::once('$')).collect();
        for size in sizes {
            for gram in marked.windows(size).filter(|gram| !matches!(gram, ['^' | '$'])) {
                self.add('g', gram);
            }
        }
    }

    /// `1 + ln tf` of each gram, summed by column, scaled to norm 1.
    fn weighted(mut self) -> Sparse {
        for (hash, count) in self.seen {
            *self.of.entry(hash % self.columns.max(1)).or_default() += 1.0 + count.ln();
        }
        Sparse::unit(self.of.into_iter().collect())
    }
}

/// A step of FNV-1a.
fn step(hash: u32, c: char) -> u32 {
    (hash ^ u32::from(c)).wrapping_mul(0x0100_0193)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_marks_tell_texts_of_the_same_words_apart() {
        let cosine = |one: &str, other: &str| of_text(one, 1 << 15).dot(&of_text(other, 1 << 15));
        assert!((cosine("not good, is it", "not good, is it") - 1.0).abs() < 1e-5);
        assert!(cosine("not good, is it", "is it not, good") < 0.95);
        assert!(cosine("thanks", "thanks!") < 0.99);
        assert!(cosine("déçu", "decu") > 0.999, "accents are left out as often as not");
    }

    #[test]
    fn columns_stay_below_their_number_and_nothing_has_none() {
        for text in ["", " \n", "🙂", "a", "l'été d'Élodie !!"] {
            assert!(of_text(text, 97).entries().iter().all(|(column, value)| *column < 97 && value.is_finite()), "{text:?}");
        }
        assert!(of_text(" \n", 97).is_empty() && of_spelling([], 97).is_empty());
        assert!(of_spelling(["où"], 1 << 15).dot(&of_spelling(["ou"], 1 << 15)) < 0.6, "accents tell languages apart");
    }
}
