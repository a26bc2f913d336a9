//! How messages stand on their way out of the desk, and mails on their way in; what a person says about them.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Redirect;

use crate::domain::id::{MailId, MessageId, ThreadId};
use crate::domain::mail::{HeldChoice, IncomingMail, MailOutcome, MailReason};
use crate::domain::outbox::{Exchange, MessageDelivery, RecipientState, SendChoice, SendReason, SendState};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, ThreadChannel};
use crate::web::Web;
use crate::web::form::Posted;
use crate::web::problem::Problem;
use crate::web::session::Named;

/// Where a message stands on its way out.
pub(super) struct Leaving {
    /// The message.
    pub(super) message: MessageId,
    /// How it travels.
    pub(super) by: ThreadChannel,
    /// Where it stands.
    pub(super) state: SendState,
    /// Why, where that needs saying.
    pub(super) reason: Option<SendReason>,
    /// Since when it stands there.
    pub(super) since: Timestamp,
    /// When it is tried again.
    pub(super) next_at: Option<Timestamp>,
    /// Those who do not get it though others do, by name, and why.
    pub(super) missed: Vec<(String, SendReason)>,
    /// Whether it can be sent again.
    pub(super) may_go_again: bool,
}

/// A mail that a person has to look at.
pub(super) struct Waiting<'a> {
    /// The mail.
    pub(super) mail: &'a IncomingMail,
    /// Who says to have written it.
    pub(super) sender: String,
    /// Why it did not become a message.
    pub(super) reason: MailReason,
    /// Whether a person says what becomes of it.
    pub(super) is_open: bool,
}

/// What a machine answered.
pub(super) struct Automatic<'a> {
    /// The mail.
    pub(super) mail: &'a IncomingMail,
    /// For whom.
    pub(super) sender: String,
}

impl Leaving {
    /// Where a message stands, if it leaves the desk; `name` tells what people are called.
    pub(super) fn of(
        exchange: &Exchange,
        (message, by): (MessageId, ThreadChannel),
        name: impl Fn(&EmailAddress) -> String,
    ) -> Option<Self> {
        let delivery = exchange.of(message)?;
        let MessageDelivery { state, reason, since, next_at, recipients, .. } = delivery;
        let missed = recipients.iter().filter(|recipient| matches!(recipient.state, RecipientState::Refused | RecipientState::Bounced));
        // Where nobody has it the state says so once.
        let named = missed.filter(|_| *state != SendState::Refused);
        Some(Self {
            message,
            by,
            state: *state,
            reason: *reason,
            since: *since,
            next_at: *next_at,
            missed: named.map(|recipient| (name(&recipient.address), recipient.reason.unwrap_or(SendReason::Rejected))).collect(),
            may_go_again: delivery.is_missed() && !matches!(state, SendState::Queued | SendState::Sending),
        })
    }
}

/// The mails of a side conversation that a person has to look at; what machines answered apart.
pub(super) fn held(exchange: &Exchange, thread: ThreadId) -> Vec<Waiting<'_>> {
    let mails = exchange.to_look_at(thread).filter(|mail| mail.outcome != MailOutcome::AutoReply);
    mails
        .filter_map(|mail| Some(Waiting { mail, sender: sender(mail), reason: mail.reason?, is_open: mail.outcome != MailOutcome::Bounce }))
        .collect()
}

/// What machines answered in a side conversation.
pub(super) fn automatic(exchange: &Exchange, thread: ThreadId, name: impl Fn(&EmailAddress) -> String) -> Vec<Automatic<'_>> {
    let mails = exchange.mails_of(thread, MailOutcome::AutoReply);
    mails.map(|mail| Automatic { mail, sender: mail.sender.as_ref().map_or_else(|| sender(mail), &name) }).collect()
}

/// How large the mail was whose files stayed in the mailbox.
pub(super) fn left_bytes(exchange: &Exchange, thread: ThreadId, message: MessageId) -> Option<u64> {
    exchange.mails_of(thread, MailOutcome::TooLarge).find(|mail| mail.message == Some(message)).map(|mail| mail.size_bytes)
}

/// Somebody nobody here knows is shown by their address: a name is easily taken.
fn sender(mail: &IncomingMail) -> String {
    mail.sender.as_ref().map_or_else(|| "?".to_owned(), EmailAddress::to_string)
}

/// Says what becomes of a message that was refused, or of which nobody knows.
pub(super) async fn decide_message(
    State(web): State<Web>,
    Named(id): Named,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Redirect, Problem> {
    let id: MessageId = id.parse().map_err(|_| Problem::not_found())?;
    let choice: SendChoice = fields.text("action").parse().map_err(Problem::refused_below)?;
    web.app.decide_message(&session.actor, id, choice).await?;
    Ok(web.back_to(&headers, &format!("message-{id}")))
}

/// Lets a mail in, or drops it.
pub(super) async fn decide_mail(
    State(web): State<Web>,
    Named(id): Named,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Redirect, Problem> {
    let id: MailId = id.parse().map_err(|_| Problem::not_found())?;
    let choice: HeldChoice = fields.text("action").parse().map_err(Problem::refused_below)?;
    let history = web.app.decide_mail(&session.actor, id, choice).await?;
    Ok(web.back_to(&headers, &format!("thread-{}", history.thread.id)))
}
