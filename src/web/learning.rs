//! What was learned from labels: how good each head is, from which probability on it may decide, and the way back to a version.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};

use crate::app::error::Error;
use crate::domain::user::Permission;
use crate::domain::vocabulary::HeadPart;
use crate::web::form::Posted;
use crate::web::pages::{self, LearningView};
use crate::web::problem::Problem;
use crate::web::session::{Visitor, frame};
use crate::web::{Web, guard, paths};

/// The versions, and what the heads that answer now are worth.
pub(super) async fn read(
    State(web): State<Web>,
    Query(parameters): Query<BTreeMap<String, String>>,
    Visitor { session, preferences }: Visitor,
) -> Result<Response, Problem> {
    let (app, actor) = (&web.app, &session.actor);
    let part = parameters.get("head").and_then(|head| head.parse().ok()).unwrap_or(HeadPart::Intent);
    let precision =
        parameters.get("precision").and_then(|percent| percent.parse::<u8>().ok()).filter(|percent| pages::PRECISIONS.contains(percent));
    let precision = precision.unwrap_or(pages::PRECISIONS[1]);
    let advice = match app.threshold_for(actor, part, f64::from(precision) / 100.0).await {
        Ok(advice) => Some(advice),
        // Nothing could be learned yet.
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let versions = app.heads_versions(actor).await?;
    let suspects = app.suspect_labels(actor).await?;
    let called = app.triage_choices(actor).await?.called;
    let may_write = actor.role.may(Permission::Administer);
    let frame = frame(&session, preferences, app.now());
    let view = LearningView { frame, part, precision, advice, versions, suspects, called, may_write };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::learning(&view)?))
}

/// Has heads learned in the background.
pub(super) async fn train(State(web): State<Web>, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.ask_to_train(&session.actor).await?;
    Ok(Redirect::to(paths::LEARNING))
}

/// Lets a version answer, whatever is learned later.
pub(super) async fn hold(State(web): State<Web>, Posted { session, fields, .. }: Posted) -> Result<Redirect, Problem> {
    let version = fields.text("version").parse().map_err(|_| Problem::not_found())?;
    web.app.hold_heads(&session.actor, version).await?;
    Ok(Redirect::to(paths::LEARNING))
}

/// Lets the newest version answer again.
pub(super) async fn follow(State(web): State<Web>, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.follow_labels(&session.actor).await?;
    Ok(Redirect::to(paths::LEARNING))
}
