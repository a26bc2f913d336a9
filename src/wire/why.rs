//! The account of a triage, out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::vocabulary::WhyTopic;
use crate::domain::why::{Step, Term, Why};
use crate::wire::evidence::EvidenceOut;

/// What happened and what did not when a ticket was triaged.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhyOut {
    /// The steps, in the order in which they were taken.
    pub steps: Vec<StepOut>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StepOut {
    /// What it is about.
    pub topic: WhyTopic,
    /// Whether it is something that happened; else it is what did not, and why.
    pub happened: bool,
    /// What it came to, as a word that never changes its meaning.
    #[schema(examples("rule_nearly"))]
    pub code: String,
    /// The same as a sentence.
    pub said: String,
    /// The words that weighed most, the weightiest first.
    pub terms: Vec<TermOut>,
    /// The labelled tickets and examples that are most like it.
    pub evidence: Vec<EvidenceOut>,
}

/// A word with what it added.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TermOut {
    /// The word, in lower case.
    pub text: String,
    /// What it added to the score beyond the average candidate; below 0 it spoke against. Null for a word of a fixed list.
    #[schema(required)]
    pub weight: Option<f32>,
}

impl From<Why> for WhyOut {
    fn from(Why { steps }: Why) -> Self {
        Self { steps: steps.into_iter().map(Into::into).collect() }
    }
}

impl From<Step> for StepOut {
    fn from(Step { topic, fact, terms, evidence }: Step) -> Self {
        Self {
            topic,
            happened: fact.happened(),
            code: fact.code().to_owned(),
            said: fact.to_string(),
            terms: terms.into_iter().map(|Term { text, weight }| TermOut { text, weight }).collect(),
            evidence: evidence.into_iter().map(Into::into).collect(),
        }
    }
}
