//! The heart: prolongs the leases of running jobs from a thread of its own.
//!
//! It has its own runtime and its own connection, so that workers that keep every thread of the main runtime busy do not lose leases
//! that they still need.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::domain::id::JobId;
use crate::domain::job::LeasedJob;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, job};

/// The clock, as `app` holds it.
pub(super) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The jobs that this process holds; each with the signal that its lease is lost.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Mutex<BTreeMap<JobId, (LeasedJob, CancellationToken)>>>);

/// Leaves the set when dropped.
pub(super) struct Holding {
    held: Held,
    id: JobId,
    fence: i64,
    lost: CancellationToken,
}

impl Held {
    /// Adds a job until the answer is dropped.
    ///
    /// A run of the same job that is still here has lost its lease, or the job could not have been claimed again: it is told at once.
    pub(super) fn hold(&self, job: &LeasedJob) -> Holding {
        let lost = CancellationToken::new();
        if let Some((_, earlier)) = self.lock().insert(job.id, (job.clone(), lost.clone())) {
            earlier.cancel();
        }
        Holding { held: self.clone(), id: job.id, fence: job.fence, lost }
    }

    fn all(&self) -> Vec<(LeasedJob, CancellationToken)> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<JobId, (LeasedJob, CancellationToken)>> {
        // Nothing panics while it is held; a poisoned map is still a right one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holding {
    /// Waits until the lease is lost.
    pub(super) async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut held = self.held.lock();
        // A later run of the same job stands in the same place, and its lease must go on being prolonged.
        if held.get(&self.id).is_some_and(|(job, _)| job.fence == self.fence) {
            held.remove(&self.id);
        }
    }
}

/// The running thread; stopped by [`Heart::stop`].
pub(super) struct Heart {
    stop: oneshot::Sender<()>,
    /// Closed by the thread's end, however it ends.
    ended: oneshot::Receiver<Infallible>,
    thread: thread::JoinHandle<()>,
}

/// What the thread needs.
pub(super) struct Beat {
    pub(super) store: Store,
    pub(super) held: Held,
    pub(super) clock: Clock,
    pub(super) lease_seconds: i64,
}

impl Heart {
    /// Starts the thread.
    pub(super) fn start(beat: Beat) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let (alive, ended) = oneshot::channel();
        let life = move || {
            let _alive = alive;
            runtime.block_on(beat.until(stopped));
        };
        let thread = thread::Builder::new().name("job-heart".to_owned()).spawn(life)?;
        Ok(Self { stop, ended, thread })
    }

    /// Waits until the thread has ended by itself, which it should not.
    pub(super) async fn ended(&mut self) {
        let Err(_closed) = (&mut self.ended).await;
    }

    /// Stops the thread and waits for its end.
    pub(super) async fn stop(self) {
        let Self { stop, ended: _, thread } = self;
        // The thread is gone already when nobody listens.
        let _ = stop.send(());
        if tokio::task::spawn_blocking(move || thread.join()).await.map_or(true, |ended| ended.is_err()) {
            tracing::error!("the thread that prolongs leases panicked");
        }
    }
}

impl Beat {
    async fn until(self, mut stopped: oneshot::Receiver<()>) {
        let third = Duration::from_millis(u64::try_from(self.lease_seconds).unwrap_or(1).saturating_mul(1000) / 3);
        let mut own: Option<Store> = None;
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                () = tokio::time::sleep(third) => {}
            }
            if let Err(error) = self.prolong_all(&mut own).await {
                tracing::warn!(error = %error, "could not prolong leases; trying again");
            }
        }
        if let Some(store) = own {
            store.close().await;
        }
    }

    async fn prolong_all(&self, own: &mut Option<Store>) -> Result<(), StoreError> {
        let held = self.held.all();
        if held.is_empty() {
            return Ok(());
        }
        let store = match own.take() {
            Some(store) => store,
            None => self.store.with_own_connections(1).await?,
        };
        let store = own.insert(store);
        for (leased, lost) in held {
            match job::heartbeat(store, &leased, (self.clock)().plus_seconds(self.lease_seconds)).await {
                Ok(()) => {}
                Err(StoreError::LeaseLost { .. }) => lost.cancel(),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::domain::id::WorkspaceId;
    use crate::domain::job::{JobKind, Setbacks};

    #[test]
    fn a_job_that_is_claimed_again_ends_its_earlier_run_and_outlives_it() {
        let zero = Timestamp::from_micros(0);
        let job = |fence| LeasedJob {
            id: JobId::at(zero, [1; 10]),
            workspace: WorkspaceId::at(zero, [2; 10]),
            kind: JobKind::Nothing(1),
            attempt: 1,
            max_attempts: 3,
            setbacks: Setbacks::default(),
            fence,
            due_at: zero,
            leased_until: zero,
        };
        let held = Held::default();
        let earlier = held.hold(&job(1));
        assert!(earlier.lost().now_or_never().is_none());
        let later = held.hold(&job(2));
        assert!(earlier.lost().now_or_never().is_some() && later.lost().now_or_never().is_none());
        drop(earlier);
        assert_eq!(held.all().iter().map(|(job, _)| job.fence).collect::<Vec<_>>(), [2]);
        drop(later);
        assert!(held.all().is_empty());
    }
}
