//! The public sets that suites use: where each comes from, under which licence, and which files were meant.

use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::eval::error::EvalError;

/// The sets, as they are written down.
const SETS: &str = include_str!("../../eval/datasets.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sets {
    sets: Vec<Set>,
}

/// A public set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// What it is called.
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
    /// Where it is kept.
    pub repository: String,
    /// Which state of it.
    pub commit: String,
    /// Under which licence it is given, as an SPDX identifier.
    pub licence: String,
    /// The suites that use it.
    pub suites: Vec<String>,
    /// Its files.
    pub files: Vec<File>,
}

/// A file of a set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Where it is looked for, below the folder of the sets.
    pub path: String,
    /// Where it is in the repository.
    pub source: String,
    /// Its sum.
    pub sha256: String,
}

/// Every set that a suite uses.
///
/// # Errors
/// [`EvalError::Suite`] for a list that is none, which a test rules out.
pub fn all() -> Result<Vec<Set>, EvalError> {
    let sets: Sets =
        toml::from_str(SETS).map_err(|error| EvalError::Suite { name: "datasets".to_owned(), reason: error.message().to_owned() })?;
    Ok(sets.sets)
}

/// Checks the files of all sets that are below a folder, and says how many there are; those that are missing are passed over.
///
/// # Errors
/// [`EvalError::Sum`] for the first file that is another one; [`EvalError::Read`] for one that cannot be read.
pub fn check(from: &Path) -> Result<usize, EvalError> {
    let mut checked = 0;
    for file in all()?.iter().flat_map(|set| &set.files) {
        let path = from.join(&file.path);
        if !path.is_file() {
            continue;
        }
        let bytes = fs_err::read(&path).map_err(|source| EvalError::Read { path: path.display().to_string(), source })?;
        let found = hex::encode(Sha256::digest(&bytes));
        if found != file.sha256 {
            return Err(EvalError::Sum { path: path.display().to_string(), found, expected: file.sha256.clone() });
        }
        checked += 1;
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::eval::suite::Suite;

    #[test]
    fn every_suite_of_public_data_names_its_set_and_every_set_its_suites() {
        let sets = all().unwrap();
        let named: BTreeSet<&str> = sets.iter().flat_map(|set| &set.suites).map(String::as_str).collect();
        let suites = Suite::all().unwrap();
        for suite in suites.iter().filter(|suite| !suite.train.is_empty()) {
            assert!(named.contains(suite.name.as_str()), "{} is in no set", suite.name);
        }
        assert!(named.iter().all(|name| suites.iter().any(|suite| suite.name == **name)), "{named:?}");
        for set in &sets {
            assert!(set.commit.len() == 40 && set.repository.starts_with("https://") && !set.licence.is_empty(), "{}", set.name);
            assert!(set.files.iter().all(|file| file.sha256.len() == 64), "{}", set.name);
        }
    }

    #[test]
    fn a_file_with_another_sum_is_named_and_one_that_is_missing_passed_over() {
        let from = tempfile::tempdir().unwrap();
        assert_eq!(check(from.path()).unwrap(), 0);
        let folder = from.path().join("nlupp/hotels");
        fs_err::create_dir_all(&folder).unwrap();
        fs_err::write(folder.join("fold3.json"), "[]").unwrap();
        let said = check(from.path()).unwrap_err().to_string();
        assert!(said.contains("fold3.json") && said.contains("not"), "{said}");
    }
}
