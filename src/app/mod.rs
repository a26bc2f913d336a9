//! The verbs.
pub mod error;
