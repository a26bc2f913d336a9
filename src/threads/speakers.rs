//! Who speaks to whom in a side conversation, and what they are called so that nobody is taken for somebody else.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::MessageId;
use crate::domain::person::Directory;
use crate::domain::thread::ThreadHistory;
use crate::domain::triage::Source;
use crate::domain::vocabulary::EmailAddress;
use crate::lines::Line;
use crate::lines::words::fold;

/// How a message greets: what stands between this and the end of its first line is a name.
const GREETINGS: [&str; 16] = [
    "hi",
    "hello",
    "hey",
    "dear",
    "good morning",
    "good afternoon",
    "good evening",
    "morning",
    "bonjour",
    "bonsoir",
    "salut",
    "coucou",
    "cher",
    "chere",
    "rebonjour",
    "hello again",
];
/// Before a name, and no part of it.
const TITLES: [&str; 10] = ["mr", "mrs", "ms", "dr", "prof", "m", "mme", "mlle", "madame", "monsieur"];
/// Greeted, and nobody by name.
const NOBODY: [&str; 6] = ["again", "all", "there", "team", "tous", "toutes"];
/// How a mail begins that was forwarded within another; folded.
const FORWARDS: [&str; 9] = [
    "---------- forwarded message",
    "-----original message",
    "----- original message",
    "begin forwarded message",
    "-------- forwarded",
    "---------- message transfere",
    "-----message d'origine",
    "----- message d'origine",
    "debut du message",
];

/// The people of a side conversation by what they are called, and to whom each message speaks.
#[derive(Debug)]
pub(super) struct Speakers<'a> {
    history: &'a ThreadHistory,
    names: BTreeMap<&'a EmailAddress, String>,
    spoken_to: BTreeMap<MessageId, &'a EmailAddress>,
    forwarded_from: BTreeMap<MessageId, usize>,
}

impl<'a> Speakers<'a> {
    /// Names everybody who takes part; `others` are people who may be spoken of, such as the customer.
    pub(super) fn of(history: &'a ThreadHistory, directory: &Directory, others: &[&str]) -> Self {
        let thread = &history.thread;
        let people: BTreeSet<&EmailAddress> = std::iter::once(&thread.opened_by)
            .chain(&thread.participants)
            .chain(history.messages.iter().map(|message| &message.author))
            .collect();
        let whole: BTreeMap<&EmailAddress, Option<&str>> =
            people.iter().map(|email| (*email, directory.people.get(*email).map(|person| person.name.trim()))).collect();
        let all: Vec<&str> = whole.values().flatten().copied().chain(others.iter().copied()).collect();
        let names: BTreeMap<&EmailAddress, String> = whole
            .into_iter()
            .map(|(email, name)| (email, name.map_or_else(|| email.to_string(), |name| called(name, email, &all))))
            .collect();
        let mut speakers = Self { history, names, spoken_to: BTreeMap::new(), forwarded_from: BTreeMap::new() };
        for message in &history.messages {
            if let Some(to) = speakers.addressee(&message.author, &message.body, &people, directory) {
                speakers.spoken_to.insert(message.id, to);
            }
            if let Some(from) = forwarded_from(&message.body) {
                speakers.forwarded_from.insert(message.id, from);
            }
        }
        speakers
    }

    /// What somebody is called.
    pub(super) fn name(&self, email: &EmailAddress) -> String {
        self.names.get(email).cloned().unwrap_or_else(|| email.to_string())
    }

    /// To whom a sentence can only speak.
    pub(super) fn spoken_to(&self, line: &Line<'_>) -> Option<&'a EmailAddress> {
        message_of(line).and_then(|id| self.spoken_to.get(&id).copied())
    }

    /// Whether a sentence stands in a mail that its author only passed on.
    pub(super) fn is_passed_on(&self, line: &Line<'_>) -> bool {
        message_of(line).and_then(|id| self.forwarded_from.get(&id)).is_some_and(|from| line.span.start >= *from)
    }

    /// The only other who takes part, unless the message greets somebody else; of several the one whom it greets by a name that only they have.
    fn addressee(
        &self,
        author: &EmailAddress,
        body: &str,
        people: &BTreeSet<&'a EmailAddress>,
        directory: &Directory,
    ) -> Option<&'a EmailAddress> {
        let others: Vec<&EmailAddress> = people.iter().copied().filter(|email| *email != author).collect();
        let greeted = greeted(body);
        let is_called = |email: &&&EmailAddress| {
            let name = directory.people.get(**email).map(|person| fold(&person.name)).unwrap_or_default();
            let parts: Vec<&str> = name.split_whitespace().collect();
            greeted.as_deref().is_some_and(|greeted| greeted.split_whitespace().all(|word| parts.contains(&word)))
        };
        let meant: Vec<&&EmailAddress> = others.iter().filter(is_called).collect();
        match (others.as_slice(), meant.as_slice(), greeted.is_some()) {
            (_, [one], true) => Some(**one),
            // A name that the directory does not know may be anybody's; without one there is nobody else.
            ([one], _, false) => Some(*one),
            _ => None,
        }
        .filter(|_| self.history.thread.participants.len() < 8)
    }
}

pub(super) const fn message_of(line: &Line<'_>) -> Option<MessageId> {
    match line.source {
        Source::Message(_, id) => Some(id),
        Source::Passage(..) | Source::Ticket(_) | Source::Comment(..) | Source::Attachment(..) | Source::Playbook => None,
    }
}

