//! The layers against a plain computation in 64 bits, on every level that this machine has.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "numbers of these tests are small, and what is lost is below what they compare"
)]

use crate::isa::Isa;
use crate::level::Task;
use crate::rows;
use crate::{Activation, Layer, Lengths, Level, Linear, Norm, Pooling, Precision, Scratch, Shape, ShapeError, Stack, Tensor};

const SHAPE: Shape = Shape { hidden: 32, heads: 2, intermediate: 80, epsilon: 1e-12, activation: Activation::Gelu };
const LAYERS: usize = 2;

/// Steele, Lea and Flood 2014: the same numbers from the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    /// Numbers around `middle`.
    fn numbers(&mut self, count: usize, middle: f32, spread: f32) -> Vec<f32> {
        let one = |random: &mut Self| (random.next() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
        (0..count).map(|_| middle + spread * one(self)).collect()
    }
}

/// Weights of a layer, in the order of [`Layer`]; each linear map as weight and bias.
#[derive(Clone)]
struct Weights {
    linear: [(Vec<f32>, Vec<f32>); 6],
    norms: [(Vec<f32>, Vec<f32>); 2],
}

impl Weights {
    fn random(shape: Shape, random: &mut Random) -> Self {
        let Shape { hidden, intermediate, .. } = shape;
        let mut linear = |rows: usize, columns: usize| (random.numbers(rows * columns, 0.0, 0.3), random.numbers(rows, 0.0, 0.1));
        let linear = [
            linear(hidden, hidden),
            linear(hidden, hidden),
            linear(hidden, hidden),
            linear(hidden, hidden),
            linear(intermediate, hidden),
            linear(hidden, intermediate),
        ];
        let mut norm = || (random.numbers(hidden, 1.0, 0.5), random.numbers(hidden, 0.0, 0.3));
        Self { linear, norms: [norm(), norm()] }
    }

    fn layer(&self) -> Layer<'_> {
        let linear = |place: usize| Linear { weight: &self.linear[place].0, bias: &self.linear[place].1 };
        let norm = |place: usize| Norm { gain: &self.norms[place].0, bias: &self.norms[place].1 };
        Layer {
            query: linear(0),
            key: linear(1),
            value: linear(2),
            context: linear(3),
            context_norm: norm(0),
            rise: linear(4),
            fall: linear(5),
            fall_norm: norm(1),
        }
    }
}

struct Model {
    shape: Shape,
    norm: (Vec<f32>, Vec<f32>),
    layers: Vec<Weights>,
}

impl Model {
    fn random(seed: u64) -> Self {
        Self::of(SHAPE, seed)
    }

    fn of(shape: Shape, seed: u64) -> Self {
        let mut random = Random(seed);
        let norm = (random.numbers(shape.hidden, 1.0, 0.5), random.numbers(shape.hidden, 0.0, 0.3));
        Self { shape, norm, layers: (0..LAYERS).map(|_| Weights::random(shape, &mut random)).collect() }
    }

    fn packed(&self, level: Level, precision: Precision, activation: Activation) -> Stack {
        let norm = Norm { gain: &self.norm.0, bias: &self.norm.1 };
        let mut stack = Stack::new(level, Shape { activation, ..self.shape }, norm).unwrap();
        for weights in &self.layers {
            stack.push(precision, weights.layer()).unwrap();
        }
        stack
    }

