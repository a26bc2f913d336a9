//! Hybrid nearest neighbours behind one trait with two real arms.
//!
//! Holds, for each workspace, one point a passage, ticket, comment, message or person: its dense vector, its BM25 vector and the few
//! fields that a search filters by. [`EdgeIndex`] keeps them in this process, [`QdrantIndex`] on a Qdrant server; both share one schema
//! (`schema.rs`), one BM25 (`bm25.rs`) and one conformance suite (`conformance.rs`). The crate `qdrant_edge` stays in `edge/` and `bm25.rs`,
//! `qdrant_client` in `qdrant/`.
//!
//! The index is a projection of SQL: it can be erased and filled again at any time. It must not know where texts come from, how they are
//! encoded or what a hit is good for, and it takes only [`CleanText`](crate::text::clean::CleanText) and a
//! [`Scope`](crate::domain::audience::Scope). Called by `app`, and by `eval`, which measures it.

mod bm25;
#[cfg(test)]
mod conformance;
mod edge;
mod error;
mod fusion;
mod held;
mod marker;
mod options;
mod point;
mod qdrant;
mod schema;

use std::fmt;

use futures::future::BoxFuture;
use uuid::Uuid;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Kind;

pub use self::edge::EdgeIndex;
pub use self::error::{IndexError, VectorFault};
pub use self::held::HeldIndex;
pub use self::options::Options;
pub use self::point::{Hit, Point, Query};
pub use self::qdrant::QdrantIndex;

/// A hybrid index over the points of many workspaces, all encoded by one encoder revision.
///
/// # Cancel safety
/// Dropping a future of this trait does not undo what it has begun: a write may still happen. Every write is safe to repeat.
pub trait Index: Send + Sync + fmt::Debug {
    /// Puts points in place of those with the same ids; seen by the next search, durable only after [`Index::flush`].
    fn upsert(&self, workspace: WorkspaceId, points: Vec<Point>) -> BoxFuture<'_, Result<(), IndexError>>;

    /// Takes points out; ids that are not there are passed over.
    fn delete(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> BoxFuture<'_, Result<(), IndexError>>;

    /// Makes everything written so far durable: only after this may pending revisions be cleared in SQL.
    fn flush(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>>;

    /// Finds the points of the scope's workspace nearest to the query that the scope's reader may see, best first.
    fn search(&self, query: Query) -> BoxFuture<'_, Result<Vec<Hit>, IndexError>>;

    /// The ids of all points of one kind, in no particular order: what a repair compares with SQL.
    fn ids(&self, workspace: WorkspaceId, kind: Kind) -> BoxFuture<'_, Result<Vec<Uuid>, IndexError>>;

    /// How many points the workspace has.
    fn count(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<usize, IndexError>>;

    /// Deletes every point of the workspace, a damaged or foreign folder included; it starts anew, empty.
    fn erase(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>>;

    /// The encoder revision whose vectors this index holds; vectors of another never get in.
    fn revision(&self) -> &str;
}
