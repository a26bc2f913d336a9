//! Uploads: bytes that wait for a job to take them apart.

use crate::domain::audience::Audience;
use crate::domain::id::{DocumentId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

/// A file that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The document that it is to become.
    pub document: DocumentId,
    /// The document's id in the system it comes from.
    pub external_id: String,
    /// What the sender says it is, such as `application/pdf`.
    pub media_type: String,
    /// Who may read the document.
    pub audience: Audience,
    /// The file.
    pub bytes: Vec<u8>,
    /// When it came.
    pub created_at: Timestamp,
}

/// Keeps an upload; a later one for the same document replaces it.
pub async fn insert(tx: &mut Tx, workspace: WorkspaceId, upload: &Upload) -> Result<(), StoreError> {
    let Upload { document, external_id, media_type, audience, bytes, created_at } = upload;
    let sql = Sql::of(
        workspace,
        "INSERT INTO uploads (workspace, document, external_id, media_type, audience, bytes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (workspace, document) DO UPDATE SET external_id = excluded.external_id, media_type = excluded.media_type,
            audience = excluded.audience, bytes = excluded.bytes, created_at = excluded.created_at",
    );
    let sql = sql.id(document).text(external_id).text(media_type).audience(audience).bytes(bytes).time(*created_at);
    tx.execute("keep an upload", sql).await?;
    Ok(())
}

/// The upload for a document.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, document: DocumentId) -> Result<Option<Upload>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT document, external_id, media_type, audience, bytes, created_at FROM uploads WHERE workspace = $1 AND document = $2",
    );
    let row = source.into().optional("read an upload", sql.id(document)).await?;
    row.as_ref()
        .map(|row| {
            let row = Row::new("uploads", row);
            Ok(Upload {
                document: row.parsed("document")?,
                external_id: row.text("external_id")?,
                media_type: row.text("media_type")?,
                audience: row.audience("audience")?,
                bytes: row.bytes("bytes")?,
                created_at: row.time("created_at")?,
            })
        })
        .transpose()
}

/// Forgets the upload for a document; answers whether there was one.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, document: DocumentId) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM uploads WHERE workspace = $1 AND document = $2").id(document);
    Ok(tx.execute("forget an upload", sql).await? == 1)
}
