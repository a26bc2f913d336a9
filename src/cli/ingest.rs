//! `ingest`: takes in files and folders, beside a running server too.
//!
//! What is taken in is safe once it is in the database; then it is indexed. The embedded index belongs to whoever holds the data folder:
//! beside a server, `ingest` waits for that one, and takes over when it is gone. To an index on a server of its own everybody may write,
//! one at a time by the lease, which passes on by itself when its holder dies.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use crate::app::{Folder, TakenIn};
use crate::boot::{self, Running};
use crate::cli::CliError;
use crate::cli::args::IngestAudience;
use crate::cli::models::fetching;
use crate::cli::out::{Bar, Out, Unit};
use crate::config::Config;
use crate::domain::audience::Audience;
use crate::domain::id::WorkspaceId;
use crate::domain::vocabulary::Slug;
use crate::store;

/// Another process tells nobody how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// So many looks a data folder that nobody holds is left to a server that starts again.
const RESTART_LOOKS: u32 = 30;

#[derive(Serialize)]
struct Report {
    created: u64,
    changed: u64,
    unchanged: u64,
    skipped: Vec<LeftOut>,
    failed: Vec<LeftOut>,
    indexed: u64,
    /// Rows that are in the database and that nobody is going to index before the next start.
    left: u64,
}

#[derive(Serialize)]
struct LeftOut {
    place: String,
    reason: String,
}

pub(super) async fn ingest(
    config: &Config,
    workspace: Option<&Slug>,
    paths: &[PathBuf],
    audience: Option<IngestAudience>,
    out: &Out,
) -> Result<ExitCode, CliError> {
    if let Some(missing) = paths.iter().find(|path| !path.exists()) {
        return Err(CliError::Said(format!("`{}` is not there: check the path", missing.display())));
    }
    let folder = Folder::of(paths).map_err(|source| CliError::File { path: shown(paths), source })?;
    // Beside a server that holds the folder, rows and jobs are written and the server indexes them.
    let lock = match boot::lock(&config.data.dir) {
        Ok(lock) => Some(lock),
        Err(boot::BootError::Held { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let mut running = boot::open(config, lock, fetching(*out)).await?;
    let actor = running.app.admin_of(workspace).await?;
    let audience = audience.map(|audience| match audience {
        IngestAudience::Public => Audience::Public,
        IngestAudience::Internal => Audience::Internal,
    });
    let bar = out.bar("Taking in", Unit::Things);
    let taken = running.app.take_in(&actor, &folder, audience.as_ref(), &|_| true, &|done, total| bar.set(done, total)).await?;
    let TakenIn { created, changed, unchanged, skipped, failed } = taken;
    bar.finish_with(created + changed + unchanged, failed.len());

    let bar = out.bar("Indexing", Unit::Things);
    let (indexed, left) = index(config, &mut running, actor.workspace, &bar, out).await?;
    bar.finish();

    let told = |left_out: Vec<(String, String)>| left_out.into_iter().map(|(place, reason)| LeftOut { place, reason }).collect();
    let code = if failed.is_empty() && left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    out.result(&Report { created, changed, unchanged, skipped: told(skipped), failed: told(failed), indexed, left }, words);
    Ok(code)
}

/// Has everything that is pending indexed; answers how many rows were, and how many are left because nobody is going to.
async fn index(config: &Config, running: &mut Running, workspace: WorkspaceId, bar: &Bar, out: &Out) -> Result<(u64, u64), CliError> {
    let (mut most, mut free, mut idle) = (0, 0, 0);
    while running.lock.is_none() && config.qdrant.url.is_none() {
        let left = u64::try_from(store::pending::count(&running.store, workspace).await?).unwrap_or(0);
        most = left.max(most);
        bar.set(most - left, most);
        if left == 0 {
            return Ok((most, 0));
        }
        let jobs = store::job::counts(&running.store, workspace).await?;
        // Seen once it may be the moment between two reads.
        idle = if jobs.ready + jobs.running == 0 { idle + 1 } else { 0 };
        if idle > 1 {
            return Ok((most - left, left));
        }
        match boot::lock(&config.data.dir) {
            Ok(lock) if free >= RESTART_LOOKS => {
                out.note("The server that held the data folder is gone: indexing goes on here.");
                *running = boot::open(config, Some(lock), fetching(*out)).await?;
            }
            // Whoever keeps the server alive may be about to start it again: that one goes first.
            Ok(_) => free += 1,
            Err(boot::BootError::Held { .. }) => free = 0,
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let indexed = running.app.index_pending(workspace, &|done, left| bar.set(done, done + left)).await?;
    Ok((most.max(indexed), 0))
}

fn words(report: &Report) -> String {
    let Report { created, changed, unchanged, skipped, failed, indexed, left: _ } = report;
    let mut lines = vec![format!("{created} new, {changed} changed, {unchanged} unchanged, {} refused; {indexed} indexed", failed.len())];
    if report.left > 0 {
        lines.push(format!(
            "{} rows are safe in the database, but no job is left to index them: `backchannel jobs list` shows what failed; the next start of the server tries again",
            report.left
        ));
    }
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for LeftOut { place, reason } in skipped {
        by_reason.entry(reason).or_default().push(place);
    }
    lines.extend(by_reason.into_iter().map(|(reason, places)| format!("{} left out, {reason}:\n  {}", places.len(), places.join(", "))));
    if !failed.is_empty() {
        lines.push("Refused, while everything else is in:".to_owned());
        lines.extend(failed.iter().map(|LeftOut { place, reason }| format!("  {place}: {reason}")));
    }
    lines.join("\n")
}

fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("`, `")
}
