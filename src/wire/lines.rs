//! JSON lines: the records of `ingest`, one a line, told apart by `type`.

use serde_json::{Map, Value};

use crate::domain::intake::{NewCustomer, NewPerson, NewThread, NewTicket};
use crate::domain::person::{Channel, Team};
use crate::wire::customer::CustomerIn;
use crate::wire::directory::{ChannelIn, PersonIn, TeamIn};
use crate::wire::label::{LabelIn, LabelRecord};
use crate::wire::read::{FieldError, ReadError, read, read_value, unknown};
use crate::wire::thread::ThreadIn;
use crate::wire::ticket::TicketIn;

/// The words of `type`.
const TYPES: [&str; 7] = ["ticket", "thread", "customer", "person", "team", "channel", "label"];

/// One line of a file that is taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A ticket with its comments.
    Ticket {
        /// The ticket.
        ticket: NewTicket,
        /// The files of the ticket, and of each comment.
        files: NamedFiles,
    },
    /// A side conversation on a ticket that is already there or earlier in the same run.
    Thread {
        /// The ticket's `external_id`.
        ticket: String,
        /// The side conversation with its messages.
        thread: NewThread,
        /// The files of its first message, and of each of its `messages`.
        files: NamedFiles,
    },
    /// A customer with their orders.
    Customer(NewCustomer),
    /// Somebody who can be consulted.
    Person(NewPerson),
    /// A team that can be consulted.
    Team(Team),
    /// A place where a team is asked.
    Channel(Channel),
    /// What somebody said a ticket is.
    Label(LabelRecord),
}

/// The files that a line names, as paths relative to the file that it stands in: the values of `files`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedFiles {
    /// Those of the whole.
    pub own: Vec<String>,
    /// Those of each comment or message.
    pub each: Vec<Vec<String>>,
}

impl NamedFiles {
    /// Every file.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.own.iter().chain(self.each.iter().flatten()).map(String::as_str)
    }

    /// Takes the files out of a record whose parts stand under `parts`.
    fn take(fields: &mut Map<String, Value>, parts: &str) -> Result<Self, FieldError> {
        let own = take_files(fields, "")?;
        let mut each = Vec::new();
        if let Some(Value::Array(items)) = fields.get_mut(parts) {
            for (index, item) in items.iter_mut().enumerate() {
                // What is no object is told when the whole is read.
                let files = item.as_object_mut().map(|fields| take_files(fields, &format!("/{parts}/{index}")));
                each.push(files.transpose()?.unwrap_or_default());
            }
        }
        Ok(Self { own, each })
    }
}

/// Why a line could not be read; the caller adds file and line number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct LineError(#[from] ReadError);

impl From<FieldError> for LineError {
    fn from(error: FieldError) -> Self {
        Self(error.into())
    }
}

impl LineError {
    /// JSON pointer (RFC 6901) to the place in the line.
    #[must_use]
    pub fn pointer(&self) -> &str {
        let (ReadError::Syntax(field) | ReadError::Shape(field)) = &self.0;
        &field.pointer
    }
}

/// Reads one line whose `type` says what it is.
///
/// # Errors
/// [`LineError`] with the pointer of the place; for an unknown key also the nearest known one.
pub fn parse_line(line: &str) -> Result<Record, LineError> {
    let mut fields: Map<String, Value> = read(line.as_bytes())?;
    let kind = take_text(&mut fields, "type")?;
    match kind.as_str() {
        "ticket" => {
            let files = NamedFiles::take(&mut fields, "comments")?;
            Ok(Record::Ticket { ticket: shape::<TicketIn>(fields)?.into_new()?, files })
        }
        "thread" => {
            let ticket = take_text(&mut fields, "ticket")?;
            let files = NamedFiles::take(&mut fields, "messages")?;
            Ok(Record::Thread { ticket, thread: shape::<ThreadIn>(fields)?.into_new()?, files })
        }
        "customer" => Ok(Record::Customer(shape::<CustomerIn>(fields)?.into_new()?)),
        "person" => Ok(Record::Person(shape::<PersonIn>(fields)?.into_new()?)),
        "team" => Ok(Record::Team(shape::<TeamIn>(fields)?.into_team()?)),
        "channel" => Ok(Record::Channel(shape::<ChannelIn>(fields)?.into_channel()?)),
        "label" => Ok(Record::Label(shape::<LabelIn>(fields)?.into_record()?)),
        other => Err(FieldError::new("/type", unknown("value", other, &TYPES)).into()),
    }
}

/// Reads one line of a file that holds only labels, where `type` may be left out.
///
/// # Errors
/// [`LineError`] with the pointer of the place; for an unknown key also the nearest known one.
pub fn parse_label(line: &str) -> Result<LabelRecord, LineError> {
    let mut fields: Map<String, Value> = read(line.as_bytes())?;
    if fields.contains_key("type") {
        let kind = take_text(&mut fields, "type")?;
        if kind != "label" {
            return Err(FieldError::new("/type", unknown("value", &kind, &["label"])).into());
        }
    }
    Ok(shape::<LabelIn>(fields)?.into_record()?)
}

fn shape<T: serde::de::DeserializeOwned>(fields: Map<String, Value>) -> Result<T, FieldError> {
    read_value(Value::Object(fields))
}

/// Takes the value of `files` out of an object that stands at `pointer`.
fn take_files(fields: &mut Map<String, Value>, pointer: &str) -> Result<Vec<String>, FieldError> {
    let wrong = || FieldError::new(format!("{pointer}/files"), "expected a list of paths, relative to this file");
    match fields.remove("files") {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.into_iter().map(|item| if let Value::String(path) = item { Ok(path) } else { Err(wrong()) }).collect()
        }
        Some(_) => Err(wrong()),
    }
}

