//! The playbook.

use axum::http::Method;
use backchannel::domain::vocabulary::Role;
use serde_json::json;

use crate::api::client::Client;
use crate::support::app::TestApp;

#[tokio::test]
async fn a_playbook_is_put_in_place_whole_and_read_back() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let mut playbook = client.get("/v1/playbook").await.expect(200);
    playbook["files"]["thresholds.toml"] = "[abstain]\nintent = 0.6\nroute = 0.4\nnext_step = 0.4\n".into();
    let version = client.json(Method::PUT, "/v1/playbook", &playbook).await.expect(200);
    assert!(version["version"].as_i64().is_some_and(|version| version > 0), "{version}");
    assert_eq!(client.get("/v1/playbook").await.expect(200), playbook);
}

#[tokio::test]
async fn a_playbook_that_cannot_be_read_changes_nothing() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let before = client.get("/v1/playbook").await.expect(200);
    let broken = json!({"files": {"thresholds.toml": "[abstain]\nintnet = 0.5\n"}});
    let answer = client.json(Method::PUT, "/v1/playbook", &broken).await.expect(422);
    assert!(answer["detail"].as_str().unwrap().contains("intnet"), "{answer}");
    assert_eq!(client.get("/v1/playbook").await.expect(200), before);
}
