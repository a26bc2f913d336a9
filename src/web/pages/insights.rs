//! Insights: tables with plots that say the same.

use std::collections::BTreeMap;

use askama::Template;

use crate::app::Called;
use crate::domain::insight::{ArmCount, Insights, Row, Thumbs};
use crate::domain::time::Day;
use crate::domain::vocabulary::{InsightsBy, Part, ThreadChannel};
use crate::web::keys::KEYS;
use crate::web::listing::Place;
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::Frame;
use crate::web::words::{Locale, Words};
use crate::web::{assets, format, paths};

/// The plot: its size, and the margins for the figures.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 40.0;
const BELOW: f64 = 26.0;
const ABOVE: f64 = 14.0;
/// So many rows are drawn, the last ones.
const DRAWN: usize = 26;
/// So wide is a day that stands below it.
const LABEL: f64 = 80.0;
/// So many days stand below the plot.
const FIGURES: usize = 6;

/// How many side conversations were needed.
#[derive(Debug, Clone)]
pub struct InsightsView {
    /// The frame.
    pub frame: Frame,
    /// What is told.
    pub insights: Insights,
    /// What people call intents.
    pub called: Called,
    /// The titles of teams.
    pub teams: BTreeMap<String, String>,
}

#[derive(Template)]
#[template(path = "insights.html", config = "src/web/templates/askama.toml")]
pub(super) struct InsightsPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    place: Place,
    v: &'a InsightsView,
    plot: Option<Plot>,
}

impl<'a> InsightsPage<'a> {
    pub(super) fn new(view: &'a InsightsView) -> Self {
        let preferences = view.frame.preferences;
        Self { t: preferences.words(), preferences, frame: &view.frame, place: Place::Insights, v: view, plot: view.plot() }
    }
}

/// Where the bars of the plot lie.
struct Plot {
    bars: Vec<Bar>,
    bottom: String,
    top: String,
    /// What the line at the top means.
    most: String,
}

struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    /// The day below it, where there is room.
    day: Option<String>,
    /// Where that begins, or ends where the plot does.
    label: String,
    is_late: bool,
}

impl InsightsView {
    /// The first and the last day that is told of, as forms write them.
    fn days(&self) -> (String, String) {
        (self.insights.of.from.day().to_string(), self.insights.of.to.plus_seconds(-1).day().to_string())
    }

    /// What rows can be told by, with whether they are.
    fn groupings(&self) -> Vec<(InsightsBy, bool)> {
        InsightsBy::ALL.iter().map(|by| (*by, *by == self.insights.of.by)).collect()
    }

    fn is_empty(&self) -> bool {
        self.insights.total.threads == 0 && self.insights.total.tickets.unwrap_or_default() == 0
    }

    /// What a row is called.
    fn name(&self, words: &'static Words, row: &Row) -> String {
        let Some(name) = &row.name else { return words.say("insights-none").to_string() };
        match self.insights.of.by {
            InsightsBy::Week => name.parse().map_or_else(|_| name.clone(), |day: Day| words.day(&day.start()).to_string()),
            InsightsBy::Intent => words.intent(&self.called, name),
            InsightsBy::Channel => {
                name.parse().map_or_else(|_| name.clone(), |channel: ThreadChannel| words.thread_channel(&channel).to_string())
            }
            InsightsBy::Team => self.teams.get(name).cloned().unwrap_or_else(|| name.clone()),
        }
    }

    /// Whether the rows say how many asks were not sent: what was not sent had no channel and no team.
    const fn counts_avoided(&self) -> bool {
        matches!(self.insights.of.by, InsightsBy::Week | InsightsBy::Intent)
    }

    /// Whether the rows say how many asks were sent anyway, which nobody counts by team.
    const fn counts_sent(&self) -> bool {
        !matches!(self.insights.of.by, InsightsBy::Team)
    }

    /// What a grouping is called.
    fn grouping(words: &'static Words, by: InsightsBy) -> String {
        let said = match by {
            InsightsBy::Week => words.say("insights-week"),
            InsightsBy::Intent => words.say("insights-intent"),
            InsightsBy::Channel => words.say("insights-channel"),
            InsightsBy::Team => words.say("insights-team"),
        };
        said.to_string()
    }

