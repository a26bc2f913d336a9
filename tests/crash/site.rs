//! One installation: its folders, the processes that work in it, and a look at it in process while none does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use backchannel::app::{App, Clock, Extraction, Hasher, Parts, UnsentLimits};
use backchannel::blobs::Blobs;
use backchannel::domain::intake::PageRequest;
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{Kind, Language};
use backchannel::embed::Embedder;
use backchannel::embed::tiny::{self, Tiny};
use backchannel::index::{EdgeIndex, Index};
use backchannel::store::job::JobCounts;
use backchannel::store::{Options, Store, job, pending};
use backchannel::text::extract::Limits;
use rustix::process::{Pid, Signal, kill_process};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use crate::support::app::playbook;

/// A command that has not ended by then hangs.
pub(crate) const LONGEST: Duration = Duration::from_mins(5);
/// Looks at the database of another process, which tells nobody when it is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// One installation.
pub(crate) struct Site {
    data: PathBuf,
    options: Options,
    pub(crate) model: Tiny,
    /// The folder that is taken in, and the model's; gone with the site.
    pub(crate) folder: TempDir,
}

impl Site {
    /// An installation in a data folder, with one workspace and the demo company's playbook.
    pub(crate) async fn set_up(data: &Path, options: Options) -> Self {
        let site = Self::bare(data, options);
        let inside = site.look().await;
        inside.close().await;
        site
    }

    /// A machine on which nothing was started yet.
    pub(crate) fn bare(data: &Path, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let model = tiny::write(&folder.path().join("model"), 1).unwrap();
        let site = Self { data: data.to_owned(), options, model, folder };
        fs_err::create_dir_all(site.documents()).unwrap();
        site
    }

    /// What is taken in.
    pub(crate) fn documents(&self) -> PathBuf {
        self.folder.path().join("documents")
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs_err::write(self.documents().join(name), bytes).unwrap();
    }

    /// The folder that the index keeps its encoders in.
    pub(crate) fn index(&self) -> PathBuf {
        self.data.join("index")
    }

    pub(crate) fn model_folder(&self) -> &Path {
        self.model.options.local.as_deref().unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let embed = &self.model.options;
        let mut command = Command::new(env!("CARGO_BIN_EXE_backchannel"));
        command.args(arguments).arg("--data-dir").arg(&self.data).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("BACKCHANNEL__MODELS__MODEL", &embed.model).env("BACKCHANNEL__LOG__FILTER", "warn");
        for (key, path) in [("MANIFEST", &embed.manifest), ("DIR", &embed.dir), ("LOCAL", &embed.local)] {
            command.env(format!("BACKCHANNEL__MODELS__{key}"), path.as_ref().unwrap());
        }
        if let Some(url) = &self.options.url {
            command.env("BACKCHANNEL__DATABASE__URL", url.expose_secret());
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let ended = timeout(LONGEST, self.command(arguments).output()).await;
        ended.unwrap_or_else(|_| panic!("`{}` does not end", arguments.join(" "))).unwrap()
    }

    /// Runs a command that must do what it is told; gives its standard output.
    pub(crate) async fn must(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "`{}`: {}", arguments.join(" "), said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must refuse; gives what it says.
    pub(crate) async fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(1), "`{}`: {}", arguments.join(" "), said(&output));
        said(&output)
    }

    /// Takes the documents in.
    pub(crate) async fn ingest(&self) -> String {
        self.must(&["ingest", self.documents().to_str().unwrap()]).await
    }

    /// Serves on a free port.
    pub(crate) async fn serve(&self) -> Serving {
        self.serve_with(&[]).await
    }

