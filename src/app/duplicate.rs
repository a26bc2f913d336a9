//! Duplicates: which tickets say the same, and what somebody of the desk says of that.

use std::collections::BTreeSet;

use crate::app::error::Error;
use crate::app::knowledge::{Knowledge, gist};
use crate::app::pieces::Piece;
use crate::app::{App, Needed};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::TicketId;
use crate::domain::panel::TicketHead;
use crate::domain::ticket::Ticket;
use crate::domain::triage::SaidDuplicate;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{DuplicateBy, TicketStatus};
use crate::store;
use crate::text::entity;
use crate::triage::duplicate::{Other, Verdict, compare};

/// What the comparison with another ticket came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Twin {
    /// The other ticket.
    pub(crate) ticket: TicketId,
    /// What it is called.
    pub(crate) reference: String,
    /// What the comparison came to.
    pub(crate) verdict: Verdict,
}

/// The tickets that one was compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Twins {
    /// Those that are the same or nearly, nearest first.
    pub(crate) found: Vec<Twin>,
    /// What somebody said.
    pub(crate) said: Vec<SaidDuplicate>,
    /// What those tickets are called that somebody said something of.
    pub(crate) said_of: Vec<(TicketId, String)>,
    /// How many were compared.
    pub(crate) compared: usize,
}

impl Twins {
    /// The tickets that say the same, as was judged or said.
    pub(crate) fn same(&self) -> Vec<TicketId> {
        self.found.iter().filter(|twin| matches!(twin.verdict, Verdict::Same(_))).map(|twin| twin.ticket).collect()
    }
}

impl App {
    /// Keeps what the actor says of two tickets: that they are one, or that they are not. It is shown on both, and the judgement keeps to it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::Invalid`] for a ticket and itself.
    pub async fn say_duplicate(&self, actor: &Actor, ticket: TicketId, other: TicketId, is_same: bool) -> Result<SaidDuplicate, Error> {
        self.allow(actor, Permission::Work)?;
        self.ticket_exists(actor, ticket).await?;
        self.ticket_exists(actor, other).await?;
        if ticket == other {
            return Err(Error::invalid("other", "a ticket is no duplicate of itself: name another one"));
        }
        let said = SaidDuplicate { other, is_same, by: self.called(actor).await?, at: self.now() };
        let mut tx = self.store().begin().await?;
        store::said_duplicate::save(&mut tx, actor.workspace, ticket, &said).await?;
        for one in [ticket, other] {
            self.ticket_changed(&mut tx, actor.workspace, one, "ticket.corrected");
        }
        tx.commit().await?;
        Ok(said)
    }

    /// Forgets what was said of two tickets, so that they are judged again; answers whether anything was said.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn take_duplicate_back(&self, actor: &Actor, ticket: TicketId, other: TicketId) -> Result<bool, Error> {
        self.allow(actor, Permission::Work)?;
        self.ticket_exists(actor, ticket).await?;
        self.ticket_exists(actor, other).await?;
        let mut tx = self.store().begin().await?;
        let was_said = store::said_duplicate::remove(&mut tx, actor.workspace, ticket, other).await?;
        if was_said {
            for one in [ticket, other] {
                self.ticket_changed(&mut tx, actor.workspace, one, "ticket.corrected");
            }
        }
        tx.commit().await?;
        Ok(was_said)
    }

    /// What some tickets are called; those that the actor may not see are left out.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn ticket_heads(&self, actor: &Actor, tickets: &[TicketId]) -> Result<Vec<TicketHead>, Error> {
        self.allow(actor, Permission::Read)?;
        Ok(store::ticket::by_ids(self.store(), &actor.scope(), tickets).await?.iter().map(TicketHead::from).collect())
    }

    /// Compares a ticket with those that are near it and with the others of its customer.
    pub(crate) async fn twins(
        &self,
        knowledge: &Knowledge,
        (ticket, own, dense): (&Ticket, &Piece, &[f32]),
        near: Vec<(f32, &Ticket)>,
        customers: &[Ticket],
    ) -> Result<Twins, Error> {
        let said = store::said_duplicate::of_ticket(self.store(), ticket.workspace, ticket.id).await?;
        let known: BTreeSet<TicketId> = near.iter().map(|(_, other)| other.id).collect();
        let more: Vec<&Ticket> = customers.iter().filter(|other| other.id != ticket.id && !known.contains(&other.id)).collect();
        let pieces: Vec<Piece> = more.iter().map(|other| gist(other, knowledge.language)).collect();
        let vectors = self.embed(pieces.iter().map(|piece| piece.body.clone()).collect(), Needed::Later).await?;
        let words = knowledge.words(&own.body);
        let likeness = |piece: &Piece, vector: &[f32]| {
            let cosine: f32 = dense.iter().zip(vector).map(|(a, b)| a * b).sum();
            knowledge.ground.blend(own.language, cosine, words.dot(&knowledge.words(&piece.body)))
        };
        let others: Vec<(f32, &Ticket, Piece)> = near
            .into_iter()
            .map(|(likeness, other)| (likeness, other, gist(other, knowledge.language)))
            .chain(more.into_iter().zip(pieces).zip(&vectors).map(|((other, piece), vector)| (likeness(&piece, vector), other, piece)))
            .collect();
        let orders = orders(knowledge, ticket);
        let mut found: Vec<(f32, Twin)> = Vec::new();
        for (likeness, other, piece) in &others {
            let verdict = match said.iter().find(|said| said.other == other.id) {
                Some(said) if said.is_same => Verdict::Same(DuplicateBy::Person),
                Some(_) => continue,
                None if own.body.is_empty() => continue,
                None => {
                    let compared = Other {
                        ticket: other.id,
                        same_customer: other.requester == ticket.requester,
                        at: other.created_at,
                        solved_at: other.solved_at.filter(|_| other.status == TicketStatus::Solved),
                        likeness: *likeness,
                        order: self::orders(knowledge, other).into_iter().find(|order| orders.contains(order)),
                        text: piece.body.as_str(),
                    };
                    compare(ticket.created_at, own.body.as_str(), &compared)
                }
            };
            if verdict != Verdict::Different {
                found.push((*likeness, Twin { ticket: other.id, reference: other.reference(), verdict }));
            }
        }
        let compared = others.len();
        // What somebody said of a ticket that is not near counts as well.
        let ids: Vec<TicketId> = said.iter().map(|said| said.other).collect();
        let scope = Scope::new(ticket.workspace, Reader::Everything);
        let heads = store::ticket::by_ids(self.store(), &scope, &ids).await?;
        let said_of: Vec<(TicketId, String)> = heads.iter().map(|other| (other.id, other.reference())).collect();
        for (id, reference) in &said_of {
            let is_same = said.iter().any(|said| said.other == *id && said.is_same);
            if is_same && !found.iter().any(|(_, twin)| twin.ticket == *id) {
                let verdict = Verdict::Same(DuplicateBy::Person);
                found.push((1.0, Twin { ticket: *id, reference: reference.clone(), verdict }));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.ticket.cmp(&b.1.ticket)));
        Ok(Twins { found: found.into_iter().map(|(_, twin)| twin).collect(), said, said_of, compared })
    }
}

/// The orders that a ticket names.
fn orders(knowledge: &Knowledge, ticket: &Ticket) -> BTreeSet<String> {
    let found = entity::find(&ticket.text(), &knowledge.patterns, Some(ticket.created_at));
    found.into_iter().filter(|entity| entity.kind == "order").map(|entity| entity.value).collect()
}
