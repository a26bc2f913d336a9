//! Webhooks over the API: made once, listed without their secrets, rotated, enabled, pinged and removed.

use axum::http::Method;
use backchannel::app::MOST_WEBHOOKS;
use backchannel::domain::vocabulary::Role;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::api::client::Client;
use crate::support::app::TestApp;

fn webhook() -> Value {
    json!({"url": "https://hooks.example/in?key=hidden", "events": ["ticket.triaged", "suggestion.ready"], "description": "routing"})
}

/// Makes a webhook; gives its path and its secret.
async fn made(admin: &Client) -> (String, String) {
    let made = admin.post("/v1/webhooks", &webhook()).await.expect(201);
    (format!("/v1/webhooks/{}", made["webhook"]["id"].as_str().unwrap()), made["secret"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_webhook_shows_its_secret_once_is_listed_rotated_and_removed() {
    let app = TestApp::new().await;
    let (admin, auditor) = (Client::new(&app, Role::Admin), Client::new(&app, Role::Auditor));
    let answer = admin.post("/v1/webhooks", &webhook()).await;
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let made = answer.expect(201);
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap().len(), 32);
    assert_eq!(location, format!("/v1/webhooks/{}", made["webhook"]["id"].as_str().unwrap()));
    let expected = json!({
        "id": made["webhook"]["id"], "url": "https://hooks.example/in?key=hidden", "events": ["ticket.triaged", "suggestion.ready"],
        "description": "routing", "created_by": made["webhook"]["created_by"], "created_at": made["webhook"]["created_at"],
        "former_secret_until": null, "failing_since": null, "disabled": null,
    });
    assert_eq!(made["webhook"], expected);
    let rotated = admin.post(&format!("{location}/secret"), &json!({})).await.expect(201);
    let second = rotated["secret"].as_str().unwrap();
    assert_ne!(second, secret);
    assert!(rotated["webhook"]["former_secret_until"].is_string());
    for path in ["/v1/webhooks", &location, &format!("{location}/deliveries"), "/v1/audit"] {
        let shown = auditor.get(path).await.expect(200).to_string();
        assert!(!shown.contains("whsec_") && !shown.contains(&secret[6..]) && !shown.contains(&second[6..]), "{path}");
    }
    assert_eq!(auditor.get("/v1/webhooks").await.expect(200)["items"], json!([rotated["webhook"]]));
    let trail = auditor.get("/v1/audit").await.expect(200)["items"].clone();
    for action in ["webhook.create", "webhook.rotate"] {
        assert!(trail.as_array().unwrap().iter().any(|line| line["action"] == action), "{action}");
    }
    assert_eq!(admin.delete(&location).await.status, 204);
    admin.get(&location).await.expect_problem(404, "not-found", None);
    admin.delete(&location).await.expect_problem(404, "not-found", None);
    assert_eq!(auditor.get("/v1/webhooks").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn nothing_on_the_disk_holds_a_secret() {
    let app = TestApp::new().await;
    let (_, secret) = made(&Client::new(&app, Role::Admin)).await;
    let bytes = STANDARD.decode(&secret[6..]).unwrap();
    let needles = [secret.as_bytes()[6..].to_vec(), bytes.clone(), hex::encode(bytes).into_bytes()];
    for entry in walkdir::WalkDir::new(app.folder.path()).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let held = fs_err::read(entry.path()).unwrap();
        for needle in &needles {
            assert!(!held.windows(needle.len()).any(|window| window == needle), "{}", entry.path().display());
        }
    }
}

#[tokio::test]
async fn a_repeated_call_makes_one_webhook_and_hides_its_secret() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let send = async |path: &str, body: &Value| {
        let request = admin.request(&Method::POST, path).header("content-type", "application/json").header("idempotency-key", "k1");
        admin.send(request.body(body.to_string().into()).unwrap()).await
    };
    let (first, second) = (send("/v1/webhooks", &webhook()).await.expect(201), send("/v1/webhooks", &webhook()).await.expect(201));
    assert_eq!(first["webhook"], second["webhook"]);
    assert!(first["secret"].is_string() && second["secret"].is_null());
    let (path, secret) = made(&admin).await;
    let send = async || {
        let request = admin.request(&Method::POST, &format!("{path}/secret")).header("idempotency-key", "k2");
        admin.send(request.body(axum::body::Body::empty()).unwrap()).await
    };
    let (first, second) = (send().await.expect(201), send().await.expect(201));
    assert!(first["secret"] != secret.as_str() && second["secret"].is_null());
    assert_eq!(first["webhook"], second["webhook"], "rotated once");
}

#[tokio::test]
async fn a_webhook_that_cannot_be_is_pointed_at() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let check = async |change: Value, pointer: &str, words: &str| {
        let mut body = webhook();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let problem = admin.post("/v1/webhooks", &body).await.expect_problem(422, "body-invalid", Some(pointer));
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    };
    check(json!({"events": ["ticket.triage"]}), "/events/0", "did you mean `ticket.triaged`?").await;
    check(json!({"events": ["action.proposed"]}), "/events/0", "expected one of `ticket.triaged`, `suggestion.ready`").await;
    check(json!({"events": []}), "/events", "at least one").await;
    check(json!({"url": "http://hooks.example/"}), "/url", "use https").await;
    check(json!({"url": "http://127.0.0.1:9000/"}), "/url", "use https").await;
    check(json!({"url": "https://169.254.169.254/latest/"}), "/url", "`webhooks.allowed_networks`").await;
    check(json!({"url": "https://user:word@hooks.example/"}), "/url", "leave them out").await;
    check(json!({"url": "hooks"}), "/url", "https://hooks.example/backchannel").await;
    check(json!({"url": format!("https://hooks.example/{}", "x".repeat(2000))}), "/url", "at most 2000").await;
    check(json!({"description": "x".repeat(201)}), "/description", "at most 200").await;
    check(json!({"colour": "red"}), "/colour", "unknown key").await;
    assert_eq!(admin.get("/v1/webhooks").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_workspace_has_a_limited_number_of_webhooks_in_pages() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    for _ in 0..MOST_WEBHOOKS {
        made(&admin).await;
    }
    let problem = admin.post("/v1/webhooks", &webhook()).await.expect_problem(409, "conflict", None);
    assert!(problem["detail"].as_str().unwrap().contains("remove one"), "{problem}");
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = admin.get(&format!("/v1/webhooks?limit=7{cursor}")).await.expect(200);
        seen += page["items"].as_array().unwrap().len();
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, MOST_WEBHOOKS);
    admin.get("/v1/webhooks?cursor=x").await.expect_problem(400, "query-invalid", Some("/cursor"));
    made(&Client::with(&app, &app.foreign_admin)).await;
}

#[tokio::test]
async fn a_ping_waits_in_the_list_of_messages_and_can_be_sent_again() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let (path, _) = made(&admin).await;
    let ping = admin.post(&format!("{path}/ping"), &json!({})).await.expect(201);
    assert_eq!(
        (ping["type"].as_str(), ping["state"].as_str(), ping["attempts"].as_u64()),
        (Some("webhook.ping"), Some("waiting"), Some(0))
    );
    assert_eq!(admin.get(&format!("{path}/deliveries")).await.expect(200)["items"], json!([ping]));
    let replay = format!("{path}/deliveries/{}/replay", ping["id"].as_str().unwrap());
    assert_eq!(admin.post(&replay, &json!({})).await.expect(200)["id"], ping["id"]);
    let other = made(&admin).await.0;
    let crossed = format!("{other}/deliveries/{}/replay", ping["id"].as_str().unwrap());
    admin.post(&crossed, &json!({})).await.expect_problem(404, "not-found", None);
    admin.post(&format!("{path}/deliveries/none/replay"), &json!({})).await.expect_problem(404, "not-found", None);
    let enabled = admin.post(&format!("{path}/enable"), &json!({})).await.expect(200);
    assert_eq!(enabled["disabled"], Value::Null, "enabling what is enabled does nothing");
}
