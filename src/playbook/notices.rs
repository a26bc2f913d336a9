//! `notices.toml`: who is told of what, and when not.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::playbook::error::{PlaybookError, parse_file};

/// Who is told of an event, by what, and when not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The event, such as `side_conversation_answered`.
    pub event: String,
    /// Whom: roles on the ticket such as `assignee`, or addresses.
    pub to: Vec<String>,
    /// By what.
    pub by: Vec<NoticeBy>,
    /// When nobody is disturbed, as `20:00-07:00` in the workspace's time.
    pub quiet_hours: Option<String>,
}

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeBy {
    /// In the console.
    Console,
    /// By e-mail.
    Email,
    /// By Slack.
    Slack,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    notices: BTreeMap<String, RawNotice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNotice {
    to: Vec<String>,
    by: Vec<NoticeBy>,
    quiet_hours: Option<String>,
}

pub(super) fn parse(text: &str) -> Result<Vec<Notice>, PlaybookError> {
    let Raw { notices } = parse_file("notices.toml", text)?;
    Ok(notices.into_iter().map(|(event, RawNotice { to, by, quiet_hours })| Notice { event, to, by, quiet_hours }).collect())
}
