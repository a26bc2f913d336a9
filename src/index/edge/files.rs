//! Folders of the embedded index: the lock on them, erasing, and the engine's log.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::index::error::IndexError;

/// What the name of a folder begins with that is being erased.
const TRASH: &str = "trash-";

/// The file by which a folder is held.
const LOCK: &str = "lock";

/// Keeps other processes out of a folder while it lives.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: std::fs::File,
}

impl FolderLock {
    /// Makes the folder if need be, and holds it.
    pub(super) fn take(folder: &Path) -> Result<Self, IndexError> {
        let unavailable = |source| IndexError::Unavailable { doing: "open the folder of the index", source };
        let opened = fs::create_dir_all(folder).and_then(|()| fs::File::create(folder.join(LOCK)));
        let file = std::fs::File::from(opened.map_err(|error| unavailable(error.into()))?);
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(IndexError::Held { doing: "open the folder of the index" }),
            Err(TryLockError::Error(error)) => Err(unavailable(error.into())),
        }
    }
}

/// Whether a folder is missing or has nothing in it.
pub(super) fn is_empty(folder: &Path) -> io::Result<bool> {
    entries(folder).map(|entries| entries.is_empty())
}

/// Makes a folder and those above it.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Makes an empty folder beside `folder`, under a name that [`empty_trash`] finds.
pub(super) fn fresh_draft(folder: &Path) -> io::Result<PathBuf> {
    let name = folder.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let draft = folder.with_file_name(format!("{TRASH}new-{name}"));
    remove(&draft)?;
    make_folder(&draft)?;
    Ok(draft)
}

/// Moves a finished draft to its place, where at most an empty folder is.
pub(super) fn put_in_place(draft: &Path, folder: &Path) -> io::Result<()> {
    fs::rename(draft, folder)?;
    match folder.parent() {
        Some(parent) => fs::File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// Removes the folder `name` whole: a crash in the middle leaves only what [`empty_trash`] finds.
pub(super) fn erase(parent: &Path, name: &str) -> Result<(), IndexError> {
    let trash = parent.join(format!("{TRASH}{name}"));
    let erased = remove(&trash).and_then(|()| match fs::rename(parent.join(name), &trash) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed.and_then(|()| remove(&trash)),
    });
    erased.map_err(|error| IndexError::Unavailable { doing: "erase the index of a workspace", source: error.into() })
}

/// Removes what an interrupted [`erase`] left.
pub(super) fn empty_trash(parent: &Path) -> Result<(), IndexError> {
    let emptied = entries(parent)
        .and_then(|entries| entries.iter().filter(|(name, _)| name.starts_with(TRASH)).try_for_each(|(_, path)| remove(path)));
    emptied.map_err(|error| IndexError::Unavailable { doing: "open the folder of the index", source: error.into() })
}

/// Removes the folders below `root` that other encoder revisions left, but for those that a process holds.
///
/// One that cannot be removed costs space and nothing else: the log names it.
pub(super) fn remove_others(root: &Path, own: &str) {
    let others = entries(root).unwrap_or_default();
    // Only what was made here: a folder with the lock that every index has.
    for (_, path) in others.into_iter().filter(|(name, path)| name != own && path.join(LOCK).is_file()) {
        let removed = match FolderLock::take(&path) {
            Ok(_held) => remove(&path).map_err(|error| error.to_string()),
            Err(IndexError::Held { .. }) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = removed {
            tracing::warn!(index.folder = %path.display(), error, "the index of another encoder could not be removed: do so by hand");
        }
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Drops the beginning of the log of a shard that is not open.
///
/// The engine numbers operations by this log but never reads them back, nor shortens it. What it needs are the files `open-*` and the last
/// `closed-N`, which says where the numbers go on; were they to begin anew, it would take later writes for old ones and skip them.
pub(super) fn shorten_log(folder: &Path) -> io::Result<()> {
    let mut closed: Vec<(u64, PathBuf)> =
        entries(folder)?.into_iter().filter_map(|(name, path)| Some((name.strip_prefix("closed-")?.parse().ok()?, path))).collect();
    closed.sort_unstable();
    closed.pop();
    closed.into_iter().try_for_each(|(_, path)| fs::remove_file(path))
}

/// The names and paths in a folder; none when there is no such folder.
fn entries(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| entry.map(|e| (e.file_name().to_string_lossy().into_owned(), e.path()))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let held = FolderLock::take(folder.path()).unwrap();
        assert!(matches!(FolderLock::take(folder.path()), Err(IndexError::Held { .. })));
        drop(held);
        assert!(FolderLock::take(folder.path()).is_ok());
    }

    #[test]
    fn of_a_log_the_last_closed_file_and_the_open_one_stay() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["closed-0", "closed-9", "closed-10", "open-3", "first-index"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        shorten_log(folder.path()).unwrap();
        let mut left: Vec<String> = entries(folder.path()).unwrap().into_iter().map(|(name, _)| name).collect();
        left.sort();
        assert_eq!(left, ["closed-10", "first-index", "open-3"]);
        assert!(shorten_log(&folder.path().join("none")).is_ok());
    }
}
