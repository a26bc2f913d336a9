//! Names of the catalogue, whatever their case, hyphens and number, and with one slip in a longer word.

use std::collections::HashMap;
use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::{Find, PatternError, stands_alone};

/// What the compiled list may take, in bytes.
const SIZE_MAX: usize = 32 << 20;
/// A slip is believed in a word of at least as many letters, and in a name of at least [`NAME_LETTERS`].
const WORD_LETTERS: usize = 4;
const NAME_LETTERS: usize = 7;

#[derive(Debug)]
pub(super) struct Products {
    regex: Regex,
    /// The names, as the admin writes them, the longest first.
    names: Vec<Name>,
    /// Names by one of their words.
    by_word: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Name {
    written: String,
    folded: String,
    words: Vec<String>,
}

/// A word of a text, folded, and where it stands.
struct Word {
    folded: String,
    span: Range<usize>,
}

impl Products {
    pub(super) fn new(names: Vec<String>) -> Result<Option<Self>, PatternError> {
        let mut names: Vec<String> = names.into_iter().filter(|name| name.chars().any(char::is_alphanumeric)).collect();
        // The first alternative wins, so the longest name comes first.
        names.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        names.dedup();
        if names.is_empty() {
            return Ok(None);
        }
        let alternatives: Vec<String> = names
            .iter()
            .map(|name| {
                let parts: Vec<String> = parts(name).map(regex::escape).collect();
                // One that ends in a letter has a plural.
                let plural = if name.ends_with(|c: char| c.is_alphabetic() && c != 's') { "s?" } else { "" };
                format!("{}{plural}", parts.join(r"[\s-]{0,2}"))
            })
            .collect();
        let source = format!(r"(?i)\b(?:{})", alternatives.join("|"));
        let regex = RegexBuilder::new(&source)
            .size_limit(SIZE_MAX)
            .build()
            .map_err(|source| PatternError::Products { source: Box::new(source) })?;
        let names: Vec<Name> = names
            .into_iter()
            .map(|written| Name { folded: fold(&written), words: parts(&written).map(str::to_lowercase).collect(), written })
            .collect();
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, name) in names.iter().enumerate().filter(|(_, name)| name.words.len() > 1) {
            if name.folded.chars().filter(|c| c.is_alphabetic()).count() >= NAME_LETTERS {
                for word in &name.words {
                    by_word.entry(word.clone()).or_default().push(at);
                }
            }
        }
        Ok(Some(Self { regex, names, by_word }))
    }

    pub(super) fn find(&self, text: &str, found: &mut Vec<Find>) {
        for hit in self.regex.find_iter(text).filter(|hit| stands_alone(text, &hit.range()) && !is_conjunction(text, &hit.range())) {
            let folded = fold(hit.as_str());
            let singular = folded.strip_suffix('s').unwrap_or(&folded);
            let name =
                self.names.iter().find(|name| name.folded == folded).or_else(|| self.names.iter().find(|name| name.folded == singular));
            let value = name.map_or_else(|| hit.as_str().to_owned(), |name| name.written.clone());
            found.push(product(hit.range(), value));
        }
        if !self.by_word.is_empty() {
            self.find_with_slips(text, found);
        }
    }

    /// Names of which one word has a slip: at least one other word of them is right.
    fn find_with_slips(&self, text: &str, found: &mut Vec<Find>) {
        let words = words(text);
        for (at, word) in words.iter().enumerate() {
            for name in self.by_word.get(&word.folded).into_iter().flatten().map(|name| &self.names[*name]) {
                let places = name.words.iter().enumerate().filter(|(_, part)| **part == word.folded);
                for start in places.filter_map(|(place, _)| at.checked_sub(place)) {
                    let Some(window) = words.get(start..start + name.words.len()) else { continue };
                    let span = window[0].span.start..window[window.len() - 1].span.end;
                    if has_one_slip(window, &name.words) && is_close(text, window) && !is_conjunction(text, &span) {
                        found.push(product(span, name.written.clone()));
                    }
                }
            }
        }
    }
}

