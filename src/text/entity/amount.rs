//! Amounts of money, written the English or the French way, in figures or in words.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Find, builtin_regex, numeral};

const NUMBER: &str = r"(?P<number>\d{1,3}(?:[ .,'’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?P<thousands>\s?[kK]\b)?";
/// Currencies that are words, each of which may end an amount.
const CURRENCY_WORDS: &str = r"euros?|eur|pounds?(?:\ssterling)?|quid|livres?\ssterling|dollars?(?:\s(?:us|américains|canadiens|australiens))?|francs?\ssuisses?|balles";

static CURRENCY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(r"(?P<currency>£|€|(?:\b(?:US|CA|AU|A|C))?\$|(?i:\b(?:GBP|EUR|USD|CHF|CAD|AUD)))\s?{NUMBER}(?:[.,](?:-|–)+)?"))
});
static NUMBER_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(
        r"(?i){NUMBER}\s?(?P<currency>£|€(?P<cents>\d{{2}})?|\$(?:\s?(?:US|CA|AU)\b)?|(?:GBP|USD|CHF|CAD|AUD|{CURRENCY_WORDS}|pence)\b)(?:\s(?P<after>\d{{2}})\b)?"
    ))
});
static IN_WORDS: LazyLock<Regex> =
    LazyLock::new(|| builtin_regex(&format!(r"(?i)\b(?P<number>{})\s(?:d['’])?(?P<currency>(?:{CURRENCY_WORDS})\b)", numeral::words())));

pub(super) fn find(text: &str, found: &mut Vec<Find>) {
    for groups in CURRENCY_FIRST.captures_iter(text).chain(NUMBER_FIRST.captures_iter(text)) {
        in_figures(text, &groups, found);
    }
    for groups in IN_WORDS.captures_iter(text) {
        let (Some(number), Some(currency)) = (groups.name("number"), groups.name("currency")) else { continue };
        // `One euro` and `un euro` are mostly a way of speaking.
        let figures = numeral::read(number.as_str()).filter(|figures| *figures > 1);
        if let Some((figures, code)) = figures.zip(code(currency.as_str())) {
            found.push(Find::builtin("amount", groups.get_match().range(), format!("{code} {figures}.00")));
        }
    }
}

fn in_figures(text: &str, groups: &Captures<'_>, found: &mut Vec<Find>) {
    let (Some(number), Some(currency)) = (groups.name("number"), groups.name("currency")) else { return };
    let is_currency_first = currency.start() < number.start();
    let span = if is_currency_first {
        currency.start()..groups.name("thousands").map_or(number.end(), |k| k.end())
    } else {
        number.start()..currency.end()
    };
    // The cents behind the word, as in `12 euros 40`.
    let after = groups.name("after").filter(|after| {
        let is_word = currency.as_str().starts_with(char::is_alphabetic) && !number.as_str().contains([',', '.']);
        is_word && !text[after.end()..].trim_start_matches(' ').starts_with(char::is_alphanumeric)
    });
    let span = span.start..after.map_or(span.end, |after| after.end());
    let is_thing = currency.as_str().eq_ignore_ascii_case("balles") && text[span.end..].starts_with(" d");
    if is_thing || is_part_of_a_number(text, &span, is_currency_first) {
        return;
    }
    let number = match groups.name("cents").or(after) {
        Some(cents) => format!("{},{}", number.as_str(), cents.as_str()),
        None => number.as_str().to_owned(),
    };
    let value = match (currency.as_str().to_lowercase().as_str(), groups.name("thousands")) {
        ("pence", _) => number.parse::<u32>().ok().map(|pence| format!("GBP {}.{:02}", pence / 100, pence % 100)),
        (currency, None) => code(currency).map(|code| format!("{code} {}", decimal(&number))),
        (currency, Some(_)) => code(currency).zip(in_thousands(&number)).map(|(code, number)| format!("{code} {number}.00")),
    };
    if let Some(value) = value {
        found.push(Find::builtin("amount", span, value));
    }
}

/// Whether a letter or a figure touches the span, so that it is part of something else.
fn is_part_of_a_number(text: &str, span: &Range<usize>, starts_with_currency: bool) -> bool {
    let mut before = text[..span.start].chars().rev();
    let touches_before = match before.next() {
        Some(last) if last.is_alphanumeric() => true,
        Some('.' | ',' | '-' | '/') => before.next().is_some_and(|c| c.is_ascii_digit()),
        Some(_) | None => false,
    };
    let mut after = text[span.end..].chars();
    let touches_after = match after.next() {
        Some(next) if next.is_alphanumeric() => true,
        Some('.' | ',') => after.next().is_some_and(|c| c.is_ascii_digit()),
        Some(_) | None => false,
    };
    touches_after || (touches_before && !starts_with_currency)
}

