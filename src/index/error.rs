//! What can go wrong with the index.

use std::error::Error;
use std::fmt;

use uuid::Uuid;

/// The cause of an error, as the engine or the operating system put it.
pub(super) type Cause = Box<dyn Error + Send + Sync + 'static>;

/// What is wrong with a vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum VectorFault {
    /// It has another length than the encoder's.
    Length {
        /// The length it has.
        found: usize,
        /// The length of every vector of this index.
        expected: usize,
    },
    /// Its norm is not 1, or a number in it is not finite.
    Norm(f32),
}

/// Why the index did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Something outside is not at hand: a server, a disk, a folder that another process holds. Trying again later can help.
    #[error("could not {doing}: the vector index is not available")]
    Unavailable {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: Cause,
    },

    /// Another process has the embedded index; only one can.
    #[error(
        "could not {doing}: another process holds the vector index\nhint: ask the server that runs on this data folder, or stop it first"
    )]
    Held {
        /// What was tried.
        doing: &'static str,
    },

    /// The stored index cannot be read. Nothing is lost, for it can be rebuilt from the database.
    #[error("could not {doing}: the vector index is damaged\nhint: run `backchannel reindex` to rebuild it from the database")]
    Corrupt {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: Cause,
    },

    /// The stored index holds vectors of another encoder.
    #[error("the vector index was made for {found}, not for {expected}\nhint: run `backchannel reindex` to encode everything again")]
    Mismatch {
        /// The encoder that the index was made for.
        found: String,
        /// The encoder in use.
        expected: String,
    },

    /// The server does not accept the key, or the key may not do this.
    #[error("could not {doing}: the server refused the key\nhint: check `qdrant.api_key`")]
    Refused {
        /// What was tried.
        doing: &'static str,
        /// The server's answer.
        #[source]
        source: Cause,
    },

    /// A setting cannot be used.
    #[error("`qdrant.{key}` cannot be used: {reason}")]
    Options {
        /// The key of the section `qdrant`.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },

    /// A vector was handed in that this index cannot hold. The caller is at fault.
    #[error("{fault}{}", of_point(*.point))]
    Vector {
        /// The point it belongs to; `None` for a query.
        point: Option<Uuid>,
        /// What is wrong with it.
        fault: VectorFault,
    },

    /// The engine did not accept a request that this room made.
    #[error("could not {doing}: the engine rejected the request: this is a bug")]
    Rejected {
        /// What was tried.
        doing: &'static str,
        /// The engine's answer.
        #[source]
        source: Cause,
    },
}

impl fmt::Display for VectorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found, expected } => write!(f, "a vector has {found} numbers where {expected} are expected"),
            Self::Norm(norm) => write!(f, "a vector has the norm {norm} where 1 is expected"),
        }
    }
}

fn of_point(point: Option<Uuid>) -> String {
    point.map_or_else(|| " (query)".to_owned(), |id| format!(" (point `{id}`)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_to_do() {
        let error = IndexError::Corrupt { doing: "open the index", source: "bad magic".into() };
        assert!(error.to_string().contains("`backchannel reindex`"), "{error}");
        let error = IndexError::Vector { point: None, fault: VectorFault::Length { found: 3, expected: 4 } };
        assert_eq!(error.to_string(), "a vector has 3 numbers where 4 are expected (query)");
    }
}
