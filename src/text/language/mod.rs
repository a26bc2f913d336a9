//! The language of a text, with a probability that means what it says.
//!
//! The letters' script comes first. Languages of Latin and Cyrillic letters are told apart by a head over the spelling of words that comes
//! with the product, over function words, rare letters and `whatlang`'s trigrams. Honest on short text: below two words, or where nothing
//! speaks clearly, there is no answer; and of a text in several languages the share of the main one is how sure the answer is.

mod words;

use std::sync::LazyLock;

use backchannel_learn::compact::{CompactHead, Heads, Writing, write};
use backchannel_learn::features::Features;
use backchannel_learn::hashed;
use backchannel_learn::linear::{Choice, Example, Fitted};
use whatlang::{Detector, Lang};

use crate::domain::vocabulary::Language;
use crate::text::language::words::{LETTERS, WORDS};
use crate::text::sentence;

/// This much of a text, in characters, says what language it is in.
const READ_MAX: usize = 4_000;
/// A guess that is less likely is none; without any function word it must be likelier, and most of all of two words, which may be a name.
const LEAST: f64 = 0.3;
/// See [`LEAST`].
const LEAST_WITHOUT_KNOWN: f64 = 0.5;
/// See [`LEAST`].
const LEAST_OF_TWO: f64 = 0.85;
/// Words are so much of what is written, by characters, or the text is a listing of something.
const LEAST_WORDS: f64 = 0.25;
/// A second language counts from this share of a text, and from so many words.
const LEAST_SHARE: f64 = 0.15;
/// See [`LEAST_SHARE`].
const LEAST_PART: usize = 3;
/// A character of Chinese, Japanese or Korean says as much as so many letters.
const WEIGHT_OF_SIGNS: usize = 3;
/// How sure a script is that only one language here has; Chinese signs alone may be Japanese.
const SURE_SCRIPT: f64 = 0.99;
/// See [`SURE_SCRIPT`].
const SURE_SIGNS: f64 = 0.95;

/// What the head is called in its file, and the columns that spellings are hashed into.
const HEAD: &str = "language";
/// See [`HEAD`].
const COLUMNS: u32 = 24_000;
/// Chosen on the dev part of what it learns from; see `models/language.md`.
const CHOICE: Choice = Choice { cost: 30.0, sparse: 1.0 };
/// How much the trigrams' choice counts beside the spelling, which has norm 1.
const TRIGRAMS: f32 = 0.3;
/// How much rare letters count.
const RARE: f32 = 0.5;

/// The languages of Latin and Cyrillic letters, with their codes: the classes of the head.
const CODES: [(Lang, &str); 22] = [
    (Lang::Bul, "bg"),
    (Lang::Cat, "ca"),
    (Lang::Ces, "cs"),
    (Lang::Dan, "da"),
    (Lang::Deu, "de"),
    (Lang::Eng, "en"),
    (Lang::Spa, "es"),
    (Lang::Fin, "fi"),
    (Lang::Fra, "fr"),
    (Lang::Hun, "hu"),
    (Lang::Ind, "id"),
    (Lang::Ita, "it"),
    (Lang::Nob, "nb"),
    (Lang::Nld, "nl"),
    (Lang::Pol, "pl"),
    (Lang::Por, "pt"),
    (Lang::Ron, "ro"),
    (Lang::Rus, "ru"),
    (Lang::Swe, "sv"),
    (Lang::Tur, "tr"),
    (Lang::Ukr, "uk"),
    (Lang::Vie, "vi"),
];

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::with_allowlist(CODES.iter().map(|(lang, _)| *lang).collect()));

/// The head as it comes along.
static BYTES: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/language.head"));
static LEARNED: LazyLock<CompactHead<'static>> = LazyLock::new(|| {
    let heads = Heads::read(BYTES).ok().and_then(|heads| heads.named(HEAD).cloned());
    heads.expect("the language head that is compiled in can be read, as a test checks: this is a bug")
});

/// Tells a text's main language and how likely that is; `None` where nothing speaks clearly.
#[must_use]
pub fn detect(text: &str) -> Option<(Language, f64)> {
    let read: String = text.chars().take(READ_MAX).collect();
    let whole = one(&read)?;
    let parts = parts_of(&read);
    let counts = |(_, share): &&(Language, f64)| *share >= LEAST_SHARE;
    match parts.as_slice() {
        [first, others @ ..] if others.iter().any(|other| counts(&other)) => Some((first.0, whole.1.min(first.1))),
        _ => Some(whole),
    }
}

/// The languages of a text's sentences with their shares of its words, largest first; what no sentence says clearly has no share.
#[must_use]
pub fn parts(text: &str) -> Vec<(Language, f64)> {
    let read: String = text.chars().take(READ_MAX).collect();
    let mut parts = parts_of(&read);
    parts.retain(|(_, share)| *share >= LEAST_SHARE);
    parts
}

