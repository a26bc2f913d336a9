//! Thumbs on suggestions.

use sqlx::any::AnyRow;

use crate::domain::feedback::Feedback;
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::vocabulary::Part;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

/// The thumbs on one part of the panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartCount {
    /// The part.
    pub part: Part,
    /// Thumbs up.
    pub up: i64,
    /// Thumbs down.
    pub down: i64,
}

/// Keeps a thumb; a later one of the same person on the same suggestion replaces it.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such suggestion.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, feedback: &Feedback) -> Result<(), StoreError> {
    let Feedback { id, suggestion, by, verdict, note, created_at } = feedback;
    let sql = Sql::of(
        workspace,
        "INSERT INTO feedback (workspace, id, suggestion, given_by, verdict, note, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (workspace, suggestion, given_by) DO UPDATE
         SET verdict = excluded.verdict, note = excluded.note, created_at = excluded.created_at",
    );
    let sql = sql.id(id).id(suggestion).text(by).id(verdict).maybe_text(note.as_ref()).time(*created_at);
    tx.execute("keep a thumb", sql).await?;
    Ok(())
}

/// The thumbs on what was shown on a ticket, in order.
pub async fn of_ticket(source: impl Into<Source<'_>>, workspace: WorkspaceId, ticket: TicketId) -> Result<Vec<Feedback>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT f.id, f.suggestion, f.given_by, f.verdict, f.note, f.created_at FROM feedback f
         JOIN suggestions s ON s.workspace = f.workspace AND s.id = f.suggestion
         WHERE f.workspace = $1 AND s.ticket = $2 ORDER BY f.created_at, f.id",
    );
    source.into().all("read thumbs", sql.id(ticket)).await?.iter().map(from_row).collect()
}

/// How many thumbs each part has; parts without any are left out.
pub async fn counts(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<PartCount>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT s.part, COUNT(CASE WHEN f.verdict = 'up' THEN 1 END) AS up, COUNT(CASE WHEN f.verdict = 'down' THEN 1 END) AS down
         FROM feedback f JOIN suggestions s ON s.workspace = f.workspace AND s.id = f.suggestion
         WHERE f.workspace = $1 GROUP BY s.part ORDER BY s.part",
    );
    let rows = source.into().all("count thumbs", sql).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("feedback", row);
            Ok(PartCount { part: row.parsed("part")?, up: row.int("up")?, down: row.int("down")? })
        })
        .collect()
}

fn from_row(row: &AnyRow) -> Result<Feedback, StoreError> {
    let row = Row::new("feedback", row);
    Ok(Feedback {
        id: row.parsed("id")?,
        suggestion: row.parsed("suggestion")?,
        by: row.text("given_by")?,
        verdict: row.parsed("verdict")?,
        note: row.maybe_text("note")?,
        created_at: row.time("created_at")?,
    })
}
