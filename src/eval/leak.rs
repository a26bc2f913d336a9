//! Which outgoing messages the guard stops, and which it should have let go.
//!
//! A message is caught where something that its author must at least acknowledge is found on words that must not leave; it is blocked
//! where something keeps it from being sent. The desk is the product itself, with everything that the company has.

use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::eval::error::EvalError;
use crate::eval::given::Given;
use crate::eval::item::{Half, Item, Said};
use crate::eval::records::read;
use crate::eval::suite::Suite;
use crate::eval::{Desk, Measured};

/// What the task can measure.
pub(super) const MEASURES: [&str; 11] = [
    "recall",
    "recall_verbatim",
    "recall_copied",
    "recall_in_other_words",
    "false_blocks",
    "false_alarms",
    "recall_internal_note",
    "recall_side_thread",
    "recall_restricted",
    "recall_other_customer",
    "recall_secret_or_personal",
];

/// A message that is about to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// What it is called.
    pub id: String,
    /// Its language.
    pub lang: String,
    /// The ticket that it is sent from.
    pub ticket: String,
    /// Who would read it: addresses, and what channels are called.
    pub to: Vec<String>,
    /// Copies.
    #[serde(default)]
    pub cc: Vec<String>,
    /// Hidden copies.
    #[serde(default)]
    pub bcc: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// Whether something in it must not leave.
    pub harmful: bool,
    /// Whether that is copied word for word.
    pub verbatim: bool,
    /// Where it stands.
    #[serde(default)]
    pub spans: Vec<Harm>,
}

/// Words that must not leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Harm {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// What they are.
    pub kind: String,
}

/// What a guard found: where, or nowhere in particular, and whether it keeps the message from being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands, in bytes.
    pub span: Option<(usize, usize)>,
    /// Whether the message is not to be sent.
    pub blocks: bool,
}

/// What is right of a message, and what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warned {
    /// What of it must not leave; empty where nothing is.
    pub harms: Vec<String>,
    /// Whether that is copied word for word.
    pub verbatim: bool,
    /// Whether it was found.
    pub caught: bool,
    /// How much was found that its author must at least acknowledge.
    pub found: usize,
    /// How much of that keeps it from being sent.
    pub blocking: usize,
}

impl Warned {
    pub(super) fn is_asked(&self, base: &str) -> bool {
        let is_harmful = !self.harms.is_empty();
        let has = |kinds: &[&str]| self.harms.iter().any(|harm| kinds.contains(&harm.as_str()));
        match base {
            "recall" => is_harmful,
            "recall_verbatim" => is_harmful && self.verbatim,
            "recall_copied" => self.verbatim && has(&["internal_note", "side_thread", "restricted", "other_customer"]),
            "recall_in_other_words" => is_harmful && !self.verbatim,
            "recall_secret_or_personal" => has(&["secret", "personal"]),
            _ => base.strip_prefix("recall_").map_or(!is_harmful, |kind| has(&[kind])),
        }
    }
}

pub(super) fn value(base: &str, said: &[&Warned]) -> Option<f64> {
    let count = said.iter().filter(|one| match base {
        "false_blocks" => one.blocking > 0,
        "false_alarms" => one.found > 0,
        _ => one.caught,
    });
    super::metric::share(count.count(), said.len())
}

pub(super) async fn measure(suite: &Suite, data: &Path, given: &Given, desk: &impl Desk) -> Result<Measured, EvalError> {
    let (Some(folder), Some(playbook)) = (&suite.workspace, &given.playbook) else {
        let reason = "the task `leak` needs `workspace`".to_owned();
        return Err(EvalError::Suite { name: suite.name.clone(), reason });
    };
    let messages: Vec<Outgoing> = read(data, &suite.test)?;
    if messages.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has nothing to ask", suite.name)));
    }
    let begun = Instant::now();
    let found = desk.check(&data.join(folder), &playbook.files, &messages).await?;
    let learning_seconds = begun.elapsed().as_secs_f64();
    let items = messages.into_iter().zip(found).zip(1_usize..).map(|((message, found), number)| {
        // Every second text may be read while the code is made.
        let half = if number.is_multiple_of(2) { Half::Dev } else { Half::Held };
        let said = Said::Warned(judge(&message, &found));
        Item { id: message.id, lang: Some(message.lang), half: Some(half), said }
    });
    let head = Some("the product's guard over everything that the company has".to_owned());
    Ok(Measured { items: items.collect(), learning_seconds, head, ..Measured::default() })
}

fn judge(message: &Outgoing, found: &[Found]) -> Warned {
    let meets = |harm: &Harm| found.iter().filter_map(|found| found.span).any(|(start, end)| start < harm.end && harm.start < end);
    // Words that go to an address which is not what it seems are stopped with the address, and a body with its subject.
    let stops = found.iter().any(|found| found.blocks && found.span.is_none());
    Warned {
        harms: message.spans.iter().map(|harm| harm.kind.clone()).collect(),
        verbatim: message.verbatim,
        caught: stops || message.spans.iter().any(meets),
        found: found.len(),
        blocking: found.iter().filter(|found| found.blocks).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_caught_where_its_harm_is_found() {
        let message = |spans: Vec<Harm>| Outgoing {
            id: "1".to_owned(),
            lang: "en".to_owned(),
            ticket: "T-1".to_owned(),
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: String::new(),
            body: "the key is under the mat".to_owned(),
            harmful: !spans.is_empty(),
            verbatim: true,
            spans,
        };
        let harm = || vec![Harm { start: 11, end: 24, kind: "secret".to_owned() }];
        let at = |start, end, blocks| Found { span: Some((start, end)), blocks };
        let caught = judge(&message(harm()), &[at(4, 12, true)]);
        assert!(caught.caught && caught.blocking == 1 && caught.is_asked("recall") && !caught.is_asked("false_blocks"));
        assert!(!judge(&message(harm()), &[at(0, 3, false)]).caught, "elsewhere");
        let fine = judge(&message(Vec::new()), &[at(0, 3, false)]);
        assert!(fine.found == 1 && fine.blocking == 0 && fine.is_asked("false_blocks") && !fine.is_asked("recall_secret"));
        assert_eq!(value("false_alarms", &[&fine]), Some(1.0));
    }
}
