//! Documents of the knowledge base and the passages they are cut into.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::domain::audience::Audience;
use crate::domain::id::{DocumentId, PassageId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Language;

/// A document of the knowledge base, as extracted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id in the system it comes from (a path, an article's name), unique in the workspace.
    pub external_id: String,
    /// Its title.
    pub title: String,
    /// Its language, if known.
    pub language: Option<Language>,
    /// Who may read it.
    pub audience: Audience,
    /// sha256 of the bytes it came from, in hexadecimal: only a changed document is taken in again.
    pub content_hash: String,
    /// When its authors last changed it.
    pub updated_at: Timestamp,
    /// The whole extracted text.
    pub text: String,
}

/// A document as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentHead {
    /// Its id.
    pub id: DocumentId,
    /// Its id in the system it comes from.
    pub external_id: String,
    /// Its title.
    pub title: String,
    /// Its language, if known.
    pub language: Option<Language>,
    /// Who may read it.
    pub audience: Audience,
    /// When its authors last changed it.
    pub updated_at: Timestamp,
    /// How many passages it was cut into.
    pub passages: u32,
}

/// A piece of a document that can be found and cited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Its id.
    pub id: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// Its place among the document's passages, from 0.
    pub position: u32,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Its text.
    pub text: String,
    /// Where it stands in the document's text, in bytes.
    pub span: Range<u32>,
}

/// A passage with what a reader must know of its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPassage {
    /// The passage.
    pub passage: Passage,
    /// Its document's id in the system it comes from.
    pub external_id: String,
    /// Its document's title.
    pub title: String,
    /// Its document's language.
    pub language: Option<Language>,
    /// Who may read it.
    pub audience: Audience,
    /// When its document last changed.
    pub updated_at: Timestamp,
}
