//! The REST API, one file a noun, in process: no port is opened.
//!
//! `support::TestApp::new().await` gives a fresh database with two workspaces:
//! `router: Router` (what `api::router` builds, whole), `tokens: BTreeMap<Role, String>` (one token of each role in the
//! first workspace, none with teams) and `foreign_admin: String` (an admin's token in the second). Both workspaces hold
//! the playbook of the demo company, and no ticket, document, customer or person.

mod answered;
mod ask;
mod attachments;
mod audience;
pub(crate) mod client;
mod customers;
mod documents;
mod doubt;
mod events;
mod guard;
mod heads;
mod health;
mod idempotency;
mod incidents;
mod inputs;
mod people;
mod permissions;
mod playbook;
mod register;
mod routing;
mod search;
mod several;
mod side_conversations;
mod suggestions;
mod tickets;
mod tokens;
mod triage;
mod usage;
mod users;
mod webhooks;
