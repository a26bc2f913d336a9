//! Triage, in and out.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::intake::{NewCorrection, NewTicket};
use crate::domain::triage::{Correction, Entity, Guess, Matter, Route, Triage};
use crate::domain::vocabulary::{EmailAddress, IntentName, Language, Priority, Probability, RouteBy, Sentiment, Urgency};
use crate::wire::evidence::{AbstentionOut, EvidenceOut};
use crate::wire::incident::IncidentOut;
use crate::wire::label::OUT_OF_SCOPE;
use crate::wire::list::ItemsOut;
use crate::wire::origin::{OriginsOut, SaidDuplicateOut};
use crate::wire::read::{FieldError, ReadError, each, parse_opt, read};
use crate::wire::ticket::{TicketIn, TicketOut};

/// At most so many tickets are triaged in one call.
pub const MAX_BATCH: usize = 256;

/// Tickets to be triaged in one call.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriageBatchIn {
    /// The tickets, at most 256; their `requester` may be left out.
    #[schema(max_items = 256)]
    pub tickets: Vec<TicketIn>,
}

/// What the stateless triage reads: one ticket, or `{"tickets": […]}`.
///
/// Only describes it: [`TriageRequest::read`] reads, because a choice between shapes would lose the place of an error.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({"subject": "Where is my parcel?", "body": "Order AW-204518-6 was due on Monday.", "requester": {"email": "ana@mail.example"}}))]
pub enum TriageIn {
    /// One ticket.
    #[schema(title = "One ticket")]
    One(Box<TicketIn>),
    /// Several tickets.
    #[schema(title = "Several tickets")]
    Batch(TriageBatchIn),
}

/// What the stateless triage answers: one triage, or `{"items": […]}`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TriageAnswerOut {
    /// For one ticket.
    #[schema(title = "One triage")]
    One(Box<TriageOut>),
    /// For a batch, in its order.
    #[schema(title = "Several triages")]
    Batch(ItemsOut<TriageOut>),
}

/// What the stateless triage was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriageRequest {
    /// One ticket; answered with its triage.
    One(Box<NewTicket>),
    /// Several; answered in the same order.
    Batch(Vec<NewTicket>),
}

/// The triage of one ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TriageOut {
    /// The likeliest intents, best first.
    pub intents: Vec<IntentOut>,
    /// The intent that holds; null when the triage abstains.
    #[schema(required)]
    pub intent: Option<String>,
    /// The intents that it has beside the one that holds, likeliest first; empty while too few tickets with several are labelled.
    pub also: Vec<IntentOut>,
    /// How the customer feels.
    #[schema(required)]
    pub sentiment: Option<SentimentOut>,
    /// How pressing it is for the customer.
    #[schema(required)]
    pub urgency: Option<Urgency>,
    /// The language of the text.
    #[schema(required)]
    pub language: Option<LanguageOut>,
    /// Numbers, names and amounts in the text.
    pub entities: Vec<EntityOut>,
    /// How soon it should be worked on.
    pub priority: Priority,
    /// Where it belongs; null when nothing says so.
    #[schema(required)]
    pub route: Option<RouteOut>,
    /// Tags that rules add.
    pub tags: Vec<String>,
    /// The ids of earlier tickets that say the same.
    pub duplicates: Vec<String>,
    /// What the intent rests on.
    pub evidence: Vec<EvidenceOut>,
    /// Why no intent was chosen; null when one was.
    #[schema(required)]
    pub abstained: Option<AbstentionOut>,
    /// What somebody of the desk said in place of what was guessed; null while nobody did.
    #[schema(required)]
    pub corrected: Option<CorrectionOut>,
    /// What somebody of the desk said of this ticket and others: that they are one, or that they are not.
    pub said_duplicates: Vec<SaidDuplicateOut>,
    /// The incident that the ticket is part of, as it stands now; of a text that is not kept, the one whose tickets it is like. Null for none.
    #[schema(required)]
    pub incident: Option<IncidentOut>,
    /// Whence each field comes.
    pub origins: OriginsOut,
}

