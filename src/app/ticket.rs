//! Tickets and their comments: taking them in, listing and reading them.

use crate::app::clock::{in_turn, random};
use crate::app::error::Error;
use crate::app::{App, Put};
use crate::domain::attachment::Place;
use crate::domain::audience::{Reader, Scope};
use crate::domain::customer::Customer;
use crate::domain::id::{AttachmentId, CommentId, CustomerId, EventId, JobId, TicketId, WorkspaceId};
use crate::domain::intake::{InboxFilter, NewComment, NewLabel, NewRequester, NewTicket, Page, PageRequest};
use crate::domain::job::{JobKind, NewJob};
use crate::domain::label::Label;
use crate::domain::panel::InboxRow;
use crate::domain::ticket::{Comment, Ticket, TicketHistory};
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{TicketOrder, TicketStatus, Tier};
use crate::store::ticket::Assumed;
use crate::store::{self, Change, Cursor, StoreError, Tx};

/// A list gives so many items when nobody says how many.
const DEFAULT_PAGE: u32 = 50;
/// A list never gives more at once.
const LARGEST_PAGE: u32 = 200;
/// A job that failed so often waits for a person.
const ATTEMPTS: u32 = 5;

/// So many comments are looked at that came while somebody wrote.
const MOST_SINCE: u32 = 100;

/// What became of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is on the ticket.
    Added(Comment),
    /// It was already: the same text of the same author.
    AlreadyThere(Comment),
    /// It is not: this was written to the same reader meanwhile.
    Overtaken(Comment),
}

/// From which status to which a reply moves its ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The one that its author saw: a ticket that has another by then stays where it is.
    pub from: TicketStatus,
    /// The one that it has afterwards.
    pub to: TicketStatus,
}

/// What is looked at before a comment is written.
enum Check {
    Nothing,
    Since(Option<CommentId>),
}

impl App {
    /// Takes a ticket in: creates it, or updates the one with its `external_id`; its panel is prepared in the background.
    ///
    /// # Errors
    /// [`Error::Invalid`] when subject and body are both empty; [`Error::ConflictAt`] when a comment is there for other readers, and then
    /// nothing is taken in.
    pub async fn put_ticket(&self, actor: &Actor, new: NewTicket) -> Result<Put<TicketHistory>, Error> {
        self.allow(actor, Permission::Work)?;
        if new.subject.trim().is_empty() && new.body.trim().is_empty() {
            return Err(Error::invalid("body", "subject and body are both empty: send at least one"));
        }
        let now = self.now();
        let NewTicket {
            external_id,
            subject,
            body,
            requester,
            channel,
            created_at,
            status,
            solved_at,
            priority,
            group,
            assignee,
            tags,
            language,
            custom_fields,
            comments,
            attachments,
        } = new;
        let mut tx = self.store().begin().await?;
        let requester = store::customer::ensure(&mut tx, &requester_row(requester, actor.workspace, now)).await?.id;
        let status = status.unwrap_or(TicketStatus::New);
        let ticket = Ticket {
            id: TicketId::at(now, random()),
            workspace: actor.workspace,
            external_id,
            subject,
            body,
            requester,
            channel,
            status,
            priority,
            group,
            assignee,
            tags,
            language,
            custom_fields,
            created_at: created_at.unwrap_or(now),
            updated_at: now,
            solved_at: solved_at.or((status == TicketStatus::Solved).then_some(now)),
        };
        // The same ticket sent again without its moments is the same ticket.
        let assumed = Assumed { created_at: created_at.is_none(), solved_at: solved_at.is_none() && status == TicketStatus::Solved };
        let saved = store::ticket::save_assuming(&mut tx, &ticket, assumed).await?;
        let kept = store::ticket::get(&mut tx, &everything(actor), saved.id).await?;
        let written_at = kept.map_or(ticket.created_at, |kept| kept.created_at);
        let mut changed = saved.change != Change::Unchanged;
        changed |= self.send_attachments(&mut tx, actor, &attachments, Place::Ticket(saved.id), "attachment_ids").await?;
        for (position, comment) in comments.into_iter().enumerate() {
            let (comment, files) = comment_row(comment, saved.id, in_turn(now, position), written_at);
            let added = store::ticket::add_comment(&mut tx, actor.workspace, &comment, now).await;
            let added = added.map_err(|error| refusal(error, &comment, &format!("/comments/{position}")))?;
            changed |= added.change != Change::Unchanged;
            let field = format!("/comments/{position}/attachment_ids");
            changed |= self.send_attachments(&mut tx, actor, &files, Place::Comment(saved.id, added.id), &field).await?;
        }
        if changed {
            self.ticket_changed(&mut tx, actor.workspace, saved.id, "ticket.received");
        }
        tx.commit().await?;
        Ok(Put { item: self.ticket(actor, saved.id).await?, created: saved.change == Change::Created, changed })
    }

