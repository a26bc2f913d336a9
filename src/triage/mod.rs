//! What a ticket is and where it belongs: intent, sentiment, urgency, route, duplicates.
//!
//! Pure: the labelled ground, the playbook and the features come in as values. `app` calls it.

pub mod felt;
pub mod ground;
pub mod mood;
pub mod routing;
pub mod sought;
