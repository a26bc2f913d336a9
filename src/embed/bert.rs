//! The network: batches of token ids in, unit vectors out.
//!
//! This is the seam for faster kernels: nothing outside this file knows what computes.

use std::io;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{self, BertModel};
use candle_transformers::models::xlm_roberta::{self, XLMRobertaModel};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::de::DeserializeOwned;

use crate::embed::error::EmbedError;
use crate::embed::manifest::{Architecture, CONFIG_FILE, Model, Pooling, WEIGHTS_FILE};
use crate::embed::vector::UnitVector;

/// Token ids of some texts, at least one, each of at least one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    rows: Vec<Vec<u32>>,
    longest: usize,
}

/// A BERT-like network with its pooling; shape `[texts, tokens] -> [texts, dimensions]`.
pub struct Bert {
    network: Network,
    pooling: Pooling,
    dimensions: usize,
    padding_id: u32,
    threads: ThreadPool,
}

enum Network {
    Bert(Box<BertModel>),
    XlmRoberta(Box<XLMRobertaModel>),
}

/// What both architectures' configuration files say about the shape.
struct Shape {
    hidden_size: usize,
    positions: usize,
    padding_id: u32,
}

impl Batch {
    /// Takes texts as token ids; without a text, or with one of no tokens, there is no batch.
    pub fn new(rows: Vec<Vec<u32>>) -> Option<Self> {
        let longest = rows.iter().map(Vec::len).max()?;
        rows.iter().all(|row| !row.is_empty()).then_some(Self { rows, longest })
    }

    /// How many texts there are.
    pub fn texts(&self) -> usize {
        self.rows.len()
    }

    /// How many tokens the network computes, padding included.
    pub fn padded_tokens(&self) -> usize {
        self.rows.len() * self.longest
    }

    /// The ids, padded at the end, and where they are real; both `[texts, longest]`.
    fn padded(&self, padding_id: u32) -> (Vec<u32>, Vec<f32>) {
        let mut ids = vec![padding_id; self.padded_tokens()];
        let mut mask = vec![0.0; self.padded_tokens()];
        for (number, row) in self.rows.iter().enumerate() {
            let start = number * self.longest;
            ids[start..start + row.len()].copy_from_slice(row);
            mask[start..start + row.len()].fill(1.0);
        }
        (ids, mask)
    }
}

impl Bert {
    /// Reads the configuration and the weights of a model; takes about as long as reading the file.
    ///
    /// # Errors
    /// A file cannot be read, or contradicts the manifest.
    pub fn open(model: &Model, folder: &Path, threads: usize) -> Result<Self, EmbedError> {
        let weights = fs_err::read(folder.join(WEIGHTS_FILE)).map_err(|error| EmbedError::open(WEIGHTS_FILE, error))?;
        let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)
            .map_err(|error| EmbedError::open(WEIGHTS_FILE, error))?;
        let open = |error| EmbedError::open(WEIGHTS_FILE, error);
        let (network, shape) = match model.architecture {
            Architecture::Bert => {
                let config: bert::Config = config(folder)?;
                let shape = Shape {
                    hidden_size: config.hidden_size,
                    positions: config.max_position_embeddings,
                    padding_id: u32::try_from(config.pad_token_id).map_err(|error| EmbedError::open(CONFIG_FILE, error))?,
                };
                (Network::Bert(Box::new(BertModel::load(weights, &config).map_err(open)?)), shape)
            }
            Architecture::XlmRoberta => {
                let config: xlm_roberta::Config = config(folder)?;
                // Positions are counted from the padding token's id on, so that many of them are never reached.
                let unreached = config.pad_token_id as usize + 1;
                let shape = Shape {
                    hidden_size: config.hidden_size,
                    positions: config.max_position_embeddings.saturating_sub(unreached),
                    padding_id: config.pad_token_id,
                };
                let prefixed = weights.contains_tensor("roberta.embeddings.word_embeddings.weight");
                let weights = if prefixed { weights.pp("roberta") } else { weights };
                (Network::XlmRoberta(Box::new(XLMRobertaModel::new(&config, weights).map_err(open)?)), shape)
            }
        };
        shape.check(model)?;
        let threads = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("embed-{number}"))
            .build()
            .map_err(|error| EmbedError::Network(Arc::new(error)))?;
        Ok(Self { network, pooling: model.pooling, dimensions: model.dimensions, padding_id: shape.padding_id, threads })
    }

    /// Computes the vector of each text, in order.
    ///
    /// # Errors
    /// An id is not in the vocabulary, a text is longer than the network has positions, or the weights give no direction.
    pub fn forward(&self, batch: &Batch) -> Result<Vec<UnitVector>, EmbedError> {
        let hidden = self.threads.install(|| self.hidden(batch))?;
        let stride = batch.longest * self.dimensions;
        let rows = batch.rows.iter().zip(hidden.chunks_exact(stride));
        rows.map(|(row, hidden)| Ok(UnitVector::normalized(self.pool(&hidden[..row.len() * self.dimensions]))?)).collect()
    }

    /// The last layer's state, `[texts, longest, dimensions]` in one piece.
    fn hidden(&self, batch: &Batch) -> Result<Vec<f32>, candle_core::Error> {
        let shape = (batch.texts(), batch.longest);
        let (ids, mask) = batch.padded(self.padding_id);
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let types = ids.zeros_like()?;
        let hidden = match &self.network {
            Network::Bert(model) => model.forward(&ids, &types, Some(&mask))?,
            Network::XlmRoberta(model) => model.forward(&ids, &mask, &types, None, None, None)?,
        };
        hidden.flatten_all()?.to_vec1()
    }

    /// Makes one vector of the real tokens' states, `[tokens, dimensions] -> [dimensions]`; its length doesn't matter yet.
    fn pool(&self, states: &[f32]) -> Vec<f32> {
        match self.pooling {
            Pooling::Cls => states[..self.dimensions].to_vec(),
            Pooling::Mean => {
                let mut sum = vec![0.0; self.dimensions];
                for state in states.chunks_exact(self.dimensions) {
                    for (total, value) in sum.iter_mut().zip(state) {
                        *total += value;
                    }
                }
                sum
            }
        }
    }
}

