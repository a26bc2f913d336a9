//! Text from the bytes of a document: HTML, Markdown, plain text, PDF, DOCX and mail, all written the same markdown-like way.
//!
//! Headings become `# ` lines, blocks are apart by an empty line, list items begin with `- ` or `1. `, the cells of a table row are
//! joined by ` | `. Every format has limits on size, nesting and inflation. A hostile PDF or DOCX may still crash its parser, so
//! `connectors::files` runs those two in a child process; nothing here knows of that.

mod blocks;
mod docx;
mod eml;
mod format;
mod html;
mod markdown;
pub mod media_type;
mod nesting;
mod office_xml;
mod pdf;
mod pdf_layout;
mod plain;

use std::ops::Range;

pub use self::eml::without_nested_mails;
pub use self::format::{Format, UnknownFormat};
use crate::domain::vocabulary::Language;

/// What a document may hold and cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes.
    pub max_input_bytes: usize,
    /// The longest text that may come out of it, in bytes.
    pub max_text_bytes: usize,
    /// The most pages of a PDF.
    pub max_pages: usize,
    /// The most entries of an archive.
    pub max_entries: usize,
    /// The most bytes that an archive's entries may really unpack to, together.
    pub max_inflated_bytes: usize,
    /// The most that an entry may grow by unpacking; small entries may grow more.
    pub max_ratio: usize,
    /// The deepest nesting of elements.
    pub max_depth: usize,
    /// The most bytes of a mail's attachments that are handed over, together; those beyond are only named.
    pub max_enclosed_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_input_bytes: 25 << 20,
            max_text_bytes: 8 << 20,
            max_pages: 2_000,
            max_entries: 5_000,
            max_inflated_bytes: 100 << 20,
            max_ratio: 200,
            max_depth: 1_000,
            max_enclosed_bytes: 0,
        }
    }
}

/// The text of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extracted {
    /// Its title, where it states one.
    pub title: Option<String>,
    /// Its text, written the markdown-like way.
    pub text: String,
    /// The language that the document itself claims.
    pub language: Option<Language>,
    /// The names of a mail's attachments.
    pub attachments: Vec<String>,
    /// The attachments of a mail that were asked for by [`Limits::max_enclosed_bytes`].
    pub enclosed: Vec<Enclosed>,
    /// After how many bytes of the text each page begins; empty for formats without pages.
    pub pages: Vec<usize>,
    /// Where in the text of a mail its own words stand, in bytes: below its head, above the list of its files.
    pub own_words: Option<Range<usize>>,
}

/// A file in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why no text came out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// There is nothing in the file.
    #[error("the file is empty: upload it again")]
    Empty,
    /// There is something in the file, but no text.
    #[error("the {0} file holds no text: if it is a scan, run text recognition (OCR) over it and upload the result")]
    NoText(Format),
    /// A limit on size is passed.
    #[error("the file has too many {what}: at most {limit} are read, so split it into parts")]
    TooLarge {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Elements are nested too deeply.
    #[error("the file's elements are nested more than {limit} deep: save it anew from its program, or as plain text")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// An archive unpacks to far more than it should.
    #[error("the file unpacks to far more than a document holds: save it anew from its program")]
    Bomb,
    /// A password is needed.
    #[error("the file is protected by a password: save it without one and upload it again")]
    Encrypted,
    /// The file breaks its format's rules.
    #[error("the file can't be read as {format}: {detail}; open it in its program, save it anew and upload it again")]
    Unreadable {
        /// The format it was read as.
        format: Format,
        /// What is wrong, without the file's content.
        detail: String,
    },
}

/// Takes the text out of a file.
///
/// # Errors
/// The file is empty, without text, beyond a limit, protected or broken; each message says what to do.
pub fn extract(bytes: &[u8], format: Format, limits: &Limits) -> Result<Extracted, ExtractError> {
    if bytes.is_empty() {
        return Err(ExtractError::Empty);
    }
    if bytes.len() > limits.max_input_bytes {
        return Err(ExtractError::TooLarge { what: "bytes", limit: limits.max_input_bytes });
    }
    let extracted = match format {
        Format::Plain => plain::extract(bytes),
        Format::Markdown => markdown::extract(bytes, limits)?,
        Format::Html => html::extract(&plain::decode(bytes, true), limits)?,
        Format::Eml => eml::extract(bytes, limits)?,
        Format::Docx => docx::extract(bytes, limits)?,
        Format::Pdf => pdf::extract(bytes, limits)?,
    };
    if !crate::text::clean::clean(&extracted.text).as_str().chars().any(char::is_alphanumeric) {
        return Err(ExtractError::NoText(format));
    }
    if extracted.text.len() > limits.max_text_bytes {
        return Err(ExtractError::TooLarge { what: "bytes of text", limit: limits.max_text_bytes });
    }
    Ok(extracted)
}

/// A title worth keeping: on one line, trimmed, not too long.
fn title_of(given: &str) -> Option<String> {
    let title = given.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = title.chars().take(300).collect();
    short.chars().any(char::is_alphanumeric).then_some(short)
}

/// The language of a tag such as `en-GB`.
fn language_of(tag: &str) -> Option<Language> {
    tag.trim().split(['-', '_']).next().and_then(|code| code.to_ascii_lowercase().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_invisible_files_are_errors_that_say_so() {
        for format in [Format::Plain, Format::Markdown, Format::Html, Format::Eml, Format::Docx, Format::Pdf] {
            assert_eq!(extract(b"", format, &Limits::default()), Err(ExtractError::Empty));
        }
        let invisible = "\u{200B}\u{E0041}\u{FEFF} \n".repeat(1_000);
        assert_eq!(extract(invisible.as_bytes(), Format::Plain, &Limits::default()), Err(ExtractError::NoText(Format::Plain)));
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused_before_it_is_read() {
        let limits = Limits { max_input_bytes: 3, ..Limits::default() };
        assert_eq!(extract(b"four", Format::Plain, &limits), Err(ExtractError::TooLarge { what: "bytes", limit: 3 }));
    }

    #[test]
    fn no_format_panics_on_bytes_of_another() {
        let samples: [&[u8]; 6] =
            [b"%PDF-1.7\n%%EOF", b"PK\x03\x04broken", b"<html><p>x", b"From: a\n\nb", b"\xff\xfe\x00", b"\x00\x01\x02\x03"];
        for bytes in samples {
            for format in [Format::Plain, Format::Markdown, Format::Html, Format::Eml, Format::Docx, Format::Pdf] {
                let _ = extract(bytes, format, &Limits::default());
            }
        }
    }
}
