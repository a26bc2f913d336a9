//! Sentence encoders behind one handle.
