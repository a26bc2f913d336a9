//! The one door to [`CleanText`]: Unicode composed, the invisible removed, white space in order, personal data redacted.
//!
//! Cleaning is done for every text before the encoder, the index or a log sees it. Letters, digits and punctuation stay as they are, so
//! that order and invoice numbers can be searched; each byte of the result knows which bytes of the original it stands for.

use std::ops::Range;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::domain::triage::Entity;
use crate::text::offsets::Offsets;

/// More combining marks than this on one letter are noise that is only there to disturb.
const MARKS_MAX: usize = 30;

/// A text without anything invisible, in composed Unicode, that maps back to its original.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CleanText {
    text: String,
    offsets: Offsets,
}

impl CleanText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many words it holds: stretches between white space with a letter or a digit in them.
    #[must_use]
    pub fn words(&self) -> usize {
        count_words(&self.text)
    }

    /// Where the bytes `clean` of this text stand in the original.
    #[must_use]
    pub fn original_span(&self, clean: Range<usize>) -> Range<usize> {
        self.offsets.to_original(&clean)
    }

    /// Which bytes of this text stand for the bytes `original`; empty where they were removed.
    #[must_use]
    pub fn clean_span(&self, original: Range<usize>) -> Range<usize> {
        let span = self.offsets.to_derived(&original);
        self.text.floor_char_boundary(span.start)..self.text.ceil_char_boundary(span.end)
    }

    /// A part of the text, trimmed, that still maps back to the original.
    #[must_use]
    pub fn slice(&self, clean: Range<usize>) -> Self {
        let start = self.text.floor_char_boundary(clean.start);
        let end = self.text.ceil_char_boundary(clean.end).max(start);
        self.rewritten(&[(0..start, ""), (end..self.text.len(), "")])
    }

    /// The text with each range, in order and apart, replaced, and cleaned again.
    pub(in crate::text) fn rewritten(&self, edits: &[(Range<usize>, &str)]) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut offsets = Offsets::default();
        let mut at = 0;
        for (span, replacement) in edits {
            keep(&self.text, at..span.start, &mut text, &mut offsets);
            if !replacement.is_empty() {
                text.push_str(replacement);
                offsets.push(replacement.len(), span.clone(), false);
            }
            at = span.end;
        }
        keep(&self.text, at..self.text.len(), &mut text, &mut offsets);
        let tidy = clean(&text);
        Self { offsets: self.offsets.through(&offsets).through(&tidy.offsets), text: tidy.text }
    }
}

fn keep(source: &str, span: Range<usize>, text: &mut String, offsets: &mut Offsets) {
    if span.start < span.end {
        text.push_str(&source[span.clone()]);
        offsets.push(span.len(), span, true);
    }
}

/// How many stretches between white space hold a letter or a digit.
pub(in crate::text) fn count_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

/// Cleans a text, in linear time. Cleaning twice changes nothing more.
///
/// Composes Unicode (NFC), folds full-width letters, ligatures, mathematical letters and odd hyphens, removes control and invisible
/// characters, makes one space of a run of white space and at most one empty line of a run of line breaks.
#[must_use]
pub fn clean(original: &str) -> CleanText {
    let mut cleaner = Cleaner { original, text: String::with_capacity(original.len()), ..Cleaner::default() };
    let mut chars = original.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let span = start..start + c.len_utf8();
        if is_line_break(c) {
            let crlf = c == '\r' && chars.peek().is_some_and(|(_, next)| *next == '\n');
            cleaner.gap(&span, usize::from(!crlf));
        } else if c.is_whitespace() || c == '\u{2800}' {
            cleaner.gap(&span, 0);
        } else if c.is_ascii_graphic() {
            cleaner.visible(c, &span);
        } else if !is_invisible(c) {
            match c {
                '\u{2010}' | '\u{2011}' => cleaner.visible('-', &span),
                '\u{FF01}'..='\u{FF5E}' | '\u{FF61}'..='\u{FFDC}' | '\u{FB00}'..='\u{FB06}' | '\u{1D400}'..='\u{1D7FF}' => {
                    for folded in std::iter::once(c).nfkc() {
                        cleaner.visible(folded, &span);
                    }
                }
                other => cleaner.visible(other, &span),
            }
        }
    }
    cleaner.flush();
    CleanText { text: cleaner.text, offsets: cleaner.offsets }
}

