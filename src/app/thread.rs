//! Side conversations: opening, answering, closing and summing them up.

use crate::app::clock::{in_turn, random};
use crate::app::error::Error;
use crate::app::outbox::{Carrier, Journey};
use crate::app::{App, Put};
use crate::domain::attachment::Place;
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{AttachmentId, MessageId, ThreadId, TicketId};
use crate::domain::intake::{NewMessage, NewThread};
use crate::domain::panel::ThreadDraft;
use crate::domain::thread::{Message, Thread, ThreadHistory};
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{ChannelName, ThreadStatus};
use crate::store::{self, Change};

impl App {
    /// Opens a side conversation on a ticket, or takes in what was said on the one with its `external_id`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::Invalid`] without participants, and for context that
    /// the ticket does not have or that is not for them.
    pub async fn open_thread(&self, actor: &Actor, ticket: TicketId, new: NewThread) -> Result<Put<ThreadHistory>, Error> {
        self.put_thread(actor, ticket, new, (Journey::Leaves, None)).await
    }

    /// Opens a side conversation in a channel of the directory; one by e-mail goes to those who take part all the same.
    ///
    /// # Errors
    /// As for [`App::open_thread`], and [`Error::Invalid`] for a channel that is not there or of another kind.
    pub async fn open_thread_in(
        &self,
        actor: &Actor,
        ticket: TicketId,
        new: NewThread,
        channel: &ChannelName,
    ) -> Result<Put<ThreadHistory>, Error> {
        self.allow(actor, Permission::Work)?;
        let known = store::person::channel(self.store(), actor.workspace, channel).await?;
        let field = "channel_name";
        let known = known.ok_or_else(|| Error::invalid(field, format!("there is no channel `{channel}`: name one of the directory")))?;
        if known.kind != new.channel {
            return Err(Error::invalid(field, format!("the channel `{channel}` is one of the kind `{}`", known.kind)));
        }
        self.put_thread(actor, ticket, new, (Journey::Leaves, Some(channel))).await
    }

    /// Takes a side conversation in that was held elsewhere: nothing of it is sent.
    ///
    /// # Errors
    /// As for [`App::open_thread`].
    pub async fn take_thread(&self, actor: &Actor, ticket: TicketId, new: NewThread) -> Result<Put<ThreadHistory>, Error> {
        self.put_thread(actor, ticket, new, (Journey::Stays, None)).await
    }

    async fn put_thread(
        &self,
        actor: &Actor,
        ticket: TicketId,
        new: NewThread,
        (journey, named): (Journey, Option<&ChannelName>),
    ) -> Result<Put<ThreadHistory>, Error> {
        self.allow(actor, Permission::Work)?;
        self.ticket_exists(actor, ticket).await?;
        let NewThread { external_id, channel, subject, status, opened_by, participants, created_at, mut messages, context, ask } = new;
        if participants.is_empty() {
            return Err(Error::invalid("participants", "a side conversation needs somebody to talk to: name at least one address"));
        }
        if messages.is_empty() {
            return Err(Error::invalid("messages", "a side conversation starts with a message: write one"));
        }
        let quoted = self.quoted(actor, ticket, &context, &participants).await?;
        if let Some(first) = messages.first_mut().filter(|_| !quoted.is_empty()) {
            first.body = format!("{}\n\n{quoted}", first.body.trim_end());
        }
        let now = self.now();
        let said_at = created_at.or(messages.first().and_then(|message| message.created_at));
        let created_at = said_at.unwrap_or(now);
        let thread = Thread {
            id: ThreadId::at(now, random()),
            workspace: actor.workspace,
            external_id,
            ticket,
            channel,
            subject,
            status: status.unwrap_or(ThreadStatus::Open),
            opened_by,
            participants,
            created_at,
            updated_at: messages.iter().filter_map(|message| message.created_at).max().unwrap_or(created_at),
        };
        let journey = if thread.is_of_the_desk() && said_at.is_none() { journey } else { Journey::Stays };
        let carrier = self.carrier(actor.workspace, thread.channel, journey).await?;
        let mut tx = self.store().begin().await?;
        // The same thread sent again without its moments is the same thread.
        let saved = store::thread::save_assuming(&mut tx, &thread, said_at.is_none()).await?;
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let kept = store::thread::head(&mut tx, &everything, saved.id).await?;
        let opened_at = kept.map_or(created_at, |kept| kept.created_at);
        if matches!(carrier, Some(Carrier::Chat)) {
            store::chat::place(&mut tx, actor.workspace, saved.id, thread.channel, named).await?;
        }
        let mut changed = saved.change != Change::Unchanged;
        for (position, message) in messages.into_iter().enumerate() {
            let (message, files) = message_row(message, saved.id, in_turn(now, position), opened_at);
            let added = store::thread::add_message(&mut tx, actor.workspace, &message).await?;
            changed |= added.change != Change::Unchanged;
            if added.change == Change::Created {
                self.have_sent(&mut tx, carrier, &thread, &message).await?;
            }
            let field = format!("/messages/{position}/attachment_ids");
            changed |= self.send_attachments(&mut tx, actor, &files, Place::Message(ticket, saved.id, added.id), &field).await?;
        }
        if let Some(ask) = ask {
            self.ask_was_sent(&mut tx, actor, (ask, ticket), thread.channel).await?;
        }
        if changed {
            self.ticket_changed(&mut tx, actor.workspace, ticket, "side_conversation.changed");
        }
        tx.commit().await?;
        Ok(Put { item: self.thread(actor, saved.id).await?, created: saved.change == Change::Created, changed })
    }

