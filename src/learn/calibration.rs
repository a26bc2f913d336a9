//! Turns a score into a probability that means what it says.

use serde::{Deserialize, Serialize};

/// With fewer labelled examples than this no probability is given.
pub const LEAST_EXAMPLES: usize = 30;

/// Held-out guesses by which isotonic regression is tried, at least: with fewer it follows chance.
///
/// Source: Niculescu-Mizil and Caruana, *Predicting Good Probabilities with Supervised Learning* (2005), section 5.
const LEAST_ISOTONIC: usize = 1_000;
/// Steps are taken where they leave at most this part of the surprise.
const CLEARLY: f64 = 0.999;
/// The second is at most this part of the first.
const BEHIND: f64 = 0.999;
/// Guesses on which the two are compared, at most.
const COMPARED_ON: usize = 2_500;
/// Parts on which the two are compared.
const PARTS: usize = 5;

/// What turns scores into probabilities: a temperature, with isotonic steps for the likeliest class where held-out parts favour them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    temperature: Temperature,
    steps: Option<Isotonic>,
}

impl Calibration {
    /// Fits to `(scores of all classes, right class)` that were scored by a head that did not learn from them.
    ///
    /// `None` below [`LEAST_EXAMPLES`], so that callers abstain rather than guess.
    #[must_use]
    pub fn fit(held_out: &[(Vec<f32>, usize)]) -> Option<Self> {
        let temperature = Temperature::fit(held_out)?;
        let plain = Self { temperature, steps: None };
        if held_out.len() < LEAST_ISOTONIC {
            return Some(plain);
        }
        // A part of them, spread as chance would (Fibonacci hashing): which of the two is better moves little beyond.
        let every = u64::try_from(held_out.len().div_ceil(COMPARED_ON)).unwrap_or(1);
        let spread = |place: u64| place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let chosen: Vec<&(Vec<f32>, usize)> =
            held_out.iter().zip(0..).filter(|(_, place)| spread(*place) % every == 0).map(|(guess, _)| guess).collect();
        let part = |leave: usize, inside: bool| -> Vec<(Vec<f32>, usize)> {
            let within = chosen.iter().enumerate().filter(|(place, _)| (place % PARTS == leave) == inside);
            within.map(|(_, guess)| (*guess).clone()).collect()
        };
        let (mut by_temperature, mut by_steps) = (0.0, 0.0);
        for leave in 0..PARTS {
            let (learned, asked) = (part(leave, false), part(leave, true));
            let alone = Self { temperature: Temperature::of(&learned), steps: None };
            let stepped = Self { steps: Some(Isotonic::fit(&alone.judged(&learned))), ..alone.clone() };
            by_temperature += surprise(&alone.judged(&asked));
            by_steps += surprise(&stepped.judged(&asked));
        }
        // The simpler of two that are about as good.
        Some(if by_steps < by_temperature * CLEARLY {
            Self { steps: Some(Isotonic::fit(&plain.judged(held_out))), ..plain }
        } else {
            plain
        })
    }

    /// Its temperature, without steps: what small heads keep.
    #[must_use]
    pub const fn temperature(&self) -> Temperature {
        self.temperature
    }

    /// The probabilities of all classes; they add up to 1 at most.
    #[must_use]
    pub fn probabilities(&self, scores: &[f32]) -> Vec<f64> {
        let mut probabilities = self.temperature.probabilities(scores);
        let Some(steps) = &self.steps else { return probabilities };
        let Some((best, first)) = probabilities.iter().copied().enumerate().max_by(|(i, a), (j, b)| a.total_cmp(b).then(j.cmp(i))) else {
            return probabilities;
        };
        let told = steps.at(first);
        // The others share what is left as they did, and stay behind the first: all of them by one factor, so that the order is the scores'.
        let second = probabilities.iter().enumerate().filter(|(class, _)| *class != best).map(|(_, other)| *other).fold(0.0, f64::max);
        let share = if first < 1.0 { (1.0 - told) / (1.0 - first) } else { 0.0 };
        let share = if second > 0.0 { share.min(told * BEHIND / second) } else { share };
        for (class, probability) in probabilities.iter_mut().enumerate() {
            *probability = if class == best { told } else { *probability * share };
        }
        probabilities
    }

    /// How it is called where people read it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        if self.steps.is_some() { "isotonic" } else { "temperature" }
    }

    /// The likeliest class of each, as its probability and whether it was right.
    fn judged(&self, guesses: &[(Vec<f32>, usize)]) -> Vec<(f64, bool)> {
        let judge = |(scores, class): &(Vec<f32>, usize)| {
            let guess = crate::linear::best(scores)?;
            Some((self.probabilities(scores)[guess], guess == *class))
        };
        guesses.iter().filter_map(judge).collect()
    }
}

/// The cross-entropy of guesses that were right or wrong.
fn surprise(judged: &[(f64, bool)]) -> f64 {
    judged.iter().map(|(probability, right)| -(if *right { *probability } else { 1.0 - probability }).max(1e-9).ln()).sum()
}

