//! Which numbers, names, amounts and dates are found in texts, exactly where they stand, and how many of their values are right.

use std::collections::BTreeMap;
use std::path::Path;

use backchannel_measure::bootstrap::Bootstrap;
use backchannel_measure::counts::Counts;
use backchannel_measure::spans::{Span, exact_match};

use crate::domain::time::Timestamp;
use crate::eval::error::EvalError;
use crate::eval::records::{EntitiesRecord, read};
use crate::eval::suite::Suite;
use crate::eval::{Measured, Metric};
use crate::playbook::Playbook;
use crate::text::entity::{self, Patterns};
use crate::triage::sought;

/// How a metric of the task is named.
const KNOWN: &str = "span_f1`, `value_accuracy`, each with `_ids`, `_dates` or `_addresses`, with `_en` or `_fr`, with `@dev` or `@held";
/// The kinds that are numbers with a form of their own, and amounts.
const IDS: [&str; 12] =
    ["order", "invoice", "tracking", "serial", "subscription", "amount", "email", "url", "phone", "iban", "card", "product"];

/// A text that was asked.
struct Asked {
    lang: String,
    /// Whether it is one of those that may be read while the code is made: every second one.
    is_dev: bool,
    truth: Vec<Named>,
    found: Vec<Named>,
}

/// Something in a text, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    span: Span<String>,
    value: String,
}

pub(super) fn measure(suite: &Suite, data: &Path) -> Result<Measured, EvalError> {
    let asked_for: Vec<Wanted<'_>> = suite
        .metrics
        .iter()
        .map(|name| {
            let unknown = || EvalError::NoMetric { suite: suite.name.clone(), metric: name.clone(), known: KNOWN.to_owned() };
            Wanted::named(name).ok_or_else(unknown)
        })
        .collect::<Result<_, _>>()?;
    let patterns = patterns(suite, data)?;
    let records: Vec<EntitiesRecord> = read(data, &suite.test)?;
    if records.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has nothing to ask", suite.name)));
    }
    let asked = records.into_iter().enumerate().map(|(at, record)| ask(at + 1, record, &patterns)).collect::<Result<Vec<_>, _>>()?;
    let metrics = asked_for.iter().map(|wanted| wanted.measure(&asked, suite.bars.get(wanted.name).copied())).collect();
    Ok(Measured { metrics, learned_from: 0, left_out: 0, learning_seconds: 0.0 })
}

/// The patterns of the suite's playbook; the built-in ones alone where it names none.
fn patterns(suite: &Suite, data: &Path) -> Result<Patterns, EvalError> {
    let Some(folder) = &suite.playbook else { return Ok(Patterns::builtin()) };
    let path = data.join(folder);
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| EvalError::Playbook {
        suite: suite.name.clone(),
        path: path.display().to_string(),
        source,
    };
    let mut files = BTreeMap::new();
    for entry in fs_err::read_dir(&path).map_err(|error| failed(error.into()))? {
        let file = entry.map_err(|error| failed(error.into()))?.path();
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if file.is_file() && !name.starts_with('.') {
            files.insert(name, fs_err::read_to_string(&file).map_err(|error| failed(error.into()))?);
        }
    }
    let playbook = Playbook::parse(&files).map_err(|error| failed(error.into()))?;
    sought::patterns(&playbook).map_err(|error| failed(error.into()))
}

/// Looks for everything in the text of a record; `place` counts them from 1.
fn ask(place: usize, record: EntitiesRecord, patterns: &Patterns) -> Result<Asked, EvalError> {
    let EntitiesRecord { text, lang, at, entities } = record;
    let at: Timestamp = at.parse().map_err(|error| EvalError::TooLittle(format!("text {place}: {error}")))?;
    let truth = entities
        .into_iter()
        .map(|entity| Named { span: Span { start: entity.start, end: entity.end, kind: entity.kind }, value: entity.value });
    // Whoever uses a find looks at its check: a number that is wrong is none.
    let found = entity::find(&text, patterns, Some(at))
        .into_iter()
        .filter(|found| found.checked != Some(false))
        .map(|found| Named { span: Span { start: found.span.start, end: found.span.end, kind: found.kind }, value: found.value });
    Ok(Asked { lang, is_dev: place.is_multiple_of(2), truth: truth.collect(), found: found.collect() })
}

