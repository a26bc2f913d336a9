//! Attachments: taking files in, sending them with a message, giving them out, and removing them.

use std::io::{self, SeekFrom};
use std::ops::Range;

use futures::stream::{self, Stream};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::blobs::{BlobError, Incoming, Sealed};
use crate::domain::attachment::{Attachment, ContentHash, Place, Reading, file_name};
use crate::domain::id::{AttachmentId, TicketId, WorkspaceId};
use crate::domain::intake::NewAttachment;
use crate::domain::job::JobKind;
use crate::domain::user::{Actor, Permission};
use crate::store::attachment::{Sending, Unsent};
use crate::store::{self, Tx};
use crate::text::extract::media_type;

/// Files leave in pieces of so many bytes.
const PIECE_BYTES: u64 = 64 << 10;
/// A message has at most so many.
pub const MOST_FILES_OF_A_MESSAGE: usize = 20;

/// How much one uploader may have waiting to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsentLimits {
    /// How many files.
    pub files: u64,
    /// Their bytes, together.
    pub bytes: u64,
}

/// A file that is given out.
#[derive(Debug)]
pub struct StoredFile {
    /// What is known of it.
    pub attachment: Attachment,
    /// In which encoding its letters are written; `None` for what is no plain text.
    pub charset: Option<&'static str>,
    /// Its bytes.
    pub file: File,
}

/// A file that is being taken in; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Upload(Incoming);

/// A file that has arrived whole and that nobody can see yet; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Received(Sealed);

impl Upload {
    /// Takes the next piece.
    ///
    /// # Errors
    /// [`Error::TooLarge`] as soon as the limit is passed.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), Error> {
        Ok(self.0.write(piece).await?)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a file without a byte.
    pub async fn finish(self) -> Result<Received, Error> {
        let sealed = self.0.seal().await?;
        if sealed.size_bytes() == 0 {
            return Err(Error::invalid("file", "the file is empty: choose another"));
        }
        Ok(Received(sealed))
    }
}

impl Received {
    /// The hash of its bytes.
    #[must_use]
    pub const fn hash(&self) -> &ContentHash {
        self.0.hash()
    }
}

impl App {
    /// The largest file that is taken in, in bytes.
    #[must_use]
    pub fn attachment_limit_bytes(&self) -> u64 {
        self.blobs().limit_bytes()
    }

    /// Begins to take a file in.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not write; [`Error::TooMuchUnsent`] when as much waits already as may.
    pub async fn receive_attachment(&self, actor: &Actor) -> Result<Upload, Error> {
        self.allow(actor, Permission::Work)?;
        // Before the file comes, so that nobody fills the disk with what will be refused.
        self.check_unsent(&store::attachment::unsent(self.store(), actor.workspace, &actor.name).await?, 1)?;
        Ok(Upload(self.blobs().receive().await?))
    }

    /// Refuses another file of so many bytes where too much waits already.
    fn check_unsent(&self, waiting: &Unsent, size_bytes: u64) -> Result<(), Error> {
        let UnsentLimits { files, bytes } = self.unsent_limits();
        let fits = waiting.files < files && waiting.bytes.saturating_add(size_bytes) <= bytes;
        if fits { Ok(()) } else { Err(Error::TooMuchUnsent { limit_files: files, limit_bytes: bytes }) }
    }

    /// Keeps a file that has arrived; until it is sent with a message it is its uploader's alone, and is forgotten after a day.
    ///
    /// # Errors
    /// [`Error::TooMuchUnsent`], and whatever disk and store say; then nothing of it can be seen.
    pub async fn put_attachment(&self, actor: &Actor, new: NewAttachment, received: Received) -> Result<Attachment, Error> {
        self.allow(actor, Permission::Work)?;
        let attachment = self.described(actor.workspace, &actor.name, new, &received.0);
        self.blobs().keep(actor.workspace, &received.0).await?;
        let mut tx = self.store().begin().await?;
        // Uploads that end at the same moment are counted one after the other.
        store::attachment::hold_uploads(&mut tx, actor.workspace).await?;
        let waiting = store::attachment::unsent(&mut tx, actor.workspace, &actor.name).await?;
        if let Err(refused) = self.check_unsent(&waiting, attachment.size_bytes) {
            tx.rollback().await?;
            self.discard(actor.workspace, &attachment.hash).await?;
            return Err(refused);
        }
        self.add_kept(tx, attachment, &received.0).await
    }

