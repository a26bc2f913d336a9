//! Small learners on the processor: features, linear heads, calibration, thresholds.
//!
//! Pure: numbers in, numbers out; knows neither tickets nor the store. `triage` calls it. A package of its own, because sums over many
//! features want the compiler's best level.

mod basis;
pub mod calibration;
pub mod compact;
pub mod contribution;
pub mod features;
pub mod folds;
pub mod hashed;
pub mod lbfgs;
pub mod linear;
pub mod ngrams;
pub mod several;
mod table;
pub mod threshold;
