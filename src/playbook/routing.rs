//! `routing.toml`: groups, and the rules that send tickets to them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::vocabulary::{EmailAddress, GroupName, IntentName, Language, Priority, TicketChannel, Tier, Urgency};
use crate::playbook::error::{PlaybookError, by_language, parse_file, word};

const FILE: &str = "routing.toml";

/// Groups and rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routing {
    /// Groups by name.
    pub groups: BTreeMap<GroupName, Group>,
    /// Rules, read from top to bottom: the first that sets a value wins for that value.
    pub rules: Vec<Rule>,
}

/// A group that tickets are routed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name as people write it.
    pub title: String,
    /// The same in other languages.
    pub names: BTreeMap<Language, String>,
    /// Who takes its tickets, by language.
    pub assignees: BTreeMap<Language, EmailAddress>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it is called where people ask why.
    pub name: String,
    /// When it holds.
    pub when: Condition,
    /// Where it sends the ticket.
    pub group: Option<GroupName>,
    /// Who should have it.
    pub assignee: Option<EmailAddress>,
    /// How soon it should be worked on.
    pub priority: Option<Priority>,
    /// Tags it adds.
    pub tags: Vec<String>,
    /// What the customer must be told before anything else, by language.
    pub first_reply: BTreeMap<Language, String>,
}

/// When a rule holds: every list that is not empty must have a member that fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// The main intent.
    pub intent: Vec<IntentName>,
    /// The language.
    pub language: Vec<Language>,
    /// The customer's tier.
    pub tier: Vec<Tier>,
    /// How the ticket arrived.
    pub channel: Vec<TicketChannel>,
    /// Words of which the text has one, compared without case.
    pub contains: Vec<String>,
    /// Kinds of entities of which the text has one.
    pub entity: Vec<String>,
    /// The urgency.
    pub urgency: Vec<Urgency>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    groups: BTreeMap<String, RawGroup>,
    #[serde(default)]
    rules: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    name: String,
    #[serde(default)]
    names: BTreeMap<String, String>,
    #[serde(default)]
    assignees: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    name: String,
    #[serde(default)]
    when: RawCondition,
    group: Option<String>,
    assignee: Option<String>,
    priority: Option<Priority>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    first_reply: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawCondition {
    intent: Vec<String>,
    language: Vec<String>,
    tier: Vec<Tier>,
    channel: Vec<TicketChannel>,
    contains: Vec<String>,
    entity: Vec<String>,
    urgency: Vec<Urgency>,
}

pub(super) fn parse(text: &str) -> Result<Routing, PlaybookError> {
    let Raw { groups, rules } = parse_file(FILE, text)?;
    let groups = groups
        .into_iter()
        .map(|(name, RawGroup { name: title, names, assignees })| {
            let assignees = assignees
                .into_iter()
                .map(|(language, address)| Ok((word(FILE, &language)?, word(FILE, &address)?)))
                .collect::<Result<_, PlaybookError>>()?;
            Ok((word(FILE, &name)?, Group { title, names: by_language(FILE, names)?, assignees }))
        })
        .collect::<Result<_, PlaybookError>>()?;
    let rules = rules.into_iter().map(rule).collect::<Result<_, _>>()?;
    Ok(Routing { groups, rules })
}

fn rule(raw: RawRule) -> Result<Rule, PlaybookError> {
    let RawRule { name, when, group, assignee, priority, tags, first_reply } = raw;
    let RawCondition { intent, language, tier, channel, contains, entity, urgency } = when;
    Ok(Rule {
        name,
        when: Condition {
            intent: intent.iter().map(|name| word(FILE, name)).collect::<Result<_, _>>()?,
            language: language.iter().map(|code| word(FILE, code)).collect::<Result<_, _>>()?,
            tier,
            channel,
            contains: contains.iter().map(|text| text.to_lowercase()).collect(),
            entity,
            urgency,
        },
        group: group.as_deref().map(|text| word(FILE, text)).transpose()?,
        assignee: assignee.as_deref().map(|text| word(FILE, text)).transpose()?,
        priority,
        tags,
        first_reply: by_language(FILE, first_reply)?,
    })
}
