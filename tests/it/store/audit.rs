use backchannel::domain::id::WorkspaceId;
use backchannel::store::audit::{self, AuditBreak, AuditVerdict, Checkpoint};
use backchannel::store::{Options, Store, StoreError};

use crate::support::database::{Database, each};
use crate::support::make;

async fn write(database: &Database, workspace: WorkspaceId, targets: &[&str]) {
    for target in targets {
        let mut tx = database.begin().await;
        audit::append(&mut tx, &make::audit_entry(workspace, target));
        tx.commit().await.unwrap();
    }
}

/// Takes the guard away first, as an owner of the database can.
async fn tamper(database: &Database, sql: &str) {
    let unguard = if database.is_postgres() {
        "ALTER TABLE audit DISABLE TRIGGER USER"
    } else {
        "DROP TRIGGER IF EXISTS audit_is_never_updated; DROP TRIGGER IF EXISTS audit_is_never_deleted"
    };
    database.tamper(unguard).await;
    database.tamper(sql).await;
}

async fn broken(database: &Database, workspace: WorkspaceId) -> Option<(i64, AuditBreak)> {
    match audit::verify(&database.store, workspace, None).await.unwrap() {
        AuditVerdict::Whole { .. } => None,
        AuditVerdict::Broken { n, reason } => Some((n, reason)),
    }
}

#[tokio::test]
async fn an_untouched_trail_is_whole_and_listed_newest_first() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        write(database, workspace, &["a", "b", "nul\0byte"]).await;
        assert_eq!(broken(database, workspace).await, None);
        let lines = audit::list(&database.store, workspace, None, 2).await.unwrap();
        assert_eq!(lines.iter().map(|line| (line.n, line.entry.target.as_str())).collect::<Vec<_>>(), [(3, "nul\u{fffd}byte"), (2, "b")]);
        let lines = audit::list(&database.store, workspace, Some(2), 2).await.unwrap();
        assert_eq!(lines[0].entry, make::audit_entry(workspace, "a"));
    })
    .await;
}

#[tokio::test]
async fn a_changed_byte_is_found() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        write(database, workspace, &["a", "b", "c"]).await;
        tamper(database, "UPDATE audit SET target = 'B' WHERE n = 2").await;
        assert_eq!(broken(database, workspace).await, Some((2, AuditBreak::Altered)));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_line_is_found() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        write(database, workspace, &["a", "b", "c"]).await;
        tamper(database, "DELETE FROM audit WHERE n = 2").await;
        assert_eq!(broken(database, workspace).await, Some((2, AuditBreak::Deleted)));
    })
    .await;
}

#[tokio::test]
async fn two_swapped_lines_are_found() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        write(database, workspace, &["a", "b", "c"]).await;
        tamper(database, "UPDATE audit SET n = -1 WHERE n = 1; UPDATE audit SET n = 1 WHERE n = 2; UPDATE audit SET n = 2 WHERE n = -1")
            .await;
        assert_eq!(broken(database, workspace).await, Some((1, AuditBreak::Altered)));
    })
    .await;
}

#[tokio::test]
async fn a_cut_tail_is_found_even_when_the_head_is_set_back_and_lines_follow() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        write(database, workspace, &["a", "b", "c"]).await;
        tamper(database, "DELETE FROM audit WHERE n = 3").await;
        assert_eq!(broken(database, workspace).await, Some((3, AuditBreak::Deleted)));
        tamper(database, "UPDATE heads SET audit_n = 2, audit_mac = (SELECT mac FROM audit WHERE n = 2)").await;
        assert_eq!(broken(database, workspace).await, Some((2, AuditBreak::Head)));
        write(database, workspace, &["d"]).await;
        assert_eq!(broken(database, workspace).await, Some((3, AuditBreak::Head)), "a later line never heals the seal");
    })
    .await;
}

#[tokio::test]
async fn a_line_behind_the_head_is_found() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        write(database, workspace, &["a"]).await;
        tamper(database, "INSERT INTO audit SELECT workspace, 2, actor, action, target, at, mac FROM audit WHERE n = 1").await;
        assert_eq!(broken(database, workspace).await, Some((2, AuditBreak::Head)));
    })
    .await;
}

#[tokio::test]
async fn an_older_trail_put_back_contradicts_a_checkpoint_kept_elsewhere() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        write(database, workspace, &["a", "b"]).await;
        let known = audit::checkpoint(&database.store, workspace).await.unwrap();
        let verdict = audit::verify(&database.store, workspace, Some(&known)).await.unwrap();
        assert_eq!(verdict, AuditVerdict::Whole { checkpoint: known.clone() });
        let later = Checkpoint { n: 3, mac: known.mac.clone() };
        let verdict = audit::verify(&database.store, workspace, Some(&later)).await.unwrap();
        assert_eq!(verdict, AuditVerdict::Broken { n: 3, reason: AuditBreak::Checkpoint });
        let other = Checkpoint { n: 1, mac: known.mac };
        let verdict = audit::verify(&database.store, workspace, Some(&other)).await.unwrap();
        assert_eq!(verdict, AuditVerdict::Broken { n: 1, reason: AuditBreak::Checkpoint });
    })
    .await;
}

#[tokio::test]
async fn the_guard_refuses_updates_and_deletes() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        write(database, workspace, &["a"]).await;
        for sql in ["UPDATE audit SET target = 'x'", "DELETE FROM audit"] {
            assert!(database.try_tamper(sql).await.is_err(), "{sql}");
        }
        assert_eq!(broken(database, workspace).await, None);
    })
    .await;
}

#[tokio::test]
async fn lines_written_at_the_same_moment_form_one_chain() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let writers = (0..8).map(|writer| {
            let store = database.store.clone();
            tokio::spawn(async move {
                for line in 0..10 {
                    let mut tx = store.begin().await.unwrap();
                    audit::append(&mut tx, &make::audit_entry(workspace, &format!("{writer}.{line}")));
                    tx.commit().await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(audit::checkpoint(&database.store, workspace).await.unwrap().n, 80);
        assert_eq!(broken(database, workspace).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_line_of_a_rolled_back_transaction_never_was() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let mut tx = database.begin().await;
        audit::append(&mut tx, &make::audit_entry(workspace, "a"));
        tx.rollback().await.unwrap();
        assert_eq!(audit::checkpoint(&database.store, workspace).await.unwrap().n, 0);
    })
    .await;
}

#[tokio::test]
async fn another_key_is_refused_at_the_start() {
    each(async |database| {
        let options = Options { audit_key: Some("another key, long enough to be taken".into()), ..database.options.clone() };
        assert!(matches!(Store::open(&options, database.folder()).await, Err(StoreError::ForeignAuditKey)));
    })
    .await;
}
