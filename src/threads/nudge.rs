//! What can be sent for something that was left hanging: a reminder in the reader's language, the answer for the customer, a last word.

use crate::domain::panel::{Cited, EndDraft};
use crate::domain::person::Directory;
use crate::domain::thread::ThreadHistory;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, EndDraftKind, Language};
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::Compared;
use crate::threads::asked::{asked, best_ask, cited};
use crate::threads::loose_ends::ThreadLines;
use crate::threads::speakers::{Speakers, message_of};
use crate::threads::state::Waiting;

const MONTHS: [(&str, &str); 12] = [
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
];

/// A reminder for whoever owes an answer: what was asked and when, and what they promised.
pub(super) fn nudge(thread: &ThreadLines<'_>, waiting: &Waiting, directory: &Directory) -> EndDraft {
    let ThreadLines { history, lines } = thread;
    let language = language_of(&waiting.on, thread, directory);
    let name = Speakers::of(history, directory, &[]).name(&waiting.on);
    let wish = wanted(thread, waiting.since);
    let promised = history.messages.iter().rev().find(|message| message.author == waiting.on).and_then(|message| {
        let of_message = lines.iter().filter(|line| message_of(line) == Some(message.id));
        of_message
            .clone()
            .find(|line| Acts::of(line).has(Act::Holding))
            .or_else(|| of_message.clone().find(|line| Acts::of(line).has(Act::Promise)))
    });
    let asked_on = wish.as_ref().and_then(|wish| wish.evidence.first()?.at).unwrap_or(waiting.since);
    let is_french = language == Language::FRENCH;
    let day = |at| day(at, is_french);
    let greeting = if is_french { format!("Bonjour{}", called(&name)) } else { format!("Hi{}", called(&name)) };
    let (asked_on, subject) = (day(asked_on), &history.thread.subject);
    let ask = match (&wish, is_french) {
        (Some(wish), false) => format!("On {asked_on} we asked you: “{}”", wish.text),
        (None, false) => format!("On {asked_on} we wrote to you about “{subject}”."),
        (Some(wish), true) => format!("Le {asked_on}, nous vous avons demandé\u{a0}: «\u{a0}{}\u{a0}».", wish.text),
        (None, true) => format!("Le {asked_on}, nous vous avons écrit au sujet de «\u{a0}{subject}\u{a0}»."),
    };
    let promise = promised.map(|line| (day(line.at.unwrap_or(waiting.since)), line.text));
    let promise = match (promise, is_french) {
        (Some((at, promised)), true) => format!(" Le {at}, vous nous avez écrit\u{a0}: «\u{a0}{promised}\u{a0}»."),
        (Some((at, promised)), false) => format!(" On {at} you wrote: “{promised}”"),
        (None, _) => String::new(),
    };
    let close = if is_french {
        "Pouvez-vous nous dire où cela en est, et quand nous aurons une réponse\u{202f}? Le client attend.\n\nMerci d’avance"
    } else {
        "Could you tell us where this stands, and when we can expect an answer? The customer is waiting.\n\nThank you"
    };
    let text = format!("{greeting},\n\n{ask}{promise}\n\n{close}");
    let evidence = wish.into_iter().flat_map(|wish| wish.evidence).chain(promised.map(Line::evidence)).collect();
    EndDraft { kind: EndDraftKind::Nudge, to: vec![waiting.on.clone()], language, text, evidence }
}

/// The answer that the customer does not know yet, as it was given.
pub(super) fn passed_on(told: Cited, thread: &ThreadLines<'_>) -> EndDraft {
    let is_it = |line: &&Line<'_>| told.evidence.iter().any(|evidence| evidence.source == line.source);
    let language = thread.lines.iter().find(is_it).map_or(Language::ENGLISH, |line| line.language);
    EndDraft { kind: EndDraftKind::Reply, to: Vec::new(), language, text: told.text, evidence: told.evidence }
}

/// That nothing more is needed, for everybody who was asked.
pub(super) fn closing(thread: &ThreadLines<'_>, directory: &Directory) -> EndDraft {
    let ThreadHistory { thread: head, .. } = thread.history;
    let to: Vec<EmailAddress> = head.participants.iter().filter(|asked| **asked != head.opened_by).cloned().collect();
    let language = to.first().map_or(Language::ENGLISH, |first| language_of(first, thread, directory));
    let name = match to.as_slice() {
        [one] => called(&Speakers::of(thread.history, directory, &[]).name(one)),
        _ => String::new(),
    };
    let text = if language == Language::FRENCH {
        format!("Bonjour{name},\n\nLe ticket est résolu\u{202f}: il n’y a plus rien à faire ici.\n\nMerci pour votre aide")
    } else {
        format!("Hi{name},\n\nThe ticket is solved: nothing more is needed here.\n\nThank you for your help")
    };
    EndDraft { kind: EndDraftKind::Close, to, language, text, evidence: Vec::new() }
}

