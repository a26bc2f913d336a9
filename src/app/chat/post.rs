//! Messages that are posted to Slack and Teams, part by part, and looked for where nobody knows whether they are there.
//!
//! Each part is noted as soon as it stands there, so that what comes after it is all that another try posts.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::chat::Chat;
use crate::app::error::Error;
use crate::app::outbox::refused;
use crate::connectors::chat::{Letter, Part, Trouble};
use crate::connectors::slack::{Mark, Slack};
use crate::connectors::teams::Target;
use crate::domain::attachment::Place;
use crate::domain::audience::{Reader, Scope};
use crate::domain::chat::{ChatPlace, Posting};
use crate::domain::id::WorkspaceId;
use crate::domain::job::JobKind;
use crate::domain::outbox::{MessageDelivery, RecipientDelivery, RecipientState, SendReason, SendState};
use crate::domain::thread::{Message, Thread};
use crate::domain::vocabulary::EmailAddress;
use crate::store;
use crate::store::outbox::Tried;

/// Where nobody could look, it is tried again after so long.
const LOOK_AGAIN_SECONDS: i64 = 60;
/// What has to be posted after another is tried again after so long.
const IN_TURN_SECONDS: i64 = 5;
/// Before the name of a channel that a workflow posts to.
const WORKFLOW: &str = "workflow:";

/// A message that is ready to be posted.
struct Ready {
    place: ChatPlace,
    conversation: String,
    parts: Vec<Part>,
    /// Which parts stand there already.
    there: BTreeSet<usize>,
    key: String,
}

/// How a channel over there is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// By the directory as it is now, until something stands there.
    Asked,
    /// As it was when the message may have been posted.
    Kept,
}

/// What is done where somebody else may be asked first: done, or what went wrong there.
type Tricky<T> = Result<Result<T, Trouble>, Error>;

impl App {
    /// Posts a message, or what is missing of it.
    pub(in crate::app) async fn try_to_post(&self, delivery: &MessageDelivery, thread: &Thread, message: &Message) -> Result<(), Error> {
        let workspace = thread.workspace;
        let Some(chat) = self.chat_of(workspace, thread.channel).await? else {
            return self.not_posted(delivery, thread, (delivery.attempts, false), Trouble::later(SendReason::ServerAway)).await;
        };
        if self.waits_for_another(thread, message).await? {
            let mut tx = self.store().begin().await?;
            self.enqueue_at(&mut tx, workspace, JobKind::SendMessage(message.id), self.now().plus_seconds(IN_TURN_SECONDS));
            return Ok(tx.commit().await?);
        }
        let mut ready = match self.ready_to_post(chat, thread, message, Known::Asked).await? {
            Ok(ready) => ready,
            Err(trouble) => return self.not_posted(delivery, thread, (delivery.attempts, false), trouble.of_reading()).await,
        };
        let sending: Vec<_> = delivery.waiting().map(|address| recipient(address, RecipientState::Sending)).collect();
        let mut tx = self.store().begin().await?;
        let is_ours = store::outbox::begin(&mut tx, workspace, message.id, delivery.attempts, (self.now(), &sending)).await?;
        if is_ours && matches!(chat, Chat::Slack(_)) {
            // What stands there is found by looking: where it is not, it was not posted.
            store::outbox::note_copy(&mut tx, workspace, message.id, delivery.attempts.saturating_add(1), true).await?;
        }
        tx.commit().await?;
        if !is_ours {
            return Ok(());
        }
        let attempt = delivery.attempts.saturating_add(1);
        for number in 0..ready.parts.len() {
            if ready.there.contains(&number) {
                continue;
            }
            let part = u32::try_from(number).unwrap_or(u32::MAX);
            match post(chat, &ready, number, part).await {
                Ok(posting) => self.note_posting(thread, message, &mut ready, (part, posting)).await?,
                Err(trouble) => return self.not_posted(delivery, thread, (attempt, true), trouble).await,
            }
        }
        let sent = delivery.waiting().map(|address| recipient(address, RecipientState::Sent)).collect();
        let tried = self.final_state(delivery, sent, None);
        self.keep_try(workspace, thread.ticket, message.id, (attempt, true), &tried).await
    }

