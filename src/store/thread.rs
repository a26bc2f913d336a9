//! Side conversations and their messages: internal to the desk.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::audience::{Audience, Scope};
use crate::domain::id::{MessageId, ThreadId, TicketId, WorkspaceId};
use crate::domain::identifier::Identifier;
use crate::domain::thread::{Message, Thread, ThreadHistory};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, Kind, ThreadStatus};
use crate::store::error::StoreError;
use crate::store::key::digest;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::{Row, written};
use crate::store::sql::{IDS_PER_STATEMENT, Sql, storable};
use crate::store::tx::{Source, Tx};
use crate::store::{Change, Saved, attachment, pending};

const TABLE: &str = "threads";
const COLUMNS: &str = "SELECT workspace, id, external_id, ticket, channel, subject, status, opened_by, participants, created_at, updated_at
    FROM threads WHERE workspace = $1";
const SAVE: &str = "save a side conversation";
const READ: &str = "read side conversations";
const ADD: &str = "add a message";

/// Who may read what is said in side conversations.
const AUDIENCE: Audience = Audience::Internal;

/// Adds a side conversation, or changes the one with the same id, else the one with the same external id.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn save(tx: &mut Tx, thread: &Thread) -> Result<Saved<ThreadId>, StoreError> {
    save_assuming(tx, thread, false).await
}

/// The same for a thread whose moment may be assumed, because its source said none: a known one keeps its own in its place.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn save_assuming(tx: &mut Tx, thread: &Thread, is_assumed: bool) -> Result<Saved<ThreadId>, StoreError> {
    let sql = Sql::of(
        thread.workspace,
        "INSERT INTO threads (workspace, id, external_id, ticket, channel, subject, status, opened_by, participants, created_at, updated_at, audience)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
    );
    if tx.execute(SAVE, values(sql, thread).audience(&AUDIENCE)).await? == 1 {
        return Ok(Saved { id: thread.id, change: Change::Created });
    }
    let known = known(tx, thread).await?;
    let created_at = if is_assumed { known.created_at } else { thread.created_at };
    // Where no message has a moment of its own, the last one is as old as its thread.
    let last = if thread.updated_at == thread.created_at { created_at } else { thread.updated_at };
    let wanted = Thread { id: known.id, created_at, updated_at: known.updated_at.max(last), ..thread.clone() };
    if known == (Thread { updated_at: known.updated_at, ..wanted.clone() }) {
        return Ok(Saved { id: known.id, change: Change::Unchanged });
    }
    let sql = Sql::of(
        thread.workspace,
        "UPDATE threads SET external_id = $3, ticket = $4, channel = $5, subject = $6, status = $7, opened_by = $8, participants = $9,
            created_at = $10, updated_at = $11 WHERE workspace = $1 AND id = $2",
    );
    tx.execute(SAVE, values(sql, &wanted)).await?;
    if (&known.subject, known.ticket) != (&wanted.subject, wanted.ticket) {
        // The index finds a message with its thread's subject and ticket beside it.
        let revision = tx.revision();
        let sql = Sql::of(wanted.workspace, "UPDATE messages SET pending_revision = $3 WHERE workspace = $1 AND thread = $2");
        tx.execute(SAVE, sql.id(wanted.id).int(revision)).await?;
    }
    if known.ticket != wanted.ticket {
        attachment::move_along(tx, wanted.workspace, wanted.id, wanted.ticket).await?;
    }
    Ok(Saved { id: known.id, change: Change::Updated })
}

/// Adds a message, unless the thread has one with the same author, moment and text. A new one moves the thread's last change.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such thread.
pub async fn add_message(tx: &mut Tx, workspace: WorkspaceId, message: &Message) -> Result<Saved<MessageId>, StoreError> {
    let Message { id, thread, author, body, created_at } = message;
    let hash = digest(&storable(body));
    let revision = tx.revision();
    let sql = Sql::of(
        workspace,
        "INSERT INTO messages (workspace, id, thread, author, audience, body, body_hash, created_at, pending_revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (workspace, thread, author, created_at, body_hash) DO NOTHING",
    );
    let sql = sql.id(id).id(thread).id(author).audience(&AUDIENCE).text(body).text(&hash).time(*created_at).int(revision);
    if tx.execute(ADD, sql).await? == 1 {
        let sql = Sql::of(workspace, "UPDATE threads SET updated_at = $3 WHERE workspace = $1 AND id = $2 AND updated_at < $3");
        tx.execute(ADD, sql.id(thread).time(*created_at)).await?;
        return Ok(Saved { id: *id, change: Change::Created });
    }
    let sql = Sql::of(
        workspace,
        "SELECT id FROM messages WHERE workspace = $1 AND thread = $2 AND author = $3 AND created_at = $4 AND body_hash = $5",
    );
    let row = tx.optional(ADD, sql.id(thread).id(author).time(*created_at).text(&hash)).await?;
    let row = row.ok_or(StoreError::Contended { tried: ADD, source: None })?;
    Ok(Saved { id: Row::new("messages", &row).parsed("id")?, change: Change::Unchanged })
}

