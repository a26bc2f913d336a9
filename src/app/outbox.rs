//! Messages that leave the desk: queued with the message, handed over by a job, and cleared up where nobody knows whether they left.
//!
//! A message is queued in the transaction that keeps it. Before its first byte leaves, `sending` is committed; so a process that dies leaves
//! behind that the message may have been sent. Its mail also goes to the desk's own mailbox: where the copy arrives it was sent, and where it
//! does not, after the mailbox was read to its end, it is sent again under the same id.

use crate::app::App;
use crate::app::clock::jitter;
use crate::app::error::Error;
use crate::connectors::email::{Handover, Outcome, Post, Server, Verdict};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{MessageId, TicketId, WorkspaceId};
use crate::domain::job::JobKind;
use crate::domain::outbox::{
    Exchange, LONGEST_SECONDS, MessageDelivery, RecipientDelivery, RecipientState, SendChoice, SendReason, SendState, wait_seconds,
};
use crate::domain::thread::{Message, Thread, ThreadHistory};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{EmailAddress, Slug, ThreadChannel};
use crate::store::outbox::Tried;
use crate::store::{self, Tx};

/// So often a note is tried again when another transaction is in the way.
const CONTENDED_ATTEMPTS: u32 = 5;

/// So long after an earlier message of its side conversation is tried again a message looks whether its turn has come.
const IN_TURN_SECONDS: i64 = 5;

/// Whether what is said goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Journey {
    /// It is said here, and goes to those it is for.
    Leaves,
    /// It was said elsewhere.
    Stays,
}

/// What carries messages that leave.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) enum Carrier<'a> {
    /// The desk's mail.
    Mail(&'a Post),
    /// Slack or Teams.
    Chat,
}

/// A message on its way: what it says, and where it goes.
struct Outgoing<'a> {
    workspace: WorkspaceId,
    ticket: TicketId,
    delivery: MessageDelivery,
    post: &'a Post,
    server: &'a Server,
    reply_to: String,
    mail: Vec<u8>,
}

