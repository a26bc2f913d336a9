//! What is done to each row on its own: norms, activations, and the way onto the grids of whole numbers.
//!
//! Plain loops over 16 lanes, which the compiler turns into each level's vectors.

use crate::isa::{Isa, Width, madd};
use crate::level::{Level, Task};

const LANES: usize = 16;

/// Adding it to a small number leaves that number, rounded, in the last bits: 1.5 * 2^23.
const ROUNDER: f32 = 12_582_912.0;

/// What lies between the two linear maps of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Hendrycks and Gimpel 2016, arXiv:1606.08415: `x * Φ(x)`.
    Gelu,
    /// The same paper's approximation by the hyperbolic tangent.
    GeluTanh,
    /// The positive part.
    Relu,
}

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// That of the first token.
    First,
}

/// The nearest whole number of a small one.
#[inline(always)]
pub(crate) fn rounded(value: f32) -> f32 {
    (value + ROUNDER) - ROUNDER
}

/// Rows on a grid of whole numbers: `value = scale * number - zero`. The numbers are in one of the first three.
#[derive(Debug, Default)]
pub(crate) struct Quantised {
    pub(crate) floats: Vec<f32>,
    pub(crate) words: Vec<i16>,
    pub(crate) bytes: Vec<u8>,
    /// What a step on the grid is worth, for each row.
    pub(crate) scales: Vec<f32>,
    /// What the row's values are shifted by.
    pub(crate) zeros: Vec<f32>,
}

impl Quantised {
    /// Puts rows of `width` on a grid from `-most` to `most` that fits the largest of each.
    pub(crate) fn words(&mut self, level: Level, rows: &[f32], width: usize, stored: Width, most: f32) {
        self.make_room(rows, width, stored);
        level.run(OntoWords { rows, width, stored, most, out: self });
    }

    /// Puts rows of `width` on a grid of 256 steps from the least to the largest of each; counted from -128 where bytes have a sign.
    pub(crate) fn bytes(&mut self, level: Level, rows: &[f32], width: usize, stored: Width) {
        self.make_room(rows, width, stored);
        level.run(OntoBytes { rows, width, stored, out: self });
    }

    fn make_room(&mut self, rows: &[f32], width: usize, stored: Width) {
        self.scales.resize(rows.len() / width, 0.0);
        self.zeros.resize(rows.len() / width, 0.0);
        match stored {
            Width::Floats => self.floats.resize(rows.len(), 0.0),
            Width::Words => self.words.resize(rows.len(), 0),
            Width::Bytes => self.bytes.resize(rows.len(), 0),
        }
    }

    /// Stores a row; `onto` gives a number plus [`ROUNDER`], whose last bits hold it.
    #[inline(always)]
    fn put(&mut self, number: usize, row: &[f32], stored: Width, onto: impl Fn(f32) -> f32) {
        let places = number * row.len()..(number + 1) * row.len();
        #[expect(clippy::cast_possible_truncation, reason = "the last bits hold the rounded number")]
        match stored {
            Width::Floats => {
                for (value, float) in row.iter().zip(&mut self.floats[places]) {
                    *float = onto(*value) - ROUNDER;
                }
            }
            Width::Words => {
                for (value, word) in row.iter().zip(&mut self.words[places]) {
                    *word = onto(*value).to_bits() as i16;
                }
            }
            Width::Bytes => {
                for (value, byte) in row.iter().zip(&mut self.bytes[places]) {
                    *byte = onto(*value).to_bits() as u8;
                }
            }
        }
    }
}

struct OntoWords<'a> {
    rows: &'a [f32],
    width: usize,
    stored: Width,
    most: f32,
    out: &'a mut Quantised,
}

impl Task for OntoWords<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        let Self { rows, width, stored, most, out } = self;
        for (number, row) in rows.chunks_exact(width).enumerate() {
            // No step is so small that its inverse has no finite value.
            let mut largest = [f32::MIN_POSITIVE * 65536.0; LANES];
            for part in row.as_chunks::<LANES>().0 {
                for lane in 0..LANES {
                    largest[lane] = greater(largest[lane], part[lane].abs());
                }
            }
            let largest = fold(largest, greater);
            let steps = most / largest;
            out.put(number, row, stored, |value| madd::<I>(value, steps, ROUNDER));
            (out.scales[number], out.zeros[number]) = (largest / most, 0.0);
        }
    }
}

struct OntoBytes<'a> {
    rows: &'a [f32],
    width: usize,
    stored: Width,
    out: &'a mut Quantised,
}

impl Task for OntoBytes<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        let Self { rows, width, stored, out } = self;
        for (number, row) in rows.chunks_exact(width).enumerate() {
            let (mut least, mut largest) = ([0.0; LANES], [0.0; LANES]);
            for part in row.as_chunks::<LANES>().0 {
                for lane in 0..LANES {
                    least[lane] = lesser(least[lane], part[lane]);
                    largest[lane] = greater(largest[lane], part[lane]);
                }
            }
            let least = fold(least, lesser);
            let range = greater(fold(largest, greater) - least, f32::MIN_POSITIVE * 256.0);
            let (steps, scale) = (255.0 / range, range / 255.0);
            let zero = (-least * steps).round();
            // Whole and small, so that it changes no rounding.
            let shift = if stored == Width::Bytes && I::SIGNED { 128.0 } else { 0.0 };
            let rounder = ROUNDER - shift;
            out.put(number, row, stored, |value| lesser(greater(madd::<I>(value, steps, zero), 0.0), 255.0) + rounder);
            (out.scales[number], out.zeros[number]) = (scale, (zero - shift) * scale);
        }
    }
}

