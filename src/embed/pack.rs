//! Weights by their names in the file, put into the kernels' order once.

use backchannel_kernels::{Layer, Level, Linear, Norm, Precision, Shape, Stack};

use crate::embed::error::EmbedError;
use crate::embed::manifest::WEIGHTS_FILE;
use crate::embed::weights::Weights;

/// Packs the layers of a model.
///
/// # Errors
/// A weight is missing, has another shape, or holds a number that is not finite.
pub(super) fn pack(level: Level, weights: &Weights, shape: Shape, layers: usize, precision: Precision) -> Result<Stack, EmbedError> {
    let refuse = |error| EmbedError::open(WEIGHTS_FILE, error);
    let Shape { hidden, intermediate, .. } = shape;
    let [gain, bias] = weights.norm("embeddings.LayerNorm", hidden)?;
    let mut stack = Stack::new(level, shape, Norm { gain: &gain, bias: &bias }).map_err(refuse)?;
    for number in 0..layers {
        let linear = |name: &str, rows: usize, columns: usize| -> Result<[Vec<f32>; 2], EmbedError> {
            let name = format!("encoder.layer.{number}.{name}");
            Ok([weights.numbers(&format!("{name}.weight"), &[rows, columns])?, weights.numbers(&format!("{name}.bias"), &[rows])?])
        };
        let norm = |name: &str| weights.norm(&format!("encoder.layer.{number}.{name}"), hidden);
        let query = linear("attention.self.query", hidden, hidden)?;
        let key = linear("attention.self.key", hidden, hidden)?;
        let value = linear("attention.self.value", hidden, hidden)?;
        let context = linear("attention.output.dense", hidden, hidden)?;
        let rise = linear("intermediate.dense", intermediate, hidden)?;
        let fall = linear("output.dense", hidden, intermediate)?;
        let context_norm = norm("attention.output.LayerNorm")?;
        let fall_norm = norm("output.LayerNorm")?;
        let layer = Layer {
            query: as_linear(&query),
            key: as_linear(&key),
            value: as_linear(&value),
            context: as_linear(&context),
            context_norm: as_norm(&context_norm),
            rise: as_linear(&rise),
            fall: as_linear(&fall),
            fall_norm: as_norm(&fall_norm),
        };
        stack.push(precision, layer).map_err(refuse)?;
    }
    Ok(stack)
}

fn as_linear([weight, bias]: &[Vec<f32>; 2]) -> Linear<'_> {
    Linear { weight, bias }
}

fn as_norm([gain, bias]: &[Vec<f32>; 2]) -> Norm<'_> {
    Norm { gain, bias }
}
