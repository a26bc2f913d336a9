//! Several labels of one text: logistic regression for each, over the same features.
//!
//! `p(label | x) = 1 / (1 + e^-(b + wx))`, the labels independent of each other (binary relevance), all of them learned in one pass over
//! the examples with one choice of cost and factor. A temperature that suits the held-out guesses makes scores into probabilities, and a
//! label is said from the probability on that gives the held-out guesses the best micro F1. Where the likeliest label is known by other
//! means and only further ones are wanted, these are said from a probability of their own.

use serde::{Deserialize, Serialize};

use crate::calibration::LEAST_EXAMPLES;
use crate::features::Features;
use crate::folds::stratified;
use crate::linear::{COSTS, Choice, FACTORS, FOLDS, Head, START, side_by_side, without};
use crate::table::{Begin, Learner, Problem, Table, Target};

/// Probabilities that are tried as the least with which a label is said.
const THRESHOLDS: usize = 99;
/// Where the temperature is looked for, as the logarithm of its inverse, and in how many steps of thirds.
const LOG_INVERSE: (f64, f64) = (-2.0, 2.0);
const STEPS: usize = 30;
/// Fewer texts with several labels do not say from which probability on a further one may be said.
const FEWEST_FURTHER: usize = 10;
/// A further label is said only where at least this share of those that are said is right when held out, one wrong one more reckoned with;
/// and never one that is less likely than not.
const RIGHT_FURTHER: f64 = 0.5;

/// A text with its labels, each below the number of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled<'a> {
    /// Its features.
    pub features: &'a Features,
    /// Its labels, the main one first; none is an answer too.
    pub labels: Vec<usize>,
    /// Copies of one text have the same key, and are never learned from and tested on at once.
    pub key: usize,
    /// Whether held-out guesses on it count: those on prompts that nobody wrote in earnest do not.
    pub counts: bool,
}

/// A head for each label, and from which probability on it is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Several {
    head: Head,
    inverse: f64,
    threshold: f64,
    /// From which probability on a further label is said; `None` while too few texts have several.
    least_further: Option<f64>,
    /// The scores of every example by heads that were learned without it, one row after another.
    apart: Vec<f32>,
    choice: Choice,
}

/// What parts that were left out say: the scores of all labels, for each example.
type HeldOut = Vec<Vec<f32>>;

