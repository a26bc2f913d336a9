//! Attachments: files that came with a ticket, a comment or a message, and the excerpts of their text that can be found.

use std::fmt;
use std::str::FromStr;

use crate::domain::audience::Audience;
use crate::domain::id::{AttachmentId, CommentId, ExcerptId, MessageId, ThreadId, TicketId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::ReadState;

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// The sha256 of a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(String);

/// A text that is no content hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a content hash: expected 64 hexadecimal digits in lower case")]
pub struct InvalidContentHash;

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The hash of its bytes, under which they are kept.
    pub hash: ContentHash,
    /// Its name as given, without what could deceive: see [`file_name`].
    pub name: String,
    /// Its media type, told from its bytes.
    pub media_type: String,
    /// The type that its sender or its name claims, where its bytes say otherwise.
    pub claimed_type: Option<String>,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Who uploaded it: the name of an [`Actor`](crate::domain::user::Actor).
    pub uploaded_by: String,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// What it came with; `None` until somebody sends it.
    pub place: Option<Place>,
    /// Whether its text was read.
    pub reading: Reading,
}

/// What an attachment came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The first message of a ticket.
    Ticket(TicketId),
    /// A comment on a ticket.
    Comment(TicketId, CommentId),
    /// A message of a side conversation of a ticket.
    Message(TicketId, ThreadId, MessageId),
}

/// How far the reading of an attachment's text has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Where it stands.
    pub state: ReadState,
    /// Why it was refused, and what to do.
    pub reason: Option<String>,
}

/// A piece of an attachment's text that can be found and cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Its id.
    pub id: ExcerptId,
    /// Its attachment.
    pub attachment: AttachmentId,
    /// Its place among the attachment's excerpts, from 0.
    pub position: u32,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Its text.
    pub text: String,
    /// The page on which it begins, from 1, where the format has pages.
    pub page: Option<u32>,
}

/// An excerpt with what a reader must know of its attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundExcerpt {
    /// The excerpt.
    pub excerpt: Excerpt,
    /// The ticket that its attachment belongs to.
    pub ticket: TicketId,
    /// The side conversation that its attachment belongs to, if any.
    pub thread: Option<ThreadId>,
    /// The name of its attachment.
    pub name: String,
    /// Who may read it.
    pub audience: Audience,
    /// When its attachment was uploaded.
    pub at: Timestamp,
}

impl ContentHash {
    /// The 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ContentHash {
    type Err = InvalidContentHash;

    fn from_str(given: &str) -> Result<Self, InvalidContentHash> {
        let fits = given.len() == 64 && given.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if fits { Ok(Self(given.to_owned())) } else { Err(InvalidContentHash) }
    }
}

impl Attachment {
    /// Whether it is a picture of dots, which can be shown small and can do nothing.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        matches!(self.media_type.as_str(), "image/png" | "image/jpeg" | "image/gif" | "image/webp")
    }

    /// Whether it is shown as plain text.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.media_type.as_str(), "text/plain" | "text/markdown" | "text/csv" | "application/json")
    }

    /// Whether a browser may show it by itself; everything else is only saved, above all what can hold script (HTML, SVG).
    ///
    /// PDF is among the rest: the browser's viewer does not run in a sandbox.
    #[must_use]
    pub fn is_shown_inline(&self) -> bool {
        self.is_picture() || self.is_plain()
    }
}

impl Place {
    /// The ticket.
    #[must_use]
    pub const fn ticket(&self) -> TicketId {
        match self {
            Self::Ticket(ticket) | Self::Comment(ticket, _) | Self::Message(ticket, ..) => *ticket,
        }
    }
}

impl Reading {
    /// Nobody has read it yet.
    #[must_use]
    pub const fn waiting() -> Self {
        Self { state: ReadState::Waiting, reason: None }
    }
}

impl FoundExcerpt {
    /// What the excerpt is called where people point at it: the file's name, and the page where it is known.
    #[must_use]
    pub fn title(&self) -> String {
        match self.excerpt.page {
            Some(page) => format!("{}, p. {page}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A file's name as it is kept and shown: its last part on one line, without control characters and what turns the direction of a text
/// around (`invoice\u{202e}fdp.exe` looks like `invoiceexe.pdf`), and not too long. `file` where nothing is left.
#[must_use]
pub fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_deceptive(*c)).collect();
    let trimmed = visible.trim_matches(|c: char| c == ' ' || c == '.');
    let name = shortened(trimmed);
    if name.is_empty() { "file".to_owned() } else { name }
}

/// Control characters, and those of Unicode that are invisible or change the direction (UAX #9, UTR #36); joiners are part of words and
/// of pictures.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Cuts the name before its ending, so that the ending stays.
fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= LONGEST_NAME {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.chars().count() <= 16);
    let ending = ending.map(|ending| format!(".{ending}")).unwrap_or_default();
    let kept: String = name.chars().take(LONGEST_NAME - 1 - ending.chars().count()).collect();
    format!("{}…{ending}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_what_could_deceive_and_keeps_its_ending() {
        let check = |given: &str, kept: &str| assert_eq!(file_name(given), kept, "{given:?}");
        check("invoice.pdf", "invoice.pdf");
        check("../../etc/passwd", "passwd");
        check("C:\\Users\\ana\\photo.png", "photo.png");
        check("invoice\u{202e}fdp.exe", "invoicefdp.exe");
        check("a\r\nContent-Type: text", "a  Content-Type: text");
        check("a\u{0}b\u{7f}\u{200b}.txt", "ab.txt");
        check("  ..  ", "file");
        check("", "file");
        check("צילום מסך 👨\u{200d}👧.png", "צילום מסך 👨\u{200d}👧.png");
        let long = file_name(&format!("{}.pdf", "é".repeat(400)));
        assert_eq!(long.chars().count(), LONGEST_NAME);
        assert!(long.ends_with("….pdf"), "{long}");
    }

    #[test]
    fn a_hash_is_64_digits_in_lower_case() {
        assert!("a".repeat(64).parse::<ContentHash>().is_ok());
        for bad in [String::new(), "a".repeat(63), "A".repeat(64), "../".repeat(22)] {
            assert_eq!(bad.parse::<ContentHash>(), Err(InvalidContentHash), "{bad}");
        }
    }
}
