//! Evidence and citations, as the outside sees them.

use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::panel::{Cited, Summary};
use crate::domain::reason::Reason;
use crate::domain::triage::{Abstention, Evidence, Source};

/// Something that a statement rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvidenceOut {
    /// What it is.
    pub source: SourceOut,
    /// What it is called where people point at it.
    #[schema(examples("T-1004"))]
    pub title: String,
    /// The words that matter.
    pub quote: String,
    /// Where the quote stands in the source's text, in bytes of UTF-8.
    #[schema(required)]
    pub span: Option<SpanOut>,
    /// When the source was written or last changed.
    #[schema(required, format = DateTime)]
    pub at: Option<String>,
}

/// A stretch of a text, in bytes of UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpanOut {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// What can be cited: `kind` says which ids are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SourceOut {
    /// A passage of a document.
    Passage {
        /// The passage.
        #[schema(format = "uuid")]
        id: String,
        /// Its document.
        #[schema(format = "uuid")]
        document: String,
    },
    /// A ticket's own text.
    Ticket {
        /// The ticket.
        #[schema(format = "uuid")]
        id: String,
    },
    /// A comment on a ticket.
    Comment {
        /// The comment.
        #[schema(format = "uuid")]
        id: String,
        /// Its ticket.
        #[schema(format = "uuid")]
        ticket: String,
    },
    /// A message of a side conversation.
    Message {
        /// The message.
        #[schema(format = "uuid")]
        id: String,
        /// Its side conversation.
        #[schema(format = "uuid")]
        side_conversation: String,
    },
    /// A piece of the text of a file that came with a ticket, its comments or its side conversations.
    Attachment {
        /// The piece.
        #[schema(format = "uuid")]
        id: String,
        /// The file.
        #[schema(format = "uuid")]
        attachment: String,
        /// Its ticket.
        #[schema(format = "uuid")]
        ticket: String,
    },
    /// A line of the playbook.
    Playbook {
        /// Always null: the playbook is one.
        #[schema(required)]
        id: Option<String>,
    },
}

/// A sentence with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CitedOut {
    /// The sentence.
    pub text: String,
    /// What it rests on; never empty.
    pub evidence: Vec<EvidenceOut>,
}

/// A cited summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SummaryOut {
    /// Its sentences, in reading order.
    pub sentences: Vec<CitedOut>,
}

/// Why nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AbstentionOut {
    /// In English, for a person.
    pub reason: String,
    /// The same as a word that never changes.
    #[schema(examples("not_calibrated"))]
    pub reason_code: String,
    /// What was closest, best first.
    pub candidates: Vec<String>,
}

impl From<Range<usize>> for SpanOut {
    fn from(span: Range<usize>) -> Self {
        let Range { start, end } = span;
        Self { start, end }
    }
}

impl From<Source> for SourceOut {
    fn from(source: Source) -> Self {
        match source {
            Source::Passage(document, id) => Self::Passage { id: id.to_string(), document: document.to_string() },
            Source::Ticket(id) => Self::Ticket { id: id.to_string() },
            Source::Comment(ticket, id) => Self::Comment { id: id.to_string(), ticket: ticket.to_string() },
            Source::Message(thread, id) => Self::Message { id: id.to_string(), side_conversation: thread.to_string() },
            Source::Attachment(ticket, attachment, id) => {
                Self::Attachment { id: id.to_string(), attachment: attachment.to_string(), ticket: ticket.to_string() }
            }
            Source::Playbook => Self::Playbook { id: None },
        }
    }
}

impl From<Evidence> for EvidenceOut {
    fn from(evidence: Evidence) -> Self {
        let Evidence { source, title, quote, span, at } = evidence;
        Self { source: source.into(), title, quote, span: span.map(Into::into), at: at.map(|at| at.to_string()) }
    }
}

impl From<Cited> for CitedOut {
    fn from(cited: Cited) -> Self {
        let Cited { text, evidence } = cited;
        Self { text, evidence: evidence.into_iter().map(Into::into).collect() }
    }
}

impl From<Summary> for SummaryOut {
    fn from(summary: Summary) -> Self {
        let Summary { sentences } = summary;
        Self { sentences: sentences.into_iter().map(Into::into).collect() }
    }
}

/// Warnings in English, and their codes.
pub(super) fn told(warnings: &[Reason]) -> (Vec<String>, Vec<String>) {
    warnings.iter().map(|warning| (warning.to_string(), warning.code().to_owned())).unzip()
}

impl From<Abstention> for AbstentionOut {
    fn from(abstention: Abstention) -> Self {
        let Abstention { reason, candidates } = abstention;
        Self { reason: reason.to_string(), reason_code: reason.code().to_owned(), candidates }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::id::{MessageId, ThreadId};
    use crate::domain::time::Timestamp;

    #[test]
    fn a_source_names_its_kind_and_its_ids() {
        let zero = Timestamp::from_micros(0);
        let (thread, message) = (ThreadId::at(zero, [1; 10]), MessageId::at(zero, [2; 10]));
        let out = EvidenceOut::from(Evidence {
            source: Source::Message(thread, message),
            title: "SC-101".into(),
            quote: "Do not post it.".into(),
            span: Some(3..18),
            at: Some(zero),
        });
        assert_eq!(
            serde_json::to_value(out).unwrap(),
            json!({
                "source": {"kind": "message", "id": message.to_string(), "side_conversation": thread.to_string()},
                "title": "SC-101", "quote": "Do not post it.", "span": {"start": 3, "end": 18}, "at": "1970-01-01T00:00:00Z",
            })
        );
        assert_eq!(serde_json::to_value(SourceOut::from(Source::Playbook)).unwrap(), json!({"kind": "playbook", "id": null}));
    }
}
