//! The network for a graphics card: candle's operations in 16 bits over packed texts, without padding.
//!
//! Texts lie one after the other, sorted by their length, so that attention takes those of one length together and everything else takes
//! all tokens as the rows of one matrix. On the processor the same code is held against candle's own layers by the tests.

use std::path::Path;
use std::sync::Arc;

use backchannel_kernels::{Activation, Shape};
use candle_core::{D, DType, Device, Module, Tensor};
use candle_nn::ops::softmax_last_dim;
use candle_nn::{LayerNorm, Linear, VarBuilder};

use crate::embed::error::EmbedError;
use crate::embed::manifest::{Model, Pooling, WEIGHTS_FILE};
use crate::embed::network::Config;
use crate::embed::options::Precision;
use crate::embed::vector::UnitVector;
use crate::embed::weights::{PREFIXES, WORDS};

/// A BERT-like network of candle's operations with its pooling.
pub(super) struct Card {
    words: Tensor,
    positions: Tensor,
    /// The row that every token gets for its type.
    kind: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
    shape: Shape,
    first_position: u32,
    pooling: Pooling,
    device: Device,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    context: Linear,
    context_norm: LayerNorm,
    rise: Linear,
    fall: Linear,
    fall_norm: LayerNorm,
}

/// Texts of one length, one after the other among the packed tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    start: usize,
    texts: usize,
    length: usize,
}

impl Card {
    /// The numbers that a precision stands for.
    pub(super) const fn numbers(precision: Precision) -> DType {
        match precision {
            Precision::Fast => DType::F16,
            Precision::Exact => DType::F32,
        }
    }

    /// Reads the configuration and the weights of a model onto a device, in numbers of a kind.
    ///
    /// # Errors
    /// A file cannot be read, or is of a shape that is not known here.
    pub(super) fn open(model: &Model, folder: &Path, device: &Device, numbers: DType) -> Result<Self, EmbedError> {
        let config = Config::read(folder)?;
        let shape = config.shape()?;
        let bytes = fs_err::read(folder.join(WEIGHTS_FILE)).map_err(|error| EmbedError::open(WEIGHTS_FILE, error))?;
        let read = || -> candle_core::Result<Self> {
            let weights = VarBuilder::from_buffered_safetensors(bytes, numbers, device)?;
            let prefix = PREFIXES.into_iter().find(|prefix| weights.contains_tensor(&format!("{prefix}{WORDS}"))).unwrap_or_default();
            let weights = if prefix.is_empty() { weights } else { weights.pp(prefix.trim_end_matches('.')) };
            let embeddings = weights.pp("embeddings");
            let table = |name: &str| embeddings.pp(format!("{name}_embeddings")).get_unchecked("weight");
            let layers = weights.pp("encoder").pp("layer");
            Ok(Self {
                words: table("word")?,
                positions: table("position")?,
                kind: table("token_type")?.narrow(0, 0, 1)?,
                norm: norm(&embeddings.pp("LayerNorm"), &shape)?,
                layers: (0..config.layers()).map(|number| layer(&layers.pp(number), &shape)).collect::<candle_core::Result<_>>()?,
                shape,
                first_position: u32::try_from(config.first_position(model.architecture)).map_err(candle_core::Error::wrap)?,
                pooling: model.pooling,
                device: device.clone(),
            })
        };
        read().map_err(|error| EmbedError::open(WEIGHTS_FILE, error))
    }

