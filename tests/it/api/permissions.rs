//! Route × role × workspace: the table of routes is walked whole, so a new route is tested as soon as it is in it.

use std::collections::BTreeMap;

use axum::http::Method;
use backchannel::api::routes::{Body, ROUTES, Route};
use backchannel::domain::answered::{Find, KeptAsk};
use backchannel::domain::id::{AskId, IncidentId, MailId, MessageId, ThreadId};
use backchannel::domain::mail::{Fingerprint, IncomingMail, MailOutcome, MailReason};
use backchannel::domain::user::Permission;
use backchannel::domain::vocabulary::{AnswerKind, Arm, AskOutcome, Role};
use backchannel::store::{ask, incident, mail, outbox};
use serde_json::{Value, json};

use crate::api::client::{Answer, Client, document, thread, ticket, upload};
use crate::support::app::TestApp;

/// Things of the first workspace that paths and bodies point at.
struct Fixtures {
    ticket: String,
    thread: String,
    document: String,
    customer: String,
    suggestion: String,
    attachment: String,
    /// Another ticket.
    other: String,
    incident: String,
    /// A message that leaves the desk.
    message: String,
    /// A mail of somebody who does not take part.
    held: String,
    ask: String,
    /// Of each list, the id or name of something that can be removed.
    spare: BTreeMap<&'static str, String>,
}

impl Fixtures {
    async fn new(app: &TestApp, admin: &Client) -> Self {
        let ticket = admin.post("/v1/tickets", &self::ticket("T-1")).await.expect(201);
        let other = admin.post("/v1/tickets", &self::ticket("T-7")).await.expect(201);
        let thread = admin.post("/v1/tickets/T-1/side-conversations", &thread()).await.expect(201);
        let document = admin.post("/v1/documents", &document("returns")).await.expect(201);
        let attachment = attached(admin).await;
        let panel = admin.get("/v1/tickets/T-1/suggestions").await.expect(200);
        let parts = ["passages", "experts", "channels", "similar_tickets", "similar_threads"];
        let shown = parts.iter().find_map(|part| panel[part][0]["id"].as_str());
        let shown = shown.or(panel["side_conversation_draft"]["id"].as_str()).or(panel["reply_draft"]["id"].as_str());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            customer: text(&ticket["requester"]["id"]),
            ticket: text(&ticket["id"]),
            other: text(&other["id"]),
            incident: incident(app, ticket["id"].as_str().unwrap()).await,
            message: leaving(app, text(&thread["messages"][0]["id"]).parse().unwrap()).await,
            held: held(app, text(&thread["id"]).parse().unwrap()).await,
            ask: ask(app, ticket["id"].as_str().unwrap(), document["id"].as_str().unwrap()).await,
            thread: text(&thread["id"]),
            document: text(&document["id"]),
            attachment: text(&attachment["id"]),
            suggestion: shown.expect("a panel over a fresh document suggests something").to_owned(),
            spare: spare(admin).await,
        }
    }

    fn path(&self, route: &Route) -> String {
        let list = route.path.split('/').nth(2).unwrap_or_default();
        let id = match list {
            "side-conversations" => &self.thread,
            "messages" => &self.message,
            "held-mails" => &self.held,
            "documents" => &self.document,
            "attachments" => &self.attachment,
            "incidents" => &self.incident,
            "asks" => &self.ask,
            "customers" if route.method == Method::GET => &self.customer,
            list => self.spare.get(list).map_or("", String::as_str),
        };
        let path = route.path.replace("{ticket}", &self.ticket).replace("{suggestion}", &self.suggestion).replace("{other}", &self.other);
        let path = path.replace("{workspace}", "first");
        let path = path.replace("{delivery}", self.spare.get("deliveries").map_or("", String::as_str));
        let path = path.replace("{id}", id).replace("{name}", id);
        match path.as_str() {
            "/v1/experts" => format!("{path}?ticket={}", self.ticket),
            "/v1/export" | "/v1/import" => format!("{path}?of=teams"),
            _ => path,
        }
    }

    /// A body that the route takes.
    fn body(&self, route: &Route) -> Value {
        match (route.method.as_str(), route.path) {
            ("POST", "/v1/tickets" | "/v1/triage") => ticket("T-2"),
            ("POST", "/v1/tickets/{ticket}/comments") => json!({"author": "tom@alderwick.example", "public": false, "body": "x"}),
            ("POST", "/v1/suggestions/{suggestion}/feedback") => json!({"verdict": "up"}),
            ("PUT", "/v1/tickets/{ticket}/duplicates/{other}") => json!({"is_same": true}),
            ("PUT", "/v1/tickets/{ticket}/correction") => json!({"group": "billing"}),
            ("POST", "/v1/search") => json!({"query": "returns"}),
            ("POST", "/v1/tickets/{ticket}/side-conversations") => thread(),
            ("POST", "/v1/side-conversations/draft") => json!({"ticket": self.ticket}),
            ("POST", "/v1/tickets/{ticket}/ask") => json!({"question": "what did the carrier say"}),
            ("POST", "/v1/side-conversations/check") => json!({"body": "hello", "recipients": ["petra.holm@norvik.example"]}),
            ("POST", "/v1/asks/{id}") => json!({"outcome": "avoided"}),
            ("PATCH", "/v1/side-conversations/{id}") => json!({"state": "closed"}),
            ("POST", "/v1/side-conversations/{id}/messages") => json!({"author": "sunil@alderwick.example", "body": "done"}),
            ("POST", "/v1/messages/{id}/delivery") => json!({"action": "retry"}),
            ("POST", "/v1/held-mails/{id}") => json!({"action": "accept"}),
            ("POST", "/v1/documents") => document("warranty"),
            ("POST", "/v1/people") => json!({"email": "ingrid@alderwick.example", "name": "Ingrid", "role": "expert"}),
            ("POST", "/v1/teams" | "/v1/import") => json!({"name": "night-shift", "title": "Night shift"}),
            ("POST", "/v1/channels") => {
                json!({"name": "night", "kind": "slack", "address": "#night", "expected_reply_minutes": 5, "use_for": "nights"})
            }
            ("POST", "/v1/customers") => json!({"email": "ben@mail.example"}),
            ("PUT", "/v1/playbook") => json!({"files": {}}),
            ("PUT", "/v1/heads/held") => json!({"version": 1}),
            ("POST", "/v1/users") => json!({"email": address(), "name": "Una", "role": "agent"}),
            ("PATCH", "/v1/users/{id}") => json!({"name": "Una Other"}),
            ("PUT", "/v1/suggestions/{suggestion}/set-aside") | ("POST", "/v1/users/{id}/reset" | "/v1/heads") => json!({}),
            ("POST", "/v1/webhooks") => webhook(),
            ("POST", path) if path.starts_with("/v1/webhooks/") => json!({}),
            ("POST", "/v1/tokens") => json!({"name": "pipeline", "role": "service"}),
            other => panic!("{other:?} is a new route: write a body for it here"),
        }
    }

    async fn call(&self, client: &Client, route: &Route) -> Answer {
        let path = self.path(route);
        match route.method {
            Method::GET => client.get(&path).await,
            Method::DELETE => client.delete(&path).await,
            _ if route.body == Body::File => upload(client, "words.txt", b"words").await,
            _ if route.body == Body::Mail => client.raw(route.method.clone(), &path, "message/rfc822", MAIL).await,
            _ if route.body == Body::Lines => {
                client.raw(route.method.clone(), &path, "application/x-ndjson", self.body(route).to_string()).await
            }
            _ => client.json(route.method.clone(), &path, &self.body(route)).await,
        }
    }
}

