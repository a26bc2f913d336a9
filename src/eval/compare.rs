//! Two runs of one suite, item by item.

use std::collections::BTreeMap;

use backchannel_measure::bootstrap::Bootstrap;
use serde::Serialize;

use crate::eval::error::EvalError;
use crate::eval::item::{Item, Said};
use crate::eval::metric::{self, is_better_low};
use crate::eval::report::Report;

/// By how much two runs differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The suite of both.
    pub suite: String,
    /// What encoded the texts, and what was learned: of the first run and of the second.
    pub encoders: [Option<String>; 2],
    /// The sums of their playbooks.
    pub playbooks: [Option<String>; 2],
    /// Metric by metric, in the order of the first run.
    pub metrics: Vec<Difference>,
}

/// By how much a metric differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Which.
    pub name: String,
    /// Its value in the first run.
    pub a: Option<f64>,
    /// Its value in the second.
    pub b: Option<f64>,
    /// The second less the first; `None` where one of them has no value.
    pub difference: Option<f64>,
    /// Where the difference would lie in 95 of 100 other samples of the items: the lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The share of samples in which the second run is better, equal ones counting half.
    pub probability_b_better: Option<f64>,
    /// Of how many items it is.
    pub n: usize,
}

impl Difference {
    /// Whether the second run is worse beyond the interval: all of it lies on the wrong side of zero.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        if is_better_low(&self.name) { self.low.is_some_and(|low| low > 0.0) } else { self.high.is_some_and(|high| high < 0.0) }
    }

    /// Whether it is better beyond the interval.
    #[must_use]
    pub fn is_better(&self) -> bool {
        if is_better_low(&self.name) { self.high.is_some_and(|high| high < 0.0) } else { self.low.is_some_and(|low| low > 0.0) }
    }
}

/// Compares two runs by the paired bootstrap: both are measured on the same items, drawn again and again.
///
/// # Errors
/// [`EvalError::Apart`] for runs of other suites, other data or other items.
pub fn compare(a: &Report, b: &Report) -> Result<Comparison, EvalError> {
    let pairs = pairs(a, b)?;
    let metrics = a.metrics.iter().filter(|metric| b.metrics.iter().any(|other| other.name == metric.name));
    Ok(Comparison {
        suite: a.suite.clone(),
        encoders: [a.encoder.clone(), b.encoder.clone()],
        playbooks: [a.playbook_sha256.clone(), b.playbook_sha256.clone()],
        metrics: metrics.map(|metric| difference(&metric.name, &pairs)).collect(),
    })
}

/// The items of both runs, in the order of the first.
fn pairs<'r>(a: &'r Report, b: &'r Report) -> Result<Vec<(&'r Item, &'r Item)>, EvalError> {
    let apart = |reason: String| Err(EvalError::Apart(reason));
    if a.suite != b.suite {
        return apart(format!("one is of the suite `{}`, the other of `{}`", a.suite, b.suite));
    }
    if a.data_sha256 != b.data_sha256 {
        return apart(format!("their data differ: the sums begin with {} and {}", begin(&a.data_sha256), begin(&b.data_sha256)));
    }
    for (name, run) in [("first", a), ("second", b)] {
        if run.items.is_empty() {
            return apart(format!("the {name} run keeps no items: `eval run … --out FILE` writes them"));
        }
    }
    let theirs: BTreeMap<&str, &Item> = b.items.iter().map(|item| (item.id.as_str(), item)).collect();
    let mut pairs = Vec::with_capacity(a.items.len());
    for item in &a.items {
        match theirs.get(item.id.as_str()) {
            Some(other) if is_one_question(&item.said, &other.said) => pairs.push((item, *other)),
            Some(_) => return apart(format!("the item `{}` has another right answer in each", item.id)),
            None => return apart(format!("the item `{}` was asked only in the first", item.id)),
        }
    }
    if theirs.len() != a.items.len() {
        return apart(format!("{} items were asked in the first, {} in the second", a.items.len(), theirs.len()));
    }
    Ok(pairs)
}

fn begin(sum: &str) -> &str {
    sum.get(..12).unwrap_or(sum)
}

fn is_one_question(one: &Said, other: &Said) -> bool {
    match (one, other) {
        (Said::Label(one), Said::Label(other)) => one.truth == other.truth,
        (Said::Labels(one), Said::Labels(other)) => one.truth == other.truth,
        // What is to be found in a text is what was found rightly and what was missed.
        (Said::Spans(_), Said::Spans(_)) => true,
        (Said::Ranked(one), Said::Ranked(other)) => one.grades == other.grades,
        (Said::Summary(one), Said::Summary(other)) => one.reference_words == other.reference_words,
        (Said::Warned(one), Said::Warned(other)) => one.harms == other.harms,
        (Said::Answered(one), Said::Answered(other)) => one.has == other.has,
        (
            Said::Label(_) | Said::Labels(_) | Said::Spans(_) | Said::Ranked(_) | Said::Summary(_) | Said::Warned(_) | Said::Answered(_),
            _,
        ) => false,
    }
}

