//! The addresses that pages link and post to, in one place, so that the route table and the templates cannot part.

use crate::domain::id::{SuggestionId, TicketId};

/// The list of tickets.
pub const INBOX: &str = "/tickets";
/// Where a one-time link is confirmed (GET) and used up (POST).
pub const SIGN_IN: &str = "/sign-in";
/// Where a session is ended (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// Where the first administrator is made.
pub const SETUP: &str = "/setup";
/// Before the name of a static file.
pub const STATIC: &str = "/static/";

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

/// The stream that says when the fragment is worth fetching again.
#[must_use]
pub fn events(id: &TicketId) -> String {
    format!("{INBOX}/{id}/events")
}

/// Where a reply or note is written (POST `csrf`, `public` = `1` or `0`, `body`).
#[must_use]
pub fn comments(id: &TicketId) -> String {
    format!("{INBOX}/{id}/comments")
}

/// Where a side conversation is opened (POST `csrf`, `suggestion`, `channel`, `recipients` apart by commas or lines,
/// `subject`, `body`).
#[must_use]
pub fn threads(id: &TicketId) -> String {
    format!("{INBOX}/{id}/side-conversations")
}

/// Where a thumb is given (POST `csrf`, `verdict` = `up` or `down`).
#[must_use]
pub fn feedback(id: &SuggestionId) -> String {
    format!("/suggestions/{id}/feedback")
}
