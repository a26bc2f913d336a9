//! Thumbs on suggestions, and setting them aside.

use axum::extract::State;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::domain::id::SuggestionId;
use crate::domain::vocabulary::Verdict;
use crate::web::form::Posted;
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::words::Text;
use crate::web::{Web, paths};

/// For how long a suggestion can be set aside: the word of a form, the key of what its button says, and seconds; `None` is for good.
pub(super) const ASIDE_FOR: [(&str, &str, Option<i64>); 4] = [
    ("hours", "aside-hours", Some(4 * 3600)),
    ("day", "aside-day", Some(24 * 3600)),
    ("week", "aside-week", Some(7 * 24 * 3600)),
    ("good", "aside-good", None),
];

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
    Ok(web.back_to(&headers, &format!("thumbs-{id}")).into_response())
}

/// Sets a suggestion aside for whoever is signed in.
pub(super) async fn set_aside(
    State(web): State<Web>,
    Named(id): Named,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Redirect, Problem> {
    let id: SuggestionId = id.parse().map_err(|_| Problem::not_found())?;
    let given = fields.text("for");
    let chosen = ASIDE_FOR.iter().find(|(word, _, _)| *word == given);
    let (_, _, seconds) = chosen.ok_or_else(|| Problem::refused(Text::new("refused-aside")))?;
    let until = seconds.map(|seconds| web.app.now().plus_seconds(seconds));
    web.app.set_aside(&session.actor, id, until).await?;
    Ok(web.back_to(&headers, &format!("aside-{id}")))
}

/// Brings back what was set aside.
pub(super) async fn bring_back(
    State(web): State<Web>,
    Named(id): Named,
    headers: HeaderMap,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Problem> {
    let id: SuggestionId = id.parse().map_err(|_| Problem::not_found())?;
    web.app.bring_back(&session.actor, id).await?;
    Ok(web.back_to(&headers, &format!("thumbs-{id}")))
}

impl Web {
    /// The page that a form was sent from, at a place of it.
    pub(super) fn back_to(&self, headers: &HeaderMap, anchor: &str) -> Redirect {
        let page = self.site.came_from(headers).unwrap_or_else(|| paths::INBOX.to_owned());
        Redirect::to(&format!("{page}#{anchor}"))
    }
}
