//! Why something cannot be measured.

use std::error::Error;
use std::fmt;

/// Input of which nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmeasurable {
    /// There is nothing to measure.
    Empty,
    /// A value is infinite or no number.
    NotFinite,
    /// A probability lies outside \[0, 1\].
    NotAProbability,
    /// Two systems were measured on different numbers of items.
    Unpaired {
        /// How many items one of them has.
        ours: usize,
        /// How many the other one has.
        theirs: usize,
    },
    /// The statistic has no value for these items.
    Undefined,
    /// The bootstrap was asked for no samples.
    NoSamples,
    /// The bootstrap was asked for a level outside (0, 1).
    Level,
}

impl fmt::Display for Unmeasurable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is nothing to measure"),
            Self::NotFinite => f.write_str("a value is not finite"),
            Self::NotAProbability => f.write_str("a probability lies between 0 and 1"),
            Self::Unpaired { ours, theirs } => write!(f, "pairs are needed, and there are {ours} items against {theirs}"),
            Self::Undefined => f.write_str("the statistic has no value for these items"),
            Self::NoSamples => f.write_str("a bootstrap needs at least one sample"),
            Self::Level => f.write_str("the level of an interval lies between 0 and 1, both excluded"),
        }
    }
}

impl Error for Unmeasurable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_as_one() {
        assert_eq!(Unmeasurable::Unpaired { ours: 3, theirs: 2 }.to_string(), "pairs are needed, and there are 3 items against 2");
    }
}