    /// Computes the vector of each text, in order; none may be without tokens.
    ///
    /// # Errors
    /// Candle fails, as it does for ids outside of a table, or the weights give no direction.
    pub(super) fn forward(&self, texts: &[Vec<u32>]) -> Result<Vec<UnitVector>, EmbedError> {
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|text| texts[*text].len());
        let sorted: Vec<&[u32]> = order.iter().map(|text| texts[*text].as_slice()).collect();
        let pooled = self.pooled(&sorted).map_err(|error| EmbedError::Network(Arc::new(error)))?;
        let mut vectors: Vec<(usize, UnitVector)> = order
            .into_iter()
            .zip(pooled.chunks_exact(self.shape.hidden.max(1)))
            .map(|(text, vector)| Ok((text, UnitVector::normalized(vector.to_vec())?)))
            .collect::<Result<_, EmbedError>>()?;
        vectors.sort_by_key(|(text, _)| *text);
        Ok(vectors.into_iter().map(|(_, vector)| vector).collect())
    }

    /// The pooled states of texts that are sorted by length, `[texts, hidden]` in one piece.
    fn pooled(&self, texts: &[&[u32]]) -> candle_core::Result<Vec<f32>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<u32> = texts.concat();
        let places: Vec<u32> = texts.iter().flat_map(|text| (self.first_position..).take(text.len())).collect();
        let rows = ids.len();
        let ids = Tensor::from_vec(ids, rows, &self.device)?;
        let places = Tensor::from_vec(places, rows, &self.device)?;
        let groups = groups(texts);
        let tokens = (self.words.index_select(&ids, 0)? + self.positions.index_select(&places, 0)?)?.broadcast_add(&self.kind)?;
        let mut states = self.norm.forward(&tokens)?;
        for layer in &self.layers {
            states = layer.forward(&states, &groups, &self.shape)?;
        }
        let pool = |group: &Group| -> candle_core::Result<Tensor> {
            let states =
                states.narrow(0, group.start, group.texts * group.length)?.reshape((group.texts, group.length, self.shape.hidden))?;
            match self.pooling {
                // In 32 bits: a sum of hundreds of tokens is coarse in 16.
                Pooling::Mean => states.to_dtype(DType::F32)?.mean(1),
                Pooling::Cls => states.narrow(1, 0, 1)?.squeeze(1)?.to_dtype(DType::F32),
            }
        };
        let pooled = groups.iter().map(pool).collect::<candle_core::Result<Vec<_>>>()?;
        Tensor::cat(&pooled, 0)?.flatten_all()?.to_vec1()
    }
}

impl Layer {
    fn forward(&self, states: &Tensor, groups: &[Group], shape: &Shape) -> candle_core::Result<Tensor> {
        let (query, key, value) = (self.query.forward(states)?, self.key.forward(states)?, self.value.forward(states)?);
        let attended = groups.iter().map(|group| attend([&query, &key, &value], group, shape)).collect::<candle_core::Result<Vec<_>>>()?;
        let context = self.context.forward(&Tensor::cat(&attended, 0)?)?;
        let states = self.context_norm.forward(&(states + context)?)?;
        let risen = self.rise.forward(&states)?;
        let risen = match shape.activation {
            Activation::Gelu => risen.gelu_erf()?,
            Activation::GeluTanh => risen.gelu()?,
            Activation::Relu => risen.relu()?,
        };
        self.fall_norm.forward(&(&states + self.fall.forward(&risen)?)?)
    }
}

/// Attention within each text of a group, `[tokens, hidden]`.
fn attend([query, key, value]: [&Tensor; 3], group: &Group, shape: &Shape) -> candle_core::Result<Tensor> {
    let size = shape.hidden / shape.heads;
    let rows = group.texts * group.length;
    // `[texts, heads, length, size]`
    let heads = |of: &Tensor| {
        of.narrow(0, group.start, rows)?.reshape((group.texts, group.length, shape.heads, size))?.transpose(1, 2)?.contiguous()
    };
    #[expect(clippy::cast_precision_loss, reason = "a head has at most some hundred numbers")]
    let scale = 1.0 / (size as f64).sqrt();
    // The query is scaled first: in 16 bits the products could leave the range.
    let scores = (heads(query)? * scale)?.matmul(&heads(key)?.transpose(D::Minus2, D::Minus1)?.contiguous()?)?;
    let attended = softmax_last_dim(&scores)?.matmul(&heads(value)?)?;
    attended.transpose(1, 2)?.reshape((rows, shape.hidden))
}

