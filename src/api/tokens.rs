//! API tokens.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{PageQuery, cut, id, put_once};
use crate::wire::list::PageOut;
use crate::wire::token::{NewTokenOut, TokenIn, TokenOut};

/// List tokens in the order in which they were made, revoked ones too.
#[utoipa::path(get, path = "/v1/tokens", tag = "admin", params(PageQuery),
    responses((status = 200, description = "a page of tokens", body = PageOut<TokenOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<TokenOut>>, Problem> {
    let page = page.into_request()?;
    let tokens = api.app.tokens(&actor).await?.into_iter().map(|token| (token.id, token)).collect();
    Ok(JsonOut(PageOut::new(cut(tokens, &page))))
}

/// Make a token; the answer shows its secret, once.
#[utoipa::path(post, path = "/v1/tokens", tag = "admin", request_body = TokenIn,
    responses((status = 201, description = "made", body = NewTokenOut)))]
pub(crate) async fn create(State(api): State<Api>, Caller(actor): Caller, Json(token): Json<TokenIn>) -> Result<Response, Problem> {
    let (name, role, teams) = token.into_parts()?;
    let (token, secret) = api.app.create_token(&actor, &name, role, teams).await?;
    let shown = NewTokenOut { token: token.into(), secret: Some(secret.expose().to_owned()) };
    let kept = NewTokenOut { secret: None, ..shown.clone() };
    put_once("/v1/tokens", &shown, &kept)
}

/// Revoke a token; from then on it opens nothing.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "admin", params(("id" = String, Path, description = "the token's id")),
    responses((status = 204, description = "revoked")))]
pub(crate) async fn revoke(State(api): State<Api>, Caller(actor): Caller, Path(token): Path<String>) -> Result<StatusCode, Problem> {
    api.app.revoke_token(&actor, id(&token)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
