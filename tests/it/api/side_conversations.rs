//! Side conversations.

use axum::http::Method;
use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, thread, ticket};
use crate::support::app::TestApp;

async fn opened() -> (TestApp, Client, String) {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let thread = client.post("/v1/tickets/T-1/side-conversations", &thread()).await.expect(201);
    let path = format!("/v1/side-conversations/{}", thread["id"].as_str().unwrap());
    (app, client, path)
}

#[tokio::test]
async fn a_side_conversation_is_opened_answered_and_closed() {
    let (_app, client, path) = opened().await;
    let answer = json!({"author": "sunil.mehta@alderwick.example", "body": "Trace opened, answer within 48 h."});
    client.post(&format!("{path}/messages"), &answer).await.expect(201);
    let closed = client.json(Method::PATCH, &path, &json!({"state": "closed"})).await.expect(200);
    assert_eq!(closed["state"], "closed");
    let read = client.get(&path).await.expect(200);
    let bodies: Vec<&Value> = read["messages"].as_array().unwrap().iter().map(|message| &message["body"]).collect();
    assert_eq!(bodies, ["Please open a trace.", "Trace opened, answer within 48 h."]);
    let listed = client.get("/v1/tickets/T-1/side-conversations").await.expect(200);
    assert_eq!(listed["items"], json!([read]));
}

#[tokio::test]
async fn what_comes_together_without_moments_keeps_its_order() {
    let (_app, client, _) = opened().await;
    let said: Vec<String> = (0..9).map(|place| format!("Sentence {place}.")).collect();
    let written = |key: &str, value: Value| -> Vec<Value> {
        said.iter().map(|body| json!({"author": "tom@alderwick.example", "body": body, key: value})).collect()
    };
    let bodies = |of: &Value| -> Vec<Value> { of.as_array().unwrap().iter().map(|one| one["body"].clone()).collect() };
    let mut told = thread();
    told["messages"] = written("created_at", Value::Null).into();
    let opened = client.post("/v1/tickets/T-1/side-conversations", &told).await.expect(201);
    assert_eq!(bodies(&opened["messages"])[1..], said, "after the first one, which is the body");
    let mut told = ticket("T-2");
    told["comments"] = written("public", false.into()).into();
    let put = client.post("/v1/tickets", &told).await.expect(201);
    assert_eq!(bodies(&put["comments"]), said);
}

#[tokio::test]
async fn the_same_external_id_twice_is_one_side_conversation() {
    let (_app, client, _) = opened().await;
    let mut known = thread();
    known["external_id"] = "SC-1".into();
    let first = client.post("/v1/tickets/T-1/side-conversations", &known).await.expect(201);
    let second = client.post("/v1/tickets/T-1/side-conversations", &known).await.expect(200);
    assert_eq!(first["id"], second["id"]);
}

#[tokio::test]
async fn a_side_conversation_is_found_by_its_external_id_wherever_by_its_id() {
    let (_app, client, _) = opened().await;
    let mut known = thread();
    known["external_id"] = "SC-118".into();
    let opened = client.post("/v1/tickets/T-1/side-conversations", &known).await.expect(201);
    let read = client.get("/v1/side-conversations/SC-118").await.expect(200);
    assert_eq!(read, opened);
    let answer = json!({"author": "sunil.mehta@alderwick.example", "body": "Trace opened."});
    let message = client.post("/v1/side-conversations/SC-118/messages", &answer).await.expect(201);
    assert_eq!(message["body"], "Trace opened.");
    let closed = client.json(Method::PATCH, "/v1/side-conversations/SC-118", &json!({"state": "closed"})).await.expect(200);
    assert_eq!(closed["id"], opened["id"]);
    client.get("/v1/side-conversations/SC-118/summary").await.expect(200);
    for path in ["/v1/side-conversations/SC-none", "/v1/side-conversations/SC-none/summary"] {
        client.get(path).await.expect_problem(404, "not-found", None);
    }
}

#[tokio::test]
async fn a_summary_cites_messages() {
    let (_app, client, path) = opened().await;
    let answer = json!({"author": "sunil.mehta@alderwick.example", "body": "The parcel is lost. Please send a new one."});
    client.post(&format!("{path}/messages"), &answer).await.expect(201);
    let summary = client.get(&format!("{path}/summary")).await.expect(200);
    for cited in ["asked", "answered"] {
        if let Some(evidence) = summary[cited]["evidence"].as_array() {
            assert_eq!(evidence[0]["source"]["kind"], "message", "{summary}");
        }
    }
}

