//! Webhooks: what is told, signed, tried again, given up and disabled, with a receiver on this machine and time that stands still.

use std::collections::BTreeSet;

use backchannel::app::{App, Clock, Delivered};
use backchannel::connectors::webhook::Options;
use backchannel::domain::id::{DeliveryId, TicketId, WebhookId};
use backchannel::domain::intake::{NewCorrection, PageRequest};
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{DeliveryState, Language, WebhookEnd, WebhookEvent};
use backchannel::domain::webhook::{Delivery, NewWebhook};
use backchannel::jobs;
use backchannel::store::delivery::{self, Attempted};
use backchannel::store::{PageRequest as StorePage, Store, ticket, webhook};
use backchannel::wire::triage::TriageOut;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::support::app::{parts, playbook};
use crate::support::database::{Database, each};
use crate::support::make;
use crate::support::receiver::{Receiver, Reply};
use crate::web::visitor::put;

const DAY: i64 = 24 * 3600;

/// A desk whose time stands still until it is moved, and whose webhooks may lead to this machine.
struct Desk {
    app: App,
    admin: Actor,
    store: Store,
    clock: Clock,
    _folder: TempDir,
}

impl Desk {
    async fn new(database: &Database) -> Self {
        Self::with(database, Options { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()], ..Options::default() }).await
    }

    async fn with(database: &Database, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (database.open_again().await, Clock::fixed(make::NOW));
        let mut parts = parts(store.clone(), &folder).await;
        (parts.clock, parts.webhooks) = (clock.clone(), options);
        let app = App::new(parts);
        let admin = workspace(&app, "desk").await;
        Self { app, admin, store, clock, _folder: folder }
    }

    /// Makes a webhook; gives its secret as its receiver would keep it.
    async fn webhook(&self, url: &str, events: &[WebhookEvent]) -> (WebhookId, String) {
        let new = NewWebhook { url: url.to_owned(), events: events.iter().copied().collect(), description: None };
        let (webhook, secret) = self.app.create_webhook(&self.admin, new).await.unwrap();
        (webhook.id, secret.expose())
    }

    async fn of_triage(&self, receiver: &Receiver) -> (WebhookId, String) {
        self.webhook(&receiver.url(), &[WebhookEvent::TicketTriaged]).await
    }

    /// Takes a ticket in and triages it.
    async fn triaged(&self, external_id: &str) -> TicketId {
        triaged(&self.app, &self.admin, external_id).await
    }

    /// Sends everything that is due.
    async fn deliver(&self) -> Vec<Delivered> {
        let mut came = Vec::new();
        while let Some(delivered) = self.app.deliver_next().await.unwrap() {
            came.push(delivered);
        }
        came
    }

    async fn deliveries(&self, webhook: WebhookId) -> Vec<Delivery> {
        self.app.deliveries(&self.admin, webhook, PageRequest::default()).await.unwrap().items
    }

    async fn only_delivery(&self, webhook: WebhookId) -> Delivery {
        let [only] = self.deliveries(webhook).await.try_into().unwrap();
        only
    }

    /// Moves time to the moment at which a message is tried again, and sends it.
    async fn deliver_when_due(&self, webhook: WebhookId) -> Vec<Delivered> {
        let due = self.only_delivery(webhook).await.next_attempt_at.unwrap();
        let wait_seconds = due.seconds_since(self.app.now());
        self.clock.advance(wait_seconds - 1);
        assert_eq!(self.deliver().await, [], "a second too early");
        self.clock.advance(1);
        self.deliver().await
    }

    async fn close(self) {
        self.store.close().await;
    }
}

async fn workspace(app: &App, name: &str) -> Actor {
    let email = format!("admin@{name}.example").parse().unwrap();
    let admin = app.create_workspace(name.parse().unwrap(), name, Language::ENGLISH, email, "Ada Admin").await.unwrap();
    app.apply_playbook(&admin, playbook()).await.unwrap();
    admin
}

async fn triaged(app: &App, admin: &Actor, external_id: &str) -> TicketId {
    let ticket = put(app, admin, external_id).await;
    app.prepare_panel(admin.workspace, ticket).await.unwrap();
    ticket
}

