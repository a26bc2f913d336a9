//! Numbers, amounts, dates and lengths of time as readers of a language write them.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentResource, FluentValue};
use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Probability;
use crate::web::words::{Locale, Said, Words};

const KIBIBYTE: u64 = 1 << 10;
const MEBIBYTE: u64 = 1 << 20;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
const YEAR: i64 = 365 * DAY;

impl Locale {
    /// What stands between groups of three digits, and before a fraction.
    pub(super) const fn separators(self) -> (&'static str, &'static str) {
        match self {
            Self::English => (",", "."),
            Self::French => ("\u{202F}", ","),
        }
    }

    /// Makes texts show their numbers as this language writes them.
    pub(super) fn write_numbers(self, bundle: &mut FluentBundle<FluentResource>) {
        bundle.set_formatter(Some(match self {
            Self::English => |value, _| whole(Self::English, value),
            Self::French => |value, _| whole(Self::French, value),
        }));
    }

    /// Digits in groups of three.
    fn grouped(self, digits: &str) -> String {
        let (between, _) = self.separators();
        let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join(between)
    }
}

/// A whole number in groups; texts are given no others.
fn whole(locale: Locale, value: &FluentValue) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let sign = if number.value < 0.0 { "−" } else { "" };
    Some(format!("{sign}{}", locale.grouped(&format!("{:.0}", number.value.abs()))))
}

impl Words {
    /// The day in UTC, as `20 Nov 2026`.
    pub(in crate::web) fn day(&'static self, at: &Timestamp) -> Said {
        dated(self.say("day"), *at)
    }

    /// The minute in UTC, as `20 Nov 2026, 09:14`.
    pub(in crate::web) fn moment(&'static self, at: &Timestamp) -> Said {
        dated(self.say("moment"), *at)
    }

    /// The same with the name of its time zone.
    pub(in crate::web) fn moment_utc(&'static self, at: &Timestamp) -> Said {
        dated(self.say("moment-utc"), *at)
    }

    /// How old something is, in its largest unit.
    pub(in crate::web) fn age(&'static self, now: &Timestamp, at: &Timestamp) -> Said {
        let units = [
            (YEAR, YEAR, "age-years"),
            (8 * WEEK, WEEK, "age-weeks"),
            (DAY, DAY, "age-days"),
            (HOUR, HOUR, "age-hours"),
            (MINUTE, MINUTE, "age-minutes"),
        ];
        let seconds = now.seconds_since(*at).max(0);
        let unit = units.into_iter().find(|(least, ..)| seconds >= *least);
        unit.map_or_else(|| self.say("age-now"), |(_, unit, key)| self.say(key).with("count", seconds / unit))
    }

    /// A length of time, in its largest unit.
    pub(in crate::web) fn minutes(&'static self, minutes: &u32) -> Said {
        match minutes {
            0..120 => self.say("time-minutes").with("count", minutes),
            120..2880 => self.say("time-hours").with("count", minutes / 60),
            _ => self.say("time-days").with("count", minutes / 1440),
        }
    }

    /// A size as `5 B`, `59 KiB`, `1.4 MiB` or `25 MiB`, in powers of 1024 as limits are set.
    pub(in crate::web) fn size(&'static self, bytes: &u64) -> Said {
        let (_, point) = self.locale.separators();
        match bytes {
            0..KIBIBYTE => self.say("size-bytes").with("count", bytes),
            KIBIBYTE..MEBIBYTE => self.say("size-kilobytes").with("count", bytes / KIBIBYTE),
            _ => {
                let tenths = bytes % MEBIBYTE * 10 / MEBIBYTE;
                let after = if tenths == 0 { String::new() } else { format!("{point}{tenths}") };
                self.say("size-megabytes").with("count", format!("{}{after}", bytes / MEBIBYTE))
            }
        }
    }

    /// A probability as whole percent; never 0 or 100, which would claim certainty.
    pub(in crate::web) fn percent(&'static self, probability: &Probability) -> Said {
        let share = probability.get();
        if (0.995..1.0).contains(&share) {
            self.say("percent-above").with("percent", 99_u32)
        } else if share > 0.0 && share < 0.005 {
            self.say("percent-below").with("percent", 1_u32)
        } else {
            self.say("percent").with("percent", format!("{:.0}", share * 100.0))
        }
    }

