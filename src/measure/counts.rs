//! What was found, found wrongly and missed: the ground of precision, recall and F1.
//!
//! Source: van Rijsbergen, *Information Retrieval* (2nd edition, 1979), chapter 7.

use std::iter::Sum;
use std::ops::Add;

use crate::ratio;

/// Hits and errors of one class, kind or text. Adding counts up gives the micro average.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Found, and rightly.
    pub true_positives: usize,
    /// Found, and wrongly.
    pub false_positives: usize,
    /// Not found, though there.
    pub false_negatives: usize,
}

impl Counts {
    /// The share of what was found that is right: `tp / (tp + fp)`; none if nothing was found.
    pub fn precision(self) -> Option<f64> {
        ratio(self.true_positives, self.true_positives + self.false_positives)
    }

    /// The share of what is there that was found: `tp / (tp + fn)`; none if nothing is there.
    pub fn recall(self) -> Option<f64> {
        ratio(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// The harmonic mean of the two: `2 tp / (2 tp + fp + fn)`; none if nothing is there and nothing was found.
    ///
    /// It is 0 where one of the two has no value and there was something to find, as in scikit-learn with `zero_division=0`.
    pub fn f1(self) -> Option<f64> {
        ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let Self { true_positives, false_positives, false_negatives } = other;
        Self {
            true_positives: self.true_positives + true_positives,
            false_positives: self.false_positives + false_positives,
            false_negatives: self.false_negatives + false_negatives,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_recall_and_f1_follow_their_formulas() {
        let counts = Counts { true_positives: 3, false_positives: 1, false_negatives: 2 };
        assert_eq!(counts.precision(), Some(0.75));
        assert_eq!(counts.recall(), Some(0.6));
        assert_eq!(counts.f1(), Some(6.0 / 9.0));
    }

    #[test]
    fn what_has_no_denominator_has_no_value() {
        let nothing = Counts::default();
        assert_eq!((nothing.precision(), nothing.recall(), nothing.f1()), (None, None, None));
        let missed = Counts { false_negatives: 1, ..nothing };
        assert_eq!((missed.precision(), missed.recall(), missed.f1()), (None, Some(0.0), Some(0.0)));
    }

    #[test]
    fn counts_add_up() {
        let one = Counts { true_positives: 1, false_positives: 2, false_negatives: 3 };
        let sum: Counts = [one, one].into_iter().sum();
        assert_eq!(sum, Counts { true_positives: 2, false_positives: 4, false_negatives: 6 });
    }
}
