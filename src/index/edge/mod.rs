//! The embedded arm: one in-process Qdrant shard a workspace, in a folder of its own.
//!
//! `ROOT/ENCODER/WORKSPACE/` holds `revision.json` and `shard/`. A shard is opened when its workspace is first used and stays open. What the
//! engine takes is visible at once and durable after `flush`; it keeps a log of operations but never reads it back, so whatever was not
//! flushed is lost with the process and must still be pending in SQL.

mod files;
mod request;
mod shard;
mod slots;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use futures::FutureExt;
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Kind;
use crate::index::Index;
use crate::index::bm25::Bm25;
use crate::index::edge::files::{FolderLock, is_empty};
use crate::index::edge::shard::{Shard, Tuning};
use crate::index::edge::slots::{Slot, Slots, lock, read, try_lock, write};
use crate::index::error::{Cause, IndexError};
use crate::index::fusion::Halves;
use crate::index::marker::Marker;
use crate::index::point::{Hit, Point, Query, check_vector};
use crate::index::schema;

/// Points an operation, which is also an entry of the engine's log.
const POINTS_PER_OPERATION: usize = 256;
/// The folder of a workspace in which the engine's own files are.
const SHARD: &str = "shard";

/// The index inside this process.
#[derive(Debug)]
pub struct EdgeIndex(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    marker: Marker,
    tuning: Tuning,
    bm25: Bm25,
    slots: Slots<Shard>,
    /// Keeps a second process out while it lives.
    _lock: FolderLock,
}

/// What to do when a workspace has no folder yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Create,
    Pass,
}

impl EdgeIndex {
    /// Opens the index of one encoder revision below `root`; no workspace is read before it is used.
    ///
    /// The folders of other revisions are removed: what they hold is rebuilt from SQL should that encoder come back.
    ///
    /// # Errors
    /// [`IndexError::Unavailable`] when the folder cannot be made, [`IndexError::Held`] when another process has it.
    pub fn open(root: &Path, revision: &str, dimensions: usize) -> Result<Self, IndexError> {
        Self::open_tuned(root, revision, dimensions, Tuning::default())
    }

    pub(super) fn open_tuned(root: &Path, revision: &str, dimensions: usize, tuning: Tuning) -> Result<Self, IndexError> {
        let marker = Marker::new(revision, dimensions);
        let folder = root.join(marker.slug());
        let lock = FolderLock::take(&folder)?;
        files::empty_trash(&folder)?;
        files::remove_others(root, &marker.slug());
        Ok(Self(Arc::new(Inner { folder, marker, tuning, bm25: Bm25::new(), slots: Slots::new(), _lock: lock })))
    }

    /// Runs blocking work off the async threads.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Inner>) -> Result<T, IndexError> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, IndexError>> {
        let inner = Arc::clone(&self.0);
        async move {
            let done = tokio::task::spawn_blocking(move || work(&inner)).await;
            // The engine panics on some kinds of damage.
            done.unwrap_or_else(|panic| Err(IndexError::Corrupt { doing: "work with the index", source: panic.into() }))
        }
        .boxed()
    }

    /// Optimises a workspace at once, for tests that need its graphs.
    #[cfg(test)]
    pub(super) async fn optimise(&self, workspace: WorkspaceId) {
        let optimised = self.run(move |inner| {
            inner.optimise(workspace);
            Ok(())
        });
        optimised.await.unwrap();
    }
}

impl Index for EdgeIndex {
    fn upsert(&self, workspace: WorkspaceId, points: Vec<Point>) -> BoxFuture<'_, Result<(), IndexError>> {
        self.run(move |inner| inner.upsert(workspace, &points))
    }

    fn delete(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> BoxFuture<'_, Result<(), IndexError>> {
        self.run(move |inner| inner.change(workspace, Missing::Pass, |shard| shard.delete(ids)))
    }

    fn flush(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        self.run(move |inner| {
            inner.flush(workspace)?;
            inner.keep_up(workspace)
        })
    }

    fn search(&self, query: Query) -> BoxFuture<'_, Result<Vec<Hit>, IndexError>> {
        self.run(move |inner| inner.search(&query))
    }

    fn ids(&self, workspace: WorkspaceId, kind: Kind) -> BoxFuture<'_, Result<Vec<Uuid>, IndexError>> {
        self.run(move |inner| Ok(inner.with(workspace, Missing::Pass, |_, shard| shard.ids(kind))?.unwrap_or_default()))
    }

    fn count(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<usize, IndexError>> {
        self.run(move |inner| Ok(inner.with(workspace, Missing::Pass, |_, shard| shard.count())?.unwrap_or_default()))
    }

    fn erase(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        self.run(move |inner| inner.erase(workspace))
    }

    fn revision(&self) -> &str {
        self.0.marker.encoder()
    }
}

