//! Suggestions that somebody does not want to see on a ticket.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use crate::domain::feedback::{SetAside, Target};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "set_asides";
const READ: &str = "read what is set aside";
/// Parts that are there once.
const ONCE: &str = "('next_step', 'loose_end', 'side_conversation_draft', 'reply_draft')";
/// What is said on a ticket or in its side conversations, as its events are called.
const NEWS: &str = "('ticket.received', 'ticket.commented', 'side_conversation.changed', 'side_conversation.answered')";

/// Keeps that somebody set a suggestion aside, in place of what they said of it before.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, by: &str, aside: &SetAside) -> Result<(), StoreError> {
    let SetAside { target, made_at, at, until } = aside;
    let sql = Sql::of(
        workspace,
        "INSERT INTO set_asides (workspace, ticket, set_by, part, target, made_at, set_at, until_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (workspace, ticket, set_by, part, target) DO UPDATE
         SET made_at = excluded.made_at, set_at = excluded.set_at, until_at = excluded.until_at",
    );
    let sql = sql.id(ticket).text(by).id(target.part).text(target.thing.as_deref().unwrap_or_default()).time(*made_at);
    tx.execute("set a suggestion aside", sql.time(*at).maybe_time(*until)).await?;
    Ok(())
}

/// Forgets that somebody set a suggestion aside; answers whether they had.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, by: &str, target: &Target) -> Result<bool, StoreError> {
    let sql =
        Sql::of(workspace, "DELETE FROM set_asides WHERE workspace = $1 AND ticket = $2 AND set_by = $3 AND part = $4 AND target = $5");
    let sql = sql.id(ticket).text(by).id(target.part).text(target.thing.as_deref().unwrap_or_default());
    Ok(tx.execute("bring a suggestion back", sql).await? == 1)
}

/// What is still aside: not what had its time (`$2`), nor a part that is there once when something was said since.
fn standing_only() -> String {
    format!(
        " AND (s.until_at IS NULL OR s.until_at > $2) AND (s.part NOT IN {ONCE} OR NOT EXISTS (SELECT 1 FROM events e
            WHERE e.workspace = s.workspace AND e.ticket = s.ticket AND e.created_at > s.made_at AND e.kind IN {NEWS}))"
    )
}

/// What somebody set aside on a ticket and what is still aside: not what had its time, nor a part that is there once when something was
/// said since.
pub async fn standing(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    ticket: TicketId,
    by: &str,
    now: Timestamp,
) -> Result<Vec<SetAside>, StoreError> {
    let sql = Sql::of(
        workspace,
        format!(
            "SELECT s.part, s.target, s.made_at, s.set_at, s.until_at FROM set_asides s
             WHERE s.workspace = $1 AND s.ticket = $3 AND s.set_by = $4{} ORDER BY s.set_at, s.part, s.target",
            standing_only()
        ),
    );
    let rows = source.into().all(READ, sql.time(now).id(ticket).text(by)).await?;
    rows.iter().map(from_row).collect()
}

/// Which loose ends somebody set aside on which tickets, and are still aside.
pub async fn loose_ends(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    by: &str,
    now: Timestamp,
) -> Result<BTreeSet<(TicketId, String)>, StoreError> {
    let sql = Sql::of(
        workspace,
        format!(
            "SELECT s.ticket, s.target FROM set_asides s WHERE s.workspace = $1 AND s.set_by = $3 AND s.part = 'loose_end'{}",
            standing_only()
        ),
    );
    let rows = source.into().all(READ, sql.time(now).text(by)).await?;
    rows.iter().map(|row| Row::new(TABLE, row)).map(|row| Ok((row.parsed("ticket")?, row.text("target")?))).collect()
}

fn from_row(row: &AnyRow) -> Result<SetAside, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(SetAside {
        target: Target { part: row.parsed("part")?, thing: Some(row.text("target")?).filter(|thing| !thing.is_empty()) },
        made_at: row.time("made_at")?,
        at: row.time("set_at")?,
        until: row.maybe_time("until_at")?,
    })
}
