//! The postman: a task of its own that looks into the desk's mailbox.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

use crate::app::App;

/// Looks into the mailbox until `shutdown` is done; where there is none, only waits for that.
///
/// # Cancel safety
/// A mail whose taking in was dropped is taken in by the next one.
pub async fn collect(app: App, shutdown: impl Future<Output = ()> + Send) {
    let looking = async {
        let Some(poll) = app.mailbox_poll() else { return std::future::pending().await };
        loop {
            match AssertUnwindSafe(app.collect_mail()).catch_unwind().await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(problem.causes = &error as &dyn std::error::Error, "the mailbox could not be read; trying again");
                }
                Err(_) => tracing::error!("reading the mailbox panicked; trying again"),
            }
            tokio::time::sleep(poll).await;
        }
    };
    tokio::select! {
        () = shutdown => {}
        () = looking => {}
    }
}
