//! Who writes to the index of a workspace, and who needs not wait for it.

use std::path::PathBuf;
use std::sync::Arc;

use backchannel::app::{App, Clock, Extraction, Hasher, Parts, UnsentLimits, Work};
use backchannel::blobs::Blobs;
use backchannel::domain::audience::Audience;
use backchannel::domain::id::{TicketId, WorkspaceId};
use backchannel::domain::job::{JobKind, NewJob};
use backchannel::domain::ticket::Ticket;
use backchannel::domain::vocabulary::{Kind, Language};
use backchannel::embed::{Embedder, tiny};
use backchannel::index::{EdgeIndex, Hit, Index, IndexError, Point, Query};
use backchannel::jobs::{AppHandler, Runner, RunnerOptions};
use backchannel::store::{Change, Store, document, job, lease, panel, pending, ticket};
use backchannel::text::clean::clean;
use backchannel::text::extract::Limits;
use futures::FutureExt;
use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio::sync::{Notify, Semaphore, oneshot};
use uuid::Uuid;

use crate::support::app::playbook;
use crate::support::database::{Database, each};
use crate::support::make;

/// An index that stops before each writing to one workspace, until it is let go on.
#[derive(Debug)]
struct Gated {
    index: Arc<EdgeIndex>,
    workspace: WorkspaceId,
    reached: Notify,
    passes: Semaphore,
}

impl Index for Gated {
    fn upsert(&self, workspace: WorkspaceId, points: Vec<Point>) -> BoxFuture<'_, Result<(), IndexError>> {
        async move {
            if workspace == self.workspace {
                self.reached.notify_one();
                self.passes.acquire().await.unwrap().forget();
            }
            self.index.upsert(workspace, points).await
        }
        .boxed()
    }

    fn delete(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> BoxFuture<'_, Result<(), IndexError>> {
        self.index.delete(workspace, ids)
    }

    fn flush(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        self.index.flush(workspace)
    }

    fn search(&self, query: Query) -> BoxFuture<'_, Result<Vec<Hit>, IndexError>> {
        self.index.search(query)
    }

    fn ids(&self, workspace: WorkspaceId, kind: Kind) -> BoxFuture<'_, Result<Vec<Uuid>, IndexError>> {
        self.index.ids(workspace, kind)
    }

    fn count(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<usize, IndexError>> {
        self.index.count(workspace)
    }

    fn erase(&self, workspace: WorkspaceId) -> BoxFuture<'_, Result<(), IndexError>> {
        self.index.erase(workspace)
    }

    fn revision(&self) -> &str {
        self.index.revision()
    }
}

/// What several processes share: one index, one encoder, one time.
struct House {
    index: Arc<EdgeIndex>,
    embedder: Embedder,
    clock: Clock,
    folder: TempDir,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let embedder = tiny::start(&folder.path().join("model"), 7).await.unwrap();
        let index = EdgeIndex::open(&folder.path().join("index"), embedder.revision(), embedder.dimensions()).unwrap();
        Self { index: Arc::new(index), embedder, clock: Clock::fixed(make::NOW), folder }
    }

    fn app(&self, store: Store, index: Arc<dyn Index>) -> App {
        App::new(Parts {
            store,
            blobs: Blobs::open(&self.folder.path().join("attachments"), 1 << 20).unwrap(),
            unsent: UnsentLimits { files: 100, bytes: 100 << 20 },
            index,
            embedder: self.embedder.clone(),
            encoder_languages: [].into(),
            clock: self.clock.clone(),
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
        })
    }

    /// A process whose writing to the index of a workspace can be held up.
    fn slow(&self, store: Store, workspace: WorkspaceId) -> (App, Arc<Gated>) {
        let gate = Gated { index: Arc::clone(&self.index), workspace, reached: Notify::new(), passes: Semaphore::new(0) };
        let gate = Arc::new(gate);
        (self.app(store, Arc::<Gated>::clone(&gate)), gate)
    }

    /// A process that works as it should.
    async fn quick(&self, database: &Database) -> App {
        self.app(database.open_again().await, Arc::<EdgeIndex>::clone(&self.index))
    }

    /// How many tickets of a workspace are found by a word.
    async fn found(&self, workspace: WorkspaceId, word: &str) -> usize {
        let mut query = Query::new(make::service(workspace), clean(word), 9);
        query.kinds = vec![Kind::Ticket];
        self.index.search(query).await.unwrap().len()
    }
}

