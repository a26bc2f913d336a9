//! Search: a page of what is found, and its first few results while somebody types.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::app::error::Error;
use crate::app::{Reach, Results};
use crate::domain::id::TicketId;
use crate::domain::user::Actor;
use crate::web::listing::words_of;
use crate::web::pages::{GlanceView, SearchView};
use crate::web::problem::Problem;
use crate::web::session::{Visitor, frame};
use crate::web::view::InboxQuery;
use crate::web::{Web, guard, pages, paths};

/// Nothing is looked for while fewer characters are typed.
const LEAST_CHARS: usize = 2;

type Parameters = Query<BTreeMap<String, String>>;

/// What is found.
pub(super) async fn page(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let text = words_of(&parameters);
    // Who types what a ticket is called wants that ticket.
    if let Some(id) = web.named(&session.actor, &text).await? {
        return Ok(Redirect::to(&paths::ticket(&id)).into_response());
    }
    let results = if text.is_empty() { Results::default() } else { web.app.look_for(&session.actor, &text, Reach::Page).await? };
    let view = SearchView { frame: frame(&session, preferences, web.app.now()), text, results };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::search(&view)?))
}

impl Web {
    /// The ticket that is called so, if one is.
    async fn named(&self, actor: &Actor, text: &str) -> Result<Option<TicketId>, Problem> {
        // A number alone may be anything.
        if !text.contains(char::is_alphabetic) || text.contains(char::is_whitespace) {
            return Ok(None);
        }
        for name in [text.to_owned(), text.to_uppercase()] {
            match self.app.ticket_by_reference(actor, &name).await {
                Ok(found) => return Ok(Some(found.ticket.id)),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }
}

/// The first results, for the list below the field; `within=list` says that the field filters a list of tickets.
pub(super) async fn glance(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let text = words_of(&parameters);
    let is_enough = text.chars().count() >= LEAST_CHARS;
    let results = if is_enough { web.app.look_for(&session.actor, &text, Reach::Glance).await? } else { Results::default() };
    let is_within_list = parameters.get("within").is_some_and(|within| within == "list");
    let list = is_within_list.then(|| InboxQuery { text: text.clone(), cursor: None, ..InboxQuery::read(parameters) }.href());
    let view = GlanceView { preferences, text: if is_enough { text } else { String::new() }, results, list };
    Ok(guard::html(StatusCode::OK, None, preferences, pages::glance(&view)?))
}
