//! Everything that is tested through more than one room, or against a database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod api;
mod chatting;
mod connectors;
mod demo;
mod evals;
mod folder;
mod indexing;
mod intake;
mod mail;
mod mailbox;
mod store;
mod posting;
mod waiting;
mod web;
mod webhooks;
#[path = "../support/mod.rs"]
mod support;