const MAIL: &str = "From: Una <una@other.example>\r\nMessage-ID: <1@other.example>\r\nSubject: lamp\r\n\r\nIt flickers.\r\n";

/// Has a message sent; nobody sends it.
async fn leaving(app: &TestApp, message: MessageId) -> String {
    let mut tx = app.store.begin().await.unwrap();
    let to = ["petra.holm@norvik.example".parse().unwrap()];
    outbox::insert(&mut tx, app.admin.workspace, message, &to, app.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    message.to_string()
}

/// A mail that is held.
async fn held(app: &TestApp, thread: ThreadId) -> String {
    let (now, workspace) = (app.app.now(), app.admin.workspace);
    let held = IncomingMail {
        id: MailId::at(now, rand::random()),
        workspace,
        outcome: MailOutcome::Held,
        reason: Some(MailReason::Stranger),
        thread: Some(thread),
        message: None,
        message_id: None,
        sender: Some("una@other.example".parse().unwrap()),
        sender_name: None,
        subject: "lamp".to_owned(),
        body: "It flickers.".to_owned(),
        size_bytes: MAIL.len() as u64,
        received_at: now,
    };
    let mut tx = app.store.begin().await.unwrap();
    let fingerprint = Fingerprint { mail: held.id.to_string(), said: String::new() };
    assert!(mail::insert(&mut tx, &held, &fingerprint, Some(MAIL.as_bytes())).await.unwrap());
    tx.commit().await.unwrap();
    held.id.to_string()
}

/// An incident of one ticket.
async fn incident(app: &TestApp, ticket: &str) -> String {
    let (workspace, id) = (app.admin.workspace, IncidentId::at(app.app.now(), rand::random()));
    let mut tx = app.store.begin().await.unwrap();
    incident::save(&mut tx, workspace, id, &["hub".to_owned()], app.app.now()).await.unwrap();
    assert!(incident::join(&mut tx, workspace, id, ticket.parse().unwrap()).await.unwrap());
    tx.commit().await.unwrap();
    id.to_string()
}

/// An ask on a ticket for which a document was found.
async fn ask(app: &TestApp, ticket: &str, document: &str) -> String {
    let (workspace, id) = (app.admin.workspace, AskId::at(app.app.now(), rand::random()));
    let find = Find { kind: AnswerKind::Document, id: document.to_owned() };
    let asked = KeptAsk {
        id,
        workspace,
        ticket: ticket.parse().unwrap(),
        by: "user:1".to_owned(),
        at: app.app.now(),
        arm: Arm::Suggested,
        intent: None,
        channel: None,
        outcome: AskOutcome::Open,
        decided_at: None,
        used: None,
        finds: vec![(find, 1.1)],
    };
    let mut tx = app.store.begin().await.unwrap();
    ask::save(&mut tx, &asked).await.unwrap();
    tx.commit().await.unwrap();
    id.to_string()
}

/// A file on an internal note of the first ticket.
async fn attached(admin: &Client) -> Value {
    let file = upload(admin, "words.txt", b"words").await.expect(201);
    let note = json!({"author": "tom@alderwick.example", "public": false, "body": "see the file", "attachment_ids": [file["id"]]});
    admin.post("/v1/tickets/T-1/comments", &note).await.expect(201)["attachments"][0].clone()
}

/// An address that nobody has yet.
fn address() -> String {
    format!("una-{:016x}@desk.example", rand::random::<u64>())
}

/// Something of each list that nothing else needs.
async fn spare(admin: &Client) -> BTreeMap<&'static str, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let person = admin.post("/v1/people", &json!({"email": address(), "name": "Una", "role": "expert"})).await.expect(201);
    let customer = admin.post("/v1/customers", &json!({"email": address()})).await.expect(201);
    let user = admin.post("/v1/users", &json!({"email": address(), "name": "Una", "role": "agent"})).await.expect(201);
    let token = admin.post("/v1/tokens", &json!({"name": "spare", "role": "light"})).await.expect(201);
    admin.post("/v1/teams", &json!({"name": "spare", "title": "Spare"})).await;
    let channel = json!({"name": "spare", "kind": "slack", "address": "#spare", "expected_reply_minutes": 5, "use_for": "spares"});
    admin.post("/v1/channels", &channel).await;
    let (webhook, delivery) = pinged(admin).await;
    BTreeMap::from([
        ("webhooks", webhook),
        ("deliveries", delivery),
        ("people", text(&person["id"])),
        ("customers", text(&customer["id"])),
        ("users", text(&user["user"]["id"])),
        ("tokens", text(&token["token"]["id"])),
        ("teams", "spare".to_owned()),
        ("channels", "spare".to_owned()),
    ])
}

