//! `serve` and `demo`: the long-running commands.

use std::future::Future;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::boot::{self, Running};
use crate::cli::CliError;
use crate::cli::args::ServeRole;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::config::Config;
use crate::demo;
use crate::domain::user::Actor;
use crate::domain::vocabulary::Role;
use crate::jobs::{AppHandler, Runner, RunnerOptions};
use crate::server::{self, Servers};
use crate::{app, store};

const DEMO_TOKEN: &str = "demo";

/// Serves until it is told to stop.
pub(super) async fn serve(config: Config, role: ServeRole, out: &Out) -> Result<(), CliError> {
    if role != ServeRole::All && (config.database.url.is_none() || config.qdrant.url.is_none()) {
        return Err(CliError::Said(
            "roles split over processes share a database and an index: set `database.url` and `qdrant.url`, or use `--role all`".to_owned(),
        ));
    }
    for warning in config.warnings() {
        out.note(&format!("warning: {warning}"));
    }
    let servers = Servers::bind(config.server.listen, config.server.metrics_listen).await?;
    // The data folder is held only where it holds something: replicas on PostgreSQL and Qdrant keep nothing in it.
    let shared = config.database.url.is_some() && config.qdrant.url.is_some();
    let lock = if shared { None } else { Some(boot::lock(&config.data.dir)?) };
    let running = boot::open(&config, lock, fetching(*out)).await?;
    if running.app.needs_setup().await? {
        let secret = running.app.make_setup_secret().await;
        out.note(&format!("Nobody is set up yet. Open this link once to become the first admin:\n  {}", sign_in_url(&config, &servers, &secret)));
    }
    out.note(&format!("Serving on {}", base_url(&config, &servers)));
    run(&config, servers, running, role, std::future::pending()).await
}

/// Loads the demo company and serves it.
pub(super) async fn demo(mut config: Config, out: &Out) -> Result<(), CliError> {
    // The demo never mixes with an installation of its own in the same folder.
    config.data.dir = config.data.dir.join("demo");
    let servers = Servers::bind(config.server.listen, config.server.metrics_listen).await?;
    let lock = boot::lock(&config.data.dir)?;
    let running = boot::open(&config, Some(lock), fetching(*out)).await?;
    let bar = out.bar("Loading the company", Unit::Things);
    let (actor, taken) = demo::load(&running.app, &|done, total| bar.set(done, total)).await?;
    bar.finish();

    let token = fresh_token(&running.app, &actor).await?;
    let user = actor.user.ok_or_else(|| CliError::Said("the demo has no admin: remove its data folder and start again".to_owned()))?;
    let link = running.app.make_sign_in_link(&actor, user).await?;
    out.line("");
    out.line(&format!("  Backchannel is ready at  {}", base_url(&config, &servers)));
    out.line(&format!("  Sign in, once, with      {}", sign_in_url(&config, &servers, &link)));
    out.line(&format!("  API token                {token}"));
    out.line("");
    if taken.is_some() {
        out.note("The panels are being prepared; tickets that you open go first. Stop with Ctrl-C.");
    }
    let watch = watch_panels(running.store.clone(), actor, *out);
    run(&config, servers, running, ServeRole::All, watch).await
}

/// Runs servers and workers until the process is told to stop, then lets both finish.
async fn run(
    config: &Config,
    servers: Servers,
    running: Running,
    role: ServeRole,
    beside: impl Future<Output = ()> + Send + 'static,
) -> Result<(), CliError> {
    let Running { app, store, lock } = running;
    let stop = CancellationToken::new();
    let beside = tokio::spawn(beside);
    let worker = (role != ServeRole::Api).then(|| {
        let runner = Runner::new(store.clone(), Arc::new(AppHandler::new(app.clone())), app::wall_clock(), app::jitter(), RunnerOptions::default());
        let (stop, workers) = (stop.clone(), config.jobs.workers.max(1));
        tokio::spawn(async move { runner.run(workers, stop.cancelled_owned()).await })
    });
    let routes = if role == ServeRole::Worker { server::health_only(app.clone()) } else { server::routes(&app, config.server.public_url.as_deref()) };
    let told = stop.clone();
    tokio::spawn(async move {
        server::told_to_stop().await;
        told.cancel();
    });
    let served = servers.serve(routes, stop.clone().cancelled_owned()).await;
    stop.cancel();
    beside.abort();
    if let Some(worker) = worker {
        match worker.await {
            Ok(ended) => ended?,
            Err(_) => return Err(CliError::Said("the background workers ended by a bug: see the log".to_owned())),
        }
    }
    store.close().await;
    drop(lock);
    Ok(served?)
}

/// Shows how many panels are still being prepared, until none is.
async fn watch_panels(store: store::Store, actor: Actor, out: Out) {
    let bar = out.bar("Preparing the panels", Unit::Things);
    let mut most = 0;
    loop {
        let Ok(counts) = store::job::counts(&store, actor.workspace).await else { return };
        let left = u64::try_from(counts.ready + counts.running).unwrap_or(0);
        most = left.max(most);
        bar.set(most - left, most);
        if left == 0 {
            bar.finish();
            if most > 0 {
                out.note("Every panel is ready.");
            }
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

/// Every start makes a new token, because only its hash is kept, and revokes the one before.
async fn fresh_token(app: &App, actor: &Actor) -> Result<String, CliError> {
    for old in app.tokens(actor).await?.into_iter().filter(|token| token.name == DEMO_TOKEN && token.revoked_at.is_none()) {
        app.revoke_token(actor, old.id).await?;
    }
    let (_, secret) = app.create_token(actor, DEMO_TOKEN, Role::Admin, actor.teams.clone()).await?;
    Ok(secret.expose().to_owned())
}

fn base_url(config: &Config, servers: &Servers) -> String {
    config.server.public_url.clone().unwrap_or_else(|| format!("http://{}", servers.address()))
}

fn sign_in_url(config: &Config, servers: &Servers, secret: &str) -> String {
    // After the `#`-less path: the secret is part of the path so that it reaches the server, and used up by a button, not by the visit.
    format!("{}/sign-in/{secret}", base_url(config, servers).trim_end_matches('/'))
}
