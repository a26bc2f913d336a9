//! The drawings of a page, as SVG without style of its own.

use std::fmt::Write as _;

use backchannel_measure::calibration::{Binning, Judged, expected_calibration_error, reliability as bins};
use backchannel_measure::selective::risk_coverage as selections;

use crate::eval::html::marks::percent;
use crate::eval::metric::{BINS, Metric, is_difference};

/// Columns of the reliability diagram: fewer than the error is measured in, so that each holds enough items.
const COLUMNS: usize = 10;
/// A column of fewer items than this is drawn faintly.
const FEW: usize = 5;
/// A curve is drawn by so many points at most.
const POINTS: usize = 240;

/// The field of a plot: its edges inside the drawing.
const LEFT: f64 = 40.0;
const TOP: f64 = 12.0;
const WIDE: f64 = 288.0;
const HIGH: f64 = 208.0;

/// A value, its interval and its bar on a line from 0 to 1; a difference from −0.5 to 0.5.
pub(super) fn track(metric: &Metric) -> String {
    let Some(value) = metric.value else { return String::new() };
    let is_difference = is_difference(&metric.name);
    let place = |value: f64| (if is_difference { value + 0.5 } else { value }).clamp(0.0, 1.0) * 100.0;
    let mut svg =
        "<svg class=\"track\" aria-hidden=\"true\"><rect class=\"rail\" y=\"35%\" width=\"100%\" height=\"30%\" rx=\"3\"/>".to_owned();
    if let (Some(low), Some(high)) = (metric.low, metric.high) {
        let (from, to) = (place(low), place(high));
        let _ = write!(svg, "<rect class=\"band\" x=\"{from:.2}%\" y=\"20%\" width=\"{:.2}%\" height=\"60%\" rx=\"3\"/>", to - from);
    }
    if is_difference {
        svg += "<line class=\"zero\" x1=\"50%\" x2=\"50%\" y1=\"0\" y2=\"100%\"/>";
    }
    if let Some(bar) = metric.bar {
        let _ = write!(svg, "<line class=\"goal\" x1=\"{0:.2}%\" x2=\"{0:.2}%\" y1=\"0\" y2=\"100%\"/>", place(bar));
    }
    let _ = write!(svg, "<circle class=\"dot\" cx=\"{:.2}%\" cy=\"50%\" r=\"4\"/></svg>", place(value));
    svg
}

/// How often guesses of about one probability are right.
pub(super) fn reliability(judged: &[Judged]) -> String {
    let error = expected_calibration_error(judged, Binning::EqualWidth(BINS));
    let note = format!(
        "How often a guess is right that says it is so likely. Pale: more often than it says; orange: less often. Expected \
         calibration error {}.",
        percent(error)
    );
    let mut svg = frame("probability", "right", "Reliability diagram");
    for bin in bins(judged, Binning::EqualWidth(COLUMNS)) {
        let faint = if bin.count < FEW { " few" } else { "" };
        let (x, width) = (LEFT + bin.low * WIDE + 1.5, (bin.high - bin.low) * WIDE - 3.0);
        let column = |class: &str, from: f64, to: f64| {
            let (top, height) = (TOP + (1.0 - from.max(to)) * HIGH, (from - to).abs() * HIGH);
            format!("<rect class=\"{class}{faint}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"1.5\"/>")
        };
        let _ = write!(
            svg,
            "<g><title>{} to {}: {} right of {}, {} said</title>{}{}</g>",
            percent(Some(bin.low)),
            percent(Some(bin.high)),
            percent(Some(bin.accuracy)),
            bin.count,
            percent(Some(bin.confidence)),
            column("column", bin.accuracy.min(bin.confidence), 0.0),
            if bin.accuracy > bin.confidence {
                column("more", bin.accuracy, bin.confidence)
            } else {
                column("gap", bin.confidence, bin.accuracy)
            },
        );
    }
    let _ = write!(svg, "<line class=\"even\" x1=\"{LEFT}\" y1=\"{}\" x2=\"{}\" y2=\"{TOP}\"/>", TOP + HIGH, LEFT + WIDE);
    section("Reliability", &note, &(svg + "</svg>"))
}

