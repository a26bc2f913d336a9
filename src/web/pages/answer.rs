//! The answer to a question about a ticket.

use askama::Template;

use crate::domain::panel::Cited;
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::web::keys::KEYS;
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::{AnswerView, Frame};
use crate::web::words::{Locale, Words};
use crate::web::{assets, format, paths};

#[derive(Template)]
#[template(path = "answer.html", config = "src/web/templates/askama.toml")]
pub(super) struct AnswerPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a AnswerView,
    found: Vec<Found<'a>>,
}

/// A sentence with where it stands.
struct Found<'a> {
    text: &'a str,
    title: &'a str,
    at: Option<Timestamp>,
    /// Where on the ticket's page; `None` for what stands elsewhere.
    href: Option<String>,
}

impl<'a> AnswerPage<'a> {
    pub(super) fn new(view: &'a AnswerView) -> Self {
        let found = view.answer.sentences.iter().filter_map(|sentence| found(view, sentence)).collect();
        Self { t: view.frame.preferences.words(), preferences: view.frame.preferences, frame: &view.frame, v: view, found }
    }
}

fn found<'a>(view: &AnswerView, sentence: &'a Cited) -> Option<Found<'a>> {
    let evidence = sentence.evidence.first()?;
    let own = paths::ticket(&view.ticket.id);
    let href = match evidence.source {
        Source::Ticket(id) if id == view.ticket.id => Some(format!("{own}#opening")),
        Source::Comment(id, comment) if id == view.ticket.id => Some(format!("{own}#comment-{comment}")),
        Source::Message(thread, message) if view.threads.iter().any(|history| history.thread.id == thread) => {
            Some(format!("{own}#message-{message}"))
        }
        Source::Attachment(ticket, attachment, _) => Some(format!("{}#attachment-{attachment}", paths::ticket(&ticket))),
        Source::Ticket(_) | Source::Comment(..) | Source::Message(..) | Source::Passage(..) | Source::Playbook => None,
    };
    Some(Found { text: &sentence.text, title: &evidence.title, at: evidence.at, href })
}
