//! How a message is written as a mail: a text part as it was written, and the same as HTML.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};

use super::html;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::EmailAddress;
use crate::text::mail::TRY_HEADER;

/// No more earlier mails are named than this, the first and the last ones: programs cut long lists themselves.
const MOST_REFERENCES: usize = 20;

/// A message that is to become a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter<'a> {
    /// The desk's address.
    pub from: &'a EmailAddress,
    /// Who writes.
    pub from_name: &'a str,
    /// Where the answer goes.
    pub reply_to: &'a str,
    /// Whom it is for, with the names that are known.
    pub to: Vec<(Option<&'a str>, &'a EmailAddress)>,
    /// Its subject.
    pub subject: &'a str,
    /// Its text, in the markdown-like way that people write.
    pub body: &'a str,
    /// Its `Message-ID`, without angle brackets.
    pub message_id: &'a str,
    /// What tells the mails of its tries apart.
    pub try_mark: &'a str,
    /// The ids of the earlier mails of the same side conversation, oldest first; those of no other.
    pub earlier: &'a [String],
    /// When it was written.
    pub at: Timestamp,
    /// Its files.
    pub files: Vec<Enclosure>,
}

/// A file that goes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Its name.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A message that cannot be written as a mail.
#[derive(Debug, thiserror::Error)]
#[error("this cannot be written as a mail")]
pub struct Unwritable;

impl Letter<'_> {
    /// The mail, as it travels. The same letter gives the same bytes.
    ///
    /// # Errors
    /// [`Unwritable`] where an address is none that mail programs know.
    pub fn compose(&self) -> Result<Vec<u8>, Unwritable> {
        let mailbox = |name: Option<&str>, address: &str| {
            let name = name.map(one_line).filter(|name| !name.is_empty());
            address.parse().map(|address| Mailbox::new(name, address)).map_err(|_| Unwritable)
        };
        let at = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(self.at.as_micros()).unwrap_or(0));
        let mut mail = Message::builder()
            .from(mailbox(Some(self.from_name), self.from.as_str())?)
            .reply_to(mailbox(Some(self.from_name), self.reply_to)?)
            .subject(one_line(self.subject))
            .message_id(Some(bracketed(self.message_id)))
            .date(at)
            // Written by a person: whoever answers by a machine may do so.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "no".to_owned()))
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(TRY_HEADER), self.try_mark.to_owned()));
        for (name, address) in &self.to {
            // One address that nobody can write to must not keep the others from their mail.
            if let Ok(to) = mailbox(*name, address.as_str()) {
                mail = mail.to(to);
            }
        }
        if let Some(last) = self.earlier.last() {
            mail = mail.in_reply_to(bracketed(last)).references(references(self.earlier));
        }
        let boundary =
            |kind: &str| format!("{kind}-{}", self.message_id.chars().filter(char::is_ascii_alphanumeric).take(50).collect::<String>());
        let texts = MultiPart::alternative()
            .boundary(boundary("texts"))
            .singlepart(SinglePart::plain(self.body.to_owned()))
            .singlepart(SinglePart::html(html::page(self.body)));
        let written = if self.files.is_empty() {
            mail.multipart(texts)
        } else {
            let mut parts = MultiPart::mixed().boundary(boundary("files")).multipart(texts);
            for Enclosure { name, media_type, bytes } in &self.files {
                let kind = media_type.parse().unwrap_or_else(|_| octets());
                // Byte for byte, also where a file is text: servers change the ends of lines.
                let bytes = Body::new_with_encoding(bytes.clone(), ContentTransferEncoding::Base64).map_err(|_| Unwritable)?;
                parts = parts.singlepart(Attachment::new(one_line(name)).body(bytes, kind));
            }
            mail.multipart(parts)
        };
        written.map(|mail| mail.formatted()).map_err(|_| Unwritable)
    }
}

fn octets() -> ContentType {
    "application/octet-stream".parse().expect("this is a media type: this is a bug")
}

