//! Text as it comes and text as the machine reads it: cleaning, quotes, entities, language, sentences, passages, extraction.
//!
//! Holds pure functions over text and bytes: no I/O, no clock, no chance, no async. [`clean::clean`] is the only maker of
//! [`clean::CleanText`], the only text that the encoder, the index and the log may see. Patterns of the playbook are handed in as
//! values, so this room knows no playbook, no store and no network. `app` calls every part, the pure rooms take the values, and
//! `connectors::files` runs [`extract`] in a child process for the formats that a hostile file could turn against the service.

pub mod clean;
pub mod entity;
pub mod extract;
pub mod language;
pub mod mail;
mod offsets;
pub mod passage;
pub mod quotes;
pub mod sentence;
