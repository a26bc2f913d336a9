//! Measuring on labelled data: suites say what, the pure rooms say how well.
//!
//! Knows neither store nor workspace: whoever calls hands in what encodes texts, and a desk that triages as the product does. The learners
//! are those of the product, so that a figure is one that a workspace would meet; several labels of one text, retold conversations and usual
//! answerers are measured before the triage and the panel use them. A run keeps every item that was asked, and all metrics
//! are computed from these, so that runs can be compared, drawn and held against a baseline.

mod answered;
pub mod builtin;
pub mod compare;
pub mod datasets;
mod duplicates;
mod entities;
pub mod error;
mod experts;
pub mod gate;
mod given;
pub mod html;
pub mod import;
mod intent;
pub mod item;
mod knn;
mod labelled;
mod leak;
mod meetings;
pub mod metric;
mod multi;
mod oracle;
mod public;
mod ranked;
mod records;
pub mod report;
mod retrieval;
mod sets;
mod shelf;
pub mod suite;
mod summary;
mod triage;

use std::path::Path;
use std::time::Instant;

use crate::eval::error::EvalError;
use crate::eval::given::Given;
use crate::eval::item::Item;
use crate::eval::report::Report;
use crate::eval::suite::{Suite, Task};
use crate::text::clean::CleanText;

pub use crate::eval::answered::{Shop, Wondered};
pub use crate::eval::leak::{Found, Outgoing};
pub use crate::eval::triage::{Asked, Desk, Guess, Past, Verdict};

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

/// What a run works with.
#[derive(Debug, Clone, Copy)]
pub struct Tools<'a, E, D> {
    /// What encodes texts; may be left out where [`Task::needs_encoder`] says so.
    pub encoder: Option<&'a E>,
    /// What triages tickets; may be left out where [`Task::needs_desk`] says so.
    pub desk: Option<&'a D>,
    /// A folder of a playbook in place of the one that the suite names.
    pub playbook: Option<&'a Path>,
}

/// Runs a suite on the data of a folder.
///
/// # Errors
/// [`EvalError`]: what is wrong with the suite or the data, and where.
pub async fn run<E: Encode, D: Desk>(suite: &Suite, data: &Path, tools: Tools<'_, E, D>) -> Result<Report, EvalError> {
    let begun = Instant::now();
    if let Some(unknown) = metric::unknown(suite.task, suite.part, &suite.metrics) {
        let known = metric::known(suite.task, suite.part).join("`, `");
        return Err(EvalError::NoMetric { suite: suite.name.clone(), metric: unknown.clone(), known });
    }
    let given = Given::of(suite, data, tools.playbook)?;
    let measured = match (suite.task, tools.encoder, tools.desk) {
        (Task::Intent, Some(encoder), _) => intent::measure(suite, data, encoder).await?,
        (Task::MultiIntent, Some(encoder), _) => multi::measure(suite, data, encoder).await?,
        (Task::Triage, Some(encoder), Some(desk)) => triage::measure(suite, data, &given, encoder, desk).await?,
        (Task::Leak, _, Some(desk)) => leak::measure(suite, data, &given, desk).await?,
        (Task::AlreadyAnswered, _, Some(desk)) => answered::measure(suite, data, &given, desk).await?,
        (Task::Language, ..) => labelled::languages(suite, data)?,
        (Task::Sentiment | Task::Urgency, Some(encoder), _) => labelled::moods(suite, data, encoder).await?,
        (Task::Retrieval, Some(encoder), _) => retrieval::measure(suite, data, encoder).await?,
        (Task::Duplicates, Some(encoder), _) => duplicates::measure(suite, data, encoder).await?,
        (Task::Experts, Some(encoder), _) => experts::measure(suite, data, encoder).await?,
        (Task::ThreadSummary, Some(encoder), _) => summary::measure(suite, data, encoder).await?,
        (Task::Entities, ..) => entities::measure(suite, data, &given)?,
        (
            Task::Intent
            | Task::MultiIntent
            | Task::Triage
            | Task::Leak
            | Task::Retrieval
            | Task::Duplicates
            | Task::Experts
            | Task::ThreadSummary
            | Task::AlreadyAnswered
            | Task::Sentiment
            | Task::Urgency,
            ..,
        ) => {
            return Err(EvalError::TooLittle("this task needs an encoder, or a desk".to_owned()));
        }
    };
    let Measured { items, learned_from, left_out, learning_seconds, head } = measured;
    let metrics = suite.metrics.iter().map(|name| metric::measure(name, &items, suite.bars.get(name).copied())).collect();
    Ok(Report {
        suite: suite.name.clone(),
        task: suite.task,
        metrics,
        learned_from,
        left_out,
        learning_seconds,
        seconds: begun.elapsed().as_secs_f64(),
        encoder: tools.encoder.filter(|_| suite.task.needs_encoder()).map(Encode::name),
        head,
        playbook_sha256: given.playbook.as_ref().map(given::Playbook::sum),
        playbook: given.playbook.map(|playbook| playbook.folder),
        data_sha256: given.data_sha256,
        backchannel: env!("CARGO_PKG_VERSION").to_owned(),
        items,
    })
}