    /// The vectors as the papers write them, in 64 bits.
    fn plainly(&self, rows: &[f32], lengths: &[usize], activation: Activation, pooling: Pooling) -> Vec<f32> {
        let Shape { hidden, heads, .. } = self.shape;
        let mut pooled = Vec::new();
        let mut first = 0;
        for length in lengths {
            let text = &rows[first * hidden..(first + length) * hidden];
            first += length;
            let mut states: Vec<Vec<f64>> = text.chunks(hidden).map(|row| row.iter().map(|value| f64::from(*value)).collect()).collect();
            for row in &mut states {
                normalise(row, &self.norm);
            }
            for weights in &self.layers {
                let all =
                    |states: &[Vec<f64>], place: usize| states.iter().map(|row| linear(row, &weights.linear[place])).collect::<Vec<_>>();
                let [query, key, value] = [0, 1, 2].map(|place| all(&states, place));
                let size = hidden / heads;
                let context: Vec<Vec<f64>> = (0..*length)
                    .map(|to| {
                        (0..heads)
                            .flat_map(|head| {
                                let part = head * size..(head + 1) * size;
                                let scores: Vec<f64> = key
                                    .iter()
                                    .map(|key| dot(&query[to][part.clone()], &key[part.clone()]) / (size as f64).sqrt())
                                    .collect();
                                let most = scores.iter().copied().fold(f64::MIN, f64::max);
                                let shares: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
                                let all: f64 = shares.iter().sum();
                                part.map(|place| value.iter().zip(&shares).map(|(row, share)| row[place] * share / all).sum::<f64>())
                                    .collect::<Vec<_>>()
                            })
                            .collect()
                    })
                    .collect();
                for (row, added) in states.iter_mut().zip(all(&context, 3)) {
                    add(row, &added);
                    normalise(row, &weights.norms[0]);
                    let wide: Vec<f64> = linear(row, &weights.linear[4]).into_iter().map(|value| activate(value, activation)).collect();
                    add(row, &linear(&wide, &weights.linear[5]));
                    normalise(row, &weights.norms[1]);
                }
            }
            pooled.extend((0..hidden).map(|place| match pooling {
                Pooling::First => states[0][place] as f32,
                Pooling::Mean => (states.iter().map(|row| row[place]).sum::<f64>() / *length as f64) as f32,
            }));
        }
        pooled
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(row: &mut [f64], added: &[f64]) {
    for (value, more) in row.iter_mut().zip(added) {
        *value += more;
    }
}

fn linear(row: &[f64], (weight, bias): &(Vec<f32>, Vec<f32>)) -> Vec<f64> {
    let rows = weight.chunks(row.len()).zip(bias);
    rows.map(|(weight, bias)| row.iter().zip(weight).map(|(a, b)| a * f64::from(*b)).sum::<f64>() + f64::from(*bias)).collect()
}

fn normalise(row: &mut [f64], (gain, bias): &(Vec<f32>, Vec<f32>)) {
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / row.len() as f64;
    for ((value, gain), bias) in row.iter_mut().zip(gain).zip(bias) {
        *value = (*value - mean) / (variance + 1e-12).sqrt() * f64::from(*gain) + f64::from(*bias);
    }
}

/// The error function by its integral, in steps of a ten-thousandth.
fn erf(x: f64) -> f64 {
    let steps = 20_000;
    let width = x / f64::from(steps);
    let middle = |step: i32| (-(width * (f64::from(step) + 0.5)).powi(2)).exp();
    (0..steps).map(middle).sum::<f64>() * width * 2.0 / std::f64::consts::PI.sqrt()
}

fn activate(x: f64, activation: Activation) -> f64 {
    match activation {
        // Beyond this the activation is its argument, or nothing, in all digits compared here.
        Activation::Gelu if x.abs() > 7.0 => x.max(0.0),
        Activation::Gelu => x * 0.5 * (1.0 + erf(x / std::f64::consts::SQRT_2)),
        Activation::GeluTanh => x * 0.5 * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh()),
        Activation::Relu => x.max(0.0),
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let wide = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
    let (a, b) = (wide(a), wide(b));
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}

fn everywhere() -> impl Iterator<Item = (Level, Precision)> {
    Level::all().into_iter().flat_map(|level| [(level, Precision::Exact), (level, Precision::Fast)])
}

/// How near to the plain vectors a precision must come, with the random weights of these tests.
fn least(precision: Precision) -> f64 {
    match precision {
        Precision::Exact => 0.999_999,
        Precision::Fast => 0.999,
    }
}

fn rows(random: &mut Random, lengths: &[usize]) -> Vec<f32> {
    random.numbers(lengths.iter().sum::<usize>() * SHAPE.hidden, 0.0, 1.0)
}

fn forward(stack: &Stack, rows: &[f32], lengths: &[usize], pooling: Pooling) -> Vec<f32> {
    stack.forward(&mut rows.to_vec(), Lengths::new(lengths).unwrap(), pooling, &mut Scratch::default())
}

#[track_caller]
fn check(model: &Model, rows: &[f32], lengths: &[usize], activation: Activation, pooling: Pooling) {
    let plain = model.plainly(rows, lengths, activation, pooling);
    for (level, precision) in everywhere() {
        let found = forward(&model.packed(level, precision, activation), rows, lengths, pooling);
        for (text, (found, plain)) in found.chunks(model.shape.hidden).zip(plain.chunks(model.shape.hidden)).enumerate() {
            let near = cosine(found, plain);
            assert!(near >= least(precision), "{level:?} {precision:?} {:?}: {near} for text {text} of {lengths:?}", model.shape);
        }
    }
}

#[test]
fn every_level_and_precision_comes_near_the_plain_computation() {
    let model = Model::random(1);
    for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
        for pooling in [Pooling::Mean, Pooling::First] {
            let lengths = [1, 7, 16, 33];
            check(&model, &rows(&mut Random(2), &lengths), &lengths, activation, pooling);
        }
    }
}

#[test]
fn texts_of_any_length_come_near_the_plain_computation() {
    let model = Model::random(3);
    let mut random = Random(4);
    let lengths: Vec<usize> = (1..=49).chain([63, 64, 65, 127, 191, 192, 193, 255, 256, 511, 512]).collect();
    for length in lengths {
        let rows = rows(&mut random, &[length]);
        // ReLU, because the plain integral of the other takes its time.
        check(&model, &rows, &[length], Activation::Relu, Pooling::Mean);
    }
}

#[test]
fn heads_and_widths_of_every_kind_come_near_the_plain_computation() {
    let mut random = Random(12);
    for (hidden, heads, intermediate) in [(16, 1, 16), (48, 1, 64), (64, 2, 256), (96, 2, 112), (128, 2, 512), (192, 2, 64), (192, 6, 400)]
    {
        let model = Model::of(Shape { hidden, heads, intermediate, ..SHAPE }, 13);
        for lengths in [vec![1], vec![17, 3], vec![70, 5]] {
            let rows = random.numbers(lengths.iter().sum::<usize>() * hidden, 0.0, 1.0);
            check(&model, &rows, &lengths, Activation::Relu, Pooling::Mean);
        }
    }
}

#[test]
fn vectors_change_only_with_the_revision() {
    let model = Model::random(14);
    let rows = rows(&mut Random(15), &[21]);
    let first =
        |precision| forward(&model.packed(Level::all()[0], precision, Activation::Gelu), &rows, &[21], Pooling::First)[..6].to_vec();
    // Whoever changes these changes `REVISION` too.
    for (precision, expected) in [
        (Precision::Exact, [-1.552_676, -1.644_696, -0.483_123, -0.658_493, 0.321_641, -0.611_894]),
        (Precision::Fast, [-1.579_663, -1.623_245, -0.481_199, -0.663_379, 0.330_265, -0.596_484_f32]),
    ] {
        let found = first(precision);
        let near = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 2e-5);
        assert!(near, "{precision:?} of revision {}: {found:?} instead of {expected:?}", crate::REVISION);
    }
}

