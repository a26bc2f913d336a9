//! The REST door: what pipelines and the panel's other clients call.
//!
//! One table of routes ([`routes::ROUTES`]) with the permission that each needs, thin handlers that extract, call one verb
//! of `app` and convert by `wire`, and one place that writes problems ([`problem`], RFC 9457). Knows no SQL and no page.
//! `server` serves it, `cli` prints its [`openapi`] document.
//!
//! Conventions: bearer tokens; JSON in and out; lists come as `{"items": […], "next_cursor": …}` for `?limit=&cursor=`;
//! a `{ticket}` in a path may be an id or an `external_id`; what may be unknown is null, never left out; a POST that
//! creates honours `Idempotency-Key`; creating answers 201 with `Location`, updating 200.

mod ask;
mod asks;
mod attachments;
mod caller;
mod chats;
mod context;
mod customers;
mod documents;
mod duplicates;
mod events;
mod extract;
mod heads;
mod health;
mod idempotency;
mod incidents;
mod insights;
mod mails;
pub mod openapi;
mod people;
mod playbook;
pub mod problem;
mod register;
mod reply;
pub mod routes;
mod search;
mod side_conversations;
mod suggestions;
mod tickets;
mod tokens;
mod triage;
mod usage;
mod users;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::problem::{Code, Problem};
use crate::api::routes::{Body, ROUTES};
use crate::app::App;
use crate::wire::register::LARGEST_LIST_BYTES;

/// What an admin may set about the API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The largest JSON body, in bytes.
    pub json_limit_bytes: usize,
    /// The largest body of `POST /v1/documents`, in bytes.
    pub upload_limit_bytes: usize,
    /// After so many seconds a call is given up.
    pub timeout_seconds: u64,
    /// The same for one that uploads or downloads a file, or hands a mail in.
    pub file_timeout_seconds: u64,
    /// So many calls are worked on at once; further ones are sent away with 429.
    pub max_in_flight: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            json_limit_bytes: 1024 * 1024,
            upload_limit_bytes: 64 * 1024 * 1024,
            timeout_seconds: 60,
            file_timeout_seconds: 600,
            max_in_flight: 256,
        }
    }
}

/// What a multipart body has around its file.
const ENVELOPE_BYTES: usize = 64 * 1024;

/// What every handler can reach.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    app: App,
    permits: Arc<Semaphore>,
}

/// What a worker answers: whether it lives and can work.
pub fn health_router(app: App) -> Router {
    let api = Api { app, permits: Arc::new(Semaphore::new(1)) };
    Router::new().route("/healthz", get(health::live)).route("/readyz", get(health::ready)).with_state(api)
}

/// Builds the router of all routes of the table.
///
/// Unknown paths under `/v1` are answered here; the rest of the root is left to whoever merges the router.
pub fn router(app: App, options: &Options) -> Router {
    let api = Api { app, permits: Arc::new(Semaphore::new(options.max_in_flight)) };
    let mut router = Router::new();
    for route in ROUTES {
        let mut method = (route.handler)();
        // Whoever takes a file in knows what is asked only once it is on the disk, and looks after the key itself.
        if route.creates && route.body != Body::File {
            method = method.route_layer(from_fn_with_state(api.clone(), idempotency::once));
        }
        if route.body == Body::Signed {
            method = method.route_layer(from_fn_with_state(api.clone(), caller::make_room));
        }
        if let Some(permission) = route.permission {
            method = method.route_layer(from_fn_with_state((api.clone(), permission), caller::admit));
        }
        let limit_bytes = match route.body {
            Body::Upload => options.upload_limit_bytes,
            Body::Lines => LARGEST_LIST_BYTES,
            // Whoever takes a mail in counts by itself.
            Body::Mail => usize::MAX,
            Body::None | Body::Json | Body::Signed => options.json_limit_bytes,
            Body::File => usize::try_from(api.app.attachment_limit_bytes()).unwrap_or(usize::MAX).saturating_add(ENVELOPE_BYTES),
        };
        let seconds = if matches!(route.body, Body::File | Body::Mail) { options.file_timeout_seconds } else { options.timeout_seconds };
        let method = method.route_layer(from_fn_with_state(Duration::from_secs(seconds), context::hurry));
        router = router.route(route.path, method.route_layer(DefaultBodyLimit::max(limit_bytes)));
    }
    let unknown = || any(|| async { Problem::new(Code::RouteUnknown, "there is no such path: `/openapi.json` lists them") });
    router
        .method_not_allowed_fallback(|| async { Problem::new(Code::MethodNotAllowed, "the header `allow` lists the methods of this path") })
        .route("/v1", unknown())
        .route("/v1/{*rest}", unknown())
        .layer(CatchPanicLayer::custom(context::caught))
        .layer(from_fn(context::speak))
        .with_state(api)
}
