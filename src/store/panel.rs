//! Prepared panels: opaque to the store, with the few columns that the inbox shows.

use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::triage::{Correction, Matter};
use crate::domain::vocabulary::{GroupName, IntentName, Language, Priority, Sentiment};
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

/// A panel that is ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedPanel {
    /// The ticket it stands beside.
    pub ticket: TicketId,
    /// When it was made.
    pub made_at: Timestamp,
    /// The revision of what was known before it was made ([`super::knowledge`]).
    pub knowledge: String,
    /// The panel, in the caller's form.
    pub json: String,
    /// What the inbox shows of it.
    pub inbox: InboxColumns,
    /// Whether an article answers the ticket; `None` where that is not asked: of solved tickets, and where the matter is not clear.
    pub is_answered: Option<bool>,
}

/// What the inbox shows of a triage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxColumns {
    /// The intent that holds.
    pub intent: Option<IntentName>,
    /// How the customer feels.
    pub sentiment: Option<Sentiment>,
    /// Where the ticket belongs.
    pub group: Option<GroupName>,
    /// The language of the text.
    pub language: Option<Language>,
    /// How soon it should be worked on.
    pub priority: Option<Priority>,
}

/// Keeps a panel in place of an older one; one made earlier than the one kept is dropped.
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn save(tx: &mut Tx, workspace: WorkspaceId, panel: &PreparedPanel) -> Result<(), StoreError> {
    let PreparedPanel { ticket, made_at, knowledge, json, inbox, is_answered } = panel;
    let InboxColumns { intent, sentiment, group, language, priority } = inbox;
    let sql = Sql::of(
        workspace,
        "INSERT INTO panels (workspace, ticket, made_at, json, intent, sentiment, grp, language, priority, knowledge, is_answered)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (workspace, ticket) DO UPDATE SET made_at = excluded.made_at, json = excluded.json, intent = excluded.intent,
            sentiment = excluded.sentiment, grp = excluded.grp, language = excluded.language, priority = excluded.priority, knowledge = excluded.knowledge,
            is_answered = excluded.is_answered, is_early = 0
         WHERE panels.made_at <= excluded.made_at",
    );
    let sql = sql.id(ticket).time(*made_at).text(json).maybe_id(intent.as_ref()).maybe_id(*sentiment);
    let sql = sql.maybe_id(group.as_ref()).maybe_id(*language).maybe_id(*priority).text(knowledge);
    tx.execute("keep a panel", sql.maybe_int(is_answered.map(i64::from))).await?;
    Ok(())
}

/// Has the inbox show what somebody said of a ticket before its panel is made again.
pub async fn correct(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, correction: &Correction) -> Result<(), StoreError> {
    let Correction { matter, group, by: _, at: _ } = correction;
    let intents = matter.as_ref().map(Matter::intents);
    let sql = Sql::of(
        workspace,
        "UPDATE panels SET intent = CASE WHEN $3 = 1 THEN $4 ELSE intent END, grp = COALESCE($5, grp)
         WHERE workspace = $1 AND ticket = $2",
    );
    let sql = sql.id(ticket).int(i64::from(intents.is_some())).maybe_id(intents.unwrap_or_default().first());
    tx.execute("show a correction in the inbox", sql.maybe_id(group.as_ref())).await?;
    Ok(())
}

/// Has the inbox show nothing in place of what was said of a ticket and taken back, until its panel is made again.
pub async fn withdraw(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, correction: &Correction) -> Result<(), StoreError> {
    let sql = Sql::of(
        workspace,
        "UPDATE panels SET intent = CASE WHEN $3 = 1 THEN NULL ELSE intent END, grp = CASE WHEN $4 = 1 THEN NULL ELSE grp END
         WHERE workspace = $1 AND ticket = $2",
    );
    let sql = sql.id(ticket).int(i64::from(correction.matter.is_some())).int(i64::from(correction.group.is_some()));
    tx.execute("take a correction out of the inbox", sql).await?;
    Ok(())
}

/// Notes that a panel was made before everything written until then could be found; the next one that is kept takes the note away.
pub async fn mark_early(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "UPDATE panels SET is_early = 1 WHERE workspace = $1 AND ticket = $2").id(ticket);
    tx.execute("note an early panel", sql).await?;
    Ok(())
}

/// The tickets whose panels were made too early.
pub async fn early(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Vec<TicketId>, StoreError> {
    let sql = Sql::of(workspace, "SELECT ticket FROM panels WHERE workspace = $1 AND is_early = 1 ORDER BY ticket");
    let rows = source.into().all("list early panels", sql).await?;
    rows.iter().map(|row| Row::new("panels", row).parsed("ticket")).collect()
}

/// How many panels are to be prepared: those that a job is to make, and those that were made too early.
pub async fn unfinished(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT COUNT(*) AS many FROM (
            SELECT kind FROM jobs WHERE workspace = $1 AND state <> 'dead' AND kind LIKE 'prepare!_panel %' ESCAPE '!'
            UNION SELECT 'prepare_panel ' || ticket FROM panels WHERE workspace = $1 AND is_early = 1
         ) AS unfinished",
    );
    let row = source.into().optional("count panels to be prepared", sql).await?;
    row.as_ref().map_or(Ok(0), |row| Row::new("panels", row).int("many"))
}

/// The panel of a ticket.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, ticket: TicketId) -> Result<Option<PreparedPanel>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT ticket, made_at, json, intent, sentiment, grp, language, priority, knowledge, is_answered
         FROM panels WHERE workspace = $1 AND ticket = $2",
    );
    let row = source.into().optional("read a panel", sql.id(ticket)).await?;
    row.as_ref()
        .map(|row| {
            let row = Row::new("panels", row);
            let inbox = InboxColumns {
                intent: row.maybe_parsed("intent")?,
                sentiment: row.maybe_parsed("sentiment")?,
                group: row.maybe_parsed("grp")?,
                language: row.maybe_parsed("language")?,
                priority: row.maybe_parsed("priority")?,
            };
            let (ticket, made_at) = (row.parsed("ticket")?, row.time("made_at")?);
            let is_answered = row.maybe_int("is_answered")?.map(|known| known != 0);
            Ok(PreparedPanel { ticket, made_at, knowledge: row.text("knowledge")?, json: row.text("json")?, inbox, is_answered })
        })
        .transpose()
}

/// Whether an article came, changed or went, or a playbook was put in force, since a panel was made of what was known.
///
/// Not while the panel is early, for then it is made again anyway, and not while passages are pending: a panel that is made meanwhile
/// would be behind at once.
pub async fn is_behind(source: impl Into<Source<'_>>, workspace: WorkspaceId, ticket: TicketId) -> Result<bool, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT 1 AS one FROM panels WHERE workspace = $1 AND ticket = $2 AND is_early = 0
            AND knowledge <> COALESCE((SELECT revision FROM knowledge_state WHERE workspace = $1), '')
            AND NOT EXISTS (SELECT 1 FROM passages WHERE workspace = $1 AND pending_revision IS NOT NULL)",
    );
    Ok(source.into().optional("compare a panel with what is known", sql.id(ticket)).await?.is_some())
}
