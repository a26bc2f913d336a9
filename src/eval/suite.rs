//! Suites: what is measured, on which files, by which metrics.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use crate::eval::error::EvalError;

/// The suites that the product comes with.
static SUITES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/eval/suites");

/// The languages of a desk's files.
pub(super) const LANGUAGES: [&str; 2] = ["en", "fr"];

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Which intent a text has, or that it has none.
    Intent,
    /// Which intents a text has, any number of them.
    MultiIntent,
    /// What the product says of the later tickets of a desk, after learning from the earlier ones.
    Triage,
    /// Which numbers, names, amounts and dates stand in a text, and where.
    Entities,
    /// Which language a text is in.
    Language,
    /// How the writer of a text feels.
    Sentiment,
    /// How pressing a text is.
    Urgency,
    /// Which documents answer a question.
    Retrieval,
    /// Which earlier report says the same.
    Duplicates,
    /// Who can answer a question.
    Experts,
    /// What a conversation came to, in short.
    ThreadSummary,
    /// What of a message must not leave.
    Leak,
    /// What answered an ask before it was sent.
    AlreadyAnswered,
}

impl Task {
    /// The word of suites and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::MultiIntent => "multi_intent",
            Self::Triage => "triage",
            Self::Entities => "entities",
            Self::Language => "language",
            Self::Sentiment => "sentiment",
            Self::Urgency => "urgency",
            Self::Retrieval => "retrieval",
            Self::Duplicates => "duplicates",
            Self::Experts => "experts",
            Self::ThreadSummary => "thread_summary",
            Self::Leak => "leak",
            Self::AlreadyAnswered => "already_answered",
        }
    }

    /// Whether texts must be turned into vectors for it.
    #[must_use]
    pub const fn needs_encoder(self) -> bool {
        match self {
            Self::Intent
            | Self::MultiIntent
            | Self::Triage
            | Self::Sentiment
            | Self::Urgency
            | Self::Retrieval
            | Self::Duplicates
            | Self::Experts
            | Self::ThreadSummary
            | Self::AlreadyAnswered => true,
            Self::Entities | Self::Language | Self::Leak => false,
        }
    }

    /// Whether a desk must do its work for it.
    #[must_use]
    pub const fn needs_desk(self) -> bool {
        match self {
            Self::Triage | Self::Leak | Self::AlreadyAnswered => true,
            Self::Intent
            | Self::MultiIntent
            | Self::Entities
            | Self::Language
            | Self::Sentiment
            | Self::Urgency
            | Self::Retrieval
            | Self::Duplicates
            | Self::Experts
            | Self::ThreadSummary => false,
        }
    }
}

/// What of a triage is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The main intent.
    Intent,
    /// All intents that it says.
    Intents,
    /// How the customer feels.
    Sentiment,
    /// How pressing it is.
    Urgency,
    /// The group that it goes to.
    Routing,
    /// What to do next, as the whole desk says it before anybody has answered.
    NextStep,
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
    /// The folder of a desk: its tickets, labels and customers, and its playbook; for `already_answered` its side conversations and documents.
    #[serde(default)]
    pub workspace: Option<String>,
    /// What of its triage is judged.
    #[serde(default)]
    pub part: Option<Part>,
    /// What is asked.
    #[serde(default)]
    pub test: Vec<String>,
    /// The documents that are searched. Only for `retrieval`.
    #[serde(default)]
    pub corpus: Vec<String>,
    /// The questions that they are searched for.
    #[serde(default)]
    pub queries: Vec<String>,
    /// Which document answers which question, tab-separated: question, document, grade, under a head.
    #[serde(default)]
    pub qrels: Option<String>,
    /// What was known before anything is asked. Only for `experts`.
    #[serde(default)]
    pub history: Vec<String>,
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

    /// The files of its data, in the order in which they are read.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let of_desk = self.workspace.iter().flat_map(|folder| {
            let is_asking = self.task == Task::AlreadyAnswered;
            let lists = ["customers", if is_asking { "threads" } else { "labels" }, "tickets"];
            let documents = is_asking.then(|| format!("{folder}/documents.toml"));
            let lists = lists.into_iter().flat_map(move |what| LANGUAGES.map(|lang| format!("{folder}/{what}.{lang}.jsonl")));
            lists.chain(documents)
        });
        let of_search = self.corpus.iter().chain(&self.queries).chain(&self.qrels).chain(&self.history);
        self.train.iter().chain(of_search).chain(&self.test).cloned().chain(of_desk).collect()
    }

    /// The folder of its playbook, where it has one.
    #[must_use]
    pub fn playbook_folder(&self) -> Option<String> {
        self.playbook.clone().or_else(|| self.workspace.as_ref().map(|folder| format!("{folder}/playbook")))
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
            assert_eq!(crate::eval::metric::unknown(suite.task, suite.part, &suite.metrics), None, "{}", suite.name);
            assert_eq!(suite.task.needs_desk(), suite.workspace.is_some(), "{}", suite.name);
            assert_eq!(suite.task == Task::Triage, suite.part.is_some(), "{}", suite.name);
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
