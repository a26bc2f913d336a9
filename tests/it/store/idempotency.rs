use backchannel::domain::id::WorkspaceId;
use backchannel::store::idempotency::{self, Claim, Request, StoredResponse};
use backchannel::store::{StoreError, ticket};

use crate::support::database::each;
use crate::support::make;

fn request(workspace: WorkspaceId) -> Request<'static> {
    Request { workspace, actor: "token:1", key: "k1", request_hash: "aa" }
}

fn created() -> StoredResponse {
    StoredResponse { status: 201, body: r#"{"id":"x"}"#.to_owned() }
}

#[tokio::test]
async fn a_request_that_comes_again_gets_the_same_answer() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let request = request(workspace);
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
        idempotency::finish(&mut tx, &request, &created()).await.unwrap();
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
                            idempotency::finish(&mut tx, &request, &created()).await.unwrap();
                            tx.commit().await.unwrap();
                            true
                        }
                        Claim::Replay(response) => {
                            assert_eq!(response, created());
                            false
                        }
                        Claim::Mismatch => panic!("the same request does not match itself"),
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
async fn a_claim_without_an_answer_never_runs_twice_and_old_keys_are_swept() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let request = request(workspace);
        let mut tx = database.begin().await;
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
        tx.commit().await.unwrap();
        let mut tx = database.begin().await;
        let again = idempotency::claim(&mut tx, &request, make::NOW).await;
        assert!(matches!(again, Err(StoreError::Corrupt { table: "idempotency", .. })));
        assert_eq!(idempotency::sweep(&mut tx, make::NOW).await.unwrap(), 0);
        assert_eq!(idempotency::sweep(&mut tx, make::NOW.plus_seconds(1)).await.unwrap(), 1);
        assert_eq!(idempotency::claim(&mut tx, &request, make::NOW).await.unwrap(), Claim::Fresh);
    })
    .await;
}
