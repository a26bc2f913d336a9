//! Usage and the audit trail.

use backchannel::domain::vocabulary::Role;

use crate::api::client::{Client, ticket};
use crate::support::app::TestApp;

#[tokio::test]
async fn a_triage_is_counted() {
    let app = TestApp::new().await;
    Client::new(&app, Role::Service).post("/v1/triage", &ticket("T-1")).await.expect(200);
    let usage = Client::new(&app, Role::Auditor).get("/v1/usage").await.expect(200);
    let counts = usage["items"].as_array().unwrap();
    assert!(counts.iter().any(|count| count["what"] == "triage" && count["count"] == 1), "{usage}");
}

#[tokio::test]
async fn a_changed_playbook_is_in_the_audit_trail() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let playbook = admin.get("/v1/playbook").await.expect(200);
    admin.json(axum::http::Method::PUT, "/v1/playbook", &playbook).await.expect(200);
    let audit = Client::new(&app, Role::Auditor).get("/v1/audit?limit=200").await.expect(200);
    let entries = audit["items"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["action"].as_str().is_some_and(|action| action.starts_with("playbook"))), "{audit}");
}
