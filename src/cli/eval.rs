//! `eval run|list|import`: how good the product is on labelled data.

use std::path::Path;

use serde::Serialize;

use crate::cli::args::EvalCommand;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::cli::{CliError, out};
use crate::config::Config;
use crate::embed::manifest::Manifest;
use crate::embed::{Embedder, Options, Purpose, UnitVector, models};
use crate::eval::error::EvalError;
use crate::eval::suite::Suite;
use crate::eval::{self, Encode, Metric, Report};
use crate::text::clean::CleanText;

/// So many texts are encoded between two steps of the bar.
const STEP: usize = 256;

#[derive(Serialize)]
struct ReportOut {
    suite: String,
    task: &'static str,
    metrics: Vec<MetricOut>,
    /// Of the texts that were learned from; those that are asked too were left out.
    learned_from: usize,
    left_out: usize,
    learning_seconds: f64,
    seconds: f64,
    encoder: Option<String>,
    playbook: Option<String>,
}

#[derive(Serialize)]
struct MetricOut {
    name: String,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: usize,
    bar: Option<f64>,
}

#[derive(Serialize)]
struct SuiteOut {
    name: String,
    task: &'static str,
    about: String,
}

#[derive(Serialize)]
struct ImportedOut {
    path: String,
    records: usize,
}

/// The encoder, with a bar for what it does.
pub(super) struct Shown {
    embedder: Embedder,
    bar: out::Bar,
    model: String,
}

impl Encode for Shown {
    async fn vectors(&self, texts: Vec<CleanText>) -> Result<Vec<Vec<f32>>, EvalError> {
        let (mut vectors, total) = (Vec::with_capacity(texts.len()), u64::try_from(texts.len()).unwrap_or(u64::MAX));
        for step in texts.chunks(STEP) {
            let made = self.embedder.embed_bulk(step.to_vec(), Purpose::Passage).await.map_err(|error| EvalError::Encode(error.into()))?;
            vectors.extend(made.into_iter().map(UnitVector::into_vec));
            self.bar.set(u64::try_from(vectors.len()).unwrap_or(u64::MAX), total);
        }
        self.bar.finish();
        Ok(vectors)
    }

    fn name(&self) -> String {
        format!("{} {}", self.model, self.embedder.revision())
    }

    fn model(&self) -> &str {
        &self.model
    }
}

pub(super) async fn run(config: &Config, command: EvalCommand, out: Out) -> Result<(), CliError> {
    match command {
        EvalCommand::Run { suite, data } => {
            let suite = Suite::named(&suite)?;
            let encoder = if suite.task.needs_encoder() { Some(encoder(config, out).await?) } else { None };
            let report = eval::run(&suite, &data, encoder.as_ref()).await?;
            out.result(&ReportOut::from(report), words);
        }
        EvalCommand::List => {
            let suites: Vec<SuiteOut> = Suite::all()?
                .into_iter()
                .map(|suite| SuiteOut { name: suite.name, task: suite.task.as_str(), about: suite.about })
                .collect();
            out.result(&suites, |suites| {
                suites.iter().map(|suite| format!("{:<14} {:<8} {}", suite.name, suite.task, suite.about)).collect::<Vec<_>>().join("\n")
            });
        }
        EvalCommand::Import { from, data } => import(&from, &data, out)?,
    }
    Ok(())
}

fn import(from: &Path, data: &Path, out: Out) -> Result<(), CliError> {
    let imported: Vec<ImportedOut> = eval::import::intents(from, data)?
        .into_iter()
        .chain(eval::import::heads(from, data)?)
        .map(|file| ImportedOut { path: file.path.display().to_string(), records: file.records })
        .collect();
    if imported.is_empty() {
        let from = from.display();
        return Err(CliError::Said(format!(
            "`{from}` holds none of the known sets: `fewshot_intent`, `clinc150`, `tatoeba_112` and `goemotions` are looked for"
        )));
    }
    out.result(&imported, |files| {
        files.iter().map(|file| format!("{:>6} records  {}", file.records, file.path)).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

pub(super) async fn encoder(config: &Config, out: Out) -> Result<Shown, CliError> {
    let manifest = Manifest::load(&config.models)?;
    let model = manifest.model(&config.models.model)?;
    let folder = models::pull(model, &config.models, fetching(out)).await?;
    // Each text is encoded once.
    let embedder = Embedder::start(model, &folder, &Options { remembered_texts: 0, ..config.models.clone() }).await?;
    Ok(Shown { embedder, bar: out.bar("Encoding", Unit::Things), model: model.name().to_owned() })
}

impl From<Report> for ReportOut {
    fn from(report: Report) -> Self {
        let Report { suite, task, metrics, learned_from, left_out, learning_seconds, seconds, encoder, playbook } = report;
        let metrics = metrics.into_iter().map(Into::into).collect();
        Self { suite, task: task.as_str(), metrics, learned_from, left_out, learning_seconds, seconds, encoder, playbook }
    }
}

impl From<Metric> for MetricOut {
    fn from(metric: Metric) -> Self {
        let Metric { name, value, interval, n, bar } = metric;
        Self { name, value, low: interval.map(|interval| interval.low), high: interval.map(|interval| interval.high), n, bar }
    }
}

fn words(report: &ReportOut) -> String {
    let percent = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", share * 100.0));
    let first = if report.learned_from == 0 {
        format!("{}: {:.1} s", report.suite, report.seconds)
    } else {
        format!(
            "{}: learned from {} texts in {:.1} s ({} that are asked were left out); {:.1} s in all",
            report.suite, report.learned_from, report.learning_seconds, report.left_out, report.seconds
        )
    };
    let mut lines = vec![first];
    let width = report.metrics.iter().map(|metric| metric.name.len()).max().unwrap_or_default().max(14);
    for metric in &report.metrics {
        let MetricOut { name, value, low, high, n, bar } = metric;
        let met = |bar: f64| value.is_some_and(|value| if eval::is_better_low(name) { value <= bar } else { value >= bar });
        let bar = bar.map_or_else(String::new, |bar| format!("  bar {:.1}: {}", bar * 100.0, if met(bar) { "met" } else { "not met" }));
        lines.push(format!("{name:<width$} {:>6} %  ({} to {}, of {n}){bar}", percent(*value), percent(*low), percent(*high)));
    }
    lines.join("\n")
}