    /// Whether an earlier message has to be there first, because this one is to answer it.
    async fn waits_for_another(&self, thread: &Thread, message: &Message) -> Result<bool, Error> {
        let place = store::chat::place_of(self.store(), thread.workspace, thread.id).await?;
        let needs_none = |place: &ChatPlace| {
            place.root.is_some() || place.conversation.as_deref().is_some_and(|conversation| conversation.starts_with(WORKFLOW))
        };
        if place.as_ref().is_some_and(needs_none) {
            return Ok(false);
        }
        Ok(store::chat::has_earlier(self.store(), thread.workspace, thread.id, message.id).await?)
    }

    /// Looks whether a message is there whose line broke.
    pub(in crate::app) async fn look_for_posted(
        &self,
        delivery: &MessageDelivery,
        thread: &Thread,
        message: &Message,
    ) -> Result<(), Error> {
        // In Teams nobody can look: a person says it.
        let Some(Chat::Slack(slack)) = self.chat_of(thread.workspace, thread.channel).await? else { return Ok(()) };
        let (workspace, id, now) = (thread.workspace, message.id, self.now());
        let mut ready = match self.ready_to_post(Chat::Slack(slack), thread, message, Known::Kept).await? {
            Ok(ready) => ready,
            Err(trouble) => return self.look_again_later(workspace, delivery, trouble).await,
        };
        let found = slack.find(&ready.conversation, ready.place.root.as_deref(), &ready.key, message.created_at).await;
        let found = match found {
            Ok(found) => found,
            Err(trouble) => return self.look_again_later(workspace, delivery, trouble.of_reading()).await,
        };
        for found in found {
            if !ready.there.contains(&usize::try_from(found.part).unwrap_or(usize::MAX)) {
                self.note_posting(thread, message, &mut ready, (found.part, found.posting)).await?;
            }
        }
        let settle = i64::try_from(slack.settle_seconds).unwrap_or(i64::MAX);
        let settled_at = delivery.since.plus_seconds(settle);
        let mut tx = self.store().begin().await?;
        if ready.there.len() >= ready.parts.len() {
            store::outbox::confirm(&mut tx, workspace, id, delivery.attempts, now).await?;
            // Those who were not to have it yet.
            self.enqueue(&mut tx, workspace, JobKind::SendMessage(id));
            self.announce(&mut tx, workspace, thread.ticket, "side_conversation.changed");
        } else if now >= settled_at {
            // After a few times a person says it.
            if store::outbox::requeue(&mut tx, workspace, id, now).await? {
                self.enqueue(&mut tx, workspace, JobKind::SendMessage(id));
                self.announce(&mut tx, workspace, thread.ticket, "side_conversation.changed");
            }
        } else {
            self.enqueue_at(&mut tx, workspace, JobKind::SendMessage(id), settled_at);
        }
        Ok(tx.commit().await?)
    }

    /// Looks once more later, unless nobody may look: then a person says it.
    async fn look_again_later(&self, workspace: WorkspaceId, delivery: &MessageDelivery, trouble: Trouble) -> Result<(), Error> {
        let after = match trouble {
            Trouble::Refused(_) | Trouble::Later { reason: SendReason::LoginRefused, .. } => {
                tracing::warn!(message.id = %delivery.message, message.reason = %trouble.reason(), "nobody can look whether a message was posted");
                return Ok(());
            }
            Trouble::Later { after_seconds, .. } => after_seconds.unwrap_or(LOOK_AGAIN_SECONDS),
            Trouble::Unknown => LOOK_AGAIN_SECONDS,
        };
        let mut tx = self.store().begin().await?;
        self.enqueue_at(&mut tx, workspace, JobKind::SendMessage(delivery.message), self.now().plus_seconds(after));
        Ok(tx.commit().await?)
    }

