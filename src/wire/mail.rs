//! Messages on their way out, and mails that come in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::mail::{HeldChoice, IncomingMail, MailOutcome, MailReason};
use crate::domain::outbox::{MessageDelivery, RecipientDelivery, RecipientState, SendChoice, SendReason, SendState};
use crate::domain::vocabulary::EmailAddress;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailTakenOut {
    /// What became of it, now or when it came before.
    pub outcome: MailOutcome,
    /// Whether it had not come before.
    pub is_new: bool,
}

/// Where a message stands on its way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MessageDeliveryOut {
    /// Where it stands. `unknown`: the line broke while it was handed over, so that it may have been sent.
    pub state: SendState,
    /// Why, where that needs saying.
    #[schema(required)]
    pub reason: Option<SendReason>,
    /// Since when it stands there.
    #[schema(format = DateTime)]
    pub at: String,
    /// When it is tried again.
    #[schema(required, format = DateTime)]
    pub next_attempt_at: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// Whom it is for.
    pub recipients: Vec<RecipientDeliveryOut>,
}

/// Where a message stands with one of those it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecipientDeliveryOut {
    /// Their e-mail address.
    pub address: String,
    /// Where it stands.
    pub state: RecipientState,
    /// Why, where that needs saying.
    #[schema(required)]
    pub reason: Option<SendReason>,
}

/// A mail that waits for a person, or that one may let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldMailOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// What became of it: `held` waits for a decision, `loop` and `auto_reply` may be let in, `bounce` is told alone.
    pub outcome: MailOutcome,
    /// Why it did not become a message.
    #[schema(required)]
    pub reason: Option<MailReason>,
    /// The e-mail address of who says to have written it.
    #[schema(required)]
    pub sender: Option<String>,
    /// How they call themselves.
    #[schema(required)]
    pub sender_name: Option<String>,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// When it came.
    #[schema(format = DateTime)]
    pub received_at: String,
}

/// What becomes of a message that was refused, or of which nobody knows whether it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"action": "retry"}))]
pub struct MessageDeliveryIn {
    /// `retry` sends it again to those who do not have it; `was_sent` says that they do.
    pub action: SendChoice,
}

/// What becomes of a mail that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"action": "accept"}))]
pub struct HeldMailIn {
    /// `accept` makes it a message, and its sender one of those who take part; `drop` does not.
    pub action: HeldChoice,
}

impl From<&MessageDelivery> for MessageDeliveryOut {
    fn from(delivery: &MessageDelivery) -> Self {
        let MessageDelivery { message: _, state, reason, since, next_at, attempts, created_at: _, recipients } = delivery;
        let recipient = |recipient: &RecipientDelivery| {
            let RecipientDelivery { address, state, reason } = recipient;
            RecipientDeliveryOut { address: address.to_string(), state: *state, reason: *reason }
        };
        Self {
            state: *state,
            reason: *reason,
            at: since.to_string(),
            next_attempt_at: next_at.map(|at| at.to_string()),
            attempts: *attempts,
            recipients: recipients.iter().map(recipient).collect(),
        }
    }
}

impl HeldMailOut {
    /// A mail as it waits.
    #[must_use]
    pub fn new(mail: &IncomingMail) -> Self {
        let IncomingMail { id, outcome, reason, sender, sender_name, subject, body, received_at, .. } = mail;
        Self {
            id: id.to_string(),
            outcome: *outcome,
            reason: *reason,
            sender: sender.as_ref().map(EmailAddress::to_string),
            sender_name: sender_name.clone(),
            subject: subject.clone(),
            body: body.clone(),
            received_at: received_at.to_string(),
        }
    }
}
