//! Search.

use axum::extract::State;
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::app::Found;
use crate::wire::list::ItemsOut;
use crate::wire::search::{FoundOut, Search, SearchIn};

/// Search passages, tickets, comments and messages that the caller may read.
#[utoipa::path(post, path = "/v1/search", tag = "knowledge", request_body = SearchIn,
    responses((status = 200, description = "what was found, best first", body = ItemsOut<FoundOut>)))]
pub(crate) async fn search(
    State(api): State<Api>,
    Caller(actor): Caller,
    Json(search): Json<SearchIn>,
) -> Result<JsonOut<ItemsOut<FoundOut>>, Problem> {
    let Search { text, kinds, limit } = search.into_search()?;
    let found = api.app.search(&actor, &text, kinds, limit).await?;
    let items = found.into_iter().map(|Found { kind, evidence, ticket: _ }| FoundOut::new(kind, evidence));
    Ok(JsonOut(ItemsOut::new(items)))
}
