//! Mails that came to the desk.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::domain::id::{MailId, MessageId, ThreadId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, UnknownWord, words};

words! {
    /// What became of a mail that came in.
    MailOutcome = "outcome of a mail" {
        /// It is a message of a side conversation.
        Matched = "matched",
        /// It is one too; only its text was read, because it is too large.
        TooLarge = "too_large",
        /// It waits for a person, who lets it in or not.
        Held = "held",
        /// A person did not let it in.
        Dropped = "dropped",
        /// A machine answered.
        AutoReply = "auto_reply",
        /// It says that a message did not arrive.
        Bounce = "bounce",
        /// It is the desk's own copy of what it sent.
        OwnCopy = "own_copy",
        /// It belongs to no side conversation.
        Unmatched = "unmatched",
        /// It was one of too many in a short time.
        Loop = "loop",
        /// It cannot be read.
        Unreadable = "unreadable",
    }

    /// Why a person looks at a mail.
    MailReason = "reason of a mail that waits" {
        /// Its sender does not take part.
        Stranger = "stranger",
        /// It says to be of somebody of the desk, which anybody could write.
        OfTheDesk = "of_the_desk",
        /// It says to be of several people.
        SeveralSenders = "several_senders",
        /// The desk's own mail server says that it is forged.
        Forged = "forged",
        /// Its text could not be read.
        Unread = "unread",
        /// It is one of too many in a short time.
        TooMany = "too_many",
        /// A machine wrote it.
        Machine = "machine",
        /// It says that a message did not arrive, and not which or at whom.
        Undelivered = "undelivered",
    }

    /// What a person says of a mail that is held.
    HeldChoice = "choice about a held mail" {
        /// It becomes a message, and its sender takes part.
        Accept = "accept",
        /// It does not.
        Drop = "drop",
    }
}

/// A mail that came, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingMail {
    /// Its id.
    pub id: MailId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// What became of it.
    pub outcome: MailOutcome,
    /// Why a person looks at it, where one has to.
    pub reason: Option<MailReason>,
    /// The side conversation that it belongs to.
    pub thread: Option<ThreadId>,
    /// The message that it became, or of which it tells.
    pub message: Option<MessageId>,
    /// Its `Message-ID`, without the angle brackets.
    pub message_id: Option<String>,
    /// Who says to have written it.
    pub sender: Option<EmailAddress>,
    /// How they call themselves.
    pub sender_name: Option<String>,
    /// Its subject.
    pub subject: String,
    /// What it adds to what was said before.
    pub body: String,
    /// How large it was, in bytes; also where less was read.
    pub size_bytes: u64,
    /// When it was taken in.
    pub received_at: Timestamp,
}

/// What makes a mail the same as another, as hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Of the whole mail, however often it comes.
    pub mail: String,
    /// Of its sender and its words.
    pub said: String,
}
