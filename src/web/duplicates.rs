//! Saying of two tickets that they are one, or that they are not.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Redirect;

use crate::app::error::Error;
use crate::web::Web;
use crate::web::form::Posted;
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::words::Text;

/// Keeps what is said (POST `csrf`, `other`, `same` = `1` or `0`).
pub(super) async fn say(
    State(web): State<Web>,
    Named(reference): Named,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Redirect, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    let Some(other) = fields.optional("other") else { return Err(Problem::refused(Text::new("refused-no-other"))) };
    let unknown = |error: Error| {
        if matches!(error, Error::NotFound { .. }) {
            return Problem::refused(Text::new("refused-unknown-ticket").with("reference", other.as_str()));
        }
        Problem::from(error)
    };
    let other = web.app.ticket_by_reference(&session.actor, &other).await.map_err(unknown)?.ticket.id;
    web.app.say_duplicate(&session.actor, ticket, other, fields.text("same") == "1").await?;
    Ok(Redirect::to(&format!("{}#part-triage", web.back_to_ticket(&headers, &ticket))))
}

/// Takes back what was said (POST `csrf`, `other`).
pub(super) async fn take_back(
    State(web): State<Web>,
    Named(reference): Named,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Redirect, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    let other = web.ticket_id(&session.actor, &fields.text("other")).await?;
    web.app.take_duplicate_back(&session.actor, ticket, other).await?;
    Ok(Redirect::to(&format!("{}#part-triage", web.back_to_ticket(&headers, &ticket))))
}
