//! Webhooks. Their signing secrets are not kept: each is made of a random salt, which is, and the key of the installation.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use crate::domain::id::{WebhookId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{WebhookEnd, WebhookEvent};
use crate::domain::webhook::{Disabled, SigningSecret, Webhook};
use crate::store::error::StoreError;
use crate::store::key::AuditKey;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::{Row, written};
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "webhooks";
const COLUMNS: &str =
    "SELECT workspace, id, url, events, description, former_until, created_by, created_at, failing_since, disabled_at, disabled_reason
     FROM webhooks WHERE workspace = $1";
/// What the derived secrets are for; no line of the audit trail begins so.
const PURPOSE: &str = "webhook secret";

/// Makes whoever else wants to add a webhook wait until the transaction ends, so that they can be counted; answers how many there are.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such workspace.
pub async fn hold_all(tx: &mut Tx, workspace: WorkspaceId) -> Result<i64, StoreError> {
    const TRIED: &str = "count webhooks";
    if tx.execute(TRIED, Sql::of(workspace, "UPDATE workspaces SET name = name WHERE id = $1")).await? != 1 {
        return Err(StoreError::Missing { tried: TRIED });
    }
    let row = tx.optional(TRIED, Sql::of(workspace, "SELECT COUNT(*) AS many FROM webhooks WHERE workspace = $1")).await?;
    row.as_ref().map_or(Ok(0), |row| Row::new(TABLE, row).int("many"))
}

/// Adds a webhook; its secret is made of the random `salt`, and given only here.
pub async fn insert(tx: &mut Tx, webhook: &Webhook, salt: [u8; 32]) -> Result<SigningSecret, StoreError> {
    let Webhook { id, workspace, url, events, description, created_by, created_at, former_secret_until, failing_since, disabled } = webhook;
    let salt = hex::encode(salt);
    let sql = Sql::of(
        *workspace,
        "INSERT INTO webhooks (workspace, id, url, events, description, salt, created_by, created_at, former_until, failing_since,
            disabled_at, disabled_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    let sql = sql.id(id).text(url).json(&written(events)).maybe_text(description.as_ref()).text(&salt).text(created_by).time(*created_at);
    let sql = sql.maybe_time(*former_secret_until).maybe_time(*failing_since).maybe_time(disabled.map(|disabled| disabled.at));
    tx.execute("add a webhook", sql.maybe_id(disabled.map(|disabled| disabled.reason))).await?;
    Ok(secret(tx.audit_key(), *workspace, *id, &salt))
}

/// A webhook.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND id = $2")).id(id);
    source.into().optional("read a webhook", sql).await?.as_ref().map(from_row).transpose()
}

/// The webhooks of a workspace, newest first.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId, page: &PageRequest) -> Result<Page<Webhook>, StoreError> {
    let rows = source.into().all("list webhooks", Sql::of(workspace, COLUMNS).page("created_at", "id", page)).await?;
    let webhooks = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(webhooks, page, |webhook| Cursor { rank: None, at: webhook.created_at, id: webhook.id.as_uuid() }))
}

/// The webhooks that are enabled, each with what it is to be told of.
pub async fn subscribers(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
) -> Result<Vec<(WebhookId, BTreeSet<WebhookEvent>)>, StoreError> {
    let text = "SELECT id, events FROM webhooks WHERE workspace = $1 AND disabled_at IS NULL ORDER BY created_at, id";
    let rows = source.into().all("find who is to be told", Sql::of(workspace, text)).await?;
    let subscriber = |row: &AnyRow| {
        let row = Row::new(TABLE, row);
        Ok((row.parsed("id")?, row.words("events")?))
    };
    rows.iter().map(subscriber).collect()
}

/// Removes a webhook with its messages; answers whether it was there.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: WebhookId) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM webhooks WHERE workspace = $1 AND id = $2").id(id);
    Ok(tx.execute("remove a webhook", sql).await? == 1)
}

