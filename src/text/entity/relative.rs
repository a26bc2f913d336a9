//! Days that only somebody understands who knows when the text was written: `tomorrow`, `il y a dix jours`, `next week`, `le 16`.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

use super::date::{WEEKDAY, around, days_between, weekday_of};
use super::direction::is_past;
use super::{Find, builtin_regex, numeral};

static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)\b(?:(?P<before_last>(?:the\s)?day\sbefore\syesterday|avant[-\s]?hier)|",
        r"(?P<after_next>(?:the\s)?day\safter\stomorrow|apr[eèé]s[-\s]demain)|(?P<last>yesterday|last\snight|hier|",
        r"la\snuit\sderni[eè]re)|(?P<this>today|tonight|this\s(?:morning|afternoon|evening)|ce\s(?:matin|soir|midi|jour)|",
        r"cet\s(?:apr[eèé]s[-\s]?midi|aprem)|cette\s(?:nuit|apr[eè]s[-\s]midi)|aujourd['’\s]?hui)|(?P<next>tom+or+ow|tmrw|",
        r"demain))\b",
    ))
});
static AWAY: LazyLock<Regex> = LazyLock::new(|| {
    let number = format!(r"(?P<number>\d{{1,3}}|a\scouple\sof|{}|an?)", numeral::words());
    let number_fr = format!(r"(?P<number_fr>\d{{1,3}}|{})", numeral::words());
    builtin_regex(&format!(
        r"(?i)\b(?:{number}\s(?P<unit>days?|weeks?|fortnights?)\s(?P<ago>ago|from\s(?:now|today|tomorrow))|in\s(?:about\s)?{number_in}\s(?P<unit_in>days?|weeks?|fortnight)(?:['’]s?\stime)?|(?P<fr>il\sy\sa|y\s?a|dans)\s(?:environ\s|à\speine\s|déjà\s|à\speu\sprès\s|bien\s)?(?:{number_fr}\s(?P<unit_fr>jours?|semaines?)|(?P<quinzaine>une\squinzaine)(?:\sde\sjours)?|(?P<huitaine>une\shuitaine)(?:\sde\sjours)?))\b",
        number_in = number.replace("<number>", "<number_in>"),
    ))
});
static WEEK: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)\b(?:(?P<en>next|last|this(?:\scoming)?|the\scoming|the\sweek\safter\snext)\sweek|",
        r"(?:la\s)?semaine\s(?P<fr>prochaine|derni[eè]re|passée|pass[eé]e|qui\svient)|(?P<fr_this>cette)\ssemaine|(?:week|",
        r"wk|semaine|sem\.)\s(?:n°\s?)?(?P<number>\d{1,2}))\b",
    ))
});
static END: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)\b(?:end\sof\s(?:(?P<en_next>next\s)|(?:the\s|this\s)?)(?P<en>week|month)|fin\s(?:du|de|de\sce|de\scette|",
        r"de\sla)\s(?P<fr>semaine|mois)(?P<fr_next>\sprochaine?)?)\b",
    ))
});
static WEEKEND: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)\b(?:(?P<en>this|next|last|the)\sweek-?end|(?P<fr_this>ce)\sweek-?end|",
        r"(?P<fr>le)\sweek-?end(?:\s(?P<fr_side>prochain|dernier|passé|qui\svient))?)\b",
    ))
});
static WEEKDAYS: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(
        r"(?i)\b(?:(?P<side>next|last|this\scoming|this\spast|this|coming|past|ce)\s)?(?P<day>{WEEKDAY})(?:\s(?P<after>dernier|prochain|passé|en\shuit|en\squinze|qui\svient|week\b|last|next))?\b"
    ))
});
/// What makes a weekday one of many, or the name of a feast.
static EVERY: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)(?:\b(?:every|each|any|a|an|one|most|some|le|les|chaque|un|du|au|des|black|good|cyber|easter|ash|shrove|",
        r"holy|whit|super|palm|other|second|first|third|alternate|deux|weekly))\s$",
    ))
});
static FEAST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)^(?:\s(?:de\spâques|de\s(?:la\s)?pentec[oô]te|saint|gras|noir|des\srameaux|des\scendres)\b|s\b|",
        r"['’]s\s(?:roast|post)|\s?(?:to|-|–|through|thru)\s?(?:friday|saturday|sunday|fri|sat|sun)\b|\s?(?:au|-|–|",
        r"à)\s?(?:vendredi|samedi|dimanche)\b(?:$|[^ ]|\s\D)|\sto\s\w+day,?\s\d)",
    ))
});
static TO_FRIDAY: LazyLock<Regex> =
    LazyLock::new(|| builtin_regex(r"(?i)\b(?:monday|lundi|mon|tuesday|mardi)\s?(?:to|-|–|through|thru|au|à)\s?$"));
