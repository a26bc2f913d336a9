//! Pages of the directory and the administration, with the same hostile words in every place where somebody writes.

use crate::app::{Called, Profile};
use crate::domain::document::{Document, DocumentHead};
use crate::domain::head::{HeadMetrics, HeadVersion, SuspectLabel, Threshold, ThresholdAdvice};
use crate::domain::id::{DeliveryId, PassageId, QuestionId, WebhookId};
use crate::domain::library::{Coverage, DocumentUse, Gaps, OpenDocument, Refusal, Shelved, Unanswered};
use crate::domain::panel::TicketHead;
use crate::domain::vocabulary::{DeliveryState, HeadPart, Register, WebhookEnd, WebhookEvent};
use crate::domain::webhook::{Delivery, Disabled, MessageKind, Webhook};
use crate::web::listing::{Act, Cell, Choice, Field, FormView, Line, ListView, ListsView, OnceView, Place, Report};
use crate::web::pages::{self, CustomerView, DocumentView, GapsView, LearningView, PersonView, WebhookView};
use crate::web::sample::{english, ticket_id};
use crate::web::tour::{TourStop, TourView};
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;

/// Every page in its states.
pub(in crate::web) fn directory_pages(frame: &Frame, words: &str) -> Vec<(&'static str, String)> {
    let list = |place: Place, filled: bool, searched: &str| {
        let view = ListView {
            frame: frame.clone(),
            place,
            words: Some(searched.to_owned()),
            lines: if filled { vec![line(frame, place, words, true), line(frame, place, words, false)] } else { Vec::new() },
            first: filled.then(|| place.path().to_owned()),
            next: filled.then(|| place.path().to_owned()),
            may_write: true,
            told: filled.then(|| Text::new("account-changed")),
        };
        pages::list(&view).unwrap()
    };
    let lists = |report: Report| {
        pages::lists(&ListsView { frame: frame.clone(), may_write: true, chosen: Register::Customers, report: Some(report) }).unwrap()
    };
    vec![
        ("people", list(Place::People, true, words)),
        ("people-empty", list(Place::People, false, "")),
        ("people-no-match", list(Place::People, false, words)),
        ("teams", list(Place::Teams, true, "")),
        ("channels", list(Place::Channels, true, "")),
        ("customers", list(Place::Customers, true, "")),
        ("users", list(Place::Users, true, "")),
        ("tokens", list(Place::Tokens, true, "")),
        ("webhooks", list(Place::Webhooks, true, "")),
        ("webhooks-empty", list(Place::Webhooks, false, "")),
        ("webhook", pages::webhook(&webhook(frame, words, None)).unwrap()),
        ("webhook-disabled", pages::webhook(&webhook(frame, words, Some(WebhookEnd::Failing))).unwrap()),
        ("learning", pages::learning(&learning(frame, words)).unwrap()),
        ("learning-none", pages::learning(&LearningView { versions: vec![], advice: None, ..learning(frame, words) }).unwrap()),
        ("form", pages::form(&form(frame, words)).unwrap()),
        ("once", pages::once(&once(frame, words)).unwrap()),
        ("lists-refused", lists(Report::Refused { faults: vec![(3, words.to_owned()), (0, words.to_owned())], more: 2 })),
        ("lists-done", lists(Report::Done(Text::new("lists-done").with("created", 1_u64).with("updated", 2_u64).with("unchanged", 3_u64)))),
        ("person", pages::person(&person(frame, words)).unwrap()),
        ("customer", pages::customer(&customer(frame, words)).unwrap()),
        ("documents", list(Place::Knowledge, true, words)),
        ("document", pages::document(&document(frame, words)).unwrap()),
        ("gaps", pages::gaps(&gaps(frame, words)).unwrap()),
        ("tour", pages::tour(&tour(frame, words, true)).unwrap()),
        ("tour-own", pages::tour(&tour(frame, words, false)).unwrap()),
        ("gaps-none", pages::gaps(&GapsView { frame: frame.clone(), called: Called::default(), gaps: Gaps::default() }).unwrap()),
    ]
}

