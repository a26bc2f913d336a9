//! Heads: what was learned from the workspace's labels, by version.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Json as JsonOut;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::domain::vocabulary::HeadPart;
use crate::wire::head::{HeadVersionOut, HeldHeadIn, SuspectLabelOut, ThresholdAdviceOut, TrainingOut};
use crate::wire::list::ItemsOut;

/// What a threshold is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThresholdQuery {
    /// What the head says of a ticket; `intent` when left out.
    head: Option<HeadPart>,
    /// The share of guesses without a person that should be right, between 0 and 1; 0.95 when left out.
    precision: Option<f64>,
}

/// List the versions of the heads, newest first.
///
/// The newest answers, unless an admin holds another one. Of each maker the last six are kept, and the held one.
#[utoipa::path(get, path = "/v1/heads", tag = "administration",
    responses((status = 200, description = "the versions", body = ItemsOut<HeadVersionOut>)))]
pub(crate) async fn list(State(api): State<Api>, Caller(actor): Caller) -> Result<JsonOut<ItemsOut<HeadVersionOut>>, Problem> {
    Ok(JsonOut(ItemsOut::new(api.app.heads_versions(&actor).await?)))
}

/// Have heads learned in the background where labels or playbook changed since the newest version.
#[utoipa::path(post, path = "/v1/heads", tag = "administration",
    responses((status = 202, description = "to be learned", body = TrainingOut)))]
pub(crate) async fn train(State(api): State<Api>, Caller(actor): Caller) -> Result<(StatusCode, JsonOut<TrainingOut>), Problem> {
    api.app.ask_to_train(&actor).await?;
    Ok((StatusCode::ACCEPTED, JsonOut(TrainingOut { queued: true })))
}

/// Let a version answer from now on, whatever is learned later: a rollback in one call.
#[utoipa::path(put, path = "/v1/heads/held", tag = "administration", request_body = HeldHeadIn,
    responses((status = 200, description = "the version that answers", body = HeadVersionOut)))]
pub(crate) async fn hold(
    State(api): State<Api>,
    Caller(actor): Caller,
    Json(HeldHeadIn { version }): Json<HeldHeadIn>,
) -> Result<JsonOut<HeadVersionOut>, Problem> {
    Ok(JsonOut(api.app.hold_heads(&actor, version).await?.into()))
}

/// Let the newest version answer again.
#[utoipa::path(delete, path = "/v1/heads/held", tag = "administration", responses((status = 204, description = "the newest answers")))]
pub(crate) async fn follow(State(api): State<Api>, Caller(actor): Caller) -> Result<StatusCode, Problem> {
    api.app.follow_labels(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say from which probability on guesses may stand without a person, for a precision.
///
/// `[precision]` in the playbook's `thresholds.toml` puts `expected` to work. Judged on the workspace's own tickets, each by heads that did
/// not learn from it; routes on those that no rule of the playbook routes.
#[utoipa::path(get, path = "/v1/heads/thresholds", tag = "administration", params(ThresholdQuery),
    responses((status = 200, description = "thresholds with what they come to", body = ThresholdAdviceOut)))]
pub(crate) async fn thresholds(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(ThresholdQuery { head, precision }): Query<ThresholdQuery>,
) -> Result<JsonOut<ThresholdAdviceOut>, Problem> {
    let advice = api.app.threshold_for(&actor, head.unwrap_or(HeadPart::Intent), precision.unwrap_or(0.95)).await?;
    Ok(JsonOut(advice.into()))
}

/// List the labelled tickets whose intent is hardly believed by heads that did not learn from it, the least believed first.
#[utoipa::path(get, path = "/v1/heads/suspects", tag = "administration",
    responses((status = 200, description = "the suspect labels", body = ItemsOut<SuspectLabelOut>)))]
pub(crate) async fn suspects(State(api): State<Api>, Caller(actor): Caller) -> Result<JsonOut<ItemsOut<SuspectLabelOut>>, Problem> {
    Ok(JsonOut(ItemsOut::new(api.app.suspect_labels(&actor).await?)))
}
