//! Messages that leave the desk: where each stands, and with whom.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::domain::chat::LeftFiles;
use crate::domain::id::{MessageId, ThreadId};
use crate::domain::mail::{IncomingMail, MailOutcome};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, UnknownWord, words};

words! {
    /// Where a message stands that leaves the desk.
    SendState = "state of a message" {
        /// It is to be sent, for the first time or again; nothing of it has left.
        Queued = "queued",
        /// It is being handed over.
        Sending = "sending",
        /// Whoever carries it has it.
        Sent = "sent",
        /// Nobody takes it, or it was given up.
        Refused = "refused",
        /// The line broke while it was handed over: it may have been sent.
        Unknown = "unknown",
    }

    /// Where a message stands with one of those it is for.
    RecipientState = "state of a recipient" {
        Queued = "queued", Sending = "sending", Sent = "sent", Refused = "refused", Bounced = "bounced",
    }

    /// Why a message was not sent, or not yet.
    SendReason = "reason of an unsent message" {
        /// The server cannot be reached.
        ServerAway = "server_away",
        /// The server is there, and asks to try later.
        ServerBusy = "server_busy",
        /// The server does not let this installation in.
        LoginRefused = "login_refused",
        /// The server does not take mails from the desk's address.
        SenderRefused = "sender_refused",
        /// There are several workspaces, and it is not said whose the mail is.
        NoWorkspace = "no_workspace",
        /// The server's certificate is not trusted, or it does not encrypt.
        NoTrust = "no_trust",
        /// There is no such mailbox.
        MailboxUnknown = "mailbox_unknown",
        /// The mailbox is full.
        MailboxFull = "mailbox_full",
        /// The receiver does not want it.
        NotAllowed = "not_allowed",
        /// It is too large.
        TooLarge = "too_large",
        /// It was refused for another reason.
        Rejected = "rejected",
        /// The line broke while it was handed over.
        BrokeOff = "broke_off",
        /// It was tried for three days.
        GaveUp = "gave_up",
        /// It cannot be written as a mail.
        Unfit = "unfit",
        /// There is no such channel, or it is not known which one is meant.
        ChannelUnknown = "channel_unknown",
        /// This installation is not a member of the channel.
        NotInChannel = "not_in_channel",
        /// The channel is archived.
        ChannelArchived = "channel_archived",
        /// Nobody there has one of the addresses.
        PersonUnknown = "person_unknown",
    }

    /// What a person says of a message of which nobody knows whether it was sent, or that was refused.
    SendChoice = "choice about a message" {
        /// Send it again.
        Retry = "retry",
        /// It was sent.
        WasSent = "was_sent",
    }
}

/// Where a message stands that leaves the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDelivery {
    /// The message.
    pub message: MessageId,
    /// Where it stands.
    pub state: SendState,
    /// Why, where that needs saying.
    pub reason: Option<SendReason>,
    /// Since when it stands there.
    pub since: Timestamp,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when it is to be sent.
    pub created_at: Timestamp,
    /// Whom it is for, in the order of the side conversation.
    pub recipients: Vec<RecipientDelivery>,
}

/// Where a message stands with one of those it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientDelivery {
    /// Their address.
    pub address: EmailAddress,
    /// Where it stands.
    pub state: RecipientState,
    /// Why, where that needs saying.
    pub reason: Option<SendReason>,
}

/// What went out of side conversations and came in to them, beside their messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// Where each message stands that leaves the desk.
    pub deliveries: Vec<MessageDelivery>,
    /// Mails that did not simply become messages, oldest first.
    pub mails: Vec<IncomingMail>,
    /// Files of messages from Slack and Teams that stayed there.
    pub left: Vec<LeftFiles>,
}

impl Exchange {
    /// Where a message stands, if it leaves the desk.
    #[must_use]
    pub fn of(&self, message: MessageId) -> Option<&MessageDelivery> {
        self.deliveries.iter().find(|delivery| delivery.message == message)
    }

    /// What the files of a message are called that stayed in Slack or Teams.
    #[must_use]
    pub fn left_files(&self, message: MessageId) -> &[String] {
        self.left.iter().find(|left| left.message == message).map_or(&[], |left| left.names.as_slice())
    }

    /// The mails of a side conversation that a person has to look at or may let in, oldest first.
    pub fn to_look_at(&self, thread: ThreadId) -> impl Iterator<Item = &IncomingMail> {
        self.mails.iter().filter(move |mail| mail.thread == Some(thread) && mail.reason.is_some())
    }

    /// The mails of a side conversation with this outcome, oldest first.
    pub fn mails_of(&self, thread: ThreadId, outcome: MailOutcome) -> impl Iterator<Item = &IncomingMail> {
        self.mails.iter().filter(move |mail| mail.thread == Some(thread) && mail.outcome == outcome)
    }
}

/// The waits between tries, in seconds; after the last one they go on until [`LONGEST_SECONDS`].
const WAITS_SECONDS: [f64; 7] = [30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0];
const SPREAD: f64 = 0.1;
/// So long a message is tried before it is given up.
pub const LONGEST_SECONDS: i64 = 3 * 24 * 3600;

impl MessageDelivery {
    /// Those who do not have it yet.
    pub fn waiting(&self) -> impl Iterator<Item = &EmailAddress> {
        self.recipients.iter().filter(|recipient| recipient.state == RecipientState::Queued).map(|recipient| &recipient.address)
    }

    /// Whether somebody was to have it who does not, or of whom nobody knows.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        let misses = |state| matches!(state, RecipientState::Refused | RecipientState::Bounced);
        self.state == SendState::Unknown || self.recipients.iter().any(|recipient| misses(recipient.state))
    }
}

/// How long to wait after that many tries, in seconds. `jitter` is random, in \[0, 1).
#[must_use]
pub fn wait_seconds(tries: u32, jitter: f64) -> i64 {
    let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(WAITS_SECONDS.len() - 1);
    let wait = WAITS_SECONDS[index] * (1.0 - SPREAD + 2.0 * SPREAD * jitter.clamp(0.0, 1.0));
    #[expect(clippy::cast_possible_truncation, reason = "held to half an hour above")]
    let whole = wait.round() as i64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_an_hour_and_stay_there() {
        let waits: Vec<i64> = [1, 2, 3, 7, 8, u32::MAX].into_iter().map(|tries| wait_seconds(tries, 0.5)).collect();
        assert_eq!(waits, [30, 60, 120, 1800, 1800, 1800]);
        assert_eq!((wait_seconds(1, 0.0), wait_seconds(1, 0.999_999), wait_seconds(0, 0.5)), (27, 33, 30));
    }
}
