//! Tickets: one is known by its id or by its id in the system it comes from, and saving it twice leaves one.

mod comment;
mod inbox;
mod unanswered;

use std::collections::HashMap;

use sqlx::any::AnyRow;

use crate::domain::audience::Scope;
use crate::domain::id::{CustomerId, TicketId, WorkspaceId};
use crate::domain::sought::folded;
use crate::domain::ticket::{Ticket, TicketHistory};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Kind;
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};
use crate::store::{Change, Saved, attachment, fold, head, pending, thread};

pub use comment::{add as add_comment, by_ids as comments_by_ids, hold, naming as comments_naming, since as comments_since};
pub use inbox::inbox;
pub use unanswered::{has_unsolved, held, unanswered};

const TABLE: &str = "tickets";
const COLUMNS: &str =
    "SELECT workspace, id, external_id, subject, body, requester, channel, status, priority, grp, assignee, tags, language,
    custom_fields, created_at, updated_at, solved_at FROM tickets WHERE workspace = $1";
const SAVE: &str = "save a ticket";
const READ: &str = "read tickets";

/// Which moments of a ticket are assumed, because its source said none: a known ticket keeps its own in their place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Assumed {
    /// When it was written.
    pub created_at: bool,
    /// When it was solved, of a ticket that is.
    pub solved_at: bool,
}

/// Tells a ticket as it stands from what it was before and becomes later: what was made of one edition is not of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    changed_at: Timestamp,
    /// Random at every change until it is indexed: two clocks may say the same moment.
    pending: Option<i64>,
}

impl Edition {
    /// As the row says.
    pub(crate) const fn of(changed_at: Timestamp, pending: Option<i64>) -> Self {
        Self { changed_at, pending }
    }
}

/// Adds a ticket, or changes the one with the same id, else the one with the same external id.
///
/// What is the same as before (the moment of the change apart) is left alone and is not embedded again.
///
/// # Errors
/// [`StoreError::Missing`] when the requester is not a customer of the workspace.
pub async fn save(tx: &mut Tx, ticket: &Ticket) -> Result<Saved<TicketId>, StoreError> {
    save_assuming(tx, ticket, Assumed::default()).await
}

/// The same for a ticket some of whose moments are assumed.
///
/// # Errors
/// [`StoreError::Missing`] when the requester is not a customer of the workspace.
pub async fn save_assuming(tx: &mut Tx, ticket: &Ticket, assumed: Assumed) -> Result<Saved<TicketId>, StoreError> {
    if insert(tx, ticket).await? {
        return Ok(Saved { id: ticket.id, change: Change::Created });
    }
    let known = known(tx, ticket).await?;
    let wanted = Ticket {
        id: known.id,
        updated_at: known.updated_at.max(ticket.updated_at),
        created_at: if assumed.created_at { known.created_at } else { ticket.created_at },
        solved_at: known.solved_at.filter(|_| assumed.solved_at).or(ticket.solved_at),
        ..ticket.clone()
    };
    if known == (Ticket { updated_at: known.updated_at, ..wanted.clone() }) {
        return Ok(Saved { id: known.id, change: Change::Unchanged });
    }
    update(tx, &wanted).await?;
    if known.requester != wanted.requester {
        comment::hand_over(tx, &wanted).await?;
        attachment::hand_over(tx, wanted.workspace, wanted.id, &wanted.audience()).await?;
    }
    Ok(Saved { id: known.id, change: Change::Updated })
}

/// The ticket with this id.
pub async fn get(source: impl Into<Source<'_>>, scope: &Scope, id: TicketId) -> Result<Option<Ticket>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND id = $2")).id(id).readable("audience", scope.reader());
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The ticket with this id in the system it comes from.
pub async fn by_external_id(source: impl Into<Source<'_>>, scope: &Scope, external_id: &str) -> Result<Option<Ticket>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND external_id = $2")).text(external_id);
    source.into().optional(READ, sql.readable("audience", scope.reader())).await?.as_ref().map(from_row).transpose()
}

/// The tickets with these ids, in no order; those unknown or hidden from the reader are left out.
pub async fn by_ids(source: impl Into<Source<'_>>, scope: &Scope, ids: &[TicketId]) -> Result<Vec<Ticket>, StoreError> {
    let mut source = source.into();
    let mut tickets = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND id IN ")).among(ids).readable("audience", scope.reader());
        for row in source.all(READ, sql).await? {
            tickets.push(from_row(&row)?);
        }
    }
    Ok(tickets)
}

