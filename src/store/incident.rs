//! Incidents: which tickets belong together, and since when. Readers see those of their tickets.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use crate::domain::audience::Scope;
use crate::domain::id::{IncidentId, TicketId, WorkspaceId};
use crate::domain::incident::Incident;
use crate::domain::panel::TicketHead;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};

const TABLE: &str = "incidents";
const HOLD: &str = "hold the incidents of a workspace";
const READ: &str = "read incidents";
const COLUMNS: &str = "SELECT id, about, last_seen FROM incidents WHERE workspace = $1";

/// How many tickets came in a stretch of time, and since when there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// In the stretch.
    pub tickets: u64,
    /// When the first ticket of the workspace was written, if there is one.
    pub first: Option<Timestamp>,
}

/// Has nobody else find incidents in the workspace before the transaction ends, so that one burst is one incident.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such workspace.
pub async fn hold(tx: &mut Tx, workspace: WorkspaceId) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "UPDATE workspaces SET name = name WHERE id = $1");
    if tx.execute(HOLD, sql).await? == 1 { Ok(()) } else { Err(StoreError::Missing { tried: HOLD }) }
}

/// Adds an incident without tickets, or changes what it is about.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, id: IncidentId, about: &[String], now: Timestamp) -> Result<(), StoreError> {
    let sql = Sql::of(
        workspace,
        "INSERT INTO incidents (workspace, id, about, found_at, last_seen) VALUES ($1, $2, $3, $4, 0)
         ON CONFLICT (workspace, id) DO UPDATE SET about = excluded.about",
    );
    tx.execute("keep an incident", sql.id(id).json(&about).time(now)).await?;
    Ok(())
}

/// Adds a ticket to an incident, unless it is part of one already; answers whether it was added.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such incident or ticket.
pub async fn join(tx: &mut Tx, workspace: WorkspaceId, id: IncidentId, ticket: TicketId) -> Result<bool, StoreError> {
    let sql = Sql::of(
        workspace,
        "INSERT INTO incident_tickets (workspace, ticket, incident) VALUES ($1, $2, $3) ON CONFLICT (workspace, ticket) DO NOTHING",
    );
    let is_new = tx.execute("add a ticket to an incident", sql.id(ticket).id(id)).await? == 1;
    if is_new {
        let sql = Sql::of(
            workspace,
            "UPDATE incidents SET last_seen = (SELECT COALESCE(MAX(t.created_at), 0) FROM incident_tickets m
                JOIN tickets t ON t.workspace = m.workspace AND t.id = m.ticket WHERE m.workspace = $1 AND m.incident = $2)
             WHERE workspace = $1 AND id = $2",
        );
        tx.execute("note the last ticket of an incident", sql.id(id)).await?;
    }
    Ok(is_new)
}

/// Which of some tickets are part of an incident, and of which.
pub async fn of_tickets(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    tickets: &[TicketId],
) -> Result<HashMap<TicketId, IncidentId>, StoreError> {
    let mut source = source.into();
    let mut found = HashMap::new();
    for tickets in tickets.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(workspace, "SELECT ticket, incident FROM incident_tickets WHERE workspace = $1 AND ticket IN ").among(tickets);
        for row in source.all(READ, sql).await? {
            let row = Row::new("incident_tickets", &row);
            found.insert(row.parsed("ticket")?, row.parsed("incident")?);
        }
    }
    Ok(found)
}

/// An incident with those of its tickets that the reader may see; none where they may see none.
pub async fn get(source: impl Into<Source<'_>>, scope: &Scope, id: IncidentId) -> Result<Option<Incident>, StoreError> {
    let mut source = source.into();
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND id = $2")).id(id);
    let rows = source.all(READ, sql).await?;
    Ok(with_tickets(source, scope, &rows).await?.pop())
}

/// The incident that a ticket is part of.
pub async fn of_ticket(source: impl Into<Source<'_>>, scope: &Scope, ticket: TicketId) -> Result<Option<Incident>, StoreError> {
    let mut source = source.into();
    let found = of_tickets(source.again(), scope.workspace(), &[ticket]).await?;
    match found.get(&ticket) {
        Some(id) => get(source, scope, *id).await,
        None => Ok(None),
    }
}

