//! Tickets and comments.

use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, ticket};
use crate::support::app::TestApp;

#[tokio::test]
async fn a_ticket_is_read_back_as_it_was_sent() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let mut sent = ticket("T-1");
    sent["tags"] = json!(["parcel"]);
    sent["custom_fields"] = json!({"shop": "leeds", "items": 2});
    sent["created_at"] = "2026-07-20T20:40:00+02:00".into();
    sent["comments"] =
        json!([{"author": "tom@alderwick.example", "public": true, "body": "Looking.", "created_at": "2026-07-20T19:00:00Z"}]);
    let answer = client.post("/v1/tickets", &sent).await;
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let created = answer.expect(201);
    assert_eq!(location, format!("/v1/tickets/{}", created["id"].as_str().unwrap()));
    let read = client.get(&location).await.expect(200);
    assert_eq!(read, client.get("/v1/tickets/T-1").await.expect(200));
    for key in ["external_id", "subject", "body", "tags"] {
        assert_eq!(read[key], sent[key], "{key}");
    }
    assert_eq!(read["requester"]["email"], "ana@mail.example");
    assert_eq!(read["custom_fields"], json!({"shop": "leeds", "items": "2"}));
    assert_eq!((&read["created_at"], &read["channel"], &read["status"]), (&"2026-07-20T18:40:00Z".into(), &"api".into(), &"new".into()));
    assert_eq!(read["comments"][0]["author"], "tom@alderwick.example");
}

#[tokio::test]
async fn waiting_for_the_triage_answers_with_both() {
    let app = TestApp::new().await;
    let answer = Client::new(&app, Role::Service).post("/v1/tickets?wait=triage", &ticket("T-1")).await.expect(201);
    assert_eq!(answer["ticket"]["external_id"], "T-1");
    assert_eq!(answer["triage"]["entities"][0]["value"], "AW-204518-6");
}

#[tokio::test]
async fn what_a_public_comment_adds_is_found_in_it_and_names_it() {
    let app = TestApp::new().await;
    let mut sent = ticket("T-1");
    let comment = |public: bool, body: &str| json!({"author": "ana@mail.example", "public": public, "body": body, "created_at": "2026-11-20T09:00:00Z"});
    sent["comments"] =
        json!([comment(true, "About AW-204518-6: ring 01632 960118 tomorrow."), comment(false, "Her sister is on 01632 960119.")]);
    let answer = Client::new(&app, Role::Service).post("/v1/tickets?wait=triage", &sent).await.expect(201);
    let entities = answer["triage"]["entities"].as_array().unwrap();
    assert_eq!((&entities[0]["value"], &entities[0]["comment"]), (&"AW-204518-6".into(), &Value::Null), "the ticket said it first");
    let is_public = |comment: &&Value| comment["public"] == true;
    let id = &answer["ticket"]["comments"].as_array().unwrap().iter().find(is_public).unwrap()["id"];
    let added: Vec<_> =
        entities.iter().filter(|entity| entity["comment"] == *id).map(|entity| (&entity["value"], &entity["start"])).collect();
    assert_eq!(added, [(&"01632960118".into(), &24.into()), (&"2026-11-21".into(), &37.into())]);
    assert!(entities.iter().all(|entity| entity["value"] != "01632960119"), "an internal note adds nothing");
}

#[tokio::test]
async fn a_comment_is_added_at_the_end() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    for body in ["first", "second"] {
        let comment = json!({"author": "tom@alderwick.example", "public": false, "body": body});
        client.post("/v1/tickets/T-1/comments", &comment).await.expect(201);
    }
    let read = client.get("/v1/tickets/T-1").await.expect(200);
    let bodies: Vec<&Value> = read["comments"].as_array().unwrap().iter().map(|comment| &comment["body"]).collect();
    assert_eq!(bodies, ["first", "second"]);
}

#[tokio::test]
async fn pages_hold_each_ticket_once() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    for number in 0..7 {
        client.post("/v1/tickets", &ticket(&format!("T-{number}"))).await.expect(201);
    }
    let mut seen = Vec::new();
    let mut path = "/v1/tickets?limit=3".to_owned();
    loop {
        let page = client.get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|item| item["reference"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/tickets?limit=3&cursor={cursor}");
    }
    seen.sort();
    assert_eq!(seen, (0..7).map(|number| format!("T-{number}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_can_be_narrowed() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let mut solved = ticket("T-2");
    (solved["status"], solved["subject"]) = ("solved".into(), "Invoice copy".into());
    client.post("/v1/tickets", &solved).await.expect(201);
    let references = async |query: &str| {
        let page = client.get(&format!("/v1/tickets?{query}")).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|item| item["reference"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(references("status=solved").await, ["T-2"]);
    assert_eq!(references("status=new,open").await, ["T-1"]);
    assert_eq!(references("q=invoice").await, ["T-2"]);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_a_problem_at_its_parameter() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    for number in 0..3 {
        client.post("/v1/tickets", &ticket(&format!("T-{number}"))).await.expect(201);
    }
    let newest = client.get("/v1/tickets?limit=1").await.expect(200)["next_cursor"].as_str().unwrap().to_owned();
    let of_other_order = format!("/v1/tickets?order=urgency&cursor={newest}");
    for path in ["/v1/tickets?cursor=xyz", "/v1/documents?cursor=xyz", "/v1/customers?cursor=xyz", &of_other_order] {
        let problem = client.get(path).await.expect(400);
        assert_eq!((&problem["code"], &problem["errors"][0]["pointer"]), (&"query-invalid".into(), &"/cursor".into()), "{path}");
        assert!(problem["detail"].as_str().unwrap().contains("leave"), "{problem}");
    }
    let first = client.get("/v1/tickets?order=urgency&limit=2").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = client.get(&format!("/v1/tickets?order=urgency&limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
}

#[tokio::test]
async fn a_known_ticket_is_changed_by_sending_it_again_whole() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let mut sent = ticket("T-1");
    (sent["status"], sent["tags"]) = ("open".into(), json!(["parcel"]));
    sent["comments"] = json!([{"author": "tom@alderwick.example", "public": true, "body": "Looking."}]);
    let first = client.post("/v1/tickets", &sent).await.expect(201);
    let mut again = ticket("T-1");
    (again["status"], again["priority"], again["group"]) = ("solved".into(), "high".into(), "shipping".into());
    let second = client.post("/v1/tickets", &again).await.expect(200);
    assert_eq!((&second["id"], &second["created_at"]), (&first["id"], &first["created_at"]));
    assert_eq!((&second["status"], &second["priority"], &second["group"]), (&"solved".into(), &"high".into(), &"shipping".into()));
    assert_eq!((&second["tags"], second["comments"].as_array().unwrap().len()), (&json!([]), 1));
    let solved_at = second["solved_at"].clone();
    assert!(solved_at.is_string(), "{second}");
    let third = client.post("/v1/tickets", &again).await.expect(200);
    assert_eq!(third["solved_at"], solved_at);
    let reopened = client.post("/v1/tickets", &ticket("T-1")).await.expect(200);
    assert_eq!((&reopened["status"], &reopened["solved_at"], &reopened["priority"]), (&"new".into(), &Value::Null, &Value::Null));
}
