//! `eval run|compare|gate|list|import`: how good the product is on labelled data.

mod desk;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use crate::cli::CliError;
use crate::cli::args::EvalCommand;
use crate::cli::eval::desk::Product;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::config::Config;
use crate::embed::manifest::Manifest;
use crate::embed::{Embedder, Options, Purpose, UnitVector, models};
use crate::eval::compare::compare;
use crate::eval::error::EvalError;
use crate::eval::gate::{Held, hold};
use crate::eval::report::{Report, write};
use crate::eval::suite::Suite;
use crate::eval::{self, Encode, Tools, datasets, html, import};
use crate::text::clean::CleanText;

/// So many texts are encoded between two steps of the bar.
const STEP: usize = 256;

#[derive(Serialize)]
struct SuiteOut {
    name: String,
    task: &'static str,
    about: String,
    /// Whether its files are in the folder that was named; nothing where none was.
    is_here: Option<bool>,
    /// The public sets that it is made of.
    sets: Vec<String>,
}

#[derive(Serialize)]
struct ImportedOut {
    path: String,
    records: usize,
}

/// The encoder, with a bar for what it does.
pub(super) struct Shown {
    embedder: Embedder,
    model: String,
    out: Out,
}

impl Encode for Shown {
    async fn vectors(&self, texts: Vec<CleanText>) -> Result<Vec<Vec<f32>>, EvalError> {
        let bar = self.out.bar("Encoding", Unit::Things);
        let (mut vectors, total) = (Vec::with_capacity(texts.len()), u64::try_from(texts.len()).unwrap_or(u64::MAX));
        for step in texts.chunks(STEP) {
            let made = self.embedder.embed_bulk(step.to_vec(), Purpose::Passage).await.map_err(|error| EvalError::Encode(error.into()))?;
            vectors.extend(made.into_iter().map(UnitVector::into_vec));
            bar.set(u64::try_from(vectors.len()).unwrap_or(u64::MAX), total);
        }
        bar.finish();
        Ok(vectors)
    }

    fn name(&self) -> String {
        // A revision begins with the name of its model.
        self.embedder.revision().to_owned()
    }

    fn model(&self) -> &str {
        &self.model
    }
}

/// What suites are run with; the encoder is loaded when the first of them needs it.
struct Bench<'c> {
    config: &'c Config,
    out: Out,
    desk: Product,
    encoder: Option<Shown>,
}

impl<'c> Bench<'c> {
    fn new(config: &'c Config, out: Out) -> Self {
        Self { config, out, desk: Product::new(config.clone(), out), encoder: None }
    }

    async fn run(&mut self, suite: &Suite, data: &Path, playbook: Option<&Path>) -> Result<Report, CliError> {
        if suite.task.needs_encoder() && self.encoder.is_none() {
            self.encoder = Some(encoder(self.config, self.out).await?);
        }
        let tools = Tools { encoder: self.encoder.as_ref(), desk: Some(&self.desk), playbook };
        Ok(eval::run(suite, data, tools).await?)
    }
}

