//! What the head of a mail says, what a delivery report says, and what a mail adds to the one that it answers.
//!
//! Only the head is parsed here: what is below may hold anything and is taken apart in a process of its own, by [`extract`](super::extract).

use mail_parser::{HeaderName, HeaderValue, Message, MessageParser};

use crate::text::clean;
use crate::text::extract::Enclosed;
use crate::text::quotes::{self, RemovedKind};

/// A `Message-ID` that is longer is nobody's.
const LONGEST_ID_CHARS: usize = 250;
const LONGEST_SUBJECT_CHARS: usize = 500;
/// So many mails are looked at to which a mail refers: the last ones.
const MOST_REFERENCES: usize = 100;
/// The header of the desk's own mails that tells the tries of a message apart.
pub const TRY_HEADER: &str = "Backchannel-Try";
/// So many of the servers' words on where a mail comes from are looked at: the first ones, which were written last.
const MOST_VERDICTS: usize = 20;
/// How machines begin what they send for people who are away, in English and French.
const AWAY: [&str; 12] = [
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto:",
    "out of office",
    "out of the office",
    "réponse automatique",
    "reponse automatique",
    "absence du bureau",
    "absent du bureau",
    "message d'absence",
];

/// Who stands behind a mail, as its head has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person, as far as anybody can tell.
    Person,
    /// A machine that answers by itself.
    Machine,
    /// A mail server that reports on another mail.
    Report,
}

/// What the head of a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its `Message-ID`, without the angle brackets.
    pub message_id: Option<String>,
    /// The address that it says to be from.
    pub from: Option<String>,
    /// The name that goes with it.
    pub from_name: Option<String>,
    /// Its subject.
    pub subject: String,
    /// When it says to have been written, as it says it.
    pub date: String,
    /// Every address that it went to or says to have gone to.
    pub recipients: Vec<String>,
    /// The mails that it refers to, the one that it answers first, then the latest.
    pub refers_to: Vec<String>,
    /// Who stands behind it.
    pub kind: Kind,
    /// Whether it says to be from more than one.
    pub is_of_several: bool,
    /// What the desk's own mails carry under [`TRY_HEADER`].
    pub try_mark: Option<String>,
    /// What servers say of where it comes from (RFC 8601), the last one first.
    pub verdicts: Vec<String>,
}

/// What the desk's own mail server says of a mail's sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vouched {
    /// It comes from where it says.
    Yes,
    /// It does not.
    No,
    /// It says neither.
    Unsaid,
}

/// What a report says of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Those who did not get it.
    pub failed: Vec<Failed>,
    /// Whether it tells of somebody who may still get it, or has it.
    pub is_on_its_way: bool,
    /// The ids of the mail itself.
    pub message_ids: Vec<String>,
}

/// Somebody who did not get a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Their addresses: the one that the mail was sent to, where it is named, and the one where it ended.
    pub addresses: Vec<String>,
    /// The code that says why.
    pub status: String,
}