    /// An amount in the currency's minor unit, as `£119.00` or `119.00 CHF`.
    pub(in crate::web) fn money(&'static self, minor: &i64, currency: &str) -> Said {
        let (_, decimal) = self.locale.separators();
        let minor_units = minor.unsigned_abs();
        let amount = match currency {
            "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "XAF" | "XOF" | "XPF" => self.locale.grouped(&minor_units.to_string()),
            _ => format!("{}{decimal}{:02}", self.locale.grouped(&(minor_units / 100).to_string()), minor_units % 100),
        };
        let sign = if *minor < 0 { "−" } else { "" };
        self.say("money").with("sign", sign).with("amount", amount).with("currency", currency)
    }
}

/// A text with the parts of a moment in UTC; only the month is a number, which chooses its name.
fn dated(text: Said, at: Timestamp) -> Said {
    let moment = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
    let moment = Zoned::new(moment, TimeZone::UTC);
    let text = text.with("day", moment.day().to_string()).with("month", moment.month()).with("year", moment.year().to_string());
    text.with("hour", format!("{:02}", moment.hour())).with("minute", format!("{:02}", moment.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> &'static Words {
        Locale::English.words()
    }

    fn french() -> &'static Words {
        Locale::French.words()
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let now = Timestamp::from_micros(0).plus_seconds(10 * YEAR);
        let check = |seconds: i64, in_english: &str, in_french: &str| {
            let at = now.plus_seconds(-seconds);
            assert_eq!(english().age(&now, &at).to_string(), in_english);
            assert_eq!(french().age(&now, &at).to_string(), in_french);
        };
        check(-5, "just now", "à l’instant");
        check(59, "just now", "à l’instant");
        check(61, "1 min", "1\u{a0}min");
        check(3 * HOUR + 59, "3 h", "3\u{a0}h");
        check(30 * DAY, "30 d", "30\u{a0}j");
        check(9 * WEEK, "9 wk", "9\u{a0}sem.");
        check(YEAR, "1 y", "1\u{a0}an");
        check(2 * YEAR + DAY, "2 y", "2\u{a0}ans");
    }

    #[test]
    fn a_size_is_told_in_the_units_of_the_configuration() {
        let check = |bytes: u64, in_english: &str, in_french: &str| {
            assert_eq!(english().size(&bytes).to_string(), in_english);
            assert_eq!(french().size(&bytes).to_string(), in_french);
        };
        check(5, "5 B", "5\u{a0}o");
        check(1023, "1,023 B", "1\u{202f}023\u{a0}o");
        check(59 << 10, "59 KiB", "59\u{a0}Kio");
        check(25 << 20, "25 MiB", "25\u{a0}Mio");
        check((1 << 20) + (1 << 19), "1.5 MiB", "1,5\u{a0}Mio");
    }

    #[test]
    fn a_reply_time_is_told_in_minutes_hours_or_days() {
        let check = |minutes: u32, in_english: &str, in_french: &str| {
            assert_eq!(english().minutes(&minutes).to_string(), in_english);
            assert_eq!(french().minutes(&minutes).to_string(), in_french);
        };
        check(1, "1 minute", "1\u{a0}minute");
        check(45, "45 minutes", "45\u{a0}minutes");
        check(180, "3 hours", "3\u{a0}heures");
        check(4_400, "3 days", "3\u{a0}jours");
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        let check = |minor: i64, currency: &str, in_english: &str, in_french: &str| {
            assert_eq!(english().money(&minor, currency).to_string(), in_english);
            assert_eq!(french().money(&minor, currency).to_string(), in_french);
        };
        check(11_900, "GBP", "£119.00", "119,00\u{a0}£");
        check(123_456_789, "EUR", "€1,234,567.89", "1\u{202f}234\u{202f}567,89\u{a0}€");
        check(-5, "CHF", "−0.05 CHF", "−0,05\u{a0}CHF");
        check(1200, "JPY", "1,200 JPY", "1\u{202f}200\u{a0}JPY");
    }

    #[test]
    fn a_probability_short_of_certain_is_never_shown_as_certain() {
        let check = |share: f64, expected: &str| assert_eq!(english().percent(&Probability::new(share).unwrap()).to_string(), expected);
        check(0.874, "87%");
        check(0.9999, ">99%");
        check(0.001, "<1%");
        check(1.0, "100%");
        assert_eq!(french().percent(&Probability::new(0.874).unwrap()).to_string(), "87\u{202f}%");
    }

    #[test]
    fn a_date_names_its_month_and_keeps_its_year_in_one_piece() {
        let at: Timestamp = "2026-08-03T07:05:00Z".parse().unwrap();
        assert_eq!(english().day(&at).to_string(), "3 Aug 2026");
        assert_eq!(english().moment_utc(&at).to_string(), "3 Aug 2026, 07:05 UTC");
        assert_eq!(french().moment(&at).to_string(), "3 août 2026, 07:05");
    }
}
