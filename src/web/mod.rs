//! The pages of the console: what an agent sees and clicks, as HTML made on the server.
//!
//! This half of the room turns views (values built from `domain` types) into pages and holds the style sheet, scripts
//! and icons that go with them. It knows nothing of requests, sessions, SQL or the clock: whoever serves a page hands
//! `now` in with the view. The rules that every page keeps: text that people wrote is escaped and never made into
//! links, nothing is inlined that a strict content security policy would refuse, and no address leads outside.

pub mod assets;
mod bodies;
mod cites;
mod format;
pub mod pages;
pub mod paths;
pub mod view;
mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

/// stub
pub fn router(_app: crate::app::App, _url: &str) -> axum::Router {
    axum::Router::new()
}
