//! Search, in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::triage::Evidence;
use crate::domain::vocabulary::Kind;
use crate::wire::evidence::EvidenceOut;
use crate::wire::read::{FieldError, filled};

/// At most so many results.
const MAX_RESULTS: usize = 100;

/// A question to everything that the caller may read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"query": "swollen battery, may it be posted?", "kinds": ["passage", "message"], "limit": 5}))]
pub struct SearchIn {
    /// What to look for, in plain words.
    pub query: String,
    /// Only these kinds; every kind when not given.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// At most so many results, 1 to 100; 10 when not given.
    #[schema(minimum = 1, maximum = 100, default = 10)]
    pub limit: Option<usize>,
}

/// A question, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What to look for.
    pub text: String,
    /// Only these kinds; empty means every kind.
    pub kinds: Vec<Kind>,
    /// At most so many results.
    pub limit: usize,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundOut {
    /// What it is.
    pub kind: Kind,
    /// The words that fit, and where they stand.
    #[serde(flatten)]
    pub evidence: EvidenceOut,
}

impl SearchIn {
    /// The question.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_search(self) -> Result<Search, FieldError> {
        let Self { query, kinds, limit } = self;
        let limit = limit.unwrap_or(10);
        if !(1..=MAX_RESULTS).contains(&limit) {
            return Err(FieldError::new("/limit", format!("expected 1 to {MAX_RESULTS}")));
        }
        Ok(Search { text: filled("/query", query)?, kinds, limit })
    }
}

impl FoundOut {
    /// Something of a kind, with the words that fit.
    #[must_use]
    pub fn new(kind: Kind, evidence: Evidence) -> Self {
        Self { kind, evidence: evidence.into() }
    }
}
