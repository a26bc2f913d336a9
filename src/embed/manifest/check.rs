//! What an entry of a manifest must be, and where a download may lead.

use std::path::{Component, Path};

use reqwest::Url;
use serde::Deserialize;

use crate::domain::vocabulary::Language;
use crate::embed::manifest::{
    Architecture, CONFIG_FILE, ManifestError, Model, ModelFile, Pooling, Source, TOKENIZER_FILE, WEIGHTS_FILE, invalid,
};
use crate::embed::options::Precision;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawModel {
    name: String,
    revision: String,
    licence: String,
    architecture: Architecture,
    dimensions: usize,
    pooling: Pooling,
    normalize: bool,
    max_tokens: usize,
    /// The coarsest that was measured to be good enough.
    #[serde(default = "exact")]
    precision: Precision,
    /// Empty says nothing: every language is then trusted alike.
    #[serde(default)]
    languages: Vec<Language>,
    #[serde(default)]
    query_prefix: String,
    #[serde(default)]
    passage_prefix: String,
    files: Vec<ModelFile>,
    sources: Vec<Source>,
}

impl TryFrom<RawModel> for Model {
    type Error = ManifestError;

    fn try_from(raw: RawModel) -> Result<Self, ManifestError> {
        let RawModel {
            name,
            revision,
            licence,
            architecture,
            dimensions,
            pooling,
            normalize,
            max_tokens,
            precision,
            languages,
            query_prefix,
            passage_prefix,
            files,
            sources,
        } = raw;
        let refuse = |field, reason: &str| invalid(&name, field, reason);
        if !is_plain_name(&name) {
            return Err(refuse("name", "must be letters, digits, `.`, `_` or `-`, and start with a letter or digit"));
        }
        if !is_plain_name(&revision) {
            return Err(refuse("revision", "must be letters, digits, `.`, `_` or `-`, and start with a letter or digit"));
        }
        if !(1..=8192).contains(&dimensions) {
            return Err(refuse("dimensions", "must be between 1 and 8192"));
        }
        if !(3..=8192).contains(&max_tokens) {
            return Err(refuse("max_tokens", "must be between 3 and 8192"));
        }
        if !normalize {
            return Err(refuse("normalize", "must be `true`: vectors are compared by cosine here"));
        }
        for required in [CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE] {
            if files.iter().filter(|file| file.name == required).count() != 1 {
                return Err(refuse("files", &format!("must have `{required}` once")));
            }
        }
        if let Some(file) = files.iter().find(|file| !is_plain_name(&file.name)) {
            return Err(refuse("files", &format!("has `{}`, which is not a plain file name", file.name)));
        }
        if sources.is_empty() {
            return Err(refuse("sources", "must name at least one"));
        }
        for source in &sources {
            check_source(source, &revision).map_err(|reason| refuse("sources", &reason))?;
        }
        Ok(Self {
            name,
            revision,
            licence,
            architecture,
            dimensions,
            pooling,
            max_tokens,
            precision,
            languages,
            query_prefix,
            passage_prefix,
            files,
            sources,
        })
    }
}

const fn exact() -> Precision {
    Precision::Exact
}

/// Whether a text can be part of a path and of an address without changing where either leads, nor be read as an option.
fn is_plain_name(text: &str) -> bool {
    text.len() <= 100
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// Fills the address of a hub's file in.
pub(in crate::embed) fn file_address(template: &str, revision: &str, file: &str) -> String {
    template.replace("{revision}", revision).replace("{file}", file)
}

fn check_source(source: &Source, revision: &str) -> Result<(), String> {
    match source {
        Source::Local => Ok(()),
        Source::Hub { url, hosts } => {
            if !url.contains("{file}") {
                return Err("needs `{file}` in the `url` of a hub".to_owned());
            }
            let address = Url::parse(&file_address(url, revision, WEIGHTS_FILE)).map_err(|error| format!("has a bad `url`: {error}"))?;
            if !scheme_is_allowed(&address) {
                return Err("needs `https` in the `url` of a hub, unless it is on this machine".to_owned());
            }
            if !address.host_str().is_some_and(|host| host_is_allowed(host, hosts)) {
                return Err("needs the host of `url` among the `hosts` of a hub".to_owned());
            }
            Ok(())
        }
        Source::PythonPackage { requirement, folder } => {
            let pinned = requirement.split_once("==").is_some_and(|(name, version)| is_plain_name(name) && is_plain_name(version));
            if !pinned {
                return Err("needs a `requirement` of the form `NAME==VERSION`".to_owned());
            }
            if !Path::new(folder).components().all(|part| matches!(part, Component::Normal(_))) {
                return Err("needs a `folder` inside the package".to_owned());
            }
            Ok(())
        }
    }
}

/// Whether a host is one of `hosts`, where a leading dot stands for sub-domains.
pub(in crate::embed) fn host_is_allowed(host: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|allowed| if allowed.starts_with('.') { host.ends_with(allowed.as_str()) } else { host == allowed })
}

/// Whether an address is safe to fetch from: encrypted, or on this machine.
pub(in crate::embed) fn scheme_is_allowed(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && url.host_str().is_some_and(is_on_this_machine))
}

/// Whether a host is this machine.
pub(in crate::embed) fn is_on_this_machine(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_with_a_leading_dot_stands_for_sub_domains_only() {
        let hosts = ["hub.example".to_owned(), ".cdn.example".to_owned()];
        for (host, allowed) in [
            ("hub.example", true),
            ("x.hub.example", false),
            ("a.cdn.example", true),
            ("cdn.example", false),
            ("evilcdn.example", false),
            ("cdn.example.evil", false),
        ] {
            assert_eq!(host_is_allowed(host, &hosts), allowed, "{host}");
        }
    }
}
