//! Usage and the audit trail.

use axum::extract::State;
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::reply::PageQuery;
use crate::wire::list::{ItemsOut, PageOut};
use crate::wire::record::{AuditEntryOut, UsageOut};

/// Count what was used, by day.
#[utoipa::path(get, path = "/v1/usage", tag = "administration",
    responses((status = 200, description = "one count for each day and thing", body = ItemsOut<UsageOut>)))]
pub(crate) async fn usage(State(api): State<Api>, Caller(actor): Caller) -> Result<JsonOut<ItemsOut<UsageOut>>, Problem> {
    Ok(JsonOut(ItemsOut::new(api.app.usage(&actor).await?)))
}

/// Read the audit trail, newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "administration", params(PageQuery),
    responses((status = 200, description = "a page of entries", body = PageOut<AuditEntryOut>)))]
pub(crate) async fn audit(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<AuditEntryOut>>, Problem> {
    Ok(JsonOut(PageOut::new(api.app.audit(&actor, page.into_request()?).await?)))
}