pub(super) async fn run(config: &Config, command: EvalCommand, out: Out) -> Result<ExitCode, CliError> {
    match command {
        EvalCommand::Run { suite, data, playbook, out: file, html } => {
            needs_folder("--data", &data)?;
            for (flag, file) in [("--out", &file), ("--html", &html)] {
                let above = file.as_deref().and_then(Path::parent).filter(|above| !above.as_os_str().is_empty());
                above.map_or(Ok(()), |above| needs_folder(flag, above))?;
            }
            let suite = Suite::named(&suite)?;
            let report = Bench::new(config, out).run(&suite, &data, playbook.as_deref()).await?;
            if let Some(file) = file {
                report.write(&file)?;
            }
            if let Some(file) = html {
                write(&file, &html::page(&report, &suite.about))?;
            }
            out.result(&report.in_short(), words::report);
        }
        EvalCommand::Compare { a, b } => out.result(&compare(&Report::read(&a)?, &Report::read(&b)?)?, words::comparison),
        EvalCommand::Gate { suite, data, baselines, playbook, write } => {
            needs_folder("--data", &data)?;
            let suites = gated(&suite, &baselines)?;
            let mut bench = Bench::new(config, out);
            if write {
                return make_baselines(&mut bench, &suites, &data, &baselines).await;
            }
            return gate(&mut bench, &suites, &data, &baselines, playbook.as_deref()).await;
        }
        EvalCommand::List { data } => list(data.as_deref(), out)?,
        EvalCommand::Import { from, data } => import(&from, &data, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses a folder that is not there.
pub(super) fn needs_folder(flag: &str, folder: &Path) -> Result<(), CliError> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(CliError::Said(format!("`{flag}`: there is no folder `{}`", folder.display())))
}

fn baseline_of(suite: &Suite, baselines: &Path) -> PathBuf {
    baselines.join(format!("{}.json", suite.name))
}

fn baseline(suite: &Suite, baselines: &Path) -> Result<Report, CliError> {
    let path = baseline_of(suite, baselines);
    if !path.is_file() {
        let (name, path) = (&suite.name, path.display());
        return Err(CliError::Said(format!("`{name}` has no baseline: `eval gate --suite {name} --data … --write` makes `{path}`")));
    }
    Ok(Report::read(&path)?)
}

/// The suites that were named, or all that have a baseline.
fn gated(named: &[String], baselines: &Path) -> Result<Vec<Suite>, CliError> {
    if !named.is_empty() {
        return Ok(named.iter().map(|name| Suite::named(name)).collect::<Result<_, _>>()?);
    }
    let suites: Vec<Suite> = Suite::all()?.into_iter().filter(|suite| baseline_of(suite, baselines).is_file()).collect();
    if suites.is_empty() {
        let folder = baselines.display();
        return Err(CliError::Said(format!(
            "`{folder}` holds no baseline of a suite: name suites with `--suite`, and make some with `--write`"
        )));
    }
    Ok(suites)
}

async fn make_baselines(bench: &mut Bench<'_>, suites: &[Suite], data: &Path, baselines: &Path) -> Result<ExitCode, CliError> {
    for suite in suites {
        let path = baseline_of(suite, baselines);
        bench.run(suite, data, None).await?.timeless().write(&path)?;
        bench.out.line(&format!("written: {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

async fn gate(
    bench: &mut Bench<'_>,
    suites: &[Suite],
    data: &Path,
    baselines: &Path,
    playbook: Option<&Path>,
) -> Result<ExitCode, CliError> {
    // All of them first: a run takes a while.
    let baselines = suites.iter().map(|suite| baseline(suite, baselines)).collect::<Result<Vec<Report>, _>>()?;
    let mut held: Vec<Held> = Vec::new();
    for (suite, baseline) in suites.iter().zip(baselines) {
        held.push(hold(&baseline, &bench.run(suite, data, playbook).await?)?);
    }
    bench.out.result(&held, |held| words::gate(held));
    Ok(if held.iter().all(|suite| suite.passes) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list(data: Option<&Path>, out: Out) -> Result<(), CliError> {
    let sets = datasets::all()?;
    let suites: Vec<SuiteOut> = Suite::all()?
        .into_iter()
        .map(|suite| SuiteOut {
            is_here: data.map(|data| suite.files().iter().all(|file| data.join(file).is_file())),
            sets: sets.iter().filter(|set| set.suites.contains(&suite.name)).map(|set| set.name.clone()).collect(),
            task: suite.task.as_str(),
            name: suite.name,
            about: suite.about,
        })
        .collect();
    out.result(&suites, |suites| words::suites(suites));
    Ok(())
}

fn import(from: &Path, data: &Path, out: Out) -> Result<(), CliError> {
    needs_folder("--from", from)?;
    datasets::check(from)?;
    let imported: Vec<ImportedOut> = import::everything(from, data)?
        .into_iter()
        .map(|file| ImportedOut { path: file.path.display().to_string(), records: file.records })
        .collect();
    if imported.is_empty() {
        let from = from.display();
        return Err(CliError::Said(format!(
            "`{from}` holds none of the known sets, such as `fewshot_intent`, `scifact` and `convosumm_email`; `eval/datasets.toml` says what they are and where they are from"
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
    Ok(Shown { embedder, model: model.name().to_owned(), out })
}