    /// Serves on a free port, with variables of the environment.
    pub(crate) async fn serve_with(&self, variables: &[(&str, &str)]) -> Serving {
        let mut child = self.command(&["serve", "--listen", "127.0.0.1:0"]).envs(variables.iter().copied()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut heard = String::new();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(address) = line.strip_prefix("Serving on http://") {
                    return address.to_owned();
                }
                heard += &line;
                heard.push('\n');
            }
            panic!("the server ended: {heard}");
        };
        let address = timeout(LONGEST, ready).await.expect("the server starts");
        Serving { child, lines, address }
    }

    /// Serves until no job waits or runs and nothing is pending.
    pub(crate) async fn drain(&self) {
        let serving = self.serve().await;
        let store = self.store().await;
        self.until(&store, "the queue is drained", |counts, pending| counts.ready + counts.running + pending == 0).await;
        store.close().await;
        serving.stop().await;
    }

    /// Looks at the queue and at how many rows are pending, until they are as they should.
    pub(crate) async fn until(&self, store: &Store, what: &str, is_so: impl Fn(JobCounts, i64) -> bool) {
        let workspace = backchannel::store::workspace::list(store).await.unwrap()[0].id;
        let mut state = Default::default();
        let seen = timeout(LONGEST, async {
            loop {
                let counts = job::counts(store, workspace).await.unwrap();
                let pending = pending::count(store, workspace).await.unwrap();
                if is_so(counts, pending) {
                    return;
                }
                state = (counts, pending);
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        let seen = seen.await;
        assert!(seen.is_ok(), "{what}: not so after {LONGEST:?}: {state:?}");
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.options, &self.data).await.unwrap()
    }

    /// Opens everything in process; only while nothing else works in the folder.
    pub(crate) async fn look(&self) -> Inside {
        let store = self.store().await;
        let embedder = Embedder::start(&self.model.model, self.model_folder(), &self.model.options).await.unwrap();
        let index = EdgeIndex::open(&self.index(), embedder.revision(), embedder.dimensions()).unwrap();
        let index = Arc::new(index);
        let app = App::new(Parts {
            store: store.clone(),
            blobs: Blobs::open(&self.data.join("attachments"), 25 << 20).unwrap(),
            unsent: UnsentLimits { files: 100, bytes: 100 << 20 },
            index: Arc::<EdgeIndex>::clone(&index),
            embedder,
            encoder_languages: BTreeSet::new(),
            clock: Clock::Real,
            extraction: Extraction {
                program: PathBuf::from(env!("CARGO_BIN_EXE_backchannel")),
                limits: Limits::default(),
                options: backchannel::connectors::files::Options::default(),
            },
            hasher: Hasher::default(),
            webhooks: backchannel::connectors::webhook::Options::default(),
            email: backchannel::connectors::email::Options::default(),
            slack: backchannel::connectors::slack::Options::default(),
            teams: backchannel::connectors::teams::Options::default(),
        });
        let actor = if app.needs_setup().await.unwrap() {
            let email = "admin@crash.example".parse().unwrap();
            let made = app.create_workspace("crash".parse().unwrap(), "Crash", Language::ENGLISH, email, "Ada Admin").await.unwrap();
            app.apply_playbook(&made, playbook()).await.unwrap();
            made
        } else {
            app.admin_of(None).await.unwrap()
        };
        Inside { app, store, index, actor }
    }
}

/// A server that is up.
pub(crate) struct Serving {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    /// Where it listens.
    pub(crate) address: String,
}

impl Serving {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap(), signal).unwrap();
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.signal(Signal::TERM);
        self.ended().await;
    }

    /// Waits until it has ended well.
    pub(crate) async fn ended(mut self) {
        let mut rest = String::new();
        let ended = timeout(LONGEST, async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                rest += &line;
                rest.push('\n');
            }
            self.child.wait().await.unwrap()
        });
        let status = ended.await.expect("the server stops when it is asked to");
        assert!(status.success(), "{status}: {rest}");
    }
}

/// The installation in process.
pub(crate) struct Inside {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) index: Arc<EdgeIndex>,
    pub(crate) actor: Actor,
}

impl Inside {
    pub(crate) async fn close(self) {
        self.store.close().await;
    }

    /// Nothing is pending, and the index has exactly the rows that it should have.
    pub(crate) async fn assert_indexed(&self) {
        let workspace = self.actor.workspace;
        assert_eq!(pending::count(&self.store, workspace).await.unwrap(), 0, "pending rows");
        for kind in Kind::ALL {
            let mut wanted = pending::ids_that_should_be_indexed(&self.store, workspace, *kind).await.unwrap();
            let mut found = self.index.ids(workspace, *kind).await.unwrap();
            wanted.sort_unstable();
            found.sort_unstable();
            assert_eq!(found.len(), wanted.len(), "points of {kind:?}");
            assert_eq!(found, wanted, "points of {kind:?}");
        }
    }

    /// Whether a search for a word finds a passage with these words among the first.
    pub(crate) async fn finds(&self, word: &str, words: &str) -> bool {
        let found = self.app.search(&self.actor, word, vec![Kind::Passage], 10).await.unwrap();
        found.iter().any(|found| found.evidence.quote.contains(words))
    }

    /// The names of all documents, sorted; one that is there twice is in it twice.
    pub(crate) async fn document_names(&self) -> Vec<String> {
        let (mut names, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.app.documents(&self.actor, PageRequest { limit: Some(100), cursor }).await.unwrap();
            names.extend(page.items.into_iter().map(|head| head.external_id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                names.sort_unstable();
                return names;
            }
        }
    }
}

/// Everything that a process printed.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What a child that has ended printed.
pub(crate) async fn heard(child: &mut Child) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_end(&mut bytes).await.unwrap();
    }
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_end(&mut bytes).await.unwrap();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A fresh installation on `SQLite`, and the folder that goes with it.
pub(crate) async fn fresh() -> (TempDir, Site) {
    let data = tempfile::tempdir().unwrap();
    let site = Site::set_up(data.path(), Options::default()).await;
    (data, site)
}
