//! Examples as the solver reads them, and the weights that it finds.

use std::collections::BTreeMap;
use std::thread;

use crate::basis::{Basis, Triangle, dot};
use crate::features::Features;
use crate::lbfgs::{Against, Stop, minimise, narrow};
use crate::linear::{Example, Head};

/// Sparse features that a head looks at, at most: those that most texts have. Bounds memory at `(dense + this) · classes` weights.
const MOST_COLUMNS: usize = 50_000;
/// More examples than this are learned from over their features: 48 bytes · n² / 2 are 50 MB, and the factor takes n³ / 3 products.
const MOST_COORDINATES: usize = 1_500;
const STOP: Stop = Stop { gradient: 2e-3, steps: 160, against: Against::Start };
/// Steps of a head that only judges held-out examples. On BANKING77's 8,622 texts, whose head takes 85 steps, the calibration error on the
/// validation part is 1.6 % so and 1.5 % with 80, and the parts take 21 seconds in place of 29.
const STEPS_BESIDE: usize = 55;
/// Fewer examples than this are not worth a second thread.
const WORTH_A_THREAD: usize = 128;

/// The features of an example, and its sparse ones by their column.
type Row<'a> = (&'a Features, Vec<(usize, f32)>);

/// What an example should be told to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// One of the classes: their probabilities add up to 1.
    One(usize),
    /// Any of the classes: each has a probability of its own.
    Any(Vec<usize>),
}

/// The examples with the features that a head may look at.
pub(crate) struct Table<'a> {
    rows: Vec<Row<'a>>,
    of: Vec<Target>,
    classes: usize,
    dense: usize,
    columns: Vec<u32>,
    /// The products of their dense features, and of their sparse ones, where coordinates are fewer numbers than the features are.
    products: Option<(Triangle, Triangle)>,
}

