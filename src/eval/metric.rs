//! Metrics by their names, computed from items: the same for a run, a comparison and a gate.
//!
//! A name is what is measured, then of which items: `accuracy@fr`, `span_f1_ids@held`. For spans `_en` and `_fr` say it too.

use std::collections::{BTreeMap, BTreeSet};

use backchannel_learn::threshold::Advice;
use backchannel_measure::bootstrap::Bootstrap;
use backchannel_measure::calibration::{Binning, Judged, expected_calibration_error};
use backchannel_measure::classification::{Prediction, by_class};
use backchannel_measure::counts::Counts;
use backchannel_measure::detection::{Scored, auroc};
use backchannel_measure::selective::coverage_at;
use serde::{Deserialize, Serialize};

use crate::eval::item::{Half, Item, Label, Labels, Said, Spans};
use crate::eval::suite::{Part, Task};
use crate::eval::{answered, leak, ranked, summary};

/// Bins of the calibration error, as Guo et al. (2017) use them.
pub(super) const BINS: usize = 15;
/// The precision at which coverage is told.
const PRECISION: f64 = 0.95;
/// The kinds that are numbers with a form of their own, and amounts.
const IDS: [&str; 12] =
    ["order", "invoice", "tracking", "serial", "subscription", "amount", "email", "url", "phone", "iban", "card", "product"];

const OF_INTENTS: &[&str] =
    &["accuracy", "macro_f1", "ece", "coverage@p95", "oos_recall", "auroc", "kept_precision@p95", "kept_coverage@p95"];
/// Halves on which a threshold is chosen and tried, for what is kept at a precision that was asked for.
const SPLITS: u64 = 20;
const OF_TRIAGE: &[&str] = &[
    "accuracy",
    "macro_f1",
    "precision@1",
    "coverage",
    "hit@3",
    "ece",
    "coverage@p95",
    "oos_recall",
    "knn_accuracy",
    "over_knn",
    "head_accuracy",
    "over_head",
    "most_accuracy",
    "over_most",
];
const OF_MOODS: &[&str] = &["accuracy", "macro_f1", "ece", "coverage@p95"];
const OF_LABELS: &[&str] = &["micro_f1", "macro_f1", "micro_precision", "micro_recall", "exact"];
const OF_SPANS: &[&str] = &[
    "span_f1",
    "span_f1_ids",
    "span_f1_dates",
    "span_f1_addresses",
    "value_accuracy",
    "value_accuracy_ids",
    "value_accuracy_dates",
    "value_accuracy_addresses",
];

/// A metric with its 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// Its value; `None` where it is not defined, such as a recall of nothing.
    pub value: Option<f64>,
    /// Where it would lie in 95 of 100 other samples of the items that were asked, by the bootstrap: the lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Of how many items it is.
    pub n: usize,
    /// What it should reach: at least this, or at most where [`is_better_low`]; a difference with the lower end of its interval.
    #[serde(default)]
    pub bar: Option<f64>,
}

impl Metric {
    /// Whether its bar is met, where it has one.
    #[must_use]
    pub fn is_met(&self) -> Option<bool> {
        let bar = self.bar?;
        if is_difference(&self.name) {
            return Some(self.low.is_some_and(|low| low > bar));
        }
        Some(self.value.is_some_and(|value| if is_better_low(&self.name) { value <= bar } else { value >= bar }))
    }
}

/// Whether less of a metric is better.
#[must_use]
pub fn is_better_low(metric: &str) -> bool {
    matches!(Named::of(metric).base, "ece" | "false_blocks" | "false_alarms")
}

/// Whether a metric says by how much one thing is better than another.
#[must_use]
pub fn is_difference(metric: &str) -> bool {
    metric.starts_with("over_")
}

/// What a task can measure.
pub(super) const fn known(task: Task, part: Option<Part>) -> &'static [&'static str] {
    match task {
        Task::Intent => OF_INTENTS,
        Task::Triage => match part {
            Some(Part::Intents) => OF_LABELS,
            Some(Part::Intent | Part::Sentiment | Part::Urgency | Part::Routing | Part::NextStep) | None => OF_TRIAGE,
        },
        Task::Language | Task::Sentiment | Task::Urgency => OF_MOODS,
        Task::MultiIntent => OF_LABELS,
        Task::Entities => OF_SPANS,
        Task::Retrieval | Task::Duplicates | Task::Experts => &ranked::MEASURES,
        Task::ThreadSummary => &summary::MEASURES,
        Task::Leak => &leak::MEASURES,
        Task::AlreadyAnswered => &answered::MEASURES,
    }
}

