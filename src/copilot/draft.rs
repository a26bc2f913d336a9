//! The side conversation to open: who is asked where, about what, with what is needed and nothing that must not leave.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::copilot::leak::{self, Recipients};
use crate::domain::panel::{Cited, ThreadDraft};
use crate::domain::person::{Channel, Directory, Person};
use crate::domain::reason::Reason;
use crate::domain::triage::Entity;
use crate::domain::vocabulary::{EmailAddress, Language, ThreadChannel};
use crate::text::entity::{self, Patterns};

/// What a side conversation's draft is made of.
#[derive(Debug, Clone, Copy)]
pub struct ThreadDraftFacts<'a> {
    /// What the ticket is called.
    pub reference: &'a str,
    /// The ticket's subject.
    pub subject: &'a str,
    /// The customer's name, if known.
    pub customer_name: Option<&'a str>,
    /// The language in which the customer writes.
    pub ticket_language: Language,
    /// What the customer has.
    pub problem: &'a [Cited],
    /// What was tried or said so far.
    pub tried: &'a [Cited],
    /// What the customer asks.
    pub questions: &'a [Cited],
    /// What was found in the ticket: its identifiers are named at the end.
    pub entities: &'a [Entity],
    /// What is looked for in every text that the draft is made of, be it of the ticket or of a comment.
    pub patterns: &'a Patterns,
    /// Where it would go.
    pub channel: &'a Channel,
    /// Who would be asked.
    pub recipients: &'a [&'a Person],
    /// Who is there.
    pub directory: &'a Directory,
    /// Who asks.
    pub agent_name: Option<&'a str>,
}

/// The fixed words of a draft in one language.
struct Phrases {
    hello: &'static str,
    all: &'static str,
    customer: &'static str,
    reports: &'static str,
    tried: &'static str,
    asks: &'static str,
    what_to_say: &'static str,
    details: &'static str,
    thanks: &'static str,
}

const ENGLISH: Phrases = Phrases {
    hello: "Hello",
    all: "all",
    customer: "the customer",
    reports: "The customer reports",
    tried: "So far we have told or tried",
    asks: "The customer asks",
    what_to_say: "What may we answer?",
    details: "Details",
    thanks: "Thank you",
};

const FRENCH: Phrases = Phrases {
    hello: "Bonjour",
    all: "à tous",
    customer: "le client",
    reports: "Le client signale",
    tried: "Ce que nous avons dit ou essayé",
    asks: "Le client demande",
    what_to_say: "Que pouvons-nous répondre ?",
    details: "Références",
    thanks: "Merci d'avance",
};

/// A subject is cut to this many characters.
const SUBJECT_CHARACTERS: usize = 70;
/// Kinds that are no identifier of the matter.
const NO_REFERENCE: [&str; 9] = ["email", "phone", "card", "iban", "address", "url", "amount", "date", "product"];

/// Prepares a side conversation in the recipients' language; quotes keep the customer's own words.
#[must_use]
pub fn thread_draft(facts: &ThreadDraftFacts<'_>) -> ThreadDraft {
    let recipients: Vec<EmailAddress> = facts.recipients.iter().map(|person| person.email.clone()).collect();
    let who = leak::recipients(&recipients, facts.directory);
    let language = language(facts);
    let phrases = if language == Language::FRENCH { &FRENCH } else { &ENGLISH };
    let mut taken = BTreeSet::new();
    let mut safe = |text: &str| {
        let customer = facts.customer_name.map(|name| (name, phrases.customer));
        let found = [facts.entities, entity::find(text, facts.patterns, None).as_slice()].concat();
        let (left, kinds) = leak::without(text.trim(), &found, customer, who);
        taken.extend(kinds);
        left
    };
    let subject = subject(facts, &mut safe);
    let body = body(facts, phrases, who, &mut safe);
    let mut warnings: Vec<Reason> = Vec::new();
    if !taken.is_empty() {
        warnings.push(Reason::LeftOut { kinds: taken.into_iter().collect(), is_outside: who == Recipients::Outsiders });
    }
    if who == Recipients::Outsiders && facts.tried.iter().chain(facts.problem).next().is_some() {
        warnings.push(Reason::OutsiderReads);
    }
    if facts.ticket_language != language {
        warnings.push(Reason::OtherLanguage { theirs: facts.ticket_language, read: language });
    }
    if facts.questions.is_empty() {
        warnings.push(Reason::NoQuestion);
    }
    ThreadDraft { channel: facts.channel.clone(), recipients, subject, body, warnings }
}

