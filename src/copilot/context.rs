//! What of a ticket goes along with a side conversation: quoted as mail quotes, without what must not leave.

use std::fmt::Write as _;

use crate::copilot::leak::{self, Recipients};
use crate::domain::vocabulary::Language;
use crate::text::clean::clean;
use crate::text::entity::{self, Patterns};
use crate::text::quotes::strip;

/// So much of one text is quoted, in characters.
const LONGEST_QUOTE: usize = 4_000;

/// Something that somebody said on a ticket.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The name of who said it; `None` where it is nobody whom the readers may know of.
    pub name: Option<&'a str>,
    /// Whether they are the customer.
    pub is_customer: bool,
    /// The day, such as `2026-11-03`.
    pub day: &'a str,
    /// The text as it was written.
    pub text: &'a str,
}

/// Quotes what was said, oldest first: each without what it quotes itself, and without what must not reach the readers.
///
/// Each quote is introduced as mail programs do, so that whoever reads the message later tells it from its author's words. `None` where
/// something that must not leave would still be in it.
#[must_use]
pub fn quote(said: &[Said<'_>], customer: Option<&str>, language: Language, readers: Recipients, patterns: &Patterns) -> Option<String> {
    let is_french = language == Language::FRENCH;
    let instead = if is_french { "le client" } else { "the customer" };
    let somebody = if is_french { "quelqu’un" } else { "somebody" };
    let name = customer;
    let customer = name.map(|name| (name, instead));
    let mut quoted = String::new();
    for Said { name, is_customer, day, text } in said {
        let own = strip(&clean(text)).kept;
        let entities = entity::find(own.as_str(), patterns, None);
        let (safe, _) = leak::without(own.as_str().trim(), &entities, customer, readers);
        let who = if *is_customer && readers == Recipients::Outsiders { instead } else { name.unwrap_or(somebody) };
        let _ = if is_french { writeln!(quoted, "\nLe {day}, {who} a écrit :") } else { writeln!(quoted, "\nOn {day} {who} wrote:") };
        let cut: String = safe.chars().take(LONGEST_QUOTE).collect();
        let more = if cut.len() < safe.len() { " …" } else { "" };
        for line in format!("{cut}{more}").lines() {
            let _ = if line.is_empty() { writeln!(quoted, ">") } else { writeln!(quoted, "> {line}") };
        }
    }
    let is_safe = leak::check(&quoted, &entity::find(&quoted, patterns, None), name, readers).is_empty();
    is_safe.then(|| quoted.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns() -> Patterns {
        Patterns::new(Vec::new(), Vec::new()).unwrap()
    }

    const SAID: [Said<'static>; 2] = [
        Said {
            name: Some("Ana Roy"),
            is_customer: true,
            day: "2026-11-03",
            text: "It is swollen.\n\nCall me: ana@mail.example\n\nOn 2 November 2026 Tom wrote:\n> Hello",
        },
        Said { name: Some("Tom Hargreaves"), is_customer: false, day: "2026-11-04", text: "Ana Roy paid by 4111 1111 1111 1111." },
    ];

    #[test]
    fn what_was_said_is_quoted_with_who_and_when_and_is_told_from_own_words_later() {
        let quoted = quote(&SAID, Some("Ana Roy"), Language::ENGLISH, Recipients::Colleagues, &patterns()).unwrap();
        assert_eq!(
            quoted,
            "On 2026-11-03 Ana Roy wrote:\n> It is swollen.\n>\n> Call me: ana@mail.example\n\nOn 2026-11-04 Tom Hargreaves wrote:\n> Ana Roy \
             paid by [card]."
        );
        let message = clean(&format!("May it be posted?\n\n{quoted}"));
        assert_eq!(strip(&message).kept.as_str().trim(), "May it be posted?");
        let french = quote(&SAID, Some("Ana Roy"), Language::FRENCH, Recipients::Colleagues, &patterns()).unwrap();
        assert_eq!(strip(&clean(&format!("Puis-je le poster ?\n\n{french}"))).kept.as_str().trim(), "Puis-je le poster ?");
    }

    #[test]
    fn outsiders_learn_neither_the_customers_name_nor_how_to_reach_them() {
        let quoted = quote(&SAID, Some("Ana Roy"), Language::ENGLISH, Recipients::Outsiders, &patterns()).unwrap();
        assert!(quoted.starts_with("On 2026-11-03 the customer wrote:\n> It is swollen."), "{quoted}");
        assert!(!quoted.contains("Ana") && !quoted.contains("mail.example") && !quoted.contains("4111"), "{quoted}");
    }

    #[test]
    fn outsiders_do_not_learn_where_the_customer_lives() {
        let text = "Please send it to 27 Bateman Street, Cambridge CB2 1NB, not to my office.";
        let said = [Said { text, ..SAID[0] }];
        let quoted = |readers| quote(&said, None, Language::ENGLISH, readers, &patterns()).unwrap();
        assert!(quoted(Recipients::Outsiders).ends_with("> Please send it to [address], not to my office."));
        assert!(quoted(Recipients::Colleagues).contains("27 Bateman Street, Cambridge CB2 1NB"));
    }

    #[test]
    fn a_name_is_found_however_it_is_written_and_strangers_are_nobody() {
        let text = "merci, MAELLE LE GOFF (maëlle)";
        let said = [Said { name: None, is_customer: false, day: "2026-11-03", text }];
        let quoted = quote(&said, Some("Maëlle Le Goff"), Language::FRENCH, Recipients::Outsiders, &patterns()).unwrap();
        assert_eq!(quoted, "Le 2026-11-03, quelqu’un a écrit :\n> merci, le client (le client)");
    }

    #[test]
    fn a_long_text_is_cut() {
        let text = "é ".repeat(LONGEST_QUOTE);
        let said = Said { text: &text, ..SAID[0] };
        let quoted = quote(&[said], None, Language::ENGLISH, Recipients::Colleagues, &patterns()).unwrap();
        assert!(quoted.ends_with(" …") && quoted.chars().count() < LONGEST_QUOTE + 60);
    }
}
