//! What happens to a living installation: killed again and again, damaged, started twice, stopped at work, left alone by its server.
//!
//! Every test runs the real binary; what it left behind is then looked at in process.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod damage;
mod files;
mod ingest;
mod kills;
mod mail;
mod site;
mod slack;
mod start;
mod stop;
mod upload;
mod webhooks;
#[expect(dead_code, reason = "shared with the other test targets, which use all of it")]
#[path = "../support/mod.rs"]
mod support;