/// Changes the words of a message; answers whether they were others.
pub async fn change_message(tx: &mut Tx, workspace: WorkspaceId, id: MessageId, body: &str) -> Result<bool, StoreError> {
    let revision = tx.revision();
    let sql = Sql::of(
        workspace,
        "UPDATE messages SET body = $3, body_hash = $4, pending_revision = $5 WHERE workspace = $1 AND id = $2 AND body_hash <> $4",
    );
    Ok(tx.execute("change a message", sql.id(id).text(body).text(digest(&storable(body))).int(revision)).await? == 1)
}

/// Removes a message; answers whether there was one.
pub async fn remove_message(tx: &mut Tx, workspace: WorkspaceId, id: MessageId) -> Result<bool, StoreError> {
    pending::bury(tx, workspace, Kind::Message, "id = $4", &id.to_string()).await?;
    let sql = Sql::of(workspace, "DELETE FROM messages WHERE workspace = $1 AND id = $2").id(id);
    Ok(tx.execute("remove a message", sql).await? == 1)
}

/// Lets nobody else move or change a side conversation until the transaction ends.
pub async fn hold(tx: &mut Tx, workspace: WorkspaceId, id: ThreadId) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "UPDATE threads SET updated_at = updated_at WHERE workspace = $1 AND id = $2");
    tx.execute(ADD, sql.id(id)).await.map(drop)
}

/// Closes or reopens a side conversation; answers whether there is such a one.
pub async fn set_status(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ThreadId,
    status: ThreadStatus,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE threads SET status = $3, updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at END WHERE workspace = $1 AND id = $2",
    );
    Ok(tx.execute(SAVE, sql.id(id).id(status).time(now)).await? == 1)
}

/// Says who takes part in a side conversation from now on; answers whether there is such a one.
pub async fn set_participants(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ThreadId,
    participants: &[EmailAddress],
) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "UPDATE threads SET participants = $3 WHERE workspace = $1 AND id = $2");
    Ok(tx.execute(SAVE, sql.id(id).json(&written(participants))).await? == 1)
}

/// The side conversation with this id and its messages.
pub async fn get(source: impl Into<Source<'_>>, scope: &Scope, id: ThreadId) -> Result<Option<ThreadHistory>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND id = $2")).id(id);
    Ok(histories(source.into(), scope, vec![sql]).await?.pop())
}

