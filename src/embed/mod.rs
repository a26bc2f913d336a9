//! Sentence encoders behind one handle: manifest, model files, tokenizer, network, pooling and batching.
//!
//! [`Embedder`] turns [`CleanText`](crate::text::clean::CleanText) into [`UnitVector`]s on threads of its own; `app` calls it.
//! [`models`] brings the files of a model of the [`manifest`] into a cache folder and checks them; `boot` and the command line call it.
//!
//! The room doesn't know what a text is about or where a vector goes, and its only way out is the download of model files.

mod cache;
#[cfg(any(test, feature = "cuda"))]
mod card;
mod embedder;
mod encoder;
mod error;
mod fetch;
mod network;
mod options;
mod pack;
mod queue;
#[cfg(test)]
mod reference;
mod remembered;
mod stock;
mod vector;
mod weights;

pub mod manifest;
pub mod models;
pub mod tiny;

pub use embedder::Embedder;
pub use encoder::{Encoder, Purpose};
pub use error::EmbedError;
pub use options::{EngineKind, Options, Precision, SourceKind};
pub use vector::{NotAUnitVector, UnitVector};