/// The language that all recipients read: the ticket's if they do, else English, else the first one's.
fn language(facts: &ThreadDraftFacts<'_>) -> Language {
    let all_read =
        |language: Language| facts.recipients.iter().all(|person| person.languages.is_empty() || person.languages.contains(&language));
    let known = [facts.ticket_language, Language::ENGLISH, Language::FRENCH];
    known
        .into_iter()
        .find(|language| all_read(*language) && [Language::ENGLISH, Language::FRENCH].contains(language))
        .unwrap_or(Language::ENGLISH)
}

fn subject(facts: &ThreadDraftFacts<'_>, safe: &mut impl FnMut(&str) -> String) -> String {
    let matter = without_prefixes(facts.subject);
    let telling = matter.split_whitespace().filter(|word| word.chars().count() > 3).count() >= 2;
    let matter =
        if telling { matter } else { facts.questions.iter().chain(facts.problem).next().map_or(matter, |cited| cited.text.as_str()) };
    format!("{}: {}", facts.reference, shortened(&safe(matter), SUBJECT_CHARACTERS))
}

fn body(facts: &ThreadDraftFacts<'_>, phrases: &Phrases, who: Recipients, safe: &mut impl FnMut(&str) -> String) -> String {
    let mut body = format!("{} {},\n\n", phrases.hello, greeted(facts, phrases));
    // A sentence may have been told together with the question after it.
    let told = |said: &Cited| {
        let text = said.text.trim();
        let asked = facts.questions.iter().find_map(|question| text.strip_suffix(question.text.trim()));
        asked.unwrap_or(text).trim_end().to_owned()
    };
    let mut part = |title: &str, sentences: &[Cited]| {
        let told: Vec<String> = sentences.iter().map(told).filter(|text| !text.is_empty()).map(|text| safe(&text)).collect();
        if !told.is_empty() {
            let _ = writeln!(body, "{title} ({}):\n- {}\n", facts.reference, told.join("\n- "));
        }
    };
    part(phrases.reports, facts.problem);
    part(phrases.tried, facts.tried);
    match facts.questions {
        [] => {}
        [question] => {
            let _ = writeln!(body, "{}: {}", phrases.asks, safe(question.text.trim()));
        }
        questions => {
            let asked: Vec<String> = questions.iter().map(|question| safe(question.text.trim())).collect();
            let _ = writeln!(body, "{}:\n- {}\n", phrases.asks, asked.join("\n- "));
        }
    }
    let _ = writeln!(body, "{}\n", phrases.what_to_say);
    let details = details(facts.entities, who);
    if !details.is_empty() {
        let _ = writeln!(body, "{}: {}\n", phrases.details, details.join(", "));
    }
    body.push_str(phrases.thanks);
    if let Some(agent) = facts.agent_name {
        let _ = write!(body, "\n{agent}");
    }
    body
}

