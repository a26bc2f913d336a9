//! Documents: taking files apart into passages, listing and deleting them.

use sha2::{Digest, Sha256};

use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::ticket::{page_of, page_request};
use crate::app::{App, Put, misfit};
use crate::connectors::files::{self, FileError, Reading};
use crate::domain::audience::{Reader, Scope};
use crate::domain::document::{Document, DocumentHead, Passage};
use crate::domain::id::{DocumentId, PassageId};
use crate::domain::intake::{NewDocument, Page, PageRequest};
use crate::domain::job::JobKind;
use crate::domain::user::{Actor, Permission};
use crate::store::{self, Change};
use crate::text::clean::clean;
use crate::text::passage::{PassageLimits, passages};
use crate::text::{extract, language};

impl App {
    /// Takes a document in: extracts its text, cuts it into passages and has them indexed. An unchanged one is left as it is, and why one
    /// cannot be taken in is kept until it is.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a file that cannot be read, with what to do about it.
    pub async fn put_document(&self, actor: &Actor, new: NewDocument) -> Result<Put<Document>, Error> {
        self.allow(actor, Permission::Feed)?;
        if new.external_id.trim().is_empty() || new.external_id.len() > 512 {
            return Err(Error::invalid("external_id", "expected 1 to 512 characters that name the document in its source"));
        }
        let external_id = new.external_id.clone();
        match self.take_in_document(actor, new).await {
            Ok(put) => Ok(put),
            Err(error) => Err(self.refused(actor, &external_id, error).await),
        }
    }

    async fn take_in_document(&self, actor: &Actor, new: NewDocument) -> Result<Put<Document>, Error> {
        let NewDocument { external_id, title, file_name, bytes, language, audience, updated_at } = new;
        let content_hash = hex::encode(Sha256::digest(&bytes));
        if let Some(reason) = misfit::by_bytes(&file_name, &bytes).filter(|_| !bytes.is_empty()) {
            return Err(Error::invalid("file", reason));
        }
        let extraction = self.extraction();
        let reading =
            Reading { program: &extraction.program, limits: &extraction.limits, options: &extraction.options, places: self.places() };
        let extracted = files::extract_any(&reading, &file_name, bytes).await.map_err(file_error)?;
        let extract::Extracted { title: own_title, text, language: own_language, attachments: _, enclosed: _, pages: _, own_words: _ } =
            extracted;
        if clean(&text).is_empty() {
            return Err(Error::invalid("file", "the document has no text that can be read: scanned pages need text recognition first"));
        }
        let now = self.now();
        let title = title.or(own_title).unwrap_or(file_name);
        let document = Document {
            id: DocumentId::at(now, random()),
            workspace: actor.workspace,
            external_id,
            language: language.or(own_language).or_else(|| language::detect(&text).map(|(language, _)| language)),
            title,
            audience,
            content_hash,
            updated_at: updated_at.unwrap_or(now),
            text,
        };
        let cut: Vec<Passage> = passages(&document.text, &document.title, PassageLimits::default())
            .into_iter()
            .zip(0..)
            .map(|(draft, position)| Passage {
                id: PassageId::at(now, random()),
                document: document.id,
                position,
                headings: draft.headings,
                text: draft.text,
                span: offset(draft.span.start)..offset(draft.span.end),
            })
            .collect();
        let mut tx = self.store().begin().await?;
        let saved = store::document::replace(&mut tx, &document, &cut).await?;
        store::library::forgive(&mut tx, actor.workspace, &document.external_id).await?;
        if saved.change != Change::Unchanged {
            self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
        }
        tx.commit().await?;
        Ok(Put::new(Document { id: saved.id, ..document }, saved.change))
    }

    /// Whether the workspace already has exactly these bytes under that name: lets callers skip the work.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn has_document(&self, actor: &Actor, external_id: &str, bytes: &[u8]) -> Result<bool, Error> {
        self.allow(actor, Permission::Read)?;
        let known = store::document::content_hash(self.store(), actor.workspace, external_id).await?;
        Ok(known.is_some_and(|known| known == hex::encode(Sha256::digest(bytes))))
    }

    /// Whether a document is here already with the same bytes, audience, and whatever else is said of it.
    pub(crate) async fn is_unchanged(&self, actor: &Actor, new: &NewDocument) -> Result<bool, Error> {
        if !self.has_document(actor, &new.external_id, &new.bytes).await? {
            return Ok(false);
        }
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let known = store::document::by_external_id(self.store(), &everything, &new.external_id).await?;
        Ok(known.is_some_and(|known| {
            known.audience == new.audience
                && new.title.as_ref().is_none_or(|title| *title == known.title)
                && (new.language.is_none() || new.language == known.language)
        }))
    }

    /// The documents, newest first, without their texts.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor that no list gave.
    pub async fn documents(&self, actor: &Actor, page: PageRequest) -> Result<Page<DocumentHead>, Error> {
        self.allow(actor, Permission::Read)?;
        page_of(store::document::list(self.store(), &actor.scope(), &page_request(&page)?).await?)
    }

    /// A document with its text.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace, or not for them.
    pub async fn document(&self, actor: &Actor, id: DocumentId) -> Result<Document, Error> {
        self.allow(actor, Permission::Read)?;
        store::document::get(self.store(), &actor.scope(), id).await?.ok_or_else(|| not_found(id))
    }

    /// Deletes a document, its passages and their vectors.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn delete_document(&self, actor: &Actor, id: DocumentId) -> Result<(), Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        let known = store::document::get(&mut tx, &Scope::new(actor.workspace, Reader::Everything), id).await?;
        if let Some(known) = known {
            store::library::forgive(&mut tx, actor.workspace, &known.external_id).await?;
        }
        if !store::document::remove(&mut tx, actor.workspace, id).await? {
            return Err(not_found(id));
        }
        self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
        self.record(&mut tx, actor, "document.delete", &id.to_string());
        Ok(tx.commit().await?)
    }
}

fn not_found(id: DocumentId) -> Error {
    Error::NotFound { kind: "document", id: id.to_string() }
}

/// A file that its writer can mend is an invalid argument; a child that cannot start is ours.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else a file does is the file's")]
fn file_error(error: FileError) -> Error {
    match error {
        error @ FileError::Start { .. } => Error::Unavailable { part: "the file reader", source: error.into() },
        error => Error::invalid("file", error),
    }
}

fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
