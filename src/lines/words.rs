//! The words of a sentence as they are compared: stems without stop words, figures in one spelling, and character 4-grams.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use qdrant_rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::vocabulary::Language;

/// Words that say nothing about the matter, folded; English and French together, because threads mix them.
static STOP: LazyLock<BTreeSet<&str>> = LazyLock::new(|| STOP_ENGLISH.split(' ').chain(STOP_FRENCH.split(' ')).collect());
const STOP_ENGLISH: &str = "\
    a about after again all also am an and any are as at be been before being but by can could did do does for from had has have he \
    her here hers him his how i if in into is it its just me my now of on once only or our out own please shall she should so some \
    than that the their them then there these they this those to too up us very was we were what when where which while who why will \
    with would you your yours ll ve re s d m t hello hi dear thanks thank regards";
const STOP_FRENCH: &str = "\
    ai as au aux avec avez avons bonjour bonsoir c ca ce cela ces cet cette chez comme dans de des deja donc du elle elles en encore \
    es est et etait ete etes eu fait il ils j je l la le les leur leurs lui ma mais merci mes meme mon n ni nos notre nous on ont ou \
    par pour qu quand que quel quelle qui quoi sa se sera ses si sommes son sont suis sur ta te tes toi ton tous tout toute tres tu un \
    une vos votre vous y svp";

/// Words that turn a statement round, folded.
const NEGATIONS: [&str; 15] =
    ["not", "no", "never", "none", "cannot", "without", "nor", "neither", "pas", "jamais", "aucun", "aucune", "sans", "non", "ne"];

/// Numbers that are often written out, with their digits.
static NUMERALS: LazyLock<BTreeMap<&str, &str>> =
    LazyLock::new(|| WRITTEN_OUT.split(' ').filter_map(|pair| pair.split_once('=')).collect());
const WRITTEN_OUT: &str = "\
    two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 twelve=12 fourteen=14 fifteen=15 twenty=20 thirty=30 sixty=60 \
    deux=2 trois=3 quatre=4 cinq=5 sept=7 huit=8 neuf=9 dix=10 douze=12 quatorze=14 quinze=15 vingt=20 trente=30 soixante=60";

/// Stems of what time is counted in: nothing after them is counted any more.
const UNITS: [&str; 13] = ["day", "hour", "week", "month", "year", "minut", "second", "jour", "heur", "semain", "mois", "an", "ans"];

/// What is compared of a sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Stems of the words that matter, folded.
    pub stems: BTreeSet<String>,
    /// Numbers and identifiers, each in one spelling: `289` for `£289.00`, `aw-236518-4` as it is.
    pub figures: BTreeSet<String>,
    /// What was counted: a number with the stem of a word after it, such as `30` and `day`.
    pub measures: BTreeSet<(String, String)>,
    /// How many words and figures there are, stop words included.
    pub count: usize,
    /// Whether a word turns the statement round.
    pub negated: bool,
    grams: BTreeSet<u32>,
}

enum Token {
    Word(String),
    Figure(String),
}

impl Words {
    /// Reads a text in its language; another language than English and French goes without stems.
    #[must_use]
    pub fn of(text: &str, language: Language) -> Self {
        let stemmer = algorithm(language).map(Stemmer::create);
        let tokens = tokens(text);
        let mut words = Self { count: tokens.len(), negated: fold(text).contains("n't"), ..Self::default() };
        let mut open: Option<(String, usize)> = None;
        for token in tokens {
            match token {
                Token::Figure(figure) => {
                    open = Some((figure.clone(), 2));
                    words.figures.insert(figure);
                }
                Token::Word(word) => {
                    let folded = fold(&word);
                    let negates = NEGATIONS.contains(&folded.as_str());
                    words.negated |= negates;
                    if negates || STOP.contains(folded.as_str()) {
                        continue;
                    }
                    if let Some(digits) = NUMERALS.get(folded.as_str()) {
                        open = Some(((*digits).to_owned(), 2));
                        words.figures.insert((*digits).to_owned());
                        continue;
                    }
                    words.grams.extend(grams(&folded));
                    let stem = stemmer.as_ref().map_or(folded, |stemmer| fold(&stemmer.stem(&word)));
                    if let Some((figure, left)) = open.take() {
                        words.measures.insert((figure.clone(), stem.clone()));
                        open = (left > 1 && !UNITS.contains(&stem.as_str())).then(|| (figure, left - 1));
                    }
                    words.stems.insert(stem);
                }
            }
        }
        words
    }

