//! What is gained by leaving the least confident guesses to people.
//!
//! Source: El-Yaniv and Wiener, *On the Foundations of Noise-free Selective Classification* (2010); Geifman and El-Yaniv, *Selective
//! Classification for Deep Neural Networks* (2017).

use crate::calibration::Judged;
use crate::{count, mean};

/// What is kept when guesses below a threshold are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Selection {
    /// The least confidence that is kept.
    pub threshold: f64,
    /// How many guesses are kept, at least one.
    pub kept: usize,
    /// How many of them are right.
    pub right: usize,
    /// The share of all guesses that is kept, in (0, 1\].
    pub coverage: f64,
}

impl Selection {
    /// The share of the kept guesses that is right.
    pub fn precision(self) -> f64 {
        count(self.right) / count(self.kept)
    }

    /// The share of the kept guesses that is wrong.
    pub fn risk(self) -> f64 {
        count(self.kept - self.right) / count(self.kept)
    }
}

/// The risk-coverage curve: one selection for every confidence that occurs, from the highest to the least; empty for no guesses.
///
/// Guesses of equal confidence are kept or left out together, as no threshold tells them apart.
pub fn risk_coverage(guesses: &[Judged]) -> Vec<Selection> {
    let mut sorted = guesses.to_vec();
    sorted.sort_by(|a, b| b.confidence().total_cmp(&a.confidence()));
    let (mut kept, mut right) = (0, 0);
    sorted
        .chunk_by(|a, b| a.confidence().total_cmp(&b.confidence()).is_eq())
        .map(|tied| {
            kept += tied.len();
            right += tied.iter().filter(|guess| guess.right()).count();
            Selection { threshold: tied[0].confidence(), kept, right, coverage: count(kept) / count(sorted.len()) }
        })
        .collect()
}

/// The area under the risk-coverage curve: `1/n Σ_k risk of the k most confident`; none for no guesses.
///
/// Source: Geifman, Uziel and El-Yaniv, *Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers* (2019), equation 2. Among equal
/// confidences it is the mean over all their orders: their errors are spread evenly.
pub fn aurc(guesses: &[Judged]) -> Option<f64> {
    let (mut kept, mut wrong) = (0, 0.0);
    let risks = risk_coverage(guesses).into_iter().flat_map(|selection| {
        let (before, wrong_before) = (kept, wrong);
        kept = selection.kept;
        wrong = count(selection.kept - selection.right);
        let each = (wrong - wrong_before) / count(kept - before);
        (before + 1..=kept).map(move |k| (wrong_before + count(k - before) * each) / count(k))
    });
    mean(risks)
}

/// The largest selection whose precision is at least `precision`; none if there is no such selection.
///
/// Precision may fall below and rise above again on the way down: the lowest threshold counts. A threshold that was chosen on these guesses
/// promises nothing for others; that takes a bound, such as conformal risk control.
pub fn coverage_at(guesses: &[Judged], precision: f64) -> Option<Selection> {
    risk_coverage(guesses).into_iter().rfind(|selection| selection.precision() >= precision)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(guesses: &[(f64, bool)]) -> Vec<Judged> {
        guesses.iter().map(|(confidence, right)| Judged::new(*confidence, *right).unwrap()).collect()
    }

    #[test]
    fn the_curve_goes_from_the_most_confident_to_all() {
        let curve = risk_coverage(&judged(&[(0.5, false), (0.9, true), (0.7, true), (0.7, false)]));
        let points: Vec<(f64, f64, f64)> = curve.iter().map(|point| (point.threshold, point.coverage, point.risk())).collect();
        assert_eq!(points, [(0.9, 0.25, 0.0), (0.7, 0.75, 1.0 / 3.0), (0.5, 1.0, 0.5)]);
    }

    #[test]
    fn the_area_is_the_mean_risk_of_every_prefix() {
        let got = aurc(&judged(&[(0.9, true), (0.8, false), (0.7, true), (0.6, false)])).unwrap();
        assert!((got - (0.0 + 0.5 + 1.0 / 3.0 + 0.5) / 4.0).abs() < 1e-12, "{got}");
    }

    #[test]
    fn among_equals_the_area_is_the_mean_of_their_orders() {
        let mean = |areas: &[f64]| areas.iter().sum::<f64>() / count(areas.len());
        // After a right one: a wrong and two right ones of equal confidence, in their three orders.
        let orders: Vec<f64> = (0..3)
            .map(|wrong| {
                let mut guesses = vec![(0.9, true)];
                guesses.extend((0..3_u8).map(|i| (0.5 - f64::from(i) / 100.0, i != wrong)));
                aurc(&judged(&guesses)).unwrap()
            })
            .collect();
        let tied = aurc(&judged(&[(0.5, true), (0.5, false), (0.9, true), (0.5, true)])).unwrap();
        assert!((tied - mean(&orders)).abs() < 1e-12, "{tied} {orders:?}");
    }

    #[test]
    fn the_largest_coverage_of_a_precision_is_found_past_a_dip() {
        let guesses = judged(&[(0.9, false), (0.8, true), (0.7, true), (0.6, true), (0.5, false)]);
        let got = coverage_at(&guesses, 0.75).unwrap();
        assert_eq!((got.threshold, got.kept, got.right, got.coverage, got.precision()), (0.6, 4, 3, 0.8, 0.75));
        assert_eq!(coverage_at(&guesses, 0.76), None);
        assert_eq!(coverage_at(&guesses, 0.0).map(|all| all.coverage), Some(1.0));
    }

    #[test]
    fn equal_confidences_stay_together() {
        // Alone, the first of the two at 0.8 would have been kept.
        let guesses = judged(&[(0.9, true), (0.8, true), (0.8, false)]);
        let got = coverage_at(&guesses, 0.9).unwrap();
        assert_eq!((got.threshold, got.kept), (0.9, 1));
    }

    #[test]
    fn only_the_order_of_confidences_decides_the_area() {
        let guesses = [(0.9, true), (0.8, false), (0.6, true), (0.6, false), (0.1, true)];
        let squared = guesses.map(|(confidence, right): (f64, bool)| (confidence.powi(2), right));
        assert_eq!(aurc(&judged(&guesses)), aurc(&judged(&squared)));
    }

    #[test]
    fn without_guesses_there_is_no_curve() {
        assert!(risk_coverage(&[]).is_empty());
        assert_eq!((aurc(&[]), coverage_at(&[], 0.5)), (None, None));
        assert_eq!(coverage_at(&judged(&[(0.5, true)]), f64::NAN), None);
    }
}
