//! The panel, experts and feedback.

use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, document, ticket};
use crate::support::app::TestApp;

async fn panel(client: &Client) -> Value {
    client.post("/v1/documents", &document("returns")).await.expect(201);
    let mut asked = ticket("T-1");
    asked["body"] = "How many days do I have to return something after delivery?".into();
    client.post("/v1/tickets", &asked).await.expect(201);
    client.get("/v1/tickets/T-1/suggestions").await.expect(200)
}

#[tokio::test]
async fn the_panel_has_every_key_of_the_contract() {
    let app = TestApp::new().await;
    let panel = panel(&Client::new(&app, Role::Admin)).await;
    for key in [
        "customer",
        "triage",
        "summary",
        "next_step",
        "passages",
        "similar_tickets",
        "similar_threads",
        "experts",
        "channels",
        "side_conversation_draft",
        "reply_draft",
        "actions",
        "loose_ends",
        "abstained",
    ] {
        assert!(panel.get(key).is_some(), "{key} is missing");
    }
}

#[tokio::test]
async fn a_suggestion_has_an_id_a_reason_and_evidence_and_no_raw_score() {
    let app = TestApp::new().await;
    let panel = panel(&Client::new(&app, Role::Admin)).await;
    let passage = &panel["passages"][0];
    assert_eq!(passage["external_id"], "returns", "{panel}");
    assert!(passage["because"].as_str().is_some_and(|because| !because.is_empty()));
    assert_eq!(passage["because_code"], "passage_alike", "{panel}");
    assert!(passage["evidence"][0]["quote"].as_str().unwrap().contains("30 days"));
    assert_eq!(passage["evidence"][0]["source"]["kind"], "passage");
    let text = panel.to_string();
    assert!(!text.contains("\"score\"") && !text.contains("\"similarity\""), "{text}");
}

#[tokio::test]
async fn a_thumb_is_kept_and_an_unknown_suggestion_is_not_found() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let panel = panel(&client).await;
    let suggestion = panel["passages"][0]["id"].as_str().unwrap();
    let thumb = json!({"verdict": "up", "note": "good"});
    let kept = client.post(&format!("/v1/suggestions/{suggestion}/feedback"), &thumb).await.expect(201);
    assert_eq!((&kept["verdict"], &kept["suggestion"]), (&"up".into(), &suggestion.into()));
    for unknown in ["019aa0e2-7c00-7000-8000-000000000404", "nothing"] {
        client.post(&format!("/v1/suggestions/{unknown}/feedback"), &thumb).await.expect_problem(404, "not-found", None);
    }
}

#[tokio::test]
async fn experts_come_with_evidence_or_not_at_all() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let answer = client.get("/v1/experts?ticket=T-1").await.expect(200);
    for expert in answer["experts"].as_array().unwrap() {
        assert!(!expert["evidence"].as_array().unwrap().is_empty(), "{expert}");
    }
    assert!(answer["channels"].is_array());
    client.get("/v1/experts?ticket=T-404").await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn a_span_cuts_the_quote_out_of_the_text_as_the_api_gives_it() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let panel = panel(&client).await;
    let ticket = client.get("/v1/tickets/T-1").await.expect(200);
    let body = ticket["body"].as_str().unwrap();
    let evidence = &panel["summary"]["ticket"]["sentences"][0]["evidence"][0];
    assert_eq!(evidence["source"]["kind"], "ticket", "{panel}");
    let place = |end: &str| usize::try_from(evidence["span"][end].as_u64().unwrap()).unwrap();
    assert_eq!(&body[place("start")..place("end")], evidence["quote"].as_str().unwrap());
}
