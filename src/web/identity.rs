//! Signing in with a one-time link, setting up with the first one, signing out.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};

use crate::app::Link;
use crate::app::error::Error;
use crate::web::form::{Fields, Posted, Unsigned};
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::view::{SetupView, SignInView};
use crate::web::{Web, cookie, guard, pages, paths};

/// The page of somebody without a link.
pub(super) async fn ask_for_link() -> Result<Response, Problem> {
    sign_in_page(StatusCode::OK, &SignInView::Needed)
}

/// The page behind a link; looking at it does not use the link up.
pub(super) async fn show_link(State(web): State<Web>, Named(secret): Named) -> Result<Response, Problem> {
    match web.app.link(&secret).await? {
        Link::SetUp => set_up_page(StatusCode::OK, &SetupView { secret, ..SetupView::default() }),
        Link::Open { .. } => sign_in_page(StatusCode::OK, &SignInView::Confirm { secret }),
        Link::Used | Link::Expired { .. } | Link::Unknown => sign_in_page(StatusCode::UNAUTHORIZED, &SignInView::Spent),
    }
}

/// Uses a link up and starts a session; one that the browser still had ends.
pub(super) async fn sign_in(
    State(web): State<Web>,
    Named(secret): Named,
    headers: HeaderMap,
    Unsigned(_): Unsigned,
) -> Result<Response, Problem> {
    match web.app.sign_in(&secret).await {
        Ok(signed_in) => {
            if let Some(old) = cookie::read(&headers, web.site.is_secure()) {
                web.app.sign_out(old).await?;
            }
            Ok(welcome(&web, &signed_in.session_secret))
        }
        Err(Error::Unauthenticated) => sign_in_page(StatusCode::UNAUTHORIZED, &SignInView::Spent),
        Err(error) => Err(error.into()),
    }
}

/// Makes the first workspace with its administrator and signs them in.
pub(super) async fn set_up(State(web): State<Web>, Named(secret): Named, Unsigned(fields): Unsigned) -> Result<Response, Problem> {
    let (workspace, name) = (fields.text("workspace"), fields.text("name"));
    let refused = |problem: String| set_up_page(StatusCode::UNPROCESSABLE_ENTITY, &entered(&secret, &fields, problem));
    let email = match fields.text("email").parse() {
        Ok(email) => email,
        Err(error) => return refused(format!("{error}")),
    };
    match web.app.set_up(&secret, &workspace, email, &name).await {
        Ok(signed_in) => Ok(welcome(&web, &signed_in.session_secret)),
        Err(Error::Invalid { field: _, reason }) => refused(reason),
        Err(Error::Unauthenticated) => sign_in_page(StatusCode::UNAUTHORIZED, &SignInView::Spent),
        Err(error) => Err(error.into()),
    }
}

/// Ends the session, here and in the browser.
pub(super) async fn sign_out(State(web): State<Web>, headers: HeaderMap, _: Posted) -> Result<Response, Problem> {
    let secure = web.site.is_secure();
    if let Some(secret) = cookie::read(&headers, secure) {
        web.app.sign_out(secret).await?;
    }
    Ok(led(paths::SIGN_IN, cookie::clear(secure)))
}

fn welcome(web: &Web, session_secret: &str) -> Response {
    led(paths::INBOX, cookie::set(session_secret, web.site.is_secure()))
}

fn led(page: &str, cookie: HeaderValue) -> Response {
    (AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to(page)).into_response()
}

fn sign_in_page(status: StatusCode, view: &SignInView) -> Result<Response, Problem> {
    Ok(guard::html(status, None, pages::sign_in(view)?))
}

fn set_up_page(status: StatusCode, view: &SetupView) -> Result<Response, Problem> {
    Ok(guard::html(status, None, pages::setup(view)?))
}

fn entered(secret: &str, fields: &Fields, problem: String) -> SetupView {
    SetupView {
        secret: secret.to_owned(),
        name: fields.text("name"),
        email: fields.text("email"),
        workspace: fields.text("workspace"),
        problem: Some(problem),
    }
}
