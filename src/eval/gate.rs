//! Whether a run is as good as the baseline that was written down.
//!
//! Where the baseline keeps its items, each metric is compared by the paired bootstrap, and is worse when the whole 95 % interval of the
//! difference lies on the wrong side of zero: with none won, four lost items are too many, three are chance. Where it keeps none, a metric is worse when its
//! value lies outside the baseline's own interval on the wrong side. A metric that had a value and has none is worse. What others would
//! have said, such as the nearest tickets, is no property of the product and is not held.

use serde::Serialize;

use crate::eval::compare::compare;
use crate::eval::error::EvalError;
use crate::eval::metric::{Metric, is_better_low};
use crate::eval::report::Report;

/// What became of a suite at the gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held {
    /// The suite.
    pub suite: String,
    /// Whether no metric is worse.
    pub passes: bool,
    /// Whether items were compared, and not only values with intervals.
    pub paired: bool,
    /// What encoded the texts: for the baseline, and now.
    pub encoders: [Option<String>; 2],
    /// Metric by metric, in the order of the baseline.
    pub metrics: Vec<HeldMetric>,
}

/// A metric at the gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldMetric {
    /// Which.
    pub name: String,
    /// Its value in the baseline.
    pub baseline: Option<f64>,
    /// Its value now.
    pub value: Option<f64>,
    /// What is looked at: the interval of the difference where items were compared, else the baseline's own.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Of how many items it is.
    pub n: usize,
    /// Whether it is worse beyond that interval.
    pub is_worse: bool,
}

/// Holds a run against its baseline.
///
/// # Errors
/// [`EvalError::Apart`] for a baseline of another suite, of other data or of other items.
pub fn hold(baseline: &Report, now: &Report) -> Result<Held, EvalError> {
    let metrics = if baseline.items.is_empty() { unpaired(baseline, now)? } else { paired(baseline, now)? };
    Ok(Held {
        suite: now.suite.clone(),
        passes: metrics.iter().all(|metric| !metric.is_worse),
        paired: !baseline.items.is_empty(),
        encoders: [baseline.encoder.clone(), now.encoder.clone()],
        metrics,
    })
}

fn paired(baseline: &Report, now: &Report) -> Result<Vec<HeldMetric>, EvalError> {
    let compared = compare(baseline, now)?;
    Ok(held(baseline)
        .map(|before| {
            let found = compared.metrics.iter().find(|metric| metric.name == before.name);
            HeldMetric {
                name: before.name.clone(),
                baseline: before.value,
                value: now.metrics.iter().find(|metric| metric.name == before.name).and_then(|metric| metric.value),
                low: found.and_then(|metric| metric.low),
                high: found.and_then(|metric| metric.high),
                n: found.map_or(0, |metric| metric.n),
                is_worse: found.is_none_or(|metric| metric.is_worse() || before.value.is_some() && metric.b.is_none())
                    || said_less(now, before),
            }
        })
        .collect())
}

fn unpaired(baseline: &Report, now: &Report) -> Result<Vec<HeldMetric>, EvalError> {
    if baseline.suite != now.suite || baseline.data_sha256 != now.data_sha256 {
        return Err(EvalError::Apart(format!("the baseline is of other data than suite `{}` has now", now.suite)));
    }
    let metric = |before: &Metric| {
        let value = now.metrics.iter().find(|metric| metric.name == before.name).and_then(|metric| metric.value);
        let is_outside = |value: f64| {
            if is_better_low(&before.name) {
                before.high.is_some_and(|high| value > high)
            } else {
                before.low.is_some_and(|low| value < low)
            }
        };
        HeldMetric {
            name: before.name.clone(),
            baseline: before.value,
            value,
            low: before.low,
            high: before.high,
            n: before.n,
            is_worse: value.map_or(before.value.is_some(), is_outside),
        }
    };
    Ok(held(baseline).map(metric).collect())
}

/// Whether a metric is of fewer items than it was by more than a tenth: probabilities that are given no longer are not seen otherwise.
fn said_less(now: &Report, before: &Metric) -> bool {
    let now = now.metrics.iter().find(|metric| metric.name == before.name).map_or(0, |metric| metric.n);
    now * 10 < before.n * 9
}

/// The metrics of the product itself.
fn held(baseline: &Report) -> impl Iterator<Item = &Metric> {
    baseline.metrics.iter().filter(|metric| !["knn_", "most_", "over_"].iter().any(|rival| metric.name.starts_with(rival)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::report::tests::report;

    fn run(right: usize) -> Report {
        let said: Vec<(&str, &str, f64)> = (0..60).map(|place| ("a", if place < right { "a" } else { "b" }, 0.9)).collect();
        report("s", &said)
    }

    #[test]
    fn a_run_that_is_as_good_passes_and_one_that_lost_many_items_does_not() {
        let passes = |right| hold(&run(45), &run(right)).unwrap().passes;
        assert!(passes(45) && passes(43) && passes(50));
        assert!(!passes(30));
        let held = hold(&run(45), &run(30)).unwrap();
        let accuracy = &held.metrics[0];
        assert!(held.paired && accuracy.is_worse && accuracy.high.unwrap() < 0.0, "{accuracy:?}");
    }

    #[test]
    fn a_baseline_without_items_is_held_by_its_own_interval() {
        let passes = |right| hold(&run(45).in_short(), &run(right)).unwrap().passes;
        assert!(passes(45) && passes(41));
        assert!(!passes(30));
        assert!(!hold(&run(45).in_short(), &run(30)).unwrap().paired);
    }

    #[test]
    fn a_metric_that_is_gone_is_worse() {
        let mut now = run(45);
        now.metrics.remove(0);
        assert!(!hold(&run(45), &now).unwrap().passes);
        assert!(!hold(&run(45).in_short(), &now).unwrap().passes);
    }

    #[test]
    fn a_baseline_of_other_data_is_no_baseline() {
        let other = Report { data_sha256: "other".to_owned(), ..run(45) };
        assert!(matches!(hold(&other, &run(45)), Err(EvalError::Apart(_))));
        assert!(matches!(hold(&other.in_short(), &run(45)), Err(EvalError::Apart(_))));
    }
}
