//! People, teams and channels, in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::intake::NewPerson;
use crate::domain::person::{Availability, Channel, Person, Team};
use crate::domain::vocabulary::{PersonRole, TeamName, ThreadChannel};
use crate::wire::read::{FieldError, line, line_opt, lines, parse, parse_all, parse_opt, text};

/// What a channel is for, in characters at most.
const LONGEST_USE_CHARS: usize = 2000;

/// A person to be added, or updated where the address is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "ingrid.solberg@alderwick.example", "name": "Ingrid Solberg", "team": "hardware", "role": "expert",
    "languages": ["en"], "skills": ["battery safety"]
}))]
pub struct PersonIn {
    /// Their address, unique in the workspace.
    #[schema(format = Email)]
    pub email: String,
    /// Their name.
    pub name: String,
    /// The short name of their team.
    pub team: Option<String>,
    /// What they are to the support desk.
    pub role: PersonRole,
    /// The languages they read, as ISO 639-1 codes.
    #[serde(default)]
    pub languages: Vec<String>,
    /// What they know.
    #[serde(default)]
    pub skills: Vec<String>,
    /// When they can be asked; when left out, as it is known.
    pub availability: Option<AvailabilityIn>,
}

/// When somebody can be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AvailabilityIn {
    /// Their working hours, as people write them.
    pub hours: Option<String>,
    /// They are away; the first day on which they are back.
    #[schema(format = Date)]
    pub away_until: Option<String>,
    /// Why, or who stands in for them.
    pub away_note: Option<String>,
}

/// A team to be added, or updated where the name is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "hardware", "title": "Hardware Engineering", "external": false}))]
pub struct TeamIn {
    /// Its short name: a-z, 0-9, `_` and `-`.
    pub name: String,
    /// Its name as people write it.
    pub title: String,
    /// Whether it is outside the company.
    #[serde(default)]
    pub external: bool,
}

/// A channel to be added, or updated where the name is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "hw-escalations", "kind": "slack", "address": "#hw-escalations", "teams": ["hardware"],
    "expected_reply_minutes": 45, "use_for": "safety cases and defects"
}))]
pub struct ChannelIn {
    /// Its short name: a-z, 0-9, `_` and `-`.
    pub name: String,
    /// How it travels.
    pub kind: ThreadChannel,
    /// Where it leads: an address, a queue, a Slack channel by its name or id, a Teams channel by its id.
    pub address: String,
    /// The short names of the teams that answer there.
    #[serde(default)]
    pub teams: Vec<String>,
    /// How long an answer usually takes, in minutes.
    pub expected_reply_minutes: u32,
    /// What it is for.
    pub use_for: String,
}

/// A colleague or outsider who can be consulted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonOut {
    /// Their id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The short name of their team.
    #[schema(required)]
    pub team: Option<String>,
    /// What they are to the support desk.
    pub role: PersonRole,
    /// The languages they read, as ISO 639-1 codes.
    pub languages: Vec<String>,
    /// What they know.
    pub skills: Vec<String>,
    /// When they can be asked.
    pub availability: AvailabilityOut,
}

/// When somebody can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AvailabilityOut {
    /// Their working hours, as people write them.
    #[schema(required)]
    pub hours: Option<String>,
    /// They are away; the first day on which they are back.
    #[schema(required, format = Date)]
    pub away_until: Option<String>,
    /// Why, or who stands in for them.
    #[schema(required)]
    pub away_note: Option<String>,
}

/// A team that can be consulted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamOut {
    /// Its short name.
    pub name: String,
    /// Its name as people write it.
    pub title: String,
    /// Whether it is outside the company.
    pub external: bool,
}

/// A place where a team is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChannelOut {
    /// Its short name.
    pub name: String,
    /// How it travels.
    pub kind: ThreadChannel,
    /// Where it leads: an address, a queue, a Slack channel by its name or id, a Teams channel by its id.
    pub address: String,
    /// The short names of the teams that answer there.
    pub teams: Vec<String>,
    /// How long an answer usually takes, in minutes, as the admin expects.
    pub expected_reply_minutes: u32,
    /// What it is for.
    pub use_for: String,
}

impl PersonIn {
    /// The person.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_new(self) -> Result<NewPerson, FieldError> {
        let Self { email, name, team, role, languages, skills, availability } = self;
        Ok(NewPerson {
            email: parse("/email", &email)?,
            name: line("/name", name)?,
            team: parse_opt("/team", team.as_deref())?,
            role,
            languages: parse_all("/languages", &languages)?,
            skills: lines("/skills", skills)?,
            availability: availability
                .map(|availability| availability.into_availability().map_err(|error| error.under("/availability")))
                .transpose()?,
        })
    }
}

impl AvailabilityIn {
    fn into_availability(self) -> Result<Availability, FieldError> {
        let Self { hours, away_until, away_note } = self;
        Ok(Availability {
            hours: line_opt("/hours", hours)?,
            away_until: parse_opt("/away_until", away_until.as_deref())?,
            away_note: line_opt("/away_note", away_note)?,
        })
    }
}

impl TeamIn {
    /// The team.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_team(self) -> Result<Team, FieldError> {
        let Self { name, title, external } = self;
        Ok(Team { name: parse("/name", &name)?, title: line("/title", title)?, external })
    }
}

impl ChannelIn {
    /// The channel.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_channel(self) -> Result<Channel, FieldError> {
        let Self { name, kind, address, teams, expected_reply_minutes, use_for } = self;
        Ok(Channel {
            name: parse("/name", &name)?,
            kind,
            address: line("/address", address)?,
            teams: parse_all("/teams", &teams)?,
            expected_reply_minutes,
            use_for: text("/use_for", use_for, LONGEST_USE_CHARS)?,
        })
    }
}

impl From<Person> for PersonOut {
    fn from(person: Person) -> Self {
        let Person { id, workspace: _, email, name, team, role, languages, skills, availability } = person;
        let Availability { hours, away_until, away_note } = availability;
        Self {
            id: id.to_string(),
            email: email.to_string(),
            name,
            team: team.map(|team| team.to_string()),
            role,
            languages: languages.iter().map(ToString::to_string).collect(),
            skills,
            availability: AvailabilityOut { hours, away_until: away_until.map(|day| day.to_string()), away_note },
        }
    }
}

impl From<Team> for TeamOut {
    fn from(team: Team) -> Self {
        let Team { name, title, external } = team;
        Self { name: name.to_string(), title, external }
    }
}

impl From<Channel> for ChannelOut {
    fn from(channel: Channel) -> Self {
        let Channel { name, kind, address, teams, expected_reply_minutes, use_for } = channel;
        Self {
            name: name.to_string(),
            kind,
            address,
            teams: teams.iter().map(TeamName::to_string).collect(),
            expected_reply_minutes,
            use_for,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::read::read_value;

    #[test]
    fn names_that_cannot_be_used_are_pointed_at() {
        let person = json!({"email": "a@b.example", "name": "A", "role": "expert", "languages": ["en", "french"]});
        assert_eq!(read_value::<PersonIn>(person).unwrap().into_new().unwrap_err().pointer, "/languages/1");
        let team = json!({"name": "Big Team", "title": "x"});
        assert_eq!(read_value::<TeamIn>(team).unwrap().into_team().unwrap_err().pointer, "/name");
        let channel = json!({"name": "c", "kind": "slack", "address": "#c", "teams": ["?"], "expected_reply_minutes": 5, "use_for": ""});
        assert_eq!(read_value::<ChannelIn>(channel).unwrap().into_channel().unwrap_err().pointer, "/teams/0");
    }
}
