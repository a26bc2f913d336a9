//! Comments on tickets: who may read one follows from whether it is public and who wrote the ticket.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::audience::{Audience, Scope};
use crate::domain::id::{CommentId, CustomerId, TicketId, WorkspaceId};
use crate::domain::identifier::Identifier;
use crate::domain::ticket::{Comment, Ticket};
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::key::digest;
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql, storable};
use crate::store::tx::{Source, Tx};
use crate::store::{Change, Saved};

const TABLE: &str = "comments";
const COLUMNS: &str = "SELECT id, ticket, author, is_public, body, created_at FROM comments WHERE workspace = $1";
const ADD: &str = "add a comment";
const READ: &str = "read comments";

/// Adds a comment, unless the ticket has one with the same author, moment and text. A new one moves the ticket's last change to `now`.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket; [`StoreError::Conflict`] when the same comment is there for other readers.
pub async fn add(tx: &mut Tx, workspace: WorkspaceId, comment: &Comment, now: Timestamp) -> Result<Saved<CommentId>, StoreError> {
    let Comment { id, ticket, author, public, body, created_at } = comment;
    // Touching the ticket first keeps its requester from changing before this transaction ends.
    let sql = Sql::of(workspace, "UPDATE tickets SET updated_at = updated_at WHERE workspace = $1 AND id = $2 RETURNING requester");
    let row = tx.optional(ADD, sql.id(ticket)).await?.ok_or(StoreError::Missing { tried: ADD })?;
    let requester: CustomerId = Row::new("tickets", &row).parsed("requester")?;
    let hash = digest(&storable(body));
    let revision = tx.revision();
    let sql = Sql::of(
        workspace,
        "INSERT INTO comments (workspace, id, ticket, author, is_public, audience, body, body_hash, created_at, pending_revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (workspace, ticket, author, created_at, body_hash) DO NOTHING",
    );
    let sql = sql.id(id).id(ticket).id(author).int(i64::from(*public)).audience(&comment.audience(requester));
    if tx.execute(ADD, sql.text(body).text(&hash).time(*created_at).int(revision)).await? == 1 {
        let sql = Sql::of(workspace, "UPDATE tickets SET updated_at = $3 WHERE workspace = $1 AND id = $2 AND updated_at < $3");
        tx.execute(ADD, sql.id(ticket).time(now)).await?;
        return Ok(Saved { id: *id, change: Change::Created });
    }
    let sql = Sql::of(
        workspace,
        "SELECT id, is_public FROM comments WHERE workspace = $1 AND ticket = $2 AND author = $3 AND created_at = $4 AND body_hash = $5",
    );
    let row = tx.optional(ADD, sql.id(ticket).id(author).time(*created_at).text(&hash)).await?;
    let row = row.ok_or(StoreError::Contended { tried: ADD, source: None })?;
    let known = Row::new(TABLE, &row);
    if known.flag("is_public")? != *public {
        // What comes with a note would otherwise be shown to the customer.
        return Err(StoreError::Conflict { constraint: "comments_workspace_ticket_author_created_at_body_hash_key".to_owned() });
    }
    Ok(Saved { id: known.parsed("id")?, change: Change::Unchanged })
}

/// Holds a ticket, so that nobody comments on it before the transaction ends.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn hold(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "UPDATE tickets SET updated_at = updated_at WHERE workspace = $1 AND id = $2").id(ticket);
    if tx.execute(ADD, sql).await? == 1 { Ok(()) } else { Err(StoreError::Missing { tried: ADD }) }
}

/// The comments that came to a ticket after one, as ids have it, or after none; as the reader may see them, at most so many.
pub async fn since(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    ticket: TicketId,
    after: Option<CommentId>,
    limit: u32,
) -> Result<Vec<Comment>, StoreError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND ticket = $2 AND id > $3")).id(ticket).text(after);
    let sql = sql.readable("audience", scope.reader()).push(" ORDER BY id LIMIT ").with_int(i64::from(limit));
    source.into().all(READ, sql).await?.iter().map(from_row).collect()
}

/// The comments with these ids, in no order; those unknown or hidden from the reader are left out.
pub async fn by_ids(source: impl Into<Source<'_>>, scope: &Scope, ids: &[CommentId]) -> Result<Vec<Comment>, StoreError> {
    let mut source = source.into();
    let mut comments = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND id IN ")).among(ids).readable("audience", scope.reader());
        for row in source.all(READ, sql).await? {
            comments.push(from_row(&row)?);
        }
    }
    Ok(comments)
}

/// The comments that name one of these things and that the reader may see, newest first.
pub async fn naming(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    identifiers: &[Identifier],
    limit: u32,
) -> Result<Vec<CommentId>, StoreError> {
    let sql = Sql::of(scope.workspace(), "SELECT id, body FROM comments WHERE workspace = $1").naming_any("body", identifiers);
    let sql = sql.readable("audience", scope.reader()).push(" ORDER BY created_at DESC, id DESC LIMIT ").with_int(i64::from(limit));
    let rows = source.into().all(READ, sql).await?;
    rows.iter().map(|row| Row::new(TABLE, row)).filter_map(|row| row.named("body", identifiers)).collect()
}

/// The comments of these tickets that the reader may see, oldest first.
pub(super) async fn of_tickets(
    mut source: Source<'_>,
    scope: &Scope,
    tickets: &[TicketId],
) -> Result<BTreeMap<TicketId, Vec<Comment>>, StoreError> {
    let mut comments: BTreeMap<TicketId, Vec<Comment>> = BTreeMap::new();
    for tickets in tickets.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND ticket IN ")).among(tickets).readable("audience", scope.reader());
        for row in source.all(READ, sql.push(" ORDER BY created_at, id")).await? {
            let comment = from_row(&row)?;
            comments.entry(comment.ticket).or_default().push(comment);
        }
    }
    Ok(comments)
}

/// Gives the public comments of a ticket to its new requester.
pub(super) async fn hand_over(tx: &mut Tx, ticket: &Ticket) -> Result<(), StoreError> {
    let revision = tx.revision();
    let sql = Sql::of(
        ticket.workspace,
        "UPDATE comments SET audience = $3, pending_revision = $4 WHERE workspace = $1 AND ticket = $2 AND is_public = 1",
    );
    tx.execute("hand comments over", sql.id(ticket.id).audience(&Audience::Customer(ticket.requester)).int(revision)).await?;
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<Comment, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(Comment {
        id: row.parsed("id")?,
        ticket: row.parsed("ticket")?,
        author: row.parsed("author")?,
        public: row.flag("is_public")?,
        body: row.text("body")?,
        created_at: row.time("created_at")?,
    })
}
