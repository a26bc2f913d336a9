//! Slack: posting messages, looking whether they are there, and what people say in its channels.
//!
//! Holds the options, the signature of what Slack sends ([`Slack::is_signed`]), one call for each thing that is asked of it (`calls`), how a
//! message is written (`compose`), and how its events are read (`event`). Knows nothing of side conversations and of when to try again.

mod calls;
mod compose;
mod event;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use tokio::time::Instant;

pub use self::calls::{Found, Mark};
pub use self::event::{Heard, heard, said, users_named, written_plainly};
use crate::connectors::chat::{Line, Member, Pace};
use crate::connectors::network::Network;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Slug;

/// A signature is good for so long, in both directions.
const WINDOW_SECONDS: i64 = 300;
/// A channel takes a message a second.
const PACE: Duration = Duration::from_secs(1);

/// What an operator may set about Slack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The token of the app's bot: `xoxb-…`.
    pub bot_token: Option<SecretString>,
    /// What Slack signs its events with.
    pub signing_secret: Option<SecretString>,
    /// A token that may read the threads of channels, where that of the bot may not: `xoxp-…`.
    pub user_token: Option<SecretString>,
    /// The workspace whose side conversations are held in Slack; the only one when left out.
    pub workspace: Option<Slug>,
    /// Where Slack's methods are.
    pub api_url: String,
    /// How long Slack may take to answer, in seconds.
    pub timeout_seconds: u64,
    /// How long a message may take to be seen whose line broke, in seconds.
    pub settle_seconds: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bot_token: None,
            signing_secret: None,
            user_token: None,
            workspace: None,
            api_url: "https://slack.com/api".to_owned(),
            timeout_seconds: 15,
            settle_seconds: 60,
        }
    }
}

/// Options of Slack that cannot go together; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// One secret is given without the other.
    #[error("`slack.{missing}` is missing: give `slack.bot_token` and `slack.signing_secret` together, from the app's pages at Slack")]
    Missing {
        /// The key.
        missing: &'static str,
    },
    /// A token is of another kind; what it was is not repeated.
    #[error("`slack.{key}` does not begin with `{begins}`: copy the {what} from the app's page “OAuth & Permissions”")]
    Token {
        /// The key.
        key: &'static str,
        /// How it has to begin.
        begins: &'static str,
        /// What it is called there.
        what: &'static str,
    },
    /// The address of the methods cannot be used.
    #[error("`slack.api_url` cannot be used: {0}")]
    Api(String),
    /// A number that cannot work.
    #[error("`slack.timeout_seconds` is {0}: set 1 to 60")]
    Timeout(u64),
}

/// The desk's app in Slack; cloning shares its connections and its pace.
#[derive(Debug, Clone)]
pub struct Slack {
    /// The workspace that it belongs to; the only one when not given.
    pub workspace: Option<Slug>,
    /// How long a message may take to be seen whose line broke, in seconds.
    pub settle_seconds: u64,
    api: Url,
    bot_token: SecretString,
    user_token: Option<SecretString>,
    signing_secret: SecretString,
    line: Line,
    pace: Pace,
    /// The ids of channels that were looked for by name.
    channels: Arc<Mutex<HashMap<String, String>>>,
    /// People who were looked for.
    members: Arc<Mutex<HashMap<String, (Instant, Member)>>>,
}

impl Slack {
    /// The desk's app; `None` where nothing of it is set. `allowed` are networks that are not public and may be reached all the same.
    ///
    /// # Errors
    /// [`Unfit`] names the key and says what to do.
    pub fn new(options: &Options, allowed: &[Network]) -> Result<Option<Self>, Unfit> {
        let Options { bot_token, signing_secret, user_token, workspace, api_url, timeout_seconds, settle_seconds } = options;
        if !(1..=60).contains(timeout_seconds) {
            return Err(Unfit::Timeout(*timeout_seconds));
        }
        let given = |secret: &Option<SecretString>| secret.clone().filter(|secret| !secret.expose_secret().trim().is_empty());
        let (bot_token, signing_secret) = match (given(bot_token), given(signing_secret)) {
            (None, None) => return Ok(None),
            (Some(_), None) => return Err(Unfit::Missing { missing: "signing_secret" }),
            (None, Some(_)) => return Err(Unfit::Missing { missing: "bot_token" }),
            (Some(token), Some(secret)) => (token, secret),
        };
        let user_token = given(user_token);
        if !begins(&bot_token, &["xoxb-", "xoxe.xoxb-"]) {
            return Err(Unfit::Token { key: "bot_token", begins: "xoxb-", what: "bot user OAuth token" });
        }
        if user_token.as_ref().is_some_and(|token| !begins(token, &["xoxp-", "xoxe.xoxp-"])) {
            return Err(Unfit::Token { key: "user_token", begins: "xoxp-", what: "user OAuth token" });
        }
        let line = Line::new(allowed, *timeout_seconds);
        let api = line.address(&format!("{}/", api_url.trim_end_matches('/'))).map_err(|unfit| Unfit::Api(unfit.to_string()))?;
        Ok(Some(Self {
            workspace: workspace.clone(),
            settle_seconds: *settle_seconds,
            api,
            bot_token,
            user_token,
            signing_secret,
            line,
            pace: Pace::new(PACE),
            channels: Arc::default(),
            members: Arc::default(),
        }))
    }

