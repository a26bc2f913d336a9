//! A ticket with its conversation and its panel.

use std::ops::Range;

use askama::Template;

use crate::app::MOST_QUOTED;
use crate::domain::attachment::Place;
use crate::domain::outbox::SendState;
use crate::domain::panel::ThreadSummary;
use crate::domain::thread::{Thread, ThreadHistory};
use crate::domain::ticket::TicketHistory;
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{EndDraftKind, IncidentState, Part, PersonRole, ReadState, RouteBy, ThreadStatus, Verdict};
use crate::web::bodies::Body;
use crate::web::cites::Cites;
use crate::web::correction::OUT_OF_SCOPE;
use crate::web::feedback::ASIDE_FOR;
use crate::web::files::{self, File};
use crate::web::gate::{GateView, MEANT, REDACT};
use crate::web::keys::KEYS;
use crate::web::leaving::{self, Automatic, Leaving, Waiting};
use crate::web::preferences::{Preferences, Theme};
use crate::web::standing::Standing;
use crate::web::thread::{CONTEXT, OPENING};
use crate::web::view::{AFTER_REPLY, Frame, TicketView};
use crate::web::words::{Locale, SaidBy, Words};
use crate::web::{assets, format, paths};

/// A side conversation of so many messages has ways through it.
const LONG_TALK: usize = 5;
/// A longer text is shown by its start, with a way to the whole.
const LONGEST_BYTES: usize = 20_000;

#[derive(Template)]
#[template(path = "ticket.html", config = "src/web/templates/askama.toml")]
pub(super) struct TicketPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a TicketView,
    cites: Cites,
    entries: Vec<Entry<'a>>,
    context: Vec<Choosable>,
}

#[derive(Template)]
#[template(path = "fragment.html", config = "src/web/templates/askama.toml")]
pub(super) struct FragmentPage<'a> {
    t: &'static Words,
    frame: &'a Frame,
    v: &'a TicketView,
    cites: Cites,
    entries: Vec<Entry<'a>>,
    context: Vec<Choosable>,
}

/// Something said on the ticket that can go along with a side conversation.
struct Choosable {
    value: String,
    author: String,
    is_internal: bool,
    at: Timestamp,
    /// How it begins.
    start: String,
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
    /// Whether only the start of a long text is shown.
    is_cut: bool,
    files: Vec<File>,
}

/// A side conversation.
struct Talk<'a> {
    thread: &'a Thread,
    anchor: String,
    people: String,
    standing: Standing,
    /// What it came to, in a sentence.
    gist: Option<Gist>,
    /// The message that answers.
    answer: Option<String>,
    /// Whether it is long enough to need ways through it.
    is_long: bool,
    messages: Vec<Spoken>,
    held: Vec<Waiting<'a>>,
    automatic: Vec<Automatic<'a>>,
}

/// A side conversation in a sentence.
struct Gist {
    text: String,
    /// Its language, or nothing where nobody knows.
    lang: String,
}

/// A message of a side conversation, and where it stands on its way out.
struct Spoken {
    said: Said,
    leaving: Option<Leaving>,
    /// How large the mail was whose files stayed in the mailbox.
    left_bytes: Option<u64>,
    left_files: String,
}

impl<'a> TicketPage<'a> {
    pub(super) fn new(view: &'a TicketView) -> Self {
        let cites = Cites::of_view(view);
        let (entries, context) = (entries(view, &cites), choosable(view));
        let preferences = view.frame.preferences;
        Self { t: preferences.words(), preferences, frame: &view.frame, v: view, cites, entries, context }
    }
}

impl<'a> FragmentPage<'a> {
    pub(super) fn new(view: &'a TicketView) -> Self {
        let cites = Cites::of_view(view);
        let (entries, context) = (entries(view, &cites), choosable(view));
        Self { t: view.frame.preferences.words(), frame: &view.frame, v: view, cites, entries, context }
    }
}

/// The ticket's text and its last comments, oldest first.
fn choosable(view: &TicketView) -> Vec<Choosable> {
    let TicketHistory { ticket, comments } = &view.history;
    let opening = Choosable {
        value: OPENING.to_owned(),
        author: view.customer_name(),
        is_internal: false,
        at: ticket.created_at,
        start: format::start(&ticket.body),
    };
    let last = &comments[comments.len().saturating_sub(MOST_QUOTED - 1)..];
    let comments = last.iter().map(|comment| Choosable {
        value: comment.id.to_string(),
        author: view.name(&comment.author),
        is_internal: !comment.public,
        at: comment.created_at,
        start: format::start(&comment.body),
    });
    std::iter::once(opening).chain(comments).collect()
}

