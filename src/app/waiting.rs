//! What waits for somebody of the desk: side conversations that were left hanging, and customers whom nobody answered.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::app::App;
use crate::app::error::Error;
use crate::app::panel::{CutThread, PAST_THREADS, cut_thread};
use crate::app::pieces::Piece;
use crate::app::ticket::page_request;
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{CustomerId, TicketId, WorkspaceId};
use crate::domain::intake::{Page, PageRequest};
use crate::domain::panel::{self, LooseEnd, LooseEndKind, TicketHead};
use crate::domain::person::Directory;
use crate::domain::thread::ThreadHistory;
use crate::domain::ticket::TicketHistory;
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{EmailAddress, Language};
use crate::domain::waiting::{Few, HangingThread, Holder, Section, Waiting, Whose};
use crate::lines::Line;
use crate::store::{self, Cursor};
use crate::threads::{self, Desk, ThreadLines, Usuals};

/// So many side conversations that are open are judged, and so many that were closed lately, those that changed last.
const JUDGED: u32 = 500;
/// A closed side conversation is looked at for so long: what it answered and nobody passed on is no news then.
const CLOSED_SECONDS: i64 = 30 * 24 * 3600;
/// For so long what was judged is counted without being judged again: time alone changes it little.
const FRESH_SECONDS: i64 = 60;