/// Reads the head of a mail; `None` where there is none.
#[must_use]
pub fn head(mail: &[u8]) -> Option<Head> {
    let message = MessageParser::default().parse_headers(mail)?;
    let from = message.from().and_then(|from| from.first());
    let head = Head {
        message_id: message.message_id().and_then(id),
        from: from.and_then(|from| from.address()).map(str::to_owned),
        from_name: from.and_then(|from| from.name()).map(|name| shortened(name, LONGEST_SUBJECT_CHARS)),
        subject: message.subject().map(|subject| shortened(subject, LONGEST_SUBJECT_CHARS)).unwrap_or_default(),
        date: raw(&message, "Date"),
        recipients: recipients(&message),
        refers_to: refers_to(&message),
        kind: kind(&message),
        is_of_several: is_of_several(&message),
        try_mark: Some(raw(&message, TRY_HEADER)).filter(|mark| !mark.is_empty()),
        verdicts: message
            .headers_raw()
            .filter(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"))
            .map(|(_, value)| value.to_owned())
            .take(MOST_VERDICTS)
            .collect(),
    };
    (head.message_id.is_some() || head.from.is_some() || !head.recipients.is_empty()).then_some(head)
}

/// What a mail adds: its words without those that it quotes; all of them where nothing else would be left.
#[must_use]
pub fn added(words: &str) -> String {
    let clean = clean::clean(words);
    let removed = quotes::strip(&clean).removed;
    let (mut kept, mut from) = (String::with_capacity(words.len()), 0);
    for part in removed.iter().filter(|part| part.kind == RemovedKind::Quote) {
        let span = clean.original_span(part.span.clone());
        kept.push_str(words.get(from..span.start).unwrap_or_default());
        from = span.end.max(from);
    }
    kept.push_str(words.get(from..).unwrap_or_default());
    let kept = kept.trim();
    if kept.is_empty() { words.trim().to_owned() } else { kept.to_owned() }
}

/// What the desk's own mail server says of a mail's sender: `authserv_id` is what it calls itself (RFC 8601).
///
/// What others say counts for nothing, and of its own words the ones that were written last: servers take out what others say in their name.
#[must_use]
pub fn vouched(head: &Head, authserv_id: &str) -> Vouched {
    let own = head.verdicts.iter().find_map(|verdict| {
        let said = without_comments(verdict).to_ascii_lowercase();
        let (name, results) = said.split_once(';')?;
        (name.split_whitespace().next()? == authserv_id.to_ascii_lowercase()).then(|| results.to_owned())
    });
    let results = own.unwrap_or_default();
    let dmarc = results.split(';').find_map(|result| {
        let (method, said) = result.split_once('=')?;
        (method.trim() == "dmarc").then(|| said.split_whitespace().next().unwrap_or_default())
    });
    match dmarc {
        Some("pass") => Vouched::Yes,
        Some("fail") => Vouched::No,
        Some(_) | None => Vouched::Unsaid,
    }
}

/// A header without what stands in round brackets, which may stand in each other.
fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    let outside = value.chars().filter(|c| {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    outside.collect()
}

/// Reads what a report encloses (RFC 3464): the fields of each recipient, and the mail that did not arrive, or its head.
#[must_use]
pub fn report(enclosed: &[Enclosed]) -> Report {
    let mut report = Report::default();
    for Enclosed { bytes, .. } in enclosed {
        // Long fields go on in the next line, after white space.
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
        let mut fields = Fields::default();
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else {
                // Each recipient's fields end with an empty line.
                if line.trim().is_empty() {
                    std::mem::take(&mut fields).end(&mut report);
                }
                continue;
            };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "original-recipient" | "final-recipient" => {
                    fields.addresses.extend(value.rsplit(';').next().map(|address| address.trim().to_owned()));
                }
                "action" => fields.action = Some(value.to_ascii_lowercase()),
                "status" => fields.status = Some(shortened(value, 20)),
                "message-id" => report.message_ids.extend(id(value)),
                _ => {}
            }
        }
        fields.end(&mut report);
    }
    report
}

/// What a report says of one recipient.
#[derive(Default)]
struct Fields {
    addresses: Vec<String>,
    action: Option<String>,
    status: Option<String>,
}

impl Fields {
    fn end(self, report: &mut Report) {
        let Self { addresses, action, status } = self;
        if addresses.is_empty() {
            return;
        }
        if action.is_some_and(|action| action != "failed") {
            report.is_on_its_way = true;
        } else {
            report.failed.push(Failed { addresses, status: status.unwrap_or_default() });
        }
    }
}

fn recipients(message: &Message<'_>) -> Vec<String> {
    let named = ["to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "resent-to", "apparently-to"];
    let mut found = Vec::new();
    for (name, value) in message.headers_raw() {
        if named.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            let words = value.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | ':' | '"' | '(' | ')'));
            found.extend(words.filter(|word| word.contains('@')).map(str::to_owned));
        }
    }
    found.dedup();
    found
}

fn refers_to(message: &Message<'_>) -> Vec<String> {
    let mut found = ids(message.in_reply_to());
    let references = ids(message.references());
    found.extend(references.into_iter().rev().take(MOST_REFERENCES));
    found
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(text) => id(text).into_iter().collect(),
        HeaderValue::TextList(texts) => texts.iter().filter_map(|text| id(text)).collect(),
        HeaderValue::Address(_)
        | HeaderValue::DateTime(_)
        | HeaderValue::ContentType(_)
        | HeaderValue::Received(_)
        | HeaderValue::Empty => Vec::new(),
    }
}

