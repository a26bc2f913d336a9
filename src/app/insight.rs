//! Insights: how many side conversations there were and were not needed, and how long answers took.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::asks::arm_of;
use crate::app::error::Error;
use crate::domain::id::WorkspaceId;
use crate::domain::insight::{ArmCount, Avoided, HoldOut, Insights, InsightsOf, Row};
use crate::domain::panel::LooseEndKind;
use crate::domain::time::{Day, Timestamp};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{AnswerKind, Arm, AskOutcome, InsightsBy};
use crate::playbook::Playbook;
use crate::store;
use crate::store::insight::{CountedAsk, CountedThread, CountedTicket};

/// Without dates the last so many days are told.
const DAYS: i64 = 90;
/// No longer stretch is told at once.
const MOST_DAYS: i64 = 1_100;

impl App {
    /// The stretch of time that insights tell of: the days that were named, both included, else the last 90.
    ///
    /// # Errors
    /// [`Error::Invalid`] for days that end before they begin, and for more than three years.
    pub fn insights_of(&self, from: Option<Day>, to: Option<Day>, by: InsightsBy) -> Result<InsightsOf, Error> {
        let last = to.unwrap_or_else(|| self.now().day());
        let first = from.unwrap_or_else(|| last.plus_days(1 - DAYS));
        if last < first {
            return Err(Error::invalid("from", format!("{first} is after {last}")));
        }
        if first.plus_days(MOST_DAYS) < last {
            return Err(Error::invalid("from", format!("at most {MOST_DAYS} days are told at once")));
        }
        Ok(InsightsOf { from: first.start(), to: last.plus_days(1).start(), by })
    }

    /// The insights of a stretch of time.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not audit.
    pub async fn insights(&self, actor: &Actor, of: InsightsOf) -> Result<Insights, Error> {
        self.allow(actor, Permission::Audit)?;
        let (store, workspace, span) = (self.store(), actor.workspace, (of.from, of.to));
        let (tickets, threads, asks, thumbs) = tokio::try_join!(
            store::insight::tickets(store, workspace, span),
            store::insight::threads(store, workspace, span),
            store::insight::asks(store, workspace, span),
            store::insight::thumbs(store, workspace, span),
        )?;
        let not_relayed = self.count_not_relayed(actor).await?;
        let hold_out = self.hold_out(workspace, of).await?;
        let told = tokio::task::spawn_blocking(move || {
            let all = Counted { tickets: &tickets, threads: &threads, asks: &asks };
            (all.total(), all.rows(of))
        });
        let (total, rows) = told.await.map_err(Error::internal)?;
        Ok(Insights { of, total, rows, not_relayed, thumbs, hold_out })
    }

    /// The tickets of both arms since the share that is held out is what it is, within a stretch of time.
    async fn hold_out(&self, workspace: WorkspaceId, of: InsightsOf) -> Result<Option<HoldOut>, Error> {
        let share = self.knowledge(workspace).await?.playbook.thresholds.insights.hold_out;
        if share <= 0.0 {
            return Ok(None);
        }
        let since = self.held_out_since(workspace, share).await?.max(of.from);
        let tickets = store::insight::tickets(self.store(), workspace, (since, of.to.max(since))).await?;
        let (mut suggested, mut held_out) = (ArmCount::default(), ArmCount::default());
        for ticket in tickets {
            let count = match arm_of(workspace, ticket.id, share) {
                Arm::Suggested => &mut suggested,
                Arm::HeldOut => &mut held_out,
            };
            count.tickets += 1;
            count.with_threads += u64::from(ticket.threads > 0);
            count.threads += ticket.threads;
        }
        Ok(Some(HoldOut { share, since, suggested, held_out, avoided: Avoided::of(suggested, held_out) }))
    }

    /// Since when the playbook has held out this share without a break.
    async fn held_out_since(&self, workspace: WorkspaceId, share: f64) -> Result<Timestamp, Error> {
        let heads = store::playbook::list(self.store(), workspace).await?;
        let mut promoted: Vec<(Timestamp, i64)> = heads.into_iter().filter_map(|head| Some((head.promoted_at?, head.n))).collect();
        promoted.sort_unstable();
        let mut since = self.now();
        for (at, n) in promoted.into_iter().rev() {
            let files = store::playbook::get(self.store(), workspace, n).await?.map(|version| version.files).unwrap_or_default();
            let held = Playbook::parse(&files).map_or(0.0, |playbook| playbook.thresholds.insights.hold_out);
            if (held - share).abs() > f64::EPSILON {
                break;
            }
            since = at;
        }
        Ok(since)
    }

