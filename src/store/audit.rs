//! The audit trail: each line is sealed together with the one before it, and the head row seals their number.
//!
//! `mac(n) = HMAC-SHA256(key, mac(n-1), workspace, n, actor, action, target, at)`. Changing, deleting or swapping a line breaks the
//! chain; cutting the tail off contradicts the sealed head; putting back an old database contradicts a [`Checkpoint`] kept elsewhere.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::event::AuditEntry;
use crate::domain::id::WorkspaceId;
use crate::store::error::StoreError;
use crate::store::event::Head;
use crate::store::key::AuditKey;
use crate::store::pool::Store;
use crate::store::row::Row;
use crate::store::sql::{Sql, storable};
use crate::store::tx::{Source, Tx};

const TABLE: &str = "audit";
const WRITE: &str = "append audit lines";
const READ: &str = "read the audit trail";
const LINES_PER_READ: i64 = 1000;
/// What a head's seal becomes once it did not fit when the next line came: later lines never make it fit again.
const BROKEN: &str = "broken";

/// A line of the trail with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Its number, from 1.
    pub n: i64,
    /// What happened.
    pub entry: AuditEntry,
}

/// How far the trail had come at some moment. Kept outside the database, it shows later that nothing was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many lines there were.
    pub n: i64,
    /// The code of the last of them; empty when there were none.
    pub mac: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every line is as it was written, and none is missing.
    Whole {
        /// How far the trail has come.
        checkpoint: Checkpoint,
    },
    /// Somebody changed the trail.
    Broken {
        /// The first line that does not fit.
        n: i64,
        /// In which way.
        reason: AuditBreak,
    },
}

/// In which way a trail is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditBreak {
    /// The line is not as it was written, or not where it was written.
    Altered,
    /// The line is gone.
    Deleted,
    /// The head does not fit its seal: the end of the trail was cut off or rewritten.
    Head,
    /// The trail ends before the checkpoint, or says something else there.
    Checkpoint,
}

/// Appends a line when the transaction commits.
pub fn append(tx: &mut Tx, entry: &AuditEntry) {
    let AuditEntry { workspace, actor, action, target, at } = entry;
    // What is sealed is what the database keeps.
    let entry = AuditEntry { workspace: *workspace, actor: storable(actor), action: storable(action), target: storable(target), at: *at };
    tx.late().audit.push(entry);
}

/// Lines before a number (all when `None`), newest first.
pub async fn list(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    before_n: Option<i64>,
    limit: u32,
) -> Result<Vec<AuditLine>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT workspace, n, actor, action, target, at, mac FROM audit WHERE workspace = $1 AND n < $2 ORDER BY n DESC LIMIT $3",
    );
    let rows = source.into().all(READ, sql.int(before_n.unwrap_or(i64::MAX)).int(i64::from(limit))).await?;
    rows.iter().map(|row| from_row(row).map(|(line, _)| line)).collect()
}

/// How far the trail has come.
pub async fn checkpoint(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Checkpoint, StoreError> {
    let head = read_head(&mut source.into(), workspace).await?;
    Ok(Checkpoint { n: head.n, mac: head.mac })
}

/// Reads the whole trail and checks every line, the head, and the checkpoint when one is known.
pub async fn verify(store: &Store, workspace: WorkspaceId, known: Option<&Checkpoint>) -> Result<AuditVerdict, StoreError> {
    let mut source = Source::from(store);
    // Lines are counted before the head is read: a line that is committed in between can only make the head later, not earlier.
    let last = last_n(&mut source, workspace).await?;
    let head = read_head(&mut source, workspace).await?;
    let key = store.audit_key();
    if !key.is_code(&seal_parts(workspace, head.n, &head.mac), &head.seal) {
        return Ok(AuditVerdict::Broken { n: head.n, reason: AuditBreak::Head });
    }
    if last > head.n {
        return Ok(AuditVerdict::Broken { n: head.n + 1, reason: AuditBreak::Head });
    }
    let mut chain = Chain { n: 0, mac: String::new(), known };
    while chain.n < head.n {
        let sql = Sql::of(
            workspace,
            "SELECT workspace, n, actor, action, target, at, mac FROM audit WHERE workspace = $1 AND n > $2 AND n <= $3 ORDER BY n LIMIT $4",
        );
        let rows = source.all(READ, sql.int(chain.n).int(head.n).int(LINES_PER_READ)).await?;
        if rows.is_empty() {
            return Ok(AuditVerdict::Broken { n: chain.n + 1, reason: AuditBreak::Deleted });
        }
        for row in &rows {
            let (line, mac) = from_row(row)?;
            if let Some(reason) = chain.extend(key, &line, mac) {
                return Ok(AuditVerdict::Broken { n: chain.n + 1, reason });
            }
        }
    }
    Ok(chain.end(&head))
}

/// Makes the head row of a new workspace.
pub(super) async fn found(tx: &mut Tx, workspace: WorkspaceId) -> Result<(), StoreError> {
    let seal = tx.audit_key().code(&seal_parts(workspace, 0, ""));
    let sql = Sql::of(workspace, "INSERT INTO heads (workspace, event_seq, audit_n, audit_mac, audit_seal) VALUES ($1, 0, 0, '', $2)");
    tx.execute("start the audit trail", sql.text(seal)).await?;
    Ok(())
}

/// Writes the lines behind the heads that the caller has locked.
pub(super) async fn write(tx: &mut Tx, entries: Vec<AuditEntry>, heads: &mut BTreeMap<WorkspaceId, Head>) -> Result<(), StoreError> {
    let mut sealed: BTreeMap<WorkspaceId, bool> = BTreeMap::new();
    for entry in entries {
        let workspace = entry.workspace;
        let head = heads.get_mut(&workspace).ok_or(StoreError::Missing { tried: WRITE })?;
        sealed.entry(workspace).or_insert_with(|| tx.audit_key().is_code(&seal_parts(workspace, head.n, &head.mac), &head.seal));
        let n = head.n + 1;
        let mac = tx.audit_key().code(&line_parts(&head.mac, n, &entry));
        let AuditEntry { workspace, actor, action, target, at } = &entry;
        let sql =
            Sql::of(*workspace, "INSERT INTO audit (workspace, n, actor, action, target, at, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)");
        tx.execute(WRITE, sql.int(n).text(actor).text(action).text(target).time(*at).text(&mac)).await?;
        head.n = n;
        head.mac = mac;
    }
    for (workspace, was_sealed) in sealed {
        let Some(head) = heads.get(&workspace) else { continue };
        let seal = if was_sealed { tx.audit_key().code(&seal_parts(workspace, head.n, &head.mac)) } else { BROKEN.to_owned() };
        let sql = Sql::of(workspace, "UPDATE heads SET audit_n = $2, audit_mac = $3, audit_seal = $4 WHERE workspace = $1");
        tx.execute(WRITE, sql.int(head.n).text(&head.mac).text(seal)).await?;
    }
    Ok(())
}

/// A walk along the chain.
struct Chain<'a> {
    n: i64,
    mac: String,
    known: Option<&'a Checkpoint>,
}