/// The first name that is none of the task's metrics.
pub(super) fn unknown(task: Task, part: Option<Part>, names: &[String]) -> Option<&String> {
    let is_known = |base: &str| match task {
        Task::Retrieval | Task::Duplicates | Task::Experts => ranked::is_known(base),
        Task::Intent
        | Task::Triage
        | Task::MultiIntent
        | Task::Entities
        | Task::Language
        | Task::Sentiment
        | Task::Urgency
        | Task::ThreadSummary
        | Task::Leak
        | Task::AlreadyAnswered => known(task, part).contains(&base),
    };
    names.iter().find(|name| !is_known(Named::of(name).base))
}

/// A name taken apart: what is measured, and of which items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named<'a> {
    base: &'a str,
    lang: Option<&'a str>,
    half: Option<Half>,
}

impl<'a> Named<'a> {
    fn of(name: &'a str) -> Self {
        let mut named = Self { base: name, lang: None, half: None };
        while let Some((rest, last)) = named.base.rsplit_once('@') {
            match last {
                "dev" => named.half = Some(Half::Dev),
                "held" => named.half = Some(Half::Held),
                lang if lang.len() == 2 && lang.bytes().all(|byte| byte.is_ascii_lowercase()) => named.lang = Some(lang),
                _ => break,
            }
            named.base = rest;
        }
        for (ending, lang) in [("_en", "en"), ("_fr", "fr")] {
            if let Some(rest) = named.base.strip_suffix(ending) {
                (named.base, named.lang) = (rest, Some(lang));
            }
        }
        named
    }

    /// Whether an item is among those that it is measured on.
    fn takes(&self, item: &Item) -> bool {
        let is_asked =
            self.lang.is_none_or(|lang| item.lang.as_deref() == Some(lang)) && self.half.is_none_or(|half| item.half == Some(half));
        is_asked
            && match (&item.said, self.base) {
                (Said::Label(label), "oos_recall") => label.is_outside(),
                (Said::Label(label), "accuracy" | "hit@3" | "precision@1") => !label.is_outside(),
                (Said::Label(label), "ece" | "coverage@p95" | "kept_precision@p95" | "kept_coverage@p95") => label.probability.is_some(),
                (Said::Label(label), "auroc") => label.in_scope.is_some(),
                (Said::Warned(warned), base) => warned.is_asked(base),
                (Said::Answered(answered), base) => answered::takes(base, answered),
                _ => true,
            }
    }
}

/// The items that a metric is measured on.
pub(super) fn items_of<'i>(name: &str, items: &'i [Item]) -> Vec<&'i Item> {
    let named = Named::of(name);
    items.iter().filter(|item| named.takes(item)).collect()
}

/// Whether a metric is measured on an item.
pub(super) fn takes(name: &str, item: &Item) -> bool {
    Named::of(name).takes(item)
}

/// A metric of some items; `None` where it has no value.
pub(super) fn value(name: &str, items: &[&Item]) -> Option<f64> {
    let base = Named::of(name).base;
    match items.first().map(|item| &item.said)? {
        Said::Label(_) => of_label(base, &labels(items)),
        Said::Labels(_) => of_labels(
            base,
            &items.iter().filter_map(|item| if let Said::Labels(said) = &item.said { Some(said) } else { None }).collect::<Vec<_>>(),
        ),
        Said::Ranked(_) => ranked::value(
            base,
            &items.iter().filter_map(|item| if let Said::Ranked(said) = &item.said { Some(said) } else { None }).collect::<Vec<_>>(),
        ),
        Said::Summary(_) => summary::value(
            base,
            &items.iter().filter_map(|item| if let Said::Summary(said) = &item.said { Some(said) } else { None }).collect::<Vec<_>>(),
        ),
        Said::Warned(_) => leak::value(
            base,
            &items.iter().filter_map(|item| if let Said::Warned(said) = &item.said { Some(said) } else { None }).collect::<Vec<_>>(),
        ),
        Said::Answered(_) => answered::value(
            base,
            &items.iter().filter_map(|item| if let Said::Answered(said) = &item.said { Some(said) } else { None }).collect::<Vec<_>>(),
        ),
        Said::Spans(_) => {
            of_spans(base, items.iter().filter_map(|item| if let Said::Spans(said) = &item.said { Some(said) } else { None }))
        }
    }
}

