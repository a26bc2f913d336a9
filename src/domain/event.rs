//! Events, usage and the audit trail: what happened, what it cost, who did it.

use crate::domain::id::{EventId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;

/// Something that pages and streams want to know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// What happened, such as `ticket.triaged`.
    pub kind: String,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// When it happened.
    pub created_at: Timestamp,
}

/// A count of something that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// What was used, such as `triage` or `panel`.
    pub what: String,
    /// The day in UTC, as `2026-11-20`.
    pub day: String,
    /// How often.
    pub count: i64,
}

/// A line of the audit trail, before the store chains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Who did it.
    pub actor: String,
    /// What they did, such as `token.create`.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// When.
    pub at: Timestamp,
}