fn parts_of(read: &str) -> Vec<(Language, f64)> {
    let mut found: Vec<(Language, f64, usize)> = Vec::new();
    let mut all = 0;
    for span in sentence::spans(read, Language::ENGLISH) {
        let sentence = &read[span];
        let size = size_of(sentence);
        all += size;
        let Some((language, sure)) = one(sentence) else { continue };
        let weight = sure * share(size, 1);
        match found.iter_mut().find(|(known, ..)| *known == language) {
            Some((_, sum, words)) => (*sum, *words) = (*sum + weight, *words + size),
            None => found.push((language, weight, size)),
        }
    }
    found.retain(|(_, _, size)| *size >= LEAST_PART);
    let mut parts: Vec<(Language, f64)> =
        found.into_iter().map(|(language, weight, _)| (language, weight / share(all.max(1), 1))).collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    parts
}

/// How many words a sentence has; signs without spaces count by threes.
fn size_of(sentence: &str) -> usize {
    let signs = sentence.chars().filter(|c| matches!(script(*c), Script::Kana | Script::Han)).count();
    words_of(&plain(sentence)).len() + signs.div_ceil(3)
}

/// The language of a text that is taken to be in one.
fn one(read: &str) -> Option<(Language, f64)> {
    let mut letters = [0_usize; 9];
    for script in read.chars().map(script) {
        letters[script as usize] += if matches!(script, Script::Han | Script::Kana | Script::Hangul) { WEIGHT_OF_SIGNS } else { 1 };
    }
    letters[Script::None as usize] = 0;
    let all: usize = letters.iter().sum();
    let of = |script: Script| letters[script as usize];
    let spelled = of(Script::Spelled);
    if spelled * 2 >= all {
        if is_name(read) {
            return None;
        }
        let (language, sure) = by_spelling(&plain(read))?;
        return Some((language, sure * share(spelled, all)));
    }
    let signs = of(Script::Han) + of(Script::Kana);
    let (code, of_it, sure) = [
        // Japanese has Chinese signs among its own.
        if of(Script::Kana) * 10 >= signs { ("ja", signs, SURE_SCRIPT) } else { ("zh", signs, SURE_SIGNS) },
        ("ko", of(Script::Hangul), SURE_SCRIPT),
        ("el", of(Script::Greek), SURE_SCRIPT),
        ("he", of(Script::Hebrew), SURE_SCRIPT),
        ("ar", of(Script::Arabic), SURE_SCRIPT),
        ("hi", of(Script::Devanagari), SURE_SCRIPT),
    ]
    .into_iter()
    .max_by_key(|(_, letters, _)| *letters)?;
    let sure = sure * share(of_it, all);
    (of_it >= 2 && sure >= LEAST).then_some(())?;
    Some((code.parse().ok()?, sure))
}

/// Whether a text is nothing but a few words with capitals in front, as products and people have them.
fn is_name(read: &str) -> bool {
    let words: Vec<&str> = read.split_whitespace().filter(|word| word.starts_with(char::is_alphabetic)).collect();
    let shouts = !read.chars().any(char::is_lowercase);
    words.len() <= 3 && !shouts && words.iter().all(|word| word.starts_with(char::is_uppercase))
}

/// Whose letters a character belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    None,
    /// Latin or Cyrillic.
    Spelled,
    Greek,
    Hebrew,
    Arabic,
    Devanagari,
    Hangul,
    Kana,
    Han,
}

fn script(c: char) -> Script {
    match u32::from(c) {
        0x370..=0x3ff | 0x1f00..=0x1fff => Script::Greek,
        0x590..=0x5ff => Script::Hebrew,
        0x600..=0x6ff | 0x750..=0x77f if c.is_alphabetic() => Script::Arabic,
        0x900..=0x97f => Script::Devanagari,
        0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7af => Script::Hangul,
        0x3040..=0x30ff => Script::Kana,
        0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff => Script::Han,
        0x41..=0x24f | 0x400..=0x52f | 0x1e00..=0x1eff if c.is_alphabetic() => Script::Spelled,
        _ => Script::None,
    }
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace(['’', '‘'], "'")
}

