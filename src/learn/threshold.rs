//! From which probability on guesses may stand without a person: what was asked for, what it leaves to people, and what is promised.

use backchannel_measure::calibration::Judged;
use backchannel_measure::selective::{Selection, risk_coverage};

/// How sure [`Advice::sure`] is.
pub const CONFIDENCE: f64 = 0.9;

/// A threshold, with what it came to on held-out guesses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Guesses at least this likely stand.
    pub least: f64,
    /// The share of all guesses that stands.
    pub coverage: f64,
    /// The share of these that is right.
    pub precision: f64,
    /// How many stand.
    pub kept: usize,
}

impl From<Selection> for Threshold {
    fn from(selection: Selection) -> Self {
        let Selection { threshold, coverage, kept, .. } = selection;
        Self { least: threshold, coverage, precision: selection.precision(), kept }
    }
}

/// What may be done for a precision that was asked for; each part `None` where too few guesses are there, or too few of them right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Advice {
    /// The most coverage at that precision, as it is expected on guesses like these: one more wrong guess is reckoned with,
    /// `(wrong + 1) / (kept + 1) ≤ 1 − precision`.
    pub expected: Option<Threshold>,
    /// The most coverage at which the precision is kept with a probability of [`CONFIDENCE`], whatever sample these guesses were: for a head
    /// that was fixed before them. Held-out guesses are those of heads that learned from a fifth less, and one and the same sample chose
    /// how they learn and calibrated them, so that the promise holds about as far as these are alike.
    ///
    /// Source: Geifman and El-Yaniv, *Selective Classification for Deep Neural Networks* (2017), algorithm 1 (SGR).
    pub sure: Option<Threshold>,
    /// The most coverage at which, of all guesses, at most the share `1 − precision` stands and is wrong, in expectation.
    ///
    /// Source: Angelopoulos, Bates, Fisch, Lei and Schuster, *Conformal Risk Control* (2024), theorem 1: the loss of a guess is 1 where it
    /// stands and is wrong, which rises as the threshold falls, so that `(wrong + 1) / (n + 1) ≤ 1 − precision` is enough.
    pub controlled: Option<Threshold>,
}

/// Of right guesses at most this share is given up for a class that is said although another one is likelier.
///
/// Chosen on the dev part of CLINC150: one in 1,000 costs less than the interval of its accuracy is wide.
pub const GIVEN_UP: f64 = 0.001;

/// A class that is less likely is not said in place of a likelier one, however unlikely it is elsewhere.
const LEAST_RARE: f64 = 0.05;

/// Above which probability a rare class is said although another one is likelier, so that at most the share `given_up` of right guesses is
/// given up, in expectation, on texts like these and as far as one head judges as heads do that learned from a fifth less; `None` where too
/// few of these are there to promise that. Never below 0.05.
///
/// `of_right`: how likely the rare class was held for each text whose own class, another one, was the likeliest.
/// Source: Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World* (2005): one more such text lies above the k-th largest of n
/// with a probability of at most k / (n + 1).
#[must_use]
pub fn said_above(mut of_right: Vec<f64>, given_up: f64) -> Option<f64> {
    of_right.sort_by(|a, b| b.total_cmp(a));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a number of texts")]
    let k = (given_up * count(of_right.len() + 1)).floor() as usize;
    of_right.get(k.checked_sub(1)?).map(|above| above.max(LEAST_RARE))
}

impl Advice {
    /// What held-out guesses say of a precision in (0, 1).
    #[must_use]
    pub fn of(guesses: &[Judged], precision: f64) -> Self {
        let curve = risk_coverage(guesses);
        let risk = 1.0 - precision;
        let n = guesses.len();
        let wrong = |selection: &Selection| selection.kept - selection.right;
        let last = |is_good: &dyn Fn(&Selection) -> bool| curve.iter().rfind(|selection| is_good(selection)).copied().map(Threshold::from);
        Self {
            expected: last(&|selection| count(wrong(selection) + 1) <= risk * count(selection.kept + 1)),
            sure: sure(&curve, risk, n),
            controlled: last(&|selection| count(wrong(selection) + 1) <= risk * count(n + 1)),
        }
    }
}

