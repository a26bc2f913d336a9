//! What of a ticket goes along with a side conversation.

use crate::app::App;
use crate::app::error::Error;
use crate::app::panel::name_of;
use crate::copilot::context::{Said, quote};
use crate::copilot::leak::{self, Recipients};
use crate::domain::id::TicketId;
use crate::domain::intake::Quotable;
use crate::domain::user::Actor;
use crate::domain::vocabulary::EmailAddress;
use crate::store;

/// So much of a ticket goes along at most.
pub const MOST_QUOTED: usize = 20;

impl App {
    /// Quotes what was chosen of a ticket for these readers, oldest first; empty where nothing was.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a comment that the ticket does not have or the actor may not read, for an internal note where somebody outside
    /// the company would read it, and for more than [`MOST_QUOTED`].
    pub(super) async fn quoted(
        &self,
        actor: &Actor,
        ticket: TicketId,
        chosen: &[Quotable],
        readers: &[EmailAddress],
    ) -> Result<String, Error> {
        if chosen.is_empty() {
            return Ok(String::new());
        }
        if chosen.len() > MOST_QUOTED {
            return Err(refused(format!("{} were chosen: at most {MOST_QUOTED} go along", chosen.len())));
        }
        let history = self.ticket(actor, ticket).await?;
        let requester = self.customer(actor, history.ticket.requester).await?;
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let knowledge = self.knowledge(actor.workspace).await?;
        let recipients = leak::recipients(readers, &directory);
        let customer = requester.name.clone().unwrap_or_else(|| requester.email.to_string());
        let mut said = Vec::new();
        if chosen.contains(&Quotable::Ticket) {
            said.push((customer.clone(), true, history.ticket.created_at, history.ticket.text()));
        }
        let wanted = |id| chosen.contains(&Quotable::Comment(id));
        for comment in history.comments.iter().filter(|comment| wanted(comment.id)) {
            if !comment.public && recipients == Recipients::Outsiders {
                return Err(refused("an internal note does not go to somebody outside the company: leave the note out, or them"));
            }
            let is_customer = comment.author == requester.email;
            let name = if is_customer { customer.clone() } else { name_of(&directory, &comment.author) };
            said.push((name, is_customer, comment.created_at, comment.body.clone()));
        }
        let known = |chosen: &&Quotable| match chosen {
            Quotable::Ticket => false,
            Quotable::Comment(id) => history.comments.iter().all(|comment| comment.id != *id),
        };
        if let Some(Quotable::Comment(unknown)) = chosen.iter().find(known) {
            return Err(refused(format!("the ticket has no comment `{unknown}`")));
        }
        let days: Vec<String> = said.iter().map(|(_, _, at, _)| at.date()).collect();
        let said: Vec<Said<'_>> =
            said.iter().zip(&days).map(|((name, is_customer, _, text), day)| Said { name, is_customer: *is_customer, day, text }).collect();
        Ok(quote(&said, requester.name.as_deref(), knowledge.language, recipients, &knowledge.patterns))
    }
}

fn refused(reason: impl Into<String>) -> Error {
    Error::invalid("context", reason.into())
}
