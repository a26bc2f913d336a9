//! The postman: a task of its own that looks into the desk's mailbox.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::time::{sleep, timeout};

use crate::app::App;

/// So long the mail that is just being taken in may still take; whoever is next begins with it otherwise, once the lease has ended.
const GRACE: Duration = Duration::from_secs(5);

/// Looks into the mailbox until `shutdown` is done, and takes in to its end what it has begun with; where there is none, only waits for that.
///
/// # Cancel safety
/// A mail whose taking in was dropped is taken in by the next one.
pub async fn collect(app: App, shutdown: impl Future<Output = ()> + Send) {
    let is_over = AtomicBool::new(false);
    let ended = || is_over.load(Ordering::Relaxed);
    let mut shutdown = std::pin::pin!(shutdown);
    let Some(poll) = app.mailbox_poll() else { return shutdown.await };
    loop {
        let mut reading = std::pin::pin!(read(&app, &ended));
        tokio::select! {
            () = &mut reading => {}
            () = &mut shutdown => {
                is_over.store(true, Ordering::Relaxed);
                let _ = timeout(GRACE, reading).await;
                return;
            }
        }
        tokio::select! {
            () = sleep(poll) => {}
            () = &mut shutdown => return,
        }
    }
}

async fn read(app: &App, is_over: &(dyn Fn() -> bool + Sync)) {
    match AssertUnwindSafe(app.collect_mail_until(is_over)).catch_unwind().await {
        Ok(Ok(_)) => {}
        // It was told to stop.
        Ok(Err(_)) if is_over() => {}
        Ok(Err(error)) => {
            tracing::warn!(problem.causes = &error as &dyn std::error::Error, "the mailbox could not be read; trying again");
        }
        Err(_) => tracing::error!("reading the mailbox panicked; trying again"),
    }
}
