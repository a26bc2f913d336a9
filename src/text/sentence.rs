//! Sentences of a clean text: UAX #29 with abbreviations, list items and line breaks, for English and French.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::vocabulary::Language;
use crate::text::clean::CleanText;

/// A line at least this long, in bytes, may have been broken by a mail program in mid-sentence.
const WRAPPED_LINE: usize = 50;

/// A sentence of a clean text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Where it stands in the clean text, in bytes.
    pub span: Range<usize>,
    /// Its words, on one line.
    pub text: String,
}

/// Cuts a clean text into sentences, in order. List markers belong to none.
#[must_use]
pub fn sentences(text: &CleanText, language: Language) -> Vec<Sentence> {
    spans(text.as_str(), language)
        .into_iter()
        .map(|span| {
            let words = text.as_str()[span.clone()].replace('\n', " ");
            Sentence { span, text: words }
        })
        .collect()
}

/// Where the sentences of any text stand.
pub(in crate::text) fn spans(text: &str, language: Language) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for block in blocks(text) {
        let start = block.start + marker_length(&text[block.clone()]);
        cut(text, start..block.end, language, &mut found);
    }
    found
}

static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[-*+•–—·▪‣◦●]|\(?\d{1,3}[.)]|\(?[a-zA-Z]\)|#{1,6})\s+").expect("the list marker compiles: this is a bug")
});

fn marker_length(line: &str) -> usize {
    MARKER.find(line).map_or(0, |marker| marker.end())
}

/// Lines, joined where a mail program broke a sentence.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut previous = "";
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = start..start + line.trim_end().len();
        start += line.len();
        let content = line.trim();
        if content.is_empty() {
            previous = "";
            continue;
        }
        match blocks.last_mut() {
            Some(last) if continues(previous, content) => last.end = span.end,
            Some(_) | None => blocks.push(span),
        }
        previous = content;
    }
    blocks
}

fn continues(previous: &str, line: &str) -> bool {
    previous.len() >= WRAPPED_LINE
        && !previous.ends_with(['.', '!', '?', ':', ';', '…', '|'])
        && marker_length(line) == 0
        && line.starts_with(|first: char| first.is_lowercase() || first.is_ascii_digit() || first == '(')
}

fn cut(text: &str, block: Range<usize>, language: Language, found: &mut Vec<Range<usize>>) {
    let mut start = block.start;
    // UAX #29 ends a sentence at every line break, but within a block a break is only a space.
    let content = text[block.clone()].replace('\n', " ");
    for (at, piece) in content.split_sentence_bound_indices() {
        let end = block.start + at + piece.len();
        // UAX #29 never ends a sentence before a small letter, but customers write `it broke. i want a refund`.
        for inner in after_closing(piece).into_iter().chain(low_starts(piece)).map(|inner| block.start + at + inner).chain([end]) {
            if inner == block.end || ends(&text[start..inner], &text[inner..block.end], language) {
                push(text, start..inner, found);
                start = inner;
            }
        }
    }
}

fn push(text: &str, span: Range<usize>, found: &mut Vec<Range<usize>>) {
    let slice = &text[span.clone()];
    let start = span.start + (slice.len() - slice.trim_start().len());
    let end = span.start + slice.trim_end().len();
    if start < end && text[start..end].chars().any(char::is_alphanumeric) {
        found.push(start..end);
    } else if let Some(last) =
        found.last_mut().filter(|last| start < end && text[last.end..start].trim().is_empty() && !text[last.end..start].contains('\n'))
    {
        last.end = end;
    }
}

/// The position after a closing quotation mark that a space parts from its sentence, as French has it.
fn after_closing(piece: &str) -> Option<usize> {
    let rest = piece.strip_prefix('»')?;
    let next = rest.trim_start();
    (next.len() < rest.len() && next.starts_with(char::is_uppercase)).then_some(piece.len() - next.len())
}

/// Positions after `. ` where a small letter, a number or a sum follows a word of three letters or more.
fn low_starts(piece: &str) -> impl Iterator<Item = usize> {
    piece.match_indices(". ").filter_map(|(at, _)| {
        let next = at + 2;
        let word = piece[..at].rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let low = piece[next..].starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit() || matches!(c, '£' | '€' | '$'));
        (low && word.chars().count() >= 3 && !is_abbreviation_before_low(word)).then_some(next)
    })
}

fn is_abbreviation_before_low(word: &str) -> bool {
    let word = word.to_lowercase();
    ANYWHERE.contains(&word.as_str())
        || BEFORE_DIGIT.contains(&word.as_str())
        || ["etc", "approx", "env", "incl", "max", "min", "inc", "ltd", "corp"].contains(&word.as_str())
}

/// Titles and the like: a sentence never ends after them.
const ANYWHERE: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "messrs", "mm", "mme", "mmes", "mlle", "mlles", "mgr", "me", "pr", "vs", "cf", "e.g",
    "i.e", "p.ex", "ex", "c.-à-d", "càd", "resp", "attn", "adr",
];
/// Words that belong to the number that follows.
const BEFORE_DIGIT: &[&str] = &[
    "no", "nos", "nr", "n", "art", "fig", "p", "pp", "vol", "ch", "chap", "ref", "réf", "ext", "tel", "tél", "env", "approx", "ca", "sect",
    "sec", "bât", "bat", "app", "apt", "max", "min", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "janv", "févr", "avr", "juil", "déc",
];

