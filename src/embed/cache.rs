//! A model's folder in the cache: which of its files are there and proven, and how a file gets in.
//!
//! Everything here blocks; callers run it on a blocking thread.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::embed::manifest::{Model, ModelFile, Sha256Sum};

/// Says that files were hashed, and what they looked like then.
const STAMP_FILE: &str = ".checked.json";
const LOCK_FILE: &str = ".lock";
/// The ending of what is still being written.
const PART: &str = "part";
const BUFFER_BYTES: usize = 64 * 1024;

/// Bytes that are not the file that the manifest means.
#[derive(Debug, thiserror::Error)]
pub enum WrongBytes {
    /// The sum differs.
    #[error("`{file}` has the SHA-256 sum `{found}` instead of `{expected}`")]
    Sum {
        /// The file's name.
        file: String,
        /// The sum of the manifest.
        expected: Sha256Sum,
        /// The sum of the bytes.
        found: Sha256Sum,
    },
    /// The size differs.
    #[error("`{file}` has {found} bytes or more instead of {expected}")]
    TooLong {
        /// The file's name.
        file: String,
        /// The size of the manifest.
        expected: u64,
        /// How many bytes had been read when reading stopped.
        found: u64,
    },
    /// The bytes ended early.
    #[error("`{file}` ends after {found} of {expected} bytes")]
    TooShort {
        /// The file's name.
        file: String,
        /// The size of the manifest.
        expected: u64,
        /// How many bytes there were.
        found: u64,
    },
    /// The bytes could not be read or written.
    #[error("`{file}` cannot be copied")]
    Io {
        /// The file's name.
        file: String,
        /// Why not.
        source: io::Error,
    },
}

/// The folder of one model.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

/// What a stamp remembers of a file whose sum was found right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    sha256: String,
    size_bytes: u64,
    modified_nanos: u64,
}

/// Lets go of the folder when dropped.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: fs_err::File,
}

impl Folder {
    /// Names the folder of a model; the weights' sum is part of the name, so that two manifests never share one by accident.
    pub(super) fn of(model: &Model, cache_root: &Path) -> Self {
        Self { path: cache_root.join(&model.name).join(model.weights_mark()) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many of the model's files are there in the right size; reads no content.
    pub(super) fn files_present(&self, model: &Model) -> usize {
        model.files.iter().filter(|file| self.has_right_size(file)).count()
    }

    /// The files that have to be fetched. One whose stamp doesn't fit is hashed.
    pub(super) fn missing<'m>(&self, model: &'m Model) -> io::Result<Vec<&'m ModelFile>> {
        let old = self.stamps();
        let mut new = BTreeMap::new();
        let mut missing = Vec::new();
        for file in &model.files {
            if !self.has_right_size(file) {
                missing.push(file);
                continue;
            }
            let stamp = self.stamp(file)?;
            if old.get(&file.name) == Some(&stamp) || self.sum(file)? == file.sha256 {
                new.insert(file.name.clone(), stamp);
            } else {
                missing.push(file);
            }
        }
        if new != old {
            self.write_stamps(&new);
        }
        Ok(missing)
    }

    /// Hashes every file, whatever the stamps say, and renews them.
    pub(super) fn verify(&self, model: &Model) -> Result<(), WrongBytes> {
        let mut stamps = BTreeMap::new();
        for file in &model.files {
            let io = |source| WrongBytes::Io { file: file.name.clone(), source };
            let found = self.sum(file).map_err(io)?;
            if found != file.sha256 {
                return Err(WrongBytes::Sum { file: file.name.clone(), expected: file.sha256, found });
            }
            stamps.insert(file.name.clone(), self.stamp(file).map_err(io)?);
        }
        self.write_stamps(&stamps);
        Ok(())
    }