impl App {
    /// What waits for the actor, or for everybody, as the rows say now: at most so many things of each kind.
    ///
    /// Somebody without tickets and teams of their own is shown what nobody has.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn waiting(&self, actor: &Actor, whose: Whose, most: u32) -> Result<Waiting, Error> {
        self.allow(actor, Permission::Read)?;
        let (holder, email) = self.holder(actor, whose).await?;
        let scope = actor.scope();
        let unanswered = async { Ok::<_, Error>(store::ticket::unanswered(self.store(), &scope, &holder, most).await?) };
        let ((hanging, is_open), unanswered) = tokio::try_join!(self.hanging(actor), unanswered)?;
        let hanging = self.of_holder(actor, &holder, email.as_ref(), hanging).await?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let sections = [Section::LooseEnds(Few::of(hanging, most, is_open)), Section::Unanswered(unanswered)];
        let is_empty = |section: &Section| match section {
            Section::LooseEnds(few) => few.items.is_empty(),
            Section::Unanswered(few) => few.items.is_empty(),
        };
        Ok(Waiting { holder, sections: sections.into_iter().filter(|section| !is_empty(section)).collect() })
    }

    /// How many things wait for the actor: cheaper than what they are, and what stalled or was renamed meanwhile may come a minute late.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn count_waiting(&self, actor: &Actor) -> Result<u64, Error> {
        self.allow(actor, Permission::Read)?;
        let (holder, email) = self.holder(actor, Whose::Mine).await?;
        let scope = actor.scope();
        let unanswered = async { Ok::<_, Error>(store::ticket::unanswered(self.store(), &scope, &holder, 1).await?) };
        let (hanging, unanswered) = tokio::try_join!(self.hanging_lately(actor), unanswered)?;
        let hanging = self.of_holder(actor, &holder, email.as_ref(), hanging.as_ref().clone()).await?;
        Ok(unanswered.count().saturating_add(u64::try_from(hanging.len()).unwrap_or(u64::MAX)))
    }

    /// The side conversations of the workspace that were left hanging and that the actor may see: by kind, the oldest of each first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read; [`Error::Invalid`] for a cursor that no list gave.
    pub async fn loose_ends(&self, actor: &Actor, page: PageRequest) -> Result<Page<HangingThread>, Error> {
        self.allow(actor, Permission::Read)?;
        let store::PageRequest { limit, after } = page_request(&page)?;
        let wrong = || Error::invalid("cursor", "not a cursor of this list: take `next_cursor` of the page before, or leave it out");
        let after = after.map(|after| after.place().ok_or_else(wrong)).transpose()?;
        let (mut items, _) = self.hanging(actor).await?;
        items.retain(|thread| after.is_none_or(|after| place(thread).place() > Some(after)));
        let has_more = items.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next_cursor = items.last().filter(|_| has_more).map(|last| place(last).to_string());
        Ok(Page { items, next_cursor })
    }

    /// Who has the tickets that are asked for, and the reader's address where only their own things are.
    async fn holder(&self, actor: &Actor, whose: Whose) -> Result<(Holder, Option<EmailAddress>), Error> {
        let user = match (whose, actor.user) {
            (Whose::Mine, Some(user)) => store::user::get(self.store(), actor.workspace, user).await?,
            (Whose::Mine, None) | (Whose::Everybodys, _) => None,
        };
        let Some(email) = user.map(|user| user.email) else { return Ok((Holder::Anybody, None)) };
        let has_some = !actor.teams.is_empty() || store::ticket::has_unsolved(self.store(), &actor.scope(), &email).await?;
        let holder = if has_some { Holder::Agent { email: email.clone(), teams: actor.teams.clone() } } else { Holder::Nobody };
        Ok((holder, Some(email)))
    }

    /// Those of side conversations whose ticket somebody has, or that they opened: whoever asked passes the answer on, whoever has the ticket.
    /// Not those whose loose ends the actor set aside on the ticket.
    async fn of_holder(
        &self,
        actor: &Actor,
        holder: &Holder,
        email: Option<&EmailAddress>,
        mut hanging: Vec<HangingThread>,
    ) -> Result<Vec<HangingThread>, Error> {
        if *holder != Holder::Anybody {
            let tickets: BTreeSet<TicketId> = hanging.iter().map(|thread| thread.ticket.id).collect();
            let held = store::ticket::held(self.store(), &actor.scope(), holder, &tickets.into_iter().collect::<Vec<_>>()).await?;
            hanging.retain(|thread| held.contains(&thread.ticket.id) || Some(&thread.opened_by) == email);
            let aside = store::set_aside::loose_ends(self.store(), actor.workspace, &actor.name, self.now()).await?;
            let mut ends: HashMap<TicketId, Vec<LooseEnd>> = HashMap::new();
            for thread in &hanging {
                ends.entry(thread.ticket.id).or_default().push(thread.end.clone());
            }
            let thing = |ticket: TicketId| panel::hanging(ends.get(&ticket).into_iter().flatten()).thing.unwrap_or_default();
            hanging.retain(|thread| !aside.contains(&(thread.ticket.id, thing(thread.ticket.id))));
        }
        Ok(hanging)
    }

    /// The same as [`App::hanging`], judged at most a minute ago and since the last event of the workspace.
    pub(super) async fn hanging_lately(&self, actor: &Actor) -> Result<Arc<Vec<HangingThread>>, Error> {
        // Asked first: what happens while the rest is read makes it be judged again.
        let (seq, now) = (store::event::last_seq(self.store(), actor.workspace).await?, self.now());
        let key = (actor.workspace, actor.scope().reader().tokens());
        let is_fresh = |lately: &&Lately| lately.seq == seq && now.seconds_since(lately.judged_at) < FRESH_SECONDS;
        // Held while it is judged: of many inboxes that are opened at once one judges.
        let mut kept = self.lately().lock().await;
        if let Some(lately) = kept.get(&key).filter(is_fresh) {
            return Ok(Arc::clone(&lately.hanging));
        }
        let hanging = Arc::new(self.hanging(actor).await?.0);
        kept.retain(|_, lately| now.seconds_since(lately.judged_at) < FRESH_SECONDS);
        kept.insert(key, Lately { seq, judged_at: now, hanging: Arc::clone(&hanging) });
        Ok(hanging)
    }

    /// What the actor may see of what side conversations left hanging, judged now; also answers whether not all of them were looked at.
    async fn hanging(&self, actor: &Actor) -> Result<(Vec<HangingThread>, bool), Error> {
        let (scope, now) = (actor.scope(), self.now());
        let since = now.plus_seconds(-CLOSED_SECONDS);
        let (histories, has_more) = store::thread::unsettled(self.store(), &scope, since, JUDGED).await?;
        let ids: BTreeSet<TicketId> = histories.iter().map(|history| history.thread.ticket).collect();
        let tickets = store::ticket::histories(self.store(), &scope, &ids.into_iter().collect::<Vec<_>>()).await?;
        let requesters: BTreeSet<CustomerId> = tickets.iter().map(|history| history.ticket.requester).collect();
        let customers = store::customer::by_ids(self.store(), actor.workspace, &requesters.into_iter().collect::<Vec<_>>()).await?;
        let workspace = store::workspace::get(self.store(), actor.workspace).await?;
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let past = store::thread::before(self.store(), &everything, now, PAST_THREADS).await?;
        let facts = Facts {
            usuals: Usuals::measured(&past, &directory),
            tickets: tickets.into_iter().map(|history| (history.ticket.id, history)).collect(),
            requesters: customers.into_iter().map(|customer| (customer.id, customer.email)).collect(),
            directory,
            language: workspace.map_or(Language::ENGLISH, |workspace| workspace.default_language),
            now,
        };
        let judged = tokio::task::spawn_blocking(move || {
            let mut hanging: Vec<HangingThread> = histories.into_iter().flat_map(|history| facts.judge(history)).collect();
            hanging.sort_by_key(|thread| place(thread).place());
            hanging
        });
        Ok((judged.await.map_err(Error::internal)?, has_more))
    }
}

