//! The laws of an index, held against both arms: always the embedded one, and a server when `BACKCHANNEL_TEST_QDRANT_URL` names one.
//!
//! Each law is a function over `&dyn Index` with a workspace of its own.

use std::collections::BTreeSet;

use proptest::prelude::{Strategy, prop_oneof};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::id::{CustomerId, DocumentId, ThreadId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Kind, Language, TeamName};
use crate::index::{EdgeIndex, Hit, Index, IndexError, Options, Point, QdrantIndex, Query};
use crate::text::clean::clean;

/// Length of the vectors in tests.
pub(super) const DIMENSIONS: usize = 32;

/// No ids.
pub(super) const NONE: [Uuid; 0] = [];

/// Runs every law: one test each on the embedded arm, and all of them in one test on a server.
macro_rules! laws {
    ($($law:ident)*) => {
        mod on_edge {
            $(#[tokio::test]
            async fn $law() {
                let folder = tempfile::tempdir().unwrap();
                let index = super::EdgeIndex::open(folder.path(), "test", super::DIMENSIONS).unwrap();
                super::$law(&index, super::workspace(stringify!($law))).await;
            })*
        }

        #[tokio::test]
        async fn every_law_holds_on_a_server() {
            let Ok(url) = std::env::var("BACKCHANNEL_TEST_QDRANT_URL") else {
                eprintln!("SKIPPED: the index on a Qdrant server, for BACKCHANNEL_TEST_QDRANT_URL is not set");
                return;
            };
            let options = Options { url: Some(url), collection_prefix: "backchannel-test".to_owned(), ..Options::default() };
            let index = QdrantIndex::connect(&options, "test", DIMENSIONS).await.unwrap();
            $({
                let workspace = workspace(stringify!($law));
                index.erase(workspace).await.unwrap();
                $law(&index, workspace).await;
                index.erase(workspace).await.unwrap();
            })*
        }
    };
}

laws! {
    a_point_put_in_twice_is_there_once
    a_point_put_in_anew_loses_its_old_words_fields_and_vector
    a_deleted_point_is_gone_and_deleting_it_again_is_fine
    a_workspace_that_was_never_used_is_empty
    a_search_without_matches_finds_nothing
    a_search_finds_only_the_kinds_asked_for
    a_search_finds_only_the_documents_asked_for
    every_reader_finds_their_audiences_and_no_more
    no_workspace_ever_sees_another
    a_ticket_is_never_evidence_for_itself
    only_what_was_there_strictly_before_is_found
    only_what_is_there_since_a_moment_is_found
    a_word_that_one_text_alone_holds_finds_it_among_near_meanings
    a_french_plural_is_found_by_its_singular
    an_order_number_is_found_by_its_words
    words_and_meaning_together_put_first_what_has_both
    hits_come_best_first_and_no_more_than_asked_for
    a_hit_names_where_it_belongs
    the_nearest_vectors_are_found
    the_ids_of_a_kind_are_those_put_in
    erasing_starts_anew_and_only_there
    a_vector_of_another_encoder_is_refused
}

/// A workspace for a test of that name.
pub(super) fn workspace(name: &str) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(u128::from(crc32fast::hash(name.as_bytes()))))
}

/// A vector of norm 1 along one axis.
pub(super) fn axis(number: usize) -> Vec<f32> {
    (0..DIMENSIONS).map(|i| if i == number % DIMENSIONS { 1.0 } else { 0.0 }).collect()
}

/// Pseudo-random vectors of norm 1, evenly spread over all directions: the hardest case for a graph.
pub(super) fn random_vectors(count: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut state = seed;
    // SplitMix64 (Steele, Lea and Flood 2014); twelve uniform numbers add up to a nearly normal one.
    let mut uniform = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f32::from(u16::try_from((z ^ (z >> 31)) >> 48).unwrap()) / 65536.0
    };
    let mut normal = || (0..12).map(|_| uniform()).sum::<f32>() - 6.0;
    (0..count)
        .map(|_| {
            let vector: Vec<f32> = (0..DIMENSIONS).map(|_| normal()).collect();
            let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            vector.into_iter().map(|x| x / norm).collect()
        })
        .collect()
}

/// A public English passage.
pub(super) fn passage(number: usize, text: &str) -> Point {
    Point {
        id: id(number),
        kind: Kind::Passage,
        audience: Audience::Public,
        dense: axis(number),
        text: clean(text),
        language: Some(Language::ENGLISH),
        ticket: None,
        thread: None,
        document: None,
        at: Timestamp::from_micros(0),
    }
}