/// First names among colleagues and in chat, full names in a mail to somebody outside.
fn greeted(facts: &ThreadDraftFacts<'_>, phrases: &Phrases) -> String {
    let formal = facts.channel.kind == ThreadChannel::Email;
    let name =
        |person: &&Person| if formal { person.name.clone() } else { person.name.split_whitespace().next().unwrap_or_default().to_owned() };
    match facts.recipients {
        [] => phrases.all.to_owned(),
        some => some.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// The identifiers of the matter, each once, those with a wrong check digit left out.
fn details(entities: &[Entity], who: Recipients) -> Vec<String> {
    let mut seen = BTreeSet::new();
    entities
        .iter()
        .filter(|entity| !entity.personal && entity.checked != Some(false) && !NO_REFERENCE.contains(&entity.kind.as_str()))
        .filter(|entity| !leak::must_not_leave(entity, who) && seen.insert(entity.value.clone()))
        .map(|entity| format!("{} {}", entity.kind, entity.text))
        .collect()
}

/// A subject without `Re:`, `Fwd:`, `TR:` and the like.
fn without_prefixes(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((prefix, matter)) = rest.split_once(':') {
        if !["re", "fw", "fwd", "tr", "aw", "ref"].contains(&prefix.trim().to_lowercase().as_str()) {
            break;
        }
        rest = matter.trim();
    }
    rest
}

/// Cut before the word that would exceed the limit.
fn shortened(text: &str, characters: usize) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= characters {
        return line.to_owned();
    }
    let mut short = String::new();
    for word in line.split_whitespace() {
        if short.chars().count() + word.chars().count() + 1 > characters {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short.trim_end_matches([',', ';', ':', '.', '-', '–']).to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::PersonRole;
    use crate::lines::testing::{EN, FR, directory, entity, line};

    fn people() -> Directory {
        let mut people = directory(
            &[
                ("ana@corp.example", "Ana Blum", "lab", PersonRole::Expert, &[]),
                ("luc@corp.example", "Luc Roy", "lab", PersonRole::Expert, &[]),
                ("eve@carrier.example", "Eve Oak", "carrier", PersonRole::Outsider, &[]),
            ],
            &[
                ("lab", ThreadChannel::Slack, "#lab", &["lab"], 60, ""),
                ("carrier", ThreadChannel::Email, "eve@carrier.example", &["carrier"], 2880, ""),
            ],
        );
        people.people.values_mut().filter(|person| person.name == "Luc Roy").for_each(|person| person.languages = vec![FR]);
        people
    }

    fn draft(to: &str, channel: &str, language: Language, subject: &str, problem: &[&str], questions: &[&str]) -> ThreadDraft {
        let people = people();
        let problem: Vec<Cited> = problem.iter().map(|text| line(text, language).cited()).collect();
        let tried = [line("We asked for photos.", EN).cited()];
        let questions: Vec<Cited> = questions.iter().map(|text| line(text, language).cited()).collect();
        let entities = [entity("order", "AW-286724-1", false), entity("phone", "01632 960204", true), entity("amount", "£449.00", false)];
        thread_draft(&ThreadDraftFacts {
            reference: "K-1",
            subject,
            customer_name: Some("Tamsin Oyelaran"),
            ticket_language: language,
            problem: &problem,
            tried: &tried,
            questions: &questions,
            entities: &entities,
            patterns: &Patterns::builtin(),
            channel: &people.channels[&channel.parse().unwrap()],
            recipients: &[&people.people[&to.parse().unwrap()]],
            directory: &people,
            agent_name: Some("Owen Pryce"),
        })
    }

    #[test]
    fn a_colleague_gets_the_whole_matter() {
        let problem = ["Tamsin Oyelaran's camera AW-286724-1 is broken."];
        let draft = draft("ana@corp.example", "lab", EN, "Re: Camera broken after the storm", &problem, &["Can you replace it?"]);
        assert_eq!(draft.subject, "K-1: Camera broken after the storm");
        assert_eq!(
            draft.body,
            "Hello Ana,\n\nThe customer reports (K-1):\n- Tamsin Oyelaran's camera AW-286724-1 is broken.\n\nSo far we have told or tried (K-1):\n- We asked for photos.\n\nThe customer asks: Can you replace it?\nWhat may we answer?\n\nDetails: order AW-286724-1\n\nThank you\nOwen Pryce"
        );
        assert_eq!(draft.warnings, []);
    }

    #[test]
    fn an_outsider_gets_no_personal_data() {
        let problem = ["Ms Oyelaran waits for AW-286724-1, ring 01632 960204."];
        let draft = draft("eve@carrier.example", "carrier", EN, "Parcel for Oyelaran vanished", &problem, &["Where is the parcel?"]);
        assert!(!draft.body.contains("Oyelaran") && !draft.body.contains("960204"), "{}", draft.body);
        assert!(!draft.subject.contains("Oyelaran"), "{}", draft.subject);
        assert!(draft.body.contains("AW-286724-1"));
        assert!(draft.body.starts_with("Hello Eve Oak,"));
        assert_eq!(draft.warnings[0], Reason::LeftOut { kinds: vec!["name".to_owned(), "phone".to_owned()], is_outside: true });
    }

    #[test]
    fn a_card_number_is_left_out_wherever_it_was_written() {
        let problem = ["I wrote before that it was charged to 5555 5555 5555 4444."];
        let question = "Can you refund DE89 3704 0044 0532 0130 00?";
        let draft = draft("ana@corp.example", "lab", EN, "Charged twice for one camera", &problem, &[question]);
        assert!(draft.body.contains("charged to [card].") && draft.body.contains("Can you refund [iban]?"), "{}", draft.body);
        assert_eq!(draft.warnings, [Reason::LeftOut { kinds: vec!["card".to_owned(), "iban".to_owned()], is_outside: false }]);
    }

    #[test]
    fn the_draft_speaks_the_recipients_language() {
        let to_luc = draft(
            "luc@corp.example",
            "lab",
            FR,
            "Caméra en panne depuis hier",
            &["La caméra ne marche plus."],
            &["Pouvez-vous la remplacer ?"],
        );
        assert!(to_luc.body.starts_with("Bonjour Luc,") && to_luc.body.contains("Que pouvons-nous répondre ?"), "{}", to_luc.body);
        assert_eq!(to_luc.warnings, []);
        let to_ana = draft(
            "ana@corp.example",
            "lab",
            FR,
            "Caméra en panne depuis hier",
            &["La caméra ne marche plus."],
            &["Pouvez-vous la remplacer ?"],
        );
        assert!(to_ana.body.starts_with("Hello Ana,"));
        assert_eq!(to_ana.warnings, [Reason::OtherLanguage { theirs: FR, read: EN }]);
    }

    #[test]
    fn two_questions_are_asked_once_each() {
        let body = draft(
            "ana@corp.example",
            "lab",
            EN,
            "A warm battery",
            &["It is warm. Is it dangerous?"],
            &["Is it dangerous?", "Should I post it?"],
        )
        .body;
        assert!(body.contains("- It is warm.\n"), "{body}");
        assert!(body.contains("The customer asks:\n- Is it dangerous?\n- Should I post it?\n"), "{body}");
        assert_eq!(body.matches("Is it dangerous?").count(), 1, "{body}");
    }

    #[test]
    fn a_subject_that_says_nothing_gives_way_to_the_question() {
        let draft = draft("ana@corp.example", "lab", EN, "urgent!!", &["It broke."], &["Can the doorbell be replaced?"]);
        assert_eq!(draft.subject, "K-1: Can the doorbell be replaced?");
    }

    #[test]
    fn without_a_question_its_author_is_asked_for_one() {
        let draft = draft("ana@corp.example", "lab", EN, "Camera broken after the storm", &["It broke."], &[]);
        assert_eq!(draft.warnings, [Reason::NoQuestion]);
    }

    #[test]
    fn a_long_subject_is_cut_between_words() {
        let long = "a ".repeat(60);
        let short = shortened(long.trim(), 70);
        assert!(short.chars().count() <= 71 && short.ends_with("a…"), "{short}");
    }
}
