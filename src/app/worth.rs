//! What corrections are worth: how often later tickets are read rightly without the earlier corrections, and with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use backchannel_measure::bootstrap::Bootstrap;

use crate::app::error::Error;
use crate::app::heads::Learned;
use crate::app::knowledge::gist;
use crate::app::material::Material;
use crate::app::pieces::Piece;
use crate::app::{App, Needed};
use crate::domain::audience::{Reader, Scope};
use crate::domain::head::FeedbackWorth;
use crate::domain::id::TicketId;
use crate::domain::label::{self, Label};
use crate::domain::ticket::Ticket;
use crate::domain::triage::Correction;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::IntentName;
use crate::store;
use crate::triage::ground::{Asked, features};

/// The part of the tickets that is asked: the last third.
const ASKED_OF: usize = 3;

impl App {
    /// Learns from what was known of the earlier two thirds of the tickets, once without the corrections that agents had made by then and once
    /// with them, and asks both about the last third. What people said of a ticket, its correction first, is what is right.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is no admin; [`Error::Invalid`] where there is too little to learn from, or nothing to ask.
    pub async fn feedback_worth(&self, actor: &Actor) -> Result<FeedbackWorth, Error> {
        self.allow(actor, Permission::Administer)?;
        let workspace = actor.workspace;
        let (playbook, language) = self.tuned(workspace).await?;
        let labels = store::label::list(self.store(), workspace).await?;
        let corrections = store::correction::list(self.store(), workspace).await?;
        let truth = label::corrected(labels.clone(), &corrections);
        let known: BTreeMap<TicketId, Option<IntentName>> =
            truth.into_iter().filter_map(|label| Some((label.ticket, label.intents?.into_iter().next()))).collect();
        let ids: Vec<TicketId> = known.keys().copied().collect();
        let everything = Scope::new(workspace, Reader::Everything);
        let mut tickets = store::ticket::by_ids(self.store(), &everything, &ids).await?;
        tickets.sort_by_key(|ticket| (ticket.created_at, ticket.id));
        let asked = tickets.split_off(tickets.len() - tickets.len() / ASKED_OF);
        let Some(split) = asked.first().map(|ticket| ticket.created_at) else {
            return Err(Error::invalid("labels", "too few tickets with an intent that somebody said: three are needed at least"));
        };
        let earlier: Vec<(TicketId, Correction)> = corrections.into_iter().filter(|(_, said)| said.at < split).collect();
        let of_then = |labels: Vec<Label>| labels.into_iter().map(|label| (label.ticket, label)).collect::<BTreeMap<TicketId, Label>>();
        let without = Material::of(tickets.clone(), of_then(labels.clone()), language);
        let with = Material::of(tickets, of_then(label::corrected(labels, &earlier)), language);
        let used = with.labels_that_differ(&without);
        let before = self.learn(without, &playbook, Arc::new(|_| {})).await?;
        let after = self.learn(with, &playbook, Arc::new(|_| {})).await?;
        let pieces: Vec<(Ticket, Piece)> = asked.into_iter().map(|ticket| (ticket.clone(), gist(&ticket, language))).collect();
        let vectors = self.embed(pieces.iter().map(|(_, gist)| gist.body.clone()).collect(), Needed::Later).await?;
        let right = |learned: &Learned| -> Vec<bool> {
            let guess = |((ticket, gist), dense): (&(Ticket, Piece), &Vec<f32>)| {
                let features = features(&learned.vocabulary, gist.body.as_str(), Some(gist.language), dense.clone());
                let asked = Asked { features: &features, language: Some(gist.language), ticket: None };
                learned.ground.likely_intents(asked).into_iter().next().map(|guess| guess.label) == known.get(&ticket.id).cloned()
            };
            pieces.iter().zip(&vectors).map(guess).collect()
        };
        let (before, after) = (right(&before), right(&after));
        let share = |of: &[bool], sample: &[usize]| {
            let right = sample.iter().filter(|place| of[**place]).count();
            u32::try_from(right).ok().map(f64::from).zip(u32::try_from(sample.len()).ok().map(f64::from)).map(|(right, all)| right / all)
        };
        let whole: Vec<usize> = (0..before.len()).collect();
        let drawn = |sample: &[usize]| Some(share(&after, sample)? - share(&before, sample)?);
        let difference = Bootstrap::default().difference_of(whole.len(), drawn).ok();
        Ok(FeedbackWorth {
            corrections: used,
            asked: whole.len(),
            since: split,
            before: share(&before, &whole),
            after: share(&after, &whole),
            difference: difference.as_ref().map(|found| found.estimate.value),
            low: difference.as_ref().map(|found| found.estimate.interval.low),
            high: difference.as_ref().map(|found| found.estimate.interval.high),
            probability: difference.as_ref().map(|found| found.probability_of_improvement),
        })
    }
}
