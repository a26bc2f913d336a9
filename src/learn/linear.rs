//! A linear head: softmax regression over dense and sparse features together.
//!
//! `p(class | x) ∝ exp(b + Wx)`, with the weights that make `mean cross-entropy + ‖W‖² / (2·cost·n)` least; the bias is free. The
//! problem is convex, so neither seed nor order of the examples decides, and the same input gives the same bytes.

use std::collections::BTreeMap;
use std::thread;

use crate::calibration::Temperature;
use crate::features::Features;
use crate::folds::stratified;
use crate::lbfgs::{Stop, minimise};

/// Sparse features that a head looks at, at most: those that most texts have. Bounds memory at `(dense + this) · classes` weights.
const MOST_COLUMNS: usize = 50_000;
/// Parts that are left out in turn.
pub const FOLDS: usize = 5;
/// Examples that the choice of `cost` and `sparse` is made on, at most: it moves little beyond.
const CHOSEN_ON: usize = 2_000;
const STOP: Stop = Stop { gradient: 2e-3, steps: 80 };
/// Fewer examples than this are not worth a second thread.
const WORTH_A_THREAD: usize = 128;

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// What an error costs against large weights.
    pub cost: f64,
    /// The factor of the sparse features beside the dense ones.
    pub sparse: f32,
}

/// Where the search begins, and what it tries from there: first the factor, then the cost.
const START: Choice = Choice { cost: 10.0, sparse: 0.7 };
const FACTORS: [f32; 2] = [0.35, 1.4];
const COSTS: [f64; 2] = [3.0, 40.0];

/// Weights for dense features, for the columns of sparse ones, and a bias: each a row with one weight for each class.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    classes: usize,
    dense: usize,
    columns: Vec<u32>,
    weights: Vec<f32>,
}

impl Head {
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
}

/// A head with what leaving parts out said of it.
#[derive(Debug, Clone)]
pub struct Fitted {
    whole: Head,
    parts: Vec<Head>,
    part_of: Vec<usize>,
    temperature: Option<Temperature>,
    choice: Choice,
    right: usize,
    asked: usize,
}

impl Fitted {
    /// Learns from the examples; `None` below two classes with an example, or below two examples of any class.
    ///
    /// `choice`: taken as it is; chosen by cross-validation on these examples when `None`.
    #[must_use]
    pub fn learn(examples: &[Example<'_>], classes: usize, choice: Option<Choice>) -> Option<Self> {
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
        let choice = choice.unwrap_or_else(|| choose(&table, examples, &part_of));
        let everybody: Vec<usize> = (0..examples.len()).collect();
        let whole = table.train(&everybody, choice, None);
        // The whole is a good place to begin: each part differs from it by a fifth of the examples.
        let parts: Vec<Vec<f32>> = (0..FOLDS).map(|part| table.train(&without(&part_of, part), choice, Some(&whole))).collect();
        let held_out = held_out(&table, examples, &everybody, &part_of, &parts, choice);
        let right = held_out.iter().filter(|(scores, class)| best(scores) == Some(*class)).count();
        Some(Self {
            temperature: Temperature::fit(&held_out),
            asked: held_out.len(),
            right,
            whole: table.head(whole, choice),
            parts: parts.into_iter().map(|weights| table.head(weights, choice)).collect(),
            part_of,
            choice,
        })
    }

    /// The scores of all classes.
    ///
    /// `example`: which of the examples is asked about; then the head answers that was learned without it.
    #[must_use]
    pub fn scores(&self, features: &Features, example: Option<usize>) -> Vec<f32> {
        let part = example.and_then(|example| self.part_of.get(example)).and_then(|part| self.parts.get(*part));
        part.unwrap_or(&self.whole).scores(features)
    }

    /// What turns scores into probabilities; `None` while too few held-out guesses count.
    #[must_use]
    pub const fn temperature(&self) -> Option<Temperature> {
        self.temperature
    }

    /// What cross-validation chose.
    #[must_use]
    pub const fn choice(&self) -> Choice {
        self.choice
    }

    /// How many held-out guesses were right, of how many.
    #[must_use]
    pub const fn held_out(&self) -> (usize, usize) {
        (self.right, self.asked)
    }
}

/// The class with the highest score, the first of equals.
#[must_use]
pub fn best(scores: &[f32]) -> Option<usize> {
    scores.iter().enumerate().max_by(|(i, a), (j, b)| a.total_cmp(b).then(j.cmp(i))).map(|(class, _)| class)
}

/// The features of an example, and its sparse ones by their column.
type Row<'a> = (&'a Features, Vec<(usize, f32)>);

