//! Mails that come in, by whatever way: each is kept once, with what became of it, in one transaction with what it brings.
//!
//! A mail belongs to the side conversation whose token it carries: in an address that it went to, else in an id that it refers to. What
//! anybody could have made up decides nothing. Only who takes part is let in at once; everybody else waits for a person.

use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::blobs::Sealed;
use crate::connectors::email::reason_of_status;
use crate::connectors::files::{self, FileError};
use crate::domain::attachment::{Attachment, Place};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{MailId, MessageId, ThreadId, WorkspaceId};
use crate::domain::job::JobKind;
use crate::domain::mail::{Fingerprint, HeldChoice, IncomingMail, MailOutcome};
use crate::domain::thread::{Message, Thread, ThreadHistory};
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{EmailAddress, ThreadStatus};
use crate::store::mailbox::MailboxLease;
use crate::store::{self, Tx};
use crate::text::extract::{Enclosed, Extracted, Limits};
use crate::text::mail::{self as letter, Head, Kind, Report};

/// Who uploads the files of mails, as the trail and the rows name them.
const POSTMAN: &str = "mail";
/// Within an hour no more mails become messages of one side conversation, and no more with the same words of one sender.
const MOST_IN_AN_HOUR: u32 = 60;
const MOST_SAME_IN_AN_HOUR: u32 = 3;
const HOUR_SECONDS: i64 = 3600;
/// A mail that became a message is kept as it came while it is no larger.
const KEPT_BYTES: usize = 256 << 10;
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
struct Read {
    head: Head,
    /// What it adds to what was said before.
    words: String,
    enclosed: Vec<Enclosed>,
    is_cut: bool,
}

/// Where a mail belongs, and what becomes of it.
struct Judged {
    outcome: MailOutcome,
    thread: Option<Thread>,
    message: Option<MessageId>,
}

impl Judged {
    const fn alone(outcome: MailOutcome) -> Self {
        Self { outcome, thread: None, message: None }
    }
}

