//! Keeps the index a projection of the store: indexes what is pending, repairs what is missing, rebuilds on request.

use std::time::Duration;

use uuid::Uuid;

use crate::app::error::{Error, Fault};
use crate::app::knowledge::gist;
use crate::app::{App, Needed};
use crate::domain::attachment::FoundExcerpt;
use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::id::{CommentId, ExcerptId, MessageId, PassageId, PersonId, TicketId, WorkspaceId};
use crate::domain::job::JobKind;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Kind, Language};
use crate::index::Point;
use crate::store;
use crate::store::lease::IndexLease;
use crate::store::pending::PendingRow;
use crate::text::clean::{CleanText, clean, redact};
use crate::text::passage::words_under;
use crate::text::{entity, language, quotes};

/// So many rows are embedded, written and cleared at a time.
const PORTION: u32 = 128;
/// How long is waited for a database that does not answer.
const PAUSE: Duration = Duration::from_secs(1);
/// The revision of no encoder: an index that says so is made anew.
const NO_ENCODER: &str = "";

/// What a reconciliation found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexReport {
    /// Rows that should have been in the index and were not; they are pending now.
    pub missing: u64,
    /// Points without a row; they are gone now.
    pub orphaned: u64,
}

/// What a row becomes before its vector is known.
struct Draft {
    row: PendingRow,
    /// What it is encoded from.
    text: CleanText,
    /// What stands above it, if anything; part of the text already.
    heading: CleanText,
    audience: Audience,
    language: Option<Language>,
    ticket: Option<TicketId>,
    thread: Option<crate::domain::id::ThreadId>,
    document: Option<crate::domain::id::DocumentId>,
    at: Timestamp,
}

