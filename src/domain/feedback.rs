//! Thumbs: what people thought of a suggestion.

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
    /// Which part it is.
    pub part: Part,
    /// What it pointed at: a passage, a person, a thread, or nothing for a draft.
    pub target: Option<String>,
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
