//! `redaction.toml`: what is redacted in the index and logs.

use serde::Deserialize;

use crate::playbook::error::{PlaybookError, parse_file};

/// What is redacted in the index and logs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// Kinds of entities that are replaced by their kind's name.
    pub kinds: Vec<String>,
}

impl Default for Redaction {
    fn default() -> Self {
        Self { kinds: ["card", "iban", "email", "phone", "address"].map(str::to_owned).to_vec() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    redact: Redaction,
}

pub(super) fn parse(text: &str) -> Result<Redaction, PlaybookError> {
    parse_file::<Raw>("redaction.toml", text).map(|raw| raw.redact)
}
