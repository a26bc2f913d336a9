//! `thresholds.toml`: below what probability each part says nothing.

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
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawPrecision {
    intent: Option<f64>,
    route: Option<f64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawAbstain {
    intent: Option<f64>,
    route: Option<f64>,
    next_step: Option<f64>,
}

pub(super) fn parse(text: &str) -> Result<Thresholds, PlaybookError> {
    let Raw { abstain: RawAbstain { intent, route, next_step }, precision } = parse_file(FILE, text)?;
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
    })
}