/// Writes 16 numbers, with the activation applied if there is one.
///
/// # Safety
/// The instructions must be there.
#[inline(always)]
pub(crate) unsafe fn put_activated<I: Isa>(activation: Option<Activation>, values: I::Floats, to: &mut [f32]) {
    let to: &mut [f32; LANES] = to.try_into().expect("16 places for 16 numbers: this is a bug");
    // SAFETY: there are 16 places; the instructions are the caller's promise.
    unsafe {
        let values = match activation {
            Some(Activation::Gelu) => gelu::<I>(values),
            Some(Activation::Relu) => I::greater(values, I::splat(0.0)),
            Some(Activation::GeluTanh) | None => values,
        };
        I::store(to.as_mut_ptr(), values);
    }
    if activation == Some(Activation::GeluTanh) {
        for value in to {
            *value = gelu_tanh::<I>(*value);
        }
    }
}

/// Adds what a block computed to what went into it, and normalises each row (Ba et al. 2016, arXiv:1607.06450).
///
/// All of shape `[rows, width]`, `gain` and `bias` of `[width]`.
pub(crate) struct AddAndNormalise<'a> {
    /// What went in; afterwards the normalised rows with gain and bias.
    pub(crate) rows: &'a mut [f32],
    /// What was computed; left out before the first block.
    pub(crate) added: Option<&'a [f32]>,
    /// Where the normalised rows without gain and bias go, if somebody asks for them.
    pub(crate) plain: Option<&'a mut [f32]>,
    pub(crate) gain: &'a [f32],
    pub(crate) bias: &'a [f32],
    pub(crate) epsilon: f32,
}

impl Task for AddAndNormalise<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        let Self { rows, added, mut plain, gain, bias, epsilon } = self;
        let width = gain.len();
        for (number, row) in rows.chunks_exact_mut(width).enumerate() {
            let places = number * width..(number + 1) * width;
            let (mean, steep) = add_and_measure(row, added.map(|added| &added[places.clone()]), epsilon);
            if let Some(plain) = &mut plain {
                for (((value, plain), gain), bias) in row.iter_mut().zip(&mut plain[places]).zip(gain).zip(bias) {
                    *plain = (*value - mean) * steep;
                    *value = madd::<I>(*plain, *gain, *bias);
                }
            } else {
                for ((value, gain), bias) in row.iter_mut().zip(gain).zip(bias) {
                    *value = madd::<I>((*value - mean) * steep, *gain, *bias);
                }
            }
        }
    }
}

/// The same after the last block, where the rows of each text become its vector and are needed no more.
pub(crate) struct AddNormaliseAndPool<'a> {
    /// What went in; used up.
    pub(crate) rows: &'a mut [f32],
    /// What was computed; left out where there was no block.
    pub(crate) added: Option<&'a [f32]>,
    pub(crate) gain: &'a [f32],
    pub(crate) bias: &'a [f32],
    pub(crate) epsilon: f32,
    pub(crate) lengths: &'a [usize],
    pub(crate) pooling: Pooling,
    /// The vectors, `[texts, width]`; zeros before.
    pub(crate) out: &'a mut [f32],
}

impl Task for AddNormaliseAndPool<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        let Self { rows, added, gain, bias, epsilon, lengths, pooling, out } = self;
        let width = gain.len();
        let mut first = 0;
        for (length, out) in lengths.iter().zip(out.chunks_exact_mut(width)) {
            let pooled = match pooling {
                Pooling::Mean => *length,
                Pooling::First => 1,
            };
            for number in first..first + pooled {
                let places = number * width..(number + 1) * width;
                let row = &mut rows[places.clone()];
                let (mean, steep) = add_and_measure(row, added.map(|added| &added[places]), epsilon);
                for (((value, sum), gain), bias) in row.iter().zip(&mut *out).zip(gain).zip(bias) {
                    *sum += madd::<I>((*value - mean) * steep, *gain, *bias);
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
            let share = 1.0 / pooled as f32;
            for sum in out {
                *sum *= share;
            }
            first += length;
        }
    }
}

/// Adds to a row; answers its mean and one over its deviation.
#[inline(always)]
fn add_and_measure(row: &mut [f32], added: Option<&[f32]>, epsilon: f32) -> (f32, f32) {
    if let Some(added) = added {
        for (value, more) in row.iter_mut().zip(added) {
            *value += more;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let share = 1.0 / row.len() as f32;
    let mean = sum(row, |value| value) * share;
    let variance = sum(row, |value| (value - mean) * (value - mean)) * share;
    (mean, 1.0 / (variance + epsilon).sqrt())
}

/// Adds numbers of 32 bits, as they lie in a file with the low byte first, to others.
pub fn add_stored(bytes: &[u8], to: &mut [f32]) {
    for (bytes, to) in bytes.as_chunks::<4>().0.iter().zip(to) {
        *to += f32::from_le_bytes(*bytes);
    }
}

/// The sum of what `of` makes of each number, in 16 lanes.
#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    for part in values.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            lanes[lane] += of(part[lane]);
        }
    }
    fold(lanes, |a, b| a + b)
}

