//! What answered before, and insights, with the same hostile words in every place where somebody writes.

use crate::app::Called;
use crate::domain::answered::{AnsweredIn, ChangedSince, EarlierAnswer};
use crate::domain::id::{AskId, DocumentId};
use crate::domain::insight::{ArmCount, Avoided, HoldOut, Insights, InsightsOf, Row, Thumbs};
use crate::domain::leak::{Leak, LeakKind, LeakLevel, MessagePart};
use crate::domain::panel::Cited;
use crate::domain::reason::Reason;
use crate::domain::vocabulary::{InsightsBy, Part, Probability};
use crate::web::gate::GateView;
use crate::web::pages::{self, InsightsView};
use crate::web::paths;
use crate::web::sample::{at, email, thread_id, ticket_id};
use crate::web::view::Frame;

/// What answered before: a document, and a side conversation that is older.
pub(in crate::web) fn gate(words: &str) -> GateView {
    let moment = at("2026-11-02T09:00:00Z");
    let document = DocumentId::at(moment, [3; 10]);
    let answer = |place: AnsweredIn| EarlierAnswer {
        place,
        reference: "SC-107".to_owned(),
        title: words.to_owned(),
        by: None,
        by_name: None,
        at: moment,
        quote: Cited { text: words.to_owned(), evidence: Vec::new() },
        is_own: false,
        probability: None,
        changed_since: None,
        worth: 1.4,
    };
    let thread = EarlierAnswer {
        by: Some(email("ana@desk.example")),
        is_own: true,
        probability: Probability::new(0.8),
        changed_since: Some(ChangedSince { document, title: words.to_owned(), at: moment }),
        ..answer(AnsweredIn::Thread(thread_id(1), ticket_id(2)))
    };
    let leak = |kind, level, reason, span| Leak {
        kind,
        level,
        reason,
        part: MessagePart::Body,
        span,
        to: vec!["ana@desk.example".to_owned(), words.to_owned()],
        source: None,
    };
    let named = Reason::OtherCustomerNamed { text: words.to_owned() };
    GateView {
        action: paths::threads(&ticket_id(1)),
        ask: Some(AskId::at(moment, [9; 10])),
        answers: vec![answer(AnsweredIn::Document(document)), thread, answer(AnsweredIn::Ticket(ticket_id(3)))],
        leaks: vec![
            leak(LeakKind::InternalNote, LeakLevel::Block, Reason::NoteWouldLeave, Some(0..words.len())),
            leak(LeakKind::OtherCustomer, LeakLevel::Acknowledge, named, None),
        ],
        is_redacted: false,
        hidden: vec![("channel".to_owned(), "desk".to_owned()), ("attachments".to_owned(), String::new())],
        recipients: Some("ana@desk.example".to_owned()),
        subject: Some(words.to_owned()),
        body: words.to_owned(),
    }
}

/// What the guard asks to be looked at, and what it took out, without anything that answered before.
pub(in crate::web) fn looked_at(words: &str) -> [GateView; 2] {
    let all = gate(words);
    let leaks = all.leaks.iter().filter(|leak| leak.level == LeakLevel::Acknowledge).cloned().collect();
    let alone = GateView { ask: None, answers: Vec::new(), leaks, recipients: None, subject: None, ..all };
    [alone.clone(), GateView { leaks: Vec::new(), is_redacted: true, ..alone }]
}

/// The page of insights in its states.
pub(in crate::web) fn insights_pages(frame: &Frame, words: &str) -> Vec<(&'static str, String)> {
    let page = |by: InsightsBy, names: &[Option<&str>], is_held_out: bool| {
        let insights = insights(by, names, is_held_out);
        let teams = [("legal".to_owned(), words.to_owned())].into();
        pages::insights(&InsightsView { frame: frame.clone(), insights, called: Called::default(), teams }).unwrap()
    };
    let weeks = [Some("2026-10-26"), Some("2026-11-02"), Some("2026-11-09"), Some("2026-11-16")];
    vec![
        ("insights", page(InsightsBy::Week, &weeks, true)),
        ("insights-intents", page(InsightsBy::Intent, &[Some("refund_request"), None], false)),
        ("insights-channels", page(InsightsBy::Channel, &[Some("slack"), Some("email")], false)),
        ("insights-teams", page(InsightsBy::Team, &[Some("legal"), None], false)),
        ("insights-empty", page(InsightsBy::Week, &[], false)),
    ]
}

fn insights(by: InsightsBy, names: &[Option<&str>], is_held_out: bool) -> Insights {
    let row = |(place, name): (u64, Option<&str>)| Row {
        name: name.map(str::to_owned),
        tickets: matches!(by, InsightsBy::Week | InsightsBy::Intent).then_some(20 + place),
        threads: 8 + place,
        answered: 7,
        median_seconds: Some(1_920),
        p90_seconds: Some(200_000),
        suggested: 4,
        avoided_by_reuse: 2,
        avoided_by_article: 1,
        reused: 0,
        sent_anyway: 1,
    };
    let rows: Vec<Row> = (0..).zip(names.iter().copied()).map(row).collect();
    let total = rows.first().cloned().map_or_else(Row::default, |row| Row { name: None, tickets: Some(83), threads: 38, ..row });
    let arm = |tickets, with_threads| ArmCount { tickets, with_threads, threads: with_threads + 3 };
    let (suggested, held_out) = (arm(900, 270), arm(100, 40));
    let since = at("2026-10-26T00:00:00Z");
    let compared = is_held_out.then(|| HoldOut { share: 0.1, since, suggested, held_out, avoided: Avoided::of(suggested, held_out) });
    let of = InsightsOf { from: since, to: at("2026-11-23T00:00:00Z"), by };
    let is_some = !rows.is_empty();
    let thumbs = is_some.then_some(Thumbs { part: Part::ReplyDraft, up: 12, down: 3 }).into_iter().collect();
    Insights { of, total, rows, not_relayed: 3, thumbs, hold_out: compared }
}