/// The side conversation with this id, without its messages.
pub async fn head(source: impl Into<Source<'_>>, scope: &Scope, id: ThreadId) -> Result<Option<Thread>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND id = $2")).id(id).readable("audience", scope.reader());
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The side conversation with this id in the system it comes from, and its messages.
pub async fn by_external_id(source: impl Into<Source<'_>>, scope: &Scope, external_id: &str) -> Result<Option<ThreadHistory>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND external_id = $2")).text(external_id);
    Ok(histories(source.into(), scope, vec![sql]).await?.pop())
}

/// The side conversations of a ticket with their messages, oldest first.
pub async fn of_ticket(source: impl Into<Source<'_>>, scope: &Scope, ticket: TicketId) -> Result<Vec<ThreadHistory>, StoreError> {
    of_tickets(source, scope, &[ticket]).await
}

/// The side conversations of these tickets with their messages, oldest first.
pub async fn of_tickets(source: impl Into<Source<'_>>, scope: &Scope, tickets: &[TicketId]) -> Result<Vec<ThreadHistory>, StoreError> {
    let ask = |ids: &[TicketId]| Sql::of(scope.workspace(), format!("{COLUMNS} AND ticket IN ")).among(ids);
    let mut threads = histories(source.into(), scope, tickets.chunks(IDS_PER_STATEMENT).map(ask).collect()).await?;
    threads.sort_by_key(|history| (history.thread.created_at, history.thread.id));
    Ok(threads)
}

/// The side conversations in which these messages stand, each once, with all their messages, oldest first.
pub async fn by_messages(source: impl Into<Source<'_>>, scope: &Scope, ids: &[MessageId]) -> Result<Vec<ThreadHistory>, StoreError> {
    let ask = |ids: &[MessageId]| {
        let sql = format!("{COLUMNS} AND id IN (SELECT m.thread FROM messages m WHERE m.workspace = $1 AND m.id IN ");
        Sql::of(scope.workspace(), sql).among(ids).push(")")
    };
    let mut threads = histories(source.into(), scope, ids.chunks(IDS_PER_STATEMENT).map(ask).collect()).await?;
    threads.sort_by_key(|history| (history.thread.created_at, history.thread.id));
    threads.dedup_by_key(|history| history.thread.id);
    Ok(threads)
}

/// The messages that name one of these things and that the reader may see, newest first.
pub async fn messages_naming(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    identifiers: &[Identifier],
    limit: u32,
) -> Result<Vec<MessageId>, StoreError> {
    let sql = Sql::of(scope.workspace(), "SELECT id, body FROM messages WHERE workspace = $1").naming_any("body", identifiers);
    let sql = sql.readable("audience", scope.reader()).push(" ORDER BY created_at DESC, id DESC LIMIT ").with_int(i64::from(limit));
    let rows = source.into().all("read messages", sql).await?;
    rows.iter().map(|row| Row::new("messages", row)).filter_map(|row| row.named("body", identifiers)).collect()
}

/// Side conversations that were opened before a moment, with their messages, newest first.
pub async fn before(source: impl Into<Source<'_>>, scope: &Scope, before: Timestamp, limit: u32) -> Result<Vec<ThreadHistory>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND created_at < $2")).time(before).readable("audience", scope.reader());
    let sql = sql.push(" ORDER BY created_at DESC, id DESC LIMIT ").with_int(i64::from(limit));
    let mut source = source.into();
    let threads = source.all(READ, sql).await?.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    with_messages(source, scope, threads).await
}

/// Side conversations in which somebody wrote, with their messages, those with their last words first.
pub async fn with_words_of(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    author: &EmailAddress,
    limit: u32,
) -> Result<Vec<ThreadHistory>, StoreError> {
    let sql = format!(
        "{COLUMNS} AND id IN (SELECT m.thread FROM messages m WHERE m.workspace = $1 AND m.author = $2
            GROUP BY m.thread ORDER BY MAX(m.created_at) DESC LIMIT $3)"
    );
    let sql = Sql::of(scope.workspace(), sql).id(author).int(i64::from(limit));
    let mut threads = histories(source.into(), scope, vec![sql]).await?;
    let last = |history: &ThreadHistory| {
        history.messages.iter().filter(|message| message.author == *author).map(|message| message.created_at).max()
    };
    threads.sort_by_key(|history| std::cmp::Reverse(last(history)));
    Ok(threads)
}

/// Every side conversation that is still going on.
pub async fn open(source: impl Into<Source<'_>>, scope: &Scope) -> Result<Vec<Thread>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND status = 'open'")).readable("audience", scope.reader());
    source.into().all(READ, sql).await?.iter().map(from_row).collect()
}

/// The side conversations that may be left hanging, with their messages: those that are still going on, and those that were closed since a
/// moment on a ticket that is not solved. Of both at most so many, those that changed last; also answers whether there are more.
pub async fn unsettled(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    closed_since: Timestamp,
    limit: u32,
) -> Result<(Vec<ThreadHistory>, bool), StoreError> {
    let closed = "AND status = 'closed' AND updated_at >= $2 AND ticket IN (SELECT k.id FROM tickets k WHERE k.workspace = $1
        AND k.status <> 'solved')";
    let open = Sql::of(scope.workspace(), format!("{COLUMNS} AND status = 'open'"));
    let closed = Sql::of(scope.workspace(), format!("{COLUMNS} {closed}")).time(closed_since);
    let mut source = source.into();
    let (mut threads, mut has_more) = (Vec::new(), false);
    for sql in [open, closed] {
        let sql = sql.readable("audience", scope.reader()).push(" ORDER BY updated_at DESC, id DESC LIMIT ");
        let rows = source.all(READ, sql.with_int(i64::from(limit) + 1)).await?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        has_more |= rows.len() > most;
        for row in rows.iter().take(most) {
            threads.push(from_row(row)?);
        }
    }
    Ok((with_messages(source, scope, threads).await?, has_more))
}

