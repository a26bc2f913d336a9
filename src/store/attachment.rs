//! Attachments and the excerpts of their text: who may read one follows from what it came with.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use crate::domain::attachment::{Attachment, ContentHash, Excerpt, FoundExcerpt, Place, Reading};
use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::id::{AttachmentId, CommentId, ExcerptId, MessageId, ThreadId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Kind, ReadState};
use crate::store::error::StoreError;
use crate::store::pending;
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};

const TABLE: &str = "attachments";
const COLUMNS: &str = "SELECT workspace, id, sha256, name, media_type, claimed_type, size_bytes, uploaded_by, created_at, ticket, comment,
    thread, message, read_state, read_reason FROM attachments WHERE workspace = $1";
const EXCERPT_COLUMNS: &str = "SELECT e.id, e.attachment, e.ticket, e.position, e.headings, e.body, e.page, e.audience, a.thread, a.name,
    a.created_at FROM excerpts e JOIN attachments a ON a.workspace = e.workspace AND a.id = e.attachment WHERE e.workspace = $1";
const ADD: &str = "add an attachment";
const READ: &str = "read attachments";
const SEND: &str = "send an attachment";

/// What became of an attachment that was to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "it may not have been sent"]
pub enum Sending {
    /// It now belongs to the message.
    Sent,
    /// It belonged to the message already, or the message had one of the same name and bytes, which stays in its place.
    Known,
    /// It belongs to something else.
    Elsewhere,
    /// The sender has uploaded no such file.
    Unknown,
}

/// What somebody has uploaded and not sent yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsent {
    /// How many files.
    pub files: u64,
    /// Their bytes, together.
    pub bytes: u64,
}

/// Lets nobody else add attachments to the workspace until the transaction ends who calls this too, so that what [`unsent`] counts stays.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such workspace.
pub async fn hold_uploads(tx: &mut Tx, workspace: WorkspaceId) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "UPDATE workspaces SET name = name WHERE id = $1");
    if tx.execute(ADD, sql).await? == 1 { Ok(()) } else { Err(StoreError::Missing { tried: ADD }) }
}

/// What somebody has uploaded and not sent yet.
pub async fn unsent(source: impl Into<Source<'_>>, workspace: WorkspaceId, uploader: &str) -> Result<Unsent, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) AS bytes FROM attachments
         WHERE workspace = $1 AND uploaded_by = $2 AND ticket IS NULL",
    );
    let row = source.into().optional(READ, sql.text(uploader)).await?;
    let Some(row) = row.as_ref().map(|row| Row::new(TABLE, row)) else { return Ok(Unsent { files: 0, bytes: 0 }) };
    let count = |column| Ok::<_, StoreError>(u64::try_from(row.int(column)?).unwrap_or(0));
    Ok(Unsent { files: count("files")?, bytes: count("bytes")? })
}

/// Adds an attachment that nobody has sent yet.
pub async fn insert(tx: &mut Tx, attachment: &Attachment) -> Result<(), StoreError> {
    let Attachment { id, workspace, hash, name, media_type, claimed_type, size_bytes, uploaded_by, created_at, place: _, reading } =
        attachment;
    let sql = Sql::of(
        *workspace,
        "INSERT INTO attachments (workspace, id, sha256, name, media_type, claimed_type, size_bytes, uploaded_by, created_at, read_state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    let sql = sql.id(id).id(hash).text(name).text(media_type).maybe_text(claimed_type.as_ref());
    let size = i64::try_from(*size_bytes).unwrap_or(i64::MAX);
    tx.execute(ADD, sql.int(size).text(uploaded_by).time(*created_at).id(reading.state)).await?;
    Ok(())
}

/// Gives an attachment of the sender's that nobody has sent to a message, with the message's audience.
///
/// The message is locked by the caller's transaction, which has just written it.
pub async fn send(tx: &mut Tx, workspace: WorkspaceId, sender: &str, id: AttachmentId, place: Place) -> Result<Sending, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND id = $2 AND uploaded_by = $3")).id(id).text(sender);
    let Some(known) = tx.optional(SEND, sql).await?.as_ref().map(from_row).transpose()? else { return Ok(Sending::Unknown) };
    match known.place {
        Some(taken) if taken == place => return Ok(Sending::Known),
        Some(_) => return Ok(Sending::Elsewhere),
        None => {}
    }
    if has_same(tx, &known, place).await? {
        let sql = Sql::of(workspace, "DELETE FROM attachments WHERE workspace = $1 AND id = $2 AND ticket IS NULL").id(id);
        tx.execute(SEND, sql).await?;
        return Ok(Sending::Known);
    }
    let (comment, thread, message) = parts(place);
    // The audience is taken from the row that the file came with, so that the two never differ.
    let (table, of) = match place {
        Place::Ticket(ticket) => ("tickets", ticket.to_string()),
        Place::Comment(_, comment) => ("comments", comment.to_string()),
        Place::Message(_, _, message) => ("messages", message.to_string()),
    };
    let sql = format!(
        "UPDATE attachments SET ticket = $3, comment = $4, thread = $5, message = $6,
            audience = (SELECT m.audience FROM {table} m WHERE m.workspace = $1 AND m.id = $7)
         WHERE workspace = $1 AND id = $2 AND ticket IS NULL"
    );
    let sql = Sql::of(workspace, sql).id(id).id(place.ticket()).maybe_id(comment).maybe_id(thread).maybe_id(message).id(of);
    // Two messages may want it at the same moment: the first gets it.
    Ok(if tx.execute(SEND, sql).await? == 1 { Sending::Sent } else { Sending::Elsewhere })
}

