//! Measuring on labelled data: suites say what, the pure rooms say how well.
//!
//! Knows neither store nor workspace: whoever calls hands in what encodes texts. The learners are those of the product, so that a figure
//! is one that a workspace would meet.

pub mod builtin;
mod entities;
pub mod error;
pub mod import;
mod intent;
mod labelled;
mod public;
mod records;
pub mod suite;

use std::path::Path;
use std::time::Instant;

use backchannel_measure::bootstrap::Interval;

use crate::eval::error::EvalError;
use crate::eval::suite::{Suite, Task};
use crate::text::clean::CleanText;

/// What turns texts into vectors.
pub trait Encode {
    /// The vectors of texts, in their order, each of norm 1.
    ///
    /// # Errors
    /// Whatever the encoder says.
    fn vectors(&self, texts: Vec<CleanText>) -> impl Future<Output = Result<Vec<Vec<f32>>, EvalError>>;

    /// What it is called, with its revision.
    fn name(&self) -> String;

    /// What it is called in the manifest.
    fn model(&self) -> &str;
}

/// What a suite came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The suite.
    pub suite: String,
    /// What was measured.
    pub task: Task,
    /// Its metrics, in the order of the suite.
    pub metrics: Vec<Metric>,
    /// How many texts were learned from.
    pub learned_from: usize,
    /// How many of them were left out because they are asked as well.
    pub left_out: usize,
    /// What learning took, encoding left out.
    pub learning_seconds: f64,
    /// What all of it took.
    pub seconds: f64,
    /// What encoded the texts, where that was needed.
    pub encoder: Option<String>,
    /// The folder of the playbook, where one was needed.
    pub playbook: Option<String>,
}

/// A metric with its 95 % interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// Its value; `None` where it is not defined, such as a recall of nothing.
    pub value: Option<f64>,
    /// Where it would lie in 95 of 100 other samples of the items that were asked, by the bootstrap.
    pub interval: Option<Interval>,
    /// Of how many items it is.
    pub n: usize,
    /// What it should reach: at least this, or at most where [`is_better_low`].
    pub bar: Option<f64>,
}

/// Whether less of a metric is better.
#[must_use]
pub fn is_better_low(metric: &str) -> bool {
    metric == "ece"
}

/// Runs a suite on the data of a folder; the encoder may be left out where [`Task::needs_encoder`] says so.
///
/// # Errors
/// [`EvalError`]: what is wrong with the suite or the data, and where.
pub async fn run(suite: &Suite, data: &Path, encoder: Option<&impl Encode>) -> Result<Report, EvalError> {
    let begun = Instant::now();
    let measured = match (suite.task, encoder) {
        (Task::Intent, Some(encoder)) => intent::measure(suite, data, encoder).await?,
        (Task::Language, _) => labelled::languages(suite, data)?,
        (Task::Sentiment | Task::Urgency, Some(encoder)) => labelled::moods(suite, data, encoder).await?,
        (Task::Intent | Task::Sentiment | Task::Urgency, None) => {
            return Err(EvalError::TooLittle("this task needs an encoder".to_owned()));
        }
        (Task::Entities, _) => entities::measure(suite, data)?,
    };
    Ok(Report {
        suite: suite.name.clone(),
        task: suite.task,
        metrics: measured.metrics,
        learned_from: measured.learned_from,
        left_out: measured.left_out,
        learning_seconds: measured.learning_seconds,
        seconds: begun.elapsed().as_secs_f64(),
        encoder: encoder.map(Encode::name),
        playbook: suite.playbook.clone(),
    })
}

/// What a task came to.
struct Measured {
    metrics: Vec<Metric>,
    learned_from: usize,
    left_out: usize,
    learning_seconds: f64,
}
