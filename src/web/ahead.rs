//! Panels that somebody looks at already are prepared ahead of the queue.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::domain::id::TicketId;
use crate::domain::user::Actor;

/// So many panels are prepared ahead at once; the encoder serves others too.
const AT_ONCE: usize = 4;

/// The tickets whose panels this process prepares ahead.
#[derive(Debug, Clone, Default)]
pub(super) struct Ahead {
    tickets: Arc<Mutex<HashSet<TicketId>>>,
}

impl Ahead {
    /// Prepares a panel in the background, unless it is being prepared; whoever looks at the ticket learns of it as an event.
    pub(super) fn prepare(&self, app: App, actor: Actor, ticket: TicketId) {
        let starts = {
            let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
            tickets.len() < AT_ONCE && tickets.insert(ticket)
        };
        if !starts {
            return;
        }
        let tickets = Arc::clone(&self.tickets);
        tokio::spawn(async move {
            let _leaves = Leaves { tickets, ticket };
            if let Err(error) = app.panel(&actor, ticket).await {
                tracing::warn!(problem.causes = %error, "a panel could not be prepared ahead: the queue tries again");
            }
        });
    }
}

/// Takes a ticket off the list when its work ends, however it ends.
struct Leaves {
    tickets: Arc<Mutex<HashSet<TicketId>>>,
    ticket: TicketId,
}

impl Drop for Leaves {
    fn drop(&mut self) {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.ticket);
    }
}
