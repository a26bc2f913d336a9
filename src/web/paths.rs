//! The addresses that pages link and post to, in one place, so that the route table and the templates cannot part.

use crate::domain::id::{AttachmentId, SuggestionId, TicketId};
use crate::web::format::percent_encoded;

/// The list of tickets.
pub const INBOX: &str = "/tickets";
/// Where somebody lands who has no session and no link.
pub const SIGN_IN: &str = "/sign-in";
/// Where a session is ended (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// Where a choice of language or theme is kept (POST `language` or `theme`).
pub const PREFERENCES: &str = "/preferences";
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

/// Where a side conversation is opened (POST `csrf`, `channel`, `recipients` apart by commas or lines, `subject`, `body`).
#[must_use]
pub fn threads(id: &TicketId) -> String {
    format!("{INBOX}/{id}/side-conversations")
}

/// Where files are taken in ahead of the form that they will be sent with (POST `csrf`, `file`).
pub const ATTACHMENTS: &str = "/attachments";

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
