//! Search.

use backchannel::domain::vocabulary::Role;
use serde_json::json;

use crate::api::client::{Client, document};
use crate::support::app::TestApp;

#[tokio::test]
async fn a_passage_is_found_with_its_quote_and_no_score() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/documents", &document("returns")).await.expect(201);
    // What a worker would do.
    app.app.index_pending(app.admin.workspace, &|_, _| ()).await.unwrap();
    let query = json!({"query": "days to return after delivery", "kinds": ["passage"], "limit": 5});
    let found = client.post("/v1/search", &query).await.expect(200);
    let first = &found["items"][0];
    assert_eq!((&first["kind"], &first["source"]["kind"]), (&"passage".into(), &"passage".into()), "{found}");
    assert!(first["quote"].as_str().unwrap().contains("30 days"));
    assert!(first.get("score").is_none());
}

#[tokio::test]
async fn a_question_that_cannot_be_is_pointed_at() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Light);
    for (body, pointer) in [
        (json!({"query": " "}), "/query"),
        (json!({"query": "x", "limit": 0}), "/limit"),
        (json!({"query": "x", "limit": 101}), "/limit"),
        (json!({"query": "x", "kinds": ["passages"]}), "/kinds/0"),
    ] {
        client.post("/v1/search", &body).await.expect_problem(422, "body-invalid", Some(pointer));
    }
}
