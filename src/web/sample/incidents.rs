//! The incidents' pages, with the same hostile words in every place where somebody writes.

use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Standing};
use crate::domain::panel::TicketHead;
use crate::domain::vocabulary::{IncidentState, TicketStatus};
use crate::web::pages::{self, IncidentView, IncidentsView};
use crate::web::sample::{at, bytes, origin, ticket_id};
use crate::web::view::Frame;

/// An incident that stands so.
pub(in crate::web) fn standing(state: IncidentState, about: &[&str]) -> Standing {
    Standing {
        id: IncidentId::at(origin(), bytes(12, 1)),
        about: about.iter().map(|word| (*word).to_owned()).collect(),
        tickets: 7,
        first_seen: at("2026-11-20T09:40:00Z"),
        last_seen: at("2026-11-20T12:05:00Z"),
        last_hour: if state == IncidentState::Growing { 3 } else { 0 },
        state,
    }
}

/// The pages in their states.
pub(in crate::web) fn incident_pages(frame: &Frame, words: &str) -> Vec<(&'static str, String)> {
    let list = |incidents: Vec<Standing>, next_cursor: Option<String>| {
        pages::incidents(&IncidentsView { frame: frame.clone(), incidents, next_cursor }).unwrap()
    };
    let all = IncidentState::ALL.iter().map(|state| standing(*state, &[words, "returning"])).collect();
    let ticket = |number: u8| TicketHead {
        id: ticket_id(number),
        reference: words.to_owned(),
        subject: words.to_owned(),
        status: TicketStatus::Open,
        created_at: at("2026-11-20T09:40:00Z"),
    };
    let standing = standing(IncidentState::Growing, &[words]);
    let incident = Incident { id: standing.id, about: standing.about.clone(), tickets: (1..=7).map(ticket).collect() };
    vec![
        ("incidents", list(all, Some("b2xkZXI=".to_owned()))),
        ("incidents-none", list(Vec::new(), None)),
        ("incident", pages::incident(&IncidentView { frame: frame.clone(), incident, standing }).unwrap()),
    ]
}

/// The account of a triage in which everything happened that can happen.
pub(in crate::web) fn account(words: &str) -> crate::domain::why::Why {
    use crate::domain::triage::{Evidence, Source};
    use crate::domain::vocabulary::WhyTopic;
    use crate::domain::why::{Fact, Step, Term, Why};
    let term = |text: &str, weight: Option<f32>| Term { text: text.to_owned(), weight };
    let likely = |value| crate::domain::vocabulary::Probability::new(value).unwrap();
    let evidence =
        |source: Source, title: &str| Evidence { source, title: title.to_owned(), quote: words.to_owned(), span: None, at: None };
    let step = |topic: WhyTopic, fact: Fact| Step { topic, fact, terms: Vec::new(), evidence: Vec::new() };
    let intent = Fact::IntentHeld { intent: "warranty_claim".parse().unwrap(), probability: likely(0.93), least: likely(0.5) };
    let nearly = Fact::RuleNearly {
        rule: words.to_owned(),
        condition: crate::domain::vocabulary::RuleCondition::Words,
        wanted: vec![words.to_owned(), "solicitor".to_owned()],
    };
    Why {
        steps: vec![
            step(WhyTopic::Text, Fact::Read { words: 124, sentences: 9 }),
            step(WhyTopic::Text, Fact::LanguageFound { language: crate::domain::vocabulary::Language::ENGLISH }),
            Step {
                topic: WhyTopic::Intent,
                fact: intent,
                terms: vec![term("battery", Some(1.4)), term("swollen", Some(0.8)), term("invoice", Some(-0.7))],
                evidence: vec![evidence(Source::Ticket(ticket_id(4)), "T-1001"), evidence(Source::Playbook, "warranty_claim")],
            },
            step(WhyTopic::Rules, nearly),
            Step { topic: WhyTopic::Mood, fact: Fact::Danger, terms: vec![term(words, None)], evidence: Vec::new() },
            step(WhyTopic::Duplicates, Fact::NoDuplicate { compared: 10 }),
            step(WhyTopic::Incident, Fact::IncidentFew { customers: 2, least: 4, hours: 6 }),
        ],
    }
}
