//! Reading the desk's mailbox from a server that does not do what it should: no mail is lost, and none stands in the way of the others.

use std::sync::Arc;

use backchannel::app;
use backchannel::domain::outbox::{RecipientDelivery, RecipientState, SendReason, SendState};
use backchannel::jobs::{self, AppHandler, Ran, Runner, RunnerOptions};
use backchannel::store::outbox::Tried;
use backchannel::store::{mailbox, outbox};
use tokio::sync::oneshot;

use crate::mail::{ANA, Desk};
use crate::support::database::{Database, each};
use crate::support::inbox::{Inbox, Told};

/// So often a mail fails to come before those behind it are asked for.
const MOST_FAILURES: usize = 5;

async fn desk(database: &Database, inbox: &Inbox) -> Desk {
    Desk::with(database, |parts| parts.email.imap_url = Some(inbox.url().into())).await
}

fn said(body: &str) -> (String, String) {
    (ANA.to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_list_that_is_refused_is_no_empty_mailbox() {
    each(async |database| {
        let inbox = Inbox::open().await;
        let desk = desk(database, &inbox).await;
        inbox.tell(|told| told.refuses_lists = true);
        assert!(desk.app.collect_mail().await.is_err(), "the first time, by its day");
        assert_eq!(mailbox::read_since(&desk.store, desk.admin.workspace).await.unwrap(), None);
        let mails = vec![desk.mail(ANA, "1@other.example", "", "Not by post.").into_bytes()];
        inbox.tell(|told| (told.refuses_lists, told.mails) = (false, mails));
        assert_eq!(desk.app.collect_mail().await.unwrap(), 1);
        let read = mailbox::read_since(&desk.store, desk.admin.workspace).await.unwrap();
        desk.clock.advance(60);
        inbox.tell(|told| told.refuses_lists = true);
        assert!(desk.app.collect_mail().await.is_err(), "later, by its number");
        assert_eq!(mailbox::read_since(&desk.store, desk.admin.workspace).await.unwrap(), read, "nobody has read to the end since");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_is_refused_is_asked_for_again() {
    each(async |database| {
        let inbox = Inbox::open().await;
        let desk = desk(database, &inbox).await;
        let mails = ["One.", "Two."].map(|body| desk.mail(ANA, &format!("{body}@other.example"), "", body).into_bytes()).to_vec();
        inbox.tell(|told| (told.mails, told.refuses) = (mails, [1].into()));
        assert!(desk.app.collect_mail().await.is_err());
        assert_eq!(desk.answers().await, [], "no later mail is taken in before it");
        inbox.tell(|told| told.refuses.clear());
        assert_eq!(desk.app.collect_mail().await.unwrap(), 2);
        // Both came at one moment: their order is anybody's.
        let mut answers = desk.answers().await;
        answers.sort();
        assert_eq!(answers, [said("One."), said("Two.")]);
        assert_eq!(inbox.asked(), [1, 1, 2]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_server_tells_of_a_mail_by_itself_does_not_hide_the_mail() {
    each(async |database| {
        let inbox = Inbox::open().await;
        let desk = desk(database, &inbox).await;
        let mails = vec![desk.mail(ANA, "1@other.example", "", "Not by post.").into_bytes()];
        inbox.tell(|told| (told.mails, told.tells_flags, told.is_read_only) = (mails, true, true));
        assert_eq!(desk.app.collect_mail().await.unwrap(), 1, "a mailbox where nothing may be marked is read all the same");
        assert_eq!(desk.answers().await, [said("Not by post.")]);
        desk.close().await;
    })
    .await;
}

/// A mail that cannot be had, in the way that it is told.
async fn never_comes(change: impl Fn(&mut Told)) {
    each(async |database| {
        let inbox = Inbox::open().await;
        let desk = desk(database, &inbox).await;
        let unreadable = || database.number("SELECT COUNT(*) FROM incoming_mails WHERE outcome = 'unreadable'");
        let mail = |body: &str| desk.mail(ANA, &format!("{body}@other.example"), "", body).into_bytes();
        inbox.tell(|told| {
            told.mails = vec![mail("Lost.")];
            change(told);
        });
        for _ in 0..MOST_FAILURES + 2 {
            assert!(desk.app.collect_mail().await.is_err(), "there is nothing behind it that it could keep from us");
        }
        assert_eq!(unreadable().await, 0);
        inbox.tell(|told| told.mails.push(mail("Two.")));
        assert_eq!(desk.app.collect_mail().await.unwrap(), 1);
        assert_eq!(desk.answers().await, [said("Two.")]);
        assert_eq!(unreadable().await, 1, "that it came is known");
        assert_eq!(desk.app.collect_mail().await.unwrap(), 0, "and it is not asked for any more");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_is_refused_for_ever_is_given_up_for_those_behind_it_and_noted() {
    never_comes(|told| told.refuses = [1].into()).await;
}

#[tokio::test]
async fn a_mail_that_breaks_the_line_is_given_up_for_those_behind_it_and_noted() {
    never_comes(|told| told.breaks_at = [1].into()).await;
}

#[tokio::test]
async fn whoever_is_told_to_stop_takes_in_what_it_has_begun_with_and_leaves_the_rest() {
    each(async |database| {
        let inbox = Inbox::open().await;
        let desk = desk(database, &inbox).await;
        let mails = ["One.", "Two."].map(|body| desk.mail(ANA, &format!("{body}@other.example"), "", body).into_bytes()).to_vec();
        inbox.tell(|told| (told.mails, told.waits_at) = (mails, Some(1)));
        let (stop, stopped) = oneshot::channel::<()>();
        let postman = tokio::spawn(jobs::collect(desk.app.clone(), async { stopped.await.unwrap() }));
        inbox.until(1).await;
        stop.send(()).unwrap();
        tokio::task::yield_now().await;
        inbox.go_on();
        postman.await.unwrap();
        assert_eq!(desk.answers().await, [said("One.")]);
        assert_eq!(database.number("SELECT leased_until FROM mailboxes").await, 0, "whoever comes next need not wait");
        assert_eq!(mailbox::read_since(&desk.store, desk.admin.workspace).await.unwrap(), None, "it was not read to its end");
        assert_eq!(desk.app.collect_mail().await.unwrap(), 1);
        desk.close().await;
    })
    .await;
}

/// Does every job that is due.
async fn work(desk: &Desk) {
    let clock = desk.clock.clone();
    let handler = Arc::new(AppHandler::new(desk.app.clone()));
    let runner = Runner::new(desk.store.clone(), handler, Arc::new(move || clock.now()), app::jitter(), RunnerOptions::default());
    for _ in 0..50 {
        if runner.try_run_one().await.unwrap() == Ran::Nothing {
            return;
        }
    }
    panic!("a job has itself done again and again");
}

#[tokio::test]
async fn a_message_that_came_back_was_sent_though_its_line_broke() {
    each(async |database| {
        let inbox = Inbox::open().await;
        let desk = desk(database, &inbox).await;
        let (workspace, now) = (desk.admin.workspace, desk.clock.now());
        let mut tx = desk.store.begin().await.unwrap();
        let ana = RecipientDelivery { address: ANA.parse().unwrap(), state: RecipientState::Sending, reason: None };
        assert!(outbox::begin(&mut tx, workspace, desk.first, 0, (now, &[ana])).await.unwrap());
        let (state, reason) = (SendState::Unknown, Some(SendReason::BrokeOff));
        let tried = Tried { at: now, state, reason, next_at: None, recipients: vec![] };
        assert!(outbox::note(&mut tx, workspace, desk.first, 1, &tried).await.unwrap());
        assert!(outbox::bounce(&mut tx, workspace, desk.first, &ANA.parse().unwrap(), SendReason::MailboxFull).await.unwrap());
        tx.commit().await.unwrap();
        work(&desk).await;
        desk.clock.advance(3600);
        desk.app.collect_mail().await.unwrap();
        desk.clock.advance(60);
        work(&desk).await;
        let delivery = outbox::get(&desk.store, workspace, desk.first).await.unwrap().unwrap();
        assert_eq!((delivery.state, delivery.recipients[0].state), (SendState::Sent, RecipientState::Bounced));
        desk.close().await;
    })
    .await;
}
