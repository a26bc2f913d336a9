//! Webhooks, in and out, and the messages that they get.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::TicketId;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{DeliveryState, WebhookEnd, WebhookEvent};
use crate::domain::webhook::{Delivery, Disabled, MessageKind, NewWebhook, Webhook};
use crate::wire::read::{FieldError, line_opt, unknown};
use crate::wire::triage::TriageOut;

/// A webhook to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://hooks.example/backchannel", "events": ["ticket.triaged"], "description": "routing"}))]
pub struct WebhookIn {
    /// Where messages are sent: an https address without a user name, up to 2,000 characters.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// What it is told of, such as `ticket.triaged`.
    #[schema(min_items = 1)]
    pub events: Vec<String>,
    /// What it is for.
    #[schema(max_length = 200)]
    pub description: Option<String>,
}

/// What is known of a webhook, its secret apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Where messages are sent.
    pub url: String,
    /// What it is told of.
    pub events: Vec<WebhookEvent>,
    /// What it is for; null when nobody said.
    #[schema(required)]
    pub description: Option<String>,
    /// Who made it, such as `user:019aa0e2-…`.
    pub created_by: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Until when the secret from before the last rotation signs too; null before the first.
    #[schema(required, format = DateTime)]
    pub former_secret_until: Option<String>,
    /// Since when every attempt has failed; null while the last one succeeded.
    #[schema(required, format = DateTime)]
    pub failing_since: Option<String>,
    /// Since when nothing is sent any more, and why; null while it is enabled.
    #[schema(required)]
    pub disabled: Option<DisabledOut>,
}

/// Since when and why a webhook is disabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisabledOut {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// `gone` when it answered 410, `failing` when every attempt of five days failed.
    pub reason: WebhookEnd,
}

/// A webhook with a new secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewWebhookOut {
    /// The webhook.
    pub webhook: WebhookOut,
    /// What its receiver verifies signatures with: `whsec_` and 32 bytes in base64, shown only now; null when the same call is answered
    /// again from memory.
    #[schema(required)]
    pub secret: Option<String>,
}

/// A message to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryOut {
    /// Its id, sent as `webhook-id` at every attempt.
    #[schema(format = "uuid")]
    pub id: String,
    /// What it tells of: an event, or `webhook.ping`.
    #[serde(rename = "type")]
    #[schema(examples("ticket.triaged"))]
    pub kind: String,
    /// The ticket it is about; null for a ping.
    #[schema(required, format = "uuid")]
    pub ticket: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried, of ten times at most.
    pub attempts: u32,
    /// When what it tells of happened.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it is tried next; null unless it waits.
    #[schema(required, format = DateTime)]
    pub next_attempt_at: Option<String>,
    /// When the last attempt ended; null before the first.
    #[schema(required, format = DateTime)]
    pub last_attempt_at: Option<String>,
    /// The status of the last answer; null where there was none.
    #[schema(required)]
    pub last_status: Option<u16>,
    /// Why the last attempt failed; null where it did not.
    #[schema(required)]
    pub reason: Option<String>,
}

/// What a webhook gets: the body of the request, as Standard Webhooks shapes it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MessageOut<T> {
    /// What happened, such as `ticket.triaged`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    #[schema(format = DateTime)]
    pub timestamp: String,
    /// What is told of it.
    pub data: T,
}

/// What `ticket.triaged` tells.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketTriagedOut {
    /// The ticket.
    pub ticket: ToldTicketOut,
    /// What it is, as `GET /v1/tickets/{ticket}/triage` answers.
    pub triage: TriageOut,
}

/// What `suggestion.ready` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuggestionReadyOut {
    /// The ticket, whose panel `GET /v1/tickets/{ticket}/suggestions` answers.
    pub ticket: ToldTicketOut,
}

/// What `webhook.ping` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PingOut {
    /// The webhook that was pinged.
    #[schema(format = "uuid")]
    pub webhook: String,
}

/// The ticket that a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToldTicketOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its id in the system it comes from.
    #[schema(required)]
    pub external_id: Option<String>,
}

