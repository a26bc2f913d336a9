//! Jobs: work that outlives the process that asked for it.

use std::fmt;
use std::str::FromStr;

use crate::domain::id::{AttachmentId, ChatEventId, JobId, MessageId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::UnknownWord;

/// What a job does; every kind is safe to run twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobKind {
    /// Embed every row of the workspace whose pending revision is set, and clear it.
    IndexPending,
    /// Make the triage and the panel of a ticket and keep them.
    PreparePanel(TicketId),
    /// Read the text of an attachment and have it indexed.
    ReadAttachment(AttachmentId),
    /// Send a message of a side conversation to those it is for, or find out whether it was sent.
    SendMessage(MessageId),
    /// Take in what Slack or Teams said.
    TakeChatEvent(ChatEventId),
    /// Learn the workspace's heads anew.
    TrainHeads,
    /// Compare the index with the rows that should be in it, and mend it.
    Reconcile,
    /// Do nothing: what the conformance suite runs.
    Nothing(u64),
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IndexPending => f.write_str("index_pending"),
            Self::PreparePanel(ticket) => write!(f, "prepare_panel {ticket}"),
            Self::ReadAttachment(attachment) => write!(f, "read_attachment {attachment}"),
            Self::SendMessage(message) => write!(f, "send_message {message}"),
            Self::TakeChatEvent(event) => write!(f, "take_chat_event {event}"),
            Self::TrainHeads => f.write_str("train_heads"),
            Self::Reconcile => f.write_str("reconcile"),
            Self::Nothing(number) => write!(f, "nothing {number}"),
        }
    }
}

impl FromStr for JobKind {
    type Err = UnknownWord;

    fn from_str(given: &str) -> Result<Self, UnknownWord> {
        let unknown = || {
            UnknownWord {
            kind: "job kind",
            given: given.chars().take(80).collect(),
            expected: "`index_pending`, `prepare_panel <ticket>`, `read_attachment <attachment>`, `send_message <message>`, `take_chat_event <event>`, \
                `train_heads`, `reconcile`"
                .to_owned(),
        }
        };
        match given.split_once(' ') {
            None if given == "index_pending" => Ok(Self::IndexPending),
            None if given == "train_heads" => Ok(Self::TrainHeads),
            None if given == "reconcile" => Ok(Self::Reconcile),
            Some(("prepare_panel", id)) => id.parse().map(Self::PreparePanel).map_err(|_| unknown()),
            Some(("read_attachment", id)) => id.parse().map(Self::ReadAttachment).map_err(|_| unknown()),
            Some(("send_message", id)) => id.parse().map(Self::SendMessage).map_err(|_| unknown()),
            Some(("take_chat_event", id)) => id.parse().map(Self::TakeChatEvent).map_err(|_| unknown()),
            Some(("nothing", number)) => number.parse().map(Self::Nothing).map_err(|_| unknown()),
            _ => Err(unknown()),
        }
    }
}

/// A job to be enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// What it does.
    pub kind: JobKind,
    /// While a job with this key waits, another with the same key is not added.
    pub unique_key: Option<String>,
    /// Not before this moment.
    pub run_at: Timestamp,
    /// After so many attempts it is dead.
    pub max_attempts: u32,
}

/// What happened to a job that was no attempt of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Setbacks {
    /// How many runs in a row ended because something outside was away.
    pub outages: u32,
    /// When the first of them ended.
    pub outage_since: Option<Timestamp>,
    /// How many leases ended before their runs did: the process died, or stood still.
    pub crashes: u32,
}

impl Setbacks {
    /// The same without the outage, which is over.
    #[must_use]
    pub const fn without_outage(self) -> Self {
        Self { outages: 0, outage_since: None, ..self }
    }
}

/// A job that this worker holds until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedJob {
    /// Its id.
    pub id: JobId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// What it does.
    pub kind: JobKind,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// After so many attempts it is dead.
    pub max_attempts: u32,
    /// What happened to it before, apart from its attempts.
    pub setbacks: Setbacks,
    /// Rises at every claim; acknowledgements with an older one are refused.
    pub fence: i64,
    /// When its moment had come.
    pub due_at: Timestamp,
    /// When the lease ends unless renewed.
    pub leased_until: Timestamp,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobState {
    /// Waits for its moment.
    Ready,
    /// A worker holds it.
    Running,
    /// Its attempts are used up; waits for somebody to redrive it.
    Dead,
}
