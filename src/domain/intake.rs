//! What comes in from outside, parsed but not yet stored: the arguments of the verbs that create things.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::audience::Audience;
use crate::domain::customer::Order;
use crate::domain::id::{AskId, AttachmentId, CommentId, TicketId};
use crate::domain::person::Availability;
use crate::domain::time::Timestamp;
use crate::domain::triage::Matter;
use crate::domain::vocabulary::{
    EmailAddress, GroupName, IntentName, Language, NextStep, PersonRole, Priority, Role, Sentiment, TeamName, ThreadChannel, ThreadStatus,
    TicketChannel, TicketOrder, TicketStatus, Tier, Urgency,
};

/// Who wrote a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequester {
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub name: Option<String>,
    /// Their id in the system they come from.
    pub external_id: Option<String>,
}

/// A ticket to be created, or updated where its `external_id` is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTicket {
    /// Its id in the system it comes from.
    pub external_id: Option<String>,
    /// Its subject.
    pub subject: String,
    /// The customer's first message.
    pub body: String,
    /// Who wrote it.
    pub requester: NewRequester,
    /// How it arrived.
    pub channel: TicketChannel,
    /// When it was written; when not given, as it is known, else now.
    pub created_at: Option<Timestamp>,
    /// Where it stands; new when not given.
    pub status: Option<TicketStatus>,
    /// When it was solved; when not given, as it is known, else now, of a ticket that is.
    pub solved_at: Option<Timestamp>,
    /// Its priority.
    pub priority: Option<Priority>,
    /// The group that has it.
    pub group: Option<GroupName>,
    /// The agent who has it.
    pub assignee: Option<EmailAddress>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its language.
    pub language: Option<Language>,
    /// Fields of the source system.
    pub custom_fields: BTreeMap<String, String>,
    /// What was said on it.
    pub comments: Vec<NewComment>,
    /// The files that came with its first message: uploaded before by the same actor.
    pub attachments: Vec<AttachmentId>,
}

/// A comment to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewComment {
    /// Who wrote it.
    pub author: EmailAddress,
    /// Whether the customer sees it.
    pub public: bool,
    /// The text.
    pub body: String,
    /// When it was written; when not given, as the ticket that it came with, else now.
    pub created_at: Option<Timestamp>,
    /// The files that came with it: uploaded before by the same actor.
    pub attachments: Vec<AttachmentId>,
}

/// What is said of a file that is uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    /// Its name as given.
    pub name: String,
    /// The media type that its sender claims.
    pub declared_type: Option<String>,
}

/// A message that somebody is about to send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCheck {
    /// The ticket that it is sent from.
    pub ticket: Option<TicketId>,
    /// The subject it would have.
    pub subject: Option<String>,
    /// Its text.
    pub body: String,
    /// Who would read it.
    pub recipients: Vec<EmailAddress>,
    /// Who would read it unseen by the others.
    pub hidden: Vec<EmailAddress>,
    /// The channels that it would go to, by name or by where they lead.
    pub channels: Vec<String>,
}

/// A side conversation to be opened, or taken in with its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewThread {
    /// Its id in the system it comes from.
    pub external_id: Option<String>,
    /// How it travels.
    pub channel: ThreadChannel,
    /// Its subject.
    pub subject: String,
    /// Whether it is still going on; open when not given.
    pub status: Option<ThreadStatus>,
    /// Who opened it.
    pub opened_by: EmailAddress,
    /// Who is asked.
    pub participants: Vec<EmailAddress>,
    /// When it was opened; when not given, as its first message, else as it is known, else now.
    pub created_at: Option<Timestamp>,
    /// Its messages, oldest first; at least one.
    pub messages: Vec<NewMessage>,
    /// What of its ticket is quoted below its first message.
    pub context: Vec<Quotable>,
    /// The ask that was held against earlier answers before it was sent.
    pub ask: Option<AskId>,
}

