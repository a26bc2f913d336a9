//! Made-up pages for tests and for looking at: an English and a French ticket, rich in everything a page can show.

pub(super) mod directory;
mod english;
mod exchange;
mod french;
pub(super) mod gate;
pub(super) mod incidents;
pub(super) mod search;
pub(super) mod waiting;

use std::ops::Range;

use crate::app::{Called, TriageChoices};
use crate::domain::audience::Audience;
use crate::domain::customer::Order;
use crate::domain::document::{FoundPassage, Passage};
use crate::domain::id::{
    CommentId, CustomerId, DocumentId, MessageId, PassageId, PersonId, SuggestionId, ThreadId, TicketId, ViewId, WorkspaceId,
};
use crate::domain::intake::InboxFilter;
use crate::domain::panel::{Cited, InboxRow, Shown, TicketHead};
use crate::domain::person::{Availability, Channel, Person};
use crate::domain::reason::Reason;
use crate::domain::thread::Message;
use crate::domain::ticket::Comment;
use crate::domain::time::Timestamp;
use crate::domain::triage::{Evidence, Guess, Source};
use crate::domain::view::SavedView;
use crate::domain::vocabulary::{
    EmailAddress, IncidentState, Language, OrderStatus, PersonRole, Priority, Probability, Role, Sentiment, ThreadChannel, TicketStatus,
};
use crate::web::preferences::Preferences;
use crate::web::view::{Frame, InboxQuery, InboxView};

pub(super) use english::english;
pub(super) use french::french;

pub(super) fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn bytes(kind: u8, number: u8) -> [u8; 10] {
    [kind, number, 0, 0, 0, 0, 0, 0, 0, number]
}

fn origin() -> Timestamp {
    at("2026-01-01T00:00:00Z")
}

pub(super) fn ticket_id(number: u8) -> TicketId {
    TicketId::at(origin(), bytes(1, number))
}

fn thread_id(number: u8) -> ThreadId {
    ThreadId::at(origin(), bytes(2, number))
}

fn workspace() -> WorkspaceId {
    WorkspaceId::at(origin(), bytes(3, 1))
}

fn customer_id() -> CustomerId {
    CustomerId::at(origin(), bytes(4, 1))
}

fn email(address: &str) -> EmailAddress {
    address.parse().unwrap()
}

fn chance(share: f64) -> Option<Probability> {
    Probability::new(share)
}

fn guess<T>(name: T, share: f64) -> Guess<T> {
    Guess { name, probability: chance(share) }
}

fn unsure<T>(name: T) -> Guess<T> {
    Guess { name, probability: None }
}

fn shown<T>(number: u8, because: Reason, item: T) -> Shown<T> {
    Shown { id: SuggestionId::at(origin(), bytes(5, number)), because, item }
}

pub(super) fn suggestion_id(number: u8) -> SuggestionId {
    SuggestionId::at(origin(), bytes(5, number))
}

fn comment(number: u8, author: &str, public: bool, moment: &str, body: &str) -> Comment {
    let id = CommentId::at(origin(), bytes(6, number));
    Comment { id, ticket: ticket_id(1), author: email(author), public, body: body.to_owned(), created_at: at(moment) }
}

fn message(thread: u8, number: u8, author: &str, moment: &str, body: &str) -> Message {
    let id = MessageId::at(origin(), bytes(7, number));
    Message { id, thread: thread_id(thread), author: email(author), body: body.to_owned(), created_at: at(moment) }
}

fn span(text: &str, quote: &str) -> Range<usize> {
    let start = text.find(quote).unwrap();
    start..start + quote.len()
}

fn in_text(source: Source, title: &str, text: &str, quote: &str, moment: &str) -> Evidence {
    Evidence { source, title: title.to_owned(), quote: quote.to_owned(), span: Some(span(text, quote)), at: Some(at(moment)) }
}

fn named(source: Source, title: &str, quote: &str, moment: &str) -> Evidence {
    Evidence { source, title: title.to_owned(), quote: quote.to_owned(), span: None, at: Some(at(moment)) }
}

fn cited(text: &str, evidence: &[&Evidence]) -> Cited {
    Cited { text: text.to_owned(), evidence: evidence.iter().map(|&one| one.clone()).collect() }
}

fn head(number: u8, reference: &str, subject: &str, status: TicketStatus, moment: &str) -> TicketHead {
    TicketHead { id: ticket_id(number), reference: reference.to_owned(), subject: subject.to_owned(), status, created_at: at(moment) }
}

