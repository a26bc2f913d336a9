//! What an admin tunes: intents, entities, routing, people, channels, tone, thresholds, redaction, notices.
//!
//! Parses and checks a folder of TOML given as texts; knows neither files nor the store. One file per part.

mod channels;
mod entities;
mod error;
mod intents;
mod notices;
mod people;
mod redaction;
mod routing;
mod thresholds;
mod tone;

use std::collections::BTreeMap;

pub use channels::ChannelEntry;
pub use entities::{Check, Entities, EntityPattern};
pub use error::PlaybookError;
pub(crate) use error::nearest;
pub use intents::Intent;
pub use notices::{Notice, NoticeBy};
pub use people::{PersonEntry, TeamEntry};
pub use redaction::Redaction;
pub use routing::{Condition, Group, Routing, Rule};
pub use thresholds::{Abstain, Burst, Insights, Precision, Thresholds};
pub use tone::{Style, Tone};

use crate::domain::vocabulary::{ChannelName, EmailAddress, IntentName, TeamName};

/// The names of the files of a playbook; any may be missing, none other may be there.
pub const FILES: [&str; 9] = [
    "intents.toml",
    "entities.toml",
    "routing.toml",
    "people.toml",
    "channels.toml",
    "tone.toml",
    "thresholds.toml",
    "redaction.toml",
    "notices.toml",
];

/// A parsed and checked playbook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Playbook {
    /// What tickets can be about.
    pub intents: BTreeMap<IntentName, Intent>,
    /// How numbers and products look.
    pub entities: Entities,
    /// Groups and the rules that route to them.
    pub routing: Routing,
    /// Teams by name.
    pub teams: BTreeMap<TeamName, TeamEntry>,
    /// People by address.
    pub people: BTreeMap<EmailAddress, PersonEntry>,
    /// Channels by name.
    pub channels: BTreeMap<ChannelName, ChannelEntry>,
    /// How replies sound.
    pub tone: Tone,
    /// Below what probability each part says nothing.
    pub thresholds: Thresholds,
    /// What is redacted in the index and logs.
    pub redaction: Redaction,
    /// Who is told of what.
    pub notices: Vec<Notice>,
}

impl Playbook {
    /// Parses a playbook from its files' texts by name.
    ///
    /// # Errors
    /// [`PlaybookError`] names the file, the line where TOML gives one, and the nearest known key for an unknown one.
    pub fn parse(files: &BTreeMap<String, String>) -> Result<Self, PlaybookError> {
        if let Some(unknown) = files.keys().find(|name| !FILES.contains(&name.as_str())) {
            return Err(PlaybookError::UnknownFile { file: unknown.clone(), nearest: error::nearest(unknown, &FILES) });
        }
        let (teams, people) = people::parse(part(files, "people.toml"))?;
        let playbook = Self {
            intents: intents::parse(part(files, "intents.toml"))?,
            entities: entities::parse(part(files, "entities.toml"))?,
            routing: routing::parse(part(files, "routing.toml"))?,
            channels: channels::parse(part(files, "channels.toml"))?,
            tone: tone::parse(part(files, "tone.toml"))?,
            thresholds: thresholds::parse(part(files, "thresholds.toml"))?,
            redaction: redaction::parse(part(files, "redaction.toml"))?,
            notices: notices::parse(part(files, "notices.toml"))?,
            teams,
            people,
        };
        playbook.check_references()?;
        Ok(playbook)
    }

    /// Holds names that one file uses against the file that defines them.
    fn check_references(&self) -> Result<(), PlaybookError> {
        let dangling = |file, what: &'static str, name: &dyn ToString, known: Vec<String>| {
            let name = name.to_string();
            PlaybookError::Dangling { file, what, nearest: error::nearest(&name, &known), name }
        };
        for person in self.people.values() {
            if let Some(team) = person.team.as_ref().filter(|team| !self.teams.contains_key(team)) {
                return Err(dangling("people.toml", "team", team, names(&self.teams)));
            }
        }
        for channel in self.channels.values() {
            if let Some(team) = channel.teams.iter().find(|team| !self.teams.contains_key(team)) {
                return Err(dangling("channels.toml", "team", team, names(&self.teams)));
            }
        }
        for rule in &self.routing.rules {
            if let Some(group) = rule.group.as_ref().filter(|group| !self.routing.groups.contains_key(group)) {
                return Err(dangling("routing.toml", "group", group, names(&self.routing.groups)));
            }
            if let Some(intent) = rule.when.intent.iter().find(|intent| !self.intents.contains_key(intent)) {
                return Err(dangling("routing.toml", "intent", intent, names(&self.intents)));
            }
        }
        Ok(())
    }
}

fn part<'a>(files: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    files.get(name).map_or("", String::as_str)
}

fn names<K: ToString, V>(map: &BTreeMap<K, V>) -> Vec<String> {
    map.keys().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn an_empty_playbook_is_a_playbook() {
        assert_eq!(Playbook::parse(&BTreeMap::new()), Ok(Playbook::default()));
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest_known_one() {
        let error = Playbook::parse(&files(&[("intents.toml", "[intents.refund]\ndescripton = \"x\"\n")])).unwrap_err();
        assert_eq!(error.to_string(), "intents.toml: `intents.refund` has an unknown key `descripton`: did you mean `description`?");
    }

    #[test]
    fn an_unknown_file_is_answered_with_the_nearest_known_one() {
        let error = Playbook::parse(&files(&[("intent.toml", "")])).unwrap_err();
        assert_eq!(error.to_string(), "`intent.toml` is not a file of a playbook: did you mean `intents.toml`?");
    }

    #[test]
    fn a_rule_for_a_missing_group_is_refused() {
        let error = Playbook::parse(&files(&[(
            "routing.toml",
            "[groups.orders]\nname = \"Orders\"\n[[rules]]\nname = \"r\"\ngroup = \"order\"\n",
        )]))
        .unwrap_err();
        assert_eq!(error.to_string(), "routing.toml names the group `order`, which is not defined: did you mean `orders`?");
    }

    #[test]
    fn broken_toml_names_its_file_and_line() {
        let error = Playbook::parse(&files(&[("tone.toml", "[greeting]\nen = \n")])).unwrap_err();
        assert!(error.to_string().starts_with("tone.toml, line 2: "), "{error}");
    }
}
