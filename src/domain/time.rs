//! Moments: UTC, in microseconds, as the store keeps them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A moment in UTC, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A day of the calendar, as `2026-12-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(jiff::civil::Date);

/// A text that is not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day: expected `YYYY-MM-DD` such as `2026-12-03`")]
pub struct InvalidDay(String);

/// A text that is not an RFC 3339 moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a moment: expected RFC 3339 such as `2026-11-20T16:00:00Z`")]
pub struct InvalidTimestamp(String);

impl Timestamp {
    /// Wraps microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The moment `seconds` later (earlier when negative), held at the ends of the range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Whole seconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / 1_000_000
    }

    /// The calendar day in UTC; the last that there is for a moment beyond it.
    #[must_use]
    pub fn day(self) -> Day {
        let zoned = jiff::Timestamp::from_microsecond(self.0).map(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC));
        Day(zoned.map_or(jiff::civil::Date::MAX, |zoned| zoned.date()))
    }

    /// The calendar day in UTC, as `2026-11-20`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(given: &str) -> Result<Self, InvalidTimestamp> {
        given
            .parse::<jiff::Timestamp>()
            .map(|moment| Self(moment.as_microsecond()))
            .map_err(|_| InvalidTimestamp(given.chars().take(80).collect()))
    }
}

impl Day {
    /// The Monday of its week (ISO 8601).
    #[must_use]
    pub fn monday(self) -> Self {
        let back = i64::from(self.0.weekday().to_monday_zero_offset());
        Self(self.0.saturating_sub(jiff::Span::new().days(back)))
    }

    /// Its first moment in UTC.
    #[must_use]
    pub fn start(self) -> Timestamp {
        let start = self.0.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        Timestamp(start.map_or(i64::MAX, |start| start.timestamp().as_microsecond()))
    }

    /// The day so many days later.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(given: &str) -> Result<Self, InvalidDay> {
        // The parser would take whole moments too, and leave their hours out.
        let day = given.trim();
        let is_short = day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let parsed = if is_short { day.parse().ok() } else { None };
        parsed.map(Self).ok_or_else(|| InvalidDay(given.chars().take(80).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_in_one_way() {
        let day: Day = "2026-12-03".parse().unwrap();
        assert_eq!((day.to_string().as_str(), "2026-12-03T23:59:59Z".parse::<Timestamp>().unwrap().day()), ("2026-12-03", day));
        for wrong in ["3.12.2026", "2026-02-30", "2026-12-03T10:00:00Z", "soon", ""] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_week_begins_on_its_monday_and_a_day_at_midnight() {
        for (day, monday) in [("2026-11-16", "2026-11-16"), ("2026-11-22", "2026-11-16"), ("2026-01-01", "2025-12-29")] {
            assert_eq!(day.parse::<Day>().unwrap().monday().to_string(), monday);
        }
        let day: Day = "2026-11-16".parse().unwrap();
        assert_eq!((day.start().to_string().as_str(), day.plus_days(15).to_string().as_str()), ("2026-11-16T00:00:00Z", "2026-12-01"));
    }

    #[test]
    fn a_moment_survives_the_way_through_text() {
        let moment: Timestamp = "2026-11-20T16:00:00.5Z".parse().unwrap();
        assert_eq!(moment.to_string().parse(), Ok(moment));
        assert_eq!(moment.date(), "2026-11-20");
    }

    #[test]
    fn a_moment_with_an_offset_is_kept_in_utc() {
        let moment: Timestamp = "2026-11-20T17:00:00+01:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-20T16:00:00Z");
    }
}
