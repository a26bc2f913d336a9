//! Attachments, out; and the headers under which their bytes leave.

use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::attachment::{Attachment, Place, Reading};
use crate::domain::vocabulary::ReadState;

/// A file to be uploaded: the parts of a `multipart/form-data` body.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct AttachmentUpload {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// Its name; that of the part when not given.
    pub name: Option<String>,
}

/// The bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct RawFile(pub Vec<u8>);

/// A file that came with a ticket, a comment or a message, or is about to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttachmentOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its name, without what could deceive.
    pub name: String,
    /// Its media type, told from its bytes.
    #[schema(examples("image/png"))]
    pub media_type: String,
    /// The type that its sender or its name claims, where its bytes are of another.
    #[schema(required)]
    pub claimed_type: Option<String>,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// sha256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// When it was uploaded.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Whether its text was read, so that it can be found.
    pub read_state: ReadState,
    /// Why it was refused, or what of it was not read.
    #[schema(required)]
    pub read_reason: Option<String>,
    /// The ticket that it belongs to; null until it is sent.
    #[schema(required, format = "uuid")]
    pub ticket: Option<String>,
    /// The comment that it came with, if it did.
    #[schema(required, format = "uuid")]
    pub comment: Option<String>,
    /// The side conversation that it came with, if it did.
    #[schema(required, format = "uuid")]
    pub side_conversation: Option<String>,
    /// The message that it came with, if it did.
    #[schema(required, format = "uuid")]
    pub message: Option<String>,
}

impl From<Attachment> for AttachmentOut {
    fn from(attachment: Attachment) -> Self {
        let Attachment {
            id,
            workspace: _,
            hash,
            name,
            media_type,
            claimed_type,
            size_bytes,
            uploaded_by: _,
            created_at,
            place,
            reading: Reading { state, reason },
        } = attachment;
        let (comment, thread, message) = match place {
            None | Some(Place::Ticket(_)) => (None, None, None),
            Some(Place::Comment(_, comment)) => (Some(comment), None, None),
            Some(Place::Message(_, thread, message)) => (None, Some(thread), Some(message)),
        };
        Self {
            id: id.to_string(),
            name,
            media_type,
            claimed_type,
            size_bytes,
            sha256: hash.to_string(),
            created_at: created_at.to_string(),
            read_state: state,
            read_reason: reason,
            ticket: place.map(|place| place.ticket().to_string()),
            comment: comment.map(|id| id.to_string()),
            side_conversation: thread.map(|id| id.to_string()),
            message: message.map(|id| id.to_string()),
        }
    }
}

/// Those of the attachments that came to a place, in their order.
pub(super) fn at(attachments: &[Attachment], place: Place) -> Vec<AttachmentOut> {
    attachments.iter().filter(|attachment| attachment.place == Some(place)).cloned().map(Into::into).collect()
}

/// The headers under which the bytes of an attachment leave, whoever asks: nothing in them can run, and no other site may embed them.
fn download_headers(attachment: &Attachment, charset: Option<&str>, by_itself: bool) -> [(&'static str, String); 8] {
    let shown = by_itself && attachment.is_shown_inline();
    [
        ("content-type", content_type(attachment, charset, shown)),
        ("content-disposition", disposition(if shown { "inline" } else { "attachment" }, &attachment.name)),
        ("content-security-policy", "sandbox; default-src 'none'".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("cross-origin-resource-policy", "same-origin".to_owned()),
        // Kept by the browser alone, and asked about each time: who may read it can change.
        ("cache-control", "private, no-cache".to_owned()),
        ("etag", entity_tag(attachment)),
        ("accept-ranges", "bytes".to_owned()),
    ]
}

/// The type that a file has. A text that is shown is plain whatever it is, so that no viewer of the browser makes more of it.
fn content_type(attachment: &Attachment, charset: Option<&str>, shown: bool) -> String {
    let media_type = if shown && attachment.is_plain() { "text/plain" } else { &attachment.media_type };
    match charset {
        // JSON is UTF-8 unless somebody says otherwise (RFC 8259, section 8.1), and knows no such parameter.
        Some("utf-8") if media_type == "application/json" => media_type.to_owned(),
        Some(charset) => format!("{media_type}; charset={charset}"),
        None => media_type.to_owned(),
    }
}

/// What a request for the bytes of an attachment says of how it wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Lets a browser show what can do nothing.
    pub by_itself: bool,
    /// The header `If-None-Match`, or nothing.
    pub if_none_match: &'a str,
    /// The header `Range`, or nothing.
    pub range: &'a str,
}

/// How a request for the bytes of an attachment is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The bytes that follow; none where the client has them already.
    pub bytes: Range<u64>,
}

/// Decides what is sent; `charset` is the encoding of a text.
#[must_use]
pub fn delivery(attachment: &Attachment, charset: Option<&str>, wanted: Wanted<'_>) -> Delivery {
    let Wanted { by_itself, if_none_match, range: wanted } = wanted;
    let mut headers: Vec<_> = download_headers(attachment, charset, by_itself).into();
    if is_known(if_none_match, attachment) {
        return Delivery { status: 304, headers, bytes: 0..0 };
    }
    let size = attachment.size_bytes;
    let Some(bytes) = range(wanted, size) else {
        headers.push(("content-length", size.to_string()));
        return Delivery { status: 200, headers, bytes: 0..size };
    };
    headers.push(("content-length", (bytes.end - bytes.start).to_string()));
    headers.push(("content-range", format!("bytes {}-{}/{size}", bytes.start, bytes.end - 1)));
    Delivery { status: 206, headers, bytes }
}

