//! The stems of English words by which ROUGE compares them.
//!
//! Source: Porter, *An algorithm for suffix stripping* (1980), with the extensions of the Python package `nltk`, which `rouge-score` uses.
//! For measures alone: what is searched has stemmers of its own.

/// A condition on what is left of a word without a suffix.
type Condition = fn(&[u8]) -> bool;

/// Words that the rules would spoil.
const IRREGULAR: [(&str, &str); 16] = [
    ("sky", "sky"),
    ("skies", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("news", "news"),
    ("innings", "inning"),
    ("inning", "inning"),
    ("outings", "outing"),
    ("outing", "outing"),
    ("cannings", "canning"),
    ("canning", "canning"),
    ("howe", "howe"),
    ("proceed", "proceed"),
    ("exceed", "exceed"),
    ("succeed", "succeed"),
];

const STEP_2: [(&str, &str); 21] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("fulli", "ful"),
];

const STEP_3: [(&str, &str); 7] =
    [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

const STEP_4: [&str; 19] = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize",
];

/// The stem of a word in lower case; a word with other letters than a to z stays as it is.
#[must_use]
pub fn stem(word: &str) -> String {
    if let Some((_, stem)) = IRREGULAR.iter().find(|(irregular, _)| *irregular == word) {
        return (*stem).to_owned();
    }
    if word.len() <= 2 || !word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        return word.to_owned();
    }
    let steps: [fn(&str) -> String; 8] = [plural, past, y_to_i, step_2, step_3, step_4, last_e, last_l];
    steps.iter().fold(word.to_owned(), |word, step| step(&word))
}

fn is_consonant(word: &[u8], place: usize) -> bool {
    match word[place] {
        b'a' | b'e' | b'i' | b'o' | b'u' => false,
        b'y' => place == 0 || !is_consonant(word, place - 1),
        _ => true,
    }
}

/// How often a vowel is followed by a consonant.
fn measure(word: &[u8]) -> usize {
    (1..word.len()).filter(|place| is_consonant(word, *place) && !is_consonant(word, place - 1)).count()
}

fn has_measure(word: &[u8]) -> bool {
    measure(word) > 0
}

fn has_vowel(word: &[u8]) -> bool {
    (0..word.len()).any(|place| !is_consonant(word, place))
}

fn ends_doubled(word: &[u8]) -> bool {
    matches!(word, [.., a, b] if a == b) && is_consonant(word, word.len() - 1)
}

/// Whether a word ends with consonant, vowel, consonant, as `hop` does.
fn ends_short(word: &[u8]) -> bool {
    match word.len() {
        0 | 1 => false,
        2 => !is_consonant(word, 0) && is_consonant(word, 1),
        n => {
            is_consonant(word, n - 3)
                && !is_consonant(word, n - 2)
                && is_consonant(word, n - 1)
                && !matches!(word[n - 1], b'w' | b'x' | b'y')
        }
    }
}

/// The first rule whose suffix a word has decides, whether its condition holds or not.
fn first<'r>(word: &str, rules: impl IntoIterator<Item = (&'r str, &'r str, Condition)>) -> String {
    for (suffix, replacement, condition) in rules {
        if let Some(rest) = word.strip_suffix(suffix) {
            return if condition(rest.as_bytes()) { format!("{rest}{replacement}") } else { word.to_owned() };
        }
    }
    word.to_owned()
}

fn always(_: &[u8]) -> bool {
    true
}

fn plural(word: &str) -> String {
    if word.len() == 4 && word.ends_with("ies") {
        return format!("{}ie", &word[..1]);
    }
    first(word, [("sses", "ss", always as Condition), ("ies", "i", always), ("ss", "ss", always), ("s", "", always)])
}

fn past(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ied") {
        return if word.len() == 4 { format!("{rest}ie") } else { format!("{rest}i") };
    }
    if word.ends_with("eed") {
        return first(word, [("eed", "ee", has_measure as Condition)]);
    }
    let Some(rest) = ["ed", "ing"].iter().filter_map(|suffix| word.strip_suffix(suffix)).find(|rest| has_vowel(rest.as_bytes())) else {
        return word.to_owned();
    };
    if ["at", "bl", "iz"].iter().any(|ending| rest.ends_with(ending)) {
        return format!("{rest}e");
    }
    if ends_doubled(rest.as_bytes()) {
        let keeps_both = matches!(rest.as_bytes().last(), Some(b'l' | b's' | b'z'));
        return rest[..rest.len() - usize::from(!keeps_both)].to_owned();
    }
    let is_short = measure(rest.as_bytes()) == 1 && ends_short(rest.as_bytes());
    if is_short { format!("{rest}e") } else { rest.to_owned() }
}

fn y_to_i(word: &str) -> String {
    first(word, [("y", "i", (|rest| rest.len() > 1 && is_consonant(rest, rest.len() - 1)) as Condition)])
}

fn step_2(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("alli").filter(|rest| has_measure(rest.as_bytes())) {
        return step_2(&format!("{rest}al"));
    }
    let rules = STEP_2.iter().map(|(suffix, replacement)| (*suffix, *replacement, has_measure as Condition));
    if STEP_2.iter().all(|(suffix, _)| !word.ends_with(suffix))
        && let Some(rest) = word.strip_suffix("logi")
    {
        // The condition looks at one letter more than is left.
        return if has_measure(&word.as_bytes()[..=rest.len()]) { format!("{rest}log") } else { word.to_owned() };
    }
    first(word, rules)
}

fn step_3(word: &str) -> String {
    first(word, STEP_3.iter().map(|(suffix, replacement)| (*suffix, *replacement, has_measure as Condition)))
}

fn step_4(word: &str) -> String {
    let long: Condition = |rest| measure(rest) > 1;
    let long_before_ion: Condition = |rest| measure(rest) > 1 && matches!(rest.last(), Some(b's' | b't'));
    first(word, STEP_4.iter().map(|suffix| (*suffix, "", if *suffix == "ion" { long_before_ion } else { long })))
}

fn last_e(word: &str) -> String {
    let goes: Condition = |rest| measure(rest) > 1 || (measure(rest) == 1 && !ends_short(rest));
    first(word, [("e", "", goes)])
}

fn last_l(word: &str) -> String {
    match word.strip_suffix("ll") {
        Some(rest) if measure(&word.as_bytes()[..word.len() - 1]) > 1 => format!("{rest}l"),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_those_of_the_python_package() {
        // Printed by `nltk.stem.porter.PorterStemmer().stem`.
        const PAIRS: &str = include_str!("stems.txt");
        for pair in PAIRS.lines() {
            let (word, stemmed) = pair.split_once(' ').unwrap();
            assert_eq!(stem(word), stemmed, "{word}");
        }
        assert!(PAIRS.lines().count() >= 150);
        for kept in ["été", "a", "be", ""] {
            assert_eq!(stem(kept), kept);
        }
    }
}
