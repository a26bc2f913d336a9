//! Whether many like tickets of different customers came in a short time, and more than usual: an incident.
//!
//! Precision comes before recall: what a busy hour brings anyway is none, and one customer who writes five times is none either.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::{CustomerId, TicketId};
use crate::domain::time::Timestamp;

/// So many words and names say what an incident is about.
const NAMED: usize = 4;
/// Two texts are alike from this likeness on (set by eye: on the demo company, 1 in 100 English pairs on different matters is as alike), which is blended from the cosine of their vectors and their words in common.
pub const ALIKE: f32 = 0.36;
/// And only with so much of it in words: what a short text means alone is too like everything.
const ALIKE_IN_WORDS: f32 = 0.15;
/// A shared product or number makes up for so much likeness.
const SHARED_THING: f32 = 0.04;
/// Texts that share a word that few others have need be no more alike than this. With this and the chance below, chosen on the demo company, nine
/// of the thirteen tickets on the carrier's wrong messages are one incident, and nothing else of its last four weeks is.
const AKIN: f32 = 0.2;
/// More like tickets than usual would come by chance less often than this.
const BY_CHANCE: f64 = 0.001;
/// The same of tickets that share a word, for all words of a ticket that are tried together. Less, as such tickets need be less alike.
const WORDS_BY_CHANCE: f64 = 0.000_01;
/// A word that more than one in so many earlier tickets has tells nothing.
const RARE: usize = 8;
/// A word names an incident that so much of its tickets share.
const SHARED_BY: f64 = 0.5;
/// And that is so many times as frequent among them as elsewhere.
const MORE_FREQUENT: f64 = 2.0;

/// How like another ticket is to the one that is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// Of vectors and words together, in \[0, 1\].
    pub blended: f32,
    /// Of the words alone.
    pub words: f32,
    /// Whether both name the same product or number.
    pub shares_thing: bool,
}

impl Likeness {
    /// Whether both may be about one thing that happened.
    #[must_use]
    pub fn is_alike(self) -> bool {
        let bonus = if self.shares_thing { SHARED_THING } else { 0.0 };
        self.blended + bonus >= ALIKE && self.words >= ALIKE_IN_WORDS
    }

    /// Whether both may be about one thing where they share a word that few others have.
    #[must_use]
    pub fn is_akin(self) -> bool {
        self.blended >= AKIN
    }
}

/// Another ticket, with how like it is to the one that is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near<'a> {
    /// The ticket.
    pub report: &'a Report,
    /// How like it is.
    pub likeness: Likeness,
}

/// A ticket as it is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The ticket.
    pub ticket: TicketId,
    /// Who wrote it.
    pub customer: CustomerId,
    /// When.
    pub at: Timestamp,
    /// Its telling words: stems with the words as they are written.
    pub words: BTreeMap<String, String>,
    /// The products and numbers in it that are no customer's own.
    pub things: BTreeSet<String>,
}

/// What is asked of a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Within so long its tickets came.
    pub window_seconds: i64,
    /// From so many customers.
    pub least: usize,
}

/// What is usual, from the weeks before the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// Over how long it was counted.
    pub seconds: i64,
    /// How many tickets came in that time.
    pub all: usize,
    /// How many of them came within the window.
    pub all_in_window: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Too few like tickets of different customers: so many, with the ticket itself.
    Few(usize),
    /// Enough of them, and no more than usual: so many, where so many were to be expected.
    Usual {
        /// Of different customers.
        alike: usize,
        /// How many were to be expected.
        expected: f64,
    },
    /// A burst.
    Burst {
        /// Its tickets, oldest first, the one that is looked at among them.
        tickets: Vec<TicketId>,
        /// How many customers wrote them.
        customers: usize,
        /// How many were to be expected.
        expected: f64,
        /// The stem of the word by which they were found; none where they are alike as a whole.
        word: Option<String>,
    },
}

