//! The event stream, as a page of one ticket follows it.

use std::time::Duration;

use crate::app::App;
use crate::app::error::Error;
use crate::domain::event::Event;
use crate::domain::id::TicketId;
use crate::domain::user::{Actor, Permission};
use crate::store;

/// How long a reader waits for the next event before they are told that there is none.
const PATIENCE: Duration = Duration::from_secs(15);
/// Events of other replicas are noticed by asking this often.
const ASK_EVERY: Duration = Duration::from_secs(2);
const AT_ONCE: u32 = 100;

impl App {
    /// The number of the workspace's last event: a stream that starts now starts after it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn last_event(&self, actor: &Actor, ticket: TicketId) -> Result<i64, Error> {
        self.allow(actor, Permission::Read)?;
        self.ticket_exists(actor, ticket).await?;
        Ok(store::event::last_seq(self.store(), actor.workspace).await?)
    }

    /// The events of a ticket after a number; waits for one up to 15 seconds, then answers with none.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    ///
    /// # Cancel safety
    /// Only reads; may be dropped at any moment.
    pub async fn events(&self, actor: &Actor, ticket: TicketId, after: i64) -> Result<Vec<(i64, Event)>, Error> {
        self.allow(actor, Permission::Read)?;
        self.ticket_exists(actor, ticket).await?;
        let mut arrivals = self.store().event_arrivals();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            arrivals.mark_unchanged();
            let seen = store::event::after_of_ticket(self.store(), actor.workspace, ticket, after, AT_ONCE).await?;
            if !seen.is_empty() || tokio::time::Instant::now() >= deadline {
                return Ok(seen.into_iter().map(|seen| (seen.seq, seen.event)).collect());
            }
            let _ = tokio::time::timeout(ASK_EVERY, arrivals.changed()).await;
        }
    }
}