impl<'a> Table<'a> {
    pub(crate) fn of(examples: &[Example<'a>], classes: usize) -> Self {
        Self::with(examples.iter().map(|example| (example.features, Target::One(example.class))).collect(), classes)
    }

    pub(crate) fn with(examples: Vec<(&'a Features, Target)>, classes: usize) -> Self {
        let mut found_in: BTreeMap<u32, usize> = BTreeMap::new();
        for (bucket, _) in examples.iter().flat_map(|(features, _)| features.sparse.entries()) {
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
        let mut table = Self {
            rows: examples.iter().map(|(features, _)| (*features, sparse(features))).collect(),
            dense: examples.iter().map(|(features, _)| features.numbers().count()).max().unwrap_or(0),
            of: examples.into_iter().map(|(_, target)| target).collect(),
            classes,
            columns,
            products: None,
        };
        // A step reads every number of every row twice: of the coordinates there are `n (n + 1) / 2` in all. The products take some 48 bytes
        // for each of these while a factor is chosen.
        let numbers: usize = table.rows.iter().map(|(_, sparse)| table.dense + sparse.len()).sum();
        let count = table.rows.len();
        if count <= MOST_COORDINATES && count * (count + 1) / 2 <= numbers {
            table.products = Some(table.products());
        }
        table
    }

    /// The examples with their sparse features multiplied by a factor.
    pub(crate) fn weighing(&self, sparse: f32) -> Problem<'_, 'a> {
        let factor = f64::from(sparse) * f64::from(sparse);
        let basis = self.products.as_ref().map(|(dense, words)| Basis::of(&dense.plus(factor, words)));
        Problem { table: self, sparse, basis }
    }

    fn products(&self) -> (Triangle, Triangle) {
        let count = self.rows.len();
        let mut dense = Vec::with_capacity(count * (count + 1) / 2);
        let mut sparse = Vec::with_capacity(count * (count + 1) / 2);
        // In 64 bits: what is left of an example that the others span must be told from noise.
        let numbers: Vec<Vec<f64>> = self.rows.iter().map(|(features, _)| features.numbers().map(f64::from).collect()).collect();
        let mut spread = vec![0.0_f64; self.columns.len()];
        for (row, (_, entries)) in self.rows.iter().enumerate() {
            for (column, value) in entries {
                spread[*column] = f64::from(*value);
            }
            for (other, (_, others)) in self.rows[..=row].iter().enumerate() {
                dense.push(dot(&numbers[row], &numbers[other]));
                sparse.push(others.iter().map(|(column, value)| f64::from(*value) * spread[*column]).sum());
            }
            for (column, _) in entries {
                spread[*column] = 0.0;
            }
        }
        (Triangle::from_rows(dense), Triangle::from_rows(sparse))
    }
}

/// How a head is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learner {
    /// In two threads, until it stands at the least: the head that answers.
    Alone,
    /// In one, beside others, and no longer than held-out guesses need.
    Beside,
}

/// Where learning begins.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Begin<'w> {
    /// At the origin.
    Cold,
    /// At weights that may have seen what is left out now: they are left behind with the precision of whoever stands near the least.
    Near(&'w [f32]),
    /// At weights that never saw what is left out now: as precise as a cold start is enough.
    Blind(&'w [f32]),
}

/// What is to be learned: the examples with their sparse features multiplied by a factor.
pub(crate) struct Problem<'t, 'a> {
    table: &'t Table<'a>,
    sparse: f32,
    basis: Option<Basis>,
}

impl Problem<'_, '_> {
    /// Whether its weights are over the features, not over coordinates.
    pub(crate) const fn is_over_features(&self) -> bool {
        self.basis.is_none()
    }

    /// How many classes there are.
    pub(crate) const fn classes(&self) -> usize {
        self.table.classes
    }

    /// The numbers of a row, the bias left out.
    fn width(&self) -> usize {
        self.basis.as_ref().map_or(self.table.dense + self.table.columns.len(), Basis::len)
    }

    fn size(&self) -> usize {
        (self.width() + 1) * self.table.classes
    }

    /// The weights with the least loss on some examples: a row of one for each class for each number, the bias last.
    /// The number of threads changes no bit.
    pub(crate) fn train(&self, on: &[usize], cost: f64, begin: Begin<'_>, learner: Learner) -> Vec<f32> {
        let (mut weights, against) = match begin {
            Begin::Cold => (vec![0.0; self.size()], Against::Start),
            Begin::Near(start) => (start.to_vec(), Against::Start),
            Begin::Blind(start) => (start.to_vec(), Against::Origin),
        };
        let free = self.size() - self.table.classes;
        #[expect(clippy::cast_precision_loss, reason = "numbers of examples stay far below 2^52")]
        let count = on.len().max(1) as f64;
        let pull = 1.0 / (cost * count);
        let mut second = if on.len() >= WORTH_A_THREAD { vec![0.0; self.size()] } else { Vec::new() };
        let steps = if learner == Learner::Alone { STOP.steps } else { STEPS_BESIDE };
        minimise(&mut weights, Stop { steps, against, ..STOP }, |weights, gradient| {
            gradient.fill(0.0);
            // Always the same halves, so that the number of cores changes no bit.
            let loss = if second.is_empty() {
                self.add_gradient(on, weights, gradient)
            } else {
                second.fill(0.0);
                let (left, right) = on.split_at(on.len() / 2);
                let other = &mut second;
                let losses = match learner {
                    Learner::Beside => Ok(self.add_gradient(left, weights, gradient) + self.add_gradient(right, weights, other)),
                    Learner::Alone => thread::scope(|scope| {
                        let beside = scope.spawn(move || self.add_gradient(right, weights, other));
                        let here = self.add_gradient(left, weights, gradient);
                        beside.join().map(|beside| here + beside)
                    }),
                };
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
    fn add_gradient(&self, on: &[usize], weights: &[f32], gradient: &mut [f32]) -> f64 {
        let classes = self.table.classes;
        let mut scores = vec![0.0_f32; classes];
        let mut loss = 0.0;
        for &row in on {
            self.score(row, weights, &mut scores);
            loss += match &self.table.of[row] {
                Target::One(own) => softmax_errors(&mut scores, *own),
                Target::Any(own) => sigmoid_errors(&mut scores, own),
            };
            self.each(row, |value, at| {
                for (gradient, error) in gradient[at..at + classes].iter_mut().zip(&scores) {
                    *gradient += value * error;
                }
            });
        }
        loss
    }

    /// The scores of an example.
    pub(crate) fn score(&self, row: usize, weights: &[f32], scores: &mut [f32]) {
        scores.fill(0.0);
        self.each(row, |value, at| {
            for (score, weight) in scores.iter_mut().zip(&weights[at..at + self.table.classes]) {
                *score += value * weight;
            }
        });
    }

    /// Every number of a row, and where its weights begin.
    fn each(&self, row: usize, mut with: impl FnMut(f32, usize)) {
        let classes = self.table.classes;
        if let Some(basis) = &self.basis {
            for (place, value) in basis.row(row).iter().enumerate() {
                with(*value, place * classes);
            }
        } else {
            let (features, sparse) = &self.table.rows[row];
            for (index, value) in features.numbers().enumerate() {
                with(value, index * classes);
            }
            for (column, value) in sparse {
                with(self.sparse * value, (self.table.dense + column) * classes);
            }
        }
        with(1.0, self.width() * classes);
    }

    /// The head of these weights, over features as they are: the factor of the sparse ones goes into their weights.
    pub(crate) fn head(&self, weights: &[f32]) -> Head {
        let Table { classes, dense, columns, .. } = self.table;
        let mut weights = self.basis.as_ref().map_or_else(|| weights.to_owned(), |basis| self.over_features(basis, weights));
        let (from, to) = (dense * classes, (dense + columns.len()) * classes);
        weights[from..to].iter_mut().for_each(|weight| *weight *= self.sparse);
        Head::new(*classes, *dense, columns.clone(), weights)
    }

    /// Weights over the coordinates as weights over the features.
    fn over_features(&self, basis: &Basis, weights: &[f32]) -> Vec<f32> {
        let Table { rows, classes, dense, columns, .. } = self.table;
        let mut sums = vec![0.0_f64; (dense + columns.len()) * classes];
        for ((features, sparse), shares) in rows.iter().zip(basis.shares(weights, *classes).chunks_exact(*classes)) {
            let words = sparse.iter().map(|(column, value)| (dense + column, self.sparse * value));
            for (place, value) in features.numbers().enumerate().chain(words) {
                let sums = &mut sums[place * classes..][..*classes];
                sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += f64::from(value) * share);
            }
        }
        let bias = &weights[basis.len() * classes..];
        sums.into_iter().map(narrow).chain(bias.iter().copied()).collect()
    }
}

/// Turns scores into what they are too high by, as one class is right; returns the cross-entropy.
fn softmax_errors(scores: &mut [f32], own: usize) -> f64 {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let above = scores[own] - highest;
    for score in scores.iter_mut() {
        *score = (*score - highest).exp();
    }
    let sum: f32 = scores.iter().sum();
    for score in scores.iter_mut() {
        *score /= sum;
    }
    scores[own] -= 1.0;
    f64::from(sum.ln() - above)
}

/// The same where any of the classes are right, each by itself.
fn sigmoid_errors(scores: &mut [f32], own: &[usize]) -> f64 {
    let mut loss = 0.0;
    for class in own {
        loss -= scores[*class];
    }
    for score in scores.iter_mut() {
        // ln(1 + e^score) without overflow.
        loss += score.max(0.0) + (-score.abs()).exp().ln_1p();
        *score = 1.0 / (1.0 + (-*score).exp());
    }
    for class in own {
        scores[*class] -= 1.0;
    }
    f64::from(loss)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ngrams::Vocabulary;

    #[test]
    fn more_examples_than_features_have_as_many_coordinates_as_features() {
        // The high bits of a multiplicative hash.
        let number = |seed: u32| f32::from(u16::try_from(seed.wrapping_mul(2_654_435_761) >> 16).unwrap()) / 65_536.0 - 0.5;
        let dense = |i: u32| (0..40_u32).map(|j| number((i * 40 + j + 1).pow(2))).collect();
        let features: Vec<Features> = (0..60_u32).map(|i| Features { dense: dense(i), ..Features::default() }).collect();
        let examples: Vec<Example<'_>> =
            features.iter().enumerate().map(|(key, features)| Example { features, class: key % 3, key, counts: true }).collect();
        let table = Table::of(&examples, 3);
        let (dense, _) = table.products.as_ref().unwrap();
        let basis = Basis::of(dense);
        for row in 0..60 {
            for (column, expected) in dense.row(row).iter().enumerate() {
                let product: f32 = basis.row(row).iter().zip(basis.row(column)).map(|(a, b)| a * b).sum();
                assert!((f64::from(product) - expected).abs() < 1e-4, "{row} {column}: {product} {expected}");
            }
        }
        let spanned = (0..60).filter(|row| basis.row(*row)[*row] > 0.0).count();
        assert_eq!(spanned, 40);
        // A start that is nearly right ends near where a cold one does: both stop a little before the least.
        let problem = table.weighing(1.0);
        let on: Vec<usize> = (0..60).collect();
        let (cold, near) =
            (problem.train(&on, 10.0, Begin::Cold, Learner::Alone), problem.train(&on[..55], 10.0, Begin::Cold, Learner::Beside));
        let warm = problem.train(&on, 10.0, Begin::Near(&near), Learner::Alone);
        let (cold, warm) = (problem.head(&cold), problem.head(&warm));
        for features in &features {
            for (one, other) in cold.scores(features).iter().zip(warm.scores(features)) {
                assert!((one - other).abs() < 0.05, "{one} {other}");
            }
        }
    }

    #[test]
    fn weights_over_coordinates_and_over_features_are_one_head() {
        let texts: Vec<String> =
            (0..24_u32).map(|i| format!("{} number {i}", ["refund my money", "the parcel is lost", "log in"][i as usize % 3])).collect();
        let vocabulary = Vocabulary::of(texts.iter().map(String::as_str));
        let features: Vec<Features> = (0..24_u8)
            .zip(&texts)
            .map(|(i, text)| Features { dense: vec![f32::from(i) / 24.0, 0.5], sparse: vocabulary.features(text), ..Features::default() })
            .collect();
        let examples: Vec<Example<'_>> =
            features.iter().enumerate().map(|(key, features)| Example { features, class: key % 3, key, counts: true }).collect();
        let short = Table::of(&examples, 3);
        assert!(short.products.is_some(), "few examples with many features have coordinates");
        let long = Table { products: None, ..Table::of(&examples, 3) };
        let on: Vec<usize> = (0..20).collect();
        let heads = [short, long].map(|table| {
            let problem = table.weighing(0.7);
            problem.head(&problem.train(&on, 10.0, Begin::Cold, Learner::Alone))
        });
        let asked = Features { dense: vec![0.3, 0.1], sparse: vocabulary.features("my parcel, number 7"), ..Features::default() };
        for features in features.iter().chain([&asked]) {
            for (one, other) in heads[0].scores(features).iter().zip(heads[1].scores(features)) {
                assert!((one - other).abs() < 0.02, "{one} {other}");
            }
        }
    }
}