fn passage(number: u8, title: &str, headings: &[&str], audience: Audience, language: Language, updated: &str, text: &str) -> FoundPassage {
    FoundPassage {
        passage: Passage {
            id: PassageId::at(origin(), bytes(8, number)),
            document: DocumentId::at(origin(), bytes(9, number)),
            position: 2,
            headings: headings.iter().map(|&heading| heading.to_owned()).collect(),
            text: text.to_owned(),
            span: 0..10,
        },
        external_id: title.to_lowercase(),
        title: title.to_owned(),
        language: Some(language),
        audience,
        updated_at: at(updated),
    }
}

fn passage_source(found: &FoundPassage) -> Source {
    Source::Passage(found.passage.document, found.passage.id)
}

fn person(number: u8, name: &str, address: &str, team: &str, role: PersonRole) -> Person {
    Person {
        id: PersonId::at(origin(), bytes(10, number)),
        workspace: workspace(),
        email: email(address),
        name: name.to_owned(),
        team: Some(team.parse().unwrap()),
        role,
        languages: vec![Language::ENGLISH],
        skills: vec![],
        availability: Availability::default(),
    }
}

fn channel(name: &str, kind: ThreadChannel, address: &str, expected_reply_minutes: u32, use_for: &str) -> Channel {
    Channel {
        name: name.parse().unwrap(),
        kind,
        address: address.to_owned(),
        teams: vec![],
        expected_reply_minutes,
        use_for: use_for.to_owned(),
    }
}

fn order(
    number: &str,
    placed: &str,
    delivered: Option<&str>,
    status: OrderStatus,
    total_minor: i64,
    currency: &str,
    items: &[&str],
) -> Order {
    Order {
        number: number.to_owned(),
        placed_at: at(placed),
        delivered_at: delivered.map(at),
        status,
        total_minor,
        currency: currency.to_owned(),
        items: items.iter().map(|&item| item.to_owned()).collect(),
        tracking: None,
    }
}

fn frame() -> Frame {
    Frame {
        preferences: Preferences::default(),
        nonce: "bm9uY2U".to_owned(),
        csrf: "csrf-token".to_owned(),
        user_name: "Maya Okafor".to_owned(),
        user_role: Role::Admin,
        workspace_name: "Alderwick".to_owned(),
        waiting: Some(4),
        now: at("2026-11-20T10:30:00Z"),
    }
}

/// One row: number, subject, requester, status, intent, sentiment, group, language, priority, when.
type Line = (u8, &'static str, &'static str, TicketStatus, &'static str, Sentiment, &'static str, &'static str, Priority, &'static str);

const LINES: &[Line] = &[
    (
        2,
        "IPv6 ne fonctionne plus depuis la mise à jour 3.8",
        "Antoine Lefèvre",
        TicketStatus::New,
        "connectivity_issue",
        Sentiment::Negative,
        "technical",
        "fr",
        Priority::High,
        "2026-11-20T09:41:00Z",
    ),
    (
        1,
        "Wick Cam Outdoor battery is bulging",
        "Helen Marsh",
        TicketStatus::Open,
        "warranty_claim",
        Sentiment::Negative,
        "technical",
        "en",
        Priority::Urgent,
        "2026-11-20T08:12:00Z",
    ),
    (
        3,
        "Charged twice for order AW-220561-2",
        "Declan Byrne",
        TicketStatus::Open,
        "payment_problem",
        Sentiment::VeryNegative,
        "billing",
        "en",
        Priority::High,
        "2026-11-20T07:02:00Z",
    ),
    (
        5,
        "Où est mon colis ? NVK204881736FR",
        "Camille Rousset",
        TicketStatus::Pending,
        "order_status",
        Sentiment::Neutral,
        "orders",
        "fr",
        Priority::Normal,
        "2026-11-19T16:20:00Z",
    ),
    (
        6,
        "Quote for 28 Wick Mesh Pro, net 30",
        "Ruth Ogilvie",
        TicketStatus::Open,
        "business_quote",
        Sentiment::Positive,
        "billing",
        "en",
        Priority::Normal,
        "2026-11-19T11:05:00Z",
    ),
    (
        7,
        "Doorbell keeps restarting since Tuesday",
        "Samir Khatri",
        TicketStatus::Solved,
        "warranty_claim",
        Sentiment::Negative,
        "technical",
        "en",
        Priority::Normal,
        "2026-11-17T18:44:00Z",
    ),
    (
        8,
        "Please delete my account and all clips",
        "Freya Lund",
        TicketStatus::Pending,
        "privacy_request",
        Sentiment::Neutral,
        "privacy",
        "en",
        Priority::High,
        "2026-11-16T09:30:00Z",
    ),
    (
        9,
        "Thank you, the new router is wonderful",
        "Gwen Parry",
        TicketStatus::Solved,
        "setup_help",
        Sentiment::VeryPositive,
        "technical",
        "en",
        Priority::Low,
        "2026-11-12T14:00:00Z",
    ),
    (
        10,
        "Changer d'adresse avant l'expédition",
        "Nadia Benali",
        TicketStatus::Solved,
        "change_address",
        Sentiment::Neutral,
        "orders",
        "fr",
        Priority::Normal,
        "2026-11-04T08:15:00Z",
    ),
];

