//! How far the desk's mailbox was read, and who reads it: one process at a time.
//!
//! The place is moved in the transaction that keeps the mail, so that no mail is lost and none is taken twice.

use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::pool::Store;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "mailboxes";
const TAKE: &str = "take the lease on a mailbox";
const MOVE: &str = "note how far a mailbox was read";

/// The right to read a mailbox, and the place to go on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxLease {
    workspace: WorkspaceId,
    fence: i64,
    /// Which numbering the place belongs to; 0 before the first reading.
    pub uid_validity: u32,
    /// The last mail that was taken in.
    pub last_uid: u32,
    /// The mail that could not be had, and how often in a row.
    pub failing: (u32, u32),
}

impl MailboxLease {
    /// Whose mailbox it is.
    #[must_use]
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
}

/// Takes the lease until a moment, unless somebody holds it.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such workspace.
pub async fn take(store: &Store, workspace: WorkspaceId, now: Timestamp, until: Timestamp) -> Result<Option<MailboxLease>, StoreError> {
    let sql = Sql::of(
        workspace,
        "INSERT INTO mailboxes (workspace, uid_validity, last_uid, fence, leased_until) VALUES ($1, 0, 0, 1, $2)
         ON CONFLICT (workspace) DO UPDATE SET fence = mailboxes.fence + 1, leased_until = excluded.leased_until
         WHERE mailboxes.leased_until <= $3
         RETURNING fence, uid_validity, last_uid, failed_uid, failures",
    );
    let mut tx = store.begin().await?;
    let row = tx.optional(TAKE, sql.time(until).time(now)).await?;
    tx.commit().await?;
    let lease = |row: &_| {
        let row = Row::new(TABLE, row);
        Ok(MailboxLease {
            workspace,
            fence: row.int("fence")?,
            uid_validity: row.count("uid_validity")?,
            last_uid: row.count("last_uid")?,
            failing: (row.count("failed_uid")?, row.count("failures")?),
        })
    };
    row.as_ref().map(lease).transpose()
}

/// Notes the place up to which all mails are taken in, and prolongs the lease; answers whether it was not lost.
pub async fn advance(tx: &mut Tx, lease: &MailboxLease, until: Timestamp) -> Result<bool, StoreError> {
    let MailboxLease { workspace, fence, uid_validity, last_uid, failing: _ } = lease;
    let sql = "UPDATE mailboxes SET uid_validity = $3, last_uid = $4, leased_until = $5 WHERE workspace = $1 AND fence = $2";
    let sql = Sql::of(*workspace, sql).int(*fence).int(i64::from(*uid_validity)).int(i64::from(*last_uid));
    Ok(tx.execute(MOVE, sql.time(until)).await? == 1)
}

/// Notes that a mail could not be had, once more.
pub async fn note_failure(store: &Store, lease: &MailboxLease, uid: u32) -> Result<(), StoreError> {
    let sql = "UPDATE mailboxes SET failures = CASE WHEN failed_uid = $3 THEN failures + 1 ELSE 1 END, failed_uid = $4
         WHERE workspace = $1 AND fence = $2";
    let sql = Sql::of(lease.workspace, sql).int(lease.fence).int(i64::from(uid)).int(i64::from(uid));
    let mut tx = store.begin().await?;
    tx.execute("note that a mail could not be had", sql).await?;
    tx.commit().await
}

/// Gives the lease back; `read_since` is when this reading began, if it reached the end.
pub async fn release(store: &Store, lease: &MailboxLease, read_since: Option<Timestamp>) -> Result<(), StoreError> {
    let sql = "UPDATE mailboxes SET leased_until = 0, read_since = COALESCE($3, read_since) WHERE workspace = $1 AND fence = $2";
    let mut tx = store.begin().await?;
    tx.execute(MOVE, Sql::of(lease.workspace, sql).int(lease.fence).maybe_time(read_since)).await?;
    tx.commit().await
}

/// When the last reading began that reached the end of the mailbox.
pub async fn read_since(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Option<Timestamp>, StoreError> {
    let sql = Sql::of(workspace, "SELECT read_since FROM mailboxes WHERE workspace = $1");
    let row = source.into().optional("ask how far a mailbox was read", sql).await?;
    row.map_or(Ok(None), |row| Row::new(TABLE, &row).maybe_time("read_since"))
}