    /// The side conversations of a ticket, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn threads(&self, actor: &Actor, ticket: TicketId) -> Result<Vec<ThreadHistory>, Error> {
        self.allow(actor, Permission::Read)?;
        self.ticket_exists(actor, ticket).await?;
        Ok(store::thread::of_ticket(self.store(), &actor.scope(), ticket).await?)
    }

    /// A side conversation with its messages.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn thread(&self, actor: &Actor, id: ThreadId) -> Result<ThreadHistory, Error> {
        self.allow(actor, Permission::Read)?;
        store::thread::get(self.store(), &actor.scope(), id).await?.ok_or_else(|| not_found(&id))
    }

    /// A side conversation by its id or by its id in the system it comes from.
    ///
    /// # Errors
    /// [`Error::NotFound`] when neither is known.
    pub async fn thread_by_reference(&self, actor: &Actor, reference: &str) -> Result<ThreadHistory, Error> {
        self.allow(actor, Permission::Read)?;
        if let Ok(id) = reference.parse() {
            return self.thread(actor, id).await;
        }
        let found = store::thread::by_external_id(self.store(), &actor.scope(), reference).await?;
        found.ok_or_else(|| not_found(&reference))
    }

    /// Adds a message; the same message twice is one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a side conversation that is not in the actor's workspace; [`Error::Conflict`] for one that is closed, unless the
    /// message says when it was written or another system holds them.
    pub async fn add_message(&self, actor: &Actor, thread: ThreadId, new: NewMessage) -> Result<Message, Error> {
        self.allow(actor, Permission::Work)?;
        if new.body.trim().is_empty() {
            // Whoever may not know of the side conversation learns nothing of it by an empty text either.
            self.thread(actor, thread).await?;
            return Err(Error::invalid("body", "the message is empty: write something"));
        }
        let now = self.now();
        // What says when it was written was written elsewhere.
        let journey = if new.created_at.is_none() { Journey::Leaves } else { Journey::Stays };
        let before = store::thread::head(self.store(), &actor.scope(), thread).await?.ok_or_else(|| not_found(&thread))?;
        let carrier = self.carrier(actor.workspace, before.channel, journey).await?;
        let (mut message, files) = message_row(new, thread, now, now);
        let mut tx = self.store().begin().await?;
        // Held, so that it is on this ticket still when its message and files are.
        store::thread::hold(&mut tx, actor.workspace, thread).await?;
        let held = store::thread::head(&mut tx, &actor.scope(), thread).await?.ok_or_else(|| not_found(&thread))?;
        // It would be kept and go to nobody.
        if journey == Journey::Leaves && held.external_id.is_none() && held.status == ThreadStatus::Closed {
            return Err(Error::Conflict("this side conversation is closed: reopen it first".to_owned()));
        }
        let saved = store::thread::add_message(&mut tx, actor.workspace, &message).await?;
        let place = Place::Message(held.ticket, thread, saved.id);
        if saved.change == Change::Created && held.is_of_the_desk() {
            self.have_sent(&mut tx, carrier, &held, &message).await?;
        }
        let is_sent = self.send_attachments(&mut tx, actor, &files, place, "attachment_ids").await?;
        if saved.change != Change::Unchanged || is_sent {
            let answered = message.author != held.opened_by;
            let what = if answered { "side_conversation.answered" } else { "side_conversation.changed" };
            self.ticket_changed(&mut tx, actor.workspace, held.ticket, what);
        }
        tx.commit().await?;
        message.id = saved.id;
        Ok(message)
    }

    /// Closes or reopens a side conversation.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn set_thread_status(&self, actor: &Actor, id: ThreadId, status: ThreadStatus) -> Result<Thread, Error> {
        self.allow(actor, Permission::Work)?;
        let history = self.thread(actor, id).await?;
        let mut tx = self.store().begin().await?;
        if history.thread.status != status {
            store::thread::set_status(&mut tx, actor.workspace, id, status, self.now()).await?;
            self.ticket_changed(&mut tx, actor.workspace, history.thread.ticket, "side_conversation.changed");
        }
        tx.commit().await?;
        Ok(self.thread(actor, id).await?.thread)
    }

    /// The side conversation that a ticket's panel would open, if it would.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn draft_thread(&self, actor: &Actor, ticket: TicketId) -> Result<Option<ThreadDraft>, Error> {
        Ok(self.panel(actor, ticket).await?.side_conversation_draft.map(|shown| shown.item))
    }
}

fn not_found(id: &impl ToString) -> Error {
    Error::NotFound { kind: "side conversation", id: id.to_string() }
}

/// A message as it is kept, and the files that go with it; `otherwise` is when it was written if its source does not say.
fn message_row(new: NewMessage, thread: ThreadId, now: Timestamp, otherwise: Timestamp) -> (Message, Vec<AttachmentId>) {
    let NewMessage { author, body, created_at, attachments } = new;
    let created_at = created_at.unwrap_or(otherwise);
    (Message { id: MessageId::at(now, random()), thread, author, body, created_at }, attachments)
}