fn product(span: Range<usize>, value: String) -> Find {
    Find { kind: "product".to_owned(), span, value, checked: None, custom: false }
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty())
}

/// A product's name without case, spaces and hyphens.
fn fold(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

/// Whether `care plus a bit` is meant: small letters, and an article after what would be a name's last word.
fn is_conjunction(text: &str, span: &Range<usize>) -> bool {
    let hit = &text[span.clone()];
    let after = text[span.end..].trim_start_matches(' ').split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    hit.ends_with("plus")
        && !hit.contains(char::is_uppercase)
        && ["a", "an", "the", "some", "my", "un", "une", "des", "de"].contains(&after)
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push(Word { folded: text[from..at].to_lowercase(), span: from..at });
                start = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    words
}

/// Whether nothing but a space or a hyphen stands between the words.
fn is_close(text: &str, words: &[Word]) -> bool {
    words.windows(2).all(|pair| matches!(&text[pair[0].span.end..pair[1].span.start], " " | "-"))
}

/// Whether one word has a slip and the others are right.
fn has_one_slip(written: &[Word], right: &[String]) -> bool {
    let mut slips = 0;
    for (written, right) in written.iter().zip(right) {
        if written.folded == *right {
            continue;
        }
        slips += 1;
        // Short for `please`.
        let is_other_word = written.folded == "pls";
        if slips > 1 || is_other_word || right.chars().count() < WORD_LETTERS || !is_slip(&written.folded, right) {
            return false;
        }
    }
    slips == 1
}

/// Whether one letter is left out, put in, wrong or exchanged with its neighbour; the first letter and all figures are right.
fn is_slip(written: &str, right: &str) -> bool {
    let (ours, theirs): (Vec<char>, Vec<char>) = (written.chars().collect(), right.chars().collect());
    if ours.first() != theirs.first() || ours.iter().chain(&theirs).any(char::is_ascii_digit) {
        return false;
    }
    let same = ours.iter().zip(&theirs).take_while(|(ours, theirs)| ours == theirs).count();
    let (ours, theirs) = (&ours[same..], &theirs[same..]);
    let is_wrong = !ours.is_empty() && !theirs.is_empty() && ours[1..] == theirs[1..];
    let is_left_out = !theirs.is_empty() && *ours == theirs[1..];
    // An `s` more at the end is a plural, which is no slip.
    let is_put_in = !ours.is_empty() && ours[1..] == *theirs && (ours[0] != 's' || !theirs.is_empty());
    let is_exchanged = ours.len() >= 2 && theirs.len() >= 2 && ours[0] == theirs[1] && ours[1] == theirs[0] && ours[2..] == theirs[2..];
    is_wrong || is_left_out || is_put_in || is_exchanged
}

#[cfg(test)]
mod tests {
    use super::super::{Patterns, find};

    #[test]
    fn names_are_found_in_the_plural_and_with_one_slip() {
        let names = ["Wick Mesh 6", "Wick Cam", "Wick Cam Outdoor", "Wick Hub", "Care Plus", "BP-20"].map(str::to_owned);
        let patterns = Patterns::new(Vec::new(), names.to_vec()).unwrap();
        for (text, expected) in [
            ("two Wick Cams", Some(("Wick Cams", "Wick Cam"))),
            ("Wik Hub won't", Some(("Wik Hub", "Wick Hub"))),
            ("the wick cma outdoor", None),
            ("Wick Cam Outdor", Some(("Wick Cam Outdor", "Wick Cam Outdoor"))),
            ("wick mehs 6", Some(("wick mehs 6", "Wick Mesh 6"))),
            ("from care basic to care plus before", Some(("care plus", "Care Plus"))),
            ("with extra care plus a bit of patience", None),
            ("Wick Mesh 5", None),
            ("the wick camera, Pick Hub", None),
            ("care pls. Wick, hub", None),
            ("bp20", Some(("bp20", "BP-20"))),
        ] {
            let found = find(text, &patterns, None);
            let found = found.first().map(|entity| (entity.text.as_str(), entity.value.as_str()));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
