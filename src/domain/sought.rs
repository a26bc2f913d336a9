//! What somebody looks for: words and phrases as they typed them, and where these stand in a text.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use crate::domain::identifier::Identifier;

/// So many words and phrases are looked for; what is typed after them is left out.
const MOST_TERMS: usize = 12;
/// So many characters of one.
const MOST_CHARS: usize = 100;
/// So many of them are looked for as identifiers, which is the dearest way to look.
const MOST_IDENTIFIERS: usize = 4;
/// What stands at the edge of a word and is no part of it.
const EDGES: &[char] = &[',', ';', ':', '.', '!', '?', '(', ')', '…', '¿', '¡'];
const OPENING: &[char] = &['"', '“', '„', '«'];
const CLOSING: &[char] = &['"', '”', '“', '»'];
/// A shorter word among others is marked only where it stands by itself: `de` is no beginning of `delivery`.
const LEAST_BEGINNING: usize = 3;
/// So much of a text is read for an excerpt, in bytes.
const READ_BYTES: usize = 100_000;
/// So many places of a text are compared.
const MOST_PLACES: usize = 256;
/// So many characters stand before the first of the best words, where a line or word begins there.
const LEAD_CHARS: usize = 60;

/// Accents and points of Latin, Greek, Cyrillic, Hebrew and Arabic letters, which people leave out when they type.
const MARKS: &[(char, char)] = &[
    ('\u{300}', '\u{36f}'),
    ('\u{591}', '\u{5bd}'),
    ('\u{5bf}', '\u{5bf}'),
    ('\u{5c1}', '\u{5c2}'),
    ('\u{5c4}', '\u{5c5}'),
    ('\u{5c7}', '\u{5c7}'),
    ('\u{640}', '\u{640}'),
    ('\u{64b}', '\u{65f}'),
    ('\u{670}', '\u{670}'),
];

/// A word or a phrase that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As [`folded`] leaves it.
    pub text: String,
    /// The identifier that it is, if it is one.
    pub identifier: Option<Identifier>,
}

/// The words and phrases that somebody looks for, each once, in the order in which they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    terms: Vec<Term>,
}

/// A place of a text where a term stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hit {
    term: usize,
    span: Range<usize>,
}

/// A text as it is compared, with the place from which each of its bytes comes.
struct Folded {
    text: String,
    from: Vec<usize>,
}

/// The text in which letters that differ only in case or accents are the same, however they are encoded.
///
/// By way of the capitals, so that ß is ss and both small sigmas are one. Lines stay lines; every other blank is a space.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    text.chars().for_each(|c| fold_into(c, |c| plain.push(c)));
    plain
}

/// Letters that have no accent to lose are written as people without their key write them.
fn fold_into(c: char, mut push: impl FnMut(char)) {
    if c.is_ascii() {
        push(if c.is_ascii_whitespace() && c != '\n' { ' ' } else { c.to_ascii_lowercase() });
        return;
    }
    for c in std::iter::once(c).nfd().filter(|c| !is_accent(*c)) {
        match c {
            'œ' | 'Œ' => "oe".chars().for_each(&mut push),
            'æ' | 'Æ' => "ae".chars().for_each(&mut push),
            'ø' | 'Ø' => push('o'),
            'ł' | 'Ł' => push('l'),
            'đ' | 'Đ' => push('d'),
            '’' | '‘' | 'ʼ' => push('\''),
            c if c.is_whitespace() => push(' '),
            c => c.to_uppercase().flat_map(char::to_lowercase).for_each(&mut push),
        }
    }
}

