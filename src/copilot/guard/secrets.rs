//! Passwords, keys, tokens and codes in a text.
//!
//! By their form alone where nothing else looks like that, else by the words around them: a word of letters with digits or signs among them
//! is a secret after "password", and nothing to see without it.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Match, Regex};

/// The shortest word that is a key by its form alone.
const LEAST_KEY: usize = 16;
/// A private key is no longer than that.
const MOST_KEY_BYTES: usize = 16 << 10;
/// The shortest password after its name.
const LEAST_PASSWORD: usize = 6;
/// Sets of characters of which a key by its form alone has some of each: small, large, digits.
const KEY_SETS: usize = 3;

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles them")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern compiles: this is a bug")
}

/// Private keys in their armour, names with passwords in addresses, signed tokens (RFC 7468, 3986 and 7519), and the keys of well-known
/// services by how they begin.
static FORMS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----
        | \b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]+:[^\s/@]+@[^\s]+
        | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}
        | \b AKIA[0-9A-Z]{16} \b | \b gh[opsu]_[A-Za-z0-9]{30,} | \b xox[abeprs]-[A-Za-z0-9-]{10,} | \b AIza[0-9A-Za-z_-]{30,}
        | \b [rs]k_(?:live|test)_[A-Za-z0-9]{10,}
        | [?&\#] [a-z_]* (?: session | token | key | secret | sig(?:nature)? | password | auth ) = [^\s&\#]{12,}",
    )
});
/// A word that may be a key: what letters, digits and the signs of base64 and its kin make.
static KEYS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9_+/.-]{16,}={0,2}"));
/// What passwords are called, in English and French.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b(?: (?: pass\s?(?:word|phrase|code) | pwd | mdp | mot\s+de\s+passe | phrase(?:\s+(?:secrète|de\s+passe))? | (?:api|cloud|secret|access)[\s-]key
            | clé\s+(?:d['’]api|secrète|wi-?fi) | token | jeton ) \b | secret (?: \s*[:=] | \s+(?:is|est)\b | \s+key ) )",
    )
});
/// A password before its name, in English and French.
static NAMED_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) (?P<secret> \S{6,}) \s+ (?: as | for | comme | pour ) \s+ (?: (?:the|your|a|its|our|le|votre|un) \s+ )? (?: pass\s?(?:word|phrase|code) | pwd | mdp | mot\s+de\s+passe ) \b",
    )
});
/// So many words after such a name the password itself may stand.
const NEAR: usize = 7;
/// And within so many bytes.
const NEAR_BYTES: usize = 400;
/// Codes that open doors and accounts.
static CODES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b(?: (?:one[\s-]time|door|gate|entry|access|security|verification|sms|alarm|keypad) \s+ (?:code|pin) \b | keypad \b | pin \b
            | digicode \b | code\s+(?: d['’]accès | d['’]entrée | de\s+sécurité | de\s+vérification | à\s+usage\s+unique | du\s+portail | de\s+la\s+porte | temporaire )
            | (?: portail | porte | portillon | gate | door ) \s+ \S{1,12} \s* , \s* code )
        [^\n?!]{0,60}? \b (?P<secret> \d{3}\s\d{3} | \d{4,8}\#? | \d[0-9A-Z]{3,7}\#? | [A-Z]\d[0-9A-Z]{2,6}\#? ) (?: \b | \s | $ )",
    )
});

/// Dates of birth, after the words for it, and ages.
static BIRTHS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b(?: born\s+(?:on\s+)?(?:the\s+)? | date\s+of\s+birth:?\s* | d\.?o\.?b\.?:?\s* | née?\s+le\s+ | date\s+de\s+naissance\s*:?\s* )
        (?P<born> \d{1,2} [\s./-] (?: \p{L}+ | \d{1,2} ) [\s./-] \d{2,4} | \d{4}-\d{2}-\d{2} | \p{L}+\s\d{1,2},?\s\d{4} )
        | \b (?: a | âgée?\s+de | aged | is | was ) \s+ (?P<age> \d{2}\s(?:ans|years\sold) ) \b",
    )
});