impl RawMail {
    /// A mail that is here as a whole.
    #[must_use]
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self { size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX), bytes }
    }

    fn is_cut(&self) -> bool {
        u64::try_from(self.bytes.len()).is_ok_and(|bytes| bytes < self.size_bytes)
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
    pub async fn receive_mail(&self, actor: &Actor, workspace: &str, bytes: Vec<u8>) -> Result<TakenMail, Error> {
        self.allow(actor, Permission::Feed)?;
        let own = store::workspace::get(self.store(), actor.workspace).await?;
        let is_own = own.is_some_and(|own| own.slug.as_str() == workspace || own.id.to_string() == workspace);
        if !is_own {
            return Err(Error::NotFound { kind: "workspace", id: workspace.chars().take(80).collect() });
        }
        self.take_mail(actor.workspace, &RawMail::whole(bytes), None).await
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
        let fingerprint = fingerprint(mail, read.as_ref());
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
            judged.message = self.let_in(&mut tx, thread, read, files).await?;
        }
        let incoming = incoming(workspace, mail, read, &judged, now);
        let raw = Some(mail.bytes.as_slice()).filter(|bytes| is_kept(judged.outcome, bytes.len(), place.is_some()));
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

    /// Takes a mail apart; `None` where there is nothing to be read in it.
    async fn read_mail(&self, mail: &RawMail) -> Result<Option<Read>, Error> {
        let Some(head) = letter::head(&mail.bytes) else { return Ok(None) };
        let is_cut = mail.is_cut();
        let extraction = self.extraction();
        // Of a mail that was cut the last file is not whole, and the others would only seem to be all.
        let max_enclosed_bytes = if is_cut { 0 } else { usize::try_from(self.email().incoming_bytes).unwrap_or(usize::MAX) };
        let limits = Limits { max_input_bytes: mail.bytes.len(), max_enclosed_bytes, ..extraction.limits };
        let bytes = mail.bytes.clone();
        let how = files::Reading { program: &extraction.program, limits: &limits, options: &extraction.options, places: self.places() };
        match files::extract_mail(&how, bytes).await {
            Ok(Extracted { text, enclosed, own_words, .. }) => {
                let words = own_words.and_then(|words| text.get(words)).unwrap_or_default();
                Ok(Some(Read { head, words: letter::added(words), enclosed, is_cut }))
            }
            Err(error @ (FileError::Start { .. } | FileError::Protocol { .. })) => {
                Err(Error::Unavailable { part: "the extraction process", source: error.into() })
            }
            Err(
                FileError::Unreadable(_)
                | FileError::UnknownFormat { .. }
                | FileError::Crashed
                | FileError::TimedOut { .. }
                | FileError::TooMuchText { .. }
                | FileError::Stopped,
            ) => Ok(None),
        }
    }

    /// Where a mail belongs, and what becomes of it; says of messages what it tells of them.
    async fn judge(&self, tx: &mut Tx, workspace: WorkspaceId, read: &Read, fingerprint: &Fingerprint) -> Result<Judged, Error> {
        let Read { head, enclosed, is_cut, .. } = read;
        if let Some((_, message)) = head.message_id.as_deref().and_then(|id| self.sent_under(workspace, id)) {
            return self.own_copy(tx, workspace, message).await;
        }
        let report = if head.kind == Kind::Report { letter::report(enclosed) } else { Report::default() };
        let told_of = report.message_ids.iter().find_map(|id| self.sent_under(workspace, id));
        let token = head.recipients.iter().find_map(|address| self.thread_of_address(workspace, address));
        let referred = || head.refers_to.iter().find_map(|id| self.thread_of_id(workspace, id));
        let everything = Scope::new(workspace, Reader::Everything);
        let Some(id) = token.or_else(referred).or(told_of.map(|(thread, _)| thread)) else {
            return Ok(Judged::alone(MailOutcome::Unmatched));
        };
        // Nobody moves, closes or changes it until this mail is kept.
        store::thread::hold(tx, workspace, id).await?;
        let Some(thread) = store::thread::head(&mut *tx, &everything, id).await? else {
            return Ok(Judged::alone(MailOutcome::Unmatched));
        };
        match head.kind {
            Kind::Report => {
                let message = told_of.filter(|(of, _)| *of == id).map(|(_, message)| message);
                return self.bounced(tx, thread, &report.failed, message).await;
            }
            Kind::Machine => return Ok(Judged { outcome: MailOutcome::AutoReply, thread: Some(thread), message: None }),
            Kind::Person => {}
        }
        let since = self.now().plus_seconds(-HOUR_SECONDS);
        let traffic = store::mail::traffic(tx, workspace, id, &fingerprint.said, since).await?;
        let sender = sender(head);
        let takes_part = |sender: &EmailAddress| thread.participants.contains(sender) || thread.opened_by == *sender;
        let outcome = if traffic.same >= MOST_SAME_IN_AN_HOUR || traffic.mails >= MOST_IN_AN_HOUR {
            MailOutcome::Loop
        } else if !sender.as_ref().is_some_and(takes_part) {
            MailOutcome::Held
        } else if *is_cut {
            MailOutcome::TooLarge
        } else {
            MailOutcome::Matched
        };
        Ok(Judged { outcome, thread: Some(thread), message: None })
    }

    /// The desk's own copy of a message: it was sent, whatever became of the line.
    async fn own_copy(&self, tx: &mut Tx, workspace: WorkspaceId, message: MessageId) -> Result<Judged, Error> {
        if store::outbox::confirm(tx, workspace, message, self.now()).await? {
            // Those who were not to have it yet.
            self.enqueue(tx, workspace, JobKind::SendMessage(message));
            self.tell_of(tx, workspace, message).await?;
        }
        let is_known = store::outbox::get(&mut *tx, workspace, message).await?.is_some();
        Ok(Judged { outcome: MailOutcome::OwnCopy, thread: None, message: is_known.then_some(message) })
    }

    /// Says of each message that came back from whom.
    async fn bounced(&self, tx: &mut Tx, thread: Thread, failed: &[(String, String)], of: Option<MessageId>) -> Result<Judged, Error> {
        let (workspace, mut message) = (thread.workspace, of);
        for (address, status) in failed {
            let Ok(address) = address.parse::<EmailAddress>() else { continue };
            let of = match of {
                Some(of) => Some(of),
                None => store::outbox::last_sent_to(&mut *tx, workspace, thread.id, &address).await?,
            };
            if let Some(of) = of
                && store::outbox::bounce(tx, workspace, of, &address, reason_of_status(status)).await?
            {
                message = Some(of);
            }
        }
        Ok(Judged { outcome: MailOutcome::Bounce, thread: Some(thread), message })
    }

    /// Makes a mail a message of its side conversation, with its files; a closed one is open again.
    async fn let_in(&self, tx: &mut Tx, thread: &Thread, read: &Read, files: &[(Attachment, Sealed)]) -> Result<Option<MessageId>, Error> {
        let Some(author) = sender(&read.head) else { return Ok(None) };
        let (workspace, now) = (thread.workspace, self.now());
        let message = Message { id: MessageId::at(now, random()), thread: thread.id, author, body: read.words.clone(), created_at: now };
        let saved = store::thread::add_message(tx, workspace, &message).await?;
        self.enclose(tx, (workspace, POSTMAN), Place::Message(thread.ticket, thread.id, saved.id), files).await?;
        if thread.status == ThreadStatus::Closed {
            store::thread::set_status(tx, workspace, thread.id, ThreadStatus::Open, now).await?;
        }
        self.ticket_changed(tx, workspace, thread.ticket, "side_conversation.answered");
        Ok(Some(saved.id))
    }

    /// Decides about a mail that is held; gives its side conversation.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a mail whose side conversation is not in the actor's workspace; [`Error::Conflict`] for one that is not held.
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
        read: Option<&Read>,
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
                (outcome, self.let_in(&mut tx, &held, read, files).await?)
            }
            None => (MailOutcome::Dropped, None),
        };
        if !store::mail::decide(&mut tx, workspace, mail.id, (outcome, message), &actor.name).await? {
            tx.rollback().await?;
            return Err(Error::Conflict("somebody has decided about this mail already".to_owned()));
        }
        if let Some(sender) = mail.sender.as_ref().filter(|sender| read.is_some() && !held.participants.contains(sender)) {
            let participants: Vec<EmailAddress> = held.participants.iter().chain([sender]).cloned().collect();
            store::thread::set_participants(&mut tx, workspace, thread, &participants).await?;
        }
        self.announce(&mut tx, workspace, held.ticket, "side_conversation.changed");
        let action = if read.is_some() { "mail.accept" } else { "mail.drop" };
        self.record(&mut tx, actor, action, &mail.id.to_string());
        Ok(tx.commit().await?)
    }

    /// A held mail once more, with its files as far as they are still here.
    async fn read_held(&self, mail: &IncomingMail) -> Result<Read, Error> {
        if mail.sender.is_none() {
            return Err(Error::Conflict("this mail does not say who wrote it: it can only be dropped".to_owned()));
        }
        let raw = store::mail::raw(self.store(), mail.workspace, mail.id).await?;
        let read = match raw {
            Some(bytes) => self.read_mail(&RawMail { bytes, size_bytes: mail.size_bytes }).await?,
            None => None,
        };
        read.ok_or_else(|| Error::Conflict("this mail cannot be read any more: it can only be dropped".to_owned()))
    }

    /// Drops the bytes of mails that are a month old and wait for nobody.
    pub(in crate::app) async fn forget_mails(&self, tx: &mut Tx) -> Result<(), Error> {
        store::mail::sweep(tx, self.now().plus_seconds(-KEPT_SECONDS)).await?;
        Ok(())
    }

    /// The side conversation whose token stands behind the `+` of an address.
    fn thread_of_address(&self, workspace: WorkspaceId, address: &str) -> Option<ThreadId> {
        let (local, _) = address.rsplit_once('@')?;
        store::mail_token::thread(self.store(), workspace, local.rsplit_once('+')?.1)
    }

    /// The side conversation whose token begins an id of ours.
    fn thread_of_id(&self, workspace: WorkspaceId, id: &str) -> Option<ThreadId> {
        store::mail_token::thread(self.store(), workspace, id.split_once('@')?.0.split_once('.')?.0)
    }

    /// The message that was sent under an id of ours.
    fn sent_under(&self, workspace: WorkspaceId, id: &str) -> Option<(ThreadId, MessageId)> {
        let thread = self.thread_of_id(workspace, id)?;
        let message = store::mail_token::message(self.store(), workspace, id.split_once('@')?.0.split_once('.')?.1)?;
        Some((thread, message))
    }
}

