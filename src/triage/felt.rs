//! How a customer feels and how pressing it is, by small heads that come with the product.
//!
//! They speak where a workspace has too few labels for heads of its own, in the languages that they learned from, with probabilities that
//! were calibrated on texts they did not learn from. Danger is not theirs to judge: `mood` does that, and comes first.

use std::sync::LazyLock;

use backchannel_learn::compact::{CompactHead, Heads, Writing, write};
use backchannel_learn::features::Features;
use backchannel_learn::hashed;
use backchannel_learn::linear::{Choice, Example, Fitted};

use crate::domain::vocabulary::{Language, Sentiment, Urgency};
use crate::triage::mood;

/// The groups of `GoEmotions` (Demszky et al. 2020), as its authors put the emotions together.
pub const GROUPS: [&str; 4] = ["positive", "negative", "ambiguous", "neutral"];
/// The levels of the product, and of urgency.
const LEVELS: [&str; 5] = ["very_negative", "negative", "neutral", "positive", "very_positive"];
/// See [`LEVELS`].
const URGENCIES: [&str; 4] = ["low", "normal", "high", "critical"];

/// The languages of the own texts.
const LANGUAGES: [Language; 2] = [Language::ENGLISH, Language::FRENCH];
/// How much it counts in which of them a text is.
const IN_LANGUAGE: f32 = 0.5;

/// Columns for the words of 40,000 texts, and for those of some hundred.
const MANY_COLUMNS: u32 = 32_768;
/// See [`MANY_COLUMNS`].
const FEW_COLUMNS: u32 = 12_288;
/// Chosen on the dev part of `GoEmotions`; see `models/sentiment.md`.
const GROUPS_CHOICE: Choice = Choice { cost: 2.0, sparse: 1.0 };

/// Names of heads: those of the second kind read words alone, for another encoder or none.
const BY_MEANING: &str = "by_meaning";
/// See [`BY_MEANING`].
const BY_WORDS: &str = "by_words";
const BY_GROUP: &str = "groups";

static SENTIMENT_BYTES: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/sentiment.head"));
static URGENCY_BYTES: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/urgency.head"));
static SENTIMENT: LazyLock<Heads<'static>> = LazyLock::new(|| compiled_in(SENTIMENT_BYTES));
static URGENCY: LazyLock<Heads<'static>> = LazyLock::new(|| compiled_in(URGENCY_BYTES));

fn compiled_in(bytes: &'static [u8]) -> Heads<'static> {
    Heads::read(bytes).expect("the heads that are compiled in can be read, as a test checks: this is a bug")
}

/// A text as the heads read it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The text.
    pub text: &'a str,
    /// The language that it is surely in; without one nothing is said.
    pub language: Option<Language>,
    /// Its vector.
    pub dense: &'a [f32],
    /// The name of the encoder that made it.
    pub encoder: &'a str,
}

/// How the writer feels, the likeliest first; empty where the heads have nothing to say.
#[must_use]
pub fn sentiments(asked: Asked<'_>) -> Vec<(Sentiment, f64)> {
    named(guesses(&SENTIMENT, asked))
}

/// How pressing it is, the likeliest first; empty where the heads have nothing to say.
#[must_use]
pub fn urgencies(asked: Asked<'_>) -> Vec<(Urgency, f64)> {
    named(guesses(&URGENCY, asked))
}

/// The group of emotions that an English text shows, the likeliest first; empty for another language or encoder.
#[must_use]
pub fn groups(asked: Asked<'_>) -> Vec<(&'static str, f64)> {
    let head = SENTIMENT.named(BY_GROUP).filter(|_| asked.encoder == SENTIMENT.encoder() && asked.language == Some(Language::ENGLISH));
    head.map(|head| ranked(head, asked, true)).unwrap_or_default()
}

fn named<L: std::str::FromStr>(guesses: Vec<(&str, f64)>) -> Vec<(L, f64)> {
    guesses.into_iter().filter_map(|(label, probability)| Some((label.parse().ok()?, probability))).collect()
}

fn guesses(heads: &Heads<'static>, asked: Asked<'_>) -> Vec<(&'static str, f64)> {
    if !asked.language.is_some_and(|language| LANGUAGES.contains(&language)) {
        return Vec::new();
    }
    let knows_vector = asked.encoder == heads.encoder();
    let head = heads.named(if knows_vector { BY_MEANING } else { BY_WORDS });
    head.map(|head| ranked(head, asked, knows_vector)).unwrap_or_default()
}

fn ranked(head: &CompactHead<'static>, asked: Asked<'_>, with_vector: bool) -> Vec<(&'static str, f64)> {
    let features = features(asked.text, asked.language, if with_vector { asked.dense } else { &[] }, head.columns());
    let mut guesses: Vec<(&str, f64)> = head.labels().iter().copied().zip(head.probabilities(&features)).collect();
    guesses.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    guesses
}

/// What a head reads of a text.
fn features(text: &str, language: Option<Language>, dense: &[f32], columns: u32) -> Features {
    let mut told = mood::numbers(text, language).to_vec();
    told.extend(LANGUAGES.map(|known| if language == Some(known) { IN_LANGUAGE } else { 0.0 }));
    Features { dense: dense.to_vec(), told, sparse: hashed::of_text(text, columns) }
}

/// A text to learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The text.
    pub text: String,
    /// Its language.
    pub language: Language,
    /// Its vector.
    pub dense: Vec<f32>,
    /// What it is labelled.
    pub label: String,
}