impl App {
    /// What carries the messages of a channel, if it is connected and they are to leave.
    pub(in crate::app) async fn carrier(
        &self,
        workspace: WorkspaceId,
        channel: ThreadChannel,
        journey: Journey,
    ) -> Result<Option<Carrier<'_>>, Error> {
        match (channel, journey) {
            (ThreadChannel::Email, Journey::Leaves) => {
                Ok(self.post_of(workspace).await?.filter(|post| post.smtp.is_some()).map(Carrier::Mail))
            }
            (ThreadChannel::Slack | ThreadChannel::Teams, Journey::Leaves) => {
                Ok(self.chat_of(workspace, channel).await?.map(|_| Carrier::Chat))
            }
            (ThreadChannel::ChildTicket, Journey::Leaves) | (_, Journey::Stays) => Ok(None),
        }
    }

    /// The desk's mail, where it is that of this workspace.
    pub(in crate::app) async fn post_of(&self, workspace: WorkspaceId) -> Result<Option<&Post>, Error> {
        let Some(post) = self.post() else { return Ok(None) };
        Ok(self.workspace_of(post.workspace.as_ref()).await?.filter(|own| *own == workspace).map(|_| post))
    }

    /// The workspace with a short name; without one the only one that there is.
    pub(in crate::app) async fn workspace_of(&self, slug: Option<&Slug>) -> Result<Option<WorkspaceId>, Error> {
        let workspaces = store::workspace::list(self.store()).await?;
        Ok(match (slug, workspaces.as_slice()) {
            (Some(slug), all) => all.iter().find(|workspace| workspace.slug == *slug).map(|workspace| workspace.id),
            (None, [only]) => Some(only.id),
            (None, _) => None,
        })
    }

    /// Has a message that was just kept sent to the others who take part, unless one of them wrote it who is nobody of the desk: then it came
    /// from outside.
    pub(in crate::app) async fn have_sent(
        &self,
        tx: &mut Tx,
        carrier: Option<Carrier<'_>>,
        thread: &Thread,
        message: &Message,
    ) -> Result<(), Error> {
        let Some(carrier) = carrier else { return Ok(()) };
        let author = &message.author;
        let is_of_the_desk = *author == thread.opened_by
            || !thread.participants.contains(author)
            || store::user::by_email(&mut *tx, thread.workspace, author).await?.is_some();
        if !is_of_the_desk {
            return Ok(());
        }
        let mut recipients: Vec<EmailAddress> = thread.participants.iter().filter(|address| *address != author).cloned().collect();
        match carrier {
            Carrier::Mail(post) => recipients.retain(|address| *address != post.address),
            Carrier::Chat => store::chat::place(tx, thread.workspace, thread.id, thread.channel, None).await?,
        }
        if recipients.is_empty() {
            return Ok(());
        }
        store::outbox::insert(tx, thread.workspace, message.id, &recipients, self.now()).await?;
        self.enqueue(tx, thread.workspace, JobKind::SendMessage(message.id));
        Ok(())
    }

    /// What went out of the side conversations of a ticket and came in to them, beside their messages.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn exchange_of(&self, actor: &Actor, ticket: TicketId) -> Result<Exchange, Error> {
        self.allow(actor, Permission::Read)?;
        self.ticket_exists(actor, ticket).await?;
        let scope = actor.scope();
        let deliveries = store::outbox::of_ticket(self.store(), &scope, ticket).await?;
        let mails = store::mail::of_ticket(self.store(), &scope, ticket).await?;
        Ok(Exchange { deliveries, mails, left: store::chat::left_files(self.store(), &scope, ticket).await? })
    }

    /// Says what becomes of a message that was refused, or of which nobody knows whether it was sent.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a message that is not in the actor's workspace or does not leave the desk; [`Error::Conflict`] where there is
    /// nothing to decide.
    pub async fn decide_message(&self, actor: &Actor, id: MessageId, choice: SendChoice) -> Result<MessageDelivery, Error> {
        self.allow(actor, Permission::Work)?;
        let (thread, _) = self.thread_with(&actor.scope(), id).await?;
        let (workspace, now) = (actor.workspace, self.now());
        let mut tx = self.store().begin().await?;
        let before = store::outbox::get(&mut tx, workspace, id).await?.ok_or_else(|| not_found(id))?;
        let is_done = match choice {
            SendChoice::Retry => store::outbox::again(&mut tx, workspace, id, now).await?,
            SendChoice::WasSent => store::outbox::say_sent(&mut tx, workspace, id, now).await?,
        };
        if !is_done {
            // Said twice is said once.
            return match (choice, before.state) {
                (SendChoice::Retry, SendState::Queued | SendState::Sending) | (SendChoice::WasSent, SendState::Sent) => Ok(before),
                (SendChoice::Retry, _) => Err(Error::Conflict("everybody has this message: there is nobody to send it to".to_owned())),
                (SendChoice::WasSent, SendState::Sending) => {
                    Err(Error::Conflict("this message is just being sent: wait until that has ended".to_owned()))
                }
                (SendChoice::WasSent, _) => {
                    Err(Error::Conflict("it is known that this message was not sent: send it again instead".to_owned()))
                }
            };
        }
        // Those who were not to have it yet, or are to have it again.
        self.enqueue(&mut tx, workspace, JobKind::SendMessage(id));
        self.announce(&mut tx, workspace, thread.ticket, "side_conversation.changed");
        self.record(&mut tx, actor, &format!("message.{choice}"), &id.to_string());
        tx.commit().await?;
        store::outbox::get(self.store(), workspace, id).await?.ok_or_else(|| not_found(id))
    }

    /// Brings a message a step further: sends it, or finds out whether it was sent.
    ///
    /// # Errors
    /// Whatever store and disk say; what mail servers say is kept with the message.
    pub(in crate::app) async fn send_message(&self, workspace: WorkspaceId, id: MessageId) -> Result<(), Error> {
        let Some(delivery) = store::outbox::get(self.store(), workspace, id).await? else { return Ok(()) };
        let (thread, message) = self.thread_with(&Scope::new(workspace, Reader::Everything), id).await?;
        let is_chat = matches!(thread.channel, ThreadChannel::Slack | ThreadChannel::Teams);
        match delivery.state {
            SendState::Sent | SendState::Refused => Ok(()),
            SendState::Queued if delivery.next_at.is_some_and(|at| at > self.now()) => self.come_back(workspace, &delivery).await,
            SendState::Queued if is_chat => self.try_to_post(&delivery, &thread, &message).await,
            SendState::Queued => self.try_to_send(workspace, delivery, thread, message).await,
            // Whoever was at it is gone, or has stood still for so long that nobody waits for it.
            SendState::Sending => {
                let mut tx = self.store().begin().await?;
                store::outbox::lose_sight(&mut tx, workspace, id, delivery.attempts, self.now()).await?;
                self.enqueue(&mut tx, workspace, JobKind::SendMessage(id));
                self.tell_of(&mut tx, workspace, id).await?;
                Ok(tx.commit().await?)
            }
            SendState::Unknown if is_chat => self.look_for_posted(&delivery, &thread, &message).await,
            SendState::Unknown => self.clear_up(workspace, &delivery).await,
        }
    }

    async fn come_back(&self, workspace: WorkspaceId, delivery: &MessageDelivery) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        self.enqueue_at(&mut tx, workspace, JobKind::SendMessage(delivery.message), delivery.next_at.unwrap_or_else(|| self.now()));
        Ok(tx.commit().await?)
    }

    /// Finds out whether a message was sent whose line broke: by then its copy would have come.
    async fn clear_up(&self, workspace: WorkspaceId, delivery: &MessageDelivery) -> Result<(), Error> {
        let post = self.post_of(workspace).await?;
        if post.is_none_or(|post| post.imap.is_none()) {
            // Nobody can look: a person says it, or the copy comes by another way.
            return Ok(());
        }
        let (id, now) = (delivery.message, self.now());
        let settle = i64::try_from(self.email().settle_seconds).unwrap_or(i64::MAX);
        let settled_at = delivery.since.plus_seconds(settle);
        let is_settled = store::mailbox::read_since(self.store(), workspace).await?.is_some_and(|read| read >= settled_at);
        let mut tx = self.store().begin().await?;
        if is_settled {
            // Where everybody it was handed over for is settled, by reports that it came back, it was sent.
            let is_open = delivery.recipients.iter().any(|recipient| recipient.state == RecipientState::Sending);
            let is_moved = if is_open {
                store::outbox::requeue(&mut tx, workspace, id, now).await?
            } else {
                store::outbox::say_sent(&mut tx, workspace, id, now).await?
            };
            if is_moved {
                self.enqueue(&mut tx, workspace, JobKind::SendMessage(id));
                self.tell_of(&mut tx, workspace, id).await?;
            }
        } else {
            let poll = i64::try_from(self.email().poll_seconds).unwrap_or(i64::MAX);
            self.enqueue_at(&mut tx, workspace, JobKind::SendMessage(id), settled_at.max(now.plus_seconds(poll)));
        }
        Ok(tx.commit().await?)
    }

    async fn try_to_send(&self, workspace: WorkspaceId, delivery: MessageDelivery, thread: Thread, message: Message) -> Result<(), Error> {
        let (id, tries) = (delivery.message, delivery.attempts);
        let now = self.now();
        if let Some(until) = store::outbox::waits_until(self.store(), workspace, id).await? {
            let mut tx = self.store().begin().await?;
            self.enqueue_at(&mut tx, workspace, JobKind::SendMessage(id), until.max(now).plus_seconds(IN_TURN_SECONDS));
            return Ok(tx.commit().await?);
        }
        let post = self.post_of(workspace).await?;
        let Some((post, server)) = post.and_then(|post| Some((post, post.smtp.as_ref()?))) else {
            let is_elsewhere = post.is_none() && self.post().is_some();
            let reason = if is_elsewhere { SendReason::NoWorkspace } else { SendReason::ServerAway };
            return self.not_sent(workspace, thread.ticket, &delivery, Verdict::Later(reason), &[]).await;
        };
        let mail = match self.written(post, &thread, &message, &delivery).await? {
            Ok(mail) => mail,
            Err(reason) => return self.not_sent(workspace, thread.ticket, &delivery, Verdict::Refused(reason), &[]).await,
        };
        let reply_to = post.tagged(&store::mail_token::of_thread(self.store(), workspace, thread.id));
        let waiting: Vec<EmailAddress> = delivery.waiting().cloned().collect();
        let outgoing = Outgoing { workspace, ticket: thread.ticket, delivery, post, server, reply_to, mail };
        let opened = match outgoing.post.open(outgoing.server, &outgoing.reply_to, &waiting).await {
            Ok(opened) => opened,
            Err(verdict) => return self.not_sent(workspace, outgoing.ticket, &outgoing.delivery, verdict, &[]).await,
        };
        if !opened.outcomes.iter().any(|outcome| outcome.verdict == Verdict::Taken) {
            let outcomes = opened.outcomes.clone();
            opened.close().await;
            return self.not_sent(workspace, outgoing.ticket, &outgoing.delivery, worst(&outcomes), &outcomes).await;
        }
        let (asked, outcomes) = (asked(&opened.outcomes), opened.outcomes.clone());
        let mut tx = self.store().begin().await?;
        let is_ours = store::outbox::begin(&mut tx, workspace, id, tries, (self.now(), &asked)).await?;
        if is_ours {
            store::outbox::note_copy(&mut tx, workspace, id, tries.saturating_add(1), opened.is_copied).await?;
        }
        tx.commit().await?;
        if !is_ours {
            opened.close().await;
            return Ok(());
        }
        let handover = opened.hand_over(&outgoing.mail).await;
        self.handed_over(&outgoing, tries.saturating_add(1), handover, &outcomes).await
    }

    /// Notes a try of which nothing can have left.
    async fn not_sent(
        &self,
        workspace: WorkspaceId,
        ticket: TicketId,
        delivery: &MessageDelivery,
        verdict: Verdict,
        outcomes: &[Outcome],
    ) -> Result<(), Error> {
        let mut recipients = asked(outcomes);
        let tried = match verdict {
            Verdict::Later(reason) => self.later(delivery, delivery.attempts.saturating_add(1), reason, recipients),
            // Then nothing stood in the way.
            Verdict::Taken => return Ok(()),
            Verdict::Refused(reason) => {
                // Nobody was asked: what stands in the way stands in everybody's.
                if recipients.is_empty() {
                    recipients = delivery.waiting().map(|address| refused(address, reason)).collect();
                }
                self.final_state(delivery, recipients, Some(reason))
            }
        };
        self.keep_try(workspace, ticket, delivery.message, (delivery.attempts, false), &tried).await
    }

    /// Notes what came of a mail that was handed over.
    async fn handed_over(&self, outgoing: &Outgoing<'_>, attempt: u32, handover: Handover, outcomes: &[Outcome]) -> Result<(), Error> {
        let Outgoing { workspace, ticket, delivery, .. } = outgoing;
        let of_taken = |state, reason| {
            let taken = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Taken);
            taken.map(|outcome| RecipientDelivery { address: outcome.address.clone(), state, reason }).collect::<Vec<_>>()
        };
        let later = outcomes.iter().find_map(|outcome| match outcome.verdict {
            Verdict::Later(reason) => Some(reason),
            Verdict::Taken | Verdict::Refused(_) => None,
        });
        let tried = match handover {
            Handover::Unknown => {
                let (state, reason) = (SendState::Unknown, Some(SendReason::BrokeOff));
                Tried { at: self.now(), state, reason, next_at: None, recipients: Vec::new() }
            }
            Handover::Answered(Verdict::Later(reason)) => self.later(delivery, attempt, reason, of_taken(RecipientState::Queued, None)),
            Handover::Answered(Verdict::Taken) => match later {
                Some(reason) => self.later(delivery, attempt, reason, of_taken(RecipientState::Sent, None)),
                None => self.final_state(delivery, of_taken(RecipientState::Sent, None), None),
            },
            Handover::Answered(Verdict::Refused(reason)) => {
                let recipients = of_taken(RecipientState::Refused, Some(reason));
                match later {
                    Some(busy) => self.later(delivery, attempt, busy, recipients),
                    None => self.final_state(delivery, recipients, Some(reason)),
                }
            }
        };
        self.keep_try(*workspace, *ticket, delivery.message, (attempt, true), &tried).await?;
        if tried.state == SendState::Unknown {
            let mut tx = self.store().begin().await?;
            self.enqueue(&mut tx, *workspace, JobKind::SendMessage(delivery.message));
            tx.commit().await?;
        }
        Ok(())
    }

    /// Another try, or the end of trying.
    pub(in crate::app) fn later(
        &self,
        delivery: &MessageDelivery,
        tries: u32,
        reason: SendReason,
        mut recipients: Vec<RecipientDelivery>,
    ) -> Tried {
        let now = self.now();
        if now.seconds_since(delivery.created_at) < LONGEST_SECONDS {
            let next_at = Some(now.plus_seconds(wait_seconds(tries, jitter()())));
            return Tried { at: now, state: SendState::Queued, reason: Some(reason), next_at, recipients };
        }
        let is_open =
            |address: &&EmailAddress| !recipients.iter().any(|said| said.address == **address && said.state != RecipientState::Queued);
        let given_up: Vec<_> = delivery.waiting().filter(is_open).map(|address| refused(address, SendReason::GaveUp)).collect();
        recipients.retain(|said| said.state != RecipientState::Queued);
        recipients.extend(given_up);
        self.final_state(delivery, recipients, Some(SendReason::GaveUp))
    }

    /// Where a message stands when nobody waits for it any more: sent, if anybody has it.
    pub(in crate::app) fn final_state(
        &self,
        delivery: &MessageDelivery,
        recipients: Vec<RecipientDelivery>,
        reason: Option<SendReason>,
    ) -> Tried {
        let mut all = recipients.iter().chain(&delivery.recipients);
        let is_sent = all.any(|recipient| recipient.state == RecipientState::Sent);
        let state = if is_sent { SendState::Sent } else { SendState::Refused };
        Tried { at: self.now(), state, reason: reason.filter(|_| !is_sent), next_at: None, recipients }
    }

    /// Keeps what came of a try; where somebody else was at it meanwhile, that stands.
    pub(in crate::app) async fn keep_try(
        &self,
        workspace: WorkspaceId,
        ticket: TicketId,
        id: MessageId,
        (attempt, has_begun): (u32, bool),
        tried: &Tried,
    ) -> Result<(), Error> {
        let mut left = CONTENDED_ATTEMPTS;
        loop {
            left -= 1;
            let kept = async {
                let mut tx = self.store().begin().await?;
                let is_ours = if has_begun {
                    store::outbox::note(&mut tx, workspace, id, attempt, tried).await?
                } else {
                    store::outbox::postpone(&mut tx, workspace, id, attempt, tried).await?
                };
                if is_ours {
                    if let Some(next_at) = tried.next_at {
                        self.enqueue_at(&mut tx, workspace, JobKind::SendMessage(id), next_at);
                    }
                    self.announce(&mut tx, workspace, ticket, "side_conversation.changed");
                }
                tx.commit().await
            };
            match kept.await {
                Err(error) if error.is_contended() && left > 0 => {}
                kept => {
                    kept?;
                    break;
                }
            }
        }
        if let Some(reason) = tried.reason {
            let next = tried.next_at.map(|at| at.to_string());
            tracing::warn!(message.id = %id, message.state = %tried.state, message.reason = %reason, message.next_at = next, "a message was not sent");
        }
        Ok(())
    }

    /// A message with its side conversation, as far as the reader may see it.
    async fn thread_with(&self, scope: &Scope, id: MessageId) -> Result<(Thread, Message), Error> {
        let mut histories = store::thread::by_messages(self.store(), scope, &[id]).await?;
        let ThreadHistory { thread, messages } = histories.pop().ok_or_else(|| not_found(id))?;
        let message = messages.into_iter().find(|message| message.id == id).ok_or_else(|| not_found(id))?;
        Ok((thread, message))
    }

    /// Tells whoever looks at a message's ticket that it stands elsewhere.
    pub(in crate::app) async fn tell_of(&self, tx: &mut Tx, workspace: WorkspaceId, id: MessageId) -> Result<(), Error> {
        let everything = Scope::new(workspace, Reader::Everything);
        for history in store::thread::by_messages(&mut *tx, &everything, &[id]).await? {
            self.announce(tx, workspace, history.thread.ticket, "side_conversation.changed");
        }
        Ok(())
    }
}

