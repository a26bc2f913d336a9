//! What a suite came to, as it is kept in a file: to be compared, drawn, and held against later runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::eval::error::EvalError;
use crate::eval::item::Item;
use crate::eval::metric::Metric;
use crate::eval::suite::Task;

/// What a suite came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The suite.
    pub suite: String,
    /// What was measured.
    pub task: Task,
    /// Its metrics, in the order of the suite.
    pub metrics: Vec<Metric>,
    /// How many texts were learned from.
    pub learned_from: usize,
    /// How many were left out: those that are asked as well, or of which nobody knew yet what they were.
    pub left_out: usize,
    /// What learning took, encoding left out.
    #[serde(default)]
    pub learning_seconds: f64,
    /// What all of it took.
    #[serde(default)]
    pub seconds: f64,
    /// What encoded the texts, where that was needed.
    pub encoder: Option<String>,
    /// What was learned, where something was.
    pub head: Option<String>,
    /// The folder of the playbook, where one was needed.
    pub playbook: Option<String>,
    /// The sum of its files.
    pub playbook_sha256: Option<String>,
    /// The sum of the data that was learned from and asked.
    pub data_sha256: String,
    /// Which release measured it.
    pub backchannel: String,
    /// Every item that was asked; none where only the metrics are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
}

impl Report {
    /// The report without its items.
    #[must_use]
    pub fn in_short(&self) -> Self {
        Self { items: Vec::new(), ..self.clone() }
    }

    /// The report without the time it took: what is the same whenever the same is measured.
    #[must_use]
    pub fn timeless(&self) -> Self {
        Self { seconds: 0.0, learning_seconds: 0.0, ..self.clone() }
    }

    /// Reads a report from a file.
    ///
    /// # Errors
    /// [`EvalError::Run`] for a file that is not there; [`EvalError::NoReport`] for one that is none.
    pub fn read(path: &Path) -> Result<Self, EvalError> {
        let name = path.display().to_string();
        let text = fs_err::read_to_string(path).map_err(|source| EvalError::Run { path: name.clone(), source })?;
        serde_json::from_str(&text).map_err(|error| EvalError::NoReport { path: name, reason: error.to_string() })
    }

    /// Writes it to a file, each item on a line of its own.
    ///
    /// # Errors
    /// [`EvalError::Write`].
    pub fn write(&self, path: &Path) -> Result<(), EvalError> {
        let failed = |source: std::io::Error| EvalError::Write { path: path.display().to_string(), source };
        let mut text = serde_json::to_string_pretty(&self.in_short()).map_err(|error| failed(error.into()))?;
        let items = self.items.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>().map_err(|error| failed(error.into()))?;
        if !items.is_empty() && text.pop() == Some('}') {
            text.truncate(text.trim_end().len());
            let _ = write!(text, ",\n  \"items\": [\n    {}\n  ]\n}}", items.join(",\n    "));
        }
        write(path, &(text + "\n"))
    }
}

/// Writes a file, with the folders above it.
///
/// # Errors
/// [`EvalError::Write`].
pub fn write(path: &Path, text: &str) -> Result<(), EvalError> {
    let failed = |source| EvalError::Write { path: path.display().to_string(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs_err::create_dir_all(folder).map_err(failed)?;
    }
    fs_err::write(path, text).map_err(failed)
}

/// The sum of some files: of their names and bytes, in the order of the names.
///
/// # Errors
/// [`EvalError::Read`].
pub(super) fn sum_of(data: &Path, files: &[String]) -> Result<String, EvalError> {
    let mut named = BTreeMap::new();
    for file in files {
        let path = data.join(file);
        let bytes = fs_err::read(&path).map_err(|source| EvalError::Read { path: path.display().to_string(), source })?;
        named.insert(file.as_str(), bytes);
    }
    Ok(sum(named.iter().map(|(name, bytes)| (*name, bytes.as_slice()))))
}

/// The sum of named bytes.
pub(super) fn sum<'a>(named: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut sum = Sha256::new();
    for (name, bytes) in named {
        sum.update(name.as_bytes());
        sum.update([0]);
        sum.update(Sha256::digest(bytes));
    }
    hex::encode(sum.finalize())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::eval::item::{Label, Said};
    use crate::eval::metric;

    /// A report of labels: the right one, the answer, and how likely it was.
    pub(in crate::eval) fn report(suite: &str, said: &[(&str, &str, f64)]) -> Report {
        let items: Vec<Item> = said
            .iter()
            .zip(1..)
            .map(|((truth, guess, probability), number)| Item {
                id: format!("T-{number}"),
                lang: Some(if number % 3 == 0 { "fr" } else { "en" }.to_owned()),
                half: None,
                said: Said::Label(Label {
                    truth: (*truth).to_owned(),
                    guess: Some((*guess).to_owned()),
                    answer: Some((*guess).to_owned()),
                    probability: Some(*probability),
                    in_scope: Some(*probability),
                    ..Label::default()
                }),
            })
            .collect();
        Report {
            suite: suite.to_owned(),
            task: Task::Intent,
            metrics: ["accuracy", "macro_f1", "ece"].iter().map(|name| metric::measure(name, &items, None)).collect(),
            learned_from: 10,
            left_out: 1,
            learning_seconds: 0.5,
            seconds: 1.5,
            encoder: Some("tiny 1".to_owned()),
            head: None,
            playbook: None,
            playbook_sha256: None,
            data_sha256: "da7a".to_owned(),
            backchannel: "0.1.0".to_owned(),
            items,
        }
    }

    #[test]
    fn a_report_comes_back_from_its_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/run.json");
        let kept = report("s", &[("a", "a", 0.9), ("b", "a", 0.25)]);
        kept.write(&path).unwrap();
        assert_eq!(Report::read(&path).unwrap(), kept);
        let text = fs_err::read_to_string(&path).unwrap();
        assert_eq!(text.lines().filter(|line| line.contains("\"id\"")).count(), 2, "each item has its line: {text}");
        kept.in_short().write(&path).unwrap();
        assert_eq!(Report::read(&path).unwrap(), kept.in_short());
        fs_err::write(&path, "{\"suite\": \"x\"}").unwrap();
        assert!(Report::read(&path).unwrap_err().to_string().contains("run.json"));
    }

    #[test]
    fn what_took_another_time_is_the_same_report_without_it() {
        let one = report("s", &[("a", "a", 0.9)]);
        let other = Report { seconds: 9.0, learning_seconds: 3.0, ..one.clone() };
        assert_eq!(one.timeless(), other.timeless());
    }

    #[test]
    fn a_sum_knows_names_and_bytes() {
        let of = |name: &str, bytes: &str| sum([(name, bytes.as_bytes())].into_iter());
        assert_ne!(of("a", "bc"), of("ab", "c"));
        assert_eq!(of("a", "bc"), of("a", "bc"));
    }
}
