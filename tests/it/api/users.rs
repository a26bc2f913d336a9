//! Users over the API: invited, changed, disabled, reset.

use axum::http::Method;
use backchannel::app::{Link, PasswordTry, Tried};
use backchannel::domain::vocabulary::{LinkPurpose, Role};
use serde_json::{Value, json};

use crate::api::client::Client;
use crate::support::app::TestApp;

const PASSWORD: &str = "kelp otter 9 lantern";

async fn invite(client: &Client, email: &str, role: &str) -> Value {
    client.post("/v1/users", &json!({"email": email, "name": "Una", "role": role})).await.expect(201)
}

fn secret_of(linked: &Value) -> String {
    linked["link"]["path"].as_str().unwrap().strip_prefix("/sign-in/").unwrap().to_owned()
}

fn path_of(linked: &Value) -> String {
    format!("/v1/users/{}", linked["user"]["id"].as_str().unwrap())
}

fn tried<'a>(email: &'a str, password: &'a str) -> PasswordTry<'a> {
    // Both workspaces of the test know nothing of each other, so the workspace must be named.
    PasswordTry { workspace: Some("first"), email, password, from: "192.0.2.1" }
}

#[tokio::test]
async fn an_invited_user_chooses_a_password_once_and_signs_in_with_it() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let invited = invite(&client, "Una@Desk.example", "agent").await;
    assert_eq!((&invited["user"]["email"], &invited["user"]["has_password"]), (&"una@desk.example".into(), &false.into()));
    assert_eq!(invited["user"]["invited_until"], invited["link"]["expires_at"]);
    let secret = secret_of(&invited);
    assert!(matches!(app.app.link(&secret).await.unwrap(), Link::Open { purpose: LinkPurpose::Invite, .. }));
    app.app.sign_in(&secret).await.unwrap_err();
    assert!(app.app.sign_in_choosing(&secret, "password1234").await.unwrap_err().to_string().contains("too easy to guess"));
    assert!(app.app.sign_in_choosing(&secret, "short").await.unwrap_err().to_string().contains("too short"));
    let signed_in = app.app.sign_in_choosing(&secret, PASSWORD).await.unwrap();
    assert_eq!(app.app.session(&signed_in.session_secret).await.unwrap().user.role, Role::Agent);
    app.app.sign_in_choosing(&secret, PASSWORD).await.unwrap_err();
    assert_eq!(app.app.link(&secret).await.unwrap(), Link::Used);
    for email in ["una@desk.example", " UNA@desk.example "] {
        assert!(matches!(app.app.sign_in_with_password(tried(email, PASSWORD)).await.unwrap(), Tried::Right(_)), "{email}");
    }
    assert!(matches!(app.app.sign_in_with_password(tried("una@desk.example", "kelp otter 9 lanterns")).await.unwrap(), Tried::Wrong));
    let read = client.get(&path_of(&invited)).await.expect(200);
    assert_eq!((&read["has_password"], &read["invited_until"]), (&true.into(), &Value::Null));
    assert!(read["signed_in_at"].is_string());
}

#[tokio::test]
async fn who_is_unknown_disabled_or_without_a_password_gets_the_answer_of_a_wrong_one() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let invited = invite(&client, "una@desk.example", "agent").await;
    app.app.sign_in_choosing(&secret_of(&invited), PASSWORD).await.unwrap();
    client.json(Method::PATCH, &path_of(&invited), &json!({"disabled": true})).await.expect(200);
    invite(&client, "new@desk.example", "agent").await;
    for (workspace, email) in [
        (Some("first"), "una@desk.example"),
        (Some("first"), "new@desk.example"),
        (Some("first"), "nobody@desk.example"),
        (Some("first"), "no address"),
        (Some("second"), "una@desk.example"),
        (Some("No Such"), "una@desk.example"),
        (None, "una@desk.example"),
    ] {
        let given = PasswordTry { workspace, email, password: PASSWORD, from: "192.0.2.1" };
        assert!(matches!(app.app.sign_in_with_password(given).await.unwrap(), Tried::Wrong), "{workspace:?} {email}");
    }
    let long = "x".repeat(100_000);
    assert!(matches!(app.app.sign_in_with_password(tried("una@desk.example", &long)).await.unwrap(), Tried::Wrong));
}

