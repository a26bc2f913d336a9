//! The stream of a ticket's events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use futures::Stream;
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::reply::ticket_id;
use crate::app::App;
use crate::domain::event::Event;
use crate::domain::id::TicketId;
use crate::domain::user::Actor;
use crate::wire::record::EventOut;

/// After so long a stream ends and the client comes back, with its token checked anew.
const MAX_AGE: Duration = Duration::from_mins(10);

/// Where the stream starts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Only events after this sequence number; from now on when neither this nor `Last-Event-ID` is given.
    after: Option<i64>,
}

/// Follow what happens to a ticket, as server-sent events.
///
/// Each event has a sequence number as `id`, what happened as `event`, and JSON as `data`. A client that comes back sends
/// the last number as `Last-Event-ID` and misses nothing. The stream ends after ten minutes at the latest.
#[utoipa::path(get, path = "/v1/tickets/{ticket}/events", tag = "tickets",
    params(("ticket" = String, Path, description = "id or `external_id`"), EventsQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "the sequence number of the last event seen")),
    responses((status = 200, description = "the stream; `data` of each event", body = EventOut, content_type = "text/event-stream")))]
pub(crate) async fn follow(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
    Query(EventsQuery { after }): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    // Asked even where a number is given: it tells whether the ticket is there.
    let last = api.app.last_event(&actor, ticket).await?;
    let seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let events = events(api.app, actor, ticket, seen.or(after).unwrap_or(last));
    let events = events.take_until(tokio::time::sleep(MAX_AGE));
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Every event after a sequence number; ends when the events cannot be read any more.
fn events(app: App, actor: Actor, ticket: TicketId, after: i64) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    stream::unfold(after, move |after| {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            let events = app.events(&actor, ticket, after).await.inspect_err(|error| {
                tracing::warn!(problem.causes = %error, "a stream of events ended");
            });
            let events = events.ok()?;
            let last = events.last().map_or(after, |(sequence, _)| *sequence);
            Some((stream::iter(events).map(|(sequence, event)| Ok(written(sequence, event))), last))
        }
    })
    .flatten()
}

fn written(sequence: i64, event: Event) -> SseEvent {
    let event = EventOut::from(event);
    let data = serde_json::to_string(&event).unwrap_or_default();
    SseEvent::default().id(sequence.to_string()).event(event.kind).data(data)
}
