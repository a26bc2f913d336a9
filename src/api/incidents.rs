//! Incidents: many like tickets in a short time.

use axum::extract::{Path, State};
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::reply::{PageQuery, id};
use crate::wire::incident::{IncidentOut, IncidentWithTicketsOut};
use crate::wire::list::PageOut;

/// List incidents, those with the latest tickets first.
///
/// An incident is found when several customers write the like within hours, and more than usual; the playbook's `thresholds.toml` says how
/// many and how soon. Later tickets join it, until none came for a day.
#[utoipa::path(get, path = "/v1/incidents", tag = "incidents", params(PageQuery),
    responses((status = 200, description = "a page of incidents", body = PageOut<IncidentOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<IncidentOut>>, Problem> {
    Ok(JsonOut(PageOut::new(api.app.incidents(&actor, page.into_request()?).await?)))
}

/// Read an incident with its tickets.
#[utoipa::path(get, path = "/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path, description = "the incident's id")),
    responses((status = 200, description = "the incident", body = IncidentWithTicketsOut)))]
pub(crate) async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(incident): Path<String>,
) -> Result<JsonOut<IncidentWithTicketsOut>, Problem> {
    Ok(JsonOut(api.app.incident(&actor, id(&incident)?).await?.into()))
}
