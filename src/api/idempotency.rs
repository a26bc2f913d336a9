//! `Idempotency-Key`: the same call sent twice has one effect and the same answer.

use std::panic::AssertUnwindSafe;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use crate::api::Api;
use crate::api::caller::{Caller, Permit};
use crate::api::extract::{body_bytes, media_type};
use crate::api::problem::{Code, Problem};
use crate::app::{App, KeyedRequest, Known, StoredResponse};
use crate::domain::user::Actor;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How soon a call may find its running twin answered, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Answers a call from memory whose key was seen with the same request; claims the key of a new one and remembers its answer if it
/// succeeds.
///
/// A call without the header passes untouched. What was refused is not remembered, so that it can be mended and sent again. While a
/// call runs, a second with the same key is sent away.
///
/// # Cancel safety
/// A call that has begun is finished and its answer kept even when its caller has left: whoever sends it again gets that answer. Only
/// when the process dies in between, or the call ends with an error of ours, is the outcome unknown; such a call is never done again,
/// for that could do it twice.
pub(crate) async fn once(State(api): State<Api>, caller: Caller, request: Request, next: Next) -> Result<Response, Problem> {
    let Some(key) = key(request.headers())? else { return Ok(next.run(request).await) };
    let Caller(actor) = caller;
    let permit = request.extensions().get::<Permit>().cloned();
    let (parts, body) = request.into_parts();
    let mut whole = Request::new(body);
    // The limit of the route travels in the extensions.
    *whole.extensions_mut() = parts.extensions.clone();
    let bytes = body_bytes(whole, &()).await?;
    let path = parts.uri.path_and_query().map_or_else(|| parts.uri.path(), |path| path.as_str());
    let hash = request_hash(parts.method.as_str(), path, &parts.headers, &bytes);
    let work = next.run(Request::from_parts(parts, Body::from(bytes)));
    do_once(&api, actor, key, hash, permit, work).await
}

/// Does what a key stands for once; `hash` stands for what is asked.
///
/// # Cancel safety
/// As [`once`].
pub(crate) async fn do_once(
    api: &Api,
    actor: Actor,
    key: String,
    hash: String,
    permit: Option<Permit>,
    work: impl Future<Output = Response> + Send + 'static,
) -> Result<Response, Problem> {
    // A task of its own, because a caller who leaves drops this future: between the claim and the answer that would block the key.
    let keyed = KeyedRequest { actor, key, hash };
    let done = api.app.to_its_end(claim_and_do(api.app.clone(), keyed, work, permit).in_current_span());
    match done.await {
        Ok(answer) => answer,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(ended) => Err(Problem::internal(ended)),
        },
    }
}

