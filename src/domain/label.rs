//! What people said a ticket is: the ground for learning and for measuring.

use std::collections::BTreeMap;

use crate::domain::id::TicketId;
use crate::domain::triage::{Correction, Matter};
use crate::domain::vocabulary::{EmailAddress, GroupName, IntentName, NextStep, Priority, Sentiment, Urgency};

/// What somebody who knows said of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The ticket.
    pub ticket: TicketId,
    /// Its intents, main one first; none means out of scope. `None` when nobody said.
    pub intents: Option<Vec<IntentName>>,
    /// How the customer feels.
    pub sentiment: Option<Sentiment>,
    /// How pressing it is.
    pub urgency: Option<Urgency>,
    /// How soon it should be worked on.
    pub priority: Option<Priority>,
    /// Where it belongs.
    pub group: Option<GroupName>,
    /// Who should have it.
    pub assignee: Option<EmailAddress>,
    /// What to do next.
    pub next_step: Option<NextStep>,
}

impl Label {
    /// A label that says nothing yet.
    #[must_use]
    pub const fn blank(ticket: TicketId) -> Self {
        Self { ticket, intents: None, sentiment: None, urgency: None, priority: None, group: None, assignee: None, next_step: None }
    }

    /// The label with what somebody of the desk said in place of its own; the rest stays.
    #[must_use]
    fn corrected(self, correction: &Correction) -> Self {
        let Correction { matter, group, by: _, at: _ } = correction;
        Self { intents: matter.as_ref().map(Matter::intents).or(self.intents), group: group.clone().or(self.group), ..self }
    }
}

/// The labels with what people of the desk said of the same tickets, in the order of ticket ids; who corrects a ticket without a label
/// gives it one.
#[must_use]
pub fn corrected(labels: Vec<Label>, corrections: &[(TicketId, Correction)]) -> Vec<Label> {
    let mut all: BTreeMap<TicketId, Label> = labels.into_iter().map(|label| (label.ticket, label)).collect();
    for (ticket, correction) in corrections {
        let label = all.remove(ticket).unwrap_or_else(|| Label::blank(*ticket));
        all.insert(*ticket, label.corrected(correction));
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn a_correction_takes_the_place_of_what_it_says_and_of_nothing_else() {
        let zero = Timestamp::from_micros(0);
        let refund = || Some(vec!["refund".parse().unwrap()]);
        let known = Label {
            intents: refund(),
            sentiment: Some(Sentiment::Negative),
            group: Some("billing".parse().unwrap()),
            ..Label::blank(TicketId::at(zero, [1; 10]))
        };
        let said = |matter, group| Correction { matter, group, by: "Una".to_owned(), at: zero };
        let group = Some("orders".parse().unwrap());
        assert_eq!(known.clone().corrected(&said(None, group.clone())), Label { group, ..known.clone() });
        assert_eq!(known.clone().corrected(&said(Some(Matter::OutOfScope), None)), Label { intents: Some(Vec::new()), ..known.clone() });

        // A ticket without a label has one as soon as somebody says what it is.
        let (first, ticket) = (TicketId::at(zero, [0; 10]), known.ticket);
        let out = said(Some(Matter::OutOfScope), None);
        let all = super::corrected(vec![known.clone()], &[(ticket, said(None, None)), (first, out)]);
        assert_eq!(all, [Label { intents: Some(Vec::new()), ..Label::blank(first) }, known]);
    }
}
