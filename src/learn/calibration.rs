//! Turns a score into a probability that means what it says.

use crate::domain::vocabulary::Probability;

/// With fewer labelled examples than this no probability is given.
pub const LEAST_EXAMPLES: usize = 30;

/// Platt scaling: `p = σ(a·score + b)`.
///
/// Source: Platt, *Probabilistic Outputs for Support Vector Machines* (1999), with its smoothed targets, fitted by
/// Newton's method as in Lin, Lin and Weng (2007).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Platt {
    slope: f64,
    offset: f64,
    tells_apart: bool,
}

/// Twice the gain in log-likelihood from which on the slope is no chance: the 95 % quantile of χ² with one degree of freedom (Wilks 1938).
const CLEARLY_BETTER: f64 = 3.84;

impl Platt {
    /// Fits the curve to `(score, was it right)` pairs that were scored without their own label.
    ///
    /// `None` below [`LEAST_EXAMPLES`], so that callers abstain rather than guess.
    #[must_use]
    pub fn fit(pairs: &[(f64, bool)]) -> Option<Self> {
        if pairs.len() < LEAST_EXAMPLES || pairs.iter().any(|(score, _)| !score.is_finite()) {
            return None;
        }
        let right = count(pairs.iter().filter(|(_, right)| *right).count());
        let wrong = count(pairs.len()) - right;
        let (high, low) = ((right + 1.0) / (right + 2.0), 1.0 / (wrong + 2.0));
        // A weak pull towards a flat curve keeps the fit finite when scores separate the two perfectly.
        let ridge = 1e-3;
        let (mut slope, mut offset) = (0.0, ((right + 1.0) / (wrong + 1.0)).ln());
        for _ in 0..50 {
            let (mut gradient_slope, mut gradient_offset) = (ridge * slope, 0.0);
            let (mut curve_slope, mut curve_cross, mut curve_offset) = (ridge, 0.0, 1e-9);
            for (score, right) in pairs {
                let probability = logistic(slope * score + offset);
                let error = probability - if *right { high } else { low };
                let weight = (probability * (1.0 - probability)).max(1e-12);
                gradient_slope += error * score;
                gradient_offset += error;
                curve_slope += weight * score * score;
                curve_cross += weight * score;
                curve_offset += weight;
            }
            let determinant = curve_slope * curve_offset - curve_cross * curve_cross;
            if determinant.abs() < 1e-18 {
                break;
            }
            let step_slope = (curve_offset * gradient_slope - curve_cross * gradient_offset) / determinant;
            let step_offset = (curve_slope * gradient_offset - curve_cross * gradient_slope) / determinant;
            slope -= step_slope;
            offset -= step_offset;
            if step_slope.abs() + step_offset.abs() < 1e-9 {
                break;
            }
        }
        // A falling curve would say that better scores are worse guesses: the score then carries nothing, and what is left is how
        // often the guesses are right.
        let flat = Self { slope: 0.0, offset: ((right + 1.0) / (wrong + 1.0)).ln(), tells_apart: false };
        let curve = if slope < 0.0 { flat } else { Self { slope, offset, tells_apart: false } };
        let gained = 2.0 * (curve.log_likelihood(pairs) - flat.log_likelihood(pairs));
        (curve.slope.is_finite() && curve.offset.is_finite()).then_some(Self { tells_apart: gained >= CLEARLY_BETTER, ..curve })
    }

    /// Whether the scores tell right guesses from wrong ones: if not, every guess gets about the same probability.
    #[must_use]
    pub const fn tells_apart(&self) -> bool {
        self.tells_apart
    }

    fn log_likelihood(&self, pairs: &[(f64, bool)]) -> f64 {
        let of = |(score, right): &(f64, bool)| {
            let probability = logistic(self.slope * score + self.offset);
            if *right { probability } else { 1.0 - probability }.max(1e-12).ln()
        };
        pairs.iter().map(of).sum()
    }

    /// The probability that a guess with this score is right.
    #[must_use]
    pub fn probability(&self, score: f64) -> Option<Probability> {
        Probability::new(logistic(self.slope * score + self.offset))
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[expect(clippy::cast_precision_loss, reason = "counts of labels stay far below 2^52")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(n: u32) -> Vec<(f64, bool)> {
        // A guess with score s is right with probability s: 10 guesses a decile.
        (0..n).map(|i| (f64::from(i % 10) / 10.0 + 0.05, (i / 10) % 10 < i % 10)).collect()
    }

    #[test]
    fn scores_that_tell_nothing_are_known_to() {
        assert!(Platt::fit(&pairs(100)).unwrap().tells_apart());
        let alike: Vec<(f64, bool)> = (0..60).map(|i| (0.5 + f64::from(i % 7) / 100.0, i % 2 == 0)).collect();
        assert!(!Platt::fit(&alike).unwrap().tells_apart());
    }

    #[test]
    fn below_thirty_examples_there_is_no_probability() {
        assert_eq!(Platt::fit(&pairs(29)), None);
        assert!(Platt::fit(&pairs(30)).is_some());
    }

    #[test]
    fn a_calibrated_score_comes_back_about_as_it_was() {
        let curve = Platt::fit(&pairs(100)).unwrap();
        for (score, expected) in [(0.15, 0.15), (0.5, 0.5), (0.85, 0.85)] {
            let got = curve.probability(score).unwrap().get();
            assert!((got - expected).abs() < 0.1, "{score}: {got}");
        }
    }

    #[test]
    fn perfect_separation_stays_finite() {
        let separated: Vec<_> = (0..40).map(|i| (f64::from(i), i >= 20)).collect();
        let curve = Platt::fit(&separated).unwrap();
        assert!(curve.probability(39.0).unwrap().get() > 0.9);
        assert!(curve.probability(0.0).unwrap().get() < 0.1);
    }

    #[test]
    fn where_better_scores_are_worse_guesses_only_the_base_rate_is_left() {
        let turned: Vec<_> = (0..60).map(|i| (f64::from(i), i < 45)).collect();
        let curve = Platt::fit(&turned).unwrap();
        for score in [0.0, 59.0] {
            let got = curve.probability(score).unwrap().get();
            assert!((got - 0.75).abs() < 0.02, "{score}: {got}");
        }
    }

    #[test]
    fn a_score_that_says_nothing_gives_the_base_rate() {
        let noise: Vec<_> = (0..60).map(|i| (f64::from(i % 3), i % 2 == 0)).collect();
        let got = Platt::fit(&noise).unwrap().probability(1.0).unwrap().get();
        assert!((got - 0.5).abs() < 0.06, "{got}");
    }
}