/// Claims the key, does the call, and keeps its answer; frees the key of a call that was refused.
///
/// The permit is held to the end: callers who leave must not make room for more than the service takes.
async fn claim_and_do(
    app: App,
    request: KeyedRequest,
    work: impl Future<Output = Response> + Send,
    _permit: Option<Permit>,
) -> Result<Response, Problem> {
    let claimed = match app.claim(request).await? {
        Known::Fresh(claimed) => claimed,
        Known::Answered(response) => return Ok(replay(response)),
        Known::Running => return Err(running()),
        Known::Unknown => return Err(unknown()),
        Known::Mismatch => return Err(reused()),
    };
    let response = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(response) if response.status().is_success() => response,
        Ok(refused) if refused.status().is_client_error() => {
            if let Err(error) = app.give_up_claim(&claimed).await {
                tracing::warn!(problem.causes = %error, "an idempotency key could not be freed and rests until it is taken for abandoned");
            }
            return Ok(refused);
        }
        broken => {
            // It may have been done and committed before it broke.
            if let Err(error) = app.leave_open(&claimed).await {
                tracing::warn!(problem.causes = %error, "an idempotency key rests until it is taken for abandoned");
            }
            return Ok(broken.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    };
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(Problem::internal)?;
    let kept = StoredResponse {
        status: parts.status.as_u16(),
        location: parts.headers.get(LOCATION).and_then(|location| location.to_str().ok()).map(str::to_owned),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    if let Err(error) = app.keep_answer(&claimed, &kept).await {
        // The effect stands: an error now would make the caller do it twice.
        tracing::warn!(problem.causes = %error, "an answer could not be kept for its idempotency key");
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// The key of a call, if it has one.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::new(Code::IdempotencyKeyInvalid, "expected 1 to 255 visible ASCII characters, such as a UUID"));
    }
    Ok(Some(key.to_owned()))
}

fn reused() -> Problem {
    Problem::new(Code::IdempotencyKeyReused, "this key was sent before with another method, path or body: use a new key")
}

fn running() -> Problem {
    Problem::new(Code::IdempotencyKeyInUse, "the same call is still being worked on: send it again to get its answer")
        .retry_after(RETRY_AFTER_SECONDS)
}

fn unknown() -> Problem {
    let detail = "this call broke off before it could be said how it ended: look whether it took effect, and send it with a new key if \
                  it did not";
    Problem::new(Code::IdempotencyOutcomeUnknown, detail)
}

fn replay(StoredResponse { status, location, body }: StoredResponse) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    if let Some(location) = location.and_then(|location| HeaderValue::try_from(location).ok()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// sha256 of method, path with query, and body, in hexadecimal.
///
/// The boundary of a multipart body is left out, because clients draw a new one for each attempt.
fn request_hash(method: &str, path: &str, headers: &HeaderMap, body: &Bytes) -> String {
    let mut hash = Sha256::new();
    for part in [method, "\n", path, "\n"] {
        hash.update(part.as_bytes());
    }
    match boundary(headers) {
        Some(boundary) => without(body, boundary.as_bytes(), |piece| hash.update(piece)),
        None => hash.update(body),
    }
    hex::encode(hash.finalize())
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    if media_type(headers)? != "multipart/form-data" {
        return None;
    }
    let parameters = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let boundary = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?.trim_matches('"');
    (!boundary.is_empty()).then(|| boundary.to_owned())
}

/// Hands over the pieces of `body` between occurrences of `cut`.
fn without(body: &[u8], cut: &[u8], mut take: impl FnMut(&[u8])) {
    let mut start = 0;
    let mut at = 0;
    while at + cut.len() <= body.len() {
        if body[at] == cut[0] && &body[at..at + cut.len()] == cut {
            take(&body[start..at]);
            at += cut.len();
            start = at;
        } else {
            at += 1;
        }
    }
    take(&body[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(header: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_key_is_short_and_visible() {
        assert_eq!(key(&HeaderMap::new()).unwrap(), None);
        assert_eq!(key(&with(IDEMPOTENCY_KEY, "a-1")).unwrap().as_deref(), Some("a-1"));
        for bad in ["", "a b", &"x".repeat(256)] {
            assert_eq!(key(&with(IDEMPOTENCY_KEY, bad)).unwrap_err().code(), Code::IdempotencyKeyInvalid, "{bad}");
        }
    }

    #[test]
    fn another_method_path_query_or_body_is_another_request() {
        let none = HeaderMap::new();
        let hash = |method: &str, path: &str, body: &'static [u8]| request_hash(method, path, &none, &Bytes::from_static(body));
        let one = hash("POST", "/v1/tickets", b"{}");
        assert_eq!(one, hash("POST", "/v1/tickets", b"{}"));
        for other in
            [hash("PUT", "/v1/tickets", b"{}"), hash("POST", "/v1/tickets?wait=triage", b"{}"), hash("POST", "/v1/tickets", b"{ }")]
        {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_multipart_body_is_the_same_under_another_boundary() {
        let hash = |boundary: &str, content: &str| {
            let headers = with(CONTENT_TYPE, &format!("multipart/form-data; boundary={boundary}"));
            let body = format!("--{boundary}\r\nname=file\r\n\r\n{content}\r\n--{boundary}--");
            request_hash("POST", "/v1/documents", &headers, &Bytes::from(body))
        };
        assert_eq!(hash("aaa1", "text"), hash("bbb2", "text"));
        assert_ne!(hash("aaa1", "text"), hash("aaa1", "other"));
    }
}
