//! Side conversations by e-mail, with real servers: sent once, answered, refused, cleared up, and never lost while a server is away.

use std::sync::Arc;
use std::time::Duration;

use backchannel::app::{self, App, Clock};
use backchannel::connectors::email::{Away, Options, Post};
use backchannel::domain::id::{MessageId, TicketId};
use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::mail::MailOutcome;
use backchannel::domain::outbox::{MessageDelivery, RecipientState, SendChoice, SendReason, SendState};
use backchannel::domain::thread::ThreadHistory;
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{EmailAddress, Language, ThreadChannel, ThreadStatus};
use backchannel::jobs::{AppHandler, Ran, Runner, RunnerOptions};
use backchannel::store::{Store, mail, outbox, thread as thread_rows};
use mail_parser::{MessageParser, MimeHeaders as _};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::support::app::parts;
use crate::support::database::{Database, each};
use crate::support::gate::{Gate, Plan};
use crate::support::mail::{Servers, fresh_name, servers};
use crate::support::make;
use crate::web::visitor::put;

const TOM: &str = "tom@alderwick.example";
const LONGEST: Duration = Duration::from_mins(1);

/// A desk whose time stands still until it is moved.
struct Desk {
    app: App,
    admin: Actor,
    store: Store,
    clock: Clock,
    ticket: TicketId,
    _folder: TempDir,
}

