//! Who usually answers what is like a matter: a wide look at past cases, in which newer and liker ones count more.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::time::Timestamp;

/// So many of the likest cases are looked at.
pub const CASES: usize = 200;
/// After this share of the time that is known of, a case counts half: people come and go.
const HALF_LIFE: f64 = 0.14;

/// A case that somebody settled.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCase<P> {
    /// How like the matter it is, in \[0, 1\].
    pub likeness: f64,
    /// When.
    pub at: Timestamp,
    /// Who answered.
    pub by: Vec<P>,
}

/// Those who answered, with their share of the cases by likeness and age, highest first; `since` is the beginning of what is known.
///
/// Half-life and number of cases were chosen on the earlier part of four public question-and-answer sites.
#[must_use]
pub fn usual<P: Ord + Clone>(cases: &[PastCase<P>], since: Timestamp, now: Timestamp) -> Vec<(P, f64)> {
    let span = seconds(now.seconds_since(since)).max(1.0);
    let mut whole = 0.0;
    let mut shares: BTreeMap<&P, f64> = BTreeMap::new();
    for case in cases.iter().take(CASES).filter(|case| case.at <= now && case.likeness > 0.0) {
        let age = seconds(now.seconds_since(case.at)) / span;
        let weight = case.likeness.min(1.0) * 0.5_f64.powf(age / HALF_LIFE);
        whole += weight;
        for person in case.by.iter().collect::<BTreeSet<_>>() {
            *shares.entry(person).or_default() += weight;
        }
    }
    let mut shares: Vec<(P, f64)> = shares.into_iter().map(|(person, weight)| (person.clone(), weight / whole)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    shares
}

#[expect(clippy::cast_precision_loss, reason = "seconds of centuries stay far below 2^52")]
const fn seconds(seconds: i64) -> f64 {
    seconds as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(likeness: f64, day: i64, by: &[&'static str]) -> PastCase<&'static str> {
        PastCase { likeness, at: moment(day), by: by.to_vec() }
    }

    fn moment(day: i64) -> Timestamp {
        Timestamp::from_micros(day * 86_400 * 1_000_000)
    }

    #[test]
    fn newer_and_liker_cases_count_more_and_later_ones_not_at_all() {
        let cases = [case(0.9, 1, &["ana"]), case(0.8, 95, &["rui", "rui"]), case(0.2, 96, &["eve"]), case(1.0, 120, &["tom"])];
        let shares = usual(&cases, moment(0), moment(100));
        assert_eq!(shares.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["rui", "eve", "ana"]);
        assert!((shares.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-9, "{shares:?}");
        assert_eq!(usual::<&str>(&[], moment(0), moment(1)), []);
    }
}