async fn count(database: &Database, workspace: WorkspaceId) -> i64 {
    pending::count(&database.store, workspace).await.unwrap()
}

#[tokio::test]
async fn while_one_process_indexes_a_workspace_another_only_says_so() {
    each(async |database| {
        let house = House::new().await;
        let (one, other) = (make::kept_workspace(&database.store).await, make::kept_workspace(&database.store).await);
        for workspace in [one, other] {
            make::kept_ticket(&database.store, workspace).await;
        }
        let ((slow, gate), quick) = (house.slow(database.open_again().await, one), house.quick(database).await);
        let first = tokio::spawn(async move { slow.try_index_pending(one).await });
        gate.reached.notified().await;
        assert_eq!(quick.try_index_pending(one).await.unwrap(), None);
        assert_eq!(quick.reconcile(one).await.unwrap(), None);
        assert_eq!(quick.try_index_pending(other).await.unwrap(), Some(1), "another workspace need not wait");
        gate.passes.add_permits(1);
        assert_eq!(first.await.unwrap().unwrap(), Some(1));
        assert_eq!(quick.try_index_pending(one).await.unwrap(), Some(0));
    })
    .await;
}

#[tokio::test]
async fn who_waits_for_the_index_goes_on_when_its_holder_is_dead() {
    each(async |database| {
        let house = House::new().await;
        let workspace = make::kept_workspace(&database.store).await;
        make::kept_ticket(&database.store, workspace).await;
        let dead = lease::take(&database.store, workspace, make::NOW, make::NOW.plus_seconds(60)).await.unwrap();
        assert!(dead.is_some());
        let quick = house.quick(database).await;
        let waits = Arc::new(Notify::new());
        let second = {
            let waits = Arc::clone(&waits);
            tokio::spawn(async move { quick.index_pending(workspace, &|_, _| waits.notify_one()).await })
        };
        waits.notified().await;
        assert_eq!(count(database, workspace).await, 1);
        house.clock.advance(60);
        assert_eq!(second.await.unwrap().unwrap(), 1);
        assert_eq!(count(database, workspace).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_holder_that_stood_still_leaves_nothing_old_in_the_index() {
    each(async |database| {
        let house = House::new().await;
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let ((slow, gate), quick) = (house.slow(database.open_again().await, workspace), house.quick(database).await);
        let first = tokio::spawn(async move { slow.try_index_pending(workspace).await });
        gate.reached.notified().await;
        // It has read the ticket and stands still; meanwhile the ticket changes, and its lease ends.
        let changed = Ticket { body: "It turned magenta.".to_owned(), ..kept };
        let mut tx = database.begin().await;
        assert_eq!(ticket::save(&mut tx, &changed).await.unwrap().change, Change::Updated);
        tx.commit().await.unwrap();
        house.clock.advance(60);
        assert_eq!(quick.try_index_pending(workspace).await.unwrap(), Some(1));
        assert_eq!((count(database, workspace).await, house.found(workspace, "magenta").await), (0, 1));
        gate.passes.add_permits(1);
        assert!(first.await.unwrap().is_err());
        assert_eq!(house.found(workspace, "magenta").await, 0, "the ticket is there as it was");
        assert_eq!(count(database, workspace).await, 1, "which is not left so");
        assert_eq!(job::counts(&database.store, workspace).await.unwrap().ready, 1);
        assert_eq!(quick.try_index_pending(workspace).await.unwrap(), Some(1));
        assert_eq!((count(database, workspace).await, house.found(workspace, "magenta").await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn an_index_that_is_rebuilt_while_another_process_writes_to_it_is_whole() {
    each(async |database| {
        let house = House::new().await;
        let workspace = make::kept_workspace(&database.store).await;
        for _ in 0..3 {
            make::kept_ticket(&database.store, workspace).await;
        }
        let ((slow, gate), quick) = (house.slow(database.open_again().await, workspace), house.quick(database).await);
        let first = tokio::spawn(async move { slow.try_index_pending(workspace).await });
        gate.reached.notified().await;
        let waits = Arc::new(Notify::new());
        let second = {
            let waits = Arc::clone(&waits);
            tokio::spawn(async move { quick.reindex(workspace, &|_, _| waits.notify_one()).await })
        };
        waits.notified().await;
        gate.passes.add_permits(1);
        assert_eq!(first.await.unwrap().unwrap(), Some(3));
        assert_eq!(second.await.unwrap().unwrap(), 3);
        assert_eq!((count(database, workspace).await, house.index.count(workspace).await.unwrap()), (0, 3));
    })
    .await;
}

const PASSAGES: u32 = 500;

/// A workspace with the demo company's playbook.
async fn workspace(app: &App, name: &str) -> WorkspaceId {
    let email = format!("admin@{name}.example").parse().unwrap();
    let actor = app.create_workspace(name.parse().unwrap(), name, Language::ENGLISH, email, "Ada Admin").await.unwrap();
    app.apply_playbook(&actor, playbook()).await.unwrap();
    actor.workspace
}

async fn enqueue(store: &Store, workspace: WorkspaceId, kinds: &[JobKind]) {
    let mut tx = store.begin().await.unwrap();
    for kind in kinds {
        job::enqueue(&mut tx, &NewJob { kind: kind.clone(), unique_key: Some(kind.to_string()), ..make::job(workspace, 0) });
    }
    tx.commit().await.unwrap();
}

/// Waits until a question about the panels is answered with yes; asked again whenever something happens.
async fn until(store: &Store, is_so: impl AsyncFn() -> bool) {
    let mut arrivals = store.event_arrivals();
    while !is_so().await {
        arrivals.changed().await.unwrap();
    }
}

async fn is_ready(store: &Store, workspace: WorkspaceId, ticket: TicketId) -> bool {
    panel::get(store, workspace, ticket).await.unwrap().is_some()
}

#[tokio::test]
async fn panels_come_while_a_big_ingest_is_indexed_and_are_made_again_when_it_is() {
    each(async |database| {
        let house = House::new().await;
        let store = database.open_again().await;
        let quick = house.quick(database).await;
        let (busy, calm) = (workspace(&quick, "busy").await, workspace(&quick, "calm").await);
        let article = make::document(busy, "a.md", Audience::Public);
        let passages: Vec<_> = (0..PASSAGES).map(|position| make::passage(article.id, position)).collect();
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &article, &passages).await.unwrap();
        tx.commit().await.unwrap();

        let (app, gate) = house.slow(store.clone(), busy);
        let clock = house.clock.clone();
        let options = RunnerOptions { poll_ms: 50, ..RunnerOptions::default() };
        let handler = Arc::new(AppHandler::new(app));
        let runner = Runner::new(store.clone(), handler, Arc::new(move || clock.now()), Arc::new(|| 0.5), options);
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move { runner.run(2, stopped.map(drop)).await });
        // One of the two workers indexes the big ingest, and stands still with all of it before it.
        gate.reached.notified().await;

        let (one, other) = (make::kept_ticket(&store, busy).await.id, make::kept_ticket(&store, calm).await.id);
        enqueue(&store, busy, &[JobKind::IndexPending, JobKind::Reconcile, JobKind::PreparePanel(one)]).await;
        enqueue(&store, calm, &[JobKind::PreparePanel(other)]).await;
        until(&store, async || is_ready(&store, busy, one).await && is_ready(&store, calm, other).await).await;
        assert!(count(database, busy).await >= i64::from(PASSAGES), "nothing of the ingest is indexed yet");
        assert_eq!(panel::early(&store, busy).await.unwrap(), [one]);
        assert_eq!(panel::early(&store, calm).await.unwrap(), []);

        gate.passes.add_permits(100);
        until(&store, async || panel::early(&store, busy).await.unwrap().is_empty()).await;
        assert_eq!(count(database, busy).await, 0);
        stop.send(()).unwrap();
        running.await.unwrap().unwrap();
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_panel_alone_with_a_big_backlog_leaves_it_to_the_queue() {
    each(async |database| {
        let house = House::new().await;
        let quick = house.quick(database).await;
        let workspace = workspace(&quick, "busy").await;
        quick.index_pending(workspace, &|_, _| ()).await.unwrap();
        let kept = make::kept_ticket(&database.store, workspace).await.id;
        quick.prepare_panel(workspace, kept).await.unwrap();
        assert_eq!((count(database, workspace).await, panel::early(&database.store, workspace).await.unwrap().len()), (0, 0));

        let article = make::document(workspace, "a.md", Audience::Public);
        let passages: Vec<_> = (0..PASSAGES).map(|position| make::passage(article.id, position)).collect();
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &article, &passages).await.unwrap();
        tx.commit().await.unwrap();
        quick.prepare_panel(workspace, kept).await.unwrap();
        assert_eq!(count(database, workspace).await, i64::from(PASSAGES));
        assert_eq!(panel::early(&database.store, workspace).await.unwrap(), [kept]);
        let waiting = job::list(&database.store, workspace, None, 9).await.unwrap();
        assert!(waiting.iter().any(|job| job.kind == JobKind::IndexPending), "{waiting:?}");
        quick.index_pending(workspace, &|_, _| ()).await.unwrap();
        let waiting = job::list(&database.store, workspace, None, 9).await.unwrap();
        assert!(waiting.iter().any(|job| job.kind == JobKind::PreparePanel(kept)), "{waiting:?}");
    })
    .await;
}

#[tokio::test]
async fn a_panel_that_is_behind_an_article_or_the_playbook_is_shown_and_made_again() {
    each(async |database| {
        let house = House::new().await;
        let quick = house.quick(database).await;
        let email = "admin@desk.example".parse().unwrap();
        let admin = quick.create_workspace("desk".parse().unwrap(), "desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        let kept = make::kept_ticket(&database.store, admin.workspace).await.id;
        let made_at = async || quick.panel(&admin, kept).await.unwrap().made_at;
        let is_asked_for = async || {
            let waiting = job::list(&database.store, admin.workspace, None, 9).await.unwrap();
            waiting.iter().any(|job| job.kind == JobKind::PreparePanel(kept))
        };
        let first = made_at().await;
        assert_eq!((made_at().await, is_asked_for().await), (first, false));

        house.clock.advance(1);
        let article = make::document(admin.workspace, "a.md", Audience::Public);
        let mut tx = database.begin().await;
        // It began to come before the panel was made, as its passage's id says.
        let _ = document::replace(&mut tx, &article, &[make::passage(article.id, 0)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((made_at().await, is_asked_for().await), (first, false), "it cannot be found yet");
        quick.index_pending(admin.workspace, &|_, _| ()).await.unwrap();
        assert_eq!((made_at().await, is_asked_for().await), (first, true));

        while let Some(held) = job::claim(&database.store, "w", house.clock.now(), 60).await.unwrap() {
            assert!(matches!(quick.work(admin.workspace, &held.kind).await, Work::Done));
            job::complete(&database.store, &held).await.unwrap();
        }
        assert_eq!((made_at().await, is_asked_for().await), (house.clock.now(), false));

        house.clock.advance(1);
        quick.apply_playbook(&admin, playbook()).await.unwrap();
        assert_eq!((made_at().await < house.clock.now(), is_asked_for().await), (true, true));
    })
    .await;
}

#[tokio::test]
async fn a_big_ingest_gives_its_worker_up_when_another_workspace_waits_for_one() {
    each(async |database| {
        let house = House::new().await;
        let quick = house.quick(database).await;
        let (busy, calm) = (make::kept_workspace(&database.store).await, make::kept_workspace(&database.store).await);
        let article = make::document(busy, "a.md", Audience::Public);
        let passages: Vec<_> = (0..PASSAGES).map(|position| make::passage(article.id, position)).collect();
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &article, &passages).await.unwrap();
        tx.commit().await.unwrap();

        // Jobs of its own, and those whose moment has not come, are no reason.
        enqueue(&database.store, busy, &[JobKind::Reconcile]).await;
        let mut tx = database.begin().await;
        job::enqueue(&mut tx, &NewJob { run_at: make::NOW.plus_seconds(1), ..make::job(calm, 1) });
        tx.commit().await.unwrap();
        assert!(!job::is_other_due(&database.store, busy, make::NOW).await.unwrap());
        enqueue(&database.store, calm, &[JobKind::Nothing(2)]).await;
        assert_eq!(quick.try_index_pending(busy).await.unwrap(), None);
        let left = count(database, busy).await;
        assert!(0 < left && left < i64::from(PASSAGES), "{left}");

        while let Some(held) = job::claim(&database.store, "w", make::NOW, 60).await.unwrap() {
            job::complete(&database.store, &held).await.unwrap();
        }
        assert_eq!(quick.try_index_pending(busy).await.unwrap(), Some(u64::try_from(left).unwrap()));
    })
    .await;
}