impl WebhookIn {
    /// The webhook to be made; whether its address can be used is not looked at here.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used; of an unknown event it names the nearest known one.
    pub fn into_new(self) -> Result<NewWebhook, FieldError> {
        let Self { url, events, description } = self;
        if events.is_empty() {
            return Err(FieldError::new("/events", "empty: name at least one event, such as `ticket.triaged`"));
        }
        let known: Vec<&str> = WebhookEvent::ALL.iter().map(|event| event.as_str()).collect();
        let parse = |(index, given): (usize, &String)| {
            given.parse().map_err(|_| FieldError::new(format!("/events/{index}"), unknown("event", given, &known)))
        };
        let events = events.iter().enumerate().map(parse).collect::<Result<BTreeSet<WebhookEvent>, _>>()?;
        Ok(NewWebhook { url: url.trim().to_owned(), events, description: line_opt("/description", description)? })
    }
}

impl<T> MessageOut<T> {
    /// A message about something that happened at a moment.
    pub fn new(kind: MessageKind, at: Timestamp, data: T) -> Self {
        Self { kind: kind.to_string(), timestamp: at.to_string(), data }
    }
}

impl ToldTicketOut {
    /// The ticket with this id and, where it has one, that of the system it comes from.
    #[must_use]
    pub fn new(id: TicketId, external_id: Option<String>) -> Self {
        Self { id: id.to_string(), external_id }
    }
}

impl From<Webhook> for WebhookOut {
    fn from(webhook: Webhook) -> Self {
        let Webhook { id, workspace: _, url, events, description, created_by, created_at, former_secret_until, failing_since, disabled } =
            webhook;
        Self {
            id: id.to_string(),
            url,
            events: events.into_iter().collect(),
            description,
            created_by,
            created_at: created_at.to_string(),
            former_secret_until: former_secret_until.map(|at| at.to_string()),
            failing_since: failing_since.map(|at| at.to_string()),
            disabled: disabled.map(|Disabled { at, reason }| DisabledOut { at: at.to_string(), reason }),
        }
    }
}

impl From<Delivery> for DeliveryOut {
    fn from(delivery: Delivery) -> Self {
        let Delivery { id, webhook: _, kind, ticket, state, attempts, created_at, next_attempt_at, last_attempt_at, last_status, reason } =
            delivery;
        Self {
            id: id.to_string(),
            kind: kind.to_string(),
            ticket: ticket.map(|ticket| ticket.to_string()),
            state,
            attempts,
            created_at: created_at.to_string(),
            next_attempt_at: next_attempt_at.map(|at| at.to_string()),
            last_attempt_at: last_attempt_at.map(|at| at.to_string()),
            last_status,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_event_is_pointed_at_and_the_nearest_named() {
        let check = |events: &[&str], told: &str| {
            let events = events.iter().map(|event| (*event).to_owned()).collect();
            let error = WebhookIn { url: String::new(), events, description: None }.into_new().unwrap_err();
            assert_eq!(error.to_string(), told);
        };
        check(&["ticket.triaged", "ticket.triage"], "`/events/1`: unknown event `ticket.triage`: did you mean `ticket.triaged`?");
        check(&["parcel"], "`/events/0`: unknown event `parcel`: expected one of `ticket.triaged`, `suggestion.ready`");
        check(&[], "`/events`: empty: name at least one event, such as `ticket.triaged`");
    }

    #[test]
    fn an_event_named_twice_is_told_once() {
        let events = vec!["suggestion.ready".to_owned(), "ticket.triaged".to_owned(), "suggestion.ready".to_owned()];
        let new = WebhookIn { url: " https://hooks.example ".to_owned(), events, description: Some(" ".to_owned()) }.into_new().unwrap();
        let expected: BTreeSet<_> = [WebhookEvent::TicketTriaged, WebhookEvent::SuggestionReady].into();
        assert_eq!(new, NewWebhook { url: "https://hooks.example".to_owned(), events: expected, description: None });
    }
}
