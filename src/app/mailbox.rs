//! Reading the desk's mailbox: one process at a time takes in what is new, each mail and the place behind it in one transaction.

use std::time::Duration;

use crate::app::App;
use crate::app::error::Error;
use crate::app::mail::RawMail;
use crate::connectors::email::{Away, Mailbox, Post, Server};
use crate::domain::id::WorkspaceId;
use crate::domain::mail::MailOutcome;
use crate::domain::outbox::SendReason;
use crate::store;
use crate::store::mailbox::MailboxLease;

/// Longer than any mail takes; prolonged with each.
const LEASE_SECONDS: i64 = 600;
/// Where the numbering is new, mails are looked at that came so long ago: those that were taken in before are known.
const BACK_SECONDS: i64 = 7 * 24 * 3600;

impl App {
    /// How often the mailbox is to be looked into; `None` where there is none.
    #[must_use]
    pub fn mailbox_poll(&self) -> Option<Duration> {
        self.post().and_then(|post| post.imap.as_ref()).map(|_| Duration::from_secs(self.email().poll_seconds))
    }

    /// Takes in what is new in the mailbox, unless somebody else is at it; answers how many mails that were.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the mailbox cannot be read, and whatever the store says; what was taken in until then stays.
    ///
    /// # Cancel safety
    /// Dropped, the next one goes on where this one was, once its lease has ended.
    pub async fn collect_mail(&self) -> Result<usize, Error> {
        let Some((post, server)) = self.post().and_then(|post| Some((post, post.imap.as_ref()?))) else { return Ok(0) };
        let Some(workspace) = self.workspace_of(post).await? else { return Ok(0) };
        let began = self.now();
        let Some(mut lease) = store::mailbox::take(self.store(), workspace, began, began.plus_seconds(LEASE_SECONDS)).await? else {
            return Ok(0);
        };
        let collected = self.collect(post, server, workspace, &mut lease).await;
        store::mailbox::release(self.store(), &lease, collected.is_ok().then_some(began)).await?;
        collected
    }

    async fn collect(&self, post: &Post, server: &Server, workspace: WorkspaceId, lease: &mut MailboxLease) -> Result<usize, Error> {
        let mut mailbox = post.open_mailbox(server).await.map_err(away)?;
        let taken = self.take_new(&mut mailbox, workspace, lease).await;
        mailbox.close().await;
        taken
    }

    async fn take_new(&self, mailbox: &mut Mailbox, workspace: WorkspaceId, lease: &mut MailboxLease) -> Result<usize, Error> {
        let listed = if lease.uid_validity == mailbox.uid_validity {
            mailbox.after(lease.last_uid).await
        } else {
            mailbox.since(self.now().plus_seconds(-BACK_SECONDS).day()).await
        };
        let mut taken = 0;
        for mail in listed.map_err(away)? {
            if self.is_winding_down() {
                // The next one goes on here; what is not at its end does not say that it was.
                return Err(away(Away(SendReason::ServerBusy)));
            }
            let bytes = mailbox.fetch(mail, self.email().incoming_bytes).await.map_err(away)?;
            (lease.uid_validity, lease.last_uid) = (mailbox.uid_validity, mail.uid);
            // One that somebody removed meanwhile is passed over.
            let Some(bytes) = bytes else { continue };
            let raw = RawMail { bytes, size_bytes: mail.size_bytes };
            let outcome = self.take_mail(workspace, &raw, Some((lease, LEASE_SECONDS))).await?.outcome;
            taken += 1;
            // Others may read this mailbox too: what is none of ours stays as it is.
            if outcome != MailOutcome::Unmatched {
                mailbox.mark(mail.uid).await.map_err(away)?;
            }
        }
        Ok(taken)
    }
}

fn away(away: Away) -> Error {
    Error::Unavailable { part: "the mailbox", source: away.into() }
}
