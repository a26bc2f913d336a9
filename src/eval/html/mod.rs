//! A run as one page that needs nothing else: no script, no other file, and words and sums of whoever made the data always escaped.
//!
//! Written by hand and not by a template engine: most of it is drawing, and templates belong to the web room.

mod marks;
mod plot;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use backchannel_measure::classification::{Confusion, Prediction};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::eval::html::marks::{escaped, percent, points};
use crate::eval::item::{Label, Said};
use crate::eval::metric::{self, Metric, count, is_difference};
use crate::eval::report::Report;

const STYLE: &str = include_str!("style.css");
/// So many pairs of labels are shown that were taken for each other.
const PAIRS: usize = 10;
/// What an abstention is called among labels.
const NOTHING: &str = "no answer";

/// The page of a run; `about` says what its suite is about.
#[must_use]
pub fn page(report: &Report, about: &str) -> String {
    let name = escaped(&report.suite);
    // The style is allowed by its sum, everything else is forbidden.
    let sum = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'sha256-{sum}'\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<title>{name} · Backchannel</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n\
         <p class=\"over\">Evaluation · {task}</p>\n<h1>{name}</h1>\n<p class=\"lead\">{about}</p>\n</header>\n",
        task = escaped(report.task.as_str()),
        about = escaped(about),
    );
    page += &metrics(&report.metrics);
    let labels: Vec<&Label> =
        report.items.iter().filter_map(|item| if let Said::Label(label) = &item.said { Some(label) } else { None }).collect();
    let judged = metric::judged(labels.iter().copied());
    if !judged.is_empty() {
        page += "<div class=\"two\">\n";
        page += &plot::reliability(&judged);
        page += &plot::risk_coverage(&judged);
        page += "</div>\n";
    }
    let parts = [confused(&labels), by_language(report), by_kind(report), by_label(report)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        let _ = writeln!(page, "<div class=\"two top\">\n{}</div>", parts.concat());
    }
    page += &facts(report);
    page + "</main>\n</body>\n</html>\n"
}

fn metrics(metrics: &[Metric]) -> String {
    let goal = if metrics.iter().any(|metric| metric.bar.is_some()) { "Bar" } else { "" };
    let mut html = format!(
        "<section>\n<h2>Metrics</h2>\n<p class=\"note\">The band is the 95 % interval by the bootstrap over the items, the dot the value, the \
         line what should be reached.</p>\n<table>\n<caption class=\"hidden\">Metrics with their intervals</caption>\n<thead><tr><th \
         scope=\"col\">Metric</th><th scope=\"col\" class=\"number\">Value</th><th scope=\"col\">Interval</th><th scope=\"col\" \
         class=\"number\">Items</th><th scope=\"col\">{goal}</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n"
    );
    for metric in metrics {
        let shown = |value: Option<f64>| if is_difference(&metric.name) { points(value) } else { percent(value) };
        let interval = match (metric.low, metric.high) {
            (Some(low), Some(high)) if is_difference(&metric.name) => format!("{} to {}", points(Some(low)), points(Some(high))),
            (Some(low), Some(high)) => format!("{:.1} to {:.1}", low * 100.0, high * 100.0),
            _ => String::new(),
        };
        let bar = match (metric.bar, metric.is_met()) {
            (Some(bar), Some(true)) => format!("<span class=\"met\">{}: met</span>", shown(Some(bar))),
            (Some(bar), _) => format!("<span class=\"unmet\">{}: not met</span>", shown(Some(bar))),
            (None, _) => String::new(),
        };
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\"><code>{}</code></th><td class=\"number value\">{}</td><td class=\"soft range\">{interval}</td>\
             <td class=\"number soft\"><span class=\"of\">of </span>{}</td><td class=\"goal-cell\">{bar}</td><td class=\"wide\">{}</td></tr>",
            escaped(&metric.name),
            shown(metric.value),
            metric.n,
            plot::track(metric),
        );
    }
    html + "</tbody>\n</table>\n</section>\n"
}

/// The labels that are taken for each other most often.
fn confused(labels: &[&Label]) -> Option<String> {
    if labels.is_empty() {
        return None;
    }
    let predictions: Vec<Prediction<&str>> = labels
        .iter()
        .map(|label| Prediction { truth: label.truth.as_str(), predicted: label.answer.as_deref().unwrap_or(NOTHING) })
        .collect();
    let worst = Confusion::of(&predictions).worst(PAIRS);
    let most = worst.first().map_or(1, |pair| pair.count);
    let rows: Vec<Row> = worst
        .iter()
        .map(|pair| Row {
            name: format!("{} → {}", pair.truth, pair.predicted),
            said: pair.count.to_string(),
            share: count(pair.count) / count(most),
        })
        .collect();
    let note = if rows.is_empty() { "Nothing was taken for anything else." } else { "What is right → what was answered, and how often." };
    Some(bars("Most frequent errors", note, &rows, "warm"))
}

/// The first metric in each language.
fn by_language(report: &Report) -> Option<String> {
    let first = report.metrics.iter().find(|metric| !metric.name.contains('@') && !is_difference(&metric.name))?;
    let languages: BTreeSet<&str> = report.items.iter().filter_map(|item| item.lang.as_deref()).collect();
    let rows: Vec<Row> = languages
        .into_iter()
        .map(|lang| metric::measure(&format!("{}@{lang}", first.name), &report.items, None))
        .map(|metric| Row {
            name: metric.name.rsplit('@').next().unwrap_or_default().to_owned(),
            said: format!("{} ({} to {}, of {})", percent(metric.value), percent(metric.low), percent(metric.high), metric.n),
            share: metric.value.unwrap_or_default(),
        })
        .collect();
    (!rows.is_empty()).then(|| bars("Languages", &format!("{} in each language.", first.name), &rows, "fill"))
}

