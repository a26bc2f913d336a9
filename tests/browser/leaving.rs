//! Messages on their way out and mails that wait, on a ticket's page.

use backchannel::domain::chat::Posting;
use backchannel::domain::id::MessageId;
use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::outbox::{RecipientDelivery, RecipientState, SendReason, SendState};
use backchannel::domain::vocabulary::ThreadChannel;
use backchannel::store::outbox::Tried;
use backchannel::store::{chat, mail_token, outbox};

use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};
use crate::support::app::TestApp;
use crate::{TOM, company, endless_word};

const CARLA: &str = "carla.mendes@kestrel.example";
const INGRID: &str = "ingrid.solberg@alderwick.example";

fn said(body: &str) -> NewMessage {
    NewMessage { author: TOM.parse().unwrap(), body: body.to_owned(), created_at: None, attachments: vec![] }
}

/// Leaves a message where it stands after one try.
async fn leave(app: &TestApp, message: MessageId, (state, reason): (SendState, Option<SendReason>), of_carla: RecipientDelivery) {
    let (workspace, now) = (app.admin.workspace, app.app.now());
    let ingrid = RecipientDelivery { address: INGRID.parse().unwrap(), state: RecipientState::Sent, reason: None };
    let next_at = (state == SendState::Queued).then(|| now.plus_seconds(300));
    let mut tx = app.store.begin().await.unwrap();
    outbox::insert(&mut tx, workspace, message, &[CARLA, INGRID].map(|address| address.parse().unwrap()), now).await.unwrap();
    assert!(outbox::begin(&mut tx, workspace, message, 0, (now, &[])).await.unwrap());
    let tried = Tried { at: now, state, reason, next_at, recipients: vec![ingrid, of_carla] };
    assert!(outbox::note(&mut tx, workspace, message, 1, &tried).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn where_messages_stand_is_told_calmly_and_decided_by_buttons() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    let thread = NewThread {
        ask: None,
        context: vec![],
        external_id: None,
        channel: ThreadChannel::Email,
        subject: "Red light after the update".to_owned(),
        status: None,
        opened_by: TOM.parse().unwrap(),
        participants: vec![CARLA.parse().unwrap(), INGRID.parse().unwrap()],
        created_at: None,
        messages: vec![said("Is the red light known?"), said("It is urgent."), said("Anybody?"), said("Hello?")],
    };
    let opened = app.app.open_thread(&app.admin, ticket, thread).await.unwrap().item;
    let carla = |state, reason| RecipientDelivery { address: CARLA.parse().unwrap(), state, reason };
    let unknown_mailbox = carla(RecipientState::Refused, Some(SendReason::MailboxUnknown));
    let stand = [
        ((SendState::Sent, None), unknown_mailbox.clone()),
        ((SendState::Queued, Some(SendReason::ServerAway)), carla(RecipientState::Queued, None)),
        ((SendState::Refused, Some(SendReason::MailboxUnknown)), unknown_mailbox),
        ((SendState::Unknown, Some(SendReason::BrokeOff)), carla(RecipientState::Sending, None)),
    ];
    for (message, (state, of_carla)) in opened.messages.iter().zip(stand) {
        leave(app, message.id, state, of_carla).await;
    }
    let token = mail_token::of_thread(&app.store, app.admin.workspace, opened.thread.id);
    let to = format!("To: <desk+{token}@desk.example>");
    let word = endless_word();
    for mail in [
        format!(
            "From: <{word}@kestrel.example>\r\n{to}\r\nMessage-ID: <1@x.example>\r\n\r\nCarla asked me to look: which batch is it? {word}\r\n"
        ),
        format!("From: <{CARLA}>\r\n{to}\r\nMessage-ID: <2@x.example>\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n"),
    ] {
        app.app.receive_mail(&app.admin, "first", mail.into_bytes()).await.unwrap();
    }

    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('.leaving-unknown') && document.querySelector('.held-mail')").await;
    looks_right(browser).await;
    browser.value("document.querySelector('.held-mail').scrollIntoView({ block: 'end' })").await;
    keep_pictures(browser, "leaving").await;
    browser.click(".leaving-unknown button[value=was_sent]").await;
    browser.until("location.hash.startsWith('#message-') && !document.querySelector('.leaving-unknown')").await;
    browser.click(".held-mail button[value=accept]").await;
    browser
        .until(&format!("!document.querySelector('.held-mail') && document.querySelector('.thread').innerText.includes('{word}')"))
        .await;
    desk.close(|_| false).await;
}

#[tokio::test]
async fn where_messages_to_slack_and_teams_stand_is_told_in_their_words() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    let word = endless_word();
    for channel in [ThreadChannel::Slack, ThreadChannel::Teams] {
        let thread = NewThread {
            ask: None,
            context: vec![],
            external_id: None,
            channel,
            subject: format!("Red light after the update, in {channel}"),
            status: None,
            opened_by: TOM.parse().unwrap(),
            participants: vec![INGRID.parse().unwrap(), CARLA.parse().unwrap()],
            created_at: None,
            messages: vec![said("Is the red light known?"), said("It is urgent."), said("Anybody?"), said("Hello?")],
        };
        let opened = app.app.open_thread(&app.admin, ticket, thread).await.unwrap().item;
        let carla = |state| RecipientDelivery { address: CARLA.parse().unwrap(), state, reason: None };
        let stand = [
            ((SendState::Sent, None), RecipientState::Sent),
            ((SendState::Queued, Some(SendReason::ServerBusy)), RecipientState::Queued),
            ((SendState::Refused, Some(SendReason::NotInChannel)), RecipientState::Refused),
            ((SendState::Unknown, Some(SendReason::BrokeOff)), RecipientState::Sending),
        ];
        for (message, (state, of_carla)) in opened.messages.iter().zip(stand) {
            leave(app, message.id, state, carla(of_carla)).await;
        }
        let answer = NewMessage { author: INGRID.parse().unwrap(), ..said("See the photos.") };
        let answer = app.app.add_message(&app.admin, opened.thread.id, answer).await.unwrap();
        let posting = Posting {
            kind: channel,
            conversation: "C0HWLAB01".to_owned(),
            posting: "1.000001".to_owned(),
            thread: Some(opened.thread.id),
            message: Some(answer.id),
            part: 0,
            is_ours: false,
            edited: None,
            files: vec!["lot-26-08.pdf".to_owned(), format!("{word}.png")],
        };
        let mut tx = app.store.begin().await.unwrap();
        chat::keep(&mut tx, app.admin.workspace, &posting).await.unwrap();
        tx.commit().await.unwrap();
    }
    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelectorAll('.left-files').length === 2").await;
    looks_right(browser).await;
    browser.value("document.querySelector('.left-files').scrollIntoView({ block: 'end' })").await;
    keep_pictures(browser, "leaving-chats").await;
    desk.close(|_| false).await;
}
