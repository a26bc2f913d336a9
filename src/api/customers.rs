//! Customers.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{SearchQuery, id, put};
use crate::app::Put;
use crate::wire::customer::{CustomerIn, CustomerOut};
use crate::wire::list::PageOut;

/// Create a customer, or update them by address.
#[utoipa::path(post, path = "/v1/customers", tag = "customers", request_body = CustomerIn,
    responses((status = 201, description = "created", body = CustomerOut), (status = 200, description = "updated", body = CustomerOut)))]
pub(crate) async fn put_customer(
    State(api): State<Api>,
    Caller(actor): Caller,
    Json(customer): Json<CustomerIn>,
) -> Result<Response, Problem> {
    let Put { item, created, .. } = api.app.put_customer(&actor, customer.into_new()?).await?;
    let location = format!("/v1/customers/{}", item.id);
    Ok(put(created, &location, CustomerOut::from(item)))
}

/// List customers.
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(SearchQuery),
    responses((status = 200, description = "a page of customers", body = PageOut<CustomerOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(search): Query<SearchQuery>,
) -> Result<JsonOut<PageOut<CustomerOut>>, Problem> {
    let (words, page) = search.into_parts()?;
    Ok(JsonOut(PageOut::new(api.app.customers(&actor, words.as_deref(), page).await?)))
}

/// Remove a customer; refused while tickets are theirs.
#[utoipa::path(delete, path = "/v1/customers/{id}", tag = "customers", params(("id" = String, Path, description = "the customer's id")),
    responses((status = 204, description = "removed")))]
pub(crate) async fn delete(State(api): State<Api>, Caller(actor): Caller, Path(customer): Path<String>) -> Result<StatusCode, Problem> {
    api.app.delete_customer(&actor, id(&customer)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a customer with their orders.
#[utoipa::path(get, path = "/v1/customers/{id}", tag = "customers", params(("id" = String, Path, description = "the customer's id")),
    responses((status = 200, description = "the customer", body = CustomerOut)))]
pub(crate) async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(customer): Path<String>,
) -> Result<JsonOut<CustomerOut>, Problem> {
    Ok(JsonOut(api.app.customer(&actor, id(&customer)?).await?.into()))
}
