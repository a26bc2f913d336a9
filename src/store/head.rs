//! Heads: versions of what was learned from a workspace's labels, and the revision of these labels.
//!
//! The revision is random and set in every transaction that changes a label or a correction, as that of the knowledge is
//! ([`knowledge`](crate::store::knowledge)).

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use crate::domain::head::{HeadMetrics, HeadVersion};
use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "head_versions";
const COLUMNS: &str = "SELECT h.version, h.encoder, h.playbook, h.data_hash, h.examples, h.seconds, h.metrics, h.created_by, h.created_at,
    CASE WHEN s.version = h.version THEN 1 ELSE 0 END AS held
    FROM head_versions h LEFT JOIN held_heads s ON s.workspace = h.workspace WHERE h.workspace = $1";
const ADD: &str = "keep heads";
const READ: &str = "read heads";
/// So many versions of one maker are kept, beside the one that is held.
const MOST_VERSIONS: i64 = 6;

/// What the heads of a workspace depend on, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadState {
    /// The hash of the playbook in force; empty for none.
    pub playbook: String,
    /// The revision of labels and corrections; empty before the first.
    pub labels: String,
    /// The newest version.
    pub newest: Option<i64>,
    /// The version that an admin chose.
    pub held: Option<i64>,
}

/// Heads to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewHeads<'a> {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Which playbook, labels and encoder they were learned from: recognises them.
    pub made_from: &'a str,
    /// The encoder's revision.
    pub encoder: &'a str,
    /// The playbook's hash.
    pub playbook: &'a str,
    /// The hash of the texts and labels.
    pub data_hash: &'a str,
    /// How many texts there were.
    pub examples: u32,
    /// How long learning took.
    pub seconds: f64,
    /// How good each was on what it had not seen.
    pub metrics: &'a [HeadMetrics],
    /// All of them.
    pub bytes: &'a [u8],
    /// Who asked for it.
    pub created_by: &'a str,
    /// When.
    pub created_at: Timestamp,
}

/// What the heads of a workspace depend on.
pub async fn state(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<HeadState, StoreError> {
    let sql = "SELECT
        (SELECT hash FROM playbook_versions WHERE workspace = $1 AND promoted_at IS NOT NULL ORDER BY promoted_at DESC, n DESC LIMIT 1) AS playbook,
        (SELECT revision FROM label_state WHERE workspace = $1) AS labels,
        (SELECT MAX(version) FROM head_versions WHERE workspace = $1) AS newest,
        (SELECT version FROM held_heads WHERE workspace = $1) AS held";
    let row = source.into().optional(READ, Sql::of(workspace, sql)).await?.ok_or(StoreError::Corrupt { table: TABLE, column: "state" })?;
    let row = Row::new(TABLE, &row);
    Ok(HeadState {
        playbook: row.maybe_text("playbook")?.unwrap_or_default(),
        labels: row.maybe_text("labels")?.unwrap_or_default(),
        newest: row.maybe_int("newest")?,
        held: row.maybe_int("held")?,
    })
}

/// Keeps heads as the next version and answers its number; old versions are forgotten, the held one never.
///
/// # Errors
/// [`StoreError::Contended`] when somebody else keeps heads at the same moment.
pub async fn insert(tx: &mut Tx, new: &NewHeads<'_>) -> Result<i64, StoreError> {
    let NewHeads { workspace, made_from, encoder, playbook, data_hash, examples, seconds, metrics, bytes, created_by, created_at } = *new;
    let sql = Sql::of(
        workspace,
        "INSERT INTO head_versions (workspace, version, made_from, encoder, playbook, data_hash, examples, seconds, metrics, bytes, created_by, created_at)
         SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM head_versions WHERE workspace = $1 RETURNING version",
    );
    let sql = sql.text(made_from).text(encoder).text(playbook).text(data_hash).int(i64::from(examples)).double(seconds);
    let sql = sql.json(&metrics).bytes(bytes).text(created_by).time(created_at);
    let version = match tx.optional(ADD, sql).await {
        Ok(Some(row)) => Row::new(TABLE, &row).int("version")?,
        Ok(None) | Err(StoreError::Conflict { .. }) => return Err(StoreError::Contended { tried: ADD, source: None }),
        Err(error) => return Err(error),
    };
    // Those of one maker at a time: what is learned at every correction must not push out what an admin asked for.
    let sql = Sql::of(
        workspace,
        "DELETE FROM head_versions WHERE workspace = $1 AND created_by = $2
            AND version NOT IN (SELECT version FROM head_versions WHERE workspace = $1 AND created_by = $2 ORDER BY version DESC LIMIT $3)
            AND NOT EXISTS (
                SELECT 1 FROM held_heads s WHERE s.workspace = head_versions.workspace AND s.version = head_versions.version)",
    );
    tx.execute("forget old heads", sql.text(created_by).int(MOST_VERSIONS)).await?;
    Ok(version)
}

/// The versions, newest first, without their bytes.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<HeadVersion>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} ORDER BY h.version DESC"));
    let rows = source.into().all(READ, sql).await?;
    rows.iter().map(from_row).collect()
}

