//! People, teams and channels.

use backchannel::domain::vocabulary::Role;
use serde_json::json;

use crate::api::client::Client;
use crate::support::app::TestApp;

#[tokio::test]
async fn people_teams_and_channels_are_added_updated_and_listed() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let team = json!({"name": "night-shift", "title": "Night shift"});
    let person = json!({"email": "nina@alderwick.example", "name": "Nina", "team": "night-shift", "role": "expert", "languages": ["en"]});
    let channel = json!({"name": "night", "kind": "slack", "address": "#night", "teams": ["night-shift"], "expected_reply_minutes": 5, "use_for": "nights"});
    for (path, body, key) in [("/v1/teams", team, "name"), ("/v1/people", person, "email"), ("/v1/channels", channel, "name")] {
        let created = client.post(path, &body).await.expect(201);
        assert_eq!(client.post(path, &body).await.expect(200), created);
        let listed = client.get(&format!("{path}?limit=200")).await.expect(200);
        let found: Vec<_> = listed["items"].as_array().unwrap().iter().filter(|item| item[key] == body[key]).collect();
        assert_eq!(found, [&created], "{path}");
    }
}

#[tokio::test]
async fn a_person_who_cannot_be_is_pointed_at() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let person = json!({"email": "nina", "name": "Nina", "role": "expert"});
    client.post("/v1/people", &person).await.expect_problem(422, "body-invalid", Some("/email"));
    let person = json!({"email": "nina@alderwick.example", "name": "Nina", "role": "boss"});
    client.post("/v1/people", &person).await.expect_problem(422, "body-invalid", Some("/role"));
}
