//! The conformance suite of the store: the same behaviour on every database.

mod attachment;
mod audit;
mod customer;
mod document;
mod event;
mod idempotency;
mod job;
mod layout;
mod lease;
mod nouns;
mod panel;
mod pending;
mod person;
mod runner;
mod session;
mod tenancy;
mod thread;
mod ticket;
