//! How alike two sentences are: their vectors where both have one, their words always.

use crate::domain::vocabulary::Language;
use crate::lines::Line;
use crate::lines::words::{Rarity, Words};

/// Some sentences with their words read and the rarity of their stems counted, once for many comparisons.
#[derive(Debug, Clone)]
pub struct Compared<'a> {
    lines: &'a [Line<'a>],
    words: Vec<Words>,
    rarity: Rarity,
}

impl<'a> Compared<'a> {
    /// Reads the words of all lines.
    #[must_use]
    pub fn new(lines: &'a [Line<'a>]) -> Self {
        let words: Vec<Words> = lines.iter().map(|line| Words::of(line.text, line.language)).collect();
        let rarity = Rarity::of(&words);
        Self { lines, words, rarity }
    }

    /// The lines, as they were handed in.
    #[must_use]
    pub const fn lines(&self) -> &'a [Line<'a>] {
        self.lines
    }

    /// The words of a line.
    #[must_use]
    pub fn words(&self, line: usize) -> &Words {
        &self.words[line]
    }

    /// How rare the words of all lines are.
    #[must_use]
    pub const fn rarity(&self) -> &Rarity {
        &self.rarity
    }

    /// How alike two of the lines are, in \[0, 1\].
    #[must_use]
    pub fn between(&self, one: usize, other: usize) -> f64 {
        likeness((&self.lines[one], &self.words[one]), (&self.lines[other], &self.words[other]), &self.rarity)
    }

    /// How near each line is to the middle of them all: its mean likeness to the others, scaled so that the nearest has 1.
    #[must_use]
    pub fn centrality(&self) -> Vec<f64> {
        let count = self.lines.len();
        let sums: Vec<f64> =
            (0..count).map(|one| (0..count).filter(|other| *other != one).map(|other| self.between(one, other)).sum()).collect();
        let most = sums.iter().copied().fold(0.0, f64::max);
        sums.into_iter().map(|sum| if most > 0.0 { sum / most } else { 0.0 }).collect()
    }
}

/// How alike two lines are, in \[0, 1\].
///
/// Vectors weigh 0.6 between English sentences and 0.35 otherwise, because the encoder at hand is English; the rest are words.
#[must_use]
pub fn likeness(one: (&Line<'_>, &Words), other: (&Line<'_>, &Words), rarity: &Rarity) -> f64 {
    let words = in_words(one.1, other.1, rarity);
    match (one.0.vector, other.0.vector) {
        (Some(a), Some(b)) if a.len() == b.len() => {
            let english = one.0.language == Language::ENGLISH && other.0.language == Language::ENGLISH;
            let dense = if english { 0.6 } else { 0.35 };
            dense * cosine(a, b) + (1.0 - dense) * words
        }
        _ => words,
    }
}

/// How alike two texts are by their words alone, in \[0, 1\].
#[must_use]
pub fn in_words(one: &Words, other: &Words, rarity: &Rarity) -> f64 {
    0.7 * rarity.overlap(one, other) + 0.3 * one.letters_in_common(other)
}

/// The cosine of two vectors of unit norm, held in \[0, 1\].
#[must_use]
pub fn cosine(one: &[f32], other: &[f32]) -> f64 {
    one.iter().zip(other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>().clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{EN, FR, line};

    #[test]
    fn vectors_speak_where_words_differ() {
        let (one, other, third) = ([1.0, 0.0], [0.96, 0.28], [0.0, 1.0]);
        let mut lines = [line("the pack is swollen", EN), line("my battery bulges", EN), line("where is the invoice", EN)];
        lines[0].vector = Some(&one);
        lines[1].vector = Some(&other);
        lines[2].vector = Some(&third);
        let compared = Compared::new(&lines);
        assert!(compared.between(0, 1) > 0.5);
        assert!(compared.between(0, 2) < 0.1);
    }

    #[test]
    fn words_speak_alone_without_vectors() {
        let lines =
            [line("Le remboursement prend cinq jours", FR), line("Vous serez remboursé en 5 jours", FR), line("Le routeur clignote", FR)];
        let compared = Compared::new(&lines);
        assert!(compared.between(0, 1) > 0.5);
        assert!(compared.between(0, 2) < 0.1);
        let centrality = compared.centrality();
        assert!(centrality[2] < centrality[0] && centrality.iter().all(|share| (0.0..=1.0).contains(share)));
    }
}
