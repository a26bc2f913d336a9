//! Slack on a port of this machine: it takes what Slack takes, refuses what it refuses, signs its events, and stumbles as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use backchannel::connectors::slack::Options;
use backchannel::domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::make;

const TOKEN: &str = "xoxb-1-stub";
const SECRET: &str = "stub-signing-secret";
/// What all blocks of a message may have together.
const MOST_CHARS: usize = 13_200;
/// Few, so that whoever reads on has to turn pages.
const PAGE: usize = 3;
/// A channel takes about one message a second.
const PACE: Duration = Duration::from_millis(900);

/// How a message is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Take it, and say so.
    Take,
    /// Take it, and break the line before a word.
    TakeAndBreak,
    /// Take it, and say nothing.
    TakeAndWait,
    /// Break the line without taking it.
    Break,
    /// Say nothing, without taking it.
    Wait,
    /// Ask for patience, in seconds.
    Busy(u32),
    /// Say no, with one of Slack's words.
    Refuse(&'static str),
}

/// A message that stands in a channel.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) channel: String,
    pub(crate) ts: String,
    pub(crate) body: Value,
    at: Instant,
}

struct Inner {
    seconds: i64,
    standing: Mutex<Vec<Standing>>,
    turns: Mutex<VecDeque<Turn>>,
    /// What the methods that read answer in place of what they would.
    refusal: Mutex<Option<(&'static str, &'static str)>>,
    emails: Mutex<BTreeMap<&'static str, &'static str>>,
    /// How many messages came, whatever became of them.
    came: watch::Sender<usize>,
}

/// Listens until it is dropped.
pub(crate) struct Slack {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Slack {
    /// One whose clock stands where tests begin.
    pub(crate) async fn start() -> Self {
        Self::start_at(make::NOW).await
    }

