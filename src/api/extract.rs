//! Reading bodies and queries so that every rejection is a problem.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use futures::StreamExt as _;
use serde::de::DeserializeOwned;

use crate::api::problem::{Code, Problem};
use crate::wire::query::read_query;
use crate::wire::read::read;

/// The bytes of a JSON body: of the right type and not too large.
#[derive(Debug)]
pub(crate) struct JsonBytes(pub(crate) Bytes);

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// The query of the URL.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = media_type(request.headers()).is_some_and(|kind| kind == "application/json" || kind.ends_with("+json"));
        let bytes = body_bytes(request, state).await?;
        // An empty body has no type worth complaining about: reading it says that it is empty.
        if is_json || bytes.is_empty() {
            return Ok(Self(bytes));
        }
        Err(Problem::new(Code::MediaTypeUnsupported, "send JSON with the header `content-type: application/json`"))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, state).await?;
        Ok(Self(read(&bytes)?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_query(parts.uri.query().unwrap_or_default()).map(Self).map_err(Problem::query)
    }
}

/// The type of a body, in lower case and without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The whole body, within the limit that the route sets.
pub(crate) async fn body_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(rejected)
}

fn rejected(rejection: BytesRejection) -> Problem {
    if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { cut_off() }
}

/// The beginning of a body, `kept_bytes` at least, and how many bytes it has; at most `most_bytes`.
pub(crate) async fn body_begun(request: Request, kept_bytes: usize, most_bytes: u64) -> Result<(Vec<u8>, u64), Problem> {
    let (mut kept, mut size) = (Vec::new(), 0_u64);
    let mut chunks = request.into_body().into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| cut_off())?;
        size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if size > most_bytes {
            let detail = format!("this mail is larger than {} MiB: it was not taken in", most_bytes >> 20);
            return Err(Problem::new(Code::BodyTooLarge, &detail));
        }
        if kept.len() <= kept_bytes {
            kept.extend_from_slice(&chunk);
        }
    }
    // What lies beyond is not here as a whole.
    if u64::try_from(kept_bytes).is_ok_and(|kept| kept < size) {
        kept.truncate(kept_bytes);
    }
    Ok((kept, size))
}

/// The problem of a body that is too large.
pub(crate) fn too_large() -> Problem {
    Problem::new(
        Code::BodyTooLarge,
        "send less at once: JSON bodies may hold 1 MiB, documents 64 MiB, unless the operator set another limit",
    )
}

/// The problem of a body that ends too early.
pub(crate) fn cut_off() -> Problem {
    Problem::new(Code::BodyCutOff, "the connection ended before the body did: send it again")
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::extract::DefaultBodyLimit;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;
    use crate::api::context::speak;
    use crate::wire::feedback::FeedbackIn;

    const LIMIT_BYTES: usize = 256;

    async fn answer(content_type: &str, body: impl Into<Body>) -> (u16, Value) {
        let router = Router::new()
            .route("/x", post(|Json(FeedbackIn { verdict, .. })| async move { verdict.to_string() }))
            .layer(DefaultBodyLimit::max(LIMIT_BYTES))
            .layer(from_fn(speak));
        let request = Request::post("/x").header(CONTENT_TYPE, content_type).header("x-request-id", "r1").body(body.into()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn check(body: impl Into<Body>, status: u16, code: &str, pointer: &str) {
        let (given, problem) = answer("application/json", body).await;
        assert_eq!(
            (given, problem["code"].as_str(), problem["errors"][0]["pointer"].as_str()),
            (status, Some(code), Some(pointer)),
            "{problem}"
        );
        assert_eq!((&problem["instance"], &problem["request_id"], &problem["status"]), (&"/x".into(), &"r1".into(), &status.into()));
    }

    #[tokio::test]
    async fn a_body_that_is_not_json_is_a_problem_with_a_pointer() {
        check(r#"{"verdict":"up","note":"cut o"#, 400, "body-not-json", "/note").await;
        check("", 400, "body-not-json", "").await;
        check(b"{\"note\":\"\xff\xfe\"}".to_vec(), 400, "body-not-json", "").await;
        check("verdict=up", 400, "body-not-json", "").await;
    }

    #[tokio::test]
    async fn a_body_of_another_shape_is_a_problem_with_a_pointer() {
        check(r#"{"verdict":1}"#, 422, "body-invalid", "/verdict").await;
        check(r#"{"verdict":"upp"}"#, 422, "body-invalid", "/verdict").await;
        check(r#"{"verdict":"up","notes":"x"}"#, 422, "body-invalid", "/notes").await;
        check("{}", 422, "body-invalid", "/verdict").await;
        check("[]", 422, "body-invalid", "").await;
    }

    #[tokio::test]
    async fn an_unknown_key_is_answered_with_the_nearest_known_one() {
        let (_, problem) = answer("application/json; charset=utf-8", r#"{"verdict":"up","notee":"x"}"#).await;
        assert_eq!(problem["detail"], "`/notee`: unknown key `notee`: did you mean `note`?");
    }

    #[tokio::test]
    async fn of_a_mail_that_is_too_large_the_beginning_is_heard_and_its_size() {
        let begun = async |bytes: usize| body_begun(Request::new(Body::from(vec![7; bytes])), 10, 1 << 20).await;
        assert_eq!(begun(10).await.unwrap(), (vec![7; 10], 10));
        assert_eq!(begun(11).await.unwrap(), (vec![7; 10], 11));
        let refused = begun((1 << 20) + 1).await.unwrap_err().into_response();
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_or_of_another_type_is_a_problem() {
        let (status, problem) = answer("application/json", "x".repeat(LIMIT_BYTES + 1)).await;
        assert_eq!((status, &problem["code"]), (413, &"body-too-large".into()));
        let (status, problem) = answer("application/x-www-form-urlencoded", "verdict=up").await;
        assert_eq!((status, &problem["code"]), (415, &"media-type-unsupported".into()));
    }
}
