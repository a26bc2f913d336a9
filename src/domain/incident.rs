//! Many like tickets of different customers in a short time: something happened that the desk should know of once.

use serde::{Deserialize, Serialize};

use crate::domain::id::IncidentId;
use crate::domain::panel::TicketHead;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::IncidentState;

/// What is growth is counted over so long.
const HOUR_SECONDS: i64 = 3600;

/// An incident with its tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// What its tickets have in common: words as they write them, and names of products.
    pub about: Vec<String>,
    /// Its tickets, oldest first, as the reader may see them; never empty.
    pub tickets: Vec<TicketHead>,
}

/// How an incident stands at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its id.
    pub id: IncidentId,
    /// What its tickets have in common.
    pub about: Vec<String>,
    /// How many tickets it has.
    pub tickets: u32,
    /// When the first of them was written.
    pub first_seen: Timestamp,
    /// When the last of them was written.
    pub last_seen: Timestamp,
    /// How many of them came within the hour before the moment.
    pub last_hour: u32,
    /// Whether more come.
    pub state: IncidentState,
}

/// After how long without a ticket an incident is quiet, and after how long it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// In seconds.
    pub quiet_seconds: i64,
    /// In seconds.
    pub over_seconds: i64,
}

impl Incident {
    /// How it stands at a moment.
    #[must_use]
    pub fn standing(&self, now: Timestamp, patience: Patience) -> Standing {
        let written = || self.tickets.iter().map(|ticket| ticket.created_at);
        let zero = Timestamp::from_micros(0);
        let (first_seen, last_seen) = (written().min().unwrap_or(zero), written().max().unwrap_or(zero));
        let last_hour = written().filter(|at| now.seconds_since(*at) < HOUR_SECONDS).count();
        let silence = now.seconds_since(last_seen);
        let state = if silence < patience.quiet_seconds {
            IncidentState::Growing
        } else if silence < patience.over_seconds {
            IncidentState::Quiet
        } else {
            IncidentState::Over
        };
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
        Standing {
            id: self.id,
            about: self.about.clone(),
            tickets: count(self.tickets.len()),
            first_seen,
            last_seen,
            last_hour: count(last_hour),
            state,
        }
    }
}

impl Standing {
    /// How many tickets came in an hour, from the first to the last, in tenths; the count itself where all came within one.
    #[must_use]
    pub fn per_hour_tenths(&self) -> u32 {
        let seconds = self.last_seen.seconds_since(self.first_seen).max(HOUR_SECONDS);
        let tenths = (i64::from(self.tickets) * 10 * HOUR_SECONDS + seconds / 2) / seconds;
        u32::try_from(tenths).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::TicketId;
    use crate::domain::vocabulary::TicketStatus;

    #[test]
    fn an_incident_grows_falls_quiet_and_is_over() {
        let at = |time: &str| -> Timestamp { format!("2026-11-17T{time}:00Z").parse().unwrap() };
        let ticket = |time: &str| TicketHead {
            id: TicketId::at(at(time), [1; 10]),
            reference: "T-1".to_owned(),
            subject: String::new(),
            status: TicketStatus::New,
            created_at: at(time),
        };
        let incident = Incident {
            id: IncidentId::at(at("09:00"), [1; 10]),
            about: Vec::new(),
            tickets: ["09:40", "10:00", "11:10", "11:30", "11:50"].map(ticket).to_vec(),
        };
        let patience = Patience { quiet_seconds: 7_200, over_seconds: 86_400 };
        let now = incident.standing(at("12:00"), patience);
        assert_eq!((now.state, now.tickets, now.last_hour, now.first_seen), (IncidentState::Growing, 5, 3, at("09:40")));
        assert_eq!(now.per_hour_tenths(), 23);
        assert_eq!(incident.standing(at("13:50"), patience).state, IncidentState::Quiet);
        assert_eq!(incident.standing(at("11:50").plus_seconds(86_400), patience).state, IncidentState::Over);
    }
}
