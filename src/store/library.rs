//! What becomes of the knowledge base: which documents panels show, what could not be taken in, what nothing answered.

use sqlx::any::AnyRow;

use crate::domain::audience::Scope;
use crate::domain::id::{DocumentId, PassageId, QuestionId, TicketId, WorkspaceId};
use crate::domain::library::{Coverage, DocumentUse, Refusal, Shelved};
use crate::domain::sought::folded;
use crate::domain::time::Timestamp;
use crate::store::document::head_from_row;
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

const TABLE: &str = "documents";
const READ: &str = "read what becomes of documents";
/// A document with how many of its passages wait to be indexed, beside how many tickets it was shown, and in how many drafts it is cited.
const COLUMNS: &str = "SELECT d.id, d.external_id, d.title, d.language, d.audience, d.updated_at, d.passage_count,
        (SELECT COUNT(*) FROM passages p
         WHERE p.workspace = d.workspace AND p.document = d.id AND p.pending_revision IS NOT NULL) AS pending,
        (SELECT COUNT(*) FROM document_uses u WHERE u.workspace = d.workspace AND u.document = d.id) AS shown,
        (SELECT COUNT(*) FROM document_uses u
         WHERE u.workspace = d.workspace AND u.document = d.id AND u.is_cited = 1) AS cited
    FROM documents d WHERE d.workspace = $1";

/// Notes that the reply draft of a ticket cites nothing, if nothing later was noted; the tickets beside which documents were shown stay.
pub async fn forget_citations(tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, at: Timestamp) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "UPDATE document_uses SET is_cited = 0 WHERE workspace = $1 AND ticket = $2 AND shown_at <= $3");
    tx.execute("note the use of a document", sql.id(ticket).time(at)).await?;
    Ok(())
}

/// Notes that a document stands beside a ticket, and whether the reply draft there cites it, if nothing later was noted; one that is gone
/// is left out.
pub async fn note_use(
    tx: &mut Tx,
    workspace: WorkspaceId,
    document: DocumentId,
    ticket: TicketId,
    (is_cited, at): (bool, Timestamp),
) -> Result<(), StoreError> {
    let sql = Sql::of(
        workspace,
        "INSERT INTO document_uses (workspace, document, ticket, shown_at, is_cited)
         SELECT workspace, id, $3, $4, $5 FROM documents WHERE workspace = $1 AND id = $2
         ON CONFLICT (workspace, document, ticket) DO UPDATE SET shown_at = excluded.shown_at, is_cited = excluded.is_cited
         WHERE document_uses.shown_at <= excluded.shown_at",
    );
    tx.execute("note the use of a document", sql.id(document).id(ticket).time(at).int(i64::from(is_cited))).await?;
    Ok(())
}

/// A page of the documents that the reader may see, those changed last first; with words, those whose title or id holds them.
pub async fn list(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    words: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Shelved>, StoreError> {
    let mut sql = Sql::of(scope.workspace(), COLUMNS).readable("d.audience", scope.reader());
    if let Some(words) = words {
        sql = sql.push(" AND ").holding("d.folded", &folded(words.trim()));
    }
    let rows = source.into().all(READ, sql.page("d.updated_at", "d.id", page)).await?;
    let shelved = rows.iter().map(shelved_from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(shelved, page, |one| Cursor { rank: None, at: one.head.updated_at, id: one.head.id.as_uuid() }))
}

/// The documents shown most, of those that the reader may see.
pub async fn most_used(source: impl Into<Source<'_>>, scope: &Scope, limit: u32) -> Result<Vec<Shelved>, StoreError> {
    let sql = Sql::of(scope.workspace(), COLUMNS).readable("d.audience", scope.reader());
    let sql = sql.push(
        " AND EXISTS (SELECT 1 FROM document_uses u WHERE u.workspace = d.workspace AND u.document = d.id)
         ORDER BY shown DESC, cited DESC, d.title, d.id LIMIT ",
    );
    source.into().all(READ, sql.with_int(i64::from(limit))).await?.iter().map(shelved_from_row).collect()
}

/// Documents that no panel has shown, of those that the reader may see, the oldest first.
pub async fn unused(source: impl Into<Source<'_>>, scope: &Scope, limit: u32) -> Result<Vec<Shelved>, StoreError> {
    let sql = Sql::of(scope.workspace(), COLUMNS).readable("d.audience", scope.reader());
    let sql = sql.push(
        " AND NOT EXISTS (SELECT 1 FROM document_uses u WHERE u.workspace = d.workspace AND u.document = d.id)
         ORDER BY d.updated_at, d.id LIMIT ",
    );
    source.into().all(READ, sql.with_int(i64::from(limit))).await?.iter().map(shelved_from_row).collect()
}

/// How a document is used.
pub async fn used(source: impl Into<Source<'_>>, workspace: WorkspaceId, document: DocumentId) -> Result<DocumentUse, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT COUNT(*) AS shown, COUNT(CASE WHEN is_cited = 1 THEN 1 END) AS cited FROM document_uses
         WHERE workspace = $1 AND document = $2",
    );
    let row = source.into().optional(READ, sql.id(document)).await?;
    row.as_ref().map_or(Ok(DocumentUse::default()), |row| use_from_row(&Row::new("document_uses", row)))
}

