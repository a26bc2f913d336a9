//! Questions about a ticket.

use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, document, ticket};
use crate::support::app::TestApp;

/// Whether a sentence of an answer has these words.
fn says(answer: &Value, words: &str) -> bool {
    answer["sentences"].as_array().unwrap().iter().any(|sentence| sentence["text"].as_str().unwrap().contains(words))
}

#[tokio::test]
async fn a_question_is_answered_from_the_ticket_its_threads_and_articles_with_the_places() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/documents", &document("returns")).await.expect(201);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let thread = json!({
        "channel": "email", "subject": "Parcel", "opened_by": "tom@alderwick.example", "participants": ["petra.holm@norvik.example"],
        "body": "Petra, where is parcel AW-204518-6?",
    });
    let id = client.post("/v1/tickets/T-1/side-conversations", &thread).await.expect(201)["id"].as_str().unwrap().to_owned();
    let message = json!({"author": "petra.holm@norvik.example", "body": "Hello Tom.\n\nThe driver left the parcel at the depot in Leith. Kind regards"});
    client.post(&format!("/v1/side-conversations/{id}/messages"), &message).await.expect(201);
    // What a worker would do.
    app.app.index_pending(app.admin.workspace, &|_, _| ()).await.unwrap();

    let ask = async |question: &str| client.post("/v1/tickets/T-1/ask", &json!({"question": question})).await.expect(200);
    let answer = ask("Where did the driver leave the parcel, at which depot?").await;
    let first = &answer["sentences"][0];
    assert_eq!(first["text"], "The driver left the parcel at the depot in Leith.", "{answer}");
    let evidence = &first["evidence"][0];
    assert_eq!((&evidence["source"]["kind"], &evidence["quote"]), (&"message".into(), &first["text"]));
    assert!(evidence["span"]["start"].as_u64().unwrap() > 0 && answer["not_found"].is_null());

    let answer = ask("Within how many days of delivery may a customer return it?").await;
    assert!(says(&answer, "30 days"), "{answer}");
    assert_eq!(answer["looked_in"], json!({"comments": 1, "side_conversations": 1, "passages": 1, "attachments": 0}));
}

#[tokio::test]
async fn a_question_that_cannot_be_is_pointed_at() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Light);
    for question in [" ".to_owned(), "x".repeat(2001)] {
        client.post("/v1/tickets/T-1/ask", &json!({"question": question})).await.expect_problem(422, "body-invalid", Some("/question"));
    }
    client.post("/v1/tickets/T-9/ask", &json!({"question": "who knows?"})).await.expect(404);
}

#[tokio::test]
async fn nobody_is_answered_from_what_they_may_not_read() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let mut secret = document("returns");
    secret["audience"] = "teams:legal".into();
    client.post("/v1/documents", &secret).await.expect(201);
    app.app.index_pending(app.admin.workspace, &|_, _| ()).await.unwrap();
    let question = json!({"question": "Within how many days of delivery may a customer return it?"});
    let light = Client::new(&app, Role::Light).post("/v1/tickets/T-1/ask", &question).await.expect(200);
    assert!(!says(&light, "30 days"), "{light}");
    assert_eq!(light["looked_in"]["passages"], 0);
    let legal = Client::of_teams(&app, Role::Light, &["legal"]).await.post("/v1/tickets/T-1/ask", &question).await.expect(200);
    assert!(says(&legal, "30 days"), "{legal}");
}
