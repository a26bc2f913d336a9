//! The panel, experts and feedback.

use axum::http::Method;
use backchannel::domain::vocabulary::Role;
use backchannel::wire::lines::parse_label;
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
        "set_aside",
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

#[tokio::test]
async fn in_danger_the_article_of_the_rule_comes_before_all_that_the_story_finds() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let mut safety = document("battery-safety");
    safety["title"] = "Swollen battery".into();
    safety["text"] = "# Swollen battery\n\nA swollen, hot or smoking battery is a danger: call the customer at once.".into();
    client.post("/v1/documents", &safety).await.expect(201);
    let story = "I went to put the camera back on its bracket and the little door at the back will not click home. \
        Can I sand the door down a bit so that it shuts on the bracket?";
    let mut camera = document("camera");
    camera["title"] = "The little door at the back of the camera".into();
    camera["text"] = format!("# The door and the bracket\n\n{story}").into();
    client.post("/v1/documents", &camera).await.expect(201);
    let mut asked = ticket("T-1");
    asked["subject"] = "The little door at the back".into();
    asked["body"] = format!("{story} The pack is swollen.").into();
    client.post("/v1/tickets", &asked).await.expect(201);
    let panel = client.get("/v1/tickets/T-1/suggestions").await.expect(200);
    let passages = panel["passages"].as_array().unwrap();
    assert_eq!((&passages[0]["external_id"], &passages[0]["because_code"]), (&"battery-safety".into(), &"passage_of_rule".into()));
    assert!(passages[0]["because"].as_str().unwrap().contains("Swollen, hot or smoking battery"), "{panel}");
    assert_eq!((&passages[1]["external_id"], &passages[1]["because_code"]), (&"camera".into(), &"passage_alike".into()));
}

#[tokio::test]
async fn who_answers_such_matters_is_asked_even_where_no_old_side_conversation_is_alike() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    for (email, name) in [("petra@norvik.example", "Petra Holm"), ("ines@desk.example", "Ines Roy")] {
        client.post("/v1/people", &json!({"email": email, "name": name, "role": "expert"})).await.expect(201);
    }
    // Whoever answers of parcels is Petra, of invoices Ines; nothing in their words is like the new ticket.
    let past = [
        ("T-1", "delivery_problem", "petra@norvik.example", "Done, the driver has been told."),
        ("T-2", "delivery_problem", "petra@norvik.example", "Agreed, we pay for it."),
        ("T-3", "invoice_copy", "ines@desk.example", "Sent this morning."),
    ];
    for (reference, intent, email, said) in past {
        client.post("/v1/tickets", &ticket(reference)).await.expect(201);
        let opened = json!({
            "external_id": format!("SC-{reference}"), "channel": "email", "subject": "A question", "opened_by": "tom@desk.example",
            "participants": [email], "body": "Could you look into this one, please?",
        });
        client.post(&format!("/v1/tickets/{reference}/side-conversations"), &opened).await.expect(201);
        let answer = json!({"author": email, "body": said});
        client.post(&format!("/v1/side-conversations/SC-{reference}/messages"), &answer).await.expect(201);
        let label = json!({"ticket": reference, "intents": [intent]}).to_string();
        app.app.put_label(&app.admin, parse_label(&label).unwrap().label).await.unwrap();
    }
    let mut asked = ticket("T-9");
    asked["subject"] = "Smashed".into();
    asked["body"] = "The box arrived crushed and the camera in it is in pieces. It was thrown over the fence.".into();
    client.post("/v1/tickets", &asked).await.expect(201);
    let panel = client.get("/v1/tickets/T-9/suggestions").await.expect(200);
    let first = &panel["experts"][0];
    assert_eq!(first["person"]["email"], "petra@norvik.example", "{panel}");
    assert!(first["because"].as_str().unwrap().contains("2 of 2 side conversations about “delivery problem”"), "{first}");
}

