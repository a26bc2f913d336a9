//! Accuracy, F1 by class and their mean, and which classes are taken for which.
//!
//! Labels are of any ordered type; `Option` of one has a place for abstentions. The functions take predictions by reference from any
//! iterator, so that a resample needs no copies.

use std::collections::{BTreeMap, BTreeSet};

use crate::counts::Counts;
use crate::{mean, ratio};

/// A guess beside what it should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction<L> {
    /// The right label.
    pub truth: L,
    /// The label guessed.
    pub predicted: L,
}

/// The share of guesses that are right: `1/n Σ [predicted = truth]`; none for no predictions.
pub fn accuracy<'a, L: PartialEq + 'a>(predictions: impl IntoIterator<Item = &'a Prediction<L>>) -> Option<f64> {
    let tally = |(right, all), guess: &Prediction<L>| (right + usize::from(guess.predicted == guess.truth), all + 1);
    let (right, all) = predictions.into_iter().fold((0, 0), tally);
    ratio(right, all)
}

/// Hits and errors of every class that is right or guessed somewhere; precision, recall and F1 are theirs.
pub fn by_class<'a, L: Ord + Clone + 'a>(predictions: impl IntoIterator<Item = &'a Prediction<L>>) -> BTreeMap<L, Counts> {
    borrowed(predictions).into_iter().map(|(label, counts)| (label.clone(), counts)).collect()
}

/// The unweighted mean of the F1 of all classes that are right or guessed somewhere; none for no predictions.
///
/// `1/|C| Σ_c 2 tp_c / (2 tp_c + fp_c + fn_c)`, the mean of the F1s and not the F1 of the means (Opitz and Burst, *Macro F1 and Macro F1*,
/// 2019), with the classes of scikit-learn's `f1_score(average="macro")`.
pub fn macro_f1<'a, L: Ord + 'a>(predictions: impl IntoIterator<Item = &'a Prediction<L>>) -> Option<f64> {
    mean(borrowed(predictions).into_values().filter_map(Counts::f1))
}

fn borrowed<'a, L: Ord + 'a>(predictions: impl IntoIterator<Item = &'a Prediction<L>>) -> BTreeMap<&'a L, Counts> {
    let mut classes: BTreeMap<&L, Counts> = BTreeMap::new();
    for Prediction { truth, predicted } in predictions {
        if truth == predicted {
            classes.entry(truth).or_default().true_positives += 1;
        } else {
            classes.entry(truth).or_default().false_negatives += 1;
            classes.entry(predicted).or_default().false_positives += 1;
        }
    }
    classes
}

/// How often each label was guessed where each was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion<L> {
    counts: BTreeMap<(L, L), usize>,
}

/// A label taken for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confused<L> {
    /// The right label.
    pub truth: L,
    /// The label guessed in its place.
    pub predicted: L,
    /// How often.
    pub count: usize,
}

impl<L: Ord + Clone> Confusion<L> {
    /// Counts the pairs of right and guessed labels.
    pub fn of<'a>(predictions: impl IntoIterator<Item = &'a Prediction<L>>) -> Self
    where
        L: 'a,
    {
        let mut counts = BTreeMap::new();
        for Prediction { truth, predicted } in predictions {
            *counts.entry((truth.clone(), predicted.clone())).or_default() += 1;
        }
        Self { counts }
    }

    /// How often `predicted` was guessed where `truth` was right.
    pub fn count(&self, truth: &L, predicted: &L) -> usize {
        self.counts.get(&(truth.clone(), predicted.clone())).copied().unwrap_or(0)
    }

    /// All labels that are right or guessed somewhere, in their order.
    pub fn labels(&self) -> BTreeSet<&L> {
        self.counts.keys().flat_map(|(truth, predicted)| [truth, predicted]).collect()
    }

    /// The most frequent errors, at most `most` of them; equal ones in the order of their labels.
    pub fn worst(&self, most: usize) -> Vec<Confused<L>> {
        let mut errors: Vec<_> = self.counts.iter().filter(|((truth, predicted), _)| truth != predicted).collect();
        errors.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        errors
            .into_iter()
            .take(most)
            .map(|((truth, predicted), count)| Confused { truth: truth.clone(), predicted: predicted.clone(), count: *count })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One prediction for each pair of letters, the right one first.
    fn predictions(pairs: &str) -> Vec<Prediction<char>> {
        let letters = |pair: &str| pair.chars().next().zip(pair.chars().nth(1)).unwrap();
        pairs.split(' ').map(letters).map(|(truth, predicted)| Prediction { truth, predicted }).collect()
    }

    #[test]
    fn accuracy_and_macro_f1_are_those_of_the_textbook() {
        // a: tp 2, fp 1, fn 1; b: tp 1, fp 1, fn 1; c: fp 1; d: fn 1.
        let guesses = predictions("aa aa ab bb ba dc");
        assert_eq!(accuracy(&guesses), Some(0.5));
        let classes = by_class(&guesses);
        assert_eq!(classes[&'a'], Counts { true_positives: 2, false_positives: 1, false_negatives: 1 });
        assert_eq!(classes[&'c'], Counts { true_positives: 0, false_positives: 1, false_negatives: 0 });
        // (2/3 + 1/2 + 0 + 0) / 4, which is also what scikit-learn says.
        assert!((macro_f1(&guesses).unwrap() - 7.0 / 24.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_guessed_has_no_value() {
        let none: [Prediction<char>; 0] = [];
        assert_eq!((accuracy(&none), macro_f1(&none)), (None, None));
        assert!(Confusion::of(&none).worst(10).is_empty() && by_class(&none).is_empty());
    }

    #[test]
    fn names_and_order_decide_nothing() {
        let guesses = predictions("aa ab bb bc cc ca ca");
        let mut turned = predictions("xx xy yy yz zz zx zx");
        turned.reverse();
        assert_eq!(accuracy(&guesses), accuracy(&turned));
        assert!((macro_f1(&guesses).unwrap() - macro_f1(&turned).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn summed_over_classes_f1_is_accuracy() {
        let guesses = predictions("aa ab bb bc cc ca ca");
        let micro: Counts = by_class(&guesses).into_values().sum();
        assert_eq!(micro.f1(), accuracy(&guesses));
    }

    #[test]
    fn a_resample_is_measured_without_copies() {
        let guesses = predictions("aa ab bb");
        assert_eq!(accuracy([0, 0, 1].map(|i| &guesses[i])), Some(2.0 / 3.0));
    }

    #[test]
    fn the_most_frequent_errors_come_first() {
        let confusion = Confusion::of(&predictions("aa ab ba ba cb cc cc"));
        assert_eq!((confusion.count(&'b', &'a'), confusion.count(&'c', &'c'), confusion.count(&'a', &'c')), (2, 2, 0));
        assert_eq!(confusion.labels(), BTreeSet::from([&'a', &'b', &'c']));
        let worst: Vec<(char, char, usize)> = confusion.worst(2).into_iter().map(|c| (c.truth, c.predicted, c.count)).collect();
        assert_eq!(worst, [('b', 'a', 2), ('a', 'b', 1)]);
    }
}
