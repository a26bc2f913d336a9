//! What surrounds every call: its id, the headers of its answer, its log line, its time limit.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response as HttpResponse};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::api::problem::{Code, Problem};

/// The header with the id of a call, in both directions.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the call its id, writes the problem document if there is one, sets the headers of every answer, and logs one line.
pub(crate) async fn speak(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("call", request.id = id);
    let mut response = next.run(request).instrument(span).await;
    Problem::write(&mut response, &path, &id);
    tracing::debug!(
        request.id = id,
        http.method = method.as_str(),
        http.route = route,
        http.status = response.status().as_u16(),
        call.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "a call was answered"
    );
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(X_REQUEST_ID, id);
    }
    response
}

/// The caller's own id where it is sane, else a new one of 128 random bits.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    match given {
        Some(id) if is_sane(id) => id.to_owned(),
        Some(_) | None => format!("{:032x}", rand::random::<u128>()),
    }
}

/// Up to 128 letters, digits and `-_.:`: nothing that could forge a log line.
fn is_sane(id: &str) -> bool {
    !id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

/// Gives a call up that takes too long.
///
/// # Cancel safety
/// The handler is dropped where it waits; a verb that had committed stays committed.
pub(crate) async fn hurry(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let detail = format!("no answer within {} s: try again, or ask for less", limit.as_secs());
        Problem::new(Code::TimedOut, detail).retry_after(1).into_response()
    })
}

/// Turns a panic of a handler into a problem; the panic hook has logged where it happened.
pub(crate) fn caught(panic: Box<dyn Any + Send + 'static>) -> HttpResponse<Body> {
    drop(panic);
    Problem::internal("a handler panicked").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sane_id_is_kept() {
        let check = |given: &'static str, kept: bool| {
            let headers = HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_static(given))]);
            assert_eq!(request_id(&headers) == given, kept, "{given}");
        };
        check("abc-123_x.y:z", true);
        check("", false);
        check("a b", false);
        check("a\tb", false);
        assert!(!is_sane(&"x".repeat(129)));
    }

    #[test]
    fn two_calls_get_two_ids() {
        let empty = HeaderMap::new();
        assert_ne!(request_id(&empty), request_id(&empty));
    }
}
