//! Mails that came to the desk: each is kept once, with what became of it.

use sqlx::any::AnyRow;

use crate::domain::audience::Scope;
use crate::domain::id::{MailId, MessageId, ThreadId, TicketId, WorkspaceId};
use crate::domain::mail::{Fingerprint, IncomingMail, MailOutcome};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::EmailAddress;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "incoming_mails";
const READ: &str = "read mails";
const COLUMNS: &str =
    "SELECT i.id, i.workspace, i.outcome, i.reason, i.thread, i.message, i.message_id, i.sender, i.sender_name, i.subject, i.body,
    i.size_bytes, i.received_at FROM incoming_mails i";

/// How much a sender wrote to a side conversation in a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Mails of any kind.
    pub mails: u32,
    /// Those with the same words.
    pub same: u32,
}

/// Keeps a mail, with its bytes where a person may need them; answers whether it had not come before.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such side conversation or message.
pub async fn insert(tx: &mut Tx, mail: &IncomingMail, fingerprint: &Fingerprint, raw: Option<&[u8]>) -> Result<bool, StoreError> {
    let IncomingMail {
        id,
        workspace,
        outcome,
        reason,
        thread,
        message,
        message_id,
        sender,
        sender_name,
        subject,
        body,
        size_bytes,
        received_at,
    } = mail;
    let sql = Sql::of(
        *workspace,
        "INSERT INTO incoming_mails (workspace, id, fingerprint, outcome, thread, message, message_id, sender, sender_name, subject, body, said,
            size_bytes, received_at, raw, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (workspace, fingerprint) DO NOTHING",
    );
    let sql = sql.id(id).text(&fingerprint.mail).id(outcome).maybe_id(*thread).maybe_id(*message).maybe_text(message_id.as_ref());
    let sql = sql.maybe_id(sender.as_ref()).maybe_text(sender_name.as_ref()).text(subject).text(body).text(&fingerprint.said);
    let sql = sql.int(i64::try_from(*size_bytes).unwrap_or(i64::MAX)).time(*received_at).maybe_bytes(raw).maybe_id(*reason);
    Ok(tx.execute("keep a mail", sql).await? == 1)
}

/// What became of a mail that came before.
pub async fn known_outcome(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    fingerprint: &Fingerprint,
) -> Result<Option<MailOutcome>, StoreError> {
    let sql = Sql::of(workspace, "SELECT outcome FROM incoming_mails WHERE workspace = $1 AND fingerprint = $2").text(&fingerprint.mail);
    source.into().optional(READ, sql).await?.map(|row| Row::new(TABLE, &row).parsed("outcome")).transpose()
}

/// How much a sender wrote to a side conversation since a moment.
pub async fn traffic(
    tx: &mut Tx,
    workspace: WorkspaceId,
    thread: ThreadId,
    (sender, said): (&EmailAddress, &str),
    since: Timestamp,
) -> Result<Traffic, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT COUNT(*) AS mails, COUNT(CASE WHEN said = $4 THEN 1 END) AS same FROM incoming_mails
         WHERE workspace = $1 AND thread = $2 AND received_at >= $3 AND sender = $5 AND outcome NOT IN ('own_copy', 'bounce')",
    );
    let row = tx.optional(READ, sql.id(thread).time(since).text(said).id(sender)).await?;
    row.map_or(Ok(Traffic { mails: 0, same: 0 }), |row| {
        let row = Row::new(TABLE, &row);
        Ok(Traffic { mails: row.count("mails")?, same: row.count("same")? })
    })
}

/// How many bytes are kept of the mails of a side conversation that wait for a person.
pub async fn held_bytes(tx: &mut Tx, workspace: WorkspaceId, thread: ThreadId) -> Result<u64, StoreError> {
    let sql = "SELECT CAST(COALESCE(SUM(LENGTH(raw)), 0) AS BIGINT) AS bytes FROM incoming_mails
         WHERE workspace = $1 AND thread = $2 AND outcome = 'held'";
    let row = tx.optional(READ, Sql::of(workspace, sql).id(thread)).await?;
    row.map_or(Ok(0), |row| {
        let row = Row::new(TABLE, &row);
        u64::try_from(row.int("bytes")?).map_err(|_| row.corrupt("bytes"))
    })
}

