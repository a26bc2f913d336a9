//! How far a number can be trusted: intervals and comparisons by resampling the items.
//!
//! Source: Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), chapters 13, 15 and 16. Chance comes from xoshiro256++, whose
//! numbers stay the same for a seed, on every machine and in every release.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use crate::unmeasurable::Unmeasurable;
use crate::{count, mean};

/// The range in which a number is believed to lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end, never below the lower one.
    pub high: f64,
}

impl Interval {
    /// Whether a number lies in it, its ends among them.
    pub fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// A measured number with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The number over all items.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// How many items it was measured on.
    pub items: usize,
    /// How many samples the interval rests on: those in which the statistic had a value.
    pub samples: usize,
}

/// How much better one system is than another on the same items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Ours less theirs.
    pub estimate: Estimate,
    /// How likely a difference at least as clear would be if there were none, on both sides.
    ///
    /// `2 · min(1 + #{d ≤ 0}, 1 + #{d ≥ 0}) / (samples + 1)`, at most 1: the level at which the interval would just touch zero (Efron and
    /// Tibshirani, section 15.4), with one sample added so that it is never 0 (Davison and Hinkley, *Bootstrap Methods and their
    /// Application*, 1997, section 4.2).
    pub p_value: f64,
    /// The share of samples in which ours is better, equal ones counting half.
    pub probability_of_improvement: f64,
}

/// How to resample. The same seed gives the same numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// How many samples are drawn, 2,000 if nothing else is said.
    pub samples: usize,
    /// How likely the interval holds the number, 0.95 if nothing else is said.
    pub level: f64,
    /// Where chance starts.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { samples: 2_000, level: 0.95, seed: 0 }
    }
}

impl Bootstrap {
    /// The mean of the items' values, with its percentile interval.
    ///
    /// # Errors
    /// There are no values, or one is not finite.
    pub fn mean(&self, values: &[f64]) -> Result<Estimate, Unmeasurable> {
        finite(values)?;
        self.statistic(values.len(), |chosen| mean(chosen.iter().map(|i| values[*i])))
    }

    /// Any statistic of `items` items, with its percentile interval.
    ///
    /// It is called with the places of the chosen items, some of them several times, and first with all of them in order. Samples in which
    /// it has no value are left out; [`Estimate::samples`] says how many are left.
    ///
    /// # Errors
    /// There are no items, or the statistic has no finite value for all of them or for any sample.
    pub fn statistic(&self, items: usize, statistic: impl Fn(&[usize]) -> Option<f64>) -> Result<Estimate, Unmeasurable> {
        self.resampled(items, statistic).map(|(estimate, _)| estimate)
    }

    /// How much higher the mean of our values is than that of theirs, item by item.
    ///
    /// # Errors
    /// There are no values, not as many on both sides, or one is not finite.
    pub fn difference(&self, ours: &[f64], theirs: &[f64]) -> Result<Difference, Unmeasurable> {
        if ours.len() != theirs.len() {
            return Err(Unmeasurable::Unpaired { ours: ours.len(), theirs: theirs.len() });
        }
        let differences: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours - theirs).collect();
        finite(&differences)?;
        self.difference_of(differences.len(), |chosen| mean(chosen.iter().map(|i| differences[*i])))
    }

    /// The same for a statistic that is no mean, such as macro F1: called as in [`Bootstrap::statistic`], it says ours less theirs.
    ///
    /// Source: Efron and Tibshirani (1993); for two systems on one test set Koehn, *Statistical Significance Tests for Machine Translation
    /// Evaluation* (2004).
    ///
    /// # Errors
    /// There are no items, or the statistic has no finite value for all of them or for any sample.
    pub fn difference_of(&self, items: usize, ours_less_theirs: impl Fn(&[usize]) -> Option<f64>) -> Result<Difference, Unmeasurable> {
        let (estimate, differences) = self.resampled(items, ours_less_theirs)?;
        let better = differences.iter().filter(|difference| **difference > 0.0).count();
        let worse = differences.iter().filter(|difference| **difference < 0.0).count();
        let equal = differences.len() - better - worse;
        let rarer = 1 + equal + better.min(worse);
        Ok(Difference {
            estimate,
            p_value: (2.0 * count(rarer) / count(differences.len() + 1)).min(1.0),
            probability_of_improvement: (count(better) + count(equal) / 2.0) / count(differences.len()),
        })
    }

    /// The estimate, and the statistic of every sample in which it has a value, in rising order.
    fn resampled(&self, items: usize, statistic: impl Fn(&[usize]) -> Option<f64>) -> Result<(Estimate, Vec<f64>), Unmeasurable> {
        if items == 0 {
            return Err(Unmeasurable::Empty);
        }
        if self.samples == 0 {
            return Err(Unmeasurable::NoSamples);
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Unmeasurable::Level);
        }
        let statistic = |chosen: &[usize]| statistic(chosen).filter(|value| value.is_finite());
        let mut chosen: Vec<usize> = (0..items).collect();
        let value = statistic(&chosen).ok_or(Unmeasurable::Undefined)?;
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut sampled: Vec<f64> = Vec::new();
        for _ in 0..self.samples {
            chosen.fill_with(|| below(items, &mut chance));
            sampled.extend(statistic(&chosen));
        }
        if sampled.is_empty() {
            return Err(Unmeasurable::Undefined);
        }
        sampled.sort_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        let interval = Interval { low: quantile(&sampled, tail), high: quantile(&sampled, 1.0 - tail) };
        if !(interval.low.is_finite() && interval.high.is_finite()) {
            return Err(Unmeasurable::Undefined);
        }
        Ok((Estimate { value, interval, items, samples: sampled.len() }, sampled))
    }
}