    /// Whether Slack signed a request, lately: by the headers `X-Slack-Request-Timestamp` and `X-Slack-Signature`, over the bytes as they came.
    ///
    /// # Source
    /// Slack, "Verifying requests": `v0=` and the HMAC-SHA256 of `v0:{timestamp}:{body}` in hexadecimal.
    #[must_use]
    pub fn is_signed(&self, timestamp: &str, signature: &str, body: &[u8], now: Timestamp) -> bool {
        let Ok(seconds) = timestamp.parse::<i64>() else { return false };
        let now = now.seconds_since(Timestamp::from_micros(0));
        if now.saturating_sub(seconds).saturating_abs() > WINDOW_SECONDS {
            return false;
        }
        let Some(claimed) = signature.strip_prefix("v0=").and_then(|hex| hex::decode(hex).ok()) else { return false };
        let key = self.signing_secret.expose_secret().trim().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length: this is a bug");
        for part in [b"v0:".as_slice(), timestamp.as_bytes(), b":", body] {
            mac.update(part);
        }
        mac.verify_slice(&claimed).is_ok()
    }
}

fn begins(secret: &SecretString, with: &[&str]) -> bool {
    with.iter().any(|begin| secret.expose_secret().trim().starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options {
            bot_token: Some("xoxb-1-hush".into()),
            signing_secret: Some("8f742231b10e8888abcd99yyyzzz85a5".into()),
            ..Options::default()
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused_without_a_secret_in_the_words() {
        assert!(Slack::new(&Options::default(), &[]).unwrap().is_none());
        assert!(Slack::new(&options(), &[]).unwrap().is_some());
        let refused = |options: Options| Slack::new(&options, &[]).unwrap_err().to_string();
        assert!(refused(Options { signing_secret: None, ..options() }).contains("slack.signing_secret"));
        assert!(refused(Options { bot_token: None, ..options() }).contains("slack.bot_token"));
        let said = refused(Options { bot_token: Some("xapp-1-hush".into()), ..options() });
        assert!(said.contains("xoxb-") && !said.contains("hush"), "{said}");
        assert!(refused(Options { user_token: Some("xoxb-1-hush".into()), ..options() }).contains("xoxp-"));
        assert!(refused(Options { api_url: "http://slack.example/api".to_owned(), ..options() }).contains("slack.api_url"));
        assert!(refused(Options { timeout_seconds: 0, ..options() }).contains("1 to 60"));
        assert!(!format!("{:?}{:?}", options(), Slack::new(&options(), &[])).contains("hush"));
    }

    /// The published example of Slack.
    #[test]
    fn the_published_example_is_taken_for_signed_within_five_minutes_and_as_it_is() {
        let slack = Slack::new(&options(), &[]).unwrap().unwrap();
        let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let sent = 1_531_420_618;
        for late in [0, 300, -300] {
            assert!(slack.is_signed("1531420618", signature, body, at(sent + late)), "{late}");
        }
        for late in [301, -301] {
            assert!(!slack.is_signed("1531420618", signature, body, at(sent + late)), "{late}");
        }
        assert!(!slack.is_signed("1531420618", signature, &body[1..], at(sent)));
        assert!(!slack.is_signed("1531420619", signature, body, at(sent)));
        for wrong in ["", "v0=", "v0=a2114d57", &signature[3..], "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"] {
            assert!(!slack.is_signed("1531420618", wrong, body, at(sent)), "{wrong}");
        }
        assert!(!slack.is_signed("soon", signature, body, at(sent)));
    }
}