/// The bytes of the sentiment heads: one over the groups of emotions, and the levels by meaning and by words alone.
///
/// `None` where there are too few texts of either. The same texts give the same bytes.
#[must_use]
pub fn learn_sentiment(encoder: &str, of_groups: &[Labelled], of_levels: &[Labelled]) -> Option<Vec<u8>> {
    let groups = fit(of_groups, &GROUPS, MANY_COLUMNS, true, Some(GROUPS_CHOICE))?;
    let meaning = fit(of_levels, &LEVELS, FEW_COLUMNS, true, None)?;
    let words = fit(of_levels, &LEVELS, FEW_COLUMNS, false, None)?;
    write(
        encoder,
        &[
            Writing { name: BY_GROUP, labels: &GROUPS, fitted: &groups, columns: MANY_COLUMNS },
            Writing { name: BY_MEANING, labels: &LEVELS, fitted: &meaning, columns: FEW_COLUMNS },
            Writing { name: BY_WORDS, labels: &LEVELS, fitted: &words, columns: FEW_COLUMNS },
        ],
    )
}

/// The bytes of the urgency heads, by meaning and by words alone; as [`learn_sentiment`].
#[must_use]
pub fn learn_urgency(encoder: &str, labelled: &[Labelled]) -> Option<Vec<u8>> {
    let meaning = fit(labelled, &URGENCIES, FEW_COLUMNS, true, None)?;
    let words = fit(labelled, &URGENCIES, FEW_COLUMNS, false, None)?;
    write(
        encoder,
        &[
            Writing { name: BY_MEANING, labels: &URGENCIES, fitted: &meaning, columns: FEW_COLUMNS },
            Writing { name: BY_WORDS, labels: &URGENCIES, fitted: &words, columns: FEW_COLUMNS },
        ],
    )
}

/// A head over texts with these labels; others are passed over.
fn fit(labelled: &[Labelled], labels: &[&str], columns: u32, with_vector: bool, choice: Option<Choice>) -> Option<Fitted> {
    let read: Vec<(usize, Features)> = labelled
        .iter()
        .filter_map(|one| {
            let class = labels.iter().position(|label| *label == one.label)?;
            Some((class, features(&one.text, Some(one.language), if with_vector { &one.dense } else { &[] }, columns)))
        })
        .collect();
    let examples: Vec<Example<'_>> =
        read.iter().enumerate().map(|(key, (class, features))| Example { features, class: *class, key, counts: true }).collect();
    Fitted::learn(&examples, labels.len(), choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str, language: Option<Language>) -> Asked<'_> {
        Asked { text, language, dense: &[], encoder: "" }
    }

    #[test]
    fn the_heads_that_come_along_are_whole_and_small() {
        for (bytes, labels) in [(SENTIMENT_BYTES, &LEVELS[..]), (URGENCY_BYTES, &URGENCIES[..])] {
            let heads = Heads::read(bytes).unwrap();
            assert_eq!(heads.named(BY_MEANING).unwrap().labels(), labels);
            assert_eq!(heads.named(BY_WORDS).unwrap().labels(), labels);
            assert!(bytes.len() <= 300_000, "{}", bytes.len());
        }
        assert_eq!(SENTIMENT.named(BY_GROUP).unwrap().labels(), GROUPS);
    }

    #[test]
    fn joy_and_rage_are_told_apart_by_words_alone() {
        for (text, language, wanted) in [
            ("Wonderful, thank you so much, I am absolutely delighted!", Language::ENGLISH, [Sentiment::Positive, Sentiment::VeryPositive]),
            ("C'est une honte, vous êtes des escrocs, je suis furieux !", Language::FRENCH, [Sentiment::Negative, Sentiment::VeryNegative]),
        ] {
            let guesses = sentiments(asked(text, Some(language)));
            assert!(wanted.contains(&guesses[0].0), "{text}: {guesses:?}");
            assert!((guesses.iter().map(|(_, probability)| probability).sum::<f64>() - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_language_that_was_not_learned_or_is_not_known_gets_no_answer() {
        for language in [None, "de".parse().ok()] {
            assert!(sentiments(asked("Ich bin wütend, das ist unerhört", language)).is_empty());
            assert!(urgencies(asked("Ich bin wütend, das ist unerhört", language)).is_empty());
        }
        assert!(groups(asked("I love it", Some(Language::ENGLISH))).is_empty(), "its head reads the vectors of one encoder");
    }

    #[test]
    fn the_same_texts_give_the_same_bytes() {
        let labelled: Vec<Labelled> = (0..60_u8)
            .map(|i| Labelled {
                text: format!(
                    "{} number {i}",
                    ["no hurry at all", "please help with my order", "I need it today", "it burns, help now"][usize::from(i % 4)]
                ),
                language: Language::ENGLISH,
                dense: vec![f32::from(i % 4), 0.5],
                label: URGENCIES[usize::from(i % 4)].to_owned(),
            })
            .collect();
        let bytes = learn_urgency("an-encoder", &labelled).unwrap();
        assert_eq!(bytes, learn_urgency("an-encoder", &labelled).unwrap());
        assert_eq!(Heads::read(&bytes).unwrap().encoder(), "an-encoder");
        assert!(learn_urgency("an-encoder", &labelled[..1]).is_none());
    }
}
