//! What answered before, between writing a side conversation and sending it; and the page of insights.

use backchannel::domain::id::TicketId;
use backchannel::domain::vocabulary::{AskOutcome, Role};
use backchannel::store::ask;
use serde_json::json;

use crate::api::client::Client;
use crate::support::app::TestApp;
use crate::web::visitor::{Answer, Page, Visitor, ticket};

const SUBJECT: &str = "VAT number after 14 days";
const BODY: &str = "May a VAT number be added to an invoice after 14 days?";
const ANSWER: &str = "After 14 days a VAT number is never added to the invoice: it is always a credit note and a new invoice.";

/// A desk on which the ask was answered on another ticket, and an agent who is about to ask it again.
async fn desk() -> (TestApp, Visitor, TicketId, String) {
    let app = TestApp::new().await;
    ticket(&app, &app.admin, "T-1").await;
    let client = Client::new(&app, Role::Agent);
    let thread = json!({"channel": "slack", "subject": SUBJECT, "opened_by": "priya@alderwick.example", "participants": ["bastien@alderwick.example"],
        "body": BODY});
    let thread = client.post("/v1/tickets/T-1/side-conversations", &thread).await.expect(201);
    let path = format!("/v1/side-conversations/{}/messages", thread["id"].as_str().unwrap());
    client.post(&path, &json!({"author": "bastien@alderwick.example", "body": ANSWER})).await.expect(201);
    let id = ticket(&app, &app.admin, "T-2").await;
    app.work().await;
    let channel = app.app.directory(&app.admin).await.unwrap().channels.into_keys().next().unwrap().to_string();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    (app, visitor, id, channel)
}

/// Sends the ask; `looked` are the fields of the page that held it, where one did.
async fn send(visitor: &Visitor, id: TicketId, channel: &str, looked: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("channel", channel),
        ("recipients", "sunil@alderwick.example"),
        ("subject", SUBJECT),
        ("body", BODY),
        ("context-opening", "1"),
    ];
    fields.extend(looked);
    visitor.post(&format!("/tickets/{id}/side-conversations"), &fields).await
}

