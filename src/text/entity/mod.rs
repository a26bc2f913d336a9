//! Numbers, names and amounts in a text: the playbook's patterns with their check digits, and what every desk needs.
//!
//! A text is searched in its clean form, so that an invisible character hides nothing, and every find points into the original.

mod address;
mod amount;
mod check;
mod contact;
mod date;
mod direction;
mod numeral;
mod pattern;
mod product;
mod relative;

use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;

pub use self::check::{luhn, mod7, mod97};
use self::pattern::Custom;
use self::product::Products;
use crate::domain::time::Timestamp;
use crate::domain::triage::Entity;
use crate::text::clean::{CleanText, clean};

/// How a number proves that it was written rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// It can't.
    None,
    /// The sum of its digits modulo 7 is its last digit.
    Mod7,
    /// The Luhn sum of its digits ends in 0.
    Luhn,
    /// ISO 7064 modulo 97, as in an IBAN.
    Iban,
}

/// A word that names no check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a check: expected one of `none`, `mod7`, `luhn`, `iban`")]
pub struct UnknownCheck(String);

impl FromStr for Check {
    type Err = UnknownCheck;

    fn from_str(given: &str) -> Result<Self, UnknownCheck> {
        match given {
            "none" => Ok(Self::None),
            "mod7" => Ok(Self::Mod7),
            "luhn" => Ok(Self::Luhn),
            "iban" => Ok(Self::Iban),
            _ => Err(UnknownCheck(given.chars().take(80).collect())),
        }
    }
}

impl Check {
    fn verdict(self, text: &str) -> Option<bool> {
        match self {
            Self::None => None,
            Self::Mod7 => Some(mod7(text)),
            Self::Luhn => Some(luhn(text)),
            Self::Iban => Some(mod97(text)),
        }
    }
}

/// A pattern of the playbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What it finds, such as `order`.
    pub kind: String,
    /// The regular expression; where it has a first group, the group is the find.
    pub regex: String,
    /// How a find proves itself.
    pub check: Check,
}

/// Why a playbook's patterns can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// The regular expression is wrong or too large.
    #[error("the pattern of `{kind}` is not a regular expression: correct it in `entities.toml`")]
    Regex {
        /// The pattern's kind.
        kind: String,
        /// What is wrong with it.
        #[source]
        source: Box<regex::Error>,
    },
    /// The pattern finds nothing everywhere.
    #[error("the pattern of `{kind}` matches the empty text: make at least one character of it required")]
    Empty {
        /// The pattern's kind.
        kind: String,
    },
    /// There are too many products, or their names are too long.
    #[error("the list of products is too long: shorten it in `entities.toml`")]
    Products {
        /// What the compiler said.
        #[source]
        source: Box<regex::Error>,
    },
}

/// Everything that is searched for; cheap to clone.
#[derive(Debug, Clone)]
pub struct Patterns(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    custom: Vec<Custom>,
    products: Option<Products>,
}

impl Patterns {
    /// Compiles the playbook's patterns and products; the built-in kinds are always there too.
    ///
    /// # Errors
    /// A pattern isn't a regular expression, is too large or matches the empty text.
    pub fn new(patterns: Vec<Pattern>, products: Vec<String>) -> Result<Self, PatternError> {
        let custom = patterns.into_iter().map(Custom::new).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Compiled { custom, products: Products::new(products)? })))
    }

    /// The playbook's own kinds, as it names them.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.0.custom.iter().map(|custom| custom.kind.as_str())
    }

    /// The built-in kinds alone: `email`, `phone`, `url`, `iban`, `card`, `amount`, `date` and `address`.
    #[must_use]
    pub fn builtin() -> Self {
        Self(Arc::new(Compiled { custom: Vec::new(), products: None }))
    }
}

/// A candidate in the clean text.
struct Find {
    kind: String,
    span: Range<usize>,
    value: String,
    checked: Option<bool>,
    /// Whether the playbook asked for it.
    custom: bool,
}

impl Find {
    fn builtin(kind: &str, span: Range<usize>, value: String) -> Self {
        Self { kind: kind.to_owned(), span, value, checked: None, custom: false }
    }

    fn is_personal(&self) -> bool {
        matches!(self.kind.as_str(), "email" | "phone" | "iban" | "card" | "address")
    }

