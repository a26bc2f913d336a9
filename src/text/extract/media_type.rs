//! What a file is: its bytes decide, and its name only between kinds of plain text.

use super::plain;

/// How files of unknown type are called.
pub const UNKNOWN: &str = "application/octet-stream";

/// How the encoding is called that nearly every text has.
const UTF_8: &str = "utf-8";

/// What a file claims to be by its ending.
struct Claim {
    endings: &'static [&'static str],
    media_type: &'static str,
    /// What the bytes of such files may turn out to be as well.
    also: &'static [&'static str],
}

const fn claim(endings: &'static [&'static str], media_type: &'static str, also: &'static [&'static str]) -> Claim {
    Claim { endings, media_type, also }
}

const CLAIMS: &[Claim] = &[
    claim(&["png"], "image/png", &["image/apng"]),
    claim(&["jpg", "jpeg"], "image/jpeg", &[]),
    claim(&["gif"], "image/gif", &[]),
    claim(&["webp"], "image/webp", &[]),
    claim(&["svg"], "image/svg+xml", &["text/xml"]),
    claim(&["pdf"], "application/pdf", &[]),
    claim(&["txt", "log"], "text/plain", &["text/csv", "text/markdown", "application/json"]),
    claim(&["md"], "text/markdown", &["text/plain"]),
    claim(&["csv"], "text/csv", &["text/plain"]),
    claim(&["json"], "application/json", &["text/plain"]),
    claim(&["html", "htm"], "text/html", &[]),
    claim(&["xml"], "text/xml", &["text/plain", "application/xml"]),
    claim(&["eml"], "message/rfc822", &["text/plain"]),
    claim(&["docx"], "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["application/zip"]),
    claim(&["xlsx"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["application/zip"]),
    claim(&["pptx"], "application/vnd.openxmlformats-officedocument.presentationml.presentation", &["application/zip"]),
    claim(&["zip"], "application/zip", &[]),
    claim(&["mp4"], "video/mp4", &["video/quicktime"]),
    claim(&["mp3"], "audio/mpeg", &[]),
];

/// What a browser would take for a page, by how it begins (WHATWG, MIME Sniffing, 7.1).
const PAGE: [&str; 17] = [
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a ",
    "<style",
    "<title",
    "<b>",
    "<body",
    "<br",
    "<p>",
    "<!--",
];

/// Tells a file's media type from its first bytes; at most 64 KiB of them are looked at.
///
/// The claimed type of an upload is nothing to go by: browsers take it from the name, and a sender may write anything.
#[must_use]
pub fn detect(name: &str, head: &[u8]) -> String {
    if let Some(text) = text(head) {
        return text_type(name, &text).to_owned();
    }
    match infer::get(head) {
        Some(kind) => kind.mime_type().to_owned(),
        None if contains(head, b"%PDF-") => "application/pdf".to_owned(),
        None => UNKNOWN.to_owned(),
    }
}

/// The encoding of a text by its first bytes, as the parameter `charset` names it (WHATWG, Encoding, 4.2).
#[must_use]
pub fn charset(head: &[u8]) -> &'static str {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(head) {
        return if encoding == encoding_rs::UTF_8 { UTF_8 } else { encoding.name() };
    }
    if utf8(head).is_some() { UTF_8 } else { plain::guess(head, false).name() }
}

/// The type that a file's sender or its name claims, where its bytes are of another.
#[must_use]
pub fn false_claim(name: &str, declared: Option<&str>, detected: &str) -> Option<String> {
    let by_name = name.rsplit_once('.').and_then(|(_, ending)| claim_of_ending(&ending.to_ascii_lowercase()));
    let declared = declared.map(essence).and_then(|declared| CLAIMS.iter().find(|claim| claim.media_type == declared));
    [by_name, declared]
        .into_iter()
        .flatten()
        .find(|claim| claim.media_type != detected && !claim.also.contains(&detected))
        .map(|claim| claim.media_type.to_owned())
}

fn claim_of_ending(ending: &str) -> Option<&'static Claim> {
    CLAIMS.iter().find(|claim| claim.endings.contains(&ending))
}

/// A type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The start of a file as text: UTF-8 (cut off anywhere) or UTF-16 with its mark, and nothing in it that no text has.
fn text(head: &[u8]) -> Option<String> {
    if head.is_empty() {
        return Some(String::new());
    }
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        let (text, _, had_errors) = encoding_rs::UTF_16LE.decode(head);
        return (!had_errors || head.len() >= 1024).then(|| text.into_owned());
    }
    let Some(text) = utf8(head) else { return latin(head) };
    is_written(text).then(|| text.to_owned())
}