    /// The words of a text in its language that these words share, each stem once with its word as written there, in lower case.
    #[must_use]
    pub fn written_in(&self, text: &str, language: Language) -> BTreeMap<String, String> {
        let stemmer = algorithm(language).map(Stemmer::create);
        let mut found = BTreeMap::new();
        for token in tokens(text) {
            let Token::Word(word) = token else { continue };
            let folded = fold(&word);
            let stem = stemmer.as_ref().map_or(folded, |stemmer| fold(&stemmer.stem(&word)));
            if self.stems.contains(&stem) {
                found.entry(stem).or_insert_with(|| word.to_lowercase());
            }
        }
        found
    }

    /// All words of several sentences together.
    #[must_use]
    pub fn together<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::default(), |mut sum, words| {
            sum.stems.extend(words.stems.iter().cloned());
            sum.figures.extend(words.figures.iter().cloned());
            sum.measures.extend(words.measures.iter().cloned());
            sum.grams.extend(&words.grams);
            sum.count += words.count;
            sum.negated |= words.negated;
            sum
        })
    }

    /// The share of character 4-grams that two texts have in common (Dice), in \[0, 1\]: bridges typos and lost accents.
    #[must_use]
    pub fn letters_in_common(&self, other: &Self) -> f64 {
        let (own, their) = (self.grams.len(), other.grams.len());
        if own == 0 || their == 0 {
            return 0.0;
        }
        share(2 * self.grams.intersection(&other.grams).count(), own + their)
    }
}

/// How rare each stem is among some sentences: a word that all of them hold tells nothing about one.
#[derive(Debug, Clone, Default)]
pub struct Rarity {
    sentences: usize,
    counts: BTreeMap<String, usize>,
}

impl Rarity {
    /// Counts stems and figures over some sentences.
    #[must_use]
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Words>) -> Self {
        all.into_iter().fold(Self::default(), |mut rarity, words| {
            rarity.sentences += 1;
            for term in words.stems.iter().chain(&words.figures) {
                *rarity.counts.entry(term.clone()).or_default() += 1;
            }
            rarity
        })
    }

    /// The weight of a stem or figure: inverse document frequency, at least 0.2 so that a common word still counts a little.
    #[must_use]
    pub fn weight(&self, term: &str) -> f64 {
        let seen = self.counts.get(term).copied().unwrap_or(0);
        (1.0 + share(self.sentences, 1 + seen)).ln().max(0.2)
    }

    /// How much two texts share of their stems and figures, as the cosine of their rarity weights, in \[0, 1\].
    #[must_use]
    pub fn overlap(&self, one: &Words, other: &Words) -> f64 {
        let mass = |words: &Words| words.stems.iter().chain(&words.figures).map(|term| self.weight(term).powi(2)).sum::<f64>();
        let shared = one.stems.intersection(&other.stems).chain(one.figures.intersection(&other.figures));
        let shared: f64 = shared.map(|term| self.weight(term).powi(2)).sum();
        let norm = (mass(one) * mass(other)).sqrt();
        if norm > 0.0 { shared / norm } else { 0.0 }
    }
}

/// Whether a folded word says nothing about any matter.
#[must_use]
pub fn is_stop(folded: &str) -> bool {
    STOP.contains(folded)
}

/// Lower case, accents and typographic apostrophes gone: how words and cues are compared.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            '’' | '‘' | 'ʼ' => '\'',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a folded word says nothing about any matter.
#[must_use]
pub fn is_empty_word(folded: &str) -> bool {
    STOP.contains(folded) || NEGATIONS.contains(&folded)
}

/// `part` of `whole` as a number in \[0, ∞); 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of words and sentences are far below 2^52")]
#[must_use]
pub fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn algorithm(language: Language) -> Option<Algorithm> {
    match language {
        Language::ENGLISH => Some(Algorithm::English),
        Language::FRENCH => Some(Algorithm::French),
        _ => None,
    }
}

fn tokens(text: &str) -> Vec<Token> {
    text.split(|c: char| {
        c.is_whitespace() || matches!(c, '’' | '\'' | '/' | '"' | '«' | '»' | '“' | '”' | '(' | ')' | '|' | '[' | ']' | '*' | '`')
    })
    .flat_map(chunk)
    .collect()
}

/// The tokens between two blanks: an identifier stays whole, `30-day` becomes `30` and `day`.
fn chunk(chunk: &str) -> Vec<Token> {
    let chunk = chunk.trim_matches(|c: char| !c.is_alphanumeric());
    let digits = chunk.chars().any(|c| c.is_ascii_digit());
    if digits && chunk.chars().any(char::is_uppercase) && chunk.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.') {
        return vec![Token::Figure(fold(chunk))];
    }
    let mut found = Vec::new();
    let mut rest = chunk;
    while let Some(start) = rest.find(|c: char| c.is_alphanumeric()) {
        rest = &rest[start..];
        let number = rest.starts_with(|c: char| c.is_ascii_digit());
        let inside =
            |c: char| if number { c.is_ascii_digit() || matches!(c, '.' | ',' | ':') } else { c.is_alphabetic() || is_combining_mark(c) };
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len()).max(rest.chars().next().map_or(1, char::len_utf8));
        let token = &rest[..end];
        found.push(if number { Token::Figure(number_in_one_spelling(token)) } else { Token::Word(token.to_lowercase()) });
        rest = &rest[end..];
    }
    found
}

