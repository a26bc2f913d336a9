//! Views of the inbox that users keep, each for themselves.

use sqlx::any::AnyRow;

use crate::domain::id::{UserId, ViewId, WorkspaceId};
use crate::domain::intake::InboxFilter;
use crate::domain::time::Timestamp;
use crate::domain::view::SavedView;
use crate::store::error::StoreError;
use crate::store::row::{Row, written};
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const HOLD: &str = "hold the views of a user";

/// The views of a user, the first one first.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId, owner: UserId) -> Result<Vec<SavedView>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT id, name, statuses, grp, intent, words, sort FROM views WHERE workspace = $1 AND owner = $2 ORDER BY created_at, id",
    );
    let rows = source.into().all("list views", sql.id(owner)).await?;
    rows.iter().map(from_row).collect()
}

/// Has nobody else change the views of a user before the transaction ends, so that they can be counted.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such user.
pub async fn hold(tx: &mut Tx, workspace: WorkspaceId, owner: UserId) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "UPDATE users SET name = name WHERE workspace = $1 AND id = $2").id(owner);
    if tx.execute(HOLD, sql).await? == 1 { Ok(()) } else { Err(StoreError::Missing { tried: HOLD }) }
}

/// Keeps a view, in place of the one that its owner calls the same.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such user.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, owner: UserId, view: &SavedView, now: Timestamp) -> Result<(), StoreError> {
    let SavedView { id, name, filter } = view;
    let InboxFilter { statuses, group, intent, words, order } = filter;
    let sql = Sql::of(
        workspace,
        "INSERT INTO views (workspace, id, owner, name, statuses, grp, intent, words, sort, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (workspace, owner, name) DO UPDATE SET statuses = excluded.statuses, grp = excluded.grp, intent = excluded.intent,
            words = excluded.words, sort = excluded.sort",
    );
    let sql = sql.id(id).id(owner).text(name).json(&written(statuses)).maybe_id(group.as_ref());
    let sql = sql.maybe_id(intent.as_ref()).maybe_text(words.as_ref());
    tx.execute("keep a view", sql.maybe_id(*order).time(now)).await?;
    Ok(())
}

/// Forgets a view of a user; answers whether there was one.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, owner: UserId, id: ViewId) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM views WHERE workspace = $1 AND owner = $2 AND id = $3").id(owner).id(id);
    Ok(tx.execute("forget a view", sql).await? == 1)
}

fn from_row(row: &AnyRow) -> Result<SavedView, StoreError> {
    let row = Row::new("views", row);
    let filter = InboxFilter {
        statuses: row.words("statuses")?,
        group: row.maybe_parsed("grp")?,
        intent: row.maybe_parsed("intent")?,
        words: row.maybe_text("words")?,
        order: row.maybe_parsed("sort")?,
    };
    Ok(SavedView { id: row.parsed("id")?, name: row.text("name")?, filter })
}