/// Where dates of birth and ages stand in a text.
#[must_use]
pub fn births(text: &str) -> Vec<Range<usize>> {
    BIRTHS.captures_iter(text).filter_map(|found| found.name("born").or(found.name("age"))).map(|found| found.range()).collect()
}

/// Where secrets stand in a text; `known` are numbers of the desk's own, which look like keys and are none.
#[must_use]
pub fn find(text: &str, known: &[Range<usize>]) -> Vec<Range<usize>> {
    let whole = |found: Match<'_>| found.start()..found.end().max(found.start() + armour(&text[found.start()..]));
    let forms: Vec<Range<usize>> = FORMS.find_iter(text).map(whole).collect();
    let mut found = Vec::new();
    for keys in KEYS.find_iter(text) {
        // A full stop ends a sentence, and a path is none.
        let word = keys.as_str().trim_end_matches(['.', '-', '/']);
        let range = keys.start()..keys.start() + word.len();
        let is_address = text[..range.start].ends_with(['@', '/']) || text[range.end..].starts_with('@');
        if word.len() >= LEAST_KEY && !is_address && looks_random(word) {
            found.push(range);
        }
    }
    found.extend(NAMED.find_iter(text).filter_map(|named| password_after(text, named.end())));
    let before = NAMED_AFTER.captures_iter(text).filter_map(|named| named.name("secret"));
    found.extend(before.filter(|word| looks_made_up(word.as_str())).map(|word| word.range()));
    let codes = CODES.captures_iter(text).filter_map(|named| named.name("secret"));
    found.extend(codes.filter(|code| !is_year(text, code)).map(|code| code.range()));
    // A number of the desk may stand in a secret; one that is such a number is none.
    found.retain(|range: &Range<usize>| !known.iter().any(|known| known.start <= range.start && range.end <= known.end));
    found.extend(forms);
    merged(found)
}

/// Whether four digits say a year: after a word that years stand after.
fn is_year(text: &str, code: &Match<'_>) -> bool {
    let before = text[..code.start()].trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
    let is_one = code.len() == 4 && (code.as_str().starts_with("19") || code.as_str().starts_with("20"));
    is_one && ["in", "since", "of", "until", "en", "depuis", "de"].contains(&before.to_lowercase().as_str())
}