/// The last tickets beside which a document was shown, of those that the reader may see.
pub async fn shown_beside(
    source: impl Into<Source<'_>>,
    scope: &Scope,
    document: DocumentId,
    limit: u32,
) -> Result<Vec<TicketId>, StoreError> {
    let sql = Sql::of(
        scope.workspace(),
        "SELECT u.ticket FROM document_uses u JOIN tickets t ON t.workspace = u.workspace AND t.id = u.ticket
         WHERE u.workspace = $1 AND u.document = $2",
    );
    let sql = sql.id(document).readable("t.audience", scope.reader());
    let sql = sql.push(" ORDER BY t.created_at DESC, u.ticket LIMIT ").with_int(i64::from(limit));
    let rows = source.into().all(READ, sql).await?;
    rows.iter().map(|row| Row::new("document_uses", row).parsed("ticket")).collect()
}

/// The passages of a document that wait to be indexed.
pub async fn pending(source: impl Into<Source<'_>>, workspace: WorkspaceId, document: DocumentId) -> Result<Vec<PassageId>, StoreError> {
    let sql = Sql::of(workspace, "SELECT id FROM passages WHERE workspace = $1 AND document = $2 AND pending_revision IS NOT NULL");
    let rows = source.into().all(READ, sql.id(document)).await?;
    rows.iter().map(|row| Row::new("passages", row).parsed("id")).collect()
}

/// Thumbs up and down on the passages of a document as they are now.
pub async fn thumbs(source: impl Into<Source<'_>>, workspace: WorkspaceId, document: DocumentId) -> Result<(u32, u32), StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT COUNT(CASE WHEN f.verdict = 'up' THEN 1 END) AS up, COUNT(CASE WHEN f.verdict = 'down' THEN 1 END) AS down
         FROM passages p JOIN suggestions s ON s.workspace = p.workspace AND s.target = p.id
         JOIN feedback f ON f.workspace = s.workspace AND f.suggestion = s.id
         WHERE p.workspace = $1 AND p.document = $2",
    );
    let row = source.into().optional(READ, sql.id(document)).await?;
    row.as_ref().map_or(Ok((0, 0)), |row| {
        let row = Row::new("feedback", row);
        Ok((row.count("up")?, row.count("down")?))
    })
}

/// Open tickets by their matter, those with the most unanswered first; only tickets that the reader may see.
pub async fn coverage(source: impl Into<Source<'_>>, scope: &Scope) -> Result<Vec<Coverage>, StoreError> {
    let sql = Sql::of(
        scope.workspace(),
        "SELECT p.intent, COUNT(*) AS tickets, COUNT(CASE WHEN p.is_answered = 1 THEN 1 END) AS answered
         FROM panels p JOIN tickets t ON t.workspace = p.workspace AND t.id = p.ticket
         WHERE p.workspace = $1 AND p.is_answered IS NOT NULL AND t.status <> 'solved'",
    );
    let sql = sql.readable("t.audience", scope.reader());
    let sql = sql.push(" GROUP BY p.intent ORDER BY COUNT(CASE WHEN p.is_answered = 0 THEN 1 END) DESC, COUNT(*) DESC, p.intent");
    let rows = source.into().all(READ, sql).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("panels", row);
            Ok(Coverage { intent: row.maybe_parsed("intent")?, tickets: row.count("tickets")?, answered: row.count("answered")? })
        })
        .collect()
}

/// So many refusals of a workspace are kept.
const MOST_REFUSALS: i64 = 1_000;

/// Notes that a document could not be taken in; the last refusal of each is kept, and the oldest are forgotten beyond a thousand.
pub async fn refuse(tx: &mut Tx, workspace: WorkspaceId, refusal: &Refusal) -> Result<(), StoreError> {
    let Refusal { external_id, reason, refused_at } = refusal;
    let sql = Sql::of(
        workspace,
        "INSERT INTO document_refusals (workspace, external_id, reason, refused_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace, external_id) DO UPDATE SET reason = excluded.reason, refused_at = excluded.refused_at",
    );
    tx.execute("note a refused document", sql.text(external_id).text(reason).time(*refused_at)).await?;
    let sql = Sql::of(
        workspace,
        "DELETE FROM document_refusals WHERE workspace = $1 AND external_id NOT IN (
            SELECT external_id FROM document_refusals WHERE workspace = $1 ORDER BY refused_at DESC, external_id LIMIT $2)",
    );
    tx.execute("forget old refusals", sql.int(MOST_REFUSALS)).await?;
    Ok(())
}

