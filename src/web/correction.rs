//! Correcting what was guessed of a ticket, or of several that were chosen in the inbox.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Redirect;

use crate::app::MOST_CORRECTED;
use crate::domain::id::TicketId;
use crate::domain::intake::NewCorrection;
use crate::domain::triage::Matter;
use crate::web::form::{Fields, Posted};
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::view::InboxQuery;
use crate::web::words::Text;
use crate::web::{Web, paths};

/// Before the ids of the tickets that were chosen.
const CHOSEN: &str = "ticket-";
/// The value that says that a ticket is out of scope; no intent is called so.
pub(super) const OUT_OF_SCOPE: &str = "-";

/// Corrects a ticket.
pub(super) async fn correct(
    State(web): State<Web>,
    Named(reference): Named,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Redirect, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    web.app.correct_triage(&session.actor, ticket, said(&fields)?).await?;
    Ok(Redirect::to(&format!("{}#part-triage", web.back_to_ticket(&headers, &ticket))))
}

/// Takes back what was said of a ticket.
pub(super) async fn take_back(
    State(web): State<Web>,
    Named(reference): Named,
    headers: HeaderMap,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    web.app.take_correction_back(&session.actor, ticket).await?;
    Ok(Redirect::to(&format!("{}#part-triage", web.back_to_ticket(&headers, &ticket))))
}

/// Corrects the tickets that were chosen in the inbox.
pub(super) async fn correct_chosen(
    State(web): State<Web>,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Redirect, Problem> {
    let chosen: Vec<TicketId> = fields.chosen(CHOSEN).iter().filter_map(|id| id.parse().ok()).collect();
    if chosen.is_empty() {
        return Err(Problem::refused(Text::new("refused-no-ticket")));
    }
    if chosen.len() > MOST_CORRECTED {
        return Err(Problem::refused(Text::new("refused-many-tickets").with("most", MOST_CORRECTED)));
    }
    let corrected = web.app.correct_triages(&session.actor, &chosen, said(&fields)?).await?;
    let back = inbox_of(web.site.came_from(&headers)).href();
    let join = if back.contains('?') { '&' } else { '?' };
    Ok(Redirect::to(&format!("{back}{join}corrected={corrected}&of={}", chosen.len())))
}

/// What a form says of tickets.
fn said(fields: &Fields) -> Result<NewCorrection, Problem> {
    let matter = match fields.optional("intent").as_deref() {
        None => None,
        Some(OUT_OF_SCOPE) => Some(Matter::OutOfScope),
        Some(intent) => Some(Matter::Intent(intent.parse().map_err(Problem::refused_below)?)),
    };
    let group = fields.optional("group").map(|group| group.parse().map_err(Problem::refused_below)).transpose()?;
    if matter.is_none() && group.is_none() {
        return Err(Problem::refused(Text::new("refused-no-correction")));
    }
    Ok(NewCorrection { matter, group })
}

/// The list that a form was sent from, as far as it is one.
fn inbox_of(page: Option<String>) -> InboxQuery {
    let page = page.and_then(|page| page.parse::<Uri>().ok()).filter(|page| page.path() == paths::INBOX);
    let parameters = page.and_then(|page| Query::<BTreeMap<String, String>>::try_from_uri(&page).ok());
    InboxQuery::read(parameters.map(|Query(parameters)| parameters).unwrap_or_default())
}