/// One number of 16, by halves: as many steps as the logarithm.
#[inline(always)]
fn fold(lanes: [f32; LANES], both: impl Fn(f32, f32) -> f32) -> f32 {
    let eight: [f32; 8] = std::array::from_fn(|lane| both(lanes[lane], lanes[lane + 8]));
    let four: [f32; 4] = std::array::from_fn(|lane| both(eight[lane], eight[lane + 4]));
    both(both(four[0], four[2]), both(four[1], four[3]))
}

/// Turns scores into shares of one, relative to the largest; answers what they add up to. Scores are in powers of two.
///
/// Only the first `count` of a row count; the others, up to a multiple of 16, become 0.
#[inline(always)]
pub(crate) fn softmax<I: Isa>(scores: &mut [f32], count: usize) -> f32 {
    let padded = count.next_multiple_of(LANES);
    scores[count..padded].fill(f32::NEG_INFINITY);
    let parts = scores[..padded].as_chunks_mut::<LANES>().0;
    let mut largest = [f32::NEG_INFINITY; LANES];
    for part in parts.iter() {
        for lane in 0..LANES {
            largest[lane] = greater(largest[lane], part[lane]);
        }
    }
    let largest = fold(largest, greater);
    let mut sums = [0.0; LANES];
    for part in parts {
        for lane in 0..LANES {
            part[lane] = exp2::<I>(part[lane] - largest);
            sums[lane] += part[lane];
        }
    }
    fold(sums, |a, b| a + b)
}

/// `2^x` for `x <= 0`, within 2e-7 of it; 0 below -126.
///
/// The fraction's power is the series of the exponential function up to the sixth power, the whole part goes into the exponent.
#[inline(always)]
pub(crate) fn exp2<I: Isa>(x: f32) -> f32 {
    let clamped = greater(x, -126.0);
    let rounded = clamped + ROUNDER;
    let fraction = clamped - (rounded - ROUNDER);
    // (ln 2)^k / k!
    let mut power = 1.540_353e-4;
    for term in [1.333_355_8e-3, 9.618_129e-3, 5.550_411e-2, 0.240_226_5, std::f32::consts::LN_2, 1.0] {
        power = madd::<I>(power, fraction, term);
    }
    let exponent = rounded.to_bits().wrapping_sub(ROUNDER.to_bits()).wrapping_add(127) << 23;
    if x < -126.0 { 0.0 } else { power * f32::from_bits(exponent) }
}

/// `x * Φ(x)` with an error of at most 1e-6 up to `|x| = 8`, and of 6e-8 of `x` beyond.
///
/// `Φ(x) - 1/2` is `x` times a polynomial of degree 13 in `2 (x / 5.4)^2 - 1`, fitted for the least greatest error of the product on
/// `|x| <= 5.4`, beyond which it is constant.
///
/// # Safety
/// The instructions must be there.
#[inline(always)]
unsafe fn gelu<I: Isa>(x: I::Floats) -> I::Floats {
    const EDGE: f32 = 5.4;
    // SAFETY: the caller's promise.
    unsafe {
        let inside = I::lesser(I::greater(x, I::splat(-EDGE)), I::splat(EDGE));
        let place = I::madd(I::mul(inside, inside), I::splat(2.0 / (EDGE * EDGE)), I::splat(-1.0));
        let mut slope = I::splat(-6.931_387e-4);
        for term in [
            2.018_641_4e-3,
            -2.131_280_8e-3,
            2.376_778e-3,
            -5.702_622_5e-3,
            1.034_626e-2,
            -1.447_741_6e-2,
            1.945_790_8e-2,
            -2.562_159_6e-2,
            3.213_957_8e-2,
            -3.921_956e-2,
            4.849_86e-2,
            -6.532_769e-2,
            0.130_928_12,
        ] {
            slope = I::madd(slope, place, I::splat(term));
        }
        I::mul(x, I::madd(inside, slope, I::splat(0.5)))
    }
}

/// `x / (1 + e^(-2 u))` with `u = sqrt(2/π) (x + 0.044715 x^3)`, which is the approximation of the paper.
#[inline(always)]
fn gelu_tanh<I: Isa>(x: f32) -> f32 {
    const SCALE: f32 = 2.0 * 0.797_884_6 * std::f32::consts::LOG2_E;
    let power = SCALE * x * madd::<I>(x * x, 0.044_715, 1.0);
    // The exponential of a negative number only: the other half follows from symmetry.
    let small = exp2::<I>(-power.abs());
    let share = 1.0 / (1.0 + small);
    x * if power < 0.0 { small * share } else { share }
}

#[inline(always)]
pub(crate) fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline(always)]
pub(crate) fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}
