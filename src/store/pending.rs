//! What the index does not have yet, and what it still has to forget.
//!
//! A row that the index must learn carries a *pending revision*: a random number, set in the transaction that changed the row. The
//! indexer reads rows with their revisions, makes them durable in the index, and clears each revision that is still the same. A row
//! that changed in between has another one and stays pending. A deleted row leaves a tombstone, cleared in the same way.

use uuid::Uuid;

use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Kind;
use crate::store::error::StoreError;
use crate::store::lease::{self, IndexLease};
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};

const READ: &str = "read what is pending";
const MARK: &str = "mark rows as pending";
const CLEAR: &str = "clear what is indexed";

/// A row that the index must learn, or forget when it is a tombstone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingRow {
    /// What the row is.
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
    /// The revision to clear once the index has it.
    pub revision: i64,
}

/// Rows that the index must learn, at most `limit`.
pub async fn pending(source: impl Into<Source<'_>>, workspace: WorkspaceId, limit: u32) -> Result<Vec<PendingRow>, StoreError> {
    let mut source = source.into();
    let mut pending = Vec::new();
    for kind in Kind::ALL.iter().copied() {
        let table = table(kind);
        let left = i64::from(limit) - i64::try_from(pending.len()).unwrap_or(i64::MAX);
        if left <= 0 {
            break;
        }
        let sql = format!(
            "SELECT id, pending_revision AS revision FROM {table} WHERE workspace = $1 AND pending_revision IS NOT NULL ORDER BY id LIMIT $2"
        );
        for row in source.all(READ, Sql::of(workspace, sql).int(left)).await? {
            let row = Row::new(table, &row);
            pending.push(PendingRow { kind, id: row.parsed("id")?, revision: row.int("revision")? });
        }
    }
    Ok(pending)
}

/// Clears the revisions that are still the ones given; answers how many were.
///
/// # Errors
/// [`StoreError::IndexLeaseLost`] when the lease is no longer held: then [`mark_again`] what was written under it.
pub async fn clear_pending(tx: &mut Tx, lease: &IndexLease, rows: &[PendingRow]) -> Result<u64, StoreError> {
    lease::prove(tx, lease).await?;
    let mut cleared = 0;
    for kind in Kind::ALL {
        let sql = format!("UPDATE {} SET pending_revision = NULL WHERE workspace = $1 AND (id, pending_revision) IN ", table(*kind));
        cleared += each(tx, &of_kind(rows, *kind), |rows| Sql::of(lease.workspace(), sql.as_str()).among_pairs(rows)).await?;
    }
    Ok(cleared)
}

/// Rows that the index must forget, at most `limit`.
pub async fn tombstones(source: impl Into<Source<'_>>, workspace: WorkspaceId, limit: u32) -> Result<Vec<PendingRow>, StoreError> {
    let sql = Sql::of(workspace, "SELECT kind, id, revision FROM index_tombstones WHERE workspace = $1 ORDER BY kind, id LIMIT $2");
    let rows = source.into().all(READ, sql.int(i64::from(limit))).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("index_tombstones", row);
            Ok(PendingRow { kind: row.parsed("kind")?, id: row.parsed("id")?, revision: row.int("revision")? })
        })
        .collect()
}

/// Clears the tombstones whose revisions are still the ones given; answers how many were.
///
/// # Errors
/// [`StoreError::IndexLeaseLost`] when the lease is no longer held.
pub async fn clear_tombstones(tx: &mut Tx, lease: &IndexLease, rows: &[PendingRow]) -> Result<u64, StoreError> {
    lease::prove(tx, lease).await?;
    let mut cleared = 0;
    for kind in Kind::ALL {
        let sql = "DELETE FROM index_tombstones WHERE workspace = $1 AND kind = $2 AND (id, revision) IN ";
        cleared += each(tx, &of_kind(rows, *kind), |rows| Sql::of(lease.workspace(), sql).id(*kind).among_pairs(rows)).await?;
    }
    Ok(cleared)
}

/// The ids of every row of a kind, for comparing with what the index holds.
pub async fn ids_that_should_be_indexed(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    kind: Kind,
) -> Result<Vec<Uuid>, StoreError> {
    let table = table(kind);
    let rows = source.into().all(READ, Sql::of(workspace, format!("SELECT id FROM {table} WHERE workspace = $1"))).await?;
    rows.iter().map(|row| Row::new(table, row).parsed("id")).collect()
}

