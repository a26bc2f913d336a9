//! Webhooks: what an admin does about them. What they are told of is in `tell`, how messages are sent in `deliver`.

mod deliver;
mod tell;

pub use deliver::Delivered;

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::ticket::{page_of, page_request};
use crate::domain::id::{DeliveryId, WebhookId};
use crate::domain::intake::{Page, PageRequest};
use crate::domain::user::{Actor, Permission};
use crate::domain::webhook::{Delivery, FORMER_SECRET_SECONDS, MessageKind, NewDelivery, NewWebhook, SigningSecret, Webhook};
use crate::store;
use crate::wire::webhook::{MessageOut, PingOut};

/// So many webhooks a workspace may have.
pub const MOST_WEBHOOKS: usize = 20;

impl App {
    /// Makes a webhook; its secret is given once and never again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but an admin; [`Error::Invalid`] for an address that nothing can be sent to;
    /// [`Error::Conflict`] when the workspace has [`MOST_WEBHOOKS`] already.
    pub async fn create_webhook(&self, actor: &Actor, new: NewWebhook) -> Result<(Webhook, SigningSecret), Error> {
        self.allow(actor, Permission::Administer)?;
        let NewWebhook { url, events, description } = new;
        self.sender().check(&url).map_err(|unfit| Error::invalid("url", unfit))?;
        if events.is_empty() {
            return Err(Error::invalid("events", "name at least one event"));
        }
        let now = self.now();
        let webhook = Webhook {
            id: WebhookId::at(now, random()),
            workspace: actor.workspace,
            url,
            events,
            description,
            created_by: actor.name.clone(),
            created_at: now,
            former_secret_until: None,
            failing_since: None,
            disabled: None,
        };
        let mut tx = self.store().begin().await?;
        let many = store::webhook::hold_all(&mut tx, actor.workspace).await?;
        if usize::try_from(many).unwrap_or(usize::MAX) >= MOST_WEBHOOKS {
            return Err(Error::Conflict(format!("there are {many} webhooks already, which is the most: remove one that nobody needs")));
        }
        let secret = store::webhook::insert(&mut tx, &webhook, random()).await?;
        self.record(&mut tx, actor, "webhook.create", &webhook.id.to_string());
        tx.commit().await?;
        Ok((webhook, secret))
    }

    /// The webhooks of the workspace, newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not audit; [`Error::Invalid`] for a cursor that no list gave.
    pub async fn webhooks(&self, actor: &Actor, page: PageRequest) -> Result<Page<Webhook>, Error> {
        self.allow(actor, Permission::Audit)?;
        page_of(store::webhook::list(self.store(), actor.workspace, &page_request(&page)?).await?)
    }

    /// A webhook.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook, Error> {
        self.allow(actor, Permission::Audit)?;
        store::webhook::get(self.store(), actor.workspace, id).await?.ok_or_else(|| not_found(id))
    }

    /// Removes a webhook with its messages; what was not sent yet never is.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn delete_webhook(&self, actor: &Actor, id: WebhookId) -> Result<(), Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        if !store::webhook::remove(&mut tx, actor.workspace, id).await? {
            return Err(not_found(id));
        }
        self.record(&mut tx, actor, "webhook.delete", &id.to_string());
        Ok(tx.commit().await?)
    }

    /// Gives a webhook a new secret; for a day the one before signs beside it, and one from before that no more.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn rotate_webhook_secret(&self, actor: &Actor, id: WebhookId) -> Result<(Webhook, SigningSecret), Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        let until = self.now().plus_seconds(FORMER_SECRET_SECONDS);
        let secret = store::webhook::rotate(&mut tx, actor.workspace, id, random(), until).await?.ok_or_else(|| not_found(id))?;
        let webhook = store::webhook::get(&mut tx, actor.workspace, id).await?.ok_or_else(|| not_found(id))?;
        self.record(&mut tx, actor, "webhook.rotate", &id.to_string());
        tx.commit().await?;
        Ok((webhook, secret))
    }

    /// Enables a webhook that was disabled; what happened meanwhile is not told, and what was given up can be sent again.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn enable_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook, Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        if !store::webhook::enable(&mut tx, actor.workspace, id).await? {
            return Err(not_found(id));
        }
        let webhook = store::webhook::get(&mut tx, actor.workspace, id).await?.ok_or_else(|| not_found(id))?;
        self.record(&mut tx, actor, "webhook.enable", &id.to_string());
        tx.commit().await?;
        Ok(webhook)
    }

    /// Sends a webhook a message that tells nothing, to see whether it arrives.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace; [`Error::Conflict`] for one that is disabled.
    pub async fn ping_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Delivery, Error> {
        self.allow(actor, Permission::Administer)?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        expect_enabled(store::webhook::get(&mut tx, actor.workspace, id).await?, id)?;
        let message = MessageOut::new(MessageKind::Ping, now, PingOut { webhook: id.to_string() });
        let new = NewDelivery {
            id: DeliveryId::at(now, random()),
            workspace: actor.workspace,
            webhook: id,
            kind: MessageKind::Ping,
            ticket: None,
            body: serde_json::to_string(&message).map_err(Error::internal)?,
            created_at: now,
        };
        store::delivery::insert(&mut tx, &new).await?;
        let kept = store::delivery::get(&mut tx, actor.workspace, id, new.id).await?;
        tx.commit().await?;
        kept.ok_or_else(|| Error::internal("a message that was just kept is not there: this is a bug"))
    }

    /// The messages to a webhook of the last two weeks, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a webhook that is not in the actor's workspace; [`Error::Invalid`] for a cursor that no list gave.
    pub async fn deliveries(&self, actor: &Actor, id: WebhookId, page: PageRequest) -> Result<Page<Delivery>, Error> {
        self.webhook(actor, id).await?;
        page_of(store::delivery::list(self.store(), actor.workspace, id, &page_request(&page)?).await?)
    }

    /// Has a message sent at once, and tried as often as a new one, whatever became of it before.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not there; [`Error::Conflict`] while its webhook is disabled.
    pub async fn replay_delivery(&self, actor: &Actor, webhook: WebhookId, id: DeliveryId) -> Result<Delivery, Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        expect_enabled(store::webhook::get(&mut tx, actor.workspace, webhook).await?, webhook)?;
        let not_found = || Error::NotFound { kind: "webhook delivery", id: id.to_string() };
        if !store::delivery::replay(&mut tx, actor.workspace, webhook, id, self.now()).await? {
            return Err(not_found());
        }
        let delivery = store::delivery::get(&mut tx, actor.workspace, webhook, id).await?.ok_or_else(not_found)?;
        self.record(&mut tx, actor, "webhook.replay", &id.to_string());
        tx.commit().await?;
        Ok(delivery)
    }
}

/// Refuses a webhook to which nothing is sent.
fn expect_enabled(webhook: Option<Webhook>, id: WebhookId) -> Result<(), Error> {
    match webhook {
        None => Err(not_found(id)),
        Some(webhook) if webhook.is_enabled() => Ok(()),
        Some(_) => Err(Error::Conflict("this webhook is disabled, so that nothing is sent to it: enable it first".to_owned())),
    }
}

fn not_found(id: WebhookId) -> Error {
    Error::NotFound { kind: "webhook", id: id.to_string() }
}
