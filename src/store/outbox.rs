//! Messages that leave the desk: written in the transaction of the message, then tried, noted and, where nobody knows, cleared up.
//!
//! `sending` is committed before the message leaves, under the number of the try; only that try may say what came of it. So a process that
//! dies in between leaves behind that the message may have been sent, and one that stood still for too long changes nothing.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::audience::Scope;
use crate::domain::id::{MessageId, ThreadId, TicketId, WorkspaceId};
use crate::domain::outbox::{MessageDelivery, RecipientDelivery, RecipientState, SendReason, SendState};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::EmailAddress;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const READ: &str = "read what came of messages";
const NOTE: &str = "note what came of a message";
const COLUMNS: &str = "SELECT d.message, d.state, d.attempts, d.reason, d.created_at, d.since, d.next_at FROM message_deliveries d";

/// So often a message is sent again by itself of which nobody knows; after that a person says it.
const MOST_RESENDS: u32 = 2;

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// When it ended.
    pub at: Timestamp,
    /// Where the message stands now.
    pub state: SendState,
    /// Why, where that needs saying.
    pub reason: Option<SendReason>,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
    /// Those of whom the try said something.
    pub recipients: Vec<RecipientDelivery>,
}

/// Has a message sent to these addresses.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such message.
pub async fn insert(
    tx: &mut Tx,
    workspace: WorkspaceId,
    message: MessageId,
    recipients: &[EmailAddress],
    now: Timestamp,
) -> Result<(), StoreError> {
    const TRIED: &str = "have a message sent";
    let sql =
        "INSERT INTO message_deliveries (workspace, message, state, attempts, created_at, since) VALUES ($1, $2, 'queued', 0, $3, $4)";
    tx.execute(TRIED, Sql::of(workspace, sql).id(message).time(now).time(now)).await?;
    for (position, address) in (0..).zip(recipients) {
        let sql = "INSERT INTO message_recipients (workspace, message, address, position, state) VALUES ($1, $2, $3, $4, 'queued')
             ON CONFLICT DO NOTHING";
        tx.execute(TRIED, Sql::of(workspace, sql).id(message).id(address).int(position)).await?;
    }
    Ok(())
}

/// What came of the messages of a ticket's side conversations that the reader may see, as far as they leave the desk.
pub async fn of_ticket(source: impl Into<Source<'_>>, scope: &Scope, ticket: TicketId) -> Result<Vec<MessageDelivery>, StoreError> {
    let within = "d.message IN (SELECT m.id FROM messages m JOIN threads t ON t.workspace = m.workspace AND t.id = m.thread
         WHERE m.workspace = $1 AND t.ticket = $2";
    let sql = |start: &str| {
        let sql = Sql::of(scope.workspace(), format!("{start} WHERE d.workspace = $1 AND {within}")).id(ticket);
        sql.readable("m.audience", scope.reader()).push(")")
    };
    let mut source = source.into();
    let rows = source.all(READ, sql(COLUMNS)).await?;
    let recipients = source.all(READ, sql(RECIPIENTS).push(" ORDER BY d.message, d.position")).await?;
    with_recipients(&rows, &recipients)
}

const RECIPIENTS: &str = "SELECT d.message, d.address, d.state, d.reason FROM message_recipients d";

/// What came of a message, if it leaves the desk.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, message: MessageId) -> Result<Option<MessageDelivery>, StoreError> {
    let sql = |start: &str| Sql::of(workspace, format!("{start} WHERE d.workspace = $1 AND d.message = $2")).id(message);
    let mut source = source.into();
    let rows = source.all(READ, sql(COLUMNS)).await?;
    let recipients = source.all(READ, sql(RECIPIENTS).push(" ORDER BY d.position")).await?;
    Ok(with_recipients(&rows, &recipients)?.pop())
}

