//! How far a recipient is trusted: by the directory, by the ticket, and by what their address looks like.

use std::collections::BTreeSet;

use crate::domain::audience::Reader;
use crate::domain::id::CustomerId;
use crate::domain::person::{Channel, Directory, Person};
use crate::domain::vocabulary::{EmailAddress, PersonRole, TeamName};

/// Where anybody has an address; the most used ones (own list).
const FREE: [&str; 24] = [
    "aol.com",
    "free.fr",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "live.com",
    "live.fr",
    "mac.com",
    "me.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "sfr.fr",
    "wanadoo.fr",
    "web.de",
    "yahoo.com",
    "yahoo.fr",
];
/// What stands before a country in the domains that are given out there.
const SECOND: [&str; 6] = ["ac", "co", "com", "gov", "net", "org"];
/// Shorter names of domains are too near to each other to say that one looks like another.
const LEAST_LABEL: usize = 5;

/// What a recipient is to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// Somebody of the company.
    Colleague,
    /// Somebody of the directory outside the company, or an address of their domain.
    Partner,
    /// Who wrote the ticket.
    Customer,
    /// An address that nobody knows.
    Unknown,
    /// An address where anybody can have one.
    FreeMail,
    /// An address that looks like the company's or a partner's and is not.
    LookAlike,
}

/// Somebody whom a message would reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Their address, or what a channel is called.
    pub address: String,
    /// What they are to the desk.
    pub trust: Trust,
    /// What they may read.
    pub reader: Reader,
    /// The domain that theirs looks like.
    pub looks_like: Option<String>,
    /// Whether the others do not see that they get it.
    pub is_hidden: bool,
}

impl Recipient {
    /// Whether they are outside the company.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.trust != Trust::Colleague
    }
}

/// Whom addresses belong to.
#[derive(Debug)]
pub struct Trusted<'a> {
    directory: &'a Directory,
    customer: Option<(&'a EmailAddress, CustomerId)>,
    own: BTreeSet<&'a str>,
    partners: BTreeSet<&'a str>,
}

impl<'a> Trusted<'a> {
    /// By a directory, and by who wrote the ticket, if there is one.
    #[must_use]
    pub fn new(directory: &'a Directory, customer: Option<(&'a EmailAddress, CustomerId)>) -> Self {
        // One address of somebody does not make everybody of its provider known.
        let of = |is_outside: bool| {
            let people = directory.people.values().filter(move |person| is_outsider(person, directory) == is_outside);
            people.map(|person| person.email.domain()).filter(|domain| !FREE.contains(domain)).collect::<BTreeSet<_>>()
        };
        let partners = of(true);
        let own = of(false).difference(&partners).copied().collect();
        Self { directory, customer, own, partners }
    }

    /// What a recipient is.
    #[must_use]
    pub fn recipient(&self, address: &EmailAddress, is_hidden: bool) -> Recipient {
        let (trust, reader, looks_like) = self.trust(address);
        Recipient { address: address.to_string(), trust, reader, looks_like, is_hidden }
    }

    /// Who reads a channel: each of its teams by itself, because all of them must be allowed to.
    #[must_use]
    pub fn channel(&self, channel: &Channel) -> Vec<Recipient> {
        let recipient = |trust, reader| Recipient { address: channel.address.clone(), trust, reader, looks_like: None, is_hidden: false };
        let is_outside = channel.teams.iter().any(|team| self.directory.teams.get(team).is_some_and(|team| team.external));
        if is_outside {
            return vec![recipient(Trust::Partner, Reader::Anyone)];
        }
        if channel.teams.is_empty() {
            return vec![recipient(Trust::Colleague, Reader::Colleague(BTreeSet::new()))];
        }
        channel.teams.iter().map(|team| recipient(Trust::Colleague, Reader::Colleague([team.clone()].into()))).collect()
    }

    /// Whether an address is of somebody of the company.
    #[must_use]
    pub fn is_colleague(&self, address: &EmailAddress) -> bool {
        self.trust(address).0 == Trust::Colleague
    }

    fn trust(&self, address: &EmailAddress) -> (Trust, Reader, Option<String>) {
        if let Some((email, id)) = self.customer
            && email == address
        {
            return (Trust::Customer, Reader::Customer(id), None);
        }
        let domain = address.domain();
        if let Some(person) = self.directory.people.get(address) {
            if is_outsider(person, self.directory) {
                return (Trust::Partner, Reader::Anyone, None);
            }
            let teams: BTreeSet<TeamName> = person.team.iter().cloned().collect();
            return (Trust::Colleague, Reader::Colleague(teams), None);
        }
        if self.own.contains(domain) {
            return (Trust::Colleague, Reader::Colleague(BTreeSet::new()), None);
        }
        if self.partners.contains(domain) {
            return (Trust::Partner, Reader::Anyone, None);
        }
        let looks_like = self.own.iter().chain(&self.partners).find(|known| looks_like(domain, known)).map(|known| (*known).to_owned());
        let otherwise = if FREE.contains(&domain) { Trust::FreeMail } else { Trust::Unknown };
        (if looks_like.is_some() { Trust::LookAlike } else { otherwise }, Reader::Anyone, looks_like)
    }
}

