//! To whom a mail belongs that came in, and what becomes of it.
//!
//! A mail belongs to the side conversation whose token it carries: in an address that it went to, else in an id that it refers to. What
//! anybody could have made up decides nothing. Only who takes part is let in at once, and who says to be of the desk only where its own mail
//! server vouches for it; everybody else waits for a person.

use crate::app::App;
use crate::app::error::Error;
use crate::app::mail::Read;
use crate::connectors::email::reason_of_status;
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{MessageId, ThreadId, WorkspaceId};
use crate::domain::job::JobKind;
use crate::domain::mail::{Fingerprint, MailOutcome, MailReason};
use crate::domain::thread::Thread;
use crate::domain::vocabulary::EmailAddress;
use crate::store::{self, Tx};
use crate::text::mail::{self as letter, Head, Kind, Report, Vouched};

/// Within an hour no more mails of one sender become messages of a side conversation, and no more with the same words.
const MOST_IN_AN_HOUR: u32 = 60;
const MOST_SAME_IN_AN_HOUR: u32 = 3;
const HOUR_SECONDS: i64 = 3600;

/// Where a mail belongs, and what becomes of it.
pub(in crate::app) struct Judged {
    pub(in crate::app) outcome: MailOutcome,
    pub(in crate::app) reason: Option<MailReason>,
    pub(in crate::app) thread: Option<Thread>,
    pub(in crate::app) message: Option<MessageId>,
}

impl Judged {
    pub(in crate::app) const fn alone(outcome: MailOutcome) -> Self {
        Self { outcome, reason: None, thread: None, message: None }
    }
}

impl App {
    /// Where a mail belongs, and what becomes of it; says of messages what it tells of them.
    pub(in crate::app) async fn judge(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        read: &Read,
        fingerprint: &Fingerprint,
    ) -> Result<Judged, Error> {
        let Read { head, enclosed, .. } = read;
        if let Some(sent) = self.own(workspace, head) {
            return self.own_copy(tx, workspace, sent).await;
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
        let (outcome, reason) = match head.kind {
            Kind::Report => {
                let message = told_of.filter(|(of, _)| *of == id).map(|(_, message)| message);
                return self.bounced(tx, thread, &report, message).await;
            }
            Kind::Machine => (MailOutcome::AutoReply, Some(MailReason::Machine)),
            Kind::Person => self.admit(tx, &thread, read, fingerprint).await?,
        };
        Ok(Judged { outcome, reason, thread: Some(thread), message: None })
    }

    /// Whether a mail becomes a message of its side conversation, or why not.
    async fn admit(
        &self,
        tx: &mut Tx,
        thread: &Thread,
        read: &Read,
        fingerprint: &Fingerprint,
    ) -> Result<(MailOutcome, Option<MailReason>), Error> {
        let Read { head, is_cut, is_opaque, .. } = read;
        let workspace = thread.workspace;
        let held = |reason| Ok((MailOutcome::Held, Some(reason)));
        let Some(sender) = sender(head) else { return held(MailReason::Stranger) };
        let since = self.now().plus_seconds(-HOUR_SECONDS);
        let traffic = store::mail::traffic(tx, workspace, thread.id, (&sender, &fingerprint.said), since).await?;
        if traffic.same >= MOST_SAME_IN_AN_HOUR || traffic.mails >= MOST_IN_AN_HOUR {
            return Ok((MailOutcome::Loop, Some(MailReason::TooMany)));
        }
        if head.is_of_several {
            return held(MailReason::SeveralSenders);
        }
        let vouched = self.email().authserv_id.as_deref().map_or(Vouched::Unsaid, |own| letter::vouched(head, own));
        if vouched == Vouched::No {
            return held(MailReason::Forged);
        }
        // Everybody who was asked has the token: with it alone nobody speaks for the desk.
        let is_of_the_desk = thread.opened_by == sender || store::user::by_email(&mut *tx, workspace, &sender).await?.is_some();
        if is_of_the_desk && vouched != Vouched::Yes {
            return held(MailReason::OfTheDesk);
        }
        if !thread.participants.contains(&sender) && thread.opened_by != sender {
            return held(MailReason::Stranger);
        }
        if *is_opaque {
            return held(MailReason::Unread);
        }
        Ok((if *is_cut { MailOutcome::TooLarge } else { MailOutcome::Matched }, None))
    }

    /// The desk's own copy of a try of a message: it was sent, whatever became of the line.
    async fn own_copy(&self, tx: &mut Tx, workspace: WorkspaceId, (message, attempt): (MessageId, Option<u32>)) -> Result<Judged, Error> {
        if let Some(attempt) = attempt
            && store::outbox::confirm(tx, workspace, message, attempt, self.now()).await?
        {
            // Those who were not to have it yet.
            self.enqueue(tx, workspace, JobKind::SendMessage(message));
            self.tell_of(tx, workspace, message).await?;
        }
        let is_known = store::outbox::get(&mut *tx, workspace, message).await?.is_some();
        Ok(Judged { message: is_known.then_some(message), ..Judged::alone(MailOutcome::OwnCopy) })
    }

    /// Says of each message that came back from whom; what can be said of nobody is shown as it is.
    async fn bounced(&self, tx: &mut Tx, thread: Thread, report: &Report, of: Option<MessageId>) -> Result<Judged, Error> {
        let (workspace, mut message) = (thread.workspace, of);
        let mut is_lost = report.failed.is_empty() && !report.is_on_its_way;
        for failed in &report.failed {
            let mut is_known = false;
            for address in failed.addresses.iter().filter_map(|address| address.parse::<EmailAddress>().ok()) {
                let of = match of {
                    Some(of) => Some(of),
                    None => store::outbox::last_sent_to(&mut *tx, workspace, thread.id, &address).await?,
                };
                if let Some(of) = of
                    && store::outbox::bounce(tx, workspace, of, &address, reason_of_status(&failed.status)).await?
                {
                    (message, is_known) = (Some(of), true);
                    break;
                }
            }
            is_lost |= !is_known;
        }
        let reason = is_lost.then_some(MailReason::Undelivered);
        Ok(Judged { outcome: MailOutcome::Bounce, reason, thread: Some(thread), message })
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

    /// The message whose mail of the desk's own this is, and the number of the try that it was sent at.
    pub(in crate::app) fn own(&self, workspace: WorkspaceId, head: &Head) -> Option<(MessageId, Option<u32>)> {
        let (_, message) = self.sent_under(workspace, head.message_id.as_deref()?)?;
        let mark = head.try_mark.as_deref();
        Some((message, mark.and_then(|mark| store::mail_token::attempt(self.store(), workspace, message, mark))))
    }
}

/// Who says to have written a mail.
pub(in crate::app) fn sender(head: &Head) -> Option<EmailAddress> {
    head.from.as_deref()?.parse().ok()
}
