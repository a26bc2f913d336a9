//! Insights: how many side conversations there were, how many were not needed, and how long answers took.

use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{InsightsBy, Part};

/// What insights are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InsightsOf {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after them.
    pub to: Timestamp,
    /// What the rows are told by.
    pub by: InsightsBy,
}

/// The insights of a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Insights {
    /// What they are told of.
    pub of: InsightsOf,
    /// All of it together.
    pub total: Row,
    /// One row for each week, intent, channel or team.
    pub rows: Vec<Row>,
    /// How many answers nobody has passed on to the customer, as things stand.
    pub not_relayed: u64,
    /// How many thumbs went up and down, for each part of the panel.
    pub thumbs: Vec<Thumbs>,
    /// What showing earlier answers is worth; `None` where nothing is held out.
    pub hold_out: Option<HoldOut>,
}

/// What is counted of one week, intent, channel or team.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// The first day of the week, or the name; `None` for what has none, and for the total.
    pub name: Option<String>,
    /// How many tickets came; `None` where a ticket belongs to no row.
    pub tickets: Option<u64>,
    /// How many side conversations were opened.
    pub threads: u64,
    /// How many answers were given.
    pub answered: u64,
    /// Half of the first answers came within so many seconds.
    pub median_seconds: Option<i64>,
    /// Nine of ten did.
    pub p90_seconds: Option<i64>,
    /// How many asks were made for which something was shown.
    pub suggested: u64,
    /// How many of these were answered by an earlier side conversation or ticket, and nobody was asked.
    pub avoided_by_reuse: u64,
    /// How many by an article.
    pub avoided_by_article: u64,
    /// How many went into a message.
    pub reused: u64,
    /// How many were sent all the same.
    pub sent_anyway: u64,
}

/// Thumbs on one part of the panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thumbs {
    /// The part.
    pub part: Part,
    /// Thumbs up.
    pub up: u64,
    /// Thumbs down.
    pub down: u64,
}

/// The tickets of both arms.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldOut {
    /// The share of tickets that is held out.
    pub share: f64,
    /// Since when.
    pub since: Timestamp,
    /// Tickets that were shown earlier answers.
    pub suggested: ArmCount,
    /// Tickets that were not.
    pub held_out: ArmCount,
    /// Which part of side conversations was avoided; `None` where too few tickets say so.
    pub avoided: Option<Avoided>,
}

/// The tickets of one arm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArmCount {
    /// How many there are.
    pub tickets: u64,
    /// How many have a side conversation.
    pub with_threads: u64,
    /// How many side conversations they have.
    pub threads: u64,
}

/// Which part of the tickets with a side conversation went without one, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Avoided {
    /// The share.
    pub share: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// So many tickets with a side conversation each arm needs before anything is said.
const FEWEST_WITH_THREADS: u64 = 10;
/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_964;

impl Row {
    /// Side conversations for each 100 tickets.
    #[must_use]
    pub fn per_100_tickets(&self) -> Option<f64> {
        per_100(self.threads, self.tickets?)
    }

    /// The share of asks with a find that needed nobody, or took it along.
    #[must_use]
    pub fn accepted(&self) -> Option<f64> {
        share(self.avoided_by_reuse + self.avoided_by_article + self.reused, self.suggested)
    }
}

impl ArmCount {
    /// Side conversations for each 100 tickets.
    #[must_use]
    pub fn per_100_tickets(&self) -> Option<f64> {
        per_100(self.threads, self.tickets)
    }
}

impl Avoided {
    /// The share of tickets with a side conversation that showing earlier answers avoided: one minus the ratio of the two proportions.
    ///
    /// The interval is that of the log-ratio of two proportions: Katz, Baptista, Azen and Pike, "Obtaining confidence intervals for the
    /// risk ratio in cohort studies", Biometrics 34 (1978), 469-474. `None` where an arm has fewer than ten tickets with one.
    #[must_use]
    pub fn of(suggested: ArmCount, held_out: ArmCount) -> Option<Self> {
        if suggested.with_threads < FEWEST_WITH_THREADS || held_out.with_threads < FEWEST_WITH_THREADS {
            return None;
        }
        let (own, other) = (share(suggested.with_threads, suggested.tickets)?, share(held_out.with_threads, held_out.tickets)?);
        let ratio = own / other;
        let spread = (1.0 - own) / float(suggested.with_threads) + (1.0 - other) / float(held_out.with_threads);
        let width = Z * spread.sqrt();
        Some(Self { share: 1.0 - ratio, low: 1.0 - ratio * width.exp(), high: 1.0 - ratio * (-width).exp() })
    }
}

fn per_100(threads: u64, tickets: u64) -> Option<f64> {
    share(threads, tickets).map(|share| 100.0 * share)
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

#[expect(clippy::cast_precision_loss, reason = "counts of tickets are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(tickets: u64, with_threads: u64) -> ArmCount {
        ArmCount { tickets, with_threads, threads: with_threads }
    }

    #[test]
    fn the_avoided_share_has_the_interval_of_the_log_ratio() {
        // The ratio is 0.6; its logarithm has a standard error of sqrt(0.7/300 + 0.5/500) = 0.05774.
        let avoided = Avoided::of(arm(1_000, 300), arm(1_000, 500)).unwrap();
        for (value, expected) in [(avoided.share, 0.4), (avoided.low, 0.328_1), (avoided.high, 0.464_2)] {
            assert!((value - expected).abs() < 5e-4, "{value} is not {expected}");
        }
    }

    #[test]
    fn too_few_tickets_say_nothing() {
        assert_eq!(Avoided::of(arm(900, 300), arm(30, 9)), None);
        assert_eq!(Avoided::of(arm(0, 0), arm(0, 0)), None);
        assert!(Avoided::of(arm(20, 10), arm(20, 10)).is_some());
    }

    #[test]
    fn side_conversations_are_told_for_a_hundred_tickets() {
        let row = Row { tickets: Some(205), threads: 110, ..Row::default() };
        assert!((row.per_100_tickets().unwrap() - 53.658).abs() < 1e-3);
        assert_eq!(Row { tickets: Some(0), ..Row::default() }.per_100_tickets(), None);
        assert_eq!(Row::default().per_100_tickets(), None);
    }
}