/// An attachment that was sent, and what it came with, which nobody moves or gives to other readers until the transaction ends: what
/// [`send`] needs where the message was written before. `None` when the attachment is gone.
pub async fn hold(tx: &mut Tx, workspace: WorkspaceId, id: AttachmentId) -> Result<Option<(Attachment, Place)>, StoreError> {
    let Some((_, place)) = placed(tx, workspace, id).await? else { return Ok(None) };
    // Whoever moves a side conversation, or gives a ticket to another requester, writes these rows first.
    let (table, of) = match place {
        Place::Ticket(ticket) | Place::Comment(ticket, _) => ("tickets", ticket.to_string()),
        Place::Message(_, thread, _) => ("threads", thread.to_string()),
    };
    let sql = Sql::of(workspace, format!("UPDATE {table} SET updated_at = updated_at WHERE workspace = $1 AND id = $2"));
    tx.execute(SEND, sql.id(of)).await?;
    placed(tx, workspace, id).await
}

async fn placed(tx: &mut Tx, workspace: WorkspaceId, id: AttachmentId) -> Result<Option<(Attachment, Place)>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND id = $2 AND ticket IS NOT NULL")).id(id);
    let found = tx.optional(SEND, sql).await?.as_ref().map(from_row).transpose()?;
    Ok(found.and_then(|found| found.place.map(|place| (found, place))))
}

/// Whether a message has an attachment of this name with these bytes already.
async fn has_same(tx: &mut Tx, wanted: &Attachment, place: Place) -> Result<bool, StoreError> {
    let everything = Scope::new(wanted.workspace, Reader::Everything);
    let there = of_ticket(&mut *tx, &everything, place.ticket()).await?;
    Ok(there.iter().any(|known| known.place == Some(place) && known.hash == wanted.hash && known.name == wanted.name))
}

/// The attachment with this id: one that was sent if the reader may see what it came with, another if `asker` uploaded it.
pub async fn get(source: impl Into<Source<'_>>, scope: &Scope, asker: &str, id: AttachmentId) -> Result<Option<Attachment>, StoreError> {
    let sql = format!("{COLUMNS} AND id = $2 AND ((ticket IS NULL AND uploaded_by = $3) OR (ticket IS NOT NULL");
    let sql = Sql::of(scope.workspace(), sql).id(id).text(asker).readable("audience", scope.reader()).push("))");
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// Every attachment of a ticket, its comments and its side conversations that the reader may see, oldest first.
pub async fn of_ticket(source: impl Into<Source<'_>>, scope: &Scope, ticket: TicketId) -> Result<Vec<Attachment>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND ticket = $2")).id(ticket).readable("audience", scope.reader());
    source.into().all(READ, sql.push(" ORDER BY created_at, id")).await?.iter().map(from_row).collect()
}

/// The excerpts with these ids, in no order; those unknown or hidden from the reader are left out.
pub async fn excerpts(source: impl Into<Source<'_>>, scope: &Scope, ids: &[ExcerptId]) -> Result<Vec<FoundExcerpt>, StoreError> {
    let mut source = source.into();
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(scope.workspace(), format!("{EXCERPT_COLUMNS} AND e.id IN ")).among(ids).readable("e.audience", scope.reader());
        for row in source.all("read excerpts", sql).await? {
            found.push(excerpt_from_row(&row)?);
        }
    }
    Ok(found)
}

