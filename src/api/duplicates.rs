//! What people say of two tickets: that they are one, or that they are not.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::api::reply::ticket_id;
use crate::wire::origin::{SaidDuplicateIn, SaidDuplicateOut};

/// Say that two tickets are one, or that they are not.
///
/// It is shown on both, in place of what was judged; a later saying replaces it.
#[utoipa::path(put, path = "/v1/tickets/{ticket}/duplicates/{other}", tag = "tickets", request_body = SaidDuplicateIn,
    params(("ticket" = String, Path, description = "id or `external_id`"), ("other" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "what is said of them now", body = SaidDuplicateOut)))]
pub(crate) async fn say(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path((ticket, other)): Path<(String, String)>,
    Json(said): Json<SaidDuplicateIn>,
) -> Result<JsonOut<SaidDuplicateOut>, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    let other = ticket_id(&api.app, &actor, &other).await?;
    Ok(JsonOut(api.app.say_duplicate(&actor, ticket, other, said.is_same).await?.into()))
}

/// Take back what was said of two tickets.
///
/// They are judged again; taking back what nobody said changes nothing.
#[utoipa::path(delete, path = "/v1/tickets/{ticket}/duplicates/{other}", tag = "tickets",
    params(("ticket" = String, Path, description = "id or `external_id`"), ("other" = String, Path, description = "id or `external_id`")),
    responses((status = 204, description = "taken back")))]
pub(crate) async fn take_back(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path((ticket, other)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    let other = ticket_id(&api.app, &actor, &other).await?;
    api.app.take_duplicate_back(&actor, ticket, other).await?;
    Ok(StatusCode::NO_CONTENT)
}
