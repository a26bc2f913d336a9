//! A stand-in until the room `text` is merged.

/// Text that may reach the encoder, the index or a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanText(String);

impl CleanText {
    /// The cleaned text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Cleans a text.
pub fn clean(text: &str) -> CleanText {
    CleanText(text.to_owned())
}
