//! The labelled ground of a workspace: playbook examples and labelled tickets, and what the heads that learned from them say of a text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::id::TicketId;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::vocabulary::{GroupName, HeadPart, IntentName, Language, NextStep, Priority, Probability, Sentiment, Urgency};
use crate::triage::beside::Beside;
use crate::triage::learned::{Learned, speaking};
use crate::triage::mood;
use backchannel_learn::calibration::Calibration;
use backchannel_learn::contribution::Contributions;
use backchannel_learn::features::Features;
use backchannel_learn::linear::{self, Fitted};
use backchannel_learn::ngrams::Vocabulary;
use backchannel_learn::threshold::{GIVEN_UP, said_above};

/// Examples shown behind a guess.
const EVIDENCE: usize = 4;
/// Examples that can be shown, at most, the newest tickets first: each is compared with every text that is asked.
const MOST_SHOWN: usize = 5_000;
/// Examples by which it is found how alike neighbours are, at most.
const SAMPLED: usize = 300;
/// One of so many is passed over: the least usual ones.
const UNUSUAL: usize = 100;
/// A text is unfamiliar whose nearest example is less than this part as alike as those of usual ones are. Where all tickets of a desk read
/// alike, one in other words is still no stranger.
const PART_OF_USUAL: f32 = 0.6;
/// Fewer labelled tickets do not say what is usual.
const LEAST_FAMILIAR: usize = 30;
// How much the encoder counts beside words where likeness is shown, not learned: set by eye on the demo company.
const TRUSTED_DENSE_SHARE: f32 = 0.5;
const FOREIGN_DENSE_SHARE: f32 = 0.2;

/// What the heads read of a text: the same when they learn, when they are asked, and when they are measured.
#[must_use]
pub fn features(vocabulary: &Vocabulary, text: &str, language: Option<Language>, dense: Vec<f32>) -> Features {
    Features { dense, told: mood::numbers(text, language).to_vec(), sparse: vocabulary.features(text) }
}

/// A text whose labels are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Where it comes from; `None` for the playbook.
    pub ticket: Option<TicketId>,
    /// When it was written; playbook examples always count.
    pub at: Option<Timestamp>,
    /// Its language.
    pub language: Option<Language>,
    /// Its features; none of an example that is too old to be shown.
    pub features: Features,
    /// What it is called where people point at it.
    pub title: String,
    /// Its words in short.
    pub quote: String,
    /// Its labels.
    pub labels: Labels,
}

/// The labels of an example; each part may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// `Some(None)`: known to be out of scope.
    pub intent: Option<Option<IntentName>>,
    /// The intents that it has beside its main one.
    pub also: Vec<IntentName>,
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

/// How alike examples are to a text, the most alike first.
#[derive(Debug, Clone, Default)]
pub struct Alike(Vec<(usize, f32)>);

/// The labelled ground of a workspace, with what was learned from it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ground {
    pub(super) examples: Vec<Example>,
    /// The places of the labelled tickets, in order so that the same ground has the same bytes.
    places: BTreeMap<TicketId, usize>,
    /// Whose nearest example is less alike than this is unlike all of them; `None` while too few tickets are labelled.
    familiar_from: Option<f32>,
    trusted_languages: BTreeSet<Language>,
    pub(super) intent: Option<Learned<Option<IntentName>>>,
    pub(super) group: Option<Learned<GroupName>>,
    next_step: Option<Learned<NextStep>>,
    priority: Option<Learned<Priority>>,
    sentiment: Option<Learned<Sentiment>>,
    urgency: Option<Learned<Urgency>>,
    beside: Option<Beside>,
    /// Above which probability a text is out of scope although an intent is likelier; `None` while too few labels say that.
    pub(super) outside_above: Option<f64>,
}

