//! Earlier answers to an ask, and what became of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::answered::{AnsweredIn, ChangedSince, EarlierAnswer, KeptAsk};
use crate::domain::vocabulary::{AnswerKind, Arm, AskOutcome, IntentName, Probability, ThreadChannel};
use crate::wire::evidence::CitedOut;

/// An earlier answer to what would be asked.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EarlierAnswerOut {
    /// What it stands in.
    pub kind: AnswerKind,
    /// The id of that.
    #[schema(format = "uuid")]
    pub id: String,
    /// What that is called where people point at it.
    #[schema(examples("SC-101"))]
    pub reference: String,
    /// What it is about.
    pub title: String,
    /// The e-mail address of who gave it; null for a document.
    #[schema(required, format = Email)]
    pub who: Option<String>,
    /// Their name, where it is known.
    #[schema(required)]
    pub name: Option<String>,
    /// When it was given, or the document last changed.
    #[schema(format = DateTime)]
    pub when: String,
    /// The answer with where it stands.
    pub quote: CitedOut,
    /// Whether it was given on the ticket that is asked about: it was asked here already.
    pub asked_here: bool,
    /// How likely it answers, by what became of earlier finds; null before 30 of them were decided.
    #[schema(required)]
    pub probability: Option<f64>,
    /// A document on the same matter that changed after the answer was given; null where none did.
    #[schema(required)]
    pub changed_since: Option<ChangedSinceOut>,
}

/// A document that changed after an answer was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedSinceOut {
    /// The document.
    #[schema(format = "uuid")]
    pub document: String,
    /// Its title.
    pub title: String,
    /// When it changed.
    #[schema(format = DateTime)]
    pub when: String,
}

/// What became of an ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "avoided", "suggestion": "019aa0e2-7c00-7000-8000-00000000a101"}))]
pub struct AskDecisionIn {
    /// `avoided` where an earlier answer did and nobody was asked, `reused` where it went into the message.
    pub outcome: AskOutcome,
    /// The id of the earlier answer that did; the first one when left out.
    pub suggestion: Option<String>,
}

/// An ask as it is kept, without its words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AskOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// The ticket it is about.
    #[schema(format = "uuid")]
    pub ticket: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub at: String,
    /// Whether what was found was shown, or held out.
    pub arm: Arm,
    /// What the ticket was about; null where that was not known.
    #[schema(required)]
    pub intent: Option<String>,
    /// How the side conversation went; null where none was sent.
    #[schema(required)]
    pub channel: Option<ThreadChannel>,
    /// What became of it.
    pub outcome: AskOutcome,
    /// When that was decided; null while it is open.
    #[schema(required, format = DateTime)]
    pub decided_at: Option<String>,
    /// The id of the earlier answer that did; null where none did.
    #[schema(required)]
    pub used: Option<String>,
}

impl From<EarlierAnswer> for EarlierAnswerOut {
    fn from(answer: EarlierAnswer) -> Self {
        let EarlierAnswer { place, reference, title, by, by_name, at, quote, is_own, probability, changed_since, worth: _ } = answer;
        let id = match place {
            AnsweredIn::Thread(id, _) => id.to_string(),
            AnsweredIn::Ticket(id) => id.to_string(),
            AnsweredIn::Document(id) => id.to_string(),
        };
        Self {
            kind: place.kind(),
            id,
            reference,
            title,
            who: by.map(|by| by.to_string()),
            name: by_name,
            when: at.to_string(),
            quote: quote.into(),
            asked_here: is_own,
            probability: probability.map(Probability::get),
            changed_since: changed_since.map(Into::into),
        }
    }
}

impl From<ChangedSince> for ChangedSinceOut {
    fn from(ChangedSince { document, title, at }: ChangedSince) -> Self {
        Self { document: document.to_string(), title, when: at.to_string() }
    }
}

impl From<KeptAsk> for AskOut {
    fn from(ask: KeptAsk) -> Self {
        let KeptAsk { id, workspace: _, ticket, by: _, at, arm, intent, channel, outcome, decided_at, used, finds: _ } = ask;
        Self {
            id: id.to_string(),
            ticket: ticket.to_string(),
            at: at.to_string(),
            arm,
            intent: intent.as_ref().map(IntentName::to_string),
            channel,
            outcome,
            decided_at: decided_at.map(|at| at.to_string()),
            used: used.map(|used| used.id),
        }
    }
}