/// Measures a metric, with its interval.
pub(super) fn measure(name: &str, items: &[Item], bar: Option<f64>) -> Metric {
    let chosen = items_of(name, items);
    let drawn = |sample: &[usize]| value(name, &sample.iter().map(|place| chosen[*place]).collect::<Vec<_>>());
    // What is kept is a mean over splits already, and items that are drawn twice would stand on both sides of one.
    let interval = (!name.starts_with("kept_")).then(|| Bootstrap::default().statistic(chosen.len(), drawn).ok()).flatten();
    let interval = interval.map(|estimate| estimate.interval);
    Metric {
        name: name.to_owned(),
        value: value(name, &chosen),
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        n: chosen.len(),
        bar,
    }
}

fn labels<'i>(items: &[&'i Item]) -> Vec<&'i Label> {
    items.iter().filter_map(|item| if let Said::Label(label) = &item.said { Some(label) } else { None }).collect()
}

/// The guesses that have a probability, with whether they are right.
pub(super) fn judged<'i>(labels: impl IntoIterator<Item = &'i Label>) -> Vec<Judged> {
    labels.into_iter().filter_map(|label| Judged::new(label.probability?, label.is_guessed()).ok()).collect()
}

fn of_label(base: &str, labels: &[&Label]) -> Option<f64> {
    let share = |of: &dyn Fn(&Label) -> bool| share(labels.iter().filter(|label| of(label)).count(), labels.len());
    let beside = |name: &str| share(&|label| label.beside.get(name) == Some(&label.truth));
    match base {
        "accuracy" | "oos_recall" => share(&Label::is_right),
        "coverage" => share(&|label| label.answer.is_some()),
        "hit@3" => share(&|label| label.place.is_some_and(|place| place <= 3)),
        "precision@1" => {
            let answered = labels.iter().filter(|label| label.answer.is_some()).count();
            self::share(labels.iter().filter(|label| label.is_right()).count(), answered)
        }
        "macro_f1" => {
            let none = "";
            let predictions: Vec<Prediction<&str>> = labels
                .iter()
                .map(|label| Prediction { truth: label.truth.as_str(), predicted: label.answer.as_deref().unwrap_or(none) })
                .collect();
            // Over the labels that there are: silence is no class.
            let truths: BTreeSet<&str> = predictions.iter().map(|prediction| prediction.truth).collect();
            let classes = by_class(&predictions);
            let each: Vec<f64> = truths.iter().filter_map(|label| classes.get(label)?.f1()).collect();
            (!each.is_empty()).then(|| each.iter().sum::<f64>() / count(each.len()))
        }
        "ece" => expected_calibration_error(&judged(labels.iter().copied()), Binning::EqualWidth(BINS)),
        "coverage@p95" => coverage_at(&judged(labels.iter().copied()), PRECISION).map(|kept| kept.coverage),
        "kept_precision@p95" => kept(&judged(labels.iter().copied())).map(|(precision, _)| precision),
        "kept_coverage@p95" => kept(&judged(labels.iter().copied())).map(|(_, coverage)| coverage),
        "auroc" => {
            let scored: Vec<Scored> = labels.iter().filter_map(|label| Scored::new(label.in_scope?, !label.is_outside()).ok()).collect();
            auroc(&scored)
        }
        other => match other.strip_prefix("over_") {
            Some(name) => Some(share(&Label::is_right)? - beside(name)?),
            None => beside(other.strip_suffix("_accuracy")?),
        },
    }
}

/// What a threshold that was chosen on one half of the guesses keeps of the other: its precision and its coverage, as means over splits.
///
/// `None` where no half has a threshold, or one keeps nothing of the other half.
fn kept(judged: &[Judged]) -> Option<(f64, f64)> {
    let mut kept = Vec::new();
    for split in 0..SPLITS {
        let mut order: Vec<(u64, Judged)> = judged.iter().zip(0..).map(|(guess, place)| (mixed(split, place), *guess)).collect();
        order.sort_by_key(|(key, _)| *key);
        let guesses: Vec<Judged> = order.into_iter().map(|(_, guess)| guess).collect();
        let (chosen_on, tried_on) = guesses.split_at(guesses.len() / 2);
        let least = Advice::of(chosen_on, PRECISION).expected?.least;
        let standing: Vec<&Judged> = tried_on.iter().filter(|guess| guess.confidence() >= least).collect();
        let right = standing.iter().filter(|guess| guess.right()).count();
        kept.push((share(right, standing.len())?, share(standing.len(), tried_on.len())?));
    }
    let mean = |of: fn(&(f64, f64)) -> f64| kept.iter().map(of).sum::<f64>() / count(kept.len());
    Some((mean(|(precision, _)| *precision), mean(|(_, coverage)| *coverage)))
}

