//! Documents and their passages.

use sqlx::any::AnyRow;

use crate::domain::audience::{Reader, Scope};
use crate::domain::document::{Document, DocumentHead, FoundPassage, Passage};
use crate::domain::id::{DocumentId, PassageId, WorkspaceId};
use crate::domain::sought::folded;
use crate::domain::vocabulary::Kind;
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::Row;
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};
use crate::store::{Change, Saved, fold, knowledge, pending};

const TABLE: &str = "documents";
const COLUMNS: &str = "SELECT workspace, id, external_id, title, language, audience, content_hash, updated_at, body FROM documents
    WHERE workspace = $1";
const HEAD_COLUMNS: &str =
    "SELECT id, external_id, title, language, audience, updated_at, passage_count FROM documents WHERE workspace = $1";
const PASSAGE_COLUMNS: &str =
    "SELECT p.id, p.document, p.position, p.headings, p.body, p.span_start, p.span_end, p.audience, d.external_id,
        d.title, d.language, d.updated_at
    FROM passages p JOIN documents d ON d.workspace = p.workspace AND d.id = p.document
    WHERE p.workspace = $1";
const SAVE: &str = "save a document";
const READ: &str = "read documents";

/// Adds a document with its passages, or replaces the one with the same external id together with all its passages.
///
/// With the same content hash, title, language and audience nothing is written. The passages' `document` is not read: they belong to
/// the document under the id that is answered.
pub async fn replace(tx: &mut Tx, document: &Document, passages: &[Passage]) -> Result<Saved<DocumentId>, StoreError> {
    let count = i64::try_from(passages.len()).unwrap_or(i64::MAX);
    let sql = Sql::of(
        document.workspace,
        "INSERT INTO documents (workspace, id, external_id, title, language, audience, content_hash, updated_at, body, folded, passage_count)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (workspace, external_id) DO NOTHING",
    );
    if tx.execute(SAVE, values(sql, document).int(count)).await? == 1 {
        insert_passages(tx, document, passages).await?;
        knowledge::changed(tx, document.workspace);
        return Ok(Saved { id: document.id, change: Change::Created });
    }
    let everyone = Scope::new(document.workspace, Reader::Everything);
    let known = by_external_id(&mut *tx, &everyone, &document.external_id).await?;
    let known = known.ok_or(StoreError::Contended { tried: SAVE, source: None })?;
    let wanted = Document { id: known.id, ..document.clone() };
    if known == (Document { updated_at: known.updated_at, text: known.text.clone(), ..wanted.clone() }) {
        return Ok(Saved { id: known.id, change: Change::Unchanged });
    }
    let sql = Sql::of(
        wanted.workspace,
        "UPDATE documents SET external_id = $3, title = $4, language = $5, audience = $6, content_hash = $7, updated_at = $8, body = $9,
            folded = $10, passage_count = $11 WHERE workspace = $1 AND id = $2",
    );
    tx.execute(SAVE, values(sql, &wanted).int(count)).await?;
    bury_passages(tx, wanted.workspace, wanted.id).await?;
    let sql = Sql::of(wanted.workspace, "DELETE FROM passages WHERE workspace = $1 AND document = $2").id(wanted.id);
    tx.execute(SAVE, sql).await?;
    insert_passages(tx, &wanted, passages).await?;
    knowledge::changed(tx, wanted.workspace);
    Ok(Saved { id: wanted.id, change: Change::Updated })
}

/// The hash of the bytes from which a document was taken, to see whether it must be taken in again.
pub async fn content_hash(source: impl Into<Source<'_>>, workspace: WorkspaceId, external_id: &str) -> Result<Option<String>, StoreError> {
    let sql = Sql::of(workspace, "SELECT content_hash FROM documents WHERE workspace = $1 AND external_id = $2").text(external_id);
    let row = source.into().optional(READ, sql).await?;
    row.as_ref().map(|row| Row::new(TABLE, row).text("content_hash")).transpose()
}

/// The document with this id.
pub async fn get(source: impl Into<Source<'_>>, scope: &Scope, id: DocumentId) -> Result<Option<Document>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND id = $2")).id(id).readable("audience", scope.reader());
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The document with this id in the system it comes from.
pub async fn by_external_id(source: impl Into<Source<'_>>, scope: &Scope, external_id: &str) -> Result<Option<Document>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{COLUMNS} AND external_id = $2")).text(external_id);
    source.into().optional(READ, sql.readable("audience", scope.reader())).await?.as_ref().map(from_row).transpose()
}

/// A page of the documents that the reader may see, those changed last first.
pub async fn list(source: impl Into<Source<'_>>, scope: &Scope, page: &PageRequest) -> Result<Page<DocumentHead>, StoreError> {
    let sql = Sql::of(scope.workspace(), HEAD_COLUMNS).readable("audience", scope.reader()).page("updated_at", "id", page);
    let rows = source.into().all(READ, sql).await?;
    let heads = rows.iter().map(head_from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(heads, page, |head| Cursor { rank: None, at: head.updated_at, id: head.id.as_uuid() }))
}

/// The passages with these ids, in no order; those unknown or hidden from the reader are left out.
pub async fn passages(source: impl Into<Source<'_>>, scope: &Scope, ids: &[PassageId]) -> Result<Vec<FoundPassage>, StoreError> {
    let mut source = source.into();
    let mut passages = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(scope.workspace(), format!("{PASSAGE_COLUMNS} AND p.id IN ")).among(ids).readable("p.audience", scope.reader());
        for row in source.all("read passages", sql).await? {
            passages.push(passage_from_row(&row)?);
        }
    }
    Ok(passages)
}

