//! What holds of the embedded arm alone: its folders, its restarts, and its upkeep beside other work.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fs_err as fs;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Kind;
use crate::index::conformance::{
    DIMENSIONS, NONE, axis, found, id, passage, put, query, random_vectors, recall_at_10, recall_of, workspace,
};
use crate::index::edge::shard::Tuning;
use crate::index::edge::slots::read;
use crate::index::{EdgeIndex, Index, IndexError, Point, Query};

fn open(folder: &Path) -> EdgeIndex {
    EdgeIndex::open(folder, "test", DIMENSIONS).unwrap()
}

/// The folder of a workspace.
fn folder_of(index: &EdgeIndex, workspace: WorkspaceId) -> PathBuf {
    index.0.folder_of(workspace)
}

fn graphs_from_the_start() -> Tuning {
    Tuning { graph_from_kib: 16, ..Tuning::default() }
}

#[tokio::test]
async fn what_was_flushed_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mine = workspace("restart");
    let index = open(folder.path());
    put(&index, mine, vec![passage(1, "refund"), passage(2, "refund")]).await;
    index.delete(mine, vec![id(2)]).await.unwrap();
    index.flush(mine).await.unwrap();
    drop(index);
    let index = open(folder.path());
    assert_eq!(found(&index, query(mine, "refund")).await, [id(1)]);
    assert_eq!(found(&index, Query { dense: Some(axis(1)), ..query(mine, "") }).await, [id(1)]);
    put(&index, mine, vec![passage(1, "delivery")]).await;
    assert_eq!(found(&index, query(mine, "refund")).await, NONE);
}

#[tokio::test]
async fn what_was_flushed_survives_a_process_that_dies() {
    let (folder, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mine = workspace("crash");
    let index = open(folder.path());
    put(&index, mine, vec![passage(1, "refund")]).await;
    index.upsert(mine, vec![passage(2, "refund")]).await.unwrap();
    // What a process leaves behind that ends here: no closing, no last flush.
    copy(folder.path(), after.path());
    let index = open(after.path());
    assert!(found(&index, query(mine, "refund")).await.contains(&id(1)));
    put(&index, mine, vec![passage(2, "refund"), passage(3, "refund")]).await;
    assert_eq!(found(&index, query(mine, "refund")).await, [id(1), id(2), id(3)]);
}

#[tokio::test]
async fn a_folder_of_another_encoder_is_refused_until_it_is_erased() {
    let root = tempfile::tempdir().unwrap();
    let mine = workspace("mismatch");
    let old = EdgeIndex::open(root.path(), "old", DIMENSIONS).unwrap();
    let new = EdgeIndex::open(root.path(), "new", DIMENSIONS).unwrap();
    put(&old, mine, vec![passage(1, "refund")]).await;
    assert_eq!(new.count(mine).await.unwrap(), 0, "each revision has a folder of its own");
    let (from, to) = (folder_of(&old, mine), folder_of(&new, mine));
    drop(old);
    fs::rename(from, to).unwrap();
    let search = new.search(query(mine, "refund")).await.unwrap_err();
    let upsert = new.upsert(mine, vec![passage(2, "refund")]).await.unwrap_err();
    for error in [search, upsert] {
        assert!(matches!(error, IndexError::Mismatch { .. }), "{error:?}");
        assert!(error.to_string().contains("`backchannel reindex`"), "{error}");
    }
    new.erase(mine).await.unwrap();
    put(&new, mine, vec![passage(2, "refund")]).await;
    assert_eq!(found(&new, query(mine, "refund")).await, [id(2)]);
}

#[tokio::test]
async fn a_damaged_folder_says_so_and_erasing_mends_it() {
    let damages: [fn(&Path); 4] = [
        |folder| fs::write(folder.join("revision.json"), "{").unwrap(),
        |folder| fs::remove_file(folder.join("revision.json")).unwrap(),
        |folder| fs::remove_dir_all(folder.join("shard/segments")).unwrap(),
        |folder| {
            for segment in fs::read_dir(folder.join("shard/segments")).unwrap() {
                fs::write(segment.unwrap().path().join("segment.json"), "nonsense").unwrap();
            }
        },
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let mine = workspace("damage");
        let index = open(folder.path());
        put(&index, mine, vec![passage(1, "refund")]).await;
        let own = folder_of(&index, mine);
        drop(index);
        damage(&own);
        let index = open(folder.path());
        let error = index.search(query(mine, "refund")).await.unwrap_err();
        assert!(matches!(error, IndexError::Corrupt { .. }), "{number}: {error:?}");
        assert!(error.to_string().contains("`backchannel reindex`"), "{error}");
        index.erase(mine).await.unwrap();
        put(&index, mine, vec![passage(2, "refund")]).await;
        assert_eq!(found(&index, query(mine, "refund")).await, [id(2)], "{number}");
    }
}

#[tokio::test]
async fn a_folder_deleted_while_running_starts_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mine = workspace("vanish");
    let index = open(folder.path());
    put(&index, mine, vec![passage(1, "refund")]).await;
    fs::remove_dir_all(folder_of(&index, mine)).unwrap();
    assert_eq!(found(&index, query(mine, "refund")).await, NONE);
    assert_eq!(index.ids(mine, Kind::Passage).await.unwrap(), NONE);
    put(&index, mine, vec![passage(2, "refund")]).await;
    drop(index);
    assert_eq!(found(&open(folder.path()), query(mine, "refund")).await, [id(2)]);
}