/// What a ticket is, in place of what was guessed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"intent": "refund_request", "group": "billing"}))]
pub struct CorrectionIn {
    /// Its intent, or `oos` when it belongs to none; left out, what was said of it before stays.
    pub intent: Option<String>,
    /// Where it belongs; left out, what was said of it before stays.
    pub group: Option<String>,
}

/// What somebody of the desk said of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorrectionOut {
    /// Its intent, `oos` when it belongs to none, or null when nobody said.
    #[schema(required)]
    pub intent: Option<String>,
    /// Where it belongs, or null when nobody said.
    #[schema(required)]
    pub group: Option<String>,
    /// Who said it last.
    pub by: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

/// An intent with its calibrated probability.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IntentOut {
    /// The intent.
    #[schema(examples("refund_request"))]
    pub name: String,
    /// In \[0, 1\]; null while too few labels are there to calibrate one.
    #[schema(required)]
    pub probability: Option<f64>,
}

/// A feeling with its calibrated probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct SentimentOut {
    /// The feeling.
    pub label: Sentiment,
    /// In \[0, 1\]; null while too few labels are there to calibrate one.
    #[schema(required)]
    pub probability: Option<f64>,
}

/// A language with its calibrated probability.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LanguageOut {
    /// ISO 639-1 code.
    #[schema(examples("fr"))]
    pub code: String,
    /// In \[0, 1\]; null where none is calibrated.
    #[schema(required)]
    pub probability: Option<f64>,
}

/// A number, name, amount, date or address found in the text (subject, an empty line, body), or in a comment that says it first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntityOut {
    /// What it is, such as `order`, `email` or a kind of the playbook.
    pub kind: String,
    /// As written.
    pub text: String,
    /// Normalised.
    pub value: String,
    /// Its first byte in the text.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Whether it identifies a person.
    pub personal: bool,
    /// Whether its check digit is right; null when it has none.
    #[schema(required)]
    pub checked: Option<bool>,
    /// The comment whose text it stands in, with places in that text; null for the ticket's own.
    #[schema(required)]
    pub comment: Option<String>,
}

/// Where a ticket belongs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RouteOut {
    /// The group.
    pub group: String,
    /// The e-mail address of the agent, when one is clear.
    #[schema(required)]
    pub assignee: Option<String>,
    /// Whether a rule or a person said so or it was learned.
    pub by: RouteBy,
    /// The rule's or the person's name, or what the decision was learned from.
    pub because: String,
    /// In \[0, 1\]; null for a rule or a person, who do not guess, and while too few labels are there to calibrate one.
    #[schema(required)]
    pub probability: Option<f64>,
}

/// What taking a ticket in answers: the ticket, or with `?wait=triage` the ticket and its triage.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TicketAnswerOut {
    /// Without waiting.
    #[schema(title = "The ticket")]
    Ticket(Box<TicketOut>),
    /// With `?wait=triage`.
    #[schema(title = "The ticket with its triage")]
    Triaged(Box<TriagedTicketOut>),
}

/// A ticket with its triage: what `?wait=triage` answers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TriagedTicketOut {
    /// The ticket.
    pub ticket: TicketOut,
    /// Its triage; null when it could not be made in time: the ticket is kept, and `GET /v1/tickets/{ticket}/triage` tells later.
    #[schema(required)]
    pub triage: Option<TriageOut>,
}

impl TriageRequest {
    /// Reads one ticket, or several under `tickets`.
    ///
    /// # Errors
    /// [`ReadError`] with the pointer of the place.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Peek {
            tickets: Option<IgnoredAny>,
        }
        if read::<Peek>(bytes)?.tickets.is_none() {
            return Ok(Self::One(Box::new(read::<TicketIn>(bytes)?.into_text()?)));
        }
        let TriageBatchIn { tickets } = read(bytes)?;
        if tickets.len() > MAX_BATCH {
            let detail = format!("{} tickets: send at most {MAX_BATCH} in one call", tickets.len());
            return Err(FieldError::new("/tickets", detail).into());
        }
        Ok(Self::Batch(each("/tickets", tickets, TicketIn::into_text)?))
    }
}