/// Marks rows that the index turned out to lack; answers how many there are.
pub async fn mark_pending(tx: &mut Tx, workspace: WorkspaceId, kind: Kind, ids: &[Uuid]) -> Result<u64, StoreError> {
    let revision = tx.revision();
    let sql = format!("UPDATE {} SET pending_revision = $2 WHERE workspace = $1 AND id IN ", table(kind));
    each(tx, ids, |ids| Sql::of(workspace, sql.as_str()).int(revision).among(ids)).await
}

/// Marks rows again that were written to the index without the right to it; those that are gone by now are left to the next comparison.
pub async fn mark_again(tx: &mut Tx, workspace: WorkspaceId, rows: &[PendingRow]) -> Result<u64, StoreError> {
    let mut marked = 0;
    for kind in Kind::ALL {
        let ids: Vec<Uuid> = of_kind(rows, *kind).into_iter().map(|(id, _)| id).collect();
        marked += mark_pending(tx, workspace, *kind, &ids).await?;
    }
    Ok(marked)
}

/// Marks every row of the workspace, for an index that is built anew; answers how many there are.
pub async fn mark_all_pending(tx: &mut Tx, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let revision = tx.revision();
    let mut marked = 0;
    for kind in Kind::ALL {
        let sql = format!("UPDATE {} SET pending_revision = $2 WHERE workspace = $1", table(*kind));
        marked += tx.execute(MARK, Sql::of(workspace, sql).int(revision)).await?;
    }
    Ok(marked)
}

/// How many rows the index must learn or forget.
pub async fn count(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let mut source = source.into();
    let mut total = 0;
    let tables = Kind::ALL.iter().map(|kind| format!("{} WHERE workspace = $1 AND pending_revision IS NOT NULL", table(*kind)));
    for rest in tables.chain(["index_tombstones WHERE workspace = $1".to_owned()]) {
        let row = source.optional(READ, Sql::of(workspace, format!("SELECT COUNT(*) AS many FROM {rest}"))).await?;
        total += row.as_ref().map_or(Ok(0), |row| Row::new("pending rows", row).int("many"))?;
    }
    Ok(total)
}

/// The revision of the encoder whose vectors the index holds.
pub async fn encoder_revision(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Option<String>, StoreError> {
    let sql = Sql::of(workspace, "SELECT encoder_revision FROM index_state WHERE workspace = $1");
    let row = source.into().optional("read the encoder's revision", sql).await?;
    row.as_ref().map(|row| Row::new("index_state", row).text("encoder_revision")).transpose()
}

/// Notes the revision of the encoder whose vectors the index holds.
pub async fn set_encoder_revision(tx: &mut Tx, workspace: WorkspaceId, revision: &str) -> Result<(), StoreError> {
    let sql = Sql::of(
        workspace,
        "INSERT INTO index_state (workspace, encoder_revision) VALUES ($1, $2)
         ON CONFLICT (workspace) DO UPDATE SET encoder_revision = excluded.encoder_revision",
    );
    tx.execute("note the encoder's revision", sql.text(revision)).await?;
    Ok(())
}

/// Leaves a tombstone for each row that meets the condition (whose one value is `$4`), just before those rows are deleted.
pub(super) async fn bury(tx: &mut Tx, workspace: WorkspaceId, kind: Kind, condition: &str, value: &str) -> Result<(), StoreError> {
    let revision = tx.revision();
    let sql = format!(
        "INSERT INTO index_tombstones (workspace, kind, id, revision)
         SELECT workspace, $2, id, $3 FROM {} WHERE workspace = $1 AND {condition}
         ON CONFLICT (workspace, kind, id) DO UPDATE SET revision = excluded.revision",
        table(kind)
    );
    tx.execute("leave tombstones", Sql::of(workspace, sql).id(kind).int(revision).id(value)).await?;
    Ok(())
}

fn of_kind(rows: &[PendingRow], kind: Kind) -> Vec<(Uuid, i64)> {
    rows.iter().filter(|row| row.kind == kind).map(|row| (row.id, row.revision)).collect()
}

async fn each<T>(tx: &mut Tx, rows: &[T], statement: impl Fn(&[T]) -> Sql) -> Result<u64, StoreError> {
    let mut touched = 0;
    for rows in rows.chunks(IDS_PER_STATEMENT) {
        touched += tx.execute(CLEAR, statement(rows)).await?;
    }
    Ok(touched)
}

const fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Passage => "passages",
        Kind::Ticket => "tickets",
        Kind::Comment => "comments",
        Kind::Message => "messages",
        Kind::Person => "people",
        Kind::Attachment => "excerpts",
    }
}
