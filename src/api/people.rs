//! People, teams and channels.

use axum::extract::State;
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{PageQuery, cut, put};
use crate::app::Put;
use crate::wire::directory::{ChannelIn, ChannelOut, PersonIn, PersonOut, TeamIn, TeamOut};
use crate::wire::list::PageOut;

/// List who can be consulted, by address.
#[utoipa::path(get, path = "/v1/people", tag = "directory", params(PageQuery),
    responses((status = 200, description = "a page of people", body = PageOut<PersonOut>)))]
pub(crate) async fn people(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<PersonOut>>, Problem> {
    let page = page.into_request()?;
    Ok(JsonOut(PageOut::new(cut(api.app.directory(&actor).await?.people, &page))))
}

/// Add a person, or update them by address.
#[utoipa::path(post, path = "/v1/people", tag = "directory", request_body = PersonIn,
    responses((status = 201, description = "added", body = PersonOut), (status = 200, description = "updated", body = PersonOut)))]
pub(crate) async fn put_person(State(api): State<Api>, Caller(actor): Caller, Json(person): Json<PersonIn>) -> Result<Response, Problem> {
    let Put { item, created } = api.app.put_person(&actor, person.into_new()?).await?;
    Ok(put(created, "/v1/people", PersonOut::from(item)))
}

/// List teams, by name.
#[utoipa::path(get, path = "/v1/teams", tag = "directory", params(PageQuery),
    responses((status = 200, description = "a page of teams", body = PageOut<TeamOut>)))]
pub(crate) async fn teams(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<TeamOut>>, Problem> {
    let page = page.into_request()?;
    Ok(JsonOut(PageOut::new(cut(api.app.directory(&actor).await?.teams, &page))))
}

/// Add a team, or update it by name.
#[utoipa::path(post, path = "/v1/teams", tag = "directory", request_body = TeamIn,
    responses((status = 201, description = "added", body = TeamOut), (status = 200, description = "updated", body = TeamOut)))]
pub(crate) async fn put_team(State(api): State<Api>, Caller(actor): Caller, Json(team): Json<TeamIn>) -> Result<Response, Problem> {
    let Put { item, created } = api.app.put_team(&actor, team.into_team()?).await?;
    Ok(put(created, "/v1/teams", TeamOut::from(item)))
}

/// List channels, by name.
#[utoipa::path(get, path = "/v1/channels", tag = "directory", params(PageQuery),
    responses((status = 200, description = "a page of channels", body = PageOut<ChannelOut>)))]
pub(crate) async fn channels(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<ChannelOut>>, Problem> {
    let page = page.into_request()?;
    Ok(JsonOut(PageOut::new(cut(api.app.directory(&actor).await?.channels, &page))))
}

/// Add a channel, or update it by name.
#[utoipa::path(post, path = "/v1/channels", tag = "directory", request_body = ChannelIn,
    responses((status = 201, description = "added", body = ChannelOut), (status = 200, description = "updated", body = ChannelOut)))]
pub(crate) async fn put_channel(
    State(api): State<Api>,
    Caller(actor): Caller,
    Json(channel): Json<ChannelIn>,
) -> Result<Response, Problem> {
    let Put { item, created } = api.app.put_channel(&actor, channel.into_channel()?).await?;
    Ok(put(created, "/v1/channels", ChannelOut::from(item)))
}