impl Ground {
    /// Takes the examples in and learns a head for each label, calibrated on tickets that its parts did not learn from.
    ///
    /// Takes seconds for some hundred tickets. `trusted_languages` are those that the encoder was made for, empty for all; in others
    /// words and n-grams count more where likeness is shown.
    #[must_use]
    pub fn new(examples: Vec<Example>, trusted_languages: BTreeSet<Language>) -> Self {
        Self::watched(examples, trusted_languages, &|_, _| {})
    }

    /// As [`Ground::new`]; `progress` is told how many steps are done, and of how many.
    #[must_use]
    pub fn watched(examples: Vec<Example>, trusted_languages: BTreeSet<Language>, progress: &(dyn Fn(usize, usize) + Sync)) -> Self {
        let total = linear::steps(false) + (HeadPart::ALL.len() - 1) * linear::steps(true) + 1;
        let done = AtomicUsize::new(0);
        let watch = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        let intent = Learned::of(&examples, None, &watch, |labels| labels.intent.clone());
        // The other heads read the same texts: what suits the best labelled one suits them.
        let choice = intent.as_ref().map(|intent| intent.fitted.choice());
        let beside = choice.and_then(|choice| Beside::of(&examples, choice));
        watch();
        let mut ground = Self {
            beside,
            outside_above: None,
            group: Learned::of(&examples, choice, &watch, |labels| labels.group.clone()),
            next_step: Learned::of(&examples, choice, &watch, |labels| labels.next_step),
            priority: Learned::of(&examples, choice, &watch, |labels| labels.priority),
            sentiment: Learned::of(&examples, choice, &watch, |labels| labels.sentiment),
            urgency: Learned::of(&examples, choice, &watch, |labels| labels.urgency),
            intent,
            places: examples.iter().enumerate().filter_map(|(place, example)| Some((example.ticket?, place))).collect(),
            examples,
            trusted_languages,
            familiar_from: None,
        };
        ground.outside_above = ground.intent.as_ref().and_then(|learned| {
            let outside = learned.labels.iter().position(Option::is_none)?;
            said_above(learned.fitted.beside_right(outside), GIVEN_UP)
        });
        ground.forget_features();
        ground.familiar_from = ground.usual_likeness();
        ground
    }

    /// Drops the features of tickets that are too many to be shown, the oldest first.
    fn forget_features(&mut self) {
        let mut tickets: Vec<usize> = self.places.values().copied().collect();
        tickets.sort_by_key(|place| std::cmp::Reverse((self.examples[*place].at, *place)));
        for place in tickets.into_iter().skip(MOST_SHOWN) {
            self.examples[place].features = Features::default();
        }
    }

    /// How alike the nearest example of a text must be, by those of labelled tickets.
    fn usual_likeness(&self) -> Option<f32> {
        let tickets: Vec<usize> =
            self.places.values().copied().filter(|place| self.examples[*place].features != Features::default()).collect();
        if tickets.len() < LEAST_FAMILIAR {
            return None;
        }
        let mut nearest: Vec<f32> = tickets
            .iter()
            .step_by(tickets.len().div_ceil(SAMPLED))
            .map(|place| {
                let Example { features, language, ticket, .. } = &self.examples[*place];
                self.nearest(Asked { features, language: *language, ticket: *ticket })
            })
            .collect();
        nearest.sort_by(f32::total_cmp);
        nearest.get(nearest.len() / UNUSUAL).map(|usual| usual * PART_OF_USUAL)
    }

    /// How alike the example is that is most like a text.
    fn nearest(&self, asked: Asked<'_>) -> f32 {
        let (itself, dense_share) = (self.place_of(asked), self.dense_share(asked.language));
        let probe = asked.features.probe(dense_share);
        let others = self.examples.iter().enumerate().filter(|(place, _)| Some(*place) != itself);
        others.map(|(_, example)| probe.likeness(&example.features)).fold(0.0, f32::max)
    }