/// Of which message's fate nobody is sure yet.
pub async fn unsettled(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<MessageId>, StoreError> {
    let sql = "SELECT message FROM message_deliveries WHERE workspace = $1 AND state IN ('queued', 'sending', 'unknown')";
    let rows = source.into().all(READ, Sql::of(workspace, sql)).await?;
    rows.iter().map(|row| Row::new("message_deliveries", row).parsed("message")).collect()
}

/// Says that a message may leave from now on, as the next try after so many, and what the server said of each recipient; answers whether it
/// still is this one's turn.
pub async fn begin(
    tx: &mut Tx,
    workspace: WorkspaceId,
    message: MessageId,
    before: u32,
    (now, recipients): (Timestamp, &[RecipientDelivery]),
) -> Result<bool, StoreError> {
    let tried = Tried { at: now, state: SendState::Sending, reason: None, next_at: None, recipients: recipients.to_vec() };
    postpone(tx, workspace, message, before, &tried).await
}

/// Notes whether the desk gets its own copy of a try: one that it does not get says nothing by not coming.
pub async fn note_copy(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, attempt: u32, is_copied: bool) -> Result<(), StoreError> {
    let sql = "UPDATE message_deliveries SET is_copied = $4 WHERE workspace = $1 AND message = $2 AND attempts = $3";
    tx.execute(NOTE, Sql::of(workspace, sql).id(message).int(i64::from(attempt)).int(i64::from(is_copied))).await?;
    Ok(())
}

/// Notes what came of a try that got so far that the message may have left; answers whether it still was this one's to note.
pub async fn note(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, attempt: u32, tried: &Tried) -> Result<bool, StoreError> {
    settle(tx, workspace, message, (attempt, attempt, "state IN ('sending', 'unknown')"), tried).await
}

/// Notes a try of which nothing can have left, after so many others; answers whether it still was this one's to note.
pub async fn postpone(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, before: u32, tried: &Tried) -> Result<bool, StoreError> {
    settle(tx, workspace, message, (before, before.saturating_add(1), "state = 'queued'"), tried).await
}

async fn settle(
    tx: &mut Tx,
    workspace: WorkspaceId,
    message: MessageId,
    (before, after, is_so): (u32, u32, &str),
    tried: &Tried,
) -> Result<bool, StoreError> {
    let Tried { at, state, reason, next_at, recipients } = tried;
    let sql = Sql::of(
        workspace,
        format!(
            "UPDATE message_deliveries SET attempts = $4, state = $5, reason = $6, since = CASE WHEN state = $5 THEN since ELSE $7 END, next_at = $8
             WHERE workspace = $1 AND message = $2 AND attempts = $3 AND {is_so}"
        ),
    );
    let sql = sql.id(message).int(i64::from(before)).int(i64::from(after)).id(state).maybe_id(*reason).time(*at).maybe_time(*next_at);
    if tx.execute(NOTE, sql).await? == 0 {
        return Ok(false);
    }
    for RecipientDelivery { address, state, reason } in recipients {
        let sql = "UPDATE message_recipients SET state = $4, reason = $5
             WHERE workspace = $1 AND message = $2 AND address = $3 AND state <> 'bounced'";
        tx.execute(NOTE, Sql::of(workspace, sql).id(message).id(address).id(state).maybe_id(*reason)).await?;
    }
    Ok(true)
}

/// Says that nobody knows what came of a try that somebody left; answers whether that is so.
pub async fn lose_sight(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, attempt: u32, now: Timestamp) -> Result<bool, StoreError> {
    let reason = Some(SendReason::BrokeOff);
    let tried = Tried { at: now, state: SendState::Unknown, reason, next_at: None, recipients: Vec::new() };
    settle(tx, workspace, message, (attempt, attempt, "state = 'sending'"), &tried).await
}

/// Says that a try of a message was sent whose end nobody knows; it stays queued for those who were not to have it yet. Answers whether nobody
/// knew: a later try is another one, and another one's recipients.
pub async fn confirm(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, attempt: u32, now: Timestamp) -> Result<bool, StoreError> {
    confirmed(tx, workspace, message, (&format!("state IN ('sending', 'unknown') AND attempts = {attempt}"), now)).await
}

/// Says that a message was sent of which nobody knew, as a person or its recipients' servers say; it stays queued as with [`confirm`].
pub async fn say_sent(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, now: Timestamp) -> Result<bool, StoreError> {
    confirmed(tx, workspace, message, ("state = 'unknown'", now)).await
}

async fn confirmed(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, (is_so, now): (&str, Timestamp)) -> Result<bool, StoreError> {
    let sql = format!(
        "UPDATE message_deliveries SET reason = NULL, since = $3, next_at = NULL, state = CASE WHEN EXISTS (
                SELECT 1 FROM message_recipients r WHERE r.workspace = $1 AND r.message = $2 AND r.state = 'queued') THEN 'queued' ELSE 'sent' END
         WHERE workspace = $1 AND message = $2 AND {is_so}"
    );
    if tx.execute(NOTE, Sql::of(workspace, sql).id(message).time(now)).await? == 0 {
        return Ok(false);
    }
    let sql = "UPDATE message_recipients SET state = 'sent', reason = NULL WHERE workspace = $1 AND message = $2 AND state = 'sending'";
    tx.execute(NOTE, Sql::of(workspace, sql).id(message)).await?;
    Ok(true)
}

/// Has a message sent again of which nobody knows and whose copy has not come, though the desk was to get one; answers whether that is so and
/// it was not done too often already. When it is given up stays the same.
pub async fn requeue(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, now: Timestamp) -> Result<bool, StoreError> {
    let is_so = format!("state = 'unknown' AND is_copied = 1 AND resends < {MOST_RESENDS}");
    queue_again(tx, workspace, message, now, ("resends = resends + 1", &is_so, "'sending'")).await
}

