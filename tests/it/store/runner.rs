use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use backchannel::domain::id::WorkspaceId;
use backchannel::domain::job::{JobKind, JobState, LeasedJob, NewJob};
use backchannel::domain::time::Timestamp;
use backchannel::jobs::{Handler, JobError, JobsError, Ran, Runner, RunnerOptions};
use backchannel::store::Store;
use backchannel::store::job::{self, JobCounts};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{Notify, oneshot};

use crate::support::database::{Database, each};
use crate::support::make;

/// A handler made of a function.
struct Does<F>(F);

impl<F> Handler for Does<F>
where
    F: Fn(LeasedJob) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync + 'static,
{
    fn run<'a>(&'a self, job: &'a LeasedJob) -> BoxFuture<'a, Result<(), JobError>> {
        (self.0)(job.clone())
    }
}

fn does(act: impl Fn(LeasedJob) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync + 'static) -> Arc<dyn Handler> {
    Arc::new(Does(act))
}

/// A clock that stands until it is moved.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(make::NOW.as_micros())))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn forward(&self, seconds: i64) {
        self.0.store(self.now().plus_seconds(seconds).as_micros(), Ordering::SeqCst);
    }
}

fn runner(store: &Store, handler: Arc<dyn Handler>, clock: &Clock, options: RunnerOptions) -> Runner {
    let clock = clock.clone();
    Runner::new(store.clone(), handler, Arc::new(move || clock.now()), Arc::new(|| 0.5), options)
}

async fn enqueue(database: &Database, new: &NewJob) {
    let mut tx = database.begin().await;
    job::enqueue(&mut tx, new);
    tx.commit().await.unwrap();
}

async fn counts(database: &Database, workspace: WorkspaceId) -> JobCounts {
    job::counts(&database.store, workspace).await.unwrap()
}

#[tokio::test]
async fn one_look_runs_one_job_and_says_what_came_of_it() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let clock = Clock::new();
        let handler = does(|held| {
            async move {
                match held.kind {
                    JobKind::Nothing(1) => Ok(()),
                    JobKind::Nothing(2) => Err(JobError::Retry("not yet".to_owned())),
                    JobKind::Nothing(3) => Err(JobError::Dead("never".to_owned())),
                    JobKind::Nothing(5) => Err(JobError::Outside("the index is away".to_owned())),
                    JobKind::Nothing(6) => Err(JobError::Later),
                    kind @ (JobKind::Nothing(_) | JobKind::IndexPending | JobKind::TrainHeads | JobKind::Reconcile) => {
                        panic!("a handler that panics at {kind}")
                    }
                    kind
                    @ (JobKind::PreparePanel(_) | JobKind::ReadAttachment(_) | JobKind::SendMessage(_) | JobKind::TakeChatEvent(_)) => {
                        panic!("nobody enqueued {kind}")
                    }
                }
            }
            .boxed()
        });
        let runner = runner(&database.store, handler, &clock, RunnerOptions::default());
        assert_eq!(runner.try_run_one().await.unwrap(), Ran::Nothing);
        let runs = [(1, Ran::Done), (2, Ran::Retried), (3, Ran::Dead), (4, Ran::Retried), (5, Ran::Retried), (6, Ran::Deferred)];
        for (number, expected) in runs {
            enqueue(database, &make::job(workspace, number)).await;
            assert_eq!(runner.try_run_one().await.unwrap(), expected, "job {number}");
        }
        assert_eq!(counts(database, workspace).await, JobCounts { ready: 4, running: 0, dead: 1 });
        let errors: Vec<_> = job::list(&database.store, workspace, Some(JobState::Ready), 9).await.unwrap();
        let of = |number| errors.iter().find(|row| row.kind == JobKind::Nothing(number)).unwrap();
        assert_eq!((of(2).attempts, of(5).attempts, of(5).setbacks.outages), (1, 0, 1), "an outage uses no attempt up");
        assert_eq!((of(6).attempts, of(6).last_error.as_deref()), (0, None), "nothing failed");
        assert_eq!(of(6).run_at, clock.now().plus_seconds(3));
        assert!(errors.iter().any(|row| row.last_error.as_deref() == Some("the handler panicked")));
        // A job whose worker vanished is taken back by the next look.
        clock.forward(9999);
        let vanished = job::claim(&database.store, "w", clock.now(), 10).await.unwrap().unwrap();
        clock.forward(10);
        assert_ne!(runner.try_run_one().await.unwrap(), Ran::Nothing);
        assert!(job::complete(&database.store, &vanished).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn workers_wake_when_a_job_comes_and_end_when_told() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let (seen, all_seen) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let handler = {
            let (seen, all_seen) = (Arc::clone(&seen), Arc::clone(&all_seen));
            does(move |held| {
                let (seen, all_seen) = (Arc::clone(&seen), Arc::clone(&all_seen));
                async move {
                    let mut seen = seen.lock().unwrap();
                    seen.push(held.kind);
                    if seen.len() == 10 {
                        all_seen.notify_one();
                    }
                    Ok(())
                }
                .boxed()
            })
        };
        // Nobody polls within the test's time: only the commit's word can wake them.
        let options = RunnerOptions { poll_ms: 3_600_000, ..RunnerOptions::default() };
        let runner = runner(&database.store, handler, &Clock::new(), options);
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move { runner.run(3, stopped.map(|_| ())).await });
        for number in 0..10 {
            enqueue(database, &make::job(workspace, number)).await;
        }
        all_seen.notified().await;
        stop.send(()).unwrap();
        running.await.unwrap().unwrap();
        assert_eq!(seen.lock().unwrap().len(), 10);
        assert_eq!(counts(database, workspace).await, JobCounts::default());
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_ends_by_itself_ends_the_run_with_an_error() {
    each(async |database| {
        let runner = Runner::new(
            database.store.clone(),
            does(|_| async { Ok(()) }.boxed()),
            Arc::new(|| panic!("a clock that panics")),
            Arc::new(|| 0.5),
            RunnerOptions::default(),
        );
        let ended = runner.run(2, std::future::pending()).await;
        assert!(matches!(ended, Err(JobsError::Ended { .. })), "{ended:?}");
    })
    .await;
}

