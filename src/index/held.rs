//! What stands in for the embedded index while a server holds it: rows and jobs are written, and the server indexes them.

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use uuid::Uuid;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Kind;
use crate::index::Index;
use crate::index::error::IndexError;
use crate::index::point::{Hit, Point, Query};

/// An index that another process has: everything is refused with a hint to ask that process.
#[derive(Debug)]
pub struct HeldIndex {
    revision: String,
}

impl HeldIndex {
    /// Stands in for the index of this encoder revision.
    #[must_use]
    pub fn new(revision: &str) -> Self {
        Self { revision: revision.to_owned() }
    }
}

fn held<T: Send + 'static>(doing: &'static str) -> BoxFuture<'static, Result<T, IndexError>> {
    ready(Err(IndexError::Held { doing })).boxed()
}

impl Index for HeldIndex {
    fn upsert(&self, _workspace: WorkspaceId, _points: Vec<Point>) -> BoxFuture<'_, Result<(), IndexError>> {
        held("put points into the index")
    }

    fn delete(&self, _workspace: WorkspaceId, _ids: Vec<Uuid>) -> BoxFuture<'_, Result<(), IndexError>> {
        held("take points out of the index")
    }

    fn flush(&self, _workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        held("write the index to disk")
    }

    fn search(&self, _query: Query) -> BoxFuture<'_, Result<Vec<Hit>, IndexError>> {
        held("search the index")
    }

    fn ids(&self, _workspace: WorkspaceId, _kind: Kind) -> BoxFuture<'_, Result<Vec<Uuid>, IndexError>> {
        held("list the index")
    }

    fn count(&self, _workspace: WorkspaceId) -> BoxFuture<'_, Result<usize, IndexError>> {
        held("count the index")
    }

    fn erase(&self, _workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        held("erase the index of a workspace")
    }

    fn revision(&self) -> &str {
        &self.revision
    }
}