fn webhook() -> Value {
    json!({"url": "https://hooks.example/in", "events": ["ticket.triaged"]})
}

/// A webhook with a message, the same one while it is there: a workspace has few.
async fn pinged(admin: &Client) -> (String, String) {
    let known = admin.get("/v1/webhooks?limit=1").await.expect(200)["items"][0].clone();
    let webhook = if known.is_null() { admin.post("/v1/webhooks", &webhook()).await.expect(201)["webhook"].clone() } else { known };
    let id = webhook["id"].as_str().unwrap().to_owned();
    let delivery = admin.post(&format!("/v1/webhooks/{id}/ping"), &json!({})).await.expect(201);
    (id, delivery["id"].as_str().unwrap().to_owned())
}

fn guarded() -> impl Iterator<Item = (&'static Route, Permission)> {
    ROUTES.iter().filter_map(|route| Some((route, route.permission?)))
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_nothing_else() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let mut fixtures = Fixtures::new(&app, &admin).await;
    // The playbook comes back as it was, so that the routes after it meet the same one.
    let playbook = admin.get("/v1/playbook").await.expect(200);
    for (route, permission) in guarded() {
        for role in Role::ALL {
            let client = Client::new(&app, *role);
            let answer = if route.path == "/v1/playbook" && route.method == Method::PUT {
                client.json(Method::PUT, route.path, &playbook).await
            } else {
                fixtures.call(&client, route).await
            };
            let name = format!("{role} on {} {}", route.method, route.path);
            // What was sent is history: whoever may write may take back only what they have not sent.
            let is_refused = route.path == "/v1/attachments/{id}" && route.method == Method::DELETE && !role.may(Permission::Administer);
            let may = role.may(permission) && !is_refused;
            if may {
                assert!((200..300).contains(&answer.status), "{name}: {} {}", answer.status, answer.body);
            } else {
                assert_eq!((answer.status, answer.body["code"].as_str()), (403, Some("forbidden")), "{name}");
            }
            if route.path == "/v1/side-conversations/{id}" && route.method == Method::PATCH && may {
                // Nothing is said in one that is closed.
                let path = format!("/v1/side-conversations/{}", fixtures.thread);
                admin.json(Method::PATCH, &path, &json!({"state": "open"})).await.expect(200);
            } else if route.path.starts_with("/v1/attachments") && route.method == Method::DELETE && may {
                attached(&admin).await["id"].as_str().unwrap().clone_into(&mut fixtures.attachment);
            } else if route.method == Method::DELETE && may {
                let again = admin.post("/v1/documents", &document("returns")).await.body;
                again["id"].as_str().unwrap().clone_into(&mut fixtures.document);
                fixtures.spare = spare(&admin).await;
            }
        }
    }
}

