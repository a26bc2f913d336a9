//! Insights, as the outside sees them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::insight::{ArmCount, Avoided, HoldOut, Insights, Row, Thumbs};
use crate::domain::time::Day;
use crate::domain::vocabulary::{InsightsBy, Part};
use crate::wire::read::{FieldError, parse_opt};

/// What insights are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InsightsQuery {
    /// The first day, such as `2026-09-01`; 90 days before the last when left out.
    pub from: Option<String>,
    /// The last day; today when left out.
    pub to: Option<String>,
    /// What the rows are told by; `week` when left out.
    pub by: Option<InsightsBy>,
}

/// The insights of a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InsightsOut {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What the rows are told by.
    pub by: InsightsBy,
    /// All of it together.
    pub total: InsightRowOut,
    /// One for each week, intent, channel or team.
    pub rows: Vec<InsightRowOut>,
    /// How many answers nobody has passed on to the customer, as things stand.
    pub answered_not_relayed: u64,
    /// The thumbs on each part of the panel that has some.
    pub suggestions: Vec<AcceptanceOut>,
    /// What showing earlier answers is worth; null where nothing is held out.
    #[schema(required)]
    pub hold_out: Option<HoldOutOut>,
}

/// What is counted of one week, intent, channel or team.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InsightRowOut {
    /// The Monday of the week, or the name; null for what has none, and for the total.
    #[schema(required)]
    pub name: Option<String>,
    /// How many tickets came; null where a ticket belongs to no row.
    #[schema(required)]
    pub tickets: Option<u64>,
    /// How many side conversations were opened.
    pub threads: u64,
    /// Side conversations for each 100 tickets; null without tickets.
    #[schema(required)]
    pub threads_per_100_tickets: Option<f64>,
    /// How many of them were answered.
    pub answered: u64,
    /// Half of the first answers came within so many seconds; null without any.
    #[schema(required)]
    pub first_answer_median_seconds: Option<i64>,
    /// Nine of ten did.
    #[schema(required)]
    pub first_answer_p90_seconds: Option<i64>,
    /// How many asks were made for which an earlier answer was shown.
    pub suggested: u64,
    /// How many of these were not sent, because of an earlier side conversation or ticket, or of an article.
    pub avoided: AvoidedCountOut,
    /// How many took the earlier answer along in the message.
    pub reused: u64,
    /// How many were sent all the same.
    pub sent_anyway: u64,
    /// The share of them that was avoided or reused; null where nothing was shown.
    #[schema(required)]
    pub acceptance: Option<f64>,
}

/// How many side conversations were not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AvoidedCountOut {
    /// Because of an earlier side conversation or ticket.
    pub by_reuse: u64,
    /// Because of an article.
    pub by_article: u64,
}

/// The thumbs on one part of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AcceptanceOut {
    /// The part.
    pub part: Part,
    /// Thumbs up.
    pub up: u64,
    /// Thumbs down.
    pub down: u64,
}

/// What showing earlier answers is worth.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HoldOutOut {
    /// The share of tickets that is held out.
    pub share: f64,
    /// Since when, within the days that are told of.
    #[schema(format = DateTime)]
    pub since: String,
    /// Tickets that are shown earlier answers.
    pub suggested: ArmOut,
    /// Tickets that are not.
    pub held_out: ArmOut,
    /// The share of tickets with a side conversation that was avoided; null where too few tickets say so.
    #[schema(required)]
    pub avoided: Option<AvoidedShareOut>,
}

/// The tickets of one arm.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ArmOut {
    /// How many there are.
    pub tickets: u64,
    /// How many have a side conversation.
    pub with_threads: u64,
    /// How many side conversations they have.
    pub threads: u64,
    /// Side conversations for each 100 tickets; null without tickets.
    #[schema(required)]
    pub threads_per_100_tickets: Option<f64>,
}

/// A share with its 95 % interval (log-ratio of two proportions, Katz and others 1978).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AvoidedShareOut {
    /// The share.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl InsightsQuery {
    /// The first and the last day, and what the rows are told by.
    ///
    /// # Errors
    /// [`FieldError`] for what is no day.
    pub fn read(&self) -> Result<(Option<Day>, Option<Day>, InsightsBy), FieldError> {
        let day = |pointer: &str, given: &Option<String>| parse_opt(pointer, given.as_deref());
        Ok((day("/from", &self.from)?, day("/to", &self.to)?, self.by.unwrap_or(InsightsBy::Week)))
    }
}

impl From<Insights> for InsightsOut {
    fn from(insights: Insights) -> Self {
        let Insights { of, total, rows, not_relayed, thumbs, hold_out } = insights;
        Self {
            from: of.from.day().to_string(),
            to: of.to.plus_seconds(-1).day().to_string(),
            by: of.by,
            total: total.into(),
            rows: rows.into_iter().map(Into::into).collect(),
            answered_not_relayed: not_relayed,
            suggestions: thumbs.into_iter().map(Into::into).collect(),
            hold_out: hold_out.map(Into::into),
        }
    }
}

impl From<Row> for InsightRowOut {
    fn from(row: Row) -> Self {
        let (threads_per_100_tickets, acceptance) = (row.per_100_tickets(), row.accepted());
        let Row {
            name,
            tickets,
            threads,
            answered,
            median_seconds,
            p90_seconds,
            suggested,
            avoided_by_reuse,
            avoided_by_article,
            reused,
            sent_anyway,
        } = row;
        Self {
            name,
            tickets,
            threads,
            threads_per_100_tickets,
            answered,
            first_answer_median_seconds: median_seconds,
            first_answer_p90_seconds: p90_seconds,
            suggested,
            avoided: AvoidedCountOut { by_reuse: avoided_by_reuse, by_article: avoided_by_article },
            reused,
            sent_anyway,
            acceptance,
        }
    }
}

impl From<Thumbs> for AcceptanceOut {
    fn from(Thumbs { part, up, down }: Thumbs) -> Self {
        Self { part, up, down }
    }
}

impl From<HoldOut> for HoldOutOut {
    fn from(HoldOut { share, since, suggested, held_out, avoided }: HoldOut) -> Self {
        let avoided = avoided.map(|Avoided { share, low, high }| AvoidedShareOut { value: share, low, high });
        Self { share, since: since.to_string(), suggested: suggested.into(), held_out: held_out.into(), avoided }
    }
}

impl From<ArmCount> for ArmOut {
    fn from(count: ArmCount) -> Self {
        let ArmCount { tickets, with_threads, threads } = count;
        Self { tickets, with_threads, threads, threads_per_100_tickets: count.per_100_tickets() }
    }
}