/// Has a message sent again to all who do not have it, as a person wishes; answers whether there is anybody.
pub async fn again(tx: &mut Tx, workspace: WorkspaceId, message: MessageId, now: Timestamp) -> Result<bool, StoreError> {
    let since = format!("resends = 0, created_at = {}", now.as_micros());
    let is_so = "state IN ('unknown', 'refused', 'sent')";
    queue_again(tx, workspace, message, now, (&since, is_so, "'sending', 'refused', 'bounced'")).await
}

async fn queue_again(
    tx: &mut Tx,
    workspace: WorkspaceId,
    message: MessageId,
    now: Timestamp,
    (notes, is_so, recipients): (&str, &str, &str),
) -> Result<bool, StoreError> {
    let missing = format!("SELECT 1 FROM message_recipients r WHERE r.workspace = $1 AND r.message = $2 AND r.state IN ({recipients})");
    let sql = format!(
        "UPDATE message_deliveries SET state = 'queued', reason = NULL, since = $3, next_at = NULL, {notes}
         WHERE workspace = $1 AND message = $2 AND {is_so} AND EXISTS ({missing})"
    );
    if tx.execute(NOTE, Sql::of(workspace, sql).id(message).time(now)).await? == 0 {
        return Ok(false);
    }
    let sql = format!(
        "UPDATE message_recipients SET state = 'queued', reason = NULL WHERE workspace = $1 AND message = $2 AND state IN ({recipients})"
    );
    tx.execute(NOTE, Sql::of(workspace, sql).id(message)).await?;
    Ok(true)
}

/// When to look again whether a message may leave: there is an earlier one of its side conversation that nobody has yet.
pub async fn waits_until(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    message: MessageId,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT MAX(COALESCE(d.next_at, d.since)) AS until FROM messages m
         JOIN messages o ON o.workspace = m.workspace AND o.thread = m.thread AND (o.created_at, o.id) < (m.created_at, m.id)
         JOIN message_deliveries d ON d.workspace = o.workspace AND d.message = o.id
         WHERE m.workspace = $1 AND m.id = $2 AND d.state IN ('queued', 'sending')
            AND NOT EXISTS (SELECT 1 FROM message_recipients r WHERE r.workspace = d.workspace AND r.message = d.message AND r.state = 'sent')",
    );
    let row = source.into().optional(READ, sql.id(message)).await?;
    row.map_or(Ok(None), |row| Row::new("message_deliveries", &row).maybe_time("until"))
}

/// Says that a message came back from somebody; it was sent all the same. Answers whether they were to have it.
pub async fn bounce(
    tx: &mut Tx,
    workspace: WorkspaceId,
    message: MessageId,
    address: &EmailAddress,
    reason: SendReason,
) -> Result<bool, StoreError> {
    let sql = "UPDATE message_recipients SET state = $4, reason = $5 WHERE workspace = $1 AND message = $2 AND address = $3";
    let sql = Sql::of(workspace, sql).id(message).id(address).id(RecipientState::Bounced).id(reason);
    Ok(tx.execute(NOTE, sql).await? == 1)
}

/// The message of a side conversation that was last sent to somebody.
pub async fn last_sent_to(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    thread: ThreadId,
    address: &EmailAddress,
) -> Result<Option<MessageId>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT m.id FROM messages m JOIN message_recipients r ON r.workspace = m.workspace AND r.message = m.id
         WHERE m.workspace = $1 AND m.thread = $2 AND r.address = $3 AND r.state IN ('sent', 'sending') ORDER BY m.created_at DESC, m.id DESC LIMIT 1",
    );
    let row = source.into().optional(READ, sql.id(thread).id(address)).await?;
    row.map(|row| Row::new("messages", &row).parsed("id")).transpose()
}

fn with_recipients(rows: &[AnyRow], recipients: &[AnyRow]) -> Result<Vec<MessageDelivery>, StoreError> {
    let mut of: BTreeMap<MessageId, Vec<RecipientDelivery>> = BTreeMap::new();
    for row in recipients {
        let row = Row::new("message_recipients", row);
        let recipient =
            RecipientDelivery { address: row.parsed("address")?, state: row.parsed("state")?, reason: row.maybe_parsed("reason")? };
        of.entry(row.parsed("message")?).or_default().push(recipient);
    }
    let delivery = |row| {
        let row = Row::new("message_deliveries", row);
        let message = row.parsed("message")?;
        Ok(MessageDelivery {
            message,
            state: row.parsed("state")?,
            reason: row.maybe_parsed("reason")?,
            since: row.time("since")?,
            next_at: row.maybe_time("next_at")?,
            attempts: row.count("attempts")?,
            created_at: row.time("created_at")?,
            recipients: of.remove(&message).unwrap_or_default(),
        })
    };
    rows.iter().map(delivery).collect()
}
