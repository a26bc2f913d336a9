//! Messages to webhooks: written in the transaction of what they tell, then claimed, sent and noted until they are delivered or given up.
//!
//! They are claimed apart from the jobs, because a receiver that answers slowly must not hold up the desk's own work. The next one is of
//! the webhook with the fewest messages under way; one that fails has a single one under way, so that it takes little from the others.

use sqlx::any::AnyRow;

use crate::domain::id::{DeliveryId, WebhookId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::DeliveryState;
use crate::domain::webhook::{Delivery, LeasedDelivery, NewDelivery};
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::pool::Store;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};
use crate::store::webhook;

const TABLE: &str = "webhook_deliveries";
const CLAIM: &str = "claim a message to a webhook";
const COLUMNS: &str = "SELECT id, webhook, ticket, kind, state, attempts, next_at, created_at, last_at, last_status, last_reason
     FROM webhook_deliveries WHERE workspace = $1 AND webhook = $2";
const LONGEST_REASON_CHARS: usize = 200;

/// The moment of a webhook's first message that waits. A scalar subquery, as in the queue of jobs.
const FIRST: &str = "(SELECT MIN(f.next_at) FROM webhook_deliveries f
     WHERE f.workspace = w.workspace AND f.webhook = w.id AND f.state = 'waiting' AND f.next_at <= $1)";
/// How many messages of a webhook are under way.
const UNDER_WAY: &str = "(SELECT COUNT(*) FROM webhook_deliveries u
     WHERE u.workspace = w.workspace AND u.webhook = w.id AND u.state = 'waiting' AND u.sending = 1 AND u.next_at > $1)";
/// So many messages of one webhook are under way at once; of one that fails only one.
const MOST_UNDER_WAY: &str = "CASE WHEN w.failing_since IS NULL THEN 4 ELSE 1 END";

/// What came of an attempt, and where that leaves the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempted<'a> {
    /// When it ended.
    pub at: Timestamp,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why it failed, without the receiver's words; `None` where it did not. Cut to 200 characters.
    pub reason: Option<&'a str>,
    /// Where the message stands now.
    pub state: DeliveryState,
    /// When it is tried next; `None` unless it waits.
    pub next_at: Option<Timestamp>,
}

/// Keeps a message, to be sent at once.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such webhook, or no such ticket.
pub async fn insert(tx: &mut Tx, new: &NewDelivery) -> Result<(), StoreError> {
    let NewDelivery { id, workspace, webhook, kind, ticket, body, created_at } = new;
    let sql = Sql::of(
        *workspace,
        "INSERT INTO webhook_deliveries (workspace, id, webhook, ticket, kind, body, created_at, next_at, state, attempts, fence, sending)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', 0, 0, 0)",
    );
    let sql = sql.id(id).id(webhook).maybe_id(*ticket).id(kind).text(body).time(*created_at).time(*created_at);
    tx.execute("keep a message to a webhook", sql).await?;
    tx.late().wakes_couriers = true;
    Ok(())
}

/// The messages to a webhook, newest first.
pub async fn list(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    webhook: WebhookId,
    page: &PageRequest,
) -> Result<Page<Delivery>, StoreError> {
    let rows = source.into().all("list messages", Sql::of(workspace, COLUMNS).id(webhook).page("created_at", "id", page)).await?;
    let deliveries = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(deliveries, page, |delivery| Cursor { rank: None, at: delivery.created_at, id: delivery.id.as_uuid() }))
}

/// A message to a webhook.
pub async fn get(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND id = $3")).id(webhook).id(id);
    source.into().optional("read a message", sql).await?.as_ref().map(from_row).transpose()
}

/// Has a message sent at once, and as often as a new one; what comes of an attempt under way is dropped. Answers whether it is there.
pub async fn replay(tx: &mut Tx, workspace: WorkspaceId, webhook: WebhookId, id: DeliveryId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE webhook_deliveries SET state = 'waiting', next_at = $4, attempts = 0, sending = 0, fence = fence + 1
         WHERE workspace = $1 AND webhook = $2 AND id = $3",
    );
    let touched = tx.execute("send a message again", sql.id(webhook).id(id).time(now)).await?;
    tx.late().wakes_couriers = true;
    Ok(touched == 1)
}

