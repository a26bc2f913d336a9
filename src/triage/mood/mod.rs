//! Sentiment and urgency from words: a small lexicon in English and French, with negation and emphasis.
//!
//! It speaks where a workspace has too few labels for a head of its own, and of danger always.

mod spoken;

pub use spoken::{Spoken, spoken};

use crate::domain::vocabulary::{Language, Sentiment, Urgency};

/// What the words of a text say of its writer's mood.
#[derive(Debug, Clone, PartialEq)]
pub struct Mood {
    /// How the customer feels.
    pub sentiment: Sentiment,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Whether it speaks of a danger, such as a swollen battery.
    pub is_dangerous: bool,
}

struct Cue {
    stem: &'static str,
    weight: i32,
}

const fn cue(stem: &'static str, weight: i32) -> Cue {
    Cue { stem, weight }
}

// Stems are matched at the start of a word, accents folded, so that one entry covers its inflections.
const FEELINGS_EN: &[Cue] = &[
    cue("furious", -4),
    cue("disgust", -4),
    cue("outrag", -4),
    cue("scam", -4),
    cue("fraud", -3),
    cue("thie", -3),
    cue("appalling", -4),
    cue("disgrace", -4),
    cue("unacceptable", -3),
    cue("ridiculous", -3),
    cue("useless", -3),
    cue("worst", -3),
    cue("terrible", -3),
    cue("awful", -3),
    cue("angry", -3),
    cue("fed", -2),
    cue("joke", -2),
    cue("nightmare", -3),
    cue("lied", -3),
    cue("disappoint", -2),
    cue("frustrat", -2),
    cue("annoy", -2),
    cue("upset", -2),
    cue("unhappy", -2),
    cue("poor", -1),
    cue("worr", -2),
    cue("broken", -1),
    cue("fail", -1),
    cue("still", -1),
    cue("wrong", -1),
    cue("problem", -1),
    cue("complain", -2),
    cue("swollen", -2),
    cue("damaged", -1),
    cue("lost", -1),
    cue("stuck", -1),
    cue("twice", -1),
    cue("never", -1),
    cue("scared", -2),
    cue("afraid", -2),
    cue("solicitor", -3),
    cue("ombudsman", -3),
    cue("thank", 1),
    cue("great", 2),
    cue("love", 3),
    cue("excellent", 3),
    cue("brilliant", 3),
    cue("fantastic", 3),
    cue("amazing", 3),
    cue("happy", 2),
    cue("pleased", 2),
    cue("perfect", 2),
    cue("lovely", 2),
    cue("kind", 1),
    cue("glad", 2),
    cue("helpful", 2),
    cue("appreciate", 1),
    cue("impressed", 3),
    cue("delighted", 3),
    cue("cheers", 1),
    cue("wonderful", 3),
];

const FEELINGS_FR: &[Cue] = &[
    cue("furieu", -4),
    cue("scandal", -4),
    cue("honte", -4),
    cue("arnaqu", -4),
    cue("inadmissible", -4),
    cue("inacceptable", -3),
    cue("escroc", -4),
    cue("voleur", -3),
    cue("ridicul", -3),
    cue("catastroph", -3),
    cue("lamentable", -4),
    cue("nul", -2),
    cue("exasper", -3),
    cue("colere", -3),
    cue("marre", -3),
    cue("ras-le-bol", -3),
    cue("decu", -2),
    cue("decevant", -2),
    cue("inquiet", -2),
    cue("mecontent", -2),
    cue("agac", -2),
    cue("enerv", -2),
    cue("probleme", -1),
    cue("panne", -1),
    cue("perdu", -1),
    cue("abime", -1),
    cue("endommag", -1),
    cue("casse", -1),
    cue("toujours", -1),
    cue("jamais", -1),
    cue("impossible", -1),
    cue("gonfl", -2),
    cue("bomb", -2),
    cue("plainte", -2),
    cue("avocat", -3),
    cue("mediateur", -3),
    cue("tribunal", -3),
    cue("merci", 1),
    cue("super", 2),
    cue("genial", 3),
    cue("parfait", 2),
    cue("excellent", 3),
    cue("ravi", 3),
    cue("content", 2),
    cue("satisf", 2),
    cue("formidable", 3),
    cue("bravo", 2),
    cue("adore", 3),
    cue("impeccable", 3),
    cue("agreable", 2),
    cue("top", 2),
];

