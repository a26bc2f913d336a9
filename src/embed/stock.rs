//! The same network by candle's own layers: what the kernels are compared with.

use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{self, BertModel};
use candle_transformers::models::xlm_roberta::{self, XLMRobertaModel};
use serde::de::DeserializeOwned;

use crate::embed::error::EmbedError;
use crate::embed::manifest::{Architecture, CONFIG_FILE, Model, Pooling, WEIGHTS_FILE};
use crate::embed::vector::UnitVector;

/// A network of candle's layers with its pooling.
pub(super) struct Stock {
    layers: Layers,
    device: Device,
    pooling: Pooling,
    dimensions: usize,
    padding: u32,
}

enum Layers {
    Bert(Box<BertModel>),
    XlmRoberta(Box<XLMRobertaModel>),
}

impl Stock {
    /// Reads the configuration and the weights of a model.
    ///
    /// # Errors
    /// A file cannot be read, or is not what candle expects.
    pub(super) fn open(model: &Model, folder: &Path) -> Result<Self, EmbedError> {
        let device = Device::Cpu;
        let open = |error| EmbedError::open(WEIGHTS_FILE, error);
        let bytes = fs_err::read(folder.join(WEIGHTS_FILE)).map_err(|error| EmbedError::open(WEIGHTS_FILE, error))?;
        let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &device).map_err(open)?;
        let (layers, padding) = match model.architecture {
            Architecture::Bert => {
                let config: bert::Config = config(folder)?;
                let padding = u32::try_from(config.pad_token_id).map_err(|error| EmbedError::open(CONFIG_FILE, error))?;
                (Layers::Bert(Box::new(BertModel::load(weights, &config).map_err(open)?)), padding)
            }
            Architecture::XlmRoberta => {
                let config: xlm_roberta::Config = config(folder)?;
                let prefixed = weights.contains_tensor("roberta.embeddings.word_embeddings.weight");
                let weights = if prefixed { weights.pp("roberta") } else { weights };
                (Layers::XlmRoberta(Box::new(XLMRobertaModel::new(&config, weights).map_err(open)?)), config.pad_token_id)
            }
        };
        Ok(Self { layers, device, pooling: model.pooling, dimensions: model.dimensions, padding })
    }

    /// Computes the vector of each text, in order; none may be without tokens.
    ///
    /// # Errors
    /// Candle fails, or the weights give no direction.
    pub(super) fn forward(&self, texts: &[Vec<u32>]) -> Result<Vec<UnitVector>, EmbedError> {
        let longest = texts.iter().map(Vec::len).max().unwrap_or_default();
        let hidden = self.hidden(texts, longest).map_err(|error| EmbedError::Network(Arc::new(error)))?;
        let rows = texts.iter().zip(hidden.chunks_exact(longest * self.dimensions));
        rows.map(|(text, hidden)| Ok(UnitVector::normalized(self.pool(&hidden[..text.len() * self.dimensions]))?)).collect()
    }

    /// The last layer's states, `[texts, longest, dimensions]` in one piece.
    fn hidden(&self, texts: &[Vec<u32>], longest: usize) -> Result<Vec<f32>, candle_core::Error> {
        let mut ids = vec![self.padding; texts.len() * longest];
        let mut mask = vec![0.0_f32; texts.len() * longest];
        for (number, text) in texts.iter().enumerate() {
            let place = number * longest..number * longest + text.len();
            ids[place.clone()].copy_from_slice(text);
            mask[place].fill(1.0);
        }
        let shape = (texts.len(), longest);
        let ids = Tensor::from_vec(ids, shape, &self.device)?;
        let mask = Tensor::from_vec(mask, shape, &self.device)?;
        let types = ids.zeros_like()?;
        let hidden = match &self.layers {
            Layers::Bert(model) => model.forward(&ids, &types, Some(&mask))?,
            Layers::XlmRoberta(model) => model.forward(&ids, &mask, &types, None, None, None)?,
        };
        hidden.flatten_all()?.to_vec1()
    }

    fn pool(&self, states: &[f32]) -> Vec<f32> {
        match self.pooling {
            Pooling::Cls => states[..self.dimensions].to_vec(),
            Pooling::Mean => states.chunks_exact(self.dimensions).fold(vec![0.0; self.dimensions], |mut sum, state| {
                sum.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
                sum
            }),
        }
    }
}

fn config<T: DeserializeOwned>(folder: &Path) -> Result<T, EmbedError> {
    let bytes = fs_err::read(folder.join(CONFIG_FILE)).map_err(|error| EmbedError::open(CONFIG_FILE, error))?;
    serde_json::from_slice(&bytes).map_err(|error| EmbedError::open(CONFIG_FILE, error))
}