    /// A ticket with its comments.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn ticket(&self, actor: &Actor, id: TicketId) -> Result<TicketHistory, Error> {
        self.allow(actor, Permission::Read)?;
        store::ticket::history(self.store(), &actor.scope(), id).await?.ok_or_else(|| not_found(&id))
    }

    /// A ticket by its id or by its id in the system it comes from.
    ///
    /// # Errors
    /// [`Error::NotFound`] when neither is known.
    pub async fn ticket_by_reference(&self, actor: &Actor, reference: &str) -> Result<TicketHistory, Error> {
        self.allow(actor, Permission::Read)?;
        if let Ok(id) = reference.parse() {
            return self.ticket(actor, id).await;
        }
        let found = store::ticket::by_external_id(self.store(), &actor.scope(), reference).await?;
        let ticket = found.ok_or_else(|| not_found(&reference))?;
        self.ticket(actor, ticket.id).await
    }

    /// The inbox, in the order that is asked for.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor that no list of this order gave.
    pub async fn inbox(&self, actor: &Actor, filter: InboxFilter, page: PageRequest) -> Result<Page<InboxRow>, Error> {
        self.allow(actor, Permission::Read)?;
        let page = page_request(&page)?;
        let by_urgency = filter.order == Some(TicketOrder::Urgency);
        if page.after.is_some_and(|after| after.is_ranked() != by_urgency) {
            return Err(Error::invalid(
                "cursor",
                "a cursor of another order: keep the `order` of the page before, or leave the cursor out",
            ));
        }
        page_of(store::ticket::inbox(self.store(), &actor.scope(), &filter, &page).await?)
    }

    /// Adds a comment to a ticket; the same comment twice is one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::ConflictAt`] when it is there for other readers.
    pub async fn add_comment(&self, actor: &Actor, ticket: TicketId, new: NewComment) -> Result<Comment, Error> {
        match self.write_comment(actor, ticket, new, Check::Nothing, None).await? {
            Written::Added(comment) | Written::AlreadyThere(comment) | Written::Overtaken(comment) => Ok(comment),
        }
    }

    /// The same by somebody who had seen the ticket's comments up to `seen`: what the author wrote since then in another window is not
    /// written twice, and a reply is not written past one that stands on no page that it was written on. `then` moves the
    /// ticket, if it stands where the author saw it.
    ///
    /// # Errors
    /// As [`App::add_comment`].
    pub async fn add_comment_after(
        &self,
        actor: &Actor,
        ticket: TicketId,
        new: NewComment,
        seen: Option<CommentId>,
        then: Option<Move>,
    ) -> Result<Written, Error> {
        self.write_comment(actor, ticket, new, Check::Since(seen), then).await
    }

    async fn write_comment(
        &self,
        actor: &Actor,
        ticket: TicketId,
        new: NewComment,
        check: Check,
        then: Option<Move>,
    ) -> Result<Written, Error> {
        self.allow(actor, Permission::Work)?;
        self.ticket_exists(actor, ticket).await?;
        if new.body.trim().is_empty() {
            return Err(Error::invalid("body", "the comment is empty: write something"));
        }
        let now = self.now();
        let (mut comment, files) = comment_row(new, ticket, now, now);
        let mut tx = self.store().begin().await?;
        store::ticket::hold(&mut tx, actor.workspace, ticket).await?;
        if let Check::Since(seen) = check {
            let since = store::ticket::comments_since(&mut tx, &actor.scope(), ticket, seen, MOST_SINCE).await?;
            if let Some(known) = since.iter().find(|known| files.is_empty() && is_same(known, &comment)) {
                return Ok(Written::AlreadyThere(known.clone()));
            }
            if let Some(other) = since.into_iter().find(|other| comment.public && other.public) {
                return Ok(Written::Overtaken(other));
            }
        }
        // Made once nobody else can comment on the ticket any more, so that ids are in the order in which comments come.
        comment.id = CommentId::at(self.now(), random());
        let saved = store::ticket::add_comment(&mut tx, actor.workspace, &comment, now).await;
        let saved = saved.map_err(|error| refusal(error, &comment, "public"))?;
        let is_sent = self.send_attachments(&mut tx, actor, &files, Place::Comment(ticket, saved.id), "attachment_ids").await?;
        let is_moved = match then {
            Some(then) => move_ticket(&mut tx, actor, ticket, then, now).await?,
            None => false,
        };
        if saved.change != Change::Unchanged || is_sent || is_moved {
            self.ticket_changed(&mut tx, actor.workspace, ticket, "ticket.commented");
        }
        tx.commit().await?;
        comment.id = saved.id;
        Ok(Written::Added(comment))
    }

    /// Keeps what somebody who knows says of a ticket; answers what that changed.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no ticket has that `external_id`.
    pub async fn put_label(&self, actor: &Actor, new: NewLabel) -> Result<Put<()>, Error> {
        self.allow(actor, Permission::Feed)?;
        let NewLabel { ticket, intents, sentiment, urgency, priority, group, assignee, next_step } = new;
        let found = store::ticket::by_external_id(self.store(), &actor.scope(), &ticket).await?.ok_or_else(|| not_found(&ticket))?;
        let label = Label { ticket: found.id, intents, sentiment, urgency, priority, group, assignee, next_step };
        let mut tx = self.store().begin().await?;
        let change = match store::label::get(&mut tx, actor.workspace, label.ticket).await? {
            None => Change::Created,
            Some(known) if known == label => Change::Unchanged,
            Some(_) => Change::Updated,
        };
        store::label::save(&mut tx, actor.workspace, &label).await?;
        tx.commit().await?;
        Ok(Put::new((), change))
    }

    /// Refuses tickets that the actor's workspace does not have.
    pub(crate) async fn ticket_exists(&self, actor: &Actor, id: TicketId) -> Result<Ticket, Error> {
        store::ticket::get(self.store(), &actor.scope(), id).await?.ok_or_else(|| not_found(&id))
    }

    /// Tells whoever looks at a ticket that it changed, and has its panel prepared anew.
    pub(crate) fn ticket_changed(&self, tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, what: &str) {
        self.announce(tx, workspace, ticket, what);
        self.enqueue(tx, workspace, JobKind::PreparePanel(ticket));
    }

    /// Tells whoever looks at a ticket that it changed.
    pub(crate) fn announce(&self, tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, what: &str) {
        let now = self.now();
        let event = crate::domain::event::Event {
            id: EventId::at(now, random()),
            workspace,
            kind: what.to_owned(),
            ticket: Some(ticket),
            created_at: now,
        };
        store::event::append(tx, &event);
    }

    /// Enqueues a job in the caller's transaction, unless the same one already waits.
    pub(crate) fn enqueue(&self, tx: &mut Tx, workspace: WorkspaceId, kind: JobKind) {
        self.enqueue_at(tx, workspace, kind, self.now());
    }

    /// Asks for work from a moment on; what already waits is not asked for again.
    pub(crate) fn enqueue_at(&self, tx: &mut Tx, workspace: WorkspaceId, kind: JobKind, run_at: Timestamp) {
        let id = JobId::at(self.now(), random());
        let unique_key = Some(kind.to_string());
        store::job::enqueue(tx, &NewJob { id, workspace, kind, unique_key, run_at, max_attempts: ATTEMPTS });
    }
}