/// Spans without those that lie in others or touch them.
pub(super) fn merged(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// How long a private key is, to the end of its last line; 0 of what is none.
fn armour(text: &str) -> usize {
    if !text.starts_with("-----BEGIN") {
        return 0;
    }
    let key = &text[..text.floor_char_boundary(MOST_KEY_BYTES)];
    key.find("-----END").map_or(0, |last| last + key[last..].lines().next().unwrap_or_default().len())
}

/// The first word of a sentence's rest that nobody writes in a sentence.
fn password_after(text: &str, from: usize) -> Option<Range<usize>> {
    let near = &text[from..text.floor_char_boundary(from + NEAR_BYTES)];
    let (mut at, mut words) = (from, 0);
    for word in near.split_inclusive(char::is_whitespace) {
        let bare = word.trim();
        let start = at + word.find(bare)?;
        at += word.len();
        if bare.is_empty() {
            continue;
        }
        words += 1;
        if words > NEAR {
            return None;
        }
        let inner = bare.trim_start_matches(['"', '“', '«', '(', ':', '=']);
        let start = start + bare.len() - inner.len();
        let whole = inner.trim_end_matches(['.', ',', ';', ':', '"', '”', '»', ')']);
        let word = whole.trim_end_matches(['!', '?']);
        // Two marks at the end of a password are its own: nobody ends a sentence like that.
        let word = if whole.len() > word.len() + 1 { whole } else { word };
        if looks_made_up(word) {
            return Some(start..start + word.len());
        }
        if bare.ends_with(['.', '!', '?']) {
            return None;
        }
    }
    None
}

/// Small and large letters and digits, mixed more often than in names of things.
fn looks_random(word: &str) -> bool {
    let sets = [u8::is_ascii_lowercase as fn(&u8) -> bool, u8::is_ascii_uppercase, u8::is_ascii_digit];
    let has = sets.iter().filter(|set| word.bytes().any(|byte| set(&byte))).count();
    let kind = |byte: u8| sets.iter().position(|set| set(&byte));
    // Signs between words are no mixture.
    let kinds: Vec<usize> = word.bytes().filter_map(kind).collect();
    let changes = kinds.windows(2).filter(|pair| pair[0] != pair[1]).count();
    has >= KEY_SETS && changes * 3 >= kinds.len()
}

/// Letters with digits or signs among them, such as nobody writes in a sentence.
fn looks_made_up(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let signs = word.chars().filter(|c| "!?*#@%&$+_".contains(*c)).count();
    word.chars().count() >= LEAST_PASSWORD && letters > 0 && (digits > 0 || signs > 1) && !word.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text, &[]).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn secrets_are_found_by_their_form() {
        assert_eq!(found("use bk_live_8fK2xTq91LmZ0vRb7NcY, please"), ["bk_live_8fK2xTq91LmZ0vRb7NcY"]);
        assert_eq!(found("postgres://books:Hx4-uN0v@db.desk.example:5432/x is it"), ["postgres://books:Hx4-uN0v@db.desk.example:5432/x"]);
        assert_eq!(found("https://pay.desk.example/r/1?agent_session=s.9fKq2LxV7bTn0ZcP and"), ["?agent_session=s.9fKq2LxV7bTn0ZcP"]);
        assert_eq!(found("Basic YWxkZXJ3aWNrLWZyOlBs=."), ["YWxkZXJ3aWNrLWZyOlBs="]);
        let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----";
        assert_eq!(found(&format!("here:\n{key}\nbye")), [key]);
        let line = "-----BEGIN PRIVATE KEY----- é\u{301}MC4CAQ é -----END PRIVATE KEY-----";
        assert_eq!(found(line), [line], "on one line");
    }

    #[test]
    fn passwords_and_codes_are_found_by_what_they_are_called() {
        assert_eq!(found("log in as guest, password: moor!hen-7714."), ["moor!hen-7714"]);
        assert_eq!(found("le mot de passe est autoLiquide26?!, voilà"), ["autoLiquide26?!"]);
        assert_eq!(found("the password for the label portal is moor!hen-7714."), ["moor!hen-7714"]);
        assert_eq!(found("avec la phrase héron-bretelle-89-zinc. Elle"), ["héron-bretelle-89-zinc"]);
        assert_eq!(found("Use moor!hen-7714 as the password, please."), ["moor!hen-7714"]);
        assert_eq!(found("aws says AKIAIOSFODNN7EXAMPLE is old; ours is new"), ["AKIAIOSFODNN7EXAMPLE"]);
        assert_eq!(found("the client secret: Hx4uN0v9qq"), ["Hx4uN0v9qq"]);
        assert_eq!(found("gate 2, keypad 4471# then ask"), ["4471#"]);
        assert_eq!(found("a one-time code. Ours shows 739 028 just now"), ["739 028"]);
        assert_eq!(found("Portail B, code 27A94, puis sonnez"), ["27A94"]);
    }

    #[test]
    fn words_about_passwords_are_no_secrets() {
        for text in [
            "Change the password when a colleague leaves, and the Wi-Fi password too.",
            "Nobody knows that password or will ever ask you for it.",
            "Le mot de passe PPPoE du technicien n'a rien à voir là-dedans.",
            "The password may have a dash since version 4.2.3.",
            "Can you ping Sunil about invoice 204518? The pink case is item 4471.",
            "It is no secret that the model EOS-R50 fails.",
            "Your security code stopped working in 2024.",
            "Your verification code expired, and la garantie de 10 ans est finie.",
            "the code you copied was right, the postcode YO22 4BH too; scan the QR code",
            "https://desk.example/en/products/wick-mesh-pro-installation-guide-2026.html",
            "AW-248845-3 and NVK606618343FR, firmware 4.2.3, 24 November 2026",
            "your receipt of the 2026-11-24 is attached as facture-2026-11-24-Dupont-Pro.pdf",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