    /// Whether a text is far less like any example than tickets of this workspace are: a head guesses all the same, and may be sure of it.
    ///
    /// Source: Sun, Ming, Zhu and Li, *Out-of-Distribution Detection with Deep Nearest Neighbors* (2022), with the nearest one.
    #[must_use]
    pub fn is_unfamiliar(&self, Alike(alike): &Alike) -> bool {
        self.familiar_from.is_some_and(|usual| alike.first().is_none_or(|(_, nearest)| *nearest < usual))
    }

    /// Without the words of tickets: what is kept must not outlive them. [`Ground::retold`] brings them back.
    #[must_use]
    pub fn without_words(&self) -> Self {
        let mut bare = self.clone();
        for example in bare.examples.iter_mut().filter(|example| example.ticket.is_some()) {
            example.title.clear();
            example.quote.clear();
        }
        bare
    }

    /// With the words that tickets have now, as what they are called and their words in short; those that are gone are no evidence any more.
    pub fn retold(&mut self, words: impl Fn(TicketId) -> Option<(String, String)>) {
        for example in &mut self.examples {
            let Some(ticket) = example.ticket else { continue };
            match words(ticket) {
                Some((title, quote)) => (example.title, example.quote) = (title, quote),
                None => example.features = Features::default(),
            }
        }
    }

    /// Takes out of the guesses what the playbook no longer has.
    pub fn keep_only(&mut self, intents: impl Fn(&IntentName) -> bool, groups: impl Fn(&GroupName) -> bool) {
        if let Some(beside) = &mut self.beside {
            beside.keep_only(&intents);
        }
        if let Some(learned) = &mut self.intent {
            learned.silent = learned.labels.iter().map(|label| label.as_ref().is_some_and(|label| !intents(label))).collect();
        }
        if let Some(learned) = &mut self.group {
            learned.silent = learned.labels.iter().map(|label| !groups(label)).collect();
        }
    }

    /// The heads that could be learned, with how many classes each tells apart.
    #[must_use]
    pub fn heads(&self) -> Vec<(HeadPart, usize, &Fitted)> {
        fn of<L>(part: HeadPart, learned: Option<&Learned<L>>) -> Option<(HeadPart, usize, &Fitted)> {
            learned.map(|learned| (part, learned.labels.len(), &learned.fitted))
        }
        let heads = [
            of(HeadPart::Intent, self.intent.as_ref()),
            of(HeadPart::Route, self.group.as_ref()),
            of(HeadPart::NextStep, self.next_step.as_ref()),
            of(HeadPart::Priority, self.priority.as_ref()),
            of(HeadPart::Sentiment, self.sentiment.as_ref()),
            of(HeadPart::Urgency, self.urgency.as_ref()),
        ];
        heads.into_iter().flatten().collect()
    }

    /// A labelled ticket.
    #[must_use]
    pub fn labelled(&self, ticket: TicketId) -> Option<&Example> {
        self.examples.get(*self.places.get(&ticket)?)
    }

    /// Whether the intent of any ticket is labelled.
    #[must_use]
    pub fn has_labels(&self) -> bool {
        self.places.values().any(|place| self.examples[*place].labels.intent.is_some())
    }

    /// The examples, as the guesses number them.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// How alike each example that can be shown is to a text, the most alike first: read once, for all that is asked of the text.
    #[must_use]
    pub fn alike(&self, asked: Asked<'_>) -> Alike {
        let (itself, dense_share) = (self.place_of(asked), self.dense_share(asked.language));
        let probe = asked.features.probe(dense_share);
        let others = self.examples.iter().enumerate();
        let others = others.filter(|(place, example)| Some(*place) != itself && example.features != Features::default());
        let mut alike: Vec<(usize, f32)> = others.map(|(place, example)| (place, probe.likeness(&example.features))).collect();
        alike.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Alike(alike)
    }