#[tokio::test]
async fn wrong_passwords_hold_the_account_and_the_address_but_not_other_accounts() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    for name in ["una", "ben"] {
        let invited = invite(&client, &format!("{name}@desk.example"), "agent").await;
        app.app.sign_in_choosing(&secret_of(&invited), PASSWORD).await.unwrap();
    }
    for _ in 0..5 {
        assert!(matches!(app.app.sign_in_with_password(tried("una@desk.example", "wrong wrong wrong")).await.unwrap(), Tried::Wrong));
    }
    let held = app.app.sign_in_with_password(tried("una@desk.example", PASSWORD)).await.unwrap();
    assert!(matches!(held, Tried::Held { retry_after_seconds: 1..=30 }), "{held:?}");
    assert!(matches!(app.app.sign_in_with_password(tried("ben@desk.example", PASSWORD)).await.unwrap(), Tried::Right(_)));
    // Names that nobody has are held alike, so that a hold tells nothing either.
    for _ in 0..5 {
        assert!(matches!(app.app.sign_in_with_password(tried("nobody@desk.example", "wrong wrong wrong")).await.unwrap(), Tried::Wrong));
    }
    let held = app.app.sign_in_with_password(tried("nobody@desk.example", "wrong wrong wrong")).await.unwrap();
    assert!(matches!(held, Tried::Held { .. }), "{held:?}");
    for number in 0..10 {
        let email = format!("nobody{number}@desk.example");
        assert!(matches!(app.app.sign_in_with_password(tried(&email, "wrong wrong wrong")).await.unwrap(), Tried::Wrong), "{number}");
    }
    assert!(matches!(app.app.sign_in_with_password(tried("ben@desk.example", PASSWORD)).await.unwrap(), Tried::Held { .. }));
    let elsewhere = PasswordTry { from: "192.0.2.2", ..tried("ben@desk.example", PASSWORD) };
    assert!(matches!(app.app.sign_in_with_password(elsewhere).await.unwrap(), Tried::Right(_)));
}

#[tokio::test]
async fn disabling_and_resetting_end_sessions_links_and_passwords() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let invited = invite(&client, "una@desk.example", "agent").await;
    let path = path_of(&invited);
    let session = app.app.sign_in_choosing(&secret_of(&invited), PASSWORD).await.unwrap().session_secret;
    let id = invited["user"]["id"].as_str().unwrap().parse().unwrap();
    let link = app.app.make_sign_in_link(&app.admin, id).await.unwrap();
    assert_eq!(client.json(Method::PATCH, &path, &json!({"disabled": true})).await.expect(200)["disabled"], true);
    app.app.session(&session).await.unwrap_err();
    app.app.sign_in(&link).await.unwrap_err();
    app.app.make_sign_in_link(&app.admin, id).await.unwrap_err();
    client.post(&format!("{path}/reset"), &json!({})).await.expect_problem(409, "conflict", None);

    client.json(Method::PATCH, &path, &json!({"disabled": false})).await.expect(200);
    let Tried::Right(signed_in) = app.app.sign_in_with_password(tried("una@desk.example", PASSWORD)).await.unwrap() else {
        panic!("an enabled user signs in again")
    };
    let reset = client.post(&format!("{path}/reset"), &json!({})).await.expect(200);
    assert_eq!(reset["user"]["has_password"], false);
    app.app.session(&signed_in.session_secret).await.unwrap_err();
    assert!(matches!(app.app.sign_in_with_password(tried("una@desk.example", PASSWORD)).await.unwrap(), Tried::Wrong));
    let again = client.post(&format!("{path}/reset"), &json!({})).await.expect(200);
    app.app.sign_in_choosing(&secret_of(&reset), "another otter 7 lamp").await.unwrap_err();
    app.app.sign_in_choosing(&secret_of(&again), "another otter 7 lamp").await.unwrap();
}

