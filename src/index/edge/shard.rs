//! One shard of the engine: loading, writing, reading, and what keeps it fast.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use fs_err as fs;
use qdrant_edge::external::uuid::Uuid;
use qdrant_edge::{
    CountRequest, CreateIndex, Distance, EdgeConfig, EdgeOptimizersConfig, EdgeShard, EdgeSparseVectorParams, EdgeVectorParams,
    FieldIndexOperations, HnswIndexConfig, IntegerIndexParams, KeywordIndexParams, Modifier, OperationError, PayloadFieldSchema,
    PayloadSchemaParams, PointId, PointInsertOperations, PointOperations, PointStructPersisted, QueryRequest, ScoredPoint, ScrollRequest,
    UpdateOperation, UuidIndexParams, WalOptions, WithPayloadInterface, WithVector,
};

use crate::domain::vocabulary::Kind;
use crate::index::edge::files::{make_folder, shorten_log};
use crate::index::edge::{of_panic, request};
use crate::index::error::{Cause, IndexError};
use crate::index::schema::{self, FieldIndex};

/// Ids a page when all are listed.
const IDS_PER_PAGE: usize = 10_000;
/// Points written since the last upkeep that call for the next.
const POINTS_BETWEEN_UPKEEP: usize = 1024;
/// Bytes of the log that a BM25 vector and the fields of a point take, and those of one number of a dense vector.
const LOG_BYTES_PER_POINT: usize = 1000;
const LOG_BYTES_PER_NUMBER: usize = 5;
/// Attempts to flush: the engine panics when a running optimisation holds its lock, which it does for moments only.
const FLUSH_ATTEMPTS: u32 = 20;
const FLUSH_PAUSE: Duration = Duration::from_millis(25);
/// Neighbours of a vector in the graph, and how many are looked at when it is put in: the engine's own defaults.
const GRAPH_NEIGHBOURS: usize = 16;
const GRAPH_BUILD_BEAM: usize = 100;
/// The largest segment that optimisations make, in KiB: about 350,000 vectors of 384 dimensions.
const LARGEST_SEGMENT_KIB: usize = 512 << 10;
/// Segments aimed at below that size.
const SEGMENTS: usize = 2;

/// What tests set differently.
#[derive(Debug, Clone, Copy)]
pub(in crate::index) struct Tuning {
    /// Size of a segment's vectors, in KiB, from which on they are searched by a graph instead of one after the other.
    pub(in crate::index) graph_from_kib: usize,
    /// Size of one file of the engine's log, in bytes.
    pub(in crate::index) log_file_bytes: usize,
    /// Size of the log, in bytes, that calls for a reopening, which is the only way to shorten it.
    pub(in crate::index) long_log_bytes: usize,
}

/// An open shard.
pub(super) struct Shard {
    /// `None` only while it is dropped.
    engine: Option<Arc<EdgeShard>>,
    dimensions: usize,
    tuning: Tuning,
    points_since_upkeep: AtomicUsize,
    points_since_open: AtomicUsize,
}

/// An optimisation that has been begun.
pub(super) struct Upkeep(Arc<EdgeShard>);

impl Default for Tuning {
    fn default() -> Self {
        // About 6,700 vectors of 384 dimensions, which one core looks through in about a millisecond.
        Self { graph_from_kib: 10_000, log_file_bytes: 8 << 20, long_log_bytes: 256 << 20 }
    }
}

impl Shard {
    /// Loads the shard in a folder, or makes it there.
    pub(super) fn load(folder: &Path, dimensions: usize, tuning: Tuning) -> Result<Self, IndexError> {
        let doing = "open the index of a workspace";
        let corrupt = |source: Cause| IndexError::Corrupt { doing, source };
        make_folder(folder).map_err(|error| IndexError::Unavailable { doing, source: error.into() })?;
        // The engine would take a shard without segments for a new one.
        if folder.join("edge_config.json").exists() && fs::read_dir(folder.join("segments")).map_or(0, Iterator::count) == 0 {
            return Err(corrupt("its segments are gone".into()));
        }
        shorten_log(&folder.join("wal")).map_err(|error| corrupt(error.into()))?;
        // It panics on some kinds of damage.
        let loaded = catch_unwind(|| EdgeShard::load(folder, Some(config(dimensions, tuning))));
        let engine = loaded.map_err(|panic| corrupt(of_panic(&*panic)))?.map_err(|error| corrupt(error.into()))?;
        let info = engine.info();
        let without_graph = info.points_count.saturating_sub(info.indexed_vectors_count);
        let shard = Self {
            engine: Some(Arc::new(engine)),
            dimensions,
            tuning,
            points_since_upkeep: AtomicUsize::new(without_graph),
            points_since_open: AtomicUsize::new(0),
        };
        shard.index_fields()?;
        Ok(shard)
    }

