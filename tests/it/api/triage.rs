//! Triage.

use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, ticket};
use crate::support::app::TestApp;

const KEYS: [&str; 17] = [
    "abstained",
    "also",
    "corrected",
    "duplicates",
    "entities",
    "evidence",
    "incident",
    "intent",
    "intents",
    "language",
    "origins",
    "priority",
    "route",
    "said_duplicates",
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

#[tokio::test]
async fn texts_that_say_nothing_clearly_get_no_sure_guess_of_language_or_mood() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let log = "2026-11-20T09:13:22.118Z 0x7f3a9c /srv/app/log.d/17 id=8812 a1b2c3d4e5f6 10.0.0.17:5432 200 OK\n".repeat(2_000);
    let five = "Where is my order? I have waited for two weeks. Où est ma commande ? J'attends depuis deux semaines. Wo ist meine Bestellung? \
                Ich warte seit zwei Wochen. ¿Dónde está mi pedido? Espero desde hace dos semanas. Dove si trova il mio ordine? Aspetto da due \
                settimane.";
    for body in ["🙂 🙂 🙂", "AW-204518-6", five, &log] {
        let triage = client.post("/v1/triage", &json!({"subject": "", "body": body})).await.expect(200);
        for part in ["language", "sentiment"] {
            let sure = triage[part]["probability"].as_f64().unwrap_or_default();
            assert!(sure < 0.5, "{part} of {:?}: {}", body.chars().take(40).collect::<String>(), triage[part]);
        }
        assert!(triage["intent"].is_null(), "{}", triage["intent"]);
        assert!(
            ["normal", "low"].iter().any(|urgency| triage["urgency"] == *urgency) || triage["urgency"].is_null(),
            "{}",
            triage["urgency"]
        );
    }
}

#[tokio::test]
async fn without_labels_mood_and_language_have_probabilities_of_the_heads_that_come_along() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let text = json!({"subject": "", "body": "C'est une honte, vous êtes des escrocs et je suis furieux de votre mépris !"});
    let triage = client.post("/v1/triage", &text).await.expect(200);
    assert_eq!(triage["language"]["code"], "fr");
    for part in ["language", "sentiment"] {
        assert!(triage[part]["probability"].as_f64().is_some_and(|sure| sure > 0.25 && sure <= 1.0), "{part}: {}", triage[part]);
    }
    assert!(triage["sentiment"]["label"].as_str().is_some_and(|label| label.ends_with("negative")), "{}", triage["sentiment"]);
    // No head softens a danger.
    let text = json!({"subject": "", "body": "No hurry at all, but the battery is a little swollen and warm. Whenever you have time."});
    let triage = client.post("/v1/triage", &text).await.expect(200);
    assert_eq!(triage["urgency"], "critical");
}
