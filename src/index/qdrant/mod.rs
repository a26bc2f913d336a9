//! The server arm: a Qdrant server or cluster over gRPC.
//!
//! One collection an encoder revision, shared by all workspaces: the workspace is a field that every request filters by, and part of every
//! point's name, so that no id can reach into another workspace. Writes wait until the server has them in its log on disk.

mod request;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use qdrant_client::qdrant::{
    CountPointsBuilder, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, DeletePointsBuilder, Distance, FieldType,
    HnswConfigDiffBuilder, IntegerIndexParamsBuilder, KeywordIndexParamsBuilder, Modifier, PointId, QueryPoints, ScrollPointsBuilder,
    SparseVectorParamsBuilder, SparseVectorsConfigBuilder, UpsertPointsBuilder, UuidIndexParamsBuilder, VectorParamsBuilder,
    VectorsConfigBuilder,
};
use qdrant_client::{Qdrant, QdrantError};
use secrecy::ExposeSecret;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Kind;
use crate::index::Index;
use crate::index::bm25::Bm25;
use crate::index::error::IndexError;
use crate::index::fusion::Halves;
use crate::index::marker::Marker;
use crate::index::options::Options;
use crate::index::point::{Hit, Point, Query, check_vector};
use crate::index::schema::{self, FieldIndex, Filter};

/// Points a request.
const POINTS_PER_REQUEST: usize = 256;
/// Ids a page when all are listed.
const IDS_PER_PAGE: u32 = 10_000;
/// Neighbours of a vector in the graph of its workspace.
const GRAPH_NEIGHBOURS: u64 = 16;

/// The index on a Qdrant server or cluster.
pub struct QdrantIndex {
    client: Qdrant,
    collection: String,
    marker: Marker,
    bm25: Arc<Bm25>,
}