impl NewThread {
    /// Whether it is said here, and leaves from here: no other system holds it, it goes on, and nothing says that it was written before.
    #[must_use]
    pub fn is_said_here(&self) -> bool {
        let is_dated = self.created_at.is_some() || self.messages.first().is_some_and(|message| message.created_at.is_some());
        self.external_id.is_none() && self.status != Some(ThreadStatus::Closed) && !is_dated
    }
}

/// Something that was said on a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quotable {
    /// The ticket's own text.
    Ticket,
    /// A comment on it.
    Comment(CommentId),
}

/// A message to be added to a side conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Who wrote it.
    pub author: EmailAddress,
    /// The text.
    pub body: String,
    /// When it was written; when not given, as the thread that it came with, else now.
    pub created_at: Option<Timestamp>,
    /// The files that came with it: uploaded before by the same actor.
    pub attachments: Vec<AttachmentId>,
}

/// A document to be taken in, or taken in again where its `external_id` is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// Its id in the system it comes from.
    pub external_id: String,
    /// Its title; the document's own, or its file name, when not given.
    pub title: Option<String>,
    /// A file name, whose ending helps to tell the format.
    pub file_name: String,
    /// The bytes as they came.
    pub bytes: Vec<u8>,
    /// Its language; told from the text when not given.
    pub language: Option<Language>,
    /// Who may read it.
    pub audience: Audience,
    /// When its authors last changed it; now when not given.
    pub updated_at: Option<Timestamp>,
}

/// A customer to be created, or updated where the address is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// Their id in the system they come from.
    pub external_id: Option<String>,
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub name: Option<String>,
    /// The organisation they write for.
    pub organisation: Option<String>,
    /// What they pay for.
    pub tier: Tier,
    /// Who looks after them.
    pub account_owner: Option<EmailAddress>,
    /// The language they prefer.
    pub language: Option<Language>,
    /// What colleagues noted about them.
    pub notes: Option<String>,
    /// What they ordered.
    pub orders: Vec<Order>,
    /// Since when they are known; now when not given.
    pub created_at: Option<Timestamp>,
}

/// A person to be added, or updated where the address is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub name: String,
    /// Their team.
    pub team: Option<TeamName>,
    /// What they are to the support desk.
    pub role: PersonRole,
    /// The languages they read.
    pub languages: Vec<Language>,
    /// What they know.
    pub skills: Vec<String>,
    /// When they can be asked; when not given, as it is known.
    pub availability: Option<Availability>,
}

/// Somebody to be invited as a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The teams whose restricted items they may read.
    pub teams: BTreeSet<TeamName>,
}

/// What somebody who knows says of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLabel {
    /// The ticket's `external_id`.
    pub ticket: String,
    /// Its intents, main one first; none means out of scope. `None` when nobody said.
    pub intents: Option<Vec<IntentName>>,
    /// How the customer feels.
    pub sentiment: Option<Sentiment>,
    /// How pressing it is.
    pub urgency: Option<Urgency>,
    /// How soon it should be worked on.
    pub priority: Option<Priority>,
    /// Where it belongs.
    pub group: Option<GroupName>,
    /// Who should have it.
    pub assignee: Option<EmailAddress>,
    /// What to do next.
    pub next_step: Option<NextStep>,
}

/// What somebody of the desk says of tickets in place of what was guessed; what they leave out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCorrection {
    /// What they are about.
    pub matter: Option<Matter>,
    /// Where they belong.
    pub group: Option<GroupName>,
}

/// Which tickets a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Only these states; empty shows all.
    pub statuses: Vec<TicketStatus>,
    /// Only this group.
    pub group: Option<GroupName>,
    /// Only this intent.
    pub intent: Option<IntentName>,
    /// Only tickets that hold every one of these words, each in reference, subject, text or requester; those within quotation marks
    /// stand together. An identifier is found in their comments and side conversations too.
    pub words: Option<String>,
    /// In which order; the newest first when `None`.
    pub order: Option<TicketOrder>,
}

/// Where a list goes on, and how much of it is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// At most so many items; the door's default when `None`.
    pub limit: Option<u32>,
    /// What the page before gave as its `next_cursor`.
    pub cursor: Option<String>,
}

/// A piece of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next piece starts; `None` at the end.
    pub next_cursor: Option<String>,
}
