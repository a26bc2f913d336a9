use backchannel::domain::id::WorkspaceId;
use backchannel::domain::time::Timestamp;
use backchannel::store::idempotency::{self, Claim, Request, StoredResponse};
use backchannel::store::{StoreError, ticket};

use crate::support::database::each;
use crate::support::make;

fn request(workspace: WorkspaceId) -> Request<'static> {
    Request { workspace, actor: "token:1", key: "k1", request_hash: "aa" }
}

fn created() -> StoredResponse {
    StoredResponse { status: 201, location: Some("/v1/tickets/x".to_owned()), body: r#"{"id":"x"}"#.to_owned() }
}

#[tokio::test]
async fn a_request_that_comes_again_gets_the_same_answer() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let request = request(workspace);
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
        idempotency::finish(&mut tx, &request, make::NOW, &created()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Replay(created()));
        let other = Request { request_hash: "bb", ..request };
        assert_eq!(idempotency::claim(&mut tx, &other, make::NOW).await.unwrap(), Claim::Mismatch);
        let somebody_else = Request { actor: "token:2", ..other };
        assert_eq!(idempotency::claim(&mut tx, &somebody_else, make::NOW).await.unwrap(), Claim::Fresh);
    })
    .await;
}

#[tokio::test]
async fn a_request_whose_work_was_undone_is_fresh_again() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let request = request(workspace);
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
        drop(tx);
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
    })
    .await;
}

#[tokio::test]
async fn ten_deliveries_at_once_have_one_effect() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let deliveries: Vec<_> = (0..10)
            .map(|number| {
                let store = database.store.clone();
                tokio::spawn(async move {
                    let request = request(workspace);
                    let mut tx = store.begin().await.unwrap();
                    match idempotency::claim(&mut tx, &request, make::NOW).await.unwrap() {
                        Claim::Fresh => {
                            let comment = make::comment(kept.id, &format!("delivery {number}"), true);
                            let _ = ticket::add_comment(&mut tx, workspace, &comment, make::NOW).await.unwrap();
                            idempotency::finish(&mut tx, &request, make::NOW, &created()).await.unwrap();
                            tx.commit().await.unwrap();
                            true
                        }
                        Claim::Replay(response) => {
                            assert_eq!(response, created());
                            false
                        }
                        Claim::Running(_) | Claim::Broken | Claim::Mismatch => {
                            panic!("a delivery waits for the one whose transaction claims and answers")
                        }
                    }
                })
            })
            .collect();
        let mut fresh = 0;
        for delivery in deliveries {
            fresh += usize::from(delivery.await.unwrap());
        }
        assert_eq!(fresh, 1);
        let history = ticket::history(&database.store, &make::service(workspace), kept.id).await.unwrap().unwrap();
        assert_eq!(history.comments.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_claimed_request_runs_until_its_holder_answers_or_releases_it() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let request = request(workspace);
        let claim_at = async |now: Timestamp| {
            let mut tx = database.begin().await;
            let claim = idempotency::claim(&mut tx, &request, now).await.unwrap();
            tx.commit().await.unwrap();
            claim
        };
        let later = make::NOW.plus_seconds(1);
        assert_eq!(claim_at(make::NOW).await, Claim::Fresh);
        assert_eq!(claim_at(later).await, Claim::Running(make::NOW));
        let mut tx = database.begin().await;
        // Not by somebody who never had it.
        idempotency::release(&mut tx, &request, later).await.unwrap();
        assert!(matches!(idempotency::finish(&mut tx, &request, later, &created()).await, Err(StoreError::Missing { .. })));
        tx.commit().await.unwrap();
        assert_eq!(claim_at(later).await, Claim::Running(make::NOW));

        let mut tx = database.begin().await;
        idempotency::release(&mut tx, &request, make::NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claim_at(later).await, Claim::Fresh);
        let mut tx = database.begin().await;
        idempotency::finish(&mut tx, &request, later, &created()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claim_at(later.plus_seconds(3600)).await, Claim::Replay(created()));
    })
    .await;
}

#[tokio::test]
async fn a_request_that_broke_stays_so_and_is_never_fresh() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let request = request(workspace);
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
        // Not by somebody who never had it.
        idempotency::leave_open(&mut tx, &request, make::NOW.plus_seconds(1)).await.unwrap();
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Running(make::NOW));
        idempotency::leave_open(&mut tx, &request, make::NOW).await.unwrap();
        idempotency::release(&mut tx, &request, make::NOW).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Broken);
        let other = Request { request_hash: "bb", ..request };
        assert_eq!(idempotency::claim(&mut tx, &other, make::NOW).await.unwrap(), Claim::Mismatch);
    })
    .await;
}

#[tokio::test]
async fn old_keys_are_swept() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let request = request(workspace);
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
        assert_eq!(idempotency::sweep(&mut tx, make::NOW).await.unwrap(), 0);
        assert_eq!(idempotency::sweep(&mut tx, make::NOW.plus_seconds(1)).await.unwrap(), 1);
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
    })
    .await;
}