/// Gives a webhook a new secret, made of the random `salt`; the one that it has signs beside it until `former_until`, and one from before
/// that no more. `None` when there is no such webhook.
pub async fn rotate(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: WebhookId,
    salt: [u8; 32],
    former_until: Timestamp,
) -> Result<Option<SigningSecret>, StoreError> {
    let salt = hex::encode(salt);
    let sql = Sql::of(workspace, "UPDATE webhooks SET former_salt = salt, former_until = $3, salt = $4 WHERE workspace = $1 AND id = $2");
    let touched = tx.execute("rotate a webhook's secret", sql.id(id).time(former_until).text(&salt)).await?;
    Ok((touched == 1).then(|| secret(tx.audit_key(), workspace, id, &salt)))
}

/// Has messages sent to a webhook again, as if it had never failed; answers whether it is there.
pub async fn enable(tx: &mut Tx, workspace: WorkspaceId, id: WebhookId) -> Result<bool, StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE webhooks SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL WHERE workspace = $1 AND id = $2",
    );
    Ok(tx.execute("enable a webhook", sql.id(id)).await? == 1)
}

/// Disables a webhook unless it is; answers whether it was enabled.
pub async fn disable(tx: &mut Tx, workspace: WorkspaceId, id: WebhookId, disabled: Disabled) -> Result<bool, StoreError> {
    let Disabled { at, reason } = disabled;
    let sql = Sql::of(
        workspace,
        "UPDATE webhooks SET disabled_at = $3, disabled_reason = $4 WHERE workspace = $1 AND id = $2 AND disabled_at IS NULL",
    );
    Ok(tx.execute("disable a webhook", sql.id(id).time(at).id(reason)).await? == 1)
}

/// Notes whether the last attempt failed: the first failure in a row says since when.
pub async fn note_attempt(tx: &mut Tx, workspace: WorkspaceId, id: WebhookId, failed_at: Option<Timestamp>) -> Result<(), StoreError> {
    let text = match failed_at {
        Some(_) => "UPDATE webhooks SET failing_since = $3 WHERE workspace = $1 AND id = $2 AND failing_since IS NULL",
        None => "UPDATE webhooks SET failing_since = $3 WHERE workspace = $1 AND id = $2 AND failing_since IS NOT NULL",
    };
    tx.execute("note how a webhook fares", Sql::of(workspace, text).id(id).maybe_time(failed_at)).await?;
    Ok(())
}

/// What signs a message now, the newest first, by a row with `salt`, `former_salt` and `former_until`.
pub(super) fn secrets(
    key: &AuditKey,
    workspace: WorkspaceId,
    id: WebhookId,
    row: &Row<'_>,
    now: Timestamp,
) -> Result<Vec<SigningSecret>, StoreError> {
    let mut secrets = vec![secret(key, workspace, id, &row.text("salt")?)];
    if row.maybe_time("former_until")?.is_some_and(|until| until > now)
        && let Some(former) = row.maybe_text("former_salt")?
    {
        secrets.push(secret(key, workspace, id, &former));
    }
    Ok(secrets)
}

fn secret(key: &AuditKey, workspace: WorkspaceId, id: WebhookId, salt: &str) -> SigningSecret {
    SigningSecret::from_bytes(key.derived(&[PURPOSE, &workspace.to_string(), &id.to_string(), salt]))
}

fn from_row(row: &AnyRow) -> Result<Webhook, StoreError> {
    let row = Row::new(TABLE, row);
    let reason: Option<WebhookEnd> = row.maybe_parsed("disabled_reason")?;
    let disabled = match (row.maybe_time("disabled_at")?, reason) {
        (Some(at), Some(reason)) => Some(Disabled { at, reason }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(row.corrupt("disabled_reason")),
    };
    Ok(Webhook {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        url: row.text("url")?,
        events: row.words("events")?,
        description: row.maybe_text("description")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        former_secret_until: row.maybe_time("former_until")?,
        failing_since: row.maybe_time("failing_since")?,
        disabled,
    })
}
