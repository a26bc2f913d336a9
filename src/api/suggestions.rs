//! The panel, whom to ask, and what people thought of it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Json as JsonOut, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{id, put, ticket_id};
use crate::wire::feedback::{FeedbackIn, FeedbackOut, SetAsideIn};
use crate::wire::panel::{ExpertsOut, PanelOut};

/// For which ticket.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TicketQuery {
    /// The ticket's id or `external_id`.
    ticket: String,
}

/// Read the whole panel beside a ticket.
///
/// Answers with the prepared panel, or makes it now.
#[utoipa::path(get, path = "/v1/tickets/{ticket}/suggestions", tag = "suggestions",
    params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "the panel", body = PanelOut)))]
pub(crate) async fn panel(State(api): State<Api>, Caller(actor): Caller, Path(ticket): Path<String>) -> Result<JsonOut<PanelOut>, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    Ok(JsonOut(api.app.panel(&actor, ticket).await?.into()))
}

/// Give a suggestion a thumb.
#[utoipa::path(post, path = "/v1/suggestions/{suggestion}/feedback", tag = "suggestions", request_body = FeedbackIn,
    params(("suggestion" = String, Path, description = "the suggestion's id")),
    responses((status = 201, description = "kept", body = FeedbackOut)))]
pub(crate) async fn feedback(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(suggestion): Path<String>,
    Json(FeedbackIn { verdict, note }): Json<FeedbackIn>,
) -> Result<Response, Problem> {
    let feedback = api.app.give_feedback(&actor, id(&suggestion)?, verdict, note).await?;
    Ok(put(true, &format!("/v1/suggestions/{suggestion}"), FeedbackOut::from(feedback)))
}

/// Set a suggestion aside: the caller does not see it on its ticket any more.
///
/// Others still do. It stays aside on panels that are made anew, until the moment given or for good; a part that is there once, such as a
/// draft, comes back earlier when something is said on the ticket or in its side conversations.
#[utoipa::path(put, path = "/v1/suggestions/{suggestion}/set-aside", tag = "suggestions", request_body = SetAsideIn,
    params(("suggestion" = String, Path, description = "the suggestion's id")), responses((status = 204, description = "set aside")))]
pub(crate) async fn set_aside(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(suggestion): Path<String>,
    Json(aside): Json<SetAsideIn>,
) -> Result<StatusCode, Problem> {
    api.app.set_aside(&actor, id(&suggestion)?, aside.until()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring back a suggestion that the caller set aside; one that is not aside stays as it is.
#[utoipa::path(delete, path = "/v1/suggestions/{suggestion}/set-aside", tag = "suggestions",
    params(("suggestion" = String, Path, description = "the suggestion's id")), responses((status = 204, description = "shown again")))]
pub(crate) async fn bring_back(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(suggestion): Path<String>,
) -> Result<StatusCode, Problem> {
    api.app.bring_back(&actor, id(&suggestion)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask whom and where to ask about a ticket.
#[utoipa::path(get, path = "/v1/experts", tag = "suggestions", params(TicketQuery),
    responses((status = 200, description = "people and channels, best first", body = ExpertsOut)))]
pub(crate) async fn experts(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(TicketQuery { ticket }): Query<TicketQuery>,
) -> Result<JsonOut<ExpertsOut>, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    Ok(JsonOut(api.app.experts(&actor, ticket).await?.into()))
}
