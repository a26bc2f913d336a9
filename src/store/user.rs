//! Users: who signs in.

use sqlx::any::AnyRow;

use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::vocabulary::EmailAddress;
use crate::store::error::StoreError;
use crate::store::row::{Row, written};
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};
use crate::store::{Change, Saved};

const TABLE: &str = "users";
const COLUMNS: &str =
    "SELECT workspace, id, email, name, role, teams, created_at, disabled_at, signed_in_at FROM users WHERE workspace = $1";
const SAVE: &str = "save a user";
const READ: &str = "read a user";

/// Adds a user, or changes the one with the same address; when they last signed in is told by [`mark_signed_in`] alone.
pub async fn save(tx: &mut Tx, user: &User) -> Result<Saved<UserId>, StoreError> {
    let User { id, workspace, email, name, role, teams, created_at, disabled_at, signed_in_at: _ } = user;
    let sql = Sql::of(
        *workspace,
        "INSERT INTO users (workspace, id, email, name, role, teams, created_at, disabled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT DO NOTHING",
    );
    let sql = sql.id(id).id(email).text(name).id(role).json(&written(teams)).time(*created_at).maybe_time(*disabled_at);
    if tx.execute(SAVE, sql).await? == 1 {
        return Ok(Saved { id: *id, change: Change::Created });
    }
    let known = by_email(&mut *tx, *workspace, email).await?.ok_or(StoreError::Contended { tried: SAVE, source: None })?;
    if known == (User { id: known.id, created_at: known.created_at, signed_in_at: known.signed_in_at, ..user.clone() }) {
        return Ok(Saved { id: known.id, change: Change::Unchanged });
    }
    let sql = Sql::of(*workspace, "UPDATE users SET name = $3, role = $4, teams = $5, disabled_at = $6 WHERE workspace = $1 AND id = $2");
    tx.execute(SAVE, sql.id(known.id).text(name).id(role).json(&written(teams)).maybe_time(*disabled_at)).await?;
    Ok(Saved { id: known.id, change: Change::Updated })
}

/// Makes whoever else wants to change users of the workspace wait until the transaction ends, so that two admins who demote each other
/// at the same moment do not both succeed.
pub async fn lock(tx: &mut Tx, workspace: WorkspaceId) -> Result<(), StoreError> {
    tx.execute("lock the users", Sql::of(workspace, "UPDATE workspaces SET name = name WHERE id = $1")).await?;
    Ok(())
}

/// Makes whoever else wants to let this user in, or to change how they sign in, wait until the transaction ends: what was read before it
/// must be read again.
pub async fn hold(tx: &mut Tx, workspace: WorkspaceId, id: UserId) -> Result<(), StoreError> {
    tx.execute("hold a user", Sql::of(workspace, "UPDATE users SET name = name WHERE workspace = $1 AND id = $2").id(id)).await?;
    Ok(())
}

/// Notes that a user signed in.
pub async fn mark_signed_in(tx: &mut Tx, workspace: WorkspaceId, id: UserId, now: Timestamp) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "UPDATE users SET signed_in_at = $3 WHERE workspace = $1 AND id = $2");
    tx.execute("note that a user signed in", sql.id(id).time(now)).await?;
    Ok(())
}

/// The user with this id.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, id: UserId) -> Result<Option<User>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND id = $2")).id(id);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The user with this address.
pub async fn by_email(source: impl Into<Source<'_>>, workspace: WorkspaceId, email: &EmailAddress) -> Result<Option<User>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND email = $2")).id(email);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// Every user of the workspace, in the order in which they were added.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<User>, StoreError> {
    let rows = source.into().all(READ, Sql::of(workspace, format!("{COLUMNS} ORDER BY created_at, id"))).await?;
    rows.iter().map(from_row).collect()
}

/// Removes a user with their sessions and sign-in links; answers whether there was one.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: UserId) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM users WHERE workspace = $1 AND id = $2").id(id);
    Ok(tx.execute("remove a user", sql).await? == 1)
}

fn from_row(row: &AnyRow) -> Result<User, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(User {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        email: row.parsed("email")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        teams: row.words("teams")?,
        created_at: row.time("created_at")?,
        disabled_at: row.maybe_time("disabled_at")?,
        signed_in_at: row.maybe_time("signed_in_at")?,
    })
}
