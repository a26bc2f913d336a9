//! Mails that come in, by whatever way: each is kept once, with what became of it, in one transaction with what it brings.
//!
//! What becomes of it is judged in [`admission`](super::admission).

use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::app::admission::{Judged, sender};
use crate::app::clock::random;
use crate::app::error::Error;
use crate::blobs::Sealed;
use crate::connectors::files::{self, FileError};
use crate::domain::attachment::{Attachment, Place};
use crate::domain::id::{MailId, MessageId, WorkspaceId};
use crate::domain::mail::{Fingerprint, IncomingMail, MailOutcome};
use crate::domain::thread::{Message, Thread};
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{EmailAddress, ThreadStatus};
use crate::store::mailbox::MailboxLease;
use crate::store::{self, Tx};
use crate::text::extract::{Enclosed, Extracted, Limits};
use crate::text::mail::{self as letter, Head, Kind};

/// Who uploads the files of mails, as the trail and the rows name them.
pub(in crate::app) const POSTMAN: &str = "mail";
/// A mail that waits for nobody is kept as it came while it is no larger, and of a larger one that is handed in so much of its text is read.
pub(in crate::app) const KEPT_BYTES: usize = 256 << 10;
/// The mails of one side conversation that wait for a person are kept as they came while they are no larger together.
const HELD_BYTES: u64 = 64 << 20;
/// Of those beyond, only the beginning of their words is.
const TOLD_BYTES: usize = 4 << 10;
/// So often a mail is read that is too much for its reader.
const MOST_READINGS: u32 = 2;
/// Mails are kept as they came for so long, those that wait for a person until they do no more.
const KEPT_SECONDS: i64 = 30 * 24 * 3600;

/// A mail as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMail {
    /// Its bytes: all of them, or those of its head and the beginning of its text.
    pub bytes: Vec<u8>,
    /// How many it has.
    pub size_bytes: u64,
}

/// What became of a mail that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenMail {
    /// What became of it, now or when it came before.
    pub outcome: MailOutcome,
    /// Whether it had not come before.
    pub is_new: bool,
}

/// A mail that was read.
pub(in crate::app) struct Read {
    pub(in crate::app) head: Head,
    /// What it adds to what was said before.
    pub(in crate::app) words: String,
    pub(in crate::app) enclosed: Vec<Enclosed>,
    pub(in crate::app) is_cut: bool,
    /// Whether all but its head could not be taken apart.
    pub(in crate::app) is_opaque: bool,
}

impl RawMail {
    /// A mail that is here as a whole.
    #[must_use]
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self { size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX), bytes }
    }

    /// A mail of so many bytes of which these are the first; of one that is not here as a whole, its head and the beginning of its text.
    #[must_use]
    pub fn begun(mut bytes: Vec<u8>, size_bytes: u64) -> Self {
        if u64::try_from(bytes.len()).is_ok_and(|begun| begun < size_bytes) {
            bytes.truncate(head_bytes(&bytes).saturating_add(KEPT_BYTES));
        }
        Self { bytes, size_bytes }
    }

    fn is_cut(&self) -> bool {
        u64::try_from(self.bytes.len()).is_ok_and(|bytes| bytes < self.size_bytes)
    }
}

impl From<Vec<u8>> for RawMail {
    fn from(bytes: Vec<u8>) -> Self {
        Self::whole(bytes)
    }
}

impl App {
    /// The largest mail that is handed in as a whole, in bytes.
    #[must_use]
    pub fn mail_limit_bytes(&self) -> usize {
        usize::try_from(self.email().incoming_bytes).unwrap_or(usize::MAX)
    }

    /// Takes a mail in that was handed over for a workspace, by its short name or id; the same mail twice is one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a workspace that is not the actor's.
    pub async fn receive_mail(&self, actor: &Actor, workspace: &str, mail: impl Into<RawMail>) -> Result<TakenMail, Error> {
        self.allow(actor, Permission::Feed)?;
        let own = store::workspace::get(self.store(), actor.workspace).await?;
        let is_own = own.is_some_and(|own| own.slug.as_str() == workspace || own.id.to_string() == workspace);
        if !is_own {
            return Err(Error::NotFound { kind: "workspace", id: workspace.chars().take(80).collect() });
        }
        self.take_mail(actor.workspace, &mail.into(), None).await
    }