impl Several {
    /// Learns from the examples; `None` where fewer than two have a label, or all have the same ones.
    ///
    /// `choice`: taken as it is; chosen by cross-validation on these examples when `None`.
    #[must_use]
    pub fn learn(examples: &[Labelled<'_>], labels: usize, choice: Option<Choice>) -> Option<Self> {
        let with_labels = examples.iter().filter(|example| !example.labels.is_empty()).count();
        if with_labels < 2 || examples.iter().all(|example| example.labels == examples[0].labels) {
            return None;
        }
        let table = Table::with(examples.iter().map(|one| (one.features, Target::Any(one.labels.clone()))).collect(), labels);
        // Parts have their share of the first label of each; texts without one are a class of their own.
        let members: Vec<(usize, usize)> = examples.iter().map(|one| (one.labels.first().copied().unwrap_or(labels), one.key)).collect();
        let part_of = stratified(&members, FOLDS);
        let (choice, held_out) = match choice {
            Some(choice) => (choice, held_out(&table.weighing(choice.sparse), &part_of, choice.cost)),
            None => choose(&table, examples, &part_of),
        };
        let problem = table.weighing(choice.sparse);
        let everybody: Vec<usize> = (0..examples.len()).collect();
        let head = problem.head(&problem.train(&everybody, choice.cost, Begin::Cold, Learner::Alone));
        let apart = held_out.concat();
        let (examples, held_out): (Vec<&Labelled<'_>>, HeldOut) =
            examples.iter().zip(held_out).filter(|(example, _)| example.counts).unzip();
        let inverse = temperature(&examples, &held_out);
        let threshold = best_f1(guesses(&examples, &held_out, inverse), 0.0).unwrap_or(0.5);
        Some(Self { head, inverse, threshold, least_further: least_further(&examples, &held_out, inverse), apart, choice })
    }

    /// How likely each label is.
    #[must_use]
    pub fn probabilities(&self, features: &Features) -> Vec<f64> {
        self.head.scores(features).into_iter().map(|score| sigmoid(f64::from(score) * self.inverse)).collect()
    }

    /// The labels that are said, likeliest first.
    #[must_use]
    pub fn said(&self, features: &Features) -> Vec<usize> {
        let mut likely: Vec<(usize, f64)> =
            self.probabilities(features).into_iter().enumerate().filter(|(_, probability)| *probability >= self.threshold).collect();
        likely.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        likely.into_iter().map(|(label, _)| label).collect()
    }

    /// The labels that are said beside a first one that is known by other means, likeliest first, each with its probability.
    ///
    /// `example`: which of the examples is asked about; then heads answer that were learned without it.
    #[must_use]
    pub fn further(&self, features: &Features, first: usize, example: Option<usize>) -> Vec<(usize, f64)> {
        let Some(least) = self.least_further else { return Vec::new() };
        let labels = self.head.classes();
        let apart = example.and_then(|example| self.apart.get(example * labels..(example + 1) * labels));
        let scores = apart.map_or_else(|| self.head.scores(features), <[f32]>::to_vec);
        let likely = scores.into_iter().map(|score| sigmoid(f64::from(score) * self.inverse)).enumerate();
        let mut likely: Vec<(usize, f64)> = likely.filter(|(label, probability)| *label != first && *probability >= least).collect();
        likely.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        likely
    }

    /// Whether it is known from where on a further label is sure enough.
    #[must_use]
    pub const fn tells_further(&self) -> bool {
        self.least_further.is_some()
    }

    /// From which probability on a label is said.
    #[must_use]
    pub const fn threshold(&self) -> f64 {
        self.threshold
    }

    /// What cross-validation chose.
    #[must_use]
    pub const fn choice(&self) -> Choice {
        self.choice
    }
}

/// The choice whose held-out guesses are the likeliest, and these guesses: first the factor, then the cost, as for one label.
fn choose(table: &Table<'_>, examples: &[Labelled<'_>], part_of: &[usize]) -> (Choice, HeldOut) {
    let all: Vec<&Labelled<'_>> = examples.iter().collect();
    let tried = |problem: &Problem<'_, '_>, cost: f64| {
        let held_out = held_out(problem, part_of, cost);
        (loss(&all, &held_out, 1.0), held_out)
    };
    let of = |choice: Choice| (tried(&table.weighing(choice.sparse), choice.cost), choice);
    let mut best = of(START);
    for sparse in FACTORS {
        let next = of(Choice { sparse, ..START });
        if next.0.0 < best.0.0 {
            best = next;
        }
    }
    for cost in COSTS {
        let next = of(Choice { cost, sparse: best.1.sparse });
        if next.0.0 < best.0.0 {
            best = next;
        }
    }
    let ((_, held_out), choice) = best;
    (choice, held_out)
}

/// The scores of every example by weights that were learned without its part.
fn held_out(problem: &Problem<'_, '_>, part_of: &[usize], cost: f64) -> HeldOut {
    let weights = side_by_side(|part| problem.train(&without(part_of, part), cost, Begin::Cold, Learner::Beside));
    let scores = part_of.iter().enumerate().map(|(row, part)| {
        let mut scores = vec![0.0; problem.classes()];
        problem.score(row, &weights[*part], &mut scores);
        scores
    });
    scores.collect()
}

/// The mean cross-entropy of an example, all labels together, with its scores times `inverse`.
fn loss(examples: &[&Labelled<'_>], held_out: &HeldOut, inverse: f64) -> f64 {
    let mut sum = 0.0;
    for (example, scores) in examples.iter().zip(held_out) {
        for score in scores {
            let score = f64::from(*score) * inverse;
            sum += score.max(0.0) + (-score.abs()).exp().ln_1p();
        }
        sum -= example.labels.iter().map(|label| f64::from(scores[*label]) * inverse).sum::<f64>();
    }
    sum / count(examples.len())
}

/// The inverse temperature with the least loss: the loss is convex in it, so that thirds of an interval close in on it.
fn temperature(examples: &[&Labelled<'_>], held_out: &HeldOut) -> f64 {
    let (mut low, mut high) = LOG_INVERSE;
    for _ in 0..STEPS {
        let third = (high - low) / 3.0;
        let of = |log: f64| loss(examples, held_out, log.exp());
        if of(low + third) < of(high - third) {
            high -= third;
        } else {
            low += third;
        }
    }
    f64::midpoint(low, high).exp()
}

/// Every held-out guess: how likely a label is, and whether the text has it.
fn guesses<'a>(examples: &'a [&Labelled<'_>], held_out: &'a HeldOut, inverse: f64) -> impl Iterator<Item = (f64, bool)> + 'a {
    let rows = examples.iter().zip(held_out);
    rows.flat_map(move |(example, scores)| {
        let labels = scores.iter().enumerate();
        labels.map(move |(label, score)| (sigmoid(f64::from(*score) * inverse), example.labels.contains(&label)))
    })
}

/// From which probability on a label is said beside the first one of a text, if enough texts have several.
fn least_further(examples: &[&Labelled<'_>], held_out: &HeldOut, inverse: f64) -> Option<f64> {
    let several = examples.iter().filter(|example| example.labels.len() > 1).count();
    if several < FEWEST_FURTHER || examples.len() < LEAST_EXAMPLES {
        return None;
    }
    let rows = examples.iter().zip(held_out).filter_map(|(example, scores)| Some((example, scores, *example.labels.first()?)));
    let beside = rows.flat_map(|(example, scores, first)| {
        let others = scores.iter().enumerate().filter(move |(label, _)| *label != first);
        others.map(move |(label, score)| (sigmoid(f64::from(*score) * inverse), example.labels.contains(&label)))
    });
    best_f1(beside, RIGHT_FURTHER).map(|least| least.max(RIGHT_FURTHER))
}

/// The probability from which on the guesses that are said have the best F1, the middle of equals, among those from which on at least `right`
/// of them are right, one wrong one more reckoned with; `None` where there is no such one.
fn best_f1(guesses: impl Iterator<Item = (f64, bool)>, right: f64) -> Option<f64> {
    // How many are said from each threshold on, and how many of them rightly.
    let (mut said, mut rightly, mut there) = (vec![0_usize; THRESHOLDS + 1], vec![0_usize; THRESHOLDS + 1], 0);
    for (probability, is_right) in guesses {
        let place = place(probability);
        said[place] += 1;
        rightly[place] += usize::from(is_right);
        there += usize::from(is_right);
    }
    let (mut best, mut chosen) = (0.0, None);
    let (mut found, mut hits) = (0, 0);
    for place in (1..=THRESHOLDS).rev() {
        (found, hits) = (found + said[place], hits + rightly[place]);
        let f1 = count(2 * hits) / count((found + there).max(1));
        if hits == 0 || count(hits) < right * count(found + 1) {
            continue;
        }
        match chosen {
            Some((highest, _)) if f1 >= best && said[place] == 0 => chosen = Some((highest, place)),
            _ if f1 > best => (best, chosen) = (f1, Some((place, place))),
            _ => {}
        }
    }
    chosen.map(|(highest, lowest)| count(highest + lowest) / count(2 * (THRESHOLDS + 1)))
}

/// The last threshold that a probability reaches.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 1 times a hundred")]
fn place(probability: f64) -> usize {
    ((probability * count(THRESHOLDS + 1)) as usize).min(THRESHOLDS)
}

fn sigmoid(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

#[expect(clippy::cast_precision_loss, reason = "numbers of examples stay far below 2^52")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ngrams::Vocabulary;

    const TOPICS: [&str; 3] = ["refund money back", "parcel lost in transit", "password login account"];

    /// Texts that speak of one thing, of two, or of none.
    fn texts() -> Vec<(String, Vec<usize>)> {
        (0..90)
            .map(|i| {
                let labels: Vec<usize> = match i % 5 {
                    0 => vec![i % 3, (i + 1) % 3],
                    4 => Vec::new(),
                    _ => vec![i % 3],
                };
                let topics: Vec<&str> = labels.iter().map(|label| TOPICS[*label]).collect();
                (format!("hello number {i} {}", topics.join(" and ")), labels)
            })
            .collect()
    }

    fn learned() -> (Vocabulary, Several) {
        let texts = texts();
        let vocabulary = Vocabulary::of(texts.iter().map(|(text, _)| text.as_str()));
        let features: Vec<Features> =
            texts.iter().map(|(text, _)| Features { sparse: vocabulary.features(text), ..Features::default() }).collect();
        let examples: Vec<Labelled<'_>> = features
            .iter()
            .zip(&texts)
            .enumerate()
            .map(|(key, (features, (_, labels)))| Labelled { features, labels: labels.clone(), key, counts: true })
            .collect();
        let several = Several::learn(&examples, 3, None).unwrap();
        (vocabulary, several)
    }

    #[test]
    fn a_text_about_two_things_gets_both_labels_and_one_about_nothing_gets_none() {
        let (vocabulary, several) = learned();
        let said = |text: &str| {
            let mut said = several.said(&Features { sparse: vocabulary.features(text), ..Features::default() });
            said.sort_unstable();
            said
        };
        assert_eq!(said("my parcel is lost in transit, I want a refund, my money back"), [0, 1]);
        assert_eq!(said("the password of my account, login"), [2]);
        assert_eq!(said("hello number 7"), [] as [usize; 0]);
    }

    #[test]
    fn beside_the_first_label_only_further_ones_are_said() {
        let (vocabulary, several) = learned();
        let further = |text: &str, first: usize| {
            let features = Features { sparse: vocabulary.features(text), ..Features::default() };
            several.further(&features, first, None).into_iter().map(|(label, _)| label).collect::<Vec<_>>()
        };
        assert_eq!(further("my parcel is lost in transit, I want a refund, my money back", 1), [0]);
        assert_eq!(further("the password of my account, login", 2), [] as [usize; 0]);
    }

    #[test]
    fn few_texts_with_several_labels_do_not_say_when_a_further_one_is_sure() {
        let guesses = |right: usize, wrong: usize| (0..right + wrong).map(move |i| (0.8, i < right));
        assert_eq!(best_f1(guesses(6, 4), RIGHT_FURTHER), Some(0.405), "between 0 and what is as likely as any");
        assert_eq!(best_f1(guesses(4, 6), RIGHT_FURTHER), None, "most would be wrong");
        let one = Features::default();
        let single = Labelled { features: &one, labels: vec![0], key: 0, counts: true };
        let both = Labelled { labels: vec![0, 1], ..single.clone() };
        let scores = vec![vec![2.0, 1.0]; LEAST_EXAMPLES];
        let least = least_further(&vec![&both; LEAST_EXAMPLES], &scores, 1.0);
        assert!(least.unwrap() >= RIGHT_FURTHER, "nothing is said that is less likely than not: {least:?}");
        assert_eq!(least_further(&vec![&both; LEAST_EXAMPLES - 1], &scores, 1.0), None, "too few texts for a probability");
        let mut few = vec![&single; LEAST_EXAMPLES];
        few[..FEWEST_FURTHER - 1].fill(&both);
        assert_eq!(least_further(&few, &scores, 1.0), None, "too few have several");
    }

    #[test]
    fn an_example_is_judged_by_heads_that_did_not_learn_from_it() {
        let texts = texts();
        let vocabulary = Vocabulary::of(texts.iter().map(|(text, _)| text.as_str()));
        let features = |text: &str| Features { sparse: vocabulary.features(text), ..Features::default() };
        // The last text is labelled with what it does not speak of.
        let mut read: Vec<(Features, Vec<usize>)> = texts.iter().map(|(text, labels)| (features(text), labels.clone())).collect();
        read.push((features("password login account zebra zebra"), vec![2, 0]));
        let rows = read.iter().enumerate();
        let examples: Vec<Labelled<'_>> =
            rows.map(|(key, (features, labels))| Labelled { features, labels: labels.clone(), key, counts: true }).collect();
        let several = Several::learn(&examples, 3, Some(Choice { cost: 1e4, sparse: 1.0 })).unwrap();
        let said = |example| several.further(&read[read.len() - 1].0, 2, example).into_iter().map(|(label, _)| label).collect::<Vec<_>>();
        assert_eq!((said(None), said(Some(read.len() - 1))), (vec![0], vec![]), "learned by heart, and not believed without it");
    }

    #[test]
    fn the_same_examples_give_the_same_head_and_threshold() {
        let ((_, one), (_, other)) = (learned(), learned());
        assert_eq!(
            (one.head, one.threshold.to_bits(), one.inverse.to_bits()),
            (other.head, other.threshold.to_bits(), other.inverse.to_bits())
        );
    }

    #[test]
    fn labels_that_never_differ_teach_nothing() {
        let features = vec![Features::default(); 4];
        let same: Vec<Labelled<'_>> =
            features.iter().enumerate().map(|(key, features)| Labelled { features, labels: vec![0], key, counts: true }).collect();
        assert!(Several::learn(&same, 1, None).is_none());
        let none: Vec<Labelled<'_>> = same.iter().map(|one| Labelled { labels: Vec::new(), ..one.clone() }).collect();
        assert!(Several::learn(&none, 1, None).is_none());
    }
}
