//! Texts that say nothing, or nothing that was seen before: a clear abstention, never a confident guess.

use axum::http::Method;
use backchannel::domain::intake::NewLabel;
use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, blank_label, ticket, upload};
use crate::support::app::TestApp;

/// A desk that knows three matters well.
async fn desk() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let matters = [
        ("refund_request", "please refund the money for my lamp order"),
        ("delivery_problem", "the parcel with my camera never arrived, where is it"),
        ("invoice_copy", "send me a copy of the invoice for the accountant"),
    ];
    let said = ["hello", "again", "since monday", "for the third time", "thank you", "kindly", "as soon as you can", "good morning"];
    for number in 0..96 {
        let (intent, words) = matters[number % 3];
        let mut new = ticket(&format!("D-{number}"));
        new["subject"] = format!("{} {words} {number}", said[number / 3 % said.len()]).into();
        new["body"] = "".into();
        client.post("/v1/tickets", &new).await.expect(201);
        let new = NewLabel { intents: Some(vec![intent.parse().unwrap()]), ..blank_label(&format!("D-{number}")) };
        app.app.put_label(&app.admin, new).await.unwrap();
    }
    (app, client)
}

async fn asked(client: &Client, body: &str) -> Value {
    client.post("/v1/triage", &json!({"subject": "", "body": body})).await.expect(200)
}

/// Some kilobytes as a machine writes them.
fn log(kilobytes: usize) -> String {
    let line = |number: usize| {
        format!(
            "2026-11-20T09:{:02}:{:02}.{number:06}Z ERR 0x{:08x} kworker/u8:3 vfs_read+0x9f/0x1a0\n",
            number / 60 % 60,
            number % 60,
            number * 2_654_435_761 % 4_294_967_296
        )
    };
    let mut text = String::new();
    for number in 0.. {
        if text.len() >= kilobytes * 1024 {
            break;
        }
        text.push_str(&line(number));
    }
    text
}

#[tokio::test]
async fn what_the_desk_knows_is_guessed_and_what_it_never_saw_is_left_to_a_person() {
    let (_app, client) = desk().await;
    let known = asked(&client, "hello, please refund the money for my camera order").await;
    assert_eq!(known["intent"], "refund_request", "{known}");
    let strange = [
        ("emoji alone", "😀😡🔥🔥🔥".to_owned()),
        ("punctuation", "?!… —".to_owned()),
        ("200 kB of a log", log(200)),
        ("five languages", "Where is it? Où est-ce ? Wo ist es? ¿Dónde está? Где это?".to_owned()),
        ("letters at random", "xqzv wkrtp jjfhg zzzx qwpl mnbv".to_owned()),
    ];
    for (what, text) in strange {
        let told = asked(&client, &text).await;
        assert_eq!(told["intent"], Value::Null, "{what}: {}", told["intents"]);
        assert!(told["abstained"]["reason"].as_str().is_some_and(|reason| reason.len() > 10), "{what}: {}", told["abstained"]);
    }
}

#[tokio::test]
async fn a_ticket_of_an_attachment_alone_says_that_there_are_no_words() {
    let (_app, client) = desk().await;
    let file = upload(&client, "photo.txt", b"x").await.expect(201);
    let mut new = ticket("A-1");
    new["subject"] = "📎".into();
    new["body"] = "".into();
    new["attachment_ids"] = json!([file["id"]]);
    client.post("/v1/tickets", &new).await.expect(201);
    let told = client.get("/v1/tickets/A-1/triage").await.expect(200);
    assert_eq!((&told["intent"], &told["intents"]), (&Value::Null, &json!([])));
    assert_eq!(told["abstained"]["reason_code"], "no_words", "{told}");
}

#[tokio::test]
async fn two_intents_with_the_same_examples_are_told_apart_by_nobody() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let same = "description = \"a lamp that flickers\"\nexamples = [\"my lamp flickers\", \"the light of the lamp goes on and off\"]\n";
    let lone = "description = \"a parcel that never came\"\nexamples = [\"where is my parcel\"]\n";
    let bare = "description = \"somebody asks for a job\"\nexamples = []\n";
    let intents = format!("[intents.flicker]\n{same}[intents.blink]\n{same}[intents.parcel]\n{lone}[intents.job]\n{bare}");
    let playbook = json!({"files": {"intents.toml": intents}});
    client.json(Method::PUT, "/v1/playbook", &playbook).await.expect(200);
    let told = asked(&client, "my lamp flickers").await;
    assert_eq!(told["intent"], Value::Null, "{told}");
    let names: Vec<&str> = told["intents"].as_array().unwrap().iter().map(|guess| guess["name"].as_str().unwrap()).collect();
    assert!(names[..2].contains(&"flicker") && names[..2].contains(&"blink"), "{names:?}");
    assert!(told["abstained"]["reason"].as_str().is_some(), "{told}");
}

#[tokio::test]
async fn a_correction_to_an_unknown_intent_names_it_and_changes_nothing() {
    let (_app, client) = desk().await;
    let before = client.get("/v1/heads").await.expect(200);
    let said = client.json(Method::PUT, "/v1/tickets/D-1/correction", &json!({"intent": "refnud"})).await.expect(422);
    assert!(said.to_string().contains("refnud`: did you mean `refund_request`?") || said.to_string().contains("take one of"), "{said}");
    assert_eq!(client.get("/v1/heads").await.expect(200), before);
}

#[tokio::test]
async fn what_was_said_of_a_ticket_without_words_holds_and_is_learned_from_by_nobody() {
    let (app, client) = desk().await;
    let before = asked(&client, "asdf aaaaaaaaaaaaaaaaa").await;
    let mut new = ticket("W-1");
    (new["subject"], new["body"]) = ("😀".into(), "🔥🔥".into());
    client.post("/v1/tickets", &new).await.expect(201);
    let said = json!({"intent": "refund_request"});
    client.json(Method::PUT, "/v1/tickets/W-1/correction", &said).await.expect(200);
    let told = client.get("/v1/tickets/W-1/triage").await.expect(200);
    assert_eq!((&told["intent"], &told["origins"]["intent"]["by"]), (&json!("refund_request"), &json!("person")), "{told}");
    assert_eq!((&told["route"]["group"], &told["route"]["by"]), (&json!("billing"), &json!("rule")), "rules read what was said: {told}");
    app.work().await;
    let after = asked(&client, "asdf aaaaaaaaaaaaaaaaa").await;
    assert_eq!((&after["intents"], &after["abstained"]["reason_code"]), (&before["intents"], &before["abstained"]["reason_code"]));
    let foreign = asked(&client, "الراوتر لا يعمل").await;
    assert_eq!((&foreign["intent"], &foreign["route"]), (&Value::Null, &Value::Null), "{foreign}");
}
