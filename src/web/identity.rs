//! Signing in with a one-time link, setting up with the first one, signing out.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};

use crate::app::LinkPurpose;
use crate::app::error::Error;
use crate::web::form::{Fields, Posted, Unsigned};
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::view::{Detail, SetupView, SignInView};
use crate::web::words::Text;
use crate::web::{Web, cookie, guard, pages, paths};

/// The page of somebody without a link.
pub(super) async fn ask_for_link(preferences: Preferences) -> Result<Response, Problem> {
    sign_in_page(StatusCode::OK, preferences, &SignInView::Needed)
}

/// The page behind a link; looking at it does not use the link up.
pub(super) async fn show_link(State(web): State<Web>, Named(secret): Named, preferences: Preferences) -> Result<Response, Problem> {
    match web.app.link_purpose().await? {
        LinkPurpose::SetUp => set_up_page(StatusCode::OK, preferences, &SetupView { secret, ..SetupView::default() }),
        LinkPurpose::SignIn => sign_in_page(StatusCode::OK, preferences, &SignInView::Confirm { secret }),
    }
}

/// Uses a link up and starts a session; one that the browser still had ends.
pub(super) async fn sign_in(
    State(web): State<Web>,
    Named(secret): Named,
    preferences: Preferences,
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
        Err(Error::Unauthenticated) => sign_in_page(StatusCode::UNAUTHORIZED, preferences, &SignInView::Spent),
        Err(error) => Err(error.into()),
    }
}

/// Makes the first workspace with its administrator and signs them in.
pub(super) async fn set_up(
    State(web): State<Web>,
    Named(secret): Named,
    preferences: Preferences,
    Unsigned(fields): Unsigned,
) -> Result<Response, Problem> {
    let (workspace, name, email) = (fields.text("workspace"), fields.text("name"), fields.text("email"));
    let refused = |problem: Detail| set_up_page(StatusCode::UNPROCESSABLE_ENTITY, preferences, &entered(&secret, &fields, problem));
    let missing =
        [(&name, "refused-user-name"), (&workspace, "refused-workspace-name")].into_iter().find(|(given, _)| given.trim().is_empty());
    if let Some((_, key)) = missing {
        return refused(Detail::Ours(Text::new(key)));
    }
    let Ok(email) = email.parse() else {
        return refused(Detail::Ours(Text::new("refused-email").with("given", email)));
    };
    match web.app.set_up(&secret, &workspace, email, &name).await {
        Ok(signed_in) => Ok(welcome(&web, &signed_in.session_secret)),
        Err(Error::Invalid { field: _, reason }) => refused(Detail::English(reason)),
        Err(Error::Unauthenticated) => sign_in_page(StatusCode::UNAUTHORIZED, preferences, &SignInView::Spent),
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

fn sign_in_page(status: StatusCode, preferences: Preferences, view: &SignInView) -> Result<Response, Problem> {
    Ok(guard::html(status, None, preferences, pages::sign_in(view, preferences)?))
}

fn set_up_page(status: StatusCode, preferences: Preferences, view: &SetupView) -> Result<Response, Problem> {
    Ok(guard::html(status, None, preferences, pages::setup(view, preferences)?))
}

fn entered(secret: &str, fields: &Fields, problem: Detail) -> SetupView {
    SetupView {
        secret: secret.to_owned(),
        name: fields.text("name"),
        email: fields.text("email"),
        workspace: fields.text("workspace"),
        problem: Some(problem),
    }
}
