//! A French ticket in a young workspace: nothing is calibrated yet and most parts abstain.

use crate::domain::audience::Audience;
use crate::domain::customer::Customer;
use crate::domain::outbox::Exchange;
use crate::domain::panel::{Advice, Panel, Summary};
use crate::domain::reason::Reason;
use crate::domain::ticket::{Ticket, TicketHistory};
use crate::domain::triage::{Abstention, Origins, Source, Triage};
use crate::domain::vocabulary::{Language, NextStep, Part, Priority, Sentiment, TicketChannel, TicketStatus, Tier, Urgency};
use crate::domain::why::Why;
use crate::web::sample::{
    at, choices, cited, customer_id, email, frame, in_text, passage, rows, shown, suggestion_id, ticket_id, unsure, workspace,
};
use crate::web::view::{InboxQuery, TicketView};

const BODY: &str = "Bonjour,\n\nDepuis la mise à jour 3.8 de mon Wick Mesh 6, plus aucun site en IPv6 ne s'ouvre. Je suis en fibre chez Telmar (PPPoE). La lumière du routeur reste blanche et l'IPv4 marche bien. J'ai redémarré deux fois la box et le routeur, sans effet.\n\nQue puis-je faire ?\n\nCordialement,\nAntoine Lefèvre";

fn customer() -> Customer {
    Customer {
        id: customer_id(),
        workspace: workspace(),
        external_id: None,
        email: email("antoine.lefevre@courriel.example"),
        name: Some("Antoine Lefèvre".to_owned()),
        organisation: None,
        tier: Tier::CarePlus,
        account_owner: None,
        language: Some(Language::FRENCH),
        notes: None,
        orders: vec![],
        created_at: at("2025-03-12T09:00:00Z"),
    }
}

fn why(reason: Reason, candidates: &[&str]) -> Abstention {
    Abstention { reason, candidates: candidates.iter().map(|&one| one.to_owned()).collect() }
}

/// The ticket as an agent sees it.
#[expect(clippy::too_many_lines, reason = "one whole panel, told in order")]
pub(in crate::web) fn french() -> TicketView {
    let ticket = Ticket {
        id: ticket_id(2),
        workspace: workspace(),
        external_id: Some("T-1042".to_owned()),
        subject: "IPv6 ne fonctionne plus depuis la mise à jour 3.8".to_owned(),
        body: BODY.to_owned(),
        requester: customer_id(),
        channel: TicketChannel::Web,
        status: TicketStatus::New,
        priority: None,
        group: None,
        assignee: None,
        tags: vec![],
        language: Some(Language::FRENCH),
        custom_fields: [].into(),
        created_at: at("2026-11-20T09:41:00Z"),
        updated_at: at("2026-11-20T09:41:00Z"),
        solved_at: None,
    };
    let text = ticket.body.clone();
    let opening = |quote: &str| in_text(Source::Ticket(ticket.id), "T-1042", &text, quote, "2026-11-20T09:41:00Z");
    let panel = Panel {
        ticket: ticket.id,
        made_at: at("2026-11-20T09:41:02Z"),
        customer: customer(),
        customer_tickets: vec![],
        triage: Triage {
            intents: vec![unsure("connectivity_issue".parse().unwrap()), unsure("setup_help".parse().unwrap())],
            intent: None,
            also: vec![],
            sentiment: Some(unsure(Sentiment::Negative)),
            urgency: Some(unsure(Urgency::Normal)),
            language: Some(unsure(Language::FRENCH)),
            entities: vec![],
            priority: Priority::Normal,
            route: None,
            tags: vec![],
            duplicates: vec![],
            evidence: vec![],
            abstained: Some(why(Reason::NotCalibrated, &["connectivity_issue", "setup_help"])),
            corrected: None,
            said_duplicates: Vec::new(),
            incident: None,
            origins: Origins::default(),
        },
        summary: Summary {
            sentences: vec![cited(
                "Depuis la mise à jour 3.8, l'IPv6 ne marche plus ; l'IPv4 marche bien.",
                &[&opening("plus aucun site en IPv6 ne s'ouvre"), &opening("l'IPv4 marche bien")],
            )],
        },
        thread_summaries: vec![],
        next_step: Some(Advice {
            step: unsure(NextStep::Consult),
            reason: Reason::LikeTickets { step: NextStep::Consult },
            evidence: vec![opening("Je suis en fibre chez Telmar (PPPoE)")],
        }),
        passages: vec![shown(
            1,
            Reason::PassageAlike { words: vec!["pppoe".to_owned()], updated_at: at("2026-11-09T09:00:00Z"), is_old: false },
            passage(
                3,
                "Mesh firmware 3.8: IPv6 over PPPoE",
                &["Workaround"],
                Audience::Internal,
                Language::ENGLISH,
                "2026-11-09T09:00:00Z",
                "Set the MTU to 1492 and switch “fast path” off under Network › Advanced. The fix ships with firmware 3.9 in December 2026.",
            ),
        )],
        similar_tickets: vec![],
        similar_threads: vec![],
        experts: vec![],
        channels: vec![],
        side_conversation_draft: None,
        reply_draft: None,
        loose_ends: vec![],
        why: Why::default(),
        part_ids: [(Part::Triage, suggestion_id(20)), (Part::Summary, suggestion_id(21)), (Part::NextStep, suggestion_id(22))].into(),
        set_aside: Vec::new(),
        abstained: vec![
            (Part::ReplyDraft, why(Reason::NoCustomerArticle, &["Mesh firmware 3.8: IPv6 over PPPoE"])),
            (Part::Expert, why(Reason::NobodyKnows, &["Dmitri Volkov", "Mei Tanaka"])),
            (Part::SideConversationDraft, why(Reason::NobodyToAsk, &[])),
        ],
    };
    TicketView {
        frame: frame(),
        history: TicketHistory { ticket, comments: vec![] },
        customer: customer(),
        threads: vec![],
        attachments: vec![],
        exchange: Exchange::default(),
        window: 0..0,
        until: None,
        whole: None,
        attachment_limit_bytes: 25 << 20,
        panel: Some(panel),
        is_behind: false,
        verdicts: [].into(),
        names: [].into(),
        neighbours: rows(),
        query: InboxQuery::default(),
        seen: 0,
        may_work: true,
        choices: choices(),
        twins: vec![],
        gate: None,
        reply: String::new(),
        channels: vec![],
    }
}
