//! Incidents: finding one when a ticket comes, adding later tickets to it, and showing them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::app::clock::random;
use crate::app::compared::{Compared, Member};
use crate::app::error::Error;
use crate::app::knowledge::Knowledge;
use crate::app::pieces::Piece;
use crate::app::ticket::page_request;
use crate::app::{App, Needed};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{IncidentId, TicketId, WorkspaceId};
use crate::domain::incident::{Incident, Patience, Standing};
use crate::domain::intake::{Page, PageRequest};
use crate::domain::ticket::Ticket;
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{IncidentState, Kind};
use crate::index::Query;
use crate::lines::words::Words;
use crate::playbook::Burst;
use crate::store::{self, Tx};
use crate::triage::incident::{Found, Likeness, Limits, Near, Report, Usual, about, held_together, judge};

/// So many tickets that are like a new one are looked at, and as many of the weeks before.
const LOOKED_AT: usize = 200;
/// Less alike by their vectors, texts are not read.
const LEAST_COSINE: f32 = 0.2;
/// What is usual is counted over four weeks.
const USUAL_SECONDS: i64 = 28 * 24 * 3600;
/// And from the last day at least.
const SHORTEST_SECONDS: i64 = 24 * 3600;
/// A ticket joins an incident by the last of its tickets.
const COMPARED_WITH: usize = 8;
/// So many incidents are open at once, at most.
const MOST_OPEN: u32 = 20;
/// No playbook waits longer than this until an incident is quiet.
const LONGEST_QUIET_SECONDS: i64 = 168 * 3600;
/// The inbox tells of so many.
const MOST_TOLD: usize = 3;

/// What was seen when a ticket was held against those around it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sighting {
    /// There is nothing to compare.
    Nothing,
    /// It is part of an incident of so many tickets, itself among them.
    Part(u32),
    /// It joins an incident, which is now about this.
    Joins { incident: IncidentId, about: Vec<String>, tickets: u32 },
    /// It makes one with others.
    Makes { tickets: Vec<TicketId>, about: Vec<String>, customers: usize, expected: f64 },
    /// Too few customers wrote the like, or no more than usual.
    None(Found),
}

/// An incident with what is compared of its last tickets.
pub(crate) struct Open {
    incident: Incident,
    members: Vec<Arc<Member>>,
}

impl Open {
    /// Whether it was going on at a moment: not yet over then, and no longer before it began than its window is.
    fn was_open(&self, at: Timestamp, burst: Burst) -> bool {
        let moments = self.incident.tickets.iter().map(|head| head.created_at);
        let (Some(first), Some(last)) = (moments.clone().min(), moments.max()) else { return false };
        first.plus_seconds(-limits(burst).window_seconds) <= at && at <= last.plus_seconds(patience(burst).over_seconds)
    }
}

/// The first of some incidents that a text is like and that was open when it was written, and what it is about with it.
fn joined<'i>(
    knowledge: &Knowledge,
    (ticket, gist, dense): (&Ticket, &Piece, &[f32]),
    open: &'i [Open],
) -> Option<(&'i Incident, Vec<String>)> {
    let burst = knowledge.playbook.thresholds.incident;
    let going_on: Vec<&Open> = open.iter().filter(|one| one.was_open(ticket.created_at, burst)).collect();
    if going_on.is_empty() {
        return None;
    }
    let own = Compared::cut(knowledge, ticket, gist);
    for Open { incident, members } in going_on {
        let like = |member: &Arc<Member>| own.likeness(knowledge, &member.compared, cosine(dense, &member.vector));
        let likenesses: Vec<Likeness> = members.iter().map(like).collect();
        // Alike as a whole, or akin and with the words that the incident is about.
        let has = |word: &String| {
            let stems = Words::of(word, gist.language).stems;
            own.report.things.contains(word) || stems.iter().any(|stem| own.report.words.contains_key(stem))
        };
        let shared = incident.about.iter().filter(|word| has(word)).count();
        let speaks_of_it = shared > 0 && shared * 2 >= incident.about.len();
        let tied = |likeness: &&Likeness| likeness.is_alike() || (speaks_of_it && likeness.is_akin());
        let alike = likenesses.iter().filter(tied).count();
        if alike >= 2 && alike * 2 >= members.len() {
            let reports: Vec<&Report> = members.iter().map(|member| &member.compared.report).chain([&own.report]).collect();
            // Nothing is known here of other tickets: what the incident was about before stays.
            let shared: BTreeSet<String> = about(&reports, &[]).into_iter().collect();
            let mut named: Vec<String> = incident.about.iter().filter(|word| shared.contains(*word)).cloned().collect();
            if named.is_empty() {
                named.clone_from(&incident.about);
            }
            return Some((incident, named));
        }
    }
    None
}

