//! What is held back before it leaves, until whoever sends it has looked at it.

use crate::app::error::Error;
use crate::app::{App, Checked};
use crate::copilot::guard::trust::Trusted;
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{ThreadId, TicketId};
use crate::domain::intake::{NewCheck, NewComment, NewMessage, NewThread};
use crate::domain::leak::LeakLevel;
use crate::domain::user::Actor;
use crate::domain::vocabulary::EmailAddress;
use crate::store;

impl App {
    /// What the guard says of a side conversation before it is opened, with what it quotes; nothing of one that was held elsewhere.
    ///
    /// # Errors
    /// As for [`App::check_message`] and [`App::open_thread`].
    pub async fn look_at_thread(&self, actor: &Actor, ticket: TicketId, new: &NewThread) -> Result<Checked, Error> {
        if !new.is_said_here() {
            return Ok(Checked::default());
        }
        let said = new.messages.iter().map(|message| message.body.clone());
        let quoted = self.quoted(actor, ticket, &new.context, &new.participants).await?;
        let check = NewCheck {
            ticket: Some(ticket),
            subject: Some(new.subject.clone()),
            body: said.chain([quoted]).collect::<Vec<_>>().join("\n\n").trim_end().to_owned(),
            recipients: others(&new.participants, &new.opened_by),
            ..NewCheck::default()
        };
        self.check_message(actor, &check).await
    }

    /// What the guard says of a message before it joins a side conversation; nothing of one that was written elsewhere.
    ///
    /// # Errors
    /// As for [`App::check_message`]; [`Error::NotFound`] for a side conversation that is not in the actor's workspace.
    pub async fn look_at_message(&self, actor: &Actor, thread: ThreadId, new: &NewMessage) -> Result<Checked, Error> {
        let thread = self.thread(actor, thread).await?.thread;
        if new.created_at.is_some() || !thread.is_of_the_desk() || thread.participants.contains(&new.author) {
            return Ok(Checked::default());
        }
        let (recipients, body) = (others(&thread.participants, &new.author), new.body.clone());
        self.check_message(actor, &NewCheck { ticket: Some(thread.ticket), body, recipients, ..NewCheck::default() }).await
    }

    /// What the guard says of a comment of the desk's before the customer reads it; nothing of notes, of what the customer or somebody on their
    /// side writes, and of what was written before.
    ///
    /// # Errors
    /// As for [`App::check_message`].
    pub async fn look_at_reply(&self, actor: &Actor, ticket: TicketId, new: &NewComment) -> Result<Checked, Error> {
        if !new.public || new.created_at.is_some() || new.body.trim().is_empty() {
            return Ok(Checked::default());
        }
        self.ticket_exists(actor, ticket).await?;
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let Some(own) = store::ticket::get(self.store(), &everything, ticket).await? else { return Ok(Checked::default()) };
        let requester = store::customer::get(self.store(), actor.workspace, own.requester).await?;
        let Some(requester) = requester.filter(|requester| requester.email != new.author) else { return Ok(Checked::default()) };
        // What somebody else on the customer's side writes comes in, and does not leave.
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let is_user = async || Ok::<_, Error>(store::user::by_email(self.store(), actor.workspace, &new.author).await?.is_some());
        if !Trusted::new(&directory, None).is_colleague(&new.author) && !is_user().await? {
            return Ok(Checked::default());
        }
        let (recipients, body) = (vec![requester.email], new.body.clone());
        self.check_message(actor, &NewCheck { ticket: Some(ticket), body, recipients, ..NewCheck::default() }).await
    }
}

impl Checked {
    /// Whether it may leave: nothing in it is to be kept back, and what its author should look at they say is meant.
    #[must_use]
    pub fn may_leave(&self, acknowledged: bool) -> bool {
        let least = if acknowledged { LeakLevel::Block } else { LeakLevel::Acknowledge };
        self.leaks.iter().all(|leak| leak.level < least)
    }

    /// Lets a message pass, or says what holds it back.
    ///
    /// # Errors
    /// [`Error::Held`] with what was found.
    pub fn let_out(self, acknowledged: bool) -> Result<(), Error> {
        if self.may_leave(acknowledged) { Ok(()) } else { Err(Error::Held { leaks: self.leaks }) }
    }
}

/// Addresses without one of them.
fn others(addresses: &[EmailAddress], own: &EmailAddress) -> Vec<EmailAddress> {
    addresses.iter().filter(|address| *address != own).cloned().collect()
}
