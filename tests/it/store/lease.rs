use backchannel::domain::id::WorkspaceId;
use backchannel::domain::time::Timestamp;
use backchannel::store::lease::{self, IndexLease};
use backchannel::store::{Store, StoreError, pending};

use crate::support::database::each;
use crate::support::make;

const SECONDS: i64 = 60;

fn at(seconds: i64) -> Timestamp {
    make::NOW.plus_seconds(seconds)
}

async fn take(store: &Store, workspace: WorkspaceId, now: Timestamp) -> Option<IndexLease> {
    lease::take(store, workspace, now, now.plus_seconds(SECONDS)).await.unwrap()
}

fn assert_lost<T: std::fmt::Debug>(result: &Result<T, StoreError>, of: WorkspaceId) {
    assert!(matches!(result, Err(StoreError::IndexLeaseLost { workspace }) if *workspace == of), "{result:?}");
}

#[tokio::test]
async fn one_process_holds_the_index_of_a_workspace_until_it_gives_it_back() {
    each(async |database| {
        let (one, other) = (make::kept_workspace(&database.store).await, make::kept_workspace(&database.store).await);
        let process = database.open_again().await;
        let held = take(&database.store, one, at(0)).await.unwrap();
        assert_eq!(take(&process, one, at(SECONDS - 1)).await, None);
        let elsewhere = take(&process, other, at(0)).await;
        assert!(elsewhere.is_some(), "every workspace has a lease of its own");
        lease::release(&database.store, held).await.unwrap();
        assert!(take(&process, one, at(0)).await.is_some());
        process.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_prolonged_lasts_and_one_that_is_not_goes_to_the_next() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let process = database.open_again().await;
        let first = take(&database.store, workspace, at(0)).await.unwrap();
        lease::prolong(&database.store, &first, at(2 * SECONDS)).await.unwrap();
        assert_eq!(take(&process, workspace, at(2 * SECONDS - 1)).await, None);
        // It ended; as nobody took it, nothing is lost yet.
        lease::prolong(&database.store, &first, at(3 * SECONDS)).await.unwrap();
        let second = take(&process, workspace, at(3 * SECONDS)).await.unwrap();
        assert_lost(&lease::prolong(&database.store, &first, at(9 * SECONDS)).await, workspace);
        lease::release(&database.store, first).await.unwrap();
        assert_eq!(take(&database.store, workspace, at(4 * SECONDS - 1)).await, None, "the second one still has it");
        lease::prolong(&process, &second, at(5 * SECONDS)).await.unwrap();
        process.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_lost_the_lease_clears_nothing() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        make::kept_ticket(&database.store, workspace).await;
        let first = take(&database.store, workspace, at(0)).await.unwrap();
        let rows = pending::pending(&database.store, workspace, 9).await.unwrap();
        let second = take(&database.store, workspace, at(SECONDS)).await.unwrap();
        let mut tx = database.begin().await;
        assert_lost(&pending::clear_pending(&mut tx, &first, &rows).await, workspace);
        assert_lost(&pending::clear_tombstones(&mut tx, &first, &rows).await, workspace);
        tx.commit().await.unwrap();
        assert_eq!(pending::count(&database.store, workspace).await.unwrap(), 1);
        let mut tx = database.begin().await;
        assert_eq!(pending::clear_pending(&mut tx, &second, &rows).await.unwrap(), 1);
        tx.commit().await.unwrap();
        // What the first one wrote meanwhile may be old: it marks it again, though it is cleared.
        let mut tx = database.begin().await;
        assert_eq!(pending::mark_again(&mut tx, workspace, &rows).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(pending::count(&database.store, workspace).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_has_the_index_alone_ends_the_leases_of_the_dead() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let dead = take(&database.store, workspace, at(0)).await.unwrap();
        lease::end_all(&database.store).await.unwrap();
        assert_lost(&lease::prolong(&database.store, &dead, at(SECONDS)).await, workspace);
        assert!(take(&database.store, workspace, at(0)).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_crowd_that_wants_the_lease_at_once_gets_it_once() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let crowd: Vec<_> = (0..8)
            .map(|_| {
                let store = database.store.clone();
                tokio::spawn(async move { take(&store, workspace, at(0)).await })
            })
            .collect();
        let mut held = 0;
        for one in crowd {
            held += usize::from(one.await.unwrap().is_some());
        }
        assert_eq!(held, 1);
    })
    .await;
}