/// Whether a document could not be taken in when it was last tried.
pub async fn is_refused(source: impl Into<Source<'_>>, workspace: WorkspaceId, external_id: &str) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "SELECT 1 AS one FROM document_refusals WHERE workspace = $1 AND external_id = $2").text(external_id);
    Ok(source.into().optional("read refused documents", sql).await?.is_some())
}

/// Forgets that a document could not be taken in.
pub async fn forgive(tx: &mut Tx, workspace: WorkspaceId, external_id: &str) -> Result<(), StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM document_refusals WHERE workspace = $1 AND external_id = $2").text(external_id);
    tx.execute("forget a refused document", sql).await?;
    Ok(())
}

/// The documents that could not be taken in, the newest first.
pub async fn refusals(source: impl Into<Source<'_>>, workspace: WorkspaceId, limit: u32) -> Result<Vec<Refusal>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT external_id, reason, refused_at FROM document_refusals WHERE workspace = $1
         ORDER BY refused_at DESC, external_id LIMIT $2",
    );
    let rows = source.into().all("read refused documents", sql.int(i64::from(limit))).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("document_refusals", row);
            Ok(Refusal { external_id: row.text("external_id")?, reason: row.text("reason")?, refused_at: row.time("refused_at")? })
        })
        .collect()
}

/// So many questions of a workspace are kept.
pub const MOST_QUESTIONS: i64 = 1_000;

/// A question that nothing answered, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its id.
    pub id: QuestionId,
    /// The ticket it was about.
    pub ticket: TicketId,
    /// The question.
    pub question: String,
    /// When it was asked.
    pub asked_at: Timestamp,
}

/// Keeps a question that nothing answered, in place of the same one about the same ticket, and forgets the oldest beyond
/// [`MOST_QUESTIONS`].
///
/// # Errors
/// [`StoreError::Missing`] when the workspace has no such ticket.
pub async fn keep_question(tx: &mut Tx, workspace: WorkspaceId, asked: &Asked) -> Result<(), StoreError> {
    let Asked { id, ticket, question, asked_at } = asked;
    let sql = Sql::of(workspace, "DELETE FROM unanswered_questions WHERE workspace = $1 AND ticket = $2 AND question = $3");
    tx.execute("keep a question", sql.id(ticket).text(question)).await?;
    let sql =
        Sql::of(workspace, "INSERT INTO unanswered_questions (workspace, id, ticket, question, asked_at) VALUES ($1, $2, $3, $4, $5)");
    tx.execute("keep a question", sql.id(id).id(ticket).text(question).time(*asked_at)).await?;
    let sql = Sql::of(
        workspace,
        "DELETE FROM unanswered_questions WHERE workspace = $1 AND id NOT IN (
            SELECT id FROM unanswered_questions WHERE workspace = $1 ORDER BY asked_at DESC, id DESC LIMIT $2)",
    );
    tx.execute("forget old questions", sql.int(MOST_QUESTIONS)).await?;
    Ok(())
}

/// The last questions that nothing answered, about tickets that the reader may see.
pub async fn questions(source: impl Into<Source<'_>>, scope: &Scope, limit: u32) -> Result<Vec<Asked>, StoreError> {
    let sql = Sql::of(
        scope.workspace(),
        "SELECT q.id, q.ticket, q.question, q.asked_at FROM unanswered_questions q
         JOIN tickets t ON t.workspace = q.workspace AND t.id = q.ticket WHERE q.workspace = $1",
    );
    let sql = sql.readable("t.audience", scope.reader()).push(" ORDER BY q.asked_at DESC, q.id DESC LIMIT ");
    let rows = source.into().all("read questions", sql.with_int(i64::from(limit))).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("unanswered_questions", row);
            Ok(Asked {
                id: row.parsed("id")?,
                ticket: row.parsed("ticket")?,
                question: row.text("question")?,
                asked_at: row.time("asked_at")?,
            })
        })
        .collect()
}

fn shelved_from_row(row: &AnyRow) -> Result<Shelved, StoreError> {
    let head = head_from_row(row)?;
    let row = Row::new(TABLE, row);
    Ok(Shelved { head, pending: row.count("pending")?, used: use_from_row(&row)? })
}

fn use_from_row(row: &Row<'_>) -> Result<DocumentUse, StoreError> {
    Ok(DocumentUse { shown: row.count("shown")?, cited: row.count("cited")? })
}
