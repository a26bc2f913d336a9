//! Search.

use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, document, thread, ticket};
use crate::support::app::TestApp;

#[tokio::test]
async fn a_passage_is_found_with_its_quote_and_no_score() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/documents", &document("returns")).await.expect(201);
    // What a worker would do.
    app.app.index_pending(app.admin.workspace, &|_, _| ()).await.unwrap();
    let query = json!({"query": "days to return after delivery", "kinds": ["passage"], "limit": 5});
    let found = client.post("/v1/search", &query).await.expect(200);
    let first = &found["items"][0];
    assert_eq!((&first["kind"], &first["source"]["kind"]), (&"passage".into(), &"passage".into()), "{found}");
    assert!(first["quote"].as_str().unwrap().contains("30 days"));
    assert!(first.get("score").is_none());
}

#[tokio::test]
async fn a_question_that_cannot_be_is_pointed_at() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Light);
    for (body, pointer) in [
        (json!({"query": " "}), "/query"),
        (json!({"query": "x", "limit": 0}), "/limit"),
        (json!({"query": "x", "limit": 101}), "/limit"),
        (json!({"query": "x", "kinds": ["passages"]}), "/kinds/0"),
    ] {
        client.post("/v1/search", &body).await.expect_problem(422, "body-invalid", Some(pointer));
    }
}

#[tokio::test]
async fn what_names_a_thing_exactly_comes_first_wherever_it_was_written() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    for number in 0..12 {
        let mut near = ticket(&format!("T-{number}"));
        near["comments"] =
            json!([{"author": "tom@alderwick.example", "public": true, "body": format!("Parcel LIT-13-3078{number} is on its way.")}]);
        client.post("/v1/tickets", &near).await.expect(201);
    }
    // Nothing of a quoted mail is in the index.
    let quoted = "I see it.\n\nOn Mon, 2 Nov 2026, Ana wrote:\n> My parcel is lit-13-20784.";
    let comment = json!({"author": "tom@alderwick.example", "public": false, "body": quoted});
    client.post("/v1/tickets/T-1/comments", &comment).await.expect(201);
    let mut asked = thread();
    asked["body"] = "Where is LIT-13-20784?".into();
    client.post("/v1/tickets/T-2/side-conversations", &asked).await.expect(201);
    app.app.index_pending(app.admin.workspace, &|_, _| ()).await.unwrap();
    let kinds = async |query: serde_json::Value| {
        let found = client.post("/v1/search", &query).await.expect(200);
        let items = found["items"].as_array().unwrap().clone();
        let holds = |item: &serde_json::Value| item["quote"].as_str().unwrap().to_lowercase().contains("lit-13-20784");
        items.iter().map(|item| (item["kind"].as_str().unwrap().to_owned(), holds(item))).collect::<Vec<_>>()
    };
    // The newest first.
    let both = [("message".to_owned(), true), ("comment".to_owned(), true)];
    for query in ["LIT-13-20784", "where is parcel lit-13-20784"] {
        let found = kinds(json!({"query": query, "limit": 5})).await;
        assert_eq!((&found[..2], found.len()), (&both[..], 5), "{query}");
        assert!(found[2..].iter().all(|(_, holds)| !holds), "each is found once: {found:?}");
    }
    assert_eq!(kinds(json!({"query": "LIT-13-20784", "kinds": ["message"], "limit": 1})).await, both[..1]);
    assert!(kinds(json!({"query": "LIT-13-20784", "kinds": ["passage"]})).await.is_empty());
}

#[tokio::test]
async fn a_number_among_other_words_leaves_room_for_articles() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let mut article = document("cam");
    article["text"] = "# Charging\n\nWhen the CAM-2000 does not charge, clean its contacts.".into();
    client.post("/v1/documents", &article).await.expect(201);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    for number in 0..12 {
        let comment = json!({"author": "tom@desk.example", "public": false, "body": format!("Another CAM-2000, the {number}th.")});
        client.post("/v1/tickets/T-1/comments", &comment).await.expect(201);
    }
    app.work().await;
    let kinds = |found: Value| found["items"].as_array().unwrap().iter().map(|one| one["kind"].clone()).collect::<Vec<_>>();
    let asked = json!({"query": "the CAM-2000 does not charge, clean its contacts", "limit": 8});
    let found = kinds(client.post("/v1/search", &asked).await.expect(200));
    assert_eq!(found.len(), 8);
    assert!(found.contains(&"passage".into()), "{found:?}");
    let alone = json!({"query": "CAM-2000", "limit": 8});
    assert_eq!(kinds(client.post("/v1/search", &alone).await.expect(200)), vec![Value::from("comment"); 8]);
}
