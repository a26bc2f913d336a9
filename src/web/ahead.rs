//! Panels that somebody looks at already are prepared ahead of the queue.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::domain::id::TicketId;
use crate::domain::user::Actor;

/// So many panels are prepared ahead at once; the encoder serves others too.
const AT_ONCE: usize = 4;

/// The tickets whose panels this process prepares ahead. One that fails stays in, so that it is tried once here and the
/// queue's own retries decide about it.
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
            match app.panel(&actor, ticket).await {
                Ok(_) => {
                    tickets.lock().unwrap_or_else(PoisonError::into_inner).remove(&ticket);
                }
                Err(error) => tracing::warn!(problem.causes = %error, "a panel could not be prepared ahead: the queue tries again"),
            }
        });
    }
}
