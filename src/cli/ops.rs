//! `reindex`, `jobs` and `doctor`: keeping an installation well.

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::boot;
use crate::cli::CliError;
use crate::cli::args::JobsCommand;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::config::Config;
use crate::connectors::chat::Trouble;
use crate::connectors::email::{Away, Post};
use crate::connectors::slack::Slack;
use crate::connectors::teams::Teams;
use crate::domain::job::JobState;
use crate::domain::vocabulary::Slug;
use crate::embed::manifest::Manifest;
use crate::embed::models;
use crate::store::{self, Look, Store, StoreError};

const LISTED: u32 = 200;

pub(super) async fn reindex(config: &Config, workspace: Option<&Slug>, out: &Out) -> Result<(), CliError> {
    let lock = boot::lock(&config.data.dir)?;
    let running = boot::open(config, Some(lock), fetching(*out)).await?;
    let actor = running.app.admin_of(workspace).await?;
    let bar = out.bar("Indexing anew", Unit::Things);
    let done = running.app.reindex(actor.workspace, &|done, left| bar.set(done, done + left)).await?;
    bar.finish();
    out.result(&serde_json::json!({ "indexed": done }), |_| format!("{done} rows are indexed anew"));
    Ok(())
}

#[derive(Serialize)]
struct JobLine {
    id: String,
    kind: String,
    state: &'static str,
    attempts: u32,
    outages: u32,
    crashes: u32,
    run_at: String,
    last_error: Option<String>,
}

