//! What Slack and Teams say to the desk.

use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::api::Api;
use crate::api::extract::body_bytes;
use crate::api::problem::Problem;
use crate::app::{SlackAnswer, SlackRequest};

/// Take in an event of Slack's Events API, as Slack sends it.
///
/// It is answered once the event is kept; the same event again changes nothing. Only what Slack signed in the last five minutes is taken in. An
/// answer in the thread of a side conversation becomes a message there, and edits and deletions of it are followed.
#[utoipa::path(post, path = "/hooks/slack/{workspace}", tag = "side conversations",
    params(("workspace" = String, Path, description = "short name or id"),
        ("X-Slack-Request-Timestamp" = String, Header, description = "when Slack sent it, in seconds"),
        ("X-Slack-Signature" = String, Header, description = "`v0=` and Slack's signature")),
    responses((status = 200, description = "kept; or the challenge, where Slack asks for the place", body = String, content_type = "text/plain")))]
pub(crate) async fn slack(
    State(api): State<Api>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let body = body_bytes(request, &api).await?;
    let signed = SlackRequest {
        timestamp: header(&headers, "x-slack-request-timestamp"),
        signature: header(&headers, "x-slack-signature"),
        body: &body,
    };
    match api.app.receive_slack(&workspace, signed).await? {
        SlackAnswer::Challenge(challenge) => Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], challenge).into_response()),
        SlackAnswer::Kept => Ok(StatusCode::OK.into_response()),
    }
}

/// Take in an activity that Teams sends to the bot, as it comes.
///
/// It is answered once the activity is kept; the same activity again changes nothing. Only what the Bot Framework signed for this bot is taken in.
#[utoipa::path(post, path = "/hooks/teams/{workspace}", tag = "side conversations",
    params(("workspace" = String, Path, description = "short name or id"),
        ("Authorization" = String, Header, description = "the token of the Bot Framework")),
    responses((status = 200, description = "kept")))]
pub(crate) async fn teams(
    State(api): State<Api>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, Problem> {
    let body = body_bytes(request, &api).await?;
    api.app.receive_teams(&workspace, header(&headers, AUTHORIZATION.as_str()), &body).await?;
    Ok(StatusCode::OK)
}

/// A header as text; empty where it is missing.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
