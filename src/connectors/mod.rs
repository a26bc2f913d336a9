//! The outside world.

pub mod files;