fn learning(frame: &Frame, words: &str) -> LearningView {
    let version = |n, held| HeadVersion {
        n,
        encoder: "e".to_owned(),
        playbook: "p".to_owned(),
        data_hash: "d".to_owned(),
        examples: 312,
        seconds: 3.1,
        metrics: HeadPart::ALL
            .iter()
            .map(|part| HeadMetrics {
                part: *part,
                classes: 24,
                examples: 312,
                judged: 205,
                accuracy: Some(0.82),
                macro_f1: Some(0.79),
                ece: (*part == HeadPart::Intent).then_some(0.04),
                calibration: None,
                cost: 10.0,
                words: 0.7,
            })
            .collect(),
        created_by: words.to_owned(),
        created_at: frame.now,
        held,
        answers: held,
    };
    let curve: Vec<Threshold> = (1..=20_u8)
        .map(|step| {
            let coverage = f64::from(step) / 20.0;
            Threshold { least: 1.0 - coverage, coverage, precision: 1.0 - 0.25 * coverage * coverage }
        })
        .collect();
    LearningView {
        frame: frame.clone(),
        part: HeadPart::Intent,
        precision: 95,
        advice: Some(ThresholdAdvice {
            version: 2,
            part: HeadPart::Intent,
            precision: 0.95,
            judged: 205,
            expected: Some(curve[8]),
            sure: None,
            controlled: Some(curve[10]),
            curve,
        }),
        versions: vec![version(3, false), version(2, true)],
        suspects: vec![SuspectLabel {
            ticket: ticket_id(31),
            reference: "T-1031".to_owned(),
            label: "warranty_claim".to_owned(),
            probability: 0.02,
            likelier: "oos".to_owned(),
            likelier_probability: 0.9,
        }],
        called: Called::default(),
        may_write: true,
    }
}

fn tour(frame: &Frame, words: &str, is_demo: bool) -> TourView {
    let to = |ticket| Some(("/tickets/1#part-ask".to_owned(), ticket));
    let stops = [
        ("tour-inbox", "tour-inbox-text", to(None)),
        ("tour-ask", "tour-ask-text", is_demo.then(|| to(Some((words.to_owned(), words.to_owned())))).flatten()),
    ];
    TourView { frame: frame.clone(), stops: stops.map(|(title, text, to)| TourStop { title, text, to }).into(), is_demo }
}

fn line(frame: &Frame, place: Place, words: &str, is_over: bool) -> Line {
    let cell = |column: usize| match column % 4 {
        0 => Cell::Words(words.to_owned()),
        1 => Cell::Mark("badge-public", Text::new("tokens-in-force")),
        2 => Cell::When(frame.now),
        _ => Cell::Words(String::new()),
    };
    Line {
        href: is_over.then(|| place.path().to_owned()),
        title: words.to_owned(),
        below: words.to_owned(),
        cells: (1..place.columns().len()).map(cell).collect(),
        is_over,
        act: is_over.then(|| Act { action: "/tokens/1/revoke".to_owned(), label: "tokens-revoke", help: "tokens-revoke-help" }),
    }
}

fn form(frame: &Frame, words: &str) -> FormView {
    let choices = || vec![Choice::new("a", words, true), Choice::new("b", words, false)];
    let view = FormView {
        frame: frame.clone(),
        place: Place::People,
        title: Text::new("form-title").with("name", words),
        help: Some(Text::new("people-playbook")),
        action: "/people".to_owned(),
        fields: vec![
            Field::line("email", "field-email", words).of("email", "off").required().fixed(true),
            Field::line("name", "field-name", words).with_help("field-hours-help"),
            Field::area("skills", "field-skills", format!("</textarea>{words}")),
            Field::choice("role", "field-role", choices()),
            Field::choices("teams", "field-user-teams", choices()).with_help("field-user-teams-help"),
            Field::file("file", "knowledge-file", ".md").with_help("knowledge-file-help"),
            Field::hidden("id", &words),
        ],
        submit: Some("form-save"),
        back: "/people".to_owned(),
        problem: None,
        told: Some(Text::new("account-changed")),
        acts: vec![Act { action: "/people/1/delete".to_owned(), label: "people-delete", help: "people-delete-help" }],
    };
    view.refused("/name", Detail::English(words.to_owned()))
}

fn shelved(words: &str, shown: u32) -> Shelved {
    let found = english().panel.unwrap().passages.remove(0).item;
    let head = DocumentHead {
        id: found.passage.document,
        external_id: words.to_owned(),
        title: words.to_owned(),
        language: found.language,
        audience: found.audience,
        updated_at: found.updated_at,
        passages: 3,
    };
    Shelved { head, pending: 1, used: DocumentUse { shown, cited: shown / 2 } }
}

fn document(frame: &Frame, words: &str) -> DocumentView {
    let mut found = english().panel.unwrap().passages.remove(0).item;
    words.clone_into(&mut found.passage.text);
    found.passage.headings = vec![words.to_owned()];
    let document = Document {
        id: found.passage.document,
        workspace: english().history.ticket.workspace,
        external_id: words.to_owned(),
        title: words.to_owned(),
        language: found.language,
        audience: found.audience.clone(),
        content_hash: String::new(),
        updated_at: found.updated_at,
        text: words.to_owned(),
    };
    let tickets =
        vec![TicketHead { subject: words.to_owned(), reference: words.to_owned(), ..TicketHead::from(&english().history.ticket) }];
    let mut waiting = found.clone();
    waiting.passage.id = PassageId::at(frame.now, [8; 10]);
    let passages = vec![(found, true), (waiting, false)];
    let used = DocumentUse { shown: 12, cited: 1 };
    DocumentView { frame: frame.clone(), open: OpenDocument { document, passages, used, thumbs: (2, 1), tickets }, may_write: true }
}