    /// A number with one digit after the point.
    fn tenth(words: &'static Words, number: Option<f64>) -> String {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts for a hundred tickets, and none is negative")]
        let tenths = |number: f64| words.tenths((number * 10.0).round() as u32);
        number.map_or_else(|| "–".to_owned(), tenths)
    }

    fn share(words: &'static Words, share: Option<f64>) -> String {
        share.map_or_else(|| "–".to_owned(), |share| words.say("percent").with("percent", format!("{:.0}", share * 100.0)).to_string())
    }

    fn time(words: &'static Words, seconds: Option<i64>) -> String {
        // Within so long: never less than it was.
        let minutes = |seconds: i64| u32::try_from((seconds + 59) / 60).unwrap_or(u32::MAX);
        seconds.map_or_else(|| "–".to_owned(), |seconds| words.minutes(&minutes(seconds)).to_string())
    }

    fn part(words: &'static Words, part: Part) -> String {
        words.part(&part).to_string()
    }

    fn liked(words: &'static Words, thumbs: &Thumbs) -> String {
        words.say("insights-thumbs").with("up", thumbs.up).with("down", thumbs.down).to_string()
    }

    fn arm(words: &'static Words, count: &ArmCount) -> String {
        let per = Self::tenth(words, count.per_100_tickets());
        words.say("insights-arm").with("tickets", count.tickets).with("with", count.with_threads).with("per", per).to_string()
    }

    /// What the hold-out says, in a sentence.
    fn held(words: &'static Words, insights: &Insights) -> Option<String> {
        let held = insights.hold_out.as_ref()?;
        let Some(avoided) = held.avoided else { return Some(words.say("insights-too-few").to_string()) };
        // Without a zero that has a sign.
        let percent = |share: f64| format!("{:.0}", (share * 100.0).round() + 0.0);
        let key = if avoided.share >= 0.0 { "insights-avoided-share" } else { "insights-added-share" };
        let (share, low, high) = (percent(avoided.share.abs()), percent(avoided.low), percent(avoided.high));
        Some(words.say(key).with("share", share).with("low", low).with("high", high).to_string())
    }

    /// Side conversations for each 100 tickets week by week, else side conversations row by row.
    fn drawn(&self, row: &Row) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let threads = row.threads as f64;
        if self.insights.of.by == InsightsBy::Week { row.per_100_tickets().unwrap_or_default() } else { threads }
    }

    fn plot(&self) -> Option<Plot> {
        let rows = &self.insights.rows;
        if self.insights.of.by != InsightsBy::Week || rows.len() < 2 {
            return None;
        }
        let rows = &rows[rows.len().saturating_sub(DRAWN)..];
        let words = self.frame.preferences.words();
        let most = rows.iter().map(|row| self.drawn(row)).fold(1.0, f64::max);
        // The axis ends at a round number.
        let step = [5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0].into_iter().find(|step| most <= *step).unwrap_or(most.ceil());
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        let (count, every) = (rows.len() as f64, rows.len().div_ceil(FIGURES));
        let slot = (WIDTH - LEFT - 8.0) / count;
        let bottom = HEIGHT - BELOW;
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        let bars = rows.iter().enumerate().map(|(place, row)| {
            let height = self.drawn(row) / step * (bottom - ABOVE);
            let x = LEFT + slot * place as f64;
            let is_late = x + LABEL > WIDTH;
            Bar {
                x: format!("{:.1}", x + slot * 0.15),
                y: format!("{:.1}", bottom - height),
                width: format!("{:.1}", slot * 0.7),
                height: format!("{height:.1}"),
                day: (place % every == 0).then(|| self.name(words, row)),
                label: format!("{:.1}", x + slot * if is_late { 0.85 } else { 0.15 }),
                is_late,
            }
        });
        Some(Plot { bars: bars.collect(), bottom: format!("{bottom:.1}"), top: format!("{ABOVE:.1}"), most: format!("{step:.0}") })
    }
}
