//! What people thought of a suggestion: a thumb, or that they do not want to see it.

use crate::domain::id::{FeedbackId, SuggestionId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Part, Verdict};

/// A part of a panel as it was shown, so that a thumb can point at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Its id.
    pub id: SuggestionId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The ticket it was shown on.
    pub ticket: TicketId,
    /// What it is.
    pub target: Target,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A thumb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Its id.
    pub id: FeedbackId,
    /// What it is about.
    pub suggestion: SuggestionId,
    /// Who gave it, as the audit trail names them.
    pub by: String,
    /// Up or down.
    pub verdict: Verdict,
    /// In their words, if they wrote any.
    pub note: Option<String>,
    /// When it was given.
    pub created_at: Timestamp,
}

/// What a suggestion is, whenever it is made: two panels that suggest the same have the same targets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Which part it is.
    pub part: Part,
    /// What it points at: a passage, a person, a thread, which loose ends; `None` for a draft and the next step.
    pub thing: Option<String>,
}

/// That somebody does not want to see a suggestion on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// What is aside.
    pub target: Target,
    /// When the panel was made on which it stood: a part that is there once comes back with what was said since.
    pub made_at: Timestamp,
    /// When it was set aside.
    pub at: Timestamp,
    /// When it comes back by itself; `None` for never.
    pub until: Option<Timestamp>,
}