impl Inner {
    fn folder_of(&self, workspace: WorkspaceId) -> PathBuf {
        self.folder.join(workspace.to_string())
    }

    /// Works with the open shard of a workspace; `None` when it has no folder and none should be made.
    fn with<T>(
        &self,
        workspace: WorkspaceId,
        missing: Missing,
        work: impl FnOnce(&Slot<Shard>, &Shard) -> Result<T, IndexError>,
    ) -> Result<Option<T>, IndexError> {
        let slot = self.slots.of(workspace);
        let folder = self.folder_of(workspace);
        loop {
            let open = read(&slot.open);
            if let Some(shard) = open.as_ref()
                && !Marker::is_gone_from(&folder)
            {
                return work(&slot, shard).map(Some);
            }
            drop(open);
            if !self.open_slot(&slot, &folder, missing)? {
                return Ok(None);
            }
        }
    }

    /// As [`Inner::with`], to write; one writer at a time.
    fn change(
        &self,
        workspace: WorkspaceId,
        missing: Missing,
        work: impl FnOnce(&Shard) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let changed = self.with(workspace, missing, |slot, shard| {
            let _one_at_a_time = lock(&slot.writing);
            slot.unflushed.store(true, Ordering::Relaxed);
            work(shard)
        });
        changed.map(Option::unwrap_or_default)
    }

    fn flush(&self, workspace: WorkspaceId) -> Result<(), IndexError> {
        self.with(workspace, Missing::Pass, |slot, shard| {
            let _one_at_a_time = lock(&slot.writing);
            shard.flush()?;
            slot.unflushed.store(false, Ordering::Relaxed);
            Ok(())
        })?;
        if self.slots.of(workspace).lost.swap(false, Ordering::Relaxed) {
            let source = "its folder vanished after something was written to it".into();
            return Err(IndexError::Unavailable { doing: "write the index to disk", source });
        }
        Ok(())
    }

    /// Opens a shard, or makes it; answers whether there is one now.
    fn open_slot(&self, slot: &Slot<Shard>, folder: &Path, missing: Missing) -> Result<bool, IndexError> {
        let _upkeep = lock(&slot.upkeep);
        let mut open = write(&slot.open);
        if open.is_some() {
            if !Marker::is_gone_from(folder) {
                return Ok(true);
            }
            tracing::warn!("the folder of a workspace's index has vanished; it starts anew and must be filled again");
            slot.lost.fetch_or(slot.unflushed.swap(false, Ordering::Relaxed), Ordering::Relaxed);
            *open = None;
        }
        let unavailable = |error: io::Error| IndexError::Unavailable { doing: "open the index of a workspace", source: error.into() };
        if is_empty(folder).map_err(unavailable)? {
            if missing == Missing::Pass {
                return Ok(false);
            }
            self.make(folder)?;
        }
        self.marker.check_folder(folder)?;
        *open = Some(Shard::load(&folder.join(SHARD), self.marker.dimensions(), self.tuning)?);
        Ok(true)
    }

    /// Makes an empty shard beside its place and moves it there whole: a process that dies meanwhile leaves only trash.
    fn make(&self, folder: &Path) -> Result<(), IndexError> {
        let unavailable = |error: io::Error| IndexError::Unavailable { doing: "make the index of a workspace", source: error.into() };
        let draft = files::fresh_draft(folder).map_err(unavailable)?;
        self.marker.write(&draft).map_err(unavailable)?;
        let shard = Shard::load(&draft.join(SHARD), self.marker.dimensions(), self.tuning)?;
        shard.flush()?;
        drop(shard);
        files::put_in_place(&draft, folder).map_err(unavailable)
    }

