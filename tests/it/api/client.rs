//! A caller of the API with a token.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request};
use backchannel::domain::intake::NewLabel;
use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::app::TestApp;

/// Calls with one token.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    token: String,
}

/// What a call was answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn new(app: &TestApp, role: Role) -> Self {
        Self::with(app, &app.tokens[&role])
    }

    pub(crate) fn with(app: &TestApp, token: &str) -> Self {
        Self { router: app.router.clone(), token: token.to_owned() }
    }

    /// With a new token of a role for the restricted documents of these teams.
    pub(crate) async fn of_teams(app: &TestApp, role: Role, teams: &[&str]) -> Self {
        let teams = teams.iter().map(|team| team.parse().unwrap()).collect();
        let (_, secret) = app.app.create_token(&app.admin, "teams", role, teams).await.unwrap();
        Self::with(app, secret.expose())
    }

    pub(crate) fn request(&self, method: &Method, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header(AUTHORIZATION, format!("Bearer {}", self.token))
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // A stream of events has no end to wait for.
        let body = if kind == "text/event-stream" { Value::Null } else { read(body).await };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(&Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// The text of an answer that is not JSON.
    pub(crate) async fn text(&self, path: &str) -> String {
        let response = self.router.clone().oneshot(self.request(&Method::GET, path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(&Method::DELETE, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.raw(method, path, "application/json", body.to_string()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    pub(crate) async fn raw(&self, method: Method, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
        self.send(self.request(&method, path).header(CONTENT_TYPE, kind).body(body.into()).unwrap()).await
    }
}

async fn read(body: Body) -> Value {
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

impl Answer {
    /// Asserts the status and hands over the body.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Asserts that it is a whole problem document with that status, code and pointer.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str, pointer: Option<&str>) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("urn:backchannel:problem:{code}"));
        for key in ["title", "detail", "instance", "request_id"] {
            assert!(self.body[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {}", self.body);
        }
        assert_eq!(self.headers["x-request-id"], self.body["request_id"].as_str().unwrap());
        assert_eq!(self.body["errors"][0]["pointer"].as_str(), pointer, "{}", self.body);
        self.body
    }
}

/// Uploads a file as a body of its own.
pub(crate) async fn upload(client: &Client, name: &str, bytes: &[u8]) -> Answer {
    let path = name.bytes().fold("/v1/attachments?name=".to_owned(), |path, byte| format!("{path}%{byte:02X}"));
    client.raw(Method::POST, &path, "application/octet-stream", bytes.to_vec()).await
}

/// The shortest ticket, with an id in the system it comes from.
pub(crate) fn ticket(external_id: &str) -> Value {
    json!({
        "external_id": external_id,
        "subject": "Where is my parcel?",
        "body": "Order AW-204518-6 was due on Monday and has not come.",
        "requester": {"email": "ana@mail.example", "name": "Ana"},
    })
}

/// A side conversation with its first message.
pub(crate) fn thread() -> Value {
    json!({
        "channel": "slack", "subject": "Parcel AW-204518-6", "opened_by": "tom.hargreaves@alderwick.example",
        "participants": ["sunil.mehta@alderwick.example"], "body": "Please open a trace.",
    })
}

/// A document as text.
pub(crate) fn document(external_id: &str) -> Value {
    json!({
        "external_id": external_id, "title": "Returns", "text": "# Returns\n\nYou have 30 days from delivery.", "language": "en",
        "audience": "public",
    })
}

/// A label of a ticket that says nothing yet.
pub(crate) fn blank_label(ticket: &str) -> NewLabel {
    NewLabel {
        ticket: ticket.to_owned(),
        intents: None,
        sentiment: None,
        urgency: None,
        priority: None,
        group: None,
        assignee: None,
        next_step: None,
    }
}
