//! Triage, with and without a ticket that is kept.

use axum::extract::{Path, State};
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::JsonBytes;
use crate::api::problem::Problem;
use crate::api::reply::ticket_id;
use crate::wire::list::ItemsOut;
use crate::wire::triage::{TriageAnswerOut, TriageIn, TriageOut, TriageRequest};
use crate::wire::why::WhyOut;

/// Triage a ticket, or a batch of up to 256, and keep nothing.
///
/// One ticket is answered with its triage, `{"tickets": […]}` with `{"items": […]}` in the same order. `requester` may be
/// left out here.
#[utoipa::path(post, path = "/v1/triage", tag = "triage", request_body = TriageIn,
    responses((status = 200, description = "the triage, or the triages in order", body = TriageAnswerOut)))]
pub(crate) async fn triage(
    State(api): State<Api>,
    Caller(actor): Caller,
    JsonBytes(body): JsonBytes,
) -> Result<JsonOut<TriageAnswerOut>, Problem> {
    let answer = match TriageRequest::read(&body)? {
        TriageRequest::One(ticket) => TriageAnswerOut::One(Box::new(api.app.triage(&actor, *ticket).await?.into())),
        TriageRequest::Batch(tickets) => TriageAnswerOut::Batch(ItemsOut::new(api.app.triage_all(&actor, tickets).await?)),
    };
    Ok(JsonOut(answer))
}

/// Read the triage of a ticket.
#[utoipa::path(get, path = "/v1/tickets/{ticket}/triage", tag = "triage", params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "the triage", body = TriageOut)))]
pub(crate) async fn of_ticket(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
) -> Result<JsonOut<TriageOut>, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    Ok(JsonOut(api.app.triage_of(&actor, ticket).await?.into()))
}

/// Read what happened and what did not when a ticket was triaged.
///
/// The steps in their order: what was read, the candidates with the words and examples that speak for them, the rules that hold and those that
/// lack one condition, where the ticket belongs and why, and what was found of duplicates and incidents.
#[utoipa::path(get, path = "/v1/tickets/{ticket}/why", tag = "triage", params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "the account", body = WhyOut)))]
pub(crate) async fn why(State(api): State<Api>, Caller(actor): Caller, Path(ticket): Path<String>) -> Result<JsonOut<WhyOut>, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    Ok(JsonOut(api.app.why(&actor, ticket).await?.into()))
}