    /// The likeliest intents, with examples; `None` as a label is out of scope.
    #[must_use]
    pub fn intents(&self, asked: Asked<'_>, alike: &Alike) -> Vec<Calibrated<Option<IntentName>>> {
        self.shown(self.likely_intents(asked), alike, |labels| labels.intent.as_ref())
    }

    /// As [`Ground::intents`], without examples, which take most of the time.
    #[must_use]
    pub fn likely_intents(&self, asked: Asked<'_>) -> Vec<Calibrated<Option<IntentName>>> {
        self.guesses(self.intent.as_ref(), asked)
    }

    /// Whether a text is out of scope by what was guessed of it: where that is the likeliest, or as likely as it hardly ever is of a text
    /// whose intent is guessed rightly.
    #[must_use]
    pub fn is_outside(&self, guesses: &[Calibrated<Option<IntentName>>]) -> bool {
        let outside = guesses.iter().position(|guess| guess.label.is_none());
        outside.is_some_and(|place| {
            place == 0 || guesses[place].probability.zip(self.outside_above).is_some_and(|(probability, above)| probability.get() > above)
        })
    }

    /// The intents that a text has beside its main one, likeliest first, as far as tickets with several intents taught when that is sure.
    #[must_use]
    pub fn also(&self, asked: Asked<'_>, main: &IntentName) -> Vec<(IntentName, f64)> {
        self.beside.as_ref().map_or_else(Vec::new, |beside| beside.further(asked.features, main, self.known_place(asked)))
    }

    /// The likeliest groups, with examples.
    #[must_use]
    pub fn groups(&self, asked: Asked<'_>, alike: &Alike) -> Vec<Calibrated<GroupName>> {
        self.shown(self.guesses(self.group.as_ref(), asked), alike, |labels| labels.group.as_ref())
    }

