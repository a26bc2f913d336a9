//! Webhooks: addresses outside that are told of events, as Standard Webhooks says.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::id::{DeliveryId, TicketId, WebhookId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{DeliveryState, UnknownWord, WebhookEnd, WebhookEvent};

const SECRET_PREFIX: &str = "whsec_";
const PING: &str = "webhook.ping";

/// How long the former secret of a webhook signs beside the new one, in seconds.
pub const FORMER_SECRET_SECONDS: i64 = 24 * 3600;
/// After so many seconds in which every attempt failed a webhook is disabled.
pub const LONGEST_FAILING_SECONDS: i64 = 5 * 24 * 3600;
/// How long to wait after each failed attempt, in seconds: ten attempts in about three days, as Standard Webhooks advises.
const WAITS_SECONDS: [f64; 9] = [5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0];
/// A wait is so much shorter or longer at random, so that what failed together does not come back together.
const SPREAD: f64 = 0.1;

/// An address that is told of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Where messages are sent.
    pub url: String,
    /// What it is told of; never empty.
    pub events: BTreeSet<WebhookEvent>,
    /// What it is for, as its maker wrote.
    pub description: Option<String>,
    /// Who made it, as the audit trail names them.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when the former secret signs too; `None` where there is none.
    pub former_secret_until: Option<Timestamp>,
    /// Since when every attempt has failed; `None` while the last one succeeded.
    pub failing_since: Option<Timestamp>,
    /// Since when and why nothing is sent any more.
    pub disabled: Option<Disabled>,
}

/// Since when and why a webhook is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disabled {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: WebhookEnd,
}

/// A webhook to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// Where messages are sent.
    pub url: String,
    /// What it is told of.
    pub events: BTreeSet<WebhookEvent>,
    /// What it is for.
    pub description: Option<String>,
}

/// What a message to a webhook is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// Nothing but whether it arrives.
    Ping,
    /// An event.
    Event(WebhookEvent),
}

/// A message to a webhook, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, the same at every attempt: what receivers tell repetitions by.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// What it is about.
    pub kind: MessageKind,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When what it tells happened.
    pub created_at: Timestamp,
    /// When it is tried next, or while it is being sent, when that is taken for lost; `None` unless it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// When the last attempt ended; `None` before the first.
    pub last_attempt_at: Option<Timestamp>,
    /// The status of the last answer; `None` where there was none.
    pub last_status: Option<u16>,
    /// Why the last attempt failed, or why it was given up.
    pub reason: Option<String>,
}

/// A message to be kept and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The webhook.
    pub webhook: WebhookId,
    /// What it is about.
    pub kind: MessageKind,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// What is sent, byte for byte.
    pub body: String,
    /// When what it tells happened.
    pub created_at: Timestamp,
}

/// A message that this process may send until its lease ends.
#[derive(Debug, Clone)]
pub struct LeasedDelivery {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// Where it is sent.
    pub url: String,
    /// What is sent, byte for byte.
    pub body: String,
    /// What signs it, the newest first.
    pub secrets: Vec<SigningSecret>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Since when every attempt to this webhook has failed.
    pub failing_since: Option<Timestamp>,
    /// Rises at every claim; results with an older one are dropped.
    pub fence: i64,
}

/// What signs the messages to a webhook; `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; 32]);

impl SigningSecret {
    /// Wraps the bytes of a key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The text that a receiver verifies with, to be shown once: `whsec_` and the key in base64.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{SECRET_PREFIX}{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(whsec_…)")
    }
}

impl Webhook {
    /// What people call it: what it is for, or else the host that it leads to.
    #[must_use]
    pub fn name(&self) -> &str {
        let host = || self.url.split("://").nth(1)?.split(['/', '?']).next();
        self.description.as_deref().or_else(host).unwrap_or(&self.url)
    }

