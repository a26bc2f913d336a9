//! The one error of all verbs; it knows no status code.

use crate::domain::leak::Leak;
use crate::domain::vocabulary::UnknownWord;
use crate::embed::EmbedError;
use crate::index::IndexError;
use crate::store::StoreError;

/// Why a verb did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing in this workspace, or the actor may not know of it.
    #[error("there is no {kind} `{id}` in this workspace")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// How it was named.
        id: String,
    },
    /// An argument that cannot be used.
    #[error("`{field}`: {reason}")]
    Invalid {
        /// The argument.
        field: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// What was sent is larger than it may be.
    #[error("larger than {limit_bytes} bytes: send a smaller one, or split it")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The caller has uploaded too much that was not sent with a message yet.
    #[error(
        "too much that you uploaded waits to be sent: at most {limit_files} files and {limit_bytes} bytes may; send some with a message, \
         remove some, or wait, as what is not sent is forgotten after a day"
    )]
    TooMuchUnsent {
        /// How many files may wait.
        limit_files: u64,
        /// How many bytes they may have together.
        limit_bytes: u64,
    },
    /// Something else stands in the way.
    #[error("{0}")]
    Conflict(String),
    /// Something else stands in the way of one part of what was sent, so that nothing of it was taken in.
    #[error("`{field}`: {reason}")]
    ConflictAt {
        /// The part.
        field: String,
        /// What stands in the way, and what to do.
        reason: String,
    },
    /// A message holds what must not reach its recipients, or what its author should look at first; nothing of it was taken in.
    #[error("the message is held back for what stands in it: take that out, or say that it is meant where nothing is to be blocked")]
    Held {
        /// What was found.
        leaks: Vec<Leak>,
    },
    /// The actor's role does not allow it.
    #[error("the role `{role}` may not do this: ask an admin")]
    Forbidden {
        /// The role.
        role: &'static str,
    },
    /// The caller is not known.
    #[error("sign in, or send a valid token")]
    Unauthenticated,
    /// Too much at once; the same call may work later.
    #[error("busy: try again in {retry_after_seconds} s")]
    Overloaded {
        /// When to try again.
        retry_after_seconds: u32,
    },
    /// A part that is needed does not answer.
    #[error("{part} does not answer: try again later")]
    Unavailable {
        /// The part.
        part: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A bug, or a state that should not be.
    #[error("an internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Whose fault an error is: retry policy and alarm level read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller can mend it.
    User,
    /// Something outside the process can mend it, or time.
    Outside,
    /// Only a change of the code can mend it.
    Bug,
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::NotFound { .. }
            | Self::Invalid { .. }
            | Self::TooLarge { .. }
            | Self::TooMuchUnsent { .. }
            | Self::Conflict(_)
            | Self::ConflictAt { .. }
            | Self::Held { .. }
            | Self::Forbidden { .. }
            | Self::Unauthenticated => Fault::User,
            Self::Overloaded { .. } | Self::Unavailable { .. } => Fault::Outside,
            Self::Internal(_) => Fault::Bug,
        }
    }

    /// An argument that cannot be used.
    #[expect(clippy::needless_pass_by_value, reason = "errors are handed over where they are made")]
    pub(crate) fn invalid(field: impl Into<String>, reason: impl ToString) -> Self {
        Self::Invalid { field: field.into(), reason: reason.to_string() }
    }

    /// A bug, or a state that should not be.
    pub(crate) fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<UnknownWord> for Error {
    fn from(error: UnknownWord) -> Self {
        Self::invalid(error.kind, error)
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other error of the store is ours alike")]
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { tried } => Self::NotFound { kind: "thing that was referred to", id: tried.to_owned() },
            StoreError::Conflict { constraint } => Self::Conflict(format!("another row already has this value: `{constraint}`")),
            error @ (StoreError::Unavailable { .. } | StoreError::Contended { .. }) => {
                Self::Unavailable { part: "the database", source: error.into() }
            }
            error @ StoreError::IndexLeaseLost { .. } => Self::Unavailable { part: "the index", source: error.into() },
            error => Self::internal(error),
        }
    }
}

impl From<EmbedError> for Error {
    fn from(error: EmbedError) -> Self {
        match error {
            EmbedError::Overloaded { retry_after } => {
                Self::Overloaded { retry_after_seconds: u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX).max(1) }
            }
            error @ (EmbedError::Open { .. }
            | EmbedError::Mismatch(_)
            | EmbedError::NoCard(_)
            | EmbedError::Instructions { .. }
            | EmbedError::Thread(_)
            | EmbedError::Stopped) => Self::Unavailable { part: "the encoder", source: error.into() },
            // The same text fails again, however long one waits.
            error @ (EmbedError::EmptyText { .. }
            | EmbedError::Tokenizer(_)
            | EmbedError::Network(_)
            | EmbedError::NoDirection(_)
            | EmbedError::Panicked) => Self::internal(error),
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other error of the index is ours alike")]
impl From<IndexError> for Error {
    fn from(error: IndexError) -> Self {
        match error {
            error @ (IndexError::Unavailable { .. } | IndexError::Held { .. } | IndexError::Refused { .. }) => {
                Self::Unavailable { part: "the index", source: error.into() }
            }
            error => Self::internal(error),
        }
    }
}