#[tokio::test]
async fn a_triaged_ticket_is_told_once_with_a_signature_that_verifies() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, secret) = desk.webhook(&receiver.url(), WebhookEvent::ALL).await;
        let ticket = desk.triaged("T-1").await;
        assert_eq!(receiver.got().len(), 0, "nothing is sent in the ticket's own transaction");
        assert_eq!(desk.deliver().await, [Delivered::Arrived, Delivered::Arrived]);

        let got = receiver.got();
        let told = got.iter().find(|got| got.json()["type"] == "ticket.triaged").unwrap();
        let triage = TriageOut::from(desk.app.triage_of(&desk.admin, ticket).await.unwrap());
        let expected = json!({
            "type": "ticket.triaged", "timestamp": make::NOW.to_string(),
            "data": {"ticket": {"id": ticket.to_string(), "external_id": "T-1"}, "triage": triage},
        });
        assert_eq!(told.json(), expected);
        let ready = got.iter().find(|got| got.json()["type"] == "suggestion.ready").unwrap();
        assert_eq!(ready.json()["data"], json!({"ticket": {"id": ticket.to_string(), "external_id": "T-1"}}));
        for message in &got {
            message.expect_signed(&[&secret]);
            assert_eq!(message.header("content-type"), "application/json");
            assert_eq!(message.header("webhook-timestamp"), (make::NOW.as_micros() / 1_000_000).to_string());
            assert!(message.header("webhook-id").parse::<DeliveryId>().is_ok());
        }
        assert_ne!(told.header("webhook-id"), ready.header("webhook-id"));
        for delivery in desk.deliveries(webhook).await {
            let state = (delivery.state, delivery.attempts, delivery.last_status, delivery.reason, delivery.next_attempt_at);
            assert_eq!(state, (DeliveryState::Delivered, 1, Some(204), None, None));
            assert_eq!(delivery.ticket, Some(ticket));
        }
        desk.clock.advance(30 * DAY);
        assert_eq!(desk.deliver().await, [], "what arrived is not sent again");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_triage_is_told_again_only_when_it_says_something_else() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        desk.of_triage(&receiver).await;
        let ticket = desk.triaged("T-1").await;
        for _ in 0..3 {
            desk.clock.advance(60);
            desk.app.prepare_panel(desk.admin.workspace, ticket).await.unwrap();
        }
        desk.deliver().await;
        assert_eq!(receiver.got().len(), 1, "the panel was made anew and decides the same");
        let said = NewCorrection { matter: None, group: Some("billing".parse().unwrap()) };
        desk.app.correct_triage(&desk.admin, ticket, said).await.unwrap();
        desk.clock.advance(60);
        desk.app.prepare_panel(desk.admin.workspace, ticket).await.unwrap();
        desk.deliver().await;
        let got = receiver.got();
        let route = &got[1].json()["data"]["triage"]["route"];
        assert_eq!((got.len(), &route["group"], &route["by"]), (2, &json!("billing"), &json!("person")));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_not_taken_is_tried_again_with_the_same_id_and_its_own_timestamp() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, secret) = desk.of_triage(&receiver).await;
        receiver.next([Reply::Status(500), Reply::Status(429)]);
        desk.triaged("T-1").await;
        assert_eq!(desk.deliver().await, [Delivered::Postponed]);
        let waiting = desk.only_delivery(webhook).await;
        assert_eq!((waiting.state, waiting.attempts, waiting.last_status), (DeliveryState::Waiting, 1, Some(500)));
        assert_eq!(waiting.reason.as_deref(), Some("it answered 500"), "none of the receiver's words");
        assert_eq!(desk.app.webhook(&desk.admin, webhook).await.unwrap().failing_since, Some(make::NOW));
        assert_eq!(desk.deliver_when_due(webhook).await, [Delivered::Postponed]);
        assert_eq!(desk.deliver_when_due(webhook).await, [Delivered::Arrived]);

        let got = receiver.got();
        let ids: BTreeSet<&str> = got.iter().map(|got| got.header("webhook-id")).collect();
        assert_eq!((got.len(), ids.len()), (3, 1));
        assert!(got.iter().all(|message| message.body == got[0].body), "the same bytes each time");
        let seconds: Vec<i64> = got.iter().map(|got| got.header("webhook-timestamp").parse().unwrap()).collect();
        assert_eq!(seconds[0], make::NOW.as_micros() / 1_000_000);
        assert!((4..=6).contains(&(seconds[1] - seconds[0])) && (270..=330).contains(&(seconds[2] - seconds[1])), "{seconds:?}");
        for message in &got {
            message.expect_signed(&[&secret]);
        }
        assert_eq!(desk.app.webhook(&desk.admin, webhook).await.unwrap().failing_since, None);
        let delivery = desk.only_delivery(webhook).await;
        assert_eq!((delivery.state, delivery.attempts, delivery.reason), (DeliveryState::Delivered, 3, None));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn after_ten_attempts_a_message_is_given_up_and_can_be_sent_again() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, _) = desk.of_triage(&receiver).await;
        receiver.otherwise(Reply::Status(503));
        desk.triaged("T-1").await;
        desk.deliver().await;
        for _ in 2..10 {
            assert_eq!(desk.deliver_when_due(webhook).await, [Delivered::Postponed]);
        }
        assert_eq!(desk.deliver_when_due(webhook).await, [Delivered::GivenUp]);
        let hours = desk.app.now().seconds_since(make::NOW) / 3600;
        assert!((68..=84).contains(&hours), "{hours} h");
        let given_up = desk.only_delivery(webhook).await;
        assert_eq!((given_up.state, given_up.attempts, given_up.next_attempt_at), (DeliveryState::Failed, 10, None));
        desk.clock.advance(DAY);
        assert_eq!(desk.deliver().await, []);

        receiver.otherwise(Reply::Status(200));
        let replayed = desk.app.replay_delivery(&desk.admin, webhook, given_up.id).await.unwrap();
        assert_eq!((replayed.id, replayed.state, replayed.attempts), (given_up.id, DeliveryState::Waiting, 0));
        assert_eq!(desk.deliver().await, [Delivered::Arrived]);
        // What arrived is sent again too, where somebody asks for it.
        desk.app.replay_delivery(&desk.admin, webhook, given_up.id).await.unwrap();
        assert_eq!(desk.deliver().await, [Delivered::Arrived]);
        let got = receiver.got();
        assert_eq!(got.len(), 12);
        assert!(got.iter().all(|got| got.header("webhook-id") == given_up.id.to_string()));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn for_a_day_after_a_rotation_both_secrets_sign() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, first) = desk.of_triage(&receiver).await;
        let rotate = async || {
            let (webhook, secret) = desk.app.rotate_webhook_secret(&desk.admin, webhook).await.unwrap();
            assert_eq!(webhook.former_secret_until, Some(desk.app.now().plus_seconds(DAY)));
            secret.expose()
        };
        let send = async || {
            desk.app.ping_webhook(&desk.admin, webhook).await.unwrap();
            assert_eq!(desk.deliver().await, [Delivered::Arrived]);
            receiver.got().pop().unwrap()
        };
        send().await.expect_signed(&[&first]);
        let second = rotate().await;
        assert_ne!(first, second);
        send().await.expect_signed(&[&second, &first]);
        desk.clock.advance(DAY - 1);
        send().await.expect_signed(&[&second, &first]);
        desk.clock.advance(1);
        send().await.expect_signed(&[&second]);
        let third = rotate().await;
        let fourth = rotate().await;
        send().await.expect_signed(&[&fourth, &third]);
        // A message that waits is signed with what is in force when it is sent.
        receiver.next([Reply::Status(500)]);
        desk.app.ping_webhook(&desk.admin, webhook).await.unwrap();
        desk.deliver().await;
        let fifth = rotate().await;
        desk.clock.advance(60);
        desk.deliver().await;
        receiver.got().pop().unwrap().expect_signed(&[&fifth, &fourth]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_answers_410_gets_nothing_more_until_it_is_enabled() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, _) = desk.of_triage(&receiver).await;
        receiver.next([Reply::Status(410)]);
        let (first, second) = (desk.triaged("T-1").await, desk.triaged("T-2").await);
        assert_eq!(desk.deliver().await, [Delivered::Disabled]);
        desk.triaged("T-3").await;
        desk.clock.advance(10 * DAY);
        assert_eq!(desk.deliver().await, []);
        assert_eq!(receiver.got().len(), 1);
        let state = desk.app.webhook(&desk.admin, webhook).await.unwrap();
        assert_eq!(state.disabled.map(|disabled| (disabled.at, disabled.reason)), Some((make::NOW, WebhookEnd::Gone)));
        let deliveries = desk.deliveries(webhook).await;
        assert_eq!(deliveries.iter().filter_map(|delivery| delivery.ticket).collect::<BTreeSet<_>>(), [first, second].into());
        assert!(deliveries.iter().all(|delivery| delivery.state == DeliveryState::Failed && delivery.reason.is_some()));
        let trail = desk.app.audit(&desk.admin, PageRequest::default()).await.unwrap().items;
        assert!(trail.iter().any(|line| line.action == "webhook.disable" && line.target == webhook.to_string()));

        let refused = [
            desk.app.ping_webhook(&desk.admin, webhook).await.unwrap_err(),
            desk.app.replay_delivery(&desk.admin, webhook, deliveries[0].id).await.unwrap_err(),
        ];
        assert!(refused.iter().all(|error| error.to_string().contains("enable it first")), "{refused:?}");
        let enabled = desk.app.enable_webhook(&desk.admin, webhook).await.unwrap();
        assert_eq!((enabled.disabled, enabled.failing_since), (None, None));
        assert_eq!(desk.deliver().await, [], "what was given up stays so");
        desk.app.replay_delivery(&desk.admin, webhook, deliveries[0].id).await.unwrap();
        assert_eq!(desk.deliver().await, [Delivered::Arrived]);
        desk.triaged("T-4").await;
        assert_eq!(desk.deliver().await, [Delivered::Arrived]);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn five_days_in_which_every_attempt_failed_disable_a_webhook_and_one_success_counts() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, _) = desk.of_triage(&receiver).await;
        receiver.otherwise(Reply::Status(502));
        let since = async || {
            let state = desk.app.webhook(&desk.admin, webhook).await.unwrap();
            (state.failing_since, state.disabled.map(|disabled| disabled.reason))
        };
        let ping = async || {
            desk.app.ping_webhook(&desk.admin, webhook).await.unwrap();
            desk.deliver().await
        };
        ping().await;
        desk.clock.advance(4 * DAY);
        receiver.next([Reply::Status(200), Reply::Status(200)]);
        assert_eq!(ping().await, [Delivered::Arrived, Delivered::Arrived], "the first one too");
        desk.clock.advance(2 * DAY);
        let begun = desk.app.now();
        ping().await;
        assert_eq!(since().await, (Some(begun), None), "six days after the first failure, but not of failures alone");
        desk.clock.advance(5 * DAY - 1);
        ping().await;
        assert_eq!(since().await, (Some(begun), None));
        desk.clock.advance(1);
        assert!(ping().await.contains(&Delivered::Disabled));
        assert_eq!(since().await, (Some(begun), Some(WebhookEnd::Failing)));
        let before = receiver.got().len();
        desk.clock.advance(DAY);
        assert_eq!((desk.deliver().await.len(), receiver.got().len()), (0, before));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_sends_elsewhere_is_not_followed() {
    each(async |database| {
        let (desk, receiver, elsewhere) = (Desk::new(database).await, Receiver::start().await, Receiver::start().await);
        let (webhook, _) = desk.of_triage(&receiver).await;
        receiver.otherwise(Reply::SeeOther(elsewhere.url()));
        desk.triaged("T-1").await;
        assert_eq!(desk.deliver().await, [Delivered::Postponed]);
        assert_eq!((receiver.got().len(), elsewhere.got().len()), (1, 0));
        let delivery = desk.only_delivery(webhook).await;
        assert_eq!(delivery.last_status, Some(307));
        assert!(delivery.reason.unwrap().contains("not followed"));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_connected_to() {
    each(async |database| {
        let desk = Desk::with(database, Options::default()).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (webhook, _) = desk.webhook(&format!("https://localhost:{port}/"), &[WebhookEvent::TicketTriaged]).await;
        desk.app.ping_webhook(&desk.admin, webhook).await.unwrap();
        assert_eq!(desk.deliver().await, [Delivered::Postponed]);
        let delivery = desk.only_delivery(webhook).await;
        assert_eq!(delivery.last_status, None);
        assert!(delivery.reason.unwrap().contains("`webhooks.allowed_networks`"));
        let accepted = tokio::select! {
            biased;
            _ = listener.accept() => true,
            () = std::future::ready(()) => false,
        };
        assert!(!accepted, "somebody connected");
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn whoever_does_not_answer_and_whoever_is_not_there_is_told_apart() {
    each(async |database| {
        let networks = vec!["127.0.0.0/8".parse().unwrap()];
        let desk = Desk::with(database, Options { timeout_seconds: 1, allowed_networks: networks }).await;
        let receiver = Receiver::start().await;
        receiver.otherwise(Reply::Never);
        let reason = async |url: String| {
            let (webhook, _) = desk.webhook(&url, &[WebhookEvent::TicketTriaged]).await;
            desk.app.ping_webhook(&desk.admin, webhook).await.unwrap();
            desk.deliver().await;
            desk.only_delivery(webhook).await.reason.unwrap()
        };
        assert_eq!(reason(receiver.url()).await, "no answer within 1 seconds");
        let url = receiver.url();
        drop(receiver);
        // The port is free again once the listener's task has ended.
        while tokio::net::TcpStream::connect(url.split('/').nth(2).unwrap()).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(reason(url).await.starts_with("no connection"));
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_process_left_behind_is_sent_by_the_next_one_with_the_same_id() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, secret) = desk.of_triage(&receiver).await;
        desk.triaged("T-1").await;
        // A process that claims and dies.
        let dead = delivery::claim(&desk.store, desk.app.now(), 60).await.unwrap().unwrap();
        assert_eq!(format!("{:?}", dead.secrets), "[SigningSecret(whsec_…)]");
        desk.clock.advance(59);
        assert_eq!(desk.deliver().await, []);
        desk.clock.advance(1);
        assert_eq!(desk.deliver().await, [Delivered::Arrived]);
        let [got] = receiver.got().try_into().unwrap();
        assert_eq!(got.header("webhook-id"), dead.id.to_string());
        got.expect_signed(&[&secret]);
        assert_eq!(desk.only_delivery(webhook).await.attempts, 1, "the attempt that nobody saw end is not counted");
        // Should it have been alive after all, what it says comes too late.
        let late = Attempted { at: make::NOW, status: None, reason: Some("late"), state: DeliveryState::Failed, next_at: None };
        let mut tx = desk.store.begin().await.unwrap();
        assert!(!delivery::note(&mut tx, &dead, &late).await.unwrap());
        tx.rollback().await.unwrap();
        assert_eq!(desk.only_delivery(webhook).await.state, DeliveryState::Delivered);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_removed_webhook_gets_nothing_that_waits_or_comes() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, _) = desk.of_triage(&receiver).await;
        receiver.next([Reply::Status(500)]);
        desk.triaged("T-1").await;
        desk.deliver().await;
        desk.triaged("T-2").await;
        let under_way = delivery::claim(&desk.store, desk.app.now(), 60).await.unwrap().unwrap();
        desk.app.delete_webhook(&desk.admin, webhook).await.unwrap();
        desk.triaged("T-3").await;
        desk.clock.advance(10 * DAY);
        assert_eq!(desk.deliver().await, []);
        assert_eq!(receiver.got().len(), 1);
        let arrived = Attempted { at: make::NOW, status: Some(200), reason: None, state: DeliveryState::Delivered, next_at: None };
        let mut tx = desk.store.begin().await.unwrap();
        assert!(!delivery::note(&mut tx, &under_way, &arrived).await.unwrap());
        drop(tx);
        assert!(desk.app.deliveries(&desk.admin, webhook, PageRequest::default()).await.is_err());
        assert_eq!(database.number("SELECT COUNT(*) FROM webhook_deliveries").await, 0);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_is_told_of_another_workspace_or_of_what_they_did_not_ask_for() {
    each(async |database| {
        let (desk, own, foreign) = (Desk::new(database).await, Receiver::start().await, Receiver::start().await);
        let other = workspace(&desk.app, "other").await;
        desk.webhook(&own.url(), &[WebhookEvent::SuggestionReady]).await;
        let all = WebhookEvent::ALL.iter().copied().collect();
        let new = NewWebhook { url: foreign.url(), events: all, description: None };
        let (foreign_webhook, _) = desk.app.create_webhook(&other, new).await.unwrap();
        desk.triaged("T-1").await;
        desk.deliver().await;
        assert_eq!(own.got().iter().map(|got| got.json()["type"].clone()).collect::<Vec<Value>>(), ["suggestion.ready"]);
        assert_eq!(foreign.got().len(), 0);
        triaged(&desk.app, &other, "T-1").await;
        desk.deliver().await;
        assert_eq!((own.got().len(), foreign.got().len()), (1, 2));
        assert!(desk.app.webhook(&desk.admin, foreign_webhook.id).await.is_err());
        desk.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_hangs_holds_up_nobody_else() {
    each(async |database| {
        let (desk, hanging, well) = (Desk::new(database).await, Receiver::start().await, Receiver::start().await);
        hanging.otherwise(Reply::Never);
        let (stuck, _) = desk.of_triage(&hanging).await;
        desk.of_triage(&well).await;
        let (stop, stopped) = oneshot::channel::<()>();
        let couriers = tokio::spawn(jobs::deliver(desk.app.clone(), async { stopped.await.unwrap_or_default() }));
        for number in 0..8 {
            desk.triaged(&format!("T-{number}")).await;
        }
        // Each message is told of by the commit that kept it, or found within a second.
        let got = well.until(8).await;
        let ids: BTreeSet<&str> = got.iter().map(|got| got.header("webhook-id")).collect();
        assert_eq!(ids.len(), 8);
        hanging.until(4).await;
        assert_eq!(hanging.got().len(), 4, "so many are under way at once to one webhook");
        couriers.abort();
        drop(stop);
        assert!(couriers.await.is_err_and(|error| error.is_cancelled()));

        // Once it has failed, a single message of its is under way.
        let claimed = async || {
            let mut claimed = Vec::new();
            while let Some(leased) = delivery::claim(&desk.store, desk.app.now(), 60).await.unwrap() {
                claimed.push(leased);
            }
            claimed.into_iter().filter(|leased| leased.webhook == stuck).collect::<Vec<_>>()
        };
        desk.clock.advance(60);
        assert_eq!(claimed().await.len(), 4, "the leases of the couriers that were cut off have ended");
        let mut tx = desk.store.begin().await.unwrap();
        webhook::note_attempt(&mut tx, desk.admin.workspace, stuck, Some(desk.app.now())).await.unwrap();
        tx.commit().await.unwrap();
        desk.clock.advance(60);
        assert_eq!(claimed().await.len(), 1);
        desk.close().await;
    })
    .await;
}

#[tokio::test]
async fn messages_are_forgotten_after_two_weeks_and_with_their_ticket() {
    each(async |database| {
        let (desk, receiver) = (Desk::new(database).await, Receiver::start().await);
        let (webhook, _) = desk.of_triage(&receiver).await;
        let ticket = desk.triaged("T-1").await;
        desk.deliver().await;
        desk.clock.advance(14 * DAY);
        desk.app.tend().await.unwrap();
        assert_eq!(desk.deliveries(webhook).await.len(), 1);
        desk.clock.advance(1);
        receiver.otherwise(Reply::Status(500));
        desk.triaged("T-2").await;
        desk.deliver().await;
        desk.app.tend().await.unwrap();
        let [left] = desk.deliveries(webhook).await.try_into().unwrap();
        assert_ne!(left.ticket, Some(ticket));
        let mut tx = desk.store.begin().await.unwrap();
        assert!(ticket::remove(&mut tx, desk.admin.workspace, left.ticket.unwrap()).await.unwrap());
        tx.commit().await.unwrap();
        let page = StorePage::first(9);
        assert_eq!(delivery::list(&desk.store, desk.admin.workspace, webhook, &page).await.unwrap().items.len(), 0);
        desk.close().await;
    })
    .await;
}
