//! What Slack and Teams say: kept before it is answered, and taken in by a job.
//!
//! It may come twice, late, and after what is newer; what is known of each message over there says what it changes.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::chat::Chat;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::connectors::chat::{Member, Said, Trouble, What, Words};
use crate::connectors::slack;
use crate::connectors::teams::{self, Distrust};
use crate::domain::audience::{Reader, Scope};
use crate::domain::chat::{ChatEvent, ChatOutcome, Posting};
use crate::domain::id::{ChatEventId, MessageId, ThreadId, WorkspaceId};
use crate::domain::job::JobKind;
use crate::domain::thread::{Message, Thread};
use crate::domain::vocabulary::{EmailAddress, Slug, ThreadChannel, ThreadStatus};
use crate::store::{self, Tx};

/// What was said is known for so long, so that it is not taken in twice: longer than anybody says it again.
const KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// So long an answer waits for the message that it answers to be noted.
const AWAITED_SECONDS: i64 = 3600;
const LONGEST_LOCAL_CHARS: usize = 60;

/// A request of Slack's, as it came.
#[derive(Debug, Clone, Copy)]
pub struct SlackRequest<'a> {
    /// The header `X-Slack-Request-Timestamp`.
    pub timestamp: &'a str,
    /// The header `X-Slack-Signature`.
    pub signature: &'a str,
    /// Its bytes.
    pub body: &'a [u8],
}

/// What Slack is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlackAnswer {
    /// What it wants to hear where it asks for the place.
    Challenge(String),
    /// That it is kept.
    Kept,
}

/// A message as it becomes one of a side conversation.
struct Written {
    author: EmailAddress,
    body: String,
    files: Vec<String>,
}

impl App {
    /// Keeps what Slack says to a workspace, by its short name or id; the same twice is once.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for what Slack did not sign lately; [`Error::NotFound`] for another workspace, and where there is no Slack.
    pub async fn receive_slack(&self, workspace: &str, request: SlackRequest<'_>) -> Result<SlackAnswer, Error> {
        let slack = self.in_slack().ok_or_else(|| no_workspace(workspace))?;
        let SlackRequest { timestamp, signature, body } = request;
        if !slack.is_signed(timestamp, signature, body, self.now()) {
            return Err(Error::Unauthenticated);
        }
        let own = self.own_workspace(slack.workspace.as_ref(), workspace).await?;
        match slack::heard(body) {
            None => Err(Error::invalid("body", "this is no event of Slack's")),
            Some(slack::Heard::Challenge(challenge)) => Ok(SlackAnswer::Challenge(challenge)),
            Some(slack::Heard::Nothing) => Ok(SlackAnswer::Kept),
            Some(slack::Heard::Event(event)) => {
                self.keep_event(own, ThreadChannel::Slack, event, body).await?;
                Ok(SlackAnswer::Kept)
            }
        }
    }

    /// Keeps what Teams says to a workspace, by its short name or id; the same twice is once. `authorization` is the header.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for what is not of Teams for this bot; [`Error::NotFound`] for another workspace, and where there is no bot.
    pub async fn receive_teams(&self, workspace: &str, authorization: &str, body: &[u8]) -> Result<(), Error> {
        let teams = self.in_teams().filter(|teams| teams.has_bot()).ok_or_else(|| no_workspace(workspace))?;
        // Read before it is believed: what it says of itself is what its token has to say too.
        let heard = teams::heard(body).ok_or(Error::Unauthenticated)?;
        match teams.trusts(authorization, &heard.service_url, self.now()).await {
            Ok(()) => {}
            Err(Distrust::Unsigned) => return Err(Error::Unauthenticated),
            Err(error @ Distrust::NoKeys(_)) => return Err(Error::Unavailable { part: "the keys of Teams", source: error.into() }),
        }
        if heard.tenant.as_deref().is_some_and(|tenant| !teams.is_own_tenant(tenant)) {
            return Err(Error::Unauthenticated);
        }
        let own = self.own_workspace(teams.workspace.as_ref(), workspace).await?;
        match heard.event {
            Some(event) => self.keep_event(own, ThreadChannel::Teams, event, body).await,
            None => Ok(()),
        }
    }

