//! The outside world.

pub mod email;
pub mod files;
pub mod network;
pub mod webhook;