    /// How many answers nobody has passed on.
    async fn count_not_relayed(&self, actor: &Actor) -> Result<u64, Error> {
        let hanging = self.hanging_lately(actor).await?;
        let count = hanging.iter().filter(|thread| thread.end.kind == LooseEndKind::AnsweredNotRelayed).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

/// What is counted.
struct Counted<'a> {
    tickets: &'a [CountedTicket],
    threads: &'a [CountedThread],
    asks: &'a [CountedAsk],
}

impl Counted<'_> {
    fn total(&self) -> Row {
        let mut rows = Rows::default();
        self.tickets.iter().for_each(|_| rows.ticket(None));
        self.threads.iter().for_each(|thread| rows.thread(None, thread));
        self.asks.iter().for_each(|ask| rows.ask(None, ask));
        let mut total = rows.told().pop().unwrap_or_default();
        total.tickets = Some(total.tickets.unwrap_or_default());
        total
    }

    fn rows(&self, of: InsightsOf) -> Vec<Row> {
        let mut rows = Rows::default();
        match of.by {
            InsightsBy::Week => {
                let week = |at: Timestamp| Some(at.day().monday().to_string());
                // Weeks in which nothing came are rows as well.
                let mut day = of.from.day().monday();
                while day.start() < of.to {
                    rows.begin(&day.to_string());
                    day = day.plus_days(7);
                }
                self.tickets.iter().for_each(|ticket| rows.ticket(week(ticket.at)));
                self.threads.iter().for_each(|thread| rows.thread(week(thread.at), thread));
                self.asks.iter().for_each(|ask| rows.ask(week(ask.at), ask));
            }
            InsightsBy::Intent => {
                self.tickets.iter().for_each(|ticket| rows.ticket(ticket.intent.clone()));
                self.threads.iter().for_each(|thread| rows.thread(thread.intent.clone(), thread));
                self.asks.iter().for_each(|ask| rows.ask(ask.intent.clone(), ask));
            }
            InsightsBy::Channel => {
                self.threads.iter().for_each(|thread| rows.thread(Some(thread.channel.to_string()), thread));
                let sent = self.asks.iter().filter(|ask| ask.channel.is_some());
                sent.for_each(|ask| rows.ask(ask.channel.map(|channel| channel.to_string()), ask));
            }
            InsightsBy::Team => {
                let answered = self.threads.iter().filter_map(|thread| Some((thread.answered.as_ref()?.1.clone(), thread)));
                answered.for_each(|(team, thread)| rows.thread(team, thread));
            }
        }
        let mut told = rows.told();
        if of.by != InsightsBy::Week {
            told.sort_by(|one, other| (other.threads, other.tickets).cmp(&(one.threads, one.tickets)).then(one.name.cmp(&other.name)));
        }
        told
    }
}

/// Rows while they are counted, with the seconds of their first answers.
#[derive(Default)]
struct Rows(BTreeMap<Option<String>, (Row, Vec<i64>)>);

impl Rows {
    fn begin(&mut self, name: &str) {
        let row = Row { tickets: Some(0), ..Row::default() };
        self.0.entry(Some(name.to_owned())).or_insert((row, Vec::new()));
    }

    fn of(&mut self, name: Option<String>) -> &mut (Row, Vec<i64>) {
        self.0.entry(name).or_default()
    }

    fn ticket(&mut self, name: Option<String>) {
        *self.of(name).0.tickets.get_or_insert(0) += 1;
    }

    fn thread(&mut self, name: Option<String>, thread: &CountedThread) {
        let (row, seconds) = self.of(name);
        row.threads += 1;
        seconds.extend(thread.answered.as_ref().map(|(seconds, _)| *seconds));
    }

    fn ask(&mut self, name: Option<String>, ask: &CountedAsk) {
        let (row, _) = self.of(name);
        if ask.arm == Arm::HeldOut || ask.finds == 0 {
            return;
        }
        row.suggested += 1;
        match (ask.outcome, ask.used) {
            (AskOutcome::Avoided, Some(AnswerKind::Document)) => row.avoided_by_article += 1,
            (AskOutcome::Avoided, _) => row.avoided_by_reuse += 1,
            (AskOutcome::Reused, _) => row.reused += 1,
            (AskOutcome::SentAnyway, _) => row.sent_anyway += 1,
            (AskOutcome::Open, _) => {}
        }
    }