/// As what these tickets stand, without their texts; those unknown or hidden from the reader are left out.
pub async fn editions(source: impl Into<Source<'_>>, scope: &Scope, ids: &[TicketId]) -> Result<HashMap<TicketId, Edition>, StoreError> {
    let mut source = source.into();
    let mut editions = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(scope.workspace(), "SELECT id, updated_at, pending_revision FROM tickets WHERE workspace = $1 AND id IN ");
        for row in source.all(READ, sql.among(ids).readable("audience", scope.reader())).await? {
            let row = Row::new(TABLE, &row);
            let edition = Edition::of(row.time("updated_at")?, row.maybe_int("pending_revision")?);
            editions.insert(row.parsed("id")?, edition);
        }
    }
    Ok(editions)
}

/// A ticket with those of its comments that the reader may see, oldest first.
pub async fn history(source: impl Into<Source<'_>>, scope: &Scope, id: TicketId) -> Result<Option<TicketHistory>, StoreError> {
    Ok(histories(source, scope, &[id]).await?.pop())
}

/// The tickets with these ids, each with those of its comments that the reader may see, in no order.
pub async fn histories(source: impl Into<Source<'_>>, scope: &Scope, ids: &[TicketId]) -> Result<Vec<TicketHistory>, StoreError> {
    let mut source = source.into();
    let tickets = by_ids(source.again(), scope, ids).await?;
    let mut comments = comment::of_tickets(source, scope, ids).await?;
    Ok(tickets
        .into_iter()
        .map(|ticket| {
            let comments = comments.remove(&ticket.id).unwrap_or_default();
            TicketHistory { ticket, comments }
        })
        .collect())
}

/// Tickets that were solved before a moment, those solved last first.
pub async fn solved_before(source: impl Into<Source<'_>>, scope: &Scope, before: Timestamp, limit: u32) -> Result<Vec<Ticket>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND solved_at < $2")).time(before).readable("audience", scope.reader());
    let sql = sql.push(" ORDER BY solved_at DESC, id DESC LIMIT ").with_int(i64::from(limit));
    source.into().all(READ, sql).await?.iter().map(from_row).collect()
}

/// A customer's tickets, newest first.
pub async fn of_customer(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    customer: CustomerId,
    limit: u32,
) -> Result<Vec<Ticket>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND requester = $2")).id(customer).readable("audience", scope.reader());
    let sql = sql.push(" ORDER BY created_at DESC, id DESC LIMIT ").with_int(i64::from(limit));
    source.into().all(READ, sql).await?.iter().map(from_row).collect()
}

/// A page of the tickets, newest first.
pub async fn list(source: impl Into<Source<'_>>, scope: &Scope, page: &PageRequest) -> Result<Page<Ticket>, StoreError> {
    let sql = Sql::of(scope.workspace(), COLUMNS).readable("audience", scope.reader()).page("created_at", "id", page);
    let rows = source.into().all(READ, sql).await?;
    let tickets = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(tickets, page, |ticket| Cursor { rank: None, at: ticket.created_at, id: ticket.id.as_uuid() }))
}

/// Removes a ticket with all that hangs on it; the index is told to forget each part. Answers whether there was one.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: TicketId) -> Result<bool, StoreError> {
    thread::bury_of_ticket(tx, workspace, id).await?;
    pending::bury(tx, workspace, Kind::Attachment, "ticket = $4", &id.to_string()).await?;
    pending::bury(tx, workspace, Kind::Comment, "ticket = $4", &id.to_string()).await?;
    pending::bury(tx, workspace, Kind::Ticket, "id = $4", &id.to_string()).await?;
    // Its label goes with it.
    let sql = Sql::of(
        workspace,
        "SELECT 1 AS one FROM labels WHERE workspace = $1 AND ticket = $2 UNION SELECT 1 AS one FROM corrections WHERE workspace = $1 AND ticket = $2",
    );
    if tx.optional("remove a ticket", sql.id(id)).await?.is_some() {
        head::labels_changed(tx, workspace);
    }
    let sql = Sql::of(workspace, "DELETE FROM tickets WHERE workspace = $1 AND id = $2").id(id);
    Ok(tx.execute("remove a ticket", sql).await? == 1)
}