fn finite(values: &[f64]) -> Result<(), Unmeasurable> {
    if values.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(Unmeasurable::NotFinite) }
}

/// A number below `n`, each as likely as the others but for one part in 2^64 / `n` (Lemire, *Fast Random Integer Generation in an
/// Interval*, 2019, without its rejections).
#[expect(clippy::cast_possible_truncation, reason = "the product's upper half lies below `n`, which is a `usize`")]
fn below(n: usize, chance: &mut Xoshiro256PlusPlus) -> usize {
    ((u128::from(chance.next_u64()) * n as u128) >> 64) as usize
}

/// The number below which the share `p` of the sorted, non-empty `values` lies, with straight lines between neighbours.
///
/// Source: Hyndman and Fan, *Sample Quantiles in Statistical Packages* (1996), definition 7.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list, not below 0")]
fn quantile(values: &[f64], p: f64) -> f64 {
    let at = count(values.len() - 1) * p;
    let below = at.floor() as usize;
    let above = (below + 1).min(values.len() - 1);
    values[below] + (at - at.floor()) * (values[above] - values[below])
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "what is computed without rounding, or in the same way, is the same")]

    use std::cell::RefCell;

    use super::*;
    use crate::classification::{Prediction, macro_f1};

    /// Numbers that look like chance, between 0 and 1.
    fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        (0..n).map(|_| count(below(1_000_000, &mut chance)) / 1e6).collect()
    }

    #[test]
    fn the_interval_of_a_mean_is_about_as_wide_as_theory_says() {
        let values = noise(1_000, 1);
        let got = Bootstrap::default().mean(&values).unwrap();
        // The standard error of the mean of a thousand numbers between 0 and 1.
        let error = (1.0_f64 / 12.0 / 1_000.0).sqrt();
        let Interval { low, high } = got.interval;
        assert!(((high - low) / (2.0 * 1.96 * error) - 1.0).abs() < 0.1, "{got:?}");
        assert!(got.interval.contains(got.value) && got.items == 1_000 && got.samples == 2_000);
    }

    #[test]
    fn intervals_hold_the_true_mean_about_as_often_as_they_say() {
        let settings = Bootstrap { samples: 400, level: 0.9, seed: 0 };
        let held = (0..300).filter(|seed| settings.mean(&noise(60, 1_000 + seed)).unwrap().interval.contains(0.5)).count();
        // Expected 270; six standard deviations are 31.
        assert!((239..=300).contains(&held), "{held}");
        assert!(held < 296, "{held}");
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_one_others() {
        let values = noise(50, 2);
        let of = |seed| Bootstrap { seed, ..Bootstrap::default() }.mean(&values).unwrap();
        assert_eq!(of(7), of(7));
        assert_ne!(of(7).interval, of(8).interval);
        assert_eq!(of(7).value, of(8).value);
    }

    #[test]
    fn the_first_samples_of_a_seed_are_kept_for_ever() {
        let seen = RefCell::new(Vec::new());
        let settings = Bootstrap { samples: 2, seed: 42, ..Bootstrap::default() };
        settings
            .statistic(5, |chosen| {
                seen.borrow_mut().push(chosen.to_vec());
                Some(0.0)
            })
            .unwrap();
        assert_eq!(seen.into_inner(), [[0, 1, 2, 3, 4], [4, 1, 4, 3, 3], [2, 0, 3, 1, 4]]);
    }

    #[test]
    fn shifting_and_stretching_the_values_shifts_and_stretches_the_interval() {
        let values = noise(80, 3);
        let there = Bootstrap::default().mean(&values).unwrap();
        let moved = Bootstrap::default().mean(&values.iter().map(|value| 3.0 * value - 2.0).collect::<Vec<_>>()).unwrap();
        assert!((moved.interval.low - (3.0 * there.interval.low - 2.0)).abs() < 1e-9);
        assert!((moved.interval.high - (3.0 * there.interval.high - 2.0)).abs() < 1e-9);
    }

    #[test]
    fn a_higher_level_is_a_wider_interval() {
        let values = noise(80, 4);
        let of = |level| Bootstrap { level, ..Bootstrap::default() }.mean(&values).unwrap().interval;
        let (narrow, wide) = (of(0.8), of(0.99));
        assert!(wide.low < narrow.low && narrow.high < wide.high);
    }

    #[test]
    fn what_does_not_vary_has_an_interval_of_one_point() {
        let got = Bootstrap::default().mean(&[0.25; 12]).unwrap();
        assert_eq!((got.value, got.interval), (0.25, Interval { low: 0.25, high: 0.25 }));
    }

    #[test]
    fn a_statistic_of_the_chosen_items_is_resampled_as_a_whole() {
        let predictions: Vec<_> = (0..60).map(|i| Prediction { truth: i % 3, predicted: if i % 5 == 0 { 0 } else { i % 3 } }).collect();
        let got = Bootstrap::default().statistic(60, |chosen| macro_f1(chosen.iter().map(|i| &predictions[*i]))).unwrap();
        assert_eq!(Some(got.value), macro_f1(&predictions));
        assert!(got.interval.low < got.value && got.value < got.interval.high);
    }

    #[test]
    fn samples_without_a_value_are_left_out_and_counted() {
        // The chance that a sample of three has no 0 is 8/27.
        let got = Bootstrap::default().statistic(3, |chosen| chosen.contains(&0).then_some(1.0)).unwrap();
        assert!((1_300..1_500).contains(&got.samples), "{got:?}");
        assert_eq!(Bootstrap::default().statistic(3, |_| None), Err(Unmeasurable::Undefined));
        assert_eq!(Bootstrap::default().statistic(3, |_| Some(f64::NAN)), Err(Unmeasurable::Undefined));
    }

    #[test]
    fn a_system_that_is_always_better_is_told_from_its_rival() {
        let theirs = noise(40, 5);
        let ours: Vec<f64> = theirs.iter().map(|value| value + 0.125).collect();
        let got = Bootstrap::default().difference(&ours, &theirs).unwrap();
        assert!((got.estimate.value - 0.125).abs() < 1e-12);
        assert!((got.p_value - 2.0 / 2_001.0).abs() < 1e-12, "{got:?}");
        assert_eq!(got.probability_of_improvement, 1.0);
    }

    #[test]
    fn a_system_does_not_differ_from_itself() {
        let values = noise(40, 6);
        let got = Bootstrap::default().difference(&values, &values).unwrap();
        assert_eq!((got.estimate.value, got.p_value, got.probability_of_improvement), (0.0, 1.0, 0.5));
    }

    #[test]
    fn swapping_the_systems_turns_the_difference_and_keeps_its_p_value() {
        let (ours, theirs) = (noise(40, 7), noise(40, 8));
        let there = Bootstrap::default().difference(&ours, &theirs).unwrap();
        let back = Bootstrap::default().difference(&theirs, &ours).unwrap();
        assert_eq!((there.estimate.value, there.p_value), (-back.estimate.value, back.p_value));
        assert!((there.estimate.interval.low + back.estimate.interval.high).abs() < 1e-12);
        assert!((there.probability_of_improvement + back.probability_of_improvement - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_p_value_agrees_with_the_interval_and_without_a_difference_is_rarely_small() {
        let settings = Bootstrap { samples: 400, ..Bootstrap::default() };
        let small = (0..200).filter(|seed| {
            let got = settings.difference(&noise(50, 2 * seed + 10_000), &noise(50, 2 * seed + 10_001)).unwrap();
            // Within one sample of the edge they may differ.
            assert!((got.p_value < 0.05) != got.estimate.interval.contains(0.0) || (got.p_value - 0.05).abs() < 0.02, "{got:?}");
            got.p_value < 0.05
        });
        // Expected 10, a little more as items are few.
        assert!((1..=25).contains(&small.count()));
    }

    #[test]
    fn what_cannot_be_resampled_is_refused() {
        let settings = Bootstrap::default();
        assert_eq!(settings.mean(&[]), Err(Unmeasurable::Empty));
        assert_eq!(settings.mean(&[0.5, f64::NAN]), Err(Unmeasurable::NotFinite));
        assert_eq!(settings.difference(&[], &[]), Err(Unmeasurable::Empty));
        assert_eq!(settings.difference(&[1.0], &[]), Err(Unmeasurable::Unpaired { ours: 1, theirs: 0 }));
        assert_eq!(settings.difference(&[f64::MAX], &[-f64::MAX]), Err(Unmeasurable::NotFinite));
        assert_eq!(Bootstrap { samples: 0, ..settings }.mean(&[1.0]), Err(Unmeasurable::NoSamples));
        for level in [0.0, 1.0, f64::NAN] {
            assert_eq!(Bootstrap { level, ..settings }.mean(&[1.0]), Err(Unmeasurable::Level));
        }
    }

    #[test]
    fn a_quantile_lies_on_the_line_between_its_neighbours() {
        assert_eq!([0.0, 0.25, 0.5, 0.875, 1.0].map(|p| quantile(&[1.0, 2.0, 4.0, 8.0, 16.0], p)), [1.0, 2.0, 4.0, 12.0, 16.0]);
        assert_eq!(quantile(&[3.0], 0.3), 3.0);
    }
}