    /// Takes a mail in; `place` is moved behind it in the same transaction.
    ///
    /// # Errors
    /// Whatever store and disk say, and [`Error::Conflict`] where the place is no longer this reader's: nothing was taken in then.
    pub(in crate::app) async fn take_mail(
        &self,
        workspace: WorkspaceId,
        mail: &RawMail,
        place: Option<(&MailboxLease, i64)>,
    ) -> Result<TakenMail, Error> {
        let read = self.read_mail(mail).await?;
        let fingerprint = self.fingerprint(workspace, mail, read.as_ref());
        let uploader = (workspace, POSTMAN);
        let files = match &read {
            // Files of a mail that turns out to be nobody's are discarded again.
            Some(read) if read.head.kind == Kind::Person => self.keep_enclosed(uploader, read.enclosed.clone()).await?,
            Some(_) | None => Vec::new(),
        };
        let taken = self.keep_mail(workspace, mail, read.as_ref(), &fingerprint, &files, place).await;
        self.settle(workspace, &files).await?;
        taken
    }

    async fn keep_mail(
        &self,
        workspace: WorkspaceId,
        mail: &RawMail,
        read: Option<&Read>,
        fingerprint: &Fingerprint,
        files: &[(Attachment, Sealed)],
        place: Option<(&MailboxLease, i64)>,
    ) -> Result<TakenMail, Error> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        if let Some((lease, seconds)) = place
            && !store::mailbox::advance(&mut tx, lease, now.plus_seconds(seconds)).await?
        {
            return Err(Error::Conflict("somebody else reads the mailbox by now".to_owned()));
        }
        if let Some(outcome) = store::mail::known_outcome(&mut tx, workspace, fingerprint).await? {
            tx.commit().await?;
            return Ok(TakenMail { outcome, is_new: false });
        }
        let mut judged = match read {
            Some(read) => self.judge(&mut tx, workspace, read, fingerprint).await?,
            None => Judged::alone(MailOutcome::Unreadable),
        };
        if let (Some(thread), Some(read), MailOutcome::Matched | MailOutcome::TooLarge) = (&judged.thread, read, judged.outcome) {
            judged.message = match sender(&read.head) {
                Some(author) => Some(self.let_in(&mut tx, thread, (author, &read.words), files).await?),
                None => None,
            };
        }
        let mut incoming = incoming(workspace, mail, read, &judged, now);
        let is_kept = match (&judged.thread, judged.outcome) {
            (Some(thread), MailOutcome::Held) => {
                let others = store::mail::held_bytes(&mut tx, workspace, thread.id).await?;
                u64::try_from(mail.bytes.len()).is_ok_and(|bytes| others.saturating_add(bytes) <= HELD_BYTES)
            }
            (_, outcome) => is_kept(outcome, mail.bytes.len(), place.is_some()),
        };
        let raw = Some(mail.bytes.as_slice()).filter(|_| is_kept);
        if !is_kept && judged.outcome == MailOutcome::Held {
            incoming.body.truncate(incoming.body.floor_char_boundary(TOLD_BYTES));
        }
        if !store::mail::insert(&mut tx, &incoming, fingerprint, raw).await? {
            // Somebody else took the same mail in at this moment.
            tx.rollback().await?;
            return Err(Error::Unavailable { part: "the database", source: "the same mail is just being taken in".into() });
        }
        if let Some(thread) = &judged.thread
            && judged.outcome != MailOutcome::OwnCopy
        {
            self.announce(&mut tx, workspace, thread.ticket, "side_conversation.changed");
        }
        tx.commit().await?;
        tracing::info!(mail.id = %incoming.id, mail.outcome = %judged.outcome, mail.size_bytes = mail.size_bytes, "a mail came in");
        Ok(TakenMail { outcome: judged.outcome, is_new: true })
    }

    /// Takes a mail apart; `None` where it has no head.
    pub(in crate::app) async fn read_mail(&self, mail: &RawMail) -> Result<Option<Read>, Error> {
        let Some(head) = letter::head(&mail.bytes) else { return Ok(None) };
        let is_cut = mail.is_cut();
        let mut tries = 0;
        loop {
            tries += 1;
            return match self.take_apart(mail).await {
                Ok(Extracted { text, enclosed, own_words, .. }) => {
                    let words = own_words.and_then(|words| text.get(words)).unwrap_or_default();
                    Ok(Some(Read { head, words: letter::added(words), enclosed, is_cut, is_opaque: false }))
                }
                Err(error @ (FileError::Start { .. } | FileError::Protocol { .. })) => {
                    Err(Error::Unavailable { part: "the extraction process", source: error.into() })
                }
                // The machine may have had too much to do.
                Err(FileError::Crashed | FileError::TimedOut { .. } | FileError::Stopped) if tries < MOST_READINGS => continue,
                Err(
                    FileError::Unreadable(_)
                    | FileError::UnknownFormat { .. }
                    | FileError::Crashed
                    | FileError::TimedOut { .. }
                    | FileError::TooMuchText { .. }
                    | FileError::Stopped,
                ) => Ok(Some(Read { head, words: String::new(), enclosed: Vec::new(), is_cut, is_opaque: true })),
            };
        }
    }

    async fn take_apart(&self, mail: &RawMail) -> Result<Extracted, FileError> {
        let extraction = self.extraction();
        // Of a mail that was cut the last file is not whole, and the others would only seem to be all.
        let max_enclosed_bytes = if mail.is_cut() { 0 } else { self.mail_limit_bytes() };
        let limits = Limits { max_input_bytes: mail.bytes.len(), max_enclosed_bytes, ..extraction.limits };
        let how = files::Reading { program: &extraction.program, limits: &limits, options: &extraction.options, places: self.places() };
        files::extract_mail(&how, mail.bytes.clone()).await
    }

    /// Makes a mail a message of its side conversation, with its files; a closed one is open again.
    pub(in crate::app) async fn let_in(
        &self,
        tx: &mut Tx,
        thread: &Thread,
        (author, words): (EmailAddress, &str),
        files: &[(Attachment, Sealed)],
    ) -> Result<MessageId, Error> {
        let (workspace, now) = (thread.workspace, self.now());
        let message = Message { id: MessageId::at(now, random()), thread: thread.id, author, body: words.to_owned(), created_at: now };
        let saved = store::thread::add_message(tx, workspace, &message).await?;
        self.enclose(tx, (workspace, POSTMAN), Place::Message(thread.ticket, thread.id, saved.id), files).await?;
        if thread.status == ThreadStatus::Closed {
            store::thread::set_status(tx, workspace, thread.id, ThreadStatus::Open, now).await?;
        }
        self.ticket_changed(tx, workspace, thread.ticket, "side_conversation.answered");
        Ok(saved.id)
    }

    /// Keeps of a mail that cannot be had from the mailbox that it came, so that those behind it can be read.
    pub(in crate::app) async fn pass_over(&self, lease: &MailboxLease, size_bytes: u64, seconds: i64) -> Result<(), Error> {
        let (workspace, now) = (lease.workspace(), self.now());
        let mut tx = self.store().begin().await?;
        if !store::mailbox::advance(&mut tx, lease, now.plus_seconds(seconds)).await? {
            return Err(Error::Conflict("somebody else reads the mailbox by now".to_owned()));
        }
        let named = format!("{}:{}", lease.uid_validity, lease.last_uid);
        let mail = RawMail { bytes: named.into_bytes(), size_bytes };
        let incoming = incoming(workspace, &mail, None, &Judged::alone(MailOutcome::Unreadable), now);
        store::mail::insert(&mut tx, &incoming, &self.fingerprint(workspace, &mail, None), None).await?;
        tx.commit().await?;
        tracing::error!(
            mail.id = %incoming.id,
            mailbox.uid = lease.last_uid,
            mail.size_bytes = size_bytes,
            "a mail could not be had from the mailbox, while those behind it can: look at it there"
        );
        Ok(())
    }

    /// Drops the bytes of mails that are a month old and wait for nobody, and forgets those that are nobody's.
    pub(in crate::app) async fn forget_mails(&self, tx: &mut Tx) -> Result<(), Error> {
        store::mail::sweep(tx, self.now().plus_seconds(-KEPT_SECONDS)).await?;
        Ok(())
    }

    /// What makes it the same mail: not the way that it came, which every server writes on it.
    fn fingerprint(&self, workspace: WorkspaceId, mail: &RawMail, read: Option<&Read>) -> Fingerprint {
        let Some(Read { head, words, enclosed, is_cut, is_opaque }) = read else {
            let whole = hex::encode(Sha256::digest(&mail.bytes));
            return Fingerprint { said: whole.clone(), mail: whole };
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (id, from) = (text(&head.message_id), text(&head.from).to_lowercase());
        // Copies of two tries are two mails.
        let attempt = self.own(workspace, head).and_then(|(_, attempt)| attempt).map(|attempt| attempt.to_string()).unwrap_or_default();
        let below = if *is_opaque { hex::encode(Sha256::digest(&mail.bytes[head_bytes(&mail.bytes)..])) } else { words.clone() };
        let whole = hash(&[&id, &from, &head.date, &head.subject, &below, &attempt]);
        // What has no words, or says the least of it in words, is not said twice.
        let is_said = !words.trim().is_empty() && enclosed.is_empty() && !is_cut;
        Fingerprint { said: if is_said { hash(&[&from, words]) } else { whole.clone() }, mail: whole }
    }
}

