//! `tone.toml`: how replies sound.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::vocabulary::Language;
use crate::playbook::error::{PlaybookError, parse_file, word};

const FILE: &str = "tone.toml";

/// How replies sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tone {
    /// The greeting by language; `{name}` stands for the customer's name.
    pub greeting: BTreeMap<Language, String>,
    /// The closing by language.
    pub closing: BTreeMap<Language, String>,
    /// What is to be avoided.
    pub style: Style,
}

/// What is to be avoided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Style {
    /// Phrases that a draft must not have.
    pub forbidden: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    greeting: BTreeMap<String, String>,
    #[serde(default)]
    closing: BTreeMap<String, String>,
    #[serde(default)]
    style: Style,
}

pub(super) fn parse(text: &str) -> Result<Tone, PlaybookError> {
    let Raw { greeting, closing, style } = parse_file(FILE, text)?;
    Ok(Tone { greeting: by_language(greeting)?, closing: by_language(closing)?, style })
}

fn by_language(texts: BTreeMap<String, String>) -> Result<BTreeMap<Language, String>, PlaybookError> {
    texts.into_iter().map(|(code, text)| Ok((word(FILE, &code)?, text))).collect()
}