async fn insert(tx: &mut Tx, ticket: &Ticket) -> Result<bool, StoreError> {
    let sql = Sql::of(
        ticket.workspace,
        "INSERT INTO tickets (workspace, id, external_id, subject, body, requester, audience, channel, status, priority, grp, assignee, tags,
            language, custom_fields, created_at, updated_at, solved_at, folded, pending_revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING",
    );
    let revision = tx.revision();
    Ok(tx.execute(SAVE, values(sql, ticket).int(revision)).await? == 1)
}

async fn update(tx: &mut Tx, ticket: &Ticket) -> Result<(), StoreError> {
    let sql = Sql::of(
        ticket.workspace,
        "UPDATE tickets SET external_id = $3, subject = $4, body = $5, requester = $6, audience = $7, channel = $8, status = $9, priority = $10,
            grp = $11, assignee = $12, tags = $13, language = $14, custom_fields = $15, created_at = $16, updated_at = $17, solved_at = $18,
            folded = $19, pending_revision = $20
         WHERE workspace = $1 AND id = $2",
    );
    let revision = tx.revision();
    tx.execute(SAVE, values(sql, ticket).int(revision)).await?;
    Ok(())
}

/// The values `$2` to `$19` of a ticket's row.
fn values(sql: Sql, ticket: &Ticket) -> Sql {
    let Ticket {
        id,
        workspace: _,
        external_id,
        subject,
        body,
        requester,
        channel,
        status,
        priority,
        group,
        assignee,
        tags,
        language,
        custom_fields,
        created_at,
        updated_at,
        solved_at,
    } = ticket;
    let sql = sql.id(id).maybe_text(external_id.as_ref()).text(subject).text(body).id(requester).audience(&ticket.audience());
    let sql = sql.id(channel).id(status).maybe_id(*priority).maybe_id(group.as_ref()).maybe_id(assignee.as_ref()).json(tags);
    sql.maybe_id(*language).json(custom_fields).time(*created_at).time(*updated_at).maybe_time(*solved_at).text(found_by(ticket))
}

/// What a ticket is found by in the inbox: its subject, its text, and what people call it.
fn found_by(ticket: &Ticket) -> String {
    let reference = ticket.external_id.clone().unwrap_or_else(|| ticket.id.to_string());
    folded(&format!("{}\n{reference}\n{}", ticket.subject, ticket.body))
}

/// Fills in what searches look at, of every ticket: rows that were there before its column.
pub(super) async fn fold_all(tx: &mut Tx, workspace: WorkspaceId) -> Result<(), StoreError> {
    fold::all(tx, workspace, COLUMNS, |row| {
        let ticket = from_row(row)?;
        let sql = Sql::of(workspace, "UPDATE tickets SET folded = $3 WHERE workspace = $1 AND id = $2");
        Ok((ticket.id.to_string(), sql.id(ticket.id).text(found_by(&ticket))))
    })
    .await
}

/// The ticket whose place is taken: the one with the same id, else the same external id.
async fn known(tx: &mut Tx, ticket: &Ticket) -> Result<Ticket, StoreError> {
    let sql = Sql::of(ticket.workspace, format!("{COLUMNS} AND id = $2")).id(ticket.id);
    if let Some(row) = tx.optional(SAVE, sql).await? {
        return from_row(&row);
    }
    let sql = Sql::of(ticket.workspace, format!("{COLUMNS} AND external_id = $2")).maybe_text(ticket.external_id.as_ref());
    let row = tx.optional(SAVE, sql).await?.ok_or(StoreError::Contended { tried: SAVE, source: None })?;
    from_row(&row)
}

fn from_row(row: &AnyRow) -> Result<Ticket, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(Ticket {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        external_id: row.maybe_text("external_id")?,
        subject: row.text("subject")?,
        body: row.text("body")?,
        requester: row.parsed("requester")?,
        channel: row.parsed("channel")?,
        status: row.parsed("status")?,
        priority: row.maybe_parsed("priority")?,
        group: row.maybe_parsed("grp")?,
        assignee: row.maybe_parsed("assignee")?,
        tags: row.json("tags")?,
        language: row.maybe_parsed("language")?,
        custom_fields: row.json("custom_fields")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        solved_at: row.maybe_time("solved_at")?,
    })
}
