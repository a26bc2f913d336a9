//! Which format a file has: its first bytes decide, then its name.

use std::fmt;
use std::str::FromStr;

/// A format whose text can be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// Plain text in any encoding.
    Plain,
    /// PDF.
    Pdf,
    /// Word's XML format.
    Docx,
    /// A mail as it travels.
    Eml,
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format: expected one of `markdown`, `html`, `plain`, `pdf`, `docx`, `eml`")]
pub struct UnknownFormat(String);

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Markdown, Self::Html, Self::Plain, Self::Pdf, Self::Docx, Self::Eml];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Plain => "plain",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Eml => "eml",
        }
    }

    /// Whether a hostile file may crash the parser, so that it must run in a process of its own.
    #[must_use]
    pub const fn is_risky(self) -> bool {
        match self {
            Self::Pdf | Self::Docx | Self::Eml => true,
            Self::Markdown | Self::Html | Self::Plain => false,
        }
    }

    /// Whether a file's name alone says that it is one of these formats.
    #[must_use]
    pub fn is_named_by(name: &str) -> bool {
        const ENDINGS: [&str; 15] =
            ["md", "markdown", "html", "htm", "xhtml", "eml", "mht", "mhtml", "txt", "text", "log", "csv", "pdf", "docx", "rst"];
        name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
    }

    /// Tells a file's format from its first bytes, then from its name; `None` for formats that can't be read.
    #[must_use]
    pub fn sniff(name: &str, bytes: &[u8]) -> Option<Self> {
        let head = &bytes[..bytes.len().min(1024)];
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
        if contains(head, b"%PDF-") {
            return Some(Self::Pdf);
        }
        if head.starts_with(b"PK\x03\x04") {
            // Other archives with the same first bytes are told apart by their entries.
            return (contains(bytes, b"word/document") || extension == "docx").then_some(Self::Docx);
        }
        if is_binary(head) {
            return None;
        }
        match extension.as_str() {
            "md" | "markdown" => return Some(Self::Markdown),
            "html" | "htm" | "xhtml" => return Some(Self::Html),
            "eml" | "mht" | "mhtml" => return Some(Self::Eml),
            "txt" | "text" | "log" | "csv" => return Some(Self::Plain),
            _ => {}
        }
        let start: String = String::from_utf8_lossy(head).trim_start_matches('\u{FEFF}').trim_start().to_ascii_lowercase();
        if start.starts_with("<!doctype html") || start.starts_with("<html") || start.contains("<body") || start.contains("<head>") {
            return Some(Self::Html);
        }
        let headers = ["received:", "return-path:", "from:", "mime-version:", "delivered-to:", "message-id:"];
        if headers.iter().any(|header| start.starts_with(header)) && start.contains("\nsubject:") {
            return Some(Self::Eml);
        }
        Some(if start.starts_with("# ") || start.contains("\n## ") { Self::Markdown } else { Self::Plain })
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Pictures, archives and programs: known first bytes, or a zero byte that is no UTF-16.
fn is_binary(head: &[u8]) -> bool {
    let known: [&[u8]; 8] = [b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8", b"\x1F\x8B", b"\x7FELF", b"\xD0\xCF\x11\xE0", b"7z\xBC\xAF", b"Rar!"];
    let utf16 = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    known.iter().any(|magic| head.starts_with(magic)) || (!utf16 && head.contains(&0))
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(given: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.iter().copied().find(|format| format.as_str() == given).ok_or_else(|| UnknownFormat(given.chars().take(80).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide_and_then_the_name() {
        let table: &[(&str, &[u8], Option<Format>)] = &[
            ("a.txt", b"%PDF-1.7", Some(Format::Pdf)),
            ("a.docx", b"PK\x03\x04....", Some(Format::Docx)),
            ("a.zip", b"PK\x03\x04....word/document.xml", Some(Format::Docx)),
            ("a.zip", b"PK\x03\x04....", None),
            ("a.md", b"text", Some(Format::Markdown)),
            ("README", b"# Title\n", Some(Format::Markdown)),
            ("page", b"<!DOCTYPE html><p>", Some(Format::Html)),
            ("mail", b"From: a@b\nSubject: x\n\nhello", Some(Format::Eml)),
            ("note", b"hello", Some(Format::Plain)),
            ("note.txt", b"\xFF\xFEh\0", Some(Format::Plain)),
            ("a.txt", b"\x89PNG\r\n", None),
            ("a.bin", b"a\0b", None),
            ("a.doc", b"\xD0\xCF\x11\xE0", None),
        ];
        for (name, bytes, expected) in table {
            assert_eq!(Format::sniff(name, bytes), *expected, "{name}");
        }
    }

    #[test]
    fn every_format_has_a_word_that_reads_back() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(*format));
        }
        assert!("doc".parse::<Format>().is_err());
    }
}
