//! The console: pages that agents read, forms that they send, and what keeps both safe.
//!
//! One half turns views (values built from `domain` types) into pages and holds the style sheet, scripts and icons that go
//! with them; it knows nothing of requests, sessions or the clock. Its rules: text that people wrote is escaped and never
//! made into links, nothing is inlined that a strict content security policy would refuse, and no address leads outside.
//! The other half is the door: one table of routes ([`routes::ROUTES`]), handlers that ask the verbs of `app` and hand views
//! to the first half, sessions in a cookie, and checks that a form comes from a page of this site. Knows no SQL; `cli`
//! serves it beside the API.

pub mod assets;
mod account;
mod ahead;
mod ask;
mod attachment;
mod bodies;
mod cites;
mod client;
mod cookie;
mod correction;
mod customers;
pub mod entry;
mod event;
mod feedback;
mod files;
mod duplicates;
mod form;
mod format;
mod gate;
mod guard;
mod identity;
mod incidents;
mod insights;
mod keys;
pub mod learning;
mod leaving;
mod listing;
mod knowledge;
mod lists;
pub mod pages;
pub mod paths;
mod people;
pub mod preferences;
mod problem;
pub mod routes;
mod search;
mod session;
mod site;
mod standing;
mod table;
mod talks;
mod teams;
mod thread;
mod ticket;
mod tokens;
pub mod tour;
mod users;
pub mod view;
mod views;
mod waiting;
mod webhooks;
mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::web::ahead::Ahead;
use crate::web::problem::Problem;
use crate::web::routes::ROUTES;
use crate::web::site::Site;

/// A form is never larger: a reply of some ten thousand words.
const FORM_LIMIT_BYTES: usize = 64 * 1024;
/// A form may bring so many of the largest files.
const FILES_OF_A_FORM: usize = 4;
/// A page that takes longer is given up; a slow line may need longer for files.
const PAGE_SECONDS: u64 = 30;
const FILES_SECONDS: u64 = 600;

/// What every handler can reach.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    app: App,
    site: Arc<Site>,
    ahead: Ahead,
}

impl Web {
    /// The largest form with files, in bytes: without script it brings all its files at once.
    fn files_limit_bytes(&self) -> usize {
        usize::try_from(self.app.attachment_limit_bytes()).unwrap_or(usize::MAX).saturating_mul(FILES_OF_A_FORM)
    }
}

/// Builds the router of all routes of the table; `public_url` is how browsers reach it.
///
/// Unknown paths get a page too, so the router that it is merged with must not bring a fallback of its own.
pub fn router(app: App, public_url: &str) -> Router {
    let web = Web { app, site: Arc::new(Site::new(public_url)), ahead: Ahead::default() };
    let files_bytes = web.files_limit_bytes();
    let mut router = Router::new();
    for route in ROUTES {
        let (bytes, seconds) = if route.is_for_files { (files_bytes, FILES_SECONDS) } else { (FORM_LIMIT_BYTES, PAGE_SECONDS) };
        let method = (route.handler)().route_layer(DefaultBodyLimit::max(bytes));
        router = router.route(route.path, method.route_layer(from_fn_with_state(Duration::from_secs(seconds), guard::hurry)));
    }
    router
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .fallback(async || Problem::not_found())
        .layer(CatchPanicLayer::custom(guard::caught))
        .layer(from_fn(guard::cover))
        .with_state(web)
}