/// The first name where nobody else has it, else the whole name; with the address where somebody else has that as well.
fn called(name: &str, email: &EmailAddress, all: &[&str]) -> String {
    let first = first_name(name);
    let same_first = all.iter().filter(|other| fold(first_name(other)) == fold(first)).count();
    if same_first <= 1 && first.chars().count() > 1 && !TITLES.contains(&fold(first).trim_end_matches('.')) {
        return first.to_owned();
    }
    let same = all.iter().filter(|other| fold(other) == fold(name)).count();
    if same <= 1 { name.to_owned() } else { format!("{name} ({email})") }
}

/// How people call each other, also where the last name comes first.
fn first_name(name: &str) -> &str {
    let name = name.split_once(',').map_or(name, |(_, first)| first).trim();
    name.split_whitespace().next().unwrap_or(name)
}

/// The folded name that a message greets, without titles; empty words greet nobody.
fn greeted(body: &str) -> Option<String> {
    let first = fold(body.lines().map(str::trim).find(|line| !line.is_empty())?);
    let greeting = GREETINGS.iter().filter(|greeting| first.strip_prefix(**greeting).is_some_and(|rest| rest.starts_with(' ')));
    let greeting = greeting.max_by_key(|greeting| greeting.len())?;
    let mut name: Vec<&str> = Vec::new();
    for word in first[greeting.len()..].split_whitespace() {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let is_title = TITLES.contains(&bare);
        if !bare.is_empty() && !is_title && !NOBODY.contains(&bare) {
            name.push(bare);
        }
        if word.len() > bare.len() && !is_title {
            break;
        }
    }
    // `Hi Ana` is a name, `hello the parcel of yesterday is lost` is none.
    (!name.is_empty() && name.len() <= 3).then(|| name.join(" "))
}

/// Where a mail begins that was forwarded within a message, in bytes.
fn forwarded_from(body: &str) -> Option<usize> {
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let folded = fold(line.trim());
        if FORWARDS.iter().any(|head| folded.starts_with(head)) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::PersonRole;
    use crate::lines::testing::{EN, directory, email, thread, thread_lines};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";
    const OTHER: &str = "a.costa@lab.example";

    fn people() -> Directory {
        directory(
            &[
                (TOM, "Tom Hart", "support", PersonRole::Agent, &[]),
                (ANA, "Ana Blum", "lab", PersonRole::Expert, &[]),
                (OTHER, "Costa, Ana", "lab", PersonRole::Expert, &[]),
            ],
            &[],
        )
    }

    #[test]
    fn who_has_a_name_alone_is_called_by_the_first_and_namesakes_by_both() {
        let people = people();
        let history = thread(&[ANA], &[(TOM, 0, "Swap it?")]);
        let speakers = Speakers::of(&history, &people, &[]);
        assert_eq!((speakers.name(&email(ANA)), speakers.name(&email(TOM))), ("Ana".to_owned(), "Tom".to_owned()));
        let customer = Speakers::of(&history, &people, &["Ana Roy"]);
        assert_eq!(customer.name(&email(ANA)), "Ana Blum", "the customer is called so too");
        let history = thread(&[ANA, OTHER], &[(TOM, 0, "Swap it?")]);
        let speakers = Speakers::of(&history, &people, &[]);
        assert_eq!((speakers.name(&email(ANA)), speakers.name(&email(OTHER))), ("Ana Blum".to_owned(), "Costa, Ana".to_owned()));
        assert_eq!(speakers.name(&email("x@y.example")), "x@y.example");
    }

    #[test]
    fn a_message_speaks_to_the_only_other_or_to_whom_it_greets() {
        let spoken_to = |asked: &[&str], body: &str| {
            let (people, history) = (people(), thread(asked, &[(TOM, 0, body)]));
            let lines = thread_lines(&history, &people, EN);
            let speakers = Speakers::of(&history, &people, &[]);
            speakers.spoken_to(&lines[0]).map(ToString::to_string)
        };
        assert_eq!(spoken_to(&[ANA], "Can you swap it?").as_deref(), Some(ANA));
        assert_eq!(spoken_to(&[ANA, OTHER], "Can you swap it?"), None);
        assert_eq!(spoken_to(&[ANA, OTHER], "Hi Ana,\nCan you swap it?"), None, "both are called so");
        assert_eq!(spoken_to(&[ANA, OTHER], "Dear Ms. Blum,\nCan you swap it?").as_deref(), Some(ANA));
        assert_eq!(spoken_to(&[ANA], "Hi Rui,\nCan you swap it?"), None, "somebody else is greeted");
        assert_eq!(spoken_to(&[ANA], "Hello again,\nCan you swap it?").as_deref(), Some(ANA));
    }

    #[test]
    fn what_was_forwarded_is_not_its_senders() {
        let (people, history) =
            (people(), thread(&[ANA], &[(ANA, 0, "See below.\n---------- Forwarded message ----------\nI pay it today.")]));
        let lines = thread_lines(&history, &people, EN);
        let speakers = Speakers::of(&history, &people, &[]);
        assert!(!speakers.is_passed_on(&lines[0]) && speakers.is_passed_on(lines.last().unwrap()));
    }
}
