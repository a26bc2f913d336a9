//! Incidents as the console shows them, and the account of a triage.

use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{NewRequester, NewTicket};
use backchannel::domain::vocabulary::{Role, TicketChannel};

use crate::support::app::TestApp;
use crate::web::visitor::Visitor;

const OUTAGE: [&str; 5] = [
    "Our Wick Hub went offline this morning after the firmware update and the red light blinks",
    "The Wick Hub is offline since the firmware update, a red light blinks on it",
    "Wick Hub offline after update, red light blinks all the time",
    "Red light on my Wick Hub, offline since this firmware update arrived",
    "Firmware update broke the Wick Hub: offline, and the red light blinks",
];

/// A ticket of a customer, written so many minutes ago.
async fn put(app: &TestApp, customer: &str, body: &str, minutes_ago: i64) -> TicketId {
    let requester = NewRequester { email: format!("{customer}@mail.example").parse().unwrap(), name: None, external_id: None };
    let new = NewTicket {
        external_id: Some(format!("H-{customer}")),
        subject: String::new(),
        body: body.to_owned(),
        requester,
        channel: TicketChannel::Email,
        created_at: Some(app.app.now().plus_seconds(-60 * minutes_ago)),
        status: None,
        solved_at: None,
        priority: None,
        group: None,
        assignee: None,
        tags: vec![],
        language: None,
        custom_fields: [].into(),
        comments: vec![],
        attachments: vec![],
    };
    app.app.put_ticket(&app.admin, new).await.unwrap().item.ticket.id
}

#[tokio::test]
async fn a_growing_incident_is_told_in_the_inbox_on_its_tickets_and_on_a_page_of_its_own() {
    let app = TestApp::new().await;
    for day in 1..=20 {
        let body = format!("Where is the invoice for order number {day}, our accountant asks for a copy");
        put(&app, &format!("c{day}"), &body, day * 1440 + 600).await;
    }
    let mut last = None;
    for (number, body) in (0_i64..).zip(OUTAGE) {
        last = Some(put(&app, &format!("hub{number}"), body, 110 - 20 * number).await);
    }
    app.work().await;
    let visitor = Visitor::signed_in(&app, Role::Light).await;

    let inbox = visitor.get("/tickets").await.expect_page(200);
    let notice = inbox.text(".inbox .notice a[href^='/incidents/']");
    assert_eq!(notice, "Look at it");
    let path = inbox.element(".notice a[href^='/incidents/']").attr("href").unwrap().to_owned();
    let ticket = visitor.get(&format!("/tickets/{}", last.unwrap())).await.expect_page(200);
    let line = ticket.text(".of-incident a");
    assert!(line.starts_with("Part of an incident: 5 tickets since ") && line.ends_with(", 2 in the last hour"), "{line}");
    assert_eq!(ticket.element(".of-incident a").attr("href"), Some(path.as_str()));
    let every = visitor.get("/incidents").await.expect_page(200);
    assert_eq!((every.text(".incidents .pill"), every.all(".incidents li").len()), ("Growing".to_owned(), 1));
    let page = visitor.get(&path).await.expect_page(200);
    assert_eq!(page.all(".incidents li").len(), 5);
    let foreign = visitor.get("/incidents/00000000-0000-7000-8000-000000000000").await;
    foreign.expect_page(404);
    visitor.get("/incidents/nonsense").await.expect_page(404);
}

#[tokio::test]
async fn the_account_of_a_triage_opens_on_the_ticket_without_scripts() {
    let app = TestApp::new().await;
    let id = put(&app, "ana", "The battery of my camera is swollen and hot, order AW-204518-6. My solicitor wants to know of it.", 5).await;
    app.work().await;
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert_eq!(page.text("details.why-account summary"), "Why?");
    let topics: Vec<String> = page.all("details.why-account dt").iter().map(|topic| topic.text().collect()).collect();
    assert_eq!(topics, ["Reading", "Intent", "Rules", "Route", "Priority", "Sentiment and urgency", "Duplicates", "Incident"]);
    let said = page.text("details.why-account");
    assert!(said.contains("it speaks of a danger, so it is critical") && said.contains("nearly held"), "{said}");
}