pub(super) async fn jobs(config: &Config, workspace: Option<&Slug>, command: JobsCommand, out: &Out) -> Result<(), CliError> {
    let running = boot::open(config, None, fetching(*out)).await?;
    let actor = running.app.admin_of(workspace).await?;
    match command {
        JobsCommand::List => {
            let lines: Vec<JobLine> = store::job::list(&running.store, actor.workspace, None, LISTED)
                .await?
                .into_iter()
                .map(|job| JobLine {
                    id: job.id.to_string(),
                    kind: job.kind.to_string(),
                    state: match job.state {
                        JobState::Ready => "ready",
                        JobState::Running => "running",
                        JobState::Dead => "dead",
                    },
                    attempts: job.attempts,
                    outages: job.setbacks.outages,
                    crashes: job.setbacks.crashes,
                    run_at: job.run_at.to_string(),
                    last_error: job.last_error,
                })
                .collect();
            out.result(&lines, |lines| {
                if lines.is_empty() {
                    return "nothing waits, runs or is dead".to_owned();
                }
                let row = |line: &JobLine| {
                    format!(
                        "{}  {:<8} {} tries  {:<52} {}",
                        line.id,
                        line.state,
                        line.attempts,
                        line.kind,
                        line.last_error.as_deref().unwrap_or("")
                    )
                };
                lines.iter().map(row).collect::<Vec<_>>().join("\n")
            });
        }
        JobsCommand::Redrive { id } => {
            let mut tx = running.store.begin().await?;
            let found = store::job::redrive(&mut tx, actor.workspace, id, running.app.now()).await?;
            tx.commit().await?;
            if !found {
                return Err(CliError::Said(format!("there is no dead job `{id}`: `backchannel jobs list` shows them")));
            }
            out.line("it will run again");
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    fine: bool,
    said: String,
}

/// Looks at each part by itself, so that one that is broken does not hide the others.
pub(super) async fn doctor(config: &Config, out: &Out) -> Result<ExitCode, CliError> {
    let mut findings = vec![data_folder(&config.data.dir), database(config).await, encoder(config).await, python()];
    findings.extend(mail(config).await);
    findings.extend(chats(config).await);
    findings.extend(config.warnings().into_iter().map(|said| Finding { what: "configuration", fine: false, said }));
    let sound = findings.iter().all(|finding| finding.fine);
    out.result(&findings, |findings| {
        let row = |finding: &Finding| format!("{} {:<14} {}", if finding.fine { "ok " } else { "!! " }, finding.what, finding.said);
        findings.iter().map(row).collect::<Vec<_>>().join("\n")
    });
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looking makes nothing: a folder that is not there is made by the first start.
fn data_folder(dir: &Path) -> Finding {
    let (fine, said) = if dir.exists() {
        match boot::is_held(dir) {
            Ok(false) => (true, format!("`{}` can be written and is free", dir.display())),
            Ok(true) => (true, format!("`{}` is in use by a running backchannel", dir.display())),
            Err(error) => (false, error.to_string()),
        }
    } else {
        (true, format!("`{}` is not there yet: the first start makes it", dir.display()))
    };
    Finding { what: "data folder", fine, said }
}

async fn database(config: &Config) -> Finding {
    let looked = async {
        let said = match Store::look(&config.database, &config.data.dir).await? {
            Look::Absent => return Ok((false, no_installation(&config.data.dir))),
            Look::Unready => "answers; the next start makes what it does not have yet".to_owned(),
            Look::Ready => {
                let store = Store::open(&config.database, &config.data.dir).await?;
                let workspaces = store::workspace::list(&store).await?.len();
                store.close().await;
                match workspaces {
                    1 => "answers and has 1 workspace".to_owned(),
                    many => format!("answers and has {many} workspaces"),
                }
            }
        };
        Ok::<_, StoreError>((true, said))
    };
    match looked.await {
        Ok((fine, said)) => Finding { what: "database", fine, said },
        Err(error) => Finding { what: "database", fine: false, said: format!("{error}: check `database.url`") },
    }
}

/// Whether the servers of the desk's mail let this installation in; nothing where there are none.
async fn mail(config: &Config) -> Vec<Finding> {
    let post = match Post::new(&config.email) {
        Ok(Some(post)) => post,
        Ok(None) => return Vec::new(),
        Err(unfit) => return vec![Finding { what: "mail", fine: false, said: unfit.to_string() }],
    };
    let mut findings = Vec::new();
    if let Some(server) = &post.smtp {
        let checked = post.check_smtp(server).await;
        findings.push(mail_server("mail out", "email.smtp_url", &server.to_string(), checked));
    }
    if let Some(server) = &post.imap {
        let checked = post.check_imap(server).await;
        findings.push(mail_server("mail in", "email.imap_url", &server.to_string(), checked));
    }
    findings
}

fn mail_server(what: &'static str, key: &str, server: &str, checked: Result<(), Away>) -> Finding {
    match checked {
        Ok(()) => Finding { what, fine: true, said: format!("`{server}` lets this installation in") },
        Err(Away(reason)) => Finding { what, fine: false, said: format!("`{server}` is of no use ({reason}): check `{key}`") },
    }
}

/// Whether Slack and Teams let this installation in; nothing where they are not connected.
async fn chats(config: &Config) -> Vec<Finding> {
    let allowed = &config.webhooks.allowed_networks;
    let mut findings = Vec::new();
    match Slack::new(&config.slack, allowed) {
        Ok(None) => {}
        Ok(Some(slack)) => findings.push(chat("slack", "slack.bot_token", slack.check().await)),
        Err(unfit) => findings.push(Finding { what: "slack", fine: false, said: unfit.to_string() }),
    }
    match Teams::new(&config.teams, allowed) {
        Ok(None) => {}
        Ok(Some(teams)) => findings.push(chat("teams", "teams.app_secret", teams.check().await)),
        Err(unfit) => findings.push(Finding { what: "teams", fine: false, said: unfit.to_string() }),
    }
    findings
}

fn chat(what: &'static str, key: &str, checked: Result<(), Trouble>) -> Finding {
    match checked {
        Ok(()) => Finding { what, fine: true, said: "lets this installation in".to_owned() },
        Err(trouble) => Finding { what, fine: false, said: format!("is of no use ({}): check `{key}`", trouble.reason()) },
    }
}

/// What to do where nothing was started yet, or the folder is another one.
fn no_installation(dir: &Path) -> String {
    let shown = dir.display();
    let demo = dir.join("demo");
    let of_demo = if demo.is_dir() { format!(" (`--data-dir {}` for the demo company's)", demo.display()) } else { String::new() };
    format!(
        "there is no installation in `{shown}`: check `--data-dir`{of_demo}, or begin one with `backchannel serve` or `backchannel demo`"
    )
}

async fn encoder(config: &Config) -> Finding {
    let looked = async {
        let manifest = Manifest::load(&config.models)?;
        let model = manifest.model(&config.models.model)?.clone();
        Ok::<_, CliError>(models::cached(&model, &config.models).await?)
    };
    let (fine, said) = match looked.await {
        Ok(Some(folder)) => (true, format!("`{}` is in {}", config.models.model, folder.display())),
        Ok(None) => (false, format!("`{}` is not here yet: `backchannel models pull` fetches it", config.models.model)),
        Err(error) => (false, error.to_string()),
    };
    Finding { what: "encoder", fine, said }
}

fn python() -> Finding {
    let found = std::process::Command::new("python3").args(["-m", "pip", "--version"]).output();
    let fine = found.is_ok_and(|output| output.status.success());
    let said = if fine {
        "python3 and pip are there, as one of the encoder's sources"
    } else {
        "python3 with pip is not there: the encoder then comes from the hub or from `models.local`"
    };
    // Only one of three sources: its absence is no fault.
    Finding { what: "python", fine: true, said: said.to_owned() }
}
