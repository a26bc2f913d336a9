//! A mail as it travels: its subject, who sent it when, its text and the names of its attachments.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Address, Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

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
    let enclosed = enclosed(&message, bytes, limits.max_enclosed_bytes);
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
    let above = blocks.len();
    for part in message.text_bodies() {
        match &part.body {
            PartType::Text(text) => blocks.lines(&plain::extract(text.as_bytes()).text),
            PartType::Html(source) => {
                let page = html::extract_mail(source, limits)?;
                language = language.or(page.language);
                blocks.lines(&page.text);
            }
            PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Message(_) | PartType::Multipart(_) => {}
        }
    }
    let own_words = Some(above..blocks.len());
    if !attachments.is_empty() {
        blocks.paragraph(&format!("Attachments: {}", attachments.join(", ")));
    }
    if title.is_none() && head.is_empty() {
        return Err(unreadable());
    }
    Ok(Extracted { title, text: blocks.finish(), language, attachments, enclosed, own_words, ..Extracted::default() })
}

/// The attachments of a mail that still fit, as they were before they were put into it.
fn enclosed(message: &Message<'_>, mail: &[u8], limit_bytes: usize) -> Vec<Enclosed> {
    let mut left = limit_bytes;
    message
        .attachments()
        .filter(|part| !part.contents().is_empty())
        .filter_map(|part| {
            let bytes = sent(part, mail);
            left = left.checked_sub(bytes.len())?;
            let name = part.attachment_name().and_then(title_of).unwrap_or_default();
            Some(Enclosed { name, bytes })
        })
        .take(MOST_ENCLOSED)
        .collect()
}

/// The bytes of a part without the encoding of their transfer. The parser gives texts in UTF-8, whatever they were written in, and knows
/// the mail with other types in it; both have the same length, so that its offsets fit the mail as it came.
fn sent(part: &MessagePart<'_>, mail: &[u8]) -> Vec<u8> {
    let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let raw = mail.get(place(part.offset_body)..place(part.offset_end));
    let decoded = raw.and_then(|raw| match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    });
    decoded.unwrap_or_else(|| part.contents().to_vec())
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
    fn the_files_of_a_mail_are_the_bytes_that_were_sent() {
        let mail = b"From: a@mail.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nwords\r\n--b\r\nContent-Type: text/csv; charset=iso-8859-1; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\nContent-Transfer-Encoding: 8bit\r\n\r\nn;caf\xE9\r\n--b\r\nContent-Type: text/plain; charset=windows-1252; name=b.txt\r\nContent-Disposition: attachment; filename=b.txt\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nun caf=E9 =\r\nau lait\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1; name=c.txt\r\nContent-Disposition: attachment; filename=c.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nY2Fm\r\n6Q==\r\n--b\r\nContent-Type: text/plain; name=d.txt\r\nContent-Disposition: attachment; filename=d.txt\r\n\r\nContent-Type: message/rfc822\r\n--b\r\nContent-Type: application/octet-stream; name=e.bin\r\nContent-Disposition: attachment; filename=e.bin\r\nContent-Transfer-Encoding: base64\r\n\r\nAAH+/w==\r\n--b--\r\n";
        let found = extract(mail, &Limits { max_enclosed_bytes: 1_000, ..Limits::default() }).unwrap();
        let files: Vec<(&str, &[u8])> = found.enclosed.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
        let expected: [(&str, &[u8]); 5] = [
            ("a.csv", b"n;caf\xE9"),
            ("b.txt", b"un caf\xE9 au lait\r\n"),
            ("c.txt", b"caf\xE9"),
            ("d.txt", b"Content-Type: message/rfc822"),
            ("e.bin", b"\0\x01\xFE\xFF"),
        ];
        assert_eq!(files, expected);
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