#[tokio::test]
async fn an_ask_that_was_answered_before_is_held_once_and_sent_all_the_same_where_somebody_says_so() {
    let (app, visitor, id, channel) = desk().await;
    let page = send(&visitor, id, &channel, &[]).await.expect_page(200);
    assert!(app.app.threads(&app.admin, id).await.unwrap().is_empty(), "it was sent");
    assert_eq!(page.text("#gate blockquote"), ANSWER);
    assert_eq!((page.text("#gate-subject"), page.text("#gate-body")), (SUBJECT.to_owned(), BODY.to_owned()));
    assert!(page.has("#gate input[name=context-opening]"), "what was chosen is lost");
    let field = |name: &str| page.element(&format!("#gate form.draft input[name={name}]")).attr("value").unwrap().to_owned();
    let (ask, looked) = (field("ask"), field("looked"));
    // What was written over after it was looked at is looked at again.
    send(&visitor, id, &channel, &[("ask", &ask), ("looked", "of another text")]).await.expect_page(200);
    send(&visitor, id, &channel, &[("ask", &ask), ("looked", &looked)]).await.led();
    assert_eq!(app.app.threads(&app.admin, id).await.unwrap().len(), 1);
    let kept = ask::get(&app.store, app.admin.workspace, ask.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(kept.outcome, AskOutcome::SentAnyway);
}

#[tokio::test]
async fn an_earlier_answer_becomes_a_note_with_its_source_or_the_beginning_of_a_reply() {
    let (app, visitor, id, channel) = desk().await;
    let page = send(&visitor, id, &channel, &[]).await.expect_page(200);
    let form = page.element("#gate form.gate-acts");
    let path = form.attr("action").unwrap().to_owned();
    let value = |name: &str| page.element(&format!("#gate form.gate-acts input[name={name}]")).attr("value").unwrap().to_owned();
    let (find, quote, source) = (value("find"), value("quote"), value("source"));
    let fields = |kind: &'static str| [("find", find.as_str()), ("quote", quote.as_str()), ("source", source.as_str()), ("as", kind)];
    let reply = visitor.post(&path, &fields("reply")).await.expect_page(200);
    assert_eq!(reply.text("#write-body"), ANSWER);
    visitor.post(&path, &fields("note")).await.led();
    let comments = app.app.ticket(&app.admin, id).await.unwrap().comments;
    assert!(comments.len() == 1 && !comments[0].public, "{comments:?}");
    assert!(comments[0].body.starts_with(ANSWER) && comments[0].body.contains(SUBJECT), "{}", comments[0].body);
    let kept = ask::of_ticket(&app.store, app.admin.workspace, id).await.unwrap();
    assert_eq!(
        kept.iter().map(|ask| (ask.outcome, ask.used.clone().map(|used| used.id))).collect::<Vec<_>>(),
        [(AskOutcome::Avoided, Some(find.clone()))]
    );
    let other = [("find", "019aa0e2-7c00-7000-8000-000000000404"), ("as", "note")];
    assert!(visitor.post(&path, &other).await.status >= 400);
    assert_eq!(visitor.post("/asks/019aa0e2-7c00-7000-8000-000000000404/use", &other).await.status, 404);
}

/// A desk with a ticket that has an internal note and a side conversation.
async fn noted() -> (TestApp, Visitor, TicketId, String) {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let client = Client::new(&app, Role::Agent);
    let note = json!({"author": "priya@alderwick.example", "public": false, "body": NOTE});
    client.post("/v1/tickets/T-1/comments", &note).await.expect(201);
    let thread = json!({"channel": "slack", "subject": SUBJECT, "opened_by": "priya@alderwick.example", "participants": ["bastien@alderwick.example"],
        "body": BODY});
    let thread = client.post("/v1/tickets/T-1/side-conversations", &thread).await.expect(201)["id"].as_str().unwrap().to_owned();
    let answer = json!({"author": "bastien@alderwick.example", "body": ANSWER});
    client.post(&format!("/v1/side-conversations/{thread}/messages"), &answer).await.expect(201);
    app.work().await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    (app, visitor, id, thread)
}

const NOTE: &str = "Refunded within my own limit, told the shop team again about the old page.";

#[tokio::test]
async fn a_note_never_reaches_the_customer_and_what_was_answered_aside_only_where_somebody_says_that_it_is_meant() {
    let (app, visitor, id, _) = noted().await;
    let path = format!("/tickets/{id}/comments");
    let public = async || app.app.ticket(&app.admin, id).await.unwrap().comments.iter().filter(|comment| comment.public).count();
    let body = format!("Good news. {NOTE}");
    let page = visitor.post(&path, &[("public", "1"), ("body", &body), ("status", "pending"), ("was", "open")]).await.expect_page(200);
    assert_eq!((public().await, page.text("#gate mark").as_str()), (0, NOTE.trim_end_matches('.')));
    assert!(page.has("#gate .held-block") && !page.has("#gate-meant"), "it can be sent all the same");
    let field = |page: &Page, name: &str| page.element(&format!("#gate form.draft input[name={name}]")).attr("value").unwrap().to_owned();
    assert_eq!(field(&page, "status"), "pending", "what was chosen is lost");
    let looked = field(&page, "looked");
    let meant = [("public", "1"), ("body", body.as_str()), ("looked", &looked), ("meant", "1")];
    visitor.post(&path, &meant).await.expect_page(200);
    assert_eq!(public().await, 0, "a tick lets a note out");

    let page = visitor.post(&path, &[("public", "1"), ("body", &body), ("redact", "1")]).await.expect_page(200);
    assert!(!page.has("#gate .held") && public().await == 0);
    assert_eq!(page.text("#gate-body"), "Good news. […].");
    visitor.post(&path, &[("public", "1"), ("body", "Good news.")]).await.led();
    assert_eq!(public().await, 1);
    // Colleagues may read it anyway.
    visitor.post(&path, &[("public", "0"), ("body", &body)]).await.led();

    let page = visitor.post(&path, &[("public", "1"), ("body", ANSWER)]).await.expect_page(200);
    assert!(page.has("#gate .held-acknowledge") && page.has("#gate-meant"));
    let looked = field(&page, "looked");
    visitor
        .post(&path, &[("public", "1"), ("body", "Another text. It is always a credit note."), ("looked", &looked), ("meant", "1")])
        .await
        .led();
    visitor.post(&path, &[("public", "1"), ("body", ANSWER), ("looked", &looked), ("meant", "1")]).await.led();
    assert_eq!(public().await, 3);
}

#[tokio::test]
async fn a_side_conversation_goes_on_is_closed_and_opened_again_and_what_it_is_told_is_looked_at() {
    let (app, visitor, id, thread) = noted().await;
    let messages = async || app.app.threads(&app.admin, id).await.unwrap()[0].messages.len();
    let path = format!("/side-conversations/{thread}/messages");
    visitor.post(&path, &[("body", "Thank you. Does that hold for schools, too?")]).await.led();
    assert_eq!(messages().await, 3);
    let page = visitor.post(&path, &[("body", "Her card is 4242 4242 4242 4242.")]).await.expect_page(200);
    assert_eq!((page.text("#gate mark").as_str(), messages().await), ("4242 4242 4242 4242", 3));
    let status = format!("/side-conversations/{thread}/status");
    visitor.post(&status, &[("status", "closed")]).await.led();
    assert!(!visitor.get(&format!("/tickets/{id}")).await.expect_page(200).has(".thread-acts textarea"));
    visitor.post(&status, &[("status", "open")]).await.led();
    assert!(visitor.get(&format!("/tickets/{id}")).await.expect_page(200).has(".thread-acts textarea"));
    assert!(visitor.post(&status, &[("status", "lost")]).await.status >= 400);
    assert_eq!(visitor.post("/side-conversations/019aa0e2-7c00-7000-8000-000000000404/status", &[("status", "open")]).await.status, 404);
    assert!(visitor.post(&path, &[("body", "  ")]).await.status >= 400);
}

#[tokio::test]
async fn insights_stand_in_the_administration_with_a_figure_for_each_row() {
    let (app, agent, ..) = desk().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let page = admin.get("/insights?by=channel").await.expect_page(200);
    assert_eq!(page.text(".insights-table tbody th"), "Slack");
    assert_eq!(page.text(".tab[aria-current=page]"), "Insights");
    let page = admin.get("/insights").await.expect_page(200);
    assert!(page.has("svg.insights-bars title") && page.has("svg.insights-bars desc"));
    for odd in ["/insights?by=moon&from=soon", "/insights?from=2026-11-20&to=2026-11-02"] {
        admin.get(odd).await.expect_page(200);
    }
    let none = admin.get("/insights?from=2020-01-01&to=2020-01-31").await.expect_page(200);
    assert!(none.has(".insights-empty") && !none.has(".insights-table"));
    assert_eq!(agent.get("/insights").await.status, 403);
}
