//! Whose words a question asks for: `what did finance say`, `qu'a répondu Julien`.

use std::collections::BTreeSet;

use crate::domain::customer::Customer;
use crate::domain::person::{Directory, Person};
use crate::domain::vocabulary::{EmailAddress, PersonRole};
use crate::lines::words::{fold, is_stop};

/// A part of a name with fewer letters names nobody: it may be a word.
const FEWEST_LETTERS: usize = 3;
/// English verbs by which somebody's words are asked for, folded; who says stands before them.
const SAYING: &str = "\
    say says said saying answer answers answered reply replies replied respond responded tell tells told think thinks thought decide \
    decides decided write wrote written find found want wants wanted promise promised confirm confirmed explain explained propose \
    proposed suggest suggested approve approved agree agreed";
/// French ones; who says may stand on either side.
const DIRE: &str = "\
    dit dire repondu repondre repond reponse pense decide ecrit trouve veut voulu promis confirme explique propose suggere demande \
    approuve valide accepte avis";
/// What the customer is called.
const CUSTOMER: [&str; 6] = ["customer", "client", "cliente", "requester", "caller", "demandeur"];
/// What somebody from outside is called, whatever their company does.
const OUTSIDE: [&str; 9] =
    ["carrier", "courier", "supplier", "vendor", "manufacturer", "transporteur", "livreur", "fournisseur", "fabricant"];
/// Words of a team's title that name every team, or a matter.
const OF_ANY_TEAM: [&str; 12] =
    ["and", "the", "team", "desk", "support", "service", "services", "customer", "department", "equipe", "client", "express"];

/// The people that a question names, and the question without their names and the verbs of saying.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Whose words are asked for.
    pub(super) people: BTreeSet<EmailAddress>,
    /// What the question is about beside them.
    pub(super) matter: String,
    /// Whether a verb of saying stands in it.
    pub(super) is_said: bool,
}

impl Named {
    /// Reads a question; people are named by a part of their name, by their team, or by what they are to the desk.
    #[must_use]
    pub fn of(question: &str, customer: &Customer, directory: &Directory) -> Self {
        let mut named = Self::default();
        let mut matter = Vec::new();
        for token in question.split_whitespace() {
            let folded = fold(token);
            // `qu'a`, `l'avis`, `Ana's`: what stands between apostrophes is looked at by itself, and of `veut-il` the verb.
            let mut is_matter = true;
            for word in folded.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty()) {
                let verb = word.split('-').next().unwrap_or(word);
                let is_said = lists(DIRE, verb) || (lists(SAYING, verb) && !named.people.is_empty());
                named.is_said |= is_said;
                let people = who(word, customer, directory);
                is_matter &= people.is_empty() && !is_said;
                named.people.extend(people);
            }
            if is_matter {
                matter.push(token);
            }
        }
        if named.is_said && !named.people.is_empty() {
            named.matter = matter.join(" ");
        } else {
            // Nobody's words are asked for: `Whitby` may be a place.
            named.people.clear();
            question.clone_into(&mut named.matter);
        }
        named
    }
}

fn lists(verbs: &str, word: &str) -> bool {
    verbs.split(' ').any(|verb| verb == word)
}

/// The people that a folded word names.
fn who(word: &str, customer: &Customer, directory: &Directory) -> Vec<EmailAddress> {
    if word.chars().count() < FEWEST_LETTERS || is_stop(word) {
        return Vec::new();
    }
    let is_part_of = |name: &str| {
        let folded = fold(name);
        folded.split(|c: char| !c.is_alphanumeric() && c != '-').any(|part| part == word)
    };
    let is_of_team = |person: &Person| {
        let team = person.team.as_ref().and_then(|team| directory.teams.get(team));
        team.is_some_and(|team| !OF_ANY_TEAM.contains(&word) && is_part_of(&team.title))
    };
    let is_outside = |person: &Person| person.role == PersonRole::Outsider && OUTSIDE.contains(&word);
    let people = directory.people.values().filter(|person| is_part_of(&person.name) || is_of_team(person) || is_outside(person));
    let mut found: Vec<EmailAddress> = people.map(|person| person.email.clone()).collect();
    if CUSTOMER.contains(&word) || customer.name.as_deref().is_some_and(is_part_of) {
        found.push(customer.email.clone());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{CustomerId, WorkspaceId};
    use crate::domain::person::Team;
    use crate::domain::time::Timestamp;
    use crate::domain::vocabulary::Tier;
    use crate::lines::testing::{directory, email};

    fn named(question: &str) -> (Vec<String>, String, bool) {
        let mut people = directory(
            &[
                ("ana@desk.example", "Ana Kovač", "finance", PersonRole::Expert, &[]),
                ("felix@desk.example", "Felix Brandt", "legal", PersonRole::Expert, &[]),
                ("julien@carrier.example", "Julien Petit", "norvik", PersonRole::Outsider, &[]),
            ],
            &[],
        );
        for (name, title) in [("finance", "Finance"), ("legal", "Legal & Privacy"), ("norvik", "Norvik Express")] {
            let name: crate::domain::vocabulary::TeamName = name.parse().unwrap();
            people.teams.insert(name.clone(), Team { name, title: title.to_owned(), external: title.starts_with('N') });
        }
        let customer = Customer {
            id: CustomerId::at(Timestamp::from_micros(0), [1; 10]),
            workspace: WorkspaceId::at(Timestamp::from_micros(0), [1; 10]),
            external_id: None,
            email: email("eve@mail.example"),
            name: Some("Eve Oak".to_owned()),
            organisation: None,
            tier: Tier::Standard,
            account_owner: None,
            language: None,
            notes: None,
            orders: Vec::new(),
            created_at: Timestamp::from_micros(0),
        };
        let named = Named::of(question, &customer, &people);
        (named.people.iter().map(ToString::to_string).collect(), named.matter, named.is_said)
    }

    #[test]
    fn people_are_named_by_their_name_their_team_and_their_part() {
        for (question, who) in [
            ("What did Felix say?", "felix@desk.example"),
            ("What did legal say?", "felix@desk.example"),
            ("Qu'a répondu le transporteur ?", "julien@carrier.example"),
            ("what does Ana Kovac want", "ana@desk.example"),
            ("What did the customer answer?", "eve@mail.example"),
            ("Qu’a dit Mme Oak ?", "eve@mail.example"),
            ("Felix veut-il la clause 9 ?", "felix@desk.example"),
        ] {
            let (people, _, is_said) = named(question);
            assert_eq!((people, is_said), (vec![who.to_owned()], true), "{question}");
        }
    }

    #[test]
    fn the_matter_is_what_else_was_asked() {
        assert_eq!(named("What did Felix say about clause 9?").1, "What did about clause 9?");
        for question in ["When do we tell the customer?", "Does the customer need to pay for the return?", "When does it arrive in Oak?"] {
            assert_eq!(named(question), (vec![], question.to_owned(), false), "{question}");
        }
        assert_eq!(named("When does the parcel arrive?"), (vec![], "When does the parcel arrive?".to_owned(), false));
    }

    #[test]
    fn what_every_team_is_called_names_nobody() {
        assert_eq!(named("What did the express service say?").0, [""; 0]);
    }
}