    fn upsert(&self, workspace: WorkspaceId, points: &[Point]) -> Result<(), IndexError> {
        for point in points {
            check_vector(&point.dense, self.marker.dimensions(), Some(point.id))?;
        }
        for chunk in points.chunks(POINTS_PER_OPERATION) {
            let structs = chunk.iter().map(|point| request::point(point, self.bm25.document(&point.text, point.language))).collect();
            self.change(workspace, Missing::Create, |shard| shard.upsert(structs))?;
        }
        Ok(())
    }

    fn search(&self, query: &Query) -> Result<Vec<Hit>, IndexError> {
        if let Some(dense) = &query.dense {
            check_vector(dense, self.marker.dimensions(), None)?;
        }
        if query.limit == 0 {
            return Ok(Vec::new());
        }
        let words = self.bm25.query(&query.text, query.language);
        let Halves { meaning, words } = request::halves(query, words);
        let found = self.with(query.scope.workspace(), Missing::Pass, |_, shard| {
            let find = |request: Option<_>| request.map(|request| shard.query(request)).transpose();
            Ok(Halves { meaning: find(meaning)?, words: find(words)? })
        })?;
        let Some(Halves { meaning, words }) = found else { return Ok(Vec::new()) };
        let hits = |found: Option<Vec<_>>| -> Result<_, IndexError> {
            found.map(|found| found.into_iter().map(|point| request::hit(point, query)).collect()).transpose()
        };
        Ok(Halves { meaning: hits(meaning)?, words: hits(words)? }.join(schema::limit(query)))
    }

    /// Waits for an optimisation that runs, since it holds the files.
    fn erase(&self, workspace: WorkspaceId) -> Result<(), IndexError> {
        let slot = self.slots.of(workspace);
        let _upkeep = lock(&slot.upkeep);
        let mut open = write(&slot.open);
        *open = None;
        slot.unflushed.store(false, Ordering::Relaxed);
        slot.lost.store(false, Ordering::Relaxed);
        files::erase(&self.folder, &workspace.to_string())
    }

    /// After enough writes: shortens the engine's log, and begins to optimise in the background.
    fn keep_up(self: &Arc<Self>, workspace: WorkspaceId) -> Result<(), IndexError> {
        let slot = self.slots.of(workspace);
        // While an optimisation runs there is nothing to do: the flush after it comes here again.
        let Some(upkeep) = try_lock(&slot.upkeep) else { return Ok(()) };
        if read(&slot.open).as_ref().is_some_and(Shard::has_a_long_log) {
            let mut open = write(&slot.open);
            // Others may have written since the flush, and closing does not tell when it fails.
            open.as_ref().map_or(Ok(()), Shard::flush)?;
            *open = None;
            *open = Some(Shard::load(&self.folder_of(workspace).join(SHARD), self.marker.dimensions(), self.tuning)?);
        }
        drop(upkeep);
        if read(&slot.open).as_ref().is_some_and(Shard::wants_upkeep) {
            let inner = Arc::clone(self);
            let begun = thread::Builder::new().name("index-upkeep".to_owned()).spawn(move || inner.optimise(workspace));
            if let Err(error) = begun {
                tracing::warn!(error = &error as &dyn Error, "could not begin to optimise the index");
            }
        }
        Ok(())
    }

    /// Builds graphs over what has been written since the last time; searches and writes go on meanwhile.
    fn optimise(&self, workspace: WorkspaceId) {
        let slot = self.slots.of(workspace);
        let _upkeep = lock(&slot.upkeep);
        let Some(work) = read(&slot.open).as_ref().map(Shard::begin_upkeep) else { return };
        if let Err(error) = work.run() {
            tracing::warn!(error = &error as &dyn Error, "could not optimise the index: searches stay right but get slower");
        }
    }
}

/// What a panic of the engine said.
fn of_panic(panic: &(dyn Any + Send)) -> Cause {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    said.unwrap_or("the engine panicked").into()
}
