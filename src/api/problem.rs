//! Problems: the one table of error codes and the one place that writes RFC 9457 documents.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::error::{Error, Fault};
use crate::domain::leak::Leak;
use crate::wire::read::{FieldError, ReadError};

/// When to try again where the cause says nothing of it, in seconds.
const RETRY_AFTER_SECONDS: u32 = 5;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $word:literal $fault:ident $status:ident $title:literal;)*) => {
        /// A stable name of a kind of problem; never reused for another.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $code,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// The code as callers see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word,)* }
            }

            /// Whose fault it is.
            #[must_use]
            pub const fn fault(self) -> Fault {
                match self { $(Self::$code => Fault::$fault,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status,)* }
            }

            /// What it means, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON: cut off, empty, not UTF-8.
    BodyNotJson = "body-not-json" User BAD_REQUEST "the body is not JSON";
    /// The parts of a `multipart/form-data` body cannot be told apart.
    BodyNotMultipart = "body-not-multipart" User BAD_REQUEST "the parts of the body cannot be read";
    /// The body did not arrive whole.
    BodyCutOff = "body-cut-off" User BAD_REQUEST "the body did not arrive whole";
    /// The query of the URL cannot be used.
    QueryInvalid = "query-invalid" User BAD_REQUEST "the query cannot be used";
    /// The key is empty, too long, or holds odd characters.
    IdempotencyKeyInvalid = "idempotency-key-invalid" User BAD_REQUEST "the idempotency key cannot be used";
    /// No token, or none that is known.
    Unauthenticated = "unauthenticated" User UNAUTHORIZED "a valid token is needed";
    /// The token's role does not allow it.
    Forbidden = "forbidden" User FORBIDDEN "the role does not allow this";
    /// There is no such thing in the workspace.
    NotFound = "not-found" User NOT_FOUND "there is no such thing";
    /// There is no such path.
    RouteUnknown = "route-unknown" User NOT_FOUND "there is no such path";
    /// The path exists, with other methods.
    MethodNotAllowed = "method-not-allowed" User METHOD_NOT_ALLOWED "the path does not know this method";
    /// Something else stands in the way.
    Conflict = "conflict" User CONFLICT "something stands in the way";
    /// The same request with the same key is still being worked on.
    IdempotencyKeyInUse = "idempotency-key-in-use" User CONFLICT "the same request is being worked on";
    /// The process that worked on the request with this key died.
    IdempotencyOutcomeUnknown = "idempotency-outcome-unknown" User CONFLICT "whether the request took effect is not known";
    /// The body is too large.
    BodyTooLarge = "body-too-large" User PAYLOAD_TOO_LARGE "the body is too large";
    /// The body is of a type that the path does not read.
    MediaTypeUnsupported = "media-type-unsupported" User UNSUPPORTED_MEDIA_TYPE "the body's type is not read here";
    /// The body is JSON of another shape, or a value in it cannot be used.
    BodyInvalid = "body-invalid" User UNPROCESSABLE_ENTITY "the body cannot be used";
    /// A message holds what must not reach its recipients.
    MessageHeld = "message-held" User UNPROCESSABLE_ENTITY "the message is held back";
    /// The key was used with another request.
    IdempotencyKeyReused = "idempotency-key-reused" User UNPROCESSABLE_ENTITY "the idempotency key belongs to another request";
    /// More calls at once than the service takes.
    TooManyRequests = "too-many-requests" User TOO_MANY_REQUESTS "too many calls at once";
    /// A bug, or a state that should not be.
    Internal = "internal" Bug INTERNAL_SERVER_ERROR "an internal error";
    /// A queue inside is full.
    Overloaded = "overloaded" Outside SERVICE_UNAVAILABLE "the service is busy";
    /// A part that is needed does not answer.
    Unavailable = "unavailable" Outside SERVICE_UNAVAILABLE "a part of the service does not answer";
    /// The call took too long.
    TimedOut = "timed-out" Outside SERVICE_UNAVAILABLE "the call took too long";
}

/// Why a call was not answered as asked.
///
/// As a response it is only a status with the problem beside it; `context` adds what it knows of the request
/// and lets the document be written.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u32>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "urn:backchannel:problem:body-invalid", "title": "the body cannot be used", "status": 422,
    "detail": "`/requester/email`: `ana` is not an e-mail address: expected `name@domain`", "instance": "/v1/tickets",
    "code": "body-invalid", "request_id": "5f0c…",
    "errors": [{"pointer": "/requester/email", "detail": "`ana` is not an e-mail address: expected `name@domain`"}]
}))]
pub struct ProblemOut {
    /// Names the kind of problem; ends with `code`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the kind means.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, and what to do.
    pub detail: String,
    /// The path that was called.
    pub instance: String,
    /// A stable name for programs.
    pub code: String,
    /// What to name when asking for help; the log has the same.
    pub request_id: String,
    /// Which fields of the body, or parameters of the query, are meant; empty when none is.
    pub errors: Vec<ProblemFieldOut>,
}