impl QdrantIndex {
    /// Connects to the server and makes the collection of this encoder revision if it has none.
    ///
    /// # Errors
    /// [`IndexError::Options`] without a usable `url`, [`IndexError::Mismatch`] when the collection was made for another encoder, else
    /// what the server said.
    ///
    /// # Cancel safety
    /// A collection may be left without some of its field indexes; the next call adds them.
    pub async fn connect(options: &Options, revision: &str, dimensions: usize) -> Result<Self, IndexError> {
        let unusable = |key, reason: String| IndexError::Options { key, reason };
        let url = options.url.as_deref().ok_or_else(|| unusable("url", "it is not set".to_owned()))?;
        let prefix = &options.collection_prefix;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err(unusable("collection_prefix", format!("`{prefix}` has other characters than letters, digits, `-` and `_`")));
        }
        let timeout = Duration::from_millis(options.timeout_ms);
        let client = Qdrant::from_url(url)
            .api_key(options.api_key.as_ref().map(|key| key.expose_secret().to_owned()))
            .timeout(timeout)
            .connect_timeout(timeout)
            // The check prints to standard output.
            .skip_compatibility_check()
            .build()
            .map_err(|error| unusable("url", error.to_string()))?;
        let marker = Marker::new(revision, dimensions);
        let collection = format!("{prefix}-{}", marker.slug());
        let index = Self { client, collection, marker, bm25: Arc::new(Bm25::new()) };
        index.prepare_collection().await?;
        Ok(index)
    }

    async fn prepare_collection(&self) -> Result<(), IndexError> {
        let doing = "prepare the collection";
        let failed = |error| of_server(doing, error);
        if !self.client.collection_exists(&self.collection).await.map_err(failed)? {
            let created = self.client.create_collection(self.new_collection()?).await;
            // Another replica may have been faster.
            if let Err(error) = created
                && !self.client.collection_exists(&self.collection).await.map_err(failed)?
            {
                return Err(failed(error));
            }
        }
        let info = self.client.collection_info(&self.collection).await.map_err(failed)?;
        let metadata = info.result.and_then(|info| info.config).map(|config| config.metadata).unwrap_or_default();
        // Servers before 1.16 keep no metadata; there the collection's name, which has the marker's sum in it, must do.
        if !metadata.is_empty() {
            let found = serde_json::from_value(Value::Object(request::json(metadata)));
            self.marker.check(&found.map_err(|error| IndexError::Corrupt { doing, source: error.into() })?)?;
        }
        self.index_fields().await
    }

    /// A graph for each workspace and none over all, since every search is in one workspace.
    fn new_collection(&self) -> Result<CreateCollectionBuilder, IndexError> {
        let doing = "prepare the collection";
        let dimensions = u64::try_from(self.marker.dimensions()).map_err(|error| IndexError::Rejected { doing, source: error.into() })?;
        let marker = serde_json::to_value(&self.marker).and_then(serde_json::from_value::<HashMap<String, Value>>);
        let marker = marker.map_err(|error| IndexError::Rejected { doing, source: error.into() })?;
        let mut vectors = VectorsConfigBuilder::default();
        vectors.add_named_vector_params(schema::DENSE, VectorParamsBuilder::new(dimensions, Distance::Cosine).on_disk(true));
        let mut words = SparseVectorsConfigBuilder::default();
        words.add_named_vector_params(schema::WORDS, SparseVectorParamsBuilder::default().modifier(Modifier::Idf));
        Ok(CreateCollectionBuilder::new(&self.collection)
            .vectors_config(vectors)
            .sparse_vectors_config(words)
            .hnsw_config(HnswConfigDiffBuilder::default().m(0).payload_m(GRAPH_NEIGHBOURS))
            .metadata(marker))
    }

    /// Creates the payload indexes; those that are there already stay as they are.
    async fn index_fields(&self) -> Result<(), IndexError> {
        let field = |name: &str, kind| CreateFieldIndexCollectionBuilder::new(&self.collection, name, kind).wait(true);
        let workspace = KeywordIndexParamsBuilder::default().is_tenant(true);
        let mut fields = vec![field(schema::WORKSPACE, FieldType::Keyword).field_index_params(workspace)];
        fields.extend(schema::INDEXED.into_iter().map(|(name, kind)| match kind {
            FieldIndex::Keyword => {
                field(name, FieldType::Keyword).field_index_params(KeywordIndexParamsBuilder::default().enable_hnsw(false))
            }
            FieldIndex::Id => field(name, FieldType::Uuid).field_index_params(UuidIndexParamsBuilder::default().enable_hnsw(false)),
            FieldIndex::Range => {
                field(name, FieldType::Integer).field_index_params(IntegerIndexParamsBuilder::new(false, true).enable_hnsw(false))
            }
        }));
        for field in fields {
            self.client.create_field_index(field).await.map_err(|error| of_server("index a field", error))?;
        }
        Ok(())
    }

    async fn upsert_all(&self, workspace: WorkspaceId, points: Vec<Point>) -> Result<(), IndexError> {
        for point in &points {
            check_vector(&point.dense, self.marker.dimensions(), Some(point.id))?;
        }
        let bm25 = Arc::clone(&self.bm25);
        let embedded = tokio::task::spawn_blocking(move || {
            points.iter().map(|point| request::point(workspace, point, bm25.document(&point.text, point.language))).collect::<Vec<_>>()
        });
        let doing = "put points into the index";
        let mut structs = embedded.await.map_err(|panic| IndexError::Rejected { doing, source: panic.into() })?;
        while !structs.is_empty() {
            let rest = structs.split_off(structs.len().min(POINTS_PER_REQUEST));
            let request = UpsertPointsBuilder::new(&self.collection, structs).wait(true);
            self.client.upsert_points(request).await.map_err(|error| of_server(doing, error))?;
            structs = rest;
        }
        Ok(())
    }

    async fn delete_all(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Result<(), IndexError> {
        for ids in ids.chunks(POINTS_PER_REQUEST) {
            let names: Vec<PointId> = ids.iter().map(|id| request::name(workspace, *id)).collect();
            let request = DeletePointsBuilder::new(&self.collection).points(names).wait(true);
            self.client.delete_points(request).await.map_err(|error| of_server("take points out of the index", error))?;
        }
        Ok(())
    }

    async fn search_all(&self, query: Query) -> Result<Vec<Hit>, IndexError> {
        if let Some(dense) = &query.dense {
            check_vector(dense, self.marker.dimensions(), None)?;
        }
        if query.limit == 0 {
            return Ok(Vec::new());
        }
        let words = self.bm25.query(&query.text, query.language);
        let Halves { meaning, words } = request::halves(&self.collection, &query, words);
        let find = async |half: Option<QueryPoints>| -> Result<Option<Vec<Hit>>, IndexError> {
            let Some(half) = half else { return Ok(None) };
            let response = self.client.query(half).await.map_err(|error| of_server("search the index", error))?;
            response.result.into_iter().map(|found| request::hit(found, &query)).collect::<Result<_, _>>().map(Some)
        };
        let (meaning, words) = futures::try_join!(find(meaning), find(words))?;
        Ok(Halves { meaning, words }.join(schema::limit(&query)))
    }

    async fn ids_of(&self, workspace: WorkspaceId, kind: Kind) -> Result<Vec<Uuid>, IndexError> {
        let mut ids = Vec::new();
        let mut offset: Option<PointId> = None;
        loop {
            let mut page = ScrollPointsBuilder::new(&self.collection)
                .filter(request::filter(workspace, schema::of_kind(kind)))
                .limit(IDS_PER_PAGE)
                .with_payload(request::read_back(&[&[schema::ID]]))
                .with_vectors(false);
            if let Some(offset) = offset.take() {
                page = page.offset(offset);
            }
            let page = self.client.scroll(page).await.map_err(|error| of_server("list the index", error))?;
            for point in page.result {
                ids.push(request::id(&request::json(point.payload))?);
            }
            offset = page.next_page_offset;
            if offset.is_none() {
                return Ok(ids);
            }
        }
    }

    async fn count_all(&self, workspace: WorkspaceId) -> Result<usize, IndexError> {
        let doing = "count the index";
        let request = CountPointsBuilder::new(&self.collection).filter(request::filter(workspace, Filter::default())).exact(true);
        let response = self.client.count(request).await.map_err(|error| of_server(doing, error))?;
        let count = response.result.map_or(0, |result| result.count);
        usize::try_from(count).map_err(|error| IndexError::Rejected { doing, source: error.into() })
    }

    async fn erase_all(&self, workspace: WorkspaceId) -> Result<(), IndexError> {
        self.prepare_collection().await?;
        let request = DeletePointsBuilder::new(&self.collection).points(request::filter(workspace, Filter::default())).wait(true);
        let erased = self.client.delete_points(request).await;
        erased.map(|_| ()).map_err(|error| of_server("erase the index of a workspace", error))
    }
}