impl Chain<'_> {
    /// Goes one line further, or says what is wrong with it.
    fn extend(&mut self, key: &AuditKey, line: &AuditLine, mac: String) -> Option<AuditBreak> {
        if line.n != self.n + 1 {
            return Some(AuditBreak::Deleted);
        }
        if !key.is_code(&line_parts(&self.mac, line.n, &line.entry), &mac) {
            return Some(AuditBreak::Altered);
        }
        if self.known.is_some_and(|known| known.n == line.n && known.mac != mac) {
            return Some(AuditBreak::Checkpoint);
        }
        self.n = line.n;
        self.mac = mac;
        None
    }

    fn end(self, head: &Head) -> AuditVerdict {
        if self.mac != head.mac {
            return AuditVerdict::Broken { n: self.n, reason: AuditBreak::Head };
        }
        if self.known.is_some_and(|known| known.n > self.n) {
            return AuditVerdict::Broken { n: self.n + 1, reason: AuditBreak::Checkpoint };
        }
        AuditVerdict::Whole { checkpoint: Checkpoint { n: self.n, mac: self.mac } }
    }
}

fn line_parts(before: &str, n: i64, entry: &AuditEntry) -> [Vec<u8>; 8] {
    let AuditEntry { workspace, actor, action, target, at } = entry;
    [
        b"line".to_vec(),
        before.as_bytes().to_vec(),
        workspace.as_uuid().as_bytes().to_vec(),
        n.to_le_bytes().to_vec(),
        actor.as_bytes().to_vec(),
        action.as_bytes().to_vec(),
        target.as_bytes().to_vec(),
        at.as_micros().to_le_bytes().to_vec(),
    ]
}

fn seal_parts(workspace: WorkspaceId, n: i64, mac: &str) -> [Vec<u8>; 4] {
    [b"head".to_vec(), workspace.as_uuid().as_bytes().to_vec(), n.to_le_bytes().to_vec(), mac.as_bytes().to_vec()]
}

async fn last_n(source: &mut Source<'_>, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let sql = Sql::of(workspace, "SELECT COALESCE(MAX(n), 0) AS last FROM audit WHERE workspace = $1");
    let row = source.optional(READ, sql).await?;
    row.as_ref().map_or(Ok(0), |row| Row::new(TABLE, row).int("last"))
}

async fn read_head(source: &mut Source<'_>, workspace: WorkspaceId) -> Result<Head, StoreError> {
    let sql = Sql::of(workspace, "SELECT audit_n, audit_mac, audit_seal FROM heads WHERE workspace = $1");
    let row = source.optional(READ, sql).await?.ok_or(StoreError::Missing { tried: READ })?;
    let row = Row::new("heads", &row);
    Ok(Head { n: row.int("audit_n")?, mac: row.text("audit_mac")?, seal: row.text("audit_seal")? })
}

fn from_row(row: &AnyRow) -> Result<(AuditLine, String), StoreError> {
    let row = Row::new(TABLE, row);
    let entry = AuditEntry {
        workspace: row.parsed("workspace")?,
        actor: row.text("actor")?,
        action: row.text("action")?,
        target: row.text("target")?,
        at: row.time("at")?,
    };
    Ok((AuditLine { n: row.int("n")?, entry }, row.text("mac")?))
}