/// A metric of some kinds, in the texts of some language and half.
struct Wanted<'a> {
    name: &'a str,
    /// Whether the values of what was found are judged, and not where it stands.
    of_values: bool,
    kinds: Option<Kinds>,
    lang: Option<&'a str>,
    is_dev: Option<bool>,
}

#[derive(Clone, Copy)]
enum Kinds {
    Ids,
    Dates,
    Addresses,
}

impl Kinds {
    fn has(self, kind: &str) -> bool {
        match self {
            Self::Ids => IDS.contains(&kind),
            Self::Dates => kind == "date",
            Self::Addresses => kind == "address",
        }
    }
}

impl<'a> Wanted<'a> {
    fn named(name: &'a str) -> Option<Self> {
        let (rest, is_dev) = match name.split_once('@') {
            None => (name, None),
            Some((rest, "dev")) => (rest, Some(true)),
            Some((rest, "held")) => (rest, Some(false)),
            Some(_) => return None,
        };
        let (of_values, rest) = match (rest.strip_prefix("span_f1"), rest.strip_prefix("value_accuracy")) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => return None,
        };
        let (rest, lang) = match (rest.strip_suffix("_en"), rest.strip_suffix("_fr")) {
            (Some(rest), _) => (rest, Some("en")),
            (None, Some(rest)) => (rest, Some("fr")),
            (None, None) => (rest, None),
        };
        let kinds = match rest {
            "" => None,
            "_ids" => Some(Kinds::Ids),
            "_dates" => Some(Kinds::Dates),
            "_addresses" => Some(Kinds::Addresses),
            _ => return None,
        };
        Some(Self { name, of_values, kinds, lang, is_dev })
    }

    fn measure(&self, asked: &[Asked], bar: Option<f64>) -> Metric {
        let texts = asked.iter().filter(|asked| self.lang.is_none_or(|lang| asked.lang == lang));
        let texts = texts.filter(|asked| self.is_dev.is_none_or(|is_dev| asked.is_dev == is_dev));
        let counts: Vec<Counts> = texts.map(|asked| self.counts(asked)).collect();
        let value = |counts: Counts| if self.of_values { counts.precision() } else { counts.f1() };
        let drawn = |sample: &[usize]| value(sample.iter().map(|place| counts[*place]).sum());
        let interval = Bootstrap::default().statistic(counts.len(), drawn).ok().map(|estimate| estimate.interval);
        Metric { name: self.name.to_owned(), value: value(counts.iter().copied().sum()), interval, n: counts.len(), bar }
    }

    /// Hits and errors in one text: of spans, or of the values among the right spans.
    fn counts(&self, asked: &Asked) -> Counts {
        let has = |named: &&Named| self.kinds.is_none_or(|kinds| kinds.has(&named.span.kind));
        let (truth, found): (Vec<&Named>, Vec<&Named>) =
            (asked.truth.iter().filter(has).collect(), asked.found.iter().filter(has).collect());
        if !self.of_values {
            let spans = |named: &[&Named]| named.iter().map(|named| named.span.clone()).collect::<Vec<_>>();
            return exact_match(&spans(&truth), &spans(&found));
        }
        let right =
            found.iter().filter_map(|found| truth.iter().find(|truth| truth.span == found.span).map(|truth| truth.value == found.value));
        right.fold(Counts::default(), |counts, is_right| {
            counts + Counts { true_positives: is_right.into(), false_positives: (!is_right).into(), false_negatives: 0 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(metrics: &[&str], playbook: Option<&str>) -> Suite {
        let text = format!("name = \"x\"\ntask = \"entities\"\ntest = [\"a.jsonl\"]\nmetrics = {metrics:?}");
        let playbook = playbook.map_or_else(String::new, |folder| format!("\nplaybook = {folder:?}"));
        toml::from_str(&(text + &playbook)).unwrap()
    }

    /// Two texts: in the first the e-mail and one of two dates, in the second an order of the playbook and a wrong date.
    fn data() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir(folder.path().join("playbook")).unwrap();
        let patterns = "[patterns.order]\npattern = '\\bAW-\\d{6}-\\d\\b'\ncheck = \"mod7\"\n";
        fs_err::write(folder.path().join("playbook/entities.toml"), patterns).unwrap();
        let lines = r#"{"text": "a@b.example came tomorrow, in two moons", "lang": "en", "at": "2026-11-20T09:00:00Z", "entities": [{"kind": "email", "value": "a@b.example", "start": 0, "end": 11}, {"kind": "date", "value": "2026-11-21", "start": 17, "end": 25}, {"kind": "date", "value": "2027-01-20", "start": 27, "end": 39}]}
{"text": "aw-204518-6 ou AW-204518-7 hier", "lang": "fr", "at": "2026-11-20T09:00:00Z", "entities": [{"kind": "order", "value": "AW-204518-6", "start": 0, "end": 11}, {"kind": "date", "value": "2026-11-18", "start": 27, "end": 31}]}
"#;
        fs_err::write(folder.path().join("a.jsonl"), lines).unwrap();
        folder
    }

    #[test]
    fn spans_count_where_they_are_exact_and_a_number_that_fails_its_check_is_none() {
        let data = data();
        let names =
            ["span_f1", "span_f1_ids", "span_f1_dates", "span_f1_dates_fr", "span_f1_ids@dev", "value_accuracy_dates", "span_f1_addresses"];
        let measured = measure(&suite(&names, Some("playbook")), data.path()).unwrap();
        let value = |name: &str| measured.metrics.iter().find(|metric| metric.name == name).unwrap();
        // Four right, one missed: 8 / 9.
        assert!((value("span_f1").value.unwrap() - 8.0 / 9.0).abs() < 1e-9, "{:?}", measured.metrics);
        assert_eq!((value("span_f1_ids").value, value("span_f1_ids").n), (Some(1.0), 2));
        assert!((value("span_f1_dates").value.unwrap() - 0.8).abs() < 1e-9);
        assert_eq!((value("span_f1_dates_fr").value, value("span_f1_dates_fr").n), (Some(1.0), 1));
        assert_eq!((value("span_f1_ids@dev").value, value("span_f1_ids@dev").n), (Some(1.0), 1), "the second is even");
        assert_eq!(value("value_accuracy_dates").value, Some(0.5), "yesterday was the 19th");
        assert_eq!(value("span_f1_addresses").value, None, "there is none and none was found");
        assert!(value("span_f1").interval.is_some());
    }

    #[test]
    fn without_the_playbook_its_numbers_are_not_found() {
        let measured = measure(&suite(&["span_f1_ids_fr"], None), data().path()).unwrap();
        assert_eq!(measured.metrics[0].value, Some(0.0));
    }

    #[test]
    fn a_metric_or_a_playbook_that_is_none_is_named() {
        let data = data();
        for name in ["accuracy", "span_f1_cities", "span_f1@test", "span_f1_de"] {
            let said = measure(&suite(&[name], None), data.path()).err().unwrap().to_string();
            assert!(said.contains(name), "{said}");
        }
        let said = measure(&suite(&["span_f1"], Some("elsewhere")), data.path()).err().unwrap().to_string();
        assert!(said.contains("elsewhere"), "{said}");
    }

    #[test]
    fn the_bars_of_the_labelled_texts_are_met() {
        let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/texts");
        let measured = measure(&Suite::named("entities").unwrap(), &texts).unwrap();
        for metric in measured.metrics.iter().filter(|metric| metric.bar.is_some()) {
            assert!(metric.value >= metric.bar, "{metric:?}");
        }
    }
}
