//! Several intents in one ticket: learned from tickets that were labelled with several, said beside the main one, and told why.

use axum::http::Method;
use backchannel::domain::intake::NewLabel;
use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, blank_label, ticket};
use crate::support::app::TestApp;

const MATTERS: [(&str, &str); 3] = [
    ("refund_request", "please refund the money for my lamp order"),
    ("delivery_problem", "the parcel with my camera never arrived, where is it"),
    ("invoice_copy", "send me a copy of the invoice for the accountant"),
];

/// A desk that knows three matters; of four tickets one is about two of them where `both` says so.
async fn desk(both: bool) -> (TestApp, Client) {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let said = ["hello", "again", "since monday", "for the third time", "thank you", "kindly", "as soon as you can", "good morning"];
    for number in 0..120 {
        let mut matters = vec![MATTERS[number % 3]];
        if both && number % 4 == 0 {
            matters.push(MATTERS[(number + 1 + number / 4 % 2) % 3]);
        }
        let words: Vec<&str> = matters.iter().map(|(_, words)| *words).collect();
        let mut new = ticket(&format!("S-{number}"));
        new["subject"] = format!("{} {number}", said[number / 3 % said.len()]).into();
        new["body"] = words.join(". And ").into();
        client.post("/v1/tickets", &new).await.expect(201);
        let new = NewLabel {
            intents: Some(matters.iter().map(|(intent, _)| intent.parse().unwrap()).collect()),
            ..blank_label(&format!("S-{number}"))
        };
        app.app.put_label(&app.admin, new).await.unwrap();
    }
    (app, client)
}

const OF_BOTH: &str = "Good morning, please refund the money for my lamp order. And send me a copy of the invoice for the accountant.";

/// The intents that are said to hold, the main one first.
fn held(told: &Value) -> Vec<String> {
    let also = told["also"].as_array().unwrap().iter().map(|guess| &guess["name"]);
    [&told["intent"]].into_iter().chain(also).map(|name| name.as_str().unwrap_or("none").to_owned()).collect()
}

#[tokio::test]
async fn a_ticket_about_two_matters_gets_both_intents_and_one_about_one_gets_one() {
    let (_app, client) = desk(true).await;
    let asked = async |body: &str| client.post("/v1/triage", &json!({"subject": "", "body": body})).await.expect(200);
    let told = asked(OF_BOTH).await;
    let mut both = held(&told);
    both.sort();
    assert_eq!(both, ["invoice_copy", "refund_request"], "{}", told["intents"]);
    assert!(told["also"][0]["probability"].as_f64().unwrap() > 0.5, "{}", told["also"]);
    let one = asked("Hello again, the parcel with my camera never arrived, where is it?").await;
    assert_eq!(held(&one), ["delivery_problem"], "{}", one["also"]);
}

#[tokio::test]
async fn the_account_of_a_ticket_names_its_further_intent_and_what_somebody_says_takes_its_place() {
    let (_app, client) = desk(true).await;
    let mut new = ticket("S-both");
    (new["subject"], new["body"]) = ("".into(), OF_BOTH.into());
    new["subject"] = "two things".into();
    let made = client.post("/v1/tickets?wait=triage", &new).await.expect(201);
    let further = held(&made["triage"])[1].clone();
    let id = made["ticket"]["id"].as_str().unwrap();
    let why = client.get(&format!("/v1/tickets/{id}/why")).await.expect(200);
    let steps = why["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["code"] == "intent_beside" && step["happened"] == true), "{why}");
    // Said to be the main one, it stands beside nothing any more.
    client.json(Method::PUT, &format!("/v1/tickets/{id}/correction"), &json!({"intent": further})).await.expect(200);
    let told = client.get(&format!("/v1/tickets/{id}/triage")).await.expect(200);
    assert_eq!((told["intent"].as_str(), held(&told).iter().filter(|name| **name == further).count()), (Some(further.as_str()), 1));
    client.json(Method::PUT, &format!("/v1/tickets/{id}/correction"), &json!({"intent": "oos"})).await.expect(200);
    let told = client.get(&format!("/v1/tickets/{id}/triage")).await.expect(200);
    assert_eq!(held(&told), ["none"]);
}

#[tokio::test]
async fn a_desk_whose_tickets_have_one_intent_each_is_told_of_no_further_one() {
    let (_app, client) = desk(false).await;
    let told = client.post("/v1/triage", &json!({"subject": "", "body": OF_BOTH})).await.expect(200);
    assert_eq!(told["also"], json!([]));
}
