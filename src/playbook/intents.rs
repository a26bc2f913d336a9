//! `intents.toml`: what tickets can be about.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::vocabulary::{IntentName, Language};
use crate::playbook::error::{PlaybookError, by_language, parse_file, word};

const FILE: &str = "intents.toml";

/// Something that tickets can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// What it means, in one or two sentences.
    pub description: String,
    /// How customers write it.
    pub examples: Vec<String>,
    /// The language of description and examples, when it is one.
    pub language: Option<Language>,
    /// What people call it, by language; where none is given its own name serves.
    pub names: BTreeMap<Language, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    intents: BTreeMap<String, RawIntent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIntent {
    description: String,
    #[serde(default)]
    examples: Vec<String>,
    lang: Option<String>,
    #[serde(default)]
    names: BTreeMap<String, String>,
}

pub(super) fn parse(text: &str) -> Result<BTreeMap<IntentName, Intent>, PlaybookError> {
    let Raw { intents } = parse_file(FILE, text)?;
    intents
        .into_iter()
        .map(|(name, RawIntent { description, examples, lang, names })| {
            let name = word(FILE, &name)?;
            let language = lang.map(|lang| word(FILE, &lang)).transpose()?;
            Ok((name, Intent { description, examples, language, names: by_language(FILE, names)? }))
        })
        .collect()
}
