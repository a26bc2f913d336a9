//! What becomes of the knowledge base: its documents with their use, and what it lacks.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::ticket::{page_of, page_request};
use crate::app::{App, Fault};
use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::id::{DocumentId, PassageId, QuestionId, TicketId, WorkspaceId};
use crate::domain::intake::{Page, PageRequest};
use crate::domain::library::{Gaps, OpenDocument, Refusal, Shelved, Unanswered};
use crate::domain::panel::{Panel, TicketHead};
use crate::domain::reason::Reason;
use crate::domain::ticket::Ticket;
use crate::domain::triage::Source;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{Part, TicketStatus};
use crate::store::{self, Tx};

/// The last tickets that a document's page names.
const TICKETS: u32 = 10;
/// The longest list of what the knowledge base lacks.
const LONGEST: u32 = 12;
/// So many questions are read: who finds nothing often asks again.
const QUESTIONS: u32 = 60;

impl App {
    /// The documents with their state and use, those changed last first; with words, those whose title or id holds them.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read; [`Error::Invalid`] for a cursor that no list gave.
    pub async fn library(&self, actor: &Actor, words: Option<&str>, page: PageRequest) -> Result<Page<Shelved>, Error> {
        self.allow(actor, Permission::Read)?;
        let words = words.filter(|words| !words.trim().is_empty());
        page_of(store::library::list(self.store(), &actor.scope(), words, &page_request(&page)?).await?)
    }

    /// A document as it is found and cited, with where it was used.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace, or not for them.
    pub async fn open_document(&self, actor: &Actor, id: DocumentId) -> Result<OpenDocument, Error> {
        let document = self.document(actor, id).await?;
        let scope = actor.scope();
        let passages = store::document::passages_of(self.store(), &scope, id).await?;
        let pending: BTreeSet<PassageId> = store::library::pending(self.store(), actor.workspace, id).await?.into_iter().collect();
        let shown = store::library::shown_beside(self.store(), &scope, id, TICKETS).await?;
        let heads = self.heads(actor, &shown).await?;
        Ok(OpenDocument {
            document,
            passages: passages
                .into_iter()
                .map(|found| {
                    let is_found = !pending.contains(&found.passage.id);
                    (found, is_found)
                })
                .collect(),
            used: store::library::used(self.store(), actor.workspace, id).await?,
            thumbs: store::library::thumbs(self.store(), actor.workspace, id).await?,
            tickets: shown.iter().filter_map(|ticket| heads.get(ticket).cloned()).collect(),
        })
    }

    /// Who may read the document of this id, if there is one; for whoever may replace it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that feeds nothing.
    pub async fn audience_of(&self, actor: &Actor, external_id: &str) -> Result<Option<Audience>, Error> {
        self.allow(actor, Permission::Feed)?;
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let known = store::document::by_external_id(self.store(), &everything, external_id).await?;
        Ok(known.map(|known| known.audience))
    }

