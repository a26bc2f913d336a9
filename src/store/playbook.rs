//! Versions of the playbook: kept for ever, one of them promoted.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::knowledge;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "playbook_versions";
const COLUMNS: &str = "SELECT n, hash, files, created_by, created_at, promoted_at FROM playbook_versions WHERE workspace = $1";
const ADD: &str = "add a playbook version";
const READ: &str = "read the playbook";

/// A version to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The hash of its files, by which it is recognised.
    pub hash: &'a str,
    /// Its files by name.
    pub files: &'a BTreeMap<String, String>,
    /// Who made it.
    pub created_by: &'a str,
    /// When.
    pub created_at: Timestamp,
}

/// A version with its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1.
    pub n: i64,
    /// The hash of its files.
    pub hash: String,
    /// Its files by name.
    pub files: BTreeMap<String, String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last promoted, if ever.
    pub promoted_at: Option<Timestamp>,
}

/// A version without its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionHead {
    /// Its number, from 1.
    pub n: i64,
    /// The hash of its files.
    pub hash: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last promoted, if ever.
    pub promoted_at: Option<Timestamp>,
}

/// Keeps a version and answers its number; files that are kept already answer the number they have.
///
/// # Errors
/// [`StoreError::Contended`] when somebody else adds a version at the same moment.
pub async fn insert(tx: &mut Tx, version: &NewVersion<'_>) -> Result<i64, StoreError> {
    let NewVersion { workspace, hash, files, created_by, created_at } = *version;
    let sql = Sql::of(workspace, "SELECT n FROM playbook_versions WHERE workspace = $1 AND hash = $2").text(hash);
    if let Some(row) = tx.optional(ADD, sql).await? {
        return Row::new(TABLE, &row).int("n");
    }
    let sql = Sql::of(
        workspace,
        "INSERT INTO playbook_versions (workspace, n, hash, files, created_by, created_at)
         SELECT $1, COALESCE(MAX(n), 0) + 1, $2, $3, $4, $5 FROM playbook_versions WHERE workspace = $1 RETURNING n",
    );
    let added = tx.optional(ADD, sql.text(hash).json(files).text(created_by).time(created_at)).await;
    match added {
        Ok(Some(row)) => Row::new(TABLE, &row).int("n"),
        Ok(None) | Err(StoreError::Conflict { .. }) => Err(StoreError::Contended { tried: ADD, source: None }),
        Err(error) => Err(error),
    }
}

/// Makes a version the one that holds, an earlier one too; answers whether there is such a one.
pub async fn promote(tx: &mut Tx, workspace: WorkspaceId, n: i64, now: Timestamp) -> Result<bool, StoreError> {
    const TRIED: &str = "promote a playbook version";
    let sql = "SELECT n, promoted_at AS last FROM playbook_versions WHERE workspace = $1 AND promoted_at IS NOT NULL
         ORDER BY promoted_at DESC, n DESC LIMIT 1";
    let held = tx.optional(TRIED, Sql::of(workspace, sql)).await?;
    let held =
        held.as_ref().map(|row| Row::new(TABLE, row)).map(|row| Ok::<_, StoreError>((row.int("n")?, row.int("last")?))).transpose()?;
    // The one that holds has held since it was promoted.
    if held.is_some_and(|(current, _)| current == n) {
        return Ok(true);
    }
    let last = held.map_or(0, |(_, last)| last);
    // A clock that was set back must not leave the earlier promotion in force.
    let at = now.max(Timestamp::from_micros(last.saturating_add(1)));
    let sql = Sql::of(workspace, "UPDATE playbook_versions SET promoted_at = $3 WHERE workspace = $1 AND n = $2").int(n).time(at);
    let is_there = tx.execute(TRIED, sql).await? == 1;
    if is_there {
        knowledge::changed(tx, workspace);
    }
    Ok(is_there)
}

/// The version that was promoted last.
pub async fn current(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Option<Version>, StoreError> {
    let sql = format!("{COLUMNS} AND promoted_at IS NOT NULL ORDER BY promoted_at DESC, n DESC LIMIT 1");
    source.into().optional(READ, Sql::of(workspace, sql)).await?.as_ref().map(from_row).transpose()
}

/// The version with this number.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, n: i64) -> Result<Option<Version>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND n = $2")).int(n);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// Every version without its files, newest first.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<VersionHead>, StoreError> {
    let sql = "SELECT n, hash, created_by, created_at, promoted_at FROM playbook_versions WHERE workspace = $1 ORDER BY n DESC";
    source.into().all(READ, Sql::of(workspace, sql)).await?.iter().map(head_from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<Version, StoreError> {
    let VersionHead { n, hash, created_by, created_at, promoted_at } = head_from_row(row)?;
    Ok(Version { n, hash, files: Row::new(TABLE, row).json("files")?, created_by, created_at, promoted_at })
}

fn head_from_row(row: &AnyRow) -> Result<VersionHead, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(VersionHead {
        n: row.int("n")?,
        hash: row.text("hash")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        promoted_at: row.maybe_time("promoted_at")?,
    })
}
