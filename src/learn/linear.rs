//! A linear head: softmax regression over dense and sparse features together.
//!
//! `p(class | x) ∝ exp(b + Wx)`, with the weights that make `mean cross-entropy + ‖W‖² / (2·cost·n)` least; the bias is free. The
//! problem is convex, so neither seed nor order of the examples decides, and the same input gives the same bytes.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use backchannel_measure::calibration::Judged;
use serde::{Deserialize, Serialize};

use crate::calibration::{Calibration, Temperature};
use crate::contribution::Contributions;
use crate::features::Features;
use crate::folds::stratified;
use crate::table::{Begin, Learner, Problem, Table};

/// Parts that are left out in turn.
pub const FOLDS: usize = 5;
/// Examples that the choice of `cost` and `sparse` is made on, at most: it moves little beyond.
const CHOSEN_ON: usize = 2_000;

/// An example to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// Its features.
    pub features: &'a Features,
    /// Its class, below the number of classes.
    pub class: usize,
    /// Copies of one text have the same key, and are never learned from and tested on at once.
    pub key: usize,
    /// Whether held-out guesses on it count: those on prompts that nobody wrote in earnest do not.
    pub counts: bool,
}

/// What is chosen by cross-validation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What an error costs against large weights.
    pub cost: f64,
    /// The factor of the sparse features beside the dense ones.
    pub sparse: f32,
}

/// Where the search begins, and what it tries from there: first the factor, then the cost.
pub(crate) const START: Choice = Choice { cost: 10.0, sparse: 0.7 };
pub(crate) const FACTORS: [f32; 2] = [0.35, 1.4];
pub(crate) const COSTS: [f64; 2] = [3.0, 40.0];

/// Weights for dense features, for the columns of sparse ones, and a bias: each a row with one weight for each class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    classes: usize,
    dense: usize,
    columns: Vec<u32>,
    weights: Vec<f32>,
}

impl Head {
    pub(crate) const fn new(classes: usize, dense: usize, columns: Vec<u32>, weights: Vec<f32>) -> Self {
        Self { classes, dense, columns, weights }
    }

    pub(crate) const fn classes(&self) -> usize {
        self.classes
    }

    /// How many dense numbers it reads.
    pub(crate) const fn dense(&self) -> usize {
        self.dense
    }

    pub(crate) fn dense_weights(&self) -> &[f32] {
        &self.weights[..self.dense * self.classes]
    }

    pub(crate) fn bias(&self) -> &[f32] {
        &self.weights[self.weights.len() - self.classes..]
    }

    /// The weights of each column that it reads, one for each class.
    pub(crate) fn sparse_weights(&self) -> impl Iterator<Item = (u32, &[f32])> {
        let rows = &self.weights[self.dense * self.classes..self.weights.len() - self.classes];
        self.columns.iter().copied().zip(rows.chunks_exact(self.classes))
    }

    /// The scores of all classes: logits, uncalibrated. Dense features of another width count as zero.
    #[must_use]
    pub fn scores(&self, features: &Features) -> Vec<f32> {
        let (rows, bias) = self.weights.split_at(self.weights.len() - self.classes);
        let mut scores = bias.to_vec();
        let mut rows = rows.chunks_exact(self.classes);
        let mut add = |value: f32, row: &[f32]| scores.iter_mut().zip(row).for_each(|(score, weight)| *score += value * weight);
        for (value, row) in features.numbers().zip(rows.by_ref().take(self.dense)) {
            add(value, row);
        }
        let sparse = &self.weights[self.dense * self.classes..];
        for (bucket, value) in features.sparse.entries() {
            if let Ok(column) = self.columns.binary_search(bucket) {
                add(*value, &sparse[column * self.classes..][..self.classes]);
            }
        }
        scores
    }

    /// What each feature adds to the score of a class beyond what it adds to the scores of all classes on average: together with the bias
    /// the score itself, less the average score.
    #[must_use]
    pub fn contributions(&self, features: &Features, class: usize) -> Contributions {
        let mut said = Contributions::default();
        if class >= self.classes {
            return said;
        }
        let (rows, bias) = self.weights.split_at(self.weights.len() - self.classes);
        #[expect(clippy::cast_precision_loss, reason = "a count of classes")]
        let beyond = |row: &[f32]| row[class] - row.iter().sum::<f32>() / self.classes as f32;
        said.bias = beyond(bias);
        let mut rows = rows.chunks_exact(self.classes);
        let numbers = features.numbers().zip(rows.by_ref().take(self.dense));
        for (place, (value, row)) in numbers.enumerate() {
            let part = if place < features.dense.len() { &mut said.dense } else { &mut said.told };
            *part += value * beyond(row);
        }
        let sparse = &self.weights[self.dense * self.classes..];
        for (bucket, value) in features.sparse.entries() {
            if let Ok(column) = self.columns.binary_search(bucket) {
                said.sparse.push((*bucket, value * beyond(&sparse[column * self.classes..][..self.classes])));
            }
        }
        said
    }
}