fn entries<'a>(view: &'a TicketView, cites: &Cites) -> Vec<Entry<'a>> {
    let ticket = &view.history.ticket;
    let opening = said(
        view,
        Written { text: &ticket.body, lang: view.lang(), anchor: "opening".to_owned(), spans: cites.spans(Source::Ticket(ticket.id)) },
        (SaidBy::Customer, view.customer_name(), ticket.created_at),
        Place::Ticket(ticket.id),
    );
    let comments = view.shown_comments().iter().map(|comment| {
        let anchor = format!("comment-{}", comment.id);
        let kind = match comment.public {
            false => SaidBy::Note,
            true if comment.author == view.customer.email => SaidBy::Customer,
            true => SaidBy::Agent,
        };
        // Customers go on in the language that they began in; who knows what colleagues write in.
        let lang = if kind == SaidBy::Customer { view.lang() } else { String::new() };
        let written = Written { text: &comment.body, lang, anchor, spans: cites.spans(Source::Comment(comment.ticket, comment.id)) };
        let who = (kind, view.name(&comment.author), comment.created_at);
        Entry::Said(said(view, written, who, Place::Comment(comment.ticket, comment.id)))
    });
    let threads = view.threads.iter().map(|history| Entry::Thread(talk(view, history, cites)));
    let mut later: Vec<Entry<'a>> = comments.chain(threads).collect();
    later.sort_by_key(Entry::at);
    std::iter::once(Entry::Said(opening)).chain(later).collect()
}

/// A text with its anchor and the spans to mark in it.
struct Written<'a> {
    text: &'a str,
    /// Its language, or nothing where nobody knows.
    lang: String,
    anchor: String,
    spans: &'a [Range<usize>],
}

fn said(view: &TicketView, written: Written<'_>, (kind, author, at): (SaidBy, String, Timestamp), place: Place) -> Said {
    let Written { text, lang, anchor, spans } = written;
    let is_cut = text.len() > LONGEST_BYTES && view.whole.as_ref() != Some(&anchor);
    let text = if is_cut { &text[..text.floor_char_boundary(LONGEST_BYTES)] } else { text };
    let spans: Vec<Range<usize>> = spans.iter().filter(|span| span.end <= text.len()).cloned().collect();
    let body = Body::new(text, &anchor, &spans);
    Said { kind, anchor, author, at, lang, body, is_cut, files: files::at(&view.attachments, place) }
}

fn talk<'a>(view: &'a TicketView, history: &'a ThreadHistory, cites: &Cites) -> Talk<'a> {
    let thread = &history.thread;
    let said = history.messages.iter().map(|message| {
        let anchor = format!("message-{}", message.id);
        let spans = cites.spans(Source::Message(message.thread, message.id));
        let written = Written { text: &message.body, lang: String::new(), anchor, spans };
        let who = (SaidBy::Note, view.name(&message.author), message.created_at);
        Spoken {
            said: said(view, written, who, Place::Message(thread.ticket, message.thread, message.id)),
            leaving: Leaving::of(&view.exchange, (message.id, thread.channel), |address| view.name(address)),
            left_bytes: leaving::left_bytes(&view.exchange, thread.id, message.id),
            left_files: view.exchange.left_files(message.id).join(", "),
        }
    });
    let people: Vec<String> = thread.participants.iter().map(|email| view.name(email)).collect();
    let summary = view.panel.iter().flat_map(|panel| &panel.thread_summaries).find(|summary| summary.thread == thread.id);
    Talk {
        gist: summary.and_then(gist),
        answer: summary.and_then(|summary| answering(history, summary)),
        is_long: history.messages.len() >= LONG_TALK,
        thread,
        anchor: format!("thread-{}", thread.id),
        people: format::list(&people),
        standing: Standing::of(history, view.panel.as_ref()),
        messages: said.collect(),
        held: leaving::held(&view.exchange, thread.id),
        automatic: leaving::automatic(&view.exchange, thread.id, |address| view.name(address)),
    }
}

/// What the customer does not know yet, else what was answered, else what was asked.
fn gist(summary: &ThreadSummary) -> Option<Gist> {
    let parts = &summary.parts;
    let told = parts.to_tell.first().or(parts.answered.as_ref()).or(parts.asked.as_ref());
    let told = told.map(|told| Gist { text: told.text.clone(), lang: told.language.to_string() });
    let cited = || summary.answered.as_ref().or(summary.asked.as_ref());
    told.or_else(|| cited().map(|cited| Gist { text: cited.text.clone(), lang: String::new() }))
}