/// What a task came to.
#[derive(Debug, Default)]
struct Measured {
    items: Vec<Item>,
    learned_from: usize,
    left_out: usize,
    learning_seconds: f64,
    head: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::metric::Metric;

    /// What encodes nothing, and a desk that is closed.
    struct Nobody;

    impl Encode for Nobody {
        async fn vectors(&self, texts: Vec<CleanText>) -> Result<Vec<Vec<f32>>, EvalError> {
            Ok(vec![Vec::new(); texts.len()])
        }

        fn name(&self) -> String {
            "nobody".to_owned()
        }

        fn model(&self) -> &'static str {
            "nobody"
        }
    }

    impl Desk for Nobody {
        async fn answered(&self, _: &Shop<'_>, _: &[Wondered]) -> Result<Vec<Option<String>>, EvalError> {
            Err(EvalError::TooLittle("closed".to_owned()))
        }

        async fn triage(&self, _: &Past, _: &[Asked]) -> Result<Vec<Verdict>, EvalError> {
            Err(EvalError::TooLittle("closed".to_owned()))
        }
    }

    /// The metrics of a suite that needs neither encoder nor desk.
    pub(super) fn measured(suite: &Suite, data: &Path) -> Result<Vec<Metric>, EvalError> {
        let tools: Tools<'_, Nobody, Nobody> = Tools { encoder: None, desk: None, playbook: None };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(suite, data, tools)).map(|report| report.metrics)
    }

    /// The metrics of a suite that needs an encoder.
    pub(super) fn measured_with(suite: &Suite, data: &Path, encoder: &Letters) -> Result<Vec<Metric>, EvalError> {
        let tools: Tools<'_, Letters, Nobody> = Tools { encoder: Some(encoder), desk: None, playbook: None };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(suite, data, tools)).map(|report| report.metrics)
    }

    /// What encodes texts by how often they have each letter.
    pub(super) struct Letters;

    impl Encode for Letters {
        async fn vectors(&self, texts: Vec<CleanText>) -> Result<Vec<Vec<f32>>, EvalError> {
            let vector = |text: &CleanText| {
                let mut counts = vec![0.1_f32; 26];
                for letter in text.as_str().to_lowercase().bytes().filter(u8::is_ascii_lowercase) {
                    counts[usize::from(letter - b'a')] += 1.0;
                }
                let norm = counts.iter().map(|count| count * count).sum::<f32>().sqrt();
                counts.into_iter().map(|count| count / norm).collect()
            };
            Ok(texts.iter().map(vector).collect())
        }

        fn name(&self) -> String {
            "letters".to_owned()
        }

        fn model(&self) -> &'static str {
            "letters"
        }
    }

    #[test]
    fn a_run_without_what_its_task_needs_is_refused() {
        let suite: Suite = toml::from_str("name = \"x\"\ntask = \"intent\"\nmetrics = [\"accuracy\"]\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(measured(&suite, folder.path()), Err(EvalError::TooLittle(_))));
    }
}
