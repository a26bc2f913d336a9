//! Which numbers, names, amounts and dates are found in texts, exactly where they stand, and how many of their values are right.

use std::path::Path;

use backchannel_measure::counts::Counts;
use backchannel_measure::spans::{Span, exact_match_by_kind};

use crate::domain::time::Timestamp;
use crate::eval::Measured;
use crate::eval::error::EvalError;
use crate::eval::given::Given;
use crate::eval::item::{Half, Item, Said, Spans};
use crate::eval::records::{EntitiesRecord, read};
use crate::eval::suite::Suite;
use crate::text::entity::{self, Patterns};
use crate::triage::sought;

/// Something in a text, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    span: Span<String>,
    value: String,
}

pub(super) fn measure(suite: &Suite, data: &Path, given: &Given) -> Result<Measured, EvalError> {
    let patterns = match &given.playbook {
        None => Patterns::builtin(),
        Some(playbook) => sought::patterns(&playbook.parse(suite)?).map_err(|error| playbook.refused(suite, error))?,
    };
    let records: Vec<EntitiesRecord> = read(data, &suite.test)?;
    if records.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has nothing to ask", suite.name)));
    }
    let items = records.into_iter().zip(1..).map(|(record, number)| ask(number, record, &patterns)).collect::<Result<_, _>>()?;
    Ok(Measured { items, ..Measured::default() })
}

/// Looks for everything in the text of a record; `number` counts them from 1.
fn ask(number: usize, record: EntitiesRecord, patterns: &Patterns) -> Result<Item, EvalError> {
    let EntitiesRecord { text, lang, at, entities } = record;
    let at: Timestamp = at.parse().map_err(|error| EvalError::TooLittle(format!("text {number}: {error}")))?;
    let truth: Vec<Named> = entities
        .into_iter()
        .map(|entity| Named { span: Span { start: entity.start, end: entity.end, kind: entity.kind }, value: entity.value })
        .collect();
    // Whoever uses a find looks at its check: a number that is wrong is none.
    let found: Vec<Named> = entity::find(&text, patterns, Some(at))
        .into_iter()
        .filter(|found| found.checked != Some(false))
        .map(|found| Named { span: Span { start: found.span.start, end: found.span.end, kind: found.kind }, value: found.value })
        .collect();
    // Every second text may be read while the code is made.
    let half = if number.is_multiple_of(2) { Half::Dev } else { Half::Held };
    Ok(Item { id: number.to_string(), lang: Some(lang), half: Some(half), said: Said::Spans(counted(&truth, &found)) })
}

/// Hits and errors in one text: of spans, and of the values among the right spans.
fn counted(truth: &[Named], found: &[Named]) -> Spans {
    let spans = |named: &[Named]| named.iter().map(|named| named.span.clone()).collect::<Vec<_>>();
    let mut counted = Spans::default();
    for (kind, counts) in exact_match_by_kind(&spans(truth), &spans(found)) {
        let Counts { true_positives, false_positives, false_negatives } = counts;
        counted.spans.insert(kind, [true_positives, false_positives, false_negatives]);
    }
    for found in found {
        if let Some(truth) = truth.iter().find(|truth| truth.span == found.span) {
            let [right, wrong] = counted.values.entry(found.span.kind.clone()).or_default();
            *(if truth.value == found.value { right } else { wrong }) += 1;
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::tests::measured;

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
        let metrics = measured(&suite(&names, Some("playbook")), data.path()).unwrap();
        let value = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap();
        // Four right, one missed: 8 / 9.
        assert!((value("span_f1").value.unwrap() - 8.0 / 9.0).abs() < 1e-9, "{metrics:?}");
        assert_eq!((value("span_f1_ids").value, value("span_f1_ids").n), (Some(1.0), 2));
        assert!((value("span_f1_dates").value.unwrap() - 0.8).abs() < 1e-9);
        assert_eq!((value("span_f1_dates_fr").value, value("span_f1_dates_fr").n), (Some(1.0), 1));
        assert_eq!((value("span_f1_ids@dev").value, value("span_f1_ids@dev").n), (Some(1.0), 1), "the second is even");
        assert_eq!(value("value_accuracy_dates").value, Some(0.5), "yesterday was the 19th");
        assert_eq!(value("span_f1_addresses").value, None, "there is none and none was found");
        assert!(value("span_f1").low.is_some());
    }

    #[test]
    fn without_the_playbook_its_numbers_are_not_found() {
        let metrics = measured(&suite(&["span_f1_ids_fr"], None), data().path()).unwrap();
        assert_eq!(metrics[0].value, Some(0.0));
    }

    #[test]
    fn a_metric_or_a_playbook_that_is_none_is_named() {
        let data = data();
        for name in ["accuracy", "span_f1_cities", "span_f1@test"] {
            let said = measured(&suite(&[name], None), data.path()).err().unwrap().to_string();
            assert!(said.contains(name), "{said}");
        }
        let said = measured(&suite(&["span_f1"], Some("elsewhere")), data.path()).err().unwrap().to_string();
        assert!(said.contains("elsewhere"), "{said}");
    }

    #[test]
    fn the_bars_of_the_labelled_texts_are_met() {
        let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/texts");
        let metrics = measured(&Suite::named("entities").unwrap(), &texts).unwrap();
        for metric in &metrics {
            assert_ne!(metric.is_met(), Some(false), "{metric:?}");
        }
    }
}
