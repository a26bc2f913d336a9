//! Incidents: the list, and one with its tickets.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::id::IncidentId;
use crate::domain::intake::PageRequest;
use crate::web::pages::{IncidentView, IncidentsView};
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::{Web, guard, pages};

/// So many stand on a page.
const SHOWN: u32 = 50;

/// The list.
pub(super) async fn list(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Query(mut parameters): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let request = PageRequest { limit: Some(SHOWN), cursor: parameters.remove("cursor") };
    let page = web.app.incidents(&session.actor, request).await?;
    let view = IncidentsView { frame: frame(&session, preferences, web.app.now()), incidents: page.items, next_cursor: page.next_cursor };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::incidents(&view)?))
}

/// One incident.
pub(super) async fn read(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Named(incident): Named,
) -> Result<Response, Problem> {
    let id: IncidentId = incident.parse().map_err(|_| Problem::not_found())?;
    let (incident, standing) = web.app.incident(&session.actor, id).await?;
    let view = IncidentView { frame: frame(&session, preferences, web.app.now()), incident, standing };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::incident(&view)?))
}
