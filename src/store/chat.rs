//! Side conversations in Slack and Teams: where they are held, what stands there of them, and what was said there.

use sqlx::any::AnyRow;

use crate::domain::audience::Scope;
use crate::domain::chat::{ChatEvent, ChatOutcome, ChatPlace, LeftFiles, Posting};
use crate::domain::id::{ChatEventId, MessageId, ThreadId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{ChannelName, ThreadChannel};
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const PLACES: &str = "thread_places";
const POSTINGS: &str = "postings";
const EVENTS: &str = "chat_events";
const PLACE: &str = "say where a side conversation is held";
const READ: &str = "read what stands in chats";
const KEEP: &str = "keep what stands in a chat";
const TAKE: &str = "keep what a chat said";
const COLUMNS: &str = "SELECT p.kind, p.conversation, p.posting, p.thread, p.message, p.part, p.is_ours, p.edited, p.files FROM postings p";

/// Says where a side conversation is held, unless that is known.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such side conversation.
pub async fn place(
    tx: &mut Tx,
    workspace: WorkspaceId,
    thread: ThreadId,
    kind: ThreadChannel,
    named: Option<&ChannelName>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO thread_places (workspace, thread, kind, named) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    tx.execute(PLACE, Sql::of(workspace, sql).id(thread).id(kind).maybe_id(named)).await.map(drop)
}

/// Says what is known by now of the place of a side conversation.
pub async fn found_place(tx: &mut Tx, workspace: WorkspaceId, place: &ChatPlace) -> Result<(), StoreError> {
    let ChatPlace { thread, kind: _, named: _, conversation, root, service_url } = place;
    let sql = "UPDATE thread_places SET conversation = $3, root = $4, service_url = $5 WHERE workspace = $1 AND thread = $2";
    let sql = Sql::of(workspace, sql).id(thread).maybe_text(conversation.as_ref()).maybe_text(root.as_ref());
    tx.execute(PLACE, sql.maybe_text(service_url.as_ref())).await.map(drop)
}

/// Where a side conversation is held, if it is held in a chat.
pub async fn place_of(source: impl Into<Source<'_>>, workspace: WorkspaceId, thread: ThreadId) -> Result<Option<ChatPlace>, StoreError> {
    let sql = "SELECT thread, kind, named, conversation, root, service_url FROM thread_places WHERE workspace = $1 AND thread = $2";
    let row = source.into().optional(READ, Sql::of(workspace, sql).id(thread)).await?;
    row.map(|row| {
        let row = Row::new(PLACES, &row);
        Ok(ChatPlace {
            thread: row.parsed("thread")?,
            kind: row.parsed("kind")?,
            named: row.maybe_parsed("named")?,
            conversation: row.maybe_text("conversation")?,
            root: row.maybe_text("root")?,
            service_url: row.maybe_text("service_url")?,
        })
    })
    .transpose()
}

/// The side conversations that are held in a channel over there: the one under this root, or without one those that are still going on.
pub async fn held_in(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    (kind, conversation): (ThreadChannel, &str),
    root: Option<&str>,
) -> Result<Vec<ThreadId>, StoreError> {
    let sql = "SELECT p.thread FROM thread_places p JOIN threads t ON t.workspace = p.workspace AND t.id = p.thread
         WHERE p.workspace = $1 AND p.kind = $2 AND p.conversation = $3 AND ";
    let sql = Sql::of(workspace, sql).id(kind).text(conversation);
    let sql = match root {
        Some(root) => sql.push("p.root = ").with_id(root),
        None => sql.push("p.root IS NOT NULL AND t.status = 'open'"),
    };
    let rows = source.into().all(READ, sql).await?;
    rows.iter().map(|row| Row::new(PLACES, row).parsed("thread")).collect()
}

/// Whether a message is on its way to a channel over there, so that what answers it cannot be known yet.
pub async fn is_awaited(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    kind: ThreadChannel,
    conversation: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT p.thread FROM thread_places p JOIN messages m ON m.workspace = p.workspace AND m.thread = p.thread
         JOIN message_deliveries d ON d.workspace = m.workspace AND d.message = m.id AND d.state IN ('queued', 'sending', 'unknown')
         WHERE p.workspace = $1 AND p.kind = $2 AND p.conversation = $3 AND p.root IS NULL LIMIT 1";
    Ok(source.into().optional(READ, Sql::of(workspace, sql).id(kind).text(conversation)).await?.is_some())
}

/// Whether an earlier message of a side conversation is still to be posted, or may have been.
pub async fn has_earlier(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    thread: ThreadId,
    before: MessageId,
) -> Result<bool, StoreError> {
    let sql = "SELECT m.id FROM messages m JOIN message_deliveries d ON d.workspace = m.workspace AND d.message = m.id
            AND d.state IN ('queued', 'sending', 'unknown')
         JOIN messages o ON o.workspace = m.workspace AND o.thread = m.thread AND o.id = $3
         WHERE m.workspace = $1 AND m.thread = $2 AND (m.created_at, m.id) < (o.created_at, o.id) LIMIT 1";
    Ok(source.into().optional(READ, Sql::of(workspace, sql).id(thread).id(before)).await?.is_some())
}

/// Whether any side conversation is held in a channel over there.
pub async fn is_known(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    kind: ThreadChannel,
    conversation: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT thread FROM thread_places WHERE workspace = $1 AND kind = $2 AND conversation = $3 LIMIT 1";
    Ok(source.into().optional(READ, Sql::of(workspace, sql).id(kind).text(conversation)).await?.is_some())
}

/// Keeps a message as it stands over there, in place of what was known of it.
pub async fn keep(tx: &mut Tx, workspace: WorkspaceId, posting: &Posting) -> Result<(), StoreError> {
    let Posting { kind, conversation, posting, thread, message, part, is_ours, edited, files } = posting;
    let sql = "INSERT INTO postings (workspace, kind, conversation, posting, thread, message, part, is_ours, edited, files)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (workspace, kind, conversation, posting) DO UPDATE SET thread = excluded.thread, message = excluded.message,
            part = excluded.part, is_ours = excluded.is_ours, edited = excluded.edited, files = excluded.files";
    let sql = Sql::of(workspace, sql).id(kind).text(conversation).text(posting).maybe_id(*thread).maybe_id(*message);
    let sql = sql.int(i64::from(*part)).int(i64::from(*is_ours)).maybe_text(edited.as_ref()).json(files);
    tx.execute(KEEP, sql).await.map(drop)
}

/// A message as it stands over there.
pub async fn posting(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    (kind, conversation): (ThreadChannel, &str),
    posting: &str,
) -> Result<Option<Posting>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} WHERE p.workspace = $1 AND p.kind = $2 AND p.conversation = $3 AND p.posting = $4"));
    source.into().optional(READ, sql.id(kind).text(conversation).text(posting)).await?.as_ref().map(from_row).transpose()
}