/// A version without its bytes.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, version: i64) -> Result<Option<HeadVersion>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND h.version = $2")).int(version);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The bytes of a version.
pub async fn bytes(source: impl Into<Source<'_>>, workspace: WorkspaceId, version: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = Sql::of(workspace, "SELECT bytes FROM head_versions WHERE workspace = $1 AND version = $2").int(version);
    source.into().optional(READ, sql).await?.map(|row| Row::new(TABLE, &row).bytes("bytes")).transpose()
}

/// The newest version that was made from this.
pub async fn made_from(source: impl Into<Source<'_>>, workspace: WorkspaceId, made_from: &str) -> Result<Option<i64>, StoreError> {
    let sql =
        Sql::of(workspace, "SELECT MAX(version) AS version FROM head_versions WHERE workspace = $1 AND made_from = $2").text(made_from);
    source.into().optional(READ, sql).await?.map_or(Ok(None), |row| Row::new(TABLE, &row).maybe_int("version"))
}

/// The newest version of the same playbook and encoder that learned from the same texts and labels; it is from now on the one that was made
/// from these labels.
pub async fn same(
    store: &Store,
    workspace: WorkspaceId,
    made_from: &str,
    (playbook, encoder): (&str, &str),
    data_hash: &str,
) -> Result<Option<i64>, StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE head_versions SET made_from = $2 WHERE workspace = $1 AND version = (
            SELECT MAX(version) FROM head_versions WHERE workspace = $1 AND playbook = $3 AND encoder = $4 AND data_hash = $5)
         RETURNING version",
    );
    let mut tx = store.begin().await?;
    let sql = sql.text(made_from).text(playbook).text(encoder).text(data_hash);
    let found = tx.optional("find the same heads", sql).await?.map(|row| Row::new(TABLE, &row).int("version")).transpose()?;
    tx.commit().await?;
    Ok(found)
}

/// Lets a version answer whatever is learned later; answers whether there is such a one.
pub async fn hold(tx: &mut Tx, workspace: WorkspaceId, version: i64, by: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = Sql::of(
        workspace,
        "INSERT INTO held_heads (workspace, version, held_by, held_at) SELECT workspace, version, $3, $4 FROM head_versions
         WHERE workspace = $1 AND version = $2
         ON CONFLICT (workspace) DO UPDATE SET version = excluded.version, held_by = excluded.held_by, held_at = excluded.held_at",
    );
    Ok(tx.execute("hold heads", sql.int(version).text(by).time(now)).await? == 1)
}

/// Lets the newest version answer again; answers whether one was held.
pub async fn let_go(tx: &mut Tx, workspace: WorkspaceId) -> Result<bool, StoreError> {
    Ok(tx.execute("let go of heads", Sql::of(workspace, "DELETE FROM held_heads WHERE workspace = $1")).await? == 1)
}

/// Notes that labels of a workspace are others once the transaction is committed.
pub(super) fn labels_changed(tx: &mut Tx, workspace: WorkspaceId) {
    tx.late().labels.insert(workspace);
}

/// Writes the revisions of the workspaces whose labels changed; part of the commit.
pub(super) async fn write(tx: &mut Tx, workspaces: BTreeSet<WorkspaceId>) -> Result<(), StoreError> {
    let revision = format!("{:016x}", tx.revision());
    for workspace in workspaces {
        let sql = Sql::of(
            workspace,
            "INSERT INTO label_state (workspace, revision) VALUES ($1, $2)
             ON CONFLICT (workspace) DO UPDATE SET revision = excluded.revision",
        );
        tx.execute("set the labels' revision", sql.text(&revision)).await?;
    }
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<HeadVersion, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(HeadVersion {
        n: row.int("version")?,
        encoder: row.text("encoder")?,
        playbook: row.text("playbook")?,
        data_hash: row.text("data_hash")?,
        examples: row.count("examples")?,
        seconds: row.double("seconds")?,
        metrics: row.json("metrics")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        held: row.flag("held")?,
        answers: false,
    })
}
