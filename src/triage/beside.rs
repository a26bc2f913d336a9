//! Which intents a text has beside its main one: a head for each intent over the whole text, learned from tickets that are labelled with
//! several, and believed from where held-out tickets bear it out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::vocabulary::IntentName;
use crate::triage::ground::{Example, Labels};
use crate::triage::learned::Keys;
use backchannel_learn::features::Features;
use backchannel_learn::linear::Choice;
use backchannel_learn::several::{Labelled, Several};

/// What says which intents a text has beside its main one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Beside {
    names: Vec<IntentName>,
    /// Which of them are never said; empty for none.
    silent: Vec<bool>,
    heads: Several,
    /// Which row of what was learned an example is.
    row_of: BTreeMap<usize, usize>,
}

impl Beside {
    /// Learns where tickets with several intents are labelled.
    pub(super) fn of(examples: &[Example], choice: Choice) -> Option<Self> {
        if examples.iter().all(|example| example.labels.also.is_empty()) {
            return None;
        }
        // The main one first, each once.
        let of_one = |labels: &Labels| {
            let mut named = BTreeSet::new();
            let all = labels.intent.clone()?.into_iter().chain(labels.also.iter().cloned());
            Some(all.filter(|name| named.insert(name.clone())).collect())
        };
        let labelled: Vec<(usize, Vec<IntentName>)> =
            examples.iter().enumerate().filter_map(|(place, example)| Some((place, of_one(&example.labels)?))).collect();
        let names: Vec<IntentName> = labelled.iter().flat_map(|(_, names)| names).cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let mut keys = Keys::default();
        let rows: Vec<Labelled<'_>> = labelled
            .iter()
            .map(|(place, of_one)| Labelled {
                features: &examples[*place].features,
                labels: of_one.iter().filter_map(|name| names.binary_search(name).ok()).collect(),
                key: keys.of(*place, &examples[*place].features),
                counts: examples[*place].ticket.is_some(),
            })
            .collect();
        let heads = Several::learn(&rows, names.len(), Some(choice)).filter(Several::tells_further)?;
        let row_of = labelled.iter().enumerate().map(|(row, (place, _))| (*place, row)).collect();
        Some(Self { names, silent: Vec::new(), heads, row_of })
    }

    /// Never says intents that are not kept.
    pub(super) fn keep_only(&mut self, keeps: impl Fn(&IntentName) -> bool) {
        self.silent = self.names.iter().map(|name| !keeps(name)).collect();
    }

    /// The intents beside the main one that are said, likeliest first, each with its probability; of an example, by heads that did not learn
    /// from it.
    pub(super) fn further(&self, features: &Features, main: &IntentName, example: Option<usize>) -> Vec<(IntentName, f64)> {
        let Ok(main) = self.names.binary_search(main) else { return Vec::new() };
        let further = self.heads.further(features, main, example.and_then(|place| self.row_of.get(&place).copied())).into_iter();
        let said = further.filter(|(label, _)| !self.silent.get(*label).is_some_and(|is_silent| *is_silent));
        said.map(|(label, probability)| (self.names[label].clone(), probability)).collect()
    }
}
