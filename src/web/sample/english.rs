//! A swollen battery, told in English: every part of the panel speaks.

use crate::domain::audience::Audience;
use crate::domain::customer::Customer;
use crate::domain::panel::{
    Advice, ChannelAdvice, EndDraft, Expert, LooseEnd, LooseEndKind, Panel, ReplyDraft, SimilarThread, SimilarTicket, Summary, ThreadDraft,
    ThreadSummary,
};
use crate::domain::reason::Reason;
use crate::domain::reason::sample::all;
use crate::domain::thread::{Thread, ThreadHistory};
use crate::domain::ticket::{Ticket, TicketHistory};
use crate::domain::told::{Fact, Parts, Told};
use crate::domain::triage::{Entity, Evidence, Origins, Route, Source, Triage};
use crate::domain::vocabulary::{
    EndDraftKind, IncidentState, Language, NextStep, OrderStatus, Part, PersonRole, Priority, RouteBy, Sentiment, ThreadChannel,
    ThreadStanding, ThreadStatus, TicketChannel, TicketStatus, Tier, Urgency, Verdict,
};
use crate::web::sample::exchange::exchange;
use crate::web::sample::incidents::{account, standing};
use crate::web::sample::{
    at, channel, choices, cited, comment, customer_id, email, frame, guess, head, in_text, message, named, order, passage, passage_source,
    person, rows, shown, span, suggestion_id, thread_id, ticket_id, workspace,
};
use crate::web::view::{InboxQuery, TicketView};

const SUBJECT: &str = "Wick Cam Outdoor battery is bulging";
const BODY: &str = "Hello,\n\nThe battery pack of one of our outdoor cameras (serial WCO-7K2M9QXA, order AW-204518-6) has swollen so much that the lid no longer closes. It was charging on a window sill in the surgery's waiting room, and I have unplugged it. Two more cameras from the same delivery are still in use.\n\nIs it safe to send it back by post? And should we switch the other two off?\n\nKind regards,\nHelen\n-- \nHelen Marsh\nPractice manager, Harrowgate Dental\n01632 960118";
const ANSWER: &str = "Hello Helen,\n\nThank you for unplugging it straight away. Please leave the pack outside on a hard surface, away from anything that burns, and do not charge it again. I am asking our hardware engineers about the other two cameras and will come back to you today.\n\nTom";
const PRESSING: &str = "It is outside on the concrete now. We have patients here all day, so I need to know about the other two before noon if at all possible.\n\nOn Fri, 20 Nov 2026 at 08:40, Tom Hargreaves <support@alderwick.example> wrote:\n> Hello Helen,\n>\n> Thank you for unplugging it straight away. Please leave the pack outside\n> on a hard surface, away from anything that burns.";
const NOTE: &str =
    "Third BP-20 swelling this month. The other two were from Kestrel lot 26-08 as well, check the lot number before we promise anything.";
const ASK: &str = "Ingrid, a dental practice has a swollen BP-20 (WCO-7K2M9QXA) and two more cameras from the same delivery in use. May they keep those two running, or should they take the packs out today?";
const LOT_ASK: &str =
    "Hello Carla, could you tell us which lot the BP-20 pack in serial WCO-7K2M9QXA belongs to, and whether you know of swelling in it?";
const LOT_ANSWER: &str = "Hello Tom, that serial left us with lot 26-08. We have two reports of swelling from it and are testing retained samples this week. Please have customers take packs of this lot out of use until we know more.";

const TOM: &str = "tom.hargreaves@alderwick.example";
const INGRID: &str = "ingrid.solberg@alderwick.example";
const CARLA: &str = "carla.mendes@kestrel-components.example";

fn said_by(who: &str, text: &str, evidence: &Evidence) -> Told {
    let said = cited(&evidence.quote, &[evidence]);
    Told { text: text.to_owned(), language: Language::ENGLISH, by: email(who), to: None, said }
}

fn draft(kind: EndDraftKind, to: &[&str], text: &str, evidence: Evidence) -> EndDraft {
    let to = to.iter().map(|who| email(who)).collect();
    EndDraft { kind, to, language: Language::ENGLISH, text: text.to_owned(), evidence: vec![evidence] }
}

