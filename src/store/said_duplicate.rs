//! What somebody of the desk said of two tickets: that they are one, or that they are not.

use sqlx::any::AnyRow;

use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::triage::SaidDuplicate;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const COLUMNS: &str = "SELECT one, other, is_same, said_by, said_at FROM said_duplicates WHERE workspace = $1";
const READ: &str = "read what was said of duplicates";

/// Keeps what was said of two tickets in place of what was said before.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace lacks one of them.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, said: &SaidDuplicate) -> Result<(), StoreError> {
    let SaidDuplicate { other, is_same, by, at } = said;
    let (one, other) = in_order(ticket, *other);
    let sql = Sql::of(
        workspace,
        "INSERT INTO said_duplicates (workspace, one, other, is_same, said_by, said_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (workspace, one, other) DO UPDATE SET is_same = excluded.is_same, said_by = excluded.said_by, said_at = excluded.said_at",
    );
    tx.execute("keep what was said of a duplicate", sql.id(one).id(other).int(i64::from(*is_same)).text(by).time(*at)).await?;
    Ok(())
}

/// Forgets what was said of two tickets; answers whether anything was.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, other: TicketId) -> Result<bool, StoreError> {
    let (one, other) = in_order(ticket, other);
    let sql = Sql::of(workspace, "DELETE FROM said_duplicates WHERE workspace = $1 AND one = $2 AND other = $3").id(one).id(other);
    Ok(tx.execute("forget what was said of a duplicate", sql).await? == 1)
}

/// What was said of a ticket and others, the first saying first.
pub async fn of_ticket(source: impl Into<Source<'_>>, workspace: WorkspaceId, ticket: TicketId) -> Result<Vec<SaidDuplicate>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND (one = $2 OR other = $2) ORDER BY said_at, one, other")).id(ticket);
    source.into().all(READ, sql).await?.iter().map(|row| from_row(row, ticket)).collect()
}

fn in_order(one: TicketId, other: TicketId) -> (TicketId, TicketId) {
    if one < other { (one, other) } else { (other, one) }
}

fn from_row(row: &AnyRow, ticket: TicketId) -> Result<SaidDuplicate, StoreError> {
    let row = Row::new("said_duplicates", row);
    let (one, other): (TicketId, TicketId) = (row.parsed("one")?, row.parsed("other")?);
    let other = if one == ticket { other } else { one };
    Ok(SaidDuplicate { other, is_same: row.flag("is_same")?, by: row.text("said_by")?, at: row.time("said_at")? })
}