const PRESSURE_EN: &[Cue] = &[
    cue("urgent", 2),
    cue("asap", 2),
    cue("immediately", 2),
    cue("emergency", 3),
    cue("today", 1),
    cue("tonight", 1),
    cue("tomorrow", 1),
    cue("deadline", 2),
    cue("fumes", 3),
    cue("solvent", 3),
    cue("sparks", 3),
    cue("scorch", 3),
    cue("burn", 3),
    cue("danger", 3),
    cue("police", 3),
    cue("stolen", 2),
    cue("hack", 3),
    cue("fraud", 2),
    cue("solicitor", 2),
    cue("down", 1),
    cue("offline", 1),
    cue("patients", 1),
    cue("quickly", 1),
    cue("soon", 1),
    cue("hours", 1),
    cue("waiting", 1),
    cue("weeks", 1),
    cue("third", 1),
    cue("hot", 1),
];

const PRESSURE_FR: &[Cue] = &[
    cue("urgen", 2),
    cue("immediat", 2),
    cue("aujourd", 1),
    cue("demain", 1),
    cue("ce soir", 1),
    cue("vite", 1),
    cue("rapidement", 1),
    cue("solvant", 3),
    cue("etincelle", 3),
    cue("brul", 3),
    cue("danger", 3),
    cue("police", 3),
    cue("gendarm", 3),
    cue("vol", 1),
    cue("pirat", 3),
    cue("fraud", 2),
    cue("avocat", 2),
    cue("semaines", 1),
    cue("delai", 1),
    cue("relance", 1),
    cue("chaud", 1),
];

// Danger is said in so many words, not in stems: nobody burns in Bulgaria or behind a firewall.
const DANGER_EN: &[&str] = &[
    "smoke",
    "smokes",
    "smoked",
    "smoking",
    "smoky",
    "swollen",
    "swelling",
    "swells",
    "swelled",
    "bulge",
    "bulges",
    "bulged",
    "bulging",
    "puffed",
    "fire",
    "flame",
    "flames",
    "explode",
    "explodes",
    "exploded",
    "exploding",
    "explosion",
    "burning",
    "burnt",
    "burned",
    "scorched",
    "scorching",
    "sparks",
    "sparking",
    "sparked",
    "fumes",
];
const DANGER_FR: &[&str] = &[
    "fumee",
    "fumees",
    "fument",
    "gonfle",
    "gonflee",
    "gonfles",
    "gonflees",
    "gonflent",
    "gonflement",
    "bombe",
    "bombee",
    "bombes",
    "bombees",
    "incendie",
    "flamme",
    "flammes",
    "explose",
    "explosee",
    "exploser",
    "explosion",
    "etincelle",
    "etincelles",
    "brule",
    "brulee",
    "brulures",
    "brulure",
    "en feu",
    "pris feu",
    "prend feu",
    "prendre feu",
    "le feu",
    "un feu",
];
// Names of things, in which the word warns of nothing.
const HARMLESS: &[&str] = &[
    "fire tablet",
    "fire tv",
    "fire stick",
    "fire alarm",
    "smoke detector",
    "smoke alarm",
    "smoke sensor",
    "detecteur de fumee",
    "detecteurs de fumee",
    "feu vert",
];

const CALM: &[&str] =
    &["no rush", "no hurry", "whenever", "just wondering", "pas urgent", "quand vous pourrez", "rien d'urgent", "simple question"];
/// How much what is told counts beside the encoder's vector, which has norm 1. Of 0, 0.5, 1 and 2 those in the middle did best on the
/// labelled tickets of the demo company by cross-validation; this one between them was not chosen by a figure.
const TOLD: f32 = 0.7;
const NEGATIONS: &[&str] = &["not", "no", "never", "don", "isn", "wasn", "pas", "aucun", "aucune", "jamais", "ni"];