#[test]
fn batches_of_any_form_come_near_the_plain_computation() {
    let mut random = Random(5);
    for round in 0..40 {
        let model = Model::random(round);
        let texts = 1 + random.below(9);
        let lengths: Vec<usize> = (0..texts).map(|_| 1 + random.below(if round % 4 == 0 { 200 } else { 20 })).collect();
        let rows = rows(&mut random, &lengths);
        check(&model, &rows, &lengths, Activation::Relu, if round % 2 == 0 { Pooling::Mean } else { Pooling::First });
    }
}

#[test]
fn a_text_alone_has_the_vector_it_has_among_others() {
    let (model, mut random) = (Model::random(6), Random(7));
    let lengths = [5, 130, 1, 80, 17];
    let rows = rows(&mut random, &lengths);
    for (level, precision) in everywhere() {
        let stack = model.packed(level, precision, Activation::Gelu);
        let mut used = Scratch::default();
        let together = stack.forward(&mut rows.clone(), Lengths::new(&lengths).unwrap(), Pooling::Mean, &mut used);
        let mut first = 0;
        for (length, together) in lengths.iter().zip(together.chunks(SHAPE.hidden)) {
            let alone = &rows[first * SHAPE.hidden..(first + length) * SHAPE.hidden];
            first += length;
            // Room that a longer text has used must not show.
            let found = stack.forward(&mut alone.to_vec(), Lengths::new(&[*length]).unwrap(), Pooling::Mean, &mut used);
            assert_eq!(found, together, "{level:?} {precision:?}: {length} tokens");
        }
    }
}

#[test]
fn the_fast_vectors_are_the_same_on_every_level_but_for_rounding() {
    let (model, mut random) = (Model::random(8), Random(9));
    let lengths = [3, 40, 12];
    let rows = rows(&mut random, &lengths);
    let vectors: Vec<Vec<f32>> = Level::all()
        .into_iter()
        .map(|level| forward(&model.packed(level, Precision::Fast, Activation::Gelu), &rows, &lengths, Pooling::Mean))
        .collect();
    for other in &vectors[1..] {
        for (one, other) in vectors[0].chunks(SHAPE.hidden).zip(other.chunks(SHAPE.hidden)) {
            assert!(cosine(one, other) >= 0.999_9, "{}", cosine(one, other));
        }
    }
}