fn code(currency: &str) -> Option<&'static str> {
    let low = currency.to_lowercase();
    match low.as_str() {
        "£" | "gbp" | "quid" => Some("GBP"),
        "$" | "usd" => Some("USD"),
        "chf" => Some("CHF"),
        "cad" => Some("CAD"),
        "aud" => Some("AUD"),
        "eur" | "balles" => Some("EUR"),
        sign if sign.contains('$') => Some(match sign.trim_matches(['$', ' ']) {
            "ca" | "c" => "CAD",
            "au" | "a" => "AUD",
            _ => "USD",
        }),
        word if word.starts_with('€') || word.starts_with("euro") => Some("EUR"),
        word if word.starts_with("pound") || word.starts_with("livre") => Some("GBP"),
        word if word.ends_with("canadiens") => Some("CAD"),
        word if word.ends_with("australiens") => Some("AUD"),
        word if word.starts_with("dollar") || word.starts_with("us") => Some("USD"),
        word if word.starts_with("franc") => Some("CHF"),
        _ => None,
    }
}

/// `2,5` thousands as a whole number.
fn in_thousands(number: &str) -> Option<u32> {
    let number: f64 = number.replace(',', ".").parse().ok()?;
    let whole = (number * 1_000.0).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked right before")]
    (0.0..1e9).contains(&whole).then_some(whole as u32)
}

/// Writes a number with a point and two decimals: `1.234,5` becomes `1234.50`, `1,000` becomes `1000.00`.
fn decimal(number: &str) -> String {
    let plain: String = number.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let (whole, cents) = match plain.rfind(['.', ',']) {
        Some(at) if plain.len() - at - 1 <= 2 => plain.split_at(at),
        Some(_) | None => (plain.as_str(), ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let whole = whole.trim_start_matches('0');
    format!("{}.{:0<2}", if whole.is_empty() { "0" } else { whole }, cents.trim_start_matches(['.', ',']))
}

#[cfg(test)]
mod tests {
    use super::super::{Patterns, find};

    #[test]
    fn amounts_are_found_and_normalised() {
        let table: &[(&str, &[&str])] = &[
            ("£12.50", &["GBP 12.50"]),
            ("12,50 €", &["EUR 12.50"]),
            ("12,50\u{A0}€.", &["EUR 12.50"]),
            ("EUR 40", &["EUR 40.00"]),
            ("40 eur", &["EUR 40.00"]),
            ("400 pounds", &["GBP 400.00"]),
            ("€5,800.", &["EUR 5800.00"]),
            ("1 234,56 €", &["EUR 1234.56"]),
            ("£1,234,567.8", &["GBP 1234567.80"]),
            ("12€50", &["EUR 12.50"]),
            ("(£3.99/€4.49)", &["GBP 3.99", "EUR 4.49"]),
            ("£119 and 15 quid", &["GBP 119.00", "GBP 15.00"]),
            ("deux fois 39,90 euros", &["EUR 39.90"]),
            ("2 livres", &[]),
            ("10 europe, 4 poundsx", &[]),
            ("US$14.00, A$9.50 and 12 $ CA", &["USD 14.00", "AUD 9.50", "CAD 12.00"]),
            ("£3k, 2,5 k€, 3kg, £7 kit", &["GBP 3000.00", "EUR 2500.00", "GBP 7.00"]),
            ("12 euros 40, 8 euros 10 cartons, 15 balles, 2 balles de tennis", &["EUR 12.40", "EUR 8.00", "EUR 15.00"]),
            ("twenty pounds, deux cents euros et mille deux cents euros", &["GBP 20.00", "EUR 200.00", "EUR 1200.00"]),
            ("pas un euro, one pound, two quid", &["GBP 2.00"]),
            ("75 pence", &["GBP 0.75"]),
            ("CHF 1'250.-", &["CHF 1250.00"]),
            ("1.2.3 €", &[]),
        ];
        for (text, expected) in table {
            let found = find(text, &Patterns::builtin(), None);
            let values: Vec<_> = found.iter().filter(|entity| entity.kind == "amount").map(|entity| entity.value.as_str()).collect();
            assert_eq!(&values, expected, "{text:?}");
        }
    }
}