    /// One whose messages are of a moment.
    pub(crate) async fn start_at(now: Timestamp) -> Self {
        let emails = BTreeMap::from([("UINGRID01", "ingrid@alderwick.example"), ("UTOM00001", "tom@alderwick.example"), ("UGUEST001", "")]);
        let inner = Arc::new(Inner {
            seconds: now.as_micros() / 1_000_000,
            standing: Mutex::default(),
            turns: Mutex::default(),
            refusal: Mutex::default(),
            emails: Mutex::new(emails),
            came: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/api/{method}", get(read).post(write)).with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inner, task }
    }

    /// How a desk is connected to it.
    pub(crate) fn options(&self) -> Options {
        Options {
            bot_token: Some(TOKEN.into()),
            signing_secret: Some(SECRET.into()),
            api_url: self.url(),
            timeout_seconds: 2,
            ..Options::default()
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// How the next messages are answered, one each; those after them are taken.
    pub(crate) fn next(&self, turns: impl IntoIterator<Item = Turn>) {
        locked(&self.inner.turns).extend(turns);
    }

    /// Has a method that reads answer this error, or what it would.
    pub(crate) fn refuse(&self, refusal: Option<(&'static str, &'static str)>) {
        *locked(&self.inner.refusal) = refusal;
    }

    /// What stands in the channels, oldest first.
    pub(crate) fn standing(&self) -> Vec<Standing> {
        locked(&self.inner.standing).clone()
    }

    /// Waits until so many messages came.
    pub(crate) async fn until(&self, many: usize) {
        self.inner.came.subscribe().wait_for(|came| *came >= many).await.unwrap();
    }

    /// A request of Slack's Events API with an event, as it would come at a moment.
    pub(crate) fn event(id: &str, event: &Value, seconds: i64) -> Request<Body> {
        let body = json!({"token": "old", "team_id": "T1", "api_app_id": "A1", "type": "event_callback", "event_id": id, "event": event});
        Self::signed(&body.to_string(), seconds, SECRET)
    }

    /// A request with any body, signed with a secret.
    pub(crate) fn signed(body: &str, seconds: i64, secret: &str) -> Request<Body> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("v0:{seconds}:{body}").as_bytes());
        Request::post("/hooks/slack/desk")
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-slack-request-timestamp", seconds.to_string())
            .header("x-slack-signature", format!("v0={}", hex::encode(mac.finalize().into_bytes())))
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    /// The secret that a desk expects.
    pub(crate) const fn secret() -> &'static str {
        SECRET
    }
}

impl Drop for Slack {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Standing {
    /// The texts of its blocks, in order.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let blocks = self.body["blocks"].as_array().unwrap();
        blocks.iter().map(text_of).collect()
    }

    pub(crate) fn root(&self) -> Option<&str> {
        self.body["thread_ts"].as_str()
    }
}

fn text_of(block: &Value) -> &str {
    block["text"]["text"].as_str().or(block["elements"][0]["text"].as_str()).unwrap()
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap()
}

/// Slack says no with 200.
fn no(error: &str) -> Response {
    yes(&json!({"ok": false, "error": error}))
}

fn yes(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn is_let_in(headers: &HeaderMap) -> bool {
    headers.get(header::AUTHORIZATION).is_some_and(|value| value == format!("Bearer {TOKEN}").as_str())
}

/// The channels: those that the app is in, one that it is not, and one that is archived.
const CHANNELS: [(&str, &str); 5] =
    [("C0GENERAL", "general"), ("C0RANDOM1", "random"), ("C0OUTSIDE", "outside"), ("C0HWLAB01", "hw-lab"), ("C0ARCHIVE", "old")];

fn page(items: &[Value], query: &BTreeMap<String, String>, name: &str) -> Response {
    let from: usize = query.get("cursor").map_or(0, |cursor| cursor.parse().unwrap());
    let next = if from + PAGE < items.len() { (from + PAGE).to_string() } else { String::new() };
    let shown: Vec<Value> = items.iter().skip(from).take(PAGE).cloned().collect();
    yes(&json!({"ok": true, name: shown, "response_metadata": {"next_cursor": next}}))
}

async fn read(
    State(inner): State<Arc<Inner>>,
    Path(method): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if !is_let_in(&headers) {
        return no("invalid_auth");
    }
    if let Some((refused, error)) = *locked(&inner.refusal)
        && refused == method
    {
        return no(error);
    }
    let of = |name: &str| query.get(name).cloned().unwrap_or_default();
    match method.as_str() {
        "auth.test" => yes(&json!({"ok": true, "user_id": "UBOT00001"})),
        "conversations.list" => {
            let channels: Vec<Value> = CHANNELS.iter().map(|(id, name)| json!({"id": id, "name": name})).collect();
            page(&channels, &query, "channels")
        }
        "users.lookupByEmail" => match locked(&inner.emails).iter().find(|(_, email)| !email.is_empty() && **email == of("email")) {
            Some((id, _)) => yes(&json!({"ok": true, "user": {"id": id}})),
            None => no("users_not_found"),
        },
        "users.info" => match locked(&inner.emails).get(of("user").as_str()) {
            Some(&"") => yes(&json!({"ok": true, "user": {"id": of("user"), "is_restricted": true, "profile": {"real_name": "A Guest"}}})),
            Some(email) => {
                yes(&json!({"ok": true, "user": {"id": of("user"), "profile": {"real_name": "Ingrid Solberg", "email": email}}}))
            }
            None => no("user_not_found"),
        },
        "conversations.history" | "conversations.replies" => {
            let (channel, ts, oldest) = (of("channel"), query.get("ts"), of("oldest").parse::<f64>().unwrap_or(0.0));
            let is_shown = |standing: &&Standing| {
                let belongs = match ts {
                    Some(root) => standing.root() == Some(root.as_str()) || standing.ts == *root,
                    None => standing.root().is_none(),
                };
                standing.channel == channel && belongs && standing.ts.parse::<f64>().unwrap() > oldest
            };
            let shown = |standing: &Standing| {
                let mut message = json!({"type": "message", "ts": standing.ts, "bot_id": "B1", "text": standing.body["text"]});
                if query.get("include_all_metadata").is_some_and(|all| all == "true") {
                    message["metadata"] = standing.body["metadata"].clone();
                }
                message
            };
            let standing = locked(&inner.standing);
            if ts.is_some_and(|root| !standing.iter().any(|standing| standing.channel == channel && standing.ts == *root)) {
                return no("thread_not_found");
            }
            let messages: Vec<Value> = standing.iter().filter(is_shown).map(shown).collect();
            page(&messages, &query, "messages")
        }
        _ => no("unknown_method"),
    }
}

async fn write(State(inner): State<Arc<Inner>>, Path(method): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_let_in(&headers) {
        return no("invalid_auth");
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Some(body) =
        Some(kind).filter(|kind| kind.starts_with("application/json")).and_then(|_| serde_json::from_slice::<Value>(&body).ok())
    else {
        return no("invalid_json");
    };
    match method.as_str() {
        "conversations.open" => {
            let users = body["users"].as_str().unwrap().split(',').count();
            yes(&json!({"ok": true, "channel": {"id": if users == 1 { "D0DIRECT1" } else { "G0GROUPDM" }}}))
        }
        "chat.postMessage" => take(&inner, body).await,
        // These want a form or a query.
        "users.lookupByEmail" | "users.info" => no("invalid_arguments"),
        _ => no("unknown_method"),
    }
}

async fn take(inner: &Inner, body: Value) -> Response {
    let turn = locked(&inner.turns).pop_front().unwrap_or(Turn::Take);
    let answer = match turn {
        Turn::Busy(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())], "{\"ok\":false}").into_response()
        }
        Turn::Refuse(error) => no(error),
        Turn::Break | Turn::Wait => broken(),
        Turn::Take | Turn::TakeAndBreak | Turn::TakeAndWait => {
            let taken = stand(inner, body);
            if turn == Turn::TakeAndBreak { broken() } else { taken }
        }
    };
    inner.came.send_modify(|came| *came += 1);
    if matches!(turn, Turn::TakeAndWait | Turn::Wait) {
        return std::future::pending().await;
    }
    answer
}

/// An answer that ends before it is one.
fn broken() -> Response {
    let cut = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the line broke")) });
    Response::new(Body::from_stream(cut))
}

/// Puts a message where it belongs, if Slack would take it.
fn stand(inner: &Inner, body: Value) -> Response {
    if let Some(error) = unfit(&body) {
        return no(error);
    }
    let channel = body["channel"].as_str().unwrap_or_default().to_owned();
    match channel.as_str() {
        "C0OUTSIDE" => return no("not_in_channel"),
        "C0ARCHIVE" => return no("is_archived"),
        known if CHANNELS.iter().any(|(id, _)| *id == known) || ["D0DIRECT1", "G0GROUPDM"].contains(&known) => {}
        _ => return no("channel_not_found"),
    }
    let mut standing = locked(&inner.standing);
    if standing.iter().any(|last| last.channel == channel && last.at.elapsed() < PACE) {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")], "{\"ok\":false}").into_response();
    }
    let ts = format!("{}.{:06}", inner.seconds, standing.len() + 1);
    standing.push(Standing { channel: channel.clone(), ts: ts.clone(), body, at: Instant::now() });
    yes(&json!({"ok": true, "channel": channel, "ts": ts}))
}

/// Why Slack would not take a message.
fn unfit(body: &Value) -> Option<&'static str> {
    let empty = Vec::new();
    let blocks = body["blocks"].as_array().unwrap_or(&empty);
    if blocks.is_empty() && body["text"].as_str().unwrap_or_default().is_empty() {
        return Some("no_text");
    }
    if body["text"].as_str().is_some_and(|text| text.chars().count() > 40_000) {
        return Some("msg_too_long");
    }
    if !body["metadata"]["event_type"].is_string() || !body["metadata"]["event_payload"].is_object() {
        return Some("metadata_must_be_sent");
    }
    let mut chars = 0;
    for block in blocks {
        let (text, most) = match block["type"].as_str() {
            Some("header") if block["text"]["type"] == "plain_text" => (text_of(block), 150),
            Some("section") if block["text"]["type"] == "mrkdwn" => (text_of(block), 3000),
            Some("context") if block["elements"].as_array().is_some_and(|elements| (1..=10).contains(&elements.len())) => {
                (text_of(block), 2000)
            }
            _ => return Some("invalid_blocks"),
        };
        if text.is_empty() || text.chars().count() > most {
            return Some("invalid_blocks");
        }
        chars += text.chars().count();
    }
    if blocks.len() > 50 {
        return Some("invalid_blocks");
    }
    (chars > MOST_CHARS).then_some("msg_blocks_too_long")
}
