//! Mails that are handed in: to whom they belong, what becomes of them, and that none is lost, taken twice or believed too easily.

use backchannel::app::{App, Clock, Parts};
use backchannel::connectors::email::Options;
use backchannel::domain::id::{MailId, MessageId, ThreadId, TicketId};
use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::mail::{Fingerprint, HeldChoice, IncomingMail, MailOutcome, MailReason};
use backchannel::domain::outbox::{RecipientDelivery, RecipientState, SendReason, SendState};
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{Language, ThreadChannel, ThreadStatus};
use backchannel::store::outbox::Tried;
use backchannel::store::{Store, mail, mail_token, outbox};
use tempfile::TempDir;

use crate::support::app::parts;
use crate::support::database::{Database, each};
use crate::support::make;
use crate::web::visitor::put;

const TOM: &str = "tom@alderwick.example";
pub(crate) const ANA: &str = "ana@other.example";

/// A desk with a side conversation; no mail leaves it.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) admin: Actor,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) ticket: TicketId,
    pub(crate) thread: ThreadId,
    pub(crate) first: MessageId,
    _folder: TempDir,
}

impl Desk {
    async fn new(database: &Database) -> Self {
        Self::with(database, |_| ()).await
    }

    /// The same, with parts that were changed.
    pub(crate) async fn with(database: &Database, change: impl FnOnce(&mut Parts)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (database.open_again().await, Clock::fixed(make::NOW));
        let mut parts = parts(store.clone(), &folder).await;
        let (smtp_url, address) = (Some("smtp://127.0.0.1:1".into()), Some("desk@desk.example".parse().unwrap()));
        parts.email = Options { smtp_url, address, ..Options::default() };
        parts.clock = clock.clone();
        change(&mut parts);
        let app = App::new(parts);
        let email = "admin@alderwick.example".parse().unwrap();
        let admin = app.create_workspace("desk".parse().unwrap(), "Desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        let ticket = put(&app, &admin, "T-1").await;
        let new = NewThread {
            ask: None,
            external_id: None,
            channel: ThreadChannel::Email,
            subject: "Swollen BP-20".to_owned(),
            status: None,
            opened_by: TOM.parse().unwrap(),
            participants: vec![ANA.parse().unwrap()],
            created_at: None,
            messages: vec![NewMessage {
                author: TOM.parse().unwrap(),
                body: "May it be posted?".to_owned(),
                created_at: None,
                attachments: vec![],
            }],
            context: vec![],
        };
        let opened = app.open_thread(&admin, ticket, new).await.unwrap().item;
        let first = opened.messages[0].id;
        Self { app, admin, store, clock, ticket, thread: opened.thread.id, first, _folder: folder }
    }

    /// Where answers go.
    pub(crate) fn reply_to(&self) -> String {
        format!("desk+{}@desk.example", mail_token::of_thread(&self.store, self.admin.workspace, self.thread))
    }

    /// What the first message is known by.
    fn first_id(&self) -> String {
        let of_message = mail_token::of_message(&self.store, self.admin.workspace, self.first);
        format!("{}.{of_message}@desk.example", mail_token::of_thread(&self.store, self.admin.workspace, self.thread))
    }

    /// Hands a mail in; gives what became of it.
    async fn take(&self, mail: impl AsRef<[u8]>) -> MailOutcome {
        // What is said twice at one moment is said once.
        self.clock.advance(1);
        let taken = self.app.receive_mail(&self.admin, "desk", mail.as_ref().to_vec()).await.unwrap();
        assert!(taken.is_new);
        taken.outcome
    }

    /// A mail to the side conversation.
    pub(crate) fn mail(&self, from: &str, id: &str, headers: &str, body: &str) -> String {
        format!(
            "From: <{from}>\r\nTo: <{}>\r\nSubject: Re: Swollen BP-20\r\nMessage-ID: <{id}>\r\n{headers}\r\n{body}\r\n",
            self.reply_to()
        )
    }

    /// What was said after the first message: who, and what.
    pub(crate) async fn answers(&self) -> Vec<(String, String)> {
        let history = self.app.thread(&self.admin, self.thread).await.unwrap();
        history
            .messages
            .into_iter()
            .filter(|message| message.id != self.first)
            .map(|message| (message.author.to_string(), message.body))
            .collect()
    }

    async fn only_held(&self) -> MailId {
        let exchange = self.app.exchange_of(&self.admin, self.ticket).await.unwrap();
        let held: Vec<MailId> = exchange.mails_of(self.thread, MailOutcome::Held).map(|mail| mail.id).collect();
        assert_eq!(held.len(), 1);
        held[0]
    }

    /// Says that the first message was sent.
    async fn sent(&self) {
        let mut tx = self.store.begin().await.unwrap();
        let (workspace, now) = (self.admin.workspace, self.app.now());
        let recipients = |state| [RecipientDelivery { address: ANA.parse().unwrap(), state, reason: None }];
        assert!(outbox::begin(&mut tx, workspace, self.first, 0, (now, &recipients(RecipientState::Sending))).await.unwrap());
        let recipients = recipients(RecipientState::Sent).to_vec();
        let tried = Tried { at: now, state: SendState::Sent, reason: None, next_at: None, recipients };
        assert!(outbox::note(&mut tx, workspace, self.first, 1, &tried).await.unwrap());
        tx.commit().await.unwrap();
    }

    pub(crate) async fn close(self) {
        self.store.close().await;
    }
}

fn said(body: &str) -> (String, String) {
    (ANA.to_owned(), body.to_owned())
}

#[tokio::test]
async fn the_same_mail_ten_times_is_one_message() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let mail = desk.mail(ANA, "1@other.example", "", "Not by post.");
        assert_eq!(desk.take(&mail).await, MailOutcome::Matched);
        for number in 0..9 {
            // Every server writes on it which way it came.
            let again = format!("Received: from relay{number}.example\r\n{mail}");
            let taken = desk.app.receive_mail(&desk.admin, "desk", again.into_bytes()).await.unwrap();
            assert_eq!((taken.outcome, taken.is_new), (MailOutcome::Matched, false));
        }
        assert_eq!(desk.answers().await, [said("Not by post.")]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_same_mail_in_many_hands_at_once_is_one_message() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let mail = desk.mail(ANA, "1@other.example", "", "Not by post.");
        let hands = (0..8).map(|_| desk.app.receive_mail(&desk.admin, "desk", mail.clone().into_bytes()));
        for taken in futures::future::join_all(hands).await {
            // Whoever comes a moment too late is asked to hand it in again.
            assert!(taken.is_ok() || taken.unwrap_err().to_string().contains("try again"));
        }
        assert_eq!(desk.answers().await, [said("Not by post.")]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_is_known_by_what_it_answers_where_its_address_lost_the_token() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let mail = format!(
            "From: <{ANA}>\r\nTo: <desk@desk.example>\r\nMessage-ID: <1@other.example>\r\nIn-Reply-To: <unknown@x.example>\r\nReferences: <{}>\r\n <unknown@x.example>\r\n\r\nYes.\r\n",
            desk.first_id()
        );
        assert_eq!(desk.take(mail).await, MailOutcome::Matched);
        assert_eq!(desk.answers().await, [said("Yes.")]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_forged_token_leads_nowhere() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let token = mail_token::of_thread(&desk.store, desk.admin.workspace, desk.thread);
        let mut forged = token.clone().into_bytes();
        let last = forged.len() - 4;
        forged[last] = if forged[last] == b'a' { b'b' } else { b'a' };
        let forged = String::from_utf8(forged).unwrap();
        for (number, address) in [forged.as_str(), &desk.thread.to_string(), "", "a"].into_iter().enumerate() {
            let mail = format!(
                "From: <{ANA}>\r\nTo: <desk+{address}@desk.example>\r\nMessage-ID: <{number}@x.example>\r\nReferences: <{address}.x@desk.example>\r\nSubject: Re: Swollen BP-20\r\n\r\nLet me in.\r\n"
            );
            assert_eq!(desk.take(mail).await, MailOutcome::Unmatched, "{address}");
        }
        assert_eq!(desk.answers().await, []);
        let kept = mail::with_outcome(&desk.store, desk.admin.workspace, MailOutcome::Unmatched, 10).await.unwrap();
        assert_eq!(kept.len(), 4);
        assert!(mail::raw(&desk.store, desk.admin.workspace, kept[0].id).await.unwrap().is_some(), "nothing is lost");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn somebody_who_does_not_take_part_waits_until_a_person_lets_them_in() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let parts = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
        let body = "--b\r\nContent-Type: text/plain\r\n\r\nI am her colleague.\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1;2\r\n--b--";
        assert_eq!(desk.take(desk.mail("bo@other.example", "1@other.example", parts, body)).await, MailOutcome::Held);
        assert_eq!(desk.answers().await, []);
        let held = desk.only_held().await;
        for _ in 0..2 {
            desk.app.decide_mail(&desk.admin, held, HeldChoice::Accept).await.unwrap();
        }
        let refused = desk.app.decide_mail(&desk.admin, held, HeldChoice::Drop).await.unwrap_err().to_string();
        assert!(refused.contains("already"), "{refused}");
        assert_eq!(desk.answers().await, [("bo@other.example".to_owned(), "I am her colleague.".to_owned())]);
        let files = desk.app.attachments_of(&desk.admin, desk.ticket).await.unwrap();
        assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["a.csv"]);
        assert_eq!(desk.take(desk.mail("bo@other.example", "2@other.example", "", "More.")).await, MailOutcome::Matched, "now they take part");

        assert_eq!(desk.take(desk.mail("eve@evil.example", "3@evil.example", "", "Pay me.")).await, MailOutcome::Held);
        desk.app.decide_mail(&desk.admin, desk.only_held().await, HeldChoice::Drop).await.unwrap();
        assert_eq!(desk.answers().await.len(), 2);
        assert_eq!(desk.take(desk.mail("eve@evil.example", "4@evil.example", "", "Pay me!")).await, MailOutcome::Held);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_machine_that_answers_is_kept_and_counts_as_no_answer() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let away = desk.mail(ANA, "1@other.example", "Auto-Submitted: auto-replied\r\n", "I am away until Monday.");
        assert_eq!(desk.take(away).await, MailOutcome::AutoReply);
        assert_eq!(desk.answers().await, []);
        let exchange = desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap();
        assert_eq!(exchange.mails_of(desk.thread, MailOutcome::AutoReply).count(), 1);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_to_a_closed_side_conversation_opens_it_again() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.app.set_thread_status(&desk.admin, desk.thread, ThreadStatus::Closed).await.unwrap();
        assert_eq!(desk.take(desk.mail(ANA, "1@other.example", "", "One more thing.")).await, MailOutcome::Matched);
        assert_eq!(desk.app.thread(&desk.admin, desk.thread).await.unwrap().thread.status, ThreadStatus::Open);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn html_alone_is_read_and_what_it_quotes_is_left_out() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let html = "<html><head><style>p{}</style></head><body><p>Leave it <b>outside</b>.</p><ul><li>one</li><li>two</li></ul><script>x()</script><div>On Tue, 3 Nov 2026 at 09:10, Desk &lt;desk@desk.example&gt; wrote:<br><blockquote>May it be posted?</blockquote></div></body></html>";
        let mail = desk.mail(ANA, "1@other.example", "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n", html);
        assert_eq!(desk.take(mail).await, MailOutcome::Matched);
        assert_eq!(desk.answers().await, [said("Leave it outside.\n\n- one\n- two")]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn winmail_dat_is_kept_as_it_came() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let parts = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
        let body = "--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Disposition: attachment; filename=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgEA\r\n--b--";
        assert_eq!(desk.take(desk.mail(ANA, "1@other.example", parts, body)).await, MailOutcome::Matched);
        assert_eq!(desk.answers().await, [said("See below.")]);
        let files = desk.app.attachments_of(&desk.admin, desk.ticket).await.unwrap();
        assert_eq!(files.iter().map(|file| (file.name.as_str(), file.size_bytes)).collect::<Vec<_>>(), [("winmail.dat", 6)]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_loop_of_mails_stops_becoming_messages_and_is_still_kept() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let mut outcomes = Vec::new();
        for number in 0..6 {
            outcomes.push(desk.take(desk.mail(ANA, &format!("{number}@other.example"), "", "Ticket received, thank you.")).await);
        }
        assert_eq!(outcomes[..3], [MailOutcome::Matched; 3]);
        assert_eq!(outcomes[3..], [MailOutcome::Loop; 3]);
        assert_eq!(desk.answers().await.len(), 3);
        assert_eq!(desk.take(desk.mail(ANA, "x@other.example", "", "A person's words.")).await, MailOutcome::Matched, "others pass");
        let kept = mail::with_outcome(&desk.store, desk.admin.workspace, MailOutcome::Loop, 10).await.unwrap();
        assert_eq!(kept.len(), 3);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_bounce_says_who_did_not_get_the_message() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.sent().await;
        let report = |id: &str, original: &str, action: &str| {
            format!(
                "From: MAILER-DAEMON@mail.example\r\nTo: <{}>\r\nMessage-ID: <{id}@mail.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; Ana@Other.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{original}Subject: Swollen BP-20\r\n\r\nMay it be posted?\r\n--b--\r\n",
                desk.reply_to()
            )
        };
        let state = async || outbox::get(&desk.store, desk.admin.workspace, desk.first).await.unwrap().unwrap().recipients.remove(0);
        assert_eq!(desk.take(report("1", "", "delayed")).await, MailOutcome::Bounce);
        assert_eq!(state().await.state, RecipientState::Sent, "it may still arrive");
        assert_eq!(desk.take(report("2", &format!("Message-ID: <{}>\r\n", desk.first_id()), "failed")).await, MailOutcome::Bounce);
        let bounced = state().await;
        assert_eq!((bounced.state, bounced.reason), (RecipientState::Bounced, Some(SendReason::MailboxUnknown)));
        assert_eq!(desk.answers().await, []);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_bounce_without_the_mail_is_that_of_the_last_one_sent_to_them() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.sent().await;
        let report = format!(
            "From: MAILER-DAEMON@mail.example\r\nTo: <{}>\r\nMessage-ID: <1@mail.example>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;{ANA}\r\nAction: failed\r\nStatus: 5.2.2\r\n--b--\r\n",
            desk.reply_to()
        );
        assert_eq!(desk.take(report).await, MailOutcome::Bounce);
        let bounced = outbox::get(&desk.store, desk.admin.workspace, desk.first).await.unwrap().unwrap();
        assert_eq!(bounced.recipients[0].reason, Some(SendReason::MailboxFull));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_mail_is_kept_and_said_so() {
    each(async |database| {
        let desk = Desk::new(database).await;
        for (number, hostile) in
            [b"".to_vec(), b"not a mail".to_vec(), vec![0, 159, 146, 150], b"\r\n\r\n".to_vec()].into_iter().enumerate()
        {
            assert_eq!(desk.take(hostile).await, MailOutcome::Unreadable, "{number}");
        }
        let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
        assert_eq!(desk.take(desk.mail(ANA, "1@other.example", "", &nested)).await, MailOutcome::Matched);
        desk.close().await;
    })
    .await;
}

/// What a person has to look at.
async fn to_look_at(desk: &Desk) -> Vec<(MailOutcome, MailReason)> {
    let exchange = desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap();
    exchange.to_look_at(desk.thread).map(|mail| (mail.outcome, mail.reason.unwrap())).collect()
}

/// Lets the only mail in that a person has to look at.
async fn let_in(desk: &Desk) {
    let exchange = desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap();
    let mails: Vec<MailId> = exchange.to_look_at(desk.thread).map(|mail| mail.id).collect();
    assert_eq!(mails.len(), 1);
    desk.app.decide_mail(&desk.admin, mails[0], HeldChoice::Accept).await.unwrap();
}

async fn files(desk: &Desk) -> Vec<String> {
    desk.app.attachments_of(&desk.admin, desk.ticket).await.unwrap().into_iter().map(|file| file.name).collect()
}

const HTML: &str = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n";

#[tokio::test]
async fn a_mail_whose_body_cannot_be_taken_apart_waits_and_becomes_a_file() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let deep = |word: &str| format!("{}{word}", "<div>".repeat(2_000));
        let mail = desk.mail(ANA, "1@other.example", HTML, &deep("lost"));
        assert_eq!(desk.take(&mail).await, MailOutcome::Held);
        let again = desk.app.receive_mail(&desk.admin, "desk", format!("Received: x\r\n{mail}").into_bytes()).await.unwrap();
        assert!(!again.is_new);
        assert_eq!(to_look_at(&desk).await, [(MailOutcome::Held, MailReason::Unread)]);
        let_in(&desk).await;
        assert_eq!((desk.answers().await, files(&desk).await), (vec![said("Re: Swollen BP-20")], vec!["mail.eml".to_owned()]));
        let other = desk.take(desk.mail("bo@other.example", "1@other.example", HTML, &deep("else"))).await;
        assert_eq!(other, MailOutcome::Held, "another one with the same head is another one");
        desk.close().await;
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_mail_at_which_its_reader_dies_once_is_read_again() {
    use std::os::unix::fs::PermissionsExt as _;
    each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (program, died) = (folder.path().join("reader"), folder.path().join("died"));
        let real = env!("CARGO_BIN_EXE_backchannel");
        let script = format!("#!/bin/sh\nif [ ! -e {0} ]; then : > {0}; kill -KILL $$; fi\nexec {real} \"$@\"\n", died.display());
        fs_err::write(&program, script).unwrap();
        fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let desk = Desk::with(database, |parts| parts.extraction.program.clone_from(&program)).await;
        assert_eq!(desk.take(desk.mail(ANA, "1@other.example", "", "Not by post.")).await, MailOutcome::Matched);
        assert!(died.exists());
        assert_eq!(desk.answers().await, [said("Not by post.")]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_of_html_is_read_to_its_last_line() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let html = "<html><body><form><div class=\"footer\">Leave it outside.<br>Tell nobody.</div></form></body></html>";
        assert_eq!(desk.take(desk.mail(ANA, "1@other.example", HTML, html)).await, MailOutcome::Matched);
        assert_eq!(desk.answers().await, [said("Leave it outside.\nTell nobody.")]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn photos_without_a_word_are_no_loop() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let parts = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
        for (number, words) in ["", "", "", "", "Here.", "Here.", "Here.", "Here."].into_iter().enumerate() {
            let body = format!(
                "--b\r\nContent-Type: text/plain\r\n\r\n{words}\r\n--b\r\nContent-Type: image/png; name={number}.png\r\nContent-Disposition: attachment; filename={number}.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--"
            );
            let mail = desk.mail(ANA, &format!("{number}@other.example"), parts, &body);
            assert_eq!(desk.take(mail).await, MailOutcome::Matched, "{number}");
        }
        assert_eq!(files(&desk).await.len(), 8);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_of_a_loop_is_shown_and_may_be_let_in() {
    each(async |database| {
        let desk = Desk::new(database).await;
        for number in 0..4 {
            desk.take(desk.mail(ANA, &format!("{number}@other.example"), "", "Any news?")).await;
        }
        assert_eq!(to_look_at(&desk).await, [(MailOutcome::Loop, MailReason::TooMany)]);
        let_in(&desk).await;
        assert_eq!(desk.answers().await.len(), 4);
        assert_eq!(to_look_at(&desk).await, []);
        let ana = (&ANA.parse().unwrap(), "");
        let bo = (&"bo@other.example".parse().unwrap(), "");
        let mut tx = desk.store.begin().await.unwrap();
        let since = desk.clock.now().plus_seconds(-60);
        for ((sender, said), mails) in [(ana, 4), (bo, 0)] {
            let traffic = mail::traffic(&mut tx, desk.admin.workspace, desk.thread, (sender, said), since).await.unwrap();
            assert_eq!(traffic.mails, mails, "each sender counts alone");
        }
        tx.rollback().await.unwrap();
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_ticket_system_answers_is_kept_with_its_words_and_may_be_let_in() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let headers = "Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\n";
        assert_eq!(desk.take(desk.mail(ANA, "1@other.example", headers, "Not by post, says Ana.")).await, MailOutcome::AutoReply);
        let exchange = desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap();
        assert_eq!(exchange.mails_of(desk.thread, MailOutcome::AutoReply).next().unwrap().body, "Not by post, says Ana.");
        assert_eq!(to_look_at(&desk).await, [(MailOutcome::AutoReply, MailReason::Machine)]);
        let_in(&desk).await;
        assert_eq!(desk.answers().await, [said("Not by post, says Ana.")]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_speaks_for_the_desk_by_mail_alone() {
    each(async |database| {
        let desk = Desk::new(database).await;
        assert_eq!(desk.take(desk.mail(TOM, "1@other.example", "", "Send it to me.")).await, MailOutcome::Held, "who opened it");
        let_in(&desk).await;
        let participants = desk.app.thread(&desk.admin, desk.thread).await.unwrap().thread.participants;
        assert_eq!(participants, [ANA.parse().unwrap()], "who opened it is none of those who were asked");
        let admin = "admin@alderwick.example";
        assert_eq!(desk.take(desk.mail(admin, "2@other.example", "", "Send it to me.")).await, MailOutcome::Held, "a user");
        let two = desk.mail(ANA, "3@other.example", &format!("From: <{TOM}>\r\n"), "Send it to me.");
        assert_eq!(desk.take(two).await, MailOutcome::Held, "two senders");
        let (of_the_desk, several) = (MailReason::OfTheDesk, MailReason::SeveralSenders);
        assert_eq!(to_look_at(&desk).await, [of_the_desk, several].map(|reason| (MailOutcome::Held, reason)));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_desks_own_mail_server_says_of_a_sender_is_believed() {
    each(async |database| {
        let desk = Desk::with(database, |parts| parts.email.authserv_id = Some("mx.desk.example".to_owned())).await;
        let take = async |number: u8, from: &str, server: &str, dmarc: &str| {
            let headers = format!("Authentication-Results: {server};\r\n spf=pass; dmarc={dmarc} header.from=x\r\n");
            desk.take(desk.mail(from, &format!("{number}@other.example"), &headers, &format!("Number {number}."))).await
        };
        assert_eq!(take(1, ANA, "mx.desk.example", "pass").await, MailOutcome::Matched);
        assert_eq!(take(2, ANA, "mx.other.example", "fail").await, MailOutcome::Matched, "another server says nothing");
        assert_eq!(take(3, ANA, "mx.desk.example", "fail").await, MailOutcome::Held);
        assert_eq!(to_look_at(&desk).await, [(MailOutcome::Held, MailReason::Forged)]);
        assert_eq!(take(4, TOM, "mx.desk.example", "pass").await, MailOutcome::Matched);
        assert_eq!(take(5, TOM, "mx.desk.example", "none").await, MailOutcome::Held);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_copy_of_an_earlier_try_says_nothing_of_the_last_one() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let (workspace, now) = (desk.admin.workspace, desk.clock.now());
        let ana = [RecipientDelivery { address: ANA.parse().unwrap(), state: RecipientState::Sending, reason: None }];
        let unknown = Tried { at: now, state: SendState::Unknown, reason: None, next_at: None, recipients: vec![] };
        let mut tx = desk.store.begin().await.unwrap();
        assert!(outbox::begin(&mut tx, workspace, desk.first, 0, (now, &ana)).await.unwrap());
        outbox::note_copy(&mut tx, workspace, desk.first, 1, true).await.unwrap();
        assert!(outbox::note(&mut tx, workspace, desk.first, 1, &unknown).await.unwrap());
        assert!(outbox::requeue(&mut tx, workspace, desk.first, now).await.unwrap());
        assert!(outbox::begin(&mut tx, workspace, desk.first, 1, (now, &ana)).await.unwrap());
        tx.commit().await.unwrap();
        let copy = |attempt: u32| {
            let mark = mail_token::of_try(&desk.store, workspace, desk.first, attempt);
            let id = desk.first_id();
            format!(
                "From: <desk@desk.example>\r\nTo: <{ANA}>\r\nMessage-ID: <{id}>\r\nBackchannel-Try: {mark}\r\n\r\nMay it be posted?\r\n"
            )
        };
        let state = async || outbox::get(&desk.store, workspace, desk.first).await.unwrap().unwrap().state;
        assert_eq!(desk.take(copy(1)).await, MailOutcome::OwnCopy);
        assert_eq!(state().await, SendState::Sending);
        let forged = copy(2).replace("Try: 2.", "Try: 2.a");
        assert_eq!(desk.take(forged).await, MailOutcome::OwnCopy);
        assert_eq!(state().await, SendState::Sending);
        assert_eq!(desk.take(copy(2)).await, MailOutcome::OwnCopy);
        assert_eq!(state().await, SendState::Sent);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_bounce_of_whom_nobody_knows_is_shown_and_one_that_was_handed_on_is_not() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.sent().await;
        let report = |id: u8, recipient: &str| {
            let reply_to = desk.reply_to();
            format!(
                "From: MAILER-DAEMON@mail.example\r\nTo: <{reply_to}>\r\nMessage-ID: <{id}@mail.example>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n{recipient}Action: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
            )
        };
        assert_eq!(desk.take(report(1, "Final-Recipient: rfc822; somebody@inside.example\r\n")).await, MailOutcome::Bounce);
        assert_eq!(to_look_at(&desk).await, [(MailOutcome::Bounce, MailReason::Undelivered)]);
        let exchange = desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap();
        assert_eq!(exchange.mails[0].body, "Sorry.");
        let known = format!("Original-Recipient: rfc822;{ANA}\r\nFinal-Recipient: rfc822; ana.k@inside.example\r\n");
        assert_eq!(desk.take(report(2, &known)).await, MailOutcome::Bounce);
        assert_eq!(to_look_at(&desk).await.len(), 1);
        let bounced = outbox::get(&desk.store, desk.admin.workspace, desk.first).await.unwrap().unwrap();
        assert_eq!(bounced.recipients[0].state, RecipientState::Bounced);
        let plain = format!("Return-Path: <>\r\nFrom: mailer-daemon@mail.example\r\nTo: <{}>\r\nMessage-ID: <3@mail.example>\r\n\r\nNo.\r\n", desk.reply_to());
        assert_eq!(desk.take(plain).await, MailOutcome::Bounce);
        assert_eq!(to_look_at(&desk).await.len(), 2, "one that says nothing in order too");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn of_what_waits_for_nobody_little_is_kept_and_of_what_waits_not_without_end() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let kept =
            async |what: &str| database.number(&format!("SELECT COUNT(*) FROM incoming_mails WHERE raw IS NOT NULL AND {what}")).await;
        let large = |from: &str, id: &str, headers: &str| desk.mail(from, id, headers, &format!("Here. {}", "word ".repeat(80_000)));
        let auto = large(ANA, "1@other.example", "Auto-Submitted: auto-replied\r\n");
        assert_eq!(desk.take(auto).await, MailOutcome::AutoReply);
        assert_eq!(kept("outcome = 'auto_reply'").await, 0);
        let_in(&desk).await;
        assert!(desk.answers().await[0].1.starts_with("Here. word"), "its words are there all the same");
        assert_eq!(desk.take(large("bo@other.example", "2@other.example", "")).await, MailOutcome::Held);
        assert_eq!(kept("outcome = 'held'").await, 1);
        let exchange = desk.app.exchange_of(&desk.admin, desk.ticket).await.unwrap();
        let first = exchange.mails_of(desk.thread, MailOutcome::Held).next().unwrap();
        let much = IncomingMail { id: MailId::at(desk.clock.now(), rand::random()), ..first.clone() };
        let mut tx = desk.store.begin().await.unwrap();
        let fingerprint = Fingerprint { mail: "much".to_owned(), said: String::new() };
        assert!(mail::insert(&mut tx, &much, &fingerprint, Some(&vec![0; 64 << 20])).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(desk.take(large("cy@other.example", "3@other.example", "")).await, MailOutcome::Held);
        assert_eq!(kept("outcome = 'held'").await, 2);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_wrote_what_belongs_nowhere_is_forgotten_after_a_while() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let nobodys = "From: <eve@evil.example>\r\nTo: <desk@desk.example>\r\nMessage-ID: <1@evil.example>\r\n\r\nBuy this.\r\n";
        assert_eq!(desk.take(nobodys).await, MailOutcome::Unmatched);
        assert_eq!(desk.take(desk.mail("eve@evil.example", "2@evil.example", "", "Pay me.")).await, MailOutcome::Held);
        desk.app.decide_mail(&desk.admin, desk.only_held().await, HeldChoice::Drop).await.unwrap();
        assert_eq!(desk.take(desk.mail("bo@other.example", "3@other.example", "", "I am her colleague.")).await, MailOutcome::Held);
        let all = "SELECT COUNT(*) FROM incoming_mails";
        desk.clock.advance(29 * 24 * 3600);
        desk.app.tend().await.unwrap();
        assert_eq!(database.number(all).await, 3);
        desk.clock.advance(2 * 24 * 3600);
        desk.app.tend().await.unwrap();
        assert_eq!(database.number(all).await, 1, "what waits for a person is kept");
        desk.only_held().await;
        desk.close().await;
    })
    .await;
}
