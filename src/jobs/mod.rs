//! The durable queue's runner.