    /// Makes the folder, waits until no other process fetches into it, and clears what a killed one left.
    pub(super) fn lock(&self) -> io::Result<FolderLock> {
        fs_err::create_dir_all(&self.path)?;
        let file = fs_err::OpenOptions::new().create(true).truncate(false).write(true).open(self.path.join(LOCK_FILE))?;
        file.lock()?;
        for entry in fs_err::read_dir(&self.path)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == PART) {
                if path.is_dir() { fs_err::remove_dir_all(&path)? } else { fs_err::remove_file(&path)? }
            }
        }
        Ok(FolderLock { _file: file })
    }

    /// Makes an empty folder inside this one that disappears with the returned value.
    pub(super) fn scratch(&self, name: &str) -> io::Result<Scratch> {
        let path = self.path.join(name).with_extension(PART);
        fs_err::create_dir_all(&path)?;
        Ok(Scratch { path })
    }

    /// Copies a file in while hashing it; only bytes of the right sum ever get the file's name, and others leave nothing behind.
    ///
    /// `on_bytes` is told how many bytes each step added.
    pub(super) fn store(&self, file: &ModelFile, from: &mut dyn Read, on_bytes: &dyn Fn(u64)) -> Result<(), WrongBytes> {
        let io = |source| WrongBytes::Io { file: file.name.clone(), source };
        let part = Scratch { path: self.path.join(format!("{}.{PART}", file.name)) };
        let mut to = fs_err::File::create(&part.path).map_err(io)?;
        let mut sum = Sha256::new();
        let mut found = 0;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let read = from.read(&mut buffer).map_err(io)?;
            if read == 0 {
                break;
            }
            found += read as u64;
            if found > file.size_bytes {
                return Err(WrongBytes::TooLong { file: file.name.clone(), expected: file.size_bytes, found });
            }
            sum.update(&buffer[..read]);
            to.write_all(&buffer[..read]).map_err(io)?;
            on_bytes(read as u64);
        }
        if found < file.size_bytes {
            return Err(WrongBytes::TooShort { file: file.name.clone(), expected: file.size_bytes, found });
        }
        let found = Sha256Sum::new(sum.finalize().into());
        if found != file.sha256 {
            return Err(WrongBytes::Sum { file: file.name.clone(), expected: file.sha256, found });
        }
        to.sync_all().map_err(io)?;
        drop(to);
        fs_err::rename(&part.path, self.path.join(&file.name)).map_err(io)
    }

    fn has_right_size(&self, file: &ModelFile) -> bool {
        fs_err::metadata(self.path.join(&file.name)).is_ok_and(|metadata| metadata.is_file() && metadata.len() == file.size_bytes)
    }

    fn sum(&self, file: &ModelFile) -> io::Result<Sha256Sum> {
        let mut from = fs_err::File::open(self.path.join(&file.name))?;
        let mut sum = Sha256::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match from.read(&mut buffer)? {
                0 => return Ok(Sha256Sum::new(sum.finalize().into())),
                read => sum.update(&buffer[..read]),
            }
        }
    }

    fn stamp(&self, file: &ModelFile) -> io::Result<Stamp> {
        let metadata = fs_err::metadata(self.path.join(&file.name))?;
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Stamp {
            sha256: file.sha256.to_string(),
            size_bytes: metadata.len(),
            modified_nanos: u64::try_from(modified.as_nanos()).unwrap_or(u64::MAX),
        })
    }

    /// The stamps of the last check; an unreadable file means none, which costs a full check and nothing else.
    fn stamps(&self) -> BTreeMap<String, Stamp> {
        let bytes = fs_err::read(self.path.join(STAMP_FILE)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// A cache that may only be read keeps no stamps and is hashed at each start.
    fn write_stamps(&self, stamps: &BTreeMap<String, Stamp>) {
        let bytes = serde_json::to_vec(stamps).expect("stamps are plain values: this is a bug");
        if let Err(error) = fs_err::write(self.path.join(STAMP_FILE), bytes) {
            tracing::debug!(error.message = %error, "the model cache takes no stamps, so its sums are computed at each start");
        }
    }
}

/// A file or folder that is removed when dropped, if it's still there.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let removed = if self.path.is_dir() { fs_err::remove_dir_all(&self.path) } else { fs_err::remove_file(&self.path) };
        if let Err(error) = removed
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(error.message = %error, "a temporary file of a model download stays behind until the next one");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::tiny;

    fn files_of(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs_err::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn wrong_bytes_leave_nothing_behind_and_name_both_sums() {
        let place = tempfile::tempdir().unwrap();
        let model = tiny::write(place.path(), 1).unwrap().model;
        let folder = Folder::of(&model, &place.path().join("cache"));
        fs_err::create_dir_all(folder.path()).unwrap();
        let file = &model.files[0];
        let right = fs_err::read(place.path().join(&file.name)).unwrap();
        let mut wrong = right.clone();
        wrong[3] ^= 1;
        let error = folder.store(file, &mut wrong.as_slice(), &|_| ()).unwrap_err();
        let WrongBytes::Sum { expected, found, .. } = &error else { panic!("{error:?}") };
        assert!(error.to_string().contains(&expected.to_string()) && error.to_string().contains(&found.to_string()), "{error}");
        assert!(matches!(folder.store(file, &mut &right[1..], &|_| ()), Err(WrongBytes::TooShort { .. })));
        let long = [right.as_slice(), b"x"].concat();
        assert!(matches!(folder.store(file, &mut long.as_slice(), &|_| ()), Err(WrongBytes::TooLong { .. })));
        assert_eq!(files_of(folder.path()), Vec::<String>::new());
        folder.store(file, &mut right.as_slice(), &|_| ()).unwrap();
        assert_eq!(files_of(folder.path()), std::slice::from_ref(&file.name));
    }

    #[test]
    fn a_lock_clears_what_a_killed_process_left() {
        let place = tempfile::tempdir().unwrap();
        let model = tiny::write(place.path(), 1).unwrap().model;
        let folder = Folder::of(&model, place.path());
        fs_err::create_dir_all(folder.path().join("wheel.part")).unwrap();
        fs_err::write(folder.path().join("config.json.part"), "{").unwrap();
        drop(folder.lock().unwrap());
        assert_eq!(files_of(folder.path()), [LOCK_FILE]);
    }
}
