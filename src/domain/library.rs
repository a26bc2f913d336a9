//! What becomes of the knowledge base: how its documents are used, what could not be taken in, and what it does not answer.

use crate::domain::document::{Document, DocumentHead, FoundPassage};
use crate::domain::id::QuestionId;
use crate::domain::panel::TicketHead;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::IntentName;

/// How a document is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentUse {
    /// Tickets beside which it was shown.
    pub shown: u32,
    /// Those of them whose reply draft cited it.
    pub cited: u32,
}

/// A document with its state and its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelved {
    /// The document.
    pub head: DocumentHead,
    /// Passages that cannot be found yet: they wait to be indexed.
    pub pending: u32,
    /// How it is used.
    pub used: DocumentUse,
}

/// A document as it is found and cited, with where it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDocument {
    /// The document.
    pub document: Document,
    /// Its passages in their order, each with whether it can be found.
    pub passages: Vec<(FoundPassage, bool)>,
    /// How it is used.
    pub used: DocumentUse,
    /// Thumbs up and down on its passages as they are now.
    pub thumbs: (u32, u32),
    /// The last tickets beside which it was shown.
    pub tickets: Vec<TicketHead>,
}

/// A document that could not be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its id in the system it comes from.
    pub external_id: String,
    /// Why, and what to do.
    pub reason: String,
    /// When.
    pub refused_at: Timestamp,
}

/// A question about a ticket that nothing answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Its id.
    pub id: QuestionId,
    /// The question.
    pub question: String,
    /// The ticket it was about.
    pub ticket: TicketHead,
    /// When it was asked last.
    pub asked_at: Timestamp,
}

/// Open tickets on one matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The matter; `None` for those on which the triage abstained.
    pub intent: Option<IntentName>,
    /// How many there are.
    pub tickets: u32,
    /// How many of them an article answers.
    pub answered: u32,
}

/// What the knowledge base lacks, as the reader may see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Open tickets by their matter, those with the most unanswered first.
    pub coverage: Vec<Coverage>,
    /// Questions that nothing answered, the newest first.
    pub unanswered: Vec<Unanswered>,
    /// The documents shown most.
    pub most_used: Vec<Shelved>,
    /// Documents that no panel has shown, the oldest first.
    pub unused: Vec<Shelved>,
    /// Documents that could not be taken in, the newest first; for whoever feeds the workspace.
    pub refusals: Vec<Refusal>,
}
