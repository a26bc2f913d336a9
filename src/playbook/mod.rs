//! What an admin tunes.
