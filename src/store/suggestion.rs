//! Suggestions: the parts of panels as they were shown, so that a thumb can point at one.

use sqlx::any::AnyRow;

use crate::domain::feedback::{Suggestion, Target};
use crate::domain::id::{SuggestionId, TicketId, WorkspaceId};
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const COLUMNS: &str = "SELECT workspace, id, ticket, part, target, created_at FROM suggestions WHERE workspace = $1";
const READ: &str = "read suggestions";

/// Keeps the parts of a panel; one that is kept already is left alone.
pub async fn insert_all(tx: &mut Tx, suggestions: &[Suggestion]) -> Result<(), StoreError> {
    for suggestion in suggestions {
        let Suggestion { id, workspace, ticket, target: Target { part, thing }, created_at } = suggestion;
        let sql = Sql::of(
            *workspace,
            "INSERT INTO suggestions (workspace, id, ticket, part, target, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (workspace, id) DO NOTHING",
        );
        let sql = sql.id(id).id(ticket).id(part).maybe_text(thing.as_ref()).time(*created_at);
        tx.execute("keep a suggestion", sql).await?;
    }
    Ok(())
}

/// The suggestion with this id.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, id: SuggestionId) -> Result<Option<Suggestion>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND id = $2")).id(id);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// What was shown on a ticket, in order.
pub async fn of_ticket(source: impl Into<Source<'_>>, workspace: WorkspaceId, ticket: TicketId) -> Result<Vec<Suggestion>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND ticket = $2 ORDER BY created_at, id")).id(ticket);
    source.into().all(READ, sql).await?.iter().map(from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<Suggestion, StoreError> {
    let row = Row::new("suggestions", row);
    Ok(Suggestion {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        ticket: row.parsed("ticket")?,
        target: Target { part: row.parsed("part")?, thing: row.maybe_text("target")? },
        created_at: row.time("created_at")?,
    })
}
