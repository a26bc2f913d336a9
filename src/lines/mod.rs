//! Sentences with who said them, when and where: what the rooms that summarise, rank and draft work on.
//!
//! Holds one sentence ([`Line`]), its words ([`words`]), what it does ([`acts`]), how alike two of them are ([`likeness`]) and
//! which words tell why ([`telling`]).
//! Knows neither the encoder (vectors are handed in) nor how sentences are cut. `app` makes lines; `threads`, `experts` and `copilot` read them.

pub mod acts;
mod cues;
pub mod likeness;
pub mod telling;
#[cfg(test)]
pub(crate) mod testing;
pub mod words;

use std::ops::Range;

use crate::domain::panel::Cited;
use crate::domain::time::Timestamp;
use crate::domain::triage::{Evidence, Source};
use crate::domain::vocabulary::{EmailAddress, Language};

/// One sentence of a message, comment, ticket or passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// Where it stands.
    pub source: Source,
    /// Who wrote it; `None` for a passage.
    pub author: Option<&'a EmailAddress>,
    /// What its source is called: the author's name, a ticket's reference or a document's title.
    pub title: &'a str,
    /// When its source was written or last changed.
    pub at: Option<Timestamp>,
    /// Its language.
    pub language: Language,
    /// The sentence, cleaned.
    pub text: &'a str,
    /// Where it stands in the source's original text, in bytes.
    pub span: Range<usize>,
    /// Its vector, of unit norm; `None` leaves its words to speak.
    pub vector: Option<&'a [f32]>,
    /// Its place among its source's sentences, from 0.
    pub position: usize,
}

impl Line<'_> {
    /// The sentence as evidence.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence {
            source: self.source,
            title: self.title.to_owned(),
            quote: self.text.to_owned(),
            span: Some(self.span.clone()),
            at: self.at,
        }
    }

    /// The sentence, citing itself.
    #[must_use]
    pub fn cited(&self) -> Cited {
        Cited { text: self.text.to_owned(), evidence: vec![self.evidence()] }
    }

    /// The sentence together with the one before it in the same source, citing both.
    #[must_use]
    pub fn cited_after(&self, before: &Line<'_>) -> Cited {
        Cited { text: format!("{} {}", before.text, self.text), evidence: vec![before.evidence(), self.evidence()] }
    }

    /// Whether `other` is the sentence before this one in the same source.
    #[must_use]
    pub fn follows(&self, other: &Line<'_>) -> bool {
        self.source == other.source && self.position == other.position + 1
    }
}
