//! Keeping an installation well while it serves.

use std::time::Duration;

use crate::app::{App, Error};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// What failed is tried again after so long, then each time after twice as long, up to when it would have been due anyway.
const FIRST_RETRY: Duration = Duration::from_mins(5);

/// How often something is due, and how soon again after it failed.
struct Pace {
    every: Duration,
    failures: u32,
}

impl Pace {
    const fn every(every: Duration) -> Self {
        Self { every, failures: 0 }
    }

    /// How long to wait for the next time.
    fn next(&mut self, is_done: bool) -> Duration {
        if is_done {
            self.failures = 0;
            return self.every;
        }
        let wait = FIRST_RETRY.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        wait.min(self.every)
    }
}

/// Does what is due once an hour and once a day, each beside the others and at the start, apart from what was done before serving. Never
/// ends.
pub(super) async fn keep_well(app: App) {
    let forget = repeat("forgetting files that were not sent", HOUR, async || app.forget_unsent().await);
    let tidy = repeat("tidying the folder of attachments", DAY, async || app.tidy_attachments().await);
    let tend = async {
        tokio::time::sleep(DAY).await;
        repeat("the daily upkeep", DAY, async || app.tend().await).await;
    };
    tokio::join!(forget, tidy, tend);
}

async fn repeat<F: Future<Output = Result<(), Error>>>(what: &'static str, every: Duration, mut work: impl FnMut() -> F) {
    let mut pace = Pace::every(every);
    loop {
        let done = work().await;
        let wait = pace.next(done.is_ok());
        if let Err(error) = done {
            let causes = &error as &dyn std::error::Error;
            tracing::warn!(upkeep.what = what, retry.after_s = wait.as_secs(), problem.causes = causes, "upkeep failed and is tried again");
        }
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_tried_again_in_minutes_and_ever_more_rarely() {
        let minutes = |pace: &mut Pace, is_done| pace.next(is_done).as_secs() / 60;
        let mut pace = Pace::every(DAY);
        assert_eq!(minutes(&mut pace, true), 24 * 60);
        assert_eq!([(); 10].map(|()| minutes(&mut pace, false)), [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]);
        assert_eq!([(); 40].map(|()| minutes(&mut pace, false)), [1440; 40]);
        assert_eq!(minutes(&mut pace, true), 24 * 60);
        assert_eq!(minutes(&mut pace, false), 5, "what worked again begins anew");
        let mut pace = Pace::every(HOUR);
        assert_eq!([(); 5].map(|()| minutes(&mut pace, false)), [5, 10, 20, 40, 60]);
    }
}