/// A probability as what guesses of about that probability came to: rising, with straight lines between the middles of its steps, so that
/// no two guesses become equal that were not.
///
/// Source: the pool of adjacent violators (Ayer et al., 1955); lines between the middles after Oron and Flournoy, *Centered Isotonic
/// Regression* (2017).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Isotonic(Vec<(f64, f64)>);

impl Isotonic {
    fn fit(judged: &[(f64, bool)]) -> Self {
        let mut sorted = judged.to_vec();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Sum of probabilities, right ones, how many.
        let mut steps: Vec<(f64, f64, f64)> = Vec::new();
        // What is equally likely is one step, in whatever order it came.
        for equal in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let right: f64 = equal.iter().map(|(_, right)| f64::from(u8::from(*right))).sum();
            let of: f64 = equal.iter().map(|_| 1.0).sum();
            steps.push((equal[0].0 * of, right, of));
            while let [.., before, last] = steps.as_slice() {
                if before.1 / before.2 < last.1 / last.2 {
                    break;
                }
                let merged = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
                steps.truncate(steps.len() - 2);
                steps.push(merged);
            }
        }
        // As if each step had one guess more of either kind: a step of a few right ones is no certainty (Laplace's rule of succession).
        let told = |(sum, right, of): &(f64, f64, f64)| (sum / of, (right + 1.0) / (of + 2.0));
        let mut rising = 0.0_f64;
        let points = steps.iter().map(told).map(|(at, value)| {
            rising = rising.max(value);
            (at, rising)
        });
        Self(points.collect())
    }

    fn at(&self, probability: f64) -> f64 {
        let Self(points) = self;
        let after = points.partition_point(|(at, _)| *at <= probability);
        match (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after)) {
            (Some((from, low)), Some((to, high))) if to > from => low + (high - low) * (probability - from) / (to - from),
            (Some((_, only)), _) | (None, Some((_, only))) => *only,
            (None, None) => probability,
        }
    }
}

/// Temperature scaling: `p = softmax(scores / temperature)`.
///
/// Source: Guo, Pleiss, Sun and Weinberger, *On Calibration of Modern Neural Networks* (2017). The loss is convex in the inverse
/// temperature, so its least is found by halving an interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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

    /// The temperature of an inverse that was kept; `None` for one that no fit finds.
    #[must_use]
    pub fn from_inverse(inverse: f64) -> Option<Self> {
        (inverse.is_finite() && inverse > 0.0).then_some(Self { inverse })
    }

    /// One over the temperature.
    #[must_use]
    pub const fn inverse(self) -> f64 {
        self.inverse
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
    fn steps_are_taken_where_no_temperature_fits_and_keep_the_order() {
        // Sure guesses are right 48 times of 49, doubtful ones (near 0.6) 10 times of 11: no temperature says both.
        let guesses: Vec<(Vec<f32>, usize)> = (0..4_000_u16)
            .map(|i| {
                let nudge = f32::from(i / 2 % 64) / 1_000.0;
                if i % 2 == 0 {
                    (vec![6.0 + nudge, 0.0], usize::from(i / 2 % 49 == 0))
                } else {
                    (vec![0.4 + nudge, 0.0], usize::from(i / 2 % 11 == 0))
                }
            })
            .collect();
        let calibration = Calibration::fit(&guesses).unwrap();
        assert_eq!(calibration.name(), "isotonic");
        let told = |score: f32| calibration.probabilities(&[score, 0.0])[0];
        assert!((told(6.02) - 0.98).abs() < 0.02 && (told(0.42) - 0.91).abs() < 0.03, "{} {}", told(6.02), told(0.42));
        let rising: Vec<f64> = (0..80_u8).map(|i| told(f32::from(i) / 10.0)).collect();
        assert!(rising.is_sorted(), "{rising:?}");
        // The likeliest class stays the likeliest however its probability is corrected, and so does the order behind it.
        let low = Calibration { steps: Some(Isotonic(vec![(0.2, 0.1), (0.9, 0.3)])), ..Calibration::default() };
        let behind = low.probabilities(&[0.45, 0.44, -1.0]);
        assert!(behind[0] > behind[1] && behind[1] > behind[2], "{behind:?}");
        // Three classes: the others share what is left, and the order stays.
        let three = calibration.probabilities(&[0.3, 0.2, 0.1]);
        assert!(three[0] >= three[1] && three[1] >= three[2] && three.iter().sum::<f64>() <= 1.0 + 1e-9, "{three:?}");
    }

    #[test]
    fn what_is_equally_likely_is_told_one_probability() {
        let judged: Vec<(f64, bool)> = (0..200).map(|place| (0.7, place % 2 == 0)).chain([(0.2, false), (0.9, true)]).collect();
        let told = Isotonic::fit(&judged).at(0.7);
        assert!((told - 0.5).abs() < 0.01, "{told}");
    }

    #[test]
    fn a_temperature_that_fits_is_kept() {
        let fitting: Vec<(Vec<f32>, usize)> = (0..2_000_u16).map(|i| (vec![1.098_612_3, 0.0], usize::from(i % 4 == 0))).collect();
        assert_eq!(Calibration::fit(&fitting).unwrap().name(), "temperature");
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
