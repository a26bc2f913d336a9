//! Which words of a text its mood was read from.

use super::{CALM, DANGER_EN, DANGER_FR, FEELINGS_EN, FEELINGS_FR, NEGATIONS, PRESSURE_EN, PRESSURE_FR, is_dangerous, weight_of, words};
use crate::domain::vocabulary::Language;

/// The words of a text that say how its writer feels, how pressing it is, and of what danger it speaks: each once, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    /// Words of feelings that count, the strongest first.
    pub feelings: Vec<String>,
    /// Words that press, or tell of patience, the strongest first.
    pub pressure: Vec<String>,
    /// Words and phrases of danger.
    pub dangers: Vec<String>,
}

/// Names the words that [`super::read`] counts.
#[must_use]
pub fn spoken(text: &str, language: Option<Language>) -> Spoken {
    let french = language == Some(Language::FRENCH);
    let (feelings, pressure) = if french { (FEELINGS_FR, PRESSURE_FR) } else { (FEELINGS_EN, PRESSURE_EN) };
    let found = words(text);
    let mut felt: Vec<(i32, String)> = Vec::new();
    let mut pressing: Vec<(i32, String)> = Vec::new();
    for (index, word) in found.iter().enumerate() {
        if let Some(weight) = weight_of(&word.folded, feelings) {
            let negated = found[index.saturating_sub(2)..index].iter().any(|word| NEGATIONS.contains(&word.folded.as_str()));
            // A denied bad word ("no problem") says little.
            if !negated || weight > 0 {
                felt.push((if negated { 1 } else { weight.abs() }, word.folded.clone()));
            }
        }
        pressing.extend(weight_of(&word.folded, pressure).map(|weight| (weight.abs(), word.folded.clone())));
    }
    let dangers = if french { DANGER_FR } else { DANGER_EN };
    let lower = text.to_lowercase();
    let calm = CALM.iter().filter(|calm| lower.contains(**calm)).map(|calm| (*calm).to_owned());
    Spoken {
        feelings: strongest(felt),
        pressure: strongest(pressing).into_iter().chain(calm).collect(),
        dangers: dangers.iter().filter(|danger| is_dangerous(&found, &[**danger])).map(|danger| (*danger).to_owned()).collect(),
    }
}

fn strongest(mut weighed: Vec<(i32, String)>) -> Vec<String> {
    weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let mut named: Vec<String> = Vec::new();
    for (_, word) in weighed {
        if !named.contains(&word) {
            named.push(word);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_a_mood_was_read_from_are_named_and_denied_ones_are_not() {
        let said = spoken(
            "No problem with the parcel, but this is outrageous: the battery is swollen, I am disappointed",
            Some(Language::ENGLISH),
        );
        assert_eq!(said.feelings[0], "outrageous");
        assert!(!said.feelings.contains(&"problem".to_owned()), "{:?}", said.feelings);
        assert_eq!(said.dangers, ["swollen"]);
        assert_eq!(spoken("Which size is the transformer?", Some(Language::ENGLISH)), Spoken::default());
    }
}
