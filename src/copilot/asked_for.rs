//! What kind of thing a question wants to know, and which sentences tell such a thing.

use std::sync::LazyLock;

use regex::Regex;

use crate::lines::words::fold;
use crate::text::entity::{self, Patterns};

/// The kind of thing that a question wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing in particular.
    Anything,
    /// A moment or a length of time.
    Time,
    /// A sum of money.
    Amount,
    /// How many, or the number, version or reference of something.
    Figure,
    /// A number of one of the playbook's kinds.
    Number(String),
}

impl Wanted {
    /// Reads a folded question; kinds of numbers are named as the playbook names them.
    pub(super) fn of(folded: &str, patterns: &Patterns) -> Self {
        let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let is_kind = |kind: &str| fold(kind).split(|c: char| !c.is_alphanumeric()).any(|part| part.len() > 2 && words.contains(&part));
        if ASKS_TIME.is_match(folded) {
            Self::Time
        } else if let Some(kind) = patterns.kinds().find(|kind| ASKS_NUMBER.is_match(folded) && is_kind(kind)) {
            Self::Number(kind.to_owned())
        } else if ASKS_AMOUNT.is_match(folded) {
            Self::Amount
        } else if ASKS_FIGURE.is_match(folded) {
            Self::Figure
        } else {
            Self::Anything
        }
    }

    /// Whether a sentence tells such a thing; `None` when nothing in particular is wanted.
    pub(super) fn is_told(&self, text: &str, patterns: &Patterns) -> Option<bool> {
        let has = |kind: &str| entity::find(text, patterns, None).iter().any(|found| found.kind == kind);
        match self {
            Self::Anything => None,
            Self::Time => Some(has("date") || TELLS_TIME.is_match(&fold(text))),
            Self::Amount => Some(has("amount") || TELLS_AMOUNT.is_match(&fold(text))),
            Self::Figure => Some(text.contains(|c: char| c.is_ascii_digit())),
            Self::Number(kind) => Some(has(kind)),
        }
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and compiles: this is a bug")
}

static ASKS_TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bwhen\b|\bhow long\b|\b(?:what|which) (?:day|date|time)\b|\bdeadline\b|\bquand\b|\bquel(?:le)? (?:jour|date|heure)\b|\bdelai\b|\bcombien de temps\b",
    )
});
static TELLS_TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:mon|tues?|wed|thu|thurs?|fri|sat|sun) [0-9]|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b|\b(?:janvier|fevrier|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|debut mars|fin mars)\b|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b|\b(?:today|tomorrow|tonight|yesterday|demain|hier|aujourd'hui|ce soir)\b|\b\w+ (?:days?|weeks?|hours?|months?|years?|minutes?|seconds?|jours?|heures?|semaines?|mois|ans|secondes?)\b|\b[0-9]{1,2} ?[:h][0-9]{0,2}\b|\b[0-9]{1,2}(?:st|nd|rd|th)\b",
    )
});
static ASKS_AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bhow much\b|\bcosts?\b|\bprice\b|\bfees?\b|\bcombien (?:coute|ca coute|est-ce)|\bcoute\b|\bprix\b|\btarif\b|\bmontant\b|\bwhat amount\b",
    )
});
static TELLS_AMOUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"[£€$]|\b(?:eur|gbp|usd|euros?|pounds?)\b|%|\bfree\b|\bgratuit"));
static ASKS_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:what|which|tell|quel(?:le)?s?|sous quelle?)\b.*\b(?:numbers?|numeros?|references?)\b"));
static ASKS_FIGURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bhow many\b|\bcombien\b|\b(?:which|what|quel(?:le)?) (?:\w+ )?(?:version|number|serial|batch|reference|voltage|numero|lot|tension)\b",
    )
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::entity::{Check, Pattern};

    fn patterns() -> Patterns {
        let serial = Pattern { kind: "serial_number".to_owned(), regex: r"\bWCO-\d{4}\b".to_owned(), check: Check::None };
        Patterns::new(vec![serial], Vec::new()).unwrap()
    }

    fn wanted(question: &str) -> Wanted {
        Wanted::of(&fold(question), &patterns())
    }

    #[test]
    fn a_question_wants_a_time_an_amount_a_number_or_anything() {
        assert_eq!(wanted("When does the order with the number 7 leave?"), Wanted::Time);
        assert_eq!(wanted("Quel jour le colis arrive-t-il ?"), Wanted::Time);
        assert_eq!(wanted("How much does it cost?"), Wanted::Amount);
        assert_eq!(wanted("Combien de colis ?"), Wanted::Figure);
        assert_eq!(wanted("What is the serial number of the camera?"), Wanted::Number("serial_number".to_owned()));
        assert_eq!(wanted("Why is there no serial yet?"), Wanted::Anything);
    }

    #[test]
    fn a_sentence_tells_a_thing_or_does_not() {
        let told = |question: &str, text: &str| wanted(question).is_told(text, &patterns());
        assert_eq!(told("Quand ?", "Mon colis est abîmé."), Some(false));
        assert_eq!(told("Quand ?", "Il part vendredi."), Some(true));
        assert_eq!(told("When?", "It is due on Tues 11."), Some(true));
        assert_eq!(told("How much is it?", "The fee is £4.50."), Some(true));
        assert_eq!(told("Which serial number?", "It says WCO-1234."), Some(true));
        assert_eq!(told("Which serial number?", "It says nothing."), Some(false));
        assert_eq!(told("Why?", "Because."), None);
    }
}