/// How well each kind of thing is found.
fn by_kind(report: &Report) -> Option<String> {
    let mut kinds: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for item in &report.items {
        if let Said::Spans(spans) = &item.said {
            for (kind, counts) in &spans.spans {
                let sum = kinds.entry(kind).or_default();
                sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
        }
    }
    scored("Kinds", "F1 of each kind, the weakest first.", kinds)
}

/// How well each of several labels is told, the weakest.
fn by_label(report: &Report) -> Option<String> {
    let mut labels: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for item in &report.items {
        if let Said::Labels(said) = &item.said {
            for label in said.truth.iter().chain(&said.said).collect::<BTreeSet<_>>() {
                let place = match (said.truth.contains(label), said.said.contains(label)) {
                    (true, true) => 0,
                    (false, _) => 1,
                    (true, false) => 2,
                };
                labels.entry(label).or_default()[place] += 1;
            }
        }
    }
    scored("Labels", "F1 of the weakest labels.", labels)
}

fn scored(title: &str, note: &str, counts: BTreeMap<&str, [usize; 3]>) -> Option<String> {
    let mut rows: Vec<Row> = counts
        .into_iter()
        .map(|(name, [hits, wrong, missed])| {
            let share = count(2 * hits) / count((2 * hits + wrong + missed).max(1));
            let said = format!("{} ({hits} right, {wrong} wrong, {missed} missed)", percent(Some(share)));
            Row { name: name.to_owned(), said, share }
        })
        .collect();
    rows.sort_by(|a, b| a.share.total_cmp(&b.share).then_with(|| a.name.cmp(&b.name)));
    rows.truncate(2 * PAIRS);
    (!rows.is_empty()).then(|| bars(title, note, &rows, "fill"))
}

/// A row of bars.
struct Row {
    name: String,
    said: String,
    share: f64,
}

fn bars(title: &str, note: &str, rows: &[Row], colour: &str) -> String {
    let mut html = format!("<section>\n<h2>{}</h2>\n<p class=\"note\">{}</p>\n<ul class=\"bars\">\n", escaped(title), escaped(note));
    for Row { name, said, share } in rows {
        let _ = writeln!(
            html,
            "<li><p><span>{}</span><span>{}</span></p><svg class=\"bar\" aria-hidden=\"true\"><rect class=\"rail\" width=\"100%\" \
             height=\"100%\" rx=\"3\"/><rect class=\"{colour}\" width=\"{:.1}%\" height=\"100%\" rx=\"3\"/></svg></li>",
            escaped(name),
            escaped(said),
            share.clamp(0.0, 1.0) * 100.0,
        );
    }
    html + "</ul>\n</section>\n"
}

fn facts(report: &Report) -> String {
    let learned = if report.learned_from == 0 { String::new() } else { format!("{}, {} left out", report.learned_from, report.left_out) };
    let facts = [
        ("Items asked", report.items.len().to_string()),
        ("Learned from", learned),
        ("Head", report.head.clone().unwrap_or_default()),
        ("Encoder", report.encoder.clone().unwrap_or_default()),
        ("Playbook", report.playbook.clone().unwrap_or_default()),
        ("Sum of the playbook", report.playbook_sha256.clone().unwrap_or_default()),
        ("Sum of the data", report.data_sha256.clone()),
        ("Backchannel", report.backchannel.clone()),
        ("Time", format!("{:.1} s", report.seconds)),
    ];
    let mut html = "<section>\n<h2>Where the figures come from</h2>\n<dl>\n".to_owned();
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value));
    }
    html + "</dl>\n</section>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::report::tests::report;

    #[test]
    fn a_page_shows_every_metric_and_the_plots_and_needs_nothing_else() {
        let said: Vec<(&str, &str, f64)> =
            (0..40).map(|place| ("refund", if place % 4 == 0 { "cancel" } else { "refund" }, 0.5 + f64::from(place) / 100.0)).collect();
        let page = page(&report("mine", &said), "What it is about.");
        for part in
            ["accuracy", "macro_f1", "ece", "What it is about.", "Reliability", "Risk and coverage", "refund → cancel", "Languages", "da7a"]
        {
            assert!(page.contains(part), "{part} is missing");
        }
        for outside in ["<script", "style=\"", "http://", "https://", "src=", "href=", "NaN", "inf"] {
            assert!(!page.contains(outside), "{outside} is there");
        }
        assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
    }

    #[test]
    fn labels_that_look_like_markup_stay_text() {
        let page = page(&report("<b>s</b>", &[("<img onerror=x>", "\"'&", 0.9), ("a", "a", 0.8)]), "<i>about</i>");
        assert!(!page.contains("<img") && !page.contains("<b>") && !page.contains("<i>"));
        assert!(page.contains("&lt;img onerror=x&gt; → &quot;&#39;&amp;"), "{page}");
    }

    #[test]
    fn a_page_of_nothing_is_a_page_all_the_same() {
        let empty = Report { items: Vec::new(), ..report("s", &[]) };
        let page = page(&empty, "");
        assert!(page.contains("<h1>s</h1>") && !page.contains("NaN"), "{page}");
    }
}
