//! A head with what its classes and rows are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::triage::ground::{Asked, Example, Labels};
use backchannel_learn::contribution::Contributions;
use backchannel_learn::features::Features;
use backchannel_learn::linear::{self, Choice, Fitted};

/// What speaks for a class: by the head that learned from everything, also of a text that it learned from.
pub(super) fn speaking<L>(learned: Option<&Learned<L>>, asked: Asked<'_>, is_it: impl Fn(&L) -> bool) -> Contributions {
    let class = learned.and_then(|learned| Some((learned, learned.labels.iter().position(is_it)?)));
    class.map_or_else(Contributions::default, |(learned, class)| learned.fitted.head().contributions(asked.features, class))
}

/// A head, and what its classes and rows are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Learned<L> {
    /// Its classes.
    pub(super) labels: Vec<L>,
    /// Which of them are never said; empty for none.
    pub(super) silent: Vec<bool>,
    pub(super) fitted: Fitted,
    /// Which row of what was learned an example is.
    pub(super) row_of: BTreeMap<usize, usize>,
}

impl<L> Learned<L> {
    /// Whether a class is never said.
    pub(super) fn is_silent(&self, class: usize) -> bool {
        self.silent.get(class).is_some_and(|is_silent| *is_silent)
    }
}

impl<L: Ord + Clone> Learned<L> {
    pub(super) fn of(
        examples: &[Example],
        choice: Option<Choice>,
        watch: &(dyn Fn() + Sync),
        label: impl Fn(&Labels) -> Option<L>,
    ) -> Option<Self> {
        let labelled: Vec<(usize, L)> =
            examples.iter().enumerate().filter_map(|(index, example)| Some((index, label(&example.labels)?))).collect();
        let labels: Vec<L> = labelled.iter().map(|(_, label)| label.clone()).collect::<BTreeSet<L>>().into_iter().collect();
        let mut keys = Keys::default();
        let rows: Vec<linear::Example<'_>> = labelled
            .iter()
            .map(|(index, label)| {
                let example = &examples[*index];
                linear::Example {
                    features: &example.features,
                    class: labels.binary_search(label).unwrap_or_default(),
                    key: keys.of(*index, &example.features),
                    counts: example.ticket.is_some(),
                }
            })
            .collect();
        let fitted = Fitted::learn_watched(&rows, labels.len(), choice, watch)?;
        let row_of = labelled.iter().enumerate().map(|(row, (index, _))| (*index, row)).collect();
        Some(Self { labels, silent: Vec::new(), fitted, row_of })
    }
}

/// Copies of one text have one vector, and one key.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<Vec<u32>, usize>);

impl Keys {
    /// The place of the first text with this vector; its own where it has none.
    pub(super) fn of(&mut self, place: usize, features: &Features) -> usize {
        let bits: Vec<u32> = features.dense.iter().map(|value| value.to_bits()).collect();
        if bits.is_empty() { place } else { *self.0.entry(bits).or_insert(place) }
    }
}
