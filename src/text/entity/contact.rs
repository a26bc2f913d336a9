//! How a person is reached and pays: e-mail, web address, phone, bank account, card.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::check::{luhn, mod97};
use super::{Find, builtin_regex};

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(
        r"[\p{L}\p{N}_%+-][\p{L}\p{N}._%+'-]*@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+",
    )
});
static URL: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r#"(?i)\b(?:https?://|www\.)[^\s<>"«»\[\]|]+"#));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(r"(?:\+|\b00)[1-9](?:[ .()-]{0,3}\d){6,17}|\(?\b0\d(?:[ .()-]{0,2}\d){7,13}|(?:\(\d{3}\) ?|\b\d{3}[-.])\d{3}[-.]\d{4}\b")
});
static DATE_INSIDE: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"\b\d{1,2}[.-]\d{1,2}[.-]\d{4}\b|\b\d{4}-\d\d-\d\d\b"));
/// French pairs, and British numbers whose area and rest stand apart.
static PHONE_FORM: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(r"^0[1-9](?:[ .-]\d\d){4}$|^\(?0[127](?:\d{2}\)?[ -]\d{3}[ -]?\d|\d{3}\)?[ -]\d{3}[ -]?|\d\)?[ -]\d{4}[ -]?\d)\d{3}$")
});
/// Figures of a longer number before the last of it.
static FIGURES_BEFORE: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"\b\d{4} \d{4} $"));
/// What stands before a number that is somebody's or something's, and no phone.
static NAMED_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)(?:\b(?:member(?:ship)?|account|customer|policy|contract|reference|ref|client|adhérent|adhérente|dossier|",
        r"contrat|compte|siret|siren|tva|vat|imei|iccid|sim|meter|compteur|pdl|booking|serial|série|licence|passport|",
        r"passeport|matricule|order|po|invoice|facture|commande)\b\.?(?:\s(?:number|no|nr|num|code|id|is|was|est|numéro|",
        r"intracommunautaire|be|fr|gb|lu|ch|de)\b\.?|\s?(?:n°|nº|:|#|=|\())*\s?|\bBE\s)$",
    ))
});
static IBAN: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"(?i)\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,36}"));
static CARD: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"\d(?:[ -]?\d){12,24}"));
static MASKED_CARD: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"(?:\b\d{4}[ -]?(?:\d{2})?)?(?:[Xx*•#]{2,12}[ -]?){1,4}\d{4}\b"));

/// The length of an IBAN in the countries that desks meet most. Source: the SWIFT registry.
const IBAN_LENGTHS: &[(&str, usize)] = &[
    ("AT", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IS", 26),
    ("IT", 27),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
];

pub(super) fn find(text: &str, found: &mut Vec<Find>) {
    for hit in EMAIL.find_iter(text) {
        found.push(Find::builtin("email", hit.range(), hit.as_str().to_lowercase()));
    }
    for hit in URL.find_iter(text) {
        let address = trim_address(hit.as_str());
        found.push(Find::builtin("url", hit.start()..hit.start() + address.len(), address.to_owned()));
    }
    for hit in PHONE.find_iter(text) {
        phone(text, hit.range(), found);
    }
    let mut at = 0;
    while let Some(hit) = IBAN.find_at(text, at) {
        // What stands behind a whole number may be another one.
        at = iban(text, hit.range(), found).unwrap_or(hit.start() + 2);
    }
    for hit in CARD.find_iter(text) {
        card(text, hit.range(), found);
    }
    for hit in MASKED_CARD.find_iter(text) {
        masked_card(text, hit.range(), found);
    }
}

/// Cuts the punctuation of the sentence off an address.
fn trim_address(address: &str) -> &str {
    let mut address = address;
    loop {
        let cut = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’', '…', '*', '}']);
        let open = cut.matches('(').count();
        let cut = if cut.ends_with(')') && cut.matches(')').count() > open { &cut[..cut.len() - 1] } else { cut };
        if cut.len() == address.len() {
            return address;
        }
        address = cut;
    }
}

