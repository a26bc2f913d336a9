//! What to do next and what a draft may claim.
