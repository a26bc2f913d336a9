//! What Slack and Teams have in common: how they are called, what can go wrong, what people say there, and how a text is written for them.
//!
//! Requests go the guarded way of [`network`]. What the other side says never leaves this room: it answers in words of
//! its own. Knows nothing of side conversations and of when to try again. Called by `slack` and `teams`, and its types by `app`.

pub(super) mod marks;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::connectors::network::{self, Network, is_forbidden};
use crate::domain::outbox::SendReason;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::EmailAddress;

/// No answer that means anything is larger.
const LARGEST_ANSWER_BYTES: usize = 4 << 20;
/// Whoever asks for more patience is asked again after this.
const LONGEST_WAIT_SECONDS: i64 = 3600;

/// Why something was not done, or may not have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Not now; nothing was done.
    Later {
        /// Why.
        reason: SendReason,
        /// After how many seconds the other side wants to be asked again.
        after_seconds: Option<i64>,
    },
    /// Never.
    Refused(SendReason),
    /// The line broke, or the other side stumbled: it may have been done.
    Unknown,
}

impl Trouble {
    /// The same of a request that only reads: nothing was done in any case.
    #[must_use]
    pub const fn of_reading(self) -> Self {
        match self {
            Self::Unknown => Self::later(SendReason::ServerAway),
            Self::Later { .. } | Self::Refused(_) => self,
        }
    }

    /// Not now, for this reason.
    #[must_use]
    pub const fn later(reason: SendReason) -> Self {
        Self::Later { reason, after_seconds: None }
    }

    /// Why, where that is known.
    #[must_use]
    pub const fn reason(self) -> SendReason {
        match self {
            Self::Later { reason, .. } | Self::Refused(reason) => reason,
            Self::Unknown => SendReason::BrokeOff,
        }
    }
}

/// Something that was said in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The channel's id.
    pub conversation: String,
    /// The message that it answers, where it answers one.
    pub root: Option<String>,
    /// Whether only those who were asked are there.
    pub is_direct: bool,
    /// The id of the message in its channel.
    pub posting: String,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// Where the other side wants to be answered, if it says so.
    pub service_url: Option<String>,
    /// What it is.
    pub what: What,
}

/// What was said in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A message.
    Written(Words),
    /// Other words for a message, since a moment in the words of the other side.
    Edited(Words, String),
    /// A message was taken away.
    Deleted,
    /// A machine wrote it, such as this one.
    Machine,
    /// Nothing that matters.
    Nothing,
}

/// The words of somebody in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Their id over there.
    pub user: String,
    /// What they wrote, in the marks of the chat.
    pub text: String,
    /// The names of the files that came with it.
    pub files: Vec<String>,
}

/// A message that is to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter<'a> {
    /// The subject, above the first message of a side conversation.
    pub subject: Option<&'a str>,
    /// Who writes.
    pub from_name: &'a str,
    /// The ids of those who are to be told that they are asked.
    pub mentions: &'a [String],
    /// Its text, in the markdown-like way that people write.
    pub body: &'a str,
    /// The names of its files, which stay here.
    pub files: &'a [String],
}

/// A message over there, which may be a part of one of the desk's.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What notices and old programs show.
    pub text: String,
    /// What is shown, as the other side wants it.
    pub shown: Value,
}

/// Somebody in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their address, where the chat tells it.
    pub address: Option<EmailAddress>,
    /// What they are called.
    pub name: String,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

/// The way to another system; cloning shares its connections.
#[derive(Debug, Clone)]
pub(super) struct Line {
    allowed: Arc<[Network]>,
    timeout: Duration,
    client: Arc<OnceCell<Client>>,
}

impl Line {
    pub(super) fn new(allowed: &[Network], timeout_seconds: u64) -> Self {
        Self { allowed: allowed.into(), timeout: Duration::from_secs(timeout_seconds), client: Arc::default() }
    }

    /// An address, as far as anything may be sent there.
    pub(super) fn address(&self, given: &str) -> Result<Url, network::Unfit> {
        network::address(given, &self.allowed)
    }

    /// Asks for something; answers also where the other side says no, but not where it is busy or broken.
    ///
    /// # Cancel safety
    /// Dropped halfway, what was asked for may have been done or not.
    pub(super) async fn ask(&self, request: impl FnOnce(&Client) -> RequestBuilder) -> Result<Answer, Trouble> {
        let made = self.client.get_or_try_init(|| std::future::ready(network::client(&self.allowed, self.timeout).build()));
        let client = made.await.map_err(|error| {
            tracing::error!(problem.causes = &error as &dyn std::error::Error, "nothing can be sent to chats");
            Trouble::later(SendReason::ServerAway)
        })?;
        let answer = request(client).send().await.map_err(|error| {
            if is_forbidden(&error) {
                Trouble::Refused(SendReason::NotAllowed)
            } else if error.is_connect() || error.is_builder() {
                Trouble::later(SendReason::ServerAway)
            } else {
                Trouble::Unknown
            }
        })?;
        let status = answer.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Trouble::Later { reason: SendReason::ServerBusy, after_seconds: retry_after(&answer) });
        }
        // Whoever stumbled may have done it before.
        if status.is_server_error() {
            return Err(Trouble::Unknown);
        }
        Ok(Answer { status, body: body(answer).await? })
    }
}

/// Lets no more requests through than one in a while, for each place by itself.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    every: Duration,
    next: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Pace {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, next: Arc::default() }
    }

    /// Waits until a place takes another request.
    pub(super) async fn wait(&self, place: &str) {
        let now = Instant::now();
        let turn = {
            let mut next = locked(&self.next);
            next.retain(|_, at| *at > now);
            let turn = next.get(place).copied().unwrap_or(now);
            next.insert(place.to_owned(), turn + self.every);
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}

/// What is shared between requests, also after one of them panicked.
pub(super) fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A text, if it is one and not empty.
pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The beginning of a text, with a mark where it goes on.
pub(super) fn short(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    text.chars().take(chars - 1).chain(['…']).collect()
}

/// A text in one line, as a notice shows it.
pub(super) fn notice(letter: &Letter<'_>, chars: usize) -> String {
    let said = letter.body.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = letter.subject.map_or_else(|| said.clone(), |subject| format!("{subject}: {said}"));
    short(&said, chars)
}

/// A request with a body of JSON.
pub(super) fn json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json; charset=utf-8").body(body.to_string())
}

/// The seconds of a header `Retry-After`; a date there is left to whoever waits anyway.
fn retry_after(answer: &Response) -> Option<i64> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<i64>().ok()?;
    Some(seconds.clamp(1, LONGEST_WAIT_SECONDS))
}

/// The body of an answer; null where it is none of JSON.
async fn body(mut answer: Response) -> Result<Value, Trouble> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| Trouble::Unknown)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST_ANSWER_BYTES {
            return Err(Trouble::Unknown);
        }
    }
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}
