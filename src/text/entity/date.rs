//! Dates of the calendar, in numbers or words, English and French; day before month unless that is impossible.
//!
//! A weekday goes with its date. A day without a month is found here where its range or list says the month, as in `du 8 au 10 août`.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

use super::{Find, builtin_regex};

const MONTH: &str = r"(?P<month>january|jan|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|sept|sep|october|oct|november|nov|december|dec|janvier|janv|février|fevrier|févr|fevr|fév|mars|avril|avr|mai|juin|juillet|juil|août|aout|septembre|octobre|novembre|décembre|decembre|déc)";
/// Weekdays in full, as alternatives.
pub(super) const WEEKDAY: &str =
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche";
/// A list or range has no more days before its last one.
const DAYS_BEFORE: usize = 6;

static ISO: LazyLock<Regex> =
    LazyLock::new(|| builtin_regex(r"\b(?P<year>\d{4})(?:-(?P<month>\d{2})-(?P<day>\d{2})|/(?P<month2>\d{2})/(?P<day2>\d{2}))(?:\b|T)"));
static NUMERIC: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(r"\b(?P<day>\d{1,2})(?:/(?P<month>\d{1,2})/(?P<year>\d{4}|\d{2})|[.-](?P<month2>\d{1,2})[.-](?P<year2>\d{4}))\b")
});
/// Day and month in numbers, and a short year with points: only behind a word that says so, for they look like much else.
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(
        r"(?i)\b(?:le|du|au|the|on|since|until|till?|from|before|after|depuis|dès|avant|après|by|dated|due|{WEEKDAY}|lun|mar|mer|jeu|ven|sam|dim|mon|tues?|wed|thur?s?|fri|sat|sun)\.?,?\s(?P<date>(?P<day>\d{{1,2}})(?:/(?P<month>\d{{1,2}})|[.-](?P<month2>\d{{1,2}})[.-](?P<year>\d{{2}})))\b"
    ))
});
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(
        r"(?i)\b(?P<day>\d{{1,2}}|premier)(?:\s?(?:st|nd|rd|th|er|ère))?(?:\s+|-)(?:of\s+)?{MONTH}\b(?:\.?,?(?:\s+|-)(?P<year>\d{{4}})\b)?"
    ))
});
static MONTH_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(r"(?i)\b{MONTH}\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?"))
});
static WEEKDAY_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(r"(?i)\b(?:{WEEKDAY}|lun|mar|mer|jeu|ven|sam|dim|mon|tues?|wed|thur?s?|fri|sat|sun)\.?,?\s+(?:the\s+|le\s+)?$"))
});
/// A day whose month stands with a later one.
static DAY_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)(?P<lead>\b(?:du|le|the|on|between|from|entre\sle)\s)?\b(?P<day>\d{1,2})(?:st|nd|rd|th|",
        r"er)?(?P<link>\s?[-–]\s?|\s(?:to|au|till|until)\s(?:the\s)?|\s?(?:,|&|\bet|\band|\bor|\bou)\s(?:le\s|the\s)?)$",
    ))
});
static WEEKDAY_AND_DAY: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(r"(?i)\b(?P<weekday>{WEEKDAY})\s+(?:the\s+|le\s+)?(?P<day>\d{{1,2}})(?P<ordinal>st|nd|rd|th|er)?\b"))
});
/// What makes a number behind a weekday a time or something else.
static IS_TIME: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(r"(?i)^(?:\s?(?:h\b|h\d|:|heures?|[ap]\.?m\b|o['’]clock|%|€|£|[-–/]\s?\d)|[.,]\d|\s(?:people|of\s|to\s\d))")
});

pub(super) fn find(text: &str, at: Option<Date>, found: &mut Vec<Find>) {
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
    for groups in WEEKDAY_AND_DAY.captures_iter(text) {
        if let Some(at) = at {
            weekday_and_day(text, &groups, at, found);
        }
    }
}

/// A day of a month, in a year if it is said.
#[derive(Clone, Copy)]
struct Written {
    day: u32,
    month: u32,
    year: Option<u32>,
}