#[tokio::test]
async fn nobody_without_a_known_token_gets_past_the_door() {
    let app = TestApp::new().await;
    let fixtures = Fixtures::new(&app, &Client::new(&app, Role::Admin)).await;
    let unknown = format!("bc_{}", "0".repeat(46));
    for (route, _) in guarded() {
        for token in ["", "bc_short", &unknown] {
            let answer = fixtures.call(&Client::with(&app, token), route).await;
            assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"backchannel\"");
            answer.expect_problem(401, "unauthenticated", None);
        }
    }
}

#[tokio::test]
async fn nothing_of_another_workspace_can_be_reached() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let fixtures = Fixtures::new(&app, &admin).await;
    let foreign = Client::with(&app, &app.foreign_admin);
    for (route, _) in guarded() {
        let points_at_something = route.path.contains('{') || ["/v1/experts", "/v1/side-conversations/draft"].contains(&route.path);
        if points_at_something {
            let answer = fixtures.call(&foreign, route).await;
            assert_eq!(answer.status, 404, "{} {}: {}", route.method, route.path, answer.body);
        }
    }
    // What was refused had no effect either.
    assert_eq!(admin.get(&format!("/v1/documents/{}", fixtures.document)).await.status, 200);
    assert_eq!(admin.get(&format!("/v1/side-conversations/{}", fixtures.thread)).await.expect(200)["state"], "open");
}

#[tokio::test]
async fn lists_and_search_hold_nothing_of_another_workspace() {
    let app = TestApp::new().await;
    Fixtures::new(&app, &Client::new(&app, Role::Admin)).await;
    let foreign = Client::with(&app, &app.foreign_admin);
    for path in ["/v1/tickets", "/v1/documents", "/v1/customers", "/v1/incidents"] {
        assert_eq!(foreign.get(path).await.expect(200)["items"], json!([]), "{path}");
    }
    let found = foreign.post("/v1/search", &json!({"query": "returns parcel"})).await.expect(200);
    assert_eq!(found["items"], json!([]));
    foreign.get("/v1/tickets/T-1").await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn open_routes_answer_without_a_token() {
    let app = TestApp::new().await;
    for route in ROUTES.iter().filter(|route| route.permission.is_none() && route.body != Body::Signed) {
        Client::with(&app, "").get(route.path).await.expect(200);
    }
}

#[tokio::test]
async fn routes_for_other_systems_answer_nobody_who_does_not_show_that_they_are_these() {
    let app = TestApp::with(|parts| {
        (parts.slack.bot_token, parts.slack.signing_secret) = (Some("xoxb-1".into()), Some("secret".into()));
        let id = Some("00000000-0000-0000-0000-000000000001".to_owned());
        (parts.teams.app_id, parts.teams.tenant, parts.teams.app_secret) = (id.clone(), id, Some("secret".into()));
        parts.slack.workspace = Some("first".parse().unwrap());
        parts.teams.workspace = Some("first".parse().unwrap());
    })
    .await;
    let admin = Client::new(&app, Role::Admin);
    for route in ROUTES.iter().filter(|route| route.body == Body::Signed) {
        let path = route.path.replace("{workspace}", "first");
        for client in [&admin, &Client::with(&app, "")] {
            client.json(route.method.clone(), &path, &json!({"type": "url_verification", "challenge": "x"})).await.expect_problem(
                401,
                "unauthenticated",
                None,
            );
        }
    }
    let without = TestApp::new().await;
    for route in ROUTES.iter().filter(|route| route.body == Body::Signed) {
        let path = route.path.replace("{workspace}", "first");
        Client::with(&without, "").post(&path, &json!({})).await.expect_problem(404, "not-found", None);
    }
}
