//! Mails that wait for a person, or that one may let in after all.

use crate::app::App;
use crate::app::error::Error;
use crate::app::mail::{KEPT_BYTES, POSTMAN, RawMail, Read};
use crate::blobs::Sealed;
use crate::domain::attachment::Attachment;
use crate::domain::id::{MailId, ThreadId};
use crate::domain::mail::{HeldChoice, IncomingMail, MailOutcome};
use crate::domain::thread::ThreadHistory;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::EmailAddress;
use crate::store;
use crate::text::extract::Enclosed;

/// How a mail is called that is a file of a message.
const WHOLE_MAIL: &str = "mail.eml";

/// A mail that is let in by a person.
struct Again {
    author: EmailAddress,
    words: String,
    enclosed: Vec<Enclosed>,
    is_cut: bool,
}

impl App {
    /// Decides about a mail that is held, or that would be passed over; gives its side conversation.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a mail whose side conversation is not in the actor's workspace; [`Error::Conflict`] for one that is decided.
    pub async fn decide_mail(&self, actor: &Actor, id: MailId, choice: HeldChoice) -> Result<ThreadHistory, Error> {
        self.allow(actor, Permission::Work)?;
        let workspace = actor.workspace;
        let found = store::mail::get(self.store(), &actor.scope(), id).await?;
        let Some((mail, thread)) = found.and_then(|mail| mail.thread.map(|thread| (mail, thread))) else {
            return Err(Error::NotFound { kind: "held mail", id: id.to_string() });
        };
        // Said twice is said once.
        if matches!(
            (choice, mail.outcome),
            (HeldChoice::Accept, MailOutcome::Matched | MailOutcome::TooLarge) | (HeldChoice::Drop, MailOutcome::Dropped)
        ) {
            return self.thread(actor, thread).await;
        }
        let read = match choice {
            HeldChoice::Accept => Some(self.read_held(&mail).await?),
            HeldChoice::Drop => None,
        };
        let files = match &read {
            Some(read) => self.keep_enclosed((workspace, POSTMAN), read.enclosed.clone()).await?,
            None => Vec::new(),
        };
        let decided = self.decide_held(actor, &mail, thread, read.as_ref(), &files).await;
        self.settle(workspace, &files).await?;
        decided?;
        self.thread(actor, thread).await
    }

    async fn decide_held(
        &self,
        actor: &Actor,
        mail: &IncomingMail,
        thread: ThreadId,
        read: Option<&Again>,
        files: &[(Attachment, Sealed)],
    ) -> Result<(), Error> {
        let workspace = actor.workspace;
        let mut tx = self.store().begin().await?;
        store::thread::hold(&mut tx, workspace, thread).await?;
        let held = store::thread::head(&mut tx, &actor.scope(), thread).await?;
        let held = held.ok_or_else(|| Error::NotFound { kind: "side conversation", id: thread.to_string() })?;
        let (outcome, message) = match read {
            Some(read) => {
                let outcome = if read.is_cut { MailOutcome::TooLarge } else { MailOutcome::Matched };
                (outcome, Some(self.let_in(&mut tx, &held, (read.author.clone(), &read.words), files).await?))
            }
            None => (MailOutcome::Dropped, None),
        };
        if !store::mail::decide(&mut tx, workspace, mail.id, (outcome, message), &actor.name).await? {
            tx.rollback().await?;
            return Err(Error::Conflict("somebody has decided about this mail already".to_owned()));
        }
        let is_new = |sender: &&EmailAddress| **sender != held.opened_by && !held.participants.contains(sender);
        if let Some(sender) = mail.sender.as_ref().filter(|sender| read.is_some() && is_new(sender)) {
            let participants: Vec<EmailAddress> = held.participants.iter().chain([sender]).cloned().collect();
            store::thread::set_participants(&mut tx, workspace, thread, &participants).await?;
        }
        self.announce(&mut tx, workspace, held.ticket, "side_conversation.changed");
        let action = if read.is_some() { "mail.accept" } else { "mail.drop" };
        self.record(&mut tx, actor, action, &mail.id.to_string());
        Ok(tx.commit().await?)
    }

    /// A mail once more: with its files as far as they are still here, and as a file itself where it cannot be taken apart.
    async fn read_held(&self, mail: &IncomingMail) -> Result<Again, Error> {
        let Some(author) = mail.sender.clone() else {
            return Err(Error::Conflict("this mail does not say who wrote it: it can only be dropped".to_owned()));
        };
        let raw = store::mail::raw(self.store(), mail.workspace, mail.id).await?;
        let raw = raw.map(|bytes| RawMail { bytes, size_bytes: mail.size_bytes });
        let read = match &raw {
            Some(raw) => self.read_mail(raw).await?,
            None => None,
        };
        let (words, enclosed, is_cut) = match (read, raw) {
            (Some(Read { words, enclosed, is_cut, is_opaque: false, .. }), _) => (words, enclosed, is_cut),
            (_, Some(raw)) => {
                let is_cut =
                    u64::try_from(raw.bytes.len()).is_ok_and(|bytes| bytes > self.attachment_limit_bytes() || bytes < raw.size_bytes);
                (String::new(), vec![Enclosed { name: WHOLE_MAIL.to_owned(), bytes: raw.bytes }], is_cut)
            }
            (_, None) => {
                let is_cut = usize::try_from(mail.size_bytes).is_ok_and(|bytes| bytes > KEPT_BYTES);
                (mail.body.clone(), Vec::new(), is_cut)
            }
        };
        let words = if words.is_empty() && !enclosed.is_empty() { mail.subject.clone() } else { words };
        if words.is_empty() && enclosed.is_empty() {
            return Err(Error::Conflict("nothing of this mail is left to be read: it can only be dropped".to_owned()));
        }
        Ok(Again { author, words, enclosed, is_cut })
    }
}