impl Index for QdrantIndex {
    fn upsert(&self, workspace: WorkspaceId, points: Vec<Point>) -> BoxFuture<'_, Result<(), IndexError>> {
        self.upsert_all(workspace, points).boxed()
    }

    fn delete(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> BoxFuture<'_, Result<(), IndexError>> {
        self.delete_all(workspace, ids).boxed()
    }

    /// Nothing is left to do: each write has waited for the server's log.
    fn flush(&self, _workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        futures::future::ready(Ok(())).boxed()
    }

    fn search(&self, query: Query) -> BoxFuture<'_, Result<Vec<Hit>, IndexError>> {
        self.search_all(query).boxed()
    }

    fn ids(&self, workspace: WorkspaceId, kind: Kind) -> BoxFuture<'_, Result<Vec<Uuid>, IndexError>> {
        self.ids_of(workspace, kind).boxed()
    }

    fn count(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<usize, IndexError>> {
        self.count_all(workspace).boxed()
    }

    fn erase(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        self.erase_all(workspace).boxed()
    }

    fn revision(&self) -> &str {
        self.marker.encoder()
    }
}

impl fmt::Debug for QdrantIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantIndex").field("collection", &self.collection).finish_non_exhaustive()
    }
}

/// What an error of the server means for the caller; the numbers are gRPC's status codes.
fn of_server(doing: &'static str, error: QdrantError) -> IndexError {
    let code = match &error {
        QdrantError::ResponseError { status } => status.code() as i32,
        QdrantError::ResourceExhaustedError { .. } | QdrantError::Io(_) => return IndexError::Unavailable { doing, source: error.into() },
        QdrantError::ConversionError(_)
        | QdrantError::InvalidUri(_)
        | QdrantError::NoSnapshotFound(_)
        | QdrantError::JsonToPayload(_)
        | QdrantError::PayloadDeserialization(_) => return IndexError::Rejected { doing, source: error.into() },
    };
    let source = error.into();
    match code {
        // Permission denied, unauthenticated.
        7 | 16 => IndexError::Refused { doing, source },
        // Invalid argument, out of range, unimplemented.
        3 | 11 | 12 => IndexError::Rejected { doing, source },
        // Not found (the collection is gone), data loss.
        5 | 15 => IndexError::Corrupt { doing, source },
        _ => IndexError::Unavailable { doing, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_cannot_be_reached_is_unavailable_and_a_setting_that_is_wrong_is_named() {
        let options = |url: Option<&str>| Options { url: url.map(str::to_owned), ..Options::default() };
        let error = QdrantIndex::connect(&options(Some("http://127.0.0.1:1")), "test", 2).await.unwrap_err();
        assert!(matches!(error, IndexError::Unavailable { .. }), "{error:?}");
        for url in [Some("not an address"), None] {
            let error = QdrantIndex::connect(&options(url), "test", 2).await.unwrap_err();
            assert!(matches!(error, IndexError::Options { key: "url", .. }), "{error:?}");
        }
        let slash = Options { collection_prefix: "a/b".to_owned(), ..options(Some("http://127.0.0.1:1")) };
        let error = QdrantIndex::connect(&slash, "test", 2).await.unwrap_err();
        assert!(matches!(error, IndexError::Options { key: "collection_prefix", .. }), "{error:?}");
    }
}