fn number(probability: Option<Probability>) -> Option<f64> {
    probability.map(Probability::get)
}

impl From<Triage> for TriageOut {
    fn from(triage: Triage) -> Self {
        let Triage {
            intents,
            intent,
            also,
            sentiment,
            urgency,
            language,
            entities,
            priority,
            route,
            tags,
            duplicates,
            evidence,
            abstained,
            corrected,
            said_duplicates,
            incident,
            origins,
        } = triage;
        Self {
            intents: intents.into_iter().map(Into::into).collect(),
            intent: intent.map(|intent| intent.to_string()),
            also: also.into_iter().map(Into::into).collect(),
            sentiment: sentiment.map(Into::into),
            urgency: urgency.map(|Guess { name, probability: _ }| name),
            language: language.map(Into::into),
            entities: entities.into_iter().map(Into::into).collect(),
            priority,
            route: route.map(Into::into),
            tags,
            duplicates: duplicates.iter().map(ToString::to_string).collect(),
            evidence: evidence.into_iter().map(Into::into).collect(),
            abstained: abstained.map(Into::into),
            corrected: corrected.map(Into::into),
            said_duplicates: said_duplicates.into_iter().map(Into::into).collect(),
            incident: incident.map(Into::into),
            origins: origins.into(),
        }
    }
}

impl From<Correction> for CorrectionOut {
    fn from(Correction { matter, group, by, at }: Correction) -> Self {
        let intent = matter.map(|matter| match matter {
            Matter::Intent(intent) => intent.to_string(),
            Matter::OutOfScope => OUT_OF_SCOPE.to_owned(),
        });
        Self { intent, group: group.map(|group| group.to_string()), by, at: at.to_string() }
    }
}

impl CorrectionIn {
    /// What is said.
    ///
    /// # Errors
    /// [`FieldError`] for names that no intent or group can have.
    pub fn into_new(self) -> Result<NewCorrection, FieldError> {
        let Self { intent, group } = self;
        let matter = match intent.as_deref() {
            Some(OUT_OF_SCOPE) => Some(Matter::OutOfScope),
            given => parse_opt("/intent", given)?.map(Matter::Intent),
        };
        Ok(NewCorrection { matter, group: parse_opt("/group", group.as_deref())? })
    }
}

impl From<Guess<IntentName>> for IntentOut {
    fn from(guess: Guess<IntentName>) -> Self {
        let Guess { name, probability } = guess;
        Self { name: name.to_string(), probability: number(probability) }
    }
}

impl From<Guess<Sentiment>> for SentimentOut {
    fn from(guess: Guess<Sentiment>) -> Self {
        let Guess { name, probability } = guess;
        Self { label: name, probability: number(probability) }
    }
}

impl From<Guess<Language>> for LanguageOut {
    fn from(guess: Guess<Language>) -> Self {
        let Guess { name, probability } = guess;
        Self { code: name.to_string(), probability: number(probability) }
    }
}

impl From<Entity> for EntityOut {
    fn from(entity: Entity) -> Self {
        let Entity { kind, text, value, span, personal, checked, comment } = entity;
        let comment = comment.map(|comment| comment.to_string());
        Self { kind, text, value, start: span.start, end: span.end, personal, checked, comment }
    }
}

