//! People, teams and channels: whom to ask, and where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::{PersonId, WorkspaceId};
use crate::domain::time::Day;
use crate::domain::vocabulary::{ChannelName, EmailAddress, Language, PersonRole, TeamName, ThreadChannel};

/// A colleague or outsider who can be consulted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their workspace.
    pub workspace: WorkspaceId,
    /// Their address, unique in the workspace.
    pub email: EmailAddress,
    /// Their name.
    pub name: String,
    /// Their team.
    pub team: Option<TeamName>,
    /// What they are to the support desk.
    pub role: PersonRole,
    /// The languages they read.
    pub languages: Vec<Language>,
    /// What they know, in the admin's words.
    pub skills: Vec<String>,
    /// When they can be asked.
    #[serde(default)]
    pub availability: Availability,
}

/// When somebody can be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// Their working hours, as people write them.
    pub hours: Option<String>,
    /// They are away; the first day on which they are back.
    pub away_until: Option<Day>,
    /// Why, or who stands in for them.
    pub away_note: Option<String>,
}

impl Availability {
    /// Whether they are away on a day.
    #[must_use]
    pub fn is_away(&self, on: Day) -> bool {
        self.away_until.is_some_and(|back| on < back)
    }
}

/// A team that can be consulted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its short name.
    pub name: TeamName,
    /// Its name as people write it.
    pub title: String,
    /// Whether it is outside the company.
    pub external: bool,
}

/// A place where a team is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its short name.
    pub name: ChannelName,
    /// How it travels.
    pub kind: ThreadChannel,
    /// Where it leads: an address, a queue, a Slack channel by its name or id, a Teams channel by its id.
    pub address: String,
    /// The teams that answer there.
    pub teams: Vec<TeamName>,
    /// How long an answer usually takes, in minutes, as the admin expects.
    pub expected_reply_minutes: u32,
    /// What it is for.
    pub use_for: String,
}

impl Channel {
    /// Whether it is meant by a name: its own, or where it leads.
    #[must_use]
    pub fn is_called(&self, called: &str) -> bool {
        self.name.as_str() == called || self.address == called
    }
}

/// The people, teams and channels of a workspace, looked up by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// People by address.
    pub people: BTreeMap<EmailAddress, Person>,
    /// Teams by name.
    pub teams: BTreeMap<TeamName, Team>,
    /// Channels by name.
    pub channels: BTreeMap<ChannelName, Channel>,
}