#[tokio::test]
async fn the_best_passage_of_three_documents_comes_before_a_second_one_of_any() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let words = "A parcel that was due on Monday and has not come is traced by the carrier. ";
    // No more passages than a panel looks at, so that all of them are in the running.
    for (name, parts) in [("most", 3), ("more", 2), ("once", 1)] {
        let mut article = document(name);
        article["title"] = format!("The parcel, {name}").into();
        let parts = (0..parts).map(|part| format!("## Where is my parcel, part {part}\n\n{}Step {part} of {name}.\n\n", words.repeat(12)));
        article["text"] = format!("# The parcel\n\n{}", parts.collect::<String>()).into();
        client.post("/v1/documents", &article).await.expect(201);
    }
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let panel = client.get("/v1/tickets/T-1/suggestions").await.expect(200);
    let shown: Vec<&Value> = panel["passages"].as_array().unwrap().iter().map(|passage| &passage["external_id"]).collect();
    assert_eq!(shown.len(), 4, "{shown:?}");
    for name in ["most", "more", "once"] {
        assert!(shown.contains(&&Value::from(name)), "{name}: {shown:?}");
    }
}

#[tokio::test]
async fn a_caller_sets_a_suggestion_aside_for_a_while_or_for_good_and_brings_it_back() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let first = panel(&client).await;
    let suggestion = first["passages"][0]["id"].as_str().unwrap();
    let path = format!("/v1/suggestions/{suggestion}/set-aside");
    let passages = async || client.get("/v1/tickets/T-1/suggestions").await.expect(200)["passages"].as_array().unwrap().len();
    for past_or_far in ["2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"] {
        client.json(Method::PUT, &path, &json!({"until": past_or_far})).await.expect_problem(422, "body-invalid", Some("/until"));
    }
    client.json(Method::PUT, &path, &json!({"until": "tomorrow"})).await.expect_problem(422, "body-invalid", Some("/until"));
    client.json(Method::PUT, &path, &json!({})).await.expect(204);
    assert_eq!(passages().await, 0);
    let aside = &client.get("/v1/tickets/T-1/suggestions").await.expect(200)["set_aside"][0];
    assert_eq!((&aside["id"], &aside["part"], &aside["title"]), (&suggestion.into(), &"passage".into(), &"Returns".into()));
    assert_eq!(aside["until"], Value::Null);
    client.delete(&path).await.expect(204);
    client.delete(&path).await.expect(204);
    assert_eq!(passages().await, 1);
    let unknown = "/v1/suggestions/019aa0e2-7c00-7000-8000-000000000404/set-aside";
    client.json(Method::PUT, unknown, &json!({})).await.expect_problem(404, "not-found", None);
    let triage = format!("/v1/suggestions/{}/set-aside", first["part_ids"]["triage"].as_str().unwrap());
    client.json(Method::PUT, &triage, &json!({})).await.expect_problem(422, "body-invalid", Some("/suggestion"));
}

#[tokio::test]
async fn a_caller_says_what_a_ticket_is_and_takes_it_back() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let path = "/v1/tickets/T-1/correction";
    let said = client.json(Method::PUT, path, &json!({"intent": "invoice_copy", "group": "billing"})).await.expect(200);
    assert_eq!((&said["intent"], &said["group"]), (&"invoice_copy".into(), &"billing".into()));
    let said = client.json(Method::PUT, path, &json!({"intent": "oos"})).await.expect(200);
    assert_eq!((&said["intent"], &said["group"]), (&"oos".into(), &"billing".into()));
    let triage = client.get("/v1/tickets/T-1/triage").await.expect(200);
    assert_eq!((&triage["corrected"], &triage["route"]["by"]), (&said, &"person".into()));
    for (wrong, pointer) in [(json!({"intent": "nonsense"}), "/intent"), (json!({"group": "nobody"}), "/group"), (json!({}), "/intent")] {
        client.json(Method::PUT, path, &wrong).await.expect_problem(422, "body-invalid", Some(pointer));
    }
    client.delete(path).await.expect(204);
    client.delete(path).await.expect(204);
    assert_eq!(client.get("/v1/tickets/T-1/triage").await.expect(200)["corrected"], Value::Null);
    client.delete("/v1/tickets/T-404/correction").await.expect_problem(404, "not-found", None);
}