/// A head with what leaving parts out said of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    whole: Head,
    /// The scores of every example by a head that was learned without it, one row after another.
    apart: Vec<f32>,
    /// The class of every example, and whether a guess on it counts.
    told: Vec<(usize, bool)>,
    calibration: Option<Calibration>,
    choice: Choice,
}

/// An example whose label is hardly believed by a head that was learned without it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suspect {
    /// Which example.
    pub example: usize,
    /// The probability of the class that it has.
    pub own: f64,
    /// The likeliest class.
    pub likelier: usize,
    /// Its probability.
    pub probability: f64,
}

/// An example is suspect where another class is at least this likely and its own at most [`DISBELIEVED`].
const BELIEVED: f64 = 0.8;
/// See [`BELIEVED`].
const DISBELIEVED: f64 = 0.05;

impl Fitted {
    /// Learns from the examples; `None` below two classes with an example, or below two examples of any class.
    ///
    /// `choice`: taken as it is; chosen by cross-validation on these examples when `None`.
    #[must_use]
    pub fn learn(examples: &[Example<'_>], classes: usize, choice: Option<Choice>) -> Option<Self> {
        Self::learn_watched(examples, classes, choice, &|| {})
    }

    /// As [`Fitted::learn`]; `watch` is called at each of [`steps`] steps.
    #[must_use]
    pub fn learn_watched(examples: &[Example<'_>], classes: usize, choice: Option<Choice>, watch: &(dyn Fn() + Sync)) -> Option<Self> {
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        for example in examples {
            *sizes.entry(example.class).or_default() += 1;
        }
        if sizes.len() < 2 || sizes.values().all(|size| *size < 2) {
            return None;
        }
        let table = Table::of(examples, classes);
        let members: Vec<(usize, usize)> = examples.iter().map(|example| (example.class, example.key)).collect();
        let part_of = stratified(&members, FOLDS);
        let (choice, problem, starts) =
            choice.map_or_else(|| choose(&table, examples, &part_of, watch), |choice| (choice, table.weighing(choice.sparse), Vec::new()));
        let everybody: Vec<usize> = (0..examples.len()).collect();
        let whole = problem.train(&everybody, choice.cost, starts.first().map_or(Begin::Cold, |start| Begin::Blind(start)), Learner::Alone);
        watch();
        // What chose began without a part, and so may what is learned without it. Where nothing was chosen the whole is a good place to
        // begin: each part differs from it by a fifth of the examples.
        let begin = |part: usize| starts.get(part).map_or(Begin::Near(&whole), |start| Begin::Blind(start));
        let parts = side_by_side(|part| {
            let weights = problem.train(&without(&part_of, part), choice.cost, begin(part), Learner::Beside);
            watch();
            weights
        });
        let apart: Vec<Vec<f32>> = everybody.iter().map(|row| scored(&problem, *row, &parts[part_of[*row]])).collect();
        let counted = apart.iter().zip(examples).filter(|(_, example)| example.counts);
        let counted: Vec<(Vec<f32>, usize)> = counted.map(|(scores, example)| (scores.clone(), example.class)).collect();
        Some(Self {
            calibration: Calibration::fit(&counted),
            apart: apart.concat(),
            told: examples.iter().map(|example| (example.class, example.counts)).collect(),
            whole: problem.head(&whole),
            choice,
        })
    }

    /// The head that learned from all examples.
    pub(crate) const fn whole(&self) -> &Head {
        &self.whole
    }

    /// The scores of all classes.
    ///
    /// `example`: which of the examples is asked about; then those are answered that a head gave which was learned without it.
    #[must_use]
    pub fn scores(&self, features: &Features, example: Option<usize>) -> Vec<f32> {
        example.and_then(|example| self.held_out(example)).map_or_else(|| self.whole.scores(features), <[f32]>::to_vec)
    }

    /// The scores of an example by a head that was learned without it.
    fn held_out(&self, example: usize) -> Option<&[f32]> {
        let classes = self.whole.classes;
        self.apart.get(example * classes..(example + 1) * classes)
    }

    /// How many examples it learned from.
    #[must_use]
    pub const fn examples(&self) -> usize {
        self.told.len()
    }

    /// The head that was learned from all examples.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.whole
    }

    /// What turns scores into probabilities; `None` while too few held-out guesses count.
    #[must_use]
    pub const fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// What cross-validation chose.
    #[must_use]
    pub const fn choice(&self) -> Choice {
        self.choice
    }

    /// The held-out guesses that count: how likely each was held, and whether it was right. Uncalibrated shares while no
    /// calibration is there.
    #[must_use]
    pub fn judged(&self) -> Vec<Judged> {
        let plain = Calibration::default();
        let calibration = self.calibration.as_ref().unwrap_or(&plain);
        let counted = self.told.iter().enumerate().filter(|(_, (_, counts))| *counts);
        let guesses = counted.filter_map(|(example, (class, _))| {
            let scores = self.held_out(example)?;
            let guess = best(scores)?;
            Judged::new(calibration.probabilities(scores)[guess], guess == *class).ok()
        });
        guesses.collect()
    }

    /// How likely a class was held for each example that counts and whose own class, another one, was guessed without it; nothing while no
    /// calibration is there.
    #[must_use]
    pub fn beside_right(&self, class: usize) -> Vec<f64> {
        let Some(calibration) = &self.calibration else { return Vec::new() };
        let counted = self.told.iter().enumerate().filter(|(_, (own, counts))| *counts && *own != class);
        let right = counted.filter_map(|(example, (own, _))| self.held_out(example).filter(|scores| best(scores) == Some(*own)));
        right.map(|scores| calibration.probabilities(scores)[class]).collect()
    }

    /// The class of each example that counts and the one that was guessed without it.
    #[must_use]
    pub fn guessed(&self) -> Vec<(usize, usize)> {
        let counted = self.told.iter().enumerate().filter(|(_, (_, counts))| *counts);
        counted.filter_map(|(example, (class, _))| Some((*class, best(self.held_out(example)?)?))).collect()
    }

    /// The examples whose label is hardly believed without them, the least believed first.
    ///
    /// Source: Northcutt, Jiang and Chuang, *Confident Learning: Estimating Uncertainty in Dataset Labels* (2021), with fixed thresholds in
    /// place of those of each class.
    #[must_use]
    pub fn suspects(&self) -> Vec<Suspect> {
        let Some(calibration) = &self.calibration else { return Vec::new() };
        let counted = self.told.iter().enumerate().filter(|(_, (_, counts))| *counts);
        let mut suspects: Vec<Suspect> = counted
            .filter_map(|(example, (class, _))| {
                let scores = self.held_out(example)?;
                let (probabilities, likelier) = (calibration.probabilities(scores), best(scores)?);
                let (own, probability) = (probabilities[*class], probabilities[likelier]);
                (likelier != *class && probability >= BELIEVED && own <= DISBELIEVED).then_some(Suspect {
                    example,
                    own,
                    likelier,
                    probability,
                })
            })
            .collect();
        suspects.sort_by(|a, b| a.own.total_cmp(&b.own).then(a.example.cmp(&b.example)));
        suspects
    }
}

/// How many steps learning takes, each some shorter and some longer; fewer where the choice is made.
#[must_use]
pub const fn steps(is_chosen: bool) -> usize {
    let tried = if is_chosen { 0 } else { 1 + FACTORS.len() + COSTS.len() };
    tried * FOLDS + 1 + FOLDS
}

/// The class with the highest score, the first of equals.
#[must_use]
pub fn best(scores: &[f32]) -> Option<usize> {
    scores.iter().enumerate().max_by(|(i, a), (j, b)| a.total_cmp(b).then(j.cmp(i))).map(|(class, _)| class)
}

pub(crate) fn without(part_of: &[usize], part: usize) -> Vec<usize> {
    (0..part_of.len()).filter(|row| part_of[*row] != part).collect()
}

/// What is learned for each part, two at a time: half of a step is spent on the weights, which two threads cannot share.
pub(crate) fn side_by_side(learn: impl Fn(usize) -> Vec<f32> + Sync) -> [Vec<f32>; FOLDS] {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut learned = Vec::new();
        while let Some(part) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|part| *part < FOLDS) {
            learned.push((part, learn(part)));
        }
        learned
    };
    let mut parts: [Vec<f32>; FOLDS] = Default::default();
    let (here, beside) = thread::scope(|scope| {
        let beside = scope.spawn(work);
        (work(), beside.join())
    });
    let beside = beside.unwrap_or_else(|panic| resume_unwind(panic));
    for (part, weights) in here.into_iter().chain(beside) {
        parts[part] = weights;
    }
    parts
}