    /// The likeliest next steps, with examples.
    #[must_use]
    pub fn next_steps(&self, asked: Asked<'_>, alike: &Alike) -> Vec<Calibrated<NextStep>> {
        self.shown(self.guesses(self.next_step.as_ref(), asked), alike, |labels| labels.next_step.as_ref())
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

    /// What the features of a text add to each intent's score beyond the average intent; nothing of one that was not learned.
    #[must_use]
    pub fn speaking_for_intent(&self, asked: Asked<'_>, intent: Option<&IntentName>) -> Contributions {
        speaking(self.intent.as_ref(), asked, |label| label.as_ref() == intent)
    }

    /// The same of a group.
    #[must_use]
    pub fn speaking_for_group(&self, asked: Asked<'_>, group: &GroupName) -> Contributions {
        speaking(self.group.as_ref(), asked, |label| label == group)
    }

    /// The same of a priority.
    #[must_use]
    pub fn speaking_for_priority(&self, asked: Asked<'_>, priority: Priority) -> Contributions {
        speaking(self.priority.as_ref(), asked, |label| *label == priority)
    }

    /// The same of a sentiment.
    #[must_use]
    pub fn speaking_for_sentiment(&self, asked: Asked<'_>, sentiment: Sentiment) -> Contributions {
        speaking(self.sentiment.as_ref(), asked, |label| *label == sentiment)
    }

    /// The same of an urgency.
    #[must_use]
    pub fn speaking_for_urgency(&self, asked: Asked<'_>, urgency: Urgency) -> Contributions {
        speaking(self.urgency.as_ref(), asked, |label| *label == urgency)
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
        let row = self.known_place(asked).and_then(|index| learned.row_of.get(&index).copied());
        let scores = learned.fitted.scores(asked.features, row);
        let probabilities = learned.fitted.calibration().map(|calibration| calibration.probabilities(&scores));
        let shares = probabilities.clone().unwrap_or_else(|| Calibration::default().probabilities(&scores));
        let mut guesses: Vec<Calibrated<L>> = learned
            .labels
            .iter()
            .zip(shares)
            .enumerate()
            .filter(|(class, _)| !learned.is_silent(*class))
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
        Alike(alike): &Alike,
        label: impl Fn(&Labels) -> Option<&L>,
    ) -> Vec<Calibrated<L>> {
        for guess in &mut guesses {
            let of_it = alike.iter().filter(|(index, _)| label(&self.examples[*index].labels) == Some(&guess.label));
            guess.examples = of_it.map(|(index, _)| *index).take(EVIDENCE).collect();
        }
        guesses
    }

    /// Which example the text itself is, where it is one and still reads as it did.
    fn known_place(&self, asked: Asked<'_>) -> Option<usize> {
        // What was written since is another text: nothing was learned from that.
        self.place_of(asked).filter(|place| {
            let known = &self.examples[*place].features;
            known.sparse.is_empty() || known.sparse == asked.features.sparse
        })
    }

    /// Which example the text itself is, where it is one.
    fn place_of(&self, asked: Asked<'_>) -> Option<usize> {
        self.places.get(&asked.ticket?).copied()
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
    use backchannel_measure::calibration::Judged;

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
        let best = &ground.intents(asked, &ground.alike(asked))[0];
        assert_eq!(best.label.as_ref().map(IntentName::as_str), Some("refund"));
        assert!(best.probability.unwrap().get() > 0.6, "{:?}", best.probability);
    }

    #[test]
    fn the_probabilities_of_all_candidates_add_up_to_one_at_most() {
        let (vocabulary, ground) = ground();
        let features = Features { sparse: vocabulary.features("my parcel, and a refund"), ..Features::default() };
        let asked = Asked { features: &features, language: None, ticket: None };
        let sum: f64 = ground.intents(asked, &ground.alike(asked)).iter().filter_map(|vote| vote.probability).map(Probability::get).sum();
        assert!(sum > 0.5 && sum < 1.0 + 1e-9, "{sum}");
    }

    #[test]
    fn a_ticket_is_never_evidence_for_itself() {
        let (_, ground) = ground();
        let own = ground.examples()[4].clone();
        let asked = Asked { features: &own.features, language: None, ticket: own.ticket };
        assert!(ground.intents(asked, &ground.alike(asked)).iter().all(|vote| !vote.examples.contains(&4)));
    }

    #[test]
    fn routes_are_not_judged_on_tickets_that_a_rule_routes() {
        let (_, known) = ground();
        let examples = known.examples().iter().enumerate().map(|(place, example)| {
            // Every fourth of one kind is somewhere else, and no head can know it.
            let group = if place % 2 == 0 {
                "billing"
            } else if place % 8 == 1 {
                "legal"
            } else {
                "orders"
            };
            Example { labels: Labels { group: group.parse().ok(), ..Labels::default() }, ..example.clone() }
        });
        let ground = Ground::new(examples.collect(), BTreeSet::new());
        let ruled: BTreeSet<TicketId> = ground.examples().iter().skip(1).step_by(2).filter_map(|example| example.ticket).collect();
        let right = |judged: &[Judged]| (judged.iter().filter(|one| one.right()).count(), judged.len());
        let all = ground.judged(HeadPart::Route, &BTreeSet::new());
        assert_eq!(all, ground.heads().iter().find(|(part, ..)| *part == HeadPart::Route).unwrap().2.judged());
        assert_eq!((right(&all).1, right(&ground.judged(HeadPart::Route, &ruled))), (40, (20, 20)));
        assert!(right(&all).0 < 40, "{all:?}");
    }

    #[test]
    fn few_labels_give_guesses_without_probability() {
        let (vocabulary, full) = ground();
        let few = Ground::new(full.examples()[..10].to_vec(), BTreeSet::new());
        let features = Features { sparse: vocabulary.features("refund"), ..Features::default() };
        let asked = Asked { features: &features, language: None, ticket: None };
        assert!(few.intents(asked, &few.alike(asked)).iter().all(|vote| vote.probability.is_none()));
    }
}
