//! The stream that tells an open page that something changed.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use futures::stream::{self, StreamExt};

use crate::app::App;
use crate::domain::id::TicketId;
use crate::domain::user::Actor;
use crate::web::Web;
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor};

/// After so long a stream ends and the page comes back, with its session checked anew.
const LONGEST_STREAM: Duration = Duration::from_mins(10);

/// Events of a ticket after the one that the page, or the stream before, saw last. Each says what happened and nothing
/// else: the page fetches what it may show.
pub(super) async fn follow(
    State(web): State<Web>,
    Visitor { session, .. }: Visitor,
    Named(reference): Named,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    // Asked even where a number is given: it tells whether the ticket is there.
    let last = web.app.last_event(&session.actor, ticket).await?;
    let came_back = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let after = came_back.or_else(|| query.get("after")?.parse().ok()).unwrap_or(last);
    let events = events(web.app, session.actor, ticket, after).take_until(tokio::time::sleep(LONGEST_STREAM));
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Every event after a sequence number; ends when events cannot be read any more. Dropped with the connection.
fn events(app: App, actor: Actor, ticket: TicketId, after: i64) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(after, move |after| {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            let events = app.events(&actor, ticket, after).await.inspect_err(|error| {
                tracing::warn!(problem.causes = %error, "a stream of events ended");
            });
            let events = events.ok()?;
            let last = events.last().map_or(after, |(sequence, _)| *sequence);
            let written =
                |(sequence, event): (i64, crate::domain::event::Event)| Ok(Event::default().id(sequence.to_string()).data(event.kind));
            Some((stream::iter(events.into_iter().map(written)), last))
        }
    })
    .flatten()
}