/// The anchor of the message that answers, where it is on the page.
fn answering(history: &ThreadHistory, summary: &ThreadSummary) -> Option<String> {
    // What the customer does not know yet comes before what answered first.
    let said = summary.answered.as_ref().or(summary.parts.answered.as_ref().map(|told| &told.said))?;
    let is_it = |id| history.messages.iter().any(|message| message.id == id);
    said.evidence.iter().find_map(|one| match one.source {
        Source::Message(_, id) if is_it(id) => Some(format!("message-{id}")),
        Source::Message(..) | Source::Passage(..) | Source::Ticket(_) | Source::Comment(..) | Source::Attachment(..) | Source::Playbook => {
            None
        }
    })
}

impl Entry<'_> {
    const fn at(&self) -> Timestamp {
        match self {
            Self::Said(said) => said.at,
            Self::Thread(talk) => talk.thread.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;
    use crate::web::sample::english;

    fn page(view: &TicketView) -> Html {
        Html::parse_document(&TicketPage::new(view).render().unwrap())
    }

    fn attributes(page: &Html, css: &str, name: &str) -> Vec<String> {
        page.select(&Selector::parse(css).unwrap()).filter_map(|element| element.attr(name)).map(str::to_owned).collect()
    }

    #[test]
    fn the_field_for_questions_names_only_who_was_asked_on_this_ticket() {
        let hint = |view: &TicketView| attributes(&page(view), "#ask-question", "placeholder");
        let mut view = english();
        let asked = view.name(&view.threads[1].thread.participants[0]);
        assert_eq!(hint(&view), [format!("What did {asked} say?")]);
        let answered = view.name(&view.threads[0].messages[1].author);
        view.threads.remove(1);
        assert_eq!(hint(&view), [format!("What did {answered} say?")]);
        view.threads.clear();
        assert_eq!(hint(&view), ["A question about this ticket"]);
    }

    #[test]
    fn the_jumps_lead_to_both_drafts() {
        let page = page(&english());
        let jumps = attributes(&page, ".jumps a", "href");
        for draft in ["#part-reply", "#part-draft"] {
            assert!(jumps.iter().any(|jump| jump == draft), "{jumps:?}");
            assert_eq!(page.select(&Selector::parse(draft).unwrap()).count(), 1);
        }
    }

    #[test]
    fn a_loose_end_stands_first_with_what_can_be_sent_for_it() {
        let view = english();
        let page = page(&view);
        let parts = attributes(&page, ".panel .part-head h3", "id");
        let place = |id: &str| parts.iter().position(|part| part == id);
        assert!(place("part-loose") < place("part-next") && place("part-loose").is_some(), "{parts:?}");
        let drafts: Vec<String> =
            page.select(&Selector::parse(".loose [data-draft-text]").unwrap()).map(|field| field.text().collect::<String>()).collect();
        assert_eq!(drafts.len(), 2, "{drafts:?}");
        // One side conversation came from elsewhere: what is written here would not leave.
        assert_eq!(attributes(&page, ".loose form button[type=submit]", "type").len(), 0);
        assert_eq!(attributes(&page, ".loose [data-insert]", "type").len(), 1);
        let mut own = english();
        own.threads[1].thread.external_id = None;
        assert_eq!(attributes(&super::tests::page(&own), ".loose form button[type=submit]", "type").len(), 1);
    }

    #[test]
    fn a_long_side_conversation_has_ways_through_it_and_all_have_a_line_of_summary() {
        let mut view = english();
        assert_eq!(attributes(&page(&view), "[data-talk-tools]", "class").len(), 0);
        let gists = page(&view).select(&Selector::parse(".thread-gist").unwrap()).count();
        assert_eq!(gists, view.threads.len());
        let message = view.threads[0].messages[1].clone();
        for number in 0..LONG_TALK {
            let id = crate::domain::id::MessageId::at(message.created_at, [u8::try_from(number).unwrap() + 100; 10]);
            view.threads[0].messages.push(crate::domain::thread::Message { id, ..message.clone() });
        }
        let page = page(&view);
        let to = attributes(&page, "[data-talk-tools] a:not([data-unread])", "href");
        let last = view.threads[0].messages.last().unwrap().id;
        assert_eq!(to, [format!("#message-{}", message.id), format!("#message-{last}")]);
        assert_eq!(attributes(&page, "[data-talk-tools] [data-find]", "type"), ["search"]);
    }

    #[test]
    fn the_head_of_a_side_conversation_says_how_it_stands() {
        let mut view = english();
        view.threads[0].thread.status = ThreadStatus::Open;
        let page = page(&view);
        let pills: Vec<_> = page.select(&Selector::parse(".thread .pill").unwrap()).map(|pill| pill.text().collect::<String>()).collect();
        assert_eq!(pills, ["Answered", "Waiting"]);
    }
}