impl App {
    /// The incidents, those with the latest tickets first, as they stand now.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read; [`Error::Invalid`] for a cursor that no list gave.
    pub async fn incidents(&self, actor: &Actor, page: PageRequest) -> Result<Page<Standing>, Error> {
        self.allow(actor, Permission::Read)?;
        let patience = self.patience(actor.workspace).await?;
        let found = store::incident::list(self.store(), &actor.scope(), &page_request(&page)?).await?;
        let items = found.items.iter().map(|incident| incident.standing(self.now(), patience)).collect();
        Ok(Page { items, next_cursor: found.next.map(|cursor| cursor.to_string()) })
    }

    /// An incident with its tickets, and how it stands now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn incident(&self, actor: &Actor, id: IncidentId) -> Result<(Incident, Standing), Error> {
        self.allow(actor, Permission::Read)?;
        let found = store::incident::get(self.store(), &actor.scope(), id).await?;
        let incident = found.ok_or_else(|| Error::NotFound { kind: "incident", id: id.to_string() })?;
        let standing = incident.standing(self.now(), self.patience(actor.workspace).await?);
        Ok((incident, standing))
    }

    /// The incidents that grow just now, the latest first: what an inbox tells of.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn growing_incidents(&self, actor: &Actor) -> Result<Vec<Standing>, Error> {
        self.allow(actor, Permission::Read)?;
        let since = self.now().plus_seconds(-LONGEST_QUIET_SECONDS);
        let found = store::incident::since(self.store(), &actor.scope(), since, MOST_OPEN).await?;
        // An inbox is opened often, and seldom does anything happen.
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let patience = self.patience(actor.workspace).await?;
        let standing = found.iter().map(|incident| incident.standing(self.now(), patience));
        Ok(standing.filter(|standing| standing.state == IncidentState::Growing).take(MOST_TOLD).collect())
    }

    /// The incident that a ticket is part of, as it stands now.
    pub(crate) async fn incident_of(&self, actor: &Actor, ticket: TicketId) -> Result<Option<Standing>, Error> {
        let Some(incident) = store::incident::of_ticket(self.store(), &actor.scope(), ticket).await? else { return Ok(None) };
        Ok(Some(incident.standing(self.now(), self.patience(actor.workspace).await?)))
    }

    /// The incidents that may have been open when some texts were written, the first of them then; none for no texts.
    pub(crate) async fn open_incidents(
        &self,
        actor: &Actor,
        knowledge: &Arc<Knowledge>,
        first: Option<Timestamp>,
    ) -> Result<Vec<Open>, Error> {
        let Some(first) = first else { return Ok(Vec::new()) };
        let since = first.plus_seconds(-patience(knowledge.playbook.thresholds.incident).over_seconds);
        let found = store::incident::since(self.store(), &actor.scope(), since, MOST_OPEN).await?;
        self.opened(&actor.scope(), knowledge, found, Needed::Now).await
    }

    /// The one of some incidents whose tickets a passing text is like, if it was open when the text was written.
    pub(crate) fn incident_like(&self, knowledge: &Knowledge, text: (&Ticket, &Piece, &[f32]), open: &[Open]) -> Option<Standing> {
        let patience = patience(knowledge.playbook.thresholds.incident);
        joined(knowledge, text, open).map(|(incident, _)| incident.standing(self.now(), patience))
    }

    /// Incidents with what is compared of their last tickets.
    async fn opened(&self, scope: &Scope, knowledge: &Arc<Knowledge>, found: Vec<Incident>, needed: Needed) -> Result<Vec<Open>, Error> {
        fn last(incident: &Incident) -> impl Iterator<Item = TicketId> {
            incident.tickets[incident.tickets.len().saturating_sub(COMPARED_WITH)..].iter().map(|head| head.id)
        }
        let everything = Scope::new(scope.workspace(), Reader::Everything);
        let ids: Vec<TicketId> = found.iter().flat_map(last).collect();
        let known = self.members(&everything, knowledge, &ids, needed).await?;
        let opened = found.into_iter().map(|incident| {
            let members = last(&incident).filter_map(|id| known.get(&id).cloned()).collect();
            Open { incident, members }
        });
        Ok(opened.collect())
    }

    /// Holds a ticket against the open incidents and against the tickets of the same hours.
    pub(crate) async fn sight(
        &self,
        workspace: WorkspaceId,
        knowledge: &Arc<Knowledge>,
        ticket: &Ticket,
        (gist, dense): (&Piece, &[f32]),
    ) -> Result<Sighting, Error> {
        let everything = Scope::new(workspace, Reader::Everything);
        if let Some(incident) = store::incident::of_ticket(self.store(), &everything, ticket.id).await? {
            return Ok(Sighting::Part(count(incident.tickets.len())));
        }
        if gist.body.is_empty() {
            return Ok(Sighting::Nothing);
        }
        let burst = knowledge.playbook.thresholds.incident;
        let since = ticket.created_at.plus_seconds(-patience(burst).over_seconds);
        let found = store::incident::since(self.store(), &everything, since, MOST_OPEN).await?;
        let open = self.opened(&everything, knowledge, found, Needed::Later).await?;
        if let Some((incident, about)) = joined(knowledge, (ticket, gist, dense), &open) {
            return Ok(Sighting::Joins { incident: incident.id, about, tickets: count(incident.tickets.len() + 1) });
        }
        self.burst(&everything, knowledge, (ticket, gist, dense), limits(burst)).await
    }

    /// Keeps what was seen: one burst is one incident, whoever sees it first.
    pub(crate) async fn note_sighting(&self, tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId, seen: &Sighting) -> Result<(), Error> {
        let (known, tickets, about) = match seen {
            Sighting::Nothing | Sighting::Part(_) | Sighting::None(_) => return Ok(()),
            Sighting::Joins { incident, about, .. } => (Some(*incident), vec![ticket], about),
            Sighting::Makes { tickets, about, .. } => (None, tickets.clone(), about),
        };
        store::incident::hold(tx, workspace).await?;
        let everything = Scope::new(workspace, Reader::Everything);
        // Tickets that were removed meanwhile are part of nothing.
        let there: BTreeSet<TicketId> =
            store::ticket::by_ids(&mut *tx, &everything, &tickets).await?.into_iter().map(|ticket| ticket.id).collect();
        let mut parts: BTreeMap<IncidentId, usize> = BTreeMap::new();
        for incident in store::incident::of_tickets(&mut *tx, workspace, &tickets).await?.into_values() {
            *parts.entry(incident).or_default() += 1;
        }
        let most = parts.into_iter().max_by_key(|(_, tickets)| *tickets).map(|(incident, _)| incident);
        let id = known.or(most).unwrap_or_else(|| IncidentId::at(self.now(), random()));
        store::incident::save(tx, workspace, id, about, self.now()).await?;
        for member in tickets.iter().filter(|member| there.contains(member)) {
            if store::incident::join(tx, workspace, id, *member).await? {
                self.announce(tx, workspace, *member, "ticket.incident");
            }
        }
        Ok(())
    }

    /// Whether a ticket makes an incident with those that came shortly before and after it.
    async fn burst(
        &self,
        scope: &Scope,
        knowledge: &Knowledge,
        (ticket, gist, dense): (&Ticket, &Piece, &[f32]),
        limits: Limits,
    ) -> Result<Sighting, Error> {
        let at = ticket.created_at;
        let (from, to) = (at.plus_seconds(-limits.window_seconds), at.plus_seconds(limits.window_seconds + 1));
        // Where hardly anybody wrote at all, nothing needs to be compared.
        let around = store::incident::tally(self.store(), scope.workspace(), from, to).await?.tickets;
        if usize::try_from(around).is_ok_and(|around| around < limits.least) {
            return Ok(Sighting::None(Found::Few(1)));
        }
        let own = Compared::cut(knowledge, ticket, gist);
        let like = |(other, cosine): &(Compared, f32)| own.likeness(knowledge, other, *cosine);
        let near = self.most_like(scope, knowledge, (ticket, gist, dense), (from, to)).await?;
        let customers = near.iter().filter(|other| like(other).is_akin()).map(|(other, _)| other.report.customer);
        let customers: BTreeSet<_> = customers.chain([ticket.requester]).collect();
        if customers.len() < limits.least {
            return Ok(Sighting::None(Found::Few(customers.len())));
        }
        // Enough of them: only now what is usual is worth reading.
        let Some((start, earlier)) = self.earlier(scope, knowledge, (ticket, gist, dense), &own, from).await? else {
            // So much of it comes every day that nothing tells an incident from the rest.
            let expected = expected_of_more(limits.window_seconds);
            return Ok(Sighting::None(Found::Usual { alike: customers.len(), expected }));
        };
        let usual = self.usual(scope.workspace(), (start, at), limits.window_seconds).await?;
        let around: Vec<Near<'_>> = near.iter().map(|other| Near { report: &other.0.report, likeness: like(other) }).collect();
        let long_ago: Vec<Near<'_>> = earlier.iter().map(|other| Near { report: &other.0.report, likeness: like(other) }).collect();
        let found = judge(&own.report, &around, &long_ago, usual, limits);
        let Found::Burst { tickets, expected, word, .. } = &found else { return Ok(Sighting::None(found)) };
        // Like the new one is not yet like each other.
        let members: Vec<&Compared> =
            near.iter().map(|(other, _)| other).chain([&own]).filter(|one| tickets.contains(&one.report.ticket)).collect();
        let vectors = self.embed(members.iter().map(|member| member.body.clone()).collect(), Needed::Later).await?;
        let is_tied = |one: usize, other: usize| {
            let likeness = members[one].likeness(knowledge, members[other], cosine(&vectors[one], &vectors[other]));
            if word.is_some() { likeness.is_akin() } else { likeness.is_alike() }
        };
        let kept: Vec<&Compared> = held_together(members.len(), is_tied).into_iter().map(|place| members[place]).collect();
        let customers = kept.iter().map(|member| member.report.customer).collect::<BTreeSet<_>>().len();
        if customers < limits.least || !kept.iter().any(|member| member.report.ticket == ticket.id) {
            return Ok(Sighting::None(Found::Few(customers)));
        }
        let reports: Vec<&Report> = kept.iter().map(|member| &member.report).collect();
        let others: Vec<&Report> = earlier.iter().map(|(other, _)| &other.report).collect();
        let mut about = about(&reports, &others);
        // The word by which they were found comes first.
        if let Some(written) = word.as_ref().and_then(|stem| own.report.words.get(stem)) {
            about.retain(|word| word != written);
            about.insert(0, written.clone());
        }
        Ok(Sighting::Makes { tickets: kept.iter().map(|member| member.report.ticket).collect(), about, customers, expected: *expected })
    }

    /// The tickets before a moment that are most like a text, and from when on: of so many weeks as can be read whole. Of a longer stretch only
    /// a part would be counted, and what is usual would seem a surprise. `None` where not even a day can be.
    async fn earlier(
        &self,
        scope: &Scope,
        knowledge: &Knowledge,
        asked: (&Ticket, &Piece, &[f32]),
        own: &Compared,
        until: Timestamp,
    ) -> Result<Option<(Timestamp, Vec<(Compared, f32)>)>, Error> {
        for seconds in [USUAL_SECONDS, USUAL_SECONDS / 4, SHORTEST_SECONDS] {
            let start = until.plus_seconds(-seconds);
            let earlier = self.most_like(scope, knowledge, asked, (start, until)).await?;
            // Where some of those that were found are unlike it, hardly any like ones were left out.
            let akin = earlier.iter().filter(|(other, cosine)| own.likeness(knowledge, other, *cosine).is_akin()).count();
            if akin < LOOKED_AT - LOOKED_AT / 10 {
                return Ok(Some((start, earlier)));
            }
        }
        Ok(None)
    }

    /// What is usual, from the weeks before the window that ends at a moment.
    async fn usual(&self, workspace: WorkspaceId, (start, at): (Timestamp, Timestamp), window_seconds: i64) -> Result<Usual, Error> {
        let (from, to) = (at.plus_seconds(-window_seconds), at.plus_seconds(window_seconds));
        let before = store::incident::tally(self.store(), workspace, start, from).await?;
        let until = store::incident::tally(self.store(), workspace, from, at.plus_seconds(1)).await?;
        let after = store::incident::tally(self.store(), workspace, at, to).await?;
        let since = before.first.map_or(from, |first| first.max(start));
        let whole = |many: u64| usize::try_from(many).unwrap_or(usize::MAX);
        Ok(Usual {
            seconds: from.seconds_since(since).max(0),
            all: whole(before.tickets),
            // The busier side: a window that reaches into the future is not empty because the desk is.
            all_in_window: whole(until.tickets.max(after.tickets)),
        })
    }

    /// The tickets of a stretch of time that are most like a text, each with the cosine of the two vectors. The index itself looks at that
    /// stretch alone: on a large desk the like of all other times would leave no room for them.
    async fn most_like(
        &self,
        scope: &Scope,
        knowledge: &Knowledge,
        (ticket, gist, dense): (&Ticket, &Piece, &[f32]),
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<(Compared, f32)>, Error> {
        let mut query = Query::new(scope.clone(), gist.body.clone(), LOOKED_AT);
        query.kinds = vec![Kind::Ticket];
        query.language = Some(gist.language);
        query.dense = Some(dense.to_vec());
        query.not_ticket = Some(ticket.id);
        (query.since, query.before) = (Some(from), Some(to));
        let hits = self.index().search(query).await?;
        let cosines: HashMap<TicketId, f32> = hits
            .iter()
            .filter_map(|hit| Some((TicketId::from_uuid(hit.id), hit.cosine?)))
            .filter(|(_, cosine)| *cosine >= LEAST_COSINE)
            .collect();
        let ids: Vec<TicketId> = cosines.keys().copied().collect();
        let found = store::ticket::by_ids(self.store(), scope, &ids).await?;
        // The index may not know yet when a ticket was really written.
        let within = found.into_iter().filter(|other| from <= other.created_at && other.created_at < to);
        let read = |other: Ticket| (Compared::of(knowledge, &other), cosines.get(&other.id).copied().unwrap_or_default());
        Ok(within.map(read).collect())
    }

    async fn patience(&self, workspace: WorkspaceId) -> Result<Patience, Error> {
        let files = store::playbook::current(self.store(), workspace).await?.map(|version| version.files).unwrap_or_default();
        // A playbook that an earlier version of the product took and this one does not must not hide what happens.
        let burst = crate::playbook::Playbook::parse(&files).map_or_else(|_| Burst::default(), |playbook| playbook.thresholds.incident);
        Ok(patience(burst))
    }
}

/// When an incident is quiet and when it is over.
fn patience(burst: Burst) -> Patience {
    let seconds = |hours: u32| i64::from(hours) * 3600;
    Patience { quiet_seconds: seconds(burst.quiet_after_hours), over_seconds: seconds(burst.over_after_hours) }
}

fn limits(burst: Burst) -> Limits {
    Limits { window_seconds: i64::from(burst.window_hours) * 3600, least: usize::try_from(burst.least_tickets).unwrap_or(usize::MAX) }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

/// At least so many like tickets come in a window where a day brings more than are looked at.
#[expect(clippy::cast_precision_loss, reason = "hours in seconds, and a few hundred tickets")]
fn expected_of_more(window_seconds: i64) -> f64 {
    LOOKED_AT as f64 * window_seconds as f64 / SHORTEST_SECONDS as f64
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}
