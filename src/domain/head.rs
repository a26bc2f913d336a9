//! Heads: what was learned from a workspace's labels, by version.

use serde::{Deserialize, Serialize};

use crate::domain::id::TicketId;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::HeadPart;

/// A version of a workspace's heads.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadVersion {
    /// Its number, from 1.
    pub n: i64,
    /// The revision of the encoder whose vectors it reads.
    pub encoder: String,
    /// The hash of the playbook whose intents it knows.
    pub playbook: String,
    /// The hash of the texts and labels that it learned from.
    pub data_hash: String,
    /// How many texts these were.
    pub examples: u32,
    /// How long learning took, in seconds, encoding included.
    pub seconds: f64,
    /// How good each head is on what it did not see.
    pub metrics: Vec<HeadMetrics>,
    /// Who asked for it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether an admin chose it in place of the newest.
    pub held: bool,
    /// Whether it is the one that answers now.
    pub answers: bool,
}

/// How good a head is on tickets that it did not see: by heads that were each learned without a fifth of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadMetrics {
    /// Which.
    pub part: HeadPart,
    /// How many classes it tells apart.
    pub classes: usize,
    /// How many texts it learned from.
    pub examples: usize,
    /// How many guesses were judged.
    pub judged: usize,
    /// The share of them that was right.
    pub accuracy: Option<f64>,
    /// The mean over classes of the harmonic mean of precision and recall.
    pub macro_f1: Option<f64>,
    /// The expected calibration error, by the calibration that these guesses were fitted on; none while no probability is given.
    pub ece: Option<f64>,
    /// How scores become probabilities; none while too few labels are there.
    pub calibration: Option<String>,
    /// What an error costs against large weights, as cross-validation chose it.
    pub cost: f64,
    /// The factor of words beside the vector, as cross-validation chose it.
    pub words: f64,
}

/// From which probability on guesses of a head may stand without a person.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdAdvice {
    /// The version of the heads.
    pub version: i64,
    /// Which head.
    pub part: HeadPart,
    /// The precision that was asked for.
    pub precision: f64,
    /// How many held-out guesses it rests on.
    pub judged: usize,
    /// The most coverage at that precision, as it is expected.
    pub expected: Option<Threshold>,
    /// The most coverage at which the precision is kept with a probability of 90 %.
    pub sure: Option<Threshold>,
    /// The most coverage at which wrong guesses that stand are at most `1 − precision` of all.
    pub controlled: Option<Threshold>,
    /// What every threshold comes to, from the highest down, in at most 100 points.
    pub curve: Vec<Threshold>,
}

/// A threshold, and what it comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Guesses at least this likely stand.
    pub least: f64,
    /// The share of guesses that stands.
    pub coverage: f64,
    /// The share of these that is right.
    pub precision: f64,
}

/// What corrections are worth: how often later tickets are read rightly without the corrections that were made before them, and with them.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedbackWorth {
    /// How many earlier tickets were corrected by then, so that their label is another one.
    pub corrections: usize,
    /// How many later tickets were asked.
    pub asked: usize,
    /// When the first of them was written.
    pub since: Timestamp,
    /// The share that is read rightly without the corrections.
    pub before: Option<f64>,
    /// The share with them.
    pub after: Option<f64>,
    /// By how much the second is more.
    pub difference: Option<f64>,
    /// The lower end of its 95 % interval, by the paired bootstrap.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// How probable it is that corrections help.
    pub probability: Option<f64>,
}

/// A label that the heads which did not learn from it hardly believe.
#[derive(Debug, Clone, PartialEq)]
pub struct SuspectLabel {
    /// The ticket.
    pub ticket: TicketId,
    /// What people call it.
    pub reference: String,
    /// What its label says; `oos` for none of the intents.
    pub label: String,
    /// How likely that is.
    pub probability: f64,
    /// What is likelier.
    pub likelier: String,
    /// How likely.
    pub likelier_probability: f64,
}