/// What stands over there of a message, part by part.
pub async fn postings(source: impl Into<Source<'_>>, workspace: WorkspaceId, message: MessageId) -> Result<Vec<Posting>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} WHERE p.workspace = $1 AND p.message = $2 ORDER BY p.part")).id(message);
    source.into().all(READ, sql).await?.iter().map(from_row).collect()
}

/// The files that stayed over there of messages of a ticket's side conversations that the reader may see.
pub async fn left_files(source: impl Into<Source<'_>>, scope: &Scope, ticket: TicketId) -> Result<Vec<LeftFiles>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} JOIN threads t ON t.workspace = p.workspace AND t.id = p.thread"));
    let sql = sql.push(" WHERE p.workspace = $1 AND p.files <> '[]' AND t.ticket = ").with_id(ticket);
    let rows = source.into().all(READ, sql.readable("t.audience", scope.reader())).await?;
    let mut left = Vec::new();
    for row in &rows {
        let Posting { message, files: names, .. } = from_row(row)?;
        left.extend(message.map(|message| LeftFiles { message, names }));
    }
    Ok(left)
}

/// Keeps what was said, to be taken in; answers whether it had not come before.
pub async fn insert_event(tx: &mut Tx, event: &ChatEvent) -> Result<bool, StoreError> {
    let ChatEvent { id, workspace, kind, event, raw, received_at } = event;
    let sql = "INSERT INTO chat_events (workspace, id, kind, event, outcome, raw, received_at) VALUES ($1, $2, $3, $4, 'waiting', $5, $6)
         ON CONFLICT (workspace, kind, event) DO NOTHING";
    let sql = Sql::of(*workspace, sql).id(id).id(kind).text(event).text(raw).time(*received_at);
    Ok(tx.execute(TAKE, sql).await? == 1)
}

