//! A receiver of webhooks on a port of this machine: it notes what it gets and answers as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A message as it came.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// How to answer.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Status(u16),
    SeeOther(String),
    Never,
}

#[derive(Debug)]
struct Inner {
    got: watch::Sender<Vec<Got>>,
    next: Mutex<VecDeque<Reply>>,
    otherwise: Mutex<Reply>,
}

/// Listens until it is dropped.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn start() -> Self {
        let inner = Inner { got: watch::Sender::new(Vec::new()), next: Mutex::default(), otherwise: Mutex::new(Reply::Status(204)) };
        let inner = Arc::new(inner);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(take).with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inner, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/in?key=hidden", self.address)
    }

    /// Has the next messages answered so, one each.
    pub(crate) fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        self.inner.next.lock().unwrap().extend(replies);
    }

    /// Has every other message answered so.
    pub(crate) fn otherwise(&self, reply: Reply) {
        *self.inner.otherwise.lock().unwrap() = reply;
    }

    /// What came until now.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.inner.got.borrow().clone()
    }

    /// Waits until so many messages came.
    pub(crate) async fn until(&self, many: usize) -> Vec<Got> {
        self.inner.got.subscribe().wait_for(|got| got.len() >= many).await.unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// What this secret signs of the message, computed from the bytes that came, as a receiver does.
    pub(crate) fn signed_with(&self, secret: &str) -> String {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert!((24..=64).contains(&key.len()), "{} bytes", key.len());
        let mut signed = format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp")).into_bytes();
        signed.extend_from_slice(&self.body);
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(&signed);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Asserts that exactly these secrets signed it, in this order.
    #[track_caller]
    pub(crate) fn expect_signed(&self, secrets: &[&str]) {
        let expected: Vec<String> = secrets.iter().map(|secret| self.signed_with(secret)).collect();
        assert_eq!(self.header("webhook-signature"), expected.join(" "));
    }
}

async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let reply = inner.next.lock().unwrap().pop_front();
    let reply = reply.unwrap_or_else(|| inner.otherwise.lock().unwrap().clone());
    inner.got.send_modify(|got| got.push(Got { headers, body }));
    match reply {
        // More than anybody should read, and words that nobody should repeat.
        Reply::Status(status) => (StatusCode::from_u16(status).unwrap(), "UPSTREAM ".repeat(100_000)).into_response(),
        Reply::SeeOther(url) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url)]).into_response(),
        Reply::Never => std::future::pending().await,
    }
}
