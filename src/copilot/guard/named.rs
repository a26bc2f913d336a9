//! People named in a message: words with a capital letter, alone after a title or together with another one.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::lines::words::fold;

/// Shorter parts of a name are initials.
const LEAST: usize = 2;
/// Before a family name, folded, without a full stop.
const TITLES: [&str; 14] =
    ["mr", "mrs", "ms", "miss", "dr", "sir", "madam", "m", "mme", "mlle", "monsieur", "madame", "mademoiselle", "maitre"];

/// Between a first and a family name, folded.
const PARTICLES: [&str; 12] = ["le", "la", "de", "du", "des", "van", "von", "der", "den", "da", "di", "ter"];

/// The words of a message, each with where it stands.
#[derive(Debug)]
pub struct Names<'a> {
    words: Vec<(String, &'a str, Range<usize>)>,
}

impl<'a> Names<'a> {
    /// Cuts a message into words.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let mut words = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match (start, c.is_alphanumeric() || matches!(c, '-' | '\'' | '’')) {
                (None, true) if c.is_alphanumeric() => start = Some(at),
                (Some(begun), false) => {
                    let word = bare(&text[begun..at]);
                    let begun = begun + text[begun..at].find(word).unwrap_or(0);
                    words.push((fold(word), word, begun..begun + word.len()));
                    start = None;
                }
                _ => {}
            }
        }
        Self { words }
    }

    /// The family names that may be meant: with a capital, after a title or beside another word with one; folded, each once.
    #[must_use]
    pub fn family_names(&self) -> BTreeSet<String> {
        let meant = self.pairs().filter(|(before, _)| self.is_title(*before) || is_name(self.words[*before].1));
        let either = |(before, name): (usize, usize)| [Some(name), (!self.is_title(before)).then_some(before)];
        meant.flat_map(either).flatten().map(|place| self.words[place].0.clone()).collect()
    }

    /// Each word that may be a name, after the one before it; particles between them are passed over.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        (1..self.words.len()).filter(|place| is_name(self.words[*place].1)).filter_map(|place| {
            let mut before = place - 1;
            while before > 0 && PARTICLES.contains(&self.words[before].0.as_str()) {
                before -= 1;
            }
            let mut gaps = self.words[before..=place].windows(2).map(|pair| pair[1].2.start.saturating_sub(pair[0].2.end));
            gaps.all(|gap| gap <= 2).then_some((before, place))
        })
    }

    fn is_title(&self, place: usize) -> bool {
        TITLES.contains(&self.words[place].0.as_str())
    }

    /// Where somebody is named: by first and family name, or by title and family name.
    #[must_use]
    pub fn find(&self, name: &str) -> Vec<Range<usize>> {
        let parts = words(name);
        let Some(family) = parts.last() else { return Vec::new() };
        let first = &parts[..parts.len() - 1];
        let is = |place: usize, part: &String| self.words[place].0 == *part;
        let meant = self.pairs().filter(|(before, place)| {
            let in_order = is(*place, family) && (self.is_title(*before) || first.iter().any(|first| is(*before, first)));
            // Family name first, as on forms.
            in_order || (is(*before, family) && first.iter().any(|first| is(*place, first)))
        });
        meant.map(|(before, place)| self.words[before].2.start..self.words[place].2.end).collect()
    }
}

/// A word without what is put to a name: `Toll's`, `d'Henrik`.
fn bare(word: &str) -> &str {
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word).trim_end_matches(['\'', '’', '-']);
    ["d'", "d’", "l'", "l’"].iter().find_map(|start| word.strip_prefix(start)).unwrap_or(word)
}

/// The parts of a name that tell somebody apart, folded.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '\'' | '’')));
    parts.filter(|part| part.chars().count() >= LEAST).map(fold).collect()
}

fn is_name(word: &str) -> bool {
    word.chars().count() >= LEAST && word.chars().next().is_some_and(char::is_uppercase) && !word.chars().any(char::is_numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_named_by_title_or_by_both_names() {
        let text = "A Mr Toll wrote, and Priti Solanki; the toll is paid. Madame Le Goff attend.";
        let names = Names::of(text);
        let found = |name| names.find(name).into_iter().map(|span| &text[span]).collect::<Vec<_>>();
        let short = "M. Li et TOLL Henrik ont demandé la même chose.";
        assert_eq!(Names::of(short).find("Jet Li").len() + Names::of(short).find("Henrik Toll").len(), 2);
        assert!(Names::of(short).family_names().contains("toll") && Names::of(short).family_names().contains("li"));
        assert_eq!(found("Henrik Toll"), ["Mr Toll"]);
        assert_eq!(found("Priti Solanki"), ["Priti Solanki"]);
        assert_eq!(found("Maëlle Le Goff"), ["Madame Le Goff"]);
        let others = "Mr Toll's refund and M. TOLL";
        let found_there: Vec<&str> = Names::of(others).find("Henrik Toll").into_iter().map(|span| &others[span]).collect();
        assert_eq!(found_there, ["Mr Toll", "M. TOLL"]);
        assert!(found("Ana Roy").is_empty() && found("Priti Paid").is_empty());
        assert!(names.family_names().contains("toll") && names.family_names().contains("solanki"));
    }
}