/// The incidents whose last ticket was written since a moment, the latest first.
pub async fn since(source: impl Into<Source<'_>>, scope: &Scope, since: Timestamp, limit: u32) -> Result<Vec<Incident>, StoreError> {
    let mut source = source.into();
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND last_seen >= $2 ORDER BY last_seen DESC, id DESC LIMIT ")).time(since);
    let rows = source.all(READ, sql.with_int(i64::from(limit))).await?;
    with_tickets(source, scope, &rows).await
}

/// A page of the incidents, those with the latest tickets first.
pub async fn list(source: impl Into<Source<'_>>, scope: &Scope, page: &PageRequest) -> Result<Page<Incident>, StoreError> {
    let mut source = source.into();
    let rows = source.all(READ, Sql::of(scope.workspace(), COLUMNS).page("last_seen", "id", page)).await?;
    let places = rows
        .iter()
        .map(|row| {
            let row = Row::new(TABLE, row);
            Ok((row.parsed::<IncidentId>("id")?, row.time("last_seen")?))
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let places = Page::cut(places, page, |(id, at)| Cursor { rank: None, at: *at, id: id.as_uuid() });
    let rows = &rows[..places.items.len()];
    let items = with_tickets(source, scope, rows).await?;
    Ok(Page { items, next: places.next })
}

/// How many tickets came from a moment on and before another one.
pub async fn tally(source: impl Into<Source<'_>>, workspace: WorkspaceId, from: Timestamp, to: Timestamp) -> Result<Tally, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT (SELECT COUNT(*) FROM tickets WHERE workspace = $1 AND created_at >= $2 AND created_at < $3) AS many,
            (SELECT MIN(created_at) FROM tickets WHERE workspace = $1) AS earliest",
    );
    let row = source.into().optional("count tickets", sql.time(from).time(to)).await?;
    let Some(row) = &row else { return Ok(Tally { tickets: 0, first: None }) };
    let row = Row::new("tickets", row);
    let tickets = u64::try_from(row.int("many")?).unwrap_or_default();
    Ok(Tally { tickets, first: row.maybe_time("earliest")? })
}

/// The incidents of some rows, in their order, each with the tickets that the reader may see.
async fn with_tickets(mut source: Source<'_>, scope: &Scope, rows: &[AnyRow]) -> Result<Vec<Incident>, StoreError> {
    let mut incidents = Vec::with_capacity(rows.len());
    for row in rows {
        let row = Row::new(TABLE, row);
        incidents.push(Incident { id: row.parsed("id")?, about: row.json("about")?, tickets: Vec::new() });
    }
    let ids: Vec<IncidentId> = incidents.iter().map(|incident| incident.id).collect();
    let mut tickets: HashMap<IncidentId, Vec<TicketHead>> = HashMap::new();
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(
            scope.workspace(),
            "SELECT m.incident AS incident, t.id AS id, t.external_id AS external_id, t.subject AS subject, t.status AS status,
                t.created_at AS created_at
             FROM incident_tickets m JOIN tickets t ON t.workspace = m.workspace AND t.id = m.ticket
             WHERE m.workspace = $1 AND m.incident IN ",
        );
        let sql = sql.among(ids).readable("t.audience", scope.reader()).push(" ORDER BY t.created_at, t.id");
        for row in source.all(READ, sql).await? {
            let row = Row::new("tickets", &row);
            let id: TicketId = row.parsed("id")?;
            let head = TicketHead {
                id,
                reference: row.maybe_text("external_id")?.unwrap_or_else(|| id.to_string()),
                subject: row.text("subject")?,
                status: row.parsed("status")?,
                created_at: row.time("created_at")?,
            };
            tickets.entry(row.parsed("incident")?).or_default().push(head);
        }
    }
    for incident in &mut incidents {
        incident.tickets = tickets.remove(&incident.id).unwrap_or_default();
    }
    incidents.retain(|incident| !incident.tickets.is_empty());
    Ok(incidents)
}
