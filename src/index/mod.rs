//! Hybrid nearest neighbours behind one trait with two real arms.
