//! Several labels of one text: logistic regression for each, over the same features.
//!
//! `p(label | x) = 1 / (1 + e^-(b + wx))`, the labels independent of each other (binary relevance), all of them learned in one pass over
//! the examples with one choice of cost and factor. A temperature that suits the held-out guesses makes scores into probabilities, and a
//! label is said from the probability on that gives the held-out guesses the best micro F1.

use crate::features::Features;
use crate::folds::stratified;
use crate::linear::{COSTS, Choice, FACTORS, FOLDS, Head, START, side_by_side, without};
use crate::table::{Begin, Learner, Problem, Table, Target};

/// Probabilities that are tried as the least with which a label is said.
const THRESHOLDS: usize = 99;
/// Where the temperature is looked for, as the logarithm of its inverse, and in how many steps of thirds.
const LOG_INVERSE: (f64, f64) = (-2.0, 2.0);
const STEPS: usize = 30;

/// A text with its labels, each below the number of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled<'a> {
    /// Its features.
    pub features: &'a Features,
    /// Its labels; none is an answer too.
    pub labels: Vec<usize>,
    /// Copies of one text have the same key, and are never learned from and tested on at once.
    pub key: usize,
}

/// A head for each label, and from which probability on it is said.
#[derive(Debug, Clone)]
pub struct Several {
    head: Head,
    inverse: f64,
    threshold: f64,
    choice: Choice,
}

/// What parts that were left out say: the scores of all labels, for each example.
type HeldOut = Vec<Vec<f32>>;

impl Several {
    /// Learns from the examples; `None` where fewer than two have a label, or all have the same ones.
    #[must_use]
    pub fn learn(examples: &[Labelled<'_>], labels: usize) -> Option<Self> {
        let with_labels = examples.iter().filter(|example| !example.labels.is_empty()).count();
        if with_labels < 2 || examples.iter().all(|example| example.labels == examples[0].labels) {
            return None;
        }
        let table = Table::with(examples.iter().map(|one| (one.features, Target::Any(one.labels.clone()))).collect(), labels);
        // Parts have their share of the first label of each; texts without one are a class of their own.
        let members: Vec<(usize, usize)> = examples.iter().map(|one| (one.labels.first().copied().unwrap_or(labels), one.key)).collect();
        let part_of = stratified(&members, FOLDS);
        let (choice, held_out) = choose(&table, examples, &part_of);
        let problem = table.weighing(choice.sparse);
        let everybody: Vec<usize> = (0..examples.len()).collect();
        let head = problem.head(&problem.train(&everybody, choice.cost, Begin::Cold, Learner::Alone));
        let inverse = temperature(examples, &held_out);
        Some(Self { head, inverse, threshold: threshold(examples, &held_out, inverse), choice })
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
    let tried = |problem: &Problem<'_, '_>, cost: f64| {
        let weights = side_by_side(|part| problem.train(&without(part_of, part), cost, Begin::Cold, Learner::Beside));
        let held_out: HeldOut = (0..examples.len())
            .map(|row| {
                let mut scores = vec![0.0; problem.classes()];
                problem.score(row, &weights[part_of[row]], &mut scores);
                scores
            })
            .collect();
        (loss(examples, &held_out, 1.0), held_out)
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

/// The mean cross-entropy of an example, all labels together, with its scores times `inverse`.
fn loss(examples: &[Labelled<'_>], held_out: &HeldOut, inverse: f64) -> f64 {
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
fn temperature(examples: &[Labelled<'_>], held_out: &HeldOut) -> f64 {
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

/// The probability from which on labels are said, with the best micro F1 on held-out guesses; the lowest of equals.
fn threshold(examples: &[Labelled<'_>], held_out: &HeldOut, inverse: f64) -> f64 {
    // How many are said from each threshold on, and how many of them rightly.
    let (mut said, mut right) = (vec![0_usize; THRESHOLDS + 1], vec![0_usize; THRESHOLDS + 1]);
    let there: usize = examples.iter().map(|example| example.labels.len()).sum();
    for (example, scores) in examples.iter().zip(held_out) {
        for (label, score) in scores.iter().enumerate() {
            let place = place(sigmoid(f64::from(*score) * inverse));
            said[place] += 1;
            right[place] += usize::from(example.labels.contains(&label));
        }
    }
    let (mut best, mut chosen) = (-1.0, 0.5);
    let (mut found, mut hits) = (0, 0);
    for place in (1..=THRESHOLDS).rev() {
        (found, hits) = (found + said[place], hits + right[place]);
        let f1 = count(2 * hits) / count((found + there).max(1));
        if f1 >= best {
            (best, chosen) = (f1, count(place) / count(THRESHOLDS + 1));
        }
    }
    chosen
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
            .map(|(key, (features, (_, labels)))| Labelled { features, labels: labels.clone(), key })
            .collect();
        let several = Several::learn(&examples, 3).unwrap();
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
            features.iter().enumerate().map(|(key, features)| Labelled { features, labels: vec![0], key }).collect();
        assert!(Several::learn(&same, 1).is_none());
        let none: Vec<Labelled<'_>> = same.iter().map(|one| Labelled { labels: Vec::new(), ..one.clone() }).collect();
        assert!(Several::learn(&none, 1).is_none());
    }
}
