//! `thresholds.toml`: below what probability each part says nothing, and what an incident is.

use std::ops::RangeInclusive;

use serde::Deserialize;

use crate::domain::vocabulary::Probability;
use crate::playbook::error::{PlaybookError, invalid, parse_file};

const FILE: &str = "thresholds.toml";

/// The thresholds of a playbook.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Thresholds {
    /// Below these a part abstains.
    pub abstain: Abstain,
    /// Where a precision is asked for, a part abstains below what keeps it.
    pub precision: Precision,
    /// When many like tickets are an incident.
    pub incident: Burst,
    /// What is measured of the product itself.
    pub insights: Insights,
}

/// What is measured of the product itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Insights {
    /// The share of tickets that get no earlier answers, in \[0, 0.5\].
    pub hold_out: f64,
}

/// The precisions that are asked for, in (0, 1); `None` where the thresholds alone decide.
///
/// What keeps them is found on the workspace's own labels each time that heads are learned.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Precision {
    /// Of intents that are given.
    pub intent: Option<f64>,
    /// Of routes that were learned.
    pub route: Option<f64>,
}

/// When many like tickets of different customers are an incident, and when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// Within so many hours the first of them must come.
    pub window_hours: u32,
    /// From so many customers.
    pub least_tickets: u32,
    /// After so many hours without a ticket it is quiet.
    pub quiet_after_hours: u32,
    /// After so many hours without a ticket it is over.
    pub over_after_hours: u32,
}

impl Default for Burst {
    fn default() -> Self {
        Self { window_hours: 6, least_tickets: 4, quiet_after_hours: 2, over_after_hours: 24 }
    }
}

/// Below these probabilities a part abstains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Abstain {
    /// The intent.
    pub intent: Probability,
    /// The route, when it was learned.
    pub route: Probability,
    /// The next step.
    pub next_step: Probability,
}

impl Default for Abstain {
    fn default() -> Self {
        let at = |value| Probability::new(value).expect("a constant between 0 and 1: this is a bug");
        Self { intent: at(0.5), route: at(0.4), next_step: at(0.4) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    abstain: RawAbstain,
    #[serde(default)]
    precision: RawPrecision,
    #[serde(default)]
    incident: RawBurst,
    #[serde(default)]
    insights: RawInsights,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawInsights {
    hold_out: Option<f64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawPrecision {
    intent: Option<f64>,
    route: Option<f64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawBurst {
    window_hours: Option<u32>,
    least_tickets: Option<u32>,
    quiet_after_hours: Option<u32>,
    over_after_hours: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawAbstain {
    intent: Option<f64>,
    route: Option<f64>,
    next_step: Option<f64>,
}

pub(super) fn parse(text: &str) -> Result<Thresholds, PlaybookError> {
    let Raw { abstain: RawAbstain { intent, route, next_step }, precision, incident, insights } = parse_file(FILE, text)?;
    let read = |given: Option<f64>, otherwise: Probability| match given {
        None => Ok(otherwise),
        Some(value) => {
            Probability::new(value).ok_or_else(|| invalid(FILE, format!("`{value}` is not a probability: expected a number from 0 to 1")))
        }
    };
    let asked = |given: Option<f64>| match given {
        Some(value) if !(value > 0.0 && value < 1.0) => {
            Err(invalid(FILE, format!("`{value}` is no precision to ask for: expected a number between 0 and 1, such as 0.95")))
        }
        given => Ok(given),
    };
    let start = Abstain::default();
    Ok(Thresholds {
        abstain: Abstain {
            intent: read(intent, start.intent)?,
            route: read(route, start.route)?,
            next_step: read(next_step, start.next_step)?,
        },
        precision: Precision { intent: asked(precision.intent)?, route: asked(precision.route)? },
        incident: burst(&incident)?,
        insights: insights_of(&insights)?,
    })
}

fn insights_of(given: &RawInsights) -> Result<Insights, PlaybookError> {
    match given.hold_out {
        // Held back from more than half of the tickets it would be of little use.
        Some(share) if !(0.0..=0.5).contains(&share) => {
            Err(invalid(FILE, format!("`insights.hold_out` is {share}: expected a share of tickets from 0 to 0.5, such as 0.1")))
        }
        share => Ok(Insights { hold_out: share.unwrap_or_default() }),
    }
}

fn burst(given: &RawBurst) -> Result<Burst, PlaybookError> {
    let RawBurst { window_hours, least_tickets, quiet_after_hours, over_after_hours } = given;
    let start = Burst::default();
    let read = |name: &str, given: &Option<u32>, otherwise: u32, range: RangeInclusive<u32>| match given {
        None => Ok(otherwise),
        Some(value) if range.contains(value) => Ok(*value),
        Some(value) => {
            Err(invalid(FILE, format!("`incident.{name}` is {value}: expected a number from {} to {}", range.start(), range.end())))
        }
    };
    let burst = Burst {
        window_hours: read("window_hours", window_hours, start.window_hours, 1..=72)?,
        // Two alike are a coincidence.
        least_tickets: read("least_tickets", least_tickets, start.least_tickets, 3..=100)?,
        quiet_after_hours: read("quiet_after_hours", quiet_after_hours, start.quiet_after_hours, 1..=168)?,
        over_after_hours: read("over_after_hours", over_after_hours, start.over_after_hours, 1..=336)?,
    };
    if burst.over_after_hours < burst.quiet_after_hours {
        return Err(invalid(FILE, "`incident.over_after_hours` is less than `incident.quiet_after_hours`".to_owned()));
    }
    Ok(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_incident_is_can_be_tuned_within_sense() {
        assert_eq!(parse("").unwrap().incident, Burst::default());
        let tuned = parse("[incident]\nwindow_hours = 12\nleast_tickets = 8\n").unwrap().incident;
        assert_eq!((tuned.window_hours, tuned.least_tickets, tuned.over_after_hours), (12, 8, 24));
        for wrong in ["least_tickets = 2", "window_hours = 0", "quiet_after_hours = 30", "window = 3"] {
            assert!(parse(&format!("[incident]\n{wrong}\n")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_hold_out_is_a_share_of_at_most_half() {
        assert_eq!(parse("").unwrap().insights, Insights { hold_out: 0.0 });
        assert_eq!(parse("[insights]\nhold_out = 0.1\n").unwrap().insights, Insights { hold_out: 0.1 });
        for wrong in ["hold_out = 0.6", "hold_out = -0.1", "hold_out = nan", "hold_out = \"all\"", "holdout = 0.1"] {
            assert!(parse(&format!("[insights]\n{wrong}\n")).is_err(), "{wrong}");
        }
    }
}
