//! Signing in with a password or a one-time link, setting up with the first one, signing out.

use axum::extract::State;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};

use crate::app::error::Error;
use crate::app::{Link, PasswordTry, SignedIn, Tried};
use crate::domain::vocabulary::LinkPurpose;
use crate::web::client::ClientAddress;
use crate::web::entry::{OverLink, PasswordView, SetupView, SignInView};
use crate::web::form::{Fields, Posted, Unsigned};
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::view::Detail;
use crate::web::words::Text;
use crate::web::{Web, cookie, guard, pages, paths};

/// The page of somebody without a link.
pub(super) async fn ask(State(web): State<Web>, preferences: Preferences) -> Result<Response, Problem> {
    needed(&web, StatusCode::OK, preferences, None, PasswordView::default()).await
}

/// Signs in with address and password; a session that the browser still had ends.
pub(super) async fn sign_in_with_password(
    State(web): State<Web>,
    ClientAddress(from): ClientAddress,
    preferences: Preferences,
    headers: HeaderMap,
    Unsigned(fields): Unsigned,
) -> Result<Response, Problem> {
    let (workspace, email) = (fields.optional("workspace"), fields.text("email"));
    let tried = PasswordTry { workspace: workspace.as_deref(), email: &email, password: fields.verbatim("password"), from: &from };
    let (status, problem, wait) = match web.app.sign_in_with_password(tried).await? {
        Tried::Right(signed_in) => return let_in(&web, &headers, &signed_in).await,
        Tried::Wrong => (StatusCode::UNAUTHORIZED, Text::new("sign-in-wrong"), None),
        Tried::Held { retry_after_seconds } => {
            let problem = Text::new("sign-in-held").with("count", retry_after_seconds.div_ceil(60));
            (StatusCode::TOO_MANY_REQUESTS, problem, Some(retry_after_seconds))
        }
    };
    let form = PasswordView { workspace: workspace.unwrap_or_default(), email, problem: Some(problem.into()), ..PasswordView::default() };
    let mut response = needed(&web, status, preferences, None, form).await?;
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// The page behind a link; looking at it does not use the link up.
pub(super) async fn show_link(State(web): State<Web>, Named(secret): Named, preferences: Preferences) -> Result<Response, Problem> {
    let link = web.app.link(&secret).await?;
    behind(&web, preferences, secret, link, None).await
}

/// Uses a link up and starts a session, with the password that was chosen where one is; a session that the browser still had ends.
pub(super) async fn sign_in(
    State(web): State<Web>,
    Named(secret): Named,
    preferences: Preferences,
    headers: HeaderMap,
    Unsigned(fields): Unsigned,
) -> Result<Response, Problem> {
    let link = web.app.link(&secret).await?;
    let tried = match &link {
        Link::Open { purpose: LinkPurpose::SignIn, .. } => web.app.sign_in(&secret).await,
        Link::Open { purpose: LinkPurpose::Invite | LinkPurpose::Reset, .. } => {
            web.app.sign_in_choosing(&secret, fields.verbatim("password")).await
        }
        Link::SetUp | Link::Used | Link::Expired { .. } | Link::Unknown => return behind(&web, preferences, secret, link, None).await,
    };
    match tried {
        Ok(signed_in) => let_in(&web, &headers, &signed_in).await,
        Err(Error::Invalid { field: _, reason }) => behind(&web, preferences, secret, link, Some(reason.into())).await,
        // Somebody else used it in the same moment.
        Err(Error::Unauthenticated) => behind(&web, preferences, secret, Link::Used, None).await,
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
        Err(Error::Unauthenticated) => {
            needed(&web, StatusCode::UNAUTHORIZED, preferences, Some(OverLink::Unknown), PasswordView::default()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session, here and in the browser.
pub(super) async fn sign_out(State(web): State<Web>, headers: HeaderMap, _: Posted) -> Result<Response, Problem> {
    let secure = web.site.is_secure();
    if let Some(secret) = cookie::read(&headers, secure) {
        web.app.sign_out(secret).await?;
    }
    // What was begun in this browser is not for whoever signs in next.
    let clear = [(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"storage\""))];
    Ok((AppendHeaders(clear), led(paths::SIGN_IN, cookie::clear(secure))).into_response())
}

async fn let_in(web: &Web, headers: &HeaderMap, signed_in: &SignedIn) -> Result<Response, Problem> {
    if let Some(old) = cookie::read(headers, web.site.is_secure()) {
        web.app.sign_out(old).await?;
    }
    Ok(welcome(web, &signed_in.session_secret))
}

/// What stands behind a link, by what it is good for.
async fn behind(web: &Web, preferences: Preferences, secret: String, link: Link, problem: Option<Detail>) -> Result<Response, Problem> {
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (status, over) = match link {
        Link::SetUp => return set_up_page(status, preferences, &SetupView { secret, ..SetupView::default() }),
        Link::Open { purpose: LinkPurpose::SignIn, .. } => return sign_in_page(status, preferences, &SignInView::Confirm { secret }),
        Link::Open { purpose: purpose @ (LinkPurpose::Invite | LinkPurpose::Reset), user, workspace, expires_at } => {
            let view = SignInView::Choose {
                secret,
                is_first: purpose == LinkPurpose::Invite,
                name: user.name,
                email: user.email.to_string(),
                workspace: workspace.name,
                until: expires_at,
                problem,
            };
            return sign_in_page(status, preferences, &view);
        }
        Link::Used => (StatusCode::GONE, OverLink::Used),
        Link::Expired { at } => (StatusCode::GONE, OverLink::Expired(at)),
        Link::Unknown => (StatusCode::NOT_FOUND, OverLink::Unknown),
    };
    needed(web, status, preferences, Some(over), PasswordView::default()).await
}

async fn needed(
    web: &Web,
    status: StatusCode,
    preferences: Preferences,
    over: Option<OverLink>,
    form: PasswordView,
) -> Result<Response, Problem> {
    let form = PasswordView { asks_workspace: web.app.has_several_workspaces().await?, ..form };
    sign_in_page(status, preferences, &SignInView::Needed { over, form })
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