fn requester_row(new: NewRequester, workspace: WorkspaceId, now: Timestamp) -> Customer {
    let NewRequester { email, name, external_id } = new;
    Customer {
        id: CustomerId::at(now, random()),
        workspace,
        external_id,
        email,
        name,
        organisation: None,
        tier: Tier::Standard,
        account_owner: None,
        language: None,
        notes: None,
        orders: Vec::new(),
        created_at: now,
    }
}

/// Moves a ticket that stands where somebody saw it; answers whether it did.
async fn move_ticket(tx: &mut Tx, actor: &Actor, ticket: TicketId, Move { from, to }: Move, now: Timestamp) -> Result<bool, Error> {
    let known = store::ticket::get(&mut *tx, &everything(actor), ticket).await?.ok_or_else(|| not_found(&ticket))?;
    if known.status != from {
        return Ok(false);
    }
    let solved_at = (to == TicketStatus::Solved).then(|| known.solved_at.unwrap_or(now));
    let moved = Ticket { status: to, solved_at, updated_at: now, ..known };
    Ok(store::ticket::save(tx, &moved).await?.change != Change::Unchanged)
}

/// A comment as it is kept, and the files that go with it; `otherwise` is when it was written if its source does not say.
fn comment_row(new: NewComment, ticket: TicketId, now: Timestamp, otherwise: Timestamp) -> (Comment, Vec<AttachmentId>) {
    let NewComment { author, public, body, created_at, attachments } = new;
    let created_at = created_at.unwrap_or(otherwise);
    (Comment { id: CommentId::at(now, random()), ticket, author, public, body, created_at }, attachments)
}

