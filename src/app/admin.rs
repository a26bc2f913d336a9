//! Usage and the audit trail.

use crate::app::App;
use crate::app::error::Error;
use crate::domain::event::{AuditEntry, Usage};
use crate::domain::id::WorkspaceId;
use crate::domain::intake::{Page, PageRequest};
use crate::domain::user::{Actor, Permission};
use crate::store::{self, Tx};

/// Usage is listed for so many days back.
const USAGE_DAYS: i64 = 90;

impl App {
    /// What the workspace used in the last 90 days.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not audit.
    pub async fn usage(&self, actor: &Actor) -> Result<Vec<Usage>, Error> {
        self.allow(actor, Permission::Audit)?;
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

    /// Counts one use.
    pub(crate) async fn count_usage(&self, workspace: WorkspaceId, what: &str) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        store::usage::add(&mut tx, &Usage { workspace, what: what.to_owned(), day: self.now().date(), count: 1 });
        Ok(tx.commit().await?)
    }
}
