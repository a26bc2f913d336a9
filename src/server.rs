//! The servers and their graceful end.
