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
use tokio::io::AsyncReadExt;

pub use self::incoming::{Incoming, Sealed};
use crate::domain::attachment::ContentHash;
use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;

/// Drafts of files that are on their way.
const DRAFTS: &str = "incoming";
/// Files that nobody seems to need, each under a name that no other one has.
const ASIDE: &str = "aside";
/// Whatever nobody has touched for so long belongs to nobody who is still at it.
const LEFT_BEHIND: Duration = Duration::from_hours(1);

/// What an admin may set about files that come with tickets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The largest file, in bytes.
    pub limit_bytes: u64,
    /// How many files one uploader may have waiting to be sent with a message.
    pub unsent_files: u64,
    /// How many bytes these files may have together.
    pub unsent_bytes: u64,
    /// Where they are kept; `attachments` in the data folder when not given. Processes that share a database share this folder.
    pub dir: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { limit_bytes: 25 << 20, unsent_files: 1000, unsent_bytes: 1 << 30, dir: None }
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

/// A file that was taken away from its name; only who holds this can drop it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    path: PathBuf,
    since: Timestamp,
}

impl Aside {
    /// When it was set aside.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        self.since
    }
}

/// A file of which nobody knows yet whether it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The hash of its bytes.
    pub hash: ContentHash,
    /// Where it lies, if not under its name.
    pub aside: Option<Aside>,
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

    /// Opens a file that somebody needs, wherever it lies; `None` when there is none.
    pub async fn open_file(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<Option<File>, BlobError> {
        let path = self.path(workspace, hash);
        let mut opened = File::open(&path).await;
        if is_missing(&opened) && self.put_back(workspace, hash).await? {
            opened = File::open(&path).await;
        }
        match opened {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(BlobError::Disk { tried: "open a file", source }),
        }
    }

    /// Reads a file whole that somebody needs, wherever it lies; `None` when there is none.
    pub async fn read(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<Option<Vec<u8>>, BlobError> {
        let Some(mut file) = self.open_file(workspace, hash).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).await.map_err(|source| BlobError::Disk { tried: "read a file", source })?;
        Ok(Some(bytes))
    }

    /// Whether a file is there under its final name.
    pub async fn has(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<bool, BlobError> {
        fs::try_exists(self.path(workspace, hash)).await.map_err(|source| BlobError::Disk { tried: "look for a file", source })
    }

    /// Takes a file away from its final name without removing it; `None` when there is none. Afterwards the caller looks once more whether
    /// anybody needs it, and calls [`Blobs::restore`] or [`Blobs::drop_aside`]; whoever keeps the same bytes meanwhile looks after their
    /// commit whether the file [is there](Blobs::has), and keeps it again. So none of the two can lose the other's file. Nor can two who
    /// remove: each drops only what it has set aside itself, before it looked.
    pub async fn set_aside(&self, workspace: WorkspaceId, hash: &ContentHash, now: Timestamp) -> Result<Option<Aside>, BlobError> {
        let name = format!("{}.{}.{:016x}", aside_prefix(workspace, hash), now.as_micros(), rand::random::<u64>());
        let aside = Aside { path: self.root.join(ASIDE).join(name), since: now };
        let moved = ignoring_missing(fs::rename(self.path(workspace, hash), &aside.path).await);
        let is_moved = moved.map_err(|source| BlobError::Disk { tried: "set a file aside", source })?;
        Ok(is_moved.then_some(aside))
    }

    /// Gives a file its name back that the caller holds; answers whether it still lay aside.
    pub async fn restore(&self, workspace: WorkspaceId, hash: &ContentHash, aside: &Aside) -> Result<bool, BlobError> {
        let path = self.path(workspace, hash);
        let restored = async {
            make_private(path.parent().unwrap_or(&self.root))?;
            ignoring_missing(fs::rename(&aside.path, &path).await)
        };
        restored.await.map_err(|source| BlobError::Disk { tried: "put a file back", source })
    }

    /// Gives a file its name back, whoever set it aside; answers whether there was any. Looks through all that were set aside: who holds
    /// one [restores](Blobs::restore) it.
    pub async fn put_back(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<bool, BlobError> {
        let prefix = aside_prefix(workspace, hash);
        let path = self.path(workspace, hash);
        let put = async {
            let mut entries = fs::read_dir(self.root.join(ASIDE)).await?;
            while let Some(entry) = entries.next_entry().await? {
                if !entry.file_name().to_string_lossy().starts_with(&prefix) {
                    continue;
                }
                make_private(path.parent().unwrap_or(&self.root))?;
                // Somebody else may have taken it since it was listed, and there may be another one.
                if ignoring_missing(fs::rename(entry.path(), &path).await)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        put.await.map_err(|source| BlobError::Disk { tried: "put a file back", source })
    }

    /// Removes a file that was set aside, unless it was put back meanwhile.
    pub async fn drop_aside(&self, aside: &Aside) -> Result<(), BlobError> {
        let removed = ignoring_missing(fs::remove_file(&aside.path).await);
        removed.map(drop).map_err(|source| BlobError::Disk { tried: "remove a file", source })
    }

    /// Removes drafts whose writers are gone, and answers every file that is old enough to ask whether somebody needs it, and all that were
    /// set aside.
    pub async fn left_behind(&self, now: Timestamp) -> Result<Vec<LeftBehind>, BlobError> {
        let root = self.root.clone();
        let found = tokio::task::spawn_blocking(move || walk(&root, now)).await;
        found.map_err(|error| BlobError::Disk { tried: "look for files that nobody needs", source: io::Error::other(error) })
    }

    fn path(&self, workspace: WorkspaceId, hash: &ContentHash) -> PathBuf {
        let (start, rest) = hash.as_str().split_at(2);
        self.root.join(workspace.to_string()).join(start).join(rest)
    }
}

/// How the names begin under which a file is set aside; the moment follows, and what makes the name unique.
fn aside_prefix(workspace: WorkspaceId, hash: &ContentHash) -> String {
    format!("{workspace}.{hash}")
}

fn is_missing<T>(done: &io::Result<T>) -> bool {
    done.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Whether it was done; not where the file is missing.
fn ignoring_missing(done: io::Result<()>) -> io::Result<bool> {
    if is_missing(&done) { Ok(false) } else { done.map(|()| true) }
}

/// What cannot be read is passed over: the next walk may read it.
fn walk(root: &Path, now: Timestamp) -> Vec<LeftBehind> {
    let now = UNIX_EPOCH + Duration::from_micros(u64::try_from(now.as_micros()).unwrap_or(0));
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root).min_depth(2) {
        let Ok(entry) = entry else { continue };
        let Ok(modified) = entry.metadata().map_err(io::Error::from).and_then(|metadata| metadata.modified()) else { continue };
        if !entry.file_type().is_file() {
            continue;
        }
        let is_old = now.duration_since(modified).is_ok_and(|age| age >= LEFT_BEHIND);
        let Ok(below) = entry.path().strip_prefix(root) else { continue };
        let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
        match parts.as_slice() {
            [DRAFTS, _] => {
                if is_old && let Err(error) = ignoring_missing(fs_err::remove_file(entry.path())) {
                    tracing::warn!(problem.causes = %error, "the draft of a file stays until the next sweep");
                }
            }
            [ASIDE, name] => found.extend(set_aside_as(name, entry.path())),
            [workspace, start, rest] if is_old => {
                let names = workspace.parse().ok().zip(format!("{start}{rest}").parse().ok());
                found.extend(names.map(|(workspace, hash)| LeftBehind { workspace, hash, aside: None }));
            }
            _ => {}
        }
    }
    found
}

/// What the name of a file says that was set aside.
fn set_aside_as(name: &str, path: &Path) -> Option<LeftBehind> {
    let mut parts = name.split('.');
    let (workspace, hash) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    // Earlier versions wrote no moment: whoever set those aside died long ago.
    let since = Timestamp::from_micros(parts.next().and_then(|since| since.parse().ok()).unwrap_or(0));
    Some(LeftBehind { workspace, hash, aside: Some(Aside { path: path.to_owned(), since }) })
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
    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

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
    async fn whoever_holds_what_was_set_aside_restores_that_very_file() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), LIMIT).unwrap();
        let sealed = sealed(&blobs, b"words").await;
        let (owner, hash) = (workspace(1), sealed.hash());
        let mut asides = Vec::new();
        for _ in 0..2 {
            blobs.keep(owner, &sealed).await.unwrap();
            asides.push(blobs.set_aside(owner, hash, NOW).await.unwrap().unwrap());
        }
        assert!(blobs.restore(owner, hash, &asides[1]).await.unwrap());
        assert!(blobs.has(owner, hash).await.unwrap());
        assert!(asides[0].path.exists() && !asides[1].path.exists());
        assert!(!blobs.restore(owner, hash, &asides[1]).await.unwrap(), "it is there already");
    }

    #[tokio::test]
    async fn what_is_set_aside_comes_back_or_goes() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), LIMIT).unwrap();
        let sealed = sealed(&blobs, b"words").await;
        let (owner, hash) = (workspace(1), sealed.hash());
        blobs.keep(owner, &sealed).await.unwrap();
        let _ = blobs.set_aside(owner, hash, NOW).await.unwrap().unwrap();
        assert!(!blobs.has(owner, hash).await.unwrap());
        assert!(blobs.put_back(owner, hash).await.unwrap());
        assert!(blobs.has(owner, hash).await.unwrap());
        let aside = blobs.set_aside(owner, hash, NOW).await.unwrap().unwrap();
        assert_eq!(blobs.set_aside(owner, hash, NOW).await.unwrap(), None, "one file is set aside once");
        blobs.drop_aside(&aside).await.unwrap();
        assert!(!blobs.put_back(owner, hash).await.unwrap());
        assert!(!blobs.has(owner, hash).await.unwrap());
    }

    #[tokio::test]
    async fn who_removes_drops_only_what_it_set_aside_itself() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), LIMIT).unwrap();
        let sealed = sealed(&blobs, b"words").await;
        let (owner, hash) = (workspace(1), sealed.hash());
        blobs.keep(owner, &sealed).await.unwrap();
        let first = blobs.set_aside(owner, hash, NOW).await.unwrap().unwrap();
        // The first has seen that nobody needs the file. Now somebody keeps the same bytes, and looks whether they are there ...
        blobs.keep(owner, &sealed).await.unwrap();
        assert!(blobs.has(owner, hash).await.unwrap());
        // ... before a second one sets them aside, who sees that they are needed after the first has dropped its own.
        let _second = blobs.set_aside(owner, hash, NOW).await.unwrap().unwrap();
        blobs.drop_aside(&first).await.unwrap();
        assert!(blobs.put_back(owner, hash).await.unwrap());
        assert_eq!(blobs.read(owner, hash).await.unwrap().as_deref(), Some(b"words".as_slice()));
    }

    #[tokio::test]
    async fn a_file_that_is_needed_is_found_where_it_was_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), LIMIT).unwrap();
        let sealed = sealed(&blobs, b"words").await;
        let (owner, hash) = (workspace(1), sealed.hash());
        blobs.keep(owner, &sealed).await.unwrap();
        let _ = blobs.set_aside(owner, hash, NOW).await.unwrap();
        assert_eq!(blobs.read(workspace(2), hash).await.unwrap(), None);
        assert_eq!(blobs.read(owner, hash).await.unwrap().as_deref(), Some(b"words".as_slice()));
        assert!(blobs.has(owner, hash).await.unwrap());
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
        let later = now.plus_seconds(7200);
        let named = LeftBehind { workspace: workspace(1), hash: hash.clone(), aside: None };
        assert_eq!(blobs.left_behind(later).await.unwrap(), [named]);
        assert_eq!(files(folder.path()), 1);
        let aside = blobs.set_aside(workspace(1), &hash, later).await.unwrap();
        assert_eq!(aside.as_ref().unwrap().since(), later);
        assert_eq!(blobs.left_behind(now).await.unwrap(), [LeftBehind { workspace: workspace(1), hash, aside }]);
    }
}
