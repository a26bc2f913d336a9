//! Heads: their versions, thresholds and suspect labels.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::head::{FeedbackWorth, HeadMetrics, HeadVersion, SuspectLabel, Threshold, ThresholdAdvice};
use crate::domain::vocabulary::HeadPart;

/// A version of what was learned from the workspace's labels.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HeadVersionOut {
    /// Its number, from 1.
    pub version: i64,
    /// Whether an admin chose it in place of the newest.
    pub held: bool,
    /// Whether it is the one that answers now.
    pub answers: bool,
    /// The revision of the encoder whose vectors it reads.
    pub encoder: String,
    /// The hash of the playbook whose intents it knows; empty for none.
    pub playbook: String,
    /// sha256 over the texts and labels that it learned from.
    pub data_hash: String,
    /// How many texts these were.
    pub examples: u32,
    /// How long learning took, in seconds, encoding included.
    pub seconds: f64,
    /// How good each head is on what it did not see.
    pub heads: Vec<HeadMetricsOut>,
    /// Who asked for it.
    pub created_by: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// How good a head is on tickets that it did not see: by heads that were each learned without a fifth of them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HeadMetricsOut {
    /// What it says of a ticket.
    pub head: HeadPart,
    /// How many classes it tells apart.
    pub classes: usize,
    /// How many texts it learned from.
    pub examples: usize,
    /// How many guesses were judged.
    pub judged: usize,
    /// The share of them that was right; null where none was judged.
    #[schema(required)]
    pub accuracy: Option<f64>,
    /// The mean F1 of the classes; null where none was judged.
    #[schema(required)]
    pub macro_f1: Option<f64>,
    /// The expected calibration error; null while no probability is given.
    #[schema(required)]
    pub ece: Option<f64>,
    /// How scores become probabilities, `temperature` or `isotonic`; null while too few labels are there.
    #[schema(required)]
    pub calibration: Option<String>,
    /// What an error costs against large weights, as cross-validation chose it.
    pub cost: f64,
    /// The factor of words beside the vector, as cross-validation chose it.
    pub words: f64,
}

/// Which version is to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 3}))]
pub struct HeldHeadIn {
    /// Its number.
    pub version: i64,
}

/// What was asked of the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrainingOut {
    /// Always true: the heads are learned in the background, and the next version is there when they are.
    pub queued: bool,
}

/// From which probability on guesses of a head may stand without a person, judged on held-out tickets.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ThresholdAdviceOut {
    /// The version of the heads.
    pub version: i64,
    /// What the head says of a ticket.
    pub head: HeadPart,
    /// The precision that was asked for.
    pub precision: f64,
    /// How many held-out guesses it rests on.
    pub judged: usize,
    /// The most coverage at that precision, as it is expected of tickets like these; null where no threshold keeps it.
    #[schema(required)]
    pub expected: Option<ThresholdOut>,
    /// The most coverage at which the precision is kept with a probability of 90 %, whatever sample these tickets were.
    #[schema(required)]
    pub sure: Option<ThresholdOut>,
    /// The most coverage at which, of all tickets, at most `1 − precision` are decided wrongly without a person: conformal risk control.
    #[schema(required)]
    pub controlled: Option<ThresholdOut>,
    /// What thresholds from the highest to the least come to, in at most 100 points: the risk-coverage curve, with risk as `1 − precision`.
    pub curve: Vec<ThresholdOut>,
}

/// A threshold, and what it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct ThresholdOut {
    /// Guesses at least this likely stand.
    pub least: f64,
    /// The share of guesses that stands.
    pub coverage: f64,
    /// The share of these that is right.
    pub precision: f64,
}

/// What corrections are worth, by later tickets that are asked after learning from earlier ones without and with them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FeedbackWorthOut {
    /// How many earlier tickets had been corrected by then.
    pub corrections: usize,
    /// How many later tickets were asked.
    pub asked: usize,
    /// When the first of them was written.
    #[schema(format = DateTime)]
    pub since: String,
    /// The share that is read rightly without the corrections.
    #[schema(required)]
    pub before: Option<f64>,
    /// The share with them.
    #[schema(required)]
    pub after: Option<f64>,
    /// By how much the second is more.
    #[schema(required)]
    pub difference: Option<f64>,
    /// The lower end of its 95 % interval, by the paired bootstrap.
    #[schema(required)]
    pub low: Option<f64>,
    /// The upper end.
    #[schema(required)]
    pub high: Option<f64>,
    /// How probable it is that corrections help.
    #[schema(required)]
    pub probability: Option<f64>,
}

impl From<FeedbackWorth> for FeedbackWorthOut {
    fn from(worth: FeedbackWorth) -> Self {
        let FeedbackWorth { corrections, asked, since, before, after, difference, low, high, probability } = worth;
        Self { corrections, asked, since: since.to_string(), before, after, difference, low, high, probability }
    }
}

/// A label that heads which did not learn from it hardly believe.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SuspectLabelOut {
    /// The ticket.
    pub ticket: String,
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

impl From<HeadVersion> for HeadVersionOut {
    fn from(version: HeadVersion) -> Self {
        let HeadVersion { n, encoder, playbook, data_hash, examples, seconds, metrics, created_by, created_at, held, answers } = version;
        let heads = metrics.into_iter().map(Into::into).collect();
        Self {
            version: n,
            held,
            answers,
            encoder,
            playbook,
            data_hash,
            examples,
            seconds,
            heads,
            created_by,
            created_at: created_at.to_string(),
        }
    }
}

impl From<HeadMetrics> for HeadMetricsOut {
    fn from(metrics: HeadMetrics) -> Self {
        let HeadMetrics { part, classes, examples, judged, accuracy, macro_f1, ece, calibration, cost, words } = metrics;
        Self { head: part, classes, examples, judged, accuracy, macro_f1, ece, calibration, cost, words }
    }
}

impl From<ThresholdAdvice> for ThresholdAdviceOut {
    fn from(advice: ThresholdAdvice) -> Self {
        let ThresholdAdvice { version, part, precision, judged, expected, sure, controlled, curve } = advice;
        let [expected, sure, controlled] = [expected, sure, controlled].map(|threshold| threshold.map(Into::into));
        let curve = curve.into_iter().map(Into::into).collect();
        Self { version, head: part, precision, judged, expected, sure, controlled, curve }
    }
}

impl From<Threshold> for ThresholdOut {
    fn from(threshold: Threshold) -> Self {
        let Threshold { least, coverage, precision } = threshold;
        Self { least, coverage, precision }
    }
}

impl From<SuspectLabel> for SuspectLabelOut {
    fn from(suspect: SuspectLabel) -> Self {
        let SuspectLabel { ticket, reference, label, probability, likelier, likelier_probability } = suspect;
        Self { ticket: ticket.to_string(), reference, label, probability, likelier, likelier_probability }
    }
}
