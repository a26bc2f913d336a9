//! What held-out guesses say of the labelled ground: which of them would be given, and which labels they hardly believe.

use std::collections::{BTreeSet, HashMap};

use crate::domain::id::TicketId;
use crate::domain::vocabulary::{HeadPart, IntentName};
use crate::triage::ground::{Example, Ground, Labels};
use crate::triage::learned::Learned;
use backchannel_learn::calibration::Calibration;
use backchannel_learn::linear::{self, Suspect};
use backchannel_measure::calibration::Judged;

impl Ground {
    /// The held-out guesses of a head that would be given: those that a ticket is out of scope, or has what the playbook no longer has, never
    /// are. Routes are not judged on the tickets that a rule routes, as no head is asked about those.
    #[must_use]
    pub fn judged(&self, part: HeadPart, ruled: &BTreeSet<TicketId>) -> Vec<Judged> {
        match part {
            HeadPart::Intent => self.intent.as_ref().map_or_else(Vec::new, |learned| {
                let outside = learned.labels.iter().position(Option::is_none);
                let is_outside =
                    |probabilities: &[f64]| outside.zip(self.outside_above).is_some_and(|(outside, above)| probabilities[outside] > above);
                let stands = |class: usize, probabilities: &[f64]| learned.labels[class].is_some() && !is_outside(probabilities);
                self.held_out(learned, |labels| labels.intent.as_ref(), |_| true, stands)
            }),
            HeadPart::Route => self.group.as_ref().map_or_else(Vec::new, |learned| {
                self.held_out(learned, |labels| labels.group.as_ref(), |ticket| !ruled.contains(&ticket), |_, _| true)
            }),
            HeadPart::NextStep | HeadPart::Priority | HeadPart::Sentiment | HeadPart::Urgency => {
                let head = self.heads().into_iter().find(|(of, ..)| *of == part);
                head.map_or_else(Vec::new, |(_, _, fitted)| fitted.judged())
            }
        }
    }

    /// The held-out guesses on tickets that are `asked`, of classes that the playbook has and that stand, by their number and all
    /// probabilities.
    fn held_out<L: PartialEq>(
        &self,
        learned: &Learned<L>,
        label: impl Fn(&Labels) -> Option<&L>,
        asked: impl Fn(TicketId) -> bool,
        stands: impl Fn(usize, &[f64]) -> bool,
    ) -> Vec<Judged> {
        let plain = Calibration::default();
        let calibration = learned.fitted.calibration().unwrap_or(&plain);
        let guesses = learned.row_of.iter().filter_map(|(place, row)| {
            let example = &self.examples[*place];
            example.ticket.filter(|ticket| asked(*ticket))?;
            let scores = learned.fitted.scores(&example.features, Some(*row));
            let probabilities = calibration.probabilities(&scores);
            let guess = linear::best(&scores).filter(|guess| !learned.is_silent(*guess) && stands(*guess, &probabilities))?;
            Judged::new(probabilities[guess], learned.labels.get(guess) == label(&example.labels)).ok()
        });
        guesses.collect()
    }

    /// The tickets whose labelled intent is hardly believed by heads that did not learn from it: example, what is likelier, and how
    /// likely both are.
    #[must_use]
    pub fn suspects(&self) -> Vec<(&Example, Option<&IntentName>, Suspect)> {
        let Some(learned) = &self.intent else { return Vec::new() };
        let of_row: HashMap<usize, usize> = learned.row_of.iter().map(|(example, row)| (*row, *example)).collect();
        let suspects = learned.fitted.suspects().into_iter();
        let named = suspects.filter_map(|suspect| {
            let example = self.examples.get(*of_row.get(&suspect.example)?)?;
            Some((example, learned.labels.get(suspect.likelier)?.as_ref(), suspect))
        });
        named.collect()
    }
}