    /// What a find is worth where two overlap: an e-mail address, then a proven number, then the playbook's, then the longest.
    fn worth(&self) -> (bool, bool, bool, usize) {
        (self.kind == "email", self.checked == Some(true), self.custom, self.span.len())
    }
}

/// Finds numbers, names, amounts and dates, in order. The spans are those of `original`; none overlap.
///
/// `at` is when the text was written: `tomorrow` and `le 16` are understood from its day, in UTC, and are not found without it.
#[must_use]
pub fn find(original: &str, patterns: &Patterns, at: Option<Timestamp>) -> Vec<Entity> {
    let text = clean(original);
    let day = at.and_then(day);
    let mut found = Vec::new();
    for custom in &patterns.0.custom {
        custom.find(text.as_str(), &mut found);
    }
    if let Some(products) = &patterns.0.products {
        products.find(text.as_str(), &mut found);
    }
    contact::find(text.as_str(), &mut found);
    amount::find(text.as_str(), &mut found);
    address::find(text.as_str(), &mut found);
    date::find(text.as_str(), day, &mut found);
    if let Some(day) = day {
        relative::find(text.as_str(), day, &mut found);
    }
    apart(found).into_iter().map(|find| entity(original, &text, find)).collect()
}

fn day(at: Timestamp) -> Option<Date> {
    jiff::Timestamp::from_microsecond(at.as_micros()).ok().map(|moment| moment.to_zoned(TimeZone::UTC).date())
}

/// Drops the lesser of any two that overlap.
fn apart(mut found: Vec<Find>) -> Vec<Find> {
    found.sort_by(|a, b| b.worth().cmp(&a.worth()).then_with(|| a.span.start.cmp(&b.span.start)));
    let mut taken: std::collections::BTreeMap<usize, Find> = std::collections::BTreeMap::new();
    for find in found {
        let before = taken.range(..find.span.end).next_back();
        if before.is_none_or(|(_, earlier)| earlier.span.end <= find.span.start) {
            taken.insert(find.span.start, find);
        }
    }
    taken.into_values().collect()
}

fn entity(original: &str, text: &CleanText, find: Find) -> Entity {
    let personal = find.is_personal();
    let Find { kind, span, value, checked, custom: _ } = find;
    let span = text.original_span(span);
    Entity { kind, text: original.get(span.clone()).unwrap_or_default().to_owned(), value, span, personal, checked, comment: None }
}

/// Whether no letter or digit touches the span.
fn stands_alone(text: &str, span: &Range<usize>) -> bool {
    !text[..span.start].ends_with(char::is_alphanumeric) && !text[span.end..].starts_with(char::is_alphanumeric)
}

