//! Puts chosen claims into words.