fn not_found(id: MessageId) -> Error {
    Error::NotFound { kind: "message that leaves the desk", id: id.to_string() }
}

pub(in crate::app) fn refused(address: &EmailAddress, reason: SendReason) -> RecipientDelivery {
    RecipientDelivery { address: address.clone(), state: RecipientState::Refused, reason: Some(reason) }
}

const fn reason_of(verdict: Verdict) -> Option<SendReason> {
    match verdict {
        Verdict::Taken => None,
        Verdict::Later(reason) | Verdict::Refused(reason) => Some(reason),
    }
}

/// What the server's word makes of each recipient before the mail is handed over.
fn asked(outcomes: &[Outcome]) -> Vec<RecipientDelivery> {
    let delivery = |outcome: &Outcome| {
        let state = match outcome.verdict {
            Verdict::Taken => RecipientState::Sending,
            Verdict::Later(_) => RecipientState::Queued,
            Verdict::Refused(_) => RecipientState::Refused,
        };
        RecipientDelivery { address: outcome.address.clone(), state, reason: reason_of(outcome.verdict) }
    };
    outcomes.iter().map(delivery).collect()
}

/// What becomes of a message that no recipient's server takes: it waits while one of them may.
fn worst(outcomes: &[Outcome]) -> Verdict {
    let later = outcomes.iter().find(|outcome| matches!(outcome.verdict, Verdict::Later(_)));
    later.or(outcomes.first()).map_or(Verdict::Refused(SendReason::Unfit), |outcome| outcome.verdict)
}
