//! Attachments.

use std::path::PathBuf;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, Method};
use backchannel::app::{App, Clock, UnsentLimits, Work};
use backchannel::blobs::Blobs;
use backchannel::domain::attachment::Attachment;
use backchannel::domain::audience::{Reader, Scope};
use backchannel::domain::id::AttachmentId;
use backchannel::domain::job::JobKind;
use backchannel::domain::vocabulary::Role;
use backchannel::store;
use backchannel::text::extract::Limits;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::api::client::{Answer, Client, thread, ticket, upload};
use crate::support::app::{ATTACHMENT_LIMIT_BYTES, TestApp, parts};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
const PAGE: &[u8] = b"<!doctype html><script>document.title = 'ran'</script>";

async fn with_ticket() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    (app, client)
}

fn note(public: bool, files: &[&Value]) -> Value {
    json!({"author": "tom@alderwick.example", "public": public, "body": "see the file", "attachment_ids": files})
}

async fn bytes(app: &TestApp, client: &Client, id: &Value, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = client.request(&Method::GET, &format!("/v1/attachments/{}/content", id.as_str().unwrap()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
}

async fn multipart(client: &Client, key: Option<&str>, boundary: &str, parts: &[(&str, &[u8])]) -> Answer {
    let mut body = Vec::new();
    for (head, bytes) in parts {
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let mut request = client.request(&Method::POST, "/v1/attachments");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let kind = format!("multipart/form-data; boundary={boundary}");
    client.send(request.header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap()).await
}

/// A clock so far ahead that every file on the disk is old.
fn late() -> Clock {
    Clock::fixed("2100-01-01T00:00:00Z".parse().unwrap())
}

/// Where the bytes of an attachment lie.
fn bytes_path(app: &TestApp, file: &Value) -> PathBuf {
    let (start, rest) = file["sha256"].as_str().unwrap().split_at(2);
    app.folder.path().join("attachments").join(app.admin.workspace.to_string()).join(start).join(rest)
}

async fn read(app: &TestApp, file: &Value) -> Work {
    app.app.work(app.admin.workspace, &JobKind::ReadAttachment(file["id"].as_str().unwrap().parse().unwrap())).await
}

async fn read_state(client: &Client, file: &Value) -> Value {
    client.get(&format!("/v1/attachments/{}", file["id"].as_str().unwrap())).await.expect(200)["read_state"].clone()
}

/// How many files lie in the folder of attachments.
fn files(app: &TestApp) -> usize {
    walkdir::WalkDir::new(app.folder.path().join("attachments"))
        .into_iter()
        .filter(|entry| entry.as_ref().unwrap().file_type().is_file())
        .count()
}

#[tokio::test]
async fn a_file_is_uploaded_sent_with_a_comment_and_read_back() {
    let (app, client) = with_ticket().await;
    let file = multipart(&client, None, "b", &[(r#"name="file"; filename="photo.png""#, PNG)]).await.expect(201);
    assert_eq!((&file["name"], &file["media_type"], &file["claimed_type"]), (&"photo.png".into(), &"image/png".into(), &Value::Null));
    assert_eq!((&file["ticket"], &file["read_state"]), (&Value::Null, &"waiting".into()));
    let comment = client.post("/v1/tickets/T-1/comments", &note(true, &[&file["id"]])).await.expect(201);
    assert_eq!(comment["attachments"][0]["comment"], comment["id"]);
    let read = client.get("/v1/tickets/T-1").await.expect(200);
    assert_eq!(read["comments"][0]["attachments"], comment["attachments"]);
    assert_eq!(read["attachments"], json!([]));
    let (status, _, body) = bytes(&app, &Client::new(&app, Role::Light), &file["id"], &[]).await;
    assert_eq!((status, body.as_slice()), (200, PNG));
    let meta = client.get(&format!("/v1/attachments/{}", file["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&meta["size_bytes"], &meta["sha256"]), (&PNG.len().into(), &file["sha256"]));
}

#[tokio::test]
async fn files_go_with_tickets_side_conversations_and_messages_too() {
    let (_app, client) = with_ticket().await;
    let mut files = Vec::new();
    for name in ["ticket.txt", "comment.txt", "opening.txt", "message.txt"] {
        files.push(upload(&client, name, name.as_bytes()).await.expect(201)["id"].clone());
    }
    let mut new = ticket("T-2");
    new["attachment_ids"] = json!([files[0]]);
    new["comments"] = json!([note(false, &[&files[1]])]);
    let created = client.post("/v1/tickets", &new).await.expect(201);
    assert_eq!((&created["attachments"][0]["id"], &created["comments"][0]["attachments"][0]["id"]), (&files[0], &files[1]));
    let mut side = thread();
    side["attachment_ids"] = json!([files[2]]);
    let side = client.post("/v1/tickets/T-2/side-conversations", &side).await.expect(201);
    assert_eq!(side["messages"][0]["attachments"][0]["id"], files[2]);
    let path = format!("/v1/side-conversations/{}/messages", side["id"].as_str().unwrap());
    let message = json!({"author": "sunil.mehta@alderwick.example", "body": "here", "attachment_ids": [files[3]]});
    assert_eq!(client.post(&path, &message).await.expect(201)["attachments"][0]["side_conversation"], side["id"]);
    let listed = client.get("/v1/tickets/T-2/side-conversations").await.expect(200);
    assert_eq!(listed["items"][0]["messages"][1]["attachments"][0]["id"], files[3]);
}

#[tokio::test]
async fn an_unsent_file_is_its_uploaders_alone() {
    let (app, client) = with_ticket().await;
    let file = upload(&client, "a.txt", b"words").await.expect(201);
    let path = format!("/v1/attachments/{}", file["id"].as_str().unwrap());
    for other in [Role::Admin, Role::Approver, Role::Service] {
        let other = Client::new(&app, other);
        other.get(&path).await.expect_problem(404, "not-found", None);
        other.get(&format!("{path}/content")).await.expect_problem(404, "not-found", None);
        other.delete(&path).await.expect_problem(404, "not-found", None);
        let refused = other.post("/v1/tickets/T-1/comments", &note(true, &[&file["id"]])).await;
        refused.expect_problem(422, "body-invalid", Some("/attachment_ids/0"));
    }
    assert_eq!(client.get("/v1/tickets/T-1").await.expect(200)["comments"], json!([]), "a refused file leaves no comment");
    assert_eq!(client.delete(&path).await.status, 204);
    client.get(&path).await.expect_problem(404, "not-found", None);
    assert_eq!(files(&app), 0);
}

#[tokio::test]
async fn an_id_that_is_unknown_foreign_or_taken_is_pointed_at() {
    let (app, client) = with_ticket().await;
    let foreign = Client::with(&app, &app.foreign_admin);
    let other = upload(&foreign, "a.txt", b"words").await.expect(201);
    let taken = upload(&client, "b.txt", b"more words").await.expect(201);
    client.post("/v1/tickets/T-1/comments", &note(true, &[&taken["id"]])).await.expect(201);
    let unknown = json!("019aa0e2-7c00-7000-8000-0000000aa001");
    let fresh = upload(&client, "c.txt", b"fresh").await.expect(201);
    for (bad, place) in [(&other["id"], 1), (&unknown, 1), (&taken["id"], 1)] {
        let answer = client.post("/v1/tickets/T-1/comments", &note(false, &[&fresh["id"], bad])).await;
        answer.expect_problem(422, "body-invalid", Some(&format!("/attachment_ids/{place}")));
    }
    client.post("/v1/tickets/T-1/comments", &note(false, &[&json!("x")])).await.expect_problem(
        422,
        "body-invalid",
        Some("/attachment_ids/0"),
    );
    // What stood beside the bad one is still there to be sent.
    client.post("/v1/tickets/T-1/comments", &note(false, &[&fresh["id"]])).await.expect(201);
}

#[tokio::test]
async fn the_same_message_sent_again_has_its_files_once() {
    let (app, client) = with_ticket().await;
    let mut comment = note(true, &[]);
    comment["created_at"] = "2026-07-01T10:00:00Z".into();
    for _ in 0..2 {
        let file = upload(&client, "a.txt", b"words").await.expect(201);
        comment["attachment_ids"] = json!([file["id"]]);
        for _ in 0..2 {
            let kept = client.post("/v1/tickets/T-1/comments", &comment).await;
            // The second upload was folded into the first and is no more.
            if kept.status == 201 {
                assert_eq!(kept.body["attachments"].as_array().unwrap().len(), 1, "{}", kept.body);
            }
        }
    }
    assert_eq!(client.get("/v1/tickets/T-1").await.expect(200)["comments"][0]["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(files(&app), 1, "the same bytes are one file");
}

#[tokio::test]
async fn a_file_over_the_limit_is_cut_off_and_leaves_nothing() {
    let (app, client) = with_ticket().await;
    let large = vec![b'a'; usize::try_from(ATTACHMENT_LIMIT_BYTES).unwrap() + 1];
    let problem = upload(&client, "a.txt", &large).await.expect_problem(413, "body-too-large", None);
    assert!(problem["detail"].as_str().unwrap().contains("1048576"), "{problem}");
    multipart(&client, None, "b", &[(r#"name="file"; filename="a.txt""#, &large)]).await.expect_problem(413, "body-too-large", None);
    assert_eq!(files(&app), 0);
    upload(&client, "a.txt", &large[1..]).await.expect(201);
}

#[tokio::test]
async fn a_body_that_is_no_file_is_a_problem() {
    let (app, client) = with_ticket().await;
    upload(&client, "a.txt", b"").await.expect_problem(422, "body-invalid", Some("/file"));
    multipart(&client, None, "b", &[]).await.expect_problem(422, "body-invalid", Some("/file"));
    multipart(&client, None, "b", &[(r#"name="fiel""#, b"x")]).await.expect_problem(422, "body-invalid", Some("/fiel"));
    let without = client.raw(Method::POST, "/v1/attachments", "text/plain", "words").await;
    without.expect_problem(400, "query-invalid", Some("/name"));
    let cut = client
        .raw(
            Method::POST,
            "/v1/attachments",
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf",
        )
        .await;
    cut.expect_problem(400, "body-not-multipart", None);
    assert_eq!(files(&app), 0);
}

#[tokio::test]
async fn an_upload_with_a_key_is_done_once() {
    let (app, client) = with_ticket().await;
    let part: &[(&str, &[u8])] = &[(r#"name="file"; filename="a.txt""#, b"words")];
    let first = multipart(&client, Some("k-1"), "b", part).await.expect(201);
    let again = multipart(&client, Some("k-1"), "other-boundary", part).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(201), first);
    let other: &[(&str, &[u8])] = &[(r#"name="file"; filename="a.txt""#, b"other words")];
    multipart(&client, Some("k-1"), "b", other).await.expect_problem(422, "idempotency-key-reused", None);
    assert_eq!(files(&app), 1);
}

#[tokio::test]
async fn whatever_its_name_claims_a_file_is_served_as_what_it_is_and_can_do_nothing() {
    let (app, client) = with_ticket().await;
    let file = upload(&client, "photo.png", PAGE).await.expect(201);
    assert_eq!((&file["media_type"], &file["claimed_type"]), (&"text/html".into(), &"image/png".into()));
    let (_, headers, body) = bytes(&app, &client, &file["id"], &[]).await;
    assert_eq!(body, PAGE);
    let header = |name: &str| headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "text/html");
    assert_eq!(header("content-disposition"), "attachment; filename=\"photo.png\"; filename*=UTF-8''photo.png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(header("cache-control"), "private, no-cache");
    assert_eq!(header("etag"), format!("\"{}\"", file["sha256"].as_str().unwrap()));
}

#[tokio::test]
async fn a_name_that_deceives_is_stored_without_what_deceives() {
    let (app, client) = with_ticket().await;
    let file = upload(&client, "../in\u{202e}fdp\r\nx: y\u{0}.exe", b"MZ\x90\0").await.expect(201);
    assert_eq!(file["name"], "infdp  x: y.exe");
    let (_, headers, _) = bytes(&app, &client, &file["id"], &[]).await;
    assert!(!headers.contains_key("x"));
}

#[tokio::test]
async fn a_part_of_a_file_and_an_unchanged_file_are_answered_as_such() {
    let (app, client) = with_ticket().await;
    let file = upload(&client, "a.txt", b"0123456789").await.expect(201);
    let (status, headers, body) = bytes(&app, &client, &file["id"], &[(RANGE.as_str(), "bytes=2-4")]).await;
    assert_eq!((status, body.as_slice(), headers["content-range"].to_str().unwrap()), (206, b"234".as_slice(), "bytes 2-4/10"));
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let (status, _, body) = bytes(&app, &client, &file["id"], &[("if-none-match", &tag)]).await;
    assert_eq!((status, body.len()), (304, 0));
}

#[tokio::test]
async fn what_a_file_says_is_found_cited_and_forgotten() {
    let (app, client) = with_ticket().await;
    let log = b"2026-07-20 10:00 boot\n\nThe flux capacitor reported error QX-778 after the firmware update.\n";
    let file = upload(&client, "device.log", log).await.expect(201);
    client.post("/v1/tickets/T-1/comments", &note(false, &[&file["id"]])).await.expect(201);
    app.work().await;
    let path = format!("/v1/attachments/{}", file["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.expect(200)["read_state"], "read");
    let query = json!({"query": "flux capacitor error QX-778", "kinds": ["attachment"]});
    let found = client.post("/v1/search", &query).await.expect(200);
    assert_eq!(found["items"][0]["source"]["attachment"], file["id"], "{found}");
    assert_eq!(found["items"][0]["title"], "device.log");
    let answer = client.post("/v1/tickets/T-1/ask", &json!({"question": "What did the flux capacitor report?"})).await.expect(200);
    assert_eq!(answer["looked_in"]["attachments"], 1);
    assert_eq!(answer["sentences"][0]["evidence"][0]["source"]["kind"], "attachment", "{answer}");
    assert_eq!(answer["sentences"][0]["evidence"][0]["title"], "device.log");

    client.delete(&path).await.expect_problem(403, "forbidden", None);
    assert_eq!(Client::new(&app, Role::Admin).delete(&path).await.status, 204);
    app.work().await;
    assert_eq!(client.post("/v1/search", &query).await.expect(200)["items"], json!([]));
    assert_eq!(files(&app), 0);
}

#[tokio::test]
async fn a_file_without_text_and_one_that_cannot_be_read_say_so() {
    let (app, client) = with_ticket().await;
    let photo = upload(&client, "photo.png", PNG).await.expect(201);
    let broken = upload(&client, "broken.pdf", b"%PDF-1.7\nnot really").await.expect(201);
    client.post("/v1/tickets/T-1/comments", &note(true, &[&photo["id"], &broken["id"]])).await.expect(201);
    app.work().await;
    let read = client.get("/v1/tickets/T-1").await.expect(200)["comments"][0]["attachments"].clone();
    assert_eq!((&read[0]["read_state"], &read[0]["read_reason"]), (&"nothing".into(), &Value::Null));
    assert_eq!(read[1]["read_state"], "refused");
    assert!(read[1]["read_reason"].as_str().unwrap().contains("PDF") || read[1]["read_reason"].as_str().unwrap().contains("pdf"), "{read}");
}

#[tokio::test]
async fn what_is_never_sent_is_forgotten_after_a_day_and_its_bytes_a_week_later() {
    let clock = late();
    let app = TestApp::with(|parts| parts.clock = clock.clone()).await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let sent = upload(&client, "sent.txt", b"sent").await.expect(201);
    client.post("/v1/tickets/T-1/comments", &note(true, &[&sent["id"]])).await.expect(201);
    let unsent = upload(&client, "unsent.txt", b"unsent").await.expect(201);
    let path = format!("/v1/attachments/{}", unsent["id"].as_str().unwrap());
    clock.advance(23 * 3600);
    app.app.forget_unsent().await.unwrap();
    app.app.tidy_attachments().await.unwrap();
    client.get(&path).await.expect(200);
    assert_eq!(files(&app), 2);
    clock.advance(2 * 3600);
    app.app.forget_unsent().await.unwrap();
    client.get(&path).await.expect_problem(404, "not-found", None);
    app.app.tidy_attachments().await.unwrap();
    assert_eq!(files(&app), 2, "a newer database may say that it was sent");
    clock.advance(7 * 24 * 3600);
    app.app.tidy_attachments().await.unwrap();
    assert_eq!(files(&app), 1);
    assert_eq!(bytes(&app, &client, &sent["id"], &[]).await.2, b"sent");
}

#[tokio::test]
async fn files_in_a_mail_that_is_attached_become_attachments_of_the_same_comment() {
    let (app, client) = with_ticket().await;
    let mail = "From: ana@mail.example\r\nSubject: the log\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                --b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--b\r\nContent-Type: text/plain; name=boot.log\r\n\
                Content-Disposition: attachment; filename=boot.log\r\n\r\nthe warp coil failed at boot\r\n--b--\r\n";
    let file = upload(&client, "mail.eml", mail.as_bytes()).await.expect(201);
    assert_eq!(file["media_type"], "message/rfc822");
    client.post("/v1/tickets/T-1/comments", &note(false, &[&file["id"]])).await.expect(201);
    app.work().await;
    // Reading it again adds nothing.
    app.app.work(app.admin.workspace, &JobKind::ReadAttachment(file["id"].as_str().unwrap().parse().unwrap())).await;
    app.work().await;
    let read = client.get("/v1/tickets/T-1").await.expect(200)["comments"][0]["attachments"].clone();
    let names: Vec<&str> = read.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["mail.eml", "boot.log"], "{read}");
    let found = client.post("/v1/search", &json!({"query": "warp coil", "kinds": ["attachment"]})).await.expect(200);
    let titles: Vec<&str> = found["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect();
    assert!(titles.contains(&"boot.log"), "{found}");
}

#[tokio::test]
async fn a_database_that_does_not_know_a_workspace_costs_it_no_file() {
    let (app, client) = with_ticket().await;
    let file = upload(&client, "a.txt", b"words").await.expect(201);
    client.post("/v1/tickets/T-1/comments", &note(true, &[&file["id"]])).await.expect(201);
    let folder = app.folder.path().join("attachments");
    let wrong = TestApp::with(|parts| {
        parts.clock = late();
        parts.blobs = Blobs::open(&folder, ATTACHMENT_LIMIT_BYTES).unwrap();
    })
    .await;
    wrong.app.tend().await.unwrap();
    wrong.app.tidy_attachments().await.unwrap();
    assert!(bytes_path(&app, &file).is_file());
    assert_eq!(bytes(&app, &client, &file["id"], &[]).await.2, b"words");
}

#[tokio::test]
async fn a_file_that_the_database_forgot_lies_aside_for_a_week_and_is_found_by_the_database_that_knows_it() {
    let clock = late();
    let app = TestApp::with(|parts| parts.clock = clock.clone()).await;
    let client = Client::new(&app, Role::Agent);
    let file = upload(&client, "a.txt", b"words").await.expect(201);
    let id: AttachmentId = file["id"].as_str().unwrap().parse().unwrap();
    let known = Attachment {
        id,
        workspace: app.admin.workspace,
        hash: file["sha256"].as_str().unwrap().parse().unwrap(),
        name: "a.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        claimed_type: None,
        size_bytes: 5,
        uploaded_by: app.admin.name.clone(),
        created_at: clock.now(),
        place: None,
        reading: backchannel::domain::attachment::Reading::waiting(),
    };
    // An older database is put back, which has never heard of the file ...
    let forget = async || {
        let mut tx = app.store.begin().await.unwrap();
        store::attachment::remove(&mut tx, app.admin.workspace, id).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    };
    forget().await;
    app.app.tidy_attachments().await.unwrap();
    assert!(!bytes_path(&app, &file).exists());
    assert_eq!(files(&app), 1);
    // ... and then the right one, which finds it again.
    let mut tx = app.store.begin().await.unwrap();
    store::attachment::insert(&mut tx, &known).await.unwrap();
    tx.commit().await.unwrap();
    app.app.tidy_attachments().await.unwrap();
    assert!(bytes_path(&app, &file).is_file());
    assert_eq!(app.app.attachment_file(&app.admin, id).await.unwrap().attachment, known);
    // What nobody misses goes.
    forget().await;
    app.app.tidy_attachments().await.unwrap();
    clock.advance(6 * 24 * 3600);
    app.app.tidy_attachments().await.unwrap();
    assert_eq!(files(&app), 1);
    clock.advance(24 * 3600);
    app.app.tidy_attachments().await.unwrap();
    assert_eq!(files(&app), 0);
}

#[tokio::test]
async fn a_file_that_the_disk_refuses_keeps_no_other_from_being_tidied() {
    let app = TestApp::with(|parts| parts.clock = late()).await;
    let client = Client::new(&app, Role::Agent);
    let mut uploaded = Vec::new();
    for words in ["one", "two", "three"] {
        uploaded.push(upload(&client, "a.txt", words.as_bytes()).await.expect(201));
    }
    // Who set them aside has died, and something stands where the first two have their names.
    for (number, file) in uploaded.iter().enumerate() {
        let aside = format!("{}.{}.0.{number}", app.admin.workspace, file["sha256"].as_str().unwrap());
        let path = bytes_path(&app, file);
        fs_err::rename(&path, app.folder.path().join("attachments/aside").join(aside)).unwrap();
        if number < 2 {
            fs_err::create_dir_all(path.join("in the way")).unwrap();
        }
    }
    app.app.tidy_attachments().await.unwrap();
    assert!(bytes_path(&app, &uploaded[2]).is_file());
    assert_eq!(files(&app), 3);
}

#[tokio::test]
async fn bytes_that_are_away_for_a_moment_are_read_later() {
    let (app, client) = with_ticket().await;
    let file = upload(&client, "a.txt", b"words").await.expect(201);
    client.post("/v1/tickets/T-1/comments", &note(true, &[&file["id"]])).await.expect(201);
    let path = bytes_path(&app, &file);
    fs_err::rename(&path, path.with_extension("away")).unwrap();
    let done = read(&app, &file).await;
    assert!(matches!(done, Work::Outside(_)), "{done:?}");
    assert_eq!(read_state(&client, &file).await, "waiting");
    fs_err::rename(path.with_extension("away"), &path).unwrap();
    app.work().await;
    assert_eq!(read_state(&client, &file).await, "read");
}

#[tokio::test]
async fn what_its_type_or_size_rules_out_is_not_read_from_the_disk() {
    let app = TestApp::with(|parts| parts.extraction.limits = Limits { max_input_bytes: 100, ..Limits::default() }).await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    for (name, bytes, state) in [("a.png", PNG, "nothing"), ("long.txt", [b'a'; 101].as_slice(), "refused")] {
        let file = upload(&client, name, bytes).await.expect(201);
        client.post("/v1/tickets/T-1/comments", &note(true, &[&file["id"]])).await.expect(201);
        fs_err::remove_file(bytes_path(&app, &file)).unwrap();
        assert!(matches!(read(&app, &file).await, Work::Done));
        assert_eq!(read_state(&client, &file).await, state);
    }
}

#[tokio::test]
async fn what_waits_to_be_sent_has_a_limit_for_each_uploader() {
    let app = TestApp::with(|parts| parts.unsent = UnsentLimits { files: 3, bytes: 10 }).await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let first = upload(&client, "a.txt", b"12345").await.expect(201);
    let problem = upload(&client, "b.txt", b"123456").await.expect_problem(409, "conflict", None);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("3 files and 10 bytes") && detail.contains("send some with a message"), "{detail}");
    assert_eq!(files(&app), 1, "what is refused leaves nothing");
    upload(&client, "b.txt", b"1234").await.expect(201);
    upload(&client, "c.txt", b"1").await.expect(201);
    upload(&client, "d.txt", b"2").await.expect_problem(409, "conflict", None);
    upload(&Client::new(&app, Role::Admin), "d.txt", b"2").await.expect(201);
    // What was sent, and what was taken back, waits no more.
    client.post("/v1/tickets/T-1/comments", &note(true, &[&first["id"]])).await.expect(201);
    let more = upload(&client, "e.txt", b"34567").await.expect(201);
    upload(&client, "f.txt", b"8").await.expect_problem(409, "conflict", None);
    assert_eq!(client.delete(&format!("/v1/attachments/{}", more["id"].as_str().unwrap())).await.status, 204);
    upload(&client, "f.txt", b"8").await.expect(201);
}

#[tokio::test]
async fn a_note_that_is_there_as_a_reply_is_refused_with_its_file() {
    let (_app, client) = with_ticket().await;
    let file = upload(&client, "a.txt", b"words").await.expect(201);
    let mut comment = note(true, &[]);
    comment["created_at"] = "2026-07-01T10:00:00Z".into();
    client.post("/v1/tickets/T-1/comments", &comment).await.expect(201);
    comment["public"] = false.into();
    comment["attachment_ids"] = json!([file["id"]]);
    let problem = client.post("/v1/tickets/T-1/comments", &comment).await.expect_problem(409, "conflict", Some("/public"));
    assert!(problem["detail"].as_str().unwrap().contains("already as a public comment"), "{problem}");
    let mut again = ticket("T-1");
    again["comments"] = json!([{"author": "tom@alderwick.example", "public": true, "body": "another"}, comment]);
    let problem = client.post("/v1/tickets", &again).await.expect_problem(409, "conflict", Some("/comments/1"));
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("send it with `public` true") && detail.contains("nothing of what was sent was taken in"), "{detail}");
    let read = client.get("/v1/tickets/T-1").await.expect(200);
    assert_eq!(read["comments"].as_array().unwrap().len(), 1);
    assert_eq!(read["comments"][0]["attachments"], json!([]));
    client.get(&format!("/v1/attachments/{}", file["id"].as_str().unwrap())).await.expect(200);
}

/// A mail with a file in it.
const MAIL: &[u8] = b"From: ana@mail.example\r\nSubject: the log\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--b\r\nContent-Type: text/plain; name=boot.log\r\n\
    Content-Disposition: attachment; filename=boot.log\r\n\r\nthe warp coil failed at boot\r\n--b--\r\n";

#[cfg(unix)]
#[tokio::test]
async fn a_file_in_a_mail_goes_where_its_side_conversation_went_while_the_mail_was_read() {
    use std::os::unix::fs::PermissionsExt;

    let pipes = tempfile::tempdir().unwrap();
    let pipe = |name: &str| pipes.path().join(name);
    for name in ["begun", "go"] {
        assert!(std::process::Command::new("mkfifo").arg(pipe(name)).status().unwrap().success());
    }
    // The reader tells that it has begun, and waits until it may go on.
    let reader = pipe("reader");
    let lines = format!(
        "#!/bin/sh\necho begun > '{}'\nread go < '{}'\nexec '{}' \"$@\"\n",
        pipe("begun").display(),
        pipe("go").display(),
        env!("CARGO_BIN_EXE_backchannel")
    );
    fs_err::write(&reader, lines).unwrap();
    fs_err::set_permissions(&reader, std::fs::Permissions::from_mode(0o755)).unwrap();
    let app = TestApp::with(|parts| parts.extraction.program = reader).await;
    let client = Client::new(&app, Role::Agent);
    for name in ["T-1", "T-2"] {
        client.post("/v1/tickets", &ticket(name)).await.expect(201);
    }
    let mail = upload(&client, "mail.eml", MAIL).await.expect(201);
    let mut side = thread();
    side["external_id"] = "SC-1".into();
    side["attachment_ids"] = json!([mail["id"]]);
    client.post("/v1/tickets/T-1/side-conversations", &side).await.expect(201);

    let (service, workspace) = (app.app.clone(), app.admin.workspace);
    let job = JobKind::ReadAttachment(mail["id"].as_str().unwrap().parse().unwrap());
    let reading = tokio::spawn(async move { service.work(workspace, &job).await });
    fs_err::tokio::read(pipe("begun")).await.unwrap();
    side.as_object_mut().unwrap().remove("attachment_ids");
    client.post("/v1/tickets/T-2/side-conversations", &side).await.expect(200);
    fs_err::tokio::write(pipe("go"), "go\n").await.unwrap();
    assert!(matches!(reading.await.unwrap(), Work::Done));

    let there = client.get("/v1/tickets/T-2/side-conversations").await.expect(200);
    let files = there["items"][0]["messages"][0]["attachments"].as_array().unwrap();
    let names: Vec<&str> = files.iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["mail.eml", "boot.log"], "{there}");
    assert_eq!(files[0]["ticket"], files[1]["ticket"]);
}

#[tokio::test]
async fn files_of_a_mail_that_find_no_room_fill_nobodys_quota() {
    let (app, client) = with_ticket().await;
    let part = |mail: usize, number: usize| {
        format!(
            "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename={mail}-{number}.txt\r\n\r\nfile {number} of mail {mail}\r\n"
        )
    };
    let head = "From: ana@mail.example\r\nSubject: logs\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n";
    let mut mails = Vec::new();
    for mail in 0..3 {
        let bytes = format!("{head}{}--b--\r\n", (0..20).map(|number| part(mail, number)).collect::<String>());
        mails.push(upload(&client, &format!("{mail}.eml"), bytes.as_bytes()).await.expect(201));
    }
    let ids: Vec<&Value> = mails.iter().map(|mail| &mail["id"]).collect();
    client.post("/v1/tickets/T-1/comments", &note(false, &ids)).await.expect(201);
    for _ in 0..2 {
        for mail in &mails {
            assert!(matches!(read(&app, mail).await, Work::Done));
        }
        let read = client.get("/v1/tickets/T-1").await.expect(200);
        assert_eq!(read["comments"][0]["attachments"].as_array().unwrap().len(), 50, "the mails and what has room beside them");
        let everything = Scope::new(app.admin.workspace, Reader::Everything);
        let known =
            store::attachment::get(&app.store, &everything, "", mails[0]["id"].as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
        let unsent = store::attachment::unsent(&app.store, app.admin.workspace, &known.uploaded_by).await.unwrap();
        assert_eq!((unsent.files, files(&app)), (0, 50));
    }
}

#[tokio::test]
async fn a_file_in_a_mail_that_is_too_large_stays_in_the_mail() {
    let (app, client) = with_ticket().await;
    let mail = upload(&client, "mail.eml", MAIL).await.expect(201);
    client.post("/v1/tickets/T-1/comments", &note(false, &[&mail["id"]])).await.expect(201);
    let folder = tempfile::tempdir().unwrap();
    let mut parts = parts(app.store.clone(), &folder).await;
    parts.blobs = Blobs::open(&app.folder.path().join("attachments"), 10).unwrap();
    let job = JobKind::ReadAttachment(mail["id"].as_str().unwrap().parse().unwrap());
    let done = App::new(parts).work(app.admin.workspace, &job).await;
    assert!(matches!(done, Work::Done), "{done:?}");
    assert_eq!(read_state(&client, &mail).await, "read");
    assert_eq!(client.get("/v1/tickets/T-1").await.expect(200)["comments"][0]["attachments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_text_in_an_old_encoding_is_served_in_it_and_as_what_it_is() {
    let (app, client) = with_ticket().await;
    for (name, words, served) in [
        (
            "a.csv",
            b"id;produit;\xE9tat\n1;C\xE2ble charg\xE9;r\xE9par\xE9\n2;Bo\xEEtier;\xE0 exp\xE9dier\n".as_slice(),
            "text/csv; charset=windows-1252",
        ),
        ("b.csv", "nom\nHélène\n".as_bytes(), "text/csv; charset=utf-8"),
        ("c.json", b"{\"a\": 1}", "application/json"),
        ("d.txt", b"\xFF\xFEh\0i\0", "text/plain; charset=UTF-16LE"),
    ] {
        let file = upload(&client, name, words).await.expect(201);
        let (_, headers, body) = bytes(&app, &client, &file["id"], &[]).await;
        assert_eq!((headers[CONTENT_TYPE].to_str().unwrap(), body.as_slice()), (served, words));
        let (_, _, part) = bytes(&app, &client, &file["id"], &[(RANGE.as_str(), "bytes=0-1")]).await;
        assert_eq!(part, &words[..2]);
    }
}
