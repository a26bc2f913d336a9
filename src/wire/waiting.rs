//! What waits for the desk, out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::panel::LooseEnd;
use crate::domain::waiting::HangingThread;
use crate::wire::told::EndDraftOut;

/// A side conversation that was left hanging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HangingThreadOut {
    /// `answered_not_relayed`, `stalled`, `child_solved` or `open_on_solved`.
    #[schema(examples("stalled"))]
    pub kind: String,
    /// The ticket's id.
    #[schema(format = "uuid")]
    pub ticket: String,
    /// What the ticket is called.
    #[schema(examples("T-1001"))]
    pub ticket_reference: String,
    /// The side conversation's id.
    #[schema(format = "uuid")]
    pub side_conversation: String,
    /// What the side conversation is called.
    #[schema(examples("SC-101"))]
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// What is to be known of it, in English.
    pub text: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub since: String,
    /// The e-mail address of who opened it.
    pub opened_by: String,
    /// The e-mail address of whom it waits on; null once it is answered or closed.
    #[schema(required)]
    pub waiting_on: Option<String>,
    /// What can be sent so that it hangs no more.
    #[schema(required)]
    pub draft: Option<EndDraftOut>,
}

impl From<HangingThread> for HangingThreadOut {
    fn from(thread: HangingThread) -> Self {
        let HangingThread { ticket, subject, opened_by, waiting_on, end } = thread;
        let LooseEnd { kind, thread, reference, reason, since, draft } = end;
        Self {
            kind: kind.as_str().to_owned(),
            ticket: ticket.id.to_string(),
            ticket_reference: ticket.reference,
            side_conversation: thread.to_string(),
            reference,
            subject,
            text: reason.to_string(),
            since: since.to_string(),
            opened_by: opened_by.to_string(),
            waiting_on: waiting_on.map(|email| email.to_string()),
            draft: draft.map(Into::into),
        }
    }
}
