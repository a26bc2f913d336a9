//! A ticket with its conversation and its panel.

use askama::Template;

use crate::domain::thread::{Thread, ThreadHistory};
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{Part, PersonRole, RouteBy, ThreadStatus, Verdict};
use crate::web::bodies::Body;
use crate::web::cites::Cites;
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::{Frame, TicketView};
use crate::web::words::{Locale, SaidBy, Words};
use crate::web::{assets, format, paths};

#[derive(Template)]
#[template(path = "ticket.html", config = "src/web/templates/askama.toml")]
pub(super) struct TicketPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a TicketView,
    cites: Cites,
    entries: Vec<Entry<'a>>,
}

#[derive(Template)]
#[template(path = "fragment.html", config = "src/web/templates/askama.toml")]
pub(super) struct FragmentPage<'a> {
    t: &'static Words,
    frame: &'a Frame,
    v: &'a TicketView,
    cites: Cites,
    entries: Vec<Entry<'a>>,
}

/// One thing of a conversation, in time order.
enum Entry<'a> {
    Said(Said),
    Thread(Talk<'a>),
}

/// A message on the ticket or in a side conversation.
struct Said {
    kind: SaidBy,
    anchor: String,
    author: String,
    at: Timestamp,
    /// Its language, or nothing where nobody knows.
    lang: String,
    body: Body,
}

/// A side conversation.
struct Talk<'a> {
    thread: &'a Thread,
    anchor: String,
    people: String,
    messages: Vec<Said>,
}

impl<'a> TicketPage<'a> {
    pub(super) fn new(view: &'a TicketView) -> Self {
        let cites = Cites::of_view(view);
        let entries = entries(view, &cites);
        Self { t: view.frame.preferences.words(), preferences: view.frame.preferences, frame: &view.frame, v: view, cites, entries }
    }
}

impl<'a> FragmentPage<'a> {
    pub(super) fn new(view: &'a TicketView) -> Self {
        let cites = Cites::of_view(view);
        let entries = entries(view, &cites);
        Self { t: view.frame.preferences.words(), frame: &view.frame, v: view, cites, entries }
    }
}

fn entries<'a>(view: &'a TicketView, cites: &Cites) -> Vec<Entry<'a>> {
    let ticket = &view.history.ticket;
    let opening = Said {
        kind: SaidBy::Customer,
        anchor: "opening".to_owned(),
        author: view.customer_name(),
        at: ticket.created_at,
        lang: view.lang(),
        body: Body::new(&ticket.body, "opening", cites.spans(Source::Ticket(ticket.id))),
    };
    let comments = view.history.comments.iter().map(|comment| {
        let anchor = format!("comment-{}", comment.id);
        let kind = match comment.public {
            false => SaidBy::Note,
            true if comment.author == view.customer.email => SaidBy::Customer,
            true => SaidBy::Agent,
        };
        let body = Body::new(&comment.body, &anchor, cites.spans(Source::Comment(comment.ticket, comment.id)));
        // Customers go on in the language that they began in; who knows what colleagues write in.
        let lang = if kind == SaidBy::Customer { view.lang() } else { String::new() };
        Entry::Said(Said { kind, anchor, author: view.name(&comment.author), at: comment.created_at, lang, body })
    });
    let threads = view.threads.iter().map(|history| Entry::Thread(talk(view, history, cites)));
    let mut later: Vec<Entry<'a>> = comments.chain(threads).collect();
    later.sort_by_key(Entry::at);
    std::iter::once(Entry::Said(opening)).chain(later).collect()
}

fn talk<'a>(view: &TicketView, history: &'a ThreadHistory, cites: &Cites) -> Talk<'a> {
    let thread = &history.thread;
    let said = history.messages.iter().map(|message| {
        let anchor = format!("message-{}", message.id);
        let body = Body::new(&message.body, &anchor, cites.spans(Source::Message(message.thread, message.id)));
        Said { kind: SaidBy::Note, anchor, author: view.name(&message.author), at: message.created_at, lang: String::new(), body }
    });
    let people: Vec<String> = thread.participants.iter().map(|email| view.name(email)).collect();
    Talk { thread, anchor: format!("thread-{}", thread.id), people: format::list(&people), messages: said.collect() }
}

impl Entry<'_> {
    const fn at(&self) -> Timestamp {
        match self {
            Self::Said(said) => said.at,
            Self::Thread(talk) => talk.thread.created_at,
        }
    }
}