    /// The workspace whose chat it is, where that is the one that is meant.
    async fn own_workspace(&self, slug: Option<&Slug>, called: &str) -> Result<WorkspaceId, Error> {
        let own = self.workspace_of(slug).await?.ok_or_else(|| no_workspace(called))?;
        let row = store::workspace::get(self.store(), own).await?;
        let is_meant = row.is_some_and(|row| row.slug.as_str() == called || row.id.to_string() == called);
        if is_meant { Ok(own) } else { Err(no_workspace(called)) }
    }

    async fn keep_event(&self, workspace: WorkspaceId, kind: ThreadChannel, event: String, body: &[u8]) -> Result<(), Error> {
        let now = self.now();
        let raw = String::from_utf8_lossy(body).into_owned();
        let kept = ChatEvent { id: ChatEventId::at(now, random()), workspace, kind, event, raw, received_at: now };
        let mut tx = self.store().begin().await?;
        if store::chat::insert_event(&mut tx, &kept).await? {
            self.enqueue(&mut tx, workspace, JobKind::TakeChatEvent(kept.id));
        }
        Ok(tx.commit().await?)
    }

    /// Takes in what was said; answers whether that was possible by now.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where nobody says just now who wrote it, and whatever the store says.
    pub(in crate::app) async fn take_chat_event(&self, workspace: WorkspaceId, id: ChatEventId) -> Result<bool, Error> {
        let Some(event) = store::chat::waiting_event(self.store(), workspace, id).await? else { return Ok(true) };
        // Where the chat is not connected any more nobody can say who wrote it: it waits.
        let Some(chat) = self.chat_of(workspace, event.kind).await? else { return Ok(true) };
        let said = match chat {
            Chat::Slack(_) => slack::said(&event.raw),
            Chat::Teams(_) => teams::said(&event.raw),
        };
        let outcome = match said {
            None => ChatOutcome::Unmatched,
            Some(said) => match self.take_said(chat, &event, &said).await? {
                Some(outcome) => outcome,
                None => return Ok(false),
            },
        };
        tracing::info!(event.id = %event.id, event.kind = %event.kind, event.outcome = %outcome, "something was said in a chat");
        Ok(true)
    }

    /// Takes in what was said, and says what became of it; nothing while the message that it answers is being noted.
    async fn take_said(&self, chat: Chat<'_>, event: &ChatEvent, said: &Said) -> Result<Option<ChatOutcome>, Error> {
        let (workspace, place) = (event.workspace, (event.kind, said.conversation.as_str()));
        let words = match &said.what {
            What::Written(words) | What::Edited(words, _) => Some(words),
            What::Deleted => None,
            What::Machine => return self.settle_said(event, ChatOutcome::Machine).await.map(Some),
            What::Nothing => return self.settle_said(event, ChatOutcome::Unmatched).await.map(Some),
        };
        let Some(thread) = self.thread_said_in(event, said).await? else {
            let is_fresh = self.now().seconds_since(event.received_at) < AWAITED_SECONDS;
            if is_fresh && store::chat::is_awaited(self.store(), workspace, event.kind, &said.conversation).await? {
                return Ok(None);
            }
            if said.what == What::Deleted && store::chat::is_known(self.store(), workspace, event.kind, &said.conversation).await? {
                // Its words may still come: by then it is known that they are gone.
                return self.bury_said(event, said).await.map(Some);
            }
            return self.settle_said(event, ChatOutcome::Unmatched).await.map(Some);
        };
        let known = store::chat::posting(self.store(), workspace, place, &said.posting).await?;
        let written = match words {
            Some(words) if known.is_none_or(|known| known.message.is_some() && !known.is_ours) => {
                Some(self.read_said(chat, said, words).await?)
            }
            Some(_) | None => None,
        };
        self.keep_said(event, said, thread, written).await.map(Some)
    }