#[tokio::test]
async fn the_last_admin_stays_and_nobody_changes_their_own_role() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let own = app.admin.user.unwrap();
    let last = format!("/v1/users/{own}");
    for change in [json!({"role": "agent"}), json!({"disabled": true})] {
        // A token is nobody's own, so this is refused for the last admin alone.
        let problem = client.json(Method::PATCH, &last, &change).await.expect_problem(409, "conflict", None);
        assert!(problem["detail"].as_str().unwrap().contains("the last admin"), "{problem}");
    }
    let other = invite(&client, "una@desk.example", "admin").await;
    let change = backchannel::domain::user::UserChange { role: Some(Role::Agent), ..Default::default() };
    let refused = app.app.change_user(&app.admin, own, change).await.unwrap_err();
    assert!(refused.to_string().contains("nobody changes their own role"), "{refused}");
    client.json(Method::PATCH, &last, &json!({"role": "agent"})).await.expect(200);
    let problem = client.json(Method::PATCH, &path_of(&other), &json!({"disabled": true})).await;
    problem.expect_problem(409, "conflict", None);
}

#[tokio::test]
async fn of_two_admins_who_demote_each_other_at_once_one_stays() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let other = invite(&client, "una@desk.example", "admin").await;
    let demote = json!({"role": "agent"});
    let own = format!("/v1/users/{}", app.admin.user.unwrap());
    let other = path_of(&other);
    let (one, two) = tokio::join!(client.json(Method::PATCH, &own, &demote), client.json(Method::PATCH, &other, &demote));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn an_invitation_that_cannot_be_is_pointed_at() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let good = json!({"email": "una@desk.example", "name": "Una", "role": "agent"});
    let check = async |key: &str, value: Value, pointer: &str, says: &str| {
        let mut user = good.clone();
        user[key] = value;
        let problem = client.post("/v1/users", &user).await.expect_problem(422, "body-invalid", Some(pointer));
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    };
    check("email", json!("una"), "/email", "not an e-mail address").await;
    check("name", json!(" "), "/name", "empty").await;
    check("name", json!("x".repeat(10_000)), "/name", "10000 characters: at most 200 fit").await;
    check("name", json!("a\nb"), "/name", "one line").await;
    check("role", json!("agnet"), "/role", "did you mean `agent`?").await;
    check("role", json!("service"), "/role", "a role of tokens").await;
    check("teams", json!(["harware"]), "/teams", "there is no team `harware`: add it first").await;
    check("valid_hours", json!(0), "/valid_hours", "1 to 336").await;
    check("valid_hours", json!(100_000), "/valid_hours", "1 to 336").await;

    for name in ["<script>alert(1)</script>", "عائشة 🦦"] {
        let mut user = good.clone();
        (user["email"], user["name"]) = (format!("u{}@desk.example", name.len()).into(), name.into());
        assert_eq!(client.post("/v1/users", &user).await.expect(201)["user"]["name"], name);
    }
    let una = client.post("/v1/users", &good).await.expect(201);
    let problem = client.json(Method::PATCH, &path_of(&una), &json!({"teams": ["harware"]})).await;
    problem.expect_problem(422, "body-invalid", Some("/teams"));
    let mut twice = good.clone();
    twice["email"] = "UNA@Desk.Example".into();
    let problem = client.post("/v1/users", &twice).await.expect_problem(409, "conflict", None);
    assert!(problem["detail"].as_str().unwrap().contains("is a user already"), "{problem}");
}

#[tokio::test]
async fn a_repeated_invitation_is_answered_from_memory_without_its_link() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let body = json!({"email": "una@desk.example", "name": "Una", "role": "agent"}).to_string();
    let send = async || {
        let request = client.request(&Method::POST, "/v1/users").header("content-type", "application/json").header("idempotency-key", "k1");
        client.send(request.body(body.clone().into()).unwrap()).await
    };
    let first = send().await.expect(201);
    let second = send().await.expect(201);
    assert_eq!(first["user"], second["user"]);
    assert!(first["link"]["path"].is_string() && second["link"].is_null());
}