fn is_accent(c: char) -> bool {
    MARKS.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Whether a letter belongs to the word of its neighbour: in scripts that part words by blanks.
fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() && c < '\u{2e80}' && !('\u{e00}'..='\u{eff}').contains(&c)
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), from: Vec::with_capacity(text.len() + 1) };
        for (at, c) in text.char_indices() {
            fold_into(c, |c| folded.text.push(c));
            folded.from.resize(folded.text.len(), at);
        }
        folded.from.push(text.len());
        folded
    }

    /// The characters of the text from which a stretch comes, each whole, with the accents behind them.
    fn origin(&self, found: Range<usize>) -> Range<usize> {
        let start = self.from[found.start];
        let last = self.from[found.end - 1];
        let end = self.from[found.end..].iter().find(|from| **from > last).copied();
        start..end.unwrap_or(self.from[self.text.len()])
    }
}

impl Sought {
    /// Reads what was typed: words by themselves, those within quotation marks together; a mark that is still open runs to the end.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let mut sought = Self::default();
        let mut rest = typed.trim_start();
        while let Some(first) = rest.chars().next() {
            let inner = &rest[first.len_utf8()..];
            if OPENING.contains(&first) {
                let end = inner.find(CLOSING).unwrap_or(inner.len());
                sought.add(&inner[..end].split_whitespace().collect::<Vec<_>>().join(" "));
                rest = inner[end..].strip_prefix(CLOSING).unwrap_or_default();
            } else {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                sought.add(rest[..end].trim_matches(EDGES));
                rest = &rest[end..];
            }
            rest = rest.trim_start();
        }
        sought
    }

    fn add(&mut self, term: &str) {
        let text: String = folded(term).trim().chars().take(MOST_CHARS).collect();
        if text.is_empty() || self.terms.len() == MOST_TERMS || self.terms.iter().any(|known| known.text == text) {
            return;
        }
        let identifiers = self.terms.iter().filter(|known| known.identifier.is_some()).count();
        let identifier = Identifier::of(&text).filter(|_| identifiers < MOST_IDENTIFIERS);
        // A number is sought as it is kept, without what was typed around it.
        let text = identifier.as_ref().map_or(text, |identifier| folded(identifier.as_str()));
        self.terms.push(Term { text, identifier });
    }

    /// The words and phrases.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Where they stand in a text, in bytes, in order and apart from each other: whole words, phrases, and beginnings of words.
    #[must_use]
    pub fn marks(&self, text: &str) -> Vec<Range<usize>> {
        let mut marks: Vec<Range<usize>> = Vec::new();
        for Hit { span, .. } in self.hits(text) {
            match marks.last_mut() {
                Some(last) if span.start < last.end => last.end = last.end.max(span.end),
                _ => marks.push(span),
            }
        }
        marks
    }

    /// At most so many characters of a text, from shortly before the place where most of the words stand together.
    #[must_use]
    pub fn excerpt(&self, text: &str, most_chars: usize) -> String {
        let read = &text[..text.floor_char_boundary(READ_BYTES)];
        let start = self.best_place(read, most_chars).map_or(0, |place| led_in(text, place));
        let rest = &text[start..];
        let before = if text[..start].trim().is_empty() { "" } else { "…" };
        let Some((cut, _)) = rest.char_indices().nth(most_chars) else { return format!("{before}{}", rest.trim_end()) };
        if rest[cut..].trim().is_empty() {
            return format!("{before}{}", rest.trim_end());
        }
        // Between words, unless that would leave little.
        let end = rest[..cut].rfind(char::is_whitespace).filter(|end| *end > cut / 2).unwrap_or(cut);
        format!("{before}{}…", rest[..end].trim_end())
    }

    /// The start of the first hit of the stretch in which the most different terms stand.
    fn best_place(&self, text: &str, most_chars: usize) -> Option<usize> {
        let hits = self.hits(text);
        let places = &hits[..hits.len().min(MOST_PLACES)];
        let mut best: Option<(usize, usize)> = None;
        for (number, first) in places.iter().enumerate() {
            let near = places[number..].iter().take_while(|hit| hit.span.end <= first.span.start + most_chars.saturating_sub(LEAD_CHARS));
            let mut terms: Vec<usize> = near.map(|hit| hit.term).collect();
            terms.sort_unstable();
            terms.dedup();
            if best.is_none_or(|(count, _)| terms.len() > count) {
                best = Some((terms.len(), first.span.start));
            }
        }
        best.map(|(_, place)| place)
    }

    /// Every place where a term stands, in order.
    fn hits(&self, text: &str) -> Vec<Hit> {
        let plain = Folded::of(text);
        let mut hits = Vec::new();
        // Letters by themselves, as in `how long does a refund take`, say nothing beside words.
        let is_letter = |term: &Term| term.text.chars().count() == 1 && term.text.chars().all(is_in_word);
        let has_words = !self.terms.iter().all(is_letter);
        for (number, term) in self.terms.iter().enumerate().filter(|(_, term)| !(has_words && is_letter(term))) {
            let needle = term.text.as_str();
            let must_end = self.terms.len() > 1 && needle.chars().count() < LEAST_BEGINNING;
            let (first, last) = (needle.chars().next().is_some_and(is_in_word), needle.chars().next_back().is_some_and(is_in_word));
            for (at, _) in plain.text.match_indices(needle) {
                let end = at + needle.len();
                let begins = !first || !plain.text[..at].chars().next_back().is_some_and(is_in_word);
                let ends = !must_end || !last || !plain.text[end..].chars().next().is_some_and(is_in_word);
                if begins && ends {
                    hits.push(Hit { term: number, span: plain.origin(at..end) });
                }
            }
        }
        hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
        hits
    }
}

