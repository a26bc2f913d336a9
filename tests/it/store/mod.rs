//! The conformance suite of the store: the same behaviour on every database.

mod ask;
mod attachment;
mod audit;
mod customer;
mod document;
mod event;
mod head;
mod idempotency;
mod incident;
mod job;
mod layout;
mod lease;
mod library;
mod nouns;
mod panel;
mod password;
mod pending;
mod person;
mod runner;
mod session;
mod tenancy;
mod thread;
mod ticket;
mod unanswered;
mod view;

/// Takes the layout back to what it was before the knowledge base was followed.
const BEFORE_LIBRARY: &str = "ALTER TABLE documents DROP COLUMN folded; ALTER TABLE panels DROP COLUMN is_answered;
    DROP TABLE document_uses; DROP TABLE document_refusals; DROP TABLE unanswered_questions; DROP INDEX suggestions_by_target;
    DROP TABLE set_asides; DROP TABLE corrections; DROP TABLE views; DROP INDEX tickets_unsolved;
    DROP TABLE webhook_deliveries; DROP TABLE webhooks; DROP TABLE held_heads; DROP TABLE head_versions; DROP TABLE label_state; DROP TABLE incident_tickets;
    DROP TABLE incidents; DROP TABLE said_duplicates;
    DROP TABLE incoming_mails; DROP TABLE mailboxes; DROP TABLE message_recipients; DROP TABLE message_deliveries; DROP TABLE chat_events; DROP TABLE postings; DROP TABLE thread_places; DROP TABLE ask_finds; DROP TABLE asks; DELETE FROM schema_migrations WHERE version >= 20";
