//! Text as it comes and text as the machine reads it: cleaning, quotes, entities, language, sentences, passages, extraction.

pub mod clean;
