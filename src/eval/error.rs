//! Why an evaluation did not come to its end.

/// Why an evaluation did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// No suite has this name.
    #[error("there is no suite `{name}`: take one of `{known}`, or name a file that ends in `.toml`")]
    NoSuite {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A file is no suite.
    #[error("suite `{name}`: {reason}")]
    Suite {
        /// Which.
        name: String,
        /// Why.
        reason: String,
    },
    /// A run cannot be read.
    #[error("`{path}` cannot be read: name a file that `eval run --out` wrote")]
    Run {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be read.
    #[error("`{path}` cannot be read: `--data` names the folder that the suite's paths are relative to")]
    Read {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("`{path}` cannot be written")]
    Write {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line is no record of the task.
    #[error("line {line} of `{path}`: {reason}")]
    Line {
        /// Of which file.
        path: String,
        /// Which, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// There is too little to learn from, or nothing to ask.
    #[error("{0}")]
    TooLittle(String),
    /// A suite asks for a metric that its task does not have.
    #[error("suite `{suite}` asks for the metric `{metric}`, which this task does not have: take one of `{known}`")]
    NoMetric {
        /// Which suite.
        suite: String,
        /// What it asks for.
        metric: String,
        /// What there is.
        known: String,
    },
    /// The playbook of a suite is not there or is wrong.
    #[error("the playbook `{path}` of suite `{suite}` cannot be used: the folder is relative to the one that `--data` names")]
    Playbook {
        /// Which suite.
        suite: String,
        /// Which folder.
        path: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file is no report of a run.
    #[error("`{path}` is no report of a run: {reason}; `eval run … --out FILE` writes one")]
    NoReport {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
    /// Two runs cannot be compared.
    #[error("the runs cannot be compared: {0}")]
    Apart(String),
    /// A file of a public set is not the one that the suites were made with.
    #[error("`{path}` is another file than the one that the suites use: its sum is {found}, not {expected}; see `eval/datasets.toml`")]
    Sum {
        /// Which file.
        path: String,
        /// The sum that it has.
        found: String,
        /// The sum that it should have.
        expected: String,
    },
    /// The desk failed.
    #[error("the desk could not triage the tickets")]
    Desk(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The index failed.
    #[error("the texts could not be searched")]
    Index(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The encoder failed.
    #[error("the texts could not be encoded")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
}