/// Whether a mail is kept as it came.
const fn is_kept(outcome: MailOutcome, bytes: usize, is_in_mailbox: bool) -> bool {
    match outcome {
        MailOutcome::OwnCopy => false,
        MailOutcome::Matched | MailOutcome::TooLarge => bytes <= KEPT_BYTES,
        // Nobody needs it here who can find it in the mailbox.
        MailOutcome::Unmatched | MailOutcome::Unreadable => !is_in_mailbox,
        MailOutcome::Held | MailOutcome::Dropped | MailOutcome::AutoReply | MailOutcome::Bounce | MailOutcome::Loop => true,
    }
}

fn sender(head: &Head) -> Option<EmailAddress> {
    head.from.as_deref()?.parse().ok()
}

fn incoming(workspace: WorkspaceId, mail: &RawMail, read: Option<&Read>, judged: &Judged, received_at: Timestamp) -> IncomingMail {
    let head = read.map(|read| &read.head);
    IncomingMail {
        id: MailId::at(received_at, random()),
        workspace,
        outcome: judged.outcome,
        thread: judged.thread.as_ref().map(|thread| thread.id),
        message: judged.message,
        message_id: head.and_then(|head| head.message_id.clone()),
        sender: head.and_then(sender),
        sender_name: head.and_then(|head| head.from_name.clone()),
        subject: head.map(|head| head.subject.clone()).unwrap_or_default(),
        // What became a message stands there.
        body: read.filter(|_| judged.outcome == MailOutcome::Held).map(|read| read.words.clone()).unwrap_or_default(),
        size_bytes: mail.size_bytes,
        received_at,
    }
}

/// What makes it the same mail: not the way that it came, which every server writes on it.
fn fingerprint(mail: &RawMail, read: Option<&Read>) -> Fingerprint {
    let hash = |parts: &[&str]| {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hex::encode(hash.finalize())
    };
    let Some(Read { head, words, .. }) = read else {
        let whole = hex::encode(Sha256::digest(&mail.bytes));
        return Fingerprint { said: whole.clone(), mail: whole };
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (id, from) = (text(&head.message_id), text(&head.from).to_lowercase());
    Fingerprint { mail: hash(&[&id, &from, &head.date, &head.subject, words]), said: hash(&[&from, words]) }
}
