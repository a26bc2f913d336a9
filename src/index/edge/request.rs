//! Points, filters, queries and hits as the engine spells them.

use qdrant_edge::external::uuid::Uuid;
use qdrant_edge::{
    AnyVariants, Condition as EngineCondition, FieldCondition, Filter as EngineFilter, JsonPath, Match, NamedQuery, PointId, PointStruct,
    PointStructPersisted, QueryEnum, QueryRequest, Range, ScoredPoint, ScoringQuery, SearchParams, SparseVector, Vector, VectorInternal,
    VectorStructInternal, Vectors, WithPayloadInterface, WithVector,
};

use crate::index::bm25::Words;
use crate::index::error::IndexError;
use crate::index::fusion::Halves;
use crate::index::point::{Hit, Point, Query, cosine};
use crate::index::schema::{self, Condition, Filter};

/// A point with its BM25 vector; a text without words has none.
pub(super) fn point(point: &Point, words: Words) -> PointStructPersisted {
    let mut vectors = vec![(schema::DENSE, Vector::new_dense(point.dense.clone()))];
    if !words.is_empty() {
        vectors.push((schema::WORDS, Vector(sparse(words))));
    }
    PointStruct::new(PointId::Uuid(point.id), Vectors::new_named(vectors), schema::payload(point).into()).into()
}

/// What to ask the engine for a query; both halves filter, so that nothing else can reach the fusion.
pub(super) fn halves(query: &Query, words: Words) -> Halves<QueryRequest> {
    let filter = filter(schema::filter(query));
    let meaning = query.dense.as_ref().map(|dense| nearest(schema::DENSE, VectorInternal::Dense(dense.clone())));
    let words = (!words.is_empty()).then(|| nearest(schema::WORDS, sparse(words)));
    let limit = schema::candidates(query, meaning.is_some() && words.is_some());
    let with_vector = if query.dense.is_some() { WithVector::Selector(vec![schema::DENSE.to_owned()]) } else { WithVector::Bool(false) };
    let request = |scoring: ScoringQuery| QueryRequest {
        prefetches: Vec::new(),
        query: Some(scoring),
        filter: Some(filter.clone()),
        score_threshold: None,
        limit,
        offset: 0,
        params: Some(search_params()),
        with_vector: with_vector.clone(),
        with_payload: WithPayloadInterface::Fields(schema::READ_BACK.into_iter().map(path).collect()),
    };
    Halves { meaning: meaning.map(request), words: words.map(request) }
}

/// A filter over fields and ids.
pub(super) fn filter(filter: Filter) -> EngineFilter {
    let all = |conditions: Vec<Condition>| {
        let conditions: Vec<EngineCondition> = conditions.into_iter().map(condition).collect();
        (!conditions.is_empty()).then_some(conditions)
    };
    EngineFilter { should: None, min_should: None, must: all(filter.must), must_not: all(filter.must_not) }
}

/// A hit, read from what the engine found.
pub(super) fn hit(found: ScoredPoint, query: &Query) -> Result<Hit, IndexError> {
    let unreadable = |what: &str| IndexError::Corrupt { doing: "read a point", source: what.to_owned().into() };
    let cosine = match (&query.dense, &found.vector) {
        (None, _) => None,
        (Some(asked), Some(VectorStructInternal::Named(vectors))) => match vectors.get(schema::DENSE) {
            Some(VectorInternal::Dense(dense)) => Some(cosine(asked, dense)),
            Some(VectorInternal::Sparse(_) | VectorInternal::MultiDense(_)) | None => return Err(unreadable("it has no dense vector")),
        },
        (Some(_), Some(VectorStructInternal::Single(_) | VectorStructInternal::MultiDense(_)) | None) => {
            return Err(unreadable("it has no named vectors"));
        }
    };
    let fields = found.payload.ok_or_else(|| unreadable("it has no fields"))?;
    schema::hit(uuid(found.id)?, found.score, cosine, &fields.0)
}

/// A field of the payload.
pub(super) fn path(field: &str) -> JsonPath {
    field.parse().expect("the name of a field is a path: this is a bug")
}

/// The id of a point, which is always a UUID here.
pub(super) fn uuid(id: PointId) -> Result<Uuid, IndexError> {
    match id {
        PointId::Uuid(uuid) => Ok(uuid),
        PointId::NumId(_) => Err(IndexError::Corrupt { doing: "read a point", source: "its id is no UUID".into() }),
    }
}

fn nearest(vector: &'static str, value: VectorInternal) -> ScoringQuery {
    ScoringQuery::Vector(QueryEnum::Nearest(NamedQuery::new(value, vector)))
}

fn sparse(words: Words) -> VectorInternal {
    let Words { indices, values } = words;
    VectorInternal::Sparse(SparseVector { indices, values })
}

fn search_params() -> SearchParams {
    SearchParams { hnsw_ef: Some(schema::SEARCH_BEAM), ..SearchParams::default() }
}

fn condition(condition: Condition) -> EngineCondition {
    match condition {
        Condition::Any(field, words) => {
            let words = Match::new_any(AnyVariants::Strings(words.into_iter().collect()));
            EngineCondition::Field(FieldCondition::new_match(path(field), words))
        }
        Condition::From(field, number) => {
            let range = Range { gte: Some(exactly(number).into()), gt: None, lt: None, lte: None };
            EngineCondition::Field(FieldCondition::new_range(path(field), range))
        }
        Condition::Below(field, number) => {
            let range = Range { lt: Some(exactly(number).into()), gt: None, gte: None, lte: None };
            EngineCondition::Field(FieldCondition::new_range(path(field), range))
        }
        Condition::Id(id) => EngineCondition::HasId([PointId::Uuid(id)].into_iter().collect()),
    }
}

/// Microseconds of this and the next two centuries are below 2^53, so a float holds them exactly.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
const fn exactly(number: i64) -> f64 {
    number as f64
}
