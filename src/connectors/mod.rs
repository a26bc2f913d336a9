//! The outside world.

pub mod files;
pub mod network;
pub mod webhook;
