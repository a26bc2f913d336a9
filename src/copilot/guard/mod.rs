//! The guard: what of a message must not reach its recipients, and what its author should look at before it is sent.
//!
//! The guard knows what a recipient may read by the same rule as a search does, an audience and a reader: words that were copied from a
//! text that one of them may not read are found, whoever wrote the message, and so are other customers, secrets and personal data. It finds
//! copies, not meaning: what is told in other words, or in another language, passes.

mod copied;
pub mod named;
pub mod quality;
pub mod secrets;
pub mod trust;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::copilot::guard::copied::{Open, Sought, Worded};
use crate::copilot::guard::trust::{Recipient, Trust};
use crate::copilot::leak::masked;
use crate::domain::audience::Audience;
use crate::domain::id::CustomerId;
use crate::domain::leak::{Leak, LeakKind, LeakLevel, MessagePart};
use crate::domain::reason::Reason;
use crate::domain::triage::{Entity, Source};

/// Kinds that nobody may have in full, colleagues included.
const CARD: &str = "card";
/// Numbers of fewer digits stand anywhere.
const LEAST_DIGITS: usize = 7;
/// What others need to deliver or to find something, and what is no danger in a partner's hands.
const DELIVERY: [&str; 1] = ["address"];

/// A message that is about to leave.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// Its text, clean: what cannot be seen is gone.
    pub text: &'a str,
    /// Which part of the message it is.
    pub part: MessagePart,
    /// What was found in it.
    pub entities: &'a [Entity],
    /// Whom it would reach.
    pub recipients: &'a [Recipient],
}

/// A text of the desk that the message may have been copied from.
#[derive(Debug, Clone)]
pub struct Known {
    /// Where it stands.
    pub source: Source,
    /// What it is called where people point at it.
    pub title: String,
    /// Who may read it.
    pub audience: Audience,
    /// The addresses of who takes part in it, of a side conversation.
    pub participants: Vec<String>,
    /// What it is to the ticket of the message.
    pub belongs: Belongs,
    /// Whether it stands on the message's own ticket.
    pub is_here: bool,
    /// Whether whoever asks may not read it.
    pub is_hidden: bool,
    /// Its sentences.
    pub sentences: Vec<String>,
}

/// What a text is to the ticket of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// The ticket's customer wrote it or was told it, on this ticket or another one.
    Ticket,
    /// Somebody of the desk told it to another customer, or an article says that customers are to be told it: words that leave all the time.
    Told,
    /// Another customer wrote it.
    Other(CustomerId),
    /// It is the desk's.
    Desk,
}

/// Other customers who may be meant in a message.
#[derive(Debug, Clone, Default)]
pub struct Others {
    /// Their names.
    pub names: Vec<String>,
    /// Their e-mail addresses.
    pub addresses: BTreeSet<String>,
}

/// What of a message must not leave, in the order in which it stands there.
#[must_use]
pub fn check(outgoing: Outgoing<'_>, known: &[Known], others: &Others) -> Vec<Leak> {
    let mut leaks = copies(outgoing, known);
    leaks.extend(numbers(outgoing, known));
    leaks.extend(names(outgoing, known, &others.names));
    leaks.extend(personal(outgoing, known, &others.addresses));
    leaks.extend(secret(outgoing));
    leaks.sort_by_key(|leak| (leak.span.as_ref().map_or(usize::MAX, |span| span.start), leak.kind));
    leaks
}

/// A text without what must not leave: `[…]` stands in each such place.
#[must_use]
pub fn redacted(text: &str, leaks: &[Leak]) -> String {
    let spans = leaks.iter().filter(|leak| leak.level >= LeakLevel::Acknowledge).filter_map(|leak| leak.span.clone());
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for span in secrets::merged(spans.collect()) {
        left.push_str(&text[from..span.start]);
        left.push_str("[…]");
        from = span.end;
    }
    left + &text[from..]
}

