//! Skills whose words stand in the ask.

use crate::domain::person::{Directory, Person};
use crate::domain::vocabulary::Language;
use crate::experts::rank::SkillHit;
use crate::lines::Line;
use crate::lines::words::{Rarity, Words, share};

/// The skills whose words stand in the ask, with the share of their words that do, rarer words counting more.
///
/// Skills are short and mostly written in one language; names of products and identifiers meet across languages, other words by stems.
#[must_use]
pub fn skill_hits(ask: &[Line<'_>], directory: &Directory) -> Vec<SkillHit> {
    let own: Vec<Words> = ask.iter().map(|line| Words::of(line.text, line.language)).collect();
    let english: Vec<Words> = ask.iter().map(|line| Words::of(line.text, Language::ENGLISH)).collect();
    let asked = Words::together(own.iter().chain(&english));
    let all: Vec<(&Person, &String, Words)> =
        directory.people.values().flat_map(|person| person.skills.iter().map(move |skill| (person, skill, read(skill, person)))).collect();
    let rarity = Rarity::of(all.iter().map(|(_, _, words)| words));
    let hit = |(person, skill, words): &(&Person, &String, Words)| {
        let terms: Vec<&String> = words.stems.iter().chain(&words.figures).collect();
        let held = |term: &&&String| asked.stems.contains(**term) || asked.figures.contains(**term);
        let mass = |terms: &mut dyn Iterator<Item = &&String>| terms.map(|term| rarity.weight(term)).sum::<f64>();
        let whole = mass(&mut terms.iter());
        let weight = if whole > 0.0 { mass(&mut terms.iter().filter(held)) / whole } else { 0.0 };
        // Half of a two-word skill is a hint at best: `mesh firmware` is not known by whoever knows `firmware`.
        let weight = if share(terms.iter().filter(held).count(), terms.len()) < 0.5 { 0.0 } else { weight * weight };
        (weight > 0.0).then(|| SkillHit { email: person.email.clone(), skill: (*skill).clone(), weight })
    };
    all.iter().filter_map(hit).collect()
}

fn read(skill: &str, person: &Person) -> Words {
    Words::of(skill, person.languages.iter().copied().find(|language| *language == Language::ENGLISH).unwrap_or(Language::FRENCH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::PersonRole;
    use crate::lines::testing::{EN, FR, directory, line};

    fn hits(text: &str, language: Language) -> Vec<(String, String)> {
        let people = directory(
            &[
                ("ana@lab.example", "Ana Blum", "lab", PersonRole::Expert, &["battery safety", "swollen battery", "BP-20"]),
                ("rui@lab.example", "Rui Sá", "lab", PersonRole::Expert, &["IPv6", "mesh firmware"]),
            ],
            &[],
        );
        skill_hits(&[line(text, language)], &people).into_iter().map(|hit| (hit.email.to_string(), hit.skill)).collect()
    }

    fn hit(email: &str, skill: &str) -> (String, String) {
        (email.to_owned(), skill.to_owned())
    }

    #[test]
    fn words_of_a_skill_are_found_in_their_inflections() {
        assert_eq!(
            hits("Both batteries are swollen", EN),
            [hit("ana@lab.example", "battery safety"), hit("ana@lab.example", "swollen battery")]
        );
    }

    #[test]
    fn identifiers_meet_across_languages() {
        assert!(hits("la batterie BP-20 est toute bombée", FR).contains(&hit("ana@lab.example", "BP-20")));
        assert_eq!(hits("mon collègue a coupé l'IPv6", FR), [hit("rui@lab.example", "IPv6")]);
    }

    #[test]
    fn a_matter_that_nobody_knows_hits_nothing() {
        assert_eq!(hits("where is my invoice", EN), []);
    }
}