impl App {
    /// Brings everything that is pending into the index, then clears it: first durable there, then no longer pending here.
    ///
    /// While somebody else does so, it waits. `progress` is told how many rows are done and how many are left.
    ///
    /// # Errors
    /// Whatever encoder, index or store say; what was not cleared stays pending.
    pub async fn index_pending(&self, workspace: WorkspaceId, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<u64, Error> {
        let lease = self.wait_for_lease(workspace, &|left| progress(0, left)).await?;
        let done = self.keep(&lease, self.index_all(&lease, progress)).await;
        self.release(lease).await;
        done
    }

    /// Brings what is pending into the index; `None` when some of it is to be asked for again later: somebody else is at it, or another
    /// workspace waits for a worker, which a big ingest would keep for long.
    ///
    /// # Errors
    /// Whatever encoder, index or store say; what was not cleared stays pending.
    pub async fn try_index_pending(&self, workspace: WorkspaceId) -> Result<Option<u64>, Error> {
        let app = self.clone();
        // To its end, because a worker who loses the job must not leave a portion that is written and not accounted for.
        let portions = self.to_its_end(async move {
            let Some(lease) = app.take_lease(workspace).await? else { return Ok(None) };
            let done = app.keep(&lease, app.index_in_turns(&lease)).await;
            app.release(lease).await;
            done
        });
        portions.await.map_err(Error::internal)?
    }

    async fn index_in_turns(&self, lease: &IndexLease) -> Result<Option<u64>, Error> {
        self.prepare(lease).await?;
        let mut done = 0;
        loop {
            match self.index_portion(lease).await? {
                0 => return Ok(Some(done)),
                rows => done += rows,
            }
            if self.is_winding_down() || store::job::is_other_due(self.store(), lease.workspace(), self.now()).await? {
                return Ok(None);
            }
        }
    }

    /// Has every row embedded and indexed anew, in an empty index.
    ///
    /// # Errors
    /// Whatever encoder, index or store say.
    pub async fn reindex(&self, workspace: WorkspaceId, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<u64, Error> {
        let lease = self.wait_for_lease(workspace, &|left| progress(0, left)).await?;
        let anew = async {
            // As if another encoder had made the index: what is done about that survives a crash at any point.
            let mut tx = self.store().begin().await?;
            store::pending::set_encoder_revision(&mut tx, workspace, NO_ENCODER).await?;
            self.enqueue(&mut tx, workspace, JobKind::IndexPending);
            tx.commit().await?;
            self.index_all(&lease, progress).await
        };
        let done = self.keep(&lease, anew).await;
        self.release(lease).await;
        done
    }

    /// Compares the index with the rows that should be in it, takes out what is too much and has the rest indexed by a job; `None` while
    /// somebody else writes to it.
    ///
    /// # Errors
    /// Whatever index or store say.
    pub async fn reconcile(&self, workspace: WorkspaceId) -> Result<Option<IndexReport>, Error> {
        let Some(lease) = self.take_lease(workspace).await? else { return Ok(None) };
        let done = self.keep(&lease, self.mend(&lease)).await;
        self.release(lease).await;
        done.map(Some)
    }

    async fn mend(&self, lease: &IndexLease) -> Result<IndexReport, Error> {
        let workspace = lease.workspace();
        let mut report = IndexReport::default();
        for kind in Kind::ALL {
            // Rows without words are never in the index: marking them pending again costs a look and no vector.
            let known: std::collections::BTreeSet<Uuid> = self.index().ids(workspace, *kind).await?.into_iter().collect();
            let wanted: std::collections::BTreeSet<Uuid> =
                store::pending::ids_that_should_be_indexed(self.store(), workspace, *kind).await?.into_iter().collect();
            let missing: Vec<Uuid> = wanted.difference(&known).copied().collect();
            let orphaned: Vec<Uuid> = known.difference(&wanted).copied().collect();
            report.orphaned += u64::try_from(orphaned.len()).unwrap_or(0);
            self.index().delete(workspace, orphaned).await?;
            let mut tx = self.store().begin().await?;
            report.missing += store::pending::mark_pending(&mut tx, workspace, *kind, &missing).await?;
            tx.commit().await?;
        }
        self.index().flush(workspace).await?;
        self.read_what_waits(workspace).await?;
        // In any case: rows may be pending whose own job is dead.
        let mut tx = self.store().begin().await?;
        self.enqueue(&mut tx, workspace, JobKind::IndexPending);
        tx.commit().await?;
        Ok(report)
    }

    async fn index_all(&self, lease: &IndexLease, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<u64, Error> {
        self.prepare(lease).await?;
        let mut done = 0;
        loop {
            match self.index_portion(lease).await? {
                0 => return Ok(done),
                rows => done += rows,
            }
            let left = store::pending::count(self.store(), lease.workspace()).await?;
            progress(done, u64::try_from(left).unwrap_or(0));
        }
    }

    /// Makes the index fit for rows: of this encoder, without those that were deleted.
    async fn prepare(&self, lease: &IndexLease) -> Result<(), Error> {
        self.same_encoder(lease.workspace()).await?;
        self.bury(lease).await
    }

    /// Indexes some of the rows that are pending; answers how many, and 0 once none is.
    async fn index_portion(&self, lease: &IndexLease) -> Result<u64, Error> {
        let rows = store::pending::pending(self.store(), lease.workspace(), PORTION).await?;
        if rows.is_empty() {
            self.renew_early_panels(lease.workspace()).await?;
        } else {
            self.index_rows(lease, &rows).await?;
        }
        Ok(u64::try_from(rows.len()).unwrap_or(0))
    }

    /// Has the panels made again that were made before everything was in the index.
    async fn renew_early_panels(&self, workspace: WorkspaceId) -> Result<(), Error> {
        // In portions, between which others may write; whoever comes after a crash finds those that are left.
        for tickets in store::panel::early(self.store(), workspace).await?.chunks(PORTION as usize) {
            let mut tx = self.store().begin().await?;
            for ticket in tickets {
                self.enqueue(&mut tx, workspace, JobKind::PreparePanel(*ticket));
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Indexes what is pending if it is little and nobody else is at it; answers whether everything written before can be found now.
    ///
    /// Whoever calls this waits for one portion at most, and never for somebody else's indexing.
    ///
    /// # Cancel safety
    /// What was begun is done to its end.
    pub(super) async fn catch_up(&self, workspace: WorkspaceId) -> Result<bool, Error> {
        let known = store::pending::encoder_revision(self.store(), workspace).await?;
        let same = known.as_deref().is_none_or(|known| known == self.encoder_revision());
        let pending = store::pending::pending(self.store(), workspace, PORTION).await?;
        let graves = store::pending::tombstones(self.store(), workspace, PORTION).await?;
        if !same || pending.len().max(graves.len()) >= PORTION as usize {
            return Ok(false);
        }
        if pending.is_empty() && graves.is_empty() {
            return Ok(true);
        }
        let app = self.clone();
        // To its end, so that a caller who leaves does not leave the lease behind.
        self.to_its_end(async move { app.try_index_portion(workspace).await }).await.map_err(Error::internal)?
    }

    async fn try_index_portion(&self, workspace: WorkspaceId) -> Result<bool, Error> {
        let Some(lease) = self.take_lease(workspace).await? else { return Ok(false) };
        let portion = async {
            self.prepare(&lease).await?;
            Ok::<_, Error>(self.index_portion(&lease).await? < u64::from(PORTION))
        };
        let caught_up = self.keep(&lease, portion).await;
        self.release(lease).await;
        caught_up
    }

    /// Embeds rows, makes them durable in the index and clears them.
    async fn index_rows(&self, lease: &IndexLease, rows: &[PendingRow]) -> Result<(), Error> {
        let workspace = lease.workspace();
        let knowledge = self.knowledge_for_redaction(workspace).await?;
        let drafts = self.drafts(workspace, &knowledge, rows).await?;
        let vectors = self.embed(drafts.iter().map(|draft| draft.text.clone()).collect(), Needed::Later).await?;
        let (empty, points): (Vec<_>, Vec<_>) = drafts.into_iter().zip(vectors).partition(|(draft, _)| draft.text.is_empty());
        let points: Vec<Point> = points.into_iter().map(|(draft, dense)| point(draft, dense)).collect();
        let gone: Vec<Uuid> = empty.iter().map(|(draft, _)| draft.row.id).collect();
        // Embedding takes long: a holder that stood still meanwhile writes nothing any more.
        self.still_mine(lease).await?;
        let written = async {
            self.index().upsert(workspace, points).await?;
            self.index().delete(workspace, gone).await?;
            self.index().flush(workspace).await?;
            let mut tx = self.store().begin().await?;
            store::pending::clear_pending(&mut tx, lease, rows).await?;
            Ok::<_, Error>(tx.commit().await?)
        };
        let written = written.await;
        if written.is_err() && self.still_mine(lease).await.is_err() {
            // Somebody else may have written the same rows as they are today, and this one then put them back to what they were.
            while let Err(error) = self.mark_again(workspace, rows).await {
                if error.fault() != Fault::Outside || self.is_winding_down() {
                    return Err(error);
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        written
    }

    async fn mark_again(&self, workspace: WorkspaceId, rows: &[PendingRow]) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        store::pending::mark_again(&mut tx, workspace, rows).await?;
        self.enqueue(&mut tx, workspace, JobKind::IndexPending);
        Ok(tx.commit().await?)
    }

    /// Vectors of two encoders never meet: a workspace that was indexed by another one is indexed anew.
    async fn same_encoder(&self, workspace: WorkspaceId) -> Result<(), Error> {
        let known = store::pending::encoder_revision(self.store(), workspace).await?;
        if known.as_deref() == Some(self.encoder_revision()) {
            return Ok(());
        }
        if known.is_some() {
            // This encoder may have an older index here, with points whose rows were deleted since.
            self.index().erase(workspace).await?;
        }
        // Marked after the index is empty, whoever may have written to it until then; a crash before leaves the other revision standing.
        let mut tx = self.store().begin().await?;
        if known.is_some() {
            store::pending::mark_all_pending(&mut tx, workspace).await?;
            self.enqueue(&mut tx, workspace, JobKind::IndexPending);
        }
        store::pending::set_encoder_revision(&mut tx, workspace, self.encoder_revision()).await?;
        Ok(tx.commit().await?)
    }

    /// Takes deleted rows out of the index.
    async fn bury(&self, lease: &IndexLease) -> Result<(), Error> {
        let workspace = lease.workspace();
        loop {
            let graves = store::pending::tombstones(self.store(), workspace, PORTION).await?;
            if graves.is_empty() {
                return Ok(());
            }
            self.index().delete(workspace, graves.iter().map(|grave| grave.id).collect()).await?;
            self.index().flush(workspace).await?;
            let mut tx = self.store().begin().await?;
            store::pending::clear_tombstones(&mut tx, lease, &graves).await?;
            tx.commit().await?;
        }
    }

    async fn drafts(&self, workspace: WorkspaceId, knowledge: &Redaction, rows: &[PendingRow]) -> Result<Vec<Draft>, Error> {
        let scope = Scope::new(workspace, Reader::Everything);
        let of = |kind: Kind| rows.iter().filter(move |row| row.kind == kind);
        let mut drafts = Vec::with_capacity(rows.len());

        let ids: Vec<PassageId> = of(Kind::Passage).map(|row| PassageId::from_uuid(row.id)).collect();
        for found in store::document::passages(self.store(), &scope, &ids).await? {
            let Some(row) = of(Kind::Passage).find(|row| row.id == found.passage.id.as_uuid()) else { continue };
            let heading = [std::slice::from_ref(&found.title), found.passage.headings.as_slice()].concat().join(" › ");
            drafts.push(Draft {
                text: clean(&format!("{heading}\n{}", found.passage.text)),
                heading: clean(&heading),
                audience: found.audience,
                language: found.language,
                ticket: None,
                thread: None,
                document: Some(found.passage.document),
                at: found.updated_at,
                row: *row,
            });
        }

        let ids: Vec<TicketId> = of(Kind::Ticket).map(|row| TicketId::from_uuid(row.id)).collect();
        for ticket in store::ticket::by_ids(self.store(), &scope, &ids).await? {
            let Some(row) = of(Kind::Ticket).find(|row| row.id == ticket.id.as_uuid()) else { continue };
            let gist = gist(&ticket, knowledge.language);
            drafts.push(Draft {
                text: knowledge.redacted(gist.body.as_str()),
                heading: knowledge.redacted(&ticket.subject),
                audience: ticket.audience(),
                language: Some(gist.language),
                ticket: Some(ticket.id),
                thread: None,
                document: None,
                at: ticket.created_at,
                row: *row,
            });
        }

        let ids: Vec<CommentId> = of(Kind::Comment).map(|row| CommentId::from_uuid(row.id)).collect();
        let comments = store::ticket::comments_by_ids(self.store(), &scope, &ids).await?;
        let tickets: Vec<TicketId> = comments.iter().map(|comment| comment.ticket).collect();
        let tickets = store::ticket::by_ids(self.store(), &scope, &tickets).await?;
        for comment in comments {
            let Some(row) = of(Kind::Comment).find(|row| row.id == comment.id.as_uuid()) else { continue };
            let Some(ticket) = tickets.iter().find(|ticket| ticket.id == comment.ticket) else { continue };
            let text = knowledge.redacted(quotes::strip(&clean(&comment.body)).kept.as_str());
            drafts.push(Draft {
                language: language::detect(text.as_str()).map(|(language, _)| language),
                text,
                heading: CleanText::default(),
                audience: comment.audience(ticket.requester),
                ticket: Some(comment.ticket),
                thread: None,
                document: None,
                at: comment.created_at,
                row: *row,
            });
        }

        let ids: Vec<MessageId> = of(Kind::Message).map(|row| MessageId::from_uuid(row.id)).collect();
        for history in store::thread::by_messages(self.store(), &scope, &ids).await? {
            for message in &history.messages {
                let Some(row) = of(Kind::Message).find(|row| row.id == message.id.as_uuid()) else { continue };
                let body = quotes::strip(&clean(&message.body)).kept;
                let text = knowledge.redacted(&format!("{}\n{}", history.thread.subject, body.as_str()));
                drafts.push(Draft {
                    language: language::detect(text.as_str()).map(|(language, _)| language),
                    text,
                    heading: knowledge.redacted(&history.thread.subject),
                    audience: Audience::Internal,
                    ticket: Some(history.thread.ticket),
                    thread: Some(history.thread.id),
                    document: None,
                    at: message.created_at,
                    row: *row,
                });
            }
        }

        let ids: Vec<PersonId> = of(Kind::Person).map(|row| PersonId::from_uuid(row.id)).collect();
        for person in store::person::by_ids(self.store(), workspace, &ids).await? {
            let Some(row) = of(Kind::Person).find(|row| row.id == person.id.as_uuid()) else { continue };
            drafts.push(Draft {
                text: clean(&person.skills.join(". ")),
                heading: CleanText::default(),
                audience: Audience::Internal,
                language: Some(Language::ENGLISH),
                ticket: None,
                thread: None,
                document: None,
                at: self.now(),
                row: *row,
            });
        }

        let ids: Vec<ExcerptId> = of(Kind::Attachment).map(|row| ExcerptId::from_uuid(row.id)).collect();
        for found in store::attachment::excerpts(self.store(), &scope, &ids).await? {
            let Some(row) = of(Kind::Attachment).find(|row| row.id == found.excerpt.id.as_uuid()) else { continue };
            drafts.push(excerpt_draft(found, *row, knowledge));
        }
        Ok(drafts)
    }

    async fn knowledge_for_redaction(&self, workspace: WorkspaceId) -> Result<Redaction, Error> {
        let files = store::playbook::current(self.store(), workspace).await?.map(|version| version.files).unwrap_or_default();
        let playbook = crate::playbook::Playbook::parse(&files).map_err(Error::internal)?;
        let language = store::workspace::get(self.store(), workspace).await?.map_or(Language::ENGLISH, |found| found.default_language);
        Ok(Redaction { patterns: crate::app::knowledge::patterns(&playbook)?, kinds: playbook.redaction.kinds, language })
    }
}

/// What is left out of the index.
struct Redaction {
    patterns: entity::Patterns,
    kinds: Vec<String>,
    language: Language,
}

impl Redaction {
    fn redacted(&self, text: &str) -> CleanText {
        let mut entities = entity::find(text, &self.patterns, None);
        entities.retain(|entity| self.kinds.contains(&entity.kind));
        redact(&clean(text), &entities)
    }
}

/// What stands in an attachment, with the audience of the message that it came with.
fn excerpt_draft(found: FoundExcerpt, row: PendingRow, knowledge: &Redaction) -> Draft {
    let FoundExcerpt { excerpt, ticket, thread, name, audience, at } = found;
    let heading = [&[name], excerpt.headings.as_slice()].concat().join(" › ");
    Draft {
        text: knowledge.redacted(&format!("{heading}\n{}", excerpt.text)),
        heading: knowledge.redacted(&heading),
        language: language::detect(&excerpt.text).map(|(language, _)| language),
        audience,
        ticket: Some(ticket),
        thread,
        document: None,
        at,
        row,
    }
}

fn point(draft: Draft, dense: Vec<f32>) -> Point {
    let Draft { row, text, heading, audience, language, ticket, thread, document, at } = draft;
    let text = words_under(&heading, text);
    Point { id: row.id, kind: row.kind, audience, dense, text, language, ticket, thread, document, at }
}
