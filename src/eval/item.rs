//! What was asked, item by item, with what was said of it: enough to measure, compare and draw a run, and no word of the data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::eval::answered::Answered;
use crate::eval::leak::Warned;
use crate::eval::ranked::Ranked;
use crate::eval::records::OUT_OF_SCOPE;
use crate::eval::summary::Summary;

/// An item that was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What it is called where it comes from, or its number in the file, from 1.
    pub id: String,
    /// Its language, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Which half of the data it belongs to, where the data has two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half: Option<Half>,
    /// What is right and what was said.
    pub said: Said,
}

/// A half of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// May be read while the code is made.
    Dev,
    /// Is only run.
    Held,
}

/// What is right and what was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// One label.
    Label(Label),
    /// Any number of labels.
    Labels(Labels),
    /// Pieces of the text.
    Spans(Spans),
    /// A list of what was found, best first.
    Ranked(Ranked),
    /// A text in short.
    Summary(Summary),
    /// What must not leave with a message.
    Warned(Warned),
    /// What answered an ask before.
    Answered(Answered),
}

/// One label, and what was said of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The right one.
    pub truth: String,
    /// The likeliest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guess: Option<String>,
    /// What was answered; none where the answer is an abstention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// How likely the guess was, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// How likely it was that the text is about something at all, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_scope: Option<f64>,
    /// At which place the right one stands among the guesses, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<usize>,
    /// What others said, by their name: what the answer is compared with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub beside: BTreeMap<String, String>,
}

impl Label {
    /// Whether the guess is right, whatever was answered.
    #[must_use]
    pub fn is_guessed(&self) -> bool {
        self.guess.as_ref() == Some(&self.truth)
    }

    /// Whether the answer is right.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.answer.as_ref() == Some(&self.truth)
    }

    pub(super) fn is_outside(&self) -> bool {
        self.truth == OUT_OF_SCOPE
    }
}

/// Any number of labels, and which were said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// The right ones.
    pub truth: Vec<String>,
    /// Those that were said.
    pub said: Vec<String>,
}

/// Pieces of a text, by what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spans {
    /// Found rightly, found wrongly, missed.
    pub spans: BTreeMap<String, [usize; 3]>,
    /// Of those found rightly: with a right value, with a wrong one.
    pub values: BTreeMap<String, [usize; 2]>,
}

/// A probability as it is kept: the fourth digit is more than any says.
pub(super) fn rounded(probability: f64) -> f64 {
    (probability * 1e4).round() / 1e4
}