    /// Whether messages are sent to it.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.disabled.is_none()
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ping => f.write_str(PING),
            Self::Event(event) => event.fmt(f),
        }
    }
}

impl FromStr for MessageKind {
    type Err = UnknownWord;

    fn from_str(given: &str) -> Result<Self, UnknownWord> {
        if given == PING { Ok(Self::Ping) } else { given.parse().map(Self::Event) }
    }
}

/// How long to wait after that many failed attempts, in seconds; `None` when there were enough. `jitter` is random, in \[0, 1).
///
/// # Source
/// Standard Webhooks, "Deliverability and reliability".
#[must_use]
pub fn wait_seconds(failed: u32, jitter: f64) -> Option<i64> {
    let index = usize::try_from(failed.checked_sub(1)?).ok()?;
    let wait = WAITS_SECONDS.get(index)? * (1.0 - SPREAD + 2.0 * SPREAD * jitter.clamp(0.0, 1.0));
    #[expect(clippy::cast_possible_truncation, reason = "held to some more than a day above")]
    let whole = wait.round() as i64;
    Some(whole.max(1))
}

/// Whether a webhook is to be disabled that fails now and has failed since.
#[must_use]
pub const fn has_failed_for_too_long(since: Option<Timestamp>, now: Timestamp) -> bool {
    match since {
        Some(since) => now.seconds_since(since) >= LONGEST_FAILING_SECONDS,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_are_spread_over_about_three_days() {
        let waits: Vec<i64> = (1..).map_while(|failed| wait_seconds(failed, 0.5)).collect();
        assert_eq!(waits, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
        assert_eq!(waits.iter().sum::<i64>() / 3600, 75);
        assert_eq!((wait_seconds(2, 0.0), wait_seconds(2, 0.999_999), wait_seconds(1, f64::NAN)), (Some(270), Some(330), Some(1)));
        assert_eq!((wait_seconds(0, 0.5), wait_seconds(10, 0.5), wait_seconds(u32::MAX, 0.5)), (None, None, None));
    }

    #[test]
    fn five_days_of_failure_are_enough() {
        let now = Timestamp::from_micros(1_790_000_000_000_000);
        let since = |seconds: i64| Some(now.plus_seconds(-seconds));
        assert!(has_failed_for_too_long(since(LONGEST_FAILING_SECONDS), now));
        assert!(!has_failed_for_too_long(since(LONGEST_FAILING_SECONDS - 1), now) && !has_failed_for_too_long(None, now));
    }

    #[test]
    fn a_secret_is_never_shown_by_debug() {
        let secret = SigningSecret::from_bytes([7; 32]);
        assert_eq!(format!("{secret:?}"), "SigningSecret(whsec_…)");
        assert_eq!(secret.expose(), "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
    }

    #[test]
    fn a_webhook_is_called_by_its_purpose_or_its_host() {
        let named = |url: &str, description: Option<&str>| {
            let now = Timestamp::from_micros(0);
            let webhook = Webhook {
                id: WebhookId::at(now, [1; 10]),
                workspace: WorkspaceId::at(now, [2; 10]),
                url: url.to_owned(),
                events: BTreeSet::new(),
                description: description.map(str::to_owned),
                created_by: String::new(),
                created_at: now,
                former_secret_until: None,
                failing_since: None,
                disabled: None,
            };
            webhook.name().to_owned()
        };
        assert_eq!(named("https://hooks.example/in", Some("routing")), "routing");
        for url in ["https://hooks.example", "https://hooks.example/in?key=1", "https://hooks.example?key=1"] {
            assert_eq!(named(url, None), "hooks.example");
        }
    }

    #[test]
    fn a_message_is_about_an_event_or_a_ping() {
        for text in ["webhook.ping", "ticket.triaged"] {
            assert_eq!(text.parse::<MessageKind>().unwrap().to_string(), text);
        }
        assert!("ticket.closed".parse::<MessageKind>().is_err());
    }
}