/// A mail, if the reader may see its side conversation.
pub async fn get(source: impl Into<Source<'_>>, scope: &Scope, id: MailId) -> Result<Option<IncomingMail>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} JOIN threads t ON t.workspace = i.workspace AND t.id = i.thread"));
    let sql = sql.push(" WHERE i.workspace = $1 AND i.id = ").with_id(id).readable("t.audience", scope.reader());
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The bytes of a mail, while they are kept.
pub async fn raw(source: impl Into<Source<'_>>, workspace: WorkspaceId, id: MailId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = Sql::of(workspace, "SELECT raw FROM incoming_mails WHERE workspace = $1 AND id = $2 AND raw IS NOT NULL").id(id);
    source.into().optional(READ, sql).await?.map(|row| Row::new(TABLE, &row).bytes("raw")).transpose()
}

/// The mails of a ticket's side conversations that the reader may see and that did not simply become messages, oldest first.
pub async fn of_ticket(source: impl Into<Source<'_>>, scope: &Scope, ticket: TicketId) -> Result<Vec<IncomingMail>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} JOIN threads t ON t.workspace = i.workspace AND t.id = i.thread"));
    let sql = sql.push(" WHERE i.workspace = $1 AND t.ticket = ").with_id(ticket);
    // One that tells of a message stands there.
    let shown = " AND (i.outcome IN ('held', 'loop', 'auto_reply', 'too_large') OR i.outcome = 'bounce' AND i.reason IS NOT NULL)";
    let sql = sql.push(shown).readable("t.audience", scope.reader());
    let rows = source.into().all(READ, sql.push(" ORDER BY i.received_at, i.id")).await?;
    rows.iter().map(from_row).collect()
}

/// The mails with this outcome, newest first.
pub async fn with_outcome(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    outcome: MailOutcome,
    limit: u32,
) -> Result<Vec<IncomingMail>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} WHERE i.workspace = $1 AND i.outcome = $2")).id(outcome);
    let sql = sql.push(" ORDER BY i.received_at DESC, i.id DESC LIMIT ").with_int(i64::from(limit));
    source.into().all(READ, sql).await?.iter().map(from_row).collect()
}

/// Decides about a mail that waits for a person or may be let in by one; answers whether it still was so.
pub async fn decide(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: MailId,
    (outcome, message): (MailOutcome, Option<MessageId>),
    by: &str,
) -> Result<bool, StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE incoming_mails SET outcome = $3, message = $4, decided_by = $5
         WHERE workspace = $1 AND id = $2 AND outcome IN ('held', 'loop', 'auto_reply')",
    );
    Ok(tx.execute("decide about a mail", sql.id(id).id(outcome).maybe_id(message).text(by)).await? == 1)
}

/// What mail programs know the earlier messages of a side conversation by, oldest first: a message that was sent by its own id, one that came
/// by mail by the `Message-ID` it came with.
pub async fn earlier(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    thread: ThreadId,
    before: MessageId,
) -> Result<Vec<(MessageId, Option<String>)>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT m.id AS id, i.message_id AS message_id FROM messages m
         LEFT JOIN incoming_mails i ON i.workspace = m.workspace AND i.message = m.id AND i.outcome IN ('matched', 'too_large')
         LEFT JOIN message_deliveries d ON d.workspace = m.workspace AND d.message = m.id
         JOIN messages o ON o.workspace = m.workspace AND o.thread = m.thread AND o.id = $3
         WHERE m.workspace = $1 AND m.thread = $2 AND (m.created_at, m.id) < (o.created_at, o.id)
            AND (i.message_id IS NOT NULL OR d.state IN ('sent', 'sending', 'unknown'))
         ORDER BY m.created_at, m.id",
    );
    let rows = source.into().all(READ, sql.id(thread).id(before)).await?;
    let id = |row| {
        let row = Row::new(TABLE, row);
        Ok((row.parsed("id")?, row.maybe_text("message_id")?))
    };
    rows.iter().map(id).collect()
}

/// Drops the bytes of mails from before a moment that nobody has to decide about, and all of those that belong to no side conversation or
/// were not let in: who wrote them is nobody's business here.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let sql = "DELETE FROM incoming_mails WHERE received_at < $1 AND (thread IS NULL OR outcome = 'dropped')";
    let gone = tx.execute("forget old mails", Sql::new(sql).time(before)).await?;
    let sql =
        Sql::new("UPDATE incoming_mails SET raw = NULL WHERE raw IS NOT NULL AND outcome <> 'held' AND received_at < $1").time(before);
    Ok(gone + tx.execute("drop the bytes of old mails", sql).await?)
}

fn from_row(row: &AnyRow) -> Result<IncomingMail, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(IncomingMail {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        outcome: row.parsed("outcome")?,
        reason: row.maybe_parsed("reason")?,
        thread: row.maybe_parsed("thread")?,
        message: row.maybe_parsed("message")?,
        message_id: row.maybe_text("message_id")?,
        sender: row.maybe_parsed("sender")?,
        sender_name: row.maybe_text("sender_name")?,
        subject: row.text("subject")?,
        body: row.text("body")?,
        size_bytes: u64::try_from(row.int("size_bytes")?).map_err(|_| row.corrupt("size_bytes"))?,
        received_at: row.time("received_at")?,
    })
}
