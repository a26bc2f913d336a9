//! What surrounds every answer: the content security policy, the other headers, the time limit, the catch of panics.

use std::any::Any;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Response as HttpResponse, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::pages;
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::view::ProblemView;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What every answer says unless its handler said something else.
const COVER: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (OPENER_POLICY, "same-origin"),
    (RESOURCE_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// A page. Scripts run only with its nonce; a page without one has no scripts.
pub(super) fn html(status: StatusCode, nonce: Option<&str>, preferences: Preferences, html: String) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_LANGUAGE, HeaderValue::from_static(preferences.locale.tag())),
        (VARY, HeaderValue::from_static("cookie, accept-language")),
        (CONTENT_SECURITY_POLICY, policy(nonce)),
    ];
    (status, headers, html).into_response()
}

/// The content security policy of a page.
///
/// The nonce is enough for `script-src`: every script stands in the page and none imports another.
fn policy(nonce: Option<&str>) -> HeaderValue {
    let scripts = nonce.map(|nonce| format!(" script-src 'nonce-{nonce}';")).unwrap_or_default();
    let policy = format!(
        "default-src 'none';{scripts} style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("a nonce is made of letters and digits: this is a bug")
}

/// Draws the page of a problem in the reader's language, and sets the headers that every answer carries.
pub(super) async fn cover(request: Request, next: Next) -> Response {
    let preferences = Preferences::of(request.headers());
    let mut response = next.run(request).await;
    if let Some(view) = response.extensions_mut().remove::<ProblemView>() {
        response = drawn(&view, preferences, response);
    }
    for (name, value) in COVER {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The page of a problem, with the headers of the answer that it takes the place of.
fn drawn(view: &ProblemView, preferences: Preferences, answer: Response) -> Response {
    // An answer without a page still says its status.
    let Ok(page) = pages::problem(view, preferences) else { return answer };
    let mut response = html(answer.status(), None, preferences, page);
    for (name, value) in answer.headers() {
        if name != CONTENT_LENGTH {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// Gives a page up that takes too long; a stream counts as answered once it has begun.
///
/// # Cancel safety
/// The handler is dropped where it waits; a verb that had committed stays committed.
pub(super) async fn hurry(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| Problem::late().into_response())
}

/// Turns a panic of a handler into a page; the panic hook has logged where it happened.
pub(super) fn caught(panic: Box<dyn Any + Send + 'static>) -> HttpResponse<Body> {
    drop(panic);
    Problem::internal("a handler panicked").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::assets;

    #[test]
    fn a_page_runs_its_own_scripts_only_and_talks_to_nobody_outside() {
        let response = html(StatusCode::OK, Some("abc"), Preferences::default(), String::new());
        insta::assert_snapshot!(response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap(), @"default-src 'none'; script-src 'nonce-abc'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        assert!(!policy(None).to_str().unwrap().contains("script-src"));
    }

    #[test]
    fn no_script_imports_another_so_the_nonce_is_enough() {
        for (name, asset) in assets::all().filter(|(name, _)| name.contains(".js")) {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            assert!(!text.lines().any(|line| line.trim_start().starts_with("import ")) && !text.contains("import("), "{name}");
        }
    }
}