/// Reads the mood of a text.
#[must_use]
pub fn read(text: &str, language: Option<Language>) -> Mood {
    let told = Told::of(text, language);
    let total = told.good - told.bad - if told.is_loud() { 2 } else { 0 };
    let pressing = told.pressing + i32::from(told.is_loud()) - if told.is_patient { 3 } else { 0 };
    let urgency = if told.is_dangerous { Urgency::Critical } else { urgency(pressing, told.lowest) };
    Mood { sentiment: sentiment(total, told.lowest), urgency, is_dangerous: told.is_dangerous }
}

/// What a text's words tell, as numbers in \[0, `TOLD`\] for a head to learn from.
#[must_use]
pub fn numbers(text: &str, language: Option<Language>) -> [f32; 8] {
    let told = Told::of(text, language);
    let part = |count: i32, of: i16| f32::from(i16::try_from(count).unwrap_or(i16::MAX).min(of)) / f32::from(of) * TOLD;
    let is = |holds: bool| if holds { TOLD } else { 0.0 };
    [
        part(told.bad, 8),
        part(told.good, 8),
        part(-told.lowest, 4),
        part(told.shouted, 4),
        part(told.marks, 2),
        part(told.pressing, 6),
        is(told.is_dangerous),
        is(told.is_patient),
    ]
}

/// What the lexicon finds in a text.
#[derive(Debug, Default)]
struct Told {
    /// The weights of bad words together, and of good ones.
    bad: i32,
    good: i32,
    /// The weight of the worst word, 0 at most.
    lowest: i32,
    pressing: i32,
    /// Words in capitals, and marks such as `!!`.
    shouted: i32,
    marks: i32,
    is_dangerous: bool,
    is_patient: bool,
}

impl Told {
    fn of(text: &str, language: Option<Language>) -> Self {
        let french = language == Some(Language::FRENCH);
        let (feelings, pressure) = if french { (FEELINGS_FR, PRESSURE_FR) } else { (FEELINGS_EN, PRESSURE_EN) };
        let words = words(text);
        let mut told = Self::default();
        for (index, word) in words.iter().enumerate() {
            if let Some(weight) = weight_of(&word.folded, feelings) {
                let negated = words[index.saturating_sub(2)..index].iter().any(|word| NEGATIONS.contains(&word.folded.as_str()));
                let signed = match (negated, weight > 0) {
                    (true, true) => -1,
                    // A denied bad word ("no problem") says little.
                    (true, false) => 0,
                    (false, _) => weight,
                };
                told.lowest = told.lowest.min(signed);
                told.bad += (-signed).max(0);
                told.good += signed.max(0);
            }
            told.pressing += weight_of(&word.folded, pressure).unwrap_or(0);
            told.shouted += i32::from(word.shouted);
        }
        told.marks = i32::try_from(text.matches("!!").count() + text.matches("?!").count()).unwrap_or(i32::MAX);
        // A danger that was only denied is looked at all the same, and patience with one is none.
        told.is_dangerous = is_dangerous(&words, if french { DANGER_FR } else { DANGER_EN });
        told.is_patient = !told.is_dangerous && CALM.iter().any(|calm| text.to_lowercase().contains(calm));
        told
    }

    const fn is_loud(&self) -> bool {
        self.shouted >= 3 || self.marks > 0
    }
}

const fn sentiment(total: i32, lowest: i32) -> Sentiment {
    match total {
        i32::MIN..=-7 => Sentiment::VeryNegative,
        _ if lowest <= -4 && total <= -3 => Sentiment::VeryNegative,
        -6..=-2 => Sentiment::Negative,
        -1..=2 => Sentiment::Neutral,
        3..=6 => Sentiment::Positive,
        _ => Sentiment::VeryPositive,
    }
}

const fn urgency(pressing: i32, lowest: i32) -> Urgency {
    match pressing {
        i32::MIN..=-1 => Urgency::Low,
        4.. => Urgency::Critical,
        2..=3 => Urgency::High,
        _ if lowest <= -4 => Urgency::High,
        _ => Urgency::Normal,
    }
}

