//! What waits for the reader.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::waiting::Whose;
use crate::web::pages::WaitingView;
use crate::web::problem::Problem;
use crate::web::session::{Visitor, frame};
use crate::web::ticket::names;
use crate::web::view::Frame;
use crate::web::{Web, guard, pages};

/// So many things stand in a section, and in one of which more is asked for.
const SHOWN: u32 = 50;
const MOST: u32 = 1000;

/// The page; `more=1` of its address shows more of each section, `whose=all` of its address shows what waits for everybody.
pub(super) async fn page(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let is_all = parameters.get("whose").is_some_and(|whose| whose == "all");
    let (app, actor) = (&web.app, &session.actor);
    let is_whole = parameters.contains_key("more");
    let most = if is_whole { MOST } else { SHOWN };
    let whose = if is_all { Whose::Everybodys } else { Whose::Mine };
    let (waiting, directory, users, choices) =
        tokio::try_join!(app.waiting(actor, whose, most), app.directory(actor), app.user_names(actor), app.triage_choices(actor))?;
    let count = if is_all { app.count_waiting(actor).await? } else { waiting.count() };
    let view = WaitingView {
        frame: Frame { waiting: Some(count), ..frame(&session, preferences, app.now()) },
        whose,
        is_whole,
        called: choices.called,
        waiting,
        names: names(directory, users),
    };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::waiting(&view)?))
}
