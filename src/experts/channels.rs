//! Places by the people who answer there, what they are for, and how long an answer took.

use crate::domain::panel::ChannelAdvice;
use crate::domain::person::{Channel, Directory};
use crate::domain::reason::Reason;
use crate::domain::vocabulary::{Language, TeamName, ThreadChannel};
use crate::experts::rank::RankedExpert;
use crate::lines::Line;
use crate::lines::words::{Rarity, Words, share};

/// How long the first answer of one past side conversation took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTime {
    /// How it travelled.
    pub kind: ThreadChannel,
    /// The team of who answered first, if known.
    pub team: Option<TeamName>,
    /// In minutes.
    pub minutes: u32,
}

/// A place worth asking at, with the reason.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvisedChannel {
    /// The place.
    pub advice: ChannelAdvice,
    /// Why.
    pub because: Reason,
}

/// How many places are named at most.
const NAMED: usize = 3;
/// How much it counts that what a place is for shares the ask's words, beside 1 for the best expert answering there.
const FITS: f64 = 0.8;
/// How much it counts that a place leads to the very person.
const OWN_ADDRESS: f64 = 1.0;

/// The places where the ranked people answer, best first, at most three; empty without people.
#[must_use]
pub fn channels(ask: &[Line<'_>], ranked: &[RankedExpert], directory: &Directory, past: &[ReplyTime]) -> Vec<AdvisedChannel> {
    let uses: Vec<Words> = directory.channels.values().map(|channel| Words::of(&channel.use_for, Language::ENGLISH)).collect();
    let rarity = Rarity::of(&uses);
    let asked = Words::together(
        &ask.iter().flat_map(|line| [Words::of(line.text, line.language), Words::of(line.text, Language::ENGLISH)]).collect::<Vec<_>>(),
    );
    let mut scored: Vec<(f64, AdvisedChannel)> = directory
        .channels
        .values()
        .zip(&uses)
        .filter_map(|(channel, use_for)| {
            let (who, found) = people_there(channel, ranked, directory)?;
            let score = found + FITS * rarity.overlap(&asked, use_for);
            Some((score, advised(channel, &who, past)))
        })
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().take(NAMED).map(|(_, channel)| channel).collect()
}

/// The best ranked person who answers in a channel, by name, and what all of them count together.
fn people_there(channel: &Channel, ranked: &[RankedExpert], directory: &Directory) -> Option<(String, f64)> {
    let there = |expert: &RankedExpert| {
        let person = directory.people.get(&expert.email)?;
        let own = channel.address == person.email.as_str();
        // A place that is somebody else's mailbox is not where this person answers.
        let elsewhere = channel.address.contains('@') && !own;
        let team = person.team.as_ref().is_some_and(|team| channel.teams.contains(team));
        (own || (team && !elsewhere)).then(|| (person.name.clone(), if own { OWN_ADDRESS } else { 0.0 }))
    };
    let found: Vec<(usize, (String, f64))> =
        ranked.iter().enumerate().filter_map(|(place, expert)| Some((place, there(expert)?))).collect();
    let score = found.iter().map(|(place, (_, own))| (1.0 + own) * share(1, place + 1)).fold(0.0, f64::max);
    found.into_iter().next().map(|(_, (name, _))| (name, score))
}

fn advised(channel: &Channel, who: &str, past: &[ReplyTime]) -> AdvisedChannel {
    let mut minutes: Vec<u32> = past
        .iter()
        .filter(|time| time.kind == channel.kind && time.team.as_ref().is_some_and(|team| channel.teams.contains(team)))
        .map(|time| time.minutes)
        .collect();
    minutes.sort_unstable();
    let median = match minutes.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(minutes[odd / 2]),
        even => Some(minutes[even / 2 - 1].midpoint(minutes[even / 2])),
    };
    let threads = u32::try_from(minutes.len()).unwrap_or(u32::MAX);
    AdvisedChannel {
        advice: ChannelAdvice { channel: channel.clone(), median_reply_minutes: median, threads },
        because: Reason::AnswersThere { name: who.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::PersonRole;
    use crate::lines::testing::{EN, directory, email, line};

    fn people() -> Directory {
        directory(
            &[
                ("ana@corp.example", "Ana Blum", "finance", PersonRole::Expert, &[]),
                ("rui@carrier.example", "Rui Sá", "carrier", PersonRole::Outsider, &[]),
                ("zoe@carrier.example", "Zoé Roy", "carrier", PersonRole::Outsider, &[]),
            ],
            &[
                ("finance-desk", ThreadChannel::Teams, "Finance", &["finance"], 180, "Questions on VAT and invoices."),
                ("finance-refunds", ThreadChannel::ChildTicket, "Refunds", &["finance"], 900, "Refunds above the limit."),
                ("carrier-uk", ThreadChannel::Email, "rui@carrier.example", &["carrier"], 2880, "Traces in the UK."),
                ("carrier-fr", ThreadChannel::Email, "zoe@carrier.example", &["carrier"], 2880, "Traces in France."),
            ],
        )
    }

    fn advised(ask: &str, experts: &[&str], past: &[ReplyTime]) -> Vec<AdvisedChannel> {
        let ranked: Vec<RankedExpert> = experts
            .iter()
            .map(|address| RankedExpert {
                email: email(address),
                evidence: Vec::new(),
                open_threads: 0,
                because: Reason::Knows { skills: Vec::new() },
            })
            .collect();
        channels(&[line(ask, EN)], &ranked, &people(), past)
    }

    fn names(channels: &[AdvisedChannel]) -> Vec<&str> {
        channels.iter().map(|channel| channel.advice.channel.name.as_str()).collect()
    }

    #[test]
    fn what_a_place_is_for_decides_between_places_of_one_team() {
        assert_eq!(names(&advised("a refund above my limit", &["ana@corp.example"], &[])), ["finance-refunds", "finance-desk"]);
        assert_eq!(names(&advised("VAT number on an invoice", &["ana@corp.example"], &[])), ["finance-desk", "finance-refunds"]);
    }

    #[test]
    fn a_mailbox_is_named_for_its_owner_only() {
        let channels = advised("trace of a parcel", &["zoe@carrier.example"], &[]);
        assert_eq!(names(&channels), ["carrier-fr"]);
        assert_eq!(channels[0].because, Reason::AnswersThere { name: "Zoé Roy".to_owned() });
    }

    #[test]
    fn the_median_comes_from_past_threads_of_that_kind_and_team() {
        let time = |kind, team: &str, minutes| ReplyTime { kind, team: Some(team.parse().unwrap()), minutes };
        let past = [
            time(ThreadChannel::Teams, "finance", 30),
            time(ThreadChannel::Teams, "finance", 50),
            time(ThreadChannel::Teams, "legal", 999),
            time(ThreadChannel::Slack, "finance", 1),
        ];
        let advice = advised("invoice", &["ana@corp.example"], &past);
        assert_eq!((advice[0].advice.median_reply_minutes, advice[0].advice.threads), (Some(40), 2));
        assert_eq!((advice[1].advice.median_reply_minutes, advice[1].advice.threads), (None, 0));
    }

    #[test]
    fn without_people_no_place_is_named() {
        assert_eq!(advised("VAT number on an invoice", &[], &[]), []);
    }
}
