//! What of a ticket goes along with a side conversation.

use crate::app::App;
use crate::app::error::Error;
use crate::app::panel::name_of;
use crate::copilot::context::{Said, quote};
use crate::copilot::leak::{self, Recipients};
use crate::domain::id::TicketId;
use crate::domain::intake::Quotable;
use crate::domain::user::Actor;
use crate::domain::vocabulary::{EmailAddress, PersonRole};
use crate::store;

/// So much of a ticket goes along at most.
pub const MOST_QUOTED: usize = 20;

impl App {
    /// Quotes what was chosen of a ticket for these readers, oldest first; empty where nothing was.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a comment that the ticket does not have or the actor may not read, for an internal note where somebody outside
    /// the company would read it, for what must not leave and cannot be taken out, and for more than [`MOST_QUOTED`].
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
            said.push((Some(customer.clone()), true, history.ticket.created_at, history.ticket.text()));
        }
        // Towards somebody outside only colleagues have a name: anybody else may be the customer under another address.
        let known = |email: &EmailAddress| match recipients {
            Recipients::Colleagues => Some(name_of(&directory, email)),
            Recipients::Outsiders => {
                directory.people.get(email).filter(|person| person.role != PersonRole::Outsider).map(|person| person.name.clone())
            }
        };
        let wanted = |id| chosen.contains(&Quotable::Comment(id));
        for comment in history.comments.iter().filter(|comment| wanted(comment.id)) {
            if !comment.public && recipients == Recipients::Outsiders {
                return Err(refused("an internal note does not go to somebody outside the company: leave the note out, or them"));
            }
            let is_customer = comment.author == requester.email;
            let name = if is_customer { Some(customer.clone()) } else { known(&comment.author) };
            said.push((name, is_customer, comment.created_at, comment.body.clone()));
        }
        let unknown = |chosen: &&Quotable| match chosen {
            Quotable::Ticket => false,
            Quotable::Comment(id) => history.comments.iter().all(|comment| comment.id != *id),
        };
        if let Some(Quotable::Comment(unknown)) = chosen.iter().find(unknown) {
            return Err(refused(format!("the ticket has no comment `{unknown}`")));
        }
        let days: Vec<String> = said.iter().map(|(_, _, at, _)| at.date()).collect();
        let said: Vec<Said<'_>> = said
            .iter()
            .zip(&days)
            .map(|((name, is_customer, _, text), day)| Said { name: name.as_deref(), is_customer: *is_customer, day, text })
            .collect();
        let quoted = quote(&said, requester.name.as_deref(), knowledge.language, recipients, &knowledge.patterns);
        quoted.ok_or_else(|| refused("what was chosen holds something that must not leave: write what is needed of it yourself"))
    }
}

fn refused(reason: impl Into<String>) -> Error {
    Error::invalid("context", reason.into())
}