pub(super) fn id(number: usize) -> Uuid {
    Uuid::from_u128(u128::try_from(number).unwrap())
}

fn ticket(number: usize) -> TicketId {
    TicketId::from_uuid(id(number))
}

/// A query by somebody who sees everything.
pub(super) fn query(workspace: WorkspaceId, text: &str) -> Query {
    let query = Query::new(Scope::new(workspace, Reader::Everything), clean(text), 100);
    Query { language: Some(Language::ENGLISH), ..query }
}

/// The ids that a query finds, in order of id.
pub(super) async fn found(index: &dyn Index, query: Query) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = index.search(query).await.unwrap().into_iter().map(|hit| hit.id).collect();
    ids.sort_unstable();
    ids
}

pub(super) async fn put(index: &dyn Index, workspace: WorkspaceId, points: Vec<Point>) {
    index.upsert(workspace, points).await.unwrap();
    index.flush(workspace).await.unwrap();
}

async fn a_point_put_in_twice_is_there_once(index: &dyn Index, workspace: WorkspaceId) {
    put(index, workspace, vec![passage(1, "refund"), passage(1, "refund")]).await;
    put(index, workspace, vec![passage(1, "refund")]).await;
    assert_eq!(index.count(workspace).await.unwrap(), 1);
    assert_eq!(found(index, query(workspace, "refund")).await, [id(1)]);
}

async fn a_point_put_in_anew_loses_its_old_words_fields_and_vector(index: &dyn Index, workspace: WorkspaceId) {
    put(index, workspace, vec![Point { ticket: Some(ticket(9)), ..passage(1, "refund") }]).await;
    put(index, workspace, vec![Point { dense: axis(5), audience: Audience::Internal, ..passage(1, "…") }]).await;
    assert_eq!(found(index, query(workspace, "refund")).await, NONE);
    let hits = index.search(Query { dense: Some(axis(5)), ..query(workspace, "") }).await.unwrap();
    assert_eq!(hits[0].ticket, None);
    assert!(hits[0].cosine.unwrap() > 0.999);
    let public = Query { scope: Scope::new(workspace, Reader::Anyone), dense: Some(axis(5)), ..query(workspace, "") };
    assert_eq!(found(index, public).await, NONE);
}

async fn a_deleted_point_is_gone_and_deleting_it_again_is_fine(index: &dyn Index, workspace: WorkspaceId) {
    put(index, workspace, vec![passage(1, "refund"), passage(2, "refund")]).await;
    for _ in 0..2 {
        index.delete(workspace, vec![id(1), id(77)]).await.unwrap();
        index.flush(workspace).await.unwrap();
        assert_eq!(found(index, query(workspace, "refund")).await, [id(2)]);
        assert_eq!(index.count(workspace).await.unwrap(), 1);
    }
}

async fn a_workspace_that_was_never_used_is_empty(index: &dyn Index, workspace: WorkspaceId) {
    index.delete(workspace, vec![id(1)]).await.unwrap();
    index.flush(workspace).await.unwrap();
    index.upsert(workspace, Vec::new()).await.unwrap();
    assert_eq!(index.count(workspace).await.unwrap(), 0);
    assert_eq!(index.ids(workspace, Kind::Passage).await.unwrap(), NONE);
    assert_eq!(found(index, Query { dense: Some(axis(1)), ..query(workspace, "refund") }).await, NONE);
}

async fn a_search_without_matches_finds_nothing(index: &dyn Index, workspace: WorkspaceId) {
    put(index, workspace, vec![passage(1, "refund")]).await;
    assert_eq!(found(index, query(workspace, "giraffe")).await, NONE);
    assert_eq!(found(index, query(workspace, "")).await, NONE);
    assert_eq!(found(index, query(workspace, "the of and")).await, NONE);
}

async fn a_search_finds_only_the_kinds_asked_for(index: &dyn Index, workspace: WorkspaceId) {
    let points = Kind::ALL.iter().enumerate().map(|(number, kind)| Point { kind: *kind, ..passage(number, "refund") }).collect();
    put(index, workspace, points).await;
    for (number, kind) in Kind::ALL.iter().enumerate() {
        assert_eq!(found(index, Query { kinds: vec![*kind], ..query(workspace, "refund") }).await, [id(number)]);
    }
    let two = Query { kinds: vec![Kind::ALL[0], Kind::ALL[1]], dense: Some(axis(0)), ..query(workspace, "refund") };
    assert_eq!(found(index, two).await, [id(0), id(1)]);
    assert_eq!(found(index, query(workspace, "refund")).await.len(), Kind::ALL.len());
}