fn take_text(fields: &mut Map<String, Value>, key: &str) -> Result<String, FieldError> {
    match fields.remove(key) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(FieldError::new(format!("/{key}"), "expected a text")),
        None if key == "type" => Err(FieldError::new("/type", format!("this key is required: one of `{}`", TYPES.join("`, `")))),
        None => Err(FieldError::new(format!("/{key}"), "this key is required")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The demo company's files hold every shape of a line; they are read whole.
    const FILES: [(&str, &str); 6] = [
        ("ticket", include_str!("../../eval/workspaces/alderwick/tickets.en.jsonl")),
        ("ticket", include_str!("../../eval/workspaces/alderwick/tickets.fr.jsonl")),
        ("thread", include_str!("../../eval/workspaces/alderwick/threads.en.jsonl")),
        ("thread", include_str!("../../eval/workspaces/alderwick/threads.fr.jsonl")),
        ("customer", include_str!("../../eval/workspaces/alderwick/customers.en.jsonl")),
        ("customer", include_str!("../../eval/workspaces/alderwick/customers.fr.jsonl")),
    ];

    fn kind(record: &Record) -> &'static str {
        match record {
            Record::Ticket { .. } => "ticket",
            Record::Thread { .. } => "thread",
            Record::Customer(_) => "customer",
            Record::Person(_) => "person",
            Record::Team(_) => "team",
            Record::Channel(_) => "channel",
            Record::Label(_) => "label",
        }
    }

    #[test]
    fn every_line_of_the_demo_company_is_read() {
        for (expected, file) in FILES {
            for (index, line) in file.lines().enumerate() {
                let record = parse_line(line).unwrap_or_else(|error| panic!("{expected} line {}: {error}", index + 1));
                assert_eq!(kind(&record), expected);
            }
        }
    }

    #[test]
    fn every_label_of_the_demo_company_is_read() {
        let files = [
            include_str!("../../eval/workspaces/alderwick/labels.en.jsonl"),
            include_str!("../../eval/workspaces/alderwick/labels.fr.jsonl"),
        ];
        let labels: Vec<LabelRecord> = files.iter().flat_map(|file| file.lines()).map(|line| parse_label(line).unwrap()).collect();
        assert!(labels.len() >= 200, "only {}", labels.len());
        assert!(labels.iter().any(|record| !record.similar_threads.is_empty()));
    }

    #[test]
    fn an_error_names_the_place_and_the_nearest_known_word() {
        let check = |line: &str, expected: &str| assert_eq!(parse_line(line).unwrap_err().to_string(), expected, "{line}");
        check(r#"{"type":"tickets","subject":"a"}"#, "`/type`: unknown value `tickets`: did you mean `ticket`?");
        check(
            r#"{"subject":"a"}"#,
            "`/type`: this key is required: one of `ticket`, `thread`, `customer`, `person`, `team`, `channel`, `label`",
        );
        check(
            r#"{"type":"ticket","subject":"a","body":"b","requestor":{"email":"a@b.example"}}"#,
            "`/requestor`: unknown key `requestor`: did you mean `requester`?",
        );
        check(
            r#"{"type":"ticket","subject":"a","body":"b","requester":{"email":"a"}}"#,
            "`/requester/email`: `a` is not an e-mail address: expected `name@domain`",
        );
        check(r#"{"type":"thread","channel":"slack"}"#, "`/ticket`: this key is required");
        assert!(matches!(parse_line(r#"{"type":"ticket""#), Err(LineError(ReadError::Syntax(_)))));
    }

    #[test]
    fn a_line_names_the_files_of_the_whole_and_of_each_part() {
        let line = r#"{"type":"ticket","subject":"a","body":"b","requester":{"email":"a@b.example"},"files":["a.png"],
            "comments":[{"author":"t@b.example","public":true,"body":"x"},{"author":"t@b.example","public":true,"body":"y","files":["b.pdf"]}]}"#;
        let Record::Ticket { files, .. } = parse_line(line).unwrap() else { panic!("not a ticket") };
        assert_eq!(files, NamedFiles { own: vec!["a.png".to_owned()], each: vec![vec![], vec!["b.pdf".to_owned()]] });
        let wrong = r#"{"type":"ticket","subject":"a","body":"b","requester":{"email":"a@b.example"},"comments":[{"files":"x"}]}"#;
        assert_eq!(parse_line(wrong).unwrap_err().pointer(), "/comments/0/files");
    }

    #[test]
    fn out_of_scope_is_an_empty_list_of_intents() {
        assert_eq!(parse_label(r#"{"ticket":"T-1","intents":["oos"]}"#).unwrap().label.intents, Some(Vec::new()));
        assert_eq!(parse_label(r#"{"ticket":"T-1","urgency":"high"}"#).unwrap().label.intents, None);
        assert_eq!(parse_label(r#"{"ticket":"T-1","intents":[]}"#).unwrap_err().pointer(), "/intents");
        assert_eq!(parse_label(r#"{"ticket":"T-1","intents":["a","oos"]}"#).unwrap_err().pointer(), "/intents/1");
        assert_eq!(parse_label(r#"{"type":"ticket","ticket":"T-1"}"#).unwrap_err().pointer(), "/type");
    }

    #[test]
    fn a_person_and_a_label_are_records_too() {
        let person = r#"{"type":"person","email":"a@b.example","name":"A","role":"expert","skills":["batteries"]}"#;
        assert_eq!(kind(&parse_line(person).unwrap()), "person");
        assert_eq!(kind(&parse_line(r#"{"type":"label","ticket":"T-1","intents":["oos"]}"#).unwrap()), "label");
    }
}