fn kind(message: &Message<'_>) -> Kind {
    let report = message.header(HeaderName::ContentType).and_then(|value| match value {
        HeaderValue::ContentType(kind) => Some((kind.ctype(), kind.subtype()?, kind.attribute("report-type"))),
        HeaderValue::Address(_)
        | HeaderValue::Text(_)
        | HeaderValue::TextList(_)
        | HeaderValue::DateTime(_)
        | HeaderValue::Received(_)
        | HeaderValue::Empty => None,
    });
    let returns_to_nobody = raw(message, "Return-Path") == "<>";
    let sender = message.from().and_then(|from| from.first()).and_then(|from| from.address()).unwrap_or_default().to_lowercase();
    let is_server = sender.starts_with("mailer-daemon@") || sender.starts_with("postmaster@");
    if report.is_some_and(|(kind, subtype, of)| {
        kind.eq_ignore_ascii_case("multipart")
            && subtype.eq_ignore_ascii_case("report")
            && of.is_none_or(|of| of.eq_ignore_ascii_case("delivery-status"))
    }) || is_server && returns_to_nobody
    {
        return Kind::Report;
    }
    let says = |name: &str| Some(raw(message, name).to_ascii_lowercase()).filter(|value| !value.is_empty());
    let submitted = says("Auto-Submitted").is_some_and(|value| !value.starts_with("no"));
    let answers = ["X-Autoreply", "X-Autorespond", "X-Autoresponder"].iter().any(|name| says(name).is_some_and(|value| value != "no"));
    let precedence = says("Precedence").unwrap_or_default();
    let is_bulk = ["bulk", "junk", "auto_reply"].contains(&precedence.as_str());
    // A subject alone says nothing: people write of their absence too.
    let hints = returns_to_nobody || precedence == "list" || says("X-Auto-Response-Suppress").is_some();
    let subject = message.subject().unwrap_or_default().trim().to_lowercase();
    let is_away = hints && AWAY.iter().any(|begins| subject.starts_with(begins));
    if submitted || answers || is_bulk || is_away { Kind::Machine } else { Kind::Person }
}

/// Whether a mail names several senders, in one line or in more: whom a reader takes it to be from is then anybody's guess.
fn is_of_several(message: &Message<'_>) -> bool {
    let lines = message.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("From")).count();
    lines > 1 || message.from().is_some_and(|from| from.iter().count() > 1)
}

