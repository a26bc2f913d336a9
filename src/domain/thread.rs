//! Side conversations: private threads on a ticket with people who can help.

use crate::domain::id::{MessageId, ThreadId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, ThreadChannel, ThreadStatus};

/// A side conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Its id.
    pub id: ThreadId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id in the system it comes from, unique in the workspace.
    pub external_id: Option<String>,
    /// The ticket it was opened on.
    pub ticket: TicketId,
    /// How it travels.
    pub channel: ThreadChannel,
    /// Its subject.
    pub subject: String,
    /// Whether it is still going on.
    pub status: ThreadStatus,
    /// Who opened it.
    pub opened_by: EmailAddress,
    /// Who was asked.
    pub participants: Vec<EmailAddress>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its last message was written.
    pub updated_at: Timestamp,
}

/// A message of a side conversation. Its audience is always internal: outsiders see only the thread they are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its thread.
    pub thread: ThreadId,
    /// Who wrote it.
    pub author: EmailAddress,
    /// The text, as written.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A thread with its messages, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadHistory {
    /// The thread.
    pub thread: Thread,
    /// Its messages, oldest first.
    pub messages: Vec<Message>,
}

impl Thread {
    /// Whether its messages leave from here: it is going on, and no other system holds it.
    #[must_use]
    pub fn is_of_the_desk(&self) -> bool {
        self.external_id.is_none() && self.status == ThreadStatus::Open
    }

    /// What the thread is called where people point at it: its id in the system it comes from, or its own.
    #[must_use]
    pub fn reference(&self) -> String {
        self.external_id.clone().unwrap_or_else(|| self.id.to_string())
    }

    /// What people call it in a sentence: its id in the system it comes from, or its subject.
    #[must_use]
    pub fn name(&self) -> String {
        self.external_id.clone().unwrap_or_else(|| format!("“{}”", self.subject))
    }
}