impl Known {
    /// Whether a recipient may read it, or was told it.
    fn is_open_to(&self, recipient: &Recipient) -> bool {
        match self.belongs {
            Belongs::Told => return true,
            // What a customer wrote goes to those who help them; what is personal in it is looked at by itself.
            Belongs::Ticket if self.participants.is_empty() && matches!(self.audience, Audience::Customer(_)) => return true,
            Belongs::Ticket | Belongs::Other(_) | Belongs::Desk => {}
        }
        self.participants.contains(&recipient.address) || recipient.reader.may_see(&self.audience)
    }

    /// Whether another customer wrote it or was told it.
    fn is_of_others(&self) -> bool {
        matches!(self.belongs, Belongs::Other(_)) || (self.belongs == Belongs::Told && matches!(self.source, Source::Comment(..)))
    }

    fn is_open_but_to_customers(&self, recipients: &[Recipient]) -> bool {
        recipients.iter().all(|one| one.trust == Trust::Customer || self.is_open_to(one))
    }

    fn closed_to(&self, recipients: &[Recipient]) -> Vec<String> {
        addresses(recipients.iter().filter(|one| !self.is_open_to(one)))
    }
}

/// Words that were copied from what somebody may not read.
fn copies(Outgoing { text, part, recipients, .. }: Outgoing<'_>, known: &[Known]) -> Vec<Leak> {
    let message = Worded::of(text);
    let sought = Sought::new(&message);
    let (closed, said): (Vec<_>, Vec<_>) =
        known.iter().map(|one| (one, one.closed_to(recipients))).partition(|(_, closed_to)| !closed_to.is_empty());
    let mut open = Open::default();
    for (one, _) in said {
        one.sentences.iter().for_each(|sentence| open.add(&Worded::of(sentence)));
    }
    let mut leaks: Vec<Leak> = Vec::new();
    for (one, to) in closed {
        let runs = one.sentences.iter().flat_map(|sentence| sought.copied(&Worded::of(sentence), &open));
        let spans = secrets::merged(runs.collect());
        for span in spans {
            let (kind, reason) = taken_from(one);
            // Two texts may say the same: it is named once.
            let is_known = |leak: &Leak| match &leak.span {
                Some(other) => other.start <= span.start && span.end <= other.end,
                None => one.is_hidden && leak.reason == reason,
            };
            if leaks.iter().any(is_known) {
                continue;
            }
            // What was answered aside may be told to the customer, by somebody who says so.
            let is_relayed = one.is_here && kind == LeakKind::SideThread && one.is_open_but_to_customers(recipients);
            let level = if is_relayed { LeakLevel::Acknowledge } else { LeakLevel::Block };
            let span = (!one.is_hidden).then_some(span);
            leaks.push(Leak { kind, level, reason, part, span, to: to.clone(), source: Some(one.source) });
        }
    }
    leaks
}

fn taken_from(known: &Known) -> (LeakKind, Reason) {
    match (known.source, known.belongs) {
        (_, Belongs::Other(_)) => (LeakKind::OtherCustomer, Reason::OtherCustomerWouldLeave { reference: known.title.clone() }),
        (Source::Message(..), _) => (LeakKind::SideThread, Reason::ThreadWouldLeave { reference: known.title.clone() }),
        (Source::Passage(..) | Source::Playbook | Source::Attachment(..), _) => {
            (LeakKind::Restricted, Reason::ArticleWouldLeave { title: known.title.clone() })
        }
        (Source::Ticket(_) | Source::Comment(..), _) => (LeakKind::InternalNote, Reason::NoteWouldLeave),
    }
}

