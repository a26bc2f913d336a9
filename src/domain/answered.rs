//! Asks that were answered before: what is shown before a side conversation is sent, and what becomes of it.

use crate::domain::id::{AskId, DocumentId, ThreadId, TicketId, WorkspaceId};
use crate::domain::panel::Cited;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{AnswerKind, Arm, AskOutcome, EmailAddress, IntentName, Probability, ThreadChannel};

/// What an earlier answer stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnsweredIn {
    /// A side conversation, on its ticket.
    Thread(ThreadId, TicketId),
    /// A solved ticket.
    Ticket(TicketId),
    /// A document.
    Document(DocumentId),
}

/// An earlier answer to an ask.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierAnswer {
    /// What it stands in.
    pub place: AnsweredIn,
    /// What that is called where people point at it.
    pub reference: String,
    /// What it is about.
    pub title: String,
    /// Who gave it; `None` for a document.
    pub by: Option<EmailAddress>,
    /// Their name, where it is known.
    pub by_name: Option<String>,
    /// When it was given, or the document last changed.
    pub at: Timestamp,
    /// The answer, cited.
    pub quote: Cited,
    /// Whether it was given on the ticket that is asked about.
    pub is_own: bool,
    /// How likely it answers, calibrated on what became of earlier finds; `None` before enough of them were decided.
    pub probability: Option<Probability>,
    /// A document on the same matter that changed after the answer was given.
    pub changed_since: Option<ChangedSince>,
    /// How sure the search is; never shown.
    pub worth: f64,
}

/// A document that changed after an answer was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedSince {
    /// The document.
    pub document: DocumentId,
    /// Its title.
    pub title: String,
    /// When it changed.
    pub at: Timestamp,
}

/// What was found before a side conversation is sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gate {
    /// Under which id it is kept; `None` where nothing is kept.
    pub ask: Option<AskId>,
    /// What is shown, best first.
    pub answers: Vec<EarlierAnswer>,
}

/// An ask as it is kept: without its words.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptAsk {
    /// Its id.
    pub id: AskId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The ticket it is about.
    pub ticket: TicketId,
    /// Who asked, as the audit trail names them.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether what was found was shown.
    pub arm: Arm,
    /// What the ticket was about, where that was known.
    pub intent: Option<IntentName>,
    /// How the side conversation would travel, where that was known.
    pub channel: Option<ThreadChannel>,
    /// What became of it.
    pub outcome: AskOutcome,
    /// When that was decided.
    pub decided_at: Option<Timestamp>,
    /// What answered it.
    pub used: Option<Find>,
    /// What was found, best first.
    pub finds: Vec<(Find, f64)>,
}

/// What was found for an ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// Its kind.
    pub kind: AnswerKind,
    /// Its id.
    pub id: String,
}

impl AnsweredIn {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> AnswerKind {
        match self {
            Self::Thread(..) => AnswerKind::Thread,
            Self::Ticket(_) => AnswerKind::Ticket,
            Self::Document(_) => AnswerKind::Document,
        }
    }

    /// How it is kept.
    #[must_use]
    pub fn find(self) -> Find {
        let id = match self {
            Self::Thread(id, _) => id.to_string(),
            Self::Ticket(id) => id.to_string(),
            Self::Document(id) => id.to_string(),
        };
        Find { kind: self.kind(), id }
    }
}
