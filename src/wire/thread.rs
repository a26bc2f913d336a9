//! Side conversations, in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::attachment::{Attachment, Place};
use crate::domain::id::TicketId;
use crate::domain::intake::{NewMessage, NewThread, Quotable};
use crate::domain::mail::MailOutcome;
use crate::domain::outbox::Exchange;
use crate::domain::panel::{ThreadDraft, ThreadSummary};
use crate::domain::thread::{Message, Thread, ThreadHistory};
use crate::domain::vocabulary::{ChannelName, EmailAddress, ThreadChannel, ThreadStanding, ThreadStatus};
use crate::wire::attachment::{self, AttachmentOut};
use crate::wire::directory::ChannelOut;
use crate::wire::evidence::{CitedOut, told};
use crate::wire::mail::{HeldMailOut, MessageDeliveryOut};
use crate::wire::read::{FieldError, each, filled, parse, parse_all, parse_opt};
use crate::wire::told::PartsOut;

/// A side conversation to be opened, or taken in with its messages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "channel": "slack",
    "subject": "Swollen BP-20: may it be posted?",
    "opened_by": "tom.hargreaves@alderwick.example",
    "participants": ["ingrid.solberg@alderwick.example"],
    "body": "The customer wants to post a swollen pack. What next?"
}))]
pub struct ThreadIn {
    /// Its id in the system it comes from.
    pub external_id: Option<String>,
    /// How it travels.
    pub channel: ThreadChannel,
    /// The short name of the channel of the directory that it is held in; in Slack, when left out, with the participants alone.
    pub channel_name: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Whether it is still going on; open when not given.
    pub state: Option<ThreadStatus>,
    /// The e-mail address of who opens it.
    #[schema(format = Email)]
    pub opened_by: String,
    /// The e-mail addresses of who is asked.
    #[serde(default)]
    pub participants: Vec<String>,
    /// When it was opened; when not given, as its first message, else as it is known, else now.
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
    /// The first message, by who opens it; instead of `messages`.
    pub body: Option<String>,
    /// The ids of files that came with `body`, from `POST /v1/attachments`.
    #[serde(default)]
    pub attachment_ids: Vec<String>,
    /// Its messages, oldest first.
    #[serde(default)]
    pub messages: Vec<MessageIn>,
    /// What of the ticket is quoted below the first message, without what must not leave: `ticket` for its text, or ids of comments.
    #[serde(default)]
    pub context: Vec<String>,
    /// The id that `POST /v1/side-conversations/check` gave: that it was sent is noted there.
    #[schema(format = "uuid")]
    pub ask_id: Option<String>,
    /// Whether what the guard says to look at is meant, as `acknowledge` of `POST /v1/side-conversations/check`; what it blocks never leaves.
    #[serde(default)]
    pub acknowledged: bool,
}

/// A message to be added to a side conversation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"author": "ingrid.solberg@alderwick.example", "body": "Not by post. Which batch number is on the pack?"}))]
pub struct MessageIn {
    /// The e-mail address of who wrote it.
    #[schema(format = Email)]
    pub author: String,
    /// The text.
    pub body: String,
    /// When it was written; when not given, as the side conversation that it is sent with, else now. A message that says when it was written
    /// was written elsewhere, and is not sent from here.
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
    /// The ids of files that came with it, from `POST /v1/attachments`.
    #[serde(default)]
    pub attachment_ids: Vec<String>,
    /// Whether what the guard says to look at is meant, as `acknowledge` of `POST /v1/side-conversations/check`; what it blocks never leaves.
    #[serde(default)]
    pub acknowledged: bool,
}

/// A change of a side conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"state": "closed"}))]
pub struct ThreadPatch {
    /// Whether it is still going on.
    pub state: ThreadStatus,
}

/// The ticket for which a side conversation should be prepared.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ticket": "T-1001"}))]
pub struct DraftIn {
    /// The ticket's id or `external_id`.
    pub ticket: String,
}

/// A side conversation with its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ThreadOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its id in the system it comes from.
    #[schema(required)]
    pub external_id: Option<String>,
    /// The ticket it was opened on.
    #[schema(format = "uuid")]
    pub ticket: String,
    /// How it travels.
    pub channel: ThreadChannel,
    /// Its subject.
    pub subject: String,
    /// Whether it is still going on.
    pub state: ThreadStatus,
    /// The e-mail address of who opened it.
    pub opened_by: String,
    /// The e-mail addresses of who was asked.
    pub participants: Vec<String>,
    /// When it was opened.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When its last message was written.
    #[schema(format = DateTime)]
    pub updated_at: String,
    /// Its messages, oldest first; left out where only the thread was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<MessageOut>>,
    /// Mails of people who do not take part, which wait for somebody to let them in; left out like the messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_mails: Option<Vec<HeldMailOut>>,
}

