//! Correcting what was guessed of tickets.

use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{InboxFilter, PageRequest};
use backchannel::domain::label::{Label, corrected};
use backchannel::domain::triage::Matter;
use backchannel::domain::vocabulary::{Role, RouteBy, Sentiment};
use backchannel::store::{correction, label};
use backchannel::wire::lines::parse_label;

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

const SAID: [(&str, &str); 2] = [("intent", "delivery_problem"), ("group", "billing")];

/// What is learned of a ticket.
async fn label_of(app: &TestApp, id: TicketId) -> Option<Label> {
    let labels = label::list(&app.store, app.admin.workspace).await.unwrap();
    let corrections = correction::list(&app.store, app.admin.workspace).await.unwrap();
    corrected(labels, &corrections).into_iter().find(|label| label.ticket == id)
}

#[tokio::test]
async fn what_an_agent_says_is_learned_and_shown_in_place_of_the_guess_until_it_is_taken_back() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let known = r#"{"ticket": "T-1", "intents": ["invoice_copy"], "sentiment": "negative", "group": "orders"}"#;
    app.app.put_label(&app.admin, parse_label(known).unwrap().label).await.unwrap();
    let before = app.app.panel(&app.admin, id).await.unwrap();
    assert_eq!(before.triage.corrected, None, "a label that was imported is no correction");
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let seen = app.app.last_event(&app.admin, id).await.unwrap();

    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    let form = page.element("details.correct form:first-of-type");
    let path = form.attr("action").unwrap();
    visitor.post(path, &SAID).await.expect_led(&format!("/tickets/{id}#part-triage"));

    let events = app.app.events(&app.admin, id, seen).await.unwrap();
    assert_eq!(events[0].1.kind, "ticket.corrected");
    let said = Label {
        intents: Some(vec!["delivery_problem".parse().unwrap()]),
        group: Some("billing".parse().unwrap()),
        sentiment: Some(Sentiment::Negative),
        ..Label::blank(id)
    };
    assert_eq!(label_of(&app, id).await, Some(said.clone()));
    // While the panel is made again the guess is not shown any more, and everything else still is.
    assert!(app.app.prepared_panel(&app.admin, id).await.unwrap().is_none());
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(!page.has(".panel[aria-busy]") && page.has("#part-summary"));
    assert_eq!(page.text(".guesses .held"), "Delivery problem");
    assert!(page.text(".triage").contains("Corrected by Una agent"), "{}", page.text(".triage"));
    app.work().await;
    let triage = app.app.prepared_panel(&app.admin, id).await.unwrap().unwrap().triage;
    assert_eq!((triage.intent, triage.abstained), ("delivery_problem".parse().ok(), None));
    let route = triage.route.unwrap();
    assert_eq!(
        (route.group.as_str(), route.by, route.because.as_str(), route.probability),
        ("billing", RouteBy::Person, "Una agent", None)
    );
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert_eq!(page.text(".guesses .held"), "Delivery problem");
    let why: Vec<String> = page.all(".triage .why").iter().map(|why| why.text().collect()).collect();
    assert!(why[0].starts_with("Corrected by Una agent on ") && why[1] == "Corrected by Una agent", "{why:?}");

    // The file that the label came from is sent again: what was said since stays, and the rest is taken.
    let again = r#"{"ticket": "T-1", "intents": ["invoice_copy"], "sentiment": "positive", "group": "orders"}"#;
    app.app.put_label(&app.admin, parse_label(again).unwrap().label).await.unwrap();
    assert_eq!(label_of(&app, id).await, Some(Label { sentiment: Some(Sentiment::Positive), ..said.clone() }));

    // Taken back, what was there before counts again: the label, and the guess.
    let path = page.element("form.take-back").attr("action").unwrap();
    visitor.post(path, &[]).await.expect_led(&format!("/tickets/{id}#part-triage"));
    let label = label_of(&app, id).await.unwrap();
    assert_eq!((label.intents.unwrap()[0].as_str(), label.group.unwrap().as_str()), ("invoice_copy", "orders"));
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(page.has("#part-summary") && !page.has(".guesses") && !page.has("form.take-back"));
    let why = "the correction was taken back: the ticket is being read again";
    assert!(page.text("[aria-labelledby=part-triage]").contains(why), "{}", page.text("[aria-labelledby=part-triage]"));
    assert_eq!(visitor.get("/tickets").await.expect_page(200).text(".t-intent"), "Needs a person");
    app.work().await;
    assert_eq!(app.app.prepared_panel(&app.admin, id).await.unwrap().unwrap().triage.corrected, None);
    assert!(!visitor.get(&format!("/tickets/{id}")).await.expect_page(200).has("form.take-back"));
    visitor.post(path, &[]).await.led();
}