/// The start of a file as UTF-8, if it is that: its last character may go on after the part that is looked at.
fn utf8(head: &[u8]) -> Option<&str> {
    match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

/// A text in an old encoding: most of its bytes are letters of ASCII, and it has no others that no text has.
fn latin(head: &[u8]) -> Option<String> {
    let high = head.iter().filter(|byte| **byte >= 0x80).count();
    let text = encoding_rs::WINDOWS_1252.decode(head).0.into_owned();
    (high * 4 < head.len() && infer::get(head).is_none() && is_written(&text)).then_some(text)
}

fn is_written(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}')) && !text.starts_with("%PDF-")
}

fn text_type(name: &str, text: &str) -> &'static str {
    let start = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let early: String = start.chars().take(4096).collect();
    if early.contains("<svg") && (start.starts_with("<svg") || start.starts_with("<?xml") || start.starts_with("<!")) {
        return "image/svg+xml";
    }
    if PAGE.iter().any(|sign| start.starts_with(sign)) {
        return "text/html";
    }
    if start.starts_with("<?xml") {
        return "text/xml";
    }
    let headers = ["received:", "return-path:", "from:", "mime-version:", "delivered-to:", "message-id:"];
    if headers.iter().any(|header| start.starts_with(header)) && start.contains("\nsubject:") {
        return "message/rfc822";
    }
    match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("md" | "markdown") => "text/markdown",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        _ => "text/plain",
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_what_a_file_is() {
        let check = |name: &str, bytes: &[u8], expected: &str| assert_eq!(detect(name, bytes), expected, "{name}");
        check("photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png");
        check("photo.png", b"<html><script>alert(1)</script>", "text/html");
        check("photo.jpg", b"\xFF\xD8\xFF\xE0\0\x10JFIF", "image/jpeg");
        check("photo.jpg", b"MZ\x90\0\x03\0\0\0", "application/vnd.microsoft.portable-executable");
        check("a.gif", b"GIF89a\x01\0\x01\0", "image/gif");
        check("a.pdf", b"%PDF-1.7\n", "application/pdf");
        check("a.txt", b"%PDF-1.7\n", "application/pdf");
        check("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "image/svg+xml");
        check("a.png", b"<?xml version='1.0'?>\n<!-- c --><svg/>", "image/svg+xml");
        check("a.txt", b"\n <ScRiPt>alert(1)</script>", "text/html");
        check("web.log", b"GET / <script>alert(1)</script>", "text/plain");
        check("a.xml", b"<?xml version='1.0'?><a/>", "text/xml");
        check("notes.md", "# Fünf\n".as_bytes(), "text/markdown");
        check("list.csv", b"a;b\n1;2\n", "text/csv");
        check("list.json", b"{\"a\": 1}", "application/json");
        check("mail", b"From: a@b.example\r\nSubject: x\r\n\r\nhello", "message/rfc822");
        check("old.txt", b"caf\xe9 au lait, s'il vous pla\xeet", "text/plain");
        check("cut.txt", &"é".as_bytes()[..1], "text/plain");
        check("wide.txt", b"\xFF\xFEh\0i\0", "text/plain");
        check("what", &[0, 1, 2, 3, 250, 251], UNKNOWN);
        check("empty.txt", b"", "text/plain");
    }

    #[test]
    fn the_encoding_of_a_text_is_told() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(charset(bytes), expected, "{bytes:?}");
        check(b"plain", "utf-8");
        check("caf\u{e9}".as_bytes(), "utf-8");
        check(&"caf\u{e9}".as_bytes()[..4], "utf-8");
        check(b"\xEF\xBB\xBFcaf\xC3\xA9", "utf-8");
        check(b"Votre commande a \xE9t\xE9 exp\xE9di\xE9e \xE0 No\xEBl", "windows-1252");
        check(b"\xFF\xFEh\0i\0", "UTF-16LE");
        check(b"\xFE\xFF\0h\0i", "UTF-16BE");
    }

    #[test]
    fn a_type_that_lies_is_told() {
        let check = |name: &str, declared: Option<&str>, detected: &str, claim: Option<&str>| {
            assert_eq!(false_claim(name, declared, detected).as_deref(), claim, "{name} {declared:?} {detected}");
        };
        check("photo.png", Some("image/png"), "image/png", None);
        check("photo.png", None, "text/html", Some("image/png"));
        check("photo", Some("image/png; x=y"), "text/html", Some("image/png"));
        check("notes.txt", Some("text/plain"), "text/csv", None);
        check("report.docx", None, "application/zip", None);
        check("thing.bin", Some("application/octet-stream"), "image/png", None);
        check("README", None, "text/plain", None);
    }
}
