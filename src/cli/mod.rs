//! The command line: arguments in, words or JSON out, one file per command.
//!
//! Calls the verbs as the admin of a workspace. Errors end with a hint on a line of its own.

mod admin;
mod args;
mod bench;
mod demo_token;
mod eval;
mod heads;
mod ingest;
mod models;
mod ops;
mod out;
mod serve;
mod train;
mod triage;
mod upkeep;

use std::process::ExitCode;

use clap::Parser;

use crate::boot;
use crate::cli::args::{Args, Command};
use crate::cli::out::Out;
use crate::config::{Config, ConfigError};

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The start of the process.
    #[error(transparent)]
    Boot(#[from] boot::BootError),
    /// A verb.
    #[error(transparent)]
    App(#[from] crate::app::Error),
    /// A server.
    #[error(transparent)]
    Server(#[from] crate::server::ServeError),
    /// Logs or metrics.
    #[error(transparent)]
    Telemetry(#[from] crate::telemetry::TelemetryError),
    /// The store, where a command asks it directly.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The queue's runner.
    #[error(transparent)]
    Jobs(#[from] crate::jobs::JobsError),
    /// The models.
    #[error(transparent)]
    Model(#[from] crate::embed::models::ModelError),
    /// The encoder, where a command runs it directly.
    #[error(transparent)]
    Embed(#[from] crate::embed::EmbedError),
    /// The manifest of models.
    #[error(transparent)]
    Manifest(#[from] crate::embed::manifest::ManifestError),
    /// The demo company.
    #[error(transparent)]
    Demo(#[from] crate::demo::DemoError),
    /// An evaluation.
    #[error(transparent)]
    Eval(#[from] crate::eval::error::EvalError),
    /// A file.
    #[error("`{path}`: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Something else, said in a sentence that tells what to do.
    #[error("{0}")]
    Said(String),
}

/// Parses the arguments and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let out = Out::new(args.json);
    if let Command::ExtractChild { format } = &args.command {
        return crate::connectors::files::run_child(*format);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out.error(&error);
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(args, &out)) {
        Ok(code) => code,
        Err(error) => {
            out.error(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args, out: &Out) -> Result<ExitCode, CliError> {
    let config = Config::load(args.config.as_deref(), &args.flags())?;
    let mut log = config.log.clone();
    // Commands speak for themselves: only warnings may interrupt them, unless a filter was asked for.
    if !matches!(args.command, Command::Serve { .. }) && log.filter == "info" {
        "warn".clone_into(&mut log.filter);
    }
    crate::telemetry::install_logs(&log)?;
    let workspace = args.workspace.clone();
    let workspace = workspace.as_ref();
    if args.command.works_on_data() && boot::is_absent(&config).await? {
        let dir = config.data.dir.display();
        return Err(CliError::Said(format!("`{dir}` holds no installation: check `--data-dir`, or begin one with `backchannel serve`")));
    }
    match args.command {
        Command::Demo => serve::demo(config, out).await?,
        Command::Serve { role } => serve::serve(config, role, out).await?,
        Command::Ingest { paths, audience } => return ingest::ingest(&config, workspace, &paths, audience, out).await,
        Command::Triage { file } => return triage::triage(&config, workspace, &file, out).await,
        Command::Heads(command) => heads::run(&config, workspace, command, out).await?,
        Command::Models(command) => models::run(&config, command, out).await?,
        Command::Train { builtin: Some(name), data: Some(data), texts, out: to } => {
            train::builtin(&config, name, &data, &texts, &to, *out).await?;
        }
        Command::Train { .. } => heads::train(&config, workspace, out).await?,
        Command::Eval(command) => return Box::pin(eval::run(&config, command, *out)).await,
        Command::Playbook(command) => admin::playbook(&config, workspace, command, out).await?,
        Command::SignInLink { email, role, teams } => {
            admin::sign_in_link(&config, workspace, email.map(|email| admin::Guest { email, role, teams }), out).await?;
        }
        Command::Token(command) => admin::token(&config, workspace, command, out).await?,
        Command::Audit(command) => return admin::audit(&config, workspace, command, out).await,
        Command::Reindex => ops::reindex(&config, workspace, out).await?,
        Command::Jobs(command) => ops::jobs(&config, workspace, command, out).await?,
        Command::Doctor => return ops::doctor(&config, out).await,
        Command::Openapi => out.line(&crate::api::openapi::openapi()),
        Command::ExtractChild { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}
