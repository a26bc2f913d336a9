//! The runner: claims, runs, and ends jobs.

use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::domain::job::{JobState, LeasedJob};
use crate::domain::time::Timestamp;
use crate::jobs::heart::{Beat, Clock, Heart, Held, Holding};
use crate::store::job::{self, Cause, Failure};
use crate::store::{Store, StoreError};

const CONTENDED_ATTEMPTS: u32 = 5;
/// A job whose turn it is not comes back after so long; a worker that waited for its turn instead would be missing elsewhere.
const LATER_SECONDS: i64 = 3;

/// What jobs do. Every kind must be safe to run twice.
pub trait Handler: Send + Sync + 'static {
    /// Does a job once. The future is dropped when the lease is lost or the process must end.
    fn run<'a>(&'a self, job: &'a LeasedJob) -> BoxFuture<'a, Result<(), JobError>>;
}

/// Why a job is not done; a text is kept as its last error, so it must hold no customer's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Nothing failed, but it cannot be done just now: it goes back to the queue for a few seconds, with its attempt.
    #[error("somebody else is at it")]
    Later,
    /// Something outside the process is away: tried again for a day, and no attempt is used up.
    #[error("{0}")]
    Outside(String),
    /// Another attempt may help; after a few the job is dead.
    #[error("{0}")]
    Retry(String),
    /// No other attempt can help.
    #[error("{0}")]
    Dead(String),
}

/// A run that could not be started or ended.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// The queue could not be asked.
    #[error("the job queue could not be used")]
    Store(#[from] StoreError),
    /// The thread that prolongs leases could not be started.
    #[error("the thread that prolongs leases could not be started")]
    Thread(#[source] io::Error),
    /// A part of the runner ended though nobody asked it to; the jobs that ran were ended or returned.
    #[error("{part} ended by a bug, so no background work would be done: see the log, and start again")]
    Ended {
        /// The part.
        part: &'static str,
    },
}

/// How the runner works.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// The worker's name in the jobs table; a fresh one for each process.
    pub worker: String,
    /// How long a claimed job is held without a sign of life, in seconds; at least 3.
    pub lease_seconds: i64,
    /// How often the queue is asked when nobody says that something came, in milliseconds.
    pub poll_ms: u64,
    /// How long running jobs may go on after the shutdown began, in seconds; those not done are returned.
    pub grace_seconds: u64,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self { worker: "worker".to_owned(), lease_seconds: 60, poll_ms: 1000, grace_seconds: 20 }
    }
}

/// What came of one look at the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// No job was due.
    Nothing,
    /// A job was done.
    Done,
    /// A job could not be done just now and waits for a while, with its attempt.
    Deferred,
    /// A job failed and waits for its next attempt.
    Retried,
    /// A job failed and is dead.
    Dead,
    /// A job's lease was lost; somebody else has it or will.
    LeaseLost,
    /// A job was returned because the process ends.
    Returned,
}

/// Runs jobs; cloning shares what it holds.
#[derive(Clone)]
pub struct Runner {
    store: Store,
    handler: Arc<dyn Handler>,
    clock: Clock,
    jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
    options: Arc<RunnerOptions>,
    held: Held,
    /// Cancelled when running jobs must be returned.
    abandon: CancellationToken,
}

impl Runner {
    /// Makes a runner; `jitter` gives numbers in \[0, 1).
    #[must_use]
    pub fn new(
        store: Store,
        handler: Arc<dyn Handler>,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
        options: RunnerOptions,
    ) -> Self {
        Self { store, handler, clock, jitter, options: Arc::new(options), held: Held::default(), abandon: CancellationToken::new() }
    }

    /// Takes back jobs whose lease has ended, then claims and runs one job if one is due. Leases are prolonged only inside [`Runner::run`].
    ///
    /// # Errors
    /// [`JobsError::Store`] when the queue cannot be asked; a job that was claimed is then rescued when its lease ends.
    pub async fn try_run_one(&self) -> Result<Ran, JobsError> {
        job::rescue(&self.store, (self.clock)(), (self.jitter)()).await?;
        self.claim_and_run(&Notify::new()).await
    }

    /// Runs jobs with so many workers until `shutdown` is done; then lets running jobs end within the grace and returns the others.
    ///
    /// # Errors
    /// [`JobsError::Thread`] when the thread that prolongs leases cannot be started; [`JobsError::Ended`], as soon as running jobs have
    /// ended, when a part of the runner did not last until `shutdown`.
    ///
    /// # Cancel safety
    /// Dropping the future drops the running jobs; they are rescued when their leases end.
    pub async fn run(&self, workers: usize, shutdown: impl Future<Output = ()> + Send) -> Result<(), JobsError> {
        let beat = Beat {
            store: self.store.clone(),
            held: self.held.clone(),
            clock: Arc::clone(&self.clock),
            lease_seconds: self.options.lease_seconds,
        };
        let mut heart = Heart::start(beat).map_err(JobsError::Thread)?;
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(self.clone().tick(stop.clone()));
        for _ in 0..workers {
            tasks.spawn(self.clone().work(stop.clone()));
        }
        let broken = tokio::select! {
            () = shutdown => None,
            ended = tasks.join_next() => {
                tracing::error!(panicked = ended.is_some_and(|ended| ended.is_err()), "a job worker ended by itself");
                Some("a job worker")
            }
            () = heart.ended() => Some("the thread that prolongs leases"),
        };
        stop.cancel();
        let grace = Duration::from_secs(self.options.grace_seconds);
        if tokio::time::timeout(grace, drain(&mut tasks)).await.is_err() {
            tracing::warn!("jobs did not end within the grace; returning them to the queue");
            self.abandon.cancel();
            drain(&mut tasks).await;
        }
        heart.stop().await;
        broken.map_or(Ok(()), |part| Err(JobsError::Ended { part }))
    }