fn bracketed(id: &str) -> String {
    format!("<{id}>")
}

/// The first one, which began it all, and the last ones.
fn references(earlier: &[String]) -> String {
    let cut = earlier.len().saturating_sub(MOST_REFERENCES - 1).max(1);
    let kept = earlier.iter().take(1).chain(earlier.iter().skip(cut));
    kept.map(|id| bracketed(id)).collect::<Vec<_>>().join(" ")
}

/// A text that stays within its header.
fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders as _};

    use super::*;

    fn letter<'a>(from: &'a EmailAddress, to: &'a EmailAddress, earlier: &'a [String]) -> Letter<'a> {
        Letter {
            from,
            from_name: "Zoé Agent",
            reply_to: "desk+token@desk.example",
            to: vec![(Some("Ana \"A\" Ortiz"), to)],
            subject: "Pile gonflée\r\nBcc: all@desk.example",
            body: "**Bold** and a list:\n\n- one\n- two <script>\n\n[a link](https://desk.example/?a=1&b=2)\n.\nafter the dot",
            message_id: "token.message@desk.example",
            try_mark: "1.seal",
            earlier,
            at: Timestamp::from_micros(1_790_000_000_000_000),
            files: vec![Enclosure { name: "reçu.pdf".to_owned(), media_type: "application/pdf".to_owned(), bytes: vec![0, 159, 255] }],
        }
    }

    #[test]
    fn a_letter_is_a_mail_that_parsers_read_as_it_was_meant() {
        let (from, to) = ("desk@desk.example".parse().unwrap(), "ana@other.example".parse().unwrap());
        let earlier = ["first@desk.example".to_owned(), "second@other.example".to_owned()];
        let letter = letter(&from, &to, &earlier);
        let mail = letter.compose().unwrap();
        assert!(mail.is_ascii());
        assert_eq!(mail, letter.compose().unwrap(), "a second try sends the same bytes");
        let read = MessageParser::default().parse(&mail).unwrap();
        assert_eq!(read.subject(), Some("Pile gonflée Bcc: all@desk.example"));
        assert!(read.bcc().is_none() && read.cc().is_none());
        assert_eq!(read.from().unwrap().first().unwrap().name(), Some("Zoé Agent"));
        assert_eq!(read.from().unwrap().first().unwrap().address(), Some("desk@desk.example"));
        assert_eq!(read.to().unwrap().first().unwrap().name(), Some("Ana \"A\" Ortiz"));
        assert_eq!(read.reply_to().unwrap().first().unwrap().address(), Some("desk+token@desk.example"));
        assert_eq!(read.message_id(), Some("token.message@desk.example"));
        assert_eq!(read.in_reply_to().as_text(), Some("second@other.example"));
        assert_eq!(read.references().as_text_list().unwrap().len(), 2);
        assert_eq!(read.header_raw("Auto-Submitted").map(str::trim), Some("no"));
        assert_eq!(read.header_raw(TRY_HEADER).map(str::trim), Some("1.seal"));
        assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n").trim(), letter.body);
        let html = read.body_html(0).unwrap();
        assert!(html.contains("<strong>Bold</strong>") && html.contains("&lt;script&gt;"), "{html}");
        let file = read.attachments().next().unwrap();
        assert_eq!((file.attachment_name(), file.contents()), (Some("reçu.pdf"), &[0, 159, 255][..]));
    }

    #[test]
    fn of_many_earlier_mails_the_first_and_the_last_are_named() {
        let many: Vec<String> = (0..30).map(|number| format!("{number}@desk.example")).collect();
        let named = references(&many);
        assert!(named.starts_with("<0@desk.example> <11@desk.example>") && named.ends_with("<29@desk.example>"), "{named}");
        assert_eq!(named.split(' ').count(), MOST_REFERENCES);
        assert_eq!(references(&many[..2]), "<0@desk.example> <1@desk.example>");
        assert_eq!(references(&many[..1]), "<0@desk.example>");
    }
}
