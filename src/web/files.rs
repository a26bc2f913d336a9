//! Files as a page shows them under the message that they came with.

use crate::domain::attachment::{Attachment, Place};
use crate::domain::vocabulary::ReadState;
use crate::web::paths;

/// Larger pictures are named and not shown small: a page must not weigh more than its words are worth.
const LARGEST_PICTURE_BYTES: u64 = 2 << 20;

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) anchor: String,
    pub(super) href: String,
    pub(super) name: String,
    /// What it is, in a few letters.
    pub(super) kind: String,
    pub(super) size_bytes: u64,
    /// Whether it is shown small.
    pub(super) is_picture: bool,
    /// Whether a click shows it; else it saves it.
    pub(super) opens: bool,
    pub(super) state: ReadState,
    /// Why it was not read, or what of it was not.
    pub(super) reason: Option<String>,
    /// What it claims to be and is not.
    pub(super) claim: Option<String>,
}

/// The files that came to a place.
pub(super) fn at(attachments: &[Attachment], place: Place) -> Vec<File> {
    attachments.iter().filter(|attachment| attachment.place == Some(place)).map(file).collect()
}

fn file(attachment: &Attachment) -> File {
    File {
        anchor: format!("attachment-{}", attachment.id),
        href: paths::attachment(&attachment.id),
        name: attachment.name.clone(),
        kind: kind(&attachment.media_type),
        size_bytes: attachment.size_bytes,
        is_picture: attachment.is_picture() && attachment.size_bytes <= LARGEST_PICTURE_BYTES,
        opens: attachment.is_shown_inline(),
        state: attachment.reading.state,
        reason: attachment.reading.reason.clone(),
        claim: attachment.claimed_type.as_deref().map(kind),
    }
}

/// A media type as people call it, the same in every language.
fn kind(media_type: &str) -> String {
    let known = match media_type {
        "text/plain" => "TXT",
        "text/markdown" => "Markdown",
        "image/svg+xml" => "SVG",
        "image/webp" => "WebP",
        "message/rfc822" => "E-mail",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "DOCX",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "XLSX",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => "PPTX",
        "application/vnd.microsoft.portable-executable" | "application/x-executable" => "EXE",
        "application/octet-stream" => "BIN",
        other => {
            let last = other.rsplit(['/', '.']).next().unwrap_or(other);
            return last.strip_prefix("x-").unwrap_or(last).chars().take(12).collect::<String>().to_uppercase();
        }
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_told_in_a_few_letters() {
        let check = |media_type: &str, expected: &str| assert_eq!(kind(media_type), expected);
        check("image/png", "PNG");
        check("application/pdf", "PDF");
        check("text/plain", "TXT");
        check("application/x-7z-compressed", "7Z-COMPRESSE");
        check("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX");
        check("application/octet-stream", "BIN");
    }
}
