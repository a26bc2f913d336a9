//! Customers.

use axum::extract::{Path, State};
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{PageQuery, id, put};
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
    let Put { item, created } = api.app.put_customer(&actor, customer.into_new()?).await?;
    let location = format!("/v1/customers/{}", item.id);
    Ok(put(created, &location, CustomerOut::from(item)))
}

/// List customers.
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(PageQuery),
    responses((status = 200, description = "a page of customers", body = PageOut<CustomerOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<CustomerOut>>, Problem> {
    Ok(JsonOut(PageOut::new(api.app.customers(&actor, page.into_request()?).await?)))
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
