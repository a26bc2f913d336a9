//! Tickets with what is compared of them, and those of open incidents kept in memory for as long as they stay as they are.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use backchannel_learn::ngrams::Sparse;

use crate::app::error::Error;
use crate::app::knowledge::{Knowledge, gist};
use crate::app::pieces::Piece;
use crate::app::{App, Needed};
use crate::domain::audience::Scope;
use crate::domain::id::TicketId;
use crate::domain::ticket::Ticket;
use crate::domain::vocabulary::Language;
use crate::lines::telling::is_telling;
use crate::lines::words::Words;
use crate::store::{self, ticket::Edition};
use crate::text::clean::CleanText;
use crate::text::entity;
use crate::triage::incident::{Likeness, Report};

/// So many tickets of a workspace are kept, at most: what twice as many incidents as are open at once are compared by.
const MOST_KEPT: usize = 320;

/// A ticket with what is compared of it.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) body: CleanText,
    pub(crate) language: Language,
    pub(crate) words: Sparse,
    pub(crate) report: Report,
}

impl Compared {
    /// Reads a ticket that was not read before.
    pub(crate) fn of(knowledge: &Knowledge, ticket: &Ticket) -> Self {
        Self::cut(knowledge, ticket, &gist(ticket, knowledge.language))
    }

    /// The same of one that was.
    pub(crate) fn cut(knowledge: &Knowledge, ticket: &Ticket, gist: &Piece) -> Self {
        let words = Words::of(gist.body.as_str(), gist.language).written_in(gist.body.as_str(), gist.language);
        let words = words.into_iter().filter(|(_, written)| is_telling(written)).collect();
        let entities = entity::find(&ticket.text(), &knowledge.patterns, Some(ticket.created_at));
        let things = entities.into_iter().filter(|entity| entity.kind == "product").map(|entity| entity.value).collect();
        let report = Report { ticket: ticket.id, customer: ticket.requester, at: ticket.created_at, words, things };
        Self { body: gist.body.clone(), language: gist.language, words: knowledge.words(&gist.body), report }
    }

    /// How like another one is, whose vector is as near as that.
    pub(crate) fn likeness(&self, knowledge: &Knowledge, other: &Self, cosine: f32) -> Likeness {
        let words = self.words.dot(&other.words);
        Likeness {
            blended: knowledge.ground.blend(self.language, cosine, words),
            words,
            shares_thing: !self.report.things.is_disjoint(&other.report.things),
        }
    }
}

/// A ticket of an open incident, with its vector.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) compared: Compared,
    pub(crate) vector: Vec<f32>,
}

/// The members that a workspace keeps.
pub(crate) type Members = Kept<Knowledge, Member>;

/// What was made of tickets by means of something, each of one edition of its ticket.
#[derive(Debug)]
pub(crate) struct Kept<K, V> {
    by: Weak<K>,
    made: HashMap<TicketId, (Edition, Arc<V>)>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { by: Weak::new(), made: HashMap::new() }
    }
}

impl<K, V> Kept<K, V> {
    /// What was made by the same means of those tickets that are what they were.
    fn recall(&self, by: &Arc<K>, editions: &HashMap<TicketId, Edition>) -> HashMap<TicketId, Arc<V>> {
        if !self.is_by(by) {
            return HashMap::new();
        }
        let same = editions.iter().filter_map(|(id, edition)| {
            let (of, made) = self.made.get(id)?;
            (of == edition).then(|| (*id, Arc::clone(made)))
        });
        same.collect()
    }

    /// Keeps what was made; what was made by other means is forgotten, and everything before it gets too much.
    fn keep(&mut self, by: &Arc<K>, new: Vec<(TicketId, Edition, Arc<V>)>) {
        if !self.is_by(by) || self.made.len() + new.len() > MOST_KEPT {
            *self = Self { by: Arc::downgrade(by), made: HashMap::new() };
        }
        self.made.extend(new.into_iter().map(|(id, edition, made)| (id, (edition, made))));
    }

