//! Whence the fields of a triage come, and what people say of duplicates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::triage::{Origin, Origins, SaidDuplicate};
use crate::domain::vocabulary::OriginBy;

/// Whence the fields of a triage come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OriginsOut {
    /// The intent, or that there is none; its neighbours are in `evidence`.
    #[schema(required)]
    pub intent: Option<OriginOut>,
    /// The sentiment.
    #[schema(required)]
    pub sentiment: Option<OriginOut>,
    /// The urgency.
    #[schema(required)]
    pub urgency: Option<OriginOut>,
    /// The language.
    #[schema(required)]
    pub language: Option<OriginOut>,
    /// The priority.
    #[schema(required)]
    pub priority: Option<OriginOut>,
    /// The route.
    #[schema(required)]
    pub route: Option<OriginOut>,
    /// The rule that adds each tag first, by tag.
    pub tags: BTreeMap<String, String>,
}

/// Whence a field comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OriginOut {
    /// From a rule, what was learned, words that are known to say it, the system that sent it, a person, or nothing.
    pub by: OriginBy,
    /// The name of the rule or the person, else the words that weigh most, the weightiest first.
    pub because: Vec<String>,
}

/// Whether two tickets are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"is_same": true}))]
pub struct SaidDuplicateIn {
    /// Whether they are; else they are not, and are never taken for one again.
    pub is_same: bool,
}

/// What somebody of the desk said of a ticket and another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SaidDuplicateOut {
    /// The other ticket.
    pub ticket: String,
    /// Whether both are one; else they are not.
    pub is_same: bool,
    /// Who said it.
    pub by: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

impl From<Origins> for OriginsOut {
    fn from(Origins { intent, sentiment, urgency, language, priority, route, tags }: Origins) -> Self {
        let out = |origin: Option<Origin>| origin.map(|Origin { by, because }| OriginOut { by, because });
        Self {
            intent: out(intent),
            sentiment: out(sentiment),
            urgency: out(urgency),
            language: out(language),
            priority: out(priority),
            route: out(route),
            tags: tags.into_iter().collect(),
        }
    }
}

impl From<SaidDuplicate> for SaidDuplicateOut {
    fn from(SaidDuplicate { other, is_same, by, at }: SaidDuplicate) -> Self {
        Self { ticket: other.to_string(), is_same, by, at: at.to_string() }
    }
}
