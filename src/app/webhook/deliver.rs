//! Sending messages to webhooks: one at a time, in whatever process has room for it.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::app::App;
use crate::app::clock::jitter;
use crate::app::error::Error;
use crate::connectors::webhook::Answer;
use crate::domain::event::AuditEntry;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{DeliveryState, WebhookEnd};
use crate::domain::webhook::{Disabled, LeasedDelivery, has_failed_for_too_long, wait_seconds};
use crate::store::delivery::Attempted;
use crate::store::{self, StoreError};

/// A message whose sending broke off is sent again after so long: more than a receiver may take to answer.
const LEASE_SECONDS: i64 = 60;
/// Messages are kept for so long after what they tell.
const KEPT_SECONDS: i64 = 14 * 24 * 3600;
/// So often what came of a message is tried to be noted when another transaction is in the way.
const CONTENDED_ATTEMPTS: u32 = 5;
/// Who disables webhooks, in the audit trail.
const COURIER: &str = "courier";
const GIVEN_UP: &str = "the webhook was disabled before it could be sent";

/// What came of one look at the messages to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// The receiver has it.
    Arrived,
    /// It is tried again later.
    Postponed,
    /// It was given up.
    GivenUp,
    /// It was given up, and its webhook was disabled.
    Disabled,
    /// Meanwhile it was removed, or is to be sent anew.
    Dropped,
}

impl App {
    /// Told when a message is to be sent at once that this process has kept; those of others must be looked for.
    #[must_use]
    pub fn delivery_arrivals(&self) -> Arc<Notify> {
        self.store().delivery_arrivals()
    }

    /// Sends the message whose turn it is, if there is one, and notes what came of it.
    ///
    /// # Errors
    /// Whatever the store says; a message that was claimed is then sent again when its lease ends.
    ///
    /// # Cancel safety
    /// A message whose sending was dropped is sent again when its lease ends.
    pub async fn deliver_next(&self) -> Result<Option<Delivered>, Error> {
        let Some(leased) = store::delivery::claim(self.store(), self.now(), LEASE_SECONDS).await? else { return Ok(None) };
        // Where one was there may be another: the next idle courier looks.
        self.delivery_arrivals().notify_one();
        let answer = self.sender().send(&leased, self.now()).await;
        let jitter = jitter()();
        let mut attempt = 1;
        loop {
            match self.note(&leased, &answer, jitter).await {
                Err(error) if error.is_contended() && attempt < CONTENDED_ATTEMPTS => attempt += 1,
                noted => return Ok(Some(noted?)),
            }
        }
    }

    async fn note(&self, leased: &LeasedDelivery, answer: &Answer, jitter: f64) -> Result<Delivered, StoreError> {
        let now = self.now();
        let (workspace, webhook) = (leased.workspace, leased.webhook);
        let disabled = disabled(leased, answer, now);
        let next_at = if answer.failure.is_none() || disabled.is_some() { None } else { wait_seconds(leased.attempt, jitter) };
        let next_at = next_at.map(|seconds| now.plus_seconds(seconds));
        let (state, came) = match (&answer.failure, next_at) {
            (None, _) => (DeliveryState::Delivered, Delivered::Arrived),
            (Some(_), Some(_)) => (DeliveryState::Waiting, Delivered::Postponed),
            (Some(_), None) => (DeliveryState::Failed, Delivered::GivenUp),
        };
        let mut tx = self.store().begin().await?;
        let attempted = Attempted { at: now, status: answer.status, reason: answer.failure.as_deref(), state, next_at };
        if !store::delivery::note(&mut tx, leased, &attempted).await? {
            tx.rollback().await?;
            return Ok(Delivered::Dropped);
        }
        store::webhook::note_attempt(&mut tx, workspace, webhook, answer.failure.is_some().then_some(now)).await?;
        let mut is_disabled = false;
        if let Some(disabled) = disabled {
            is_disabled = store::webhook::disable(&mut tx, workspace, webhook, disabled).await?;
            store::delivery::give_up(&mut tx, workspace, webhook, GIVEN_UP).await?;
            if is_disabled {
                let action = "webhook.disable".to_owned();
                let entry = AuditEntry { workspace, actor: COURIER.to_owned(), action, target: webhook.to_string(), at: now };
                store::audit::append(&mut tx, &entry);
            }
        }
        tx.commit().await?;
        // Never the address: it may hold a key of the receiver's.
        if let Some(reason) = &answer.failure {
            let next = next_at.map(|at| at.to_string());
            tracing::warn!(
                webhook.id = %webhook, delivery.id = %leased.id, delivery.attempt = leased.attempt, delivery.reason = reason,
                delivery.next_at = next, webhook.is_disabled = is_disabled, "a message to a webhook was not taken"
            );
        }
        Ok(if is_disabled { Delivered::Disabled } else { came })
    }

    /// Forgets messages that are two weeks old and wait no more.
    pub(in crate::app) async fn forget_deliveries(&self, tx: &mut store::Tx) -> Result<(), Error> {
        store::delivery::sweep(tx, self.now().plus_seconds(-KEPT_SECONDS)).await?;
        Ok(())
    }
}

/// Whether an answer is the last that a webhook gives for now.
fn disabled(leased: &LeasedDelivery, answer: &Answer, now: Timestamp) -> Option<Disabled> {
    answer.failure.as_ref()?;
    let reason = if answer.is_gone() {
        WebhookEnd::Gone
    } else if has_failed_for_too_long(leased.failing_since, now) {
        WebhookEnd::Failing
    } else {
        return None;
    };
    Some(Disabled { at: now, reason })
}
