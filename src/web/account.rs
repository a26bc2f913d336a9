//! The reader's own account: their password.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::app::error::Error;
use crate::app::{Session, Tried};
use crate::web::form::Posted;
use crate::web::listing::{Field, FormView, Place};
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::session::{Visitor, frame};
use crate::web::table::form_page;
use crate::web::view::Detail;
use crate::web::words::Text;
use crate::web::{Web, cookie, paths};

/// The page on which the password is changed.
pub(super) async fn page(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let has_password = web.app.has_password(&session).await?;
    form_page(StatusCode::OK, &form(&web, &session, preferences, has_password))
}

/// Changes the password, and ends every other session.
pub(super) async fn change_password(
    State(web): State<Web>,
    headers: HeaderMap,
    Posted { session, preferences, fields }: Posted,
) -> Result<Response, Problem> {
    let secret = cookie::read(&headers, web.site.is_secure()).ok_or(Error::Unauthenticated)?;
    let has_password = web.app.has_password(&session).await?;
    let (current, wanted) = (fields.verbatim("current"), fields.verbatim("password"));
    let refused = |status: StatusCode, field: &str, detail: Detail| {
        form_page(status, &form(&web, &session, preferences, has_password).refused(field, detail))
    };
    match web.app.change_password(&session, secret, current, wanted).await {
        Ok(Tried::Right(())) => {
            let told = Some(Text::new("account-changed"));
            form_page(StatusCode::OK, &FormView { told, ..form(&web, &session, preferences, true) })
        }
        Ok(Tried::Wrong) => refused(StatusCode::UNPROCESSABLE_ENTITY, "current", Text::new("account-wrong").into()),
        Ok(Tried::Held { retry_after_seconds }) => {
            let minutes = retry_after_seconds.div_ceil(60);
            refused(StatusCode::TOO_MANY_REQUESTS, "current", Text::new("sign-in-held").with("count", minutes).into())
        }
        Err(Error::Invalid { field, reason }) => refused(StatusCode::UNPROCESSABLE_ENTITY, &field, reason.into()),
        Err(error) => Err(error.into()),
    }
}

fn form(web: &Web, session: &Session, preferences: Preferences, has_password: bool) -> FormView {
    let mut fields = vec![Field::line("email", "field-email", session.user.email.as_str()).of("email", "username").fixed(true)];
    if has_password {
        fields.push(Field::line("current", "field-current-password", "").of("password", "current-password").required());
    }
    let password = Field::line("password", "field-new-password", "").of("password", "new-password").required();
    fields.push(password.with_help("field-new-password-help"));
    FormView {
        frame: frame(session, preferences, web.app.now()),
        place: Place::Account,
        title: Text::new("account"),
        help: Some(Text::new(if has_password { "account-help" } else { "account-help-none" })),
        action: paths::ACCOUNT.to_owned(),
        fields,
        submit: Some("account-change"),
        back: paths::INBOX.to_owned(),
        problem: None,
        told: None,
        acts: Vec::new(),
    }
}
