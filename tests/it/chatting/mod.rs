//! Side conversations in Slack and Teams, with stubs that take what these take and refuse what they refuse.

mod slack;
mod teams;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use backchannel::api;
use backchannel::app::{self, App, Clock, Parts};
use backchannel::domain::chat::ChatOutcome;
use backchannel::domain::id::{MessageId, ThreadId, TicketId};
use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::outbox::{MessageDelivery, RecipientState, SendReason, SendState};
use backchannel::domain::person::Channel;
use backchannel::domain::thread::ThreadHistory;
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{Language, ThreadChannel};
use backchannel::jobs::{AppHandler, Ran, Runner, RunnerOptions};
use backchannel::store::{Store, chat, event, outbox};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::support::app::parts;
use crate::support::database::Database;
use crate::support::make;
use crate::web::visitor::put;

const TOM: &str = "tom@alderwick.example";
const INGRID: &str = "ingrid@alderwick.example";

/// A desk whose time stands still until it is moved.
struct Desk {
    app: App,
    router: Router,
    admin: Actor,
    store: Store,
    clock: Clock,
    ticket: TicketId,
    _folder: TempDir,
}

impl Desk {
    async fn new(database: &Database, change: impl FnOnce(&mut Parts)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (database.open_again().await, Clock::fixed(make::NOW));
        let mut parts = parts(store.clone(), &folder).await;
        parts.clock = clock.clone();
        parts.webhooks.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
        change(&mut parts);
        let app = App::new(parts);
        let email = "admin@alderwick.example".parse().unwrap();
        let admin = app.create_workspace("desk".parse().unwrap(), "Desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        let ticket = put(&app, &admin, "T-1").await;
        let router = api::router(app.clone(), &api::Options::default());
        Self { app, router, admin, store, clock, ticket, _folder: folder }
    }

    /// Puts a channel into the directory.
    async fn channel(&self, name: &str, kind: ThreadChannel, address: &str) {
        let channel = Channel {
            name: name.parse().unwrap(),
            kind,
            address: address.to_owned(),
            teams: vec![],
            expected_reply_minutes: 30,
            use_for: "defects".to_owned(),
        };
        self.app.put_channel(&self.admin, channel).await.unwrap();
    }

    /// Opens a side conversation in a channel of the directory; gives it with its first message.
    async fn ask_in(&self, channel: &str, new: NewThread) -> (ThreadId, MessageId) {
        let opened = self.app.open_thread_in(&self.admin, self.ticket, new, &channel.parse().unwrap()).await.unwrap().item;
        (opened.thread.id, opened.messages[0].id)
    }

    /// Does every job that is due.
    async fn work(&self) {
        let clock = self.clock.clone();
        let handler = Arc::new(AppHandler::new(self.app.clone()));
        let runner = Runner::new(self.store.clone(), handler, Arc::new(move || clock.now()), app::jitter(), RunnerOptions::default());
        loop {
            match runner.try_run_one().await.unwrap() {
                Ran::Nothing => return,
                Ran::Done | Ran::Deferred | Ran::Retried => {}
                failed @ (Ran::Dead | Ran::LeaseLost | Ran::Returned) => panic!("a job ended as {failed:?}"),
            }
        }
    }

    async fn delivery(&self, message: MessageId) -> MessageDelivery {
        outbox::get(&self.store, self.admin.workspace, message).await.unwrap().expect("the message leaves")
    }

    /// Where a message stands, why, and with each of those it is for.
    async fn state(&self, message: MessageId) -> (SendState, Option<SendReason>, Vec<RecipientState>) {
        let delivery = self.delivery(message).await;
        (delivery.state, delivery.reason, delivery.recipients.iter().map(|recipient| recipient.state).collect())
    }

    async fn thread(&self, thread: ThreadId) -> ThreadHistory {
        self.app.thread(&self.admin, thread).await.unwrap()
    }

    /// What was said in a side conversation after its first message.
    async fn answers(&self, thread: ThreadId) -> Vec<(String, String)> {
        let messages = self.thread(thread).await.messages;
        messages.into_iter().skip(1).map(|message| (message.author.to_string(), message.body)).collect()
    }

    async fn outcomes(&self, outcome: ChatOutcome) -> u32 {
        chat::count_events(&self.store, self.admin.workspace, outcome).await.unwrap()
    }

    /// How often something was told of the ticket.
    async fn told(&self, kind: &str) -> usize {
        let events = event::after_of_ticket(&self.store, self.admin.workspace, self.ticket, 0, 1000).await.unwrap();
        events.iter().filter(|seen| seen.event.kind == kind).count()
    }

    /// Has a request come in; gives the status and the body.
    async fn hear(&self, request: Request<Body>) -> (u16, String) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn close(self) {
        self.store.close().await;
    }
}

fn thread(channel: ThreadChannel, body: &str) -> NewThread {
    NewThread {
        ask: None,
        external_id: None,
        channel,
        subject: "Swollen BP-20".to_owned(),
        status: None,
        opened_by: TOM.parse().unwrap(),
        participants: vec![INGRID.parse().unwrap()],
        created_at: None,
        messages: vec![said(TOM, body)],
        context: vec![],
    }
}

fn said(author: &str, body: &str) -> NewMessage {
    NewMessage { author: author.parse().unwrap(), body: body.to_owned(), created_at: None, attachments: vec![] }
}
