//! `train`: what is learned, and written where it is read from.

mod builtin;

pub(super) use builtin::builtin;
