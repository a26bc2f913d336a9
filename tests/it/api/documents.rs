//! Documents.

use axum::http::Method;
use backchannel::domain::vocabulary::Role;
use serde_json::json;

use crate::api::client::{Answer, Client, document};
use crate::support::app::TestApp;

async fn upload(client: &Client, parts: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (head, text) in parts {
        body.extend(["--b\r\nContent-Disposition: form-data; ", head, "\r\n\r\n", text, "\r\n"]);
    }
    body.push_str("--b--\r\n");
    client.raw(Method::POST, "/v1/documents", "multipart/form-data; boundary=b", body).await
}

#[tokio::test]
async fn a_document_is_taken_in_read_and_forgotten() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let created = client.post("/v1/documents", &document("returns")).await.expect(201);
    let path = format!("/v1/documents/{}", created["id"].as_str().unwrap());
    let read = client.get(&path).await.expect(200);
    assert!(read["text"].as_str().unwrap().contains("30 days"));
    assert_eq!((&read["audience"], &read["language"]), (&"public".into(), &"en".into()));
    assert_eq!(client.get("/v1/documents").await.expect(200)["items"][0]["external_id"], "returns");
    assert_eq!(client.delete(&path).await.status, 204);
    client.get(&path).await.expect_problem(404, "not-found", None);
    client.delete(&path).await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn the_same_document_twice_is_one_document() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let first = client.post("/v1/documents", &document("returns")).await.expect(201);
    let second = client.post("/v1/documents", &document("returns")).await.expect(200);
    assert_eq!(first["id"], second["id"]);
}

#[tokio::test]
async fn a_file_is_taken_in_with_what_is_said_about_it() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let file = (r#"name="file"; filename="refunds.md""#, "# Refunds\n\nFive working days.");
    let created = upload(&client, &[file, (r#"name="audience""#, "internal"), (r#"name="title""#, "How to refund")]).await.expect(201);
    assert_eq!((&created["external_id"], &created["title"]), (&"refunds.md".into(), &"How to refund".into()));
}

#[tokio::test]
async fn a_part_that_cannot_be_used_is_pointed_at() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let file = (r#"name="file"; filename="a.md""#, "text");
    upload(&client, &[file, (r#"name="titel""#, "x")]).await.expect_problem(422, "body-invalid", Some("/titel"));
    upload(&client, &[file, (r#"name="audience""#, "all")]).await.expect_problem(422, "body-invalid", Some("/audience"));
    upload(&client, &[]).await.expect_problem(422, "body-invalid", Some("/file"));
}

#[tokio::test]
async fn a_document_may_be_larger_than_other_bodies() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let mut large = document("large");
    large["text"] = "A sentence about returns. ".repeat(60_000).into();
    assert!(large.to_string().len() > 1024 * 1024);
    client.post("/v1/documents", &large).await.expect(201);
}

#[tokio::test]
async fn a_document_without_text_is_pointed_at() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let empty = json!({"external_id": "x", "text": " "});
    client.post("/v1/documents", &empty).await.expect_problem(422, "body-invalid", Some("/text"));
}