/// Whether a sentence ends between `before` and `after`.
fn ends(before: &str, after: &str, language: Language) -> bool {
    if after.starts_with('»') {
        return false;
    }
    let trimmed = before.trim_end();
    let core = trimmed.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', '\u{A0}', ' ']);
    if trimmed.len() == before.len() && core.ends_with(|last: char| last.is_ascii()) {
        // No white space: the inside of an address, a number or a name such as `x.example/?q`.
        return false;
    }
    let Some(stem) = core.strip_suffix('.') else { return true };
    let word = stem.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    let word = word.trim_start_matches(['(', '"', '\'', '“', '«', '’', '[']);
    let low = word.to_lowercase();
    let next = after.chars().next();
    if ANYWHERE.contains(&low.as_str()) && !(low == "me" && language != Language::FRENCH) {
        return false;
    }
    if BEFORE_DIGIT.contains(&low.as_str()) && next.is_some_and(|next| next.is_numeric() || matches!(next, '£' | '€' | '$' | '#')) {
        return false;
    }
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some('M'), None) if language == Language::FRENCH => false,
        (Some(initial), None) if initial.is_uppercase() && initial != 'I' => !is_initial(stem, word, next),
        (Some(_) | None, _) => true,
    }
}

/// Whether a single letter is part of a name: `Owen P. Pryce`, `J. Smith`.
fn is_initial(stem: &str, word: &str, next: Option<char>) -> bool {
    let earlier = stem[..stem.len() - word.len()].trim_end();
    let after_name = earlier
        .rsplit(char::is_whitespace)
        .next()
        .is_none_or(|last| last.is_empty() || last == "c/o" || last.starts_with(char::is_uppercase) && last.len() > 1);
    after_name && next.is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::clean::clean;

    fn check(language: Language, table: &[(&str, &[&str])]) {
        for (given, expected) in table {
            let text = clean(given);
            let found = sentences(&text, language);
            let words: Vec<_> = found.iter().map(|sentence| sentence.text.as_str()).collect();
            assert_eq!(&words, expected, "{given:?}");
            for sentence in found {
                assert_eq!(text.as_str()[sentence.span].replace('\n', " "), sentence.text);
            }
        }
    }

    #[test]
    fn english_sentences_end_where_a_reader_would_end_them() {
        check(
            Language::ENGLISH,
            &[
                ("It broke. Please help!", &["It broke.", "Please help!"]),
                (
                    "I asked Mr. Boyle, e.g. about order no. 12. He said no. That was it.",
                    &["I asked Mr. Boyle, e.g. about order no. 12.", "He said no.", "That was it."],
                ),
                ("Version 4.2.1 broke it at 10.30 p.m. yesterday.", &["Version 4.2.1 broke it at 10.30 p.m. yesterday."]),
                ("See https://x.example/a?b=1. Thanks.", &["See https://x.example/a?b=1.", "Thanks."]),
                ("it broke. i want a refund. ok?", &["it broke.", "i want a refund.", "ok?"]),
                ("i want one obviously. £119 is a lot.", &["i want one obviously.", "£119 is a lot."]),
                ("Send it c/o J. Prentice.", &["Send it c/o J. Prentice."]),
                ("Owen P. Pryce called. J. Smith too.", &["Owen P. Pryce called.", "J. Smith too."]),
                ("Really?! Yes... maybe.", &["Really?!", "Yes... maybe."]),
                ("He said \"stop.\" Then he left.", &["He said \"stop.\"", "Then he left."]),
            ],
        );
    }

    #[test]
    fn french_sentences_end_where_a_reader_would_end_them() {
        check(
            Language::FRENCH,
            &[
                ("Où est mon colis ? Je l'attends depuis env. 10 jours !", &["Où est mon colis ?", "Je l'attends depuis env. 10 jours !"]),
                ("M. Martin et Mme. Petit ont appelé. Merci.", &["M. Martin et Mme. Petit ont appelé.", "Merci."]),
                ("« Impossible. » Il a raccroché.", &["« Impossible. »", "Il a raccroché."]),
                ("Voir art. 12 et réf. 4. C'est tout.", &["Voir art. 12 et réf. 4.", "C'est tout."]),
            ],
        );
    }

    #[test]
    fn lines_and_list_items_are_borders_and_wrapped_lines_are_not() {
        check(
            Language::ENGLISH,
            &[
                ("Please:\n- unplug it\n- wait\n1. Press the button", &["Please:", "unplug it", "wait", "Press the button"]),
                ("Order AW-204518-6\nIt never came", &["Order AW-204518-6", "It never came"]),
                (
                    "This is a rather long line that a mail program has broken\nin the middle of a sentence. Done.",
                    &["This is a rather long line that a mail program has broken in the middle of a sentence.", "Done."],
                ),
            ],
        );
    }

    #[test]
    fn texts_without_sentences_give_none_and_endless_ones_pass() {
        check(Language::ENGLISH, &[("", &[]), ("...", &[]), ("🙂 !!", &[])]);
        let endless = clean(&"a".repeat(1 << 20));
        assert_eq!(sentences(&endless, Language::ENGLISH).len(), 1);
        let dots = clean(&"a. ".repeat(100_000));
        assert!(!sentences(&dots, Language::ENGLISH).is_empty());
    }
}