async fn a_search_finds_only_the_documents_asked_for(index: &dyn Index, workspace: WorkspaceId) {
    let document = |number| DocumentId::from_uuid(id(number));
    let of = |number, owner| Point { document: owner, ..passage(number, "refund") };
    put(index, workspace, vec![of(1, Some(document(8))), of(2, Some(document(9))), of(3, None)]).await;
    assert_eq!(found(index, Query { documents: vec![document(8)], ..query(workspace, "refund") }).await, [id(1)]);
    assert_eq!(found(index, Query { documents: vec![document(8), document(9)], ..query(workspace, "refund") }).await, [id(1), id(2)]);
}

async fn every_reader_finds_their_audiences_and_no_more(index: &dyn Index, workspace: WorkspaceId) {
    let customer = |number| CustomerId::from_uuid(id(number));
    let teams = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<BTreeSet<TeamName>>();
    let audiences = [
        Audience::Public,
        Audience::Internal,
        Audience::Teams(teams(&["legal"])),
        Audience::Teams(teams(&["legal", "finance"])),
        Audience::Customer(customer(1)),
        Audience::Customer(customer(2)),
    ];
    // Whatever a point stands for: what is in an attachment is as closed as the comment that it came with.
    let number = |kind: usize, audience: usize| kind * audiences.len() + audience;
    for (k, kind) in Kind::ALL.iter().copied().enumerate() {
        let points = audiences.iter().enumerate();
        let points = points.map(|(n, audience)| Point { kind, audience: audience.clone(), ..passage(number(k, n), "refund") });
        put(index, workspace, points.collect()).await;
    }
    let readers = [
        Reader::Anyone,
        Reader::Customer(customer(1)),
        Reader::Customer(customer(3)),
        Reader::Colleague(teams(&[])),
        Reader::Colleague(teams(&["finance"])),
        Reader::Colleague(teams(&["legal", "other"])),
        Reader::Everything,
    ];
    for reader in readers {
        for (k, kind) in Kind::ALL.iter().copied().enumerate() {
            let allowed = audiences.iter().enumerate().filter(|(_, audience)| reader.may_see(audience));
            let allowed: Vec<Uuid> = allowed.map(|(n, _)| id(number(k, n))).collect();
            let words = Query { scope: Scope::new(workspace, reader.clone()), kinds: vec![kind], ..query(workspace, "refund") };
            let meaning = Query { dense: Some(axis(1)), text: clean(""), ..words.clone() };
            let both = Query { dense: Some(axis(1)), ..words.clone() };
            for query in [words, meaning, both] {
                assert_eq!(found(index, query).await, allowed, "{reader:?}, {kind:?}");
            }
        }
    }
}

/// One step in a history of several workspaces that hold the same texts under the same ids.
#[derive(Debug, Clone)]
enum Step {
    Put(usize, usize),
    Delete(usize, usize),
    Erase(usize),
}

async fn no_workspace_ever_sees_another(index: &dyn Index, workspace: WorkspaceId) {
    let step = prop_oneof![
        8 => (0..3_usize, 0..6_usize).prop_map(|(workspace, number)| Step::Put(workspace, number)),
        3 => (0..3_usize, 0..6_usize).prop_map(|(workspace, number)| Step::Delete(workspace, number)),
        1 => (0..3_usize).prop_map(Step::Erase),
    ];
    let histories = proptest::collection::vec(step, 1..24);
    let mut runner = TestRunner::deterministic();
    let base = workspace.as_uuid().as_u128();
    for round in 0..6_u128 {
        let steps = histories.new_tree(&mut runner).unwrap().current();
        let workspaces: Vec<WorkspaceId> =
            (0..3).map(|number| WorkspaceId::from_uuid(Uuid::from_u128(base + (round * 3 + number + 1) * (1 << 64)))).collect();
        let mut expected = vec![BTreeSet::new(); 3];
        for workspace in &workspaces {
            index.erase(*workspace).await.unwrap();
        }
        for step in &steps {
            match *step {
                Step::Put(of, number) => {
                    // The document says whose point it is; everything else is the same everywhere.
                    let document = Some(DocumentId::from_uuid(workspaces[of].as_uuid()));
                    let point = Point { document, dense: axis(0), ..passage(number, "the same refund") };
                    index.upsert(workspaces[of], vec![point]).await.unwrap();
                    expected[of].insert(id(number));
                }
                Step::Delete(of, number) => {
                    index.delete(workspaces[of], vec![id(number)]).await.unwrap();
                    expected[of].remove(&id(number));
                }
                Step::Erase(of) => {
                    index.erase(workspaces[of]).await.unwrap();
                    expected[of].clear();
                }
            }
        }
        for (workspace, expected) in workspaces.iter().zip(&expected) {
            let expected: Vec<Uuid> = expected.iter().copied().collect();
            for dense in [None, Some(axis(0))] {
                let hits = index.search(Query { dense, ..query(*workspace, "the same refund") }).await.unwrap();
                assert!(hits.iter().all(|hit| hit.document.map(DocumentId::as_uuid) == Some(workspace.as_uuid())), "{steps:?}");
                let mut ids: Vec<Uuid> = hits.iter().map(|hit| hit.id).collect();
                ids.sort_unstable();
                assert_eq!(ids, expected, "{steps:?}");
            }
            let mut ids = index.ids(*workspace, Kind::Passage).await.unwrap();
            ids.sort_unstable();
            assert_eq!(ids, expected, "{steps:?}");
            assert_eq!(index.count(*workspace).await.unwrap(), expected.len(), "{steps:?}");
            index.erase(*workspace).await.unwrap();
        }
    }
}

