//! A message before it is sent, and what the guard says of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::answered::Gate;
use crate::domain::id::TicketId;
use crate::domain::intake::NewCheck;
use crate::domain::leak::{Leak, LeakKind, LeakLevel, MessagePart};
use crate::wire::answered::EarlierAnswerOut;
use crate::wire::evidence::SpanOut;
use crate::wire::read::{FieldError, parse_all};

/// A message to be checked before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"body": "Her card is 4242 4242 4242 4242, can you refund it?", "recipients": ["petra.holm@norvik.example"]}))]
pub struct CheckIn {
    /// The ticket that it is sent from, by id or `external_id`: what stands there is known then, and its customer is no stranger.
    pub ticket: Option<String>,
    /// The subject it would have.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The e-mail addresses of who would read it.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// The e-mail addresses of who would read it unseen by the others.
    #[serde(default)]
    pub hidden_recipients: Vec<String>,
    /// The channels that it would go to, by name or by where they lead.
    #[serde(default)]
    pub channels: Vec<String>,
}

/// What the check before sending found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CheckOut {
    /// Whether nothing stands in the way: there may be hints.
    pub ok: bool,
    /// The worst level of what was found.
    #[schema(required)]
    pub level: Option<LeakLevel>,
    /// What was found, in the order in which it stands in the text.
    pub findings: Vec<FindingOut>,
    /// The subject without what must not leave; nothing where none was sent.
    #[schema(required)]
    pub redacted_subject: Option<String>,
    /// The text without what must not leave, where you may know its place; `[…]` stands there.
    pub redacted: String,
    /// What its author should look at before sending, in English.
    pub warnings: Vec<String>,
    /// The same in the same order, as words that never change.
    pub warning_codes: Vec<String>,
    /// Earlier answers to the same ask, at most three, best first.
    pub already_answered: Vec<EarlierAnswerOut>,
    /// The id under which what answered before is kept, for `POST /v1/asks/{id}` and `ask_id`; null without a ticket, and for who may not write.
    #[schema(required, format = "uuid")]
    pub ask: Option<String>,
}

/// Something that its author should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingOut {
    /// What it is, as a word that never changes.
    pub code: String,
    /// The same in English.
    pub said: String,
    /// What kind of thing.
    pub kind: LeakKind,
    /// `block`: it is not to be sent. `acknowledge`: its author should say that it is meant. `hint`: worth a look.
    pub level: LeakLevel,
    /// In which part of the message it is.
    pub part: MessagePart,
    /// Where it stands there; nothing for what is so of the message as a whole, and where you may not read what was copied.
    #[schema(required)]
    pub span: Option<SpanOut>,
    /// The recipients that it must not reach.
    pub to: Vec<String>,
}

impl CheckIn {
    /// The message; its ticket is whoever's calls to find.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_check(self, ticket: Option<TicketId>) -> Result<NewCheck, FieldError> {
        let Self { ticket: _, subject, body, recipients, hidden_recipients, channels } = self;
        let (recipients, hidden) = (parse_all("/recipients", &recipients)?, parse_all("/hidden_recipients", &hidden_recipients)?);
        let check = NewCheck { ticket, subject, body, recipients, hidden, channels };
        if check.recipients.is_empty() && check.hidden.is_empty() && check.channels.is_empty() {
            return Err(FieldError::new("/recipients", "nobody would read it: name a recipient or one of `channels`"));
        }
        Ok(check)
    }
}

impl CheckOut {
    /// The answer for what was found, and for what answered before.
    #[must_use]
    pub fn new(leaks: Vec<Leak>, redacted_subject: Option<String>, redacted: String, gate: Gate) -> Self {
        let Gate { ask, answers } = gate;
        let level = leaks.iter().map(|leak| leak.level).max();
        let findings: Vec<FindingOut> = leaks.into_iter().map(FindingOut::from).collect();
        Self {
            ok: level.is_none_or(|level| level == LeakLevel::Hint),
            level,
            warnings: findings.iter().map(|finding| finding.said.clone()).collect(),
            warning_codes: findings.iter().map(|finding| finding.code.clone()).collect(),
            findings,
            redacted_subject,
            redacted,
            already_answered: answers.into_iter().map(Into::into).collect(),
            ask: ask.map(|ask| ask.to_string()),
        }
    }
}

impl From<Leak> for FindingOut {
    fn from(leak: Leak) -> Self {
        let Leak { kind, level, reason, part, span, to, source: _ } = leak;
        let span = span.map(|span| SpanOut { start: span.start, end: span.end });
        Self { code: reason.code().to_owned(), said: reason.to_string(), kind, level, part, span, to }
    }
}