impl Written {
    fn is_one(self) -> bool {
        (1..=12).contains(&self.month)
            && (1..=days_in(self.month, self.year)).contains(&self.day)
            && self.year.is_none_or(|year| (1900..2200).contains(&year))
    }

    fn value(self) -> String {
        let Self { day, month, year } = self;
        year.map_or_else(|| format!("--{month:02}-{day:02}"), |year| format!("{year:04}-{month:02}-{day:02}"))
    }
}

fn push(text: &str, span: Range<usize>, groups: &Captures<'_>, found: &mut Vec<Find>) {
    let number = |name: &str| groups.name(name).and_then(|group| group.as_str().parse::<u32>().ok());
    let word = groups.name("month").or_else(|| groups.name("month2")).map_or("", |group| group.as_str());
    let year_text = groups.name("year").or_else(|| groups.name("year2"));
    let year = year_text.and_then(|year| year.as_str().parse::<u32>().ok()).map(|year| if year < 100 { 2000 + year } else { year });
    let first = groups.name("day").filter(|day| day.as_str().eq_ignore_ascii_case("premier")).map(|_| 1);
    let is_in_words = word.starts_with(char::is_alphabetic);
    let (Some(mut day), Some(mut month)) =
        (first.or_else(|| number("day")).or_else(|| number("day2")), word.parse().ok().or_else(|| month_of(word)))
    else {
        return;
    };
    let verb_or_name = matches!(word, "may" | "mar" | "jun" | "march") && year.is_none();
    let in_range = is_in_words && last_bytes(text, span.start, 12).is_some_and(|before| DAY_BEFORE.is_match(before));
    let inside_number = (text[..span.start].ends_with(['.', '/', '-']) && !in_range) || is_digit_after_mark(&text[span.end..]);
    if verb_or_name || inside_number {
        return;
    }
    if month > 12 && day <= 12 && !is_in_words {
        std::mem::swap(&mut day, &mut month);
    }
    let written = Written { day, month, year };
    if !written.is_one() {
        return;
    }
    let start = with_weekday(text, span.start);
    found.push(Find::builtin("date", start..span.end, written.value()));
    if is_in_words {
        days_before(text, start, written, found);
    }
}

/// The days that stand before the last one of a range or list, whose month they share.
fn days_before(text: &str, start: usize, last: Written, found: &mut Vec<Find>) {
    let mut end = start;
    for _ in 0..DAYS_BEFORE {
        let Some(before) = last_bytes(text, end, 32) else { return };
        let Some(groups) = DAY_BEFORE.captures(before) else { return };
        let (Some(day), Some(link)) = (groups.name("day"), groups.name("link")) else { return };
        let offset = end - before.len();
        let (from, to) = (offset + day.start(), offset + link.start());
        let is_range = link.as_str().trim().starts_with(['-', '–'])
            || ["to", "au", "till", "until"].iter().any(|word| link.as_str().trim().starts_with(word));
        // Of two numbers with `and` between them the first is a day only if an article says so.
        let is_part = text[..from].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | '-' | '/' | ':'));
        let written = Written { day: day.as_str().parse().unwrap_or(0), ..last };
        if is_part || !written.is_one() || !(is_range || groups.name("lead").is_some()) {
            return;
        }
        end = with_weekday(text, from);
        found.push(Find::builtin("date", end..to, written.value()));
    }
}

/// Where a date begins once the weekday before it is taken in.
fn with_weekday(text: &str, start: usize) -> usize {
    let before = last_bytes(text, start, 24).and_then(|before| WEEKDAY_BEFORE.find(before).map(|hit| before.len() - hit.start()));
    before.map_or(start, |length| start - length)
}

fn last_bytes(text: &str, end: usize, length: usize) -> Option<&str> {
    text.get(text.floor_char_boundary(end.saturating_sub(length))..end)
}

