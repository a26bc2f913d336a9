//! What a ticket may be about, held against what earlier tickets were about.

use std::collections::{BTreeMap, HashMap};

use crate::app::panel::gather::Gathered;
use crate::domain::id::TicketId;
use crate::domain::vocabulary::{IntentName, Language};
use crate::triage::ground::Asked;

/// How akin a ticket is whose matter nobody labelled.
const UNLABELLED: f64 = 0.5;

/// The likely intents of a ticket, and the labelled ones of the others.
pub(super) struct Matters<'a> {
    likely: BTreeMap<IntentName, f64>,
    most: f64,
    labelled: HashMap<TicketId, (Option<&'a IntentName>, Option<Language>)>,
}

impl<'a> Matters<'a> {
    pub(super) fn of(gathered: &'a Gathered) -> Self {
        let knowledge = &gathered.knowledge;
        let features = knowledge.features(&gathered.gist, gathered.dense.clone());
        let asked = Asked { features: &features, language: Some(gathered.gist.language), ticket: Some(gathered.history.ticket.id) };
        let guesses = knowledge.ground.likely_intents(asked);
        let most = guesses.iter().map(|guess| guess.share).fold(0.0, f64::max);
        let likely = guesses.into_iter().filter_map(|guess| Some((guess.label?, guess.share))).collect();
        let examples = knowledge.ground.examples().iter();
        let labelled =
            examples.filter_map(|example| Some((example.ticket?, (example.labels.intent.as_ref()?.as_ref(), example.language)))).collect();
        Self { likely, most, labelled }
    }

    /// The labelled matter of an earlier ticket, with its language and how likely the ticket is about the same.
    pub(super) fn shared_with(&self, earlier: TicketId) -> Option<(&'a IntentName, Option<Language>, f64)> {
        let (intent, language) = self.labelled.get(&earlier)?;
        let intent = (*intent)?;
        Some((intent, *language, self.likely.get(intent).copied().unwrap_or(0.0)))
    }

    /// How akin the matter of an earlier ticket is, in \[0, 1\]: 1 for the likeliest one.
    pub(super) fn akin(&self, earlier: TicketId) -> f64 {
        match self.labelled.get(&earlier) {
            Some((None, _)) => 0.0,
            Some((Some(intent), _)) if self.most > 0.0 => self.likely.get(*intent).copied().unwrap_or(0.0) / self.most,
            None | Some(_) => UNLABELLED,
        }
    }
}
