//! Views of the inbox that somebody comes back to.

use crate::domain::id::ViewId;
use crate::domain::intake::InboxFilter;

/// A filter of the inbox under a name; it is its owner's alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: ViewId,
    /// What its owner calls it.
    pub name: String,
    /// What it shows.
    pub filter: InboxFilter,
}
