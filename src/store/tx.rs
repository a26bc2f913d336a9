//! Transactions, and where reads come from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sqlx::Transaction;
use sqlx::any::{Any, AnyRow};
use tokio::sync::OwnedSemaphorePermit;

use crate::domain::event::{AuditEntry, Event};
use crate::domain::id::WorkspaceId;
use crate::domain::job::NewJob;
use crate::store::error::StoreError;
use crate::store::key::AuditKey;
use crate::store::pool::{Shared, Store};
use crate::store::sql::Sql;
use crate::store::{audit, event, head, job, knowledge, usage};

/// A transaction: what was written through it is true once [`Tx::commit`] has answered, and gone when it is dropped.
///
/// On `SQLite` nobody else writes meanwhile, so it must never wait for the network, a model or a person.
pub struct Tx {
    inner: Transaction<'static, Any>,
    shared: Arc<Shared>,
    /// What rows written here carry as their pending revision: random, so that no other transaction's is taken for it.
    revision: i64,
    late: Late,
    /// Given back last, after the transaction has ended.
    _permit: Option<OwnedSemaphorePermit>,
}

/// What `commit` writes last, in one fixed order.
#[derive(Default)]
pub(super) struct Late {
    pub(super) jobs: Vec<NewJob>,
    pub(super) usage: BTreeMap<(String, String, String), i64>,
    /// The workspaces whose documents or playbook changed.
    pub(super) knowledge: BTreeSet<WorkspaceId>,
    /// The workspaces whose labels or corrections changed.
    pub(super) labels: BTreeSet<WorkspaceId>,
    pub(super) events: Vec<Event>,
    pub(super) audit: Vec<AuditEntry>,
    pub(super) wakes_workers: bool,
    pub(super) wakes_couriers: bool,
}

impl Tx {
    pub(super) fn new(inner: Transaction<'static, Any>, shared: Arc<Shared>, permit: Option<OwnedSemaphorePermit>) -> Self {
        let revision = rand::random::<i64>() & i64::MAX;
        Self { inner, shared, revision, late: Late::default(), _permit: permit }
    }

    /// Writes what was kept for last, makes everything true, and then wakes workers and streams of this process.
    ///
    /// # Errors
    /// Nothing of the transaction is true when it answers an error, except [`StoreError::Unavailable`], after which either may be so.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let Late { jobs, usage, knowledge, labels, events, audit, wakes_workers, wakes_couriers } = std::mem::take(&mut self.late);
        let wakes_workers = wakes_workers || !jobs.is_empty();
        let wakes_streams = !events.is_empty();
        job::write(&mut self, jobs).await?;
        usage::write(&mut self, usage).await?;
        knowledge::write(&mut self, knowledge).await?;
        head::write(&mut self, labels).await?;
        let mut heads = event::write(&mut self, events, &audit).await?;
        audit::write(&mut self, audit, &mut heads).await?;
        let Self { inner, shared, revision: _, late: _, _permit: permit } = self;
        inner.commit().await.map_err(|error| StoreError::from_driver("commit", error))?;
        drop(permit);
        if wakes_workers {
            shared.jobs.notify_one();
        }
        if wakes_couriers {
            shared.deliveries.notify_one();
        }
        if wakes_streams {
            shared.events.send_modify(|count| *count = count.wrapping_add(1));
        }
        Ok(())
    }

    /// Undoes everything and waits until that is done.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.inner.rollback().await.map_err(|error| StoreError::from_driver("roll back", error))
    }

    /// What rows written here carry as their pending revision.
    pub(super) const fn revision(&self) -> i64 {
        self.revision
    }

    pub(super) fn audit_key(&self) -> &AuditKey {
        &self.shared.audit_key
    }

    pub(super) const fn late(&mut self) -> &mut Late {
        &mut self.late
    }

    /// Runs a statement; answers how many rows it touched.
    pub(super) async fn execute(&mut self, tried: &'static str, sql: Sql) -> Result<u64, StoreError> {
        let done = sql.build().execute(&mut *self.inner).await;
        done.map(|result| result.rows_affected()).map_err(|error| StoreError::from_driver(tried, error))
    }

    /// Runs a statement; answers its row, if it has one.
    pub(super) async fn optional(&mut self, tried: &'static str, sql: Sql) -> Result<Option<AnyRow>, StoreError> {
        // All rows are fetched so that a statement with RETURNING runs to its end on SQLite.
        Ok(self.all(tried, sql).await?.into_iter().next())
    }

    /// Runs a statement; answers its rows.
    pub(super) async fn all(&mut self, tried: &'static str, sql: Sql) -> Result<Vec<AnyRow>, StoreError> {
        sql.build().fetch_all(&mut *self.inner).await.map_err(|error| StoreError::from_driver(tried, error))
    }
}

/// Where a read comes from: the store, or a transaction whose own writes it then sees.
pub enum Source<'a> {
    /// Any connection: sees what is committed.
    Store(&'a Store),
    /// The transaction's connection.
    Tx(&'a mut Tx),
}

impl Source<'_> {
    /// The same source once more, for a read made of several.
    pub(super) const fn again(&mut self) -> Source<'_> {
        match self {
            Self::Store(store) => Source::Store(store),
            Self::Tx(tx) => Source::Tx(tx),
        }
    }

    /// Reads one row, if there is one.
    pub(super) async fn optional(&mut self, tried: &'static str, sql: Sql) -> Result<Option<AnyRow>, StoreError> {
        match self {
            Self::Store(store) => sql.build().fetch_optional(store.pool()).await.map_err(|error| StoreError::from_driver(tried, error)),
            Self::Tx(tx) => tx.optional(tried, sql).await,
        }
    }

    /// Reads all rows.
    pub(super) async fn all(&mut self, tried: &'static str, sql: Sql) -> Result<Vec<AnyRow>, StoreError> {
        match self {
            Self::Store(store) => sql.build().fetch_all(store.pool()).await.map_err(|error| StoreError::from_driver(tried, error)),
            Self::Tx(tx) => tx.all(tried, sql).await,
        }
    }
}

impl<'a> From<&'a Store> for Source<'a> {
    fn from(store: &'a Store) -> Self {
        Self::Store(store)
    }
}

impl<'a> From<&'a mut Tx> for Source<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}
