//! Incidents, out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::incident::{Incident, Standing};
use crate::domain::vocabulary::IncidentState;
use crate::wire::ticket::TicketHeadOut;

/// Many like tickets of different customers in a short time, as it stands now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentOut {
    /// Its id.
    pub id: String,
    /// What its tickets have in common: names of products, and words as they write them.
    pub about: Vec<String>,
    /// How many tickets it has.
    pub tickets: u32,
    /// When the first of them was written.
    #[schema(format = DateTime)]
    pub first_seen: String,
    /// When the last of them was written.
    #[schema(format = DateTime)]
    pub last_seen: String,
    /// How many of them came within the last hour.
    pub last_hour: u32,
    /// How many came in an hour, from the first to the last.
    pub per_hour: f64,
    /// Whether more come: an incident is quiet after a while without a ticket, and later over.
    pub state: IncidentState,
}

/// An incident with its tickets.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentWithTicketsOut {
    /// How it stands.
    pub incident: IncidentOut,
    /// Its tickets, oldest first.
    pub tickets: Vec<TicketHeadOut>,
}

impl From<Standing> for IncidentOut {
    fn from(standing: Standing) -> Self {
        let per_hour = f64::from(standing.per_hour_tenths()) / 10.0;
        let Standing { id, about, tickets, first_seen, last_seen, last_hour, state } = standing;
        let (id, first_seen, last_seen) = (id.to_string(), first_seen.to_string(), last_seen.to_string());
        Self { id, about, tickets, first_seen, last_seen, last_hour, per_hour, state }
    }
}

impl From<(Incident, Standing)> for IncidentWithTicketsOut {
    fn from((incident, standing): (Incident, Standing)) -> Self {
        let Incident { id: _, about: _, tickets } = incident;
        Self { incident: standing.into(), tickets: tickets.into_iter().map(Into::into).collect() }
    }
}
