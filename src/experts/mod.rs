//! Whom to ask, and where: evidence of past answers and skills becomes a ranking of people and channels, or nothing.
//!
//! Values in, values out; `now` is an argument. Knows neither the search that found the evidence nor the store. Called by `app`, and by
//! `eval`, which measures it.

mod channels;
mod rank;
mod skills;
mod usual;

pub use channels::{AdvisedChannel, ReplyTime, channels};
pub use rank::{ExpertQuery, Habit, PastAnswer, RankedExpert, SkillHit, rank};
pub use skills::skill_hits;
pub use usual::{CASES, PastCase, usual};