/// The language of a text in small Latin or Cyrillic letters.
fn by_spelling(read: &str) -> Option<(Language, f64)> {
    let words = words_of(read);
    let written: usize = read.split_whitespace().map(str::len).sum();
    let spelled: usize = words.iter().map(|word| word.len()).sum();
    if words.len() < 2 || share(spelled, written) < LEAST_WORDS {
        return None;
    }
    let known = words.iter().any(|word| WORDS.contains_key(word));
    let probabilities = LEARNED.probabilities(&features(read, &words));
    let (code, sure) = LEARNED.labels().iter().zip(probabilities).max_by(|a, b| a.1.total_cmp(&b.1))?;
    let least = match words.len() {
        _ if known => LEAST,
        2 => LEAST_OF_TWO,
        _ => LEAST_WITHOUT_KNOWN,
    };
    (sure >= least).then_some(())?;
    Some((code.parse().ok()?, sure))
}

/// What the head reads of a text: its spelling, and the numbers that lists and trigrams tell.
fn features(read: &str, words: &[&str]) -> Features {
    let [mut known, mut letters, mut trigrams] = [[0.0_f32; CODES.len()]; 3];
    let class = |lang: Lang| CODES.iter().position(|(known, _)| *known == lang);
    for langs in words.iter().filter_map(|word| WORDS.get(word)) {
        for class in langs.iter().filter_map(|lang| class(*lang)) {
            known[class] += 1.0 / (small(langs.len()).sqrt() * small(words.len()));
        }
    }
    for (lang, rare) in LETTERS {
        let count = words.iter().flat_map(|word| word.chars()).filter(|c| rare.contains(*c)).count();
        if let Some(class) = class(*lang) {
            letters[class] = RARE * small(count.min(3)) / 3.0;
        }
    }
    if let Some(found) = DETECTOR.detect(read)
        && let Some(class) = class(found.lang())
    {
        #[expect(clippy::cast_possible_truncation, reason = "a share needs no 53 bits")]
        let sure = found.confidence() as f32;
        trigrams[class] = TRIGRAMS * (0.3 + 0.7 * sure);
    }
    let told = [known, letters, trigrams].concat();
    Features { dense: Vec::new(), told, sparse: hashed::of_spelling(words.iter().copied(), COLUMNS) }
}

/// The bytes of a head that learned from sentences with the codes of their languages; those of other letters are passed over.
///
/// `None` where there are too few. The same sentences give the same bytes.
#[must_use]
pub fn learn(sentences: &[(String, String)]) -> Option<Vec<u8>> {
    let read: Vec<(usize, Features)> = sentences
        .iter()
        .filter_map(|(text, code)| {
            let class = CODES.iter().position(|(_, known)| known == code)?;
            let read = plain(text);
            let words = words_of(&read);
            (!words.is_empty()).then(|| (class, features(&read, &words)))
        })
        .collect();
    let examples: Vec<Example<'_>> =
        read.iter().enumerate().map(|(key, (class, features))| Example { features, class: *class, key, counts: true }).collect();
    let fitted = Fitted::learn(&examples, CODES.len(), Some(CHOICE))?;
    let labels = CODES.map(|(_, code)| code);
    write("", &[Writing { name: HEAD, labels: &labels, fitted: &fitted, columns: COLUMNS }])
}

/// What French, Catalan and Italian put before an apostrophe; English contractions such as `it's` stay whole.
const ELIDED: &[&str] = &["l", "d", "j", "n", "s", "t", "m", "c", "qu", "un", "dell", "all", "nell", "dall", "sull", "quell"];