/// What was said and is to be taken in.
pub async fn waiting_event(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    id: ChatEventId,
) -> Result<Option<ChatEvent>, StoreError> {
    let sql = "SELECT id, workspace, kind, event, raw, received_at FROM chat_events
         WHERE workspace = $1 AND id = $2 AND outcome = 'waiting' AND raw IS NOT NULL";
    let row = source.into().optional(READ, Sql::of(workspace, sql).id(id)).await?;
    row.map(|row| {
        let row = Row::new(EVENTS, &row);
        Ok(ChatEvent {
            id: row.parsed("id")?,
            workspace: row.parsed("workspace")?,
            kind: row.parsed("kind")?,
            event: row.text("event")?,
            raw: row.text("raw")?,
            received_at: row.time("received_at")?,
        })
    })
    .transpose()
}

/// What is to be taken in.
pub async fn waiting_events(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<ChatEventId>, StoreError> {
    let sql = Sql::of(workspace, "SELECT id FROM chat_events WHERE workspace = $1 AND outcome = 'waiting' ORDER BY id");
    source.into().all(READ, sql).await?.iter().map(|row| Row::new(EVENTS, row).parsed("id")).collect()
}

/// Says what became of something that was said, and forgets its words; answers whether it still was to be taken in.
pub async fn settle_event(tx: &mut Tx, workspace: WorkspaceId, id: ChatEventId, outcome: ChatOutcome) -> Result<bool, StoreError> {
    let sql = "UPDATE chat_events SET outcome = $3, raw = NULL WHERE workspace = $1 AND id = $2 AND outcome = 'waiting'";
    Ok(tx.execute(TAKE, Sql::of(workspace, sql).id(id).id(outcome)).await? == 1)
}

/// How much was said with this outcome.
pub async fn count_events(source: impl Into<Source<'_>>, workspace: WorkspaceId, outcome: ChatOutcome) -> Result<u32, StoreError> {
    let sql = Sql::of(workspace, "SELECT COUNT(*) AS events FROM chat_events WHERE workspace = $1 AND outcome = $2").id(outcome);
    source.into().optional(READ, sql).await?.map_or(Ok(0), |row| Row::new(EVENTS, &row).count("events"))
}

/// Forgets what was said before a moment and is done.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let sql = Sql::new("DELETE FROM chat_events WHERE outcome <> 'waiting' AND received_at < $1").time(before);
    tx.execute("forget what chats said", sql).await
}

fn from_row(row: &AnyRow) -> Result<Posting, StoreError> {
    let row = Row::new(POSTINGS, row);
    Ok(Posting {
        kind: row.parsed("kind")?,
        conversation: row.text("conversation")?,
        posting: row.text("posting")?,
        thread: row.maybe_parsed("thread")?,
        message: row.maybe_parsed("message")?,
        part: row.count("part")?,
        is_ours: row.flag("is_ours")?,
        edited: row.maybe_text("edited")?,
        files: row.json("files")?,
    })
}
