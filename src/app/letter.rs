//! A message of a side conversation as a mail.

use crate::app::App;
use crate::app::error::Error;
use crate::connectors::email::{Enclosure, Letter, Post};
use crate::domain::attachment::Place;
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{MessageId, ThreadId, WorkspaceId};
use crate::domain::outbox::{MessageDelivery, SendReason};
use crate::domain::thread::{Message, Thread};
use crate::domain::vocabulary::EmailAddress;
use crate::store;

impl App {
    /// A message as the mail of its next try, or why it cannot be one.
    pub(super) async fn written(
        &self,
        post: &Post,
        thread: &Thread,
        message: &Message,
        delivery: &MessageDelivery,
    ) -> Result<Result<Vec<u8>, SendReason>, Error> {
        let workspace = thread.workspace;
        let files = match self.enclosures(thread, message.id).await? {
            Ok(files) => files,
            Err(reason) => return Ok(Err(reason)),
        };
        let directory = store::person::directory(self.store(), workspace).await?;
        let name_of = |address: &EmailAddress| directory.people.get(address).map(|person| person.name.as_str());
        let earlier: Vec<String> = store::mail::earlier(self.store(), workspace, thread.id, message.id)
            .await?
            .into_iter()
            .map(|(id, came_as)| came_as.unwrap_or_else(|| self.message_id(post, workspace, thread.id, id)))
            .collect();
        let letter = Letter {
            from: &post.address,
            from_name: name_of(&message.author).unwrap_or(&post.name),
            reply_to: &post.tagged(&store::mail_token::of_thread(self.store(), workspace, thread.id)),
            to: delivery.recipients.iter().map(|recipient| (name_of(&recipient.address), &recipient.address)).collect(),
            subject: &thread.subject,
            body: &message.body,
            message_id: &self.message_id(post, workspace, thread.id, message.id),
            try_mark: &store::mail_token::of_try(self.store(), workspace, message.id, delivery.attempts.saturating_add(1)),
            earlier: &earlier,
            at: message.created_at,
            files,
        };
        Ok(letter.compose().map_err(|_| SendReason::Unfit))
    }

    /// The `Message-ID` of a message, the same at every try; forged by nobody.
    fn message_id(&self, post: &Post, workspace: WorkspaceId, thread: ThreadId, message: MessageId) -> String {
        let of_thread = store::mail_token::of_thread(self.store(), workspace, thread);
        let of_message = store::mail_token::of_message(self.store(), workspace, message);
        format!("{of_thread}.{of_message}@{}", post.address.domain())
    }

    /// The files of a message, or why they cannot go with it.
    async fn enclosures(&self, thread: &Thread, message: MessageId) -> Result<Result<Vec<Enclosure>, SendReason>, Error> {
        let place = Place::Message(thread.ticket, thread.id, message);
        let everything = Scope::new(thread.workspace, Reader::Everything);
        let mut attachments = store::attachment::of_ticket(self.store(), &everything, thread.ticket).await?;
        attachments.retain(|attachment| attachment.place == Some(place));
        if attachments.iter().map(|attachment| attachment.size_bytes).sum::<u64>() > self.email().attachments_bytes {
            return Ok(Err(SendReason::TooLarge));
        }
        let mut files = Vec::with_capacity(attachments.len());
        for attachment in attachments {
            let Some(bytes) = self.blobs().read(thread.workspace, &attachment.hash).await? else { return Ok(Err(SendReason::Unfit)) };
            files.push(Enclosure { name: attachment.name, media_type: attachment.media_type, bytes });
        }
        Ok(Ok(files))
    }
}
