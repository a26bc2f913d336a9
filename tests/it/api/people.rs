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

#[tokio::test]
async fn a_person_a_team_and_a_channel_are_read_and_removed() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/teams", &json!({"name": "night", "title": "Night"})).await.expect(201);
    let person = client.post("/v1/people", &json!({"email": "nina@a.example", "name": "Nina", "role": "expert", "team": "night"})).await;
    let person = format!("/v1/people/{}", person.expect(201)["id"].as_str().unwrap());
    let channel = json!({"name": "night", "kind": "slack", "address": "#night", "expected_reply_minutes": 5, "use_for": ""});
    client.post("/v1/channels", &channel).await.expect(201);
    let problem = client.delete("/v1/teams/night").await.expect_problem(409, "conflict", None);
    assert!(problem["detail"].as_str().unwrap().contains("1 people name the team"), "{problem}");
    for path in [person.as_str(), "/v1/channels/night", "/v1/teams/night"] {
        client.get(path).await.expect(200);
        assert_eq!(client.delete(path).await.status, 204, "{path}");
        client.get(path).await.expect_problem(404, "not-found", None);
        client.delete(path).await.expect_problem(404, "not-found", None);
    }
    for path in ["/v1/people/nobody", "/v1/teams/No%20Team", "/v1/channels/%F0%9F%A6%A6"] {
        client.get(path).await.expect_problem(404, "not-found", None);
    }
}

#[tokio::test]
async fn a_team_stays_while_a_token_in_force_names_it() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/teams", &json!({"name": "night", "title": "Night shift"})).await.expect(201);
    let made = client.post("/v1/tokens", &json!({"name": "orders", "role": "service", "teams": ["night"]})).await.expect(201);
    let problem = client.delete("/v1/teams/night").await.expect_problem(409, "conflict", None);
    assert_eq!(problem["detail"], "1 API tokens name the team `night`: change or revoke them first");
    assert_eq!(client.delete(&format!("/v1/tokens/{}", made["token"]["id"].as_str().unwrap())).await.status, 204);
    assert_eq!(client.delete("/v1/teams/night").await.status, 204);
}

#[tokio::test]
async fn when_somebody_can_be_asked_stays_until_it_is_said_anew() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let mut person = json!({"email": "nina@a.example", "name": "Nina", "role": "expert", "availability": {"away_until": "2026-12-03"}});
    client.post("/v1/people", &person).await.expect(201);
    person.as_object_mut().unwrap().remove("availability");
    assert_eq!(client.post("/v1/people", &person).await.expect(200)["availability"]["away_until"], "2026-12-03");
    person["availability"] = json!({});
    assert!(client.post("/v1/people", &person).await.expect(200)["availability"]["away_until"].is_null());
    person["availability"] = json!({"away_until": "soon"});
    client.post("/v1/people", &person).await.expect_problem(422, "body-invalid", Some("/availability/away_until"));
}

#[tokio::test]
async fn names_in_every_script_are_kept_and_endless_ones_refused() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    for name in ["<script>alert(1)</script>", "عائشة", "🦦🦦"] {
        let person = json!({"email": "nina@a.example", "name": name, "role": "expert", "skills": [name]});
        let kept = client.post("/v1/people", &person).await;
        assert_eq!((&kept.body["name"], &kept.body["skills"][0]), (&name.into(), &name.into()));
    }
    let long = "x".repeat(10_000);
    let person = json!({"email": "nina@a.example", "name": long, "role": "expert"});
    client.post("/v1/people", &person).await.expect_problem(422, "body-invalid", Some("/name"));
    client.post("/v1/teams", &json!({"name": "n", "title": long})).await.expect_problem(422, "body-invalid", Some("/title"));
    let channel = json!({"name": "n", "kind": "slack", "address": long, "expected_reply_minutes": 5, "use_for": ""});
    client.post("/v1/channels", &channel).await.expect_problem(422, "body-invalid", Some("/address"));
    client.post("/v1/customers", &json!({"email": "a@b.example", "name": long})).await.expect_problem(422, "body-invalid", Some("/name"));
}
