//! What to do next and what a draft may claim: the step, the sentences of a reply, the side conversation to open, and what must not leave.
//!
//! Values in, values out. Chooses and checks, never words: `generate` puts chosen claims into sentences. Knows neither search nor store.
//! Called by `app` alone.

pub mod answer;
mod asked_for;
pub mod context;
mod contradiction;
pub mod draft;
pub mod earlier;
pub mod grounding;
pub mod guard;
pub mod leak;
pub mod named;
pub mod next_step;
mod reading;
pub mod reply;