    pub(super) fn described(&self, workspace: WorkspaceId, uploader: &str, new: NewAttachment, sealed: &Sealed) -> Attachment {
        let NewAttachment { name, declared_type } = new;
        let name = file_name(&name);
        let media_type = media_type::detect(&name, sealed.head());
        let now = self.now();
        Attachment {
            id: AttachmentId::at(now, random()),
            workspace,
            hash: sealed.hash().clone(),
            claimed_type: media_type::false_claim(&name, declared_type.as_deref(), &media_type),
            name,
            media_type,
            size_bytes: sealed.size_bytes(),
            uploaded_by: uploader.to_owned(),
            created_at: now,
            place: None,
            reading: Reading::waiting(),
        }
    }

    /// Adds the row of a file that is kept.
    async fn add_kept(&self, mut tx: Tx, attachment: Attachment, sealed: &Sealed) -> Result<Attachment, Error> {
        store::attachment::insert(&mut tx, &attachment).await?;
        tx.commit().await?;
        self.keep_still(attachment.workspace, sealed).await?;
        Ok(attachment)
    }

    /// Keeps the bytes of a row that was just committed once more if they are gone: whoever removed the last attachment with these bytes
    /// at this moment may have taken the file for one that nobody needs.
    pub(super) async fn keep_still(&self, workspace: WorkspaceId, sealed: &Sealed) -> Result<(), Error> {
        if !self.blobs().has(workspace, sealed.hash()).await? {
            self.blobs().keep(workspace, sealed).await?;
        }
        Ok(())
    }

    /// Keeps a file whose bytes are at hand and that is sent at once, so that no limit is set to it; see [`App::put_attachment`].
    pub(super) async fn put_bytes(&self, actor: &Actor, new: NewAttachment, bytes: &[u8]) -> Result<Attachment, Error> {
        self.allow(actor, Permission::Work)?;
        let mut upload = Upload(self.blobs().receive().await?);
        upload.write(bytes).await?;
        let Received(sealed) = upload.finish().await?;
        let attachment = self.described(actor.workspace, &actor.name, new, &sealed);
        self.blobs().keep(actor.workspace, &sealed).await?;
        self.add_kept(self.store().begin().await?, attachment, &sealed).await
    }

    /// Does what sends files that came for nothing else; where it is refused they are forgotten, and fill nobody's quota.
    ///
    /// # Errors
    /// Those of `verb`.
    pub async fn or_take_back<T, E>(
        &self,
        actor: &Actor,
        uploaded: &[AttachmentId],
        verb: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let done = verb.await;
        if done.is_err()
            && let Err(error) = self.take_back(actor, uploaded).await
        {
            tracing::warn!(problem.causes = &error as &dyn std::error::Error, "files that were not sent wait until they are forgotten");
        }
        done
    }

