//! The vocabulary of the product: identifiers, tickets, threads, people, documents, triage and the panel.
//!
//! Holds values and their parsing, never I/O, time or chance. Every other room imports this one; it imports none.
//! Ids, words and what a panel is made of carry serde, because a panel is stored as it was shown; nothing else here does.

pub mod answered;
pub mod attachment;
pub mod audience;
pub mod chat;
pub mod customer;
pub mod document;
pub mod event;
pub mod feedback;
pub mod head;
pub mod id;
pub mod identifier;
pub mod incident;
pub mod insight;
pub mod intake;
pub mod job;
pub mod label;
pub mod leak;
pub mod library;
pub mod mail;
pub mod outbox;
pub mod panel;
pub mod password;
pub mod person;
pub mod reason;
pub mod sought;
pub mod thread;
pub mod ticket;
pub mod time;
pub mod token;
pub mod told;
pub mod triage;
pub mod user;
pub mod view;
pub mod vocabulary;
pub mod waiting;
pub mod webhook;
pub mod why;
pub mod workspace;
