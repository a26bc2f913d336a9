//! Thumbs, in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::feedback::Feedback;
use crate::domain::vocabulary::Verdict;

/// A thumb on a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"verdict": "up", "note": "exactly the passage I needed"}))]
pub struct FeedbackIn {
    /// Up or down.
    pub verdict: Verdict,
    /// In your words.
    pub note: Option<String>,
}

/// A thumb as it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeedbackOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// The suggestion it is about.
    #[schema(format = "uuid")]
    pub suggestion: String,
    /// Who gave it.
    pub by: String,
    /// Up or down.
    pub verdict: Verdict,
    /// In their words.
    #[schema(required)]
    pub note: Option<String>,
    /// When it was given.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<Feedback> for FeedbackOut {
    fn from(feedback: Feedback) -> Self {
        let Feedback { id, suggestion, by, verdict, note, created_at } = feedback;
        Self { id: id.to_string(), suggestion: suggestion.to_string(), by, verdict, note, created_at: created_at.to_string() }
    }
}
