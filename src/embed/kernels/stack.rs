//! All layers of an encoder, packed, and the way through them.

use std::fmt;

use crate::attention::{Attend, Room};
use crate::level::Level;
use crate::matrix::{Grid, MOST_INNER, Matrix};
use crate::rows::{Activation, AddAndNormalise, AddNormaliseAndPool, Pooling, Quantised};

/// About how many tokens go through a layer together: enough that weights are read seldom, and so few that what is between two steps stays
/// in a core's own cache.
const TOKENS_TOGETHER: usize = 192;

/// How exactly vectors are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Every product in 32 bits with a fraction.
    Exact,
    /// Linear maps in whole numbers: 16 bits where the queries, keys and values are made, which is where embeddings suffer most from
    /// rounding, and 8 bits elsewhere. The same whole numbers on every level; what lies between them is rounded differently, after which
    /// vectors have a cosine of at least 0.9999.
    Fast,
}

/// What is the same for every layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Numbers of a token's vector.
    pub hidden: usize,
    /// Attention heads.
    pub heads: usize,
    /// Numbers between the two linear maps of a layer.
    pub intermediate: usize,
    /// What keeps a norm from dividing by zero.
    pub epsilon: f32,
    /// What lies between the two linear maps of a layer.
    pub activation: Activation,
}

/// A linear map: `weight` is `[out, in]`, `bias` is `[out]`.
#[derive(Debug, Clone, Copy)]
pub struct Linear<'a> {
    /// Row by row.
    pub weight: &'a [f32],
    /// One for each row.
    pub bias: &'a [f32],
}

/// A norm of rows, both of `[hidden]`.
#[derive(Debug, Clone, Copy)]
pub struct Norm<'a> {
    /// What the normalised numbers are multiplied by.
    pub gain: &'a [f32],
    /// What is added then.
    pub bias: &'a [f32],
}

/// The weights of a layer as they are published.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the names of the paper")]
pub struct Layer<'a> {
    pub query: Linear<'a>,
    pub key: Linear<'a>,
    pub value: Linear<'a>,
    /// What follows the heads.
    pub context: Linear<'a>,
    pub context_norm: Norm<'a>,
    /// To the intermediate size.
    pub rise: Linear<'a>,
    /// And back.
    pub fall: Linear<'a>,
    pub fall_norm: Norm<'a>,
}

/// Weights that this crate cannot compute with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShapeError {
    /// A size that vectors of 16 numbers don't fit in.
    Odd(&'static str, usize),
    /// A size whose sums of products could overflow.
    Large(&'static str, usize),
    /// Heads that don't fill a row.
    Heads {
        /// How many there are.
        heads: usize,
        /// The size of a row.
        hidden: usize,
    },
    /// Not as many numbers as the shape says.
    Length {
        /// Which weight.
        what: Tensor,
        /// How many numbers it has.
        found: usize,
        /// Of which shape it must be; one column where it is no matrix.
        expected: [usize; 2],
    },
    /// A number that is none, or infinite.
    NotFinite {
        /// Which weight.
        what: Tensor,
        /// At which place the first of these is.
        place: usize,
    },
}

/// Which of the weights is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tensor {
    /// The layer, from 0; none before the first.
    pub layer: Option<usize>,
    /// The map or norm, by its name in [`Layer`].
    pub of: &'static str,
    /// Weight, gain or bias.
    pub part: &'static str,
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layer, of, part } = self;
        write!(f, "{part} of the {of}")?;
        layer.map_or(Ok(()), |layer| write!(f, " of layer {layer}"))
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Odd(what, size) => write!(f, "the {what} is {size}, which is not a multiple of 16"),
            Self::Large(what, size) => write!(f, "the {what} is {size}, which is more than {MOST_INNER}"),
            Self::Heads { heads, hidden } => write!(f, "{heads} heads do not fill rows of {hidden} numbers evenly"),
            Self::Length { what, found, expected: [rows, 1] } => write!(f, "the {what} has {found} numbers instead of {rows}"),
            Self::Length { what, found, expected: [rows, columns] } => {
                write!(f, "the {what} has {found} numbers instead of {rows} times {columns}")
            }
            Self::NotFinite { what, place } => write!(f, "the {what} holds a number that is not finite, at place {place}"),
        }
    }
}

impl std::error::Error for ShapeError {}

/// Texts one behind the other: how many tokens each has.
#[derive(Debug, Clone, Copy)]
pub struct Lengths<'a>(&'a [usize]);

impl<'a> Lengths<'a> {
    /// Takes lengths; `None` where one is 0.
    pub fn new(lengths: &'a [usize]) -> Option<Self> {
        lengths.iter().all(|length| *length > 0).then_some(Self(lengths))
    }
}

