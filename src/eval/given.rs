//! What a suite is given: the files of its data and of its playbook.

use std::collections::BTreeMap;
use std::path::Path;

use crate::eval::error::EvalError;
use crate::eval::report::{sum, sum_of};
use crate::eval::suite::Suite;
use crate::playbook;

/// What a suite is given.
#[derive(Debug)]
pub(super) struct Given {
    /// The sum of its data.
    pub(super) data_sha256: String,
    /// Its playbook, where it names one.
    pub(super) playbook: Option<Playbook>,
}

/// The files of a playbook.
#[derive(Debug, Clone)]
pub(super) struct Playbook {
    /// Where they are, as it was said.
    pub(super) folder: String,
    /// By their names.
    pub(super) files: BTreeMap<String, String>,
}

impl Given {
    /// Reads what a suite is given; `instead` is a folder in place of its playbook's.
    pub(super) fn of(suite: &Suite, data: &Path, instead: Option<&Path>) -> Result<Self, EvalError> {
        let named = suite.playbook_folder();
        let playbook = match (&named, instead) {
            (None, _) => None,
            (Some(_), Some(folder)) => Some(Playbook::read(suite, folder.display().to_string(), folder)?),
            (Some(folder), None) => Some(Playbook::read(suite, folder.clone(), &data.join(folder))?),
        };
        Ok(Self { data_sha256: sum_of(data, &suite.files())?, playbook })
    }
}

impl Playbook {
    fn read(suite: &Suite, name: String, path: &Path) -> Result<Self, EvalError> {
        let mut read = Self { folder: name, files: BTreeMap::new() };
        for entry in fs_err::read_dir(path).map_err(|error| read.refused(suite, error))? {
            let file = entry.map_err(|error| read.refused(suite, error))?.path();
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if file.is_file() && !name.starts_with('.') {
                let text = fs_err::read_to_string(&file).map_err(|error| read.refused(suite, error))?;
                read.files.insert(name, text);
            }
        }
        if read.files.keys().any(|name| Path::new(name).extension().is_some_and(|kind| kind == "toml")) {
            Ok(read)
        } else {
            Err(read.refused(suite, "no file of a playbook is in it"))
        }
    }

    pub(super) fn parse(&self, suite: &Suite) -> Result<playbook::Playbook, EvalError> {
        playbook::Playbook::parse(&self.files).map_err(|error| self.refused(suite, error))
    }

    pub(super) fn sum(&self) -> String {
        sum(self.files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())))
    }

    pub(super) fn refused(&self, suite: &Suite, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> EvalError {
        EvalError::Playbook { suite: suite.name.clone(), path: self.folder.clone(), source: error.into() }
    }
}