    /// A message as it is posted, and where.
    async fn ready_to_post(&self, chat: Chat<'_>, thread: &Thread, message: &Message, known: Known) -> Tricky<Ready> {
        let workspace = thread.workspace;
        let kept = store::chat::place_of(self.store(), workspace, thread.id).await?;
        let mut place = kept.unwrap_or(ChatPlace {
            thread: thread.id,
            kind: thread.channel,
            named: None,
            conversation: None,
            root: None,
            service_url: None,
        });
        let conversation = match self.conversation_of(chat, thread, &place, known).await? {
            Ok(conversation) => conversation,
            Err(trouble) => return Ok(Err(trouble)),
        };
        if place.conversation.as_ref() != Some(&conversation) {
            place.conversation = Some(conversation.clone());
            let mut tx = self.store().begin().await?;
            store::chat::place(&mut tx, workspace, thread.id, thread.channel, None).await?;
            store::chat::found_place(&mut tx, workspace, &place).await?;
            tx.commit().await?;
        }
        let mentions = match chat {
            Chat::Slack(slack) if place.root.is_none() && place.named.is_some() => match mentions(slack, &thread.participants).await {
                Ok(mentions) => mentions,
                Err(trouble) => return Ok(Err(trouble)),
            },
            Chat::Slack(_) | Chat::Teams(_) => Vec::new(),
        };
        let letter = Letter {
            subject: place.root.is_none().then_some(thread.subject.as_str()),
            from_name: &self.name_of_author(message, workspace).await?,
            mentions: &mentions,
            body: &message.body,
            files: &self.names_of_files(thread, message).await?,
        };
        let parts = chat.compose(&letter);
        let there = store::chat::postings(self.store(), workspace, message.id).await?;
        let there = there.iter().filter_map(|posting| usize::try_from(posting.part).ok()).collect();
        Ok(Ok(Ready { place, conversation, parts, there, key: store::mail_token::of_message(self.store(), workspace, message.id) }))
    }

    /// The id over there of the channel that a side conversation is held in.
    async fn conversation_of(&self, chat: Chat<'_>, thread: &Thread, place: &ChatPlace, known: Known) -> Tricky<String> {
        if let Some(conversation) = place.conversation.as_ref().filter(|_| place.root.is_some() || known == Known::Kept) {
            return Ok(Ok(conversation.clone()));
        }
        let channel = match &place.named {
            Some(name) => store::person::channel(self.store(), thread.workspace, name).await?,
            None => None,
        };
        Ok(match (chat, channel, &place.named) {
            (Chat::Slack(slack), Some(channel), _) => slack.channel(&channel.address).await,
            (Chat::Slack(slack), None, None) => directly(slack, &thread.participants).await,
            (Chat::Teams(teams), Some(channel), _) => teams.target(&channel.name, &channel.address).map(|target| match target {
                Target::Workflow(name) => format!("{WORKFLOW}{name}"),
                Target::Channel(id) => id,
            }),
            // The channel was removed meanwhile, or a bot that nobody has spoken to knows nobody.
            (Chat::Slack(_), None, Some(_)) | (Chat::Teams(_), None, _) => Err(Trouble::Refused(SendReason::ChannelUnknown)),
        })
    }

    async fn name_of_author(&self, message: &Message, workspace: WorkspaceId) -> Result<String, Error> {
        let Message { author, .. } = message;
        if let Some(user) = store::user::by_email(self.store(), workspace, author).await? {
            return Ok(user.name);
        }
        let person = store::person::by_email(self.store(), workspace, author).await?;
        Ok(person.map_or_else(|| author.to_string(), |person| person.name))
    }

    async fn names_of_files(&self, thread: &Thread, message: &Message) -> Result<Vec<String>, Error> {
        let place = Some(Place::Message(thread.ticket, thread.id, message.id));
        let everything = Scope::new(thread.workspace, Reader::Everything);
        let files = store::attachment::of_ticket(self.store(), &everything, thread.ticket).await?;
        Ok(files.into_iter().filter(|file| file.place == place).map(|file| file.name).collect())
    }