/// `289` for `289.00`, `1940` for `1,940`, `5.2` for `5,20`; versions and times stay as they are.
fn number_in_one_spelling(written: &str) -> String {
    let written = written.trim_end_matches(['.', ',', ':']);
    let marks: Vec<(usize, char)> = written.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let Some((last, mark)) = marks.last().copied() else { return written.to_owned() };
    let decimals = written.len() - last - 1;
    let mixed = marks.iter().any(|(_, other)| *other != mark);
    if written.contains(':') || (marks.len() > 1 && !mixed && decimals != 3) {
        return written.to_owned();
    }
    let whole: String = written[..last].chars().filter(char::is_ascii_digit).collect();
    if decimals == 3 && !mixed {
        return format!("{whole}{}", &written[last + 1..]);
    }
    match written[last + 1..].trim_end_matches('0') {
        "" => whole,
        fraction => format!("{whole}.{fraction}"),
    }
}

/// The character 4-grams of a word with its borders, each as one number.
fn grams(word: &str) -> Vec<u32> {
    let letters: Vec<u8> = std::iter::once(b'_').chain(word.bytes()).chain(std::iter::once(b'_')).collect();
    if letters.len() < 5 {
        return letters.get(..4).map(packed).into_iter().collect();
    }
    letters.windows(4).map(packed).collect()
}

fn packed(letters: &[u8]) -> u32 {
    letters.iter().fold(0, |sum, letter| sum << 8 | u32::from(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_words_come_as_they_are_written_in_the_other_text() {
        let asked = Words::of("The batteries of both cameras swelled", Language::ENGLISH);
        let found: Vec<String> = asked.written_in("A Battery of the camera; cameras. It is new", Language::ENGLISH).into_values().collect();
        assert_eq!(found, ["battery", "camera"]);
    }

    fn figures(text: &str) -> Vec<String> {
        Words::of(text, Language::ENGLISH).figures.into_iter().collect()
    }

    #[test]
    fn a_number_has_one_spelling() {
        let check = |text: &str, expected: &[&str]| assert_eq!(figures(text), expected, "{text}");
        check("£289.00", &["289"]);
        check("519,00 €", &["519"]);
        check("5,20 or 5.20", &["5.2"]);
        check("1,940 pieces", &["1940"]);
        check("€1,234.50", &["1234.5"]);
        check("firmware 4.2.1 at 19:01", &["19:01", "4.2.1"]);
        check("AW-236518-4, thirty days", &["30", "aw-236518-4"]);
        check("a 30-day limit.", &["30"]);
    }

    #[test]
    fn a_count_keeps_what_it_counts() {
        let words = Words::of("We refund within 5 working days", Language::ENGLISH);
        assert!(words.measures.contains(&("5".to_owned(), "day".to_owned())), "{:?}", words.measures);
        let words = Words::of("sous quatorze jours", Language::FRENCH);
        assert!(words.measures.contains(&("14".to_owned(), "jour".to_owned())), "{:?}", words.measures);
    }

    #[test]
    fn french_words_meet_in_their_stems() {
        let one = Words::of("Vous serez remboursés sous 5 jours", Language::FRENCH);
        let other = Words::of("le remboursement prend cinq jours", Language::FRENCH);
        assert!(one.stems.contains("rembours") && other.stems.contains("rembours"), "{one:?} {other:?}");
        assert_eq!(one.figures, other.figures);
    }

    #[test]
    fn letters_bridge_lost_accents() {
        let (with, without) = (Words::of("réexpédié", Language::FRENCH), Words::of("reexpedie", Language::FRENCH));
        assert!(with.letters_in_common(&without) > 0.99);
    }

    #[test]
    fn a_rare_word_weighs_more_than_a_common_one() {
        let sentences: Vec<Words> =
            ["the camera is offline", "the camera blinks", "the camera is swollen"].map(|text| Words::of(text, Language::ENGLISH)).to_vec();
        let rarity = Rarity::of(&sentences);
        let ask = Words::of("swollen camera", Language::ENGLISH);
        assert!(rarity.overlap(&ask, &sentences[2]) > 2.0 * rarity.overlap(&ask, &sentences[0]));
    }
}
