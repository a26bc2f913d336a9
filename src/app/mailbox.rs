//! Reading the desk's mailbox: one process at a time takes in what is new, each mail and the place behind it in one transaction.

use std::time::Duration;

use crate::app::App;
use crate::app::error::Error;
use crate::app::mail::RawMail;
use crate::connectors::email::{Away, Listed, Mailbox, Post, Server};
use crate::domain::mail::MailOutcome;
use crate::domain::outbox::SendReason;
use crate::domain::workspace::Workspace;
use crate::store;
use crate::store::mailbox::MailboxLease;

/// Longer than any mail takes; prolonged with each.
const LEASE_SECONDS: i64 = 600;
/// Where the numbering is new, mails are looked at that came so long ago: those that were taken in before are known.
const BACK_SECONDS: i64 = 7 * 24 * 3600;

/// So often a mail may fail to come before it is asked whether those behind it come, and so many of them are asked for.
const MOST_FAILURES: u32 = 5;
const MOST_ASKED_BEHIND: usize = 3;

/// What came of asking for a mail.
enum Fetched {
    /// Its bytes, or those of its head and the beginning of its text.
    Whole(Vec<u8>),
    /// Somebody removed it meanwhile.
    Gone,
    /// It cannot be had, and others can.
    OutOfReach,
}

impl App {
    /// How often the mailbox is to be looked into; `None` where there is none.
    #[must_use]
    pub fn mailbox_poll(&self) -> Option<Duration> {
        self.post().and_then(|post| post.imap.as_ref()).map(|_| Duration::from_secs(self.email().poll_seconds))
    }

    /// Says that no mail is sent or read where it is not known whose it is.
    pub(in crate::app) fn warn_of_mail(&self, workspaces: &[Workspace]) {
        let Some(post) = self.post() else { return };
        match &post.workspace {
            None if workspaces.len() > 1 => tracing::warn!(
                workspaces.count = workspaces.len(),
                "no mail is sent or read, as there are several workspaces: name the one that the mail belongs to (`email.workspace`)"
            ),
            Some(slug) if !workspaces.is_empty() && !workspaces.iter().any(|workspace| workspace.slug == *slug) => {
                tracing::warn!(workspace.slug = %slug, "no mail is sent or read, as there is no workspace of this name: check `email.workspace`");
            }
            None | Some(_) => {}
        }
    }

    /// Takes in what is new in the mailbox, unless somebody else is at it; answers how many mails that were.
    ///
    /// # Errors
    /// As for [`App::collect_mail_until`].
    ///
    /// # Cancel safety
    /// As for [`App::collect_mail_until`].
    pub async fn collect_mail(&self) -> Result<usize, Error> {
        self.collect_mail_until(&|| false).await
    }

    /// Takes in what is new in the mailbox, unless somebody else is at it, until it `is_over`; answers how many mails that were.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the mailbox cannot be read to its end, and whatever the store says; what was taken in until then stays.
    ///
    /// # Cancel safety
    /// Dropped, the next one goes on where this one was, once its lease has ended.
    pub async fn collect_mail_until(&self, is_over: &(dyn Fn() -> bool + Sync)) -> Result<usize, Error> {
        let Some((post, server)) = self.post().and_then(|post| Some((post, post.imap.as_ref()?))) else { return Ok(0) };
        let Some(workspace) = self.workspace_of(post.workspace.as_ref()).await? else { return Ok(0) };
        let began = self.now();
        let Some(mut lease) = store::mailbox::take(self.store(), workspace, began, began.plus_seconds(LEASE_SECONDS)).await? else {
            return Ok(0);
        };
        let collected = self.collect(post, server, &mut lease, is_over).await;
        store::mailbox::release(self.store(), &lease, collected.is_ok().then_some(began)).await?;
        collected
    }

    async fn collect(
        &self,
        post: &Post,
        server: &Server,
        lease: &mut MailboxLease,
        is_over: &(dyn Fn() -> bool + Sync),
    ) -> Result<usize, Error> {
        let mut mailbox = post.open_mailbox(server).await.map_err(away)?;
        let taken = self.take_new(&mut mailbox, lease, is_over).await;
        mailbox.close().await;
        taken
    }

    async fn take_new(&self, mailbox: &mut Mailbox, lease: &mut MailboxLease, is_over: &(dyn Fn() -> bool + Sync)) -> Result<usize, Error> {
        let workspace = lease.workspace();
        let listed = if lease.uid_validity == mailbox.uid_validity {
            mailbox.after(lease.last_uid).await
        } else {
            mailbox.since(self.now().plus_seconds(-BACK_SECONDS).day()).await
        };
        let listed = listed.map_err(away)?;
        let mut taken = 0;
        for (position, &mail) in listed.iter().enumerate() {
            if is_over() {
                // The next one goes on here; what is not at its end does not say that it was.
                return Err(away(Away(SendReason::ServerBusy)));
            }
            let fetched = self.fetch(mailbox, lease, mail, &listed[position + 1..]).await?;
            (lease.uid_validity, lease.last_uid) = (mailbox.uid_validity, mail.uid);
            let bytes = match fetched {
                Fetched::Whole(bytes) => bytes,
                Fetched::Gone => continue,
                Fetched::OutOfReach => {
                    self.pass_over(lease, mail.size_bytes, LEASE_SECONDS).await?;
                    continue;
                }
            };
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

    /// Has a mail from the mailbox. One that could not be had again and again is given up where one of those `behind` it can be had: then it
    /// is the mail that stands in the way, not the server.
    async fn fetch(&self, mailbox: &mut Mailbox, lease: &MailboxLease, mail: Listed, behind: &[Listed]) -> Result<Fetched, Error> {
        let (failing, failures) = lease.failing;
        if failing == mail.uid && failures >= MOST_FAILURES {
            for other in behind.iter().take(MOST_ASKED_BEHIND) {
                if let Ok(Some(_)) = mailbox.fetch(*other, 0).await {
                    return Ok(Fetched::OutOfReach);
                }
            }
        }
        match mailbox.fetch(mail, self.email().incoming_bytes).await {
            Ok(Some(bytes)) => Ok(Fetched::Whole(bytes)),
            Ok(None) => Ok(Fetched::Gone),
            Err(reason) => {
                store::mailbox::note_failure(self.store(), lease, mail.uid).await?;
                Err(away(reason))
            }
        }
    }
}

fn away(away: Away) -> Error {
    Error::Unavailable { part: "the mailbox", source: away.into() }
}