fn gaps(frame: &Frame, words: &str) -> GapsView {
    let ticket = document(frame, words).open.tickets.remove(0);
    let asked = Unanswered { id: QuestionId::at(frame.now, [7; 10]), question: words.to_owned(), ticket, asked_at: frame.now };
    let gaps = Gaps {
        coverage: vec![
            Coverage { intent: "delivery_problem".parse().ok(), tickets: 14, answered: 3 },
            Coverage { intent: None, tickets: 2, answered: 2 },
        ],
        unanswered: vec![asked],
        most_used: vec![shelved(words, 31), shelved(words, 1)],
        unused: vec![shelved(words, 0)],
        refusals: vec![Refusal { external_id: words.to_owned(), reason: words.to_owned(), refused_at: frame.now }],
    };
    GapsView { frame: frame.clone(), called: Called::default(), gaps }
}

fn webhook(frame: &Frame, words: &str, end: Option<WebhookEnd>) -> WebhookView {
    let id = WebhookId::at(frame.now, [3; 10]);
    let webhook = Webhook {
        id,
        workspace: english().history.ticket.workspace,
        url: format!("https://hooks.example/{words}"),
        events: WebhookEvent::ALL.iter().copied().collect(),
        description: Some(words.to_owned()),
        created_by: "user:1".to_owned(),
        created_at: frame.now,
        former_secret_until: None,
        failing_since: Some(frame.now),
        disabled: end.map(|reason| Disabled { at: frame.now, reason }),
    };
    let delivery = |state, kind, attempts: u8, reason: Option<&str>| Delivery {
        id: DeliveryId::at(frame.now, [attempts; 10]),
        webhook: id,
        kind,
        ticket: reason.map(|_| english().history.ticket.id),
        state,
        attempts: attempts.into(),
        created_at: frame.now,
        next_attempt_at: (state == DeliveryState::Waiting).then_some(frame.now),
        last_attempt_at: (attempts > 0).then_some(frame.now),
        last_status: (state == DeliveryState::Delivered).then_some(204),
        reason: reason.map(str::to_owned),
    };
    let triaged = MessageKind::Event(WebhookEvent::TicketTriaged);
    let deliveries = vec![
        delivery(DeliveryState::Waiting, MessageKind::Ping, 0, None),
        delivery(DeliveryState::Waiting, triaged, 2, Some(words)),
        delivery(DeliveryState::Delivered, triaged, 1, None),
        delivery(DeliveryState::Failed, triaged, 10, Some("it answered 503")),
    ];
    WebhookView { frame: frame.clone(), webhook, deliveries, may_write: true }
}

fn once(frame: &Frame, words: &str) -> OnceView {
    OnceView {
        frame: frame.clone(),
        place: Place::Users,
        title: Text::new("users-invited").with("name", words),
        help: Text::new("users-link-help"),
        secret: format!("https://desk.example/sign-in/{words}"),
        until: Some(frame.now),
        back: "/users".to_owned(),
    }
}

fn person(frame: &Frame, words: &str) -> PersonView {
    let mut lately = english().threads;
    let mut person =
        crate::web::sample::person(1, words, "ingrid.solberg@alderwick.example", "hardware", crate::domain::vocabulary::PersonRole::Expert);
    person.skills = vec![words.to_owned()];
    person.availability.hours = Some(words.to_owned());
    person.availability.away_until = "2026-12-03".parse().ok();
    person.availability.away_note = Some(words.to_owned());
    for message in lately.iter_mut().flat_map(|history| &mut history.messages) {
        words.clone_into(&mut message.body);
        message.author = person.email.clone();
    }
    let profile = Profile { person, team: None, lately, open_threads: 2 };
    PersonView { frame: frame.clone(), profile, team: Some(words.to_owned()), is_away: true, may_write: true }
}

fn customer(frame: &Frame, words: &str) -> CustomerView {
    let view = english();
    let mut customer = view.customer;
    for text in [&mut customer.name, &mut customer.organisation, &mut customer.notes, &mut customer.external_id] {
        *text = Some(words.to_owned());
    }
    let mut ticket = view.history.ticket;
    words.clone_into(&mut ticket.subject);
    CustomerView { frame: frame.clone(), customer, owner: Some(words.to_owned()), tickets: vec![ticket], may_write: true }
}
