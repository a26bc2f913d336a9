//! The stream of a ticket's events.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use backchannel::domain::vocabulary::Role;
use futures::StreamExt;
use serde_json::json;
use tower::ServiceExt;

use crate::api::client::{Client, ticket};
use crate::support::app::TestApp;

#[tokio::test]
async fn a_stream_of_an_unknown_ticket_is_a_problem() {
    let app = TestApp::new().await;
    Client::new(&app, Role::Agent).get("/v1/tickets/T-404/events").await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn a_client_that_comes_back_sees_what_it_missed() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let comment = json!({"author": "tom@alderwick.example", "public": false, "body": "x"});
    client.post("/v1/tickets/T-1/comments", &comment).await.expect(201);
    let request = client.request(&Method::GET, "/v1/tickets/T-1/events").header("last-event-id", "0").body(Body::empty()).unwrap();
    let response = app.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let first = stream.next().await.unwrap().unwrap();
    let text = std::str::from_utf8(&first).unwrap();
    assert!(text.contains("id: ") && text.contains("event: ") && text.contains("data: {"), "{text}");
}