/// Judges the tickets around one ticket: first those that are alike as a whole, then those that share a word that few others have, as people
/// tell of one thing in many ways. `near` came within the window before it or after, `earlier` in the weeks before that.
///
/// The number of customers is compared with a Poisson law whose mean is what is usual in a window as busy as this one; the count of the weeks
/// before is taken as one more than it was, so that what never happened is still possible.
///
/// A ticket has many words, and each that is tried is one more chance to find something: the chance that is allowed is shared out among them
/// (Bonferroni). Those are the rare ones, whether others share them now or not: to count only the words that do would use what is asked.
///
/// Source: Kulldorff, *A spatial scan statistic* (1997), with one window and a known base rate; the tail is Abramowitz & Stegun 26.4.21.
#[must_use]
pub fn judge(own: &Report, near: &[Near<'_>], earlier: &[Near<'_>], usual: Usual, limits: Limits) -> Found {
    let alike = |all: &[Near<'_>]| all.iter().filter(|other| other.likeness.is_alike()).count();
    let whole: Vec<&Report> = near.iter().filter(|other| other.likeness.is_alike()).map(|other| other.report).collect();
    let judged = weigh(own, &whole, alike(earlier), usual, (limits, BY_CHANCE));
    if matches!(judged, Found::Burst { .. }) {
        return judged;
    }
    let akin = |all: &[Near<'_>], stem: &String| -> Vec<usize> {
        let holds = |other: &Near<'_>| other.likeness.is_akin() && other.report.words.contains_key(stem);
        all.iter().enumerate().filter(|(_, other)| holds(other)).map(|(place, _)| place).collect()
    };
    let seen_before = own.words.keys().map(|stem| (stem, akin(earlier, stem).len()));
    let tried: Vec<(&String, usize)> = seen_before.filter(|(_, before)| before * RARE <= earlier.len()).collect();
    let by_chance = each_of(WORDS_BY_CHANCE, tried.len());
    let mut best: Option<(f64, Found)> = None;
    for (stem, before) in tried {
        let sharing: Vec<&Report> = akin(near, stem).into_iter().map(|place| near[place].report).collect();
        if sharing.len() + 1 < limits.least {
            continue;
        }
        if let Found::Burst { tickets, customers, expected, word: _ } = weigh(own, &sharing, before, usual, (limits, by_chance)) {
            let chance = tail(customers, expected);
            if best.as_ref().is_none_or(|(least, _)| chance < *least) {
                best = Some((chance, Found::Burst { tickets, customers, expected, word: Some(stem.clone()) }));
            }
        }
    }
    best.map_or(judged, |(_, found)| found)
}

/// What each of so many trials may have of the chance that is allowed for all of them together.
#[expect(clippy::cast_precision_loss, reason = "a count of words")]
fn each_of(chance: f64, trials: usize) -> f64 {
    chance / trials.max(1) as f64
}

/// Weighs a group of tickets against how many of the like came before.
fn weigh(own: &Report, group: &[&Report], before: usize, usual: Usual, (limits, by_chance): (Limits, f64)) -> Found {
    let window = limits.window_seconds;
    let within: Vec<&Report> = group.iter().copied().filter(|other| own.at.seconds_since(other.at).abs() <= window).collect();
    let group = densest(own, &within, window);
    let customers = customers_of(&group);
    if customers < limits.least {
        return Found::Few(customers);
    }
    let expected = expected(usual, before, group.len(), window);
    if tail(customers, expected) >= by_chance {
        return Found::Usual { alike: customers, expected };
    }
    let mut tickets: Vec<(Timestamp, TicketId)> = group.iter().map(|report| (report.at, report.ticket)).collect();
    tickets.sort_unstable();
    Found::Burst { tickets: tickets.into_iter().map(|(_, ticket)| ticket).collect(), customers, expected, word: None }
}

/// Those of so many tickets that are held together: each is alike to at least half of the others. The one with the fewest ties goes first, and
/// the rest is looked at anew.
#[must_use]
pub fn held_together(tickets: usize, is_alike: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let pairs = (0..tickets).flat_map(|one| (one + 1..tickets).map(move |other| (one, other)));
    let alike: BTreeSet<(usize, usize)> = pairs.filter(|(one, other)| is_alike(*one, *other)).collect();
    let mut kept: Vec<usize> = (0..tickets).collect();
    loop {
        let ties_of = |one: usize| kept.iter().filter(|other| alike.contains(&(one.min(**other), one.max(**other)))).count();
        let loosest = kept.iter().copied().min_by_key(|one| ties_of(*one));
        match loosest {
            Some(loosest) if ties_of(loosest) * 2 < kept.len() - 1 => kept.retain(|one| *one != loosest),
            Some(_) | None => return kept,
        }
    }
}

/// The stretch of the window's length with the most customers that holds the ticket itself.
fn densest<'a>(own: &'a Report, within: &[&'a Report], window_seconds: i64) -> Vec<&'a Report> {
    let mut all: Vec<&Report> = within.iter().copied().filter(|other| other.ticket != own.ticket).chain([own]).collect();
    all.sort_by_key(|report| (report.at, report.ticket));
    let mut best: Vec<&Report> = vec![own];
    for (place, first) in all.iter().enumerate() {
        let last = first.at.plus_seconds(window_seconds);
        if first.at > own.at || last < own.at {
            continue;
        }
        let stretch: Vec<&Report> = all[place..].iter().copied().take_while(|report| report.at <= last).collect();
        if customers_of(&stretch) > customers_of(&best) {
            best = stretch;
        }
    }
    best
}

fn customers_of(reports: &[&Report]) -> usize {
    reports.iter().map(|report| report.customer).collect::<BTreeSet<_>>().len()
}

/// How many like tickets a window as busy as this one would bring.
#[expect(clippy::cast_precision_loss, reason = "counts of tickets and seconds stay far below 2^52")]
fn expected(usual: Usual, before: usize, group: usize, window_seconds: i64) -> f64 {
    let Usual { seconds, all, all_in_window } = usual;
    let windows = seconds.max(window_seconds) as f64 / window_seconds.max(1) as f64;
    let others = all_in_window.saturating_sub(group) as f64;
    let usually_others = (all as f64 / windows).max(1.0);
    (before as f64 + 1.0) / windows * (others / usually_others).max(1.0)
}

/// How likely a Poisson variable is to reach a number.
fn tail(at_least: usize, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut below = 0.0;
    for count in 0..at_least {
        below += term;
        #[expect(clippy::cast_precision_loss, reason = "a count of tickets")]
        let next = (count + 1) as f64;
        term *= mean / next;
    }
    (1.0 - below).max(0.0)
}

/// What names an incident: things that half of its tickets share, then the words that do and that stand out among other tickets.
#[must_use]
pub fn about(tickets: &[&Report], others: &[&Report]) -> Vec<String> {
    #[expect(clippy::cast_precision_loss, reason = "counts of tickets")]
    let share = |holding: usize, of: usize| holding as f64 / of.max(1) as f64;
    let things: BTreeSet<&String> = tickets.iter().flat_map(|report| &report.things).collect();
    let shared = |thing: &String| share(tickets.iter().filter(|report| report.things.contains(thing)).count(), tickets.len());
    let mut named: Vec<(f64, String)> = things.into_iter().map(|thing| (shared(thing), thing.clone())).collect();
    named.retain(|(share, _)| *share >= SHARED_BY);
    named.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.cmp(other)));
    let taken: BTreeSet<String> = named.iter().flat_map(|(_, thing)| thing.split(' ').map(str::to_lowercase)).collect();
    let stems: BTreeSet<&String> = tickets.iter().flat_map(|report| report.words.keys()).collect();
    let mut words: Vec<(f64, f64, String)> = stems
        .into_iter()
        .filter_map(|stem| {
            let here = share(tickets.iter().filter(|report| report.words.contains_key(stem)).count(), tickets.len());
            let elsewhere = share(others.iter().filter(|report| report.words.contains_key(stem)).count(), others.len());
            let written = usual_form(tickets, stem);
            let stands_out = here >= SHARED_BY && here >= MORE_FREQUENT * elsewhere && !taken.contains(&written);
            stands_out.then_some((here, elsewhere, written))
        })
        .collect();
    words.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1)).then_with(|| a.2.cmp(&b.2)));
    named.into_iter().map(|(_, thing)| thing).chain(words.into_iter().map(|(_, _, word)| word)).take(NAMED).collect()
}

