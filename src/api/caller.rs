//! Who calls: bearer tokens and the permission that the table asks for.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::OwnedSemaphorePermit;

use crate::api::Api;
use crate::api::problem::{Code, Problem};
use crate::app::error::Error;
use crate::domain::user::{Actor, Permission};

/// The actor behind the call's token, for handlers of routes that need a permission.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Actor);

/// The room that a call takes while it or something it began is worked on.
#[derive(Debug, Clone)]
pub(crate) struct Permit(#[expect(dead_code, reason = "held, not read")] Arc<OwnedSemaphorePermit>);

/// Lets a call pass whose token grants the permission, while there is room for it; before its body is read.
pub(crate) async fn admit(
    State((api, permission)): State<(Api, Permission)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let permit = permit(&api)?;
    let token = bearer(request.headers()).ok_or(Error::Unauthenticated)?;
    let actor = api.app.authenticate(token).await?;
    if !actor.role.may(permission) {
        return Err(Error::Forbidden { role: actor.role.as_str() }.into());
    }
    request.extensions_mut().insert(Caller(actor));
    request.extensions_mut().insert(permit.clone());
    let response = next.run(request).await;
    drop(permit);
    Ok(response)
}

/// Lets a call pass that shows by its body who it is of, while there is room for it.
pub(crate) async fn make_room(State(api): State<Api>, request: Request, next: Next) -> Result<Response, Problem> {
    let permit = permit(&api)?;
    let response = next.run(request).await;
    drop(permit);
    Ok(response)
}

fn permit(api: &Api) -> Result<Permit, Problem> {
    match Arc::clone(&api.permits).try_acquire_owned() {
        Ok(permit) => Ok(Permit(Arc::new(permit))),
        Err(_) => Err(Problem::new(Code::TooManyRequests, "send fewer calls at once").retry_after(1)),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::internal("a handler wants a caller on a route without a permission"))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_bearer_header_holds_a_token() {
        let check = |value: &'static str, token: Option<&str>| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(bearer(&headers), token, "{value}");
        };
        check("Bearer bc_x", Some("bc_x"));
        check("bearer bc_x", Some("bc_x"));
        check("Basic bc_x", None);
        check("bc_x", None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
