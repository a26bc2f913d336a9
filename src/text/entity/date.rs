//! Dates, in numbers or words, English and French; day before month unless that is impossible.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Find, builtin_regex};

const MONTH: &str = r"(?P<month>january|jan|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|sept|sep|october|oct|november|nov|december|dec|janvier|janv|février|fevrier|févr|fevr|fév|mars|avril|avr|mai|juin|juillet|juil|août|aout|septembre|octobre|novembre|décembre|decembre|déc)";

static ISO: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:\b|T)"));
static NUMERIC: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(r"\b(?P<day>\d{1,2})(?:/(?P<month>\d{1,2})/(?P<year>\d{4}|\d{2})|[.-](?P<month2>\d{1,2})[.-](?P<year2>\d{4}))\b")
});
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(
        r"(?i)\b(?:le|du|au|on|since|until|from|before|after|depuis|dès|avant|après|by)\s(?P<date>(?P<day>\d{1,2})/(?P<month>\d{1,2}))\b",
    )
});
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(
        r"(?i)\b(?P<day>\d{{1,2}})(?:\s?(?:st|nd|rd|th|er|ère))?(?:\s+|-)(?:of\s+)?{MONTH}\b(?:\.?,?(?:\s+|-)(?P<year>\d{{4}})\b)?"
    ))
});
static MONTH_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(r"(?i)\b{MONTH}\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?"))
});

pub(super) fn find(text: &str, found: &mut Vec<Find>) {
    for regex in [&*ISO, &*NUMERIC, &*SHORT] {
        for groups in regex.captures_iter(text) {
            let whole = groups.name("date").unwrap_or_else(|| groups.get_match());
            let length = whole.as_str().trim_end_matches('T').len();
            push(text, whole.start()..whole.start() + length, &groups, found);
        }
    }
    for regex in [&*DAY_FIRST, &*MONTH_FIRST] {
        for groups in regex.captures_iter(text) {
            push(text, groups.get_match().range(), &groups, found);
        }
    }
}

fn push(text: &str, span: Range<usize>, groups: &Captures<'_>, found: &mut Vec<Find>) {
    let number = |name: &str| groups.name(name).and_then(|group| group.as_str().parse::<u32>().ok());
    let word = groups.name("month").or_else(|| groups.name("month2")).map_or("", |group| group.as_str());
    let year_text = groups.name("year").or_else(|| groups.name("year2"));
    let year = year_text.and_then(|year| year.as_str().parse::<u32>().ok()).map(|year| if year < 100 { 2000 + year } else { year });
    let (Some(mut day), Some(mut month)) = (number("day"), word.parse().ok().or_else(|| month_of(word))) else { return };
    let verb_or_name = matches!(word, "may" | "mar" | "jun" | "march") && year.is_none();
    let inside_number = text[..span.start].ends_with(['.', '/', '-']) || is_digit_after_mark(&text[span.end..]);
    if verb_or_name || inside_number {
        return;
    }
    if month > 12 && day <= 12 && word.starts_with(|c: char| c.is_ascii_digit()) {
        std::mem::swap(&mut day, &mut month);
    }
    if !(1..=12).contains(&month) || day == 0 || day > days_in(month, year) || year.is_some_and(|year| !(1900..2200).contains(&year)) {
        return;
    }
    let value = year.map_or_else(|| format!("--{month:02}-{day:02}"), |year| format!("{year:04}-{month:02}-{day:02}"));
    found.push(Find::builtin("date", span, value));
}

fn is_digit_after_mark(after: &str) -> bool {
    let mut after = after.chars();
    matches!(after.next(), Some('/' | '-' | '.')) && after.next().is_some_and(|c| c.is_ascii_digit())
}

fn days_in(month: u32, year: Option<u32>) -> u32 {
    match month {
        2 if year.is_none_or(|year| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn month_of(word: &str) -> Option<u32> {
    let low = word.to_lowercase();
    let month = match low.as_str() {
        "juin" | "june" | "jun" => 6,
        "mai" | "may" => 5,
        "mars" | "march" | "mar" => 3,
        word if word.starts_with("ja") => 1,
        word if word.starts_with('f') => 2,
        word if word.starts_with("av") || word.starts_with("ap") => 4,
        word if word.starts_with("ju") => 7,
        word if word.starts_with('a') => 8,
        word if word.starts_with('s') => 9,
        word if word.starts_with('o') => 10,
        word if word.starts_with('n') => 11,
        word if word.starts_with('d') => 12,
        _ => return None,
    };
    Some(month)
}

#[cfg(test)]
mod tests {
    use super::super::{Patterns, find};

    #[test]
    fn dates_are_found_and_normalised() {
        let table: &[(&str, &[&str])] = &[
            ("2026-11-03", &["2026-11-03"]),
            ("2026-11-03T09:10Z", &["2026-11-03"]),
            ("3 November", &["--11-03"]),
            ("the 3rd of November 2026, 20:00", &["2026-11-03"]),
            ("November 3rd, 2026", &["2026-11-03"]),
            ("Nov. 3", &["--11-03"]),
            ("3/11/2026", &["2026-11-03"]),
            ("11/23/2026", &["2026-11-23"]),
            ("03.11.2026", &["2026-11-03"]),
            ("03/11/26", &["2026-11-03"]),
            ("le 3 novembre", &["--11-03"]),
            ("le 1er février 2027", &["2027-02-01"]),
            ("depuis le 3/11", &["--11-03"]),
            ("29 fevrier 2026", &[]),
            ("in November 2026", &[]),
            ("you may 3 times", &[]),
            ("version 4.2.1, 192.168.1.20, 1/2", &[]),
            ("AW-2026-11-03", &[]),
        ];
        for (text, expected) in table {
            let found = find(text, &Patterns::builtin());
            let values: Vec<_> = found.iter().filter(|entity| entity.kind == "date").map(|entity| entity.value.as_str()).collect();
            assert_eq!(&values, expected, "{text:?}");
        }
    }
}
