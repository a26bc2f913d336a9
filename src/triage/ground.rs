//! The labelled ground of a workspace: playbook examples and labelled tickets, and what the heads that learned from them say of a text.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::id::TicketId;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{GroupName, IntentName, Language, NextStep, Priority, Probability, Sentiment, Urgency};
use crate::triage::mood;
use backchannel_learn::calibration::Temperature;
use backchannel_learn::features::Features;
use backchannel_learn::linear::{self, Choice, Fitted};
use backchannel_learn::ngrams::Vocabulary;

/// Examples shown behind a guess.
const EVIDENCE: usize = 4;
// How much the encoder counts beside words where likeness is shown, not learned: set by eye on the demo company.
const TRUSTED_DENSE_SHARE: f32 = 0.5;
const FOREIGN_DENSE_SHARE: f32 = 0.2;

/// What the heads read of a text: the same when they learn, when they are asked, and when they are measured.
#[must_use]
pub fn features(vocabulary: &Vocabulary, text: &str, language: Option<Language>, dense: Vec<f32>) -> Features {
    Features { dense, told: mood::numbers(text, language).to_vec(), sparse: vocabulary.features(text) }
}

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

/// A new text.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Its features.
    pub features: &'a Features,
    /// Its language.
    pub language: Option<Language>,
    /// The ticket it belongs to: never evidence for itself.
    pub ticket: Option<TicketId>,
}

/// The labelled ground of a workspace, with what was learned from it.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    examples: Vec<Example>,
    trusted_languages: BTreeSet<Language>,
    intent: Option<Learned<Option<IntentName>>>,
    group: Option<Learned<GroupName>>,
    next_step: Option<Learned<NextStep>>,
    priority: Option<Learned<Priority>>,
    sentiment: Option<Learned<Sentiment>>,
    urgency: Option<Learned<Urgency>>,
}

impl Ground {
    /// Takes the examples in and learns a head for each label, calibrated on tickets that its parts did not learn from.
    ///
    /// Takes seconds for some hundred tickets. `trusted_languages` are those that the encoder was made for, empty for all; in others
    /// words and n-grams count more where likeness is shown.
    #[must_use]
    pub fn new(examples: Vec<Example>, trusted_languages: BTreeSet<Language>) -> Self {
        let intent = Learned::of(&examples, None, |labels| labels.intent.clone());
        // The other heads read the same texts: what suits the best labelled one suits them.
        let choice = intent.as_ref().map(|intent| intent.fitted.choice());
        Self {
            group: Learned::of(&examples, choice, |labels| labels.group.clone()),
            next_step: Learned::of(&examples, choice, |labels| labels.next_step),
            priority: Learned::of(&examples, choice, |labels| labels.priority),
            sentiment: Learned::of(&examples, choice, |labels| labels.sentiment),
            urgency: Learned::of(&examples, choice, |labels| labels.urgency),
            intent,
            examples,
            trusted_languages,
        }
    }

    /// The examples, as the guesses number them.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// The likeliest intents, with examples; `None` as a label is out of scope.
    #[must_use]
    pub fn intents(&self, asked: Asked<'_>) -> Vec<Calibrated<Option<IntentName>>> {
        self.shown(self.likely_intents(asked), asked, |labels| labels.intent.as_ref())
    }

    /// As [`Ground::intents`], without examples, which take most of the time.
    #[must_use]
    pub fn likely_intents(&self, asked: Asked<'_>) -> Vec<Calibrated<Option<IntentName>>> {
        self.guesses(self.intent.as_ref(), asked)
    }

    /// The likeliest groups, with examples.
    #[must_use]
    pub fn groups(&self, asked: Asked<'_>) -> Vec<Calibrated<GroupName>> {
        self.shown(self.guesses(self.group.as_ref(), asked), asked, |labels| labels.group.as_ref())
    }

    /// The likeliest next steps, with examples.
    #[must_use]
    pub fn next_steps(&self, asked: Asked<'_>) -> Vec<Calibrated<NextStep>> {
        self.shown(self.guesses(self.next_step.as_ref(), asked), asked, |labels| labels.next_step.as_ref())
    }

    /// The likeliest priorities.
    #[must_use]
    pub fn priorities(&self, asked: Asked<'_>) -> Vec<Calibrated<Priority>> {
        self.guesses(self.priority.as_ref(), asked)
    }

    /// How the customer seems to feel.
    #[must_use]
    pub fn sentiments(&self, asked: Asked<'_>) -> Vec<Calibrated<Sentiment>> {
        self.guesses(self.sentiment.as_ref(), asked)
    }

    /// How pressing it seems.
    #[must_use]
    pub fn urgencies(&self, asked: Asked<'_>) -> Vec<Calibrated<Urgency>> {
        self.guesses(self.urgency.as_ref(), asked)
    }

    /// How alike two texts are, from the cosine of their vectors and the overlap of their words.
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

