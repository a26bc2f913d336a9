//! `channels.toml`: where teams are asked.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::vocabulary::{ChannelName, TeamName, ThreadChannel};
use crate::playbook::error::{PlaybookError, parse_file, word};

const FILE: &str = "channels.toml";

/// A channel as the playbook names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelEntry {
    /// How it travels.
    pub kind: ThreadChannel,
    /// Where it leads.
    pub address: String,
    /// The teams that answer there.
    pub teams: Vec<TeamName>,
    /// How long an answer usually takes, in minutes.
    pub expected_reply_minutes: u32,
    /// What it is for.
    pub use_for: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    channels: BTreeMap<String, RawChannel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChannel {
    kind: ThreadChannel,
    address: String,
    #[serde(default)]
    teams: Vec<String>,
    expected_reply_minutes: u32,
    #[serde(default)]
    use_for: String,
}

pub(super) fn parse(text: &str) -> Result<BTreeMap<ChannelName, ChannelEntry>, PlaybookError> {
    let Raw { channels } = parse_file(FILE, text)?;
    channels
        .into_iter()
        .map(|(name, RawChannel { kind, address, teams, expected_reply_minutes, use_for })| {
            let name = word(FILE, &name)?;
            let teams = teams.iter().map(|team| word(FILE, team)).collect::<Result<_, _>>()?;
            Ok((name, ChannelEntry { kind, address, teams, expected_reply_minutes, use_for }))
        })
        .collect()
}
