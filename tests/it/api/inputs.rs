//! Bad input: every kind of it is a problem document that points at the place, and none is an internal error.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::Method;
use backchannel::domain::vocabulary::Role;
use futures::StreamExt;
use serde_json::json;

use crate::api::client::{Client, ticket};
use crate::support::app::TestApp;

const TICKETS: &str = "/v1/tickets";

async fn send(kind: &str, body: Vec<u8>) -> crate::api::client::Answer {
    let app = TestApp::new().await;
    Client::new(&app, Role::Service).raw(Method::POST, TICKETS, kind, body).await
}

#[tokio::test]
async fn truncated_json_is_answered_with_400_and_the_place() {
    let body = br#"{"subject":"a","requester":{"email":"an"#.to_vec();
    send("application/json", body).await.expect_problem(400, "body-not-json", Some("/requester/email"));
}

#[tokio::test]
async fn an_empty_body_is_answered_with_400() {
    send("application/json", Vec::new()).await.expect_problem(400, "body-not-json", Some(""));
}

#[tokio::test]
async fn a_body_that_is_not_utf_8_is_answered_with_400() {
    let body = b"{\"subject\":\"caf\xe9\",\"body\":\"x\",\"requester\":{\"email\":\"ana@mail.example\"}}".to_vec();
    send("application/json", body).await.expect_problem(400, "body-not-json", Some(""));
}

#[tokio::test]
async fn an_oversized_body_is_answered_with_413() {
    let mut body = ticket("T-1");
    body["body"] = "x ".repeat(1024 * 1024).into();
    send("application/json", body.to_string().into_bytes()).await.expect_problem(413, "body-too-large", None);
}

#[tokio::test]
async fn a_pdf_of_200_mb_is_refused_before_it_has_all_arrived() {
    const PIECE: usize = 1 << 20;
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"scan.pdf\"\r\n\r\n%PDF-1.7\n";
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let pieces = futures::stream::iter(0..200).map(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from(vec![b' '; PIECE]))
    });
    // Without a length, as a client sends what it reads from elsewhere.
    let body = Body::from_stream(futures::stream::iter([Ok(Bytes::from(head))]).chain(pieces));
    let answer = client.raw(Method::POST, "/v1/documents", "multipart/form-data; boundary=b", body).await;
    let problem = answer.expect_problem(413, "body-too-large", None);
    assert!(problem["detail"].as_str().unwrap().contains("64 MiB"), "{problem}");
    assert!(sent.load(Ordering::Relaxed) <= 66, "{} MiB were read", sent.load(Ordering::Relaxed));
}

#[tokio::test]
async fn another_content_type_is_answered_with_415() {
    let body = ticket("T-1").to_string().into_bytes();
    send("text/plain", body).await.expect_problem(415, "media-type-unsupported", None);
}

#[tokio::test]
async fn an_unknown_field_is_answered_with_the_nearest_known_one() {
    let mut body = ticket("T-1");
    body["subjekt"] = "x".into();
    let problem = send("application/json", body.to_string().into_bytes()).await.expect_problem(422, "body-invalid", Some("/subjekt"));
    assert!(problem["detail"].as_str().unwrap().ends_with("did you mean `subject`?"), "{problem}");
}

#[tokio::test]
async fn a_wrong_type_is_answered_with_its_place() {
    let mut body = ticket("T-1");
    body["comments"] = json!([{"author": "ana@mail.example", "public": "yes", "body": "x"}]);
    send("application/json", body.to_string().into_bytes()).await.expect_problem(422, "body-invalid", Some("/comments/0/public"));
}

#[tokio::test]
async fn a_ticket_without_subject_and_body_is_answered_with_422() {
    let mut body = ticket("T-1");
    (body["subject"], body["body"]) = ("".into(), " \n".into());
    send("application/json", body.to_string().into_bytes()).await.expect_problem(422, "body-invalid", Some("/body"));
}

#[tokio::test]
async fn a_comment_for_a_missing_ticket_is_answered_with_404() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    let comment = json!({"author": "tom@alderwick.example", "public": true, "body": "x"});
    for reference in ["T-404", "019aa0e2-7c00-7000-8000-000000000404"] {
        client.post(&format!("{TICKETS}/{reference}/comments"), &comment).await.expect_problem(404, "not-found", None);
    }
}

#[tokio::test]
async fn the_same_ticket_twice_is_one_ticket() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let first = client.post(TICKETS, &ticket("T-1")).await.expect(201);
    let second = client.post(TICKETS, &ticket("T-1")).await.expect(200);
    assert_eq!(first["id"], second["id"]);
    assert_eq!(client.get(TICKETS).await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_text_of_only_invisible_characters_makes_the_triage_abstain() {
    let app = TestApp::new().await;
    let text = json!({"subject": "", "body": "\u{200b}\u{2060}\u{feff}\u{e0041}"});
    let triage = Client::new(&app, Role::Service).post("/v1/triage", &text).await.expect(200);
    assert!(triage["intent"].is_null(), "{triage}");
    assert!(triage["abstained"]["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{triage}");
    assert_eq!(triage["abstained"]["reason_code"], "no_words");
}

#[tokio::test]
async fn a_word_of_a_megabyte_is_no_internal_error() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let over = json!({"subject": "", "body": "a".repeat(1024 * 1024)});
    client.post("/v1/triage", &over).await.expect_problem(413, "body-too-large", None);
    let under = json!({"subject": "", "body": "a".repeat(1024 * 1024 - 64)});
    client.post("/v1/triage", &under).await.expect(200);
}