    /// All labels, likeliest first.
    fn guesses<L: Ord + Clone>(&self, learned: Option<&Learned<L>>, asked: Asked<'_>) -> Vec<Calibrated<L>> {
        let Some(learned) = learned else { return Vec::new() };
        let row = self.place_of(asked).and_then(|index| learned.row_of.get(&index).copied());
        let scores = learned.fitted.scores(asked.features, row);
        let probabilities = learned.fitted.temperature().map(|temperature| temperature.probabilities(&scores));
        let shares = probabilities.clone().unwrap_or_else(|| Temperature::default().probabilities(&scores));
        let mut guesses: Vec<Calibrated<L>> = learned
            .labels
            .iter()
            .zip(shares)
            .enumerate()
            .map(|(class, (label, share))| Calibrated {
                label: label.clone(),
                share,
                probability: probabilities.as_ref().and_then(|all| Probability::new(*all.get(class)?)),
                examples: Vec::new(),
            })
            .collect();
        guesses.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.label.cmp(&b.label)));
        guesses
    }

    /// Adds to each guess the examples of its label that are most like the text.
    fn shown<L: PartialEq>(
        &self,
        mut guesses: Vec<Calibrated<L>>,
        asked: Asked<'_>,
        label: impl Fn(&Labels) -> Option<&L>,
    ) -> Vec<Calibrated<L>> {
        let (itself, dense_share) = (self.place_of(asked), self.dense_share(asked.language));
        let mut like: Vec<(usize, f32)> = self
            .examples
            .iter()
            .enumerate()
            .filter(|(index, example)| Some(*index) != itself && label(&example.labels).is_some())
            .map(|(index, example)| (index, example.features.similarity(asked.features, dense_share)))
            .collect();
        like.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for guess in &mut guesses {
            let of_it = like.iter().filter(|(index, _)| label(&self.examples[*index].labels) == Some(&guess.label));
            guess.examples = of_it.map(|(index, _)| *index).take(EVIDENCE).collect();
        }
        guesses
    }

    /// Which example the text itself is, where it is one.
    fn place_of(&self, asked: Asked<'_>) -> Option<usize> {
        let ticket = asked.ticket?;
        self.examples.iter().position(|example| example.ticket == Some(ticket))
    }
}

/// A head, and what its classes and rows are.
#[derive(Debug, Clone)]
struct Learned<L> {
    labels: Vec<L>,
    fitted: Fitted,
    row_of: BTreeMap<usize, usize>,
}

impl<L: Ord + Clone> Learned<L> {
    fn of(examples: &[Example], choice: Option<Choice>, label: impl Fn(&Labels) -> Option<L>) -> Option<Self> {
        let labelled: Vec<(usize, L)> =
            examples.iter().enumerate().filter_map(|(index, example)| Some((index, label(&example.labels)?))).collect();
        let labels: Vec<L> = labelled.iter().map(|(_, label)| label.clone()).collect::<BTreeSet<L>>().into_iter().collect();
        // Copies of one text have one vector.
        let mut keys: HashMap<Vec<u32>, usize> = HashMap::new();
        let rows: Vec<linear::Example<'_>> = labelled
            .iter()
            .map(|(index, label)| {
                let example = &examples[*index];
                let bits: Vec<u32> = example.features.dense.iter().map(|value| value.to_bits()).collect();
                linear::Example {
                    features: &example.features,
                    class: labels.binary_search(label).unwrap_or_default(),
                    key: if bits.is_empty() { *index } else { *keys.entry(bits).or_insert(*index) },
                    counts: example.ticket.is_some(),
                }
            })
            .collect();
        let fitted = Fitted::learn(&rows, labels.len(), choice)?;
        let row_of = labelled.iter().enumerate().map(|(row, (index, _))| (*index, row)).collect();
        Some(Self { labels, fitted, row_of })
    }
}

/// A guess with its calibrated probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated<L> {
    /// The label.
    pub label: L,
    /// What the head gives it, calibrated or not; stays inside the process.
    pub share: f64,
    /// Its calibrated probability; `None` while too few labels are there.
    pub probability: Option<Probability>,
    /// The examples of it that are most like the text; empty where nobody asked for them.
    pub examples: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(vocabulary: &Vocabulary, number: u8, text: &str, intent: &str) -> Example {
        Example {
            ticket: Some(TicketId::at(Timestamp::from_micros(i64::from(number)), [number; 10])),
            at: Some(Timestamp::from_micros(i64::from(number) * 1_000_000)),
            language: Some(Language::ENGLISH),
            features: Features { sparse: vocabulary.features(text), ..Features::default() },
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
    fn a_text_gets_the_intent_of_its_like_with_a_probability() {
        let (vocabulary, ground) = ground();
        let features = Features { sparse: vocabulary.features("I want my money back, refund please"), ..Features::default() };
        let asked = Asked { features: &features, language: None, ticket: None };
        let best = &ground.intents(asked)[0];
        assert_eq!(best.label.as_ref().map(IntentName::as_str), Some("refund"));
        assert!(best.probability.unwrap().get() > 0.6, "{:?}", best.probability);
    }

    #[test]
    fn the_probabilities_of_all_candidates_add_up_to_one_at_most() {
        let (vocabulary, ground) = ground();
        let features = Features { sparse: vocabulary.features("my parcel, and a refund"), ..Features::default() };
        let asked = Asked { features: &features, language: None, ticket: None };
        let sum: f64 = ground.intents(asked).iter().filter_map(|vote| vote.probability).map(Probability::get).sum();
        assert!(sum > 0.5 && sum < 1.0 + 1e-9, "{sum}");
    }

    #[test]
    fn a_ticket_is_never_evidence_for_itself() {
        let (_, ground) = ground();
        let own = ground.examples()[4].clone();
        let asked = Asked { features: &own.features, language: None, ticket: own.ticket };
        assert!(ground.intents(asked).iter().all(|vote| !vote.examples.contains(&4)));
    }

    #[test]
    fn few_labels_give_guesses_without_probability() {
        let (vocabulary, full) = ground();
        let few = Ground::new(full.examples()[..10].to_vec(), BTreeSet::new());
        let features = Features { sparse: vocabulary.features("refund"), ..Features::default() };
        let asked = Asked { features: &features, language: None, ticket: None };
        assert!(few.intents(asked).iter().all(|vote| vote.probability.is_none()));
    }
}
