//! Bytes of files, kept once under the hash of their content.
//!
//! A file comes in piece by piece, is hashed and counted on its way to a draft, made durable, and then linked to its final name, so that
//! under a final name stands a whole file or none. Each workspace has a folder of its own. The room knows nothing of who needs a file:
//! `app` asks the store, and calls [`Blobs::set_aside`] before it removes one. Roles split over processes share the folder.

mod incoming;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use fs_err::tokio as fs;
use serde::Deserialize;
use tokio::fs::File;

pub use self::incoming::{Incoming, Sealed};
use crate::domain::attachment::ContentHash;
use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;

/// Drafts of files that are on their way.
const DRAFTS: &str = "incoming";
/// Files that are about to be removed.
const ASIDE: &str = "aside";
/// Whatever nobody has touched for so long belongs to nobody who is still at it.
const LEFT_BEHIND: Duration = Duration::from_hours(1);

/// What an admin may set about files that come with tickets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The largest file, in bytes.
    pub limit_bytes: u64,
    /// Where they are kept; `attachments` in the data folder when not given. Processes that share a database share this folder.
    pub dir: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { limit_bytes: 25 << 20, dir: None }
    }
}

/// Why a file was not kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// It is larger than a file may be.
    #[error("the file is larger than {limit_bytes} bytes: send a smaller one, or split it")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The disk does not do what it is asked.
    #[error("could not {tried}")]
    Disk {
        /// What was tried.
        tried: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The folder of files; cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: PathBuf,
    limit_bytes: u64,
}

