//! The console, one file a noun, in process: no port is opened.
//!
//! Uses `support::app::TestApp` (`app`, `admin`, `foreign_admin`, `router`, `folder`) and adds what the console alone needs:
//! [`visitor::Visitor`], somebody of a role who signed in with a link and keeps the cookie.

mod account;
mod attachment;
mod audience;
mod correction;
mod directory;
mod duplicates;
mod event;
mod feedback;
mod form;
mod gate;
mod guard;
mod identity;
mod incidents;
mod knowledge;
mod leaving;
mod lists;
mod preferences;
mod routing;
mod search;
mod thread;
mod ticket;
mod tokens;
mod users;
mod views;
mod waiting;
mod webhooks;
pub(crate) mod visitor;
