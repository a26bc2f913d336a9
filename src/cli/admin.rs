//! `playbook`, `token` and `audit`: what an admin does from the command line.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::app::App;
use crate::boot;
use crate::cli::CliError;
use crate::cli::args::{AuditCommand, PlaybookCommand, TokenCommand};
use crate::cli::models::fetching;
use crate::cli::out::Out;
use crate::config::Config;
use crate::domain::vocabulary::{EmailAddress, Role, Slug, TeamName};
use crate::store::audit::{self, AuditVerdict};

#[derive(Serialize)]
struct TokenLine {
    id: String,
    name: String,
    role: &'static str,
    created_at: String,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
}

pub(super) async fn playbook(config: &Config, workspace: Option<&Slug>, command: PlaybookCommand, out: &Out) -> Result<(), CliError> {
    match command {
        PlaybookCommand::Check { dir } => {
            App::check_playbook(&read(&dir)?)?;
            out.line("the playbook is fine");
        }
        PlaybookCommand::Apply { dir } => {
            let files = read(&dir)?;
            let running = boot::open(config, None, fetching(*out)).await?;
            let actor = running.app.admin_of(workspace).await?;
            let version = running.app.apply_playbook(&actor, files).await?;
            out.line(&format!("version {version} is in force"));
        }
        PlaybookCommand::Export { dir } => {
            let running = boot::open(config, None, fetching(*out)).await?;
            let actor = running.app.admin_of(workspace).await?;
            let files = running.app.playbook_files(&actor).await?;
            let error = |source| CliError::File { path: dir.display().to_string(), source };
            fs_err::create_dir_all(&dir).map_err(error)?;
            for (name, text) in &files {
                fs_err::write(dir.join(name), text).map_err(error)?;
            }
            out.line(&format!("{} files are in {}", files.len(), dir.display()));
        }
    }
    Ok(())
}

/// The TOML files of a folder, by name; other files are told apart by the playbook's own check.
fn read(dir: &Path) -> Result<BTreeMap<String, String>, CliError> {
    let error = |source| CliError::File { path: dir.display().to_string(), source };
    let mut files = BTreeMap::new();
    for entry in fs_err::read_dir(dir).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_file() && !name.starts_with('.') {
            files.insert(name, fs_err::read_to_string(&path).map_err(error)?);
        }
    }
    if files.is_empty() {
        return Err(CliError::Said(format!("`{}` has no files: a playbook is a folder of TOML such as `intents.toml`", dir.display())));
    }
    Ok(files)
}

/// Whom a sign-in link is for, when it is not for the admin.
pub(super) struct Guest {
    pub(super) email: EmailAddress,
    pub(super) role: Role,
    pub(super) teams: Vec<TeamName>,
}

pub(super) async fn sign_in_link(config: &Config, workspace: Option<&Slug>, guest: Option<Guest>, out: &Out) -> Result<(), CliError> {
    let running = boot::open(config, None, fetching(*out)).await?;
    let actor = running.app.admin_of(workspace).await?;
    let user = match (guest, actor.user) {
        (Some(Guest { email, role, teams }), _) => {
            let directory = running.app.directory(&actor).await?;
            let name = directory.people.get(&email).map_or_else(|| email.to_string(), |person| person.name.clone());
            let user = running.app.put_user(&actor, email, &name, role).await?.id;
            if !teams.is_empty() {
                running.app.set_user_teams(&actor, user, teams.into_iter().collect()).await?;
            }
            user
        }
        (None, Some(admin)) => admin,
        (None, None) => return Err(CliError::Said("name whom the link is for, by address".to_owned())),
    };
    let secret = running.app.make_sign_in_link(&actor, user).await?;
    // Whoever serves knows best where: it may have been started with other settings than this command.
    let configured = || config.server.public_url.clone().unwrap_or_else(|| format!("http://{}", config.server.listen));
    let base = boot::served_at(&config.data.dir).unwrap_or_else(configured);
    let url = format!("{}/sign-in/{secret}", base.trim_end_matches('/'));
    out.result(&serde_json::json!({ "url": url }), |_| url.clone());
    Ok(())
}

pub(super) async fn token(config: &Config, workspace: Option<&Slug>, command: TokenCommand, out: &Out) -> Result<(), CliError> {
    let running = boot::open(config, None, fetching(*out)).await?;
    let app = &running.app;
    let actor = app.admin_of(workspace).await?;
    match command {
        TokenCommand::Create { name, role, teams } => {
            let (token, secret) = app.create_token(&actor, &name, role, teams.into_iter().collect()).await?;
            out.result(&serde_json::json!({ "id": token.id, "token": secret.expose() }), |_| {
                format!("{}\nIt is shown only now; keep it safe. Its id is {}.", secret.expose(), token.id)
            });
        }
        TokenCommand::List => {
            let lines: Vec<TokenLine> = app
                .tokens(&actor)
                .await?
                .into_iter()
                .map(|token| TokenLine {
                    id: token.id.to_string(),
                    name: token.name,
                    role: token.role.as_str(),
                    created_at: token.created_at.to_string(),
                    last_used_at: token.last_used_at.map(|at| at.to_string()),
                    revoked_at: token.revoked_at.map(|at| at.to_string()),
                })
                .collect();
            out.result(&lines, |lines| {
                let row = |line: &TokenLine| {
                    let state = line.revoked_at.as_ref().map_or_else(
                        || line.last_used_at.as_ref().map_or("never used".to_owned(), |at| format!("last used {at}")),
                        |at| format!("revoked {at}"),
                    );
                    format!("{}  {:<9} {:<24} {state}", line.id, line.role, line.name)
                };
                lines.iter().map(row).collect::<Vec<_>>().join("\n")
            });
        }
        TokenCommand::Revoke { id } => {
            app.revoke_token(&actor, id).await?;
            out.line("revoked");
        }
    }
    Ok(())
}

pub(super) async fn audit(config: &Config, workspace: Option<&Slug>, command: AuditCommand, out: &Out) -> Result<ExitCode, CliError> {
    let AuditCommand::Verify = command;
    let running = boot::open(config, None, fetching(*out)).await?;
    let actor = running.app.admin_of(workspace).await?;
    Ok(match audit::verify(&running.store, actor.workspace, None).await? {
        AuditVerdict::Whole { checkpoint } => {
            out.line(&format!("the audit trail is whole: {} lines, ending in {}", checkpoint.n, checkpoint.mac));
            ExitCode::SUCCESS
        }
        AuditVerdict::Broken { n, reason } => {
            out.line(&format!("the audit trail was changed at line {n}: {reason:?}"));
            ExitCode::FAILURE
        }
    })
}
