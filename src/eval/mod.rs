//! Suites, datasets and runs.
