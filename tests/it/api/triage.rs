//! Triage.

use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, ticket};
use crate::support::app::TestApp;

const KEYS: [&str; 13] = [
    "abstained",
    "corrected",
    "duplicates",
    "entities",
    "evidence",
    "intent",
    "intents",
    "language",
    "priority",
    "route",
    "sentiment",
    "tags",
    "urgency",
];

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_ticket_is_triaged_and_not_kept() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let triage = client.post("/v1/triage", &ticket("T-1")).await.expect(200);
    assert_eq!(keys(&triage), KEYS);
    client.get("/v1/tickets/T-1").await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn a_text_alone_can_be_triaged() {
    let app = TestApp::new().await;
    let text = json!({"subject": "", "body": "Bonjour, où est mon colis ?"});
    let triage = Client::new(&app, Role::Service).post("/v1/triage", &text).await.expect(200);
    assert_eq!(triage["language"]["code"], "fr");
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order() {
    let app = TestApp::new().await;
    let tickets: Vec<Value> = ["AW-204518-6", "AW-118342-5", "AW-174905-5"]
        .iter()
        .map(|order| json!({"subject": "", "body": format!("Where is {order}?")}))
        .collect();
    let answer = Client::new(&app, Role::Service).post("/v1/triage", &json!({"tickets": tickets})).await.expect(200);
    let orders: Vec<&Value> = answer["items"].as_array().unwrap().iter().map(|triage| &triage["entities"][0]["value"]).collect();
    assert_eq!(orders, ["AW-204518-6", "AW-118342-5", "AW-174905-5"]);
}

#[tokio::test]
async fn a_batch_that_is_too_long_or_wrong_inside_is_pointed_into() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let one = json!({"subject": "a", "body": "b"});
    let many = json!({"tickets": vec![one.clone(); 257]});
    client.post("/v1/triage", &many).await.expect_problem(422, "body-invalid", Some("/tickets"));
    let wrong = json!({"tickets": [one, {"subject": "a", "body": 1}]});
    client.post("/v1/triage", &wrong).await.expect_problem(422, "body-invalid", Some("/tickets/1/body"));
    let empty = client.post("/v1/triage", &json!({"tickets": []})).await.expect(200);
    assert_eq!(empty, json!({"items": []}));
}

#[tokio::test]
async fn a_kept_ticket_has_the_triage_that_the_stateless_call_gives() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let kept = client.get("/v1/tickets/T-1/triage").await.expect(200);
    assert_eq!(keys(&kept), KEYS);
    let stateless = client.post("/v1/triage", &ticket("T-1")).await.expect(200);
    for key in ["intent", "language", "entities", "priority"] {
        assert_eq!(kept[key], stateless[key], "{key}");
    }
}
