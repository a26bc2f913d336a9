//! What became of asks.

use axum::extract::{Path, State};
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::api::reply::id;
use crate::wire::answered::{AskDecisionIn, AskOut};

/// Say what became of an ask that `POST /v1/side-conversations/check` kept.
///
/// That it was sent all the same follows from opening the side conversation with its `ask_id`.
#[utoipa::path(post, path = "/v1/asks/{id}", tag = "side conversations", request_body = AskDecisionIn,
    params(("id" = String, Path, description = "the ask's id")),
    responses((status = 200, description = "kept", body = AskOut)))]
pub(crate) async fn decide(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ask): Path<String>,
    Json(AskDecisionIn { outcome, suggestion }): Json<AskDecisionIn>,
) -> Result<JsonOut<AskOut>, Problem> {
    Ok(JsonOut(api.app.decide_ask(&actor, id(&ask)?, outcome, suggestion.as_deref()).await?.into()))
}