/// A field of the body, or a parameter of the query, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemFieldOut {
    /// JSON pointer (RFC 6901) into the body, and with the code `query-invalid` into the query, such as `/limit`; empty for the whole.
    pub pointer: String,
    /// What is wrong, and what to do.
    pub detail: String,
}

/// What lies beside a response until the document is written.
#[derive(Clone)]
struct Unwritten(Arc<Problem>);

impl Problem {
    /// A problem with what happened this time, and what to do.
    pub fn new(code: Code, detail: impl fmt::Display) -> Self {
        Self { code, detail: detail.to_string(), errors: Vec::new(), retry_after_seconds: None, source: None }
    }

    /// A bug: the caller learns nothing of it, the log everything.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::new(Code::Internal, "this is a bug: tell the operator the request id") }
    }

    /// A problem at a parameter of the query.
    pub(crate) fn query(error: FieldError) -> Self {
        Self::new(Code::QueryInvalid, &error).at(error)
    }

    /// A problem at several fields of the body.
    pub(crate) fn with_fields(code: Code, detail: impl fmt::Display, errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(code, detail) }
    }

    /// The same problem, with when to try again.
    #[must_use]
    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// The same problem at one field of the body or parameter of the query.
    fn at(self, field: FieldError) -> Self {
        Self { errors: vec![field], ..self }
    }

    /// Its code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Writes the document into a response that carries a problem; another is left as it is.
    pub(crate) fn write(response: &mut Response, instance: &str, request_id: &str) {
        let Some(Unwritten(problem)) = response.extensions_mut().remove::<Unwritten>() else { return };
        problem.log(request_id);
        let document = problem.document(instance, request_id);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = problem.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if problem.code == Code::Unauthenticated {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"backchannel\""));
        }
        *response.body_mut() = Body::from(serde_json::to_vec(&document).unwrap_or_default());
    }

    fn document(&self, instance: &str, request_id: &str) -> ProblemOut {
        let Self { code, detail, errors, retry_after_seconds: _, source: _ } = self;
        ProblemOut {
            kind: format!("urn:backchannel:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status().as_u16(),
            detail: detail.clone(),
            instance: instance.to_owned(),
            code: code.as_str().to_owned(),
            request_id: request_id.to_owned(),
            errors: errors
                .iter()
                .map(|FieldError { pointer, detail }| ProblemFieldOut { pointer: pointer.clone(), detail: detail.clone() })
                .collect(),
        }
    }

    /// Only what the caller cannot mend is logged, once, with its causes.
    fn log(&self, request_id: &str) {
        let causes = self.causes();
        let code = self.code.as_str();
        match self.code.fault() {
            Fault::User => {}
            Fault::Outside => {
                tracing::warn!(request.id = request_id, problem.code = code, problem.causes = causes, "a call was not answered");
            }
            Fault::Bug => {
                tracing::error!(request.id = request_id, problem.code = code, problem.causes = causes, "a call failed");
            }
        }
    }

    fn causes(&self) -> String {
        let mut causes = Vec::new();
        let mut next = self.source.as_ref().map(|source| source.as_ref() as &dyn StdError);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes.join(": ")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(Unwritten(Arc::new(self)));
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound { .. } => Self::new(Code::NotFound, detail),
            // The one argument of a verb that comes in a query and is read by the verb itself.
            Error::Invalid { field, reason } if field == "cursor" => Self::query(FieldError::new("/cursor", reason)),
            Error::Invalid { field, reason } => FieldError::new(pointer(&field), reason).into(),
            Error::TooLarge { .. } => Self::new(Code::BodyTooLarge, detail),
            Error::Conflict(_) | Error::TooMuchUnsent { .. } => Self::new(Code::Conflict, detail),
            Error::ConflictAt { field, reason } => {
                let field = FieldError::new(pointer(&field), reason);
                Self::new(Code::Conflict, &field).at(field)
            }
            Error::Held { leaks } => {
                let detail = "take out what `errors` name (`POST /v1/side-conversations/check` shows where it stands, and the text without it), \
                     or send `acknowledged` as true where none of it is blocked";
                Self::with_fields(Code::MessageHeld, detail, leaks.iter().map(held).collect())
            }
            Error::Forbidden { .. } => Self::new(Code::Forbidden, detail),
            Error::Unauthenticated => {
                Self::new(Code::Unauthenticated, "send the header `authorization: Bearer bc_…` with a token that was not revoked")
            }
            Error::Overloaded { retry_after_seconds } => Self::new(Code::Overloaded, detail).retry_after(retry_after_seconds),
            Error::Unavailable { part: _, source } => {
                let problem = Self::new(Code::Unavailable, "try again later").retry_after(RETRY_AFTER_SECONDS);
                Self { source: Some(source), ..problem }
            }
            Error::Internal(source) => Self::internal(source),
        }
    }
}

