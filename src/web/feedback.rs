//! Thumbs on suggestions.

use axum::extract::State;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::domain::id::SuggestionId;
use crate::domain::vocabulary::Verdict;
use crate::web::form::Posted;
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::{Web, paths};

/// Keeps a thumb; a script that asked for JSON gets an empty answer, a form is led back.
pub(super) async fn give(
    State(web): State<Web>,
    Named(id): Named,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Response, Problem> {
    let id: SuggestionId = id.parse().map_err(|_| Problem::not_found())?;
    let verdict: Verdict = fields.text("verdict").parse().map_err(Problem::refused_below)?;
    let note = Some(fields.text("note")).filter(|note| !note.is_empty());
    web.app.give_feedback(&session.actor, id, verdict, note).await?;
    let by_script = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|kinds| kinds.contains("application/json"));
    if by_script {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let back = web.site.came_from(&headers).unwrap_or_else(|| paths::INBOX.to_owned());
    Ok(Redirect::to(&format!("{back}#thumbs-{id}")).into_response())
}