/// Why a comment was not added; `field` is where it stands in what was sent.
fn refusal(error: StoreError, comment: &Comment, field: &str) -> Error {
    if !matches!(error, StoreError::Conflict { .. }) {
        return error.into();
    }
    let (there, word) = if comment.public { ("an internal note", "false") } else { ("a public comment", "true") };
    let reason = format!(
        "the ticket has this comment already as {there}, of the same author, moment and text, and who may read it does not change: send it \
         with `public` {word}, with another `created_at` if it was written twice, or leave it out; nothing of what was sent was taken in"
    );
    Error::ConflictAt { field: field.to_owned(), reason }
}

/// The service's own view, which decides nothing that the actor sees.
fn everything(actor: &Actor) -> Scope {
    Scope::new(actor.workspace, Reader::Everything)
}

/// Whether the author said the same to the same readers.
fn is_same(known: &Comment, new: &Comment) -> bool {
    known.author == new.author && known.public == new.public && known.body.trim() == new.body.trim()
}

fn not_found(id: &impl ToString) -> Error {
    Error::NotFound { kind: "ticket", id: id.to_string() }
}

/// Reads a page request as the store takes it.
pub(crate) fn page_request(page: &PageRequest) -> Result<store::PageRequest, Error> {
    let after = page.cursor.as_deref().map(str::parse::<Cursor>).transpose();
    Ok(store::PageRequest {
        limit: page.limit.unwrap_or(DEFAULT_PAGE).clamp(1, LARGEST_PAGE),
        after: after
            .map_err(|_| Error::invalid("cursor", "not a cursor of this list: take `next_cursor` of the page before, or leave it out"))?,
    })
}

/// Gives a page of the store to a door.
#[expect(clippy::unnecessary_wraps, reason = "lets verbs end with one expression")]
pub(crate) fn page_of<T>(page: store::Page<T>) -> Result<Page<T>, Error> {
    Ok(Page { items: page.items, next_cursor: page.next.map(|cursor| cursor.to_string()) })
}
