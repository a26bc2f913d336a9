//! Why texts have no vectors.

use std::sync::Arc;
use std::time::Duration;

use crate::embed::vector::NotAUnitVector;

/// Why an encoder could not be opened or did not answer.
///
/// It can be cloned, because one failed batch answers several callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EmbedError {
    /// The queue is full.
    #[error("the encoder has as much work as its queue holds: try again in {} seconds", .retry_after.as_secs())]
    Overloaded {
        /// How long the queued work takes at the present speed, in whole seconds.
        retry_after: Duration,
    },
    /// A text has nothing to encode. A vector of it would be near everything and mean nothing.
    #[error("text {position} of the request is empty: leave it out")]
    EmptyText {
        /// Its place in the request, from 0.
        position: usize,
    },
    /// A file of the model cannot be read or parsed.
    #[error("`{file}` of the model cannot be opened")]
    Open {
        /// The file's name.
        file: &'static str,
        /// Why not.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The model's files contradict the manifest.
    #[error("the model is not what the manifest says: {0}")]
    Mismatch(String),
    /// The tokenizer failed on a text.
    #[error("the tokenizer cannot read a text")]
    Tokenizer(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// This machine has not the instructions that were asked for.
    #[error("`models.instructions` is `{key}`, which this processor does not have: it has {known}")]
    Instructions {
        /// What was asked for.
        key: String,
        /// What there is.
        known: String,
    },
    /// There is no card to compute on.
    #[error(
        "`models.engine` is `cuda`, and there is no NVIDIA card to compute on{}: set it to `kernels`",
        if .0.is_none() { " in this build, which was made without the feature `cuda`" } else { "" }
    )]
    NoCard(#[source] Option<Arc<dyn std::error::Error + Send + Sync>>),
    /// The network failed on a batch.
    #[error("the network cannot encode a batch")]
    Network(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The network's answer is no direction, such as not-a-number.
    #[error("the network answered with something that is no direction")]
    NoDirection(#[from] NotAUnitVector),
    /// The network panicked on a batch; the encoder goes on with the next one.
    #[error("the encoder failed on a batch with a defect of its own")]
    Panicked,
    /// A thread could not be started.
    #[error("a thread of the encoder cannot be started: set `models.threads` lower")]
    Thread(#[source] Arc<std::io::Error>),
    /// The encoder's threads are gone.
    #[error("the encoder has stopped")]
    Stopped,
}

impl EmbedError {
    pub(super) fn network(said: String) -> Self {
        Self::Network(Box::<dyn std::error::Error + Send + Sync>::from(said).into())
    }

    pub(super) fn open(file: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Open { file, source: source.into().into() }
    }
}
