//! Asks: what was found before a side conversation was sent, and what became of it. Their words are not kept.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use crate::domain::answered::{Find, KeptAsk};
use crate::domain::id::{AskId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{AnswerKind, AskOutcome, ThreadChannel};
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};

const TABLE: &str = "asks";
const READ: &str = "read asks";
const KEEP: &str = "keep an ask";
const COLUMNS: &str = "SELECT workspace, id, ticket, asked_by, asked_at, arm, intent, channel, outcome, decided_at, used_kind, used_id
    FROM asks WHERE workspace = $1";

/// Keeps an ask with what was found for it; one with the same id that is open still gives way.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn save(tx: &mut Tx, ask: &KeptAsk) -> Result<(), StoreError> {
    let KeptAsk { id, workspace, ticket, by, at, arm, intent, channel, outcome, decided_at, used, finds } = ask;
    let sql = Sql::of(
        *workspace,
        "INSERT INTO asks (workspace, id, ticket, asked_by, asked_at, arm, intent, channel, outcome, decided_at, used_kind, used_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (workspace, id) DO UPDATE SET asked_at = excluded.asked_at, arm = excluded.arm, intent = excluded.intent
         WHERE asks.outcome = 'open'",
    );
    let sql = sql.id(id).id(ticket).text(by).time(*at).id(arm).maybe_id(intent.as_ref()).maybe_id(channel.as_ref()).id(outcome);
    let sql = sql.maybe_time(*decided_at).maybe_id(used.as_ref().map(|used| used.kind)).maybe_text(used.as_ref().map(|used| &used.id));
    if tx.execute(KEEP, sql).await? == 0 {
        return Ok(());
    }
    tx.execute(KEEP, Sql::of(*workspace, "DELETE FROM ask_finds WHERE workspace = $1 AND ask = $2").id(id)).await?;
    for (place, (find, worth)) in (0_i64..).zip(finds) {
        let sql = Sql::of(*workspace, "INSERT INTO ask_finds (workspace, ask, place, kind, thing, worth) VALUES ($1, $2, $3, $4, $5, $6)");
        tx.execute(KEEP, sql.id(id).int(place).id(find.kind).text(&find.id).double(*worth)).await?;
    }
    Ok(())
}

/// The latest ask of somebody on a ticket since a moment of which nothing came yet: asking again before sending is one ask.
pub async fn open_of(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    ticket: TicketId,
    by: &str,
    since: Timestamp,
) -> Result<Option<AskId>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT id FROM asks WHERE workspace = $1 AND ticket = $2 AND asked_by = $3 AND asked_at >= $4 AND outcome = 'open' AND channel IS NULL
         ORDER BY asked_at DESC, id DESC LIMIT 1",
    );
    let row = source.into().optional(READ, sql.id(ticket).text(by).time(since)).await?;
    row.as_ref().map(|row| Row::new(TABLE, row).parsed("id")).transpose()
}

/// The ask with this id.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, id: AskId) -> Result<Option<KeptAsk>, StoreError> {
    let mut source = source.into();
    let Some(row) = source.optional(READ, Sql::of(workspace, format!("{COLUMNS} AND id = $2")).id(id)).await? else { return Ok(None) };
    Ok(with_finds(source, workspace, vec![from_row(&row)?]).await?.pop())
}

/// The asks of a ticket, oldest first.
pub async fn of_ticket(source: impl Into<Source<'_>>, workspace: WorkspaceId, ticket: TicketId) -> Result<Vec<KeptAsk>, StoreError> {
    let mut source = source.into();
    let sql = Sql::of(workspace, format!("{COLUMNS} AND ticket = $2 ORDER BY asked_at, id")).id(ticket);
    let asks = source.all(READ, sql).await?.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    with_finds(source, workspace, asks).await
}

/// Says what became of an ask, and what answered it.
pub async fn decide(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: AskId,
    outcome: AskOutcome,
    used: Option<&Find>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        Sql::of(workspace, "UPDATE asks SET outcome = $3, decided_at = $4, used_kind = $5, used_id = $6 WHERE workspace = $1 AND id = $2");
    let sql = sql.id(id).id(outcome).time(now).maybe_id(used.map(|used| used.kind)).maybe_text(used.map(|used| &used.id));
    tx.execute("say what became of an ask", sql).await?;
    Ok(())
}

