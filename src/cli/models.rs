//! `models pull|list|verify`.

use std::sync::Arc;

use serde::Serialize;

use crate::cli::args::ModelsCommand;
use crate::cli::out::{Out, Unit};
use crate::cli::{CliError, bench};
use crate::config::Config;
use crate::embed::manifest::Manifest;
use crate::embed::models::{self, OnProgress, Presence};

#[derive(Serialize)]
struct Line {
    name: String,
    revision: String,
    licence: String,
    dimensions: usize,
    size_bytes: u64,
    here: &'static str,
    folder: String,
}

/// Shows a download as a bar.
pub(super) fn fetching(out: Out) -> OnProgress {
    let bar = out.bar("Fetching the encoder", Unit::Bytes);
    Arc::new(move |progress| {
        bar.set(progress.done_bytes, progress.total_bytes);
        if progress.done_bytes == progress.total_bytes {
            bar.finish();
        }
    })
}

pub(super) async fn run(config: &Config, command: ModelsCommand, out: &Out) -> Result<(), CliError> {
    let manifest = Manifest::load(&config.models)?;
    match command {
        ModelsCommand::Pull { name } => {
            let model = manifest.model(name.as_deref().unwrap_or(&config.models.model))?;
            let folder = models::pull(model, &config.models, fetching(*out)).await?;
            out.line(&format!("{} is in {}", model.name(), folder.display()));
        }
        ModelsCommand::List => {
            let lines: Vec<Line> = models::list(&manifest, &config.models)?
                .into_iter()
                .map(|listed| Line {
                    name: listed.model.name().to_owned(),
                    revision: listed.model.revision().to_owned(),
                    licence: listed.model.licence().to_owned(),
                    dimensions: listed.model.dimensions(),
                    size_bytes: listed.model.size_bytes(),
                    here: match listed.presence {
                        Presence::Absent => "no",
                        Presence::Partial => "partly",
                        Presence::Complete => "yes",
                    },
                    folder: listed.folder.display().to_string(),
                })
                .collect();
            out.result(&lines, |lines| {
                let rows: Vec<String> = lines
                    .iter()
                    .map(|line| {
                        format!(
                            "{:<28} {:>5} dims {:>7.1} MB  {:<12} here: {}",
                            line.name,
                            line.dimensions,
                            megabytes(line.size_bytes),
                            line.licence,
                            line.here
                        )
                    })
                    .collect();
                rows.join("\n")
            });
        }
        ModelsCommand::Bench { texts, rounds, vectors } => {
            let model = manifest.model(&config.models.model)?;
            let folder = models::pull(model, &config.models, fetching(*out)).await?;
            bench::run(model, &folder, &config.models, &bench::Asked { texts, rounds, vectors }, *out).await?;
        }
        ModelsCommand::Verify => {
            let mut checked = 0;
            for listed in models::list(&manifest, &config.models)? {
                if listed.presence != Presence::Absent {
                    let folder = models::verify(&listed.model, &config.models).await?;
                    out.line(&format!("{}: every sum is right ({})", listed.model.name(), folder.display()));
                    checked += 1;
                }
            }
            if checked == 0 {
                out.line("no model is here yet: fetch one with `backchannel models pull`");
            }
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a size for people needs no 53 bits")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
