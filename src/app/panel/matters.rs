//! What a ticket may be about, held against what earlier tickets were about.

use std::collections::BTreeMap;

use crate::app::knowledge::Knowledge;
use crate::app::pieces::Piece;
use crate::domain::id::TicketId;
use crate::domain::triage::Matter;
use crate::domain::vocabulary::{IntentName, Language};
use crate::triage::ground::Asked;

/// How akin a ticket is whose matter nobody labelled, where others are.
const UNLABELLED: f64 = 0.5;

/// The likely intents of a ticket.
#[derive(Debug)]
pub(super) struct Matters {
    likely: BTreeMap<IntentName, f64>,
    most: f64,
}

impl Matters {
    /// What somebody of the desk said that a ticket is about, else its likely intents by its text, without its own labels.
    pub(super) fn of(knowledge: &Knowledge, ticket: TicketId, said: Option<&Matter>, gist: &Piece, dense: Vec<f32>) -> Self {
        if let Some(matter) = said {
            let likely: BTreeMap<IntentName, f64> = matter.intents().into_iter().map(|intent| (intent, 1.0)).collect();
            return Self { most: 1.0, likely };
        }
        let features = knowledge.features(gist, dense);
        let asked = Asked { features: &features, language: Some(gist.language), ticket: Some(ticket) };
        let guesses = knowledge.ground.likely_intents(asked);
        let likely: BTreeMap<IntentName, f64> = guesses.into_iter().filter_map(|guess| Some((guess.label?, guess.share))).collect();
        Self { most: likely.values().copied().fold(0.0, f64::max), likely }
    }

    /// The labelled matter of an earlier ticket, with its language and how likely the ticket is about the same.
    pub(super) fn shared_with<'a>(&self, knowledge: &'a Knowledge, earlier: TicketId) -> Option<(&'a IntentName, Option<Language>, f64)> {
        let example = knowledge.labelled(earlier)?;
        let intent = example.labels.intent.as_ref()?.as_ref()?;
        Some((intent, example.language, self.likely.get(intent).copied().unwrap_or(0.0)))
    }

    /// How akin the matter of an earlier ticket is, in \[0, 1\]: 1 for the likeliest one, and for every one where nothing is labelled.
    pub(super) fn akin(&self, knowledge: &Knowledge, earlier: TicketId) -> f64 {
        if !knowledge.has_labels() || self.most <= 0.0 {
            return 1.0;
        }
        match knowledge.labelled(earlier).and_then(|example| example.labels.intent.as_ref()) {
            None => UNLABELLED,
            Some(None) => 0.0,
            Some(Some(intent)) => self.likely.get(intent).copied().unwrap_or(0.0) / self.most,
        }
    }
}
