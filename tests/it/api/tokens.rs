//! Tokens over the API: made once, listed with their use, revoked.

use axum::http::Method;
use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::Client;
use crate::support::app::TestApp;

#[tokio::test]
async fn a_token_shows_its_secret_once_works_and_is_revoked() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let made = client.post("/v1/tokens", &json!({"name": "import <b>", "role": "service", "teams": ["hardware"]})).await.expect(201);
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("bc_"));
    let id = made["token"]["id"].as_str().unwrap().to_owned();
    let listed = async || {
        let list = client.get("/v1/tokens?limit=200").await.expect(200);
        assert!(!list.to_string().contains(&secret[3..]), "the secret is nowhere");
        list["items"].as_array().unwrap().iter().find(|token| token["id"] == id.as_str()).unwrap().clone()
    };
    assert_eq!(listed().await["last_used_at"], Value::Null);
    assert!(listed().await["created_by"].as_str().unwrap().starts_with("token:"));
    let owner = Client::with(&app, &secret);
    owner.get("/v1/people").await.expect(200);
    let used = listed().await["last_used_at"].clone();
    assert!(used.is_string());
    // A second call within the minute writes nothing.
    owner.get("/v1/people").await.expect(200);
    assert_eq!(listed().await["last_used_at"], used);

    assert_eq!(client.delete(&format!("/v1/tokens/{id}")).await.status, 204);
    owner.get("/v1/people").await.expect_problem(401, "unauthenticated", None);
    assert!(listed().await["revoked_at"].is_string());
    client.delete(&format!("/v1/tokens/{id}")).await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn a_repeated_call_gives_the_token_without_its_secret() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let send = async || {
        let request =
            client.request(&Method::POST, "/v1/tokens").header("content-type", "application/json").header("idempotency-key", "k1");
        client.send(request.body(json!({"name": "a", "role": "light"}).to_string().into()).unwrap()).await
    };
    let (first, second) = (send().await.expect(201), send().await.expect(201));
    assert_eq!(first["token"], second["token"]);
    assert!(first["secret"].is_string() && second["secret"].is_null());
}

#[tokio::test]
async fn a_token_that_cannot_be_is_pointed_at() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    for (body, pointer) in [
        (json!({"name": "", "role": "light"}), "/name"),
        (json!({"name": "x".repeat(10_000), "role": "light"}), "/name"),
        (json!({"name": "a", "role": "ligth"}), "/role"),
        (json!({"name": "a", "role": "light", "teams": ["nowhere"]}), "/teams"),
        (json!({"name": "a", "role": "light", "colour": "red"}), "/colour"),
    ] {
        client.post("/v1/tokens", &body).await.expect_problem(422, "body-invalid", Some(pointer));
    }
}
