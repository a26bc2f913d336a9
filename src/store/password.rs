//! Passwords of users, as the hashes that `app` made of them.

use std::collections::BTreeSet;

use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::EmailAddress;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "passwords";
const READ: &str = "read a password";

/// Whoever an address stands for, with the hash of their password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The user.
    pub user: UserId,
    /// The hash, if they have a password and may sign in.
    pub hash: Option<String>,
}

/// Keeps a user's password in the place of the one before.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such user.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, user: UserId, hash: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = Sql::of(
        workspace,
        "INSERT INTO passwords (workspace, user_id, hash, set_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace, user_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at",
    );
    tx.execute("keep a password", sql.id(user).text(hash).time(now)).await?;
    Ok(())
}

/// The hash of a user's password, if they have one.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, user: UserId) -> Result<Option<String>, StoreError> {
    let sql = Sql::of(workspace, "SELECT hash FROM passwords WHERE workspace = $1 AND user_id = $2").id(user);
    source.into().optional(READ, sql).await?.as_ref().map(|row| Row::new(TABLE, row).text("hash")).transpose()
}

/// Whoever has this address, with their hash: one query, whether there is such a user or not.
pub async fn by_email(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    email: &EmailAddress,
) -> Result<Option<Credential>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT u.id AS id, p.hash AS hash FROM users u LEFT JOIN passwords p
            ON p.workspace = u.workspace AND p.user_id = u.id AND u.disabled_at IS NULL
         WHERE u.workspace = $1 AND u.email = $2",
    );
    let row = source.into().optional(READ, sql.id(email)).await?;
    row.as_ref()
        .map(|row| {
            let row = Row::new(TABLE, row);
            Ok(Credential { user: row.parsed("id")?, hash: row.maybe_text("hash")? })
        })
        .transpose()
}

/// The users of the workspace who have a password.
pub async fn holders(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<BTreeSet<UserId>, StoreError> {
    let sql = Sql::of(workspace, "SELECT user_id FROM passwords WHERE workspace = $1");
    source.into().all(READ, sql).await?.iter().map(|row| Row::new(TABLE, row).parsed("user_id")).collect()
}

/// Forgets a user's password; answers whether there was one.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, user: UserId) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM passwords WHERE workspace = $1 AND user_id = $2").id(user);
    Ok(tx.execute("forget a password", sql).await? == 1)
}