/// Replaces each personal entity with its kind in brackets, such as `[email]`. The spans are those of the original text.
#[must_use]
pub fn redact(text: &CleanText, entities: &[Entity]) -> CleanText {
    let mut spans: Vec<(Range<usize>, String)> = entities
        .iter()
        .filter(|entity| entity.personal)
        .map(|entity| (text.clean_span(entity.span.clone()), format!("[{}]", entity.kind)))
        .filter(|(span, _)| !span.is_empty())
        .collect();
    spans.sort_by_key(|(span, _)| (span.start, usize::MAX - span.end));
    let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
    for (span, mark) in &spans {
        match edits.last_mut() {
            Some((last, _)) if span.start < last.end => last.end = last.end.max(span.end),
            Some(_) | None => edits.push((span.clone(), mark)),
        }
    }
    text.rewritten(&edits)
}

/// White space that waits for the next visible character.
#[derive(Default)]
struct Gap {
    breaks: usize,
    span: Option<Range<usize>>,
}

#[derive(Default)]
struct Cleaner<'a> {
    original: &'a str,
    text: String,
    offsets: Offsets,
    gap: Gap,
    /// A letter with the marks that may compose with it, and where they stand in the original.
    cluster: Vec<char>,
    cluster_span: Range<usize>,
    marks: usize,
}

impl Cleaner<'_> {
    fn gap(&mut self, span: &Range<usize>, breaks: usize) {
        self.flush();
        self.gap.breaks += breaks;
        let start = self.gap.span.as_ref().map_or(span.start, |earlier| earlier.start);
        self.gap.span = Some(start..span.end);
    }

    fn visible(&mut self, c: char, span: &Range<usize>) {
        let mark = canonical_combining_class(c) != 0;
        let joins = c > '\u{2FF}' && (mark || is_nfc_quick(std::iter::once(c)) != IsNormalized::Yes);
        if joins && !self.cluster.is_empty() {
            self.cluster_span.end = span.end;
            self.marks += usize::from(mark);
            if mark && self.marks > MARKS_MAX {
                return;
            }
        } else {
            self.flush();
            self.cluster_span = span.clone();
            self.marks = usize::from(mark);
        }
        self.cluster.push(c);
    }

    fn flush(&mut self) {
        if self.cluster.is_empty() {
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        if let Some(span) = gap.span.filter(|_| !self.text.is_empty()) {
            let white = ["", "\n", "\n\n"][gap.breaks.min(2)];
            self.push(if white.is_empty() { " " } else { white }, span);
        }
        let span = self.cluster_span.clone();
        if let [single] = self.cluster[..]
            && is_nfc_quick(std::iter::once(single)) == IsNormalized::Yes
        {
            self.cluster.clear();
            self.push(single.encode_utf8(&mut [0; 4]), span);
            return;
        }
        let composed: String = self.cluster.drain(..).nfc().collect();
        self.push(&composed, span);
    }

    fn push(&mut self, derived: &str, span: Range<usize>) {
        let same = self.original[span.clone()] == *derived;
        self.text.push_str(derived);
        self.offsets.push(derived.len(), span, same);
    }
}

const fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that show nothing: controls, format characters, fillers, variation selectors, the tag block and noncharacters.
///
/// Source: Unicode's `Default_Ignorable_Code_Point`, `Bidi_Control` and `Cc`, with interlinear annotation and musical controls.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}'..='\u{FFFF}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entity(kind: &str, span: Range<usize>, personal: bool) -> Entity {
        Entity { kind: kind.to_owned(), text: String::new(), value: String::new(), span, personal, checked: None, comment: None }
    }

    #[test]
    fn the_invisible_is_removed_and_order_numbers_stay() {
        let table = [
            ("AW\u{200B}-2045\u{AD}18-6", "AW-204518-6"),
            ("AW\u{2011}204518\u{2011}6", "AW-204518-6"),
            ("ignore\u{E0041}\u{E007F} \u{202E}this", "ignore this"),
            ("INV-2026-00123\u{FE0F}", "INV-2026-00123"),
            ("a\u{0}b\u{1B}c", "abc"),
            ("\u{FF21}\u{FF37}\u{FF0D}\u{FF11}", "AW-1"),
            ("e\u{301}te\u{301}", "été"),
            ("e\u{200D}\u{301}", "é"),
            ("ofﬁce", "office"),
            ("12,50\u{A0}€", "12,50 €"),
        ];
        for (given, expected) in table {
            assert_eq!(clean(given).as_str(), expected, "{given:?}");
        }
    }

    #[test]
    fn line_breaks_stay_and_other_white_space_becomes_one_space() {
        assert_eq!(clean("  a \t b\r\nc\rd\u{2028}e\n \n\n\nf  \n").as_str(), "a b\nc\nd\ne\n\nf");
    }

    #[test]
    fn a_text_of_only_invisible_characters_is_empty() {
        let text = clean(&"\u{200B}\u{E0020}\u{FEFF}".repeat(100_000));
        assert!(text.is_empty());
        assert_eq!(text.words(), 0);
        assert_eq!(text.original_span(0..0), 0..0);
    }

    #[test]
    fn a_word_of_one_megabyte_and_a_letter_with_a_million_marks_pass() {
        let word = "a".repeat(1 << 20);
        assert_eq!(clean(&word).as_str(), word);
        let zalgo = format!("e{}", "\u{316}".repeat(1_000_000));
        assert!(clean(&zalgo).as_str().chars().count() <= MARKS_MAX + 1);
    }

    #[test]
    fn spans_lead_back_to_the_original() {
        let original = "Caf\u{65}\u{301}  \u{200B}AW-2045\u{AD}18-6.";
        let text = clean(original);
        assert_eq!(text.as_str(), "Café AW-204518-6.");
        let start = text.as_str().find("AW").expect("it is there");
        assert_eq!(&original[text.original_span(start..start + 11)], "AW-2045\u{AD}18-6");
        assert_eq!(&original[text.original_span(3..5)], "e\u{301}");
    }

    #[test]
    fn a_slice_and_a_slice_of_it_still_lead_back() {
        let original = "x\u{200B}x  Bonjour, e\u{301}tat.  fin";
        let text = clean(original);
        let start = text.as_str().find("Bonjour").expect("it is there");
        let part = text.slice(start..text.as_str().len() - 4);
        assert_eq!(part.as_str(), "Bonjour, état.");
        let inner = part.slice(9..14);
        assert_eq!(inner.as_str(), "état");
        assert_eq!(&original[inner.original_span(0..inner.as_str().len())], "e\u{301}tat");
    }

    #[test]
    fn personal_entities_are_redacted_and_others_stay() {
        let original = "Mail me at tom@mail.example about AW-204518-6";
        let entities = [entity("email", 11..27, true), entity("order", 34..45, false), entity("phone", 14..20, true)];
        let text = redact(&clean(original), &entities);
        assert_eq!(text.as_str(), "Mail me at [email] about AW-204518-6");
        assert_eq!(&original[text.original_span(11..18)], "tom@mail.example");
        assert_eq!(redact(&text, &entities), text);
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(original in "(\\PC|[ \\n\\r\\t]|[\u{300}-\u{345}]|[\u{1100}-\u{11FF}]|[\u{F71}-\u{F81}]|[\u{2010}\u{200B}\u{FF66}-\u{FFA0}]|[aeo]){0,60}") {
            let once = clean(&original);
            let twice = clean(once.as_str());
            prop_assert_eq!(twice.as_str(), once.as_str());
        }

        #[test]
        fn every_span_is_inside_the_original_and_on_character_borders(original in "(\\PC|[ \\n\u{300}\u{200B}é]){0,40}", from in 0usize..60, length in 0usize..30) {
            let text = clean(&original);
            let end = text.as_str().len();
            let start = text.as_str().floor_char_boundary(from.min(end));
            let stop = text.as_str().ceil_char_boundary((start + length).min(end));
            let span = text.original_span(start..stop);
            prop_assert!(original.get(span.clone()).is_some(), "{span:?} of {original:?}");
            let back = text.clean_span(span);
            prop_assert!(stop == start || (back.start <= start && back.end >= stop));
            prop_assert!(text.as_str().contains(text.slice(start..stop).as_str()));
        }
    }
}
