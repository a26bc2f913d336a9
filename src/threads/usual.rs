//! How long a first answer usually takes: measured where enough side conversations were held there, else what the admin expects.

use std::collections::BTreeMap;

use crate::domain::person::{Channel, Directory};
use crate::domain::thread::ThreadHistory;
use crate::domain::vocabulary::{TeamName, ThreadChannel};
use crate::threads::state::first_reply_minutes;

/// With fewer earlier side conversations nothing is measured.
const ENOUGH: usize = 5;
/// A team that answers at once is not reminded before twice this.
const LEAST_MINUTES: u32 = 30;

/// How long a first answer usually takes at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// In minutes.
    pub minutes: u32,
    /// The number of earlier side conversations of which it is the median; 0 where it is what is expected.
    pub measured: u32,
}

/// First answers of the past, by how the side conversation travelled and the team that answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usuals(BTreeMap<(ThreadChannel, Option<TeamName>), Vec<u32>>);

impl Usuals {
    /// Measures side conversations of the past.
    #[must_use]
    pub fn measured<'a>(past: impl IntoIterator<Item = &'a ThreadHistory>, directory: &Directory) -> Self {
        let mut usuals = Self::default();
        for history in past {
            let opener = &history.thread.opened_by;
            let first = history.messages.iter().find(|message| message.author != *opener);
            let Some((first, minutes)) = first.zip(first_reply_minutes(history)) else { continue };
            let team = directory.people.get(&first.author).and_then(|person| person.team.clone());
            usuals.0.entry((history.thread.channel, team)).or_default().push(minutes);
        }
        usuals
    }

    /// How long a first answer usually takes where a side conversation is held.
    #[must_use]
    pub fn of(&self, history: &ThreadHistory, directory: &Directory) -> Usual {
        let channel = history.thread.channel;
        let person = |asked| directory.people.get(asked);
        let teams: Vec<Option<TeamName>> =
            history.thread.participants.iter().map(|asked| person(asked).and_then(|person| person.team.clone())).collect();
        let mut minutes: Vec<u32> = self
            .0
            .iter()
            .filter(|((kind, team), _)| *kind == channel && teams.contains(team))
            .flat_map(|(_, minutes)| minutes)
            .copied()
            .collect();
        if minutes.len() < ENOUGH {
            return Usual { minutes: expected(channel, &teams, directory), measured: 0 };
        }
        minutes.sort_unstable();
        let (middle, count) = (minutes.len() / 2, minutes.len());
        let median = if count % 2 == 1 { minutes[middle] } else { minutes[middle - 1].midpoint(minutes[middle]) };
        Usual { minutes: median.max(LEAST_MINUTES), measured: u32::try_from(count).unwrap_or(u32::MAX) }
    }
}

/// What the admin expects of the channel through which these teams are asked; a usual time of its kind without one.
fn expected(channel: ThreadChannel, teams: &[Option<TeamName>], directory: &Directory) -> u32 {
    let fits = |place: &&Channel| place.kind == channel && place.teams.iter().any(|team| teams.contains(&Some(team.clone())));
    let expected = directory.channels.values().filter(fits).map(|place| place.expected_reply_minutes).max();
    expected.unwrap_or(match channel {
        ThreadChannel::Slack => 60,
        ThreadChannel::Teams => 240,
        ThreadChannel::ChildTicket => 960,
        ThreadChannel::Email => 1440,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::PersonRole;
    use crate::lines::testing::{directory, thread};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";

    #[test]
    fn what_is_usual_is_measured_once_enough_was_held_there() {
        let people =
            directory(&[(ANA, "Ana Blum", "lab", PersonRole::Expert, &[])], &[("lab", ThreadChannel::Slack, "#lab", &["lab"], 90, "")]);
        let past: Vec<ThreadHistory> =
            [40, 50, 200, 45, 60].iter().map(|minute| thread(&[ANA], &[(TOM, 0, "Swap it?"), (ANA, *minute, "No.")])).collect();
        let here = &past[0];
        assert_eq!(Usuals::measured(&past[..4], &people).of(here, &people), Usual { minutes: 90, measured: 0 }, "too few");
        assert_eq!(Usuals::measured(&past, &people).of(here, &people), Usual { minutes: 50, measured: 5 });
        let by_mail = ThreadHistory {
            thread: crate::domain::thread::Thread { channel: ThreadChannel::Email, ..here.thread.clone() },
            ..here.clone()
        };
        assert_eq!(Usuals::measured(&past, &people).of(&by_mail, &people), Usual { minutes: 1440, measured: 0 }, "another channel");
        let quick: Vec<ThreadHistory> = (0..6).map(|_| thread(&[ANA], &[(TOM, 0, "Swap it?"), (ANA, 1, "No.")])).collect();
        assert_eq!(Usuals::measured(&quick, &people).of(here, &people).minutes, LEAST_MINUTES);
    }
}
