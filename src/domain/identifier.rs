//! Order, tracking, invoice and case numbers, as people type them.

/// The fewest digits of one: shorter numbers are amounts, hours and years.
const LEAST_DIGITS: usize = 3;
/// The fewest characters of one.
const LEAST_CHARS: usize = 5;
/// The most characters of one.
const MOST_CHARS: usize = 64;
/// So many of one text are looked for.
const MOST: usize = 4;

/// A word that names one thing, such as `LIT-13-20784`: letters and digits of ASCII, in whatever case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier(String);

impl Identifier {
    /// The word, if it is one; a mark before it or a full stop behind it is no part of it.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let word = word.trim().trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_one = (LEAST_CHARS..=MOST_CHARS).contains(&word.len())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.".contains(c))
            && word.chars().filter(char::is_ascii_digit).count() >= LEAST_DIGITS;
        (is_one && !is_date(word) && !is_decimal(word)).then(|| Self(word.to_ascii_uppercase()))
    }

    /// Whether a text names the thing: the word itself, not a longer one that it is a part of.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        let text = text.to_ascii_uppercase();
        let is_border = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let stands = |(start, found): (usize, &str)| {
            is_border(text[..start].chars().next_back()) && is_border(text[start + found.len()..].chars().next())
        };
        text.match_indices(self.as_str()).any(stands)
    }

    /// Those that stand in a text, as far as they are looked for.
    #[must_use]
    pub fn all_in(text: &str) -> Vec<Self> {
        text.split_whitespace().filter_map(Self::of).take(MOST).collect()
    }

    /// In capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `2026-11-02`, `2/11/26`, `2.11.2026`: three groups of digits, of which one at an end may be a year.
fn is_date(word: &str) -> bool {
    let groups: Vec<&str> = word.split(['-', '/', '.']).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let are_digits = groups.iter().all(|group| group.chars().all(|c| c.is_ascii_digit()));
    are_digits && matches!(lengths.as_slice(), [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 2 | 4])
}

/// `1299.00`: an amount.
fn is_decimal(word: &str) -> bool {
    let parts = word.split_once('.');
    parts.is_some_and(|(whole, rest)| whole.chars().chain(rest.chars()).all(|c| c.is_ascii_digit()) && (1..=2).contains(&rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_things_are_told_from_words_amounts_and_years() {
        for (word, expected) in [
            ("lit-13-20784", Some("LIT-13-20784")),
            (" #AW-204518-6. ", Some("AW-204518-6")),
            ("(1Z999AA10123456784)", Some("1Z999AA10123456784")),
            ("battery", None),
            ("2026", None),
            ("24h", None),
            ("wi-fi-6", None),
            ("2026-11-02", None),
            ("02/11/2026", None),
            ("1299.00", None),
            ("n°20784", None),
            ("50%_20784", None),
        ] {
            assert_eq!(Identifier::of(word).as_ref().map(Identifier::as_str), expected, "{word}");
        }
        let number = Identifier::of("lit-13-20784").unwrap();
        for (text, expected) in [("LIT-13-20784.", true), ("« Lit-13-20784 »", true), ("LIT-13-207841", false), ("SPLIT-13-20784", false)]
        {
            assert_eq!(number.is_in(text), expected, "{text}");
        }
        let found = Identifier::all_in("Where is parcel lit-13-20784, with 2 boxes?");
        assert_eq!(found.iter().map(Identifier::as_str).collect::<Vec<_>>(), ["LIT-13-20784"]);
    }
}
