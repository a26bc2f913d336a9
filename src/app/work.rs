//! What a job does: the queue's runner calls this and nothing else.

use crate::app::App;
use crate::app::error::{Error, Fault};
use crate::app::session::ACCOUNT;
use crate::domain::id::WorkspaceId;
use crate::domain::job::JobKind;
use crate::store;

/// How a piece of work ended.
#[derive(Debug)]
pub enum Work {
    /// It is done, or needs no doing any more.
    Done,
    /// Somebody else does the like just now: nothing has failed, and it is to be asked for again in a while.
    Later,
    /// Something outside the process is away; it works once that is back.
    Outside(Error),
    /// It may work at another attempt.
    Retry(Error),
    /// It will never work.
    Hopeless(Error),
}

/// Answers to repeated requests are kept for a day.
const KEPT_SECONDS: i64 = 24 * 3600;

impl App {
    /// What is due once a day and at every start: forgets what is over, compares every index with its rows, and learns from
    /// what was solved.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn tend(&self) -> Result<(), Error> {
        let now = self.now();
        let workspaces = store::workspace::list(self.store()).await?;
        self.warn_of_mail(&workspaces);
        let mut tx = self.store().begin().await?;
        store::session::sweep(&mut tx, now).await?;
        store::attempt::sweep(&mut tx, now, &ACCOUNT).await?;
        store::idempotency::sweep(&mut tx, now.plus_seconds(-KEPT_SECONDS)).await?;
        self.forget_deliveries(&mut tx).await?;
        self.forget_mails(&mut tx).await?;
        self.forget_chat_events(&mut tx).await?;
        for workspace in workspaces {
            self.enqueue(&mut tx, workspace.id, JobKind::Reconcile);
            // Each has its job already, unless somebody gave that up.
            for message in store::outbox::unsettled(&mut tx, workspace.id).await? {
                self.enqueue(&mut tx, workspace.id, JobKind::SendMessage(message));
            }
            for event in store::chat::waiting_events(&mut tx, workspace.id).await? {
                self.enqueue(&mut tx, workspace.id, JobKind::TakeChatEvent(event));
            }
            // Tickets that were solved meanwhile tell where others belong.
            if store::head::state(&mut tx, workspace.id).await?.newest.is_some() {
                self.enqueue(&mut tx, workspace.id, JobKind::TrainHeads);
            }
        }
        Ok(tx.commit().await?)
    }

    /// Does a job; doing it twice is the same as once.
    pub async fn work(&self, workspace: WorkspaceId, kind: &JobKind) -> Work {
        let result = match kind {
            JobKind::IndexPending => self.try_index_pending(workspace).await.map(|done| done.is_some()),
            JobKind::PreparePanel(ticket) => self.prepare_panel(workspace, *ticket).await.map(|_| true),
            JobKind::ReadAttachment(attachment) => self.read_attachment(workspace, *attachment).await.map(|()| true),
            JobKind::SendMessage(message) => self.send_message(workspace, *message).await.map(|()| true),
            JobKind::TakeChatEvent(event) => self.take_chat_event(workspace, *event).await,
            JobKind::TrainHeads => self.learn_if_behind(workspace).await.map(|()| true),
            JobKind::Reconcile => self.reconcile(workspace).await.map(|done| done.is_some()),
            JobKind::Nothing(_) => Ok(true),
        };
        match result {
            Ok(false) => Work::Later,
            // A ticket that was deleted meanwhile leaves nothing to do.
            Ok(true) | Err(Error::NotFound { .. }) => Work::Done,
            Err(error) => match error.fault() {
                Fault::User => Work::Hopeless(error),
                Fault::Outside => Work::Outside(error),
                Fault::Bug => Work::Retry(error),
            },
        }
    }
}