    async fn settle_said(&self, event: &ChatEvent, outcome: ChatOutcome) -> Result<ChatOutcome, Error> {
        let mut tx = self.store().begin().await?;
        store::chat::settle_event(&mut tx, event.workspace, event.id, outcome).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    async fn bury_said(&self, event: &ChatEvent, said: &Said) -> Result<ChatOutcome, Error> {
        let mut tx = self.store().begin().await?;
        if store::chat::posting(&mut tx, event.workspace, (event.kind, &said.conversation), &said.posting).await?.is_none() {
            store::chat::keep(&mut tx, event.workspace, &posting(event, said, None)).await?;
        }
        store::chat::settle_event(&mut tx, event.workspace, event.id, ChatOutcome::Removed).await?;
        tx.commit().await?;
        Ok(ChatOutcome::Removed)
    }

    /// The side conversation that something was said in: that of its message, else of the message that it answers, else the only one that is
    /// going on where only those are who were asked.
    async fn thread_said_in(&self, event: &ChatEvent, said: &Said) -> Result<Option<ThreadId>, Error> {
        let (workspace, place) = (event.workspace, (event.kind, said.conversation.as_str()));
        let known = store::chat::posting(self.store(), workspace, place, &said.posting).await?;
        if let Some(thread) = known.and_then(|known| known.thread) {
            return Ok(Some(thread));
        }
        if said.root.is_none() && !said.is_direct {
            return Ok(None);
        }
        let held = store::chat::held_in(self.store(), workspace, place, said.root.as_deref()).await?;
        Ok(match held.as_slice() {
            [only] => Some(*only),
            _ => None,
        })
    }

    /// Who wrote something and what, as it is kept here.
    async fn read_said(&self, chat: Chat<'_>, said: &Said, words: &Words) -> Result<Written, Error> {
        let Words { user, text, files } = words;
        let (member, body) = match chat {
            Chat::Slack(slack) => {
                let mut names: BTreeMap<String, String> = BTreeMap::new();
                for named in slack::users_named(text) {
                    if let Ok(member) = slack.member(&named).await {
                        names.insert(named, member.name);
                    }
                }
                (slack.member(user).await, slack::written_plainly(text, |user| names.get(user).cloned()))
            }
            Chat::Teams(teams) => (teams.member(said.service_url.as_deref(), &said.conversation, user).await, teams::written_plainly(text)),
        };
        let address = match member {
            Ok(Member { address, .. }) => address,
            // Nobody says who it is: they stay a stranger.
            Err(Trouble::Refused(_)) => None,
            Err(trouble) => return Err(Error::Unavailable { part: "the chat", source: trouble.reason().to_string().into() }),
        };
        let author = address.or_else(|| stranger(user, chat)).ok_or_else(|| Error::internal("a stranger has no address: this is a bug"))?;
        let body = if body.is_empty() { files.join(", ") } else { body };
        Ok(Written { author, body, files: files.clone() })
    }

    async fn keep_said(&self, event: &ChatEvent, said: &Said, thread: ThreadId, written: Option<Written>) -> Result<ChatOutcome, Error> {
        let workspace = event.workspace;
        let mut tx = self.store().begin().await?;
        // Nobody moves, closes or changes it until this is kept.
        store::thread::hold(&mut tx, workspace, thread).await?;
        let everything = Scope::new(workspace, Reader::Everything);
        let Some(held) = store::thread::head(&mut tx, &everything, thread).await? else {
            return self.settle_said(event, ChatOutcome::Unmatched).await;
        };
        let known = store::chat::posting(&mut tx, workspace, (event.kind, &said.conversation), &said.posting).await?;
        let outcome = match (&said.what, known, written) {
            (What::Written(_) | What::Edited(..), None, Some(written)) => {
                self.add_said(&mut tx, event, said, (&held, written)).await?;
                ChatOutcome::Matched
            }
            (What::Edited(_, at), Some(known), Some(written)) => self.change_said(&mut tx, &held, (known, at), written).await?,
            (What::Deleted, known, _) => self.remove_said(&mut tx, event, said, (&held, known)).await?,
            (What::Written(_), Some(_), _) => ChatOutcome::Matched,
            (What::Written(_) | What::Edited(..) | What::Machine | What::Nothing, ..) => ChatOutcome::Unmatched,
        };
        if let (Some(url), Some(mut place)) = (&said.service_url, store::chat::place_of(&mut tx, workspace, thread).await?) {
            place.service_url = Some(url.clone());
            store::chat::found_place(&mut tx, workspace, &place).await?;
        }
        if !store::chat::settle_event(&mut tx, workspace, event.id, outcome).await? {
            // Somebody else took it in at this moment.
            tx.rollback().await?;
            return Ok(outcome);
        }
        tx.commit().await?;
        Ok(outcome)
    }

    /// Makes what was written a message of its side conversation; a closed one is open again.
    async fn add_said(&self, tx: &mut Tx, event: &ChatEvent, said: &Said, (held, written): (&Thread, Written)) -> Result<(), Error> {
        let Written { author, body, files } = written;
        let (workspace, now) = (held.workspace, self.now());
        let is_answer = author != held.opened_by;
        let created_at = said.at.map_or(now, |at| at.min(now));
        let message = Message { id: MessageId::at(now, random()), thread: held.id, author, body, created_at };
        let saved = store::thread::add_message(tx, workspace, &message).await?;
        let edited = match &said.what {
            What::Edited(_, at) => Some(at.clone()),
            What::Written(_) | What::Deleted | What::Machine | What::Nothing => None,
        };
        let kept = Posting { message: Some(saved.id), edited, files, ..posting(event, said, Some(held.id)) };
        store::chat::keep(tx, workspace, &kept).await?;
        if held.status == ThreadStatus::Closed {
            store::thread::set_status(tx, workspace, held.id, ThreadStatus::Open, now).await?;
        }
        let what = if is_answer { "side_conversation.answered" } else { "side_conversation.changed" };
        self.ticket_changed(tx, workspace, held.ticket, what);
        Ok(())
    }

    /// Gives a message other words, unless it is gone, ours, or was edited since.
    async fn change_said(&self, tx: &mut Tx, held: &Thread, (known, at): (Posting, &str), written: Written) -> Result<ChatOutcome, Error> {
        let is_newer = known.edited.as_deref().is_none_or(|last| last < at);
        let Some(message) = known.message.filter(|_| is_newer && !known.is_ours) else { return Ok(ChatOutcome::Unmatched) };
        let has_changed = store::thread::change_message(tx, held.workspace, message, &written.body).await?;
        store::chat::keep(tx, held.workspace, &Posting { edited: Some(at.to_owned()), files: written.files, ..known }).await?;
        if has_changed {
            self.ticket_changed(tx, held.workspace, held.ticket, "side_conversation.changed");
        }
        Ok(ChatOutcome::Changed)
    }

    /// Takes a message away that somebody deleted; what is ours stays, as it was said.
    async fn remove_said(
        &self,
        tx: &mut Tx,
        event: &ChatEvent,
        said: &Said,
        (held, known): (&Thread, Option<Posting>),
    ) -> Result<ChatOutcome, Error> {
        if known.as_ref().is_some_and(|known| known.is_ours) {
            return Ok(ChatOutcome::Unmatched);
        }
        store::chat::keep(tx, held.workspace, &posting(event, said, Some(held.id))).await?;
        if let Some(message) = known.and_then(|known| known.message)
            && store::thread::remove_message(tx, held.workspace, message).await?
        {
            self.ticket_changed(tx, held.workspace, held.ticket, "side_conversation.changed");
        }
        Ok(ChatOutcome::Removed)
    }

    /// Forgets what was said long ago.
    pub(in crate::app) async fn forget_chat_events(&self, tx: &mut Tx) -> Result<(), Error> {
        store::chat::sweep(tx, self.now().plus_seconds(-KEPT_SECONDS)).await?;
        Ok(())
    }
}

/// A message over there of which nothing is left.
fn posting(event: &ChatEvent, said: &Said, thread: Option<ThreadId>) -> Posting {
    Posting {
        kind: event.kind,
        conversation: said.conversation.clone(),
        posting: said.posting.clone(),
        thread,
        message: None,
        part: 0,
        is_ours: false,
        edited: None,
        files: Vec::new(),
    }
}

/// An address for somebody who has none here: no mail can ever go there (RFC 2606, section 2).
fn stranger(user: &str, chat: Chat<'_>) -> Option<EmailAddress> {
    let local: String = user.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_LOCAL_CHARS).collect();
    let domain = match chat {
        Chat::Slack(_) => "slack.invalid",
        Chat::Teams(_) => "teams.invalid",
    };
    format!("{}@{domain}", local.to_lowercase()).parse().ok()
}

fn no_workspace(called: &str) -> Error {
    Error::NotFound { kind: "workspace", id: called.chars().take(80).collect() }
}
