//! Tickets that wait for an answer, and who has which ticket.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use crate::domain::audience::Scope;
use crate::domain::id::TicketId;
use crate::domain::vocabulary::EmailAddress;
use crate::domain::waiting::{AwaitingTicket, Few, Holder};
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::ticket::inbox::head_of;
use crate::store::tx::Source;

const TABLE: &str = "tickets";

/// A ticket with what was said in place of its triage, and with its triage.
const TICKETS: &str = "FROM tickets t JOIN customers c ON c.workspace = t.workspace AND c.id = t.requester
    LEFT JOIN panels p ON p.workspace = t.workspace AND p.ticket = t.id
    LEFT JOIN corrections k ON k.workspace = t.workspace AND k.ticket = t.id WHERE t.workspace = $1";

/// Unsolved tickets, with when the customer was told something last. Whoever writes publicly and is not the customer tells them something,
/// whether or not they are known here; a known outsider does not.
const UNSOLVED: &str = "SELECT t.id, t.external_id, t.subject, t.status, t.created_at, c.email, COALESCE(c.name, c.email) AS requester,
        t.assignee, COALESCE(k.grp, t.grp, p.grp) AS grp, COALESCE(t.language, p.language) AS language,
        (SELECT MAX(o.created_at) FROM comments o WHERE o.workspace = t.workspace AND o.ticket = t.id AND o.is_public = 1
            AND o.author <> c.email AND NOT EXISTS (SELECT 1 FROM people x WHERE x.workspace = o.workspace AND x.email = o.author
                AND x.role = 'outsider')) AS told
    $TICKETS AND t.status <> 'solved'";

/// The same, with since when they wait: since their own text, or since the customer's first message after they were told something.
const WAITING: &str = "SELECT u.*, CASE WHEN u.told IS NULL THEN u.created_at ELSE (SELECT MIN(r.created_at) FROM comments r
        WHERE r.workspace = $1 AND r.ticket = u.id AND r.is_public = 1 AND r.author = u.email AND r.created_at > u.told) END AS since
    FROM (";

/// The unsolved tickets on which the customer wrote last, the longest waiting first.
pub async fn unanswered(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    holder: &Holder,
    limit: u32,
) -> Result<Few<AwaitingTicket>, StoreError> {
    let begin = "SELECT w.id, w.external_id, w.subject, w.status, w.created_at, w.requester, w.assignee, w.grp, w.language,
            CAST(w.since AS BIGINT) AS since, CAST(w.total AS BIGINT) AS total,
            (SELECT MIN(m.id) FROM comments m WHERE m.workspace = $1 AND m.ticket = w.id AND m.is_public = 1 AND m.author = w.email
                AND m.created_at = w.since AND w.told IS NOT NULL) AS comment
        FROM (SELECT h.*, COUNT(*) OVER () AS total FROM (";
    let sql = Sql::of(scope.workspace(), format!("{begin}{WAITING}{}", UNSOLVED.replace("$TICKETS", TICKETS)));
    let sql = held_by(sql.readable("t.audience", scope.reader()), holder);
    let sql = sql.push(") u) h WHERE h.since IS NOT NULL ORDER BY h.since, h.id LIMIT ").with_int(i64::from(limit));
    let rows = source.into().all("read unanswered tickets", sql.push(") w ORDER BY w.since, w.id")).await?;
    let total = rows.first().map_or(Ok(0), |row| Row::new(TABLE, row).count("total"))?;
    let items = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    let shown = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Few { more: u64::from(total).saturating_sub(shown), items, is_open: false })
}

/// Which of these tickets somebody has.
pub async fn held(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    holder: &Holder,
    ids: &[TicketId],
) -> Result<BTreeSet<TicketId>, StoreError> {
    let mut source = source.into();
    let mut held = BTreeSet::new();
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(scope.workspace(), format!("SELECT t.id {TICKETS} AND t.id IN ")).among(ids);
        let sql = held_by(sql.readable("t.audience", scope.reader()), holder);
        for row in source.all("read who has tickets", sql).await? {
            held.insert(Row::new(TABLE, &row).parsed("id")?);
        }
    }
    Ok(held)
}

/// Whether any unsolved ticket is assigned to somebody.
pub async fn has_unsolved(source: impl Into<Source<'_>>, scope: &Scope, assignee: &EmailAddress) -> Result<bool, StoreError> {
    let sql = "SELECT t.id FROM tickets t WHERE t.workspace = $1 AND t.assignee = $2 AND t.status <> 'solved'";
    let sql = Sql::of(scope.workspace(), sql).id(assignee).readable("t.audience", scope.reader()).push(" LIMIT 1");
    Ok(source.into().optional("read who has tickets", sql).await?.is_some())
}

/// Adds `AND (…)`: only tickets that somebody has.
fn held_by(sql: Sql, holder: &Holder) -> Sql {
    match holder {
        Holder::Anybody => sql,
        Holder::Agent { email, teams } => {
            let teams: Vec<_> = teams.iter().collect();
            let sql = sql.push(" AND (t.assignee = ").with_id(email);
            // One statement takes no more; nobody is in so many teams.
            let few = &teams[..teams.len().min(IDS_PER_STATEMENT)];
            sql.push(" OR (t.assignee IS NULL AND COALESCE(k.grp, t.grp, p.grp) IN ").among(few).push("))")
        }
        Holder::Nobody => sql.push(" AND t.assignee IS NULL AND COALESCE(k.grp, t.grp) IS NULL"),
    }
}

fn from_row(row: &AnyRow) -> Result<AwaitingTicket, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(AwaitingTicket {
        head: head_of(&row)?,
        requester: row.text("requester")?,
        assignee: row.maybe_parsed("assignee")?,
        group: row.maybe_text("grp")?,
        language: row.maybe_parsed("language")?,
        since: row.time("since")?,
        comment: row.maybe_parsed("comment")?,
    })
}
