//! The labelled ground of a workspace: playbook examples and labelled tickets, and what they say of a new text.

use std::collections::BTreeSet;

use crate::domain::id::TicketId;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{GroupName, IntentName, Language, NextStep, Priority, Probability, Sentiment, Urgency};
use crate::learn::calibration::Platt;
use crate::learn::neighbours::{Features, Vote, vote};

// Set by eye on the demo company, whose open tickets were in view: no held-out figure stands behind them, and trained heads are to
// replace them. `eval/bench/run --only labels` counts what they give.
const NEIGHBOURS: u8 = 4;
const TEMPERATURE: f64 = 0.04;
const TRUSTED_DENSE_SHARE: f32 = 0.5;
const FOREIGN_DENSE_SHARE: f32 = 0.2;

/// A text whose labels are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Where it comes from; `None` for the playbook.
    pub ticket: Option<TicketId>,
    /// When it was written; playbook examples always count.
    pub at: Option<Timestamp>,
    /// Its language.
    pub language: Option<Language>,
    /// Its features.
    pub features: Features,
    /// What it is called where people point at it.
    pub title: String,
    /// Its words in short.
    pub quote: String,
    /// Its labels.
    pub labels: Labels,
}

/// The labels of an example; each part may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// `Some(None)`: known to be out of scope.
    pub intent: Option<Option<IntentName>>,
    /// How the customer feels.
    pub sentiment: Option<Sentiment>,
    /// How pressing it is.
    pub urgency: Option<Urgency>,
    /// How soon it should be worked on.
    pub priority: Option<Priority>,
    /// Where it belongs.
    pub group: Option<GroupName>,
    /// What to do next.
    pub next_step: Option<NextStep>,
}

/// A new text, and what may be held against it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Its features.
    pub features: &'a Features,
    /// Its language.
    pub language: Option<Language>,
    /// The ticket it belongs to: never a neighbour of itself.
    pub ticket: Option<TicketId>,
    /// Only tickets written before this moment count.
    pub before: Option<Timestamp>,
}

/// The labelled ground of a workspace, with its calibrations.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    examples: Vec<Example>,
    trusted_languages: BTreeSet<Language>,
    intent: Option<Platt>,
    group: Option<Platt>,
    next_step: Option<Platt>,
    priority: Option<Platt>,
}

impl Ground {
    /// Takes the examples in and calibrates each part by leaving one labelled ticket out at a time.
    ///
    /// `trusted_languages` are those that the encoder was made for, empty for all; in others words and n-grams count more.
    #[must_use]
    pub fn new(examples: Vec<Example>, trusted_languages: BTreeSet<Language>) -> Self {
        let mut ground = Self { examples, trusted_languages, ..Self::default() };
        ground.intent = ground.calibrate(|labels| labels.intent.clone());
        ground.group = ground.calibrate(|labels| labels.group.clone());
        ground.next_step = ground.calibrate(|labels| labels.next_step);
        ground.priority = ground.calibrate(|labels| labels.priority);
        ground
    }

    /// The examples, as the votes number them.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// What the neighbours say of the intent; `None` as a label is out of scope.
    #[must_use]
    pub fn intents(&self, asked: Asked<'_>) -> Vec<Calibrated<Option<IntentName>>> {
        with_probability(self.votes(asked, |labels| labels.intent.clone()), self.intent)
    }

    /// What the neighbours say of the group.
    #[must_use]
    pub fn groups(&self, asked: Asked<'_>) -> Vec<Calibrated<GroupName>> {
        with_probability(self.votes(asked, |labels| labels.group.clone()), self.group)
    }

    /// What the neighbours say of the next step.
    #[must_use]
    pub fn next_steps(&self, asked: Asked<'_>) -> Vec<Calibrated<NextStep>> {
        with_probability(self.votes(asked, |labels| labels.next_step), self.next_step.filter(Platt::tells_apart))
    }

    /// What the neighbours say of the priority.
    #[must_use]
    pub fn priorities(&self, asked: Asked<'_>) -> Vec<Calibrated<Priority>> {
        with_probability(self.votes(asked, |labels| labels.priority), self.priority)
    }

    fn votes<L: Ord + Clone>(&self, asked: Asked<'_>, label: impl Fn(&Labels) -> Option<L>) -> Vec<Vote<L>> {
        let scored = self
            .examples
            .iter()
            .enumerate()
            .filter(|(_, example)| allowed(example, asked))
            .filter_map(|(index, example)| {
                let similarity = example.features.similarity(asked.features, self.dense_share(asked.language));
                Some((index, similarity, label(&example.labels)?))
            })
            .collect();
        vote(scored, NEIGHBOURS, TEMPERATURE)
    }

    /// How alike two texts are, from the cosine of their vectors and the overlap of their words, as the neighbours are weighed.
    #[must_use]
    pub fn blend(&self, language: Language, cosine: f32, words: f32) -> f32 {
        let dense_share = self.dense_share(Some(language));
        dense_share * cosine.max(0.0) + (1.0 - dense_share) * words
    }

    /// How far the encoder is trusted beside words and n-grams.
    fn dense_share(&self, language: Option<Language>) -> f32 {
        let trusted = self.trusted_languages.is_empty() || language.is_none_or(|language| self.trusted_languages.contains(&language));
        if trusted { TRUSTED_DENSE_SHARE } else { FOREIGN_DENSE_SHARE }
    }

