//! Side conversations from the draft's form.

use backchannel::domain::vocabulary::Role;
use backchannel::wire::lines::{Record, parse_line};
use serde_json::json;

use crate::api::client::Client;
use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

#[tokio::test]
async fn a_side_conversation_is_opened_as_it_was_edited() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let (name, channel) = app.app.directory(&app.admin).await.unwrap().channels.into_iter().next().unwrap();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}/side-conversations");
    let fields = |channel: &'static str| {
        [("channel", channel), ("recipients", "bo@desk.example,\r\ncy@desk.example"), ("subject", "Parcel"), ("body", "Please trace it.")]
    };
    let mut real = fields("");
    real[0].1 = name.as_str();
    let led = visitor.post(&path, &real).await.led();
    let threads = app.app.threads(&app.admin, id).await.unwrap();
    let thread = &threads[0].thread;
    assert_eq!((threads.len(), led), (1, format!("/tickets/{id}#thread-{}", thread.id)));
    assert_eq!((thread.channel, thread.subject.as_str()), (channel.kind, "Parcel"));
    assert_eq!(thread.participants, ["bo@desk.example", "cy@desk.example"].map(|address| address.parse().unwrap()));
    assert!(thread.opened_by.to_string().starts_with("agent-") && threads[0].messages[0].body == "Please trace it.");
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(page.has(&format!("#thread-{}[open]", thread.id)));
}

#[tokio::test]
async fn somebody_can_be_asked_where_nobody_is_suggested() {
    let app = TestApp::new().await;
    let line = r#"{"type": "ticket", "external_id": "T-1", "subject": "Where is my parcel?", "body": "It was due on Monday.", "status": "solved",
        "requester": {"email": "ana@mail.example"}}"#;
    let Record::Ticket { ticket, .. } = parse_line(line).unwrap() else { panic!("{line}") };
    let id = app.app.put_ticket(&app.admin, ticket).await.unwrap().item.ticket.id;
    app.work().await;
    assert!(app.app.panel(&app.admin, id).await.unwrap().side_conversation_draft.is_none());
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert_eq!(page.element("#own-subject").attr("value"), Some("T-1: Where is my parcel?"));
    let path = page.element(".own-thread form").attr("action").unwrap();
    let channel = page.all("#own-channel option")[0].attr("value").unwrap();
    let fields = [("channel", channel), ("recipients", "bo@desk.example"), ("subject", "T-1"), ("body", "Please trace it.")];
    visitor.post(path, &fields).await.led();
    assert_eq!(app.app.threads(&app.admin, id).await.unwrap().len(), 1);
    let reader = Visitor::signed_in(&app, Role::Light).await;
    assert!(!reader.get(&format!("/tickets/{id}")).await.expect_page(200).has(".own-thread"));
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_with_the_text_given_back() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let name = app.app.directory(&app.admin).await.unwrap().channels.into_keys().next().unwrap();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}/side-conversations");
    let good = [("channel", name.as_str()), ("recipients", "bo@desk.example"), ("subject", "Parcel"), ("body", "Please trace it.")];
    for (field, value) in [("channel", "no-such"), ("channel", "No such!"), ("recipients", "bo"), ("recipients", " , "), ("subject", "")] {
        let fields = good.map(|(name, given)| (name, if name == field { value } else { given }));
        let page = visitor.post(&path, &fields).await.expect_page(422);
        assert_eq!(page.text("#kept"), "Please trace it.", "{field}");
    }
    assert!(app.app.threads(&app.admin, id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_chosen_of_the_ticket_goes_along_and_notes_stay_with_colleagues() {
    let app = TestApp::new().await;
    let person = json!({"email": "ingrid@alderwick.example", "name": "Ingrid", "role": "expert"});
    Client::new(&app, Role::Admin).post("/v1/people", &person).await.expect(201);
    let id = ticket(&app, &app.admin, "T-1").await;
    let name = app.app.directory(&app.admin).await.unwrap().channels.into_keys().next().unwrap();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    visitor.post(&format!("/tickets/{id}/comments"), &[("public", "0"), ("body", "Carrier admits the loss.")]).await.led();
    let note = format!("context-{}", app.app.ticket(&app.admin, id).await.unwrap().comments[0].id);
    let path = format!("/tickets/{id}/side-conversations");
    let fields = |to: &'static str, chosen: &[&'static str], note: &'static str| {
        let fixed = [("channel", ""), ("recipients", to), ("subject", "Parcel"), ("body", "Please trace it.")];
        let boxes = chosen.iter().copied().chain(Some(note).filter(|note| !note.is_empty())).map(|name| (name, "1"));
        fixed.into_iter().chain(boxes).collect::<Vec<_>>()
    };
    let note: &'static str = note.leak();
    let send = async |to, chosen: &[&'static str], note| {
        let mut fields = fields(to, chosen, note);
        fields[0].1 = name.as_str();
        visitor.post(&path, &fields).await
    };
    let colleague = "ingrid@alderwick.example";

    send("petra@norvik.example", &["context-opening"], note).await.expect_page(422);
    assert!(app.app.threads(&app.admin, id).await.unwrap().is_empty());
    send(colleague, &["context-opening"], note).await.led();
    send("petra@norvik.example", &["context-opening"], "").await.led();
    send(colleague, &[], "").await.led();
    let threads = app.app.threads(&app.admin, id).await.unwrap();
    let bodies: Vec<&str> = threads.iter().map(|history| history.messages[0].body.as_str()).collect();
    assert!(bodies[0].starts_with("Please trace it.\n\nOn 20"), "{}", bodies[0]);
    assert!(bodies[0].contains("Ana Roy wrote:\n> Where is my parcel?"), "{}", bodies[0]);
    assert!(bodies[0].ends_with("\n> Carrier admits the loss."), "{}", bodies[0]);
    assert!(bodies[1].contains("the customer wrote:\n> Where is my parcel?") && !bodies[1].contains("Ana"), "{}", bodies[1]);
    assert_eq!(bodies[2], "Please trace it.");
}
