//! Points, filters, queries and hits as the server spells them.

use std::collections::HashMap;

use qdrant_client::qdrant::vector_output::Vector as VectorFound;
use qdrant_client::qdrant::{
    Condition as ServerCondition, Filter as ServerFilter, NamedVectors, PayloadIncludeSelector, PointId, PointStruct, Query as ServerQuery,
    QueryPoints, QueryPointsBuilder, Range, ScoredPoint, SearchParamsBuilder, Value as ServerValue, Vector, VectorInput, VectorsSelector,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::id::WorkspaceId;
use crate::index::bm25::Words;
use crate::index::error::IndexError;
use crate::index::fusion::Halves;
use crate::index::point::{Hit, Point, Query, cosine};
use crate::index::schema::{self, Condition, Filter};

/// What to ask the server for a query; both halves filter, so that nothing else can reach the fusion.
pub(super) fn halves(collection: &str, query: &Query, words: Words) -> Halves<QueryPoints> {
    let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let filter = filter(query.scope.workspace(), schema::filter(query));
    let meaning = query.dense.clone().map(|dense| (schema::DENSE, VectorInput::new_dense(dense)));
    let words = (!words.is_empty()).then(|| (schema::WORDS, VectorInput::new_sparse(words.indices, words.values)));
    let limit = schema::candidates(query, meaning.is_some() && words.is_some());
    let request = |(using, vector): (&str, VectorInput)| {
        let mut request = QueryPointsBuilder::new(collection)
            .query(ServerQuery::new_nearest(vector))
            .using(using)
            .filter(filter.clone())
            .params(SearchParamsBuilder::default().hnsw_ef(number(schema::SEARCH_BEAM)))
            .limit(number(limit))
            .with_payload(read_back(&[&schema::READ_BACK, &[schema::ID]]));
        if query.dense.is_some() {
            request = request.with_vectors(VectorsSelector { names: vec![schema::DENSE.to_owned()] });
        }
        request.build()
    };
    Halves { meaning: meaning.map(request), words: words.map(request) }
}

/// The name of a point on the server: ids are unique in a workspace only, and nobody may overwrite another workspace's points.
pub(super) fn name(workspace: WorkspaceId, id: Uuid) -> PointId {
    let sum = Sha256::new().chain_update(workspace.as_uuid().as_bytes()).chain_update(id.as_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sum[..16]);
    PointId::from(uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string())
}

/// A point with its BM25 vector; a text without words has none.
pub(super) fn point(workspace: WorkspaceId, point: &Point, words: Words) -> PointStruct {
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
pub(super) fn filter(workspace: WorkspaceId, filter: Filter) -> ServerFilter {
    let condition = |condition: Condition| match condition {
        Condition::Any(field, words) => ServerCondition::matches(field, words),
        Condition::From(field, number) => ServerCondition::range(field, Range { gte: Some(exactly(number)), ..Range::default() }),
        Condition::Below(field, number) => ServerCondition::range(field, Range { lt: Some(exactly(number)), ..Range::default() }),
        Condition::Id(id) => ServerCondition::has_id([name(workspace, id)]),
    };
    let own = ServerCondition::matches(schema::WORKSPACE, vec![workspace.to_string()]);
    ServerFilter {
        must: std::iter::once(own).chain(filter.must.into_iter().map(condition)).collect(),
        must_not: filter.must_not.into_iter().map(condition).collect(),
        ..ServerFilter::default()
    }
}

/// Exact below 2^53, which microseconds reach in the year 2255.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
const fn exactly(number: i64) -> f64 {
    number as f64
}

/// Which fields to send back.
pub(super) fn read_back(fields: &[&[&str]]) -> PayloadIncludeSelector {
    PayloadIncludeSelector { fields: fields.concat().into_iter().map(str::to_owned).collect() }
}

/// A hit, read from what the server found.
pub(super) fn hit(found: ScoredPoint, query: &Query) -> Result<Hit, IndexError> {
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
pub(super) fn id(fields: &Map<String, Value>) -> Result<Uuid, IndexError> {
    let id = fields.get(schema::ID).and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
    id.ok_or_else(|| IndexError::Corrupt { doing: "read a point", source: "its id is missing or unreadable".into() })
}

/// Fields as JSON.
pub(super) fn json(fields: HashMap<String, ServerValue>) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name, value.into_json())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audience::{Reader, Scope};
    use crate::text::clean::clean;

    fn workspace(number: u128) -> WorkspaceId {
        WorkspaceId::from_uuid(Uuid::from_u128(number))
    }

    /// Whether a filter has the workspace among its conditions.
    fn is_of(filter: Option<&ServerFilter>, workspace: WorkspaceId) -> bool {
        let own = ServerCondition::matches(schema::WORKSPACE, vec![workspace.to_string()]);
        filter.is_some_and(|filter| filter.must.contains(&own))
    }

    #[test]
    fn every_search_is_filtered_by_its_workspace_where_points_come_from() {
        let words = || Words { indices: vec![1], values: vec![1.0] };
        let mut asked = Query::new(Scope::new(workspace(1), Reader::Everything), clean("refund"), 10);
        let own = |half: Option<QueryPoints>| half.map(|half| is_of(half.filter.as_ref(), workspace(1)));
        let Halves { meaning, words: by_words } = halves("test", &asked, words());
        assert_eq!((own(meaning), own(by_words)), (None, Some(true)));
        asked.dense = Some(vec![1.0, 0.0]);
        let Halves { meaning, words: by_words } = halves("test", &asked, words());
        assert_eq!((own(meaning), own(by_words)), (Some(true), Some(true)));
        let Halves { meaning, words: by_words } = halves("test", &asked, Words::default());
        assert_eq!((own(meaning), own(by_words)), (Some(true), None));
    }

    #[test]
    fn the_same_id_in_two_workspaces_names_two_points() {
        let id = Uuid::from_u128(7);
        assert_eq!(name(workspace(1), id), name(workspace(1), id));
        assert_ne!(name(workspace(1), id), name(workspace(2), id));
    }
}
