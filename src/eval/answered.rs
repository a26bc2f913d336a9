//! Which earlier side conversation, ticket or article answers what somebody is about to ask: every ask of a desk, held against what was there
//! before it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::time::Timestamp;
use crate::eval::Measured;
use crate::eval::error::EvalError;
use crate::eval::given::Given;
use crate::eval::item::{Half, Item, Said};
use crate::eval::records::{AnsweredAskRecord, read};
use crate::eval::suite::{LANGUAGES, Suite};
use crate::eval::triage::Desk;

/// The metrics of the task.
pub(super) const MEASURES: [&str; 3] = ["precision@1", "coverage", "false_alarms"];

/// A desk as it is taken in: its folder without labels, and its playbook.
#[derive(Debug, Clone)]
pub struct Shop<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// The playbook's files.
    pub playbook: &'a BTreeMap<String, String>,
}

/// An ask as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wondered {
    /// The ticket that it was about, as the desk's files call it.
    pub ticket: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// When it was sent: nothing later is known.
    pub at: Timestamp,
}

/// What was found for an ask.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Whether there is an earlier answer.
    pub has: bool,
    /// What was shown first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// Whether that answers.
    pub right: bool,
}

#[derive(Deserialize)]
struct ThreadRow {
    external_id: String,
    ticket: String,
    subject: String,
    created_at: String,
    messages: Vec<MessageRow>,
}

#[derive(Deserialize)]
struct MessageRow {
    body: String,
}

pub(super) async fn measure(suite: &Suite, data: &Path, given: &Given, desk: &impl Desk) -> Result<Measured, EvalError> {
    let named = |what: &str| EvalError::Suite { name: suite.name.clone(), reason: format!("`{what}` is missing: this task needs it") };
    let folder = suite.workspace.as_ref().ok_or_else(|| named("workspace"))?;
    let playbook = given.playbook.as_ref().ok_or_else(|| named("workspace"))?;
    let records: Vec<AnsweredAskRecord> = read(data, &suite.test)?;
    let files: Vec<String> = LANGUAGES.map(|lang| format!("{folder}/threads.{lang}.jsonl")).to_vec();
    let threads: Vec<Value> = read(data, &files)?;
    let mut by_id = BTreeMap::new();
    for thread in &threads {
        let row =
            ThreadRow::deserialize(thread).map_err(|error| EvalError::TooLittle(format!("a side conversation in `{folder}`: {error}")))?;
        by_id.insert(row.external_id.clone(), row);
    }
    let unknown = |id: &str| EvalError::TooLittle(format!("`{folder}` has no side conversation `{id}`"));
    let mut asked = Vec::with_capacity(records.len());
    for record in &records {
        let row = by_id.get(&record.ask).ok_or_else(|| unknown(&record.ask))?;
        let at = row.created_at.parse().map_err(|error| EvalError::TooLittle(format!("`{}`: {error}", record.ask)))?;
        let body = row.messages.first().map(|message| message.body.clone()).unwrap_or_default();
        asked.push(Wondered { ticket: row.ticket.clone(), subject: row.subject.clone(), body, at });
    }
    let found = desk.answered(&Shop { folder: &data.join(folder), playbook: &playbook.files }, &asked).await?;
    let items = records.into_iter().zip(found).map(|(record, shown)| item(record, shown)).collect();
    Ok(Measured { learned_from: threads.len(), items, ..Measured::default() })
}

fn item(record: AnsweredAskRecord, shown: Option<String>) -> Item {
    let AnsweredAskRecord { ask, lang, split, thread, also } = record;
    let right: BTreeSet<String> = thread.into_iter().chain(also).collect();
    let half = match split.as_deref() {
        Some("dev") => Some(Half::Dev),
        Some("held") => Some(Half::Held),
        _ => None,
    };
    let is_right = shown.as_ref().is_some_and(|shown| right.contains(shown));
    Item { id: ask, lang, half, said: Said::Answered(Answered { has: !right.is_empty(), shown, right: is_right }) }
}

/// Whether a metric is measured on an ask.
pub(super) fn takes(base: &str, answered: &Answered) -> bool {
    match base {
        "coverage" => answered.has,
        "false_alarms" => !answered.has,
        _ => true,
    }
}

/// A metric of some asks; `None` where it has no value.
#[expect(clippy::cast_precision_loss, reason = "counts of asks are far below 2^52")]
pub(super) fn value(base: &str, asks: &[&Answered]) -> Option<f64> {
    let count = |of: fn(&Answered) -> bool| asks.iter().filter(|ask| of(ask)).count();
    let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    let is_shown = |ask: &Answered| ask.shown.is_some();
    match base {
        // Of what is shown first, whether or not there is an answer.
        "precision@1" => share(count(|ask| ask.right), count(is_shown)),
        // Of the asks that have an earlier answer, those for which a right one is shown first.
        "coverage" => share(count(|ask| ask.right), asks.len()),
        _ => share(count(is_shown), asks.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(has: bool, shown: Option<bool>) -> Answered {
        Answered { has, shown: shown.map(|_| "x".to_owned()), right: shown == Some(true) }
    }

    #[test]
    fn what_is_shown_without_need_costs_precision_and_what_is_missed_costs_coverage() {
        let asks = [ask(true, Some(true)), ask(true, None), ask(true, Some(false)), ask(false, Some(false)), ask(false, None)];
        let of = |name: &str| value(name, &asks.iter().filter(|ask| takes(name, ask)).collect::<Vec<_>>());
        assert_eq!((of("precision@1"), of("coverage"), of("false_alarms")), (Some(1.0 / 3.0), Some(1.0 / 3.0), Some(0.5)));
        assert_eq!(value("precision@1", &[&ask(false, None)]), None);
    }

    #[test]
    fn any_of_the_right_answers_is_right() {
        let record = |line: &str| serde_json::from_str::<AnsweredAskRecord>(line).unwrap();
        let line = r#"{"ask": "SC-2", "lang": "fr", "split": "held", "thread": "SC-1", "also": ["refunds"]}"#;
        let said = |shown: Option<&str>| item(record(line), shown.map(str::to_owned)).said;
        let expected = |shown: Option<&str>, right| Said::Answered(Answered { has: true, shown: shown.map(str::to_owned), right });
        assert_eq!(said(Some("refunds")), expected(Some("refunds"), true));
        assert_eq!(said(Some("SC-9")), expected(Some("SC-9"), false));
        assert_eq!(said(None), expected(None, false));
        assert_eq!(item(record(r#"{"ask": "SC-2"}"#), None).said, Said::Answered(Answered::default()));
    }
}