/// The passages of a document, in its order.
pub async fn passages_of(source: impl Into<Source<'_>>, scope: &Scope, document: DocumentId) -> Result<Vec<FoundPassage>, StoreError> {
    let sql = Sql::of(scope.workspace(), format!("{PASSAGE_COLUMNS} AND p.document = $2")).id(document);
    let sql = sql.readable("p.audience", scope.reader()).push(" ORDER BY p.position");
    source.into().all("read passages", sql).await?.iter().map(passage_from_row).collect()
}

/// Removes a document with its passages; the index is told to forget them. Answers whether there was one.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: DocumentId) -> Result<bool, StoreError> {
    bury_passages(tx, workspace, id).await?;
    let sql = Sql::of(workspace, "DELETE FROM documents WHERE workspace = $1 AND id = $2").id(id);
    let was_there = tx.execute("remove a document", sql).await? == 1;
    if was_there {
        knowledge::changed(tx, workspace);
    }
    Ok(was_there)
}

async fn bury_passages(tx: &mut Tx, workspace: WorkspaceId, document: DocumentId) -> Result<(), StoreError> {
    pending::bury(tx, workspace, Kind::Passage, "document = $4", &document.to_string()).await
}

async fn insert_passages(tx: &mut Tx, document: &Document, passages: &[Passage]) -> Result<(), StoreError> {
    let revision = tx.revision();
    for passage in passages {
        let Passage { id, document: _, position, headings, text, span } = passage;
        let sql = Sql::of(
            document.workspace,
            "INSERT INTO passages (workspace, document, audience, pending_revision, id, position, headings, body, span_start, span_end)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        );
        let sql = sql.id(document.id).audience(&document.audience).int(revision).id(id).int(i64::from(*position)).json(headings);
        tx.execute("save a passage", sql.text(text).int(i64::from(span.start)).int(i64::from(span.end))).await?;
    }
    Ok(())
}

/// The values `$2` to `$10` of a document's row.
fn values(sql: Sql, document: &Document) -> Sql {
    let Document { id, workspace: _, external_id, title, language, audience, content_hash, updated_at, text } = document;
    let sql = sql.id(id).text(external_id).text(title).maybe_id(*language).audience(audience);
    sql.text(content_hash).time(*updated_at).text(text).text(found_by(external_id, title))
}

/// What a document is found by in a list: its title, and what its source calls it.
fn found_by(external_id: &str, title: &str) -> String {
    folded(&format!("{title}\n{external_id}"))
}

/// Fills in what searches look at, of every document: rows that were there before its column.
pub(super) async fn fold_all(tx: &mut Tx, workspace: WorkspaceId) -> Result<(), StoreError> {
    fold::all(tx, workspace, COLUMNS, |row| {
        let document = from_row(row)?;
        let sql = Sql::of(workspace, "UPDATE documents SET folded = $3 WHERE workspace = $1 AND id = $2");
        Ok((document.id.to_string(), sql.id(document.id).text(found_by(&document.external_id, &document.title))))
    })
    .await
}

fn from_row(row: &AnyRow) -> Result<Document, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(Document {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        external_id: row.text("external_id")?,
        title: row.text("title")?,
        language: row.maybe_parsed("language")?,
        audience: row.audience("audience")?,
        content_hash: row.text("content_hash")?,
        updated_at: row.time("updated_at")?,
        text: row.text("body")?,
    })
}

pub(super) fn head_from_row(row: &AnyRow) -> Result<DocumentHead, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(DocumentHead {
        id: row.parsed("id")?,
        external_id: row.text("external_id")?,
        title: row.text("title")?,
        language: row.maybe_parsed("language")?,
        audience: row.audience("audience")?,
        updated_at: row.time("updated_at")?,
        passages: row.count("passage_count")?,
    })
}

fn passage_from_row(row: &AnyRow) -> Result<FoundPassage, StoreError> {
    let row = Row::new("passages", row);
    let passage = Passage {
        id: row.parsed("id")?,
        document: row.parsed("document")?,
        position: row.count("position")?,
        headings: row.json("headings")?,
        text: row.text("body")?,
        span: row.count("span_start")?..row.count("span_end")?,
    };
    Ok(FoundPassage {
        passage,
        external_id: row.text("external_id")?,
        title: row.text("title")?,
        language: row.maybe_parsed("language")?,
        audience: row.audience("audience")?,
        updated_at: row.time("updated_at")?,
    })
}
