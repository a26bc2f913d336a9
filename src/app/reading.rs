//! Reading attachments: their text is taken out, cut into excerpts, and indexed for whoever may read the message they came with.

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::blobs::Sealed;
use crate::connectors::files::{self, FileError};
use crate::domain::attachment::{Attachment, ContentHash, Excerpt, Place, Reading};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{AttachmentId, ExcerptId, WorkspaceId};
use crate::domain::intake::NewAttachment;
use crate::domain::job::JobKind;
use crate::domain::vocabulary::ReadState;
use crate::store;
use crate::store::Tx;
use crate::store::attachment::Sending;
use crate::text::extract::{Enclosed, ExtractError, Extracted, Limits};
use crate::text::passage::{PassageLimits, passages};

/// So many excerpts of one file are indexed: some hundred pages.
const MOST_EXCERPTS: usize = 500;
/// So many files that nobody has read are asked for at once.
const UNREAD: u32 = 1000;

/// The most bytes of a mail's files that become attachments.
const ENCLOSED_BYTES: usize = 16 << 20;
/// A message has at most so many attachments together with those that came in its mails.
const MOST_WITH_MAILS: usize = 50;

/// What reading a file brought.
struct Read {
    reading: Reading,
    excerpts: Vec<Excerpt>,
    enclosed: Vec<Enclosed>,
}

impl Read {
    const fn of(state: ReadState, reason: Option<String>) -> Self {
        Self { reading: Reading { state, reason }, excerpts: Vec::new(), enclosed: Vec::new() }
    }
}

impl App {
    /// Reads an attachment that was sent; doing it again replaces what was read.
    pub(super) async fn read_attachment(&self, workspace: WorkspaceId, id: AttachmentId) -> Result<(), Error> {
        let everything = Scope::new(workspace, Reader::Everything);
        let found = store::attachment::get(self.store(), &everything, "", id).await?;
        // One that was removed meanwhile leaves nothing to do.
        let Some(attachment) = found.filter(|found| found.place.is_some()) else { return Ok(()) };
        let Read { reading, excerpts, enclosed } = self.read_file(&attachment).await?;
        let from = (workspace, attachment.uploaded_by.as_str());
        let enclosed = self.keep_enclosed(from, enclosed).await?;
        let mut tx = self.store().begin().await?;
        // Reading took its time: the message may have gone to another ticket or other readers since.
        if let Some((attachment, place)) = store::attachment::hold(&mut tx, workspace, id).await? {
            self.enclose(&mut tx, (workspace, &attachment.uploaded_by), place, &enclosed).await?;
            if store::attachment::note_reading(&mut tx, workspace, id, &reading, &excerpts).await? {
                self.enqueue(&mut tx, workspace, JobKind::IndexPending);
                self.announce(&mut tx, workspace, place.ticket(), "attachment.read");
            }
        }
        tx.commit().await?;
        self.settle(workspace, &enclosed).await
    }

    /// Has attachments read whose own job is dead.
    pub(super) async fn read_what_waits(&self, workspace: WorkspaceId) -> Result<u64, Error> {
        let unread = store::attachment::unread(self.store(), workspace, UNREAD).await?;
        let mut tx = self.store().begin().await?;
        for id in &unread {
            self.enqueue(&mut tx, workspace, JobKind::ReadAttachment(*id));
        }
        tx.commit().await?;
        Ok(u64::try_from(unread.len()).unwrap_or(0))
    }

    /// Keeps the bytes of a mail's files, so that they can be sent; those that are too large are only in the mail. Their rows come with the
    /// sending, so that none of them ever waits to be sent.
    pub(super) async fn keep_enclosed(
        &self,
        (workspace, uploader): (WorkspaceId, &str),
        enclosed: Vec<Enclosed>,
    ) -> Result<Vec<(Attachment, Sealed)>, Error> {
        let mut kept = Vec::with_capacity(enclosed.len());
        for Enclosed { name, bytes } in enclosed.into_iter().take(MOST_WITH_MAILS) {
            let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if size_bytes > self.attachment_limit_bytes() {
                tracing::info!(file.size_bytes = size_bytes, "a file in a mail is too large to be an attachment");
                continue;
            }
            let new = NewAttachment { name, declared_type: None };
            let mut upload = self.blobs().receive().await?;
            upload.write(&bytes).await?;
            let sealed = upload.seal().await?;
            self.blobs().keep(workspace, &sealed).await?;
            kept.push((self.described(workspace, uploader, new, &sealed), sealed));
        }
        Ok(kept)
    }

    /// Makes files of a mail attachments of the message that the mail came with; those that are there already stay as they are.
    pub(super) async fn enclose(
        &self,
        tx: &mut Tx,
        (workspace, uploader): (WorkspaceId, &str),
        place: Place,
        files: &[(Attachment, Sealed)],
    ) -> Result<(), Error> {
        let everything = Scope::new(workspace, Reader::Everything);
        let there = store::attachment::of_ticket(&mut *tx, &everything, place.ticket()).await?;
        let free = MOST_WITH_MAILS.saturating_sub(there.iter().filter(|known| known.place == Some(place)).count());
        for (file, _) in files.iter().take(free) {
            store::attachment::insert(tx, file).await?;
            if store::attachment::send(tx, workspace, uploader, file.id, place).await? == Sending::Sent {
                self.enqueue(tx, workspace, JobKind::ReadAttachment(file.id));
            }
        }
        Ok(())
    }

