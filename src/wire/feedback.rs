//! Thumbs, in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::feedback::Feedback;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Verdict;
use crate::wire::read::{FieldError, parse_opt};

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

/// For how long a suggestion is set aside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"until": "2026-07-21T09:00:00Z"}))]
pub struct SetAsideIn {
    /// When it comes back by itself; null or left out for never.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

impl SetAsideIn {
    /// The moment when it comes back.
    ///
    /// # Errors
    /// [`FieldError`] for what is no moment.
    pub fn until(&self) -> Result<Option<Timestamp>, FieldError> {
        parse_opt("/until", self.until.as_deref())
    }
}