fn difference(name: &str, pairs: &[(&Item, &Item)]) -> Difference {
    // An item that a metric leaves out in one run is left out in both.
    let taken: Vec<&(&Item, &Item)> = pairs.iter().filter(|(a, b)| metric::takes(name, a) && metric::takes(name, b)).collect();
    let (ours, theirs): (Vec<&Item>, Vec<&Item>) = taken.iter().map(|(a, b)| (*a, *b)).unzip();
    let drawn = |of: &[&Item], sample: &[usize]| metric::value(name, &sample.iter().map(|place| of[*place]).collect::<Vec<_>>());
    // What is kept is a mean over halves: an item that is drawn twice would stand on both sides of one.
    let is_drawn = !name.starts_with("kept_");
    let measured = is_drawn
        .then(Bootstrap::default)
        .and_then(|bootstrap| bootstrap.difference_of(taken.len(), |sample| Some(drawn(&theirs, sample)? - drawn(&ours, sample)?)).ok());
    Difference {
        name: name.to_owned(),
        a: metric::value(name, &ours),
        b: metric::value(name, &theirs),
        difference: measured.map(|found| found.estimate.value),
        low: measured.map(|found| found.estimate.interval.low),
        high: measured.map(|found| found.estimate.interval.high),
        probability_b_better: measured.map(|found| {
            let higher = found.probability_of_improvement;
            if is_better_low(name) { 1.0 - higher } else { higher }
        }),
        n: taken.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::report::tests::report;

    /// A run of 60 items of which so many are right.
    fn run(right: usize) -> Report {
        let said: Vec<(&str, &str, f64)> = (0..60).map(|place| ("a", if place < right { "a" } else { "b" }, 0.9)).collect();
        report("s", &said)
    }

    #[test]
    fn a_run_does_not_differ_from_itself() {
        for metric in compare(&run(40), &run(40)).unwrap().metrics {
            assert_eq!((metric.difference, metric.low, metric.high), (Some(0.0), Some(0.0), Some(0.0)), "{metric:?}");
            assert_eq!(metric.probability_b_better, Some(0.5));
            assert!(!metric.is_worse() && !metric.is_better());
        }
    }

    #[test]
    fn a_run_with_more_right_is_better_beyond_the_interval_and_the_other_way_round_worse() {
        let there = compare(&run(30), &run(45)).unwrap();
        let accuracy = &there.metrics[0];
        assert!((accuracy.difference.unwrap() - 0.25).abs() < 1e-9 && accuracy.is_better(), "{accuracy:?}");
        assert!(accuracy.probability_b_better.unwrap() > 0.99);
        let ece = there.metrics.iter().find(|metric| metric.name == "ece").unwrap();
        assert!(ece.difference.unwrap() < 0.0 && ece.is_better() && ece.probability_b_better.unwrap() > 0.95, "less is better: {ece:?}");
        let back = compare(&run(45), &run(30)).unwrap();
        assert!(back.metrics[0].is_worse() && back.metrics[0].probability_b_better.unwrap() < 0.01);
    }

    #[test]
    fn three_lost_items_are_chance_and_five_are_not() {
        assert!(!compare(&run(40), &run(37)).unwrap().metrics[0].is_worse());
        assert!(compare(&run(40), &run(35)).unwrap().metrics[0].is_worse());
    }

    #[test]
    fn runs_of_other_suites_data_or_items_are_refused_with_the_reason() {
        let one = run(40);
        let refused = |other: &Report| compare(&one, other).unwrap_err().to_string();
        assert!(refused(&Report { suite: "t".to_owned(), ..run(40) }).contains("`t`"));
        assert!(refused(&Report { data_sha256: "other".to_owned(), ..run(40) }).contains("data differ"));
        assert!(refused(&one.in_short()).contains("second run keeps no items"));
        let mut fewer = run(40);
        let left = fewer.items.pop().unwrap();
        assert!(refused(&fewer).contains(&left.id));
        let mut changed = run(40);
        let Said::Label(label) = &mut changed.items[7].said else { unreachable!() };
        label.truth = "c".to_owned();
        assert!(refused(&changed).contains("T-8"));
    }
}
