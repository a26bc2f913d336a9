//! The handler that gives the product's own jobs to the verbs.

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::app::{App, Work};
use crate::domain::job::LeasedJob;
use crate::jobs::{Handler, JobError};

/// Gives jobs to the verbs.
#[derive(Debug, Clone)]
pub struct AppHandler {
    app: App,
}

impl AppHandler {
    /// A handler over the verbs.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

impl Handler for AppHandler {
    fn run<'a>(&'a self, job: &'a LeasedJob) -> BoxFuture<'a, Result<(), JobError>> {
        async move {
            match self.app.work(job.workspace, &job.kind).await {
                Work::Done => Ok(()),
                Work::Later => Err(JobError::Later),
                Work::Outside(error) => {
                    tracing::warn!(job.id = %job.id, job.outages = job.setbacks.outages, error = &error as &dyn std::error::Error, "a job waits for something outside");
                    Err(JobError::Outside(error.to_string()))
                }
                Work::Retry(error) => {
                    tracing::warn!(job.id = %job.id, job.attempt = job.attempt, error = &error as &dyn std::error::Error, "a job failed and is tried again");
                    Err(JobError::Retry(error.to_string()))
                }
                Work::Hopeless(error) => {
                    tracing::error!(job.id = %job.id, error = &error as &dyn std::error::Error, "a job cannot be done");
                    Err(JobError::Dead(error.to_string()))
                }
            }
        }
        .boxed()
    }
}