/// The excerpts of a ticket's attachments that the reader may see, those of the newest attachments first.
pub async fn excerpts_of_ticket(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    ticket: TicketId,
    limit: u32,
) -> Result<Vec<FoundExcerpt>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{EXCERPT_COLUMNS} AND e.ticket = $2")).id(ticket).readable("e.audience", scope.reader());
    let sql = sql.push(" ORDER BY a.created_at DESC, e.attachment, e.position LIMIT ").with_int(i64::from(limit));
    source.into().all("read excerpts", sql).await?.iter().map(excerpt_from_row).collect()
}

/// Notes how the reading of an attachment ended, with what was read in place of what had been; answers whether it is still there and sent.
pub async fn note_reading(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: AttachmentId,
    reading: &Reading,
    excerpts: &[Excerpt],
) -> Result<bool, StoreError> {
    const NOTE: &str = "note how an attachment was read";
    let Reading { state, reason } = reading;
    let sql = Sql::of(
        workspace,
        "UPDATE attachments SET read_state = $3, read_reason = $4 WHERE workspace = $1 AND id = $2 AND ticket IS NOT NULL",
    );
    if tx.execute(NOTE, sql.id(id).id(state).maybe_text(reason.as_ref())).await? == 0 {
        return Ok(false);
    }
    bury(tx, workspace, id).await?;
    tx.execute(NOTE, Sql::of(workspace, "DELETE FROM excerpts WHERE workspace = $1 AND attachment = $2").id(id)).await?;
    let revision = tx.revision();
    for excerpt in excerpts {
        let Excerpt { id: excerpt_id, attachment: _, position, headings, text, page } = excerpt;
        let sql = Sql::of(
            workspace,
            "INSERT INTO excerpts (workspace, attachment, ticket, audience, id, position, headings, body, page, pending_revision)
             SELECT workspace, id, ticket, audience, $3, $4, $5, $6, $7, $8 FROM attachments WHERE workspace = $1 AND id = $2",
        );
        let sql = sql.id(id).id(excerpt_id).int(i64::from(*position)).json(headings).text(text);
        tx.execute(NOTE, sql.maybe_int(page.map(i64::from)).int(revision)).await?;
    }
    Ok(true)
}

/// Attachments that were sent and that nobody has read yet.
pub async fn unread(source: impl Into<Source<'_>>, workspace: WorkspaceId, limit: u32) -> Result<Vec<AttachmentId>, StoreError> {
    let sql =
        Sql::of(workspace, "SELECT id FROM attachments WHERE workspace = $1 AND ticket IS NOT NULL AND read_state = $2 ORDER BY id LIMIT ");
    let rows = source.into().all(READ, sql.id(ReadState::Waiting).with_int(i64::from(limit))).await?;
    rows.iter().map(|row| Row::new(TABLE, row).parsed("id")).collect()
}

/// Removes an attachment; the index is told to forget its excerpts. Answers the hash of its bytes, which others may still need.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: AttachmentId) -> Result<Option<ContentHash>, StoreError> {
    bury(tx, workspace, id).await?;
    let sql = Sql::of(workspace, "DELETE FROM attachments WHERE workspace = $1 AND id = $2 RETURNING sha256").id(id);
    let row = tx.optional("remove an attachment", sql).await?;
    row.as_ref().map(|row| Row::new(TABLE, row).parsed("sha256")).transpose()
}

/// Takes back what its uploader has not sent; answers the hash of its bytes, which others may still need. `None` for one that was sent,
/// though it were at this moment.
pub async fn take_back(tx: &mut Tx, workspace: WorkspaceId, uploader: &str, id: AttachmentId) -> Result<Option<ContentHash>, StoreError> {
    let sql = "DELETE FROM attachments WHERE workspace = $1 AND id = $2 AND uploaded_by = $3 AND ticket IS NULL RETURNING sha256";
    let row = tx.optional("take an attachment back", Sql::of(workspace, sql).id(id).text(uploader)).await?;
    row.as_ref().map(|row| Row::new(TABLE, row).parsed("sha256")).transpose()
}

/// Forgets attachments that were uploaded before a moment and that nobody has sent; answers how many there were.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let sql = Sql::new("DELETE FROM attachments WHERE ticket IS NULL AND created_at < $1").time(before);
    tx.execute("forget attachments that were never sent", sql).await
}

/// Those of the hashes of which an attachment of the workspace has the bytes.
pub async fn kept_among(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    hashes: &[ContentHash],
) -> Result<BTreeSet<ContentHash>, StoreError> {
    let mut source = source.into();
    let mut kept = BTreeSet::new();
    for hashes in hashes.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(workspace, "SELECT DISTINCT sha256 FROM attachments WHERE workspace = $1 AND sha256 IN ").among(hashes);
        for row in source.all(READ, sql).await? {
            kept.insert(Row::new(TABLE, &row).parsed("sha256")?);
        }
    }
    Ok(kept)
}