#[tokio::test]
async fn a_later_correction_leaves_alone_what_it_says_nothing_of() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    app.app.panel(&app.admin, id).await.unwrap();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}/correct");
    visitor.post(&path, &SAID).await.led();
    visitor.post(&path, &[("intent", "-"), ("group", "")]).await.led();
    let said = correction::get(&app.store, app.admin.workspace, id).await.unwrap().unwrap();
    assert_eq!((said.matter, said.group), (Some(Matter::OutOfScope), Some("billing".parse().unwrap())));
    assert_eq!(label_of(&app, id).await.unwrap().intents, Some(Vec::new()));
    // The inbox shows it before the panel is made again.
    let page = visitor.get("/tickets").await.expect_page(200);
    assert_eq!((page.text(".t-intent"), page.text(".t-group")), ("Out of scope".into(), "Billing".into()));
    app.work().await;
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert_eq!(page.text(".guesses .held"), "Out of scope");
    let panel = app.app.panel(&app.admin, id).await.unwrap();
    assert_eq!(panel.triage.abstained.unwrap().reason.code(), "said_out_of_scope");
}

#[tokio::test]
async fn only_what_the_playbook_has_can_be_said() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    for fields in [[("intent", ""), ("group", "")], [("intent", "nonsense"), ("group", "")], [("intent", ""), ("group", "nobody")]] {
        visitor.post(&format!("/tickets/{id}/correct"), &fields).await.expect_page(422);
        let chosen = format!("ticket-{id}");
        let fields: Vec<_> = fields.into_iter().chain([(chosen.as_str(), "1")]).collect();
        visitor.post("/tickets/correct", &fields).await.expect_page(422);
    }
    visitor.post("/tickets/correct", &SAID).await.expect_page(422);
    assert_eq!(label_of(&app, id).await, None);
}

#[tokio::test]
async fn tickets_that_were_chosen_in_the_inbox_are_corrected_together() {
    let app = TestApp::new().await;
    let ids = [ticket(&app, &app.admin, "T-1").await, ticket(&app, &app.admin, "T-2").await, ticket(&app, &app.admin, "T-3").await];
    let foreign = ticket(&app, &app.app.authenticate(&app.foreign_admin).await.unwrap(), "T-9").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let page = visitor.get("/tickets?status=new").await.expect_page(200);
    assert_eq!(page.all(".pick[form=correct]").len(), 3);
    let chosen = [ids[0], ids[2], foreign].map(|id| format!("ticket-{id}"));
    let fields: Vec<_> = chosen.iter().map(|name| (name.as_str(), "1")).chain([("intent", ""), ("group", "billing")]).collect();
    let from = visitor.saying(&[("sec-fetch-site", "same-origin"), ("referer", "http://desk.example/tickets?status=new&corrected=9&of=9")]);
    let led = from.post("/tickets/correct", &fields).await.led();
    assert_eq!(led, "/tickets?status=new&corrected=2&of=3");
    assert_eq!(visitor.get(&led).await.expect_page(200).text(".notice.corrected"), "2 of 3 tickets were corrected.");
    for (id, is_corrected) in [(ids[0], true), (ids[1], false), (ids[2], true)] {
        let group = label_of(&app, id).await.and_then(|label| label.group);
        assert_eq!(group, is_corrected.then(|| "billing".parse().unwrap()));
    }
    let filter = InboxFilter { group: Some("billing".parse().unwrap()), ..InboxFilter::default() };
    let listed = app.app.inbox(&app.admin, filter, PageRequest::default()).await.unwrap().items;
    assert_eq!(listed.len(), 2, "a group that somebody said is the one that is filtered by");
    assert!(
        correction::get(&app.store, app.app.authenticate(&app.foreign_admin).await.unwrap().workspace, foreign).await.unwrap().is_none()
    );

    let many: Vec<String> = (0..51).map(|_| format!("ticket-{}", TicketId::at(app.app.now(), rand::random()))).collect();
    let fields: Vec<_> = many.iter().map(|name| (name.as_str(), "1")).chain(SAID).collect();
    visitor.post("/tickets/correct", &fields).await.expect_page(422);
}
