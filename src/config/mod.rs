//! Configuration: composes the options of the rooms, reads them in layers and warns of dangerous pairs.
//!
//! Order: the compiled-in `default.toml` (it is the manual), a file, `BACKCHANNEL__SECTION__KEY`, flags. Rooms never import it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::providers::{Env, Serialized};
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};
use serde::Deserialize;

use crate::connectors::email::Post;
use crate::connectors::slack::Slack;
use crate::connectors::teams::Teams;
use crate::{blobs, connectors, embed, index, server, store, telemetry};

/// Where the machines of clouds ask for their own credentials.
const METADATA: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];
/// The longest that a receiver of webhooks may take: far less than the lease on a message.
const LONGEST_RECEIVER_SECONDS: u64 = 30;

/// The manual of every key, with its default.
pub const DEFAULT: &str = include_str!("default.toml");

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the process keeps what it writes.
    pub data: Data,
    /// Where it listens.
    #[serde(default)]
    pub server: server::Options,
    /// What it tells.
    #[serde(default)]
    pub log: telemetry::Options,
    /// How it works in the background.
    pub jobs: Jobs,
    /// The database.
    #[serde(default)]
    pub database: store::Options,
    /// The Qdrant server, if one is used.
    #[serde(default)]
    pub qdrant: index::Options,
    /// The encoder.
    #[serde(default)]
    pub models: embed::Options,
    /// Files that come with tickets.
    #[serde(default)]
    pub attachments: blobs::Options,
    /// How files are taken apart.
    #[serde(default)]
    pub files: connectors::files::Options,
    /// Where and how long messages to webhooks are sent.
    #[serde(default)]
    pub webhooks: connectors::webhook::Options,
    /// How side conversations travel by e-mail.
    #[serde(default)]
    pub email: connectors::email::Options,
    /// How side conversations are held in Slack.
    #[serde(default)]
    pub slack: connectors::slack::Options,
    /// How side conversations are held in Teams.
    #[serde(default)]
    pub teams: connectors::teams::Options,
}

/// Where the process keeps what it writes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// A folder; made when it is not there.
    pub dir: PathBuf,
}

/// How the process works in the background.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// How many jobs run at once.
    pub workers: usize,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A layer does not parse, or a key has a wrong value.
    #[error("the configuration cannot be used: {reason}")]
    Invalid {
        /// What and where.
        reason: String,
    },
    /// The file that was named is not there.
    #[error("there is no configuration file `{0}`: check `--config`")]
    NoFile(PathBuf),
}