/// Whether a mail that waits for nobody is kept as it came.
const fn is_kept(outcome: MailOutcome, bytes: usize, is_in_mailbox: bool) -> bool {
    match outcome {
        MailOutcome::OwnCopy => false,
        // Nobody needs it here who can find it in the mailbox.
        MailOutcome::Unmatched | MailOutcome::Unreadable => !is_in_mailbox && bytes <= KEPT_BYTES,
        MailOutcome::Matched
        | MailOutcome::TooLarge
        | MailOutcome::Held
        | MailOutcome::Dropped
        | MailOutcome::AutoReply
        | MailOutcome::Bounce
        | MailOutcome::Loop => bytes <= KEPT_BYTES,
    }
}

/// Where the head of a mail ends.
fn head_bytes(mail: &[u8]) -> usize {
    let ends = |end: &[u8]| mail.windows(end.len()).position(|window| window == end).map(|at| at + end.len());
    [ends(b"\r\n\r\n"), ends(b"\n\n")].into_iter().flatten().min().unwrap_or(mail.len())
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// What a row keeps of a mail's words: what became a message stands there.
fn kept_words(words: &str, judged: &Judged) -> String {
    let is_shown = match judged.outcome {
        MailOutcome::Held | MailOutcome::Loop | MailOutcome::AutoReply => true,
        MailOutcome::Bounce => judged.reason.is_some(),
        MailOutcome::Matched
        | MailOutcome::TooLarge
        | MailOutcome::Dropped
        | MailOutcome::OwnCopy
        | MailOutcome::Unmatched
        | MailOutcome::Unreadable => false,
    };
    if is_shown { words[..words.floor_char_boundary(KEPT_BYTES)].to_owned() } else { String::new() }
}

fn incoming(workspace: WorkspaceId, mail: &RawMail, read: Option<&Read>, judged: &Judged, received_at: Timestamp) -> IncomingMail {
    let head = read.map(|read| &read.head);
    IncomingMail {
        id: MailId::at(received_at, random()),
        workspace,
        outcome: judged.outcome,
        reason: judged.reason,
        thread: judged.thread.as_ref().map(|thread| thread.id),
        message: judged.message,
        message_id: head.and_then(|head| head.message_id.clone()),
        sender: head.and_then(sender),
        sender_name: head.and_then(|head| head.from_name.clone()),
        subject: head.map(|head| head.subject.clone()).unwrap_or_default(),
        body: read.map(|read| kept_words(&read.words, judged)).unwrap_or_default(),
        size_bytes: mail.size_bytes,
        received_at,
    }
}