async fn a_ticket_is_never_evidence_for_itself(index: &dyn Index, workspace: WorkspaceId) {
    let of = |number, kind, owner| Point { kind, ticket: owner, ..passage(number, "refund") };
    let points = vec![
        of(1, Kind::Ticket, Some(ticket(1))),
        of(2, Kind::Comment, Some(ticket(1))),
        Point { thread: Some(ThreadId::from_uuid(id(50))), ..of(3, Kind::Message, Some(ticket(1))) },
        of(4, Kind::Ticket, Some(ticket(4))),
        of(5, Kind::Comment, Some(ticket(4))),
        of(6, Kind::Passage, None),
        // A caller that forgot the field on the ticket itself.
        of(7, Kind::Ticket, None),
    ];
    put(index, workspace, points).await;
    for dense in [None, Some(axis(1))] {
        let asked = |own| Query { not_ticket: Some(ticket(own)), dense: dense.clone(), ..query(workspace, "refund") };
        assert_eq!(found(index, asked(1)).await, [id(4), id(5), id(6), id(7)]);
        assert_eq!(found(index, asked(7)).await, [1, 2, 3, 4, 5, 6].map(id));
    }
}

async fn only_what_was_there_strictly_before_is_found(index: &dyn Index, workspace: WorkspaceId) {
    // Microseconds of late 2026: one of them must still make the difference.
    let now = 1_795_000_000_000_001;
    let at = |number, micros| Point { at: Timestamp::from_micros(micros), ..passage(number, "refund") };
    put(index, workspace, vec![at(1, now - 1), at(2, now), at(3, now + 1)]).await;
    for dense in [None, Some(axis(3))] {
        let before = |micros| Query { before: Some(Timestamp::from_micros(micros)), dense: dense.clone(), ..query(workspace, "refund") };
        assert_eq!(found(index, before(now)).await, [id(1)]);
        assert_eq!(found(index, before(now + 1)).await, [id(1), id(2)]);
        assert_eq!(found(index, before(now - 1)).await, NONE);
    }
}

async fn only_what_is_there_since_a_moment_is_found(index: &dyn Index, workspace: WorkspaceId) {
    let now = 1_795_000_000_000_001;
    let at = |number, micros| Point { at: Timestamp::from_micros(micros), ..passage(number, "refund") };
    put(index, workspace, vec![at(1, now - 1), at(2, now), at(3, now + 1)]).await;
    for dense in [None, Some(axis(1))] {
        let between = |from, to| Query {
            since: Some(Timestamp::from_micros(from)),
            before: Some(Timestamp::from_micros(to)),
            dense: dense.clone(),
            ..query(workspace, "refund")
        };
        assert_eq!(found(index, between(now, now + 9)).await, [id(2), id(3)]);
        assert_eq!(found(index, between(now, now + 1)).await, [id(2)]);
        assert_eq!(found(index, between(now + 2, now + 9)).await, NONE);
    }
}

