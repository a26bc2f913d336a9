//! Identifiers: one newtype a noun, so that a ticket's id cannot be passed where a person's is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::time::Timestamp;

/// An identifier that is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {kind} id: expected a UUID")]
pub struct InvalidId {
    /// The noun whose id was expected.
    pub kind: &'static str,
    /// What was given, cut to 80 characters.
    pub given: String,
}

/// Makes the bits of a `UUIDv7` (RFC 9562, section 5.7) from a moment and 74 random bits.
///
/// Time and chance are arguments so that whoever owns the clock decides about both.
#[must_use]
pub fn uuid_at(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new id for something that exists since `now`.
            #[must_use]
            pub fn at(now: Timestamp, random: [u8; 10]) -> Self {
                Self(uuid_at(now, random))
            }

            /// Wraps a UUID that is known to be an id of this kind.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself, for the index and the store.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(given: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(given)
                    .map(Self)
                    .map_err(|_| InvalidId { kind: $kind, given: given.chars().take(80).collect() })
            }
        }
    )*};
}

ids! {
    /// What somebody was about to ask in a side conversation.
    AskId = "ask";
    /// A question about a ticket that nothing answered.
    QuestionId = "question";
    /// A tenant.
    WorkspaceId = "workspace";
    /// Somebody who signs in.
    UserId = "user";
    /// An API token.
    TokenId = "token";
    /// A colleague or outsider who can be consulted.
    PersonId = "person";
    /// Somebody who writes tickets.
    CustomerId = "customer";
    /// A ticket.
    TicketId = "ticket";
    /// A comment on a ticket.
    CommentId = "comment";
    /// A side conversation.
    ThreadId = "side conversation";
    /// A message of a side conversation.
    MessageId = "message";
    /// A document of the knowledge base.
    DocumentId = "document";
    /// A passage of a document.
    PassageId = "passage";
    /// A file that came with a ticket, comment or message.
    AttachmentId = "attachment";
    /// A piece of an attachment's text.
    ExcerptId = "excerpt";
    /// One part of a panel as it was shown.
    SuggestionId = "suggestion";
    /// A thumb on a suggestion.
    FeedbackId = "feedback";
    /// Many like tickets of different customers in a short time.
    IncidentId = "incident";
    /// A job of the queue.
    JobId = "job";
    /// An entry of the event stream.
    EventId = "event";
    /// A view of the inbox that somebody kept.
    ViewId = "view";
    /// An address that is told of events.
    WebhookId = "webhook";
    /// A message to a webhook.
    DeliveryId = "webhook delivery";
    /// A mail that came to the desk's mailbox.
    MailId = "mail";
    /// Something that Slack or Teams said to the desk.
    ChatEventId = "chat event";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_the_order_of_its_moments() {
        let early = TicketId::at(Timestamp::from_micros(1_000_000), [255; 10]);
        let late = TicketId::at(Timestamp::from_micros(2_000_000), [0; 10]);
        assert!(early < late);
        assert_eq!(early.to_string().parse::<TicketId>(), Ok(early));
    }

    #[test]
    fn a_text_that_is_no_uuid_is_named_in_the_error() {
        let error = "T-1".parse::<TicketId>().unwrap_err();
        assert_eq!(error.to_string(), "`T-1` is no ticket id: expected a UUID");
    }
}
