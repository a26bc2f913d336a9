//! The server arm: a Qdrant server or cluster over gRPC.
//!
//! One collection an encoder revision, shared by all workspaces: the workspace is a field that every request filters by, and part of every
//! point's name, so that no id can reach into another workspace. Writes wait until the server has them in its log on disk.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use qdrant_client::qdrant::vector_output::Vector as VectorFound;
use qdrant_client::qdrant::{
    Condition as ServerCondition, CountPointsBuilder, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, DeletePointsBuilder,
    Distance, FieldType, Filter as ServerFilter, Fusion, HnswConfigDiffBuilder, IntegerIndexParamsBuilder, KeywordIndexParamsBuilder,
    Modifier, NamedVectors, PayloadIncludeSelector, PointId, PointStruct, PrefetchQueryBuilder, Query as ServerQuery, QueryPoints,
    QueryPointsBuilder, Range, ScoredPoint, ScrollPointsBuilder, SearchParamsBuilder, SparseVectorParamsBuilder,
    SparseVectorsConfigBuilder, UpsertPointsBuilder, UuidIndexParamsBuilder, Value as ServerValue, Vector, VectorInput,
    VectorParamsBuilder, VectorsConfigBuilder, VectorsSelector,
};
use qdrant_client::{Qdrant, QdrantError};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Kind;
use crate::index::Index;
use crate::index::bm25::{Bm25, Words};
use crate::index::error::IndexError;
use crate::index::marker::Marker;
use crate::index::options::Options;
use crate::index::point::{Hit, Point, Query, check_vector, cosine};
use crate::index::schema::{self, Condition, FieldIndex, Filter};

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
        let url = options.url.as_deref().ok_or_else(|| IndexError::Options { key: "url", reason: "it is not set".to_owned() })?;
        let timeout = Duration::from_millis(options.timeout_ms);
        let client = Qdrant::from_url(url)
            .api_key(options.api_key.as_ref().map(|key| key.expose_secret().to_owned()))
            .timeout(timeout)
            .connect_timeout(timeout)
            // The check prints to standard output.
            .skip_compatibility_check()
            .build()
            .map_err(|error| IndexError::Options { key: "url", reason: error.to_string() })?;
        let marker = Marker::new(revision, dimensions);
        let collection = format!("{}-{}", options.collection_prefix, marker.slug());
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
            let found = serde_json::from_value(Value::Object(json(metadata)));
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
            points.iter().map(|point| point_struct(workspace, point, bm25.document(&point.text, point.language))).collect::<Vec<_>>()
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
            let names: Vec<PointId> = ids.iter().map(|id| name(workspace, *id)).collect();
            let request = DeletePointsBuilder::new(&self.collection).points(names).wait(true);
            self.client.delete_points(request).await.map_err(|error| of_server("take points out of the index", error))?;
        }
        Ok(())
    }

    async fn search_all(&self, query: Query) -> Result<Vec<Hit>, IndexError> {
        if let Some(dense) = &query.dense {
            check_vector(dense, self.marker.dimensions(), None)?;
        }
        let words = self.bm25.query(&query.text, query.language);
        let Some(request) = self.request(&query, words) else { return Ok(Vec::new()) };
        let response = self.client.query(request).await.map_err(|error| of_server("search the index", error))?;
        response.result.into_iter().map(|found| hit(found, &query)).collect()
    }

    /// A query in one request; `None` when there is nothing to compare with.
    fn request(&self, query: &Query, words: Words) -> Option<QueryPoints> {
        let workspace = query.scope.workspace();
        let filter = filter(workspace, schema::filter(query));
        let limit = |limit: usize| u64::try_from(limit).unwrap_or(u64::MAX);
        let params = SearchParamsBuilder::default().hnsw_ef(limit(schema::SEARCH_BEAM));
        let dense = query.dense.clone().map(|dense| (schema::DENSE, VectorInput::new_dense(dense)));
        let words = (!words.is_empty()).then(|| (schema::WORDS, VectorInput::new_sparse(words.indices, words.values)));
        let mut request = QueryPointsBuilder::new(&self.collection)
            .limit(limit(query.limit))
            .with_payload(read_back(&[&schema::READ_BACK, &[schema::ID]]));
        if dense.is_some() {
            request = request.with_vectors(VectorsSelector { names: vec![schema::DENSE.to_owned()] });
        }
        let request = match (dense, words) {
            (None, None) => return None,
            (Some((using, vector)), None) | (None, Some((using, vector))) => {
                request.query(ServerQuery::new_nearest(vector)).using(using).filter(filter).params(params)
            }
            (Some(dense), Some(words)) => {
                let half = |(using, vector): (&str, VectorInput)| {
                    // Filtered where points come from, so that nothing else can reach the fusion.
                    PrefetchQueryBuilder::default()
                        .query(ServerQuery::new_nearest(vector))
                        .using(using)
                        .filter(filter.clone())
                        .params(params.clone())
                        .limit(limit(schema::candidates(query.limit)))
                };
                request.add_prefetch(half(dense)).add_prefetch(half(words)).query(ServerQuery::new_fusion(Fusion::Dbsf))
            }
        };
        Some(request.build())
    }

    async fn ids_of(&self, workspace: WorkspaceId, kind: Kind) -> Result<Vec<Uuid>, IndexError> {
        let mut ids = Vec::new();
        let mut offset: Option<PointId> = None;
        loop {
            let mut request = ScrollPointsBuilder::new(&self.collection)
                .filter(filter(workspace, schema::of_kind(kind)))
                .limit(IDS_PER_PAGE)
                .with_payload(read_back(&[&[schema::ID]]))
                .with_vectors(false);
            if let Some(offset) = offset.take() {
                request = request.offset(offset);
            }
            let page = self.client.scroll(request).await.map_err(|error| of_server("list the index", error))?;
            for point in page.result {
                ids.push(id(&json(point.payload))?);
            }
            offset = page.next_page_offset;
            if offset.is_none() {
                return Ok(ids);
            }
        }
    }

    async fn count_all(&self, workspace: WorkspaceId) -> Result<usize, IndexError> {
        let doing = "count the index";
        let request = CountPointsBuilder::new(&self.collection).filter(filter(workspace, Filter::default())).exact(true);
        let response = self.client.count(request).await.map_err(|error| of_server(doing, error))?;
        let count = response.result.map_or(0, |result| result.count);
        usize::try_from(count).map_err(|error| IndexError::Rejected { doing, source: error.into() })
    }

    async fn erase_all(&self, workspace: WorkspaceId) -> Result<(), IndexError> {
        self.prepare_collection().await?;
        let request = DeletePointsBuilder::new(&self.collection).points(filter(workspace, Filter::default())).wait(true);
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

/// The name of a point on the server: ids are unique in a workspace only, and nobody may overwrite another workspace's points.
fn name(workspace: WorkspaceId, id: Uuid) -> PointId {
    let sum = Sha256::new().chain_update(workspace.as_uuid().as_bytes()).chain_update(id.as_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sum[..16]);
    PointId::from(uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string())
}

fn point_struct(workspace: WorkspaceId, point: &Point, words: Words) -> PointStruct {
    let mut vectors = NamedVectors::default().add_vector(schema::DENSE, Vector::new_dense(point.dense.clone()));
    if !words.is_empty() {
        vectors = vectors.add_vector(schema::WORDS, Vector::new_sparse(words.indices, words.values));
    }
    let mut fields = schema::payload(point);
    fields.insert(schema::WORKSPACE.to_owned(), workspace.to_string().into());
    fields.insert(schema::ID.to_owned(), point.id.to_string().into());
    PointStruct::new(name(workspace, point.id), vectors, fields)
}

/// A filter that always begins with the workspace.
fn filter(workspace: WorkspaceId, filter: Filter) -> ServerFilter {
    let condition = |condition: Condition| match condition {
        Condition::Any(field, words) => ServerCondition::matches(field, words),
        Condition::Below(field, number) => {
            #[expect(clippy::cast_precision_loss, reason = "exact below 2^53, which microseconds reach in the year 2255")]
            let below = number as f64;
            ServerCondition::range(field, Range { lt: Some(below), ..Range::default() })
        }
        Condition::Id(id) => ServerCondition::has_id([name(workspace, id)]),
    };
    let own = ServerCondition::matches(schema::WORKSPACE, vec![workspace.to_string()]);
    ServerFilter {
        must: std::iter::once(own).chain(filter.must.into_iter().map(condition)).collect(),
        must_not: filter.must_not.into_iter().map(condition).collect(),
        ..ServerFilter::default()
    }
}

fn read_back(fields: &[&[&str]]) -> PayloadIncludeSelector {
    PayloadIncludeSelector { fields: fields.concat().into_iter().map(str::to_owned).collect() }
}

fn hit(found: ScoredPoint, query: &Query) -> Result<Hit, IndexError> {
    let cosine = match &query.dense {
        None => None,
        Some(asked) => match found.vectors.and_then(|vectors| vectors.get_vector_by_name(schema::DENSE)) {
            Some(VectorFound::Dense(dense)) => Some(cosine(asked, &dense.data)),
            Some(VectorFound::Sparse(_) | VectorFound::MultiDense(_)) | None => {
                return Err(IndexError::Corrupt { doing: "read a point", source: "it has no dense vector".into() });
            }
        },
    };
    let fields = json(found.payload);
    schema::hit(id(&fields)?, found.score, cosine, &fields)
}

/// The id of a point as SQL knows it.
fn id(fields: &Map<String, Value>) -> Result<Uuid, IndexError> {
    let id = fields.get(schema::ID).and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
    id.ok_or_else(|| IndexError::Corrupt { doing: "read a point", source: "its id is missing or unreadable".into() })
}

fn json(fields: HashMap<String, ServerValue>) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name, value.into_json())).collect()
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
    use crate::domain::audience::{Reader, Scope};
    use crate::text::clean::clean;

    fn workspace(number: u128) -> WorkspaceId {
        WorkspaceId::from_uuid(Uuid::from_u128(number))
    }

    fn index() -> QdrantIndex {
        let client = Qdrant::from_url("http://localhost:1").skip_compatibility_check().build().unwrap();
        QdrantIndex { client, collection: "test".to_owned(), marker: Marker::new("test", 2), bm25: Arc::new(Bm25::new()) }
    }

    /// Whether a filter has the workspace among its conditions.
    fn is_of(filter: Option<&ServerFilter>, workspace: WorkspaceId) -> bool {
        let own = ServerCondition::matches(schema::WORKSPACE, vec![workspace.to_string()]);
        filter.is_some_and(|filter| filter.must.contains(&own))
    }

    #[tokio::test]
    async fn every_search_is_filtered_by_its_workspace_where_points_come_from() {
        let mut query = Query::new(Scope::new(workspace(1), Reader::Everything), clean("refund"), 10);
        let words = || index().bm25.query(&clean("refund"), None);
        let request = index().request(&query, words()).unwrap();
        assert!(is_of(request.filter.as_ref(), workspace(1)));
        query.dense = Some(vec![1.0, 0.0]);
        let request = index().request(&query, words()).unwrap();
        assert_eq!(request.prefetch.len(), 2);
        assert!(request.prefetch.iter().all(|half| is_of(half.filter.as_ref(), workspace(1))));
        let request = index().request(&query, Words::default()).unwrap();
        assert!(is_of(request.filter.as_ref(), workspace(1)));
    }

    #[test]
    fn the_same_id_in_two_workspaces_names_two_points() {
        let id = Uuid::from_u128(7);
        assert_eq!(name(workspace(1), id), name(workspace(1), id));
        assert_ne!(name(workspace(1), id), name(workspace(2), id));
    }

    #[tokio::test]
    async fn a_server_that_cannot_be_reached_is_unavailable_and_a_bad_address_is_said_to_be_one() {
        let options = |url: &str| Options { url: Some(url.to_owned()), ..Options::default() };
        let error = QdrantIndex::connect(&options("http://127.0.0.1:1"), "test", 2).await.unwrap_err();
        assert!(matches!(error, IndexError::Unavailable { .. }), "{error:?}");
        let error = QdrantIndex::connect(&options("not an address"), "test", 2).await.unwrap_err();
        assert!(matches!(error, IndexError::Options { key: "url", .. }), "{error:?}");
        let error = QdrantIndex::connect(&Options::default(), "test", 2).await.unwrap_err();
        assert!(matches!(error, IndexError::Options { key: "url", .. }), "{error:?}");
    }
}