#[tokio::test]
async fn a_summary_tells_its_parts_under_their_speakers_and_what_was_said_about_something() {
    let (_app, client, _) = opened().await;
    let mut told = thread();
    told["created_at"] = "2026-11-15T09:00:00Z".into();
    let opened = client.post("/v1/tickets/T-1/side-conversations", &told).await.expect(201);
    let path = format!("/v1/side-conversations/{}", opened["id"].as_str().unwrap());
    let answer = json!({"author": "sunil.mehta@alderwick.example", "created_at": "2026-11-16T09:00:00Z",
        "body": "Hello,\nThe parcel is lost. I will refund £19.00 by Friday.\nThe depot closes at noon.\nSunil"});
    client.post(&format!("{path}/messages"), &answer).await.expect(201);
    let summary = client.get(&format!("{path}/summary?about=when%20does%20the%20depot%20close")).await.expect(200);
    let parts = &summary["parts"];
    assert_eq!(parts["asked"]["said"]["evidence"][0]["source"]["kind"], "message", "{summary}");
    let promised = &parts["commitments"][0];
    assert_eq!((&promised["who"], &promised["due"]), (&json!("sunil.mehta@alderwick.example"), &json!("2026-11-20")), "{summary}");
    assert_eq!(parts["facts"][0]["kind"], "amount", "{summary}");
    let about: Vec<&str> = parts["about"].as_array().unwrap().iter().filter_map(|told| told["said"]["text"].as_str()).collect();
    assert_eq!(about, ["The depot closes at noon."]);
    assert_eq!(summary["standing"], "answered_not_relayed");
    let without = client.get(&format!("{path}/summary")).await.expect(200);
    assert_eq!(without["parts"]["about"], json!([]));
    client.get(&format!("{path}/summary?about=")).await.expect_problem(422, "body-invalid", Some("/about"));
    client.get(&format!("{path}/summary?of=x")).await.expect_problem(400, "query-invalid", Some("/of"));
}