impl Config {
    /// Reads the layers; `flags` are `section.key` with their values and win over everything.
    ///
    /// # Errors
    /// [`ConfigError`] names the key and the layer that has it.
    pub fn load(file: Option<&Path>, flags: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut layers = Figment::from(Layer::parse("the built-in defaults", DEFAULT)?);
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.to_owned()));
            }
            let name = file.display().to_string();
            let text = fs_err::read_to_string(file).map_err(|error| ConfigError::Invalid { reason: error.to_string() })?;
            layers = layers.merge(Layer::parse(&name, &text)?);
        }
        layers = layers.merge(Env::prefixed("BACKCHANNEL__").split("__"));
        for (key, value) in flags {
            layers = layers.merge(Serialized::default(key, value));
        }
        let config: Self = layers.extract().map_err(|error| ConfigError::Invalid { reason: reason(error) })?;
        config.check()?;
        Ok(config)
    }

    /// Refuses values that cannot go together.
    fn check(&self) -> Result<(), ConfigError> {
        let blobs::Options { limit_bytes, unsent_files, unsent_bytes, dir: _ } = self.attachments;
        if unsent_bytes < limit_bytes {
            let reason = format!(
                "`attachments.unsent_bytes` is {unsent_bytes} and `attachments.limit_bytes` is {limit_bytes}, so that the largest files could \
                 never be uploaded: raise the first to {limit_bytes} at least, or lower the second"
            );
            return Err(ConfigError::Invalid { reason });
        }
        if unsent_files == 0 {
            let reason = "`attachments.unsent_files` is 0, so that no file could be uploaded: set 1 or more".to_owned();
            return Err(ConfigError::Invalid { reason });
        }
        if !(1..=LONGEST_RECEIVER_SECONDS).contains(&self.webhooks.timeout_seconds) {
            let reason = format!(
                "`webhooks.timeout_seconds` is {}: set 1 to {LONGEST_RECEIVER_SECONDS}, as a message that takes longer is taken for lost",
                self.webhooks.timeout_seconds
            );
            return Err(ConfigError::Invalid { reason });
        }
        let allowed = &self.webhooks.allowed_networks;
        Post::new(&self.email).map_err(|unfit| ConfigError::Invalid { reason: unfit.to_string() })?;
        Slack::new(&self.slack, allowed).map_err(|unfit| ConfigError::Invalid { reason: unfit.to_string() })?;
        Teams::new(&self.teams, allowed).map_err(|unfit| ConfigError::Invalid { reason: unfit.to_string() })?;
        let listened = [("server.listen", Some(&self.server.listen)), ("server.metrics_listen", self.server.metrics_listen.as_ref())];
        for (key, address) in listened.into_iter().filter_map(|(key, address)| Some((key, address?))) {
            if address.rsplit_once(':').is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err()) {
                let reason = format!("`{key}` is `{address}`: expected an address and a port, such as 127.0.0.1:7878");
                return Err(ConfigError::Invalid { reason });
            }
        }
        Ok(())
    }

    /// Pairs of settings that are legal and dangerous, one sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let https = self.server.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        if !is_loopback(&self.server.listen) && !https {
            warnings.push(
                "`server.listen` is reachable from other machines without HTTPS: put a proxy with TLS in front and set `server.public_url`"
                    .to_owned(),
            );
        }
        if self.server.metrics_listen.as_deref().is_some_and(|metrics| !is_loopback(metrics)) {
            warnings.push("`server.metrics_listen` is reachable from other machines and asks for no password".to_owned());
        }
        if self.database.url.is_some() && self.qdrant.url.is_none() {
            warnings.push(
                "`database.url` is shared but the index is embedded: only one process may serve; set `qdrant.url` for several".to_owned(),
            );
        }
        if self.database.url.is_some() && self.qdrant.url.is_some() && self.attachments.dir.is_none() {
            warnings.push(
                "`database.url` may be shared but attachments lie in `data.dir`: where several processes serve, set `attachments.dir` to a \
                 folder that all of them reach"
                    .to_owned(),
            );
        }
        let is_open = |address: &&IpAddr| self.webhooks.allowed_networks.iter().any(|network| network.holds(**address));
        if let Some(address) = METADATA.iter().find(is_open) {
            warnings.push(format!(
                "`webhooks.allowed_networks` holds {address}, where clouds give a machine its credentials: name smaller networks"
            ));
        }
        warnings
    }

    /// The folder of the files that come with tickets.
    #[must_use]
    pub fn attachments_dir(&self) -> PathBuf {
        self.attachments.dir.clone().unwrap_or_else(|| self.data.dir.join("attachments"))
    }
}

/// Whether an address leads only to this machine.
fn is_loopback(address: &str) -> bool {
    match address.parse::<SocketAddr>() {
        Ok(address) => address.ip().is_loopback(),
        Err(_) => address.starts_with("localhost:"),
    }
}

/// A file's settings under the name of the file.
struct Layer {
    name: String,
    table: toml::Table,
}

impl Layer {
    fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        match text.parse() {
            Ok(table) => Ok(Self { name: name.to_owned(), table }),
            Err(error) => Err(ConfigError::Invalid { reason: format!("{name}: {error}") }),
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Serialized::defaults(&self.table).data()
    }
}