/// Ends of `text[span]` at the end of each group of digits.
fn group_ends(text: &str, span: &Range<usize>) -> Vec<usize> {
    let part = &text[span.clone()];
    let bytes = part.as_bytes();
    (1..=part.len())
        .filter(|end| bytes[end - 1].is_ascii_alphanumeric() && bytes.get(*end).is_none_or(|next| !next.is_ascii_alphanumeric()))
        .map(|end| span.start + end)
        .collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn stands_apart(text: &str, span: &Range<usize>) -> bool {
    !text[..span.start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '#' | '.' | '+' | '='))
        && !text[span.end..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn phone(text: &str, span: Range<usize>, found: &mut Vec<Find>) {
    let part = &text[span.clone()];
    let international = part.starts_with('+') || part.starts_with("00");
    let allowed = if international { 8..=15 } else { 9..=11 };
    let end = group_ends(text, &span).into_iter().rev().find(|end| {
        let count = digits(&text[span.start..*end]).len() - if part.starts_with("00") { 2 } else { 0 };
        allowed.contains(&count)
    });
    let Some(end) = end else { return };
    // Of a bracket around more than the number only the number is taken.
    let start = if part.starts_with('(') && !text[span.start..end].contains(')') { span.start + 1 } else { span.start };
    let span = start..end;
    let part = &text[span.clone()];
    let before = &text[text.floor_char_boundary(start.saturating_sub(48))..start];
    // A number in the form of the country's phones is one whatever stands before it: it must be redacted.
    let is_phone_form = part.starts_with('+') || PHONE_FORM.is_match(part);
    if !is_phone_form && (FIGURES_BEFORE.is_match(before) || NAMED_NUMBER.is_match(before)) {
        return;
    }
    let dotted_number = text[end..].starts_with('.') && text[end + 1..].starts_with(|c: char| c.is_ascii_digit());
    if !stands_apart(text, &span) || dotted_number || DATE_INSIDE.is_match(part) {
        return;
    }
    let number = digits(&part.replace("(0)", ""));
    let value = match (international, number.strip_prefix("00")) {
        (true, Some(rest)) if part.starts_with("00") => format!("+{rest}"),
        (true, _) => format!("+{number}"),
        (false, _) => number,
    };
    found.push(Find::builtin("phone", span, value));
}

/// Adds an account if there is one at the start of the span; says where it ends.
fn iban(text: &str, span: Range<usize>, found: &mut Vec<Find>) -> Option<usize> {
    let country = text[span.start..span.start + 2].to_uppercase();
    // A creditor's reference has the same sum.
    if country == "RF" {
        return None;
    }
    let known = IBAN_LENGTHS.iter().find(|(code, _)| *code == country).map(|(_, length)| *length);
    let compact = |end: usize| text[span.start..end].chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    let hit = group_ends(text, &span).into_iter().rev().map(|end| (end, compact(end))).find(|(_, iban)| match known {
        Some(length) => iban.len() == length,
        None => (15..=34).contains(&iban.len()) && mod97(iban),
    });
    let (end, value) = hit?;
    let right = mod97(&value);
    // A country's code and digits in small letters are mostly words: they count only when the sum is right.
    let is_one = right || text[span.start..].starts_with(|c: char| c.is_uppercase());
    is_one.then(|| found.push(Find { checked: Some(right), ..Find::builtin("iban", span.start..end, value) }))?;
    Some(end)
}

/// Whether a network issues numbers that begin and are as long as this.
fn is_card_shape(number: &str) -> bool {
    match number.len() {
        13 => number.starts_with('4'),
        14 => number.starts_with("30") || number.starts_with("36") || number.starts_with("38"),
        15 => number.starts_with("34") || number.starts_with("37"),
        16 => number.starts_with(['2', '3', '4', '5', '6']),
        17..=19 => number.starts_with(['4', '5', '6']),
        _ => false,
    }
}

fn card(text: &str, span: Range<usize>, found: &mut Vec<Find>) {
    let ends = group_ends(text, &span);
    let right =
        ends.iter().rev().map(|end| (*end, digits(&text[span.start..*end]))).find(|(_, number)| is_card_shape(number) && luhn(number));
    // Four groups of four are a card even when a digit is wrong: it must be redacted all the same.
    let wrong = || {
        let end = *ends.get(3)?;
        let number = digits(&text[span.start..end]);
        let grouped = text[span.start..end].split([' ', '-']).all(|group| group.len() == 4);
        (grouped && is_card_shape(&number)).then_some((end, number))
    };
    let checked = right.is_some();
    let Some((end, value)) = right.or_else(wrong) else { return };
    let span = span.start..end;
    if stands_apart(text, &span) {
        found.push(Find { checked: Some(checked), ..Find::builtin("card", span, value) });
    }
}

fn masked_card(text: &str, span: Range<usize>, found: &mut Vec<Find>) {
    let part = &text[span.clone()];
    let marks = part.chars().filter(|c| matches!(c, 'X' | 'x' | '*' | '•' | '#')).count();
    let length = marks + digits(part).len();
    let last = &part[part.len() - 4..];
    if marks >= 4 && length <= 19 && stands_apart(text, &span) {
        found.push(Find::builtin("card", span.clone(), format!("************{last}")));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Patterns, find};

    fn check(kind: &str, table: &[(&str, &[&str])]) {
        for (text, expected) in table {
            let found = find(text, &Patterns::builtin(), None);
            let values: Vec<_> = found.iter().filter(|entity| entity.kind == kind).map(|entity| entity.value.as_str()).collect();
            assert_eq!(&values, expected, "{text:?}");
        }
    }

    #[test]
    fn emails_are_found_without_the_punctuation_around_them() {
        check(
            "email",
            &[
                ("Write to Tom.H+x@Mail.Example.", &["tom.h+x@mail.example"]),
                ("<zoë@courriel.example>, (a-b@post.example)", &["zoë@courriel.example", "a-b@post.example"]),
                ("a@b and @tom", &[]),
            ],
        );
    }

    #[test]
    fn addresses_end_before_the_punctuation_of_the_sentence() {
        check("url", &[("See https://x.example/a_(b)?q=1, (www.y.example).", &["https://x.example/a_(b)?q=1", "www.y.example"])]);
    }

    #[test]
    fn phones_of_the_united_kingdom_france_and_abroad_are_found() {
        check(
            "phone",
            &[
                ("call 01632 960123 12 times", &["01632960123"]),
                ("(01632) 960 123", &["01632960123"]),
                ("01 99 00 12 34", &["0199001234"]),
                ("01.99.00.12.34", &["0199001234"]),
                ("+33 1 99 00 12 34", &["+33199001234"]),
                ("+44 (0)1632 960123", &["+441632960123"]),
                ("0033199001234", &["+33199001234"]),
                ("555-010-1234", &["5550101234"]),
                ("Ned (0113 496 0230 ext. 214)", &["01134960230"]),
                (
                    "my number is 07700 900318, account manager 0113 496 0230, client 06 39 98 09 44",
                    &["07700900318", "01134960230", "0639980944"],
                ),
                ("my member number is 0047 1190 22, TVA BE 0123 456 789", &[]),
                ("SIM 8944 1100 0022 3344 55, ARN 7428 1056 2440 0316 8827 415, BE 0999.888.777", &[]),
                ("on 03.11.2026 12:30", &[]),
                ("03-11-2026 12 30", &[]),
                ("AW-012345-6789", &[]),
                ("version 0.1.2.3.4.5.6.7.8.9", &[]),
            ],
        );
    }

    #[test]
    fn accounts_are_found_with_their_sum() {
        check(
            "iban",
            &[
                ("IBAN GB29 NWBK 6016 1331 9268 19 THANKS", &["GB29NWBK60161331926819"]),
                ("FR1420041010050500013M02606", &["FR1420041010050500013M02606"]),
                ("fr14 2004 1010 0505 0001 3m02 606 merci", &["FR1420041010050500013M02606"]),
                ("BE68 5390 0754 7034 remplace NL91 ABNA 0417 1643 00.", &["BE68539007547034", "NL91ABNA0417164300"]),
                ("reference RF18 5390 0754 7034", &[]),
                ("WM60ABCDEFGHIJKLM", &[]),
            ],
        );
        let wrong = find("GB29 NWBK 6016 1331 9268 18", &Patterns::builtin(), None);
        assert_eq!((wrong[0].kind.as_str(), wrong[0].checked, wrong[0].personal), ("iban", Some(false), true));
    }

    #[test]
    fn cards_are_found_plain_mistyped_and_masked() {
        check(
            "card",
            &[
                ("4111 1111 1111 1111 12/27", &["4111111111111111"]),
                ("4111111111111111", &["4111111111111111"]),
                ("378282246310005", &["378282246310005"]),
                ("4111 1111 1111 1112", &["4111111111111112"]),
                ("**** **** **** 4242", &["************4242"]),
                ("XXXX-XXXX-XXXX-4242", &["************4242"]),
                ("4111 11** **** 1111", &["************1111"]),
                ("4111111111111112", &[]),
                ("1234567890123", &[]),
            ],
        );
    }
}
