//! The addresses that pages link and post to, in one place, so that the route table and the templates cannot part.

use crate::domain::id::{
    AskId, AttachmentId, CommentId, CustomerId, DeliveryId, DocumentId, IncidentId, MailId, MessageId, PersonId, SuggestionId, ThreadId,
    TicketId, TokenId, UserId, ViewId, WebhookId,
};
use crate::domain::vocabulary::{ChannelName, Register, RegisterFormat, TeamName};
use crate::web::format::percent_encoded;

/// The list of tickets.
pub const INBOX: &str = "/tickets";
/// The tour.
pub const TOUR: &str = "/tour";
/// What a search finds (`q`).
pub const SEARCH: &str = "/search";
/// The first results, while somebody types.
pub const SEARCH_GLANCE: &str = "/search/glance";
/// The same where the field filters a list of tickets.
pub const SEARCH_GLANCE_IN_LIST: &str = "/search/glance?within=list";
/// What waits for the reader.
pub const WAITING: &str = "/waiting";
/// What waits for everybody.
pub const WAITING_ALL: &str = "/waiting?whose=all";
/// The incidents.
pub const INCIDENTS: &str = "/incidents";
/// Where somebody lands who has no session and no link.
pub const SIGN_IN: &str = "/sign-in";
/// Where a session is ended (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// Where a choice of language or theme is kept (POST `language` or `theme`).
pub const PREFERENCES: &str = "/preferences";
/// Who can be consulted.
pub const PEOPLE: &str = "/people";
/// Teams.
pub const TEAMS: &str = "/teams";
/// Where teams are asked.
pub const CHANNELS: &str = "/channels";
/// Customers.
pub const CUSTOMERS: &str = "/customers";
/// Who signs in.
pub const USERS: &str = "/users";
/// API tokens.
pub const TOKENS: &str = "/tokens";
/// Addresses that are told of events.
pub const WEBHOOKS: &str = "/webhooks";
/// What was learned from labels.
pub const LEARNING: &str = "/learning";
/// Where a version of it is chosen.
pub const LEARNING_HELD: &str = "/learning/held";
/// Where the newest version is let answer again.
pub const LEARNING_FOLLOW: &str = "/learning/follow";
/// How many side conversations were needed.
pub const INSIGHTS: &str = "/insights";
/// Lists in and out.
pub const LISTS: &str = "/lists";
/// Documents of the knowledge base.
pub const KNOWLEDGE: &str = "/knowledge";
/// What the knowledge base lacks.
pub const GAPS: &str = "/knowledge/gaps";
/// The reader's own account.
pub const ACCOUNT: &str = "/account";
/// Before the name of a static file.
pub const STATIC: &str = "/static/";

/// Where a one-time link is confirmed (GET) and used up (POST).
#[must_use]
pub fn sign_in(secret: &str) -> String {
    format!("{SIGN_IN}/{}", percent_encoded(secret))
}

/// Where the first administrator is made (POST `name`, `email`, `workspace`).
#[must_use]
pub fn set_up(secret: &str) -> String {
    format!("/set-up/{}", percent_encoded(secret))
}

/// A ticket's page.
#[must_use]
pub fn ticket(id: &TicketId) -> String {
    format!("{INBOX}/{id}")
}

/// A comment on a ticket's page, however many came after it.
#[must_use]
pub fn comment(ticket: &TicketId, comment: &CommentId) -> String {
    format!("{INBOX}/{ticket}?comment={comment}#comment-{comment}")
}

/// What a search for a text finds.
#[must_use]
pub fn search(text: &str) -> String {
    format!("{SEARCH}?q={}", percent_encoded(text))
}

/// A document's page.
#[must_use]
pub fn document(id: &DocumentId) -> String {
    format!("{KNOWLEDGE}/{id}")
}

/// Where a document is removed (POST).
#[must_use]
pub fn document_delete(id: &DocumentId) -> String {
    format!("{KNOWLEDGE}/{id}/delete")
}

/// The part of a ticket's page that changes, as a fragment.
#[must_use]
pub fn panel(id: &TicketId) -> String {
    format!("{INBOX}/{id}/panel")
}