    /// Puts points in place of those with the same ids.
    pub(super) fn upsert(&self, points: Vec<PointStructPersisted>) -> Result<(), IndexError> {
        let count = points.len();
        let operation = PointOperations::UpsertPoints(PointInsertOperations::PointsList(points));
        self.update("put points into the index", UpdateOperation::PointOperation(operation))?;
        self.points_since_upkeep.fetch_add(count, Ordering::Relaxed);
        self.points_since_open.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }

    /// Takes points out.
    pub(super) fn delete(&self, ids: Vec<Uuid>) -> Result<(), IndexError> {
        let count = ids.len();
        let ids = ids.into_iter().map(PointId::Uuid).collect();
        self.update("take points out of the index", UpdateOperation::PointOperation(PointOperations::DeletePoints { ids }))?;
        self.points_since_upkeep.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }

    /// Writes everything to disk; not to be called while another thread writes.
    pub(super) fn flush(&self) -> Result<(), IndexError> {
        let mut attempt = 1;
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.engine().flush())) {
                Ok(()) => return Ok(()),
                Err(panic) if attempt == FLUSH_ATTEMPTS => {
                    return Err(IndexError::Unavailable { doing: "write the index to disk", source: of_panic(&*panic) });
                }
                Err(_) => {
                    attempt += 1;
                    thread::sleep(FLUSH_PAUSE);
                }
            }
        }
    }

    /// Answers a query.
    pub(super) fn query(&self, request: QueryRequest) -> Result<Vec<ScoredPoint>, IndexError> {
        self.engine().query(request).map_err(|error| of_engine("search the index", error))
    }

    /// The ids of all points of one kind.
    pub(super) fn ids(&self, kind: Kind) -> Result<Vec<Uuid>, IndexError> {
        let mut ids = Vec::new();
        let mut offset = None;
        loop {
            let page = ScrollRequest {
                offset,
                limit: Some(IDS_PER_PAGE),
                filter: Some(request::filter(schema::of_kind(kind))),
                with_payload: Some(WithPayloadInterface::Bool(false)),
                with_vector: WithVector::Bool(false),
                order_by: None,
            };
            let (records, next) = self.engine().scroll(page).map_err(|error| of_engine("list the index", error))?;
            for record in records {
                ids.push(request::uuid(record.id)?);
            }
            let Some(next) = next else { return Ok(ids) };
            offset = Some(next);
        }
    }

    /// How many points there are.
    pub(super) fn count(&self) -> Result<usize, IndexError> {
        self.engine().count(CountRequest { filter: None, exact: true }).map_err(|error| of_engine("count the index", error))
    }

    /// Whether enough has been written that an optimisation is worth its while.
    pub(super) fn wants_upkeep(&self) -> bool {
        self.points_since_upkeep.load(Ordering::Relaxed) >= POINTS_BETWEEN_UPKEEP
    }

    /// Whether enough has been written that the log should be shortened.
    pub(super) fn has_a_long_log(&self) -> bool {
        let bytes_per_point = self.dimensions * LOG_BYTES_PER_NUMBER + LOG_BYTES_PER_POINT;
        self.points_since_open.load(Ordering::Relaxed) * bytes_per_point >= self.tuning.long_log_bytes
    }

    /// Begins an optimisation, which goes on without borrowing the shard.
    pub(super) fn begin_upkeep(&self) -> Upkeep {
        self.points_since_upkeep.store(0, Ordering::Relaxed);
        Upkeep(Arc::clone(self.engine()))
    }

    /// How many vectors are in graphs.
    #[cfg(test)]
    pub(super) fn vectors_in_graphs(&self) -> usize {
        self.engine().info().indexed_vectors_count
    }

    fn engine(&self) -> &Arc<EdgeShard> {
        self.engine.as_ref().expect("the engine is taken only when the shard is dropped: this is a bug")
    }

    fn update(&self, doing: &'static str, operation: UpdateOperation) -> Result<(), IndexError> {
        self.engine().update(operation).map_err(|error| of_engine(doing, error))
    }

    /// Creates the payload indexes that are not there yet.
    fn index_fields(&self) -> Result<(), IndexError> {
        let present = self.engine().info().payload_schema;
        for (name, kind) in schema::INDEXED {
            let field_name = request::path(name);
            if present.contains_key(&field_name) {
                continue;
            }
            let params = match kind {
                FieldIndex::Keyword => PayloadSchemaParams::Keyword(KeywordIndexParams::default()),
                FieldIndex::Id => PayloadSchemaParams::Uuid(UuidIndexParams { enable_hnsw: Some(false), ..UuidIndexParams::default() }),
                FieldIndex::Range => PayloadSchemaParams::Integer(IntegerIndexParams {
                    lookup: Some(false),
                    range: Some(true),
                    enable_hnsw: Some(false),
                    ..IntegerIndexParams::default()
                }),
            };
            let create = CreateIndex { field_name, field_schema: Some(PayloadFieldSchema::FieldParams(params)) };
            self.update("index a field", UpdateOperation::FieldIndexOperation(FieldIndexOperations::CreateIndex(create)))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shard").field("dimensions", &self.dimensions).finish_non_exhaustive()
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        let engine = self.engine.take();
        // The engine flushes when it is dropped and panics when it cannot, for instance because its folder has been deleted.
        if catch_unwind(AssertUnwindSafe(|| drop(engine))).is_err() {
            tracing::warn!("the index of a workspace could not be written to disk when it was closed");
        }
    }
}