fn customer() -> Customer {
    Customer {
        id: customer_id(),
        workspace: workspace(),
        external_id: Some("C-014".to_owned()),
        email: email("helen.marsh@harrowgate-dental.example"),
        name: Some("Helen Marsh".to_owned()),
        organisation: Some("Harrowgate Dental".to_owned()),
        tier: Tier::Business,
        account_owner: None,
        language: Some(Language::ENGLISH),
        notes: Some("Prefers a call back before noon.".to_owned()),
        orders: vec![
            order(
                "AW-187203-0",
                "2023-05-04T10:00:00Z",
                Some("2023-05-07T10:00:00Z"),
                OrderStatus::Delivered,
                44_900,
                "GBP",
                &["Wick Mesh Pro 3-pack"],
            ),
            order("AW-198340-4", "2025-02-11T10:00:00Z", Some("2025-02-13T10:00:00Z"), OrderStatus::Returned, 9_900, "GBP", &["Wick Bell"]),
            order(
                "AW-204518-6",
                "2026-09-28T10:00:00Z",
                Some("2026-10-01T10:00:00Z"),
                OrderStatus::Delivered,
                38_700,
                "GBP",
                &["3 × Wick Cam Outdoor"],
            ),
            order("AW-311872-1", "2026-11-18T10:00:00Z", None, OrderStatus::Shipped, 5_800, "GBP", &["2 × Wick Sense"]),
        ],
        created_at: at("2023-05-02T09:00:00Z"),
    }
}

fn history() -> TicketHistory {
    let ticket = Ticket {
        id: ticket_id(1),
        workspace: workspace(),
        external_id: Some("T-1041".to_owned()),
        subject: SUBJECT.to_owned(),
        body: BODY.to_owned(),
        requester: customer_id(),
        channel: TicketChannel::Email,
        status: TicketStatus::Open,
        priority: Some(Priority::Urgent),
        group: Some("technical".parse().unwrap()),
        assignee: Some(email(TOM)),
        tags: vec!["safety".to_owned()],
        language: None,
        custom_fields: [].into(),
        created_at: at("2026-11-20T08:12:00Z"),
        updated_at: at("2026-11-20T10:05:00Z"),
        solved_at: None,
    };
    let comments = vec![
        comment(1, TOM, true, "2026-11-20T08:40:00Z", ANSWER),
        comment(2, "maya.okafor@alderwick.example", false, "2026-11-20T08:52:00Z", NOTE),
        comment(3, "helen.marsh@harrowgate-dental.example", true, "2026-11-20T10:05:00Z", PRESSING),
    ];
    TicketHistory { ticket, comments }
}

fn threads() -> Vec<ThreadHistory> {
    let thread = |number: u8, name: &str, kind, subject: &str, status, who: &str, from: &str, to: &str| Thread {
        id: thread_id(number),
        workspace: workspace(),
        external_id: Some(name.to_owned()),
        ticket: ticket_id(1),
        channel: kind,
        subject: subject.to_owned(),
        status,
        opened_by: email(TOM),
        participants: vec![email(who)],
        created_at: at(from),
        updated_at: at(to),
    };
    vec![
        ThreadHistory {
            thread: thread(
                1,
                "SC-131",
                ThreadChannel::Email,
                "Lot of BP-20 in WCO-7K2M9QXA",
                ThreadStatus::Closed,
                CARLA,
                "2026-11-20T08:45:00Z",
                "2026-11-20T09:30:00Z",
            ),
            messages: vec![message(1, 1, TOM, "2026-11-20T08:45:00Z", LOT_ASK), message(1, 2, CARLA, "2026-11-20T09:30:00Z", LOT_ANSWER)],
        },
        ThreadHistory {
            thread: thread(
                2,
                "SC-132",
                ThreadChannel::Slack,
                "Swollen BP-20 at a dental practice",
                ThreadStatus::Open,
                INGRID,
                "2026-11-20T08:58:00Z",
                "2026-11-20T08:58:00Z",
            ),
            messages: vec![message(2, 3, TOM, "2026-11-20T08:58:00Z", ASK)],
        },
    ]
}