/// A message of a side conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MessageOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its side conversation.
    #[schema(format = "uuid")]
    pub side_conversation: String,
    /// The e-mail address of who wrote it.
    pub author: String,
    /// The text.
    pub body: String,
    /// When it was written.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// The files that came with it.
    pub attachments: Vec<AttachmentOut>,
    /// Where it stands on its way out; null for one that does not leave from here.
    #[schema(required)]
    pub delivery: Option<MessageDeliveryOut>,
    /// How large the mail was whose files were left in the mailbox, in bytes; null where it has all of them.
    #[schema(required)]
    pub left_in_mailbox_bytes: Option<u64>,
    /// The names of its files that stayed in Slack or Teams.
    pub left_in_chat: Vec<String>,
}

/// A side conversation in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ThreadSummaryOut {
    /// The side conversation.
    #[schema(format = "uuid")]
    pub side_conversation: String,
    /// What it is called.
    #[schema(examples("SC-101"))]
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// What was asked.
    #[schema(required)]
    pub asked: Option<CitedOut>,
    /// What was answered.
    #[schema(required)]
    pub answered: Option<CitedOut>,
    /// The rest worth knowing.
    pub sentences: Vec<CitedOut>,
    /// What it came to, part by part, each sentence under its speaker's name.
    pub parts: PartsOut,
    /// How it stands.
    pub standing: ThreadStanding,
    /// The e-mail address of whom it waits on.
    #[schema(required)]
    pub waiting_on: Option<String>,
    /// Since when it waits.
    #[schema(required, format = DateTime)]
    pub waiting_since: Option<String>,
}

/// A side conversation, ready to be edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ThreadDraftOut {
    /// Where it would go.
    pub channel: ChannelOut,
    /// The e-mail addresses of who would be asked.
    pub recipients: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// What its author should look at before sending, in English.
    pub warnings: Vec<String>,
    /// The same in the same order, as words that never change.
    pub warning_codes: Vec<String>,
}

/// The answer to a wish for a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DraftOut {
    /// The draft; null when nobody fits or nothing needs asking.
    #[schema(required)]
    pub draft: Option<ThreadDraftOut>,
}

impl ThreadIn {
    /// The channel of the directory that it is held in, if it is said.
    ///
    /// # Errors
    /// [`FieldError`] for what is no name.
    pub fn channel_name(&self) -> Result<Option<ChannelName>, FieldError> {
        parse_opt("/channel_name", self.channel_name.as_deref())
    }

    /// The side conversation.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_new(self) -> Result<NewThread, FieldError> {
        let Self {
            external_id,
            channel,
            channel_name: _,
            subject,
            state,
            opened_by,
            participants,
            created_at,
            body,
            attachment_ids,
            messages,
            context,
            ask_id,
            acknowledged: _,
        } = self;
        let created_at = parse_opt("/created_at", created_at.as_deref())?;
        let opened_by: EmailAddress = parse("/opened_by", &opened_by)?;
        let mut messages = each("/messages", messages, MessageIn::into_new)?;
        if let Some(body) = body {
            let attachments = parse_all("/attachment_ids", &attachment_ids)?;
            messages.insert(0, NewMessage { author: opened_by.clone(), body: filled("/body", body)?, created_at, attachments });
        } else if !attachment_ids.is_empty() {
            return Err(FieldError::new("/attachment_ids", "these go with `body`: give each of `messages` its own"));
        }
        if messages.is_empty() {
            return Err(FieldError::new("/messages", "a side conversation starts with a message: send `body` or `messages`"));
        }
        Ok(NewThread {
            ask: parse_opt("/ask_id", ask_id.as_deref())?,
            external_id: external_id.map(|id| filled("/external_id", id)).transpose()?,
            channel,
            subject: filled("/subject", subject)?,
            status: state,
            opened_by,
            participants: parse_all("/participants", &participants)?,
            created_at,
            messages,
            context: context.iter().enumerate().map(|(place, given)| quotable(place, given)).collect::<Result<_, _>>()?,
        })
    }
}

fn quotable(place: usize, given: &str) -> Result<Quotable, FieldError> {
    if given == "ticket" { Ok(Quotable::Ticket) } else { parse(&format!("/context/{place}"), given).map(Quotable::Comment) }
}

impl MessageIn {
    /// The message.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_new(self) -> Result<NewMessage, FieldError> {
        let Self { author, body, created_at, attachment_ids, acknowledged: _ } = self;
        Ok(NewMessage {
            author: parse("/author", &author)?,
            body: filled("/body", body)?,
            created_at: parse_opt("/created_at", created_at.as_deref())?,
            attachments: parse_all("/attachment_ids", &attachment_ids)?,
        })
    }
}

