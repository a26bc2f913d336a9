//! What waits for somebody of the desk, kind by kind.

use std::collections::BTreeSet;

use crate::domain::id::CommentId;
use crate::domain::panel::{LooseEnd, TicketHead};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, Language, TeamName};

/// Whose things are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The reader's own, and what nobody has yet in a group that is one of their teams.
    Mine,
    /// Those of the whole workspace.
    Everybodys,
}

/// Who has the tickets that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Whoever.
    Anybody,
    /// An agent: what is assigned to them, and what is assigned to nobody in a group that is called as one of their teams.
    Agent {
        /// Their address.
        email: EmailAddress,
        /// Their teams.
        teams: BTreeSet<TeamName>,
    },
    /// Neither an agent nor a group; where a group was only guessed, nobody has the ticket yet.
    Nobody,
}

/// What waits: one section for each kind of which there is something, in the order in which they are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// Who has the tickets of it.
    pub holder: Holder,
    /// The sections.
    pub sections: Vec<Section>,
}

/// Things of one kind that wait; another kind is another variant.
#[derive(Debug, Clone, PartialEq)]
pub enum Section {
    /// Side conversations that were left hanging.
    LooseEnds(Few<HangingThread>),
    /// Tickets on which the customer wrote last.
    Unanswered(Few<AwaitingTicket>),
}

/// The first things of a list that may be longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Few<T> {
    /// The first of them.
    pub items: Vec<T>,
    /// How many come after them.
    pub more: u64,
    /// Whether there may be still more, because not everything was looked at.
    pub is_open: bool,
}

/// A side conversation that was left hanging, with its ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct HangingThread {
    /// Its ticket.
    pub ticket: TicketHead,
    /// Its subject.
    pub subject: String,
    /// Who opened it.
    pub opened_by: EmailAddress,
    /// On whom it waits; `None` once it is answered or closed.
    pub waiting_on: Option<EmailAddress>,
    /// What is left hanging.
    pub end: LooseEnd,
}

/// A ticket on which the customer wrote last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitingTicket {
    /// The ticket.
    pub head: TicketHead,
    /// Who wrote it.
    pub requester: String,
    /// Who has it, once assigned.
    pub assignee: Option<EmailAddress>,
    /// Where it belongs, once triaged or routed.
    pub group: Option<String>,
    /// Its language, once triaged.
    pub language: Option<Language>,
    /// Since when: the first message that nobody answered.
    pub since: Timestamp,
    /// That message; `None` for the ticket's own text.
    pub comment: Option<CommentId>,
}

impl Waiting {
    /// How many things wait.
    #[must_use]
    pub fn count(&self) -> u64 {
        let of = |section: &Section| match section {
            Section::LooseEnds(few) => few.count(),
            Section::Unanswered(few) => few.count(),
        };
        self.sections.iter().map(of).sum()
    }
}

impl<T> Few<T> {
    /// The first `most` of a list that is held whole.
    #[must_use]
    pub fn of(mut items: Vec<T>, most: usize, is_open: bool) -> Self {
        let more = items.len().saturating_sub(most);
        items.truncate(most);
        Self { items, more: u64::try_from(more).unwrap_or(u64::MAX), is_open }
    }

    /// How many there are, those that are not shown among them.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.items.len()).unwrap_or(u64::MAX).saturating_add(self.more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_cut_says_how_much_of_it_is_left() {
        let few = Few::of(vec![1, 2, 3, 4, 5], 2, false);
        assert_eq!((few.items.as_slice(), few.more, few.count()), (&[1, 2][..], 3, 5));
        assert_eq!(Few::of(vec![1], 2, false).more, 0);
    }
}
