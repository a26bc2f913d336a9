//! A mail as it travels: its subject, who sent it when, its text and the names of its attachments.

use mail_parser::{Address, Message, MessageParser, MimeHeaders, PartType};

use super::blocks::Blocks;
use super::{Enclosed, ExtractError, Extracted, Format, Limits, html, plain, title_of};

/// So many attachments of a mail are handed over.
const MOST_ENCLOSED: usize = 20;

/// A mail whose parts are no mails themselves: the types that nest are renamed in its `Content-Type` lines, at the same length.
///
/// The parser builds a tree of nested mails and overflows the stack when it drops a deep one. Whoever parses a mail from outside
/// passes it through here first. That is no proof: a header may be written in more ways than are known here, so mails are read in a
/// process of their own as well.
#[must_use]
pub fn without_nested_mails(bytes: &[u8]) -> Vec<u8> {
    let mut mail = bytes.to_vec();
    let mut inside = false;
    for line in mail.split_mut(|byte| *byte == b'\n') {
        let continues = inside && line.first().is_some_and(|first| matches!(first, b' ' | b'\t'));
        inside = continues || is_content_type(line);
        if inside {
            rename(line);
        }
    }
    mail
}

/// Whether a line begins with the header's name, wherever white space stands: the parser passes over it.
fn is_content_type(line: &[u8]) -> bool {
    let mut letters = line.iter().filter(|byte| !byte.is_ascii_whitespace()).map(u8::to_ascii_lowercase);
    b"content-type".iter().all(|wanted| letters.next() == Some(*wanted))
}

fn rename(line: &mut [u8]) {
    for word in [b"rfc822", b"global", b"digest"] {
        for at in 0..(line.len() + 1).saturating_sub(word.len()) {
            if line[at..at + word.len()].eq_ignore_ascii_case(word) {
                line[at] = b'x';
            }
        }
    }
}

pub(super) fn extract(bytes: &[u8], limits: &Limits) -> Result<Extracted, ExtractError> {
    let unreadable = || ExtractError::Unreadable { format: Format::Eml, detail: "it has no mail headers".to_owned() };
    let mail = without_nested_mails(bytes);
    let message = MessageParser::default().parse(&mail).ok_or_else(unreadable)?;
    let title = message.subject().and_then(title_of);
    let attachments: Vec<String> = message.attachments().filter_map(|part| part.attachment_name().and_then(title_of)).collect();
    let enclosed = enclosed(&message, limits.max_enclosed_bytes);
    let mut blocks = Blocks::default();
    if let Some(title) = &title {
        blocks.heading(1, title);
    }
    let mut head = Vec::new();
    if let Some(from) = message.from().and_then(sender) {
        head.push(format!("From: {from}"));
    }
    if let Some(date) = message.date() {
        head.push(format!("Date: {}", date.to_rfc3339()));
    }
    blocks.lines(&head.join("\n"));
    let mut language = None;
    for part in message.text_bodies() {
        match &part.body {
            PartType::Text(text) => blocks.lines(&plain::extract(text.as_bytes()).text),
            PartType::Html(source) => {
                let page = html::extract(source, limits)?;
                language = language.or(page.language);
                blocks.lines(&page.text);
            }
            PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Message(_) | PartType::Multipart(_) => {}
        }
    }
    if !attachments.is_empty() {
        blocks.paragraph(&format!("Attachments: {}", attachments.join(", ")));
    }
    if title.is_none() && head.is_empty() {
        return Err(unreadable());
    }
    Ok(Extracted { title, text: blocks.finish(), language, attachments, enclosed, ..Extracted::default() })
}

/// The attachments of a mail, as long as they fit.
fn enclosed(message: &Message<'_>, limit_bytes: usize) -> Vec<Enclosed> {
    let mut left = limit_bytes;
    message
        .attachments()
        .filter(|part| !part.contents().is_empty())
        .filter_map(|part| {
            left = left.checked_sub(part.contents().len())?;
            let name = part.attachment_name().and_then(title_of).unwrap_or_default();
            Some(Enclosed { name, bytes: part.contents().to_vec() })
        })
        .take(MOST_ENCLOSED)
        .collect()
}

fn sender(address: &Address<'_>) -> Option<String> {
    let first = address.first()?;
    match (first.name(), first.address()) {
        (Some(name), Some(address)) => Some(format!("{name} <{address}>")),
        (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latin_1_mail_is_decoded_and_its_attachments_are_listed() {
        let mail = b"From: =?iso-8859-1?Q?H=E9l=E8ne?= <helene@courriel.example>\r\nSubject: =?iso-8859-1?Q?Colis_ab=EEm=E9?=\r\nDate: Tue, 3 Nov 2026 09:10:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nLe colis est arriv\xE9 ab\xEEm\xE9.\r\n--b\r\nContent-Type: image/png; name=photo.png\r\nContent-Disposition: attachment; filename=photo.png\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b--\r\n";
        let found = extract(mail, &Limits::default()).unwrap();
        assert_eq!(found.title.as_deref(), Some("Colis abîmé"));
        assert_eq!((found.attachments.as_slice(), found.enclosed.as_slice()), (&["photo.png".to_owned()][..], &[][..]));
        let enough = Limits { max_enclosed_bytes: 5, ..Limits::default() };
        let photo = Enclosed { name: "photo.png".to_owned(), bytes: b"hello".to_vec() };
        assert_eq!(extract(mail, &enough).unwrap().enclosed, [photo]);
        assert_eq!(extract(mail, &Limits { max_enclosed_bytes: 4, ..enough }).unwrap().enclosed, []);
        assert_eq!(
            found.text,
            "# Colis abîmé\n\nFrom: Hélène <helene@courriel.example>\nDate: 2026-11-03T09:10:00Z\n\nLe colis est arrivé abîmé.\n\nAttachments: photo.png"
        );
    }

    #[test]
    fn the_text_part_is_preferred_and_html_alone_is_converted() {
        let both = b"From: a@mail.example\r\nSubject: s\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain words\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html words</p>\r\n--b--\r\n";
        let text = extract(both, &Limits::default()).unwrap().text;
        assert!(text.contains("plain words") && !text.contains("html words"), "{text}");
        let html = b"From: a@mail.example\r\nSubject: s\r\nContent-Type: text/html\r\n\r\n<p>html <b>words</b></p><ul><li>one</ul>";
        let text = extract(html, &Limits::default()).unwrap().text;
        assert!(text.contains("html words\n\n- one"), "{text}");
    }

    #[test]
    fn mails_nested_in_mails_without_end_pass() {
        let nested = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(50_000);
        let _ = extract(format!("From: a@b.example\r\nSubject: x\r\n{nested}").as_bytes(), &Limits::default());
        for kind in ["message/rfc822", "Message/(x)\r\n GLOBAL", "multipart/digest; boundary=b\r\n\r\n--b"] {
            let messages = format!("Content-Type: {kind}\r\n\r\n").repeat(50_000);
            let _ = extract(format!("From: a@b.example\r\nSubject: x\r\n{messages}").as_bytes(), &Limits::default());
        }
        for header in [" Content-Type: message/rfc822", "\tContent-Type :\tmessage/rfc822", "Content-\tType: message/rfc822"] {
            let messages = format!("{header}\r\n\r\n").repeat(200_000);
            assert!(!without_nested_mails(messages.as_bytes()).windows(6).any(|word| word == b"rfc822"), "{header}");
            let _ = extract(messages.as_bytes(), &Limits::default());
        }
    }
}
