//! Workspaces: the tenants.

use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Language, Slug};

/// A tenant: everything else belongs to exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its short name, unique on this installation.
    pub slug: Slug,
    /// Its name as people write it.
    pub name: String,
    /// The language in which it answers when a ticket's own is unknown.
    pub default_language: Language,
    /// When it was made.
    pub created_at: Timestamp,
}