impl From<Thread> for ThreadOut {
    fn from(thread: Thread) -> Self {
        let Thread { id, workspace: _, external_id, ticket, channel, subject, status, opened_by, participants, created_at, updated_at } =
            thread;
        Self {
            id: id.to_string(),
            external_id,
            ticket: ticket.to_string(),
            channel,
            subject,
            state: status,
            opened_by: opened_by.to_string(),
            participants: participants.iter().map(EmailAddress::to_string).collect(),
            created_at: created_at.to_string(),
            updated_at: updated_at.to_string(),
            messages: None,
            held_mails: None,
        }
    }
}

impl ThreadOut {
    /// A side conversation with its messages, and its own files, deliveries and mails among those of its ticket.
    #[must_use]
    pub fn new(history: ThreadHistory, attachments: &[Attachment], exchange: &Exchange) -> Self {
        let ThreadHistory { thread, messages } = history;
        let (id, ticket) = (thread.id, thread.ticket);
        let messages = messages.into_iter().map(|message| MessageOut::new(message, ticket, attachments, exchange)).collect();
        let held = exchange.to_look_at(id).map(HeldMailOut::new).collect();
        Self { messages: Some(messages), held_mails: Some(held), ..Self::from(thread) }
    }
}

impl MessageOut {
    /// A message with its own files and its delivery among those of its ticket.
    #[must_use]
    pub fn new(message: Message, ticket: TicketId, attachments: &[Attachment], exchange: &Exchange) -> Self {
        let Message { id, thread, author, body, created_at } = message;
        let cut = exchange.mails_of(thread, MailOutcome::TooLarge).find(|mail| mail.message == Some(id));
        Self {
            id: id.to_string(),
            side_conversation: thread.to_string(),
            author: author.to_string(),
            body,
            created_at: created_at.to_string(),
            attachments: attachment::at(attachments, Place::Message(ticket, thread, id)),
            delivery: exchange.of(id).map(MessageDeliveryOut::from),
            left_in_mailbox_bytes: cut.map(|mail| mail.size_bytes),
            left_in_chat: exchange.left_files(id).to_vec(),
        }
    }
}

impl From<ThreadSummary> for ThreadSummaryOut {
    fn from(summary: ThreadSummary) -> Self {
        let ThreadSummary { thread, reference, subject, asked, answered, sentences, parts, standing, waiting_on, waiting_since } = summary;
        Self {
            side_conversation: thread.to_string(),
            reference,
            subject,
            asked: asked.map(Into::into),
            answered: answered.map(Into::into),
            sentences: sentences.into_iter().map(Into::into).collect(),
            parts: parts.into(),
            standing,
            waiting_on: waiting_on.map(|who| who.to_string()),
            waiting_since: waiting_since.map(|since| since.to_string()),
        }
    }
}

impl From<ThreadDraft> for ThreadDraftOut {
    fn from(draft: ThreadDraft) -> Self {
        let ThreadDraft { channel, recipients, subject, body, warnings } = draft;
        let recipients = recipients.iter().map(EmailAddress::to_string).collect();
        let (warnings, warning_codes) = told(&warnings);
        Self { channel: channel.into(), recipients, subject, body, warnings, warning_codes }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::wire::read::read_value;

    fn thread(changes: &Value) -> Result<NewThread, FieldError> {
        let mut body = json!({"channel": "slack", "subject": "swollen pack", "opened_by": "tom@alderwick.example",
            "participants": ["ingrid@alderwick.example"]});
        for (key, value) in changes.as_object().unwrap() {
            body[key] = value.clone();
        }
        read_value::<ThreadIn>(body)?.into_new()
    }

    #[test]
    fn a_body_is_the_first_message_of_who_opens_it() {
        let new = thread(&json!({"body": "What next?"})).unwrap();
        assert_eq!(new.messages[0].author, new.opened_by);
        assert_eq!(new.messages[0].body, "What next?");
    }

    #[test]
    fn every_field_that_cannot_be_used_is_pointed_at() {
        let check = |changes: Value, pointer: &str| assert_eq!(thread(&changes).unwrap_err().pointer, pointer, "{changes}");
        check(json!({}), "/messages");
        check(json!({"body": ""}), "/body");
        check(json!({"body": "a", "participants": ["a@b.example", "c"]}), "/participants/1");
        check(json!({"messages": [{"author": "me", "body": "b"}]}), "/messages/0/author");
        check(json!({"body": "a", "state": "shut"}), "/state");
        check(json!({"body": "a", "opened_by": "tom"}), "/opened_by");
        check(json!({"body": "a", "subject": ""}), "/subject");
    }
}
