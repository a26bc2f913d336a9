//! The durable queue's runner: workers that claim jobs, hand them to a [`Handler`], and say how they ended.
//!
//! Beside them couriers, which send messages to webhooks, and the postman, who looks into the desk's mailbox.
//!
//! Knows the queue's rules and nothing of what a job does: the handler is `app`'s, put in by whoever starts the process. The clock
//! and the jitter are values handed in. Called by `cli` (`serve` with the role `worker` or `all`) and by tests, one job at a time.

mod courier;
mod heart;
mod postman;
mod runner;
mod work;

pub use courier::deliver;
pub use postman::collect;
pub use runner::{Handler, JobError, JobsError, Ran, Runner, RunnerOptions};
pub use work::AppHandler;