    fn calibrate<L: Ord + Clone>(&self, label: impl Fn(&Labels) -> Option<L> + Copy) -> Option<Platt> {
        let pairs: Vec<(f64, bool)> = self
            .examples
            .iter()
            .filter(|example| example.ticket.is_some())
            .filter_map(|example| {
                let right = label(&example.labels)?;
                let asked = Asked { features: &example.features, language: example.language, ticket: example.ticket, before: None };
                let best = self.votes(asked, label).into_iter().next()?;
                Some((best.share, best.label == right))
            })
            .collect();
        Platt::fit(&pairs)
    }
}

/// A vote with its calibrated probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated<L> {
    /// The label.
    pub label: L,
    /// Its share of the votes; stays inside the process.
    pub share: f64,
    /// Its calibrated probability; `None` while too few labels are there.
    pub probability: Option<Probability>,
    /// The examples behind it, nearest first.
    pub examples: Vec<usize>,
}

fn with_probability<L>(votes: Vec<Vote<L>>, curve: Option<Platt>) -> Vec<Calibrated<L>> {
    // The curve was fitted to first guesses: the others share what it leaves, in proportion to their votes.
    let first = votes.first().map_or(0.0, |vote| vote.share);
    let sure = curve.and_then(|curve| curve.probability(first)).map(Probability::get);
    votes
        .into_iter()
        .enumerate()
        .map(|(rank, Vote { label, share, neighbours })| {
            let left = |sure: f64| if first < 1.0 { (1.0 - sure) * share / (1.0 - first) } else { 0.0 };
            let probability = sure.and_then(|sure| Probability::new(if rank == 0 { sure } else { left(sure).min(sure) }));
            Calibrated { label, share, probability, examples: neighbours }
        })
        .collect()
}

fn allowed(example: &Example, asked: Asked<'_>) -> bool {
    let itself = example.ticket.is_some() && example.ticket == asked.ticket;
    let too_late = matches!((example.at, asked.before), (Some(at), Some(before)) if at >= before);
    !itself && !too_late
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::ngrams::Vocabulary;

    fn example(vocabulary: &Vocabulary, number: u8, text: &str, intent: &str) -> Example {
        Example {
            ticket: Some(TicketId::at(Timestamp::from_micros(i64::from(number)), [number; 10])),
            at: Some(Timestamp::from_micros(i64::from(number) * 1_000_000)),
            language: Some(Language::ENGLISH),
            features: Features { dense: vec![], sparse: vocabulary.features(text) },
            title: format!("T-{number}"),
            quote: text.to_owned(),
            labels: Labels { intent: Some(intent.parse().ok()), ..Labels::default() },
        }
    }

    fn ground() -> (Vocabulary, Ground) {
        let texts: Vec<(String, &str)> = (0..20)
            .flat_map(|i| [(format!("refund my money order {i}"), "refund"), (format!("parcel is lost in transit {i}"), "delivery")])
            .collect();
        let vocabulary = Vocabulary::of(texts.iter().map(|(text, _)| text.as_str()));
        let examples = texts.iter().zip(1..).map(|((text, intent), number)| example(&vocabulary, number, text, intent)).collect();
        (vocabulary, Ground::new(examples, BTreeSet::from([Language::ENGLISH])))
    }

    #[test]
    fn a_text_gets_the_intent_of_its_neighbours_with_a_probability() {
        let (vocabulary, ground) = ground();
        let features = Features { dense: vec![], sparse: vocabulary.features("I want my money back, refund please") };
        let asked = Asked { features: &features, language: None, ticket: None, before: None };
        let best = &ground.intents(asked)[0];
        assert_eq!(best.label.as_ref().map(IntentName::as_str), Some("refund"));
        assert!(best.probability.unwrap().get() > 0.8);
    }

    #[test]
    fn the_probabilities_of_all_candidates_add_up_to_one_at_most() {
        let (vocabulary, ground) = ground();
        let features = Features { dense: vec![], sparse: vocabulary.features("my parcel, and a refund") };
        let asked = Asked { features: &features, language: None, ticket: None, before: None };
        let sum: f64 = ground.intents(asked).iter().filter_map(|vote| vote.probability).map(Probability::get).sum();
        assert!(sum > 0.5 && sum < 1.0 + 1e-9, "{sum}");
    }

    #[test]
    fn a_ticket_is_never_its_own_neighbour() {
        let (_, ground) = ground();
        let own = ground.examples()[4].clone();
        let asked = Asked { features: &own.features, language: None, ticket: own.ticket, before: None };
        assert!(ground.intents(asked).iter().all(|vote| !vote.examples.contains(&4)));
    }

    #[test]
    fn later_tickets_say_nothing_of_earlier_ones() {
        let (_, ground) = ground();
        let own = ground.examples()[4].clone();
        let asked = Asked { features: &own.features, language: None, ticket: None, before: own.at };
        assert!(ground.intents(asked).iter().flat_map(|vote| &vote.examples).all(|index| *index < 4));
    }

    #[test]
    fn few_labels_give_votes_without_probability() {
        let (vocabulary, full) = ground();
        let few = Ground::new(full.examples()[..10].to_vec(), BTreeSet::new());
        let features = Features { dense: vec![], sparse: vocabulary.features("refund") };
        let asked = Asked { features: &features, language: None, ticket: None, before: None };
        assert!(few.intents(asked).iter().all(|vote| vote.probability.is_none()));
    }
}
