//! What a side conversation asked and answered, what a ticket says in short, and what was left hanging.
//!
//! Values in, values out: sentences come from `app` as [`crate::lines::Line`]s, the clock as an argument. A first, simple method of cues,
//! figures and closeness to the ask; knows neither people's rank nor the store. Called by `app`, and by
//! `eval`, which measures it.

mod about;
mod answer;
mod asked;
mod loose_ends;
mod nudge;
mod parts;
mod retelling;
mod retold;
pub mod salience;
mod speakers;
mod state;
mod summary;
mod ticket;
mod usual;
mod withdrawn;

pub use about::about;
pub use answer::{Answer, answer};
pub use loose_ends::{ThreadLines, loose_ends, standing, untold};
pub use retold::retold;
pub use state::{Waiting, first_reply_minutes, waiting};
pub use summary::{Reading, summarise};
pub use ticket::{Desk, ticket_summary};
pub use usual::{Usual, Usuals};