pub(super) fn rows() -> Vec<InboxRow> {
    let mut rows: Vec<InboxRow> = LINES
        .iter()
        .map(|&(number, subject, requester, status, intent, sentiment, group, language, priority, moment)| InboxRow {
            head: head(number, &format!("T-{}", 1040 + u32::from(number)), subject, status, moment),
            requester: requester.to_owned(),
            intent: Some(intent.to_owned()),
            is_out_of_scope: false,
            sentiment: Some(sentiment),
            group: Some(group.to_owned()),
            language: Some(language.parse().unwrap()),
            priority: Some(priority),
            panel_ready: true,
        })
        .collect();
    let unread = InboxRow {
        head: head(
            20,
            "T-1060",
            "Camera says “offline” but the light is green, tried everything in the guide twice and still nothing at all",
            TicketStatus::New,
            "2026-11-20T10:28:30Z",
        ),
        requester: "Oliver Thwaite".to_owned(),
        intent: None,
        is_out_of_scope: false,
        sentiment: None,
        group: None,
        language: None,
        priority: None,
        panel_ready: false,
    };
    let unclear = InboxRow {
        head: head(21, "T-1059", "Question", TicketStatus::New, "2026-11-20T10:02:00Z"),
        requester: "j.whitlock@post.example".to_owned(),
        intent: None,
        is_out_of_scope: false,
        sentiment: Some(Sentiment::Neutral),
        group: None,
        language: Some(Language::ENGLISH),
        priority: Some(Priority::Normal),
        panel_ready: true,
    };
    rows.insert(0, unread);
    rows.insert(1, unclear);
    rows
}

/// What a ticket can be said to be.
pub(super) fn choices() -> TriageChoices {
    let intents = ["refund_request", "swollen_battery", "where_is_my_order"].map(|name| name.parse().unwrap()).into();
    TriageChoices { intents, groups: ["billing", "technical"].map(|name| name.parse().unwrap()).into(), called: Called::default() }
}

pub(super) fn inbox() -> InboxView {
    InboxView {
        offers_tour: true,
        incidents: vec![incidents::standing(IncidentState::Growing, &["Norvik", "returning"])],
        frame: frame(),
        rows: rows(),
        query: InboxQuery::default(),
        counts: [(TicketStatus::New, 3), (TicketStatus::Open, 3), (TicketStatus::Pending, 2), (TicketStatus::Solved, 146)].into(),
        groups: ["billing", "orders", "privacy", "subscriptions", "technical"].map(|name| name.parse().unwrap()).into(),
        next_cursor: Some("b2xkZXI=".to_owned()),
        pending: 0,
        may_work: true,
        choices: choices(),
        corrected: Some((2, 3)),
        views: vec![view(1, "Swollen batteries", Some("battery")), view(2, "Everything of billing that came before the holidays", None)],
    }
}

fn view(number: u8, name: &str, words: Option<&str>) -> SavedView {
    let filter = InboxFilter { group: Some("billing".parse().unwrap()), words: words.map(str::to_owned), ..InboxFilter::default() };
    SavedView { id: ViewId::at(origin(), bytes(11, number)), name: name.to_owned(), filter }
}

pub(super) fn empty_inbox() -> InboxView {
    InboxView { rows: vec![], counts: [].into(), groups: vec![], next_cursor: None, incidents: vec![], ..inbox() }
}
