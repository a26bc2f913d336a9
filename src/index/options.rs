//! Settings of the server arm: the section `qdrant` of the configuration.

use secrecy::SecretString;
use serde::Deserialize;

/// The section `qdrant`: where the server is. Without a `url` the embedded index is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The gRPC address of the server, such as `http://qdrant:6334`; none by default.
    pub url: Option<String>,
    /// The key that the server asks for; none by default.
    pub api_key: Option<SecretString>,
    /// What the names of our collections begin with; `backchannel` by default.
    pub collection_prefix: String,
    /// How long to wait for an answer, in milliseconds; 10,000 by default.
    pub timeout_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { url: None, api_key: None, collection_prefix: "backchannel".to_owned(), timeout_ms: 10_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<Options>("url = \"http://localhost:6334\"").is_ok());
        assert!(toml::from_str::<Options>("uri = \"http://localhost:6334\"").is_err());
    }

    #[test]
    fn the_key_is_never_printed() {
        let options: Options = toml::from_str("api_key = \"quite-secret\"").unwrap();
        assert!(!format!("{options:?}").contains("quite-secret"));
    }
}
