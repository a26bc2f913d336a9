//! Whether the process lives, whether it can work, and what it can be asked.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Json as JsonOut, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Api;
use crate::api::openapi::openapi;
use crate::api::problem::Problem;

/// The state of the process.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub(crate) struct HealthOut {
    /// Always `ok`: anything else is a problem document.
    status: &'static str,
}

/// Tell whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "it lives", body = HealthOut)))]
pub(crate) async fn live() -> JsonOut<HealthOut> {
    JsonOut(HealthOut { status: "ok" })
}

/// Tell whether database, index and encoder answer.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200, description = "it can work", body = HealthOut)))]
pub(crate) async fn ready(State(api): State<Api>) -> Result<JsonOut<HealthOut>, Problem> {
    api.app.ready().await?;
    Ok(JsonOut(HealthOut { status: "ok" }))
}

/// Read this description.
#[utoipa::path(get, path = "/openapi.json", tag = "health",
    responses((status = 200, description = "the OpenAPI document", body = Object)))]
pub(crate) async fn describe() -> Response {
    ([(CONTENT_TYPE, "application/json")], openapi()).into_response()
}
