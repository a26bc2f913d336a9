//! Insights.

use axum::extract::State;
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::wire::insight::{InsightsOut, InsightsQuery};

/// Read how many side conversations there were and were not needed, and how long answers took.
///
/// Without dates the last 90 days. A side conversation counts in the week in which it was opened, and for the team of whoever answered first.
/// Tickets and side conversations belong to the intent that the inbox shows now.
#[utoipa::path(get, path = "/v1/insights", tag = "administration", params(InsightsQuery),
    responses((status = 200, description = "totals and rows", body = InsightsOut)))]
pub(crate) async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(query): Query<InsightsQuery>,
) -> Result<JsonOut<InsightsOut>, Problem> {
    let (from, to, by) = query.read()?;
    let of = api.app.insights_of(from, to, by)?;
    Ok(JsonOut(api.app.insights(&actor, of).await?.into()))
}
