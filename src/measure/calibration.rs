//! Whether a confidence means what it says.

use crate::unmeasurable::Unmeasurable;
use crate::{count, mean};

/// A guess as its confidence and whether it was right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    confidence: f64,
    right: bool,
}

impl Judged {
    /// Takes a confidence in \[0, 1\].
    ///
    /// # Errors
    /// The confidence is no probability.
    pub fn new(confidence: f64, right: bool) -> Result<Self, Unmeasurable> {
        // Adding 0 takes the sign of a zero away, which would stand apart from the other zero in the order of numbers.
        if (0.0..=1.0).contains(&confidence) {
            Ok(Self { confidence: confidence + 0.0, right })
        } else {
            Err(Unmeasurable::NotAProbability)
        }
    }

    /// How sure the guess was, in \[0, 1\].
    pub fn confidence(self) -> f64 {
        self.confidence
    }

    /// Whether it was right.
    pub fn right(self) -> bool {
        self.right
    }
}

/// How guesses are put into bins by their confidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binning {
    /// So many bins `((m - 1) / M, m / M]` over \[0, 1\], the first with 0 (Guo et al., 2017, who take 15).
    EqualWidth(usize),
    /// So many bins with about as many guesses each; equal confidences stay together (Nguyen and O'Connor, *Posterior calibration and
    /// exploratory analysis for natural language processing models*, 2015).
    EqualMass(usize),
}

/// The guesses of about one confidence: a bar of the reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Where the bin begins: its edge for equal widths, the least confidence in it for equal masses.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// How many guesses are in it, at least one.
    pub count: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that was right.
    pub accuracy: f64,
}

/// The bins of a reliability diagram in rising order, without empty ones; none for no guesses or no bins.
///
/// Source: Guo, Pleiss, Sun and Weinberger, *On Calibration of Modern Neural Networks* (2017), section 2.
pub fn reliability(guesses: &[Judged], binning: Binning) -> Vec<Bin> {
    let mut sorted = guesses.to_vec();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence).then(a.right.cmp(&b.right)));
    match binning {
        Binning::EqualWidth(0) | Binning::EqualMass(0) => Vec::new(),
        Binning::EqualWidth(bins) => {
            // Edges are divided out, not multiplied up: 0.07 times 100 is more than 7.
            let edge = |m: usize| count(m) / count(bins);
            let bin = |guess: &Judged| nearest_edge(guess.confidence, bins, edge);
            sorted
                .chunk_by(|a, b| bin(a) == bin(b))
                .map(|all| Bin { low: edge(bin(&all[0]) - 1), high: edge(bin(&all[0])), ..summed(all) })
                .collect()
        }
        Binning::EqualMass(bins) => {
            let mut parts: Vec<Vec<Judged>> = vec![Vec::new(); bins.min(sorted.len())];
            let mut before = 0;
            for tied in sorted.chunk_by(|a, b| a.confidence.total_cmp(&b.confidence).is_eq()) {
                // Where the middle of equal ones would lie.
                let part = (before + (tied.len() - 1) / 2) * parts.len() / sorted.len();
                parts[part].extend(tied);
                before += tied.len();
            }
            parts.iter().filter(|part| !part.is_empty()).map(|part| summed(part)).collect()
        }
    }
}

