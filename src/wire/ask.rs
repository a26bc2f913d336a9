//! A question about a ticket, in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::panel::Cited;
use crate::wire::evidence::CitedOut;
use crate::wire::read::{FieldError, filled};

/// A question has at most so many characters.
pub const MAX_CHARS: usize = 2_000;

/// A question about a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"question": "What did legal say about exports to Switzerland?"}))]
pub struct AskIn {
    /// What is asked, in plain words, at most 2,000 characters.
    #[schema(max_length = 2000)]
    pub question: String,
}

/// What a question is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswerOut {
    /// Sentences that somebody wrote, best first; empty when nothing that was read answers.
    pub sentences: Vec<CitedOut>,
    /// Why there are none, in one sentence.
    pub not_found: Option<String>,
    /// What was read.
    pub looked_in: LookedInOut,
}

/// How much was read for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct LookedInOut {
    /// The ticket's text and its comments.
    pub comments: usize,
    /// Side conversations, those of the ticket and earlier ones.
    pub side_conversations: usize,
    /// Passages of articles.
    pub passages: usize,
    /// Files that came with the ticket, and pieces of others.
    pub attachments: usize,
}

impl AskIn {
    /// The question.
    ///
    /// # Errors
    /// [`FieldError`] when it is empty or too long.
    pub fn into_question(self) -> Result<String, FieldError> {
        let question = filled("/question", self.question)?;
        if question.chars().count() > MAX_CHARS {
            return Err(FieldError::new("/question", format!("expected at most {MAX_CHARS} characters")));
        }
        Ok(question)
    }
}

impl AnswerOut {
    /// An answer, and what was read for it.
    #[must_use]
    pub fn new(sentences: Vec<Cited>, looked_in: LookedInOut) -> Self {
        let LookedInOut { comments, side_conversations, passages, attachments } = looked_in;
        let not_found = sentences.is_empty().then(|| {
            format!(
                "not found in {comments} comments, {side_conversations} side conversations, {passages} passages and {attachments} files: \
                 ask a colleague"
            )
        });
        Self { sentences: sentences.into_iter().map(Into::into).collect(), not_found, looked_in }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_answers_it_is_said_where_was_looked() {
        let found = AnswerOut::new(Vec::new(), LookedInOut { comments: 4, side_conversations: 2, passages: 8, attachments: 1 });
        assert_eq!(found.not_found.unwrap(), "not found in 4 comments, 2 side conversations, 8 passages and 1 files: ask a colleague");
    }
}