/// Whether a text has one of these words or phrases, and not in the name of a thing.
fn is_dangerous(words: &[Word], dangers: &[&str]) -> bool {
    let words: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    let places = |phrase: &str| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        let found = words.windows(phrase.len()).enumerate().filter(|(_, window)| *window == phrase.as_slice());
        found.map(|(at, _)| at..at + phrase.len()).collect::<Vec<_>>()
    };
    let harmless: Vec<_> = HARMLESS.iter().flat_map(|name| places(name)).collect();
    dangers.iter().flat_map(|danger| places(danger)).any(|place| !harmless.iter().any(|name| name.contains(&(place.end - 1))))
}

struct Word {
    folded: String,
    shouted: bool,
}

fn words(text: &str) -> Vec<Word> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .filter(|word| !word.is_empty())
        .map(|word| Word {
            folded: word.to_lowercase().chars().map(fold).collect(),
            shouted: word.chars().count() >= 4 && word.chars().all(char::is_uppercase),
        })
        .collect()
}

fn fold(c: char) -> char {
    match c {
        'à' | 'â' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        'ù' | 'û' => 'u',
        other => other,
    }
}

fn weight_of(word: &str, cues: &[Cue]) -> Option<i32> {
    cues.iter().filter(|cue| word.starts_with(cue.stem)).max_by_key(|cue| cue.stem.len()).map(|cue| cue.weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anger_thanks_and_plain_questions_are_told_apart() {
        let check = |text, language, sentiment| assert_eq!(read(text, Some(language)).sentiment, sentiment, "{text}");
        check("This is a DISGRACE and your company is a scam, absolutely unacceptable!!", Language::ENGLISH, Sentiment::VeryNegative);
        check("I am disappointed, the camera is broken", Language::ENGLISH, Sentiment::Negative);
        check("Which size is the transformer?", Language::ENGLISH, Sentiment::Neutral);
        check("I am happy with the bell, great service", Language::ENGLISH, Sentiment::Positive);
        check("C'est une honte, je suis furieuse, une arnaque", Language::FRENCH, Sentiment::VeryNegative);
        check("Je suis ravie, tout est parfait, merci", Language::FRENCH, Sentiment::Positive);
    }

    #[test]
    fn a_denied_word_does_not_count_as_said() {
        assert_eq!(read("no problem at all", Some(Language::ENGLISH)).sentiment, Sentiment::Neutral);
        assert_eq!(read("je ne suis pas contente", Some(Language::FRENCH)).sentiment, Sentiment::Neutral);
    }

    #[test]
    fn words_that_only_begin_like_a_danger_are_none() {
        for text in [
            "The page is blank in Firefox",
            "Our firewall blocks the hub",
            "Do you ship to Bulgaria?",
            "Does the app run on a Fire tablet?",
            "Is there a smoke detector?",
        ] {
            assert_eq!(read(text, Some(Language::ENGLISH)).urgency, Urgency::Normal, "{text}");
        }
        for text in
            ["La feuille de garantie manque", "J'attends le feu vert", "Avez-vous un détecteur de fumée ?", "Le gonfleur est-il livré ?"]
        {
            assert_eq!(read(text, Some(Language::FRENCH)).urgency, Urgency::Normal, "{text}");
        }
    }

    #[test]
    fn danger_is_critical_and_patience_is_low() {
        assert_eq!(read("the battery is swollen and hot", Some(Language::ENGLISH)).urgency, Urgency::Critical);
        assert_eq!(read("la batterie a gonflé", Some(Language::FRENCH)).urgency, Urgency::Critical);
        assert_eq!(read("Whenever I charge the battery it smokes", Some(Language::ENGLISH)).urgency, Urgency::Critical);
        assert_eq!(read("mon chargeur a pris feu", Some(Language::FRENCH)).urgency, Urgency::Critical);
        assert_eq!(read("La multiprise a mis le feu au meuble", Some(Language::FRENCH)).urgency, Urgency::Critical);
        assert_eq!(read("Une odeur de fumée sort du boîtier", Some(Language::FRENCH)).urgency, Urgency::Critical);
        assert_eq!(read("Sparks came out and it burnt my hand", Some(Language::ENGLISH)).urgency, Urgency::Critical);
        assert_eq!(read("no rush, just wondering about colours", Some(Language::ENGLISH)).urgency, Urgency::Low);
    }
}