/// Compiles a pattern of this room.
fn builtin_regex(source: &str) -> Regex {
    Regex::new(source).expect("the built-in patterns compile: this is a bug")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playbook() -> Patterns {
        let pattern = |kind: &str, regex: &str, check| Pattern { kind: kind.to_owned(), regex: regex.to_owned(), check };
        let patterns = vec![
            pattern("order", r"(?i)\bAW-\d{6}-\d\b", Check::Mod7),
            pattern("invoice", r"\bINV-2026-\d{5}\b", Check::None),
            pattern("tracking", r"\bNVK\d{9}(?:GB|FR)\b", Check::None),
            pattern("ticket", r"ticket (T-\d+)", Check::None),
        ];
        Patterns::new(patterns, vec!["Wick Cam".to_owned(), "Wick Cam Outdoor".to_owned(), "Wick Mesh 6".to_owned()]).unwrap()
    }

    fn pairs(text: &str) -> Vec<(String, String)> {
        find(text, &playbook(), None).into_iter().map(|entity| (entity.kind, entity.value)).collect()
    }

    fn check(table: &[(&str, &[(&str, &str)])]) {
        for (text, expected) in table {
            let found = pairs(text);
            let found: Vec<_> = found.iter().map(|(kind, value)| (kind.as_str(), value.as_str())).collect();
            assert_eq!(&found, expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_of_the_playbook_are_found_and_checked() {
        let found = find("Orders aw-204518-6 and AW-204518-7, see ticket T-1001.", &playbook(), None);
        let seen: Vec<_> = found.iter().map(|entity| (entity.value.as_str(), entity.checked)).collect();
        assert_eq!(seen, [("AW-204518-6", Some(true)), ("AW-204518-7", Some(false)), ("T-1001", None)]);
    }

    #[test]
    fn a_hidden_character_hides_nothing_and_the_span_covers_it() {
        let original = "card 4111\u{200B}1111 1111\u{A0}1111!";
        let found = find(original, &playbook(), None);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind.as_str(), found[0].checked, found[0].personal), ("card", Some(true), true));
        assert_eq!(&original[found[0].span.clone()], "4111\u{200B}1111 1111\u{A0}1111");
    }

    #[test]
    fn a_proven_number_inside_an_address_wins_and_an_email_is_never_lost() {
        check(&[
            ("https://x.example/orders/AW-204518-6", &[("order", "AW-204518-6")]),
            ("AW-204518-6@mail.example", &[("email", "aw-204518-6@mail.example")]),
            ("https://x.example/wick-cam", &[("url", "https://x.example/wick-cam")]),
            ("NVK123456789GB", &[("tracking", "NVK123456789GB")]),
        ]);
    }

    #[test]
    fn products_are_found_whatever_the_spelling() {
        check(&[
            ("my wick cam  outdoor and a WickMesh-6", &[("product", "Wick Cam Outdoor"), ("product", "Wick Mesh 6")]),
            ("the wick camera", &[]),
        ]);
    }

    #[test]
    fn a_wrong_pattern_is_an_error_that_names_it() {
        let pattern = |regex: &str| vec![Pattern { kind: "order".to_owned(), regex: regex.to_owned(), check: Check::None }];
        assert!(matches!(Patterns::new(pattern("("), Vec::new()), Err(PatternError::Regex { kind, .. }) if kind == "order"));
        assert!(matches!(Patterns::new(pattern("a*"), Vec::new()), Err(PatternError::Empty { .. })));
        assert!(matches!(Patterns::new(pattern(r"\w{9999}{99}"), Vec::new()), Err(PatternError::Regex { .. })));
        assert_eq!(
            "mod8".parse::<Check>().unwrap_err().to_string(),
            "`mod8` is not a check: expected one of `none`, `mod7`, `luhn`, `iban`"
        );
    }

    #[test]
    fn a_sentence_of_everything_is_taken_apart() {
        check(&[(
            "On 3 November I paid £12.50 for INV-2026-00123, call +44 1632 960123 or tom@mail.example, www.alderwick.example/help.",
            &[
                ("date", "--11-03"),
                ("amount", "GBP 12.50"),
                ("invoice", "INV-2026-00123"),
                ("phone", "+441632960123"),
                ("email", "tom@mail.example"),
                ("url", "www.alderwick.example/help"),
            ],
        )]);
    }

    #[test]
    fn a_quarter_of_a_megabyte_of_anything_passes() {
        let at = "2026-11-20T09:00:00Z".parse().ok();
        let log = "2026-11-03 03:14:07 WARN part 17/40 of AW-204518-6 for a@b.example, 10.0.0.7, retry Friday\n";
        let hostile = ["1", "1 ", "a@", "€1", "le 1, ", "the day before. ", "rue de la ", "Wick Cma ", "GB29 ", "Flat 1\n", "1 et ", log];
        for text in hostile.map(|text| text.repeat((1 << 18) / text.len())) {
            let found = find(&text, &playbook(), at);
            assert!(found.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
        }
    }

    #[test]
    fn what_is_personal_is_redacted_and_the_rest_stays() {
        let text = "AW-204518-6 to 27 Bateman Street, Cambridge CB2 1NB, 01632 960123, by 3 November";
        let mut found = find(text, &playbook(), None);
        found.retain(|entity| entity.personal);
        assert_eq!(crate::text::clean::redact(&clean(text), &found).as_str(), "AW-204518-6 to [address], [phone], by 3 November");
    }

    #[test]
    fn versions_times_and_sizes_are_no_entities() {
        let at = "2026-11-20T09:00:00Z".parse().ok();
        for text in [
            "firmware 4.12.0, 512 MB free, 2.5 GB at 03:14, part 17/40, 80 %",
            "ports 443 et 8883, 172.16.4.9, 8,4 °C, 50 mg, 110 cm, 16 V, 24/7",
            "32x34 jeans, 1,204 calls of 1,000, 3 to 5 days, entre 8h et 18h",
            "every Tuesday, le mardi, du lundi au vendredi, for two weeks, in March, en mai, Black Friday, à Pâques",
        ] {
            assert_eq!(find(text, &playbook(), at), [], "{text}");
        }
    }
}