    fn told(self) -> Vec<Row> {
        let told = |(name, (row, mut seconds)): (Option<String>, (Row, Vec<i64>))| {
            seconds.sort_unstable();
            Row {
                name,
                answered: u64::try_from(seconds.len()).unwrap_or(u64::MAX),
                median_seconds: quantile(&seconds, 5),
                p90_seconds: quantile(&seconds, 9),
                ..row
            }
        };
        self.0.into_iter().map(told).collect()
    }
}

/// The least of sorted numbers that so many tenths of them do not exceed: the nearest rank.
fn quantile(sorted: &[i64], tenths: usize) -> Option<i64> {
    let rank = (sorted.len() * tenths).div_ceil(10);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::ThreadChannel;

    #[test]
    fn a_quantile_is_one_of_the_numbers() {
        assert_eq!((quantile(&[], 5), quantile(&[7], 5), quantile(&[7], 9)), (None, Some(7), Some(7)));
        let ten: Vec<i64> = (1..=10).collect();
        assert_eq!((quantile(&ten, 5), quantile(&ten, 9)), (Some(5), Some(9)));
        assert_eq!(quantile(&ten[..9], 5), Some(5));
    }

    fn of(by: InsightsBy) -> InsightsOf {
        let day = |text: &str| text.parse::<Day>().unwrap().start();
        InsightsOf { from: day("2026-11-02"), to: day("2026-11-23"), by }
    }

    #[test]
    fn rows_are_told_by_week_channel_and_team_and_add_up() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let workspace = WorkspaceId::at(at("2026-11-01T00:00:00Z"), [1; 10]);
        let ticket = |when: &str, intent: Option<&str>| CountedTicket {
            id: crate::domain::id::TicketId::from_uuid(workspace.as_uuid()),
            at: at(when),
            intent: intent.map(str::to_owned),
            threads: 0,
        };
        let thread = |when: &str, channel, answered: Option<(i64, Option<&str>)>| CountedThread {
            at: at(when),
            channel,
            intent: None,
            answered: answered.map(|(seconds, team)| (seconds, team.map(str::to_owned))),
        };
        let ask = |outcome, used, finds| CountedAsk {
            at: at("2026-11-03T00:00:00Z"),
            arm: Arm::Suggested,
            intent: None,
            channel: None,
            outcome,
            used,
            finds,
        };
        let tickets = [ticket("2026-11-03T00:00:00Z", Some("refund")), ticket("2026-11-16T00:00:00Z", None)];
        let threads = [
            thread("2026-11-03T00:00:00Z", ThreadChannel::Slack, Some((60, Some("legal")))),
            thread("2026-11-03T00:00:00Z", ThreadChannel::Slack, Some((120, None))),
            thread("2026-11-17T00:00:00Z", ThreadChannel::Email, None),
        ];
        let asks = [
            ask(AskOutcome::Avoided, Some(AnswerKind::Document), 1),
            ask(AskOutcome::Avoided, Some(AnswerKind::Thread), 2),
            ask(AskOutcome::SentAnyway, None, 1),
            ask(AskOutcome::Open, None, 0),
        ];
        let all = Counted { tickets: &tickets, threads: &threads, asks: &asks };
        let total = all.total();
        assert_eq!((total.tickets, total.threads, total.answered, total.median_seconds), (Some(2), 3, 2, Some(60)));
        assert_eq!((total.suggested, total.avoided_by_reuse, total.avoided_by_article, total.sent_anyway), (3, 1, 1, 1));
        let told = |by| all.rows(of(by)).into_iter().map(|row| (row.name, row.tickets, row.threads)).collect::<Vec<_>>();
        let row = |name: Option<&str>, tickets, threads| (name.map(str::to_owned), tickets, threads);
        assert_eq!(
            told(InsightsBy::Week),
            [row(Some("2026-11-02"), Some(1), 2), row(Some("2026-11-09"), Some(0), 0), row(Some("2026-11-16"), Some(1), 1)]
        );
        assert_eq!(told(InsightsBy::Channel), [row(Some("slack"), None, 2), row(Some("email"), None, 1)]);
        assert_eq!(told(InsightsBy::Team), [row(None, None, 1), row(Some("legal"), None, 1)]);
        assert_eq!(told(InsightsBy::Intent), [row(None, Some(1), 3), row(Some("refund"), Some(1), 0)]);
    }
}
