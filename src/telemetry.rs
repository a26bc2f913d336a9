//! Logs and metrics: how the process says what it does.
//!
//! Sets up the one subscriber and the one recorder, and counts HTTP calls. Logs go to standard error: readable lines on a
//! terminal, JSON elsewhere. Knows no room of the house; `cli` installs both, `server` counts and renders. Nothing that is
//! written here holds a customer's text: rooms log ids, counts and causes.

use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};
use std::time::Duration;

use metrics::{counter, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

const CALLS: &str = "backchannel_http_requests_total";
const SECONDS: &str = "backchannel_http_request_duration_seconds";

/// Bounds of the histogram in seconds: a panel should take less than 0.06, a triage far less.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What an admin may set about logs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Which events are written, such as `info` or `info,backchannel::jobs=debug`.
    pub filter: String,
    /// How they are written.
    pub format: Format,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people on a terminal, as JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Why logs or metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("the log filter `{filter}` cannot be read: write levels such as `info,backchannel::jobs=debug`")]
    Filter {
        /// The filter.
        filter: String,
        /// What is wrong with it.
        #[source]
        source: ParseError,
    },
    /// A subscriber is there already.
    #[error("logs are set up already")]
    Subscriber(#[source] TryInitError),
    /// The recorder cannot be made, or one is there already.
    #[error("metrics are set up already, or their options are wrong")]
    Recorder(#[source] BuildError),
}

/// The metrics of the process, to be rendered for Prometheus.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Default for Options {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: Format::Auto }
    }
}

/// Sets up logs and a panic hook that logs where a panic happened, without its message.
///
/// # Errors
/// [`TelemetryError`] when the filter cannot be read or logs are set up already.
pub fn install_logs(options: &Options) -> Result<(), TelemetryError> {
    let Options { filter, format } = options;
    // The embedded index warns of its own start-up order at every start, which nobody here can change.
    let quiet = format!("qdrant_edge=error,{filter}");
    let filter = EnvFilter::try_new(quiet).map_err(|source| TelemetryError::Filter { filter: filter.clone(), source })?;
    let is_terminal = io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(is_terminal);
    match format {
        Format::Human => builder.finish().try_init(),
        Format::Auto if is_terminal => builder.finish().try_init(),
        Format::Auto | Format::Json => builder.json().flatten_event(true).finish().try_init(),
    }
    .map_err(TelemetryError::Subscriber)?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// The message of a panic may quote what was being worked on, so only its place is logged.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(panic.location = place, "a part of the program panicked: this is a bug");
}

/// Sets up the recorder of metrics.
///
/// # Errors
/// [`TelemetryError`] when one is there already.
pub fn install_metrics() -> Result<Metrics, TelemetryError> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BUCKETS).map_err(TelemetryError::Recorder)?;
    let handle = builder.install_recorder().map_err(TelemetryError::Recorder)?;
    metrics::describe_counter!(CALLS, "HTTP calls answered, by method, route and status");
    metrics::describe_histogram!(SECONDS, metrics::Unit::Seconds, "Time to the head of the answer, by method and route");
    Ok(Metrics(handle))
}

impl Metrics {
    /// Everything that was measured, in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

/// Counts an answered call; `route` is a template such as `/v1/tickets/{ticket}`, never a path.
pub fn record_call(method: &'static str, route: &str, status: u16, took: Duration) {
    counter!(CALLS, "method" => method, "route" => route.to_owned(), "status" => status.to_string()).increment(1);
    histogram!(SECONDS, "method" => method, "route" => route.to_owned()).record(took.as_secs_f64());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_named() {
        let options = Options { filter: "backchannel=loud".into(), format: Format::Json };
        let error = install_logs(&options).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the log filter `backchannel=loud` cannot be read: write levels such as `info,backchannel::jobs=debug`"
        );
    }

    #[test]
    fn a_call_is_counted_by_its_route() {
        let metrics = install_metrics().unwrap();
        record_call("GET", "/v1/tickets/{ticket}", 200, Duration::from_millis(3));
        let text = metrics.render();
        assert!(text.contains(r#"backchannel_http_requests_total{method="GET",route="/v1/tickets/{ticket}",status="200"} 1"#), "{text}");
        assert!(text.contains(r#"le="0.0025"} 0"#) && text.contains(r#"le="0.005"} 1"#), "{text}");
    }
}
