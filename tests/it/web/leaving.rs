//! Messages on their way out and mails that wait, on a ticket's page.

use backchannel::domain::id::MessageId;
use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::outbox::{RecipientDelivery, RecipientState, SendReason, SendState};
use backchannel::domain::thread::ThreadHistory;
use backchannel::domain::vocabulary::{Role, ThreadChannel};
use backchannel::store::outbox::Tried;
use backchannel::store::{mail_token, outbox};

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

const ANA: &str = "ana@other.example";

async fn opened(app: &TestApp) -> (String, ThreadHistory) {
    let id = ticket(app, &app.admin, "T-1").await;
    let new = NewThread {
        ask: None,
        external_id: None,
        channel: ThreadChannel::Email,
        subject: "Swollen BP-20".to_owned(),
        status: None,
        opened_by: "tom@desk.example".parse().unwrap(),
        participants: vec![ANA.parse().unwrap()],
        created_at: None,
        messages: vec![NewMessage {
            author: "tom@desk.example".parse().unwrap(),
            body: "May it be posted?".to_owned(),
            created_at: None,
            attachments: vec![],
        }],
        context: vec![],
    };
    let opened = app.app.open_thread(&app.admin, id, new).await.unwrap().item;
    (format!("/tickets/{id}"), opened)
}

/// Leaves a message where nobody knows whether it was sent.
async fn lose_sight(app: &TestApp, message: MessageId) {
    let (workspace, now) = (app.admin.workspace, app.app.now());
    let mut tx = app.store.begin().await.unwrap();
    outbox::insert(&mut tx, workspace, message, &[ANA.parse().unwrap()], now).await.unwrap();
    let recipient = RecipientDelivery { address: ANA.parse().unwrap(), state: RecipientState::Sending, reason: None };
    assert!(outbox::begin(&mut tx, workspace, message, 0, (now, &[recipient])).await.unwrap());
    let (state, reason) = (SendState::Unknown, Some(SendReason::BrokeOff));
    let tried = Tried { at: now, state, reason, next_at: None, recipients: vec![] };
    assert!(outbox::note(&mut tx, workspace, message, 1, &tried).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_person_says_what_became_of_a_message_of_which_nobody_knows() {
    let app = TestApp::new().await;
    let (path, opened) = opened(&app).await;
    let message = opened.messages[0].id;
    lose_sight(&app, message).await;
    let (agent, reader) = (Visitor::signed_in(&app, Role::Agent).await, Visitor::signed_in(&app, Role::Light).await);
    let page = agent.get(&path).await.expect_page(200);
    assert!(page.text(".leaving-unknown").contains("May have been sent"));
    assert!(page.has(".leaving button[value=retry]") && page.has(".leaving button[value=was_sent]"));
    let shown = reader.get(&path).await.expect_page(200);
    assert!(shown.has(".leaving-unknown") && !shown.has(".leaving button"));
    agent.post(&format!("/messages/{message}/delivery"), &[("action", "vanish")]).await.expect_page(422);
    let led = format!("#message-{message}");
    let answer = agent.post(&format!("/messages/{message}/delivery"), &[("action", "was_sent")]).await;
    assert_eq!(answer.status, 303);
    let page = agent.get(&path).await.expect_page(200);
    assert!(page.text(".leaving-sent").starts_with("Sent") && page.has(&led.replace('#', "li#")) && !page.has(".leaving button"));
}

#[tokio::test]
async fn a_mail_that_is_held_is_let_in_with_a_button() {
    let app = TestApp::new().await;
    let (path, opened) = opened(&app).await;
    let token = mail_token::of_thread(&app.store, app.admin.workspace, opened.thread.id);
    let hand_in = async |number: u8, body: &str| {
        let mail = format!(
            "From: <bo{number}@other.example>\r\nTo: <desk+{token}@desk.example>\r\nMessage-ID: <{number}@other.example>\r\n\r\n{body}\r\n"
        );
        app.app.receive_mail(&app.admin, "first", mail.into_bytes()).await.unwrap();
    };
    hand_in(0, "<b>I</b> am her colleague.").await;
    let agent = Visitor::signed_in(&app, Role::Agent).await;
    let page = agent.get(&path).await.expect_page(200);
    assert!(page.text(".held-mail").contains("bo0@other.example") && page.text(".held-mail .text").contains("<b>I</b> am her colleague."));
    let accept = page.element(".held-mail form").attr("action").unwrap().to_owned();
    assert_eq!(agent.post(&accept, &[("action", "accept")]).await.status, 303);
    hand_in(1, "Me too.").await;
    let page = agent.get(&path).await.expect_page(200);
    assert!(page.text(".held-mail").contains("bo1@other.example"));
    let drop = page.element(".held-mail form").attr("action").unwrap().to_owned();
    assert_eq!(agent.post(&drop, &[("action", "drop")]).await.status, 303);
    let page = agent.get(&path).await.expect_page(200);
    assert!(!page.has(".held-mail"));
    let history = app.app.thread(&app.admin, opened.thread.id).await.unwrap();
    assert_eq!((history.messages.len(), history.thread.participants.len()), (2, 2));
}

#[tokio::test]
async fn what_machines_wrote_is_read_and_let_in_and_what_came_back_is_told() {
    let app = TestApp::new().await;
    let (path, opened) = opened(&app).await;
    let token = mail_token::of_thread(&app.store, app.admin.workspace, opened.thread.id);
    let hand_in = async |id: &str, from: &str, headers: &str, body: &str| {
        let mail = format!("From: <{from}>\r\nTo: <desk+{token}@desk.example>\r\nMessage-ID: <{id}@x.example>\r\n{headers}\r\n{body}\r\n");
        app.app.receive_mail(&app.admin, "first", mail.into_bytes()).await.unwrap();
    };
    hand_in("1", ANA, "Auto-Submitted: auto-generated\r\n", "Your request: <b>not</b> by post.").await;
    hand_in("2", "mailer-daemon@x.example", "Return-Path: <>\r\n", "No such mailbox.").await;
    hand_in("3", "tom@desk.example", "", "Send it to me.").await;
    let agent = Visitor::signed_in(&app, Role::Agent).await;
    let page = agent.get(&path).await.expect_page(200);
    assert!(page.text(".automatic .text").contains("Your request: <b>not</b> by post."));
    let held = page.text(".thread-messages");
    assert!(held.contains("says that a message did not arrive") && held.contains("No such mailbox."), "{held}");
    assert!(held.contains("claims to be of the desk"), "{held}");
    assert_eq!(page.all(".held-mail").len(), 2);
    assert_eq!(page.all(".held-mail button[value=accept]").len(), 1, "nobody lets a report in");
    let accept = page.element(".automatic form").attr("action").unwrap().to_owned();
    assert_eq!(agent.post(&accept, &[("action", "accept")]).await.status, 303);
    let page = agent.get(&path).await.expect_page(200);
    assert!(!page.has(".automatic") && page.text(".thread-messages").contains("<b>not</b> by post."));
}