    fn is_by(&self, by: &Arc<K>) -> bool {
        Weak::ptr_eq(&self.by, &Arc::downgrade(by))
    }
}

impl App {
    /// These tickets with what is compared of them and their vectors, made anew only of those that changed since; unknown ones are left out.
    ///
    /// What stands in the database is asked every time, so that a change is seen at once, whichever replica made it.
    pub(crate) async fn members(
        &self,
        scope: &Scope,
        knowledge: &Arc<Knowledge>,
        ids: &[TicketId],
        needed: Needed,
    ) -> Result<HashMap<TicketId, Arc<Member>>, Error> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let editions = store::ticket::editions(self.store(), scope, ids).await?;
        let mut members = self.kept_members(scope.workspace(), |kept| kept.recall(knowledge, &editions));
        let missing: Vec<TicketId> = editions.keys().filter(|id| !members.contains_key(*id)).copied().collect();
        if missing.is_empty() {
            return Ok(members);
        }
        // Read after their editions: a text that changes in between is made anew next time.
        let tickets = store::ticket::by_ids(self.store(), scope, &missing).await?;
        let compared: Vec<Compared> = tickets.iter().map(|ticket| Compared::of(knowledge, ticket)).collect();
        let vectors = self.embed(compared.iter().map(|one| one.body.clone()).collect(), needed).await?;
        let made = compared.into_iter().zip(vectors).filter_map(|(compared, vector)| {
            let id = compared.report.ticket;
            Some((id, *editions.get(&id)?, Arc::new(Member { compared, vector })))
        });
        let made: Vec<(TicketId, Edition, Arc<Member>)> = made.collect();
        members.extend(made.iter().map(|(id, _, member)| (*id, Arc::clone(member))));
        self.kept_members(scope.workspace(), |kept| kept.keep(knowledge, made));
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn ticket(number: u8) -> TicketId {
        TicketId::at(Timestamp::from_micros(0), [number; 10])
    }

    fn edition(micros: i64, pending: Option<i64>) -> Edition {
        Edition::of(Timestamp::from_micros(micros), pending)
    }

    fn recalled(kept: &Kept<String, &'static str>, means: &Arc<String>, editions: &[(TicketId, Edition)]) -> Vec<&'static str> {
        let mut found: Vec<&str> = kept.recall(means, &editions.iter().copied().collect()).into_values().map(|made| *made).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn what_was_made_of_a_ticket_is_kept_until_it_or_the_means_change() {
        let (means, others) = (Arc::new("these".to_owned()), Arc::new("these".to_owned()));
        let mut kept = Kept::default();
        kept.keep(&means, vec![(ticket(1), edition(5, None), Arc::new("one")), (ticket(2), edition(5, Some(7)), Arc::new("two"))]);
        let both = [(ticket(1), edition(5, None)), (ticket(2), edition(5, Some(7))), (ticket(3), edition(5, None))];
        assert_eq!(recalled(&kept, &means, &both), ["one", "two"]);
        let changed = [(ticket(1), edition(6, None)), (ticket(2), edition(5, Some(8)))];
        assert!(recalled(&kept, &means, &changed).is_empty(), "later, or at the same moment by another clock");
        assert!(recalled(&kept, &others, &both).is_empty(), "equal means are other ones");
        kept.keep(&others, vec![(ticket(3), edition(5, None), Arc::new("three"))]);
        assert_eq!((recalled(&kept, &others, &both), recalled(&kept, &means, &both)), (vec!["three"], Vec::new()));
    }

    #[test]
    fn no_more_is_kept_than_is_meant_to_be() {
        let means = Arc::new(());
        let mut kept = Kept::default();
        for number in 0..=u8::MAX {
            let new =
                (0..3).map(|part| (TicketId::at(Timestamp::from_micros(part * 1_000_000), [number; 10]), edition(0, None), Arc::new(part)));
            kept.keep(&means, new.collect());
            assert!((3..=MOST_KEPT).contains(&kept.made.len()), "{}", kept.made.len());
        }
    }
}
