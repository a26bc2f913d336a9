//! The only SQL: every row that outlives a process, on `SQLite` or `PostgreSQL` through one set of queries.
//!
//! One file per noun; rows stay private and leave as domain values. Writes take `&mut Tx`, which only [`Tx::commit`] makes true;
//! reads take a [`Source`], which is `&store` or `&mut tx`. Every query takes the workspace, and a
//! [`Scope`](crate::domain::audience::Scope) where people read the text. The room knows nothing of HTTP, the index or the encoder;
//! it imports the domain only. Called by `app`, and by `jobs` for the queue.
//!
//! Jobs, usage, revisions of knowledge, events and audit lines are kept in the `Tx` and written by `commit` in one fixed order: hot rows are locked last and
//! briefly, so two transactions never wait for each other in a circle, and event numbers rise in the order of the commits.

pub mod ask;
pub mod attachment;
pub mod attempt;
pub mod audit;
pub mod chat;
pub mod correction;
pub mod customer;
pub mod delivery;
pub mod document;
pub mod event;
pub mod feedback;
pub mod head;
pub mod idempotency;
pub mod incident;
pub mod insight;
pub mod job;
pub mod knowledge;
pub mod label;
pub mod lease;
pub mod library;
pub mod mail;
pub mod mail_token;
pub mod mailbox;
pub mod outbox;
pub mod panel;
pub mod password;
pub mod pending;
pub mod person;
pub mod playbook;
pub mod said_duplicate;
pub mod session;
pub mod set_aside;
pub mod suggestion;
pub mod thread;
pub mod ticket;
pub mod token;
pub mod usage;
pub mod user;
pub mod view;
pub mod webhook;
pub mod workspace;

mod error;
mod fold;
mod key;
mod migration;
mod page;
mod pool;
mod readership;
mod row;
mod sql;
mod tx;

pub use error::StoreError;
pub use page::{Cursor, InvalidCursor, Page, PageRequest};
pub use pool::{Backend, Look, Options, Store};
pub use tx::{Source, Tx};

/// What a save did, and under which id the thing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the thing may be kept under another id than the one given"]
pub struct Saved<I> {
    /// The id under which it is kept: the given one unless it was already known.
    pub id: I,
    /// What happened.
    pub change: Change,
}

/// What a save did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Created,
    /// It was known and is now different.
    Updated,
    /// It was known and is the same: nothing was written.
    Unchanged,
}
