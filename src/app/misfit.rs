//! Files that are no documents though they may look like ones, each with what to do instead.

use crate::text::extract::Format;

const LINES: &str = "JSON: records such as tickets and people go in a `.jsonl` file, one a line; save other text as `.txt` or `.md`";
const LIST: &str = "a table: people, teams, channels and customers as CSV are taken in on the console's page of lists, or by \
    `POST /v1/import?of=people`; save other tables as `.txt` or `.md`, or name them in `documents.toml`";
const UNKNOWN: &str = "of no format that can be read: Markdown, HTML, plain text, PDF, DOCX, a mail, or JSON lines as `.jsonl`";
const NO_DOCX: &str =
    "it is called `.docx`, and its bytes are no DOCX: open it in its program and save it anew, or call it what it is, such as `.txt`";
const NO_PDF: &str = "it is called `.pdf`, and its bytes are no PDF: make it anew in its program, or call it what it is, such as `.txt`";

/// Why a file whose name is no document's is none.
pub(super) fn by_name(name: &str) -> &'static str {
    as_list(name).unwrap_or(UNKNOWN)
}

/// Why a file that holds records rather than sentences by its name is no document.
pub(super) fn as_list(name: &str) -> Option<&'static str> {
    match ending(name).as_str() {
        "json" => Some(LINES),
        "csv" => Some(LIST),
        _ => None,
    }
}

/// Why a file is no document by its bytes.
pub(super) fn by_bytes(name: &str, bytes: &[u8]) -> Option<&'static str> {
    match (Format::sniff(name, bytes), ending(name).as_str()) {
        (Some(Format::Pdf | Format::Docx), _) => None,
        (_, "docx") => Some(NO_DOCX),
        (_, "pdf") => Some(NO_PDF),
        (None, _) => Some(UNKNOWN),
        (Some(Format::Markdown | Format::Html | Format::Plain | Format::Eml), _) => None,
    }
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_promises_what_the_bytes_are_not_is_told() {
        let check = |name: &str, bytes: &[u8], told: Option<&str>| assert_eq!(by_bytes(name, bytes), told, "{name}");
        check("bad.docx", b"plain words", Some(NO_DOCX));
        check("bad.DOCX", b"\x89PNG\r\n", Some(NO_DOCX));
        check("good.docx", b"PK\x03\x04....", None);
        check("bad.pdf", b"plain words", Some(NO_PDF));
        check("good.pdf", b"%PDF-1.7", None);
        check("note.txt", b"plain words", None);
        check("photo.png", b"\x89PNG\r\n", Some(UNKNOWN));
        check("empty.docx", b"", Some(NO_DOCX));
    }

    #[test]
    fn lists_are_told_where_they_go() {
        assert!(by_name("x.json").contains("`.jsonl`"));
        assert!(by_name("sheet.CSV").contains("/v1/import"));
        assert!(by_name("photo.png").contains("no format"));
        assert_eq!(as_list("a.md"), None);
    }
}