/// The stream that says when the fragment is worth fetching again: what happened after the event with number `seen`.
#[must_use]
pub fn events(id: &TicketId, seen: &i64) -> String {
    format!("{INBOX}/{id}/events?after={seen}")
}

/// Where a reply or note is written (POST `csrf`, `public` = `1` or `0`, `body`).
#[must_use]
pub fn comments(id: &TicketId) -> String {
    format!("{INBOX}/{id}/comments")
}

/// Where the triage of a ticket is corrected (POST `csrf`, `intent`, `group`; what is blank stays as it is).
#[must_use]
pub fn correct(id: &TicketId) -> String {
    format!("{INBOX}/{id}/correct")
}

/// The incidents after a cursor.
#[must_use]
pub fn incidents_after(cursor: &str) -> String {
    format!("{INCIDENTS}?cursor={}", percent_encoded(cursor))
}

/// An incident's page.
#[must_use]
pub fn incident(id: &IncidentId) -> String {
    format!("{INCIDENTS}/{id}")
}

/// Where it is said that a ticket and another are one or not (POST `csrf`, `other`, `same` = `1` or `0`).
#[must_use]
pub fn duplicates(id: &TicketId) -> String {
    format!("{INBOX}/{id}/duplicates")
}

/// Where that is taken back (POST `csrf`, `other`).
#[must_use]
pub fn take_duplicate_back(id: &TicketId) -> String {
    format!("{INBOX}/{id}/duplicates/take-back")
}

/// Where what was said of a ticket is taken back (POST).
#[must_use]
pub fn take_correction_back(id: &TicketId) -> String {
    format!("{INBOX}/{id}/correct/take-back")
}

/// Where several tickets are corrected (the same, and `ticket-<id>` for each).
pub const CORRECT: &str = "/tickets/correct";

/// Where a view of the inbox is kept (POST `csrf`, `name`, and the parameters of the list's address).
pub const VIEWS: &str = "/views";

/// Where a view of the inbox is removed (POST).
#[must_use]
pub fn view_delete(id: &ViewId) -> String {
    format!("{VIEWS}/{id}/delete")
}

/// Where a side conversation is opened (POST `csrf`, `channel`, `recipients` apart by commas or lines, `subject`, `body`).
#[must_use]
pub fn threads(id: &TicketId) -> String {
    format!("{INBOX}/{id}/side-conversations")
}

/// Where a message is looked at while it is written (POST as to where it will be sent; `of` says what it is).
#[must_use]
pub fn look(ticket: &TicketId) -> String {
    format!("{INBOX}/{ticket}/look")
}

/// The same for a message of a side conversation.
#[must_use]
pub fn look_at_message(ticket: &TicketId, thread: &ThreadId) -> String {
    format!("{}?of={thread}", look(ticket))
}

/// Where a message of a side conversation is sent.
#[must_use]
pub fn thread_messages(id: &ThreadId) -> String {
    format!("/side-conversations/{id}/messages")
}

/// Where a side conversation is closed and opened again.
#[must_use]
pub fn thread_status(id: &ThreadId) -> String {
    format!("/side-conversations/{id}/status")
}

/// Where an earlier answer is used in place of an ask (POST `csrf`, `ticket`, `find`, `as`, `quote`, `source`).
#[must_use]
pub fn use_answer(ask: &AskId) -> String {
    format!("/asks/{ask}/use")
}

/// Where files are taken in ahead of the form that they will be sent with (POST `csrf`, `file`).
pub const ATTACHMENTS: &str = "/attachments";

/// Where it is said what becomes of a message that leaves the desk.
#[must_use]
pub fn message_delivery(id: &MessageId) -> String {
    format!("/messages/{id}/delivery")
}

/// Where it is said what becomes of a mail that is held.
#[must_use]
pub fn held_mail(id: &MailId) -> String {
    format!("/held-mails/{id}")
}

/// A file.
#[must_use]
pub fn attachment(id: &AttachmentId) -> String {
    format!("{ATTACHMENTS}/{id}")
}

