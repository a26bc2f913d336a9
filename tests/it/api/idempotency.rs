//! `Idempotency-Key`.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use backchannel::domain::id::WorkspaceId;
use backchannel::domain::vocabulary::{Kind, Role};
use backchannel::index::{Hit, Index, IndexError, Point, Query};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::client::{Answer, Client, ticket};
use crate::support::app::TestApp;

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    let request = client.request(&Method::POST, path).header("idempotency-key", key).header(CONTENT_TYPE, "application/json");
    client.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn comment() -> Value {
    json!({"author": "tom@alderwick.example", "public": false, "body": "once"})
}

async fn with_ticket() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    (app, client)
}

/// An index that takes everything and cannot be searched.
#[derive(Debug)]
struct Unsearchable(Arc<dyn Index>);

impl Index for Unsearchable {
    fn upsert(&self, workspace: WorkspaceId, points: Vec<Point>) -> BoxFuture<'_, Result<(), IndexError>> {
        self.0.upsert(workspace, points)
    }

    fn delete(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> BoxFuture<'_, Result<(), IndexError>> {
        self.0.delete(workspace, ids)
    }

    fn flush(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        self.0.flush(workspace)
    }

    fn search(&self, _query: Query) -> BoxFuture<'_, Result<Vec<Hit>, IndexError>> {
        async { Err(IndexError::Held { doing: "search" }) }.boxed()
    }

    fn ids(&self, workspace: WorkspaceId, kind: Kind) -> BoxFuture<'_, Result<Vec<Uuid>, IndexError>> {
        self.0.ids(workspace, kind)
    }

    fn count(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<usize, IndexError>> {
        self.0.count(workspace)
    }

    fn erase(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        self.0.erase(workspace)
    }

    fn revision(&self) -> &str {
        self.0.revision()
    }
}

const COMMENTS: &str = "/v1/tickets/T-1/comments";

#[tokio::test]
async fn the_same_call_twice_has_one_effect_and_one_answer() {
    let (_app, client) = with_ticket().await;
    let first = post(&client, COMMENTS, "k1", &comment()).await;
    let second = post(&client, COMMENTS, "k1", &comment()).await;
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(first.headers.get(LOCATION), second.headers.get(LOCATION));
    assert_eq!(first.expect(201), second.expect(201));
    let ticket = client.get("/v1/tickets/T-1").await.expect(200);
    assert_eq!(ticket["comments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_created_is_named_again_by_the_second_answer() {
    let (_app, client) = with_ticket().await;
    let first = post(&client, "/v1/tickets", "k1", &ticket("T-2")).await;
    let second = post(&client, "/v1/tickets", "k1", &ticket("T-2")).await;
    assert!(first.headers[LOCATION].to_str().unwrap().starts_with("/v1/tickets/"));
    assert_eq!(first.headers[LOCATION], second.headers[LOCATION]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_equal_calls_at_once_have_one_effect() {
    let (_app, client) = with_ticket().await;
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { post(&client, COMMENTS, "k1", &comment()).await })
        })
        .collect();
    for call in calls {
        let answer = call.await.unwrap();
        if answer.status == 409 {
            assert!(answer.headers.contains_key(RETRY_AFTER));
            answer.expect_problem(409, "idempotency-key-in-use", None);
        } else {
            answer.expect(201);
        }
    }
    let ticket = client.get("/v1/tickets/T-1").await.expect(200);
    assert_eq!(ticket["comments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_caller_who_leaves_at_any_moment_finds_the_answer_later() {
    let (_app, client) = with_ticket().await;
    for turns in 0..30 {
        let key = format!("left-after-{turns}");
        let body = comment();
        let mut left = Box::pin(post(&client, COMMENTS, &key, &body));
        for _ in 0..turns {
            if futures::poll!(left.as_mut()).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(left);
        while post(&client, COMMENTS, &key, &body).await.status == 409 {
            tokio::task::yield_now().await;
        }
        let ticket = client.get("/v1/tickets/T-1").await.expect(200);
        assert_eq!(ticket["comments"].as_array().unwrap().len(), turns + 1, "left after {turns} turns");
    }
}

#[tokio::test]
async fn another_body_or_path_with_the_same_key_is_refused() {
    let (_app, client) = with_ticket().await;
    post(&client, COMMENTS, "k1", &comment()).await.expect(201);
    let mut other = comment();
    other["body"] = "twice".into();
    post(&client, COMMENTS, "k1", &other).await.expect_problem(422, "idempotency-key-reused", None);
    post(&client, "/v1/tickets", "k1", &ticket("T-2")).await.expect_problem(422, "idempotency-key-reused", None);
}

#[tokio::test]
async fn what_failed_can_be_mended_under_the_same_key() {
    let (_app, client) = with_ticket().await;
    post(&client, COMMENTS, "k1", &json!({})).await.expect_problem(422, "body-invalid", Some("/author"));
    post(&client, COMMENTS, "k1", &comment()).await.expect(201);
}

#[tokio::test]
async fn a_ticket_that_is_kept_and_cannot_be_triaged_at_once_is_made_once() {
    let app = TestApp::with(|parts| parts.index = Arc::new(Unsearchable(Arc::clone(&parts.index)))).await;
    let client = Client::new(&app, Role::Service);
    let nameless = json!({"subject": "Lamp", "body": "It is broken.", "requester": {"email": "ana@mail.example"}});
    let first = post(&client, "/v1/tickets?wait=triage", "k1", &nameless).await.expect(201);
    assert_eq!((&first["triage"], &first["ticket"]["subject"]), (&Value::Null, &"Lamp".into()));
    assert_eq!(post(&client, "/v1/tickets?wait=triage", "k1", &nameless).await.expect(201), first);
    assert_eq!(client.get("/v1/tickets").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_broke_is_not_done_again_under_the_same_key() {
    let app = TestApp::with(|parts| parts.extraction.program = "/nowhere/backchannel".into()).await;
    let client = Client::new(&app, Role::Admin);
    let part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\r\n--b--\r\n";
    let send = async || {
        let request = client.request(&Method::POST, "/v1/documents").header("idempotency-key", "k1");
        client.send(request.header(CONTENT_TYPE, "multipart/form-data; boundary=b").body(Body::from(part)).unwrap()).await
    };
    send().await.expect_problem(503, "unavailable", None);
    send().await.expect_problem(409, "idempotency-outcome-unknown", None);
}

#[tokio::test]
async fn two_workspaces_may_use_the_same_key() {
    let (app, client) = with_ticket().await;
    post(&client, "/v1/tickets", "k1", &ticket("T-2")).await.expect(201);
    let foreign = Client::with(&app, &app.foreign_admin);
    let answer = post(&foreign, "/v1/tickets", "k1", &ticket("T-2")).await;
    assert!(!answer.headers.contains_key("idempotency-replayed"));
    answer.expect(201);
}

#[tokio::test]
async fn a_key_that_cannot_be_is_refused() {
    let (_app, client) = with_ticket().await;
    for key in ["", "with space", &"x".repeat(256)] {
        post(&client, COMMENTS, key, &comment()).await.expect_problem(400, "idempotency-key-invalid", None);
    }
}
