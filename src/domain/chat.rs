//! Side conversations in Slack and Teams: where they are held there, and what came from there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::domain::id::{ChatEventId, MessageId, ThreadId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{ChannelName, ThreadChannel, UnknownWord, words};

words! {
    /// What became of something that Slack or Teams said.
    ChatOutcome = "outcome of a chat event" {
        /// It is still to be taken in.
        Waiting = "waiting",
        /// It is a message of a side conversation.
        Matched = "matched",
        /// It changed one.
        Changed = "changed",
        /// It took one away.
        Removed = "removed",
        /// A machine wrote it, such as this one.
        Machine = "machine",
        /// It belongs to no side conversation, or changes nothing in one.
        Unmatched = "unmatched",
    }
}

/// Where a side conversation is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPlace {
    /// The side conversation.
    pub thread: ThreadId,
    /// Slack or Teams.
    pub kind: ThreadChannel,
    /// The channel of the directory that it was opened in; without it, it goes to those who take part.
    pub named: Option<ChannelName>,
    /// The channel's id over there, once it is known.
    pub conversation: Option<String>,
    /// The message over there that all others of the side conversation answer.
    pub root: Option<String>,
    /// Where Teams wants to be answered.
    pub service_url: Option<String>,
}

/// A message as it stands over there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Slack or Teams.
    pub kind: ThreadChannel,
    /// The channel's id.
    pub conversation: String,
    /// Its id in that channel.
    pub posting: String,
    /// The side conversation that it belongs to, where that is known.
    pub thread: Option<ThreadId>,
    /// The message that it is; none once it was deleted.
    pub message: Option<MessageId>,
    /// Which part of the message, from 0.
    pub part: u32,
    /// Whether the desk posted it.
    pub is_ours: bool,
    /// When it was last edited, in the words of the other side.
    pub edited: Option<String>,
    /// The names of its files, which stay over there.
    pub files: Vec<String>,
}

/// Something that Slack or Teams said, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatEvent {
    /// Its id here.
    pub id: ChatEventId,
    /// The workspace whose chat it is.
    pub workspace: WorkspaceId,
    /// Slack or Teams.
    pub kind: ThreadChannel,
    /// Its id over there, the same however often it comes.
    pub event: String,
    /// What was said.
    pub raw: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// The files of a message that stayed over there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftFiles {
    /// The message.
    pub message: MessageId,
    /// What they are called.
    pub names: Vec<String>,
}
