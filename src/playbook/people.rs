//! `people.toml`: teams and people who can be consulted.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::vocabulary::{EmailAddress, Language, PersonRole, TeamName};
use crate::playbook::error::{PlaybookError, parse_file, word};

const FILE: &str = "people.toml";

/// A team as the playbook names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamEntry {
    /// Its name as people write it.
    pub title: String,
    /// Whether it is outside the company.
    pub external: bool,
}

/// A person as the playbook names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonEntry {
    /// Their name.
    pub name: String,
    /// Their team.
    pub team: Option<TeamName>,
    /// What they are to the support desk.
    pub role: PersonRole,
    /// The languages they read.
    pub languages: Vec<Language>,
    /// What they know.
    pub skills: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    teams: BTreeMap<String, RawTeam>,
    #[serde(default)]
    people: BTreeMap<String, RawPerson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTeam {
    name: String,
    #[serde(default)]
    external: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    name: String,
    team: Option<String>,
    role: PersonRole,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    skills: Vec<String>,
}

type Parsed = (BTreeMap<TeamName, TeamEntry>, BTreeMap<EmailAddress, PersonEntry>);

pub(super) fn parse(text: &str) -> Result<Parsed, PlaybookError> {
    let Raw { teams, people } = parse_file(FILE, text)?;
    let teams = teams
        .into_iter()
        .map(|(name, RawTeam { name: title, external })| Ok((word(FILE, &name)?, TeamEntry { title, external })))
        .collect::<Result<_, PlaybookError>>()?;
    let people = people
        .into_iter()
        .map(|(address, RawPerson { name, team, role, languages, skills })| {
            let address = word(FILE, &address)?;
            let team = team.map(|team| word(FILE, &team)).transpose()?;
            let languages = languages.iter().map(|code| word(FILE, code)).collect::<Result<_, _>>()?;
            Ok((address, PersonEntry { name, team, role, languages, skills }))
        })
        .collect::<Result<_, PlaybookError>>()?;
    Ok((teams, people))
}