/// Packed weights of all layers.
#[derive(Debug)]
pub struct Stack {
    level: Level,
    shape: Shape,
    embedding_norm: PackedNorm,
    layers: Vec<PackedLayer>,
}

/// Room that is used again for every text; one for each thread.
#[derive(Debug, Default)]
pub struct Scratch {
    mixed: Vec<f32>,
    context: Vec<f32>,
    plain: Vec<f32>,
    wide: Vec<f32>,
    added: Vec<f32>,
    quantised: Quantised,
    room: Room,
}

#[derive(Debug)]
struct PackedLayer {
    mix: Matrix,
    context: Matrix,
    context_norm: PackedNorm,
    rise: Matrix,
    fall: Matrix,
    fall_norm: PackedNorm,
}

#[derive(Debug)]
struct PackedNorm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

impl Stack {
    /// Begins a stack without layers.
    ///
    /// # Errors
    /// The shape or the norm cannot be computed with.
    pub fn new(level: Level, shape: Shape, embedding_norm: Norm<'_>) -> Result<Self, ShapeError> {
        let head = shape.hidden.checked_div(shape.heads).unwrap_or_default();
        for (what, size) in [("hidden size", shape.hidden), ("size of a head", head), ("intermediate size", shape.intermediate)] {
            if size == 0 || size % 16 != 0 {
                return Err(ShapeError::Odd(what, size));
            }
            if size > MOST_INNER {
                return Err(ShapeError::Large(what, size));
            }
        }
        if head * shape.heads != shape.hidden {
            return Err(ShapeError::Heads { heads: shape.heads, hidden: shape.hidden });
        }
        let embedding_norm = PackedNorm::pack(None, "norm of the embeddings", embedding_norm, shape.hidden)?;
        Ok(Self { level, shape, embedding_norm, layers: Vec::new() })
    }

    /// Packs the next layer.
    ///
    /// # Errors
    /// A weight has not the size that the shape says, or is not finite.
    pub fn push(&mut self, precision: Precision, layer: Layer<'_>) -> Result<(), ShapeError> {
        let Layer { query, key, value, context, context_norm, rise, fall, fall_norm } = layer;
        let Shape { hidden, intermediate, .. } = self.shape;
        let number = Some(self.layers.len());
        let (fine, coarse) = match precision {
            Precision::Exact => (Grid::Floats, Grid::Floats),
            Precision::Fast => (Grid::Words, Grid::Bytes),
        };
        for (what, linear, rows, columns) in [
            ("query", query, hidden, hidden),
            ("key", key, hidden, hidden),
            ("value", value, hidden, hidden),
            ("context", context, hidden, hidden),
            ("rise", rise, intermediate, hidden),
            ("fall", fall, hidden, intermediate),
        ] {
            check(Tensor { layer: number, of: what, part: "weight" }, linear.weight, [rows, columns])?;
            check(Tensor { layer: number, of: what, part: "bias" }, linear.bias, [rows, 1])?;
        }
        let context_norm = PackedNorm::pack(number, "norm after the context", context_norm, hidden)?;
        let pack = |grid, inner, linear: Linear<'_>| Matrix::pack(self.level, grid, inner, linear.weight, linear.bias);
        let mixed_weight = [query.weight, key.weight, value.weight].concat();
        let mixed_bias = [query.bias, key.bias, value.bias].concat();
        let (risen_weight, risen_bias) = context_norm.fold_into(rise);
        self.layers.push(PackedLayer {
            mix: pack(fine, hidden, Linear { weight: &mixed_weight, bias: &mixed_bias }),
            context: pack(coarse, hidden, context),
            rise: pack(coarse, hidden, Linear { weight: &risen_weight, bias: &risen_bias }).followed_by(self.shape.activation),
            context_norm,
            fall: pack(coarse, intermediate, fall),
            fall_norm: PackedNorm::pack(number, "norm after the fall", fall_norm, hidden)?,
        });
        Ok(())
    }

    /// The instructions it was packed for.
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The multiplications and additions of a text of so many tokens: those of the linear maps and of attention.
    pub fn operations(&self, tokens: usize) -> f64 {
        let Shape { hidden, intermediate, .. } = self.shape;
        let each = 4 * hidden * hidden + 2 * hidden * intermediate + 2 * tokens * hidden;
        #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
        let all = (2 * tokens * self.layers.len() * each) as f64;
        all
    }

