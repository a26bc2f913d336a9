use backchannel::domain::attachment::{Place, Reading};
use backchannel::domain::audience::Audience;
use backchannel::domain::id::WorkspaceId;
use backchannel::domain::ticket::Ticket;
use backchannel::domain::vocabulary::Kind;
use backchannel::store::attachment::{self, Sending};
use backchannel::store::pending::{self, PendingRow};
use backchannel::store::{Change, document, lease, person, thread, ticket};

use crate::support::database::{Database, each};
use crate::support::make;

async fn all(database: &Database, workspace: WorkspaceId) -> Vec<PendingRow> {
    pending::pending(&database.store, workspace, 1000).await.unwrap()
}

async fn clear(database: &Database, workspace: WorkspaceId, rows: &[PendingRow]) -> u64 {
    let lease = make::index_lease(&database.store, workspace).await;
    let mut tx = database.begin().await;
    let cleared = pending::clear_pending(&mut tx, &lease, rows).await.unwrap();
    tx.commit().await.unwrap();
    lease::release(&database.store, lease).await.unwrap();
    cleared
}

#[tokio::test]
async fn a_row_that_changes_while_it_is_indexed_stays_pending() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let read = all(database, workspace).await;
        assert_eq!(read.len(), 1);
        let mut tx = database.begin().await;
        let changed = Ticket { body: "It is green now.".to_owned(), ..kept.clone() };
        assert_eq!(ticket::save(&mut tx, &changed).await.unwrap().change, Change::Updated);
        tx.commit().await.unwrap();
        assert_eq!(clear(database, workspace, &read).await, 0);
        let again = all(database, workspace).await;
        assert_eq!(again[0].id, kept.id.as_uuid());
        assert_ne!(again[0].revision, read[0].revision);
        assert_eq!(clear(database, workspace, &again).await, 1);
        assert!(all(database, workspace).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_row_saved_again_without_a_change_is_not_pending() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        clear(database, workspace, &all(database, workspace).await).await;
        let mut tx = database.begin().await;
        let again = Ticket { updated_at: kept.updated_at.plus_seconds(60), ..kept };
        assert_eq!(ticket::save(&mut tx, &again).await.unwrap().change, Change::Unchanged);
        tx.commit().await.unwrap();
        assert!(all(database, workspace).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn every_kind_is_pending_when_new_and_when_all_is_marked() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let side = make::thread(workspace, kept.id);
        let article = make::document(workspace, "a.md", Audience::Public);
        let mut tx = database.begin().await;
        let _ = ticket::add_comment(&mut tx, workspace, &make::comment(kept.id, "Hello", true), make::NOW).await.unwrap();
        let _ = thread::save(&mut tx, &side).await.unwrap();
        let _ = thread::add_message(&mut tx, workspace, &make::message(side.id, "Which firmware?")).await.unwrap();
        let _ = person::save(&mut tx, &make::person(workspace, "ingrid@alderwick.example")).await.unwrap();
        let _ = document::replace(&mut tx, &article, &[make::passage(article.id, 0), make::passage(article.id, 1)]).await.unwrap();
        let file = make::attachment(workspace, "a.txt", 'a');
        attachment::insert(&mut tx, &file).await.unwrap();
        assert_eq!(attachment::send(&mut tx, workspace, "user:1", file.id, Place::Ticket(kept.id)).await.unwrap(), Sending::Sent);
        assert!(attachment::note_reading(&mut tx, workspace, file.id, &Reading::waiting(), &[make::excerpt(file.id)]).await.unwrap());
        tx.commit().await.unwrap();
        let rows = all(database, workspace).await;
        let many = |kind| rows.iter().filter(|row| row.kind == kind).count();
        assert_eq!(Kind::ALL.iter().map(|kind| many(*kind)).collect::<Vec<_>>(), [2, 1, 1, 1, 1, 1]);
        assert_eq!(pending::pending(&database.store, workspace, 3).await.unwrap().len(), 3);
        assert_eq!(pending::count(&database.store, workspace).await.unwrap(), 7);
        for kind in Kind::ALL {
            let ids = pending::ids_that_should_be_indexed(&database.store, workspace, *kind).await.unwrap();
            assert_eq!(ids.len(), many(*kind));
        }
        assert_eq!(clear(database, workspace, &rows).await, 7);
        let mut tx = database.begin().await;
        let one = [rows[0].id];
        assert_eq!(pending::mark_pending(&mut tx, workspace, rows[0].kind, &one).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(all(database, workspace).await.len(), 1);
        let mut tx = database.begin().await;
        assert_eq!(pending::mark_all_pending(&mut tx, workspace).await.unwrap(), 7);
        tx.commit().await.unwrap();
        assert_eq!(all(database, workspace).await.len(), 7);
    })
    .await;
}

#[tokio::test]
async fn a_removed_ticket_leaves_tombstones_of_all_its_parts_until_they_are_cleared() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let side = make::thread(workspace, kept.id);
        let mut tx = database.begin().await;
        let _ = ticket::add_comment(&mut tx, workspace, &make::comment(kept.id, "Hello", true), make::NOW).await.unwrap();
        let _ = thread::save(&mut tx, &side).await.unwrap();
        let _ = thread::add_message(&mut tx, workspace, &make::message(side.id, "Which firmware?")).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.begin().await;
        assert!(ticket::remove(&mut tx, workspace, kept.id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(all(database, workspace).await.is_empty());
        let stones = pending::tombstones(&database.store, workspace, 10).await.unwrap();
        let mut kinds: Vec<_> = stones.iter().map(|stone| stone.kind).collect();
        kinds.sort();
        assert_eq!(kinds, [Kind::Ticket, Kind::Comment, Kind::Message]);
        let lease = make::index_lease(&database.store, workspace).await;
        let mut tx = database.begin().await;
        let stale: Vec<_> =
            stones.iter().map(|stone| PendingRow { revision: stone.revision.wrapping_add(1) & i64::MAX, ..*stone }).collect();
        assert_eq!(pending::clear_tombstones(&mut tx, &lease, &stale).await.unwrap(), 0);
        assert_eq!(pending::clear_tombstones(&mut tx, &lease, &stones).await.unwrap(), 3);
        tx.commit().await.unwrap();
        assert!(pending::tombstones(&database.store, workspace, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_encoder_revision_is_kept_per_workspace() {
    each(async |database| {
        let (one, two) = (make::kept_workspace(&database.store).await, make::kept_workspace(&database.store).await);
        for revision in ["a", "b"] {
            let mut tx = database.begin().await;
            pending::set_encoder_revision(&mut tx, one, revision).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(pending::encoder_revision(&database.store, one).await.unwrap().as_deref(), Some("b"));
        assert_eq!(pending::encoder_revision(&database.store, two).await.unwrap(), None);
    })
    .await;
}