static BARE_DAY: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)\b(?:(?P<fr>(?:le|dès\sle|du|au))\s(?P<day>1er|[1-9]|[12]\d|3[01])|the\s(?P<day_en>1st|2nd|3rd|21st|22nd|",
        r"23rd|31st|(?:[4-9]|1\d|20|2[4-9]|30)th))\b",
    ))
});
/// What may stand behind a day of the month; anything else makes the number a count or a place in a row.
static DAY_ENDS: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r#"(?i)^(?:$|[.,;:!?)»”"…\n](?:$|\D)|\s[–—(!?;:»-]|\s(?:et|ou|au|à|j['’ e]|je|tu|il|elle|on|nous|vous|ils|elles|"#,
        r#"par|mais|avec|chez|sans|car|comme|puis|pour|matin|soir|midi|au|jusqu['’]|en|entre|vers|dernier|prochain|donc|"#,
        r#"alors|svp|merci|and|or|but|so|to|at|as|for|if|with|because|when|i|i['’]m|we|you|they|he|she|it|please|by|in|"#,
        r#"from|is\sfine|is\sok|was|which|that|then|latest|instead)\b)"#,
    ))
});
/// What makes the number before it something else than a day, and a day one of many.
static NO_DAY: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)(?:\b(?:appel\w*|compos\w*|numéro|bus|ligne|tram|page|pages|chambre|casier|quai|et\snon|non|line|floor|",
        r"usually|normally|always|generally)\s|\b(?:d['’]ordinaire|d['’]habitude|normalement|généralement|",
        r"toujours)\b[^.!?\n]{0,20})$",
    ))
});
static EACH_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)^\s?(?:of\s(?:each|every|the|any)|de\s(?:chaque|tous)|du\smois|each|every|chaque|to\sa\s|(?:to|au|et|",
        r"and)\s(?:the\s|le\s)?\d{1,2}(?:st|nd|rd|th)?\s(?:of\s(?:each|every|the)|de\schaque))",
    ))
});
static BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(
        r"(?i)\b(?:(?P<before>the\sday\sbefore|la\sveille)|(?P<after>the\s(?:day\safter|next\sday|following\sday)|le\slendemain))\b",
    )
});

pub(super) fn find(text: &str, at: Date, found: &mut Vec<Find>) {
    for groups in NAMED.captures_iter(text) {
        let steps = [("before_last", -2), ("last", -1), ("this", 0), ("next", 1), ("after_next", 2)];
        let step = steps.iter().find(|(name, _)| groups.name(name).is_some()).map_or(0, |(_, step)| *step);
        let span = groups.get_match().range();
        let is_far = text[span.end..].starts_with("-là") || text[span.end..].starts_with("-la");
        let is_until = groups.get_match().as_str().eq_ignore_ascii_case("ce jour") && text[..span.start].ends_with("à ");
        if !is_far && !is_until {
            push(span, days(at, step), found);
        }
    }
    for groups in AWAY.captures_iter(text) {
        away(text, &groups, at, found);
    }
    for groups in WEEK.captures_iter(text) {
        week(text, &groups, at, found);
    }
    for groups in END.captures_iter(text) {
        end(text, &groups, at, found);
    }
    for groups in WEEKEND.captures_iter(text) {
        weekend(text, &groups, at, found);
    }
    for groups in WEEKDAYS.captures_iter(text) {
        weekday(text, &groups, at, found);
    }
    for groups in BARE_DAY.captures_iter(text) {
        bare_day(text, &groups, at, found);
    }
    let mut named: Vec<(usize, String)> =
        found.iter().filter(|find| find.kind == "date").map(|find| (find.span.end, find.value.clone())).collect();
    named.sort_unstable();
    for groups in BESIDE.captures_iter(text) {
        beside(text, &groups, at, &named, found);
    }
}

