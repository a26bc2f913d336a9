//! The playbook's files, in and out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The playbook: the text of each TOML file by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"files": {"thresholds.toml": "[abstain]\nintent = 0.5\n"}}))]
pub struct PlaybookFiles {
    /// The files, such as `intents.toml`.
    pub files: BTreeMap<String, String>,
}

/// The version that a playbook was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlaybookVersionOut {
    /// The version, from 1.
    pub version: i64,
}
