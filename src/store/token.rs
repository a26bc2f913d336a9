//! API tokens: only the sha256 of a token is kept, never a part of it.

use sqlx::any::AnyRow;

use crate::domain::id::{TokenId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::token::{Token, TokenSecret};
use crate::store::error::StoreError;
use crate::store::key::digest;
use crate::store::row::{Row, written};
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const COLUMNS: &str = "SELECT workspace, id, name, role, teams, created_by, created_at, last_used_at, revoked_at FROM tokens";
const USE_IS_NOTED_EVERY_SECONDS: i64 = 60;

/// Adds a token.
pub async fn insert(tx: &mut Tx, token: &Token, secret: &TokenSecret) -> Result<(), StoreError> {
    let Token { id, workspace, name, role, teams, created_by, created_at, last_used_at, revoked_at } = token;
    let sql = Sql::of(
        *workspace,
        "INSERT INTO tokens (workspace, id, hash, name, role, teams, created_by, created_at, last_used_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    let sql = sql.id(id).text(digest(secret.expose())).text(name).id(role).json(&written(teams)).maybe_text(created_by.as_ref());
    tx.execute("add a token", sql.time(*created_at).maybe_time(*last_used_at).maybe_time(*revoked_at)).await?;
    Ok(())
}

/// The token with this secret; `None` when it is unknown or revoked.
pub async fn by_secret(source: impl Into<Source<'_>>, secret: &TokenSecret) -> Result<Option<Token>, StoreError> {
    let sql = Sql::new(format!("{COLUMNS} WHERE hash = $1 AND revoked_at IS NULL")).text(digest(secret.expose()));
    source.into().optional("read a token", sql).await?.as_ref().map(from_row).transpose()
}

/// Every token of the workspace, revoked ones too, newest first.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<Token>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} WHERE workspace = $1 ORDER BY created_at DESC, id DESC"));
    source.into().all("list tokens", sql).await?.iter().map(from_row).collect()
}

/// Revokes a token; answers whether it was live.
pub async fn revoke(tx: &mut Tx, workspace: WorkspaceId, id: TokenId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "UPDATE tokens SET revoked_at = $3 WHERE workspace = $1 AND id = $2 AND revoked_at IS NULL");
    Ok(tx.execute("revoke a token", sql.id(id).time(now)).await? == 1)
}

/// Notes that a token was used, at most once a minute.
pub async fn mark_used(tx: &mut Tx, workspace: WorkspaceId, id: TokenId, now: Timestamp) -> Result<(), StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE tokens SET last_used_at = $3 WHERE workspace = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $4)",
    );
    tx.execute("note a token's use", sql.id(id).time(now).time(now.plus_seconds(-USE_IS_NOTED_EVERY_SECONDS))).await?;
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<Token, StoreError> {
    let row = Row::new("tokens", row);
    Ok(Token {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        teams: row.words("teams")?,
        created_by: row.maybe_text("created_by")?,
        created_at: row.time("created_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
    })
}
