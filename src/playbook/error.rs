//! What can be wrong in a playbook, told so that the admin can mend it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;

use serde::de::DeserializeOwned;

use crate::domain::vocabulary::Language;

/// A playbook that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaybookError {
    /// A file that no playbook has.
    #[error("`{file}` is not a file of a playbook{}", did_you_mean(nearest.as_deref()))]
    UnknownFile {
        /// The file.
        file: String,
        /// The nearest known name.
        nearest: Option<String>,
    },
    /// A key that the part does not have.
    #[error("{file}: `{table}` has an unknown key `{key}`{}", did_you_mean(nearest.as_deref()))]
    UnknownKey {
        /// The file.
        file: &'static str,
        /// The table that has the key.
        table: String,
        /// The key.
        key: String,
        /// The nearest known key.
        nearest: Option<String>,
    },
    /// TOML that does not parse, or a value of the wrong shape.
    #[error("{file}{}: {reason}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Invalid {
        /// The file.
        file: &'static str,
        /// The line, from 1, where one is known.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// A name that no file defines.
    #[error("{file} names the {what} `{name}`, which is not defined{}", did_you_mean(nearest.as_deref()))]
    Dangling {
        /// The file that uses the name.
        file: &'static str,
        /// What the name should be.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest defined name.
        nearest: Option<String>,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    let mut hint = String::new();
    if let Some(nearest) = nearest {
        let _ = write!(hint, ": did you mean `{nearest}`?");
    }
    hint
}

/// The known word closest to `given` by edit distance, if one is close enough to be meant.
pub(crate) fn nearest<S: AsRef<str>>(given: &str, known: &[S]) -> Option<String> {
    known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(given, word.as_ref()), word.as_ref()))
        .filter(|(distance, word)| *distance <= 2.max(word.chars().count() / 3))
        .min()
        .map(|(_, word)| word.to_owned())
}

/// Parses one file of a playbook into its raw shape.
pub(super) fn parse_file<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, PlaybookError> {
    let invalid = |error: &toml::de::Error| PlaybookError::Invalid {
        file,
        line: error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1),
        reason: error.message().trim().to_owned(),
    };
    let deserializer = toml::Deserializer::parse(text).map_err(|error| invalid(&error))?;
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        unknown_key(file, &path, error.inner().message()).unwrap_or_else(|| invalid(error.inner()))
    })
}

/// Recognises serde's word for an unknown field, "unknown field `x`, expected one of `a`, `b`".
fn unknown_key(file: &'static str, path: &str, message: &str) -> Option<PlaybookError> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, expected) = rest.split_once('`')?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let table = path.strip_suffix(key).map_or(path, |table| table.trim_end_matches('.'));
    Some(PlaybookError::UnknownKey {
        file,
        table: if table.is_empty() { file.trim_end_matches(".toml").to_owned() } else { table.to_owned() },
        key: key.to_owned(),
        nearest: nearest(key, &known),
    })
}

/// Reads a word of one of the domain's checked kinds.
pub(super) fn word<T: FromStr<Err: ToString>>(file: &'static str, text: &str) -> Result<T, PlaybookError> {
    text.parse().map_err(|error: T::Err| invalid(file, error.to_string()))
}

/// Texts by language, none of them blank.
pub(super) fn by_language(file: &'static str, texts: BTreeMap<String, String>) -> Result<BTreeMap<Language, String>, PlaybookError> {
    let text = |(language, text): (String, String)| {
        if text.trim().is_empty() {
            return Err(invalid(file, format!("the text for `{language}` is empty: write one, or leave the language out")));
        }
        Ok((word(file, &language)?, text))
    };
    texts.into_iter().map(text).collect()
}

/// An error about a value that parsed but is not allowed.
pub(super) fn invalid(file: &'static str, reason: impl Into<String>) -> PlaybookError {
    PlaybookError::Invalid { file, line: None, reason: reason.into() }
}