async fn a_word_that_one_text_alone_holds_finds_it_among_near_meanings(index: &dyn Index, workspace: WorkspaceId) {
    let vectors = random_vectors(300, 5);
    let near = |number: usize| Point { dense: vectors[number].clone(), ..passage(number, &format!("The light stays red {}", number % 9)) };
    let alone = Point { dense: axis(1), ..passage(400, "Your order AW-204518-6 has left") };
    put(index, workspace, (0..300).map(near).chain([alone]).collect()).await;
    for vector in &vectors[..5] {
        let asked = Query { dense: Some(vector.clone()), limit: 5, ..query(workspace, "AW-204518-6") };
        let hits = index.search(asked).await.unwrap();
        assert_eq!(hits[0].id, id(400), "{hits:?}");
    }
}

async fn a_french_plural_is_found_by_its_singular(index: &dyn Index, workspace: WorkspaceId) {
    let french = Some(Language::FRENCH);
    let plural = Point { language: french, ..passage(1, "Les remboursements prennent dix jours.") };
    let other = Point { language: french, ..passage(2, "Les livraisons prennent deux jours.") };
    put(index, workspace, vec![plural, other]).await;
    assert_eq!(found(index, Query { language: french, ..query(workspace, "mon remboursement") }).await, [id(1)]);
    assert_eq!(found(index, Query { language: None, ..query(workspace, "remboursement") }).await, [id(1)]);
}

async fn an_order_number_is_found_by_its_words(index: &dyn Index, workspace: WorkspaceId) {
    let points = (0..200).map(|n| Point {
        dense: axis(if n == 0 { 0 } else { 1 + n % (DIMENSIONS - 1) }),
        ..passage(n, &format!("My order AW-{}-6 has not arrived, where is it?", 204_500 + n))
    });
    put(index, workspace, points.collect()).await;
    // Far from what the vectors say, which know one text exactly: only the number is right.
    let asked = Query { dense: Some(axis(0)), limit: 2, ..query(workspace, "where is AW-204618-6") };
    assert_eq!(index.search(Query { dense: None, ..asked.clone() }).await.unwrap()[0].id, id(118));
    assert!(index.search(asked).await.unwrap().iter().any(|hit| hit.id == id(118)));
}

async fn words_and_meaning_together_put_first_what_has_both(index: &dyn Index, workspace: WorkspaceId) {
    let mut points: Vec<Point> = (10..30).map(|n| passage(n, "something else altogether")).collect();
    points.push(Point { dense: axis(1), ..passage(1, "refund of a double charge") });
    points.push(Point { dense: axis(1), ..passage(2, "nothing alike") });
    points.push(Point { dense: axis(2), ..passage(3, "refund of a double charge") });
    put(index, workspace, points).await;
    let hits = index.search(Query { dense: Some(axis(1)), ..query(workspace, "double charge refund") }).await.unwrap();
    assert_eq!(hits[0].id, id(1));
    let cosine = |number| hits.iter().find(|hit| hit.id == id(number)).and_then(|hit| hit.cosine).unwrap();
    assert!(cosine(1) > 0.999 && cosine(2) > 0.999);
    assert!(cosine(3).abs() < 0.001);
    let words_only = index.search(query(workspace, "double charge refund")).await.unwrap();
    assert!(words_only.iter().all(|hit| hit.cosine.is_none()));
}

async fn hits_come_best_first_and_no_more_than_asked_for(index: &dyn Index, workspace: WorkspaceId) {
    let vectors = random_vectors(60, 1);
    let points = vectors.iter().enumerate().map(|(n, dense)| Point { dense: dense.clone(), ..passage(n, "refund") }).collect();
    put(index, workspace, points).await;
    for (dense, text) in [(Some(vectors[0].clone()), "refund"), (Some(vectors[0].clone()), ""), (None, "refund")] {
        let hits = index.search(Query { dense: dense.clone(), limit: 7, ..query(workspace, text) }).await.unwrap();
        assert_eq!(hits.len(), 7);
        assert!(hits.is_sorted_by(|a, b| a.score >= b.score));
        for (limit, expected) in [(0, 0), (usize::MAX, 60)] {
            let hits = index.search(Query { dense: dense.clone(), limit, ..query(workspace, text) }).await.unwrap();
            assert_eq!(hits.len(), expected);
        }
    }
}