/// A number that looks like chance and is the same every time (the finaliser of `SplitMix64`; Steele, Lea and Flood, 2014).
const fn mixed(split: u64, place: u64) -> u64 {
    let mut z = (split << 32 | place).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn of_labels(base: &str, said: &[&Labels]) -> Option<f64> {
    if base == "exact" {
        let same = said.iter().filter(|labels| sorted(&labels.truth) == sorted(&labels.said)).count();
        return share(same, said.len());
    }
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for labels in said {
        let (truth, said) = (sorted(&labels.truth), sorted(&labels.said));
        truth.intersection(&said).for_each(|label| counts.entry(label).or_default().true_positives += 1);
        said.difference(&truth).for_each(|label| counts.entry(label).or_default().false_positives += 1);
        truth.difference(&said).for_each(|label| counts.entry(label).or_default().false_negatives += 1);
    }
    let all: Counts = counts.values().copied().sum();
    match base {
        "micro_f1" => all.f1(),
        "micro_precision" => all.precision(),
        "micro_recall" => all.recall(),
        _ => {
            let each: Vec<f64> = counts.values().filter_map(|counts| counts.f1()).collect();
            (!each.is_empty()).then(|| each.iter().sum::<f64>() / count(each.len()))
        }
    }
}

fn sorted(labels: &[String]) -> BTreeSet<&str> {
    labels.iter().map(String::as_str).collect()
}

fn of_spans<'i>(base: &str, said: impl Iterator<Item = &'i Spans>) -> Option<f64> {
    let (of_values, kinds) = match (base.strip_prefix("span_f1"), base.strip_prefix("value_accuracy")) {
        (Some(kinds), _) => (false, kinds),
        (None, kinds) => (true, kinds?),
    };
    let has = |kind: &str| match kinds {
        "_ids" => IDS.contains(&kind),
        "_dates" => kind == "date",
        "_addresses" => kind == "address",
        _ => true,
    };
    let sum = said
        .flat_map(|spans| -> Vec<Counts> {
            if of_values {
                let chosen = spans.values.iter().filter(|(kind, _)| has(kind));
                chosen.map(|(_, [right, wrong])| Counts { true_positives: *right, false_positives: *wrong, false_negatives: 0 }).collect()
            } else {
                let chosen = spans.spans.iter().filter(|(kind, _)| has(kind));
                chosen
                    .map(|(_, [hit, wrong, missed])| Counts { true_positives: *hit, false_positives: *wrong, false_negatives: *missed })
                    .collect()
            }
        })
        .sum::<Counts>();
    if of_values { sum.precision() } else { sum.f1() }
}

pub(super) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| count(part) / count(whole))
}

