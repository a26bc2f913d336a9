//! Small learners.