/// Order, invoice and parcel numbers that stand with another customer and nowhere on the ticket.
fn numbers(Outgoing { text, part, entities, recipients }: Outgoing<'_>, known: &[Known]) -> Vec<Leak> {
    let to = outside(recipients);
    if to.is_empty() {
        return Vec::new();
    }
    let stands = |number: &str, wanted: fn(&Known) -> bool| {
        known.iter().filter(|one| wanted(one)).find(|one| one.sentences.iter().any(|sentence| names_number(sentence, number)))
    };
    let structured = |entity: &&Entity| matches!(entity.kind.as_str(), "order" | "invoice" | "tracking" | "serial" | "subscription");
    let leaks = entities.iter().filter(structured).filter_map(|entity| {
        let here = stands(&entity.value, |one| one.is_here || one.belongs == Belongs::Ticket);
        let there = stands(&entity.value, Known::is_of_others)?;
        here.is_none().then(|| Leak {
            kind: LeakKind::OtherCustomer,
            level: LeakLevel::Block,
            reason: Reason::OtherCustomerWouldLeave { reference: there.title.clone() },
            part,
            span: place(text, entity),
            to: to.clone(),
            source: Some(there.source),
        })
    });
    leaks.collect()
}

/// Other customers who are named, by their whole name or by title and family name, and not on the ticket itself.
fn names(Outgoing { text, part, recipients, .. }: Outgoing<'_>, known: &[Known], others: &[String]) -> Vec<Leak> {
    let to = outside(recipients);
    if to.is_empty() || others.is_empty() {
        return Vec::new();
    }
    let message = named::Names::of(text);
    let own = known.iter().filter(|one| matches!(one.belongs, Belongs::Ticket)).flat_map(|one| &one.sentences);
    let own: BTreeSet<String> = own.flat_map(|sentence| named::words(sentence)).collect();
    let mut leaks = Vec::new();
    let strangers = others.iter().filter(|name| named::words(name).last().is_some_and(|family| !own.contains(family)));
    for span in strangers.flat_map(|name| message.find(name)) {
        let named = text.get(span.clone()).unwrap_or_default().to_owned();
        leaks.push(Leak {
            kind: LeakKind::OtherCustomer,
            level: LeakLevel::Acknowledge,
            reason: Reason::OtherCustomerNamed { text: named },
            part,
            span: Some(span),
            to: to.clone(),
            source: None,
        });
    }
    leaks
}

/// Personal data towards others than whom they are of, and whole card numbers towards anybody; `others` are the addresses of other customers.
fn personal(Outgoing { text, part, entities, recipients }: Outgoing<'_>, known: &[Known], others: &BTreeSet<String>) -> Vec<Leak> {
    let everybody = addresses(recipients.iter());
    let strangers: Vec<&Recipient> = recipients.iter().filter(|one| one.is_outside() && one.trust != Trust::Customer).collect();
    let to = addresses(strangers.iter().copied());
    let is_partner = strangers.iter().all(|one| one.trust == Trust::Partner);
    let customer = addresses(recipients.iter().filter(|one| one.trust == Trust::Customer));
    let stands = |entity: &Entity, wanted: fn(&Known) -> bool| {
        known.iter().filter(|one| wanted(one)).any(|one| one.sentences.iter().any(|sentence| tells(sentence, entity)))
    };
    // The desk's own numbers and addresses stand in what everybody may read, or are those it writes to.
    let is_public = |one: &Known| {
        matches!(one.audience, Audience::Public) || (one.belongs == Belongs::Told && matches!(one.source, Source::Passage(..)))
    };
    let leaks = entities.iter().filter_map(|entity| {
        let leak = |level, to: &[String]| {
            let shown = if entity.kind == CARD || entity.kind == "iban" { masked(&entity.text) } else { entity.text.clone() };
            let reason = Reason::MustNotLeave { kind: entity.kind.clone(), text: shown, is_outside: entity.kind != CARD };
            Some(Leak { kind: LeakKind::Personal, level, reason, part, span: place(text, entity), to: to.to_vec(), source: None })
        };
        if entity.kind == CARD {
            return if entity.text.contains('*') || entity.checked == Some(false) { None } else { leak(LeakLevel::Block, &everybody) };
        }
        let is_written_to = recipients.iter().any(|one| one.address == entity.value);
        if !entity.personal || entity.kind == "url" || is_written_to || stands(entity, is_public) {
            return None;
        }
        // What the customer wrote themselves is theirs; what others wrote is not.
        let is_of_others = others.contains(&entity.value) || stands(entity, Known::is_of_others);
        let is_theirs = stands(entity, |one| one.belongs == Belongs::Ticket) || !is_of_others;
        let to_customer = if customer.is_empty() || is_theirs { None } else { leak(LeakLevel::Block, &customer) };
        let to_strangers = match entity.kind.as_str() {
            _ if to.is_empty() => None,
            kind if is_partner && DELIVERY.contains(&kind) => leak(LeakLevel::Hint, &to),
            _ if is_partner => leak(LeakLevel::Acknowledge, &to),
            _ => leak(LeakLevel::Block, &to),
        };
        [to_customer, to_strangers].into_iter().flatten().max_by_key(|leak| leak.level)
    });
    let mut leaks: Vec<Leak> = leaks.collect();
    if !to.is_empty() {
        leaks.extend(secrets::births(text).into_iter().map(|span| Leak {
            kind: LeakKind::Personal,
            level: if is_partner { LeakLevel::Acknowledge } else { LeakLevel::Block },
            reason: Reason::MustNotLeave { kind: "date".to_owned(), text: text[span.clone()].to_owned(), is_outside: true },
            part,
            span: Some(span),
            to: to.clone(),
            source: None,
        }));
    }
    leaks
}