    /// What the knowledge base lacks, as the actor may see it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn gaps(&self, actor: &Actor) -> Result<Gaps, Error> {
        self.allow(actor, Permission::Read)?;
        let scope = actor.scope();
        let refusals = match self.allow(actor, Permission::Feed) {
            Ok(()) => store::library::refusals(self.store(), actor.workspace, LONGEST).await?,
            Err(_) => Vec::new(),
        };
        Ok(Gaps {
            coverage: store::library::coverage(self.store(), &scope).await?,
            unanswered: self.unanswered(actor).await?,
            most_used: store::library::most_used(self.store(), &scope, LONGEST).await?,
            unused: store::library::unused(self.store(), &scope, LONGEST).await?,
            refusals,
        })
    }

    async fn unanswered(&self, actor: &Actor) -> Result<Vec<Unanswered>, Error> {
        let asked = store::library::questions(self.store(), &actor.scope(), QUESTIONS).await?;
        let tickets: Vec<TicketId> = asked.iter().map(|asked| asked.ticket).collect();
        let heads = self.heads(actor, &tickets).await?;
        let mut met = HashSet::new();
        Ok(asked
            .into_iter()
            .filter(|asked| met.insert((asked.ticket, asked.question.to_lowercase())))
            .filter_map(|asked| {
                let ticket = heads.get(&asked.ticket)?.clone();
                Some(Unanswered { id: asked.id, question: asked.question, ticket, asked_at: asked.asked_at })
            })
            .take(usize::try_from(LONGEST).unwrap_or(usize::MAX))
            .collect())
    }

    /// The tickets of these that the actor may see.
    pub(super) async fn heads(&self, actor: &Actor, ids: &[TicketId]) -> Result<HashMap<TicketId, TicketHead>, Error> {
        let tickets: Vec<Ticket> = store::ticket::by_ids(self.store(), &actor.scope(), ids).await?;
        Ok(tickets.iter().map(|ticket| (ticket.id, TicketHead::from(ticket))).collect())
    }

    /// Keeps a question about a ticket that nothing answered, as somebody asked it.
    pub(crate) async fn keep_unanswered(&self, workspace: WorkspaceId, ticket: TicketId, question: &str) -> Result<(), Error> {
        let now = self.now();
        let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
        let asked = store::library::Asked { id: QuestionId::at(now, random()), ticket, question, asked_at: now };
        let mut tx = self.store().begin().await?;
        store::library::keep_question(&mut tx, workspace, &asked).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets why a document could not be taken in: it is here as it should be.
    pub(crate) async fn forgive(&self, actor: &Actor, external_id: &str) -> Result<(), Error> {
        // Asked first: of a big folder nearly everything is unchanged, and nothing of it was refused.
        if !store::library::is_refused(self.store(), actor.workspace, external_id).await? {
            return Ok(());
        }
        let mut tx = self.store().begin().await?;
        store::library::forgive(&mut tx, actor.workspace, external_id).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps in mind why a document could not be taken in, where its writer can do something about it; answers the same error.
    pub(crate) async fn refused(&self, actor: &Actor, external_id: &str, error: Error) -> Error {
        if error.fault() != Fault::User {
            return error;
        }
        let refusal = Refusal { external_id: external_id.to_owned(), reason: error.to_string(), refused_at: self.now() };
        let kept = async {
            let mut tx = self.store().begin().await?;
            store::library::refuse(&mut tx, actor.workspace, &refusal).await?;
            tx.commit().await
        };
        if let Err(error) = kept.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "why a document was refused could not be kept");
        }
        error
    }
}

/// Notes which documents a panel shows and cites.
pub(crate) async fn note_uses(tx: &mut Tx, workspace: WorkspaceId, panel: &Panel) -> Result<(), Error> {
    let sentences = panel.reply_draft.iter().flat_map(|shown| &shown.item.sentences);
    let cited: HashSet<DocumentId> =
        sentences.flat_map(|cited| &cited.evidence).filter_map(|evidence| of_document(&evidence.source)).collect();
    let shown: BTreeSet<DocumentId> = panel.passages.iter().map(|shown| shown.item.passage.document).collect();
    store::library::forget_citations(tx, workspace, panel.ticket, panel.made_at).await?;
    for document in shown {
        let is_cited = cited.contains(&document);
        store::library::note_use(tx, workspace, document, panel.ticket, (is_cited, panel.made_at)).await?;
    }
    Ok(())
}

const fn of_document(source: &Source) -> Option<DocumentId> {
    match source {
        Source::Passage(document, _) => Some(*document),
        Source::Ticket(_) | Source::Comment(..) | Source::Message(..) | Source::Attachment(..) | Source::Playbook => None,
    }
}

/// Whether an article answers a ticket; `None` where nobody asks that: of solved tickets, while the matter is not clear, and where another
/// step comes first.
pub(crate) fn is_answered(panel: &Panel, status: TicketStatus) -> Option<bool> {
    let left_open =
        |reason: &Reason| matches!(reason, Reason::UnclearMatter | Reason::OtherStep | Reason::PassOn { .. } | Reason::AnsweredAlready);
    let is_open = panel.abstained.iter().any(|(part, why)| *part == Part::ReplyDraft && left_open(&why.reason));
    (status != TicketStatus::Solved && !is_open).then(|| panel.reply_draft.is_some())
}