    /// Looks after expired leases, and wakes a worker for jobs whose moment has come.
    async fn tick(self, stop: CancellationToken) {
        let arrivals = self.store.job_arrivals();
        loop {
            match job::rescue(&self.store, (self.clock)(), (self.jitter)()).await {
                Ok(0) => {}
                Ok(count) => tracing::warn!(jobs.rescued = count, "took back jobs whose lease had ended"),
                Err(error) => tracing::warn!(error = %error, "could not look for jobs whose lease has ended; trying again"),
            }
            arrivals.notify_one();
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(self.options.poll_ms)) => {}
            }
        }
    }

    async fn work(self, stop: CancellationToken) {
        let arrivals = self.store.job_arrivals();
        while !stop.is_cancelled() {
            // Listening begins before the queue is asked, so that what comes in between is not missed.
            let mut arrival = pin!(arrivals.notified());
            arrival.as_mut().enable();
            match self.claim_and_run(&arrivals).await {
                Ok(Ran::Nothing) => {}
                Ok(Ran::Done | Ran::Deferred | Ran::Retried | Ran::Dead | Ran::LeaseLost | Ran::Returned) => continue,
                Err(error) => tracing::warn!(error = %error, "could not use the job queue; trying again"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = arrival => {}
            }
        }
    }

    async fn claim_and_run(&self, arrivals: &Notify) -> Result<Ran, JobsError> {
        let now = (self.clock)();
        let Some(leased) = job::claim(&self.store, &self.options.worker, now, self.options.lease_seconds).await? else {
            return Ok(Ran::Nothing);
        };
        // Where one job was there may be another: the next idle worker looks.
        arrivals.notify_one();
        let holding = self.held.hold(&leased);
        let outcome = tokio::select! {
            outcome = AssertUnwindSafe(self.handler.run(&leased)).catch_unwind() => {
                outcome.unwrap_or_else(|_| Err(JobError::Retry("the handler panicked".to_owned())))
            }
            () = holding.lost() => return Ok(Ran::LeaseLost),
            () = self.abandon.cancelled() => {
                job::release(&self.store, &leased, (self.clock)()).await?;
                return Ok(Ran::Returned);
            }
        };
        self.settle(&leased, outcome, &holding).await
    }

    /// Says how a job ended; when others are in the way or the database is away, says it again while the job is held.
    async fn settle(&self, leased: &LeasedJob, outcome: Result<(), JobError>, holding: &Holding) -> Result<Ran, JobsError> {
        let mut attempt = 1;
        let mut waits = u64::try_from(self.options.lease_seconds).unwrap_or(1).saturating_mul(1000) / self.options.poll_ms.max(1);
        loop {
            let settled = match &outcome {
                Ok(()) => job::complete(&self.store, leased).await.map(|()| Ran::Done),
                Err(JobError::Later) => {
                    job::release(&self.store, leased, (self.clock)().plus_seconds(LATER_SECONDS)).await.map(|()| Ran::Deferred)
                }
                Err(JobError::Outside(error)) => self.fail(leased, Cause::Outside, error).await,
                Err(JobError::Retry(error)) => self.fail(leased, Cause::Own, error).await,
                Err(JobError::Dead(error)) => self.fail(leased, Cause::Hopeless, error).await,
            };
            match settled {
                Err(error) if error.is_contended() && attempt < CONTENDED_ATTEMPTS => attempt += 1,
                // Left unsaid, an outage would be taken for a crash of this job once its lease ends.
                Err(StoreError::Unavailable { .. }) if waits > 0 && !self.abandon.is_cancelled() => {
                    waits -= 1;
                    tokio::select! {
                        () = holding.lost() => return Ok(Ran::LeaseLost),
                        () = self.abandon.cancelled() => {}
                        () = tokio::time::sleep(Duration::from_millis(self.options.poll_ms)) => {}
                    }
                }
                Err(StoreError::LeaseLost { .. }) => return Ok(Ran::LeaseLost),
                Err(error) => return Err(error.into()),
                Ok(ran) => return Ok(ran),
            }
        }
    }

    async fn fail(&self, leased: &LeasedJob, cause: Cause, error: &str) -> Result<Ran, StoreError> {
        let failure = Failure { error, cause, jitter: (self.jitter)() };
        let state = job::fail(&self.store, leased, &failure, (self.clock)()).await?;
        tracing::warn!(job.id = %leased.id, job.kind = %leased.kind, job.attempt = leased.attempt, job.error = error, "a job failed");
        Ok(match state {
            JobState::Dead => Ran::Dead,
            JobState::Ready | JobState::Running => Ran::Retried,
        })
    }
}

async fn drain(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if ended.is_err() {
            tracing::error!("a job worker panicked");
        }
    }
}