fn is_outsider(person: &Person, directory: &Directory) -> bool {
    let team = person.team.as_ref().and_then(|team| directory.teams.get(team));
    person.role == PersonRole::Outsider || team.is_some_and(|team| team.external)
}

/// Whether a domain could be taken for another one: letters that look alike, one letter more, less or other, or the other's name with
/// something put to it by a hyphen.
fn looks_like(domain: &str, known: &str) -> bool {
    let (label, name) = (label(domain), label(known));
    let is_below = domain.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'));
    if name.len() < LEAST_LABEL || domain == known || is_below {
        return false;
    }
    let is_joined = label.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
        || label.strip_suffix(name).is_some_and(|rest| rest.ends_with('-'));
    is_joined || skeleton(label) == skeleton(name) || is_one_apart(label, name)
}

/// The name of a domain without what it stands under.
fn label(domain: &str) -> &str {
    let mut labels = domain.rsplit('.').skip(1);
    let first = labels.next().unwrap_or(domain);
    if SECOND.contains(&first) { labels.next().unwrap_or(first) } else { first }
}

/// Letters that look alike as one of them.
fn skeleton(label: &str) -> String {
    label.replace("rn", "m").replace("vv", "w").replace(['1', 'i'], "l").replace('0', "o").replace('5', "s").replace(['-', '_'], "")
}

/// Whether one letter makes the difference.
fn is_one_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    match a.len().abs_diff(b.len()) {
        0 => rest_a.get(1..) == rest_b.get(1..) && !rest_a.is_empty() || is_swapped(rest_a, rest_b),
        1 if a.len() > b.len() => rest_a[1..] == *rest_b,
        1 => rest_b[1..] == *rest_a,
        _ => false,
    }
}

fn is_swapped(a: &[char], b: &[char]) -> bool {
    matches!((a, b), ([a0, a1, a @ ..], [b0, b1, b @ ..]) if a0 == b1 && a1 == b0 && a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::domain::vocabulary::ThreadChannel;
    use crate::lines::testing::{directory, email};

    #[test]
    fn a_recipient_is_known_by_directory_ticket_and_domain() {
        let people = directory(
            &[
                ("ana@alderwick.example", "Ana Blum", "lab", PersonRole::Expert, &[]),
                ("eve@supplier.example", "Eve Oak", "supplier", PersonRole::Outsider, &[]),
                ("free@gmail.com", "Fay Lane", "lab", PersonRole::Expert, &[]),
            ],
            &[],
        );
        let (customer, id) = (email("jo@mail.example"), CustomerId::at(Timestamp::from_micros(0), [1; 10]));
        let trusted = Trusted::new(&people, Some((&customer, id)));
        let cases = [
            ("ana@alderwick.example", Trust::Colleague),
            ("new@alderwick.example", Trust::Colleague),
            ("eve@supplier.example", Trust::Partner),
            ("other@supplier.example", Trust::Partner),
            ("jo@mail.example", Trust::Customer),
            ("who@elsewhere.example", Trust::Unknown),
            ("who@gmail.com", Trust::FreeMail),
            ("ana@alderw1ck.example", Trust::LookAlike),
            ("ana@alderwlck.example", Trust::LookAlike),
            ("ana@alderwick-support.example", Trust::LookAlike),
            ("ana@aldewrick.example", Trust::LookAlike),
            ("ana@alderwicks.example", Trust::LookAlike),
            ("eve@suppliers.example", Trust::LookAlike),
            ("eve@suppliant.example", Trust::Unknown),
            ("ana@fr.alderwick.example", Trust::Unknown),
            ("ana@alderw1ck.co.example", Trust::LookAlike),
            ("bo@gmail.com", Trust::FreeMail),
        ];
        for (address, expected) in cases {
            assert_eq!(trusted.recipient(&email(address), false).trust, expected, "{address}");
        }
        assert_eq!(trusted.recipient(&email("ana@alderw1ck.example"), false).looks_like.as_deref(), Some("alderwick.example"));
        assert_eq!(trusted.recipient(&customer, false).reader, Reader::Customer(id));
    }
    #[test]
    fn a_channel_of_two_teams_is_both_of_them() {
        let channel = |teams: &[&str]| Channel {
            name: "desk".parse().unwrap(),
            kind: ThreadChannel::Slack,
            address: "#desk".to_owned(),
            teams: teams.iter().map(|team| team.parse().unwrap()).collect(),
            expected_reply_minutes: 60,
            use_for: String::new(),
        };
        let people = directory(&[], &[]);
        let readers = |teams: &[&str]| -> Vec<Reader> {
            Trusted::new(&people, None).channel(&channel(teams)).into_iter().map(|one| one.reader).collect()
        };
        let legal = Reader::Colleague(["legal".parse::<TeamName>().unwrap()].into());
        assert_eq!(readers(&["legal", "finance"]).len(), 2);
        assert!(readers(&["legal"]) == [legal] && readers(&[]) == [Reader::Colleague(BTreeSet::new())]);
    }
}
