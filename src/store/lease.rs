//! The lease on a workspace's index: one holder writes there, over all processes.
//!
//! An index cannot refuse a late writer, so the lease does two things. It keeps writers apart while all is well. And it is asked again,
//! by its fence, in the transaction that clears pending revisions: a holder that stood still for too long learns there that somebody
//! else may have written since, clears nothing, and has to mark what it wrote as pending again, for it may have put something old in
//! place of something new. A holder that dies instead has cleared nothing either: the next one reads the same rows once the lease ends.

use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::pool::Store;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::Tx;

const TAKE: &str = "take the lease on an index";
const PROLONG: &str = "prolong the lease on an index";
const RELEASE: &str = "release the lease on an index";

/// The right to write to the index of one workspace; dropped without [`release`], it ends by itself.
///
/// There is one a workspace and not one a job, because not only jobs write there: `reindex`, `ingest` and a panel that somebody waits
/// for do so as well, in any process.
#[derive(Debug, PartialEq, Eq)]
pub struct IndexLease {
    workspace: WorkspaceId,
    fence: i64,
}

impl IndexLease {
    /// Whose index may be written to.
    #[must_use]
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
}

/// Takes the lease until a moment, unless somebody holds it.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such workspace.
pub async fn take(store: &Store, workspace: WorkspaceId, now: Timestamp, until: Timestamp) -> Result<Option<IndexLease>, StoreError> {
    let sql = Sql::of(
        workspace,
        "INSERT INTO index_leases (workspace, fence, leased_until) VALUES ($1, 1, $2)
         ON CONFLICT (workspace) DO UPDATE SET fence = index_leases.fence + 1, leased_until = excluded.leased_until
         WHERE index_leases.leased_until <= $3
         RETURNING fence",
    );
    let mut tx = store.begin().await?;
    let row = tx.optional(TAKE, sql.time(until).time(now)).await?;
    tx.commit().await?;
    row.as_ref().map(|row| Ok(IndexLease { workspace, fence: Row::new("index_leases", row).int("fence")? })).transpose()
}

/// Prolongs the lease; one that has ended is prolonged too while nobody else took it.
///
/// # Errors
/// [`StoreError::IndexLeaseLost`] when somebody else took it.
pub async fn prolong(store: &Store, lease: &IndexLease, until: Timestamp) -> Result<(), StoreError> {
    let sql = Sql::of(lease.workspace, "UPDATE index_leases SET leased_until = $3 WHERE workspace = $1 AND fence = $2");
    let mut tx = store.begin().await?;
    let touched = tx.execute(PROLONG, sql.int(lease.fence).time(until)).await?;
    tx.commit().await?;
    held(touched, lease)
}

/// Gives the lease back; one that was lost is passed over.
pub async fn release(store: &Store, lease: IndexLease) -> Result<(), StoreError> {
    let sql = Sql::of(lease.workspace, "UPDATE index_leases SET leased_until = 0 WHERE workspace = $1 AND fence = $2").int(lease.fence);
    let mut tx = store.begin().await?;
    tx.execute(RELEASE, sql).await?;
    tx.commit().await
}

/// Ends every lease, where the caller knows that no other process can write to the index.
pub async fn end_all(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.execute(RELEASE, Sql::new("UPDATE index_leases SET leased_until = 0, fence = fence + 1 WHERE leased_until > 0")).await?;
    tx.commit().await
}

/// Makes sure that the lease is held, and stays so until the transaction ends.
pub(super) async fn prove(tx: &mut Tx, lease: &IndexLease) -> Result<(), StoreError> {
    // An update and not a read: on PostgreSQL it keeps the row from whoever wants to take the lease meanwhile.
    let sql = Sql::of(lease.workspace, "UPDATE index_leases SET fence = fence WHERE workspace = $1 AND fence = $2").int(lease.fence);
    let touched = tx.execute(PROLONG, sql).await?;
    held(touched, lease)
}

const fn held(touched: u64, lease: &IndexLease) -> Result<(), StoreError> {
    if touched == 1 { Ok(()) } else { Err(StoreError::IndexLeaseLost { workspace: lease.workspace }) }
}
