//! What people said a ticket is: the ground for learning and for measuring.

use crate::domain::id::TicketId;
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
