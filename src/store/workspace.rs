//! Workspaces.

use sqlx::any::AnyRow;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Slug;
use crate::domain::workspace::Workspace;
use crate::store::audit;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "workspaces";
const COLUMNS: &str = "SELECT id, slug, name, default_language, created_at FROM workspaces";
const READ: &str = "read a workspace";

/// Adds a workspace.
///
/// # Errors
/// [`StoreError::Conflict`] with `workspaces_slug_key` when the slug is taken.
pub async fn insert(tx: &mut Tx, workspace: &Workspace) -> Result<(), StoreError> {
    let Workspace { id, slug, name, default_language, created_at } = workspace;
    let sql = Sql::new("INSERT INTO workspaces (id, slug, name, default_language, created_at) VALUES ($1, $2, $3, $4, $5)");
    tx.execute("add a workspace", sql.id(id).id(slug).text(name).id(default_language).time(*created_at)).await?;
    audit::found(tx, *id).await
}

/// The workspace with this id.
pub async fn get(source: impl Into<Source<'_>>, id: WorkspaceId) -> Result<Option<Workspace>, StoreError> {
    let sql = Sql::new(format!("{COLUMNS} WHERE id = $1")).id(id);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The workspace with this short name.
pub async fn by_slug(source: impl Into<Source<'_>>, slug: &Slug) -> Result<Option<Workspace>, StoreError> {
    let sql = Sql::new(format!("{COLUMNS} WHERE slug = $1")).id(slug);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// Every workspace, oldest first.
pub async fn list(source: impl Into<Source<'_>>) -> Result<Vec<Workspace>, StoreError> {
    let rows = source.into().all(READ, Sql::new(format!("{COLUMNS} ORDER BY created_at, id"))).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<Workspace, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(Workspace {
        id: row.parsed("id")?,
        slug: row.parsed("slug")?,
        name: row.text("name")?,
        default_language: row.parsed("default_language")?,
        created_at: row.time("created_at")?,
    })
}
