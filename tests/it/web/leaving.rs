//! Messages on their way out and mails that wait, on a ticket's page.

use backchannel::domain::chat::Posting;
use backchannel::domain::id::MessageId;
use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::outbox::{RecipientDelivery, RecipientState, SendReason, SendState};
use backchannel::domain::thread::ThreadHistory;
use backchannel::domain::vocabulary::{Role, ThreadChannel};
use backchannel::store::outbox::Tried;
use backchannel::store::{chat, mail_token, outbox};

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

#[tokio::test]
async fn a_message_to_slack_says_where_it_stands_in_words_of_slack_and_files_that_stayed_there_are_named() {
    let app = TestApp::with(|parts| {
        (parts.slack.bot_token, parts.slack.signing_secret) = (Some("xoxb-1".into()), Some("secret".into()));
        parts.slack.workspace = Some("first".parse().unwrap());
    })
    .await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let said = |author: &str, body: &str| NewMessage {
        author: author.parse().unwrap(),
        body: body.to_owned(),
        created_at: None,
        attachments: vec![],
    };
    let new = NewThread {
        ask: None,
        external_id: None,
        channel: ThreadChannel::Slack,
        subject: "Swollen BP-20".to_owned(),
        status: None,
        opened_by: "tom@desk.example".parse().unwrap(),
        participants: vec![ANA.parse().unwrap()],
        created_at: None,
        messages: vec![said("tom@desk.example", "May it be posted?")],
        context: vec![],
    };
    let opened = app.app.open_thread(&app.admin, id, new).await.unwrap().item;
    let (workspace, now, first) = (app.admin.workspace, app.app.now(), opened.messages[0].id);
    let answer = app.app.add_message(&app.admin, opened.thread.id, said(ANA, "lot.pdf")).await.unwrap();
    let mut tx = app.store.begin().await.unwrap();
    let reason = Some(SendReason::NotInChannel);
    let recipients = vec![RecipientDelivery { address: ANA.parse().unwrap(), state: RecipientState::Refused, reason }];
    let tried = Tried { at: now, state: SendState::Refused, reason, next_at: None, recipients };
    assert!(outbox::postpone(&mut tx, workspace, first, 0, &tried).await.unwrap());
    let posting = Posting {
        kind: ThreadChannel::Slack,
        conversation: "C0HWLAB01".to_owned(),
        posting: "1.000001".to_owned(),
        thread: Some(opened.thread.id),
        message: Some(answer.id),
        part: 0,
        is_ours: false,
        edited: None,
        files: vec!["lot.pdf".to_owned(), "<b>.png".to_owned()],
    };
    chat::keep(&mut tx, workspace, &posting).await.unwrap();
    tx.commit().await.unwrap();
    let agent = Visitor::signed_in(&app, Role::Agent).await;
    let page = agent.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(page.text(".leaving-refused").contains("the app is not in the channel") && page.has(".leaving button[value=retry]"));
    assert_eq!(page.text(".left-files"), "Files that stayed in Slack: lot.pdf, <b>.png");
    let mut tx = app.store.begin().await.unwrap();
    assert!(outbox::again(&mut tx, workspace, first, now).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = app.store.begin().await.unwrap();
    let sending = RecipientDelivery { address: ANA.parse().unwrap(), state: RecipientState::Sending, reason: None };
    assert!(outbox::begin(&mut tx, workspace, first, 1, (now, &[sending])).await.unwrap());
    assert!(outbox::lose_sight(&mut tx, workspace, first, 2, now).await.unwrap());
    tx.commit().await.unwrap();
    let page = agent.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(page.text(".leaving-unknown").contains("before Slack answered") && page.has(".leaving button[value=was_sent]"));
}
