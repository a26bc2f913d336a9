//! People, teams and channels.

use std::str::FromStr;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{PageQuery, SearchQuery, cut, id, put};
use crate::app::Put;
use crate::app::error::Error;
use crate::domain::vocabulary::InvalidSlug;
use crate::wire::directory::{ChannelIn, ChannelOut, PersonIn, PersonOut, TeamIn, TeamOut};
use crate::wire::list::PageOut;

/// List who can be consulted, by address.
#[utoipa::path(get, path = "/v1/people", tag = "directory", params(SearchQuery),
    responses((status = 200, description = "a page of people", body = PageOut<PersonOut>)))]
pub(crate) async fn people(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(search): Query<SearchQuery>,
) -> Result<JsonOut<PageOut<PersonOut>>, Problem> {
    let (words, page) = search.into_parts()?;
    Ok(JsonOut(PageOut::new(cut(api.app.people(&actor, words.as_deref()).await?.people, &page))))
}

/// Read a person.
#[utoipa::path(get, path = "/v1/people/{id}", tag = "directory", params(("id" = String, Path, description = "the person's id")),
    responses((status = 200, description = "the person", body = PersonOut)))]
pub(crate) async fn person(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(person): Path<String>,
) -> Result<JsonOut<PersonOut>, Problem> {
    Ok(JsonOut(api.app.person(&actor, id(&person)?).await?.into()))
}

/// Remove a person; what they wrote stays.
#[utoipa::path(delete, path = "/v1/people/{id}", tag = "directory", params(("id" = String, Path, description = "the person's id")),
    responses((status = 204, description = "removed")))]
pub(crate) async fn delete_person(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(person): Path<String>,
) -> Result<StatusCode, Problem> {
    api.app.delete_person(&actor, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Add a person, or update them by address.
#[utoipa::path(post, path = "/v1/people", tag = "directory", request_body = PersonIn,
    responses((status = 201, description = "added", body = PersonOut), (status = 200, description = "updated", body = PersonOut)))]
pub(crate) async fn put_person(State(api): State<Api>, Caller(actor): Caller, Json(person): Json<PersonIn>) -> Result<Response, Problem> {
    let Put { item, created, .. } = api.app.put_person(&actor, person.into_new()?).await?;
    let location = format!("/v1/people/{}", item.id);
    Ok(put(created, &location, PersonOut::from(item)))
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
    Ok(JsonOut(PageOut::new(cut(api.app.teams(&actor).await?, &page))))
}

/// Add a team, or update it by name.
#[utoipa::path(post, path = "/v1/teams", tag = "directory", request_body = TeamIn,
    responses((status = 201, description = "added", body = TeamOut), (status = 200, description = "updated", body = TeamOut)))]
pub(crate) async fn put_team(State(api): State<Api>, Caller(actor): Caller, Json(team): Json<TeamIn>) -> Result<Response, Problem> {
    let Put { item, created, .. } = api.app.put_team(&actor, team.into_team()?).await?;
    let location = format!("/v1/teams/{}", item.name);
    Ok(put(created, &location, TeamOut::from(item)))
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
    let Put { item, created, .. } = api.app.put_channel(&actor, channel.into_channel()?).await?;
    let location = format!("/v1/channels/{}", item.name);
    Ok(put(created, &location, ChannelOut::from(item)))
}

/// Read a team.
#[utoipa::path(get, path = "/v1/teams/{name}", tag = "directory", params(("name" = String, Path, description = "the team's short name")),
    responses((status = 200, description = "the team", body = TeamOut)))]
pub(crate) async fn team(State(api): State<Api>, Caller(actor): Caller, Path(name): Path<String>) -> Result<JsonOut<TeamOut>, Problem> {
    Ok(JsonOut(api.app.team(&actor, &short_name("team", &name)?).await?.into()))
}

/// Remove a team; refused while people, channels, users or tokens name it.
#[utoipa::path(delete, path = "/v1/teams/{name}", tag = "directory",
    params(("name" = String, Path, description = "the team's short name")), responses((status = 204, description = "removed")))]
pub(crate) async fn delete_team(State(api): State<Api>, Caller(actor): Caller, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    api.app.delete_team(&actor, &short_name("team", &name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a channel.
#[utoipa::path(get, path = "/v1/channels/{name}", tag = "directory", params(("name" = String, Path, description = "the channel's short name")),
    responses((status = 200, description = "the channel", body = ChannelOut)))]
pub(crate) async fn channel(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(name): Path<String>,
) -> Result<JsonOut<ChannelOut>, Problem> {
    Ok(JsonOut(api.app.channel(&actor, &short_name("channel", &name)?).await?.into()))
}

/// Remove a channel; side conversations that went there stay.
#[utoipa::path(delete, path = "/v1/channels/{name}", tag = "directory",
    params(("name" = String, Path, description = "the channel's short name")), responses((status = 204, description = "removed")))]
pub(crate) async fn delete_channel(State(api): State<Api>, Caller(actor): Caller, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    api.app.delete_channel(&actor, &short_name("channel", &name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A short name in a path; one that cannot be is not found.
fn short_name<T: FromStr<Err = InvalidSlug>>(kind: &'static str, given: &str) -> Result<T, Error> {
    given.parse().map_err(|_| Error::NotFound { kind, id: given.chars().take(80).collect() })
}