/// The number, from 1, of the first bin whose upper edge is not below `confidence`.
fn nearest_edge(confidence: f64, bins: usize, edge: impl Fn(usize) -> f64) -> usize {
    let (mut low, mut high) = (1, bins);
    while low < high {
        let middle = low.midpoint(high);
        if edge(middle) < confidence {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// A bin of guesses in rising order, at least one.
fn summed(guesses: &[Judged]) -> Bin {
    let n = count(guesses.len());
    Bin {
        low: guesses[0].confidence,
        high: guesses[guesses.len() - 1].confidence,
        count: guesses.len(),
        confidence: guesses.iter().map(|guess| guess.confidence).sum::<f64>() / n,
        accuracy: count(guesses.iter().filter(|guess| guess.right).count()) / n,
    }
}

/// Expected calibration error: `Σ_m |B_m| / n · |accuracy(B_m) − confidence(B_m)|`; none for no guesses or no bins.
///
/// Source: Guo et al. (2017), equation 3; Naeini, Cooper and Hauskrecht, *Obtaining Well Calibrated Probabilities Using Bayesian Binning*
/// (2015). With equal masses it does not hide what few wide bins hide: most guesses of a good head lie in the last bin of equal width.
pub fn expected_calibration_error(guesses: &[Judged], binning: Binning) -> Option<f64> {
    let bins = reliability(guesses, binning);
    let gaps = bins.iter().map(|bin| count(bin.count) * (bin.accuracy - bin.confidence).abs());
    (!bins.is_empty()).then(|| gaps.sum::<f64>() / count(guesses.len()))
}

/// Brier score of the guesses made: `1/n Σ (confidence − [right])²`, from 0 (best) to 1; none for no guesses.
///
/// Source: Brier, *Verification of forecasts expressed in terms of probability* (1950), of the event that the guess is right; his sum over
/// both outcomes is twice as much.
pub fn brier_score(guesses: &[Judged]) -> Option<f64> {
    mean(guesses.iter().map(|guess| (guess.confidence - f64::from(u8::from(guess.right))).powi(2)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "what is computed without rounding, or in the same way, is the same")]

    use super::*;

    fn judged(guesses: &[(f64, bool)]) -> Vec<Judged> {
        guesses.iter().map(|(confidence, right)| Judged::new(*confidence, *right).unwrap()).collect()
    }

    fn near(got: Option<f64>, expected: f64) {
        assert!((got.unwrap() - expected).abs() < 1e-12, "{got:?} is not {expected}");
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for wrong in [-0.01, 1.01, f64::NAN, f64::INFINITY] {
            assert_eq!(Judged::new(wrong, true), Err(Unmeasurable::NotAProbability));
        }
        assert!(Judged::new(0.0, true).is_ok() && Judged::new(1.0, true).is_ok());
        assert!(Judged::new(-0.0, true).unwrap().confidence().is_sign_positive());
    }

    #[test]
    fn the_error_weighs_each_bin_by_its_guesses() {
        // (0.8, 1]: mean confidence 0.92, accuracy 2/3; (0.4, 0.6]: 0.55 and 1/2.
        let guesses = judged(&[(0.9, true), (0.9, false), (0.96, true), (0.5, true), (0.6, false)]);
        near(expected_calibration_error(&guesses, Binning::EqualWidth(5)), 0.6 * (0.92 - 2.0 / 3.0) + 0.4 * 0.05);
        let bins = reliability(&guesses, Binning::EqualWidth(5));
        assert_eq!(bins.iter().map(|bin| (bin.low, bin.high, bin.count)).collect::<Vec<_>>(), [(0.4, 0.6, 2), (0.8, 1.0, 3)]);
    }

    #[test]
    fn an_upper_edge_belongs_to_its_bin_and_zero_to_the_first() {
        for m in 1..=100 {
            let bins = reliability(&judged(&[(count(m) / 100.0, true)]), Binning::EqualWidth(100));
            assert_eq!(bins[0].high, count(m) / 100.0);
        }
        assert_eq!(reliability(&judged(&[(0.0, true)]), Binning::EqualWidth(10))[0].low, 0.0);
    }

    #[test]
    fn equal_masses_share_the_guesses_out_and_keep_equal_ones_together() {
        let apart = judged(&[(0.9, true), (0.1, false), (0.8, true), (0.3, false), (0.7, false), (0.2, true)]);
        let bins = reliability(&apart, Binning::EqualMass(3));
        assert_eq!(
            bins.iter().map(|bin| (bin.low, bin.high, bin.count)).collect::<Vec<_>>(),
            [(0.1, 0.2, 2), (0.3, 0.7, 2), (0.8, 0.9, 2)]
        );
        // (2 |1/2 - 0.15| + 2 |0 - 0.5| + 2 |1 - 0.85|) / 6
        near(expected_calibration_error(&apart, Binning::EqualMass(3)), 1.0 / 3.0);
        let tied = judged(&[(0.5, true), (0.5, false), (0.5, true), (0.9, true)]);
        let bins = reliability(&tied, Binning::EqualMass(2));
        assert_eq!(bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(reliability(&tied, Binning::EqualMass(100)).iter().map(|bin| bin.count).sum::<usize>(), 4);
    }

    #[test]
    fn the_brier_score_is_the_mean_squared_distance() {
        near(brier_score(&judged(&[(0.9, true), (0.6, false), (1.0, true)])), (0.01 + 0.36) / 3.0);
    }

    #[test]
    fn one_bin_measures_the_gap_between_confidence_and_accuracy() {
        let guesses = judged(&[(0.9, true), (0.3, true), (0.6, false)]);
        near(expected_calibration_error(&guesses, Binning::EqualWidth(1)), 2.0 / 3.0 - 0.6);
        near(expected_calibration_error(&guesses, Binning::EqualMass(1)), 2.0 / 3.0 - 0.6);
    }

    #[test]
    fn order_decides_nothing() {
        let mut guesses = judged(&[(0.5, true), (0.5, false), (0.9, true), (0.5, true), (0.2, false)]);
        for binning in [Binning::EqualWidth(10), Binning::EqualMass(3)] {
            let before = reliability(&guesses, binning);
            guesses.reverse();
            assert_eq!(before, reliability(&guesses, binning));
        }
    }

    #[test]
    fn without_guesses_or_bins_there_is_no_error() {
        for binning in [Binning::EqualWidth(10), Binning::EqualMass(10)] {
            assert_eq!(expected_calibration_error(&[], binning), None);
        }
        for binning in [Binning::EqualWidth(0), Binning::EqualMass(0)] {
            assert_eq!(expected_calibration_error(&judged(&[(0.5, true)]), binning), None);
        }
        assert_eq!(brier_score(&[]), None);
    }
}