/// The examples as the solver reads them.
struct Table<'a> {
    rows: Vec<Row<'a>>,
    of: Vec<usize>,
    classes: usize,
    dense: usize,
    columns: Vec<u32>,
}

impl<'a> Table<'a> {
    fn of(examples: &[Example<'a>], classes: usize) -> Self {
        let mut found_in: BTreeMap<u32, usize> = BTreeMap::new();
        for (bucket, _) in examples.iter().flat_map(|example| example.features.sparse.entries()) {
            *found_in.entry(*bucket).or_default() += 1;
        }
        // What a single text has tells nothing of another one, unless every text is the only one of its class.
        let least = if examples.len() >= 4 * classes { 2 } else { 1 };
        let mut columns: Vec<(usize, u32)> =
            found_in.into_iter().filter(|(_, count)| *count >= least).map(|(bucket, count)| (count, bucket)).collect();
        columns.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        columns.truncate(MOST_COLUMNS);
        let mut columns: Vec<u32> = columns.into_iter().map(|(_, bucket)| bucket).collect();
        columns.sort_unstable();
        let sparse = |features: &Features| {
            let known = |(bucket, value): &(u32, f32)| Some((columns.binary_search(bucket).ok()?, *value));
            features.sparse.entries().iter().filter_map(known).collect()
        };
        Self {
            rows: examples.iter().map(|example| (example.features, sparse(example.features))).collect(),
            of: examples.iter().map(|example| example.class).collect(),
            classes,
            dense: examples.iter().map(|example| example.features.numbers().count()).max().unwrap_or(0),
            columns,
        }
    }

    fn size(&self) -> usize {
        (self.dense + self.columns.len() + 1) * self.classes
    }

    /// The weights, for sparse features that were multiplied by the chosen factor.
    fn train(&self, on: &[usize], choice: Choice, start: Option<&[f32]>) -> Vec<f32> {
        let mut weights = start.map_or_else(|| vec![0.0; self.size()], <[f32]>::to_vec);
        let free = self.size() - self.classes;
        #[expect(clippy::cast_precision_loss, reason = "numbers of examples stay far below 2^52")]
        let count = on.len().max(1) as f64;
        let pull = 1.0 / (choice.cost * count);
        let mut second = if on.len() >= WORTH_A_THREAD { vec![0.0; self.size()] } else { Vec::new() };
        minimise(&mut weights, STOP, |weights, gradient| {
            gradient.fill(0.0);
            // Always the same halves, so that the number of cores changes no bit.
            let loss = if second.is_empty() {
                self.add_gradient(on, choice, weights, gradient)
            } else {
                second.fill(0.0);
                let (left, right) = on.split_at(on.len() / 2);
                let other = &mut second;
                let losses = thread::scope(|scope| {
                    let beside = scope.spawn(move || self.add_gradient(right, choice, weights, other));
                    let here = self.add_gradient(left, choice, weights, gradient);
                    beside.join().map(|beside| here + beside)
                });
                gradient.iter_mut().zip(&second).for_each(|(sum, other)| *sum += other);
                losses.unwrap_or(f64::NAN)
            };
            let (mean, narrow_pull) = (narrow(1.0 / count), narrow(pull));
            let mut length = 0.0;
            for (gradient, weights) in gradient[..free].chunks_mut(1024).zip(weights[..free].chunks(1024)) {
                let mut squares = 0.0_f32;
                for (gradient, weight) in gradient.iter_mut().zip(weights) {
                    *gradient = *gradient * mean + narrow_pull * weight;
                    squares += weight * weight;
                }
                length += f64::from(squares);
            }
            gradient[free..].iter_mut().for_each(|gradient| *gradient *= mean);
            loss / count + pull * length / 2.0
        });
        weights
    }

    /// Adds the gradient of the cross-entropy of some examples, and returns that entropy.
    fn add_gradient(&self, on: &[usize], choice: Choice, weights: &[f32], gradient: &mut [f32]) -> f64 {
        let mut scores = vec![0.0_f32; self.classes];
        let mut loss = 0.0;
        for &row in on {
            self.score(row, choice, weights, &mut scores);
            let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let own = scores[self.of[row]] - highest;
            for score in &mut scores {
                *score = (*score - highest).exp();
            }
            let sum: f32 = scores.iter().sum();
            loss += f64::from(sum.ln() - own);
            for score in &mut scores {
                *score /= sum;
            }
            scores[self.of[row]] -= 1.0;
            self.each(row, choice, |value, at| {
                for (gradient, error) in gradient[at..at + self.classes].iter_mut().zip(&scores) {
                    *gradient += value * error;
                }
            });
        }
        loss
    }

    fn score(&self, row: usize, choice: Choice, weights: &[f32], scores: &mut [f32]) {
        scores.fill(0.0);
        self.each(row, choice, |value, at| {
            for (score, weight) in scores.iter_mut().zip(&weights[at..at + self.classes]) {
                *score += value * weight;
            }
        });
    }

    /// Every feature of a row: its value, and where its weights begin.
    fn each(&self, row: usize, choice: Choice, mut with: impl FnMut(f32, usize)) {
        let (features, sparse) = &self.rows[row];
        for (index, value) in features.numbers().enumerate() {
            with(value, index * self.classes);
        }
        for (column, value) in sparse {
            with(choice.sparse * value, (self.dense + column) * self.classes);
        }
        with(1.0, (self.dense + self.columns.len()) * self.classes);
    }

    /// The head of these weights; the factor of the sparse features goes into them.
    fn head(&self, mut weights: Vec<f32>, choice: Choice) -> Head {
        let (from, to) = (self.dense * self.classes, (self.dense + self.columns.len()) * self.classes);
        weights[from..to].iter_mut().for_each(|weight| *weight *= choice.sparse);
        Head { classes: self.classes, dense: self.dense, columns: self.columns.clone(), weights }
    }
}

fn without(part_of: &[usize], part: usize) -> Vec<usize> {
    (0..part_of.len()).filter(|row| part_of[*row] != part).collect()
}

/// The choice whose held-out guesses are the likeliest, at the temperature that suits each best.
fn choose(table: &Table<'_>, examples: &[Example<'_>], part_of: &[usize]) -> Choice {
    // Every n-th example, so that the classes keep their shares.
    let step = examples.len().div_ceil(CHOSEN_ON).max(1);
    let sample: Vec<usize> = (0..examples.len()).step_by(step).collect();
    let mut starts: Vec<Option<Vec<f32>>> = vec![None; FOLDS];
    let mut loss = |choice: Choice| {
        let weights: Vec<Vec<f32>> = (0..FOLDS)
            .map(|part| {
                let on: Vec<usize> = sample.iter().copied().filter(|row| part_of[*row] != part).collect();
                let weights = table.train(&on, choice, starts[part].as_deref());
                starts[part] = Some(weights.clone());
                weights
            })
            .collect();
        Temperature::best_loss(&held_out(table, examples, &sample, part_of, &weights, choice))
    };
    let mut chosen = (loss(START), START);
    for sparse in FACTORS {
        let tried = Choice { sparse, ..START };
        chosen = less(chosen, (loss(tried), tried));
    }
    let sparse = chosen.1.sparse;
    for cost in COSTS {
        let tried = Choice { cost, sparse };
        chosen = less(chosen, (loss(tried), tried));
    }
    chosen.1
}