#[tokio::test]
async fn a_folder_in_use_cannot_be_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let second = EdgeIndex::open(folder.path(), "test", DIMENSIONS);
    assert!(matches!(second, Err(IndexError::Held { .. })));
    drop(first);
    assert!(EdgeIndex::open(folder.path(), "test", DIMENSIONS).is_ok());
}

#[tokio::test]
async fn a_graph_finds_what_an_exact_scan_finds() {
    let folder = tempfile::tempdir().unwrap();
    let mine = workspace("graph");
    let index = EdgeIndex::open_tuned(folder.path(), "test", DIMENSIONS, graphs_from_the_start()).unwrap();
    let before = recall_at_10(&index, mine, 2000).await;
    index.optimise(mine).await;
    assert!(has_graph(&index, mine), "the test must search by a graph");
    let after = recall_of(&index, mine, &random_vectors(2000, 2)).await;
    assert!(before >= 0.97 && after >= 0.97, "{before} {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_flushes_and_searches_go_on_while_graphs_are_built() {
    let folder = tempfile::tempdir().unwrap();
    let mine = workspace("beside");
    let index = EdgeIndex::open_tuned(folder.path(), "test", DIMENSIONS, graphs_from_the_start()).unwrap();
    let vectors = random_vectors(3000, 4);
    let point = |number: usize| Point { dense: vectors[number].clone(), ..passage(number, "refund") };
    let write = async {
        for first in (0..3000).step_by(100) {
            put(&index, mine, (first..first + 100).map(point).collect()).await;
        }
    };
    let optimise = async {
        for _ in 0..6 {
            index.optimise(mine).await;
        }
    };
    let search = async {
        for vector in &vectors[..200] {
            index.search(Query { dense: Some(vector.clone()), limit: 5, ..query(mine, "refund") }).await.unwrap();
        }
    };
    futures::future::join3(write, optimise, search).await;
    assert_eq!(index.count(mine).await.unwrap(), 3000);
    drop(index);
    // The last upkeep may hold the folder for a moment.
    let index = loop {
        match EdgeIndex::open_tuned(folder.path(), "test", DIMENSIONS, graphs_from_the_start()) {
            Ok(index) => break index,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    assert_eq!(index.count(mine).await.unwrap(), 3000);
    assert_eq!(index.ids(mine, Kind::Passage).await.unwrap().len(), 3000);
}

#[tokio::test]
async fn a_flush_fails_when_what_it_should_keep_has_vanished() {
    let folder = tempfile::tempdir().unwrap();
    let mine = workspace("lost");
    let index = open(folder.path());
    put(&index, mine, vec![passage(1, "refund")]).await;
    index.upsert(mine, vec![passage(2, "refund")]).await.unwrap();
    fs::remove_dir_all(folder_of(&index, mine)).unwrap();
    // Whoever comes first finds the folder gone; the flush must hear of it all the same.
    index.upsert(mine, vec![passage(3, "refund")]).await.unwrap();
    let error = index.flush(mine).await.unwrap_err();
    assert!(matches!(error, IndexError::Unavailable { .. }), "{error:?}");
    put(&index, mine, vec![passage(2, "refund"), passage(3, "refund")]).await;
    assert_eq!(found(&index, query(mine, "refund")).await, [id(2), id(3)]);
}

#[tokio::test]
async fn a_long_log_is_shortened_and_later_writes_still_count() {
    let folder = tempfile::tempdir().unwrap();
    let mine = workspace("log");
    let tuning = Tuning { log_file_bytes: 64 << 10, long_log_bytes: 512 << 10, ..Tuning::default() };
    let index = EdgeIndex::open_tuned(folder.path(), "test", DIMENSIONS, tuning).unwrap();
    let mut most = 0;
    for round in 0..12 {
        let word = ["refund", "delivery"][round % 2];
        put(&index, mine, (0..500).map(|number| passage(number, word)).collect()).await;
        let log = fs::read_dir(folder_of(&index, mine).join("shard/wal")).unwrap();
        most = most.max(log.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("closed-")).count());
        assert_eq!(found(&index, Query { limit: 1000, ..query(mine, word) }).await.len(), 500, "{round}");
        assert_eq!(found(&index, query(mine, ["delivery", "refund"][round % 2])).await.len(), 0, "{round}");
    }
    assert!(most < 24, "the log had {most} files");
}

#[tokio::test]
async fn the_folder_of_another_encoder_goes_unless_somebody_works_in_it() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("notes")).unwrap();
    let first = EdgeIndex::open(root.path(), "first", DIMENSIONS).unwrap();
    let second = EdgeIndex::open(root.path(), "second", DIMENSIONS).unwrap();
    let folder = first.0.folder.clone();
    assert!(folder.exists(), "it is held");
    drop((first, second));
    let _second = EdgeIndex::open(root.path(), "second", DIMENSIONS).unwrap();
    assert!(!folder.exists());
    assert!(root.path().join("notes").exists());
}

/// Whether any vector of a workspace is in a graph.
fn has_graph(index: &EdgeIndex, workspace: WorkspaceId) -> bool {
    read(&index.0.slots.of(workspace).open).as_ref().is_some_and(|shard| shard.vectors_in_graphs() > 0)
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