/// Notes by what channel the side conversation went after all, if its ticket has such an ask; an answer that had been shown, and that nobody used, was not heeded then.
pub async fn sent(
    tx: &mut Tx,
    workspace: WorkspaceId,
    (id, ticket): (AskId, TicketId),
    channel: ThreadChannel,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE asks SET channel = $4,
            outcome = CASE WHEN outcome IN ('open', 'avoided') AND arm = 'suggested'
                AND EXISTS (SELECT 1 FROM ask_finds f WHERE f.workspace = asks.workspace AND f.ask = asks.id)
                THEN 'sent_anyway' ELSE outcome END,
            decided_at = CASE WHEN outcome IN ('open', 'avoided') AND arm = 'suggested'
                AND EXISTS (SELECT 1 FROM ask_finds f WHERE f.workspace = asks.workspace AND f.ask = asks.id)
                THEN $5 ELSE decided_at END
         WHERE workspace = $1 AND id = $2 AND ticket = $3",
    );
    Ok(tx.execute("note that an ask was sent", sql.id(id).id(ticket).id(channel).time(now)).await? == 1)
}

/// How sure the search was of the first find of each ask since a moment that was decided, and whether that find answered; the latest so many.
pub async fn decided(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    since: Timestamp,
    most: u32,
) -> Result<Vec<(f64, bool)>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT f.worth, CASE WHEN a.outcome <> 'sent_anyway' AND a.used_kind = f.kind AND a.used_id = f.thing THEN 1 ELSE 0 END AS is_right
         FROM asks a JOIN ask_finds f ON f.workspace = a.workspace AND f.ask = a.id AND f.place = 0
         WHERE a.workspace = $1 AND a.outcome <> 'open' AND a.arm = 'suggested' AND a.asked_at >= $2
         ORDER BY a.asked_at DESC, a.id DESC LIMIT $3",
    );
    let rows = source.into().all("read decided asks", sql.time(since).int(i64::from(most))).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("ask_finds", row);
            Ok((row.double("worth")?, row.flag("is_right")?))
        })
        .collect()
}

async fn with_finds(mut source: Source<'_>, workspace: WorkspaceId, mut asks: Vec<KeptAsk>) -> Result<Vec<KeptAsk>, StoreError> {
    let ids: Vec<AskId> = asks.iter().map(|ask| ask.id).collect();
    let mut finds: HashMap<AskId, Vec<(Find, f64)>> = HashMap::new();
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(workspace, "SELECT ask, kind, thing, worth FROM ask_finds WHERE workspace = $1 AND ask IN ").among(ids);
        for row in source.all(READ, sql.push(" ORDER BY ask, place")).await? {
            let row = Row::new("ask_finds", &row);
            let find = Find { kind: row.parsed("kind")?, id: row.text("thing")? };
            finds.entry(row.parsed("ask")?).or_default().push((find, row.double("worth")?));
        }
    }
    for ask in &mut asks {
        ask.finds = finds.remove(&ask.id).unwrap_or_default();
    }
    Ok(asks)
}

fn from_row(row: &AnyRow) -> Result<KeptAsk, StoreError> {
    let row = Row::new(TABLE, row);
    let used = row.maybe_parsed::<AnswerKind>("used_kind")?.zip(row.maybe_text("used_id")?);
    Ok(KeptAsk {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        ticket: row.parsed("ticket")?,
        by: row.text("asked_by")?,
        at: row.time("asked_at")?,
        arm: row.parsed("arm")?,
        intent: row.maybe_parsed("intent")?,
        channel: row.maybe_parsed("channel")?,
        outcome: row.parsed("outcome")?,
        decided_at: row.maybe_time("decided_at")?,
        used: used.map(|(kind, id)| Find { kind, id }),
        finds: Vec::new(),
    })
}