    /// Computes the vector of each text, of any length: `[tokens, hidden] -> [texts, hidden]`.
    ///
    /// `rows` holds the sum of each token's embeddings, and is used up.
    pub fn forward(&self, rows: &mut [f32], lengths: Lengths<'_>, pooling: Pooling, scratch: &mut Scratch) -> Vec<f32> {
        let hidden = self.shape.hidden;
        assert_eq!(rows.len(), lengths.0.iter().sum::<usize>() * hidden, "as many rows as the lengths say");
        let mut pooled = vec![0.0; lengths.0.len() * hidden];
        let (mut rows, mut lengths, mut out) = (rows, lengths.0, pooled.as_mut_slice());
        while !lengths.is_empty() {
            // Parts of about equal size, so that the last is not a small one.
            let left = lengths.iter().sum::<usize>();
            let fair = left.div_ceil(left.div_ceil(TOKENS_TOGETHER));
            let (mut texts, mut tokens) = (1, lengths[0]);
            while texts < lengths.len() && tokens + lengths[texts] / 2 <= fair {
                tokens += lengths[texts];
                texts += 1;
            }
            let (now, later) = rows.split_at_mut(tokens * hidden);
            let (vectors, others) = out.split_at_mut(texts * hidden);
            self.together(now, &lengths[..texts], pooling, vectors, scratch);
            (rows, lengths, out) = (later, &lengths[texts..], others);
        }
        pooled
    }

    /// Takes some texts through all layers; `out` is of zeros.
    fn together(&self, rows: &mut [f32], lengths: &[usize], pooling: Pooling, out: &mut [f32], scratch: &mut Scratch) {
        let Shape { hidden, heads, intermediate, epsilon, activation: _ } = self.shape;
        let level = self.level;
        let tokens = rows.len() / hidden;
        let Scratch { mixed, context, plain, wide, added, quantised, room } = scratch;
        mixed.resize(tokens * 3 * hidden, 0.0);
        context.resize(tokens * hidden, 0.0);
        plain.resize(tokens * hidden, 0.0);
        added.resize(tokens * hidden, 0.0);
        wide.resize(tokens * intermediate, 0.0);
        // The norm that ends the layer before, and whether there was one.
        let (mut norm, mut follows) = (&self.embedding_norm, false);
        for layer in &self.layers {
            let PackedNorm { gain, bias } = norm;
            level.run(AddAndNormalise { rows, added: follows.then_some(added), plain: None, gain, bias, epsilon });
            layer.mix.apply(level, rows, quantised, mixed);
            level.run(Attend { lengths, heads, mixed, out: context, room });
            layer.context.apply(level, context, quantised, added);
            let PackedNorm { gain, bias } = &layer.context_norm;
            // Gain and bias of the norm are in the weights of the next map: numbers of one size round better.
            level.run(AddAndNormalise { rows, added: Some(added), plain: Some(plain), gain, bias, epsilon });
            layer.rise.apply(level, plain, quantised, wide);
            layer.fall.apply(level, wide, quantised, added);
            (norm, follows) = (&layer.fall_norm, true);
        }
        let PackedNorm { gain, bias } = norm;
        level.run(AddNormaliseAndPool { rows, added: follows.then_some(added), gain, bias, epsilon, lengths, pooling, out });
    }
}

impl PackedNorm {
    fn pack(layer: Option<usize>, of: &'static str, norm: Norm<'_>, hidden: usize) -> Result<Self, ShapeError> {
        check(Tensor { layer, of, part: "gain" }, norm.gain, [hidden, 1])?;
        check(Tensor { layer, of, part: "bias" }, norm.bias, [hidden, 1])?;
        Ok(Self { gain: norm.gain.to_vec(), bias: norm.bias.to_vec() })
    }

    /// The map of what the norm gives, as a map of the normalised rows: `W (g * n + b) + c = (W * g) n + (W b + c)`.
    fn fold_into(&self, linear: Linear<'_>) -> (Vec<f32>, Vec<f32>) {
        let mut weight = linear.weight.to_vec();
        let mut bias = linear.bias.to_vec();
        for (row, bias) in weight.chunks_exact_mut(self.gain.len()).zip(&mut bias) {
            *bias += row.iter().zip(&self.bias).map(|(weight, bias)| weight * bias).sum::<f32>();
            for (weight, gain) in row.iter_mut().zip(&self.gain) {
                *weight *= gain;
            }
        }
        (weight, bias)
    }
}

fn check(what: Tensor, numbers: &[f32], expected: [usize; 2]) -> Result<(), ShapeError> {
    if numbers.len() != expected.iter().product::<usize>() {
        return Err(ShapeError::Length { what, found: numbers.len(), expected });
    }
    // A sum of zeros and nothing else where every number is finite; one pass without a branch.
    let sum: f32 = numbers.iter().map(|number| number * 0.0).sum();
    let first_bad = || numbers.iter().position(|number| !number.is_finite()).unwrap_or_default();
    if sum.is_nan() { Err(ShapeError::NotFinite { what, place: first_bad() }) } else { Ok(()) }
}
