//! Turns a score into a probability that means what it says.

/// With fewer labelled examples than this no probability is given.
pub const LEAST_EXAMPLES: usize = 30;

/// Temperature scaling: `p = softmax(scores / temperature)`.
///
/// Source: Guo, Pleiss, Sun and Weinberger, *On Calibration of Modern Neural Networks* (2017). The loss is convex in the inverse
/// temperature, so its least is found by halving an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature {
    inverse: f64,
}

impl Default for Temperature {
    /// Scores as they are.
    fn default() -> Self {
        Self { inverse: 1.0 }
    }
}

impl Temperature {
    /// Fits the temperature to `(scores of all classes, right class)` that were scored by a head that did not learn from them.
    ///
    /// `None` below [`LEAST_EXAMPLES`], so that callers abstain rather than guess.
    #[must_use]
    pub fn fit(held_out: &[(Vec<f32>, usize)]) -> Option<Self> {
        let finite = held_out.iter().flat_map(|(scores, _)| scores).all(|score| score.is_finite());
        (held_out.len() >= LEAST_EXAMPLES && finite).then(|| Self::of(held_out))
    }

    /// The mean cross-entropy of held-out guesses at their best temperature; infinite for none.
    #[must_use]
    pub fn best_loss(held_out: &[(Vec<f32>, usize)]) -> f64 {
        let best = Self::of(held_out);
        let loss = |(scores, class): &(Vec<f32>, usize)| -best.probabilities(scores).get(*class).copied().unwrap_or(0.0).max(1e-12).ln();
        if held_out.is_empty() { f64::INFINITY } else { held_out.iter().map(loss).sum::<f64>() / count(held_out.len()) }
    }

    fn of(held_out: &[(Vec<f32>, usize)]) -> Self {
        // As if one guess more had been wrong: when all were right, the next one may not be (Platt, *Probabilistic outputs for support
        // vector machines*, 1999, does the same for two classes).
        let doubt = 1.0 / (count(held_out.len()) + 2.0);
        // The slope of the loss: what the class was expected to score, less what it scores.
        let slope = |inverse: f64| -> f64 {
            let expected =
                |scores: &[f32]| -> f64 { softmax(scores, inverse).iter().zip(scores).map(|(p, score)| p * f64::from(*score)).sum() };
            let scored = |scores: &[f32], class: usize| {
                let right = scores.get(class).copied().map_or(0.0, f64::from);
                let others = scores.iter().copied().map(f64::from).sum::<f64>() - right;
                (1.0 - doubt) * right + doubt * others / (count(scores.len()) - 1.0).max(1.0)
            };
            held_out.iter().map(|(scores, class)| expected(scores) - scored(scores, *class)).sum()
        };
        let (mut low, mut high) = (0.01, 100.0);
        for _ in 0..40 {
            let middle = f64::sqrt(low * high);
            if slope(middle) > 0.0 {
                high = middle;
            } else {
                low = middle;
            }
        }
        Self { inverse: f64::sqrt(low * high) }
    }

    /// The probabilities of all classes.
    #[must_use]
    pub fn probabilities(self, scores: &[f32]) -> Vec<f64> {
        softmax(scores, self.inverse)
    }
}

fn softmax(scores: &[f32], inverse: f64) -> Vec<f64> {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = scores.iter().map(|score| (f64::from(score - highest) * inverse).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of labels stay far below 2^52")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_boast_are_cooled_to_what_they_are_worth() {
        // Each guess says 99.3 % for its class, and is right three times of four.
        let boasting: Vec<(Vec<f32>, usize)> = (0..80).map(|i| (vec![5.0, 0.0], usize::from(i % 4 == 0))).collect();
        let got = Temperature::fit(&boasting).unwrap().probabilities(&[5.0, 0.0])[0];
        assert!((got - 0.75).abs() < 0.01, "{got}");
    }

    #[test]
    fn below_thirty_examples_there_is_no_probability() {
        let few: Vec<(Vec<f32>, usize)> = (0..30).map(|i| (vec![1.0, 0.0], usize::from(i % 3 == 0))).collect();
        assert!(Temperature::fit(&few[..29]).is_none());
        assert!(Temperature::fit(&few).is_some());
    }

    #[test]
    fn guesses_that_were_all_right_are_believed_no_further_than_their_number_carries() {
        let separated: Vec<(Vec<f32>, usize)> =
            (0..40).map(|i| if i % 2 == 0 { (vec![1.0, 0.0], 0) } else { (vec![0.0, 1.0], 1) }).collect();
        let got = Temperature::fit(&separated).unwrap().probabilities(&[1.0, 0.0]);
        assert!((got[0] - 41.0 / 42.0).abs() < 0.001, "{got:?}");
    }

    #[test]
    fn scores_that_say_nothing_give_what_is_left_to_chance() {
        let noise: Vec<(Vec<f32>, usize)> = (0..60_u8).map(|i| (vec![f32::from(i % 5), 2.0], usize::from(i % 2))).collect();
        let got = Temperature::fit(&noise).unwrap().probabilities(&[4.0, 2.0])[0];
        assert!((got - 0.5).abs() < 0.06, "{got}");
    }
}