/// Who reads which workspace: readers of the same words see the same.
pub(super) type Readers = (WorkspaceId, Option<Vec<String>>);

/// What was left hanging a short while ago.
#[derive(Debug)]
pub(super) struct Lately {
    /// The number of the last event before it was judged.
    seq: i64,
    judged_at: Timestamp,
    hanging: Arc<Vec<HangingThread>>,
}

/// What a side conversation is judged by.
struct Facts {
    tickets: HashMap<TicketId, TicketHistory>,
    requesters: HashMap<CustomerId, EmailAddress>,
    directory: Directory,
    usuals: Usuals,
    language: Language,
    now: Timestamp,
}

impl Facts {
    /// What is left hanging of a side conversation; nothing where its ticket is not to be seen.
    fn judge(&self, history: ThreadHistory) -> Vec<HangingThread> {
        let Some(ticket) = self.tickets.get(&history.thread.ticket) else { return Vec::new() };
        let Some(requester) = self.requesters.get(&ticket.ticket.requester) else { return Vec::new() };
        let desk = Desk { history: ticket, requester, directory: &self.directory };
        // The words alone tell who answered what: without vectors, so that the encoder is not waited for.
        let CutThread { history, pieces } = cut_thread(history, &self.directory, self.language);
        let lines: Vec<Line<'_>> = pieces.iter().flat_map(Piece::lines).collect();
        let waiting_on = threads::waiting(&history, &lines).map(|waiting| waiting.on);
        let hanging = |end| HangingThread {
            ticket: TicketHead::from(&ticket.ticket),
            subject: history.thread.subject.clone(),
            opened_by: history.thread.opened_by.clone(),
            waiting_on: waiting_on.clone(),
            end,
        };
        let thread = ThreadLines { history: &history, lines: &lines };
        threads::loose_ends(&desk, &[thread], &self.usuals, self.now).into_iter().map(hanging).collect()
    }
}

/// Where a side conversation stands in the list: by what is left hanging, then by how long.
fn place(thread: &HangingThread) -> Cursor {
    let rank = match thread.end.kind {
        LooseEndKind::AnsweredNotRelayed => 0,
        LooseEndKind::Stalled => 1,
        LooseEndKind::ChildSolved => 2,
        LooseEndKind::OpenOnSolved => 3,
    };
    Cursor::of(rank, thread.end.since, thread.end.thread.as_uuid())
}