fn push(span: Range<usize>, day: Option<Date>, found: &mut Vec<Find>) {
    if let Some(day) = day {
        found.push(Find::builtin("date", span, day.to_string()));
    }
}

fn days(from: Date, days: i64) -> Option<Date> {
    from.checked_add(days.days()).ok()
}

/// The week of a day, as `2026-W48`. Source: ISO 8601.
fn week_of(day: Date) -> String {
    let week = day.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

fn away(text: &str, groups: &Captures<'_>, at: Date, found: &mut Vec<Find>) {
    let name = |name: &str| groups.name(name).map(|group| group.as_str());
    let span = groups.get_match().range();
    let words = name("number").or_else(|| name("number_in")).or_else(|| name("number_fr"));
    let unit = name("unit").or_else(|| name("unit_in")).or_else(|| name("unit_fr")).unwrap_or_default().to_lowercase();
    let is_back =
        name("ago").is_some_and(|ago| ago.eq_ignore_ascii_case("ago")) || name("fr").is_some_and(|fr| !fr.eq_ignore_ascii_case("dans"));
    let number = match words.map(str::to_lowercase).as_deref() {
        Some("a" | "an") => Some(1),
        Some(couple) if couple.ends_with("couple of") => Some(2),
        Some(words) => numeral::read(words),
        None if name("quinzaine").is_some() => Some(14),
        None => Some(7),
    };
    let Some(number) = number else { return };
    let is_french = name("unit_fr").is_some();
    let length = match unit.as_str() {
        "" => 1,
        _ if unit.starts_with("week") || unit.starts_with("semaine") => 7,
        _ if unit.starts_with("fortnight") => 14,
        // Two weeks are fifteen days in French, and one is eight.
        _ => 1,
    };
    let counted = match (is_french && length == 1, number) {
        (true, 15) => 14,
        (true, 8) => 7,
        (_, number) => i64::from(number) * length,
    };
    // `Twice in two weeks`, `il y a une semaine de retard`: how long, not when.
    let before = text[..span.start].trim_end().rsplit(' ').next().unwrap_or_default().to_lowercase();
    let is_span = groups.name("number_in").is_some()
        && (["times", "twice", "once", "time"].contains(&before.as_str()) || before.parse::<u32>().is_ok());
    let after = &text[span.end..];
    let is_amount = [" de ", " d'", " d’", " of "].iter().any(|word| after.starts_with(word));
    if !is_span && !is_amount {
        push(span, days(at, if is_back { -counted } else { counted }), found);
    }
}

fn week(text: &str, groups: &Captures<'_>, at: Date, found: &mut Vec<Find>) {
    let span = groups.get_match().range();
    if let Some(number) = groups.name("number") {
        let number: i64 = number.as_str().parse().unwrap_or(0);
        let is_counted = text[..span.start].ends_with(['-', '/'])
            || text[span.end..].starts_with(['-', '/', '.', ',']) && text[span.end + 1..].starts_with(|c: char| c.is_ascii_digit());
        if (1..=53).contains(&number) && !is_counted {
            // The nearest week of that number.
            let now = at.iso_week_date();
            let year = match number - i64::from(now.week()) {
                ahead if ahead > 26 => now.year() - 1,
                behind if behind < -26 => now.year() + 1,
                _ => now.year(),
            };
            found.push(Find::builtin("date", span, format!("{year:04}-W{number:02}")));
        }
        return;
    }
    let word = ["en", "fr", "fr_this"].iter().find_map(|name| groups.name(name)).map_or("", |word| word.as_str()).to_lowercase();
    let step = match word.as_str() {
        "next" | "prochaine" | "qui vient" | "the coming" | "this coming" => 7,
        "last" => -7,
        word if word.starts_with("derni") || word.starts_with("pass") => -7,
        word if word.starts_with("the week after") => 14,
        _ => 0,
    };
    let after = &text[span.end..];
    if after.starts_with(" of ") || after.starts_with(" de ") {
        return;
    }
    if let Some(day) = days(at, step) {
        found.push(Find::builtin("date", span, week_of(day)));
    }
}

/// The end of a week is its Friday, that of a month its last day.
fn end(text: &str, groups: &Captures<'_>, at: Date, found: &mut Vec<Find>) {
    let span = groups.get_match().range();
    let is_next = groups.name("en_next").is_some() || groups.name("fr_next").is_some();
    let unit = groups.name("en").or_else(|| groups.name("fr")).map_or("", |unit| unit.as_str()).to_lowercase();
    let is_each = text[..span.start].trim_end().ends_with("chaque") || text[..span.start].trim_end().ends_with("every");
    let day = if unit.starts_with('m') {
        let month = at.first_of_month().checked_add(i64::from(is_next).months()).ok();
        month.map(Date::last_of_month)
    } else {
        let monday = days(at, -i64::from(at.weekday().to_monday_zero_offset()));
        monday.and_then(|monday| days(monday, if is_next { 11 } else { 4 }))
    };
    if !is_each {
        push(span, day, found);
    }
}

/// A weekend is named by its Saturday.
fn weekend(text: &str, groups: &Captures<'_>, at: Date, found: &mut Vec<Find>) {
    let span = groups.get_match().range();
    let named = |name: &str| groups.name(name).map(|group| group.as_str().to_lowercase());
    let coming = at.weekday().to_monday_zero_offset();
    let saturday = days(at, 5 - i64::from(coming));
    let step = match (named("en").as_deref(), named("fr").is_some(), named("fr_side").as_deref()) {
        (Some("last"), ..) | (_, true, Some("dernier" | "passé")) => -7,
        (Some("next"), ..) => 7,
        (_, true, Some(_)) if coming >= 5 => 7,
        // Every weekend, as likely as not.
        (_, true, None) | (Some("the"), ..) if !says_when(&text[..span.start]) => return,
        _ if coming < 5 && is_past(text, &span) => -7,
        _ => 0,
    };
    push(span, saturday.and_then(|saturday| days(saturday, step)), found);
}

fn says_when(before: &str) -> bool {
    let last = before.trim_end().rsplit(|c: char| c.is_whitespace() || c == '\'' || c == '’').next().unwrap_or_default().to_lowercase();
    ["over", "at", "for", "by", "before", "until", "till", "after", "since", "avant", "pour", "depuis", "après", "ici", "dès"]
        .contains(&last.as_str())
}

fn weekday(text: &str, groups: &Captures<'_>, at: Date, found: &mut Vec<Find>) {
    let span = groups.get_match().range();
    let Some(day) = groups.name("day").and_then(|day| weekday_of(day.as_str())) else { return };
    let word = |name: &str| groups.name(name).map(|group| group.as_str().to_lowercase());
    let (side, after) = (word("side"), word("after"));
    let before = &text[text.floor_char_boundary(span.start.saturating_sub(32))..span.start];
    let is_many = side.is_none()
        && after.as_deref().is_none_or(|after| after == "week" || after == "last" || after == "next")
        && EVERY.is_match(before);
    let is_range_of_work = TO_FRIDAY.is_match(before) && matches!(day, Weekday::Friday | Weekday::Saturday | Weekday::Sunday);
    if is_many || is_range_of_work || FEAST.is_match(&text[span.end..]) {
        return;
    }
    let next = i64::from(at.weekday().until(day));
    let next = if next == 0 { 7 } else { next };
    let last = -i64::from(at.weekday().since(day));
    let last = if last == 0 { -7 } else { last };
    let step = match (side.as_deref(), after.as_deref()) {
        (Some("last" | "past" | "this past"), _) | (_, Some("dernier" | "passé" | "last")) => last,
        (_, Some("en huit" | "week")) => next + 7,
        (_, Some("en quinze")) => next + 14,
        (Some("next" | "coming" | "this coming"), _) | (_, Some("prochain" | "qui vient" | "next")) => next,
        _ if is_past(text, &span) => last,
        _ => next,
    };
    push(span, days(at, step), found);
}

fn bare_day(text: &str, groups: &Captures<'_>, at: Date, found: &mut Vec<Find>) {
    let Some(day) = groups.name("day").or_else(|| groups.name("day_en")) else { return };
    let whole = groups.get_match().range();
    let after = &text[day.end()..];
    let before = &text[text.floor_char_boundary(whole.start.saturating_sub(48))..whole.start];
    let is_range = groups.name("fr").is_some_and(|word| matches!(word.as_str().to_lowercase().as_str(), "du" | "au"));
    let is_in_range = is_range && (after.starts_with(" au ") || before.trim_end().ends_with(|c: char| c.is_ascii_digit()));
    if (is_range && !is_in_range) || !DAY_ENDS.is_match(after) || NO_DAY.is_match(before) || EACH_MONTH.is_match(after) {
        return;
    }
    let number: String = day.as_str().chars().take_while(char::is_ascii_digit).collect();
    let Some(number) = number.parse::<i8>().ok() else { return };
    let span = day.range();
    let is_behind = is_past(text, &span);
    let wanted = |day: &Date| if is_behind { days_between(at, *day) <= 0 } else { days_between(at, *day) >= 0 };
    let nearest = around(at, number).filter(wanted).min_by_key(|day| days_between(at, *day).abs());
    push(span, nearest, found);
}

/// The day before or after the date that was named last.
fn beside(text: &str, groups: &Captures<'_>, at: Date, named: &[(usize, String)], found: &mut Vec<Find>) {
    let span = groups.get_match().range();
    let ends = text[span.end..].chars().next().is_none_or(|c| matches!(c, '.' | ',' | ';' | '!' | '?' | ')' | '\n' | ':'));
    let last = named.partition_point(|(end, _)| *end <= span.start).checked_sub(1).map(|last| named[last].1.as_str());
    let day = last.and_then(|value| match value.strip_prefix("--") {
        None => value.parse::<Date>().ok(),
        Some(short) => {
            let years = [at.year() - 1, at.year(), at.year() + 1];
            let days = years.iter().filter_map(|year| format!("{year:04}-{short}").parse::<Date>().ok());
            days.min_by_key(|day| days_between(at, *day).abs())
        }
    });
    if let Some(day) = day.filter(|_| ends) {
        push(span, days(day, if groups.name("before").is_some() { -1 } else { 1 }), found);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Patterns, find};

    /// A Friday.
    const AT: &str = "2026-11-20T09:12:00Z";

    fn dates(text: &str) -> Vec<(String, String)> {
        let found = find(text, &Patterns::builtin(), AT.parse().ok());
        found.into_iter().filter(|entity| entity.kind == "date").map(|entity| (entity.text, entity.value)).collect()
    }

    fn check(table: &[(&str, &[(&str, &str)])]) {
        for (text, expected) in table {
            let found = dates(text);
            let found: Vec<_> = found.iter().map(|(text, value)| (text.as_str(), value.as_str())).collect();
            assert_eq!(&found, expected, "{text:?}");
        }
    }

    #[test]
    fn days_near_the_text_are_told_from_its_time() {
        check(&[
            ("yesterday and tomorrow morning", &[("yesterday", "2026-11-19"), ("tomorrow", "2026-11-21")]),
            ("the day before yesterday, last night", &[("the day before yesterday", "2026-11-18"), ("last night", "2026-11-19")]),
            (
                "hier soir, avant-hier, après-demain",
                &[("hier", "2026-11-19"), ("avant-hier", "2026-11-18"), ("après-demain", "2026-11-22")],
            ),
            ("ce matin ou cet après-midi, ce soir-là", &[("ce matin", "2026-11-20"), ("cet après-midi", "2026-11-20")]),
            ("aujourd'hui", &[("aujourd'hui", "2026-11-20")]),
        ]);
    }

    #[test]
    fn a_time_ago_is_a_day_and_a_duration_is_none() {
        check(&[
            (
                "three weeks ago, in two weeks, a week ago",
                &[("three weeks ago", "2026-10-30"), ("in two weeks", "2026-12-04"), ("a week ago", "2026-11-13")],
            ),
            ("il y a dix jours, dans quinze jours", &[("il y a dix jours", "2026-11-10"), ("dans quinze jours", "2026-12-04")]),
            ("il y a huit jours", &[("il y a huit jours", "2026-11-13")]),
            ("within 5 days, for two weeks, twice in two weeks, 3 to 5 days", &[]),
            ("il y a deux semaines de retard, depuis dix jours, sous 8 jours", &[]),
        ]);
    }

    #[test]
    fn weeks_and_their_ends_are_named_by_number_and_day() {
        check(&[
            ("any day next week, last week", &[("next week", "2026-W48"), ("last week", "2026-W46")]),
            ("on ferme la semaine prochaine, cette semaine", &[("la semaine prochaine", "2026-W48"), ("cette semaine", "2026-W47")]),
            ("livré semaine 50, puis semaine 2", &[("semaine 50", "2026-W50"), ("semaine 2", "2027-W02")]),
            ("by the end of the week, end of next month", &[("end of the week", "2026-11-20"), ("end of next month", "2026-12-31")]),
            ("en fin de semaine, avant la fin du mois", &[("fin de semaine", "2026-11-20"), ("fin du mois", "2026-11-30")]),
            ("this weekend, le week-end on ferme", &[("this weekend", "2026-11-21")]),
        ]);
    }

    #[test]
    fn a_weekday_is_the_nearest_in_the_direction_of_its_sentence() {
        check(&[
            ("It broke on Wednesday. I leave on Friday.", &[("Wednesday", "2026-11-18"), ("Friday", "2026-11-27")]),
            ("next Tuesday, last Friday", &[("next Tuesday", "2026-11-24"), ("last Friday", "2026-11-13")]),
            ("jeudi dernier, vendredi en huit", &[("jeudi dernier", "2026-11-19"), ("vendredi en huit", "2026-12-04")]),
            ("I'll be out Monday to Wednesday", &[("Monday", "2026-11-23"), ("Wednesday", "2026-11-25")]),
            ("open Monday to Friday, every Sunday, chaque lundi, lundi de Pâques", &[]),
        ]);
    }

    #[test]
    fn a_bare_day_of_the_month_is_told_from_a_count() {
        check(&[
            ("prélevés le 5, rejeté le 9. Livraison le 27 ?", &[("5", "2026-11-05"), ("9", "2026-11-09"), ("27", "2026-11-27")]),
            ("Money comes in on the 27th.", &[("27th", "2026-11-27")]),
            ("le 8 allée des Mimosas, le 3 pièces, the 3rd one, the 1st of each month, appelez le 15", &[]),
            ("D'ordinaire, c'est le 9.", &[]),
        ]);
    }

    #[test]
    fn the_day_before_is_that_of_the_date_named_last() {
        check(&[
            ("until Thursday 26th. Board meets the day before.", &[("Thursday 26th", "2026-11-26"), ("the day before", "2026-11-25")]),
            ("le 3 novembre, puis le lendemain.", &[("3 novembre", "--11-03"), ("le lendemain", "2026-11-04")]),
            ("the day before.", &[]),
        ]);
    }

    #[test]
    fn without_a_time_nothing_is_guessed() {
        assert_eq!(find("tomorrow, next week, Monday, le 5.", &Patterns::builtin(), None), []);
    }
}