/// `Thursday 26th`: the day of that number that is that weekday, nearest to when the text was written.
fn weekday_and_day(text: &str, groups: &Captures<'_>, at: Date, found: &mut Vec<Find>) {
    let span = groups.get_match().range();
    let number = groups.name("day").and_then(|day| day.as_str().parse::<i8>().ok());
    let weekday = groups.name("weekday").and_then(|weekday| weekday_of(weekday.as_str()));
    let (Some(number), Some(weekday)) = (number, weekday) else { return };
    if IS_TIME.is_match(&text[span.end..]) {
        return;
    }
    let nearest = around(at, number).filter(|day| day.weekday() == weekday).min_by_key(|day| days_between(at, *day).abs());
    if let Some(day) = nearest {
        found.push(Find::builtin("date", span, day.to_string()));
    }
}

/// The days of that number in the months around, none where a month is too short.
pub(super) fn around(at: Date, number: i8) -> impl Iterator<Item = Date> {
    let months = i32::from(at.year()) * 12 + i32::from(at.month()) - 1;
    (-2..=2).filter_map(move |step| {
        let month = months + step;
        Date::new(i16::try_from(month.div_euclid(12)).ok()?, i8::try_from(month.rem_euclid(12) + 1).ok()?, number).ok()
    })
}

/// How many days lie between two days; negative where the later one comes first.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}

pub(super) fn weekday_of(word: &str) -> Option<Weekday> {
    Some(match word.to_lowercase().as_str() {
        "monday" | "lundi" => Weekday::Monday,
        "tuesday" | "mardi" => Weekday::Tuesday,
        "wednesday" | "mercredi" => Weekday::Wednesday,
        "thursday" | "jeudi" => Weekday::Thursday,
        "friday" | "vendredi" => Weekday::Friday,
        "saturday" | "samedi" => Weekday::Saturday,
        "sunday" | "dimanche" => Weekday::Sunday,
        _ => return None,
    })
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
            ("2026/11/03", &["2026-11-03"]),
            ("till 30/11, mardi 24/11", &["--11-30", "--11-24"]),
            ("le 03.11.26", &["2026-11-03"]),
            ("le premier novembre", &["--11-01"]),
            ("du 8 au 10 août", &["--08-08", "--08-10"]),
            ("3-5 November 2026", &["2026-11-03", "2026-11-05"]),
            ("le 2, le 5 et le 9 novembre", &["--11-02", "--11-05", "--11-09"]),
            ("pack of 3 and 4 November", &["--11-04"]),
            ("part 17/40, 24/7, card 12/27", &[]),
        ];
        for (text, expected) in table {
            let found = find(text, &Patterns::builtin(), None);
            let values: Vec<_> = found.iter().filter(|entity| entity.kind == "date").map(|entity| entity.value.as_str()).collect();
            assert_eq!(&values, expected, "{text:?}");
        }
    }

    #[test]
    fn a_weekday_goes_with_its_date() {
        for (text, span, value) in [
            ("before Friday 4 December, possible?", "Friday 4 December", "--12-04"),
            ("Friday the 13th of November", "Friday the 13th of November", "--11-13"),
            ("pour mardi 24/11, 10h", "mardi 24/11", "--11-24"),
            ("Sun. 3 May 2026", "Sun. 3 May 2026", "2026-05-03"),
            ("until Thursday 26th. Board", "Thursday 26th", "2026-11-26"),
            ("plutôt lundi 30.", "lundi 30", "2026-11-30"),
        ] {
            let at = "2026-11-18T11:15:00Z".parse().unwrap();
            let found = find(text, &Patterns::builtin(), Some(at));
            let found: Vec<_> = found.iter().map(|entity| (entity.text.as_str(), entity.value.as_str())).collect();
            assert_eq!(found, [(span, value)], "{text}");
        }
    }

    #[test]
    fn a_number_behind_a_weekday_may_be_a_time() {
        let at = "2026-11-18T11:15:00Z".parse().unwrap();
        for text in ["Monday 10 am", "lundi 14h", "Thursday 26 people", "Friday 9-5", "jeudi 25"] {
            let found = find(text, &Patterns::builtin(), Some(at));
            assert!(found.iter().all(|entity| !entity.text.contains(|c: char| c.is_ascii_digit())), "{text}: {found:?}");
        }
    }
}
