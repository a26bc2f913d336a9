//! The JSON shapes that cross the border: the API's bodies, the records of `ingest`, and what `--json` prints.
//!
//! Holds the serde types of the outside (`…In`, `…Patch`, `…Out`) and their way to and from the domain; each conversion
//! names every field, so that a new one does not compile until somebody has decided whether it crosses. Errors point at
//! the place in the JSON (RFC 6901). Knows no HTTP, no database and no verb. `api`, `cli` and `demo` call it.

pub mod answered;
pub mod ask;
pub mod attachment;
pub mod check;
pub mod csv;
pub mod customer;
pub mod directory;
pub mod document;
pub mod evidence;
pub mod feedback;
pub mod head;
pub mod incident;
pub mod insight;
pub mod label;
pub mod lines;
pub mod list;
pub mod origin;
pub mod mail;
pub mod panel;
pub mod playbook;
pub mod query;
pub mod read;
pub mod record;
pub mod register;
pub mod search;
pub mod thread;
pub mod ticket;
pub mod token;
pub mod told;
pub mod triage;
pub mod user;
pub mod waiting;
pub mod webhook;
pub mod why;
