//! What went out of side conversations and came in to them.

use crate::domain::id::{MailId, MessageId};
use crate::domain::mail::{IncomingMail, MailOutcome, MailReason};
use crate::domain::outbox::{Exchange, MessageDelivery, RecipientDelivery, RecipientState, SendReason, SendState};
use crate::web::sample::{at, bytes, email, message, origin, thread_id, workspace};

/// One message sent, one of which nobody knows, and a mail of somebody who does not take part.
pub(super) fn exchange(tom: &str, carla: &str, ingrid: &str) -> Exchange {
    let delivery = |message: MessageId, state, reason, address: &str, recipient| MessageDelivery {
        message,
        state,
        reason,
        since: at("2026-11-20T08:59:00Z"),
        next_at: None,
        attempts: 1,
        created_at: at("2026-11-20T08:58:00Z"),
        recipients: vec![RecipientDelivery { address: email(address), state: recipient, reason: None }],
    };
    let (sent, unknown) = (message(1, 1, tom, "2026-11-20T08:45:00Z", "").id, message(2, 3, tom, "2026-11-20T08:58:00Z", "").id);
    let held = IncomingMail {
        id: MailId::at(origin(), bytes(9, 1)),
        workspace: workspace(),
        outcome: MailOutcome::Held,
        reason: Some(MailReason::Stranger),
        thread: Some(thread_id(2)),
        message: None,
        message_id: None,
        sender: Some(email("lab@kestrel.example")),
        sender_name: None,
        subject: "Re: Swollen BP-20".to_owned(),
        body: "Ingrid asked me to look: which batch is it?".to_owned(),
        size_bytes: 900,
        received_at: at("2026-11-20T09:20:00Z"),
    };
    let automatic = IncomingMail {
        id: MailId::at(origin(), bytes(9, 2)),
        outcome: MailOutcome::AutoReply,
        reason: Some(MailReason::Machine),
        sender: Some(email(ingrid)),
        body: "Your request has the number 4711.".to_owned(),
        ..held.clone()
    };
    Exchange {
        deliveries: vec![
            delivery(sent, SendState::Sent, None, carla, RecipientState::Sent),
            delivery(unknown, SendState::Unknown, Some(SendReason::BrokeOff), ingrid, RecipientState::Sending),
        ],
        mails: vec![held, automatic],
        left: Vec::new(),
    }
}