/// Gives what came with a ticket's public messages to its new requester.
pub(super) async fn hand_over(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, audience: &Audience) -> Result<(), StoreError> {
    const HAND_OVER: &str = "hand attachments over";
    const PUBLIC: &str = "workspace = $1 AND ticket = $2 AND message IS NULL AND (comment IS NULL OR comment IN
        (SELECT c.id FROM comments c WHERE c.workspace = $1 AND c.ticket = $2 AND c.is_public = 1))";
    let sql = Sql::of(workspace, format!("UPDATE attachments SET audience = $3 WHERE {PUBLIC}"));
    tx.execute(HAND_OVER, sql.id(ticket).audience(audience)).await?;
    let revision = tx.revision();
    let sql = format!(
        "UPDATE excerpts SET audience = $3, pending_revision = $4
         WHERE workspace = $1 AND attachment IN (SELECT id FROM attachments WHERE {PUBLIC})"
    );
    tx.execute(HAND_OVER, Sql::of(workspace, sql).id(ticket).audience(audience).int(revision)).await?;
    Ok(())
}

/// Moves what came with a side conversation to its new ticket.
pub(super) async fn move_along(tx: &mut Tx, workspace: WorkspaceId, thread: ThreadId, ticket: TicketId) -> Result<(), StoreError> {
    const MOVE: &str = "move attachments along";
    let sql = Sql::of(workspace, "UPDATE attachments SET ticket = $3 WHERE workspace = $1 AND thread = $2").id(thread).id(ticket);
    tx.execute(MOVE, sql).await?;
    let revision = tx.revision();
    let sql = Sql::of(
        workspace,
        "UPDATE excerpts SET ticket = $3, pending_revision = $4 WHERE workspace = $1 AND attachment IN
            (SELECT a.id FROM attachments a WHERE a.workspace = $1 AND a.thread = $2)",
    );
    tx.execute(MOVE, sql.id(thread).id(ticket).int(revision)).await?;
    Ok(())
}

async fn bury(tx: &mut Tx, workspace: WorkspaceId, id: AttachmentId) -> Result<(), StoreError> {
    pending::bury(tx, workspace, Kind::Attachment, "attachment = $4", &id.to_string()).await
}

const fn parts(place: Place) -> (Option<CommentId>, Option<ThreadId>, Option<MessageId>) {
    match place {
        Place::Ticket(_) => (None, None, None),
        Place::Comment(_, comment) => (Some(comment), None, None),
        Place::Message(_, thread, message) => (None, Some(thread), Some(message)),
    }
}

fn from_row(row: &AnyRow) -> Result<Attachment, StoreError> {
    let row = Row::new(TABLE, row);
    let ids = (row.maybe_parsed("ticket")?, row.maybe_parsed("comment")?, row.maybe_parsed("thread")?, row.maybe_parsed("message")?);
    let place = match ids {
        (None, None, None, None) => None,
        (Some(ticket), None, None, None) => Some(Place::Ticket(ticket)),
        (Some(ticket), Some(comment), None, None) => Some(Place::Comment(ticket, comment)),
        (Some(ticket), None, Some(thread), Some(message)) => Some(Place::Message(ticket, thread, message)),
        _ => return Err(row.corrupt("ticket")),
    };
    Ok(Attachment {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        hash: row.parsed("sha256")?,
        name: row.text("name")?,
        media_type: row.text("media_type")?,
        claimed_type: row.maybe_text("claimed_type")?,
        size_bytes: u64::try_from(row.int("size_bytes")?).map_err(|_| row.corrupt("size_bytes"))?,
        uploaded_by: row.text("uploaded_by")?,
        created_at: row.time("created_at")?,
        place,
        reading: Reading { state: row.parsed("read_state")?, reason: row.maybe_text("read_reason")? },
    })
}

fn excerpt_from_row(row: &AnyRow) -> Result<FoundExcerpt, StoreError> {
    let row = Row::new("excerpts", row);
    let page = row.maybe_int("page")?.map(u32::try_from).transpose().map_err(|_| row.corrupt("page"))?;
    Ok(FoundExcerpt {
        excerpt: Excerpt {
            id: row.parsed("id")?,
            attachment: row.parsed("attachment")?,
            position: row.count("position")?,
            headings: row.json("headings")?,
            text: row.text("body")?,
            page,
        },
        ticket: row.parsed("ticket")?,
        thread: row.maybe_parsed("thread")?,
        name: row.text("name")?,
        audience: row.audience("audience")?,
        at: row.time("created_at")?,
    })
}