async fn a_hit_names_where_it_belongs(index: &dyn Index, workspace: WorkspaceId) {
    let (thread, document) = (ThreadId::from_uuid(id(5)), DocumentId::from_uuid(id(6)));
    let point =
        Point { kind: Kind::Message, ticket: Some(ticket(4)), thread: Some(thread), document: Some(document), ..passage(1, "refund") };
    put(index, workspace, vec![point]).await;
    let hits = index.search(query(workspace, "refund")).await.unwrap();
    let [Hit { id: found, kind: Kind::Message, ticket: of_ticket, thread: of_thread, document: of_document, .. }] = hits[..] else {
        panic!("{hits:?}")
    };
    assert_eq!((found, of_ticket, of_thread, of_document), (id(1), Some(ticket(4)), Some(thread), Some(document)));
}

async fn the_nearest_vectors_are_found(index: &dyn Index, workspace: WorkspaceId) {
    assert!(recall_at_10(index, workspace, 2000).await >= 0.97);
}

/// Puts random vectors in and compares the ten nearest found with the ten truly nearest, over fifty questions; a share of 1.
pub(super) async fn recall_at_10(index: &dyn Index, workspace: WorkspaceId, count: usize) -> f64 {
    let vectors = random_vectors(count, 2);
    let points = vectors.iter().enumerate().map(|(n, dense)| Point { dense: dense.clone(), ..passage(n, "refund") }).collect();
    put(index, workspace, points).await;
    recall_of(index, workspace, &vectors).await
}

/// The second half of [`recall_at_10`], for vectors that are in the index already.
pub(super) async fn recall_of(index: &dyn Index, workspace: WorkspaceId, vectors: &[Vec<f32>]) -> f64 {
    let questions = random_vectors(50, 3);
    let mut right = 0_u32;
    for question in &questions {
        let near = |vector: &[f32]| question.iter().zip(vector).map(|(a, b)| a * b).sum::<f32>();
        let mut order: Vec<usize> = (0..vectors.len()).collect();
        order.sort_by(|a, b| near(&vectors[*b]).total_cmp(&near(&vectors[*a])));
        let exact: BTreeSet<Uuid> = order[..10].iter().map(|number| id(*number)).collect();
        let query = Query { dense: Some(question.clone()), limit: 10, ..query(workspace, "") };
        right += u32::try_from(found(index, query).await.iter().filter(|id| exact.contains(id)).count()).unwrap();
    }
    f64::from(right) / 500.0
}

async fn the_ids_of_a_kind_are_those_put_in(index: &dyn Index, workspace: WorkspaceId) {
    let points = (0..1000).map(|n| Point { kind: if n % 2 == 0 { Kind::Passage } else { Kind::Comment }, ..passage(n, "refund") });
    put(index, workspace, points.collect()).await;
    let mut ids = index.ids(workspace, Kind::Comment).await.unwrap();
    ids.sort_unstable();
    assert_eq!(ids, (0..500).map(|n| id(2 * n + 1)).collect::<Vec<_>>());
    assert_eq!(index.ids(workspace, Kind::Person).await.unwrap(), NONE);
    assert_eq!(index.count(workspace).await.unwrap(), 1000);
}

async fn erasing_starts_anew_and_only_there(index: &dyn Index, mine: WorkspaceId) {
    let other = workspace("another than the one that is erased");
    put(index, mine, vec![passage(1, "refund")]).await;
    put(index, other, vec![passage(1, "refund")]).await;
    for _ in 0..2 {
        index.erase(mine).await.unwrap();
        assert_eq!(index.count(mine).await.unwrap(), 0);
        assert_eq!(found(index, query(mine, "refund")).await, NONE);
    }
    put(index, mine, vec![passage(2, "refund")]).await;
    assert_eq!(found(index, query(mine, "refund")).await, [id(2)]);
    assert_eq!(found(index, query(other, "refund")).await, [id(1)]);
    index.erase(other).await.unwrap();
}

async fn a_vector_of_another_encoder_is_refused(index: &dyn Index, workspace: WorkspaceId) {
    let short = Point { dense: vec![1.0], ..passage(1, "refund") };
    let long = Point { dense: vec![1.0; DIMENSIONS], ..passage(2, "refund") };
    for point in [short.clone(), long] {
        let error = index.upsert(workspace, vec![passage(3, "refund"), point]).await.unwrap_err();
        assert!(matches!(error, IndexError::Vector { point: Some(_), .. }), "{error:?}");
    }
    assert_eq!(index.count(workspace).await.unwrap(), 0);
    let error = index.search(Query { dense: Some(short.dense), ..query(workspace, "refund") }).await.unwrap_err();
    assert!(matches!(error, IndexError::Vector { point: None, .. }), "{error:?}");
    assert_eq!(index.revision(), "test");
}
