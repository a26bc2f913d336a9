//! Corrections: what somebody of the desk said of a ticket in place of what was guessed.

use sqlx::any::AnyRow;

use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::triage::{Correction, Matter};
use crate::domain::vocabulary::IntentName;
use crate::store::error::StoreError;
use crate::store::head;
use crate::store::row::{Row, written};
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const COLUMNS: &str = "SELECT ticket, intents, grp, corrected_by, corrected_at FROM corrections WHERE workspace = $1";
const READ: &str = "read corrections";

/// Keeps what was said of a ticket in place of what was said before.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, correction: &Correction) -> Result<(), StoreError> {
    let Correction { matter, group, by, at } = correction;
    let sql = Sql::of(
        workspace,
        "INSERT INTO corrections (workspace, ticket, intents, grp, corrected_by, corrected_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (workspace, ticket) DO UPDATE SET intents = excluded.intents, grp = excluded.grp,
            corrected_by = excluded.corrected_by, corrected_at = excluded.corrected_at",
    );
    let sql = sql.id(ticket).json(&matter.as_ref().map(|matter| written(matter.intents()))).maybe_id(group.as_ref());
    tx.execute("keep a correction", sql.text(by).time(*at)).await?;
    head::labels_changed(tx, workspace);
    Ok(())
}

/// Forgets what was said of a ticket; answers whether anything was.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM corrections WHERE workspace = $1 AND ticket = $2").id(ticket);
    let was_said = tx.execute("forget a correction", sql).await? == 1;
    if was_said {
        head::labels_changed(tx, workspace);
    }
    Ok(was_said)
}

/// What was said of a ticket.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, ticket: TicketId) -> Result<Option<Correction>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND ticket = $2")).id(ticket);
    let row = source.into().optional(READ, sql).await?;
    Ok(row.as_ref().map(from_row).transpose()?.map(|(_, correction)| correction))
}

/// What was said of the workspace's tickets, in the order of their ids.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<(TicketId, Correction)>, StoreError> {
    let rows = source.into().all(READ, Sql::of(workspace, format!("{COLUMNS} ORDER BY ticket"))).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<(TicketId, Correction), StoreError> {
    let row = Row::new("corrections", row);
    let intents: Option<Vec<IntentName>> = row.maybe_words("intents")?;
    let matter = intents.map(|intents| intents.into_iter().next().map_or(Matter::OutOfScope, Matter::Intent));
    let (by, at) = (row.text("corrected_by")?, row.time("corrected_at")?);
    Ok((row.parsed("ticket")?, Correction { matter, group: row.maybe_parsed("grp")?, by, at }))
}
