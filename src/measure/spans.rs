//! Whether spans of a text were found exactly: the same start, end and kind.
//!
//! Source: Tjong Kim Sang and De Meulder, *Introduction to the `CoNLL`-2003 Shared Task* (2003), where nothing but an exact match counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::counts::Counts;

/// A piece of a text and what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span<K> {
    /// Where it starts, in whatever unit both sides count.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it is.
    pub kind: K,
}

/// Hits and errors in one text, whose sum over texts has the precision, recall and F1 of `CoNLL`.
///
/// A span that is named twice counts once.
pub fn exact_match<K: Ord>(truth: &[Span<K>], predicted: &[Span<K>]) -> Counts {
    let (truth, predicted): (BTreeSet<_>, BTreeSet<_>) = (truth.iter().collect(), predicted.iter().collect());
    let hits = truth.intersection(&predicted).count();
    Counts { true_positives: hits, false_positives: predicted.len() - hits, false_negatives: truth.len() - hits }
}

/// The same for each kind that occurs on either side.
pub fn exact_match_by_kind<K: Ord + Clone>(truth: &[Span<K>], predicted: &[Span<K>]) -> BTreeMap<K, Counts> {
    let (truth, predicted): (BTreeSet<_>, BTreeSet<_>) = (truth.iter().collect(), predicted.iter().collect());
    let mut kinds: BTreeMap<K, Counts> = BTreeMap::new();
    for span in truth.union(&predicted) {
        let counts = kinds.entry(span.kind.clone()).or_default();
        match (truth.contains(span), predicted.contains(span)) {
            (true, true) => counts.true_positives += 1,
            (true, false) => counts.false_negatives += 1,
            (false, _) => counts.false_positives += 1,
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(spans: &[(usize, usize, &'static str)]) -> Vec<Span<&'static str>> {
        spans.iter().map(|(start, end, kind)| Span { start: *start, end: *end, kind: *kind }).collect()
    }

    #[test]
    fn only_an_exact_match_counts() {
        let truth = spans(&[(0, 4, "order"), (10, 15, "date"), (20, 25, "amount")]);
        // The second is one character too long, the third of another kind, the fourth is not there.
        let predicted = spans(&[(0, 4, "order"), (10, 16, "date"), (20, 25, "date"), (30, 31, "date")]);
        let counts = exact_match(&truth, &predicted);
        assert_eq!((counts.precision(), counts.recall(), counts.f1()), (Some(0.25), Some(1.0 / 3.0), Some(2.0 / 7.0)));
    }

    #[test]
    fn kinds_add_up_to_the_whole() {
        let truth = spans(&[(0, 4, "order"), (10, 15, "date"), (20, 25, "amount")]);
        let predicted = spans(&[(0, 4, "order"), (10, 16, "date"), (20, 25, "date"), (40, 45, "phone")]);
        let kinds = exact_match_by_kind(&truth, &predicted);
        assert_eq!(kinds["date"], Counts { true_positives: 0, false_positives: 2, false_negatives: 1 });
        assert_eq!(kinds["phone"], Counts { true_positives: 0, false_positives: 1, false_negatives: 0 });
        assert_eq!(kinds.into_values().sum::<Counts>(), exact_match(&truth, &predicted));
    }

    #[test]
    fn swapping_the_sides_swaps_precision_and_recall() {
        let (a, b) = (spans(&[(0, 4, "x"), (5, 6, "x")]), spans(&[(5, 6, "x"), (7, 8, "y"), (9, 10, "y")]));
        let (there, back) = (exact_match(&a, &b), exact_match(&b, &a));
        assert_eq!((there.precision(), there.recall(), there.f1()), (back.recall(), back.precision(), back.f1()));
    }

    #[test]
    fn order_and_repetition_decide_nothing() {
        let truth = spans(&[(0, 4, "x"), (5, 6, "x")]);
        assert_eq!(exact_match(&truth, &spans(&[(5, 6, "x"), (0, 4, "x"), (5, 6, "x")])), exact_match(&truth, &truth));
    }

    #[test]
    fn without_spans_there_is_no_value() {
        let counts = exact_match::<&str>(&[], &[]);
        assert_eq!((counts.precision(), counts.recall(), counts.f1()), (None, None, None));
        assert!(exact_match_by_kind::<&str>(&[], &[]).is_empty());
    }
}
