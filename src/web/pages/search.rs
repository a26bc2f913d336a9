//! What a search finds, with the words that were asked for marked.

use askama::Template;

use crate::app::{Hit, Results};
use crate::domain::sought::Sought;
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{Kind, TicketStatus};
use crate::web::keys::KEYS;
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::{Frame, InboxQuery};
use crate::web::words::{Locale, Words};
use crate::web::{assets, format, paths};

/// What a search finds.
#[derive(Debug, Clone)]
pub struct SearchView {
    /// The frame.
    pub frame: Frame,
    /// What was asked for; empty when nothing was yet.
    pub text: String,
    /// What is found.
    pub results: Results,
}

/// The first results, while somebody types.
#[derive(Debug, Clone)]
pub struct GlanceView {
    /// How the reader wants to see it.
    pub preferences: Preferences,
    /// What was typed so far; empty while it is too little to look for.
    pub text: String,
    /// What is found.
    pub results: Results,
    /// The list that the field filters, with these words, if it filters one.
    pub list: Option<String>,
}

#[derive(Template)]
#[template(path = "search.html", config = "src/web/templates/askama.toml")]
pub(super) struct SearchPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a SearchView,
    tickets: Vec<Row>,
    near: Vec<Row>,
    /// The tickets with these words, as a list.
    list: String,
    /// This page's own address.
    here: String,
}

#[derive(Template)]
#[template(path = "search_glance.html", config = "src/web/templates/askama.toml")]
pub(super) struct GlancePage<'a> {
    t: &'static Words,
    v: &'a GlanceView,
    rows: Vec<Row>,
    all: String,
}

/// Something that is found.
struct Row {
    kind: Kind,
    href: String,
    title: Vec<Run>,
    reference: Option<String>,
    status: Option<TicketStatus>,
    by: String,
    at: Option<Timestamp>,
    excerpt: Vec<Run>,
}

/// A stretch of text that was asked for, or one between.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    text: String,
    is_sought: bool,
}

impl<'a> SearchPage<'a> {
    pub(super) fn new(view: &'a SearchView) -> Self {
        let preferences = view.frame.preferences;
        let (t, sought) = (preferences.words(), Sought::of(&view.text));
        Self {
            t,
            preferences,
            frame: &view.frame,
            v: view,
            tickets: rows(t, &view.results.tickets, &sought),
            near: rows(t, &view.results.near, &sought),
            list: InboxQuery { text: view.text.clone(), ..InboxQuery::default() }.href(),
            here: paths::search(&view.text),
        }
    }
}

impl<'a> GlancePage<'a> {
    pub(super) fn new(view: &'a GlanceView) -> Self {
        let (t, sought) = (view.preferences.words(), Sought::of(&view.text));
        let rows = rows(t, &view.results.tickets, &sought).into_iter().chain(rows(t, &view.results.near, &sought)).collect();
        Self { t, v: view, rows, all: paths::search(&view.text) }
    }
}

fn rows(t: &'static Words, hits: &[Hit], sought: &Sought) -> Vec<Row> {
    hits.iter().filter_map(|hit| row(t, hit, sought)).collect()
}

/// `None` for what has no page.
fn row(t: &'static Words, hit: &Hit, sought: &Sought) -> Option<Row> {
    let Hit { kind, source, title, excerpt, at, ticket } = hit;
    let on = || ticket.as_ref().map(|head| paths::ticket(&head.id));
    let href = match source {
        Source::Passage(document, passage) => format!("{}#passage-{passage}", paths::document(document)),
        Source::Ticket(ticket) => paths::ticket(ticket),
        Source::Comment(ticket, comment) => paths::comment(ticket, comment),
        Source::Message(_, message) => format!("{}#message-{message}", on()?),
        Source::Attachment(_, attachment, _) => format!("{}#attachment-{attachment}", on()?),
        Source::Playbook => return None,
    };
    let subject = ticket.as_ref().map(|head| t.subject(&head.subject));
    let by = if subject.is_some() { title.clone() } else { String::new() };
    Some(Row {
        kind: *kind,
        href,
        title: runs(&subject.unwrap_or_else(|| title.clone()), sought),
        reference: ticket.as_ref().map(|head| head.reference.clone()),
        status: ticket.as_ref().filter(|_| *kind == Kind::Ticket).map(|head| head.status),
        by,
        at: *at,
        excerpt: runs(&format::passage(excerpt), sought),
    })
}

/// A text in stretches.
fn runs(text: &str, sought: &Sought) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    let mut add = |range: std::ops::Range<usize>, is_sought| {
        if !range.is_empty() {
            runs.push(Run { text: text[range].to_owned(), is_sought });
        }
    };
    for mark in sought.marks(text) {
        add(at..mark.start, false);
        at = mark.end;
        add(mark, true);
    }
    add(at..text.len(), false);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_stretches_is_the_whole_text() {
        for (typed, text, marked) in [
            ("lumiere est", "La LUMIÈRE <b>est</b> là", &["LUMIÈRE", "est"][..]),
            ("שלום", "שָׁלוֹם, עולם", &["שָׁלוֹם"]),
            ("nothing", "else", &[]),
            ("", "", &[]),
        ] {
            let runs = runs(text, &Sought::of(typed));
            assert_eq!(runs.iter().map(|run| run.text.as_str()).collect::<String>(), text);
            assert_eq!(runs.iter().filter(|run| run.is_sought).map(|run| run.text.as_str()).collect::<Vec<_>>(), marked);
        }
    }
}
