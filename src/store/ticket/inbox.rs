//! The inbox: tickets with what the triage said of them.

use sqlx::any::AnyRow;

use crate::domain::audience::Scope;
use crate::domain::id::TicketId;
use crate::domain::intake::InboxFilter;
use crate::domain::panel::{InboxRow, TicketHead};
use crate::domain::sought::{Sought, Term};
use crate::domain::vocabulary::TicketOrder;
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::Source;

const COLUMNS: &str = "SELECT t.id, t.external_id, t.subject, t.status, t.created_at, COALESCE(c.name, c.email) AS requester, p.intent,
        p.sentiment, COALESCE(k.grp, t.grp, p.grp) AS grp, COALESCE(t.language, p.language) AS language,
        COALESCE(t.priority, p.priority) AS priority, p.made_at, $RANK AS urgency,
        CAST(CASE WHEN k.intents = '[]' THEN 1 ELSE 0 END AS BIGINT) AS is_out_of_scope
    FROM tickets t JOIN customers c ON c.workspace = t.workspace AND c.id = t.requester
    LEFT JOIN panels p ON p.workspace = t.workspace AND p.ticket = t.id
    LEFT JOIN corrections k ON k.workspace = t.workspace AND k.ticket = t.id
    WHERE t.workspace = $1";

/// How high a ticket stands where the urgent come first: by the priority that its row shows; what is solved presses nobody.
const RANK: &str = "CAST(CASE WHEN t.status = 'solved' THEN 0 ELSE CASE COALESCE(t.priority, p.priority)
    WHEN 'urgent' THEN 5 WHEN 'high' THEN 4 WHEN 'normal' THEN 3 WHEN 'low' THEN 2 ELSE 1 END END AS BIGINT)";

/// A page of the inbox, newest tickets first or by urgency before that; with words, only those that hold every one of them, in whatever
/// case and with or without accents, in subject, text, reference or the requester's name or address, each wherever it stands. An identifier
/// is found in their comments and side conversations too.
pub async fn inbox(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    filter: &InboxFilter,
    page: &PageRequest,
) -> Result<Page<InboxRow>, StoreError> {
    let mut sql = Sql::of(scope.workspace(), COLUMNS.replace("$RANK", RANK)).readable("t.audience", scope.reader());
    if !filter.statuses.is_empty() {
        sql = sql.push(" AND t.status IN ").among(&filter.statuses);
    }
    if let Some(group) = &filter.group {
        sql = sql.push(" AND COALESCE(k.grp, t.grp, p.grp) = ").with_id(group);
    }
    if let Some(intent) = &filter.intent {
        sql = sql.push(" AND p.intent = ").with_id(intent);
    }
    if let Some(words) = &filter.words {
        let sought = Sought::of(words);
        if sought.terms().is_empty() && !words.trim().is_empty() {
            // Marks alone are no words that a ticket could hold.
            sql = sql.push(" AND 1 = 0");
        }
        for term in sought.terms() {
            sql = holding_somewhere(sql, scope, term);
        }
    }
    let by_urgency = filter.order == Some(TicketOrder::Urgency);
    let sql = if by_urgency { sql.page_by_rank(RANK, "t.created_at", "t.id", page) } else { sql.page("t.created_at", "t.id", page) };
    let rows = source.into().all("read the inbox", sql).await?;
    let ranked = |row| Ok((Row::new("tickets", row).int("urgency")?, from_row(row)?));
    let rows = rows.iter().map(ranked).collect::<Result<Vec<_>, StoreError>>()?;
    let place = |(urgency, row): &(i64, InboxRow)| Cursor {
        rank: by_urgency.then_some(*urgency),
        at: row.head.created_at,
        id: row.head.id.as_uuid(),
    };
    Ok(Page::cut(rows, page, place).map(|(_, row)| row))
}

/// Adds `AND (…)`: only tickets that hold a word or phrase in one of the places where it is looked for.
fn holding_somewhere(sql: Sql, scope: &Scope, term: &Term) -> Sql {
    let mut sql = sql.push(" AND (").holding("t.folded", &term.text).push(" OR ").holding("c.folded_name", &term.text);
    if let Some(identifier) = &term.identifier {
        sql = sql.push(" OR t.id IN (SELECT o.ticket FROM comments o WHERE o.workspace = $1 AND ");
        sql = sql.naming("o.body", identifier).readable("o.audience", scope.reader());
        sql = sql.push(") OR t.id IN (SELECT s.ticket FROM threads s JOIN messages m ON m.workspace = s.workspace AND m.thread = s.id");
        sql = sql.push(" WHERE s.workspace = $1 AND ").naming("m.body", identifier);
        sql = sql.readable("s.audience", scope.reader()).readable("m.audience", scope.reader()).push(")");
    }
    sql.push(")")
}

/// A ticket as lists show it, of a row with its columns.
pub(super) fn head_of(row: &Row<'_>) -> Result<TicketHead, StoreError> {
    let id: TicketId = row.parsed("id")?;
    Ok(TicketHead {
        id,
        reference: row.maybe_text("external_id")?.unwrap_or_else(|| id.to_string()),
        subject: row.text("subject")?,
        status: row.parsed("status")?,
        created_at: row.time("created_at")?,
    })
}

fn from_row(row: &AnyRow) -> Result<InboxRow, StoreError> {
    let row = Row::new("tickets", row);
    Ok(InboxRow {
        head: head_of(&row)?,
        requester: row.text("requester")?,
        intent: row.maybe_text("intent")?,
        sentiment: row.maybe_parsed("sentiment")?,
        group: row.maybe_text("grp")?,
        language: row.maybe_parsed("language")?,
        priority: row.maybe_parsed("priority")?,
        is_out_of_scope: row.flag("is_out_of_scope")?,
        panel_ready: row.maybe_int("made_at")?.is_some(),
    })
}