/// What was asked since a moment; what was asked first where nothing was.
fn wanted(thread: &ThreadLines<'_>, since: Timestamp) -> Option<Cited> {
    let compared = Compared::new(thread.lines);
    let acts = Acts::of_all(thread.lines);
    let opener = &thread.history.thread.opened_by;
    let lately: Vec<usize> = (0..thread.lines.len())
        .filter(|line| thread.lines[*line].author == Some(opener) && thread.lines[*line].at.is_some_and(|at| at >= since))
        .filter(|line| acts[*line].asks())
        .collect();
    let ask = best_ask(&compared, &acts, &lately).or_else(|| asked(thread.history, &compared, &acts))?;
    Some(cited(ask, &compared))
}

/// The language of the side conversation where they read it, else theirs; English where neither is known.
fn language_of(email: &EmailAddress, thread: &ThreadLines<'_>, directory: &Directory) -> Language {
    let spoken = thread.lines.first().map_or(Language::ENGLISH, |line| line.language);
    let theirs = directory.people.get(email).map(|person| person.languages.as_slice()).unwrap_or_default();
    let read = if theirs.is_empty() || theirs.contains(&spoken) { spoken } else { theirs[0] };
    if read == Language::FRENCH || theirs.contains(&Language::FRENCH) && !theirs.contains(&Language::ENGLISH) {
        Language::FRENCH
    } else {
        Language::ENGLISH
    }
}

/// A name after a greeting; an address is none.
fn called(name: &str) -> String {
    if name.contains('@') { String::new() } else { format!(" {name}") }
}

/// The day as it is written in a letter, in UTC.
fn day(at: Timestamp, is_french: bool) -> String {
    let date = at.date();
    let mut parts = date.split('-').skip(1).filter_map(|part| part.parse::<usize>().ok());
    let (month, day) = (parts.next().unwrap_or(1), parts.next().unwrap_or(1));
    let (english, french) = MONTHS[month.clamp(1, 12) - 1];
    match (is_french, day) {
        (true, 1) => format!("1er {french}"),
        (true, day) => format!("{day} {french}"),
        (false, day) => format!("{day} {english}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::PersonRole;
    use crate::lines::testing::{FR, directory, email, thread, thread_lines};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";

    #[test]
    fn a_reminder_speaks_the_readers_language_and_names_what_they_promised() {
        let mut people = directory(&[(ANA, "Ana Blum", "lab", PersonRole::Expert, &[])], &[]);
        people.people.get_mut(&email(ANA)).unwrap().languages = vec![FR];
        let messages =
            [(TOM, 0, "Peux-tu ouvrir une recherche ?"), (ANA, 5, "Je te donne le résultat samedi."), (TOM, 60, "Où est le colis NVK1 ?")];
        let history = thread(&[ANA], &messages);
        let lines = thread_lines(&history, &people, FR);
        let since = history.messages[2].created_at;
        let draft = nudge(&ThreadLines { history: &history, lines: &lines }, &Waiting { on: email(ANA), since }, &people);
        assert_eq!((draft.kind, draft.language, draft.to.len()), (EndDraftKind::Nudge, FR, 1));
        assert!(draft.text.starts_with("Bonjour Ana,"), "{}", draft.text);
        for part in ["16 novembre", "«\u{a0}Où est le colis NVK1 ?\u{a0}»", "«\u{a0}Je te donne le résultat samedi.\u{a0}»"] {
            assert!(draft.text.contains(part), "{part} in {}", draft.text);
        }
        assert_eq!(draft.evidence.len(), 2, "what was asked and what was promised");
    }

    #[test]
    fn an_address_without_a_name_is_greeted_without_one() {
        let history = thread(&["x@y.example", ANA], &[(TOM, 0, "Swap it?")]);
        let people = directory(&[], &[]);
        let lines = thread_lines(&history, &people, crate::lines::testing::EN);
        let thread = ThreadLines { history: &history, lines: &lines };
        let draft = nudge(&thread, &Waiting { on: email("x@y.example"), since: history.messages[0].created_at }, &people);
        assert!(draft.text.starts_with("Hi,\n"), "{}", draft.text);
        assert!(closing(&thread, &people).text.starts_with("Hi,\n"));
    }
}
