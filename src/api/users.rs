//! Users: who signs in.

use axum::extract::{Path, State};
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{PageQuery, cut, id, put_once};
use crate::app::{Linked, OneTimeLink};
use crate::wire::list::PageOut;
use crate::wire::user::{LinkedUserOut, OneTimeLinkOut, UserIn, UserOut, UserPatch};

/// List users, by address.
#[utoipa::path(get, path = "/v1/users", tag = "admin", params(PageQuery),
    responses((status = 200, description = "a page of users", body = PageOut<UserOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<UserOut>>, Problem> {
    let page = page.into_request()?;
    Ok(JsonOut(PageOut::new(cut(api.app.accounts(&actor).await?, &page))))
}

/// Read a user.
#[utoipa::path(get, path = "/v1/users/{id}", tag = "admin", params(("id" = String, Path, description = "the user's id")),
    responses((status = 200, description = "the user", body = UserOut)))]
pub(crate) async fn read(State(api): State<Api>, Caller(actor): Caller, Path(user): Path<String>) -> Result<JsonOut<UserOut>, Problem> {
    Ok(JsonOut(api.app.account(&actor, id(&user)?).await?.into()))
}

/// Invite a user; the answer holds the link with which they choose their password.
#[utoipa::path(post, path = "/v1/users", tag = "admin", request_body = UserIn,
    responses((status = 201, description = "invited", body = LinkedUserOut)))]
pub(crate) async fn invite(State(api): State<Api>, Caller(actor): Caller, Json(user): Json<UserIn>) -> Result<Response, Problem> {
    let (new, valid_hours) = user.into_new()?;
    let shown = linked(api.app.invite_user(&actor, new, valid_hours).await?);
    let kept = LinkedUserOut { link: None, ..shown.clone() };
    put_once(&format!("/v1/users/{}", shown.user.id), &shown, &kept)
}

/// Change a user's name, role or teams, or disable or enable them.
#[utoipa::path(patch, path = "/v1/users/{id}", tag = "admin", request_body = UserPatch,
    params(("id" = String, Path, description = "the user's id")),
    responses((status = 200, description = "changed", body = UserOut)))]
pub(crate) async fn change(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(user): Path<String>,
    Json(patch): Json<UserPatch>,
) -> Result<JsonOut<UserOut>, Problem> {
    Ok(JsonOut(api.app.change_user(&actor, id(&user)?, patch.into_change()?).await?.into()))
}

/// Reset a user: forget their password, end their sessions, and give them a new link.
#[utoipa::path(post, path = "/v1/users/{id}/reset", tag = "admin", params(("id" = String, Path, description = "the user's id")),
    responses((status = 200, description = "reset", body = LinkedUserOut)))]
pub(crate) async fn reset(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(user): Path<String>,
) -> Result<JsonOut<LinkedUserOut>, Problem> {
    Ok(JsonOut(linked(api.app.reset_user(&actor, id(&user)?).await?)))
}

fn linked(linked: Linked) -> LinkedUserOut {
    let Linked { account, link: OneTimeLink { secret, expires_at } } = linked;
    let link = OneTimeLinkOut { path: format!("/sign-in/{secret}"), expires_at: expires_at.to_string() };
    LinkedUserOut { user: account.into(), link: Some(link) }
}
