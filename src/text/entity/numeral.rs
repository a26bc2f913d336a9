//! Whole numbers in words, English and French: `two hundred`, `quatre-vingt-dix`.

/// Words of numbers, as alternatives of a regular expression that ignores case; longer ones first.
const WORDS: &str = "seventeen|thirteen|fourteen|eighteen|nineteen|seventy|hundred|thousand|fifteen|sixteen|quatorze|cinquante|soixante|\
    quarante|septante|huitante|octante|nonante|fifty|sixty|forty|eighty|ninety|thirty|twenty|eleven|twelve|three|seven|eight|trente|\
    quatre|quinze|treize|vingts|vingt|douze|seize|mille|cents|deux|trois|cinq|sept|huit|neuf|onze|cent|four|five|nine|six|ten|two|\
    dix|one|une|un";

/// A number in words: the source of a regular expression without groups of its own, to be used where case is ignored.
pub(super) fn words() -> String {
    format!(r"(?:an?\s)?(?:{WORDS})(?:(?:\s|-|\sand\s|\set\s|-et-)(?:{WORDS}))*")
}

/// The number that words say, or figures; `None` for words that are no one number, such as `two one`.
pub(super) fn read(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let low = text.to_lowercase();
    let (mut thousands, mut rest, mut last) = (0_u32, 0_u32, u32::MAX);
    for word in low.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty()) {
        match value(word)? {
            // Between the parts of a number, or before `hundred`.
            0 => {}
            1_000 => (thousands, rest, last) = (thousands.checked_add(rest.max(1))?.checked_mul(1_000)?, 0, 1_000),
            100 => (rest, last) = (if rest == 0 { 100 } else { rest.checked_mul(100)? }, 100),
            20 if rest % 100 == 4 && last == 4 => (rest, last) = (rest + 76, 80),
            small => {
                // What follows is smaller than what it is added to: `vingt-deux`, `soixante-dix`, never `two three`.
                let is_smaller = last == u32::MAX || small < last && (last >= 20 || last == 10 && small >= 7);
                if !is_smaller {
                    return None;
                }
                (rest, last) = (rest + small, small);
            }
        }
    }
    (last != u32::MAX).then_some(thousands + rest)
}

fn value(word: &str) -> Option<u32> {
    Some(match word {
        "a" | "an" | "and" | "et" => 0,
        "one" | "un" | "une" => 1,
        "two" | "deux" => 2,
        "three" | "trois" => 3,
        "four" | "quatre" => 4,
        "five" | "cinq" => 5,
        "six" => 6,
        "seven" | "sept" => 7,
        "eight" | "huit" => 8,
        "nine" | "neuf" => 9,
        "ten" | "dix" => 10,
        "eleven" | "onze" => 11,
        "twelve" | "douze" => 12,
        "thirteen" | "treize" => 13,
        "fourteen" | "quatorze" => 14,
        "fifteen" | "quinze" => 15,
        "sixteen" | "seize" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        "twenty" | "vingt" | "vingts" => 20,
        "thirty" | "trente" => 30,
        "forty" | "quarante" => 40,
        "fifty" | "cinquante" => 50,
        "sixty" | "soixante" => 60,
        "seventy" | "septante" => 70,
        "eighty" | "huitante" | "octante" => 80,
        "ninety" | "nonante" => 90,
        "hundred" | "cent" | "cents" => 100,
        "thousand" | "mille" => 1_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words_are_read_in_both_languages() {
        for (text, number) in [
            ("7", Some(7)),
            ("twenty", Some(20)),
            ("twenty-five", Some(25)),
            ("a hundred and ten", Some(110)),
            ("two thousand three hundred", Some(2_300)),
            ("deux cents", Some(200)),
            ("quatre-vingts", Some(80)),
            ("Quatre-vingt-dix-sept", Some(97)),
            ("soixante et onze", Some(71)),
            ("mille deux cent quarante", Some(1_240)),
            ("cent vingt-quatre", Some(124)),
            ("two three", None),
            ("a", None),
            ("many", None),
            ("thousand thousand thousand thousand", None),
        ] {
            assert_eq!(read(text), number, "{text}");
        }
    }
}
