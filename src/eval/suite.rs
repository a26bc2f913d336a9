//! Suites: what is measured, on which files, by which metrics.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::eval::error::EvalError;

/// The suites that the product comes with.
static SUITES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/eval/suites");

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Which intent a text has, or that it has none.
    Intent,
    /// Which numbers, names, amounts and dates stand in a text, and where.
    Entities,
    /// Which language a text is in.
    Language,
    /// How the writer of a text feels.
    Sentiment,
    /// How pressing a text is.
    Urgency,
}

impl Task {
    /// The word of suites and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Entities => "entities",
            Self::Language => "language",
            Self::Sentiment => "sentiment",
            Self::Urgency => "urgency",
        }
    }

    /// Whether texts must be turned into vectors for it.
    #[must_use]
    pub const fn needs_encoder(self) -> bool {
        match self {
            Self::Intent | Self::Sentiment | Self::Urgency => true,
            Self::Entities | Self::Language => false,
        }
    }
}

/// A suite; its paths are relative to the folder of data.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// What it is called.
    pub name: String,
    /// What it measures.
    pub task: Task,
    /// What it is about, in a sentence.
    #[serde(default)]
    pub about: String,
    /// What is learned from; nothing where nothing is learned.
    #[serde(default)]
    pub train: Vec<String>,
    /// The folder of the playbook that the texts were labelled with, for tasks that need one.
    #[serde(default)]
    pub playbook: Option<String>,
    /// What is asked.
    pub test: Vec<String>,
    /// What is reported, in this order.
    pub metrics: Vec<String>,
    /// What each metric should reach, as a share of 1.
    #[serde(default)]
    pub bars: BTreeMap<String, f64>,
}

impl Suite {
    /// The suite of a name among those that the product comes with, or the one in a file.
    ///
    /// # Errors
    /// [`EvalError::NoSuite`] where neither is there; [`EvalError::Suite`] for a file that is no suite.
    pub fn named(name: &str) -> Result<Self, EvalError> {
        if let Some(file) = SUITES.get_file(format!("{name}.toml")) {
            return Self::parse(name, file.contents_utf8().unwrap_or_default());
        }
        let path = Path::new(name);
        if path.extension().is_some_and(|kind| kind == "toml") {
            let text = fs_err::read_to_string(path).map_err(|source| EvalError::Read { path: name.to_owned(), source })?;
            return Self::parse(name, &text);
        }
        let known = Self::all()?.into_iter().map(|suite| suite.name).collect::<Vec<_>>().join("`, `");
        Err(EvalError::NoSuite { name: name.to_owned(), known })
    }

    /// Every suite that the product comes with, by name.
    ///
    /// # Errors
    /// [`EvalError::Suite`] for one that is none, which a test rules out.
    pub fn all() -> Result<Vec<Self>, EvalError> {
        let mut suites = SUITES
            .files()
            .map(|file| Self::parse(&file.path().to_string_lossy(), file.contents_utf8().unwrap_or_default()))
            .collect::<Result<Vec<_>, _>>()?;
        suites.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(suites)
    }

    fn parse(name: &str, text: &str) -> Result<Self, EvalError> {
        toml::from_str(text).map_err(|error| EvalError::Suite { name: name.to_owned(), reason: error.message().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_that_comes_along_can_be_read_and_is_called_as_its_file() {
        let suites = Suite::all().unwrap();
        assert!(suites.len() >= 5, "{}", suites.len());
        for suite in &suites {
            assert_eq!(Suite::named(&suite.name).unwrap(), *suite);
            assert!(suite.bars.keys().all(|bar| suite.metrics.contains(bar)), "{}", suite.name);
        }
    }

    #[test]
    fn a_name_that_is_none_is_answered_with_those_there_are() {
        let said = Suite::named("banking").unwrap_err().to_string();
        assert!(said.contains("`banking77`"), "{said}");
        let odd = Suite::parse("x", "name = \"x\"\ntask = \"intents\"\n").unwrap_err().to_string();
        assert!(odd.contains("intents"), "{odd}");
    }
}
