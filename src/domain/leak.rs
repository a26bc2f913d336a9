//! What an author should look at before a message leaves: what was found in it, where it stands, and whom it must not reach.

use std::ops::Range;

use crate::domain::reason::Reason;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{LeakKind, LeakLevel, MessagePart};

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