/// The entity tag of an attachment: the hash of its bytes.
fn entity_tag(attachment: &Attachment) -> String {
    format!("\"{}\"", attachment.hash)
}

/// Whether one of the tags of `If-None-Match` is that of the attachment.
fn is_known(if_none_match: &str, attachment: &Attachment) -> bool {
    let own = entity_tag(attachment);
    if_none_match.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == own || tag == "*")
}

/// The one range of bytes that `Range` asks for (RFC 9110, section 14); `None` where all are to be sent: for several ranges, for one that
/// cannot be, and for words that mean nothing.
fn range(header: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first.trim(), last.trim()) {
        ("", last) => size.saturating_sub(last.parse().ok()?)..size,
        (first, "") => first.parse().ok()?..size,
        (first, last) => first.parse().ok()?..last.parse::<u64>().ok()?.saturating_add(1).min(size),
    };
    (range.start < range.end).then_some(range)
}

/// `Content-Disposition` with a name for every client (RFC 6266, and RFC 8187 for letters beyond ASCII).
fn disposition(kind: &str, name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{AttachmentId, WorkspaceId};
    use crate::domain::time::Timestamp;

    fn attachment(name: &str, media_type: &str) -> Attachment {
        let zero = Timestamp::from_micros(0);
        Attachment {
            id: AttachmentId::at(zero, [1; 10]),
            workspace: WorkspaceId::at(zero, [2; 10]),
            hash: "a".repeat(64).parse().unwrap(),
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            claimed_type: None,
            size_bytes: 5,
            uploaded_by: "user:1".to_owned(),
            created_at: zero,
            place: None,
            reading: Reading::waiting(),
        }
    }

    #[test]
    fn a_name_of_any_letters_reaches_every_client() {
        let check = |name: &str, expected: &str| assert_eq!(disposition("attachment", name), expected);
        check("invoice 7.pdf", "attachment; filename=\"invoice 7.pdf\"; filename*=UTF-8''invoice%207.pdf");
        check("été\"x\".png", "attachment; filename=\"_t__x_.png\"; filename*=UTF-8''%C3%A9t%C3%A9%22x%22.png");
        check("a%0d.txt", "attachment; filename=\"a_0d.txt\"; filename*=UTF-8''a%250d.txt");
    }

    #[test]
    fn only_pictures_and_plain_text_are_shown_by_themselves() {
        let header = |media_type: &str, name: &str| {
            let headers = download_headers(&attachment("a", media_type), None, true);
            headers.into_iter().find(|(known, _)| *known == name).unwrap().1
        };
        for (media_type, served, kind) in [
            ("image/png", "image/png", "inline"),
            ("text/markdown", "text/plain", "inline"),
            ("text/html", "text/html", "attachment"),
            ("image/svg+xml", "image/svg+xml", "attachment"),
            ("application/pdf", "application/pdf", "attachment"),
        ] {
            assert_eq!(header(media_type, "content-type"), served);
            assert!(header(media_type, "content-disposition").starts_with(kind), "{media_type}");
            assert_eq!(header(media_type, "content-security-policy"), "sandbox; default-src 'none'");
        }
        assert!(download_headers(&attachment("a", "image/png"), None, false)[1].1.starts_with("attachment"));
    }

    #[test]
    fn a_text_leaves_with_its_encoding_and_under_its_own_type_unless_it_is_shown() {
        let check = |media_type: &str, charset: &str, by_itself: bool, served: &str| {
            assert_eq!(download_headers(&attachment("a", media_type), Some(charset), by_itself)[0].1, served);
        };
        check("text/csv", "windows-1252", true, "text/plain; charset=windows-1252");
        check("text/csv", "windows-1252", false, "text/csv; charset=windows-1252");
        check("application/json", "utf-8", true, "text/plain; charset=utf-8");
        check("application/json", "utf-8", false, "application/json");
        check("application/json", "UTF-16LE", false, "application/json; charset=UTF-16LE");
    }

    #[test]
    fn one_range_of_bytes_is_understood_and_everything_else_is_all() {
        let check = |header: &str, expected: Option<Range<u64>>| assert_eq!(range(header, 10), expected, "{header}");
        check("bytes=0-3", Some(0..4));
        check("bytes=4-", Some(4..10));
        check("bytes=-3", Some(7..10));
        check("bytes=-99", Some(0..10));
        check("bytes=8-99", Some(8..10));
        for all in ["bytes=10-", "bytes=5-4", "bytes=0-1,4-5", "lines=1-2", "bytes=", "bytes=-0", "bytes=a-b"] {
            check(all, None);
        }
    }

    #[test]
    fn a_known_tag_is_recognised() {
        let known = attachment("a", "image/png");
        let tag = entity_tag(&known);
        assert!(is_known(&tag, &known) && is_known(&format!("\"x\", W/{tag}"), &known) && is_known("*", &known));
        assert!(!is_known("\"x\"", &known) && !is_known("", &known));
    }
}