#[expect(clippy::too_many_lines, reason = "one whole panel, told in order")]
fn panel() -> Panel {
    let (history, threads) = (history(), threads());
    let ticket = Source::Ticket(ticket_id(1));
    let opening = |quote: &str| in_text(ticket, "T-1041", &history.ticket.body, quote, "2026-11-20T08:12:00Z");
    let said = |place: usize, quote: &str| {
        let comment = &history.comments[place];
        in_text(Source::Comment(comment.ticket, comment.id), "T-1041, comment", &comment.body, quote, "2026-11-20T08:52:00Z")
    };
    let wrote = |thread: usize, place: usize, quote: &str| {
        let held = &threads[thread];
        let message = &held.messages[place];
        in_text(
            Source::Message(message.thread, message.id),
            held.thread.external_id.as_deref().unwrap(),
            &message.body,
            quote,
            "2026-11-20T09:30:00Z",
        )
    };
    let safety = passage(
        1,
        "BP-20 battery safety",
        &["Swelling", "What the customer must do"],
        Audience::Teams(["hardware", "support"].map(|team| team.parse().unwrap()).into()),
        Language::ENGLISH,
        "2026-08-14T09:00:00Z",
        "A swollen BP-20 is a safety case. The customer stops using the pack at once, does not charge it and puts it outdoors on a surface that does not burn. The pack is never posted and never thrown in household waste: Hardware Engineering decides within one working day how it is collected. The replacement is always free, whatever the age of the camera and whether or not there is a proof of purchase.",
    );
    let warranty = passage(
        2,
        "Warranty and repairs",
        &["Replacements", "Care Business"],
        Audience::Public,
        Language::ENGLISH,
        "2026-03-02T09:00:00Z",
        "With Care Business the replacement leaves our warehouse before the faulty device has come back.",
    );
    let safety_cite = named(
        passage_source(&safety),
        "BP-20 battery safety",
        "The pack is never posted and never thrown in household waste",
        "2026-08-14T09:00:00Z",
    );
    let free_cite = named(passage_source(&safety), "BP-20 battery safety", "The replacement is always free", "2026-08-14T09:00:00Z");
    let lot_cite = wrote(0, 1, "Please have customers take packs of this lot out of use until we know more.");
    let old_message = |number: u8, title: &str, quote: &str, moment: &str| {
        named(Source::Message(thread_id(number), message(number, number, INGRID, moment, "").id), title, quote, moment)
    };
    let old_answer =
        old_message(12, "SC-108", "Take every pack of the lot out, we send BP-20B packs the same day.", "2026-10-06T13:10:00Z");
    let solved = named(
        Source::Ticket(ticket_id(32)),
        "T-0987",
        "We sent two replacement packs by courier and had the old one collected.",
        "2026-10-07T09:00:00Z",
    );
    let hw = channel("hw-escalations", ThreadChannel::Slack, "#hw-escalations", 45, "batteries, radio, safety");
    let ingrid = Reason::Answered {
        reference: "SC-108".to_owned(),
        at: at("2026-10-06T13:10:00Z"),
        more: 3,
        usual: None,
        skills: all(&["battery safety"]),
    };
    Panel {
        ticket: ticket_id(1),
        made_at: at("2026-11-20T10:05:04Z"),
        customer: customer(),
        customer_tickets: vec![
            head(30, "T-0911", "Mesh point in the basement drops out", TicketStatus::Solved, "2026-08-20T08:00:00Z"),
            head(31, "T-0644", "Return of the doorbell", TicketStatus::Solved, "2025-02-20T08:00:00Z"),
        ],
        triage: Triage {
            intents: vec![guess("warranty_claim".parse().unwrap(), 0.912), guess("return_exchange".parse().unwrap(), 0.061), guess("setup_help".parse().unwrap(), 0.004)],
            intent: Some("warranty_claim".parse().unwrap()),
            also: vec![guess("return_exchange".parse().unwrap(), 0.62)],
            sentiment: Some(guess(Sentiment::Negative, 0.78)),
            urgency: Some(guess(Urgency::Critical, 0.86)),
            language: Some(guess(Language::ENGLISH, 0.998)),
            entities: vec![
                Entity { kind: "serial".to_owned(), text: "WCO-7K2M9QXA".to_owned(), value: "WCO-7K2M9QXA".to_owned(), span: span(BODY, "WCO-7K2M9QXA"), personal: false, checked: None, comment: None },
                Entity { kind: "order".to_owned(), text: "AW-204518-6".to_owned(), value: "AW-204518-6".to_owned(), span: span(BODY, "AW-204518-6"), personal: false, checked: Some(true), comment: None },
                Entity { kind: "order".to_owned(), text: "AW-204581-2".to_owned(), value: "AW-204581-2".to_owned(), span: 0..1, personal: false, checked: Some(false), comment: None },
                Entity { kind: "phone".to_owned(), text: "01632 960118".to_owned(), value: "+441632960118".to_owned(), span: span(BODY, "01632 960118"), personal: true, checked: None, comment: None },
            ],
            priority: Priority::Urgent,
            route: Some(Route { group: "technical".parse().unwrap(), assignee: Some(email(TOM)), by: RouteBy::Rule, because: "swollen batteries are urgent".to_owned(), probability: None }),
            tags: vec!["safety".to_owned(), "bp-20".to_owned()],
            duplicates: vec![ticket_id(32)],
            evidence: vec![opening("has swollen so much that the lid no longer closes")],
            abstained: None,
            corrected: None,
            said_duplicates: Vec::new(),
            incident: Some(standing(IncidentState::Growing, &["Wick Cam Outdoor", "battery"])),
            origins: Origins::default(),
        },
        summary: Summary {
            sentences: vec![
                cited("Helen's BP-20 pack has swollen so much that the camera's lid no longer closes; it is unplugged and outside.", &[&opening("has swollen so much that the lid no longer closes"), &said(2, "It is outside on the concrete now.")]),
                cited("Two more cameras from the same delivery are still in use, and she needs an answer about them before noon.", &[&opening("Two more cameras from the same delivery are still in use."), &said(2, "I need to know about the other two before noon")]),
                cited("Maya notes that earlier cases came from Kestrel lot 26-08.", &[&said(1, "The other two were from Kestrel lot 26-08 as well")]),
            ],
        },
        thread_summaries: vec![
            ThreadSummary {
                thread: thread_id(1),
                reference: "SC-131".to_owned(),
                subject: "Lot of BP-20 in WCO-7K2M9QXA".to_owned(),
                asked: Some(cited("Tom asked which lot the pack belongs to and whether swelling is known.", &[&wrote(0, 0, "which lot the BP-20 pack in serial WCO-7K2M9QXA belongs to")])),
                answered: Some(cited("Carla Mendes: it is lot 26-08; packs of this lot should be taken out of use.", &[&wrote(0, 1, "that serial left us with lot 26-08."), &lot_cite])),
                sentences: vec![cited("Kestrel is testing retained samples this week.", &[&wrote(0, 1, "testing retained samples this week")])],
                parts: Parts {
                    answered: Some(said_by(CARLA, "Carla says: “that serial left us with lot 26-08.”", &wrote(0, 1, "that serial left us with lot 26-08."))),
                    facts: vec![Fact { kind: "serial".to_owned(), text: "WCO-7K2M9QXA".to_owned(), value: "WCO-7K2M9QXA".to_owned(), said: cited("WCO-7K2M9QXA", &[&wrote(0, 0, "WCO-7K2M9QXA")]) }],
                    to_tell: vec![said_by(CARLA, "Carla asks to take the packs of this lot out of use.", &wrote(0, 1, "Please have customers take packs of this lot out of use"))],
                    ..Parts::default()
                },
                standing: ThreadStanding::AnsweredNotRelayed,
                waiting_on: None,
                waiting_since: None,
            },
            ThreadSummary {
                thread: thread_id(2),
                reference: "SC-132".to_owned(),
                subject: "Swollen BP-20 at a dental practice".to_owned(),
                asked: Some(cited("Tom asked whether the two other cameras may stay in use.", &[&wrote(1, 0, "May they keep those two running")])),
                answered: None,
                sentences: vec![],
                parts: Parts {
                    asked: Some(said_by(TOM, "Tom asks Ingrid: “May they keep those two running, or should they take the packs out today?”", &wrote(1, 0, "May they keep those two running"))),
                    open_questions: vec![said_by(TOM, "Tom asks Ingrid: “May they keep those two running, or should they take the packs out today?”", &wrote(1, 0, "May they keep those two running"))],
                    ..Parts::default()
                },
                standing: ThreadStanding::Stalled,
                waiting_on: Some(email(INGRID)),
                waiting_since: Some(at("2026-11-20T08:58:00Z")),
            },
        ],
        next_step: Some(Advice {
            step: guess(NextStep::Answer, 0.81),
            reason: Reason::AnswerKnown { name: "Carla Mendes".to_owned() },
            evidence: vec![lot_cite.clone(), safety_cite.clone()],
        }),
        passages: vec![
            shown(1, Reason::PassageAlike { words: all(&["swollen", "post", "pack"]), updated_at: safety.updated_at, is_old: false }, safety),
            shown(2, Reason::PassageAlike { words: vec![], updated_at: warranty.updated_at, is_old: true }, warranty),
        ],
        similar_tickets: vec![
            shown(3, Reason::TicketAlike { words: all(&["battery", "swollen"]), solved_at: Some(at("2026-10-07T15:00:00Z")) }, SimilarTicket { head: head(32, "T-0987", "Camera battery swollen, hot to the touch", TicketStatus::Solved, "2026-10-05T15:00:00Z"), solution: Some(cited("Two replacement packs went out by courier and the old one was collected.", &[&solved])) }),
            shown(4, Reason::TicketAlike { words: vec![], solved_at: None }, SimilarTicket { head: head(33, "T-0955", "BP-20 does not charge in the cold", TicketStatus::Solved, "2026-09-11T15:00:00Z"), solution: None }),
        ],
        similar_threads: vec![shown(5, Reason::ThreadAnswered { name: "Ingrid Solberg".to_owned(), at: at("2026-10-06T13:10:00Z") }, SimilarThread {
            thread: thread_id(12),
            reference: "SC-108".to_owned(),
            subject: "Other packs of the same lot".to_owned(),
            ticket: ticket_id(32),
            answer: cited("Take every pack of the lot out; we send BP-20B packs the same day.", &[&old_answer]),
            answered_by: email(INGRID),
            answered_by_name: Some("Ingrid Solberg".to_owned()),
            answered_at: at("2026-10-06T13:10:00Z"),
        })],
        experts: vec![
            shown(6, ingrid.clone(), Expert { person: person(1, "Ingrid Solberg", INGRID, "hardware", PersonRole::Expert), evidence: vec![old_answer, named(Source::Playbook, "Skill", "battery safety", "2026-06-01T09:00:00Z")], open_threads: 2 }),
            shown(7, Reason::Answered { reference: "SC-097".to_owned(), at: at("2026-09-22T08:00:00Z"), more: 0, usual: None, skills: vec![] }, Expert { person: person(2, "Carla Mendes", CARLA, "kestrel", PersonRole::Outsider), evidence: vec![old_message(13, "SC-097", "Lot 26-08 left us in August", "2026-09-22T08:00:00Z")], open_threads: 0 }),
        ],
        channels: vec![
            shown(8, Reason::AnswersThere { name: "Ingrid Solberg".to_owned() }, ChannelAdvice { channel: hw.clone(), median_reply_minutes: Some(38), threads: 21 }),
            shown(9, Reason::AnswersThere { name: "Carla Mendes".to_owned() }, ChannelAdvice { channel: channel("kestrel-quality", ThreadChannel::Email, "quality@kestrel-components.example", 2880, "lots and recalls of batteries"), median_reply_minutes: None, threads: 0 }),
        ],
        side_conversation_draft: Some(shown(10, Reason::GoesTo { name: "Ingrid Solberg".to_owned(), because: Box::new(ingrid) }, ThreadDraft {
            channel: hw,
            recipients: vec![email(INGRID), email("rafael.pinto@alderwick.example")],
            subject: "BP-20 lot 26-08: take packs out of use at T-1041?".to_owned(),
            body: "A practice has one swollen BP-20 (serial WCO-7K2M9QXA, lot 26-08 as Kestrel confirms) and two more cameras from the same delivery in use.\n\n1. Do we ask them to take the other two packs out today?\n2. How do we collect the swollen one?\n\nThey need to know before noon.".to_owned(),
            warnings: vec![Reason::LeftOut { kinds: all(&["name", "phone"]), is_outside: true }, Reason::OutsiderReads],
        })),
        reply_draft: Some(shown(11, Reason::MadeOf { titles: all(&["BP-20 battery safety", "Warranty and repairs"]) }, ReplyDraft {
            language: Language::ENGLISH,
            greeting: "Hello Helen,".to_owned(),
            sentences: vec![
                cited("Please do not send the swollen pack by post, and do not put it in household waste.", &[&safety_cite]),
                cited("Please also take the packs out of the other two cameras for now: they come from the same lot.", &[&lot_cite]),
                cited("All three packs are replaced free of charge.", &[&free_cite]),
            ],
            closing: "Kind regards,\nTom Hargreaves\nAlderwick Customer Support".to_owned(),
            warnings: vec![Reason::Untranslated { count: 1, of: 3 }],
        })),
        loose_ends: vec![
            LooseEnd { kind: LooseEndKind::AnsweredNotRelayed, thread: thread_id(1), reference: "SC-131".to_owned(), reason: Reason::AnswerNotTold { name: "Carla Mendes".to_owned(), reference: "SC-131".to_owned(), at: at("2026-11-20T09:30:00Z") }, since: at("2026-11-20T09:30:00Z"), draft: Some(draft(EndDraftKind::Reply, &[], "Please have customers take packs of this lot out of use until we know more.", wrote(0, 1, "Please have customers take packs of this lot out of use"))) },
            LooseEnd { kind: LooseEndKind::Stalled, thread: thread_id(2), reference: "SC-132".to_owned(), reason: Reason::Stalled { reference: "SC-132".to_owned(), name: "Ingrid Solberg".to_owned(), since: at("2026-11-20T08:58:00Z"), expected_minutes: 45, measured: 12 }, since: at("2026-11-20T08:58:00Z"), draft: Some(draft(EndDraftKind::Nudge, &[INGRID], "Hi Ingrid,\n\nOn 20 November we asked you: “May they keep those two running, or should they take the packs out today?”\n\nCould you tell us where this stands, and when we can expect an answer? The customer is waiting.\n\nThank you", wrote(1, 0, "May they keep those two running"))) },
        ],
        why: account("The cell has grown fat like a slug."),
        part_ids: [(Part::Triage, 20), (Part::Summary, 21), (Part::NextStep, 22), (Part::LooseEnd, 23)].map(|(part, number)| (part, suggestion_id(number))).into(),
        set_aside: Vec::new(),
        abstained: vec![],
    }
}

/// The ticket as an administrator sees it, with one thumb given already.
pub(in crate::web) fn english() -> TicketView {
    TicketView {
        frame: frame(),
        history: history(),
        customer: customer(),
        threads: threads(),
        attachments: vec![],
        exchange: exchange(TOM, CARLA, INGRID),
        window: 0..99,
        until: None,
        whole: None,
        attachment_limit_bytes: 25 << 20,
        panel: Some(panel()),
        is_behind: true,
        verdicts: [(suggestion_id(11), Verdict::Up)].into(),
        names: [
            (TOM, "Tom Hargreaves"),
            (INGRID, "Ingrid Solberg"),
            (CARLA, "Carla Mendes"),
            ("maya.okafor@alderwick.example", "Maya Okafor"),
        ]
        .map(|(address, name)| (email(address), name.to_owned()))
        .into(),
        neighbours: rows(),
        query: InboxQuery { status: Some(TicketStatus::Open), ..InboxQuery::default() },
        seen: 7,
        may_work: true,
        choices: choices(),
        twins: vec![],
        gate: None,
        reply: String::new(),
        channels: vec![],
    }
}
