//! `entities.toml`: how the company's numbers and products look.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::vocabulary::Language;
use crate::playbook::error::{PlaybookError, by_language, parse_file};

const FILE: &str = "entities.toml";

/// How the company's numbers and products look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entities {
    /// Patterns of numbers, by kind.
    pub patterns: Vec<EntityPattern>,
    /// Names of products.
    pub products: Vec<String>,
}

/// The pattern of one kind of number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityPattern {
    /// The kind, such as `order`.
    pub kind: String,
    /// A regular expression.
    pub pattern: String,
    /// How its check digit is made.
    pub check: Check,
    /// What people call the kind, by language.
    pub names: BTreeMap<Language, String>,
}

/// How a check digit is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// It has none.
    #[default]
    None,
    /// The last digit is the sum of the others modulo 7.
    Mod7,
    /// Luhn's, as on payment cards.
    Luhn,
    /// ISO 13616, as in IBANs.
    Iban,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    patterns: BTreeMap<String, RawPattern>,
    #[serde(default)]
    products: RawProducts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPattern {
    pattern: String,
    #[serde(default)]
    check: Check,
    #[serde(default)]
    names: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawProducts {
    #[serde(default)]
    names: Vec<String>,
}

pub(super) fn parse(text: &str) -> Result<Entities, PlaybookError> {
    let Raw { patterns, products: RawProducts { names: products } } = parse_file(FILE, text)?;
    let pattern = |(kind, RawPattern { pattern, check, names })| {
        Ok::<_, PlaybookError>(EntityPattern { kind, pattern, check, names: by_language(FILE, names)? })
    };
    Ok(Entities { patterns: patterns.into_iter().map(pattern).collect::<Result<_, _>>()?, products })
}