impl Shape {
    fn check(&self, model: &Model) -> Result<(), EmbedError> {
        if self.hidden_size != model.dimensions {
            let (found, expected) = (self.hidden_size, model.dimensions);
            return Err(EmbedError::Mismatch(format!("its vectors have {found} dimensions instead of {expected}")));
        }
        if self.positions < model.max_tokens {
            let (found, expected) = (self.positions, model.max_tokens);
            return Err(EmbedError::Mismatch(format!("it reads {found} tokens at most, `max_tokens` is {expected}")));
        }
        Ok(())
    }
}

fn config<T: DeserializeOwned>(folder: &Path) -> Result<T, EmbedError> {
    let read = || -> io::Result<T> { Ok(serde_json::from_slice(&fs_err::read(folder.join(CONFIG_FILE))?)?) };
    read().map_err(|error| EmbedError::open(CONFIG_FILE, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::tiny;

    fn bert(architecture: Architecture, pooling: Pooling) -> Bert {
        let place = tempfile::tempdir().unwrap();
        let mut model = tiny::write(place.path(), 5).unwrap().model;
        (model.architecture, model.pooling) = (architecture, pooling);
        Bert::open(&model, place.path(), 1).unwrap()
    }

    fn kinds() -> Vec<Bert> {
        let mut kinds = Vec::new();
        for architecture in [Architecture::Bert, Architecture::XlmRoberta] {
            for pooling in [Pooling::Mean, Pooling::Cls] {
                kinds.push(bert(architecture, pooling));
            }
        }
        kinds
    }

    fn one(bert: &Bert, row: &[u32]) -> UnitVector {
        bert.forward(&Batch::new(vec![row.to_vec()]).unwrap()).unwrap().remove(0)
    }

    const SHORT: &[u32] = &[2, 17, 3];
    const MIDDLE: &[u32] = &[2, 300, 21, 22, 40, 3];
    const LONG: &[u32] = &[2, 9, 8, 7, 6, 5, 400, 11, 12, 13, 14, 3];

    #[test]
    fn a_text_alone_has_the_vector_it_has_in_a_batch_and_the_order_is_kept() {
        for bert in kinds() {
            let rows = [LONG, SHORT, MIDDLE, SHORT];
            let together = bert.forward(&Batch::new(rows.iter().map(|row| row.to_vec()).collect()).unwrap()).unwrap();
            for (row, vector) in rows.iter().zip(&together) {
                assert!(vector.dot(&one(&bert, row)) >= 0.99999, "{row:?}");
            }
            assert!(one(&bert, SHORT).dot(&one(&bert, LONG)) < 0.999, "the tiny model tells texts apart");
        }
    }

    #[test]
    fn padding_changes_nothing() {
        for bert in kinds() {
            let (ids, mask) = Batch { rows: vec![SHORT.to_vec()], longest: 9 }.padded(0);
            assert_eq!((ids.len(), mask.iter().sum::<f32>()), (9, 3.0));
            let padded = bert.forward(&Batch { rows: vec![SHORT.to_vec()], longest: 9 }).unwrap();
            assert!(padded[0].dot(&one(&bert, SHORT)) >= 0.99999);
        }
    }

    #[test]
    fn vectors_have_norm_one() {
        for bert in kinds() {
            let vector = one(&bert, MIDDLE);
            assert_eq!(vector.dimensions(), 32);
            assert!((vector.dot(&vector) - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn the_order_of_tokens_matters() {
        for bert in kinds() {
            let turned: Vec<u32> = LONG.iter().rev().copied().collect();
            assert!(one(&bert, LONG).dot(&one(&bert, &turned)) < 0.99999);
        }
    }

    #[test]
    fn an_id_outside_the_vocabulary_is_an_error() {
        let bert = bert(Architecture::Bert, Pooling::Mean);
        let batch = Batch::new(vec![vec![2, 1_000_000, 3]]).unwrap();
        assert!(matches!(bert.forward(&batch), Err(EmbedError::Network(_))));
    }

    #[test]
    fn there_is_no_batch_without_tokens() {
        assert_eq!(Batch::new(Vec::new()), None);
        assert_eq!(Batch::new(vec![vec![1], Vec::new()]), None);
    }

    #[test]
    fn a_model_that_contradicts_the_manifest_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let mut model = tiny::write(place.path(), 5).unwrap().model;
        model.dimensions = 64;
        assert!(matches!(Bert::open(&model, place.path(), 1), Err(EmbedError::Mismatch(_))));
        model.dimensions = 32;
        model.max_tokens = 4096;
        assert!(matches!(Bert::open(&model, place.path(), 1), Err(EmbedError::Mismatch(_))));
        fs_err::write(place.path().join(WEIGHTS_FILE), b"not weights").unwrap();
        assert!(matches!(Bert::open(&model, place.path(), 1), Err(EmbedError::Open { .. })));
    }
}
