//! Writing to the index of a workspace alone: takes the lease, keeps it while the work goes on, and gives it back.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use crate::app::App;
use crate::app::error::Error;
use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::lease::IndexLease;

/// After so long without a sign of life, a holder is taken for dead.
const LEASE_SECONDS: i64 = 60;
/// A holder gives a sign of life so often.
const PROLONG_EVERY: Duration = Duration::from_secs(20);
/// Who waits for the lease looks again so often: the holder may be another process, which tells nobody.
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl App {
    /// The right to write to the index of a workspace; `None` while somebody else has it.
    pub(super) async fn take_lease(&self, workspace: WorkspaceId) -> Result<Option<IndexLease>, Error> {
        let now = self.now();
        Ok(store::lease::take(self.store(), workspace, now, ends(now)).await?)
    }

    /// Waits until nobody else has the right to write to the index of a workspace; calls `waiting` with the rows left at each look.
    pub(super) async fn wait_for_lease(&self, workspace: WorkspaceId, waiting: &(dyn Fn(u64) + Sync)) -> Result<IndexLease, Error> {
        loop {
            if let Some(lease) = self.take_lease(workspace).await? {
                return Ok(lease);
            }
            let left = store::pending::count(self.store(), workspace).await?;
            waiting(u64::try_from(left).unwrap_or(0));
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Prolongs the lease while the work goes on.
    ///
    /// # Cancel safety
    /// When dropped, the lease is left to end by itself: until then nobody else writes, so that nothing of this work comes late.
    pub(super) async fn keep<T>(&self, lease: &IndexLease, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            never = self.prolong(lease) => match never {},
        }
    }

    /// Gives the lease back.
    pub(super) async fn release(&self, lease: IndexLease) {
        if let Err(error) = store::lease::release(self.store(), lease).await {
            tracing::warn!(error = %error, "could not give the lease on an index back: it ends by itself");
        }
    }

    /// Makes sure that nobody else took the lease, and prolongs it.
    pub(super) async fn still_mine(&self, lease: &IndexLease) -> Result<(), Error> {
        Ok(store::lease::prolong(self.store(), lease, ends(self.now())).await?)
    }

    async fn prolong(&self, lease: &IndexLease) -> Infallible {
        loop {
            tokio::time::sleep(PROLONG_EVERY).await;
            // Who lost the lease finds out where it matters: the store asks for it before anything is cleared.
            if let Err(error) = store::lease::prolong(self.store(), lease, ends(self.now())).await {
                tracing::warn!(error = %error, "could not prolong the lease on an index");
            }
        }
    }
}

const fn ends(now: Timestamp) -> Timestamp {
    now.plus_seconds(LEASE_SECONDS)
}
