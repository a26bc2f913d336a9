//! What a ticket is and where it belongs.