impl Desk {
    async fn new(database: &Database, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (database.open_again().await, Clock::fixed(make::NOW));
        let mut parts = parts(store.clone(), &folder).await;
        (parts.clock, parts.email) = (clock.clone(), options);
        let app = App::new(parts);
        let email = "admin@alderwick.example".parse().unwrap();
        let admin = app.create_workspace("desk".parse().unwrap(), "Desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        let ticket = put(&app, &admin, "T-1").await;
        Self { app, admin, store, clock, ticket, _folder: folder }
    }

    /// Opens a side conversation; gives it with its first message.
    async fn ask(&self, participants: &[&str]) -> (ThreadHistory, MessageId) {
        let opened = self.app.open_thread(&self.admin, self.ticket, thread(participants)).await.unwrap().item;
        let first = opened.messages[0].id;
        (opened, first)
    }

    /// Does every job that is due.
    async fn work(&self) {
        let clock = self.clock.clone();
        let handler = Arc::new(AppHandler::new(self.app.clone()));
        let runner = Runner::new(self.store.clone(), handler, Arc::new(move || clock.now()), app::jitter(), RunnerOptions::default());
        while runner.try_run_one().await.unwrap() != Ran::Nothing {}
    }

    async fn delivery(&self, message: MessageId) -> MessageDelivery {
        outbox::get(&self.store, self.admin.workspace, message).await.unwrap().expect("the message leaves")
    }

    /// Takes in what is in the mailbox until so many mails ended so.
    async fn collect(&self, outcome: MailOutcome, many: usize) {
        let collecting = async {
            loop {
                self.app.collect_mail().await.unwrap();
                if mail::with_outcome(&self.store, self.admin.workspace, outcome, 100).await.unwrap().len() >= many {
                    return;
                }
            }
        };
        timeout(LONGEST, collecting).await.unwrap_or_else(|_| panic!("{many} mails that end as {outcome}"));
    }

    async fn close(self) {
        self.store.close().await;
    }
}

fn thread(participants: &[&str]) -> NewThread {
    NewThread {
        ask: None,
        external_id: None,
        channel: ThreadChannel::Email,
        subject: "Swollen BP-20".to_owned(),
        status: None,
        opened_by: TOM.parse().unwrap(),
        participants: participants.iter().map(|address| address.parse().unwrap()).collect(),
        created_at: None,
        messages: vec![said(TOM, "May it be **posted**?\n\n- batch 26-08\n- see https://desk.example/bp20")],
        context: vec![],
    }
}

fn said(author: &str, body: &str) -> NewMessage {
    NewMessage { author: author.parse().unwrap(), body: body.to_owned(), created_at: None, attachments: vec![] }
}

/// A desk with real servers and a mailbox of somebody who is asked, on every database.
async fn on_each(test: impl AsyncFn(Servers, &Database, Options, &str)) {
    let Some(servers) = servers() else { return };
    each(async |database| {
        let options = servers.options(&fresh_name("desk"));
        test(servers.clone(), database, options, &fresh_name("ana")).await;
    })
    .await;
}

fn at_desk(name: &str) -> String {
    format!("{name}@desk.example")
}

fn states(delivery: &MessageDelivery) -> Vec<(RecipientState, Option<SendReason>)> {
    delivery.recipients.iter().map(|recipient| (recipient.state, recipient.reason)).collect()
}

#[tokio::test]
async fn a_message_is_sent_once_and_its_answer_comes_back() {
    on_each(async |servers, database, options, ana| {
        let address = options.address.clone().unwrap();
        let desk = Desk::new(database, options).await;
        let (opened, first) = desk.ask(&[&at_desk(ana), address.as_str()]).await;
        let queued = desk.delivery(first).await;
        assert_eq!((queued.state, queued.attempts), (SendState::Queued, 0), "nothing has left before the job runs");
        desk.work().await;
        let sent = desk.delivery(first).await;
        assert_eq!((sent.state, states(&sent).as_slice()), (SendState::Sent, &[(RecipientState::Sent, None)][..]), "not to the desk itself");

        let arrived = servers.arrived(ana, 1).await;
        let mail = MessageParser::default().parse(&arrived[0]).unwrap();
        assert_eq!(mail.subject(), Some("Swollen BP-20"));
        assert_eq!(mail.from().unwrap().first().unwrap().address(), Some(address.as_str()));
        assert!(mail.in_reply_to().as_text().is_none() && mail.references().as_text().is_none() && mail.bcc().is_none());
        assert!(mail.body_html(0).unwrap().contains("<strong>posted</strong>") && mail.body_text(0).unwrap().contains("- batch 26-08"));
        let reply_to = mail.reply_to().unwrap().first().unwrap().address().unwrap().to_owned();
        let id = mail.message_id().unwrap().to_owned();

        let answer = format!(
            "From: Ana <{}>\r\nTo: {}\r\nSubject: Re: Swollen BP-20\r\nMessage-ID: <a1@{ana}.example>\r\nIn-Reply-To: <{id}>\r\n\r\nNot by post.\r\n\r\nOn Tue, 3 Nov 2026 at 09:10, Tom <{address}> wrote:\r\n> May it be posted?\r\n",
            at_desk(ana),
            reply_to.to_uppercase().replace("DESK.EXAMPLE", "desk.example"),
        );
        desk.clock.advance(60);
        servers.send(&at_desk(ana), &[&reply_to], answer.as_bytes()).await;
        desk.collect(MailOutcome::Matched, 1).await;
        desk.collect(MailOutcome::OwnCopy, 1).await;
        let thread = desk.app.thread(&desk.admin, opened.thread.id).await.unwrap();
        let bodies: Vec<&str> = thread.messages.iter().skip(1).map(|message| message.body.as_str()).collect();
        assert_eq!(bodies, ["Not by post."]);

        // The next message names both earlier ones, and goes out alone.
        desk.clock.advance(60);
        let second = desk.app.add_message(&desk.admin, opened.thread.id, said(TOM, "Thank you.")).await.unwrap();
        desk.clock.advance(60);
        desk.work().await;
        let arrived = servers.arrived(ana, 2).await;
        let parsed: Vec<_> = arrived.iter().map(|mail| MessageParser::default().parse(mail).unwrap()).collect();
        let reply = parsed.iter().find(|mail| mail.in_reply_to().as_text().is_some()).unwrap();
        assert_eq!(reply.in_reply_to().as_text(), Some(format!("a1@{ana}.example").as_str()));
        assert_eq!(reply.references().as_text_list().unwrap()[0], id);
        assert_eq!(desk.delivery(second.id).await.state, SendState::Sent);
        assert_eq!(servers.settled(ana).await, 2);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_that_was_said_elsewhere() {
    each(async |database| {
        let options = Options {
            smtp_url: Some("smtp://127.0.0.1:1".into()),
            address: Some("desk@desk.example".parse().unwrap()),
            ..Options::default()
        };
        let desk = Desk::new(database, options).await;
        let then = Some(make::NOW.plus_seconds(-60));
        let dated = NewMessage { created_at: then, ..said(TOM, "Old words.") };
        for (what, new) in [
            ("another system's", NewThread { ask: None, external_id: Some("SC-1".to_owned()), ..thread(&["ana@other.example"]) }),
            ("closed", NewThread { ask: None, status: Some(ThreadStatus::Closed), ..thread(&["ana@other.example"]) }),
            ("opened before", NewThread { ask: None, created_at: then, ..thread(&["ana@other.example"]) }),
            ("written before", NewThread { ask: None, messages: vec![dated.clone()], ..thread(&["ana@other.example"]) }),
            (
                "by somebody who takes part",
                NewThread { ask: None, messages: vec![said("ana@other.example", "Hello.")], ..thread(&["ana@other.example"]) },
            ),
            ("to nobody but the desk", thread(&["desk@desk.example"])),
            ("in Slack", NewThread { ask: None, channel: ThreadChannel::Slack, ..thread(&["ana@other.example"]) }),
        ] {
            let opened = desk.app.open_thread(&desk.admin, desk.ticket, new).await.unwrap().item.thread;
            desk.app.add_message(&desk.admin, opened.id, dated.clone()).await.unwrap();
            let answered = desk.app.add_message(&desk.admin, opened.id, said("ana@other.example", "My answer.")).await;
            assert_eq!(answered.is_ok(), opened.status == ThreadStatus::Open, "{what}");
            assert_eq!(desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap().deliveries, [], "{what}");
        }
        desk.app.take_thread(&desk.admin, desk.ticket, thread(&["ana@other.example"])).await.unwrap();
        assert_eq!(desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap().deliveries, [], "taken in from a folder");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_writes_and_takes_part_as_well_keeps_nobody_from_the_message() {
    each(async |database| {
        let options = Options {
            smtp_url: Some("smtp://127.0.0.1:1".into()),
            address: Some("desk@desk.example".parse().unwrap()),
            ..Options::default()
        };
        let desk = Desk::new(database, options).await;
        let (ana, admin) = ("ana@other.example", "admin@alderwick.example");
        let recipients = async |message| {
            let delivery = outbox::get(&desk.store, desk.admin.workspace, message).await.unwrap();
            delivery.map(|delivery| delivery.recipients.into_iter().map(|to| to.address.to_string()).collect::<Vec<_>>())
        };
        let (opened, first) = desk.ask(&[TOM, admin, ana]).await;
        assert_eq!(recipients(first).await.unwrap(), [admin, ana], "who opened it put themselves in copy");
        let add = async |author: &str| desk.app.add_message(&desk.admin, opened.thread.id, said(author, "More.")).await.unwrap().id;
        assert_eq!(recipients(add(admin).await).await.unwrap(), [TOM, ana], "a user who takes part");
        assert_eq!(recipients(add(ana).await).await, None, "somebody from outside");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_said_to_nobody_in_a_closed_side_conversation() {
    each(async |database| {
        let desk = Desk::new(database, Options::default()).await;
        let (opened, _) = desk.ask(&["ana@other.example"]).await;
        let id = opened.thread.id;
        desk.app.set_thread_status(&desk.admin, id, ThreadStatus::Closed).await.unwrap();
        let refused = desk.app.add_message(&desk.admin, id, said(TOM, "One more.")).await.unwrap_err().to_string();
        assert!(refused.contains("closed: reopen it first"), "{refused}");
        let dated = NewMessage { created_at: Some(make::NOW.plus_seconds(-60)), ..said(TOM, "Written before.") };
        desk.app.add_message(&desk.admin, id, dated).await.unwrap();
        desk.app.set_thread_status(&desk.admin, id, ThreadStatus::Open).await.unwrap();
        desk.app.add_message(&desk.admin, id, said(TOM, "One more.")).await.unwrap();
        assert_eq!(desk.app.thread(&desk.admin, id).await.unwrap().messages.len(), 3);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_second_workspace_is_said_to_stand_in_the_way() {
    each(async |database| {
        let options = Options {
            smtp_url: Some("smtp://127.0.0.1:1".into()),
            address: Some("desk@desk.example".parse().unwrap()),
            ..Options::default()
        };
        let desk = Desk::new(database, options).await;
        let (_, first) = desk.ask(&["ana@other.example"]).await;
        let email = "other@alderwick.example".parse().unwrap();
        desk.app.create_workspace("other".parse().unwrap(), "Other", Language::ENGLISH, email, "Otto").await.unwrap();
        desk.work().await;
        let waits = desk.delivery(first).await;
        assert_eq!((waits.state, waits.reason), (SendState::Queued, Some(SendReason::NoWorkspace)));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn each_try_is_confirmed_by_its_own_copy() {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        let bo = fresh_name("bo");
        gate.answer(&format!("<{bo}@"), "450 4.2.0 later\r\n");
        gate.next([Plan::RelayAndHangUp, Plan::RelayAndHangUp]);
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana), &at_desk(&bo)]).await;
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Unknown);
        desk.collect(MailOutcome::OwnCopy, 1).await;
        let waits = desk.delivery(first).await;
        assert_eq!((waits.state, states(&waits)[0].0), (SendState::Queued, RecipientState::Sent));
        desk.clock.advance(60);
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Unknown, "the line broke once more");
        desk.collect(MailOutcome::OwnCopy, 2).await;
        let sent = desk.delivery(first).await;
        assert_eq!((sent.state, states(&sent)), (SendState::Sent, vec![(RecipientState::Sent, None); 2]));
        desk.clock.advance(24 * 3600);
        desk.app.collect_mail().await.unwrap();
        desk.work().await;
        assert_eq!((servers.settled(ana).await, servers.settled(&bo).await, gate.came()), (1, 1, 2));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_was_refused_proves_nothing_by_not_coming() {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        gate.answer("RCPT TO:<desk-", "550 5.1.1 no plus here\r\n");
        gate.next([Plan::RelayAndHangUp]);
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        for _ in 0..2 {
            desk.clock.advance(3600);
            desk.app.collect_mail().await.unwrap();
            desk.work().await;
        }
        assert_eq!(desk.delivery(first).await.state, SendState::Unknown, "a person says it");
        assert_eq!((servers.settled(ana).await, gate.came()), (1, 1));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_message_is_sent_again_by_itself_twice_at_most() {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        gate.next([Plan::HangUp; 4]);
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        let since = desk.delivery(first).await.created_at;
        for _ in 0..5 {
            desk.work().await;
            desk.clock.advance(3600);
            desk.app.collect_mail().await.unwrap();
            desk.clock.advance(60);
        }
        let unknown = desk.delivery(first).await;
        assert_eq!((unknown.state, unknown.attempts, gate.came()), (SendState::Unknown, 3, 3));
        assert_eq!(unknown.created_at, since, "the three days are those of the message");
        desk.app.decide_message(&desk.admin, first, SendChoice::Retry).await.unwrap();
        desk.work().await;
        assert_eq!(desk.delivery(first).await.attempts, 4, "a person may say so again");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_sender_that_is_refused_is_the_operators_to_mend() {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        gate.answer("MAIL FROM", "550 5.7.1 not from there\r\n");
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        let waits = desk.delivery(first).await;
        assert_eq!((waits.state, waits.reason), (SendState::Queued, Some(SendReason::SenderRefused)));
        desk.clock.advance(60);
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Sent);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn each_recipient_has_the_whole_time() {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        gate.slow_down(Duration::from_millis(400));
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), timeout_seconds: 1, ..options }).await;
        let others = [fresh_name("bo"), fresh_name("cy")].map(|name| at_desk(&name));
        let (_, first) = desk.ask(&[&at_desk(ana), &others[0], &others[1]]).await;
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Sent);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn messages_leave_in_their_order_and_name_those_they_go_to() {
    on_each(async |servers, database, options, ana| {
        let mut gate = Gate::open(&servers).await;
        gate.shut().await;
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (opened, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        let participants = [at_desk(ana), at_desk("later")].map(|address| address.parse().unwrap());
        let mut tx = desk.store.begin().await.unwrap();
        thread_rows::set_participants(&mut tx, desk.admin.workspace, opened.thread.id, &participants).await.unwrap();
        tx.commit().await.unwrap();
        desk.clock.advance(1);
        let second = desk.app.add_message(&desk.admin, opened.thread.id, said(TOM, "And this.")).await.unwrap().id;
        gate.reopen().await;
        desk.work().await;
        let waits = desk.delivery(second).await;
        assert_eq!((waits.state, waits.attempts), (SendState::Queued, 0), "the first one has not gone yet");
        desk.clock.advance(60);
        desk.work().await;
        desk.clock.advance(60);
        desk.work().await;
        for message in [first, second] {
            assert_eq!(desk.delivery(message).await.state, SendState::Sent);
        }
        let mails = servers.arrived(ana, 2).await;
        let parsed: Vec<_> = mails.iter().map(|mail| MessageParser::default().parse(mail).unwrap()).collect();
        let first = parsed.iter().find(|mail| mail.in_reply_to().as_text().is_none()).unwrap();
        let to: Vec<_> = first.to().unwrap().iter().filter_map(|to| to.address()).collect();
        assert_eq!(to, [at_desk(ana)]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_away_for_an_hour_loses_nothing_and_sends_nothing_twice() {
    on_each(async |servers, database, options, ana| {
        let mut gate = Gate::open(&servers).await;
        gate.shut().await;
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        let until = make::NOW.plus_seconds(3600);
        while desk.clock.now() < until {
            desk.work().await;
            let waits = desk.delivery(first).await;
            assert_eq!((waits.state, waits.reason), (SendState::Queued, Some(SendReason::ServerAway)));
            let next_at = waits.next_at.expect("it is tried again");
            desk.clock.advance(next_at.seconds_since(desk.clock.now()) + 1);
        }
        assert!(desk.delivery(first).await.attempts >= 5);
        gate.reopen().await;
        gate.next([Plan::Busy]);
        desk.work().await;
        let waits = desk.delivery(first).await;
        assert_eq!(
            (waits.state, waits.reason),
            (SendState::Queued, Some(SendReason::ServerBusy)),
            "a server that answers 4xx does not have it"
        );
        desk.clock.advance(3600);
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Sent);
        desk.clock.advance(7200);
        desk.work().await;
        servers.arrived(ana, 1).await;
        gate.until(2).await;
        assert_eq!(servers.settled(ana).await, 1);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_message_is_given_up_after_three_days_and_sent_again_when_somebody_says_so() {
    on_each(async |servers, database, options, ana| {
        let mut gate = Gate::open(&servers).await;
        gate.shut().await;
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.clock.advance(3 * 24 * 3600 + 1);
        desk.work().await;
        let given_up = desk.delivery(first).await;
        assert_eq!((given_up.state, given_up.reason), (SendState::Refused, Some(SendReason::GaveUp)));
        assert_eq!(states(&given_up), [(RecipientState::Refused, Some(SendReason::GaveUp))]);
        let refused = desk.app.decide_message(&desk.admin, first, SendChoice::WasSent).await.unwrap_err().to_string();
        assert!(refused.contains("not sent"), "{refused}");
        gate.reopen().await;
        desk.app.decide_message(&desk.admin, first, SendChoice::Retry).await.unwrap();
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Sent);
        servers.arrived(ana, 1).await;
        let refused = desk.app.decide_message(&desk.admin, first, SendChoice::Retry).await.unwrap_err().to_string();
        assert!(refused.contains("everybody has"), "{refused}");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_is_refused_is_named_and_the_others_have_it() {
    on_each(async |servers, database, options, ana| {
        let desk = Desk::new(database, options).await;
        let (_, both) = desk.ask(&["nobody@refused.example", &at_desk(ana)]).await;
        let (_, none) = desk.ask(&["nobody@refused.example"]).await;
        desk.work().await;
        let sent = desk.delivery(both).await;
        let unknown = (RecipientState::Refused, Some(SendReason::MailboxUnknown));
        assert_eq!((sent.state, states(&sent)), (SendState::Sent, vec![unknown, (RecipientState::Sent, None)]));
        assert!(sent.is_missed());
        let refused = desk.delivery(none).await;
        assert_eq!(
            (refused.state, refused.reason, states(&refused)),
            (SendState::Refused, Some(SendReason::MailboxUnknown), vec![unknown])
        );
        servers.arrived(ana, 1).await;
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_may_have_been_sent_is_cleared_up_by_the_desks_own_copy() {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        gate.next([Plan::RelayAndHangUp]);
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        let unknown = desk.delivery(first).await;
        assert_eq!((unknown.state, unknown.reason), (SendState::Unknown, Some(SendReason::BrokeOff)));
        desk.collect(MailOutcome::OwnCopy, 1).await;
        let sent = desk.delivery(first).await;
        assert_eq!((sent.state, states(&sent)), (SendState::Sent, vec![(RecipientState::Sent, None)]));
        desk.clock.advance(24 * 3600);
        desk.work().await;
        servers.arrived(ana, 1).await;
        assert_eq!(servers.settled(ana).await, 1);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_not_sent_after_all_is_sent_again_once_the_mailbox_says_so() {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        gate.next([Plan::HangUp]);
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Unknown);
        desk.app.collect_mail().await.unwrap();
        desk.clock.advance(599);
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Unknown, "the copy may still come");
        desk.clock.advance(3600);
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Unknown, "nobody has looked since");
        desk.app.collect_mail().await.unwrap();
        desk.clock.advance(60);
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Sent);
        servers.arrived(ana, 1).await;
        assert_eq!(servers.settled(ana).await, 1);
        desk.close().await;
    })
    .await;
}

/// Drops whoever sends while the mail server has not answered; then another one goes on.
async fn dropped_while_sending(plan: Plan) {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        gate.next([plan]);
        let desk = Desk::new(database, Options { smtp_url: Some(gate.url().into()), ..options }).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        tokio::select! {
            () = desk.work() => panic!("the mail server does not answer"),
            () = gate.until(1) => {}
        }
        let sending = desk.delivery(first).await;
        assert_eq!(
            (sending.state, sending.attempts, states(&sending).as_slice()),
            (SendState::Sending, 1, &[(RecipientState::Sending, None)][..])
        );
        let refused = desk.app.decide_message(&desk.admin, first, SendChoice::WasSent).await.unwrap_err().to_string();
        assert!(refused.contains("just being sent"), "{refused}");
        // The lease on its job ends, and it is taken up again.
        for _ in 0..2 {
            desk.clock.advance(120);
            desk.work().await;
        }
        assert_eq!(desk.delivery(first).await.state, SendState::Unknown);
        if plan == Plan::RelayAndWait {
            desk.collect(MailOutcome::OwnCopy, 1).await;
        }
        desk.clock.advance(3600);
        desk.app.collect_mail().await.unwrap();
        desk.clock.advance(60);
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Sent);
        servers.arrived(ana, 1).await;
        assert_eq!(servers.settled(ana).await, 1);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn whoever_is_dropped_after_the_mail_was_taken_leaves_a_message_that_is_not_sent_twice() {
    dropped_while_sending(Plan::RelayAndWait).await;
}

#[tokio::test]
async fn whoever_is_dropped_before_the_mail_was_taken_leaves_a_message_that_is_not_forgotten() {
    dropped_while_sending(Plan::Wait).await;
}

#[tokio::test]
async fn where_nobody_can_look_a_person_says_what_became_of_a_message() {
    on_each(async |servers, database, options, ana| {
        let gate = Gate::open(&servers).await;
        gate.next([Plan::RelayAndHangUp, Plan::HangUp]);
        let options = Options { smtp_url: Some(gate.url().into()), imap_url: None, ..options };
        let desk = Desk::new(database, options).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        let (_, second) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        desk.clock.advance(24 * 3600);
        desk.work().await;
        for message in [first, second] {
            assert_eq!(desk.delivery(message).await.state, SendState::Unknown);
        }
        for _ in 0..2 {
            let said = desk.app.decide_message(&desk.admin, first, SendChoice::WasSent).await.unwrap();
            assert_eq!((said.state, states(&said)), (SendState::Sent, vec![(RecipientState::Sent, None)]));
        }
        for _ in 0..2 {
            let said = desk.app.decide_message(&desk.admin, second, SendChoice::Retry).await.unwrap();
            assert_eq!(said.state, SendState::Queued);
        }
        desk.work().await;
        assert_eq!(desk.delivery(second).await.state, SendState::Sent);
        servers.arrived(ana, 2).await;
        assert_eq!(servers.settled(ana).await, 2);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_read_and_its_files_stay_in_the_mailbox() {
    on_each(async |servers, database, options, ana| {
        let address = options.address.clone().unwrap();
        let desk = Desk::new(database, options).await;
        let (opened, _) = desk.ask(&[&at_desk(ana)]).await;
        let token = backchannel::store::mail_token::of_thread(&desk.store, desk.admin.workspace, opened.thread.id);
        let reply_to = address.as_str().replace('@', &format!("+{token}@"));
        let file = std::iter::repeat_n("QUJD".repeat(19), 400_000).collect::<Vec<_>>().join("\r\n");
        let mail = format!(
            "From: <{}>\r\nTo: <{reply_to}>\r\nSubject: photos\r\nMessage-ID: <large@{ana}.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHere are the photos.\r\n--b\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n{file}\r\n--b--\r\n",
            at_desk(ana)
        );
        assert!(mail.len() > 30_000_000, "{}", mail.len());
        desk.clock.advance(60);
        servers.send(&at_desk(ana), &[&reply_to], mail.as_bytes()).await;
        desk.collect(MailOutcome::TooLarge, 1).await;
        let thread = desk.app.thread(&desk.admin, opened.thread.id).await.unwrap();
        assert_eq!(thread.messages.last().unwrap().body, "Here are the photos.");
        let exchange = desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap();
        let cut = exchange.mails_of(opened.thread.id, MailOutcome::TooLarge).next().unwrap();
        assert!(cut.size_bytes > 30_000_000 && cut.message == Some(thread.messages.last().unwrap().id), "{cut:?}");
        assert_eq!(desk.app.attachments_of(&desk.admin, desk.ticket).await.unwrap(), []);
        assert_eq!(desk.app.collect_mail().await.unwrap(), 0, "what was taken in is not taken again");
        desk.close().await;
    })
    .await;
}

/// A message that does not leave because of what the operator set: it waits, and says why.
async fn waits_because_of(reason: SendReason, change: impl Fn(&Servers, Options) -> Options) {
    on_each(async |servers, database, options, ana| {
        let desk = Desk::new(database, change(&servers, options)).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        let waits = desk.delivery(first).await;
        assert_eq!((waits.state, waits.reason, waits.next_at.is_some()), (SendState::Queued, Some(reason), true));
        assert_eq!(servers.mails(ana).len(), 0);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_login_that_is_refused_is_said_and_loses_nothing() {
    waits_because_of(SendReason::LoginRefused, |servers, options| {
        let url = servers.smtp_url("somebody").replace("somebody-secret", "wrong");
        Options { smtp_url: Some(url.into()), ..options }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_not_trusted_is_sent_nothing() {
    waits_because_of(SendReason::NoTrust, |_, options| Options { ca_file: None, ..options }).await;
}

#[tokio::test]
async fn mail_goes_and_comes_by_starttls_too() {
    on_each(async |servers, database, _, ana| {
        let options = servers.by_starttls(&fresh_name("desk"));
        let desk = Desk::new(database, options).await;
        let (_, first) = desk.ask(&[&at_desk(ana)]).await;
        desk.work().await;
        assert_eq!(desk.delivery(first).await.state, SendState::Sent);
        desk.collect(MailOutcome::OwnCopy, 1).await;
        servers.arrived(ana, 1).await;
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn both_servers_can_be_tried_without_a_mail() {
    let Some(servers) = servers() else { return };
    let options = servers.options(&fresh_name("desk"));
    let tried = async |options: &Options| {
        let post = Post::new(options).unwrap().unwrap();
        let (smtp, imap) = (post.smtp.clone().unwrap(), post.imap.clone().unwrap());
        let reason = |tried: Result<(), Away>| tried.err().map(|Away(reason)| reason);
        (reason(post.check_smtp(&smtp).await), reason(post.check_imap(&imap).await))
    };
    assert_eq!(tried(&options).await, (None, None));
    let untrusted = Options { ca_file: None, ..options.clone() };
    assert_eq!(tried(&untrusted).await, (Some(SendReason::NoTrust), Some(SendReason::NoTrust)));
    let wrong = |url: String| Some(url.replace("-secret", "-wrong").into());
    let refused = Options { smtp_url: wrong(servers.smtp_url("x")), imap_url: wrong(servers.imap_url("x")), ..options.clone() };
    assert_eq!(tried(&refused).await, (Some(SendReason::LoginRefused), Some(SendReason::LoginRefused)));
    let nobody = Options { smtp_url: Some("smtp://127.0.0.1:1".into()), imap_url: Some("imaps://127.0.0.1:1".into()), ..options };
    assert_eq!(tried(&nobody).await, (Some(SendReason::ServerAway), Some(SendReason::ServerAway)));
}

#[tokio::test]
async fn files_go_with_the_mail() {
    on_each(async |servers, database, options, ana| {
        let desk = Desk::new(database, options).await;
        let mut upload = desk.app.receive_attachment(&desk.admin).await.unwrap();
        upload.write(b"a;b\n1;2\n").await.unwrap();
        let received = upload.finish().await.unwrap();
        let new = backchannel::domain::intake::NewAttachment { name: "reçu.csv".to_owned(), declared_type: None };
        let file = desk.app.put_attachment(&desk.admin, new, received).await.unwrap();
        let first = NewMessage { attachments: vec![file.id], ..said(TOM, "See the file.") };
        let address: EmailAddress = at_desk(ana).parse().unwrap();
        let new = NewThread { ask: None, messages: vec![first], ..thread(&[address.as_str()]) };
        desk.app.open_thread(&desk.admin, desk.ticket, new).await.unwrap();
        desk.work().await;
        let arrived = servers.arrived(ana, 1).await;
        let mail = MessageParser::default().parse(&arrived[0]).unwrap();
        let file = mail.attachments().next().unwrap();
        assert_eq!((file.attachment_name(), file.contents()), (Some("reçu.csv"), &b"a;b\n1;2\n"[..]));
        desk.close().await;
    })
    .await;
}
