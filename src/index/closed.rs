//! The arm of a process that works beside the one that holds the embedded index: it writes rows, the other indexes them.

use futures::FutureExt as _;
use futures::future::{self, BoxFuture};
use uuid::Uuid;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Kind;
use crate::index::{Hit, Index, IndexError, Point, Query};

/// An index that another process holds: every call says so.
#[derive(Debug)]
pub struct ClosedIndex {
    revision: String,
}

impl ClosedIndex {
    /// Stands in for the index of an encoder revision.
    #[must_use]
    pub fn new(revision: &str) -> Self {
        Self { revision: revision.to_owned() }
    }
}

fn closed<T: Send + 'static>(doing: &'static str) -> BoxFuture<'static, Result<T, IndexError>> {
    let source = "the serving process holds the index: ask it through the API".into();
    future::ready(Err(IndexError::Unavailable { doing, source })).boxed()
}

impl Index for ClosedIndex {
    fn upsert(&self, _: WorkspaceId, _: Vec<Point>) -> BoxFuture<'_, Result<(), IndexError>> {
        closed("write points")
    }

    fn delete(&self, _: WorkspaceId, _: Vec<Uuid>) -> BoxFuture<'_, Result<(), IndexError>> {
        closed("delete points")
    }

    fn flush(&self, _: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        closed("make points durable")
    }

    fn search(&self, _: Query) -> BoxFuture<'_, Result<Vec<Hit>, IndexError>> {
        closed("search")
    }

    fn ids(&self, _: WorkspaceId, _: Kind) -> BoxFuture<'_, Result<Vec<Uuid>, IndexError>> {
        closed("list points")
    }

    fn count(&self, _: WorkspaceId) -> BoxFuture<'_, Result<usize, IndexError>> {
        closed("count points")
    }

    fn erase(&self, _: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        closed("empty the index")
    }

    fn revision(&self) -> &str {
        &self.revision
    }
}
