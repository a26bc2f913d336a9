//! Whom to ask, and where.