/// A header as it stands, on one line.
fn raw(message: &Message<'_>, wanted: &str) -> String {
    let found = message.headers_raw().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

fn id(text: &str) -> Option<String> {
    let id = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
    (!id.is_empty() && id.chars().count() <= LONGEST_ID_CHARS && !id.contains(char::is_whitespace)).then(|| id.to_owned())
}

fn shortened(text: &str, chars: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(chars).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(headers: &str) -> Kind {
        head(format!("From: Ana <ana@other.example>\r\n{headers}\r\n\r\nwords\r\n").as_bytes()).unwrap().kind
    }

    #[test]
    fn the_head_says_whom_it_went_to_and_what_it_answers() {
        let mail = b"Delivered-To: desk+two@desk.example\r\nFrom: =?utf-8?q?Zo=C3=A9?= <Zoe@Other.example>\r\nTo: \"A, B\" <a@b.example>,\r\n Desk <desk+one@desk.example>\r\nSubject: Re:\r\n lamp\r\nMessage-ID: <x@other.example>\r\nIn-Reply-To: <two@desk.example>\r\nReferences: <one@desk.example>\r\n <two@desk.example>\r\nDate: Tue, 3 Nov 2026 09:10:00 +0000\r\n\r\nwords";
        let head = head(mail).unwrap();
        assert_eq!(head.from.as_deref(), Some("Zoe@Other.example"));
        assert_eq!((head.from_name.as_deref(), head.message_id.as_deref()), (Some("Zoé"), Some("x@other.example")));
        assert_eq!(head.recipients, ["desk+two@desk.example", "a@b.example", "desk+one@desk.example"]);
        assert_eq!(head.refers_to, ["two@desk.example", "two@desk.example", "one@desk.example"]);
        assert_eq!((head.subject.as_str(), head.kind), ("Re: lamp", Kind::Person));
        for other in [&b""[..], b"no head at all", b"\r\n\r\nbody", b"\xff\xfe\0"] {
            assert_eq!(super::head(other), None, "{other:?}");
        }
    }

    #[test]
    fn machines_are_known_by_their_headers_and_never_by_their_subject_alone() {
        for headers in [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated (vacation)",
            "X-Autoreply: yes",
            "Precedence: bulk",
            "Precedence: auto_reply",
            "Return-Path: <>\r\nSubject: Out of office: back on Monday",
            "X-Auto-Response-Suppress: All\r\nSubject: =?utf-8?q?R=C3=A9ponse_automatique_:_cong=C3=A9s?=",
        ] {
            assert_eq!(kind_of(headers), Kind::Machine, "{headers}");
        }
        for headers in ["Auto-Submitted: no", "Subject: Out of office next week, can you take over?", "Precedence: list", "X-Mailer: x"] {
            assert_eq!(kind_of(headers), Kind::Person, "{headers}");
        }
        assert_eq!(kind_of("Content-Type: multipart/report; report-type=delivery-status; boundary=b"), Kind::Report);
        assert_eq!(kind_of("Content-Type: multipart/report; report-type=disposition-notification; boundary=b"), Kind::Person);
    }

    #[test]
    fn a_report_names_who_did_not_get_which_mail() {
        let status = b"Reporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; Ana@Other.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\nFinal-Recipient: rfc822; bo@other.example\r\nAction: delayed\r\nStatus: 4.4.7\r\n".to_vec();
        let original = b"Subject: lamp\r\nMessage-Id:\r\n <one.two@desk.example>\r\n\r\n".to_vec();
        let enclosed = [status, original].map(|bytes| Enclosed { name: String::new(), bytes });
        let report = report(&enclosed);
        assert_eq!(report.failed, [Failed { addresses: vec!["Ana@Other.example".to_owned()], status: "5.1.1".to_owned() }]);
        assert!(report.is_on_its_way, "Bo may still get it");
        assert_eq!(report.message_ids, ["one.two@desk.example"]);
        assert_eq!(super::report(&[Enclosed { name: String::new(), bytes: vec![0, 255, 58, 10] }]), Report::default());
    }

    #[test]
    fn a_report_names_whom_the_mail_was_sent_to_where_it_was_handed_on() {
        let status = b"Original-Recipient: rfc822;ana@other.example\r\nFinal-Recipient: rfc822;ana.k@inside.example\r\nAction: failed\r\nStatus: 5.2.2".to_vec();
        let report = report(&[Enclosed { name: String::new(), bytes: status }]);
        let addresses = ["ana@other.example", "ana.k@inside.example"].map(str::to_owned).to_vec();
        assert_eq!(report.failed, [Failed { addresses, status: "5.2.2".to_owned() }]);
        assert!(!report.is_on_its_way);
    }

    #[test]
    fn only_the_desks_own_server_is_asked_whether_a_sender_is_true() {
        let said = |headers: &str| {
            let head = head(format!("From: Ana <ana@other.example>\r\n{headers}\r\n\r\nwords\r\n").as_bytes()).unwrap();
            vouched(&head, "MX.desk.example")
        };
        let line = |value: &str| format!("Authentication-Results: {value}");
        for (value, wanted) in [
            ("mx.desk.example; spf=pass smtp.mailfrom=x; dmarc=fail (p=none; dis=none) header.from=other.example", Vouched::No),
            ("mx.desk.example 1;\r\n dkim=fail;\r\n dmarc=pass", Vouched::Yes),
            ("mx.desk.example; none", Vouched::Unsaid),
            ("mx.desk.example (a; dmarc=pass (b)); dmarc = none", Vouched::Unsaid),
            ("mx.evil.example; dmarc=pass", Vouched::Unsaid),
            ("dmarc=fail", Vouched::Unsaid),
        ] {
            assert_eq!(said(&line(value)), wanted, "{value}");
        }
        let two = format!("{}\r\n{}", line("mx.desk.example; dmarc=fail"), line("mx.desk.example; dmarc=pass"));
        assert_eq!(said(&two), Vouched::No, "the first one was written last");
        assert_eq!(said("X: y"), Vouched::Unsaid);
    }

    #[test]
    fn a_mail_of_several_is_known() {
        for (headers, wanted) in [("X: y", false), ("from: Bo <bo@other.example>", true)] {
            let mail = format!("From: Ana <ana@other.example>\r\n{headers}\r\n\r\nwords\r\n");
            assert_eq!(head(mail.as_bytes()).unwrap().is_of_several, wanted, "{headers}");
        }
        assert!(head(b"From: Ana <ana@other.example>, Bo <bo@other.example>\r\n\r\nwords").unwrap().is_of_several);
    }

    #[test]
    fn what_is_quoted_is_not_said_again() {
        let said =
            "Yes, post it.\n\nAna\n\nOn Tue, 3 Nov 2026 at 09:10, Desk <desk@desk.example> wrote:\n> May it be posted?\n> It is swollen.";
        assert_eq!(added(said), "Yes, post it.\n\nAna");
        assert_eq!(added("> only\n> a quote"), "> only\n> a quote");
        assert_eq!(added("  plain  \n words "), "plain  \n words");
        assert_eq!(added(""), "");
    }
}