#[expect(clippy::cast_precision_loss, reason = "numbers of items stay far below 2^52")]
pub(super) const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::records::OUT_OF_SCOPE;

    fn asked(truth: &str, guess: &str, probability: f64, answer: &str) -> Item {
        let [truth, guess, answer] = [truth, guess, answer].map(str::to_owned);
        let (guess, answer) = (Some(guess), Some(answer).filter(|answer| !answer.is_empty()));
        let label = Label { truth, guess, answer, probability: Some(probability), in_scope: Some(probability), ..Label::default() };
        Item { id: "1".to_owned(), lang: Some("en".to_owned()), half: None, said: Said::Label(label) }
    }

    fn of(name: &str, items: &[Item]) -> Option<f64> {
        measure(name, items, None).value
    }

    #[test]
    fn a_threshold_for_a_precision_is_tried_on_the_guesses_that_it_was_not_chosen_on() {
        // The surer half is right 99 times of 100, the other 7 times of 10.
        let said: Vec<Item> = (0..2_000_u32)
            .map(|number| {
                let (is_sure, chance) = (number % 2 == 0, number / 2 % 100);
                let is_right = if is_sure { chance != 0 } else { chance % 10 < 7 };
                let probability =
                    if is_sure { 0.9 } else { 0.5 } + f64::from(u16::try_from(mixed(7, u64::from(number)) >> 48).unwrap()) / 1e7;
                asked("a", if is_right { "a" } else { "b" }, probability, "a")
            })
            .collect();
        let (precision, coverage) = (of("kept_precision@p95", &said).unwrap(), of("kept_coverage@p95", &said).unwrap());
        assert!((0.94..0.97).contains(&precision) && (0.5..0.65).contains(&coverage), "{precision} {coverage}");
        assert_eq!(of("kept_precision@p95", &said[..20]), None, "ten guesses choose no threshold");
    }

    #[test]
    fn right_intents_and_refusals_are_told_of_the_same_answers() {
        let said = [
            asked("a", "a", 0.9, "a"),
            asked("a", "a", 0.4, OUT_OF_SCOPE),
            asked("b", "a", 0.8, "a"),
            asked("b", "b", 0.7, "b"),
            asked(OUT_OF_SCOPE, "b", 0.3, OUT_OF_SCOPE),
            asked(OUT_OF_SCOPE, "a", 0.6, "a"),
        ];
        assert_eq!(of("accuracy", &said), Some(0.5), "the guess that is not shown is no right one");
        assert_eq!(of("oos_recall", &said), Some(0.5));
        // Of eight pairs of one text with an intent and one without, the first is surer in seven.
        assert_eq!(of("auroc", &said), Some(7.0 / 8.0));
        assert_eq!((measure("oos_recall", &said, None).n, measure("accuracy", &said, Some(0.4)).bar), (2, Some(0.4)));
        assert_eq!(of("oos_recall", &said[..4]), None, "a recall of nothing is none");
    }

    #[test]
    fn an_abstention_is_no_right_answer_and_lowers_coverage_but_not_precision() {
        let said = [asked("a", "a", 0.9, "a"), asked("a", "a", 0.4, ""), asked("b", "a", 0.8, "a"), asked("b", "b", 0.7, "b")];
        assert_eq!(of("accuracy", &said), Some(0.5));
        assert_eq!(of("coverage", &said), Some(0.75));
        assert_eq!(of("precision@1", &said), Some(2.0 / 3.0));
    }

    #[test]
    fn a_name_says_of_which_items_it_is() {
        let mut said = vec![asked("a", "a", 0.9, "a"), asked("a", "b", 0.4, "b")];
        said[1].lang = Some("fr".to_owned());
        said[1].half = Some(Half::Held);
        for (name, value, n) in [("accuracy", 0.5, 2), ("accuracy@en", 1.0, 1), ("accuracy@fr", 0.0, 1), ("accuracy@fr@held", 0.0, 1)] {
            let metric = measure(name, &said, None);
            assert_eq!((metric.value, metric.n), (Some(value), n), "{name}");
        }
        assert_eq!(measure("accuracy@de", &said, None).n, 0);
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(unknown(Task::Intent, None, &names(&["coverage@p95@fr", "accuracy@held", "recall"])).unwrap(), "recall");
        assert_eq!(unknown(Task::Entities, None, &names(&["span_f1_ids_fr@dev", "span_f1_cities"])).unwrap(), "span_f1_cities");
    }

    #[test]
    fn a_difference_meets_its_bar_when_its_whole_interval_lies_above() {
        let mut said: Vec<Item> = (0..40).map(|_| asked("a", "a", 0.9, "a")).collect();
        for (place, item) in said.iter_mut().enumerate() {
            let Said::Label(label) = &mut item.said else { unreachable!() };
            label.beside.insert("knn".to_owned(), if place % 4 == 0 { "b" } else { "a" }.to_owned());
        }
        let wins = measure("over_knn", &said, Some(0.0));
        assert_eq!((wins.value, wins.is_met()), (Some(0.25), Some(true)));
        assert_eq!(of("knn_accuracy", &said), Some(0.75));
        let even = measure("over_knn", &said[1..4], Some(0.0));
        assert_eq!((even.value, even.is_met()), (Some(0.0), Some(false)));
    }

    #[test]
    fn several_labels_of_a_text_are_counted_each() {
        let item = |truth: &[&str], said: &[&str]| Item {
            id: "1".to_owned(),
            lang: None,
            half: None,
            said: Said::Labels(Labels {
                truth: truth.iter().map(ToString::to_string).collect(),
                said: said.iter().map(ToString::to_string).collect(),
            }),
        };
        let said = [item(&["card", "lost"], &["lost", "card"]), item(&["card"], &["card", "fee"]), item(&["fee"], &[])];
        assert_eq!(of("exact", &said), Some(1.0 / 3.0));
        assert_eq!((of("micro_precision", &said), of("micro_recall", &said)), (Some(0.75), Some(0.75)));
        // `card` and `lost` 1, `fee` 0.
        assert_eq!(of("macro_f1", &said), Some(2.0 / 3.0));
    }
}