/// What is wrong, each key with the layer that has it.
fn reason(error: figment::Error) -> String {
    let told = error.into_iter().map(|error| {
        let layer = error.metadata.as_ref().map_or_else(String::new, |metadata| format!("{}: ", metadata.name));
        let key = if error.path.is_empty() { String::new() } else { format!("`{}`: ", error.path.join(".")) };
        format!("{layer}{key}{}", error.kind)
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_is_the_default_of_every_room() {
        let config = Config::load(None, &BTreeMap::new()).unwrap();
        assert_eq!(config.server.listen, "127.0.0.1:7878");
        assert_eq!(config.server, server::Options::default());
        assert_eq!(config.attachments, blobs::Options::default());
        assert_eq!(config.log, telemetry::Options::default());
        assert_eq!(format!("{:?}", config.database), format!("{:?}", store::Options::default()));
        assert_eq!(format!("{:?}", config.qdrant), format!("{:?}", index::Options::default()));
        assert_eq!(format!("{:?}", config.models), format!("{:?}", embed::Options::default()));
        assert_eq!(format!("{:?}", config.files), format!("{:?}", connectors::files::Options::default()));
        assert_eq!(config.webhooks, connectors::webhook::Options::default());
        assert_eq!(format!("{:?}", config.email), format!("{:?}", connectors::email::Options::default()));
        assert_eq!(format!("{:?}", config.slack), format!("{:?}", connectors::slack::Options::default()));
        assert_eq!(format!("{:?}", config.teams), format!("{:?}", connectors::teams::Options::default()));
        assert_eq!(config.warnings(), Vec::<String>::new());
    }

    #[test]
    fn an_unknown_key_is_named() {
        let flags = BTreeMap::from([("server.listne".to_owned(), "127.0.0.1:1".to_owned())]);
        let error = Config::load(None, &flags).unwrap_err().to_string();
        assert!(error.contains("listne") && error.contains("listen"), "{error}");
    }

    #[test]
    fn a_wrong_value_is_told_with_its_key_and_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("desk.toml");
        fs_err::write(&file, "[server]\nlisten = 12\n").unwrap();
        let error = Config::load(Some(&file), &BTreeMap::new()).unwrap_err().to_string();
        let told = format!(
            "the configuration cannot be used: {}: `server.listen`: invalid type: found signed int `12`, expected a string",
            file.display()
        );
        assert_eq!(error, told);
    }

    #[test]
    fn a_quota_below_the_largest_file_is_refused_with_what_to_do() {
        let load = |key: &str, value: &str| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("desk.toml");
            fs_err::write(&file, format!("[attachments]\n{key} = {value}\n")).unwrap();
            Config::load(Some(&file), &BTreeMap::new()).map_err(|error| error.to_string())
        };
        let error = load("unsent_bytes", "26214399").unwrap_err();
        assert!(
            error.contains("`attachments.unsent_bytes` is 26214399") && error.contains("raise the first to 26214400 at least"),
            "{error}"
        );
        assert!(load("unsent_bytes", "26214400").is_ok());
        let error = load("limit_bytes", "2000000000").unwrap_err();
        assert!(error.contains("`attachments.limit_bytes` is 2000000000") && error.contains("lower the second"), "{error}");
        let error = load("unsent_files", "0").unwrap_err();
        assert!(error.contains("set 1 or more"), "{error}");
    }

    #[test]
    fn networks_for_webhooks_are_read_and_those_with_credentials_warned_of() {
        let load = |settings: &str| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("desk.toml");
            fs_err::write(&file, format!("[webhooks]\n{settings}\n")).unwrap();
            Config::load(Some(&file), &BTreeMap::new()).map_err(|error| error.to_string())
        };
        let warned = |settings: &str| load(settings).unwrap().warnings().len();
        assert_eq!(warned("allowed_networks = [\"10.20.0.0/16\", \"fd12::/16\", \"127.0.0.0/8\"]"), 0);
        assert_eq!(warned("allowed_networks = [\"0.0.0.0/0\"]"), 1);
        assert_eq!(warned("allowed_networks = [\"fd00::/8\"]"), 1, "a cloud's is private too");
        let error = load("allowed_networks = [\"10.20.0.0\"]").unwrap_err();
        assert!(error.contains("`10.20.0.0` is not a network") && error.contains("allowed_networks"), "{error}");
        for seconds in [0, 31] {
            let error = load(&format!("timeout_seconds = {seconds}")).unwrap_err();
            assert!(error.contains("set 1 to 30"), "{error}");
        }
    }

    #[test]
    fn an_address_without_host_or_port_is_refused() {
        let load = |key: &str, address: &str| Config::load(None, &BTreeMap::from([(key.to_owned(), address.to_owned())]));
        for address in ["abc", "127.0.0.1", ":7878", "127.0.0.1:99999", "localhost:http"] {
            let error = load("server.listen", address).unwrap_err().to_string();
            assert!(error.contains(&format!("`server.listen` is `{address}`: expected an address and a port")), "{error}");
        }
        for address in ["127.0.0.1:0", "localhost:7878", "[::1]:7878"] {
            assert!(load("server.listen", address).is_ok() && load("server.metrics_listen", address).is_ok(), "{address}");
        }
        assert!(load("server.metrics_listen", "9100").is_err());
    }

    #[test]
    fn an_open_door_without_https_is_warned_of() {
        let flags = BTreeMap::from([("server.listen".to_owned(), "0.0.0.0:7878".to_owned())]);
        assert_eq!(Config::load(None, &flags).unwrap().warnings().len(), 1);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Config::load(Some(Path::new("nowhere.toml")), &BTreeMap::new()).unwrap_err();
        assert_eq!(error.to_string(), "there is no configuration file `nowhere.toml`: check `--config`");
    }
}
