//! Reports, comparisons and gates as tables of a terminal.

use crate::cli::eval::SuiteOut;
use crate::eval::compare::Comparison;
use crate::eval::gate::Held;
use crate::eval::metric::is_difference;
use crate::eval::report::Report;

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", share * 100.0))
}

/// A difference, with its sign.
fn points(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:+.1}", share * 100.0))
}

fn width<'n>(names: impl Iterator<Item = &'n str>) -> usize {
    names.map(str::len).max().unwrap_or_default().max(14)
}

pub(super) fn report(report: &Report) -> String {
    let first = if report.learned_from == 0 {
        format!("{}: {:.1} s", report.suite, report.seconds)
    } else {
        format!(
            "{}: learned from {} texts in {:.1} s ({} were left out); {:.1} s in all",
            report.suite, report.learned_from, report.learning_seconds, report.left_out, report.seconds
        )
    };
    let mut lines = vec![first];
    let width = width(report.metrics.iter().map(|metric| metric.name.as_str()));
    for metric in &report.metrics {
        let shown = if is_difference(&metric.name) { points } else { percent };
        let met = if metric.is_met() == Some(true) { "met" } else { "not met" };
        let bar = metric.bar.map_or_else(String::new, |bar| format!("  bar {}: {met}", shown(Some(bar))));
        let (value, low, high) = (shown(metric.value), shown(metric.low), shown(metric.high));
        lines.push(format!("{:<width$} {value:>6} %  ({low} to {high}, of {}){bar}", metric.name, metric.n));
    }
    lines.join("\n")
}

pub(super) fn comparison(compared: &Comparison) -> String {
    let width = width(compared.metrics.iter().map(|metric| metric.name.as_str()));
    let mut lines = vec![format!("{:<width$} {:>7} {:>7} {:>7}  {:<16} B better", compared.suite, "A", "B", "B - A", "95 % interval")];
    for metric in &compared.metrics {
        let word = match (metric.is_better(), metric.is_worse()) {
            (true, _) => "  better",
            (_, true) => "  worse",
            (false, false) => "",
        };
        let interval = format!("{} to {}", points(metric.low), points(metric.high));
        lines.push(format!(
            "{:<width$} {:>7} {:>7} {:>7}  {interval:<16} {:>6} %{word}",
            metric.name,
            percent(metric.a),
            percent(metric.b),
            points(metric.difference),
            percent(metric.probability_b_better),
        ));
    }
    lines.join("\n")
}

pub(super) fn gate(held: &[Held]) -> String {
    let width = width(held.iter().flat_map(|suite| &suite.metrics).map(|metric| metric.name.as_str()));
    let mut lines = Vec::new();
    for suite in held {
        let how = if suite.paired { "95 % of the difference" } else { "interval of the baseline" };
        let verdict = if suite.passes { "as good as its baseline" } else { "WORSE than its baseline" };
        lines.push(format!("{}: {verdict} ({how})", suite.suite));
        if let [Some(before), Some(now)] = &suite.encoders
            && before != now
        {
            lines.push(format!("  the encoder was {before} and is {now}"));
        }
        for metric in &suite.metrics {
            let shown = if suite.paired { points } else { percent };
            let interval = format!("{} to {}", shown(metric.low), shown(metric.high));
            let mark = if metric.is_worse { "  worse" } else { "" };
            let (before, now) = (percent(metric.baseline), percent(metric.value));
            lines.push(format!("  {:<width$} {before:>7} {now:>7}  {interval:<18} of {}{mark}", metric.name, metric.n));
        }
    }
    lines.join("\n")
}

pub(super) fn suites(suites: &[SuiteOut]) -> String {
    let (names, tasks) = (width(suites.iter().map(|suite| suite.name.as_str())), width(suites.iter().map(|suite| suite.task)));
    let line = |suite: &SuiteOut| {
        let here = match suite.is_here {
            Some(true) => "here     ",
            Some(false) => "not here ",
            None => "",
        };
        format!("{:<names$}  {:<tasks$}  {here}{}", suite.name, suite.task, suite.about)
    };
    suites.iter().map(line).collect::<Vec<_>>().join("\n")
}
