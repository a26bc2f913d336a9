//! Small learners on the processor: sparse features, nearest neighbours, calibration.
//!
//! Pure: numbers in, numbers out; knows neither tickets nor the store. `triage` calls it.

pub mod calibration;
pub mod neighbours;
pub mod ngrams;