#[test]
fn extreme_numbers_stay_numbers() {
    let model = Model::random(10);
    for (level, precision) in everywhere() {
        let stack = model.packed(level, precision, Activation::Gelu);
        for value in [0.0, 1e-30, -1e4, 1e15] {
            let mut rows = vec![value; 3 * SHAPE.hidden];
            rows[5] = -value;
            let vector = forward(&stack, &rows, &[3], Pooling::Mean);
            assert!(vector.iter().all(|number| number.is_finite()), "{level:?} {precision:?} {value}");
        }
    }
}

struct Activate<'a> {
    activation: Activation,
    values: &'a mut [f32],
}

impl Task for Activate<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        for part in self.values.chunks_exact_mut(16) {
            // SAFETY: a part has 16 places; the instructions are the caller's promise.
            unsafe { rows::put_activated::<I>(Some(self.activation), I::load(part.as_ptr()), part) };
        }
    }
}

#[test]
fn the_activation_is_within_a_millionth_of_its_formula() {
    for level in Level::all() {
        let arguments: Vec<f32> = (-800..800).map(|step| step as f32 / 100.0).collect();
        for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
            let mut values = arguments.clone();
            level.run(Activate { activation, values: &mut values });
            for (argument, value) in arguments.iter().zip(values) {
                let expected = activate(f64::from(*argument), activation);
                assert!((f64::from(value) - expected).abs() < 2e-6, "{level:?} {activation:?}({argument}): {value} for {expected}");
            }
        }
    }
}

#[test]
fn powers_of_two_are_right_to_the_sixth_digit() {
    for step in 0..130_000 {
        let x = -(step as f32) / 1000.0;
        let (found, expected) = (rows::exp2::<crate::isa::Portable>(x), if x < -126.0 { 0.0 } else { f64::from(x).exp2() });
        assert!((f64::from(found) - expected).abs() <= expected * 3e-7, "2^{x}: {found} for {expected}");
    }
}

#[test]
fn weights_that_cannot_be_computed_with_are_refused_by_name() {
    let model = Model::random(11);
    let norm = Norm { gain: &model.norm.0, bias: &model.norm.1 };
    let level = Level::best();
    assert_eq!(Stack::new(level, Shape { hidden: 40, ..SHAPE }, norm).unwrap_err(), ShapeError::Odd("hidden size", 40));
    assert_eq!(Stack::new(level, Shape { heads: 0, ..SHAPE }, norm).unwrap_err(), ShapeError::Odd("size of a head", 0));
    assert_eq!(
        Stack::new(level, Shape { intermediate: 65_552, ..SHAPE }, norm).unwrap_err(),
        ShapeError::Large("intermediate size", 65_552)
    );
    assert_eq!(Stack::new(level, Shape { heads: 4, ..SHAPE }, norm).unwrap_err(), ShapeError::Odd("size of a head", 8));
    assert_eq!(Stack::new(level, Shape { hidden: 64, heads: 3, ..SHAPE }, norm).unwrap_err(), ShapeError::Odd("size of a head", 21));
    let mut stack = Stack::new(level, SHAPE, norm).unwrap();
    let layer = model.layers[0].layer();
    let short = Linear { weight: &layer.rise.weight[1..], ..layer.rise };
    assert_eq!(
        stack.push(Precision::Fast, Layer { rise: short, ..layer }).unwrap_err(),
        ShapeError::Length {
            what: Tensor { layer: Some(0), of: "rise", part: "weight" },
            found: SHAPE.hidden * SHAPE.intermediate - 1,
            expected: [SHAPE.intermediate, SHAPE.hidden]
        }
    );
    stack.push(Precision::Fast, layer).unwrap();
    for bad in [f32::NAN, f32::INFINITY] {
        let mut weight = layer.fall.weight.to_vec();
        weight[9] = bad;
        let fall = Linear { weight: &weight, ..layer.fall };
        let error = stack.push(Precision::Exact, Layer { fall, ..layer }).unwrap_err();
        assert_eq!(error.to_string(), "the weight of the fall of layer 1 holds a number that is not finite, at place 9");
    }
    assert!(Lengths::new(&[3, 0]).is_none());
}

#[test]
fn what_a_core_can_do_is_measured_for_every_level() {
    for (level, precision) in everywhere() {
        assert!(crate::peak(level, precision) > 1e6, "{level:?} {precision:?}");
    }
}