impl Blobs {
    /// Uses a folder, which is made when it is not there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(root: &Path, limit_bytes: u64) -> io::Result<Self> {
        for folder in [DRAFTS, ASIDE] {
            make_private(&root.join(folder))?;
        }
        Ok(Self { root: root.to_owned(), limit_bytes })
    }

    /// The largest file, in bytes.
    #[must_use]
    pub const fn limit_bytes(&self) -> u64 {
        self.limit_bytes
    }

    /// Begins to take a file in; nothing of it can be seen before [`Blobs::keep`].
    pub async fn receive(&self) -> Result<Incoming, BlobError> {
        Incoming::begin(&self.root.join(DRAFTS), self.limit_bytes).await
    }

    /// Gives a whole file its final name, durably; one that is there already stays. Called twice it does the same as once.
    pub async fn keep(&self, workspace: WorkspaceId, sealed: &Sealed) -> Result<(), BlobError> {
        let path = self.path(workspace, sealed.hash());
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        let kept = async {
            make_private(&folder)?;
            match fs::hard_link(sealed.path(), &path).await {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                Ok(()) | Err(_) => {}
            }
            // The link itself must survive a loss of power, and so must the folders above it.
            for folder in folder.ancestors().take_while(|folder| folder.starts_with(&self.root)) {
                sync(folder).await?;
            }
            Ok(())
        };
        kept.await.map_err(|source| BlobError::Disk { tried: "give a file its name", source })
    }

    /// Opens a file; `None` when there is none.
    pub async fn open_file(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<Option<File>, BlobError> {
        match File::open(self.path(workspace, hash)).await {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(BlobError::Disk { tried: "open a file", source }),
        }
    }

    /// Reads a file whole; `None` when there is none.
    pub async fn read(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<Option<Vec<u8>>, BlobError> {
        match fs::read(self.path(workspace, hash)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(BlobError::Disk { tried: "read a file", source }),
        }
    }

    /// Whether a file is there under its final name.
    pub async fn has(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<bool, BlobError> {
        fs::try_exists(self.path(workspace, hash)).await.map_err(|source| BlobError::Disk { tried: "look for a file", source })
    }

    /// Takes a file away from its final name without removing it. Afterwards the caller looks once more whether anybody needs it, and
    /// calls [`Blobs::put_back`] or [`Blobs::drop_aside`]; whoever keeps the same bytes meanwhile looks after their commit whether the
    /// file [is there](Blobs::has), and keeps it again. So none of the two can lose the other's file.
    pub async fn set_aside(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<(), BlobError> {
        let moved = fs::rename(self.path(workspace, hash), self.aside(workspace, hash)).await;
        ignoring_missing(moved).map_err(|source| BlobError::Disk { tried: "set a file aside", source })
    }

    /// Gives a file that was set aside its name back.
    pub async fn put_back(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<(), BlobError> {
        let moved = fs::rename(self.aside(workspace, hash), self.path(workspace, hash)).await;
        ignoring_missing(moved).map_err(|source| BlobError::Disk { tried: "put a file back", source })
    }

    /// Removes a file that was set aside.
    pub async fn drop_aside(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<(), BlobError> {
        let removed = fs::remove_file(self.aside(workspace, hash)).await;
        ignoring_missing(removed).map_err(|source| BlobError::Disk { tried: "remove a file", source })
    }

    /// Removes drafts whose writers are gone, and answers every file that is old enough to ask whether somebody needs it: those that
    /// stand under their names, and those that were set aside by somebody who did not come back.
    pub async fn left_behind(&self, now: Timestamp) -> Result<Vec<(WorkspaceId, ContentHash)>, BlobError> {
        let root = self.root.clone();
        let found = tokio::task::spawn_blocking(move || walk(&root, now)).await;
        let found = found.unwrap_or_else(|error| Err(io::Error::other(error)));
        found.map_err(|source| BlobError::Disk { tried: "look for files that nobody needs", source })
    }

    fn path(&self, workspace: WorkspaceId, hash: &ContentHash) -> PathBuf {
        let (start, rest) = hash.as_str().split_at(2);
        self.root.join(workspace.to_string()).join(start).join(rest)
    }

    fn aside(&self, workspace: WorkspaceId, hash: &ContentHash) -> PathBuf {
        self.root.join(ASIDE).join(format!("{workspace}.{hash}"))
    }
}

fn ignoring_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn walk(root: &Path, now: Timestamp) -> io::Result<Vec<(WorkspaceId, ContentHash)>> {
    let now = UNIX_EPOCH + Duration::from_micros(u64::try_from(now.as_micros()).unwrap_or(0));
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root).min_depth(2) {
        let Ok(entry) = entry else { continue };
        let Ok(modified) = entry.metadata().map_err(io::Error::from).and_then(|metadata| metadata.modified()) else { continue };
        if !entry.file_type().is_file() || !now.duration_since(modified).is_ok_and(|age| age >= LEFT_BEHIND) {
            continue;
        }
        let Ok(below) = entry.path().strip_prefix(root) else { continue };
        let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
        let file = match parts.as_slice() {
            [DRAFTS, _] => {
                ignoring_missing(fs_err::remove_file(entry.path()))?;
                None
            }
            [ASIDE, name] => name.split_once('.').and_then(|(workspace, hash)| Some((workspace.parse().ok()?, hash.parse().ok()?))),
            [workspace, start, rest] => workspace.parse().ok().zip(format!("{start}{rest}").parse().ok()),
            _ => None,
        };
        found.extend(file);
    }
    Ok(found)
}

/// Makes a folder, with those above it, that nobody but this user may enter.
fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes what was done in a folder durable.
async fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder).await?.sync_all().await?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 64;

    fn workspace(byte: u8) -> WorkspaceId {
        WorkspaceId::at(Timestamp::from_micros(0), [byte; 10])
    }

    async fn sealed(blobs: &Blobs, bytes: &[u8]) -> Sealed {
        let mut incoming = blobs.receive().await.unwrap();
        for piece in bytes.chunks(7) {
            incoming.write(piece).await.unwrap();
        }
        incoming.seal().await.unwrap()
    }

    fn files(root: &Path) -> usize {
        walkdir::WalkDir::new(root).into_iter().filter(|entry| entry.as_ref().unwrap().file_type().is_file()).count()
    }

    #[tokio::test]
    async fn the_same_bytes_twice_are_one_file_and_each_workspace_has_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), LIMIT).unwrap();
        let (one, other) = (workspace(1), workspace(2));
        for owner in [one, one, other] {
            let sealed = sealed(&blobs, b"a photograph").await;
            blobs.keep(owner, &sealed).await.unwrap();
            assert_eq!(blobs.read(owner, sealed.hash()).await.unwrap().as_deref(), Some(b"a photograph".as_slice()));
        }
        assert_eq!(files(folder.path()), 2, "drafts are gone with what held them");
    }

    #[tokio::test]
    async fn a_file_over_the_limit_is_cut_off_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), LIMIT).unwrap();
        let mut incoming = blobs.receive().await.unwrap();
        incoming.write(&[0; 64]).await.unwrap();
        assert!(matches!(incoming.write(&[0]).await, Err(BlobError::TooLarge { limit_bytes: LIMIT })));
        drop(incoming);
        assert_eq!(files(folder.path()), 0);
    }

    #[tokio::test]
    async fn what_is_set_aside_comes_back_or_goes() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), LIMIT).unwrap();
        let sealed = sealed(&blobs, b"words").await;
        blobs.keep(workspace(1), &sealed).await.unwrap();
        blobs.set_aside(workspace(1), sealed.hash()).await.unwrap();
        assert!(!blobs.has(workspace(1), sealed.hash()).await.unwrap());
        blobs.put_back(workspace(1), sealed.hash()).await.unwrap();
        assert!(blobs.has(workspace(1), sealed.hash()).await.unwrap());
        blobs.set_aside(workspace(1), sealed.hash()).await.unwrap();
        blobs.drop_aside(workspace(1), sealed.hash()).await.unwrap();
        blobs.put_back(workspace(1), sealed.hash()).await.unwrap();
        assert!(!blobs.has(workspace(1), sealed.hash()).await.unwrap());
    }

    #[tokio::test]
    async fn drafts_of_the_dead_are_removed_and_old_files_are_asked_about() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), LIMIT).unwrap();
        let kept = sealed(&blobs, b"kept").await;
        blobs.keep(workspace(1), &kept).await.unwrap();
        let hash = kept.hash().clone();
        drop(kept);
        let mut incoming = blobs.receive().await.unwrap();
        incoming.write(b"half of it").await.unwrap();
        std::mem::forget(incoming);
        let written = fs_err::metadata(blobs.path(workspace(1), &hash)).unwrap().modified().unwrap();
        let now = Timestamp::from_micros(i64::try_from(written.duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap());
        assert_eq!(blobs.left_behind(now).await.unwrap(), []);
        assert_eq!(files(folder.path()), 2);
        assert_eq!(blobs.left_behind(now.plus_seconds(7200)).await.unwrap(), [(workspace(1), hash)]);
        assert_eq!(files(folder.path()), 1);
    }
}