impl From<Route> for RouteOut {
    fn from(route: Route) -> Self {
        let Route { group, assignee, by, because, probability } = route;
        Self {
            group: group.to_string(),
            assignee: assignee.as_ref().map(EmailAddress::to_string),
            by,
            because,
            probability: number(probability),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::reason::Reason;
    use crate::domain::triage::{Abstention, Origin, Origins};
    use crate::domain::vocabulary::OriginBy;

    #[test]
    fn a_triage_has_every_key_of_the_contract() {
        let out = TriageOut::from(Triage {
            intents: vec![Guess { name: "refund_request".parse().unwrap(), probability: None }],
            intent: None,
            also: vec![Guess { name: "order_status".parse().unwrap(), probability: Probability::new(0.5) }],
            sentiment: Some(Guess { name: Sentiment::Negative, probability: Probability::new(0.75) }),
            urgency: Some(Guess { name: Urgency::High, probability: None }),
            language: Some(Guess { name: Language::FRENCH, probability: Probability::new(1.0) }),
            entities: vec![Entity {
                kind: "order".into(),
                text: "aw-204518-6".into(),
                value: "AW-204518-6".into(),
                span: 4..15,
                personal: false,
                checked: Some(true),
                comment: None,
            }],
            priority: Priority::High,
            route: Some(Route {
                group: "billing".parse().unwrap(),
                assignee: None,
                by: RouteBy::Rule,
                because: "refunds".into(),
                probability: None,
            }),
            tags: vec![],
            duplicates: vec![],
            evidence: vec![],
            abstained: Some(Abstention { reason: Reason::OutOfScope, candidates: vec!["refund_request".into()] }),
            corrected: None,
            said_duplicates: vec![],
            incident: None,
            origins: Origins {
                intent: Some(Origin { by: OriginBy::Head, because: vec!["refund".into()] }),
                tags: vec![("vip".into(), "business".into())],
                ..Origins::default()
            },
        });
        assert_eq!(
            serde_json::to_value(out).unwrap(),
            json!({
                "intents": [{"name": "refund_request", "probability": null}],
                "intent": null,
                "also": [{"name": "order_status", "probability": 0.5}],
                "sentiment": {"label": "negative", "probability": 0.75},
                "urgency": "high",
                "language": {"code": "fr", "probability": 1.0},
                "entities": [{"kind": "order", "text": "aw-204518-6", "value": "AW-204518-6", "start": 4, "end": 15, "personal": false, "checked": true, "comment": null}],
                "priority": "high",
                "route": {"group": "billing", "assignee": null, "by": "rule", "because": "refunds", "probability": null},
                "tags": [],
                "duplicates": [],
                "corrected": null,
                "said_duplicates": [],
                "incident": null,
                "origins": {
                    "intent": {"by": "head", "because": ["refund"]}, "sentiment": null, "urgency": null, "language": null, "priority": null,
                    "route": null, "tags": {"vip": "business"},
                },
                "evidence": [],
                "abstained": {"reason": "it resembles tickets that were out of scope", "reason_code": "out_of_scope", "candidates": ["refund_request"]},
            })
        );
    }

    #[test]
    fn one_ticket_and_a_batch_are_told_apart() {
        assert!(matches!(TriageRequest::read(br#"{"subject":"a","body":"b"}"#), Ok(TriageRequest::One(_))));
        let batch = TriageRequest::read(br#"{"tickets":[{"subject":"a","body":"b"},{"subject":"c","body":"d"}]}"#).unwrap();
        assert!(matches!(batch, TriageRequest::Batch(tickets) if tickets.len() == 2));
    }

    #[test]
    fn an_error_in_a_batch_points_into_it() {
        let error = TriageRequest::read(br#"{"tickets":[{"subject":"a","body":"b"},{"subject":"","body":""}]}"#).unwrap_err();
        assert_eq!(error.into_field().pointer, "/tickets/1/body");
        let many = json!({"tickets": vec![json!({"subject": "a", "body": "b"}); MAX_BATCH + 1]}).to_string();
        assert_eq!(TriageRequest::read(many.as_bytes()).unwrap_err().into_field().pointer, "/tickets");
    }
}
