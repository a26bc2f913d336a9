//! `serve` and `demo`: the long-running commands.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::{self, App};
use crate::boot::{self, BootError, DataLock, Running};
use crate::cli::args::ServeRole;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::cli::{CliError, demo_token, upkeep};
use crate::config::Config;
use crate::demo;
use crate::domain::user::Actor;
use crate::jobs::{self, AppHandler, JobsError, Runner, RunnerOptions};
use crate::server::{self, ServeError, Service};
use crate::{store, telemetry};

/// What the demo's folder is called.
const DEMO: &str = "demo";

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
    let doors = Doors::bind(&config).await?;
    // The data folder is held only where it holds something: replicas on PostgreSQL and Qdrant keep nothing in it.
    let shared = config.database.url.is_some() && config.qdrant.url.is_some();
    let lock = if shared { None } else { Some(doors.hold(&config.data.dir).await?) };
    let running = boot::open(&config, lock, fetching(*out)).await?;
    if role != ServeRole::Worker && running.app.needs_setup().await? {
        let secret = running.app.make_setup_link().await?;
        out.note(&format!(
            "Nobody is set up yet. Open this link within a day to become the first admin:\n  {}",
            doors.sign_in_url(&secret)
        ));
    }
    if role != ServeRole::Api {
        // Before serving is told, so that whoever waits for the queue waits for this too. Files are looked at beside serving.
        running.app.tend().await?;
    }
    out.note(&format!("Serving on {}", doors.url));
    run(&config, doors, running, role, std::future::pending()).await
}

/// Loads the demo company and serves it.
pub(super) async fn demo(mut config: Config, out: &Out) -> Result<(), CliError> {
    config.data.dir = folder_of_demo(config.data.dir);
    let doors = Doors::bind(&config).await?;
    let lock = doors.hold(&config.data.dir).await?;
    let running = boot::open(&config, Some(lock), fetching(*out)).await?;
    let bar = out.bar("Loading the company", Unit::Things);
    let (actor, loaded) = demo::load(&running.app, &|done, total| bar.set(done, total)).await?;
    bar.finish();

    running.app.tend().await?;
    let token = demo_token::kept(&running.app, &actor, &config.data.dir).await?;
    let user = actor.user.ok_or_else(|| CliError::Said("the demo has no admin: remove its data folder and start again".to_owned()))?;
    let link = running.app.make_sign_in_link(&actor, user).await?;
    out.line("");
    out.line(&format!("  Backchannel is ready at  {}", doors.url));
    out.line(&format!("  Sign in, once, with      {}", doors.sign_in_url(&link)));
    out.line(&format!("  API token                {token}"));
    out.line(&format!("  Commands on its data     backchannel --data-dir {} …", config.data.dir.display()));
    out.line("");
    if loaded.is_some() {
        out.note("The panels are being prepared; tickets that you open go first. Stop with Ctrl-C.");
    }
    let watch = watch_panels(running.store.clone(), actor, *out);
    run(&config, doors, running, ServeRole::All, watch).await
}

/// The demo lies in a folder of its own name, beside an installation of one's own: in the one that is given where that is called so, as
/// it is where somebody gives the folder that the demo printed.
fn folder_of_demo(given: PathBuf) -> PathBuf {
    if given.file_name().is_some_and(|name| name == DEMO) { given } else { given.join(DEMO) }
}

/// Runs servers and workers until the process is told to stop, then lets both finish.
async fn run(
    config: &Config,
    doors: Doors,
    running: Running,
    role: ServeRole,
    beside: impl Future<Output = ()> + Send + 'static,
) -> Result<(), CliError> {
    let Running { app, store, lock } = running;
    let stop = CancellationToken::new();
    let Doors { main, metrics, url } = doors;
    let main = Service { listener: main, router: server::routes(&app, role != ServeRole::Worker, &url) };
    let metrics = match metrics {
        Some(listener) => Some(Service { listener, router: server::metrics_router(telemetry::install_metrics()?) }),
        None => None,
    };
    let beside = tokio::spawn(beside);
    let upkeep = (role != ServeRole::Api).then(|| tokio::spawn(upkeep::keep_well(app.clone())));
    let workers = (role != ServeRole::Api).then(|| {
        let runner =
            Runner::new(store.clone(), Arc::new(AppHandler::new(app.clone())), app::wall_clock(), app::jitter(), RunnerOptions::default());
        let (stop, workers) = (stop.clone(), config.jobs.workers.max(1));
        tokio::spawn(work(app.clone(), runner, workers, stop))
    });
    let drain = Duration::from_secs(config.server.drain_seconds);
    let servers = server::serve(main, metrics, stop.cancelled(), drain);
    let ended = together(&stop, server::stop_signal(), servers, workers).await;
    beside.abort();
    if let Some(upkeep) = upkeep {
        upkeep.abort();
    }
    if tokio::time::timeout(drain, app.wind_down()).await.is_err() {
        tracing::warn!(drain.limit_s = drain.as_secs(), "work that somebody left behind is cut");
    }
    store.close().await;
    // Last of all: nobody else may open the folder while anything here still writes to it.
    drop(app);
    drop(lock);
    ended
}

/// Runs the workers of the queue until they are told to stop, and beside them the couriers of webhooks and the postman, who end with them in
/// any case.
async fn work(app: App, runner: Runner, workers: usize, stop: CancellationToken) -> Result<(), JobsError> {
    let over = stop.child_token();
    let postman = jobs::collect(app.clone(), over.clone().cancelled_owned());
    let couriers = jobs::deliver(app, over.clone().cancelled_owned());
    let workers = async {
        let ended = runner.run(workers, stop.cancelled_owned()).await;
        over.cancel();
        ended
    };
    tokio::join!(workers, couriers, postman).0
}

