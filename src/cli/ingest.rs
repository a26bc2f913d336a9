//! `ingest`: takes in files and folders, beside a running server too.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use crate::app::{Folder, TakenIn};
use crate::boot;
use crate::cli::CliError;
use crate::cli::args::IngestAudience;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::config::Config;
use crate::domain::audience::Audience;
use crate::domain::vocabulary::Slug;
use crate::store;

#[derive(Serialize)]
struct Report {
    taken: u64,
    unchanged: u64,
    skipped: Vec<String>,
    failed: Vec<Failure>,
    indexed: u64,
}

#[derive(Serialize)]
struct Failure {
    place: String,
    reason: String,
}

pub(super) async fn ingest(
    config: &Config,
    workspace: Option<&Slug>,
    paths: &[PathBuf],
    audience: IngestAudience,
    out: &Out,
) -> Result<ExitCode, CliError> {
    let folder = Folder::of(paths).map_err(|source| CliError::File { path: shown(paths), source })?;
    // Beside a server that holds the folder, rows and jobs are written and the server indexes them.
    let lock = match boot::lock(&config.data.dir) {
        Ok(lock) => Some(lock),
        Err(boot::BootError::Held { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let running = boot::open(config, lock, fetching(*out)).await?;
    let app = &running.app;
    let actor = app.admin_of(workspace).await?;
    let audience = match audience {
        IngestAudience::Public => Audience::Public,
        IngestAudience::Internal => Audience::Internal,
    };
    let bar = out.bar("Taking in", Unit::Things);
    let taken = app.take_in(&actor, &folder, &audience, &|_| true, &|done, total| bar.set(done, total)).await?;
    bar.finish();

    let bar = out.bar("Indexing", Unit::Things);
    let indexed = if running.lock.is_some() {
        app.index_pending(actor.workspace, &|done, left| bar.set(done, done + left)).await?
    } else {
        let mut most = 0;
        loop {
            let left = u64::try_from(store::pending::count(&running.store, actor.workspace).await?).unwrap_or(0);
            most = left.max(most);
            bar.set(most - left, most);
            if left == 0 {
                break most;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    bar.finish();

    let TakenIn { taken, unchanged, skipped, failed } = taken;
    let failed: Vec<Failure> = failed.into_iter().map(|(place, reason)| Failure { place, reason }).collect();
    let code = if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    out.result(&Report { taken, unchanged, skipped, failed, indexed }, words);
    Ok(code)
}

fn words(report: &Report) -> String {
    let mut lines = vec![format!("{} taken in, {} unchanged, {} indexed", report.taken, report.unchanged, report.indexed)];
    if !report.skipped.is_empty() {
        lines.push(format!("{} of no known format left out: {}", report.skipped.len(), report.skipped.join(", ")));
    }
    if !report.failed.is_empty() {
        lines.push(format!("{} could not be read; everything else is in:", report.failed.len()));
        lines.extend(report.failed.iter().map(|failure| format!("  {}: {}", failure.place, failure.reason)));
    }
    lines.join("\n")
}

fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("`, `")
}