/// The choice whose held-out guesses are the likeliest, at the temperature that suits each best, with the weights that were learned
/// without each part.
fn choose<'t, 'a>(
    table: &'t Table<'a>,
    examples: &[Example<'_>],
    part_of: &[usize],
    watch: &(dyn Fn() + Sync),
) -> (Choice, Problem<'t, 'a>, Vec<Vec<f32>>) {
    // Every n-th example, so that the classes keep their shares.
    let step = examples.len().div_ceil(CHOSEN_ON).max(1);
    let sample: Vec<usize> = (0..examples.len()).step_by(step).collect();
    let tried = |problem: &Problem<'_, '_>, cost: f64, starts: Option<&[Vec<f32>]>| {
        let weights = side_by_side(|part| {
            let on: Vec<usize> = sample.iter().copied().filter(|row| part_of[*row] != part).collect();
            let begin = starts.map_or(Begin::Cold, |starts| Begin::Blind(&starts[part]));
            let weights = problem.train(&on, cost, begin, Learner::Beside);
            watch();
            weights
        });
        (Temperature::best_loss(&held_out(problem, examples, &sample, part_of, &weights)), weights)
    };
    let problem = table.weighing(START.sparse);
    let (loss, weights) = tried(&problem, START.cost, None);
    let mut best = (loss, START, problem, weights);
    for sparse in FACTORS {
        let problem = table.weighing(sparse);
        // Weights over the features of one factor are a place to begin with the next; coordinates are others.
        let starts = problem.is_over_features().then_some(best.3.as_slice());
        let (loss, weights) = tried(&problem, START.cost, starts);
        if loss < best.0 {
            best = (loss, Choice { sparse, ..START }, problem, weights);
        }
    }
    let (mut least, mut choice, problem, mut weights) = best;
    for cost in COSTS {
        let (loss, learned) = tried(&problem, cost, Some(weights.as_slice()));
        if loss < least {
            (least, choice, weights) = (loss, Choice { cost, ..choice }, learned);
        }
    }
    (choice, problem, weights.into())
}

/// The scores of examples by the weights that were learned without them, each with its class.
fn held_out(
    problem: &Problem<'_, '_>,
    examples: &[Example<'_>],
    on: &[usize],
    part_of: &[usize],
    parts: &[Vec<f32>],
) -> Vec<(Vec<f32>, usize)> {
    on.iter().filter(|row| examples[**row].counts).map(|row| (scored(problem, *row, &parts[part_of[*row]]), examples[*row].class)).collect()
}

/// The scores of an example by some weights.
fn scored(problem: &Problem<'_, '_>, row: usize, weights: &[f32]) -> Vec<f32> {
    let mut scores = vec![0.0; problem.classes()];
    problem.score(row, weights, &mut scores);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contribution::Terms;
    use crate::ngrams::Vocabulary;

    const TOPICS: [&str; 3] = ["refund money back order", "parcel lost in transit courier", "password login account locked"];

    fn texts() -> Vec<(String, usize)> {
        so_many_texts(48)
    }

    fn so_many_texts(n: usize) -> Vec<(String, usize)> {
        let extra = ["please", "hello there", "since monday", "for the third time", "thank you", "again", "help", "urgent"];
        (0..n).map(|i| (format!("{} {} {}", TOPICS[i % 3], extra[i / 3 % 8], i / 24), i % 3)).collect()
    }

    fn features(texts: &[(String, usize)]) -> (Vocabulary, Vec<Features>) {
        let vocabulary = Vocabulary::of(texts.iter().map(|(text, _)| text.as_str()));
        let features = texts.iter().map(|(text, _)| Features { sparse: vocabulary.features(text), ..Features::default() }).collect();
        (vocabulary, features)
    }

    fn examples<'a>(features: &'a [Features], texts: &[(String, usize)]) -> Vec<Example<'a>> {
        let of = |(key, (features, (_, class))): (usize, (&'a Features, &(String, usize)))| Example {
            features,
            class: *class,
            key,
            counts: true,
        };
        features.iter().zip(texts).enumerate().map(of).collect()
    }

    /// How many held-out guesses are right, of how many.
    fn right_of(fitted: &Fitted) -> (usize, usize) {
        let judged = fitted.judged();
        (judged.iter().filter(|judged| judged.right()).count(), judged.len())
    }

    #[test]
    fn classes_that_words_tell_apart_are_learned_with_sure_probabilities() {
        let texts = texts();
        let (vocabulary, features) = features(&texts);
        let fitted = Fitted::learn(&examples(&features, &texts), 3, None).unwrap();
        assert_eq!(right_of(&fitted), (48, 48));
        let asked = Features { sparse: vocabulary.features("my parcel is lost"), ..Features::default() };
        let scores = fitted.scores(&asked, None);
        assert_eq!(best(&scores), Some(1));
        assert!(fitted.calibration().unwrap().probabilities(&scores)[1] > 0.8);
    }

    #[test]
    fn what_features_add_sums_up_to_what_a_class_has_beyond_the_average() {
        let texts = texts();
        let (vocabulary, features) = features(&texts);
        let fitted = Fitted::learn(&examples(&features, &texts), 3, None).unwrap();
        let text = "my parcel is lost, money back please";
        let asked = Features { sparse: vocabulary.features(text), ..Features::default() };
        let scores = fitted.scores(&asked, None);
        let average = scores.iter().sum::<f32>() / 3.0;
        for (class, score) in scores.iter().enumerate() {
            let said = fitted.head().contributions(&asked, class);
            let sum = said.bias + said.dense + said.told + said.sparse.iter().map(|(_, part)| part).sum::<f32>();
            assert!((sum - (score - average)).abs() < 1e-4, "{class}: {sum} and {}", score - average);
        }
        let words = Terms::of(text).weigh(&fitted.head().contributions(&asked, 1).sparse);
        assert_eq!(words[0].0, "parcel");
        assert!(words[0].1 > 0.0 && words.iter().any(|(word, weight)| word == "money" && *weight < 0.0), "{words:?}");
    }

    #[test]
    fn an_example_is_scored_by_a_head_that_never_saw_it() {
        // One text of each class is labelled wrong: whoever learned from it knows it by heart, whoever did not says the right class.
        let mut texts = texts();
        texts[0].1 = 1;
        let (_, features) = features(&texts);
        let fitted = Fitted::learn(&examples(&features, &texts), 3, None).unwrap();
        assert_eq!(best(&fitted.scores(&features[0], Some(0))), Some(0));
        assert_ne!(fitted.scores(&features[0], Some(0)), fitted.scores(&features[0], None));
    }

    #[test]
    fn labels_that_are_wrong_are_suspects_and_no_others() {
        let mut texts = so_many_texts(192);
        for wrong in [7, 22] {
            texts[wrong].1 = (texts[wrong].1 + 1) % 3;
        }
        let (_, features) = features(&texts);
        let fitted = Fitted::learn(&examples(&features, &texts), 3, None).unwrap();
        let mut suspects: Vec<(usize, usize)> = fitted.suspects().iter().map(|suspect| (suspect.example, suspect.likelier)).collect();
        suspects.sort_unstable();
        assert_eq!(suspects, [(7, 1), (22, 1)]);
    }

    #[test]
    fn the_same_examples_give_the_same_bytes() {
        let texts = texts();
        let (_, features) = features(&texts);
        let learned = || Fitted::learn(&examples(&features, &texts), 3, None).unwrap().whole;
        assert_eq!(learned(), learned());
    }

    #[test]
    fn dense_and_sparse_features_are_learned_together() {
        let texts: Vec<(String, usize)> = (0..40).map(|i| (String::new(), i % 2)).collect();
        let dense: Vec<Features> = (0..40_u8)
            .map(|i| Features { dense: vec![if i % 2 == 0 { 0.6 } else { -0.6 }, f32::from(i) / 50.0], ..Features::default() })
            .collect();
        let fitted = Fitted::learn(&examples(&dense, &texts), 2, None).unwrap();
        assert_eq!(right_of(&fitted), (40, 40));
    }

    #[test]
    fn one_class_or_one_example_of_each_is_too_little() {
        let texts = texts();
        let (_, features) = features(&texts);
        let all = examples(&features, &texts);
        let alone: Vec<Example<'_>> = all.iter().filter(|example| example.class == 0).copied().collect();
        assert!(Fitted::learn(&alone, 3, None).is_none());
        assert!(Fitted::learn(&all[..3], 3, None).is_none());
        assert!(Fitted::learn(&all[..6], 3, None).is_some());
    }

    #[test]
    fn guesses_that_do_not_count_are_not_calibrated_on() {
        let texts = texts();
        let (_, features) = features(&texts);
        let mut examples = examples(&features, &texts);
        examples.iter_mut().skip(20).for_each(|example| example.counts = false);
        let fitted = Fitted::learn(&examples, 3, None).unwrap();
        assert_eq!(right_of(&fitted).1, 20);
        assert!(fitted.calibration().is_none());
    }
}