/// What holds a message back, at the part in which it stands.
fn held(leak: &Leak) -> FieldError {
    FieldError::new(format!("/{}", leak.part), format!("{}: {}", leak.level, leak.reason))
}

/// The verbs name arguments as `requester.email`; bodies are pointed into as `/requester/email`.
fn pointer(field: &str) -> String {
    if field.starts_with('/') || field.is_empty() { field.to_owned() } else { format!("/{}", field.replace(['.', ' '], "/")) }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self::new(Code::BodyInvalid, &error).at(error)
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Syntax(field) => Self::new(Code::BodyNotJson, &field).at(field),
            ReadError::Shape(field) => field.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn the_table_of_codes_does_not_change_unnoticed() {
        let table = Code::ALL.iter().fold(String::new(), |mut table, code| {
            let _ = writeln!(table, "{} {} {:?} {}", code.status().as_u16(), code.as_str(), code.fault(), code.title());
            table
        });
        insta::assert_snapshot!(table, @r"
        400 body-not-json User the body is not JSON
        400 body-not-multipart User the parts of the body cannot be read
        400 body-cut-off User the body did not arrive whole
        400 query-invalid User the query cannot be used
        400 idempotency-key-invalid User the idempotency key cannot be used
        401 unauthenticated User a valid token is needed
        403 forbidden User the role does not allow this
        404 not-found User there is no such thing
        404 route-unknown User there is no such path
        405 method-not-allowed User the path does not know this method
        409 conflict User something stands in the way
        409 idempotency-key-in-use User the same request is being worked on
        409 idempotency-outcome-unknown User whether the request took effect is not known
        413 body-too-large User the body is too large
        415 media-type-unsupported User the body's type is not read here
        422 body-invalid User the body cannot be used
        422 message-held User the message is held back
        422 idempotency-key-reused User the idempotency key belongs to another request
        429 too-many-requests User too many calls at once
        500 internal Bug an internal error
        503 overloaded Outside the service is busy
        503 unavailable Outside a part of the service does not answer
        503 timed-out Outside the call took too long
        ");
    }

    fn written(problem: Problem) -> (Response, ProblemOut) {
        let document = problem.document("/v1/tickets", "r1");
        let mut response = problem.into_response();
        Problem::write(&mut response, "/v1/tickets", "r1");
        (response, document)
    }

    #[test]
    fn what_is_wrong_inside_stays_inside() {
        let source = std::io::Error::other("password of the database");
        for error in [Error::Internal(Box::new(source)), Error::Unavailable { part: "store", source: "10.0.0.7 refused".into() }] {
            let (_, document) = written(error.into());
            let text = serde_json::to_string(&document).unwrap();
            assert!(!text.contains("password") && !text.contains("10.0.0.7") && !text.contains("store"), "{text}");
        }
    }

    #[test]
    fn a_busy_service_says_when_to_come_back() {
        let (response, _) = written(Error::Overloaded { retry_after_seconds: 3 }.into());
        assert_eq!(response.headers()[RETRY_AFTER], "3");
        let (response, _) = written(Error::Unavailable { part: "index", source: "down".into() }.into());
        assert_eq!(response.headers()[RETRY_AFTER], "5");
    }

    #[test]
    fn every_code_with_429_or_503_is_made_with_a_time_to_come_back() {
        let later = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
        let codes: Vec<_> = Code::ALL.iter().filter(|code| later.contains(&code.status())).collect();
        assert_eq!(codes, [&Code::TooManyRequests, &Code::Overloaded, &Code::Unavailable, &Code::TimedOut]);
    }

    #[test]
    fn an_argument_is_pointed_at_in_the_body() {
        let check = |field: &str, pointer: &str| {
            let (_, document) = written(Error::Invalid { field: field.into(), reason: "no".into() }.into());
            assert_eq!(document.errors, [ProblemFieldOut { pointer: pointer.into(), detail: "no".into() }]);
            assert_eq!(document.status, 422);
        };
        check("requester.email", "/requester/email");
        check("/comments/0/body", "/comments/0/body");
        check("files.intents", "/files/intents");
    }
}