impl Upkeep {
    /// Builds graphs, merges segments and clears out what was deleted; takes seconds to minutes.
    pub(super) fn run(self) -> Result<(), IndexError> {
        self.0.optimize().map(|_| ()).map_err(|error| of_engine("optimise the index", error))
    }
}

/// Vectors and payloads lie in files mapped into memory, so that a large index costs page cache and not heap.
fn config(dimensions: usize, tuning: Tuning) -> EdgeConfig {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    EdgeConfig::builder()
        .vector(schema::DENSE, EdgeVectorParams::builder(dimensions, Distance::Cosine).on_disk(true).build())
        .sparse_vector(schema::WORDS, EdgeSparseVectorParams::builder().on_disk(true).modifier(Modifier::Idf).build())
        .on_disk_payload(true)
        .hnsw_config(HnswIndexConfig {
            m: GRAPH_NEIGHBOURS,
            ef_construct: GRAPH_BUILD_BEAM,
            full_scan_threshold: tuning.graph_from_kib,
            // Half of the cores are left to those who wait for an answer.
            max_indexing_threads: (cores / 2).max(1),
            on_disk: Some(true),
            ..HnswIndexConfig::default()
        })
        .optimizers(EdgeOptimizersConfig {
            default_segment_number: Some(SEGMENTS),
            max_segment_size: Some(LARGEST_SEGMENT_KIB),
            indexing_threshold: Some(tuning.graph_from_kib),
            ..EdgeOptimizersConfig::default()
        })
        .wal_options(WalOptions { segment_capacity: tuning.log_file_bytes, ..WalOptions::default() })
        .build()
}

/// What an error of the engine means for the caller.
fn of_engine(doing: &'static str, error: OperationError) -> IndexError {
    if matches!(error, OperationError::InconsistentStorage { .. }) {
        IndexError::Corrupt { doing, source: error.into() }
    } else if matches!(
        error,
        OperationError::ServiceError { .. }
            | OperationError::OutOfMemory { .. }
            | OperationError::Cancelled { .. }
            | OperationError::Timeout { .. }
    ) {
        IndexError::Unavailable { doing, source: error.into() }
    } else {
        IndexError::Rejected { doing, source: error.into() }
    }
}
