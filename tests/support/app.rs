//! The whole product in process: an empty database, an embedded index and a tiny random encoder, all in one folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use backchannel::app::{self, App, Clock, Extraction, Hasher, Parts, UnsentLimits};
use backchannel::blobs::Blobs;
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{Language, Role};
use backchannel::index::EdgeIndex;
use backchannel::jobs::{AppHandler, Ran, Runner, RunnerOptions};
use backchannel::store::{Options, Store};
use backchannel::text::extract::Limits;
use backchannel::{api, embed};
use tempfile::TempDir;

/// The largest attachment in tests.
pub(crate) const ATTACHMENT_LIMIT_BYTES: u64 = 1 << 20;

/// Every role, as the matrix of permissions walks them.
pub(crate) const ROLES: [Role; 6] = [Role::Light, Role::Agent, Role::Approver, Role::Admin, Role::Auditor, Role::Service];

/// The product, with two workspaces that know nothing of each other.
pub(crate) struct TestApp {
    /// The verbs.
    pub(crate) app: App,
    /// The store under them.
    pub(crate) store: Store,
    /// The REST door over them.
    pub(crate) router: Router,
    /// One token of each role in the first workspace, none with teams.
    pub(crate) tokens: BTreeMap<Role, String>,
    /// An admin's token in the second workspace.
    pub(crate) foreign_admin: String,
    /// The admin of the first workspace.
    pub(crate) admin: Actor,
    /// Where its files are; kept until the test ends.
    pub(crate) folder: TempDir,
}

impl TestApp {
    /// Two workspaces with the playbook of the demo company and nothing else.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// The same, with a part that was changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Parts)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Options::default(), folder.path()).await.unwrap();
        let mut parts = parts(store.clone(), &folder).await;
        change(&mut parts);
        let app = App::new(parts);
        let admin = workspace(&app, "first").await;
        let other = workspace(&app, "second").await;
        let mut tokens = BTreeMap::new();
        for role in ROLES {
            let (_, secret) = app.create_token(&admin, role.as_str(), role, BTreeSet::new()).await.unwrap();
            tokens.insert(role, secret.expose().to_owned());
        }
        let (_, secret) = app.create_token(&other, "foreign", Role::Admin, BTreeSet::new()).await.unwrap();
        let router = api::router(app.clone(), &api::Options::default());
        Self { app, store, router, tokens, foreign_admin: secret.expose().to_owned(), admin, folder }
    }
}

impl TestApp {
    /// Does every job that is due, as the workers would.
    pub(crate) async fn work(&self) {
        let handler = Arc::new(AppHandler::new(self.app.clone()));
        let runner = Runner::new(self.store.clone(), handler, app::wall_clock(), app::jitter(), RunnerOptions::default());
        loop {
            match runner.try_run_one().await.unwrap() {
                Ran::Nothing => return,
                Ran::Done | Ran::Deferred => {}
                failed @ (Ran::Retried | Ran::Dead | Ran::LeaseLost | Ran::Returned) => panic!("a job ended as {failed:?}"),
            }
        }
    }
}

/// The verbs over a store, with index and encoder in a folder.
pub(crate) async fn over(store: Store, folder: &TempDir) -> App {
    App::new(parts(store, folder).await)
}

/// What the verbs over a store work with.
pub(crate) async fn parts(store: Store, folder: &TempDir) -> Parts {
    let model = folder.path().join("model");
    let embedder = embed::tiny::start(&model, 7).await.unwrap();
    let index = EdgeIndex::open(&folder.path().join("index"), embedder.revision(), embedder.dimensions()).unwrap();
    Parts {
        store,
        blobs: Blobs::open(&folder.path().join("attachments"), ATTACHMENT_LIMIT_BYTES).unwrap(),
        unsent: UnsentLimits { files: 100, bytes: 100 << 20 },
        index: Arc::new(index),
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
    }
}

/// A workspace with the demo company's playbook.
async fn workspace(app: &App, name: &str) -> Actor {
    let email = format!("admin@{name}.example").parse().unwrap();
    let actor = app.create_workspace(name.parse().unwrap(), name, Language::ENGLISH, email, "Ada Admin").await.unwrap();
    app.apply_playbook(&actor, playbook()).await.unwrap();
    actor
}

/// The demo company's playbook, by file name.
pub(crate) fn playbook() -> BTreeMap<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/eval/workspaces/alderwick/playbook");
    fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs_err::read_to_string(&path).unwrap()))
        .collect()
}
