//! Amounts of money, written the English or the French way.

use std::sync::LazyLock;

use regex::Regex;

use super::{Find, builtin_regex};

const NUMBER: &str = r"(?P<number>\d{1,3}(?:[ .,'’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)";

static CURRENCY_FIRST: LazyLock<Regex> =
    LazyLock::new(|| builtin_regex(&format!(r"(?P<currency>£|€|\$|(?i:\b(?:GBP|EUR|USD|CHF|CAD|AUD)))\s?{NUMBER}")));
static NUMBER_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(
        r"(?i){NUMBER}\s?(?P<currency>£|€(?P<cents>\d{{2}})?|\$|(?:GBP|EUR|USD|CHF|CAD|AUD|euros?|pounds?(?:\ssterling)?|quid|livres?\ssterling|dollars?|francs?\ssuisses)\b)"
    ))
});

pub(super) fn find(text: &str, found: &mut Vec<Find>) {
    for regex in [&*CURRENCY_FIRST, &*NUMBER_FIRST] {
        for groups in regex.captures_iter(text) {
            let span = groups.get_match().range();
            let mut before = text[..span.start].chars().rev();
            let touches_before = match before.next() {
                Some(last) if last.is_alphanumeric() => true,
                Some('.' | ',' | '-' | '/') => before.next().is_some_and(|c| c.is_ascii_digit()),
                Some(_) | None => false,
            };
            let touches_after = {
                let mut after = text[span.end..].chars();
                match after.next() {
                    Some(next) if next.is_alphanumeric() => true,
                    Some('.' | ',') => after.next().is_some_and(|c| c.is_ascii_digit()),
                    Some(_) | None => false,
                }
            };
            let starts_with_sign = groups.name("currency").is_some_and(|currency| currency.start() == span.start);
            if touches_after || (touches_before && !starts_with_sign) {
                continue;
            }
            let (Some(number), Some(currency)) = (groups.name("number"), groups.name("currency")) else { continue };
            let number = match groups.name("cents") {
                Some(cents) => format!("{},{}", number.as_str(), cents.as_str()),
                None => number.as_str().to_owned(),
            };
            if let Some(code) = code(currency.as_str()) {
                found.push(Find::builtin("amount", span, format!("{code} {}", decimal(&number))));
            }
        }
    }
}

fn code(currency: &str) -> Option<&'static str> {
    let low = currency.to_lowercase();
    match low.as_str() {
        "£" | "gbp" | "quid" => Some("GBP"),
        "$" | "usd" => Some("USD"),
        "chf" => Some("CHF"),
        "cad" => Some("CAD"),
        "aud" => Some("AUD"),
        "eur" => Some("EUR"),
        word if word.starts_with('€') || word.starts_with("euro") => Some("EUR"),
        word if word.starts_with("pound") || word.starts_with("livre") => Some("GBP"),
        word if word.starts_with("dollar") => Some("USD"),
        word if word.starts_with("franc") => Some("CHF"),
        _ => None,
    }
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
            ("1.2.3 €", &[]),
        ];
        for (text, expected) in table {
            let found = find(text, &Patterns::builtin());
            let values: Vec<_> = found.iter().filter(|entity| entity.kind == "amount").map(|entity| entity.value.as_str()).collect();
            assert_eq!(&values, expected, "{text:?}");
        }
    }
}
