//! The page of what waits, with the same hostile words in every place where somebody writes.

use crate::app::Called;
use crate::domain::panel::{LooseEnd, LooseEndKind, TicketHead};
use crate::domain::reason::Reason;
use crate::domain::vocabulary::TicketStatus;
use crate::domain::waiting::{AwaitingTicket, Few, HangingThread, Holder, Section, Waiting, Whose};
use crate::web::pages::{self, WaitingView};
use crate::web::sample::{at, email, thread_id, ticket_id};
use crate::web::view::Frame;

/// The page in its states.
pub(in crate::web) fn waiting_pages(frame: &Frame, words: &str) -> Vec<(&'static str, String)> {
    let page = |whose: Whose, holder: Holder, sections: Vec<Section>| {
        let view = WaitingView {
            frame: frame.clone(),
            whose,
            is_whole: false,
            called: Called::default(),
            waiting: Waiting { holder, sections },
            names: [].into(),
        };
        pages::waiting(&view).unwrap()
    };
    vec![
        ("waiting", page(Whose::Mine, Holder::Nobody, sections(words, 7))),
        ("waiting-all", page(Whose::Everybodys, Holder::Anybody, sections(words, 0))),
        ("waiting-none", page(Whose::Mine, Holder::Anybody, Vec::new())),
        ("waiting-none-all", page(Whose::Everybodys, Holder::Anybody, Vec::new())),
    ]
}

fn head(words: &str) -> TicketHead {
    TicketHead {
        id: ticket_id(1),
        reference: "T-1".to_owned(),
        subject: words.to_owned(),
        status: TicketStatus::Open,
        created_at: at("2026-11-18T09:00:00Z"),
    }
}

fn sections(words: &str, more: u64) -> Vec<Section> {
    let since = at("2026-11-19T09:00:00Z");
    let name = || words.to_owned();
    let hanging = |kind: LooseEndKind, reason: Reason| HangingThread {
        ticket: head(words),
        subject: name(),
        opened_by: email("tom@desk.example"),
        waiting_on: None,
        end: LooseEnd { kind, thread: thread_id(1), reference: name(), reason, since, draft: None },
    };
    let reference = name;
    let ends = vec![
        hanging(LooseEndKind::AnsweredNotRelayed, Reason::AnswerNotTold { name: name(), reference: reference(), at: since }),
        hanging(LooseEndKind::Stalled, Reason::Stalled { reference: reference(), name: name(), since, expected_minutes: 60, measured: 0 }),
        hanging(LooseEndKind::ChildSolved, Reason::ChildSolved { reference: reference(), at: since }),
        hanging(LooseEndKind::OpenOnSolved, Reason::OpenOnSolved { ticket: name(), reference: reference() }),
    ];
    let awaiting = |assignee: Option<&str>| AwaitingTicket {
        head: head(words),
        requester: name(),
        assignee: assignee.map(email),
        group: assignee.map(|_| "billing".to_owned()),
        language: None,
        since,
        comment: None,
    };
    let tickets = vec![awaiting(None), awaiting(Some("tom@desk.example"))];
    vec![
        Section::LooseEnds(Few { items: ends, more, is_open: more > 0 }),
        Section::Unanswered(Few { items: tickets, more, is_open: false }),
    ]
}
