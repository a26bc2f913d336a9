//! The tour: what there is to see, and where.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::error::Error;
use crate::web::problem::Problem;
use crate::web::session::{Visitor, frame};
use crate::web::view::Frame;
use crate::web::{Web, guard, pages, paths};

/// The tour.
#[derive(Debug, Clone)]
pub struct TourView {
    /// The frame.
    pub frame: Frame,
    /// Its stops, in order.
    pub stops: Vec<TourStop>,
    /// Whether the tickets of the demo company are there.
    pub is_demo: bool,
}

/// A stop of the tour.
#[derive(Debug, Clone)]
pub struct TourStop {
    /// The key of its title.
    pub title: &'static str,
    /// The key of what is said there.
    pub text: &'static str,
    /// Its address, and the reference and subject of the ticket that it is; `None` where that ticket is not there.
    pub to: Option<(String, Option<(String, String)>)>,
}

/// The demo company's workspace.
const DEMO: &str = "alderwick";

/// Where a stop is.
enum Place {
    /// A page.
    Page(&'static str),
    /// A ticket of the demo company, at a part of its page.
    Ticket(&'static str, &'static str),
}

/// The stops: the keys of their titles and of what is said at them, and where they are.
const STOPS: [(&str, &str, Place); 10] = [
    ("tour-inbox", "tour-inbox-text", Place::Page("/tickets?order=urgency")),
    ("tour-danger", "tour-danger-text", Place::Ticket("T-1029", "part-triage")),
    ("tour-reply", "tour-reply-text", Place::Ticket("T-1029", "part-reply")),
    ("tour-thread", "tour-thread-text", Place::Ticket("T-1029", "part-draft")),
    ("tour-loose", "tour-loose-text", Place::Ticket("T-2066", "part-loose")),
    ("tour-ask", "tour-ask-text", Place::Ticket("T-1035", "part-ask")),
    ("tour-french", "tour-french-text", Place::Ticket("T-2015", "part-reply")),
    ("tour-learn", "tour-learn-text", Place::Ticket("T-1124", "part-triage")),
    ("tour-gaps", "tour-gaps-text", Place::Page(paths::GAPS)),
    ("tour-api", "tour-api-text", Place::Page("/openapi.json")),
];

/// The page of the tour; a ticket that is not there is no link.
pub(super) async fn page(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let mut stops = Vec::with_capacity(STOPS.len());
    // Another desk may call its tickets the same.
    let is_demo = session.workspace.slug.as_str() == DEMO;
    for (title, text, place) in STOPS {
        let to = match place {
            Place::Page(path) => Some((path.to_owned(), None)),
            Place::Ticket(..) if !is_demo => None,
            Place::Ticket(reference, part) => match web.app.ticket_by_reference(&session.actor, reference).await {
                Ok(history) => {
                    let ticket = history.ticket;
                    Some((format!("{}#{part}", paths::ticket(&ticket.id)), Some((ticket.reference(), ticket.subject))))
                }
                Err(Error::NotFound { .. }) => None,
                Err(error) => return Err(error.into()),
            },
        };
        stops.push(TourStop { title, text, to });
    }
    let view = TourView { frame: frame(&session, preferences, web.app.now()), stops, is_demo };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), view.frame.preferences, pages::tour(&view)?))
}