/// Waits for the signal, or for servers or workers that end without it; then tells all of them to stop at the same moment, so that no
/// job is begun while calls finish, and waits until both have.
async fn together(
    stop: &CancellationToken,
    signal: impl Future<Output = ()>,
    servers: impl Future<Output = Result<(), ServeError>>,
    workers: Option<JoinHandle<Result<(), JobsError>>>,
) -> Result<(), CliError> {
    let signal = async {
        tokio::select! {
            () = signal => stop.cancel(),
            () = stop.cancelled() => {}
        }
    };
    let servers = async {
        let ended = servers.await;
        stop.cancel();
        ended
    };
    let workers = async {
        let Some(workers) = workers else { return Ok(()) };
        let ended = workers.await;
        // Without them pages are served and nothing is done behind them: whoever watches the process must see it end.
        let asked = stop.is_cancelled();
        stop.cancel();
        match ended {
            Ok(Ok(())) if asked => Ok(()),
            Ok(Err(error)) => Err(error.into()),
            Ok(Ok(())) | Err(_) => Err(CliError::Said("the background workers ended by a bug: see the log, and start again".to_owned())),
        }
    };
    let ((), served, worked) = tokio::join!(signal, servers, workers);
    worked?;
    Ok(served?)
}

/// Shows how many panels are still being prepared, until none is.
async fn watch_panels(store: store::Store, actor: Actor, out: Out) {
    let bar = out.bar("Preparing the panels", Unit::Things);
    let mut most = 0;
    loop {
        let Ok(left) = store::panel::unfinished(&store, actor.workspace).await else { return };
        let left = u64::try_from(left).unwrap_or(0);
        most = left.max(most);
        bar.set(most - left, most);
        if left == 0 {
            bar.finish();
            if most > 0 {
                out.note("Every panel is ready.");
            }
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// The bound listeners, so that a taken port is told before anything is opened.
struct Doors {
    main: TcpListener,
    metrics: Option<TcpListener>,
    /// How browsers reach the service.
    url: String,
}

impl Doors {
    async fn bind(config: &Config) -> Result<Self, ServeError> {
        let main = server::bind("server.listen", &config.server.listen).await?;
        let metrics = match &config.server.metrics_listen {
            Some(address) => Some(server::bind("server.metrics_listen", address).await?),
            None => None,
        };
        let own = main.local_addr().map_or_else(|_| config.server.listen.clone(), |address| address.to_string());
        let url = config.server.public_url.clone().unwrap_or_else(|| format!("http://{own}"));
        Ok(Self { main, metrics, url })
    }

    /// Holds the data folder, with a note for commands beside this process where it serves.
    async fn hold(&self, dir: &Path) -> Result<DataLock, BootError> {
        let lock = boot::lock_soon(dir).await?;
        lock.note_url(dir, &self.url)?;
        Ok(lock)
    }

    /// Visiting the link does not use it up; the button on its page does.
    fn sign_in_url(&self, secret: &str) -> String {
        format!("{}/sign-in/{secret}", self.url.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::io;

    use super::*;

    /// Servers that serve until they are told to stop.
    async fn servers(stop: &CancellationToken) -> Result<(), ServeError> {
        stop.cancelled().await;
        Ok(())
    }

    /// Workers that work until they are told to stop.
    fn workers(stop: &CancellationToken) -> JoinHandle<Result<(), JobsError>> {
        let stop = stop.clone();
        tokio::spawn(async move {
            stop.cancelled().await;
            Ok(())
        })
    }

    #[test]
    fn a_folder_called_demo_is_the_demos_own() {
        for (given, used) in [("data", "data/demo"), ("demo", "demo"), ("data/demo/", "data/demo"), ("demo/data", "demo/data/demo")] {
            assert_eq!(folder_of_demo(PathBuf::from(given)), PathBuf::from(used), "{given}");
        }
    }

    #[tokio::test]
    async fn a_signal_stops_servers_and_workers_at_once() {
        let stop = CancellationToken::new();
        together(&stop, ready(()), servers(&stop), Some(workers(&stop))).await.unwrap();
        let stop = CancellationToken::new();
        together(&stop, ready(()), servers(&stop), None).await.unwrap();
    }

    #[tokio::test]
    async fn workers_that_end_early_end_the_process_with_an_error() {
        type Life = fn() -> Result<(), JobsError>;
        let lives: [(Life, &str); 3] = [
            (|| Ok(()), "ended by a bug"),
            (|| Err(JobsError::Ended { part: "a job worker" }), "a job worker ended by a bug"),
            (|| panic!("a worker that panics"), "ended by a bug"),
        ];
        for (life, words) in lives {
            let stop = CancellationToken::new();
            let workers = tokio::spawn(async move { life() });
            let error = together(&stop, pending(), servers(&stop), Some(workers)).await.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[tokio::test]
    async fn a_listener_that_breaks_lets_the_workers_finish() {
        let stop = CancellationToken::new();
        let workers = workers(&stop);
        let broken = ready(Err(ServeError::Serve(io::Error::other("gone"))));
        let error = together(&stop, pending(), broken, Some(workers)).await.unwrap_err();
        assert_eq!(error.to_string(), "the listener stopped");
        assert!(stop.is_cancelled());
    }
}