/// The form of a word that most tickets write.
fn usual_form(tickets: &[&Report], stem: &str) -> String {
    let mut forms: BTreeMap<&str, usize> = BTreeMap::new();
    for form in tickets.iter().filter_map(|report| report.words.get(stem)) {
        *forms.entry(form).or_default() += 1;
    }
    forms.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0))).map_or_else(String::new, |(form, _)| form.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { window_seconds: 6 * 3600, least: 4 };
    const QUIET_MONTH: Usual = Usual { seconds: 28 * 86_400, all: 110, all_in_window: 6 };
    const ALIKE_AS_A_WHOLE: Likeness = Likeness { blended: 0.5, words: 0.3, shares_thing: false };

    fn report(customer: u8, minutes: i64) -> Report {
        let at = Timestamp::from_micros(1_790_000_000_000_000).plus_seconds(minutes * 60);
        let mut random = [customer; 10];
        random[1..9].copy_from_slice(&minutes.to_be_bytes());
        Report {
            ticket: TicketId::at(at, random),
            customer: CustomerId::at(Timestamp::from_micros(0), [customer; 10]),
            at,
            words: BTreeMap::new(),
            things: BTreeSet::new(),
        }
    }

    fn near(reports: &[Report], likeness: Likeness) -> Vec<Near<'_>> {
        reports.iter().map(|report| Near { report, likeness }).collect()
    }

    fn judged(reports: &[Report], before: i64, usual: Usual) -> Found {
        let (own, others) = reports.split_last().unwrap();
        let earlier: Vec<Report> = (0..before).map(|number| report(100, -2_000 - number)).collect();
        judge(own, &near(others, ALIKE_AS_A_WHOLE), &near(&earlier, ALIKE_AS_A_WHOLE), usual, LIMITS)
    }

    #[test]
    fn many_like_tickets_of_different_customers_are_a_burst() {
        let reports: Vec<Report> = (1..=5).map(|customer| report(customer, i64::from(customer) * 20)).collect();
        let Found::Burst { tickets, customers, .. } = judged(&reports, 2, QUIET_MONTH) else { panic!("no burst") };
        assert_eq!((tickets.len(), customers), (5, 5));
        assert_eq!(tickets, reports.iter().map(|report| report.ticket).collect::<Vec<_>>(), "oldest first");
    }

    #[test]
    fn one_thing_told_in_many_ways_is_found_by_its_rare_word() {
        let akin = Likeness { blended: 0.25, words: 0.1, shares_thing: false };
        let with = |report: Report, word: &str| Report { words: [(word.to_owned(), word.to_owned())].into(), ..report };
        let reports: Vec<Report> = (1..=5).map(|customer| with(report(customer, i64::from(customer) * 20), "norvik")).collect();
        let (own, others) = reports.split_last().unwrap();
        let earlier: Vec<Report> =
            (0..40).map(|number| with(report(100, -2_000 - number), if number < 4 { "norvik" } else { "router" })).collect();
        let Found::Burst { word, customers, .. } = judge(own, &near(others, akin), &near(&earlier, akin), QUIET_MONTH, LIMITS) else {
            panic!("no burst")
        };
        assert_eq!((word.as_deref(), customers), (Some("norvik"), 5));
        // A word that every fourth ticket has is none, and neither are texts that have nothing else in common.
        let common: Vec<Report> = earlier.iter().map(|report| with(report.clone(), "norvik")).collect();
        assert_eq!(judge(own, &near(others, akin), &near(&common, akin), QUIET_MONTH, LIMITS), Found::Few(1));
        let strange = Likeness { blended: 0.1, ..akin };
        assert_eq!(judge(own, &near(others, strange), &near(&earlier, akin), QUIET_MONTH, LIMITS), Found::Few(1));
    }

    #[test]
    fn a_shared_word_must_be_the_rarer_the_more_words_are_tried() {
        let akin = Likeness { blended: 0.25, words: 0.1, shares_thing: false };
        let word = |name: String| (name.clone(), name);
        let with = |report: Report, words: usize| {
            let words = (0..words).map(|number| word(format!("word{}{number}", report.customer)));
            Report { words: words.chain([word("norvik".to_owned())]).collect(), ..report }
        };
        // Five customers where a tenth of one was to be expected: by chance about once in ten million windows.
        let busy = Usual { seconds: 28 * 86_400, all: 110, all_in_window: 8 };
        let earlier: Vec<Report> = (0..40).map(|number| with(report(100, -2_000 - number), 0)).collect();
        let earlier: Vec<Report> =
            earlier.into_iter().enumerate().map(|(at, one)| if at < 3 { one } else { Report { words: BTreeMap::new(), ..one } }).collect();
        let found = |words: usize| {
            let reports: Vec<Report> = (1..=5).map(|customer| with(report(customer, i64::from(customer) * 20), words)).collect();
            let (own, others) = reports.split_last().unwrap();
            matches!(judge(own, &near(others, akin), &near(&earlier, akin), busy, LIMITS), Found::Burst { .. })
        };
        assert!(found(0) && found(20), "few words");
        assert!(!found(400), "a text of hundreds of words finds such a one by chance");
    }

    #[test]
    fn one_customer_who_writes_five_times_is_none() {
        let reports: Vec<Report> = (1..=5).map(|number| report(1, number * 20)).collect();
        assert_eq!(judged(&reports, 2, QUIET_MONTH), Found::Few(1));
    }

    #[test]
    fn what_comes_every_day_is_none_and_neither_is_the_share_of_a_busy_day() {
        let reports: Vec<Report> = (1..=5).map(|customer| report(customer, i64::from(customer) * 20)).collect();
        let daily = Usual { all: 1_000, ..QUIET_MONTH };
        assert!(matches!(judged(&reports, 300, daily), Found::Usual { alike: 5, .. }));
        // Sixty times as many tickets on anything: a sale, or the first of the month.
        let busy = Usual { all_in_window: 65, ..QUIET_MONTH };
        assert!(matches!(judged(&reports, 2, busy), Found::Usual { .. }));
    }

    #[test]
    fn tickets_that_are_spread_over_days_are_none() {
        let reports: Vec<Report> = (1..=5).map(|customer| report(customer, i64::from(customer) * 600)).collect();
        assert_eq!(judged(&reports, 2, QUIET_MONTH), Found::Few(1));
    }

    #[test]
    fn a_desk_that_opened_an_hour_ago_knows_nothing_that_is_usual() {
        let reports: Vec<Report> = (1..=5).map(|customer| report(customer, i64::from(customer) * 10)).collect();
        let new = Usual { seconds: 3_600, all: 0, all_in_window: 5 };
        assert!(matches!(judged(&reports, 0, new), Found::Usual { .. }));
    }

    #[test]
    fn the_poisson_tail_is_that_of_the_tables() {
        assert!((tail(4, 1.0) - 0.018_988).abs() < 1e-6);
        assert!((tail(1, 0.5) - 0.393_469).abs() < 1e-6);
        assert!((tail(0, 2.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_incident_is_named_by_what_its_tickets_share_and_others_do_not() {
        let with = |words: &[&str], things: &[&str]| Report {
            words: words.iter().map(|word| ((*word).to_owned(), (*word).to_owned())).collect(),
            things: things.iter().map(|thing| (*thing).to_owned()).collect(),
            ..report(1, 0)
        };
        let own = [
            with(&["parcel", "returning", "carrier"], &["Wick Hub"]),
            with(&["parcel", "returning"], &["Wick Hub"]),
            with(&["parcel", "carrier"], &[]),
        ];
        let others = [with(&["parcel"], &[]), with(&["invoice"], &[]), with(&["parcel"], &[])];
        let named = about(&own.iter().collect::<Vec<_>>(), &others.iter().collect::<Vec<_>>());
        assert_eq!(named, ["Wick Hub", "carrier", "returning"]);
    }

    #[test]
    fn a_ticket_that_is_like_one_of_a_group_is_not_of_it() {
        let pairs = [(0, 1), (0, 2), (1, 2), (2, 3)];
        let is_alike = |one: usize, other: usize| pairs.contains(&(one.min(other), one.max(other)));
        assert_eq!(held_together(4, is_alike), [0, 1, 2]);
        assert!(held_together(0, is_alike).is_empty());
    }

    #[test]
    fn meaning_alone_makes_no_two_tickets_alike() {
        assert!(!Likeness { blended: 0.5, words: 0.01, shares_thing: true }.is_alike());
        assert!(Likeness { blended: 0.34, words: 0.2, shares_thing: true }.is_alike());
        assert!(!Likeness { blended: 0.34, words: 0.2, shares_thing: false }.is_alike());
    }
}
