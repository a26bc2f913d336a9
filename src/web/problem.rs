//! Problems: what went wrong, as a page, and the one place that logs it.

use std::error::Error as StdError;
use std::fmt;

use axum::Extension;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::error::Error;
use crate::web::view::{Detail, ProblemKind, ProblemView};
use crate::web::words::Text;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// When to try again where the cause says nothing of it, in seconds.
const RETRY_AFTER_SECONDS: u32 = 5;

/// Why a request was not answered as asked.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    kind: ProblemKind,
    detail: Option<Detail>,
    kept: Option<String>,
    /// Where to go from here; the inbox when nothing is said.
    to: Option<String>,
    retry_after_seconds: Option<u32>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    const fn new(status: StatusCode, kind: ProblemKind) -> Self {
        Self { status, kind, detail: None, kept: None, to: None, retry_after_seconds: None, source: None }
    }

    /// There is no such page.
    pub(super) const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, ProblemKind::NotFound)
    }

    /// The page exists, with other methods.
    pub(super) const fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, ProblemKind::Refused)
    }

    /// The form belongs to another session, or its token is missing.
    pub(super) const fn stale() -> Self {
        Self::new(StatusCode::FORBIDDEN, ProblemKind::Stale)
    }

    /// A page of another site sent the form.
    pub(super) fn foreign() -> Self {
        Self { status: StatusCode::FORBIDDEN, ..Self::refused(Text::new("refused-foreign")) }
    }

    /// The form is not one, or too large.
    pub(super) fn unreadable(status: StatusCode) -> Self {
        let detail = (status == StatusCode::PAYLOAD_TOO_LARGE).then(|| Detail::Ours(Text::new("refused-too-long")));
        Self { detail, ..Self::new(status, ProblemKind::Refused) }
    }

    /// A file is larger than it may be.
    fn too_large(limit_bytes: u64) -> Self {
        let text = Text::new("refused-file-too-large").with("mebibytes", mebibytes(limit_bytes));
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, ..Self::refused(text) }
    }

    /// The files of a form are larger than they may be together.
    pub(super) fn too_large_together(limit_bytes: u64) -> Self {
        let text = Text::new("refused-files-too-large").with("mebibytes", mebibytes(limit_bytes));
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, ..Self::refused(text) }
    }

    /// Too many files wait to be sent.
    fn too_much_unsent(limit_files: u64, limit_bytes: u64) -> Self {
        let text = Text::new("refused-unsent").with("files", limit_files).with("mebibytes", mebibytes(limit_bytes));
        Self { status: StatusCode::CONFLICT, ..Self::refused(text) }
    }

    /// Something in the form cannot be used; `detail` says what to do.
    pub(super) fn refused(detail: Text) -> Self {
        Self { detail: Some(Detail::Ours(detail)), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, ProblemKind::Refused) }
    }

    /// Somebody wrote to the customer meanwhile; `to` is where it stands.
    pub(super) fn overtaken(name: &str, to: String) -> Self {
        let detail = Some(Detail::Ours(Text::new("refused-overtaken").with("name", name)));
        Self { detail, to: Some(to), ..Self::new(StatusCode::CONFLICT, ProblemKind::Overtaken) }
    }

    /// The same in the words of whoever refused it below, which are English.
    pub(super) fn refused_below(reason: impl fmt::Display) -> Self {
        let detail = Some(Detail::English(reason.to_string()));
        Self { detail, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, ProblemKind::Refused) }
    }

    /// The answer took too long.
    pub(super) fn late() -> Self {
        Self { retry_after_seconds: Some(RETRY_AFTER_SECONDS), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, ProblemKind::Busy) }
    }

    /// A bug: the user learns nothing of it, the log everything.
    pub(super) fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, ProblemKind::Broken) }
    }

    /// The same problem on a page that gives back what the user had written.
    #[must_use]
    pub(super) fn keeping(self, written: &str) -> Self {
        Self { kept: (!written.trim().is_empty()).then(|| written.to_owned()), ..self }
    }

    /// The same problem with the way back to the page that the form was on, unless it leads elsewhere.
    #[must_use]
    pub(super) fn on(self, page: String) -> Self {
        Self { to: self.to.or(Some(page)), ..self }
    }

    /// Only what the user cannot mend is logged, once, with its causes; gives the id that page and log share.
    fn log(&self) -> Option<String> {
        let id = format!("{:032x}", rand::random::<u128>());
        match self.kind {
            ProblemKind::NotFound
            | ProblemKind::SignedOut
            | ProblemKind::Forbidden
            | ProblemKind::Stale
            | ProblemKind::Overtaken
            | ProblemKind::Refused => {
                return None;
            }
            ProblemKind::Busy => {
                tracing::warn!(request.id = id, problem.causes = self.causes(), "a page was not answered");
            }
            ProblemKind::Broken => {
                tracing::error!(request.id = id, problem.causes = self.causes(), "a page failed");
            }
        }
        Some(id)
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

/// In whole mebibytes, which every language writes alike, and in which the configuration speaks of limits.
fn mebibytes(bytes: u64) -> u64 {
    (bytes >> 20).max(1)
}

impl IntoResponse for Problem {
    /// An answer with the page's view in place of the page: [`guard::cover`] knows the reader's language and draws it.
    fn into_response(self) -> Response {
        let request_id = self.log();
        let id_header = request_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok());
        let Self { status, kind, detail, kept, to, retry_after_seconds, source: _ } = self;
        let view = ProblemView { status: status.as_u16(), kind, detail, kept, to, request_id };
        let mut response = (status, Extension(view)).into_response();
        let headers = response.headers_mut();
        if let Some(id) = id_header {
            headers.insert(X_REQUEST_ID, id);
        }
        if let Some(seconds) = retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::not_found(),
            Error::Invalid { field: _, reason } => Self::refused_below(reason),
            Error::TooLarge { limit_bytes } => Self::too_large(limit_bytes),
            Error::TooMuchUnsent { limit_files, limit_bytes } => Self::too_much_unsent(limit_files, limit_bytes),
            Error::Conflict(detail) | Error::ConflictAt { field: _, reason: detail } => {
                Self { status: StatusCode::CONFLICT, ..Self::refused_below(detail) }
            }
            Error::Held { .. } => Self::refused(Text::new("refused-held")),
            Error::Forbidden { .. } => Self::new(StatusCode::FORBIDDEN, ProblemKind::Forbidden),
            Error::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, ProblemKind::SignedOut),
            Error::Overloaded { retry_after_seconds } => Self { retry_after_seconds: Some(retry_after_seconds), ..Self::late() },
            Error::Unavailable { part: _, source } => Self { source: Some(source), ..Self::late() },
            Error::Internal(source) => Self::internal(source),
        }
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages;
    use crate::web::preferences::Preferences;

    fn written(problem: Problem) -> (StatusCode, String) {
        let response = problem.into_response();
        let view = response.extensions().get::<ProblemView>().unwrap();
        (response.status(), pages::problem(view, Preferences::default()).unwrap())
    }

    #[test]
    fn what_is_wrong_inside_stays_inside() {
        let errors = [Error::Internal("password of the database".into()), Error::Unavailable { part: "store", source: "10.0.0.7".into() }];
        for error in errors {
            let (status, page) = written(error.into());
            assert!(status.is_server_error());
            assert!(!page.contains("password") && !page.contains("10.0.0.7") && !page.contains("store"), "{page}");
            assert!(page.contains("Request id"), "{page}");
        }
    }

    #[test]
    fn a_refused_text_is_given_back_escaped() {
        let (status, page) = written(Problem::stale().keeping("my long <reply>"));
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(page.contains("my long &#60;reply&#62;"), "{page}");
    }

    #[test]
    fn every_error_of_the_verbs_has_its_status() {
        let check = |error: Error, status: u16| assert_eq!(Problem::from(error).status.as_u16(), status);
        check(Error::NotFound { kind: "ticket", id: "1".to_owned() }, 404);
        check(Error::Invalid { field: "body".to_owned(), reason: "empty".to_owned() }, 422);
        check(Error::TooLarge { limit_bytes: 1 }, 413);
        check(Error::Conflict("taken".to_owned()), 409);
        check(Error::TooMuchUnsent { limit_files: 1, limit_bytes: 1 }, 409);
        check(Error::Forbidden { role: "light" }, 403);
        check(Error::Unauthenticated, 401);
        check(Error::Overloaded { retry_after_seconds: 3 }, 503);
        check(Error::Unavailable { part: "index", source: "down".into() }, 503);
        check(Error::Internal("bug".into()), 500);
    }

    #[test]
    fn too_many_files_that_wait_are_a_problem_that_says_what_to_do() {
        let (status, page) = written(Error::TooMuchUnsent { limit_files: 30, limit_bytes: 5 << 20 }.into());
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(page.contains("at most 30, and 5 MiB together") && page.contains("send some with a message, or wait"), "{page}");
    }

    #[test]
    fn a_busy_service_says_when_to_come_back() {
        let response = Problem::from(Error::Overloaded { retry_after_seconds: 3 }).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "3");
    }
}
