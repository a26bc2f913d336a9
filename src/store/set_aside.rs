//! Suggestions that somebody does not want to see on a ticket.

use sqlx::any::AnyRow;

use crate::domain::feedback::{SetAside, Target};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "set_asides";
/// What is said on a ticket or in its side conversations, as its events are called.
const NEWS: &str = "('ticket.received', 'ticket.commented', 'side_conversation.changed', 'side_conversation.answered')";

/// Keeps that somebody set a suggestion aside, in place of what they said of it before.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, by: &str, aside: &SetAside) -> Result<(), StoreError> {
    let SetAside { target, seen_until, at, until } = aside;
    let sql = Sql::of(
        workspace,
        "INSERT INTO set_asides (workspace, ticket, set_by, part, target, seen_until, set_at, until_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (workspace, ticket, set_by, part, target) DO UPDATE
         SET seen_until = excluded.seen_until, set_at = excluded.set_at, until_at = excluded.until_at",
    );
    let sql = sql.id(ticket).text(by).id(target.part).text(target.thing.as_deref().unwrap_or_default()).int(*seen_until);
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
            "SELECT part, target, seen_until, set_at, until_at FROM set_asides s
             WHERE workspace = $1 AND ticket = $2 AND set_by = $3 AND (until_at IS NULL OR until_at > $4)
               AND (target <> '' OR NOT EXISTS (SELECT 1 FROM events e
                    WHERE e.workspace = $1 AND e.ticket = $2 AND e.seq > s.seen_until AND e.kind IN {NEWS}))
             ORDER BY set_at, part, target"
        ),
    );
    let rows = source.into().all("read what is set aside", sql.id(ticket).text(by).time(now)).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<SetAside, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(SetAside {
        target: Target { part: row.parsed("part")?, thing: Some(row.text("target")?).filter(|thing| !thing.is_empty()) },
        seen_until: row.int("seen_until")?,
        at: row.time("set_at")?,
        until: row.maybe_time("until_at")?,
    })
}
