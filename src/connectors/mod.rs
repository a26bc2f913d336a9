//! The outside world.

pub mod chat;
pub mod email;
pub mod files;
pub mod network;
pub mod slack;
pub mod teams;
pub mod webhook;