/// Takes the message whose turn it is; `None` where none is. Unless what comes of it is noted before, another may take it after the lease.
///
/// # Cancel safety
/// A message claimed by a dropped future can be claimed again when its lease ends.
pub async fn claim(store: &Store, now: Timestamp, lease_seconds: i64) -> Result<Option<LeasedDelivery>, StoreError> {
    let of_free =
        format!("SELECT w.id AS id FROM webhooks w WHERE w.disabled_at IS NULL AND {FIRST} <= $1 AND {UNDER_WAY} < {MOST_UNDER_WAY}");
    // Looked for before the transaction: on SQLite it would keep everybody else from writing, once a second.
    if Source::from(store).optional(CLAIM, Sql::new(format!("{of_free} LIMIT 1")).time(now)).await?.is_none() {
        return Ok(None);
    }
    let mut tx = store.begin().await?;
    let order = format!("ORDER BY {UNDER_WAY}, CASE WHEN w.failing_since IS NULL THEN 0 ELSE 1 END, {FIRST}, w.id LIMIT 1");
    let sql = Sql::new(format!(
        "UPDATE webhook_deliveries SET sending = 1, fence = fence + 1, next_at = $2
         WHERE state = 'waiting' AND next_at <= $1 AND id = (
            SELECT d.id FROM webhook_deliveries d WHERE d.state = 'waiting' AND d.next_at <= $1 AND d.webhook = ({of_free} {order})
            ORDER BY d.next_at, d.id LIMIT 1)
         RETURNING workspace, id, webhook, body, attempts, fence"
    ));
    let Some(row) = tx.optional(CLAIM, sql.time(now).time(now.plus_seconds(lease_seconds))).await? else {
        tx.rollback().await?;
        return Ok(None);
    };
    let row = Row::new(TABLE, &row);
    let (workspace, webhook): (WorkspaceId, WebhookId) = (row.parsed("workspace")?, row.parsed("webhook")?);
    let sql =
        Sql::of(workspace, "SELECT url, salt, former_salt, former_until, failing_since FROM webhooks WHERE workspace = $1 AND id = $2");
    let Some(target) = tx.optional(CLAIM, sql.id(webhook)).await? else { return Ok(None) };
    let target = Row::new("webhooks", &target);
    let leased = LeasedDelivery {
        workspace,
        id: row.parsed("id")?,
        webhook,
        url: target.text("url")?,
        body: row.text("body")?,
        secrets: webhook::secrets(tx.audit_key(), workspace, webhook, &target, now)?,
        attempt: row.count("attempts")?.saturating_add(1),
        failing_since: target.maybe_time("failing_since")?,
        fence: row.int("fence")?,
    };
    tx.commit().await?;
    Ok(Some(leased))
}

/// Notes what came of an attempt; answers whether it was still this claim's to note.
pub async fn note(tx: &mut Tx, leased: &LeasedDelivery, attempted: &Attempted<'_>) -> Result<bool, StoreError> {
    let Attempted { at, status, reason, state, next_at } = *attempted;
    let sql = Sql::of(
        leased.workspace,
        "UPDATE webhook_deliveries SET state = $4, attempts = $5, next_at = $6, last_at = $7, last_status = $8, last_reason = $9, sending = 0
         WHERE workspace = $1 AND id = $2 AND fence = $3 AND state = 'waiting'",
    );
    let sql = sql.id(leased.id).int(leased.fence).id(state).int(i64::from(leased.attempt)).maybe_time(next_at).time(at);
    let sql = sql.maybe_int(status.map(i64::from)).maybe_text(reason.map(shortened));
    Ok(tx.execute("note what came of a message", sql).await? == 1)
}

/// Gives up what waits for a webhook; answers how many messages that were.
pub async fn give_up(tx: &mut Tx, workspace: WorkspaceId, webhook: WebhookId, reason: &str) -> Result<u64, StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE webhook_deliveries SET state = 'failed', next_at = NULL, sending = 0, last_reason = COALESCE(last_reason, $3)
         WHERE workspace = $1 AND webhook = $2 AND state = 'waiting'",
    );
    tx.execute("give messages up", sql.id(webhook).text(shortened(reason))).await
}

/// Forgets messages from before a moment that wait no more, of every workspace.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let sql = Sql::new("DELETE FROM webhook_deliveries WHERE state <> 'waiting' AND created_at < $1").time(before);
    tx.execute("forget old messages to webhooks", sql).await
}

fn shortened(reason: &str) -> String {
    reason.chars().take(LONGEST_REASON_CHARS).collect()
}

fn from_row(row: &AnyRow) -> Result<Delivery, StoreError> {
    let row = Row::new(TABLE, row);
    let status = row.maybe_int("last_status")?.map(u16::try_from).transpose().map_err(|_| row.corrupt("last_status"))?;
    Ok(Delivery {
        id: row.parsed("id")?,
        webhook: row.parsed("webhook")?,
        kind: row.parsed("kind")?,
        ticket: row.maybe_parsed("ticket")?,
        state: row.parsed("state")?,
        attempts: row.count("attempts")?,
        created_at: row.time("created_at")?,
        next_attempt_at: row.maybe_time("next_at")?,
        last_attempt_at: row.maybe_time("last_at")?,
        last_status: status,
        reason: row.maybe_text("last_reason")?,
    })
}