/// How many side conversations with somebody are still going on, as far as the reader may see them.
pub async fn count_open_with(source: impl Into<Source<'_>>, scope: &Scope, participant: &EmailAddress) -> Result<u32, StoreError> {
    // The column is a list as JSON, in which the address stands as it does by itself.
    let quoted = serde_json::Value::from(participant.as_str()).to_string();
    let sql = Sql::of(scope.workspace(), "SELECT COUNT(*) AS threads FROM threads WHERE workspace = $1 AND status = 'open' AND ");
    let sql = sql.holding("participants", &quoted).readable("audience", scope.reader());
    source.into().optional(READ, sql).await?.map_or(Ok(0), |row| Row::new(TABLE, &row).count("threads"))
}

/// A page of a ticket's side conversations, newest first.
pub async fn list_of_ticket(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    ticket: TicketId,
    page: &PageRequest,
) -> Result<Page<Thread>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND ticket = $2")).id(ticket).readable("audience", scope.reader());
    let rows = source.into().all(READ, sql.page("created_at", "id", page)).await?;
    let threads = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(threads, page, |thread| Cursor { rank: None, at: thread.created_at, id: thread.id.as_uuid() }))
}

/// Tells the index to forget the messages of a ticket's threads.
pub(super) async fn bury_of_ticket(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId) -> Result<(), StoreError> {
    let condition = "thread IN (SELECT t.id FROM threads t WHERE t.workspace = $1 AND t.ticket = $4)";
    pending::bury(tx, workspace, Kind::Message, condition, &ticket.to_string()).await
}

/// The threads that the statements find, each with its messages; every statement is narrowed to what the reader may see.
async fn histories(mut source: Source<'_>, scope: &Scope, statements: Vec<Sql>) -> Result<Vec<ThreadHistory>, StoreError> {
    let mut threads = Vec::new();
    for sql in statements {
        for row in source.all(READ, sql.readable("audience", scope.reader())).await? {
            threads.push(from_row(&row)?);
        }
    }
    with_messages(source, scope, threads).await
}

async fn with_messages(mut source: Source<'_>, scope: &Scope, threads: Vec<Thread>) -> Result<Vec<ThreadHistory>, StoreError> {
    let mut messages: BTreeMap<ThreadId, Vec<Message>> = BTreeMap::new();
    let ids: Vec<ThreadId> = threads.iter().map(|thread| thread.id).collect();
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql =
            Sql::of(scope.workspace(), "SELECT id, thread, author, body, created_at FROM messages WHERE workspace = $1 AND thread IN ");
        let sql = sql.among(ids).readable("audience", scope.reader()).push(" ORDER BY created_at, id");
        for row in source.all("read messages", sql).await? {
            let message = message_from_row(&row)?;
            messages.entry(message.thread).or_default().push(message);
        }
    }
    let with = |thread: Thread| ThreadHistory { messages: messages.remove(&thread.id).unwrap_or_default(), thread };
    Ok(threads.into_iter().map(with).collect())
}

/// The values `$2` to `$11` of a thread's row.
fn values(sql: Sql, thread: &Thread) -> Sql {
    let Thread { id, workspace: _, external_id, ticket, channel, subject, status, opened_by, participants, created_at, updated_at } =
        thread;
    let sql = sql.id(id).maybe_text(external_id.as_ref()).id(ticket).id(channel).text(subject).id(status).id(opened_by);
    sql.json(&written(participants)).time(*created_at).time(*updated_at)
}

/// The thread whose place is taken: the one with the same id, else the same external id.
async fn known(tx: &mut Tx, thread: &Thread) -> Result<Thread, StoreError> {
    let sql = Sql::of(thread.workspace, format!("{COLUMNS} AND id = $2")).id(thread.id);
    if let Some(row) = tx.optional(SAVE, sql).await? {
        return from_row(&row);
    }
    let sql = Sql::of(thread.workspace, format!("{COLUMNS} AND external_id = $2")).maybe_text(thread.external_id.as_ref());
    let row = tx.optional(SAVE, sql).await?.ok_or(StoreError::Contended { tried: SAVE, source: None })?;
    from_row(&row)
}

fn from_row(row: &AnyRow) -> Result<Thread, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(Thread {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        external_id: row.maybe_text("external_id")?,
        ticket: row.parsed("ticket")?,
        channel: row.parsed("channel")?,
        subject: row.text("subject")?,
        status: row.parsed("status")?,
        opened_by: row.parsed("opened_by")?,
        participants: row.words("participants")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn message_from_row(row: &AnyRow) -> Result<Message, StoreError> {
    let row = Row::new("messages", row);
    Ok(Message {
        id: row.parsed("id")?,
        thread: row.parsed("thread")?,
        author: row.parsed("author")?,
        body: row.text("body")?,
        created_at: row.time("created_at")?,
    })
}
