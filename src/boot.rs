//! Puts the rooms together: locks the data folder, opens store, encoder and index, and hands over the verbs.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::app::{App, Clock, Extraction, Hasher, Parts, UnsentLimits};
use crate::blobs::Blobs;
use crate::config::Config;
use crate::domain::vocabulary::Language;
use crate::embed::manifest::{Manifest, ManifestError};
use crate::embed::models::{self, ModelError, OnProgress};
use crate::embed::{EmbedError, Embedder};
use crate::index::{EdgeIndex, HeldIndex, Index, IndexError, QdrantIndex};
use crate::store::{self, Store, StoreError};
use crate::text::extract::Limits;

/// Why the process cannot start; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// Another process holds the data folder.
    #[error("another process{holder} works in `{dir}`: stop it, or choose another folder with `--data-dir`")]
    Held {
        /// The folder.
        dir: PathBuf,
        /// Its number, as ` (4711)`, where the file says it.
        holder: String,
    },
    /// The data folder cannot be made or written.
    #[error("`{dir}` cannot be used as the data folder: check its place and permissions, or choose another with `--data-dir`")]
    Data {
        /// The folder.
        dir: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The folder of attachments cannot be made or written.
    #[error("`{dir}` cannot be used for attachments: check its place and permissions, or choose another with `attachments.dir`")]
    Attachments {
        /// The folder.
        dir: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database does not open.
    #[error("the database does not open")]
    Store(#[from] StoreError),
    /// The manifest of models is wrong, or does not have the model.
    #[error("the encoder is not known")]
    Manifest(#[from] ManifestError),
    /// The model's files are not there or damaged.
    #[error("the encoder's files are not usable")]
    Model(#[from] ModelError),
    /// The encoder does not load.
    #[error("the encoder does not load")]
    Embed(#[from] EmbedError),
    /// The index does not open.
    #[error("the index does not open")]
    Index(#[from] IndexError),
}

/// The file in the data folder that whoever holds it has locked.
const LOCK: &str = "backchannel.lock";
/// So often a held data folder is tried to be had, with a pause between.
const LOCK_TRIES: u32 = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// Holds the data folder until it is dropped.
#[derive(Debug)]
pub struct DataLock {
    file: File,
}

impl DataLock {
    /// Notes at which address this process serves, for commands beside it; the note goes with the hold.
    ///
    /// # Errors
    /// [`BootError::Data`] when `dir`, the folder that is held, cannot be written.
    pub fn note_url(&self, dir: &Path, url: &str) -> Result<(), BootError> {
        write!(&self.file, "\n{url}").map_err(|source| BootError::Data { dir: dir.to_owned(), source })
    }
}

/// The verbs, with what has to outlive them.
#[derive(Debug)]
pub struct Running {
    /// The verbs.
    pub app: App,
    /// The store under them, for the queue's runner and the doctor.
    pub store: Store,
    /// The hold on the data folder; `None` beside a server that has it.
    pub lock: Option<DataLock>,
}

/// Makes the data folder and holds it for this process.
///
/// # Errors
/// [`BootError::Held`] while another process has it.
pub fn lock(dir: &Path) -> Result<DataLock, BootError> {
    let data = |source| BootError::Data { dir: dir.to_owned(), source };
    make_private(dir).map_err(data)?;
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(dir.join(LOCK)).map_err(data)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(data)?;
            write!(file, "{}", std::process::id()).map_err(data)?;
            Ok(DataLock { file })
        }
        Err(TryLockError::WouldBlock) => {
            let mut noted = String::new();
            let _ = file.read_to_string(&mut noted);
            let pid = noted.lines().next().unwrap_or_default().trim();
            let holder = if pid.is_empty() { String::new() } else { format!(" ({pid})") };
            Err(BootError::Held { dir: dir.to_owned(), holder })
        }
        Err(TryLockError::Error(source)) => Err(data(source)),
    }
}

/// Whether another process holds the data folder; makes nothing, in the folder or of it.
///
/// # Errors
/// [`BootError::Data`] when the folder cannot be written.
pub fn is_held(dir: &Path) -> Result<bool, BootError> {
    let data = |source| BootError::Data { dir: dir.to_owned(), source };
    #[cfg(unix)]
    rustix::fs::access(dir, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).map_err(|error| data(error.into()))?;
    match File::options().read(true).write(true).open(dir.join(LOCK)) {
        Ok(file) => match file.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(source)) => Err(data(source)),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(data(source)),
    }
}

/// The address at which the process that holds the data folder serves; `None` where nobody does, or it is not noted there.
#[must_use]
pub fn served_at(dir: &Path) -> Option<String> {
    // What a process left behind that is gone says where nobody is.
    if !is_held(dir).unwrap_or(false) {
        return None;
    }
    let noted = fs_err::read_to_string(dir.join(LOCK)).ok()?;
    noted.lines().nth(1).map(str::to_owned)
}

/// Whether there is no database yet; makes nothing.
///
/// # Errors
/// [`BootError::Store`] when it is there and does not open.
pub async fn is_absent(config: &Config) -> Result<bool, BootError> {
    Ok(Store::look(&config.database, &config.data.dir).await? == store::Look::Absent)
}

/// Like [`lock`], but waits a little for who holds the folder only for a moment, such as a command that looks whether a server is there.
///
/// # Errors
/// [`BootError::Held`] while another process has it for longer.
pub async fn lock_soon(dir: &Path) -> Result<DataLock, BootError> {
    let mut left = LOCK_TRIES;
    loop {
        left -= 1;
        match lock(dir) {
            Err(BootError::Held { .. }) if left > 0 => tokio::time::sleep(LOCK_PAUSE).await,
            locked => return locked,
        }
    }
}

/// Makes a folder, with those above it, that nobody but this user may enter; one that is there stays as it is.
fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Opens everything; `lock` is the hold on the data folder, or `None` to work beside a server.
///
/// # Errors
/// [`BootError`] names the part that does not open.
pub async fn open(config: &Config, lock: Option<DataLock>, progress: OnProgress) -> Result<Running, BootError> {
    make_private(&config.data.dir).map_err(|source| BootError::Data { dir: config.data.dir.clone(), source })?;
    let store = Store::open(&config.database, &config.data.dir).await?;
    let attachments = config.attachments_dir();
    let blobs =
        Blobs::open(&attachments, config.attachments.limit_bytes).map_err(|source| BootError::Attachments { dir: attachments, source })?;
    let embedder = encoder(config, progress).await?;
    let index = index(config, lock.is_none(), embedder.revision(), embedder.dimensions()).await?;
    if lock.is_some() && config.qdrant.url.is_none() {
        // The embedded index is this process's alone: whoever held a lease on a part of it is dead.
        store::lease::end_all(&store).await?;
    }
    let app = App::new(Parts {
        store: store.clone(),
        blobs,
        unsent: UnsentLimits { files: config.attachments.unsent_files, bytes: config.attachments.unsent_bytes },
        index,
        encoder_languages: languages(config)?,
        embedder,
        clock: Clock::Real,
        extraction: Extraction {
            program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("backchannel")),
            limits: Limits::default(),
            options: config.files,
        },
        hasher: Hasher::default(),
        webhooks: config.webhooks.clone(),
        email: config.email.clone(),
        slack: config.slack.clone(),
        teams: config.teams.clone(),
    });
    Ok(Running { app, store, lock })
}

/// Opens the encoder, fetching its files first when they are not there.
async fn encoder(config: &Config, progress: OnProgress) -> Result<Embedder, BootError> {
    let manifest = Manifest::load(&config.models)?;
    let model = manifest.model(&config.models.model)?;
    let folder = models::pull(model, &config.models, progress).await?;
    Ok(Embedder::start(model, &folder, &config.models).await?)
}

/// The languages that the encoder was made for.
fn languages(config: &Config) -> Result<BTreeSet<Language>, BootError> {
    let manifest = Manifest::load(&config.models)?;
    Ok(manifest.model(&config.models.model)?.languages().iter().copied().collect())
}

/// Opens the index; `beside` the process that has the embedded one, something that stands in for it.
async fn index(config: &Config, beside: bool, revision: &str, dimensions: usize) -> Result<Arc<dyn Index>, BootError> {
    if config.qdrant.url.is_some() {
        return Ok(Arc::new(QdrantIndex::connect(&config.qdrant, revision, dimensions).await?));
    }
    if beside {
        // Also where the index is free: a server that just starts holds the folder and would find its index taken.
        return Ok(Arc::new(HeldIndex::new(revision)));
    }
    Ok(Arc::new(EdgeIndex::open(&config.data.dir.join("index"), revision, dimensions)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_new_data_folder_is_private() {
        use std::os::unix::fs::PermissionsExt;

        let above = tempfile::tempdir().unwrap();
        let dir = above.path().join("new/data");
        drop(lock(&dir).unwrap());
        assert_eq!(fs_err::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_second_process_on_the_same_folder_is_told_who_has_it() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_held(dir.path()).unwrap());
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 0, "looking makes nothing");
        let held = lock(dir.path()).unwrap();
        assert!(is_held(dir.path()).unwrap());
        let error = lock(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("({})", std::process::id())) && error.contains("--data-dir"), "{error}");
        drop(held);
        assert!(!is_held(dir.path()).unwrap());
        assert!(lock(dir.path()).is_ok());
    }

    #[test]
    fn where_a_process_serves_is_known_while_it_holds_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let held = lock(dir.path()).unwrap();
        assert_eq!(served_at(dir.path()), None);
        held.note_url(dir.path(), "http://127.0.0.1:4711").unwrap();
        assert_eq!(served_at(dir.path()).as_deref(), Some("http://127.0.0.1:4711"));
        let error = lock(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("({})", std::process::id())), "{error}");
        drop(held);
        assert_eq!(served_at(dir.path()), None);
        let held = lock(dir.path()).unwrap();
        assert_eq!(served_at(dir.path()), None, "the next holder has not said it yet");
        drop(held);
    }
}