/// The words of a text in small letters; an elision such as `l'` is a word of its own. What has figures or marks inside, such as an address,
/// a number or a path, is none.
fn words_of(text: &str) -> Vec<&str> {
    let is_letter = |c: char| c.is_alphabetic() || ('\u{300}'..='\u{36f}').contains(&c);
    let mut words = Vec::new();
    for token in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '!' | '?' | '(' | ')' | '…' | '—' | '–' | '"')) {
        let token = token.trim_matches(|c: char| !is_letter(c));
        if token.is_empty() || !token.chars().all(|c| is_letter(c) || matches!(c, '\'' | '-')) {
            continue;
        }
        for word in token.split('-') {
            match word.find('\'') {
                Some(at) if ELIDED.contains(&&word[..at]) => words.extend([&word[..=at], &word[at + 1..]]),
                Some(_) | None => words.push(word.trim_matches('\'')),
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[expect(clippy::cast_precision_loss, reason = "counts of words stay far below 2^52")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[expect(clippy::cast_precision_loss, reason = "counts of words stay far below 2^24")]
const fn small(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_sentences_are_told_apart_with_and_without_accents() {
        let table = [
            ("en", "Where is my order?"),
            ("en", "The camera does not connect to the wifi anymore."),
            ("en", "I want a refund please"),
            ("en", "my mesh keeps dropping"),
            ("fr", "Où est ma commande ?"),
            ("fr", "J'ai ete debite deux fois, c'est pas normal"),
            ("fr", "je voudrais annuler mon abonnement svp"),
            ("fr", "Le colis n'est jamais arrive a la maison"),
            ("fr", "Bonjour, pouvez-vous m'envoyer la facture ?"),
            ("de", "Wo ist meine Bestellung?"),
            ("es", "¿Dónde está mi pedido?"),
            ("it", "Dove si trova il mio ordine?"),
            ("nl", "Waar is mijn bestelling gebleven?"),
            ("ru", "Где мой заказ?"),
            ("ja", "私の注文はどこですか"),
        ];
        for (code, text) in table {
            let found = detect(text).map(|(language, _)| language.as_str().to_owned());
            assert_eq!(found.as_deref(), Some(code), "{text:?}");
        }
    }

    #[test]
    fn nothing_is_said_about_texts_that_say_nothing() {
        for text in ["", "ok", "AW-204518-6", "12345 67890", "🙂 🙂 🙂", "Wick Mesh"] {
            assert_eq!(detect(text), None, "{text:?}");
        }
    }

    #[test]
    fn confidence_stays_between_nothing_and_certainty() {
        for text in ["the the the the", "le le le le la la", "Bonjour, I have a problem avec mon order"] {
            let share = detect(text).map_or(0.0, |(_, share)| share);
            assert!((0.0..=1.0).contains(&share), "{text:?}: {share}");
        }
    }

    #[test]
    fn the_head_that_comes_along_is_whole() {
        let heads = Heads::read(BYTES).unwrap();
        assert_eq!(heads.named(HEAD).unwrap().labels(), CODES.map(|(_, code)| code));
        assert!(BYTES.len() <= 600_000, "{}", BYTES.len());
    }

    #[test]
    fn a_text_in_two_languages_has_a_main_one_that_is_as_likely_as_its_share() {
        let text = "Bonjour, je n'arrive plus à ouvrir mon compte depuis hier. Pouvez-vous m'aider ? Merci beaucoup d'avance.\n\
                    This is what the error page says to me: your session has expired, please sign in again.";
        let (main, sure) = detect(text).unwrap();
        assert!(main == Language::FRENCH && sure < 0.75, "{main} {sure}");
        let parts = parts(text);
        assert_eq!(parts.iter().map(|(language, _)| language.as_str()).collect::<Vec<_>>(), ["fr", "en"]);
        assert!(parts.iter().map(|(_, share)| share).sum::<f64>() <= 1.0 + 1e-9);
        assert_eq!(super::parts("Where is my order?").len(), 1);
    }

    #[test]
    fn five_languages_in_one_text_are_no_sure_guess() {
        let text = "Where is my order? I have waited for two weeks. Où est ma commande ? J'attends depuis deux semaines. \
                    Wo ist meine Bestellung? Ich warte seit zwei Wochen. ¿Dónde está mi pedido? Espero desde hace dos semanas. \
                    Dove si trova il mio ordine? Aspetto da due settimane.";
        assert!(detect(text).is_none_or(|(_, sure)| sure < 0.4), "{:?}", detect(text));
        assert!(parts(text).len() >= 4, "{:?}", parts(text));
    }

    #[test]
    fn a_listing_of_numbers_and_paths_says_nothing_however_long() {
        let line = "2026-11-20T09:13:22.118Z 0x7f3a9c /srv/app/log.d/17 id=8812 a1b2c3d4e5f6 10.0.0.17:5432 200 OK\n";
        assert_eq!(detect(&line.repeat(2_000)), None);
        assert_eq!(parts(&line.repeat(2_000)), []);
    }

    #[test]
    fn scripts_speak_for_themselves_and_those_nobody_knows_are_silent() {
        for (code, text) in [
            ("zh", "我的订单在哪里？"),
            ("ko", "제 주문은 어디에 있나요?"),
            ("el", "Πού είναι η παραγγελία μου;"),
            ("ar", "أين طلبي؟"),
            ("he", "איפה ההזמנה שלי?"),
            ("hi", "मेरा ऑर्डर कहाँ है?"),
        ] {
            let (language, sure) = detect(text).unwrap();
            assert!(language.as_str() == code && sure > 0.9, "{text} {language} {sure}");
        }
        assert_eq!(detect("สวัสดีครับ ของผมอยู่ที่ไหน"), None);
    }

    #[test]
    fn the_same_sentences_give_the_same_bytes() {
        let sentences: Vec<(String, String)> = (0..60)
            .map(|i| {
                if i % 2 == 0 {
                    (format!("where is my order number {i} please"), "en")
                } else {
                    (format!("où est ma commande numéro {i} merci"), "fr")
                }
            })
            .map(|(text, code)| (text, code.to_owned()))
            .collect();
        let bytes = learn(&sentences).unwrap();
        assert_eq!(bytes, learn(&sentences).unwrap());
        assert!(learn(&sentences[..1]).is_none());
    }
}
