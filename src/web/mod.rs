//! The console: pages that agents read, forms that they send, and what keeps both safe.
//!
//! One half turns views (values built from `domain` types) into pages and holds the style sheet, scripts and icons that go
//! with them; it knows nothing of requests, sessions or the clock. Its rules: text that people wrote is escaped and never
//! made into links, nothing is inlined that a strict content security policy would refuse, and no address leads outside.
//! The other half is the door: one table of routes ([`routes::ROUTES`]), handlers that ask the verbs of `app` and hand views
//! to the first half, sessions in a cookie, and checks that a form comes from a page of this site. Knows no SQL; `cli`
//! serves it beside the API.

pub mod assets;
mod ahead;
mod ask;
mod bodies;
mod cites;
mod cookie;
mod event;
mod feedback;
mod form;
mod format;
mod guard;
mod identity;
pub mod pages;
pub mod paths;
pub mod preferences;
mod problem;
pub mod routes;
mod session;
mod site;
mod thread;
mod ticket;
pub mod view;
mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::web::ahead::Ahead;
use crate::web::problem::Problem;
use crate::web::routes::ROUTES;
use crate::web::site::Site;

/// A form is never larger: a reply of some ten thousand words.
const FORM_LIMIT_BYTES: usize = 64 * 1024;

/// What every handler can reach.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    app: App,
    site: Arc<Site>,
    ahead: Ahead,
}

/// Builds the router of all routes of the table; `public_url` is how browsers reach it.
///
/// Unknown paths get a page too, so the router that it is merged with must not bring a fallback of its own.
pub fn router(app: App, public_url: &str) -> Router {
    let web = Web { app, site: Arc::new(Site::new(public_url)), ahead: Ahead::default() };
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, (route.handler)());
    }
    router
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .fallback(async || Problem::not_found())
        .layer(DefaultBodyLimit::max(FORM_LIMIT_BYTES))
        .layer(from_fn(guard::hurry))
        .layer(CatchPanicLayer::custom(guard::caught))
        .layer(from_fn(guard::cover))
        .with_state(web)
}
