//! Couriers: tasks of their own that send messages to webhooks, so that a receiver that answers slowly holds up no job.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// So many messages are under way at once in this process; each waits most of its time.
const COURIERS: usize = 16;
/// How often messages are looked for when nobody says that one came: those of other processes, and those to be tried again.
const POLL: Duration = Duration::from_secs(1);
/// How long messages under way may still take after the shutdown began: longer than a receiver may take, shorter than a lease.
const GRACE: Duration = Duration::from_secs(35);

/// Sends messages until `shutdown` is done, then lets those under way end.
///
/// # Cancel safety
/// A message whose sending was dropped is sent again when its lease ends.
pub async fn deliver(app: App, shutdown: impl Future<Output = ()> + Send) {
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(tick(app.clone(), stop.clone()));
    for _ in 0..COURIERS {
        tasks.spawn(courier(app.clone(), stop.clone()));
    }
    shutdown.await;
    stop.cancel();
    let drained = tokio::time::timeout(GRACE, async {
        while let Some(ended) = tasks.join_next().await {
            if ended.is_err() {
                tracing::error!("a courier panicked");
            }
        }
    });
    if drained.await.is_err() {
        tracing::warn!("messages to webhooks did not end within the grace; they are sent again");
    }
}

/// Wakes a courier for messages whose moment has come.
async fn tick(app: App, stop: CancellationToken) {
    let arrivals = app.delivery_arrivals();
    loop {
        arrivals.notify_one();
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

async fn courier(app: App, stop: CancellationToken) {
    let arrivals = app.delivery_arrivals();
    while !stop.is_cancelled() {
        // Listening begins before messages are looked for, so that what comes in between is not missed.
        let mut arrival = pin!(arrivals.notified());
        arrival.as_mut().enable();
        match AssertUnwindSafe(app.deliver_next()).catch_unwind().await {
            Ok(Ok(Some(_))) => continue,
            Ok(Ok(None)) => {}
            Ok(Err(error)) => {
                let causes = &error as &dyn std::error::Error;
                tracing::warn!(problem.causes = causes, "messages to webhooks could not be looked for; trying again");
            }
            Err(_) => tracing::error!("sending a message to a webhook panicked; it is sent again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = arrival => {}
        }
    }
}
