//! Insights: how many side conversations were needed, and how long answers took.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::time::Day;
use crate::domain::vocabulary::InsightsBy;
use crate::web::pages::{self, InsightsView};
use crate::web::problem::Problem;
use crate::web::session::{Visitor, frame};
use crate::web::{Web, guard};

/// The page; what of its address means nothing is passed over.
pub(super) async fn read(
    State(web): State<Web>,
    Query(parameters): Query<BTreeMap<String, String>>,
    Visitor { session, preferences }: Visitor,
) -> Result<Response, Problem> {
    let (app, actor) = (&web.app, &session.actor);
    let day = |name: &str| parameters.get(name).and_then(|day| day.parse::<Day>().ok());
    let by = parameters.get("by").and_then(|by| by.parse().ok()).unwrap_or(InsightsBy::Week);
    let of = match app.insights_of(day("from"), day("to"), by) {
        Ok(of) => of,
        Err(_) => app.insights_of(None, None, by)?,
    };
    let insights = app.insights(actor, of).await?;
    let called = app.triage_choices(actor).await?.called;
    let teams = app.directory(actor).await?.teams.into_iter().map(|(name, team)| (name.to_string(), team.title)).collect();
    let view = InsightsView { frame: frame(&session, preferences, app.now()), insights, called, teams };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::insights(&view)?))
}