/// Where a question about a ticket is answered (POST `csrf`, `question`).
#[must_use]
pub fn ask(id: &TicketId) -> String {
    format!("{INBOX}/{id}/ask")
}

/// Where a thumb is given (POST `csrf`, `verdict` = `up` or `down`).
#[must_use]
pub fn feedback(id: &SuggestionId) -> String {
    format!("/suggestions/{id}/feedback")
}

/// Where a suggestion is set aside (POST `csrf`, `for`: `hours`, `day`, `week` or `good`).
#[must_use]
pub fn set_aside(id: &SuggestionId) -> String {
    format!("/suggestions/{id}/set-aside")
}

/// Where a suggestion that was set aside is brought back (POST).
#[must_use]
pub fn bring_back(id: &SuggestionId) -> String {
    format!("/suggestions/{id}/bring-back")
}

/// A person's page.
#[must_use]
pub fn person(id: &PersonId) -> String {
    format!("{PEOPLE}/{id}")
}

/// The form that changes a person.
#[must_use]
pub fn person_edit(id: &PersonId) -> String {
    format!("{PEOPLE}/{id}/edit")
}

/// Where a person is removed (POST).
#[must_use]
pub fn person_delete(id: &PersonId) -> String {
    format!("{PEOPLE}/{id}/delete")
}

/// The form that changes a team.
#[must_use]
pub fn team(name: &TeamName) -> String {
    format!("{TEAMS}/{name}")
}

/// Where a team is removed (POST).
#[must_use]
pub fn team_delete(name: &TeamName) -> String {
    format!("{TEAMS}/{name}/delete")
}

/// The form that changes a channel.
#[must_use]
pub fn channel(name: &ChannelName) -> String {
    format!("{CHANNELS}/{name}")
}

/// Where a channel is removed (POST).
#[must_use]
pub fn channel_delete(name: &ChannelName) -> String {
    format!("{CHANNELS}/{name}/delete")
}

/// A customer's page.
#[must_use]
pub fn customer(id: &CustomerId) -> String {
    format!("{CUSTOMERS}/{id}")
}

/// The form that changes a customer.
#[must_use]
pub fn customer_edit(id: &CustomerId) -> String {
    format!("{CUSTOMERS}/{id}/edit")
}

/// Where a customer is removed (POST).
#[must_use]
pub fn customer_delete(id: &CustomerId) -> String {
    format!("{CUSTOMERS}/{id}/delete")
}

/// A user's page, and where they are changed (POST).
#[must_use]
pub fn user(id: &UserId) -> String {
    format!("{USERS}/{id}")
}

/// Where a user is disabled (POST).
#[must_use]
pub fn user_disable(id: &UserId) -> String {
    format!("{USERS}/{id}/disable")
}

/// Where a user is enabled again (POST).
#[must_use]
pub fn user_enable(id: &UserId) -> String {
    format!("{USERS}/{id}/enable")
}

/// Where a user gets a new link (POST).
#[must_use]
pub fn user_reset(id: &UserId) -> String {
    format!("{USERS}/{id}/reset")
}

/// Where a token is revoked (POST).
#[must_use]
pub fn token_revoke(id: &TokenId) -> String {
    format!("{TOKENS}/{id}/revoke")
}

/// A webhook with its messages.
#[must_use]
pub fn webhook(id: &WebhookId) -> String {
    format!("{WEBHOOKS}/{id}")
}

/// Where something is done to a webhook (POST).
#[must_use]
pub fn webhook_act(id: &WebhookId, act: &str) -> String {
    format!("{WEBHOOKS}/{id}/{act}")
}

/// Where a message to a webhook is sent again (POST).
#[must_use]
pub fn webhook_replay(id: &WebhookId, message: &DeliveryId) -> String {
    format!("{WEBHOOKS}/{id}/messages/{message}/replay")
}

/// A whole list as a file.
#[must_use]
pub fn list_file(list: &Register, format: &RegisterFormat) -> String {
    format!("{LISTS}/{list}.{format}")
}