/// Whether a sentence holds what was found, as it is written there or as the same digits.
fn tells(sentence: &str, entity: &Entity) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let own = digits(&entity.value);
    let is_number = matches!(entity.kind.as_str(), "phone" | "iban") && own.len() >= LEAST_DIGITS;
    sentence.contains(&entity.text) || (is_number && digits(sentence).contains(own.trim_start_matches('0')))
}

/// Where recipients are reached, each once.
fn addresses<'a>(recipients: impl Iterator<Item = &'a Recipient>) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for recipient in recipients {
        if !addresses.contains(&recipient.address) {
            addresses.push(recipient.address.clone());
        }
    }
    addresses
}

fn secret(Outgoing { text, part, entities, recipients }: Outgoing<'_>) -> Vec<Leak> {
    // An address on the web may hold a password.
    let known: Vec<Range<usize>> = entities.iter().filter(|entity| entity.kind != "url").filter_map(|entity| place(text, entity)).collect();
    let to: Vec<String> = recipients.iter().map(|one| one.address.clone()).collect();
    let found = secrets::find(text, &known).into_iter();
    let leak = |span| {
        let (kind, level, reason) = (LeakKind::Secret, LeakLevel::Block, Reason::SecretWouldLeave);
        Leak { kind, level, reason, part, span: Some(span), to: to.clone(), source: None }
    };
    found.map(leak).collect()
}

/// Addresses that are not what they seem.
#[must_use]
pub fn suspects(recipients: &[Recipient]) -> Vec<Leak> {
    recipients.iter().filter_map(suspect).collect()
}

fn suspect(recipient: &Recipient) -> Option<Leak> {
    let address = recipient.address.clone();
    let (level, reason) = match &recipient.looks_like {
        Some(domain) => (LeakLevel::Block, Reason::LooksLike { address, domain: domain.clone() }),
        None if recipient.is_hidden && recipient.is_outside() => (LeakLevel::Acknowledge, Reason::HiddenOutsider { address }),
        None => return None,
    };
    Some(Leak {
        kind: LeakKind::Recipient,
        level,
        reason,
        part: MessagePart::Body,
        span: None,
        to: vec![recipient.address.clone()],
        source: None,
    })
}

fn outside(recipients: &[Recipient]) -> Vec<String> {
    addresses(recipients.iter().filter(|one| one.is_outside()))
}

/// Where an entity stands in the text that it was found in.
fn place(text: &str, entity: &Entity) -> Option<Range<usize>> {
    text.get(entity.span.clone()).map(|_| entity.span.clone())
}

/// Whether a number stands in a text as a word of its own, whatever its case.
fn names_number(text: &str, number: &str) -> bool {
    text.split_whitespace().any(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).eq_ignore_ascii_case(number))
}
