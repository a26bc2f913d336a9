//! The search page in its states, with the same hostile words in every place where somebody writes.

use crate::app::{Hit, Results};
use crate::domain::id::{CommentId, DocumentId, MessageId, PassageId};
use crate::domain::panel::TicketHead;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{Kind, TicketStatus};
use crate::web::pages::{self, GlanceView, SearchView};
use crate::web::sample::{thread_id, ticket_id};
use crate::web::view::Frame;

/// Every page in its states.
pub(in crate::web) fn search_pages(frame: &Frame, words: &str) -> Vec<(&'static str, String)> {
    let page = |text: &str, results: Results| pages::search(&SearchView { frame: frame.clone(), text: text.to_owned(), results }).unwrap();
    let busy = Results { near: Vec::new(), is_partial: true, ..results(frame, words) };
    vec![
        ("search", page(words, results(frame, words))),
        ("search-empty", page("", Results::default())),
        ("search-none", page(words, Results::default())),
        ("search-busy", page(words, busy)),
        ("search-near", page(words, Results { tickets: Vec::new(), ..results(frame, words) })),
    ]
}

/// The first results while somebody types, as a fragment.
pub(in crate::web) fn glance(frame: &Frame, words: &str, list: Option<&str>) -> String {
    let list = list.map(str::to_owned);
    pages::glance(&GlanceView { preferences: frame.preferences, text: words.to_owned(), results: results(frame, words), list }).unwrap()
}

fn results(frame: &Frame, words: &str) -> Results {
    let head = TicketHead {
        id: ticket_id(1),
        reference: words.to_owned(),
        subject: words.to_owned(),
        status: TicketStatus::Open,
        created_at: frame.now,
    };
    let hit = |kind: Kind, source: Source, on: bool| Hit {
        kind,
        source,
        title: words.to_owned(),
        excerpt: format!("…{words}\n## {words}"),
        at: Some(frame.now),
        ticket: on.then(|| head.clone()),
    };
    Results {
        tickets: vec![hit(Kind::Ticket, Source::Ticket(ticket_id(1)), true)],
        has_more_tickets: true,
        near: vec![
            hit(Kind::Passage, Source::Passage(DocumentId::at(frame.now, [8; 10]), PassageId::at(frame.now, [8; 10])), false),
            hit(Kind::Comment, Source::Comment(ticket_id(1), CommentId::at(frame.now, [8; 10])), true),
            hit(Kind::Message, Source::Message(thread_id(1), MessageId::at(frame.now, [8; 10])), true),
        ],
        is_partial: false,
    }
}
