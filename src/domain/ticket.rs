//! Tickets and their comments.

use std::collections::BTreeMap;

use crate::domain::audience::Audience;
use crate::domain::id::{CommentId, CustomerId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, GroupName, Language, Priority, TicketChannel, TicketStatus};

/// A customer's matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id in the system it comes from, unique in the workspace.
    pub external_id: Option<String>,
    /// Its subject, as written.
    pub subject: String,
    /// The customer's first message, as written.
    pub body: String,
    /// Who wrote it.
    pub requester: CustomerId,
    /// How it arrived.
    pub channel: TicketChannel,
    /// Where it stands.
    pub status: TicketStatus,
    /// Its priority, once somebody set one.
    pub priority: Option<Priority>,
    /// The group that has it, once routed.
    pub group: Option<GroupName>,
    /// The agent who has it, once assigned.
    pub assignee: Option<EmailAddress>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its language, when the source said one.
    pub language: Option<Language>,
    /// Fields of the source system, by name.
    pub custom_fields: BTreeMap<String, String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it or its comments last changed here.
    pub updated_at: Timestamp,
    /// When it was solved, if it was.
    pub solved_at: Option<Timestamp>,
}

/// A message on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// Its ticket.
    pub ticket: TicketId,
    /// Who wrote it.
    pub author: EmailAddress,
    /// Whether the customer sees it.
    pub public: bool,
    /// The text, as written.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A ticket with all that was said on it, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketHistory {
    /// The ticket.
    pub ticket: Ticket,
    /// Its comments, oldest first.
    pub comments: Vec<Comment>,
}

impl Ticket {
    /// Who may read the ticket's own text: its customer and every colleague.
    #[must_use]
    pub const fn audience(&self) -> Audience {
        Audience::Customer(self.requester)
    }

    /// Subject and body, as one text.
    #[must_use]
    pub fn text(&self) -> String {
        if self.subject.is_empty() { self.body.clone() } else { format!("{}\n\n{}", self.subject, self.body) }
    }

    /// What the ticket is called where people point at it, and by which it is found: its id in the system it comes from, or its own.
    #[must_use]
    pub fn reference(&self) -> String {
        self.external_id.clone().unwrap_or_else(|| self.id.to_string())
    }
}

impl Comment {
    /// Who may read the comment: its ticket's customer when public, else colleagues.
    #[must_use]
    pub const fn audience(&self, requester: CustomerId) -> Audience {
        if self.public { Audience::Customer(requester) } else { Audience::Internal }
    }
}