/// Halves the curve, as the algorithm does, with the doubt shared out over the steps.
fn sure(curve: &[Selection], risk: f64, n: usize) -> Option<Threshold> {
    let steps = f64::from(usize::BITS - n.max(1).leading_zeros());
    let doubt = (1.0 - CONFIDENCE) / steps;
    let (mut from, mut to) = (0, curve.len());
    let mut found = None;
    while from < to {
        let middle = from.midpoint(to);
        let selection = curve.get(middle)?;
        if highest_risk(selection.kept - selection.right, selection.kept, doubt) <= risk {
            found = Some(Threshold::from(*selection));
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    found
}

/// The highest risk at which so few wrong ones of so many are still to be expected with the probability `doubt`: the upper end of
/// Clopper and Pearson (1934).
fn highest_risk(wrong: usize, of: usize, doubt: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if at_most(wrong, of, middle) > doubt {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The probability of at most so many of `n` at a chance of `p` each.
fn at_most(k: usize, n: usize, p: f64) -> f64 {
    if p <= 0.0 || k >= n {
        return 1.0;
    }
    if p >= 1.0 {
        return 0.0;
    }
    let mut log = count(n) * (1.0 - p).ln();
    let odds = (p / (1.0 - p)).ln();
    let mut sum = log.exp();
    for i in 0..k {
        log += odds + (count(n - i) / count(i + 1)).ln();
        sum += log.exp();
    }
    sum.min(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of guesses stay far below 2^52")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guesses of falling probability, of which those are wrong whose place is a multiple of what `every` says of it.
    fn guesses(n: u32, every: impl Fn(u32) -> u32) -> Vec<Judged> {
        (1..=n).map(|place| Judged::new(1.0 - f64::from(place) / f64::from(n + 1), place % every(place) != 0).unwrap()).collect()
    }

    #[test]
    fn the_binomial_tail_is_that_of_a_table() {
        // Ten coins: at most two heads with (1 + 10 + 45) / 1024.
        assert!((at_most(2, 10, 0.5) - 56.0 / 1024.0).abs() < 1e-12);
        assert!((at_most(9, 10, 0.5) - 1023.0 / 1024.0).abs() < 1e-12);
        // None wrong of 59: the risk is below 5 % with 95 % confidence, the well-known number.
        assert!(highest_risk(0, 59, 0.05) < 0.05 && highest_risk(0, 58, 0.05) > 0.05);
    }

    #[test]
    fn the_more_is_promised_the_less_is_covered() {
        // One of 40 wrong in the first half, one of 5 in the second.
        let guesses = guesses(2_000, |place| if place <= 1_000 { 40 } else { 5 });
        let Advice { expected, sure, controlled } = Advice::of(&guesses, 0.95);
        let (expected, sure, controlled) = (expected.unwrap(), sure.unwrap(), controlled.unwrap());
        assert!(expected.precision >= 0.95 && expected.coverage > 0.55 && expected.coverage < 0.62, "{expected:?}");
        assert!(sure.coverage < expected.coverage && sure.coverage > 0.4, "{sure:?}");
        // Of all guesses 5 % may be wrong: more of them stand.
        assert!(controlled.coverage > expected.coverage && controlled.precision < 0.95, "{controlled:?}");
    }

    #[test]
    fn few_guesses_promise_nothing() {
        let none = Advice::of(&[], 0.95);
        assert_eq!((none.expected, none.sure, none.controlled), (None, None, None));
        let few = Advice::of(&guesses(18, |_| 100), 0.95);
        assert_eq!((few.expected, few.sure), (None, None), "eighteen right ones are no nineteen of twenty");
        let some = Advice::of(&guesses(40, |_| 100), 0.95);
        assert!(some.expected.is_some() && some.sure.is_none(), "{some:?}");
    }

    #[test]
    fn a_rare_class_gives_up_no_more_right_guesses_than_is_asked() {
        let right: Vec<f64> = (0..999).map(|i| f64::from(i) / 1_000.0).collect();
        let above = said_above(right.clone(), 0.005).unwrap();
        assert_eq!(right.iter().filter(|likely| **likely > above).count(), 4, "one more is reckoned with");
        assert_eq!(said_above(right.clone(), 0.000_5), None, "a thousand do not promise one of two thousand");
        assert_eq!(said_above(vec![0.0; 999], 0.005), Some(LEAST_RARE), "what is hardly likely is never said");
        assert_eq!(said_above(Vec::new(), 0.5), None);
    }

    #[test]
    fn what_is_wrong_throughout_gives_no_threshold() {
        let wrong = Advice::of(&guesses(500, |_| 3), 0.95);
        assert_eq!((wrong.expected, wrong.sure), (None, None));
    }
}