#[tokio::test]
async fn a_job_that_outlasts_the_grace_is_returned_with_its_attempt() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let begun = Arc::new(Notify::new());
        let handler = {
            let begun = Arc::clone(&begun);
            does(move |_| {
                begun.notify_one();
                std::future::pending().boxed()
            })
        };
        let options = RunnerOptions { grace_seconds: 0, ..RunnerOptions::default() };
        let runner = runner(&database.store, handler, &Clock::new(), options);
        enqueue(database, &make::job(workspace, 1)).await;
        runner.run(2, begun.notified()).await.unwrap();
        let rows = job::list(&database.store, workspace, None, 9).await.unwrap();
        assert_eq!((rows[0].state, rows[0].attempts), (JobState::Ready, 0));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_ends_within_the_grace_is_done() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let handler = {
            let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
            does(move |_| {
                begun.notify_one();
                let go_on = Arc::clone(&go_on);
                async move {
                    go_on.notified().await;
                    Ok(())
                }
                .boxed()
            })
        };
        let runner = runner(&database.store, handler, &Clock::new(), RunnerOptions::default());
        enqueue(database, &make::job(workspace, 1)).await;
        let shutdown = async {
            begun.notified().await;
            go_on.notify_one();
        };
        runner.run(1, shutdown).await.unwrap();
        assert_eq!(counts(database, workspace).await, JobCounts::default());
    })
    .await;
}

/// Says so when it is dropped.
struct Dropped(mpsc::Sender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_stops_when_its_lease_is_lost() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let begun = Arc::new(Notify::new());
        let (dropped, was_dropped) = mpsc::channel();
        let handler = {
            let begun = Arc::clone(&begun);
            does(move |_| {
                begun.notify_one();
                let guard = Dropped(dropped.clone());
                async move {
                    let _guard = guard;
                    std::future::pending().await
                }
                .boxed()
            })
        };
        let options = RunnerOptions { lease_seconds: 3, poll_ms: 3_600_000, ..RunnerOptions::default() };
        let runner = runner(&database.store, handler, &Clock::new(), options);
        enqueue(database, &make::job(workspace, 1)).await;
        let shutdown = async {
            begun.notified().await;
            database.tamper("UPDATE jobs SET fence = fence + 1").await;
            tokio::task::spawn_blocking(move || was_dropped.recv_timeout(Duration::from_secs(30))).await.unwrap().unwrap();
        };
        runner.run(1, shutdown).await.unwrap();
        assert_eq!(counts(database, workspace).await.running, 1, "the new holder has it");
    })
    .await;
}

#[tokio::test]
async fn a_lease_is_prolonged_though_every_thread_of_the_runtime_is_busy() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let clock = Clock::new();
        let (says_begun, begun) = mpsc::channel();
        let (go_on, told) = mpsc::channel::<()>();
        let told = Arc::new(Mutex::new(told));
        let handler = does(move |_| {
            let (says_begun, told) = (says_begun.clone(), Arc::clone(&told));
            async move {
                says_begun.send(()).unwrap();
                // Blocks the only thread of its runtime.
                told.lock().unwrap().recv().unwrap();
                Ok(())
            }
            .boxed()
        });
        enqueue(database, &make::job(workspace, 1)).await;
        let (options, folder, its_clock) = (database.options.clone(), database.folder().to_owned(), clock.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let busy = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let store = Store::open(&options, &folder).await.unwrap();
                let options = RunnerOptions { lease_seconds: 3, ..RunnerOptions::default() };
                runner(&store, handler, &its_clock, options).run(1, stopped.map(|_| ())).await.unwrap();
            });
        });
        tokio::task::spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
        clock.forward(100);
        let wanted = make::NOW.plus_seconds(103).as_micros();
        for look in 0.. {
            if database.number("SELECT leased_until FROM jobs").await == wanted {
                break;
            }
            assert!(look < 600, "the lease was not prolonged");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        go_on.send(()).unwrap();
        stop.send(()).unwrap();
        tokio::task::spawn_blocking(move || busy.join().unwrap()).await.unwrap();
        assert_eq!(counts(database, workspace).await, JobCounts::default());
    })
    .await;
}