    /// Sees to it that the bytes of a mail's files are there where a row needs them, and nowhere else.
    pub(super) async fn settle(&self, workspace: WorkspaceId, files: &[(Attachment, Sealed)]) -> Result<(), Error> {
        let hashes: Vec<ContentHash> = files.iter().map(|(file, _)| file.hash.clone()).collect();
        let needed = store::attachment::kept_among(self.store(), workspace, &hashes).await?;
        for (file, sealed) in files {
            if needed.contains(&file.hash) {
                self.keep_still(workspace, sealed).await?;
            } else {
                self.discard(workspace, &file.hash).await?;
            }
        }
        Ok(())
    }

    async fn read_file(&self, attachment: &Attachment) -> Result<Read, Error> {
        let extraction = self.extraction();
        // What needs no reading costs no memory.
        if holds_no_text(&attachment.media_type) {
            return Ok(Read::of(ReadState::Nothing, None));
        }
        let limit = extraction.limits.max_input_bytes;
        if attachment.size_bytes > u64::try_from(limit).unwrap_or(u64::MAX) {
            return Ok(refused(&ExtractError::TooLarge { what: "bytes", limit }.to_string()));
        }
        let Some(bytes) = self.blobs().read(attachment.workspace, &attachment.hash).await? else {
            let source = format!("the bytes of attachment `{}` are not on the disk: restore a backup of the attachments", attachment.id);
            return Err(Error::Unavailable { part: "the disk", source: source.into() });
        };
        let how = files::Reading {
            program: &extraction.program,
            limits: &Limits { max_enclosed_bytes: ENCLOSED_BYTES, ..extraction.limits },
            options: &extraction.options,
            places: self.places(),
        };
        match files::extract_any(&how, &true_name(attachment), bytes).await {
            Ok(extracted) => Ok(self.cut(attachment, extracted)),
            Err(FileError::Unreadable(ExtractError::Empty | ExtractError::NoText(_)) | FileError::UnknownFormat { .. }) => {
                Ok(Read::of(ReadState::Nothing, None))
            }
            Err(error @ FileError::Start { .. }) => Err(Error::Unavailable { part: "the file reader", source: error.into() }),
            Err(error @ FileError::Protocol { .. }) => Err(Error::internal(error)),
            Err(
                error @ (FileError::Unreadable(_)
                | FileError::Crashed
                | FileError::TimedOut { .. }
                | FileError::TooMuchText { .. }
                | FileError::Stopped),
            ) => Ok(refused(&error.to_string())),
        }
    }

    fn cut(&self, attachment: &Attachment, extracted: Extracted) -> Read {
        let now = self.now();
        let drafts = passages(&extracted.text, &attachment.name, PassageLimits::default());
        let reason = (drafts.len() > MOST_EXCERPTS)
            .then(|| format!("the text is long: what comes after its first {MOST_EXCERPTS} passages is only in the file"));
        let excerpts = drafts
            .into_iter()
            .take(MOST_EXCERPTS)
            .zip(0..)
            .map(|(draft, position)| Excerpt {
                id: ExcerptId::at(now, random()),
                attachment: attachment.id,
                position,
                headings: draft.headings,
                text: draft.text,
                page: page(&extracted.pages, draft.span.start),
            })
            .collect();
        Read { reading: Reading { state: ReadState::Read, reason }, excerpts, enclosed: extracted.enclosed }
    }
}

/// Whether a file of this type is for the eye or the ear.
fn holds_no_text(media_type: &str) -> bool {
    ["image/", "audio/", "video/", "font/"].iter().any(|kind| media_type.starts_with(kind))
}

fn refused(reason: &str) -> Read {
    Read::of(ReadState::Refused, Some(reason.to_owned()))
}

/// A name whose ending says what the bytes are, whatever the file is called.
fn true_name(attachment: &Attachment) -> String {
    match attachment.media_type.as_str() {
        "text/html" => "file.html".to_owned(),
        "text/markdown" => "file.md".to_owned(),
        "message/rfc822" => "file.eml".to_owned(),
        _ => attachment.name.clone(),
    }
}

/// The page, from 1, on which a byte of the text stands.
fn page(pages: &[usize], at: usize) -> Option<u32> {
    let page = pages.partition_point(|begin| *begin <= at);
    u32::try_from(page).ok().filter(|page| *page > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_text_is_on_the_page_that_began_last() {
        let pages = [0, 10, 10, 30];
        assert_eq!([0, 9, 10, 29, 30, 99].map(|at| page(&pages, at)), [1, 1, 3, 3, 4, 4].map(Some));
        assert_eq!(page(&[], 5), None);
    }
}