    /// Takes back what the actor uploaded and did not send; what was sent stays.
    async fn take_back(&self, actor: &Actor, uploaded: &[AttachmentId]) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        let mut hashes = Vec::new();
        for id in uploaded {
            hashes.extend(store::attachment::take_back(&mut tx, actor.workspace, &actor.name, *id).await?);
        }
        tx.commit().await?;
        for hash in hashes {
            self.discard(actor.workspace, &hash).await?;
        }
        Ok(())
    }

    /// What is known of an attachment.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one whose message the actor may not see, or that somebody else has not sent yet.
    pub async fn attachment(&self, actor: &Actor, id: AttachmentId) -> Result<Attachment, Error> {
        self.allow(actor, Permission::Read)?;
        store::attachment::get(self.store(), &actor.scope(), &actor.name, id).await?.ok_or_else(|| not_found(id))
    }

    /// An attachment with its bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`] as for [`App::attachment`], and when the bytes are gone from the disk.
    pub async fn attachment_file(&self, actor: &Actor, id: AttachmentId) -> Result<StoredFile, Error> {
        let attachment = self.attachment(actor, id).await?;
        let file = self.blobs().open_file(actor.workspace, &attachment.hash).await?;
        let Some(mut file) = file else {
            tracing::error!(attachment.id = %id, "the bytes of an attachment are not where they should be: restore a backup of the attachments");
            return Err(not_found(id));
        };
        let unreadable = |source: io::Error| Error::Unavailable { part: "the disk", source: source.into() };
        let charset = if attachment.is_plain() { Some(charset(&mut file).await.map_err(unreadable)?) } else { None };
        Ok(StoredFile { attachment, charset, file })
    }

    /// The bytes of a file from `range`, piece by piece.
    pub fn pieces(file: File, range: Range<u64>) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
        stream::try_unfold((file, range, false), |(mut file, range, is_placed)| async move {
            if range.is_empty() {
                return Ok(None);
            }
            if !is_placed && range.start > 0 {
                file.seek(SeekFrom::Start(range.start)).await?;
            }
            let wanted = (range.end - range.start).min(PIECE_BYTES);
            let mut piece = Vec::with_capacity(usize::try_from(wanted).unwrap_or(0));
            let read = (&mut file).take(wanted).read_to_end(&mut piece).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let next = range.start + u64::try_from(read).unwrap_or(wanted);
            Ok(Some((piece, (file, next..range.end, true))))
        })
    }

    /// The attachments of a ticket, its comments and its side conversations, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn attachments_of(&self, actor: &Actor, ticket: TicketId) -> Result<Vec<Attachment>, Error> {
        self.allow(actor, Permission::Read)?;
        self.ticket_exists(actor, ticket).await?;
        Ok(store::attachment::of_ticket(self.store(), &actor.scope(), ticket).await?)
    }

    /// Removes an attachment, what the index has of it, and its bytes unless others have the same.
    ///
    /// # Errors
    /// [`Error::NotFound`] as for [`App::attachment`]; [`Error::Forbidden`] for one that was sent, unless the actor administers.
    pub async fn delete_attachment(&self, actor: &Actor, id: AttachmentId) -> Result<(), Error> {
        self.allow(actor, Permission::Work)?;
        let mut tx = self.store().begin().await?;
        let mut removed = store::attachment::take_back(&mut tx, actor.workspace, &actor.name, id).await?;
        if removed.is_none() {
            let found = store::attachment::get(&mut tx, &actor.scope(), &actor.name, id).await?;
            let place = found.and_then(|found| found.place).ok_or_else(|| not_found(id))?;
            self.allow(actor, Permission::Administer)?;
            removed = store::attachment::remove(&mut tx, actor.workspace, id).await?;
            self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
            self.announce(&mut tx, actor.workspace, place.ticket(), "attachment.removed");
            self.record(&mut tx, actor, "attachment.delete", &id.to_string());
        }
        tx.commit().await?;
        if let Some(hash) = removed {
            self.discard(actor.workspace, &hash).await?;
        }
        Ok(())
    }

    /// Sends attachments that the actor uploaded with a message that the transaction has just written; answers whether any is new there.
    ///
    /// # Errors
    /// [`Error::Invalid`] at the first that is unknown, or that belongs to another message; `field` is the list's name.
    pub(super) async fn send_attachments(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        ids: &[AttachmentId],
        place: Place,
        field: &str,
    ) -> Result<bool, Error> {
        if ids.len() > MOST_FILES_OF_A_MESSAGE {
            return Err(Error::invalid(
                field,
                format!("a message has at most {MOST_FILES_OF_A_MESSAGE} files: send the rest with another one"),
            ));
        }
        let mut any = false;
        for (position, id) in ids.iter().enumerate() {
            let refuse = |reason: &str| Err(Error::invalid(format!("{field}/{position}"), reason));
            match store::attachment::send(tx, actor.workspace, &actor.name, *id, place).await? {
                Sending::Sent => {
                    self.enqueue(tx, actor.workspace, JobKind::ReadAttachment(*id));
                    any = true;
                }
                Sending::Known => {}
                Sending::Elsewhere => return refuse("this file belongs to another message: upload it again for this one"),
                Sending::Unknown => {
                    return refuse("you have no such file: upload it first, and send it within a day");
                }
            }
        }
        Ok(any)
    }
}

/// The encoding of a text, by its start.
async fn charset(file: &mut File) -> io::Result<&'static str> {
    let mut head = Vec::new();
    (&mut *file).take(PIECE_BYTES).read_to_end(&mut head).await?;
    file.rewind().await?;
    Ok(media_type::charset(&head))
}

fn not_found(id: AttachmentId) -> Error {
    Error::NotFound { kind: "attachment", id: id.to_string() }
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::TooLarge { limit_bytes } => Self::TooLarge { limit_bytes },
            error @ BlobError::Disk { .. } => Self::Unavailable { part: "the disk", source: error.into() },
        }
    }
}
