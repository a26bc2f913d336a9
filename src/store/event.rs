//! The event stream of a workspace: numbered in the order of the commits, without gaps.
//!
//! `commit` takes the numbers from the workspace's head row and holds that row until the transaction ends. Whoever has read up to
//! number `n` therefore never misses one below `n` that commits later.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::event::{AuditEntry, Event};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "events";
const COLUMNS: &str = "SELECT workspace, seq, id, kind, ticket, created_at FROM events WHERE workspace = $1";
const WRITE: &str = "append events";
const READ: &str = "read events";
const LARGEST_READ: u32 = 1000;

/// An event with its place in the workspace's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenEvent {
    /// Its number, from 1: ask for what comes after it.
    pub seq: i64,
    /// The event.
    pub event: Event,
}

/// The end of a workspace's audit trail, as its head row says.
pub(super) struct Head {
    pub(super) n: i64,
    pub(super) mac: String,
    pub(super) seal: String,
}

/// Appends an event when the transaction commits.
pub fn append(tx: &mut Tx, event: &Event) {
    tx.late().events.push(event.clone());
}

/// The events after a number, oldest first.
pub async fn after(source: impl Into<Source<'_>>, workspace: WorkspaceId, seq: i64, limit: u32) -> Result<Vec<SeenEvent>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND seq > $2 ORDER BY seq LIMIT $3"));
    let rows = source.into().all(READ, sql.int(seq).int(i64::from(limit.min(LARGEST_READ)))).await?;
    rows.iter().map(from_row).collect()
}

/// The events of one ticket after a number, oldest first.
pub async fn after_of_ticket(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    ticket: TicketId,
    seq: i64,
    limit: u32,
) -> Result<Vec<SeenEvent>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND ticket = $2 AND seq > $3 ORDER BY seq LIMIT $4"));
    let rows = source.into().all(READ, sql.id(ticket).int(seq).int(i64::from(limit.min(LARGEST_READ)))).await?;
    rows.iter().map(from_row).collect()
}

/// The number of the last event; 0 before the first.
pub async fn last_seq(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let row = source.into().optional(READ, Sql::of(workspace, "SELECT event_seq FROM heads WHERE workspace = $1")).await?;
    row.as_ref().map_or(Ok(0), |row| Row::new("heads", row).int("event_seq"))
}

/// Locks the heads that the events and audit lines need, and writes the events.
pub(super) async fn write(tx: &mut Tx, events: Vec<Event>, audit: &[AuditEntry]) -> Result<BTreeMap<WorkspaceId, Head>, StoreError> {
    let mut per_workspace: BTreeMap<WorkspaceId, Vec<Event>> = BTreeMap::new();
    for entry in audit {
        per_workspace.entry(entry.workspace).or_default();
    }
    for event in events {
        per_workspace.entry(event.workspace).or_default().push(event);
    }
    let mut heads = BTreeMap::new();
    for (workspace, events) in per_workspace {
        let many = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let (last, head) = lock_head(tx, workspace, many).await?;
        for (event, seq) in events.into_iter().zip(last - many + 1..) {
            let Event { id, workspace, kind, ticket, created_at } = event;
            let sql =
                Sql::of(workspace, "INSERT INTO events (workspace, seq, id, kind, ticket, created_at) VALUES ($1, $2, $3, $4, $5, $6)");
            tx.execute(WRITE, sql.int(seq).id(id).text(kind).maybe_id(ticket).time(created_at)).await?;
        }
        heads.insert(workspace, head);
    }
    Ok(heads)
}

async fn lock_head(tx: &mut Tx, workspace: WorkspaceId, events: i64) -> Result<(i64, Head), StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE heads SET event_seq = event_seq + $2 WHERE workspace = $1 RETURNING event_seq, audit_n, audit_mac, audit_seal",
    );
    let row = tx.optional(WRITE, sql.int(events)).await?.ok_or(StoreError::Missing { tried: WRITE })?;
    let row = Row::new("heads", &row);
    let head = Head { n: row.int("audit_n")?, mac: row.text("audit_mac")?, seal: row.text("audit_seal")? };
    Ok((row.int("event_seq")?, head))
}

fn from_row(row: &AnyRow) -> Result<SeenEvent, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(SeenEvent {
        seq: row.int("seq")?,
        event: Event {
            id: row.parsed("id")?,
            workspace: row.parsed("workspace")?,
            kind: row.text("kind")?,
            ticket: row.maybe_parsed("ticket")?,
            created_at: row.time("created_at")?,
        },
    })
}
