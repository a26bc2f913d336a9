//! What insights are counted from: one statement for each kind of row, whatever the number of tickets.
//!
//! Counts only, no text: who may ask for them sees every side conversation counted, whoever may read it.

use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::insight::Thumbs;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{AnswerKind, Arm, AskOutcome, ThreadChannel};
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::Source;

/// A ticket that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedTicket {
    /// The ticket.
    pub id: TicketId,
    /// When it came.
    pub at: Timestamp,
    /// What it is about, as the inbox says.
    pub intent: Option<String>,
    /// How many side conversations it has.
    pub threads: u64,
}

/// A side conversation that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedThread {
    /// When.
    pub at: Timestamp,
    /// How it travels.
    pub channel: ThreadChannel,
    /// What its ticket is about, as the inbox says.
    pub intent: Option<String>,
    /// Within how many seconds somebody else than who opened it wrote first, and their team.
    pub answered: Option<(i64, Option<String>)>,
}

/// An ask that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedAsk {
    /// When.
    pub at: Timestamp,
    /// Whether what was found was shown.
    pub arm: Arm,
    /// What its ticket was about.
    pub intent: Option<String>,
    /// How the side conversation went or would have gone, where that was known.
    pub channel: Option<ThreadChannel>,
    /// What became of it.
    pub outcome: AskOutcome,
    /// What answered it.
    pub used: Option<AnswerKind>,
    /// How much was found for it.
    pub finds: u64,
}

/// The tickets that came from a moment on and before another one.
pub async fn tickets(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<CountedTicket>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT t.id AS id, t.created_at AS created_at, p.intent AS intent, COALESCE(c.many, 0) AS threads
         FROM tickets t LEFT JOIN panels p ON p.workspace = t.workspace AND p.ticket = t.id
         LEFT JOIN (SELECT ticket, COUNT(*) AS many FROM threads WHERE workspace = $1 AND created_at >= $2 GROUP BY ticket) c
            ON c.ticket = t.id
         WHERE t.workspace = $1 AND t.created_at >= $2 AND t.created_at < $3",
    );
    let rows = source.into().all("count tickets", sql.time(from).time(to)).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("tickets", row);
            Ok(CountedTicket {
                id: row.parsed("id")?,
                at: row.time("created_at")?,
                intent: row.maybe_text("intent")?,
                threads: u64::from(row.count("threads")?),
            })
        })
        .collect()
}

/// The side conversations that were opened from a moment on and before another one, each with its first answer.
pub async fn threads(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<CountedThread>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT t.created_at AS created_at, t.channel AS channel, p.intent AS intent, f.created_at AS answered_at, d.team AS team
         FROM threads t LEFT JOIN panels p ON p.workspace = t.workspace AND p.ticket = t.ticket
         LEFT JOIN (
            SELECT m.thread AS thread, m.author AS author, m.created_at AS created_at,
                ROW_NUMBER() OVER (PARTITION BY m.thread ORDER BY m.created_at, m.id) AS place
            FROM messages m JOIN threads o ON o.workspace = m.workspace AND o.id = m.thread
            WHERE o.workspace = $1 AND o.created_at >= $2 AND o.created_at < $3 AND m.author <> o.opened_by
         ) f ON f.thread = t.id AND f.place = 1
         LEFT JOIN people d ON d.workspace = t.workspace AND d.email = f.author
         WHERE t.workspace = $1 AND t.created_at >= $2 AND t.created_at < $3",
    );
    let rows = source.into().all("count side conversations", sql.time(from).time(to)).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("threads", row);
            let at = row.time("created_at")?;
            let answered = row.maybe_time("answered_at")?.map(|answered| answered.seconds_since(at).max(0));
            let team = row.maybe_text("team")?;
            Ok(CountedThread {
                at,
                channel: row.parsed("channel")?,
                intent: row.maybe_text("intent")?,
                answered: answered.map(|seconds| (seconds, team)),
            })
        })
        .collect()
}

/// The asks that were made from a moment on and before another one.
pub async fn asks(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<CountedAsk>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT a.asked_at AS asked_at, a.arm AS arm, a.intent AS intent, a.channel AS channel, a.outcome AS outcome,
            a.used_kind AS used_kind, COUNT(f.place) AS finds
         FROM asks a LEFT JOIN ask_finds f ON f.workspace = a.workspace AND f.ask = a.id
         WHERE a.workspace = $1 AND a.asked_at >= $2 AND a.asked_at < $3
         GROUP BY a.id, a.asked_at, a.arm, a.intent, a.channel, a.outcome, a.used_kind",
    );
    let rows = source.into().all("count asks", sql.time(from).time(to)).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("asks", row);
            Ok(CountedAsk {
                at: row.time("asked_at")?,
                arm: row.parsed("arm")?,
                intent: row.maybe_text("intent")?,
                channel: row.maybe_parsed("channel")?,
                outcome: row.parsed("outcome")?,
                used: row.maybe_parsed("used_kind")?,
                finds: u64::from(row.count("finds")?),
            })
        })
        .collect()
}

/// The thumbs that were given from a moment on and before another one; parts without any are left out.
pub async fn thumbs(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Thumbs>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT s.part AS part, COUNT(CASE WHEN f.verdict = 'up' THEN 1 END) AS up, COUNT(CASE WHEN f.verdict = 'down' THEN 1 END) AS down
         FROM feedback f JOIN suggestions s ON s.workspace = f.workspace AND s.id = f.suggestion
         WHERE f.workspace = $1 AND f.created_at >= $2 AND f.created_at < $3 GROUP BY s.part ORDER BY s.part",
    );
    let rows = source.into().all("count thumbs", sql.time(from).time(to)).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("feedback", row);
            Ok(Thumbs { part: row.parsed("part")?, up: u64::from(row.count("up")?), down: u64::from(row.count("down")?) })
        })
        .collect()
}