    /// Notes that a part of a message stands over there; the first one is what all others answer.
    async fn note_posting(&self, thread: &Thread, message: &Message, ready: &mut Ready, (part, id): (u32, String)) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        let posting = Posting {
            kind: thread.channel,
            conversation: ready.conversation.clone(),
            posting: id.clone(),
            thread: Some(thread.id),
            message: Some(message.id),
            part,
            is_ours: true,
            edited: None,
            files: Vec::new(),
        };
        store::chat::keep(&mut tx, thread.workspace, &posting).await?;
        if ready.place.root.is_none() && !ready.conversation.starts_with(WORKFLOW) {
            ready.place.root = Some(id);
            store::chat::found_place(&mut tx, thread.workspace, &ready.place).await?;
        }
        tx.commit().await?;
        ready.there.insert(usize::try_from(part).unwrap_or(usize::MAX));
        Ok(())
    }

    /// Notes a try that came to no good end.
    async fn not_posted(
        &self,
        delivery: &MessageDelivery,
        thread: &Thread,
        (attempt, has_begun): (u32, bool),
        trouble: Trouble,
    ) -> Result<(), Error> {
        let (workspace, id, now) = (thread.workspace, delivery.message, self.now());
        let number = if has_begun { attempt } else { attempt.saturating_add(1) };
        let tried = match trouble {
            Trouble::Later { reason, after_seconds } => {
                let waiting = delivery.waiting().map(|address| recipient(address, RecipientState::Queued)).collect();
                let mut again = self.later(delivery, number, reason, waiting);
                if let (Some(_), Some(after)) = (again.next_at, after_seconds) {
                    again.next_at = Some(now.plus_seconds(after));
                }
                again
            }
            Trouble::Refused(reason) => {
                self.final_state(delivery, delivery.waiting().map(|address| refused(address, reason)).collect(), Some(reason))
            }
            Trouble::Unknown => {
                let (state, reason) = (SendState::Unknown, Some(SendReason::BrokeOff));
                Tried { at: now, state, reason, next_at: None, recipients: Vec::new() }
            }
        };
        self.keep_try(workspace, thread.ticket, id, (attempt, has_begun), &tried).await?;
        if tried.state == SendState::Unknown {
            let mut tx = self.store().begin().await?;
            self.enqueue(&mut tx, workspace, JobKind::SendMessage(id));
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Posts a part of a message; gives its id over there.
async fn post(chat: Chat<'_>, ready: &Ready, number: usize, part: u32) -> Result<String, Trouble> {
    let Ready { place, conversation, parts, key, .. } = ready;
    match chat {
        Chat::Slack(slack) => slack.post(conversation, place.root.as_deref(), &parts[number], Mark { key, part }).await,
        Chat::Teams(teams) => match conversation.strip_prefix(WORKFLOW) {
            Some(name) => {
                let name = name.parse().map_err(|_| Trouble::Refused(SendReason::ChannelUnknown))?;
                // A workflow says no id; this one is as good as any.
                teams.post_by_workflow(&name, &parts[number]).await.map(|()| format!("{key}.{part}"))
            }
            None => teams.post(place.service_url.as_deref(), conversation, place.root.as_deref(), &parts[number]).await,
        },
    }
}

/// The direct conversation with those who are asked.
async fn directly(slack: &Slack, participants: &[EmailAddress]) -> Result<String, Trouble> {
    let mut people = Vec::with_capacity(participants.len());
    for address in participants {
        people.push(slack.person(address).await?);
    }
    slack.direct(&people).await
}

/// The ids of those who are asked in a channel, as far as Slack knows them.
async fn mentions(slack: &Slack, participants: &[EmailAddress]) -> Result<Vec<String>, Trouble> {
    let mut people = Vec::with_capacity(participants.len());
    for address in participants {
        match slack.person(address).await {
            Ok(person) => people.push(person),
            Err(Trouble::Refused(_)) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(people)
}

fn recipient(address: &EmailAddress, state: RecipientState) -> RecipientDelivery {
    RecipientDelivery { address: address.clone(), state, reason: None }
}
