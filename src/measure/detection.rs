//! Whether what is looked for is told from what is not, by a score or by a label.

use crate::classification::Prediction;
use crate::count;
use crate::counts::Counts;
use crate::unmeasurable::Unmeasurable;

/// A score, higher for what looks more like the thing, and whether it was the thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    score: f64,
    positive: bool,
}

impl Scored {
    /// Takes a finite score.
    ///
    /// # Errors
    /// The score is infinite or no number.
    pub fn new(score: f64, positive: bool) -> Result<Self, Unmeasurable> {
        // Adding 0 takes the sign of a zero away, which would stand apart from the other zero in the order of numbers.
        if score.is_finite() { Ok(Self { score: score + 0.0, positive }) } else { Err(Unmeasurable::NotFinite) }
    }

    /// The score.
    pub fn score(self) -> f64 {
        self.score
    }

    /// Whether it was the thing.
    pub fn positive(self) -> bool {
        self.positive
    }
}

/// The area under the receiver operating characteristic: the chance that a positive scores higher than a negative, ties counting half.
///
/// `(R − P (P + 1) / 2) / (P · N)` with `R` the sum of the mean ranks of the `P` positives among all. None unless there are both.
///
/// Source: Mann and Whitney (1947); Hanley and `McNeil`, *The Meaning and Use of the Area under a ROC Curve* (1982).
pub fn auroc(items: &[Scored]) -> Option<f64> {
    let mut sorted = items.to_vec();
    sorted.sort_by(|a, b| a.score.total_cmp(&b.score));
    let positives = sorted.iter().filter(|item| item.positive).count();
    let negatives = sorted.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    // For each positive: the negatives below it, and half of those beside it.
    let (mut below, mut won) = (0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.score.total_cmp(&b.score).is_eq()) {
        let here = tied.iter().filter(|item| item.positive).count();
        let beside = tied.len() - here;
        won += count(here) * (count(below) + count(beside) / 2.0);
        below += beside;
    }
    Some(won / (count(positives) * count(negatives)))
}

/// Hits and errors when everything that scores at least `threshold` is taken for the thing; nothing reaches NaN.
pub fn counts_at(items: &[Scored], threshold: f64) -> Counts {
    items.iter().fold(Counts::default(), |mut counts, item| {
        match (item.score >= threshold, item.positive) {
            (true, true) => counts.true_positives += 1,
            (true, false) => counts.false_positives += 1,
            (false, true) => counts.false_negatives += 1,
            (false, false) => {}
        }
        counts
    })
}

/// The share of positives that score at least `threshold`: `tp / (tp + fn)`; none without positives.
pub fn recall_at(items: &[Scored], threshold: f64) -> Option<f64> {
    counts_at(items, threshold).recall()
}

/// The share of what lies out of scope that was told to: `#[predicted = truth = out] / #[truth = out]`; none if nothing lies out of scope.
///
/// Source: Larson et al., *An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction* (2019), section 3.
pub fn out_of_scope_recall<'a, L: PartialEq + 'a>(
    predictions: impl IntoIterator<Item = &'a Prediction<L>>,
    out_of_scope: &L,
) -> Option<f64> {
    let out = predictions.into_iter().filter(|guess| guess.truth == *out_of_scope);
    crate::mean(out.map(|guess| f64::from(u8::from(guess.predicted == *out_of_scope))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(items: &[(f64, bool)]) -> Vec<Scored> {
        items.iter().map(|(score, positive)| Scored::new(*score, *positive).unwrap()).collect()
    }

    #[test]
    fn the_area_is_the_share_of_pairs_in_the_right_order() {
        // Pairs: 0.4 above 0.1, below 0.8; 0.9 above both.
        assert_eq!(auroc(&scored(&[(0.4, true), (0.9, true), (0.1, false), (0.8, false)])), Some(0.75));
        assert_eq!(auroc(&scored(&[(0.4, true), (0.3, false)])), Some(1.0));
        assert_eq!(auroc(&scored(&[(0.2, true), (0.3, false)])), Some(0.0));
    }

    #[test]
    fn ties_count_half() {
        assert_eq!(auroc(&scored(&[(0.5, true), (0.5, false)])), Some(0.5));
        // Of four pairs one is won and two are tied.
        assert_eq!(auroc(&scored(&[(0.5, true), (0.5, false), (0.2, false), (0.2, true)])), Some(0.5));
        assert_eq!(auroc(&scored(&[(0.0, true), (-0.0, false)])), Some(0.5));
    }

    #[test]
    fn only_the_order_of_scores_decides_and_the_other_way_round_it_is_the_rest() {
        let items = [(0.1, false), (0.35, true), (0.4, false), (0.4, true), (0.8, true), (0.8, false), (0.9, true)];
        let area = auroc(&scored(&items)).unwrap();
        assert_eq!(auroc(&scored(&items.map(|(score, positive): (f64, bool)| (score.exp(), positive)))), Some(area));
        let turned = auroc(&scored(&items.map(|(score, positive)| (-score, positive)))).unwrap();
        assert!((area + turned - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_side_alone_has_no_area() {
        assert_eq!((auroc(&[]), auroc(&scored(&[(0.3, true)])), auroc(&scored(&[(0.3, false)]))), (None, None, None));
    }

    #[test]
    fn a_threshold_takes_what_reaches_it() {
        let items = scored(&[(0.9, true), (0.7, false), (0.5, true), (0.4, true), (0.1, false)]);
        assert_eq!(counts_at(&items, 0.5), Counts { true_positives: 2, false_positives: 1, false_negatives: 1 });
        assert_eq!(recall_at(&items, 0.5), Some(2.0 / 3.0));
        assert_eq!(recall_at(&scored(&[(0.9, false)]), 0.5), None);
    }

    #[test]
    fn what_lies_out_of_scope_is_counted_alone() {
        let guess = |truth, predicted| Prediction { truth, predicted };
        let guesses = [guess("oos", "oos"), guess("oos", "refund"), guess("refund", "oos"), guess("oos", "oos"), guess("refund", "refund")];
        assert_eq!(out_of_scope_recall(&guesses, &"oos"), Some(2.0 / 3.0));
        assert_eq!(out_of_scope_recall(&guesses[4..], &"oos"), None);
    }

    #[test]
    fn scores_that_are_no_numbers_are_refused() {
        assert!(Scored::new(f64::NAN, true).is_err() && Scored::new(f64::INFINITY, true).is_err());
    }
}
