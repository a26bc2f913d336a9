//! What people said a ticket is, coming in.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::intake::NewLabel;
use crate::domain::vocabulary::{EmailAddress, IntentName, NextStep, Priority, Sentiment, Urgency};
use crate::wire::read::{FieldError, filled, parse_all, parse_opt};

/// The word for "belongs to no intent" in files of labels.
pub(super) const OUT_OF_SCOPE: &str = "oos";

/// What somebody who knows says of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelIn {
    /// The ticket's `external_id`.
    pub ticket: String,
    /// Its intents, main one first; `["oos"]` when it belongs to none. Leave it out when that is not known.
    pub intents: Option<Vec<String>>,
    /// How the customer feels.
    pub sentiment: Option<Sentiment>,
    /// How pressing it is.
    pub urgency: Option<Urgency>,
    /// How soon it should be worked on.
    pub priority: Option<Priority>,
    /// Where it belongs.
    pub group: Option<String>,
    /// The e-mail address of who should have it.
    pub assignee: Option<String>,
    /// The external ids of the documents that answer it.
    #[serde(default)]
    pub articles: Vec<String>,
    /// The e-mail addresses of who could answer it.
    #[serde(default)]
    pub experts: Vec<String>,
    /// The external ids of earlier side conversations that hold the answer.
    #[serde(default)]
    pub similar_threads: Vec<String>,
    /// The external ids of earlier solved tickets with the same problem.
    #[serde(default)]
    pub similar_tickets: Vec<String>,
    /// What to do next.
    pub next_step: Option<NextStep>,
}

/// A label with the evidence that a good panel should find; only measurements use the latter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRecord {
    /// What is learned from.
    pub label: NewLabel,
    /// The external ids of the documents that answer the ticket.
    pub articles: Vec<String>,
    /// Who could answer it.
    pub experts: Vec<EmailAddress>,
    /// The external ids of earlier side conversations that hold the answer.
    pub similar_threads: Vec<String>,
    /// The external ids of earlier solved tickets with the same problem.
    pub similar_tickets: Vec<String>,
}

impl LabelIn {
    /// The label with its expected evidence.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_record(self) -> Result<LabelRecord, FieldError> {
        let Self {
            ticket,
            intents,
            sentiment,
            urgency,
            priority,
            group,
            assignee,
            articles,
            experts,
            similar_threads,
            similar_tickets,
            next_step,
        } = self;
        Ok(LabelRecord {
            label: NewLabel {
                ticket: filled("/ticket", ticket)?,
                intents: intents.as_deref().map(of_intents).transpose()?,
                sentiment,
                urgency,
                priority,
                group: parse_opt("/group", group.as_deref())?,
                assignee: parse_opt("/assignee", assignee.as_deref())?,
                next_step,
            },
            articles,
            experts: parse_all("/experts", &experts)?,
            similar_threads,
            similar_tickets,
        })
    }
}

/// Intents, none of them when the file says so in its word.
fn of_intents(intents: &[String]) -> Result<Vec<IntentName>, FieldError> {
    if intents == [OUT_OF_SCOPE] {
        return Ok(Vec::new());
    }
    if intents.is_empty() {
        return Err(FieldError::new("/intents", "say `[\"oos\"]` when it belongs to none, or leave it out when that is not known"));
    }
    match intents.iter().position(|intent| intent == OUT_OF_SCOPE) {
        Some(index) => Err(FieldError::new(format!("/intents/{index}"), "`oos` stands alone or not at all")),
        None => parse_all("/intents", intents),
    }
}