/// Texts of one length together; they come sorted.
fn groups(texts: &[&[u32]]) -> Vec<Group> {
    let mut start = 0;
    let mut groups = Vec::new();
    for same in texts.chunk_by(|one, other| one.len() == other.len()) {
        let group = Group { start, texts: same.len(), length: same[0].len() };
        start += group.texts * group.length;
        groups.push(group);
    }
    groups
}

fn layer(weights: &VarBuilder<'_>, shape: &Shape) -> candle_core::Result<Layer> {
    let linear = |name: &str, to: usize, from: usize| candle_nn::linear(from, to, weights.pp(name));
    let (hidden, inner) = (shape.hidden, shape.intermediate);
    Ok(Layer {
        query: linear("attention.self.query", hidden, hidden)?,
        key: linear("attention.self.key", hidden, hidden)?,
        value: linear("attention.self.value", hidden, hidden)?,
        context: linear("attention.output.dense", hidden, hidden)?,
        context_norm: norm(&weights.pp("attention.output.LayerNorm"), shape)?,
        rise: linear("intermediate.dense", inner, hidden)?,
        fall: linear("output.dense", hidden, inner)?,
        fall_norm: norm(&weights.pp("output.LayerNorm"), shape)?,
    })
}

/// Old files call gain and bias of a norm gamma and beta.
fn norm(weights: &VarBuilder<'_>, shape: &Shape) -> candle_core::Result<LayerNorm> {
    let [gain, bias] = if weights.contains_tensor("gamma") { ["gamma", "beta"] } else { ["weight", "bias"] };
    Ok(LayerNorm::new(weights.get(shape.hidden, gain)?, weights.get(shape.hidden, bias)?, f64::from(shape.epsilon)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::reference;
    use crate::embed::stock::Stock;

    fn text(length: u32, seed: u32) -> Vec<u32> {
        (0..length).map(|place| 5 + (place * 37 + seed * 91 + place * place * (seed + 1)) % 400).collect()
    }

    /// A tiny model of each kind, with candle's own layers for it.
    fn kinds() -> Vec<(tempfile::TempDir, Model, Stock)> {
        let with_stock = |(place, model): (tempfile::TempDir, Model)| {
            let stock = Stock::open(&model, place.path()).unwrap();
            (place, model, stock)
        };
        reference::kinds().into_iter().map(with_stock).collect()
    }

    #[test]
    fn packed_texts_have_the_vectors_of_stock_candle_in_32_and_in_16_bits() {
        let texts: Vec<Vec<u32>> = [3, 1, 12, 3, 64, 12, 7, 3].into_iter().zip(0..).map(|(length, seed)| text(length, seed)).collect();
        for (place, model, stock) in kinds() {
            let expected = stock.forward(&texts).unwrap();
            for (precision, least) in [(Precision::Exact, 0.999_99), (Precision::Fast, 0.999)] {
                let card = Card::open(&model, place.path(), &Device::Cpu, Card::numbers(precision)).unwrap();
                for ((text, expected), found) in texts.iter().zip(&expected).zip(card.forward(&texts).unwrap()) {
                    let cosine = found.dot(expected);
                    assert!(cosine >= least, "{precision:?} {model:?}: {cosine} for {} tokens", text.len());
                }
            }
        }
    }

    #[test]
    fn nothing_and_what_is_outside_of_the_tables_end_well() {
        let (place, model, _) = kinds().remove(0);
        let card = Card::open(&model, place.path(), &Device::Cpu, DType::F16).unwrap();
        assert!(card.forward(&[]).unwrap().is_empty());
        assert!(matches!(card.forward(&[vec![2, 1_000_000, 3]]), Err(EmbedError::Network(_))));
        assert!(matches!(card.forward(&[vec![2; 73]]), Err(EmbedError::Network(_))));
    }

    #[test]
    fn texts_of_one_length_are_taken_together() {
        let (one, two, three) = (text(2, 0), text(2, 1), text(5, 2));
        let found = groups(&[&one, &two, &three]);
        assert_eq!(found, [Group { start: 0, texts: 2, length: 2 }, Group { start: 4, texts: 1, length: 5 }]);
    }
}
