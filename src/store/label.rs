//! Labels: what people said a ticket is.

use sqlx::any::AnyRow;

use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::label::Label;
use crate::store::error::StoreError;
use crate::store::head;
use crate::store::row::{Row, written};
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const COLUMNS: &str = "SELECT ticket, intents, sentiment, urgency, priority, grp, assignee, next_step FROM labels WHERE workspace = $1";
const READ: &str = "read labels";

/// Keeps what was said of a ticket, in place of what was said before.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, label: &Label) -> Result<(), StoreError> {
    let Label { ticket, intents, sentiment, urgency, priority, group, assignee, next_step } = label;
    let sql = Sql::of(
        workspace,
        "INSERT INTO labels (workspace, ticket, intents, sentiment, urgency, priority, grp, assignee, next_step)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (workspace, ticket) DO UPDATE SET intents = excluded.intents, sentiment = excluded.sentiment, urgency = excluded.urgency,
            priority = excluded.priority, grp = excluded.grp, assignee = excluded.assignee, next_step = excluded.next_step
         WHERE labels.intents IS DISTINCT FROM excluded.intents OR labels.sentiment IS DISTINCT FROM excluded.sentiment
            OR labels.urgency IS DISTINCT FROM excluded.urgency OR labels.priority IS DISTINCT FROM excluded.priority
            OR labels.grp IS DISTINCT FROM excluded.grp OR labels.assignee IS DISTINCT FROM excluded.assignee
            OR labels.next_step IS DISTINCT FROM excluded.next_step",
    );
    let sql = sql.id(ticket).json(&intents.as_ref().map(written)).maybe_id(*sentiment).maybe_id(*urgency).maybe_id(*priority);
    if tx.execute("keep a label", sql.maybe_id(group.as_ref()).maybe_id(assignee.as_ref()).maybe_id(*next_step)).await? == 1 {
        head::labels_changed(tx, workspace);
    }
    Ok(())
}

/// What was said of a ticket.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, ticket: TicketId) -> Result<Option<Label>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND ticket = $2")).id(ticket);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// Every label of the workspace, in the order of ticket ids.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<Label>, StoreError> {
    let rows = source.into().all(READ, Sql::of(workspace, format!("{COLUMNS} ORDER BY ticket"))).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<Label, StoreError> {
    let row = Row::new("labels", row);
    Ok(Label {
        ticket: row.parsed("ticket")?,
        intents: row.maybe_words("intents")?,
        sentiment: row.maybe_parsed("sentiment")?,
        urgency: row.maybe_parsed("urgency")?,
        priority: row.maybe_parsed("priority")?,
        group: row.maybe_parsed("grp")?,
        assignee: row.maybe_parsed("assignee")?,
        next_step: row.maybe_parsed("next_step")?,
    })
}
