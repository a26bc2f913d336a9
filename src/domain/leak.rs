//! What an author should look at before a message leaves: what was found in it, where it stands, and whom it must not reach.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::domain::reason::Reason;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{UnknownWord, words};

words! {
    /// What must not leave with a message.
    LeakKind = "kind of leak" {
        /// Words of an internal note.
        InternalNote = "internal_note",
        /// Words of a side conversation that somebody is not in.
        SideThread = "side_thread",
        /// Words of an article that somebody may not read.
        Restricted = "restricted",
        /// What is another customer's.
        OtherCustomer = "other_customer",
        /// A password, a key, a code.
        Secret = "secret",
        /// The customer's personal data.
        Personal = "personal",
        /// An address that is not what it seems.
        Recipient = "recipient",
        /// The message itself could be better.
        Quality = "quality",
    }

    /// A part of a message.
    MessagePart = "part of a message" { Subject = "subject", Body = "body", }

    /// How bad a leak is.
    LeakLevel = "level of a leak" {
        /// Worth a look.
        Hint = "hint",
        /// Its author must say that it is meant.
        Acknowledge = "acknowledge",
        /// It is not to be sent.
        Block = "block",
    }
}

/// Something in a message that its author should look at before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What it is.
    pub kind: LeakKind,
    /// How bad it is.
    pub level: LeakLevel,
    /// The same in a sentence.
    pub reason: Reason,
    /// In which part of the message.
    pub part: MessagePart,
    /// Where it stands there, in bytes; `None` for what is so of the message as a whole, and where whoever asks may not read what was
    /// copied: they could find it word by word.
    pub span: Option<Range<usize>>,
    /// The recipients that it must not reach: addresses, and what channels are called.
    pub to: Vec<String>,
    /// Where its words come from, for those that were copied.
    pub source: Option<Source>,
}
