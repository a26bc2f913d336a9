//! What must not leave: personal data towards outsiders, payment data towards anybody.

use std::collections::BTreeSet;

use crate::domain::person::Directory;
use crate::domain::reason::Reason;
use crate::domain::triage::Entity;
use crate::domain::vocabulary::{EmailAddress, PersonRole};
use crate::lines::words::fold;

/// Who would read a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipients {
    /// Colleagues only.
    Colleagues,
    /// At least one person outside the company.
    Outsiders,
}

/// Kinds that nobody is sent in full, colleagues included.
const PAYMENT: [&str; 2] = ["card", "iban"];
/// Shorter parts of a name are initials and particles.
const NAME_PART: usize = 3;

/// Tells outsiders from colleagues: an unknown address is an outsider's unless it is of a colleague's domain.
#[must_use]
pub fn recipients(addresses: &[EmailAddress], directory: &Directory) -> Recipients {
    let outside = |address: &EmailAddress| match directory.people.get(address) {
        Some(person) => {
            let team = person.team.as_ref().and_then(|team| directory.teams.get(team));
            person.role == PersonRole::Outsider || team.is_some_and(|team| team.external)
        }
        None => !directory.people.values().any(|person| person.role != PersonRole::Outsider && person.email.domain() == address.domain()),
    };
    if addresses.iter().any(outside) { Recipients::Outsiders } else { Recipients::Colleagues }
}

/// Whether something that was found in a text must not reach these recipients.
#[must_use]
pub fn must_not_leave(entity: &Entity, recipients: Recipients) -> bool {
    let payment = PAYMENT.contains(&entity.kind.as_str()) && !entity.text.contains('*');
    payment || (recipients == Recipients::Outsiders && (entity.personal || PAYMENT.contains(&entity.kind.as_str())))
}

/// What its author should look at before a text is sent: one warning for each thing that must not reach the recipients.
///
/// `entities` are those of this very text. Payment data is never repeated in full, not even in a warning.
#[must_use]
pub fn check(text: &str, entities: &[Entity], customer_name: Option<&str>, recipients: Recipients) -> Vec<Reason> {
    let is_outside = recipients == Recipients::Outsiders;
    let shown = |entity: &Entity| if PAYMENT.contains(&entity.kind.as_str()) { masked(&entity.text) } else { entity.text.clone() };
    let mut seen = BTreeSet::new();
    let mut warnings: Vec<Reason> = entities
        .iter()
        .filter(|entity| must_not_leave(entity, recipients) && text.contains(&entity.text))
        .filter(|entity| seen.insert((entity.kind.as_str(), shown(entity))))
        .map(|entity| Reason::MustNotLeave { kind: entity.kind.clone(), text: shown(entity), is_outside })
        .collect();
    if is_outside && customer_name.is_some_and(|name| names(text, name)) {
        warnings.push(Reason::NameWouldLeave);
    }
    warnings
}

/// Takes out of a text what must not reach the recipients; says what was taken out, by kind.
#[must_use]
pub fn without(text: &str, entities: &[Entity], customer: Option<(&str, &str)>, recipients: Recipients) -> (String, BTreeSet<String>) {
    let mut left = text.to_owned();
    let mut taken = BTreeSet::new();
    let mut withheld: Vec<&Entity> =
        entities.iter().filter(|entity| !entity.text.is_empty() && must_not_leave(entity, recipients)).collect();
    // The longest first, so that a number inside a longer one does not break it apart.
    withheld.sort_by_key(|entity| std::cmp::Reverse(entity.text.len()));
    for entity in withheld {
        if left.contains(&entity.text) {
            left = left.replace(&entity.text, &format!("[{}]", entity.kind));
            taken.insert(entity.kind.clone());
        }
    }
    if let (Recipients::Outsiders, Some((name, instead))) = (recipients, customer) {
        for part in std::iter::once(name).chain(name.split_whitespace().filter(|part| part.chars().count() >= NAME_PART)) {
            let replaced = replace_word(&left, part, instead);
            if replaced != left {
                taken.insert("name".to_owned());
                left = replaced;
            }
        }
    }
    (left, taken)
}

fn names(text: &str, name: &str) -> bool {
    let words: BTreeSet<String> = fold(text).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    fold(name).split_whitespace().filter(|part| part.chars().count() >= NAME_PART).any(|part| words.contains(part))
}

