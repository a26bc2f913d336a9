//! Events, usage and the audit trail, going out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::event::{AuditEntry, Event, Usage};

/// Something that happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "019aa0e2-7c00-7000-8000-000000000001", "kind": "ticket.triaged",
    "ticket": "019aa0e2-7c00-7000-8000-000000000000", "created_at": "2026-11-20T16:00:00Z"
}))]
pub struct EventOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// What happened, such as `ticket.triaged`.
    pub kind: String,
    /// The ticket it is about.
    #[schema(required, format = "uuid")]
    pub ticket: Option<String>,
    /// When it happened.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// A count of something that was used on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageOut {
    /// What was used, such as `triage` or `panel`.
    pub what: String,
    /// The day in UTC.
    #[schema(format = Date)]
    pub day: String,
    /// How often.
    pub count: i64,
}

/// A line of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntryOut {
    /// Who did it.
    pub actor: String,
    /// What they did, such as `token.create`.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

impl From<Event> for EventOut {
    fn from(event: Event) -> Self {
        let Event { id, workspace: _, kind, ticket, created_at } = event;
        Self { id: id.to_string(), kind, ticket: ticket.map(|ticket| ticket.to_string()), created_at: created_at.to_string() }
    }
}

impl From<Usage> for UsageOut {
    fn from(usage: Usage) -> Self {
        let Usage { workspace: _, what, day, count } = usage;
        Self { what, day, count }
    }
}

impl From<AuditEntry> for AuditEntryOut {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { workspace: _, actor, action, target, at } = entry;
        Self { actor, action, target, at: at.to_string() }
    }
}
