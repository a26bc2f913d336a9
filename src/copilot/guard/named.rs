//! People named in a message: words with a capital letter, alone after a title or together with another one.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::lines::words::fold;

/// Shorter parts of a name are initials and particles.
const LEAST: usize = 3;
/// Before a family name, folded, without a full stop.
const TITLES: [&str; 14] =
    ["mr", "mrs", "ms", "miss", "dr", "sir", "madam", "m", "mme", "mlle", "monsieur", "madame", "mademoiselle", "maitre"];

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
                    words.push((fold(&text[begun..at]), &text[begun..at], begun..at));
                    start = None;
                }
                _ => {}
            }
        }
        Self { words }
    }

    /// The family names that may be meant: with a capital, after a title or after another word with one; folded, each once.
    #[must_use]
    pub fn family_names(&self) -> BTreeSet<String> {
        let pairs = self.words.windows(2).filter(|pair| {
            let (before, name) = (&pair[0], &pair[1]);
            let is_near = name.2.start.saturating_sub(before.2.end) <= 2;
            is_name(name.1) && is_near && (TITLES.contains(&before.0.as_str()) || is_name(before.1))
        });
        pairs.map(|pair| pair[1].0.clone()).collect()
    }

    /// Where somebody is named: by first and family name, or by title and family name.
    #[must_use]
    pub fn find(&self, name: &str) -> Vec<Range<usize>> {
        let parts = words(name);
        let Some(family) = parts.last() else { return Vec::new() };
        let pairs = self.words.windows(2).filter(|pair| {
            let (before, word) = (&pair[0], &pair[1]);
            word.0 == *family
                && is_name(word.1)
                && (TITLES.contains(&before.0.as_str()) || (parts.len() > 1 && parts[..parts.len() - 1].contains(&before.0)))
        });
        pairs.map(|pair| pair[0].2.start..pair[1].2.end).collect()
    }
}

/// The parts of a name that tell somebody apart, folded.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '\'' | '’')));
    parts.filter(|part| part.chars().count() >= LEAST).map(fold).collect()
}

fn is_name(word: &str) -> bool {
    word.chars().count() >= LEAST && word.chars().next().is_some_and(char::is_uppercase) && word.chars().skip(1).any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_named_by_title_or_by_both_names() {
        let text = "A Mr Toll wrote, and Priti Solanki; the toll is paid. Madame Le Goff attend.";
        let names = Names::of(text);
        let found = |name| names.find(name).into_iter().map(|span| &text[span]).collect::<Vec<_>>();
        assert_eq!(found("Henrik Toll"), ["Mr Toll"]);
        assert_eq!(found("Priti Solanki"), ["Priti Solanki"]);
        assert!(found("Ana Roy").is_empty() && found("Priti Paid").is_empty());
        assert!(names.family_names().contains("toll") && names.family_names().contains("solanki"));
    }
}