/// Replaces a word where it stands alone, in whatever case and with or without accents.
fn replace_word(text: &str, word: &str, instead: &str) -> String {
    let wanted = fold(word);
    if wanted.trim().is_empty() {
        return text.to_owned();
    }
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        replaced.push_str(&rest[..start]);
        rest = &rest[start..];
        // The name may have several words: as many characters are taken as fold to it.
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
        let found = ends
            .take_while(|end| *end <= word.len() * 2)
            .find(|end| fold(&rest[..*end]) == wanted && !rest[*end..].chars().next().is_some_and(char::is_alphanumeric));
        let end = found.unwrap_or_else(|| rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()));
        replaced.push_str(if found.is_some() { instead } else { &rest[..end] });
        rest = &rest[end..];
    }
    replaced + rest
}

/// Only the last four characters, so that its author finds it.
pub(super) fn masked(text: &str) -> String {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    format!("…{}", letters[letters.len().saturating_sub(4)..].iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{directory, email, entity};

    #[test]
    fn an_outsider_is_told_by_role_team_and_domain() {
        let people = directory(
            &[
                ("ana@corp.example", "Ana Blum", "lab", PersonRole::Expert, &[]),
                ("eve@supplier.example", "Eve Oak", "supplier", PersonRole::Outsider, &[]),
            ],
            &[],
        );
        let check = |addresses: &[&str], expected| {
            let addresses: Vec<EmailAddress> = addresses.iter().map(|address| email(address)).collect();
            assert_eq!(recipients(&addresses, &people), expected, "{addresses:?}");
        };
        check(&["ana@corp.example", "new@corp.example"], Recipients::Colleagues);
        check(&["ana@corp.example", "eve@supplier.example"], Recipients::Outsiders);
        check(&["who@elsewhere.example"], Recipients::Outsiders);
        check(&["other@supplier.example"], Recipients::Outsiders);
    }

    #[test]
    fn personal_data_is_named_towards_outsiders_only() {
        let text = "Ring Tamsin Oyelaran on 01632 960204 about AW-286724-1.";
        let found = [entity("phone", "01632 960204", true), entity("order", "AW-286724-1", false)];
        let phone = Reason::MustNotLeave { kind: "phone".to_owned(), text: "01632 960204".to_owned(), is_outside: true };
        assert_eq!(check(text, &found, Some("Tamsin Oyelaran"), Recipients::Colleagues), []);
        assert_eq!(check(text, &found, Some("Tamsin Oyelaran"), Recipients::Outsiders), [phone, Reason::NameWouldLeave]);
    }

    #[test]
    fn a_full_card_number_goes_to_nobody_and_is_not_repeated() {
        let text = "Carte 5555 5555 5555 4444 et 4242 **** **** 4242";
        let found = [entity("card", "5555 5555 5555 4444", true), entity("card", "4242 **** **** 4242", true)];
        let card = Reason::MustNotLeave { kind: "card".to_owned(), text: "…4444".to_owned(), is_outside: false };
        assert_eq!(check(text, &found, None, Recipients::Colleagues), [card]);
    }

    #[test]
    fn what_must_not_leave_is_taken_out() {
        let text = "Claire Brossard (claire@mail.example) attend. Mme Brossard paie avec 5555 5555 5555 4444. Brossardine reste.";
        let found = [entity("email", "claire@mail.example", true), entity("card", "5555 5555 5555 4444", true)];
        let (left, taken) = without(text, &found, Some(("Claire Brossard", "la cliente")), Recipients::Outsiders);
        assert_eq!(left, "la cliente ([email]) attend. Mme la cliente paie avec [card]. Brossardine reste.");
        assert_eq!(taken.into_iter().collect::<Vec<_>>(), ["card", "email", "name"]);
        let (left, _) = without(text, &found, Some(("Claire Brossard", "la cliente")), Recipients::Colleagues);
        assert!(left.contains("claire@mail.example") && left.contains("Claire Brossard") && !left.contains("4444"), "{left}");
    }

    #[test]
    fn a_name_is_found_without_its_accents() {
        assert_eq!(check("Mme Le Goff attend", &[], Some("Maëlle Le Goff"), Recipients::Outsiders).len(), 1);
        assert_eq!(check("Maelle attend", &[], Some("Maëlle Le Goff"), Recipients::Outsiders).len(), 1);
        assert_eq!(check("le colis attend", &[], Some("Maëlle Le Goff"), Recipients::Outsiders).len(), 0);
    }
}