/// Where an excerpt begins that shows a place: at its line or a word shortly before it.
fn led_in(text: &str, place: usize) -> usize {
    let before = &text[..place];
    let lead = before.char_indices().rev().take(LEAD_CHARS).last().map_or(place, |(at, _)| at);
    if lead == 0 {
        return 0;
    }
    let near = &before[lead..];
    match near.rfind('\n').or_else(|| near.find(char::is_whitespace)) {
        Some(blank) => place - near[blank..].trim_start().len(),
        None => lead,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(typed: &str) -> Vec<String> {
        Sought::of(typed).terms().iter().map(|term| term.text.clone()).collect()
    }

    /// The text with brackets around what is marked.
    fn marked(typed: &str, text: &str) -> String {
        let marks = Sought::of(typed).marks(text);
        let mut shown = text.to_owned();
        for mark in marks.iter().rev() {
            shown.insert(mark.end, ']');
            shown.insert(mark.start, '[');
        }
        shown
    }

    #[test]
    fn letters_of_both_cases_accents_and_encodings_are_folded_to_one() {
        for (one, other) in [
            ("Évelyne", "EVELYNE"),
            ("E\u{301}velyne", "évelyne"),
            ("STRASSE", "Straße"),
            ("ΟΔΟΣ", "οδος"),
            ("ПРИВЕТ", "привет"),
            ("Cœur", "COEUR"),
            ("l’ampoule", "L'AMPOULE"),
            ("50\u{a0}%", "50 %"),
            ("한국", "\u{1112}\u{1161}\u{11ab}국"),
            ("سَلام", "سلام"),
            ("a_%!", "A_%!"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        assert_ne!(folded("lampe"), folded("lamp"));
        assert_ne!(folded("が"), folded("か"), "a sound mark of Japanese makes another letter");
        assert_eq!(folded("two\nlines\tapart"), "two\nlines apart");
    }

    #[test]
    fn words_are_looked_for_one_by_one_and_quoted_ones_together() {
        for (typed, expected) in [
            ("  Lampe rouge ", &["lampe", "rouge"][..]),
            ("\"red  light\" lamp", &["red light", "lamp"]),
            ("«\u{a0}voyant rouge\u{a0}» Évelyne", &["voyant rouge", "evelyne"]),
            ("“red light”lamp", &["red light", "lamp"]),
            ("\"red li", &["red li"]),
            ("27\" screen", &["27\"", "screen"]),
            ("Où est mon colis ?", &["ou", "est", "mon", "colis"]),
            ("lamp, LAMP (lamp)", &["lamp"]),
            ("\"\" \" \" ?", &[]),
            ("", &[]),
        ] {
            assert_eq!(terms(typed), expected, "{typed}");
        }
        let many: Vec<String> = (0..40).map(|number| format!("w{number}")).collect();
        assert_eq!(terms(&many.join(" ")).len(), MOST_TERMS);
        assert_eq!(terms(&"x".repeat(70_000))[0].len(), MOST_CHARS);
    }

    #[test]
    fn an_identifier_is_known_as_one_and_only_some_are_looked_for() {
        let sought = Sought::of("lamp #LIT-13-20784");
        let known: Vec<_> = sought.terms().iter().map(|term| term.identifier.as_ref().map(Identifier::as_str)).collect();
        assert_eq!(known, [None, Some("LIT-13-20784")]);
        let many: Vec<String> = (0..9).map(|number| format!("LIT-13-2078{number}")).collect();
        assert_eq!(Sought::of(&many.join(" ")).terms().iter().filter(|term| term.identifier.is_some()).count(), MOST_IDENTIFIERS);
    }

    #[test]
    fn words_and_beginnings_of_words_are_marked_whatever_their_case_and_accents() {
        for (typed, text, expected) in [
            ("lumiere", "La LUMIÈRE, lumières.", "La [LUMIÈRE], [lumière]s."),
            ("lumière", "lumie\u{300}re!", "[lumie\u{300}re]!"),
            ("strasse", "Straße 5", "[Straße] 5"),
            ("stras", "Straße", "[Straß]e"),
            ("light", "twilight lighthouse", "twilight [light]house"),
            ("est de", "de la détection est", "[de] la détection [est]"),
            ("de", "détection", "[dé]tection"),
            ("a refund", "A refund takes a week.", "A [refund] takes a week."),
            ("a b", "A plan, B plan", "[A] plan, [B] plan"),
            ("\"red light\" red", "A red light, red.", "A [red light], [red]."),
            ("<b>", "a <b>bold</b>", "a [<b>]bold</b>"),
            ("50%", "50% or 150%", "[50%] or 150%"),
            ("שלום", "אמר שָׁלוֹם לכולם", "אמר [שָׁלוֹם] לכולם"),
            ("電池", "新しい電池です", "新しい[電池]です"),
            ("oeuf", "un œuf", "un [œuf]"),
            ("zzz", "nothing", "nothing"),
        ] {
            assert_eq!(marked(typed, text), expected, "{typed}");
        }
    }

    #[test]
    fn an_excerpt_shows_where_most_of_the_words_stand_together() {
        let filler = "Nothing of it here, only words. ".repeat(30);
        let text = format!("lamp first. {filler}\nThe lamp shows a red light since Monday. {filler}");
        let shown = Sought::of("red lamp light").excerpt(&text, 120);
        assert!(shown.starts_with("…The lamp shows a red light since Monday.") && shown.ends_with('…'), "{shown}");
        assert!(shown.chars().count() <= 122, "{shown}");
        assert_eq!(Sought::of("zzz").excerpt("Short text. ", 120), "Short text.");
        assert!(Sought::of("zzz").excerpt(&text, 60).starts_with("lamp first."));
        let middle = Sought::of("monday").excerpt(&text, 120);
        assert!(middle.starts_with('…') && middle.contains("Monday"), "{middle}");
        let endless = "é".repeat(5_000);
        assert_eq!(Sought::of("x").excerpt(&endless, 50).chars().count(), 51);
        let late = format!("{endless}x{endless}");
        assert_eq!(Sought::of("x").excerpt(&late, 50).chars().count(), 51, "within a word nothing is marked, so the start is shown");
        assert_eq!(Sought::of("x").excerpt("", 50), "");
    }
}