fn less(known: (f64, Choice), tried: (f64, Choice)) -> (f64, Choice) {
    if tried.0 < known.0 { tried } else { known }
}

/// The scores of examples by the weights that were learned without them, each with its class.
fn held_out(
    table: &Table<'_>,
    examples: &[Example<'_>],
    on: &[usize],
    part_of: &[usize],
    parts: &[Vec<f32>],
    choice: Choice,
) -> Vec<(Vec<f32>, usize)> {
    on.iter()
        .filter(|row| examples[**row].counts)
        .map(|row| {
            let mut scores = vec![0.0; table.classes];
            table.score(*row, choice, &parts[part_of[*row]], &mut scores);
            (scores, examples[*row].class)
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, reason = "weights are kept in 32 bits")]
const fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ngrams::Vocabulary;

    const TOPICS: [&str; 3] = ["refund money back order", "parcel lost in transit courier", "password login account locked"];

    fn texts() -> Vec<(String, usize)> {
        let extra = ["please", "hello there", "since monday", "for the third time", "thank you", "again", "help", "urgent"];
        (0..48).map(|i| (format!("{} {} {}", TOPICS[i % 3], extra[i / 3 % 8], i / 24), i % 3)).collect()
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

    #[test]
    fn classes_that_words_tell_apart_are_learned_with_sure_probabilities() {
        let texts = texts();
        let (vocabulary, features) = features(&texts);
        let fitted = Fitted::learn(&examples(&features, &texts), 3, None).unwrap();
        assert_eq!(fitted.held_out(), (48, 48));
        let asked = Features { sparse: vocabulary.features("my parcel is lost"), ..Features::default() };
        let scores = fitted.scores(&asked, None);
        assert_eq!(best(&scores), Some(1));
        assert!(fitted.temperature().unwrap().probabilities(&scores)[1] > 0.8);
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
        assert_eq!(fitted.held_out(), (40, 40));
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
        assert_eq!(fitted.held_out().1, 20);
        assert!(fitted.temperature().is_none());
    }
}
