//! Cleaning: the sole maker of [`CleanText`] (a stand-in until the room `text` brings the real one).

/// Text that has been cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanText(String);

impl CleanText {
    /// The cleaned text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Cleans a text.
#[must_use]
pub fn clean(text: &str) -> CleanText {
    CleanText(text.to_owned())
}