#[tokio::test]
async fn what_hangs_loose_brings_the_reply_or_the_reminder_that_is_drafted_for_it() {
    let (_app, client, path) = opened().await;
    let answer = json!({"author": "sunil.mehta@alderwick.example", "body": "The parcel is lost, send a new one."});
    client.post(&format!("{path}/messages"), &answer).await.expect(201);
    let mut silent = thread();
    silent["created_at"] = "2026-11-02T09:00:00Z".into();
    client.post("/v1/tickets/T-1/side-conversations", &silent).await.expect(201);
    let ends = client.get("/v1/loose-ends").await.expect(200);
    let drafts: Vec<(&str, &str)> = ends["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|end| (end["kind"].as_str().unwrap(), end["draft"]["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(drafts, [("answered_not_relayed", "reply"), ("stalled", "nudge")], "{ends}");
    assert_eq!(ends["items"][0]["draft"]["text"], "The parcel is lost, send a new one.");
    assert!(ends["items"][1]["draft"]["text"].as_str().unwrap().contains("Please open a trace."), "{ends}");
    assert_eq!(ends["items"][1]["draft"]["to"], json!(silent["participants"]));
}

#[tokio::test]
async fn a_card_number_for_an_outsider_is_warned_of() {
    let (_app, client, _) = opened().await;
    let check = json!({"body": "Her card is 4242 4242 4242 4242.", "recipients": ["petra.holm@norvik.example"]});
    let answer = client.post("/v1/side-conversations/check", &check).await.expect(200);
    assert_eq!(answer["ok"], false, "{answer}");
    assert!(answer["warnings"][0].as_str().unwrap().contains("…4242"), "{answer}");
    assert_eq!(answer["warning_codes"], json!(["must_not_leave"]));
}

#[tokio::test]
async fn a_draft_is_a_draft_or_null() {
    let (_app, client, _) = opened().await;
    let answer = client.post("/v1/side-conversations/draft", &json!({"ticket": "T-1"})).await.expect(200);
    assert!(answer["draft"].is_null() || answer["draft"]["recipients"].is_array(), "{answer}");
    client.post("/v1/side-conversations/draft", &json!({"ticket": "T-404"})).await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn an_unknown_side_conversation_is_not_found() {
    let (_app, client, _) = opened().await;
    for path in ["/v1/side-conversations/nothing", "/v1/side-conversations/019aa0e2-7c00-7000-8000-000000000404/summary"] {
        client.get(path).await.expect_problem(404, "not-found", None);
    }
}

#[tokio::test]
async fn what_is_named_as_context_is_quoted_and_what_the_ticket_does_not_have_is_refused() {
    let (_app, client, _) = opened().await;
    let comment = json!({"author": "ana@mail.example", "public": true, "body": "It came, broken."});
    let comment = client.post("/v1/tickets/T-1/comments", &comment).await.expect(201)["id"].as_str().unwrap().to_owned();
    let mut new = thread();
    new["context"] = json!([comment]);
    let opened = client.post("/v1/tickets/T-1/side-conversations", &new).await.expect(201);
    let body = opened["messages"][0]["body"].as_str().unwrap();
    assert!(body.starts_with("Please open a trace.\n\nOn ") && body.ends_with(" wrote:\n> It came, broken."), "{body}");
    new["context"] = json!(["ticket", "nothing"]);
    client.post("/v1/tickets/T-1/side-conversations", &new).await.expect_problem(422, "body-invalid", Some("/context/1"));
    new["context"] = json!(["019aa0e2-7c00-7000-8000-000000000404"]);
    client.post("/v1/tickets/T-1/side-conversations", &new).await.expect_problem(422, "body-invalid", Some("/context"));
}

#[tokio::test]
async fn what_was_left_hanging_is_listed_in_pages_each_once() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    for number in 1..=3 {
        client.post("/v1/tickets", &ticket(&format!("T-{number}"))).await.expect(201);
        let mut new = thread();
        new["external_id"] = format!("SC-{number}").into();
        new["created_at"] = format!("2026-01-1{}T09:00:00Z", 5 - number).into();
        client.post(&format!("/v1/tickets/T-{number}/side-conversations"), &new).await.expect(201);
    }
    let first = client.get("/v1/loose-ends?limit=2").await.expect(200);
    let references = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["reference"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(references(&first), ["SC-3", "SC-2"]);
    let item = &first["items"][0];
    assert_eq!((&item["kind"], &item["ticket_reference"]), (&json!("stalled"), &json!("T-3")));
    assert_eq!((&item["waiting_on"], &item["since"]), (&json!("sunil.mehta@alderwick.example"), &json!("2026-01-12T09:00:00Z")));
    assert!(item["text"].as_str().unwrap().starts_with("SC-3 has waited for"), "{item}");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = client.get(&format!("/v1/loose-ends?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((references(&second), &second["next_cursor"]), (vec!["SC-1".to_owned()], &Value::Null));
    // A place in another list is none in this one.
    let tickets = client.get("/v1/tickets?limit=1").await.expect(200);
    let foreign = format!("/v1/loose-ends?cursor={}", tickets["next_cursor"].as_str().unwrap());
    client.get(&foreign).await.expect_problem(400, "query-invalid", Some("/cursor"));
    let other = Client::with(&app, &app.foreign_admin);
    assert_eq!(other.get("/v1/loose-ends").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_mail_that_is_larger_than_what_is_read_is_taken_in_without_its_files() {
    let app = TestApp::with(|parts| parts.email.incoming_bytes = 10_000).await;
    let client = Client::new(&app, Role::Service);
    let head = "From: Una <una@other.example>\r\nMessage-ID: <1@other.example>\r\nSubject: lamp\r\n\r\nIt flickers. ";
    let mail = format!("{head}{}", "word ".repeat(400_000));
    let path = "/hooks/email/first";
    let taken = client.raw(Method::POST, path, "message/rfc822", mail.clone()).await.expect(200);
    assert_eq!((&taken["outcome"], &taken["is_new"]), (&"unmatched".into(), &true.into()));
    let again = client.raw(Method::POST, path, "message/rfc822", mail).await.expect(200);
    assert_eq!(&again["is_new"], &false);
}

#[tokio::test]
async fn a_channel_that_is_named_is_one_of_the_directory_and_of_the_same_kind() {
    let (app, client, _) = opened().await;
    let admin = Client::new(&app, Role::Admin);
    let channel = json!({"name": "lab", "kind": "slack", "address": "#lab", "expected_reply_minutes": 5, "use_for": "defects"});
    admin.post("/v1/channels", &channel).await.expect(201);
    let named = |channel: &str, name: &str| {
        let mut told = thread();
        told["channel"] = channel.into();
        told["channel_name"] = name.into();
        told
    };
    client.post("/v1/tickets/T-1/side-conversations", &named("slack", "lab")).await.expect(201);
    for (told, said) in [
        (named("slack", "nowhere"), "there is no channel `nowhere`"),
        (named("teams", "lab"), "of the kind `slack`"),
        (named("slack", "#lab"), "`#lab`"),
    ] {
        let answer = client.post("/v1/tickets/T-1/side-conversations", &told).await;
        let problem = answer.expect_problem(422, "body-invalid", Some("/channel_name"));
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
}
