//! What a ticket is and where it belongs: intent, sentiment, urgency, route, duplicates, incidents, and what speaks for each.
//!
//! Pure: the labelled ground, the playbook and the features come in as values. `app` calls it.

mod beside;
pub mod duplicate;
pub mod felt;
pub mod ground;
pub mod incident;
mod judged;
mod learned;
pub mod mood;
pub mod routing;
pub mod sought;