/// What share of guesses is wrong when only the surest are kept.
pub(super) fn risk_coverage(judged: &[Judged]) -> String {
    let kept = selections(judged);
    let most = kept.iter().filter(|selection| selection.kept * 20 >= judged.len()).map(|selection| selection.risk()).fold(0.05, f64::max);
    // A round number above the highest risk that more than a few guesses have.
    let top = [0.05, 0.1, 0.2, 0.3, 0.5].into_iter().find(|top| most <= *top).unwrap_or(1.0);
    let at = |coverage: f64, risk: f64| (LEFT + coverage * WIDE, TOP + (1.0 - (risk / top).min(1.0)) * HIGH);
    let step = kept.len().div_ceil(POINTS).max(1);
    let chosen: Vec<(f64, f64)> = kept
        .iter()
        .enumerate()
        .filter(|(place, _)| place % step == 0 || place + 1 == kept.len())
        .map(|(_, selection)| at(selection.coverage, selection.risk()))
        .collect();
    let line: Vec<String> = chosen.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let mut svg = frame_to("kept", "wrong", "Risk-coverage curve", top);
    if let (Some(first), Some(last)) = (chosen.first(), chosen.last()) {
        let base = TOP + HIGH;
        let _ = write!(
            svg,
            "<polygon class=\"under\" points=\"{:.1},{base} {} {:.1},{base}\"/><polyline class=\"curve\" points=\"{}\"/>",
            first.0,
            line.join(" "),
            last.0,
            line.join(" "),
        );
    }
    let all = kept.last().map(|selection| selection.risk());
    let half = kept.iter().find(|selection| selection.coverage >= 0.5).map(|selection| selection.risk());
    let note = format!(
        "What is wrong among the surest guesses. Of all {} that have a probability {}, of the surest half {}.",
        judged.len(),
        percent(all),
        percent(half)
    );
    section("Risk and coverage", &note, &(svg + "</svg>"))
}

fn frame(below: &str, beside: &str, name: &str) -> String {
    frame_to(below, beside, name, 1.0)
}

/// A drawing with its axes, from 0 to 1 below and from 0 to `top` beside.
fn frame_to(below: &str, beside: &str, name: &str, top: f64) -> String {
    let (right, base) = (LEFT + WIDE, TOP + HIGH);
    let mut svg = format!("<svg class=\"plot\" viewBox=\"0 0 340 264\" role=\"img\" aria-label=\"{name}\">");
    // As many steps as give round numbers.
    let steps: u8 = if (top - 0.3).abs() < 1e-9 {
        3
    } else if (top - 0.2).abs() < 1e-9 {
        4
    } else {
        5
    };
    for tick in 0..=steps {
        let share = f64::from(tick) / f64::from(steps);
        let y = base - share * HIGH;
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            trimmed(share * top * 100.0),
        );
    }
    for tick in 0..=5_u8 {
        let (x, y) = (LEFT + f64::from(tick) / 5.0 * WIDE, base + 16.0);
        let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", u16::from(tick) * 20);
    }
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"{LEFT}\" y1=\"{base}\" x2=\"{right}\" y2=\"{base}\"/><text x=\"{}\" y=\"{}\" \
         text-anchor=\"middle\">% {below}</text><text x=\"{}\" y=\"{}\" text-anchor=\"middle\" transform=\"rotate(-90 10 {})\">% {beside}</text>",
        LEFT + WIDE / 2.0,
        base + 34.0,
        10.0,
        TOP + HIGH / 2.0,
        TOP + HIGH / 2.0,
    );
    svg
}

/// A number with a digit after the point where it has one.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn section(title: &str, note: &str, svg: &str) -> String {
    format!("<section>\n<h2>{title}</h2>\n<p class=\"note\">{note}</p>\n{svg}\n</section>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_ends_where_everything_is_kept() {
        let judged: Vec<Judged> = (0..10).map(|place| Judged::new(f64::from(place) / 10.0, place >= 5).unwrap()).collect();
        let svg = risk_coverage(&judged);
        // All kept, half of them wrong, and the scale goes up to a half.
        assert!(svg.contains(&format!("{:.1},{:.1}\"", LEFT + WIDE, TOP)), "{svg}");
        assert!(svg.contains("Of all 10 that have a probability 50.0\u{a0}%, of the surest half 0.0\u{a0}%"), "{svg}");
    }

    #[test]
    fn a_column_stands_as_high_as_its_guesses_are_right() {
        let judged: Vec<Judged> = (0..8).map(|place| Judged::new(0.95, place % 4 != 0).unwrap()).collect();
        let svg = reliability(&judged);
        assert!(svg.contains(&format!("height=\"{:.1}\"", 0.75 * HIGH)), "{svg}");
        assert!(svg.contains("75.0\u{a0}% right of 8"), "{svg}");
    }
}
