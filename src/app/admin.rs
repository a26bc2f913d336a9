//! Usage and the audit trail.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::app::App;
use crate::app::error::Error;
use crate::domain::event::{AuditEntry, Usage};
use crate::domain::id::WorkspaceId;
use crate::domain::intake::{Page, PageRequest};
use crate::domain::user::{Actor, Permission};
use crate::store::{self, Tx};

/// Uses are written so much later, or when the process ends.
const WRITTEN_AFTER: Duration = Duration::from_secs(1);
/// Usage is listed for so many days back.
const USAGE_DAYS: i64 = 90;

/// What was used how often on a day.
pub(crate) type Uses = BTreeMap<(WorkspaceId, &'static str, String), i64>;

impl App {
    /// What the workspace used in the last 90 days.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not audit.
    pub async fn usage(&self, actor: &Actor) -> Result<Vec<Usage>, Error> {
        self.allow(actor, Permission::Audit)?;
        self.write_usage().await;
        let now = self.now();
        let from = now.plus_seconds(-USAGE_DAYS * 24 * 3600).date();
        Ok(store::usage::list(self.store(), actor.workspace, &from, &now.date()).await?)
    }

    /// The audit trail, newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not audit; [`Error::Invalid`] for a cursor that no list gave.
    pub async fn audit(&self, actor: &Actor, page: PageRequest) -> Result<Page<AuditEntry>, Error> {
        self.allow(actor, Permission::Audit)?;
        let before = page.cursor.as_deref().map(str::parse).transpose().map_err(|_| Error::invalid("cursor", "expected a number"))?;
        let limit = page.limit.unwrap_or(50).clamp(1, 200);
        let lines = store::audit::list(self.store(), actor.workspace, before, limit).await?;
        let full = u32::try_from(lines.len()).is_ok_and(|count| count == limit);
        let next_cursor = lines.last().filter(|line| full && line.n > 1).map(|line| line.n.to_string());
        Ok(Page { items: lines.into_iter().map(|line| line.entry).collect(), next_cursor })
    }

    /// Writes a line of the audit trail in the caller's transaction.
    pub(crate) fn record(&self, tx: &mut Tx, actor: &Actor, action: &str, target: &str) {
        store::audit::append(
            tx,
            &AuditEntry {
                workspace: actor.workspace,
                actor: actor.name.clone(),
                action: action.to_owned(),
                target: target.to_owned(),
                at: self.now(),
            },
        );
    }

    /// Counts uses, which are written a moment later, many together: a durable write for each would take longer than most answers.
    pub(crate) fn count_usage(&self, workspace: WorkspaceId, what: &'static str, times: usize) {
        let day = self.now().date();
        let mut counted = self.uses().lock().unwrap_or_else(PoisonError::into_inner);
        *counted.entry((workspace, what, day)).or_default() += i64::try_from(times).unwrap_or(i64::MAX);
        drop(counted);
        if self.inner.uses_are_due.swap(true, Ordering::Relaxed) {
            return;
        }
        // It does not keep the verbs alive: whoever ends in good order writes what is left.
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            tokio::time::sleep(WRITTEN_AFTER).await;
            if let Some(inner) = inner.upgrade() {
                inner.uses_are_due.store(false, Ordering::Relaxed);
                Self { inner }.write_usage().await;
            }
        });
    }

    /// Writes the uses that were counted.
    pub(crate) async fn write_usage(&self) {
        let counted = std::mem::take(&mut *self.uses().lock().unwrap_or_else(PoisonError::into_inner));
        if counted.is_empty() {
            return;
        }
        let write = async {
            let mut tx = self.store().begin().await?;
            for ((workspace, what, day), count) in &counted {
                store::usage::add(&mut tx, &Usage { workspace: *workspace, what: (*what).to_owned(), day: day.clone(), count: *count });
            }
            tx.commit().await
        };
        if let Err(error) = write.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "uses were counted and are written with the next ones");
            let mut again = self.uses().lock().unwrap_or_else(PoisonError::into_inner);
            for (use_of, count) in counted {
                *again.entry(use_of).or_default() += count;
            }
        }
    }
}
