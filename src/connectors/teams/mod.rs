//! Microsoft Teams: posting cards, by a bot or one way by a workflow, and what people say to the bot.
//!
//! Holds the options, the calls (`calls`), how a message is written (`card`), whom what comes in is of (`trust`), and how it is read (`activity`).
//! Teams has nothing by which a message could be looked for: what may have arrived, a person says. Knows nothing of side conversations.

mod activity;
mod calls;
mod card;
mod trust;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use self::activity::{Heard, heard, said, written_plainly};
pub use self::calls::Target;
pub use self::trust::Distrust;
use self::trust::Keys;
use crate::connectors::chat::{Line, Pace};
use crate::connectors::network::Network;
use crate::domain::vocabulary::{ChannelName, Slug};

/// A workflow takes four requests a second, and a conversation no more; a few arrive sooner than they were sent.
const PACE: Duration = Duration::from_millis(300);

/// What an operator may set about Teams.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The id of the bot's app.
    pub app_id: Option<String>,
    /// The secret of the bot's app.
    pub app_secret: Option<SecretString>,
    /// The tenant that the bot's app belongs to.
    pub tenant: Option<String>,
    /// The workspace whose side conversations are held in Teams; the only one when left out.
    pub workspace: Option<Slug>,
    /// Where the bot speaks first.
    pub service_url: String,
    /// Where the bot's token comes from.
    pub login_url: String,
    /// Where the keys are named of those who speak to the bot.
    pub openid_url: String,
    /// How long Teams may take to answer, in seconds.
    pub timeout_seconds: u64,
    /// The addresses of workflows that post to channels of the directory, by the channels' short names.
    pub workflows: BTreeMap<ChannelName, SecretString>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            app_id: None,
            app_secret: None,
            tenant: None,
            workspace: None,
            service_url: "https://smba.trafficmanager.net/teams/".to_owned(),
            login_url: "https://login.microsoftonline.com".to_owned(),
            openid_url: "https://login.botframework.com/v1/.well-known/openidconfiguration".to_owned(),
            timeout_seconds: 15,
            workflows: BTreeMap::new(),
        }
    }
}

/// Options of Teams that cannot go together; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Some of what a bot needs is missing.
    #[error("`teams.{missing}` is missing: give `teams.app_id`, `teams.app_secret` and `teams.tenant` together")]
    Missing {
        /// The key.
        missing: &'static str,
    },
    /// A text that cannot be the id of an app or a tenant.
    #[error("`teams.{key}` is no id: expected one such as 00000000-0000-0000-0000-000000000000")]
    Id {
        /// The key.
        key: &'static str,
    },
    /// An address cannot be used; that of a workflow is a secret and not repeated.
    #[error("`teams.{key}` cannot be used: {why}")]
    Address {
        /// The key.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// A number that cannot work.
    #[error("`teams.timeout_seconds` is {0}: set 1 to 60")]
    Timeout(u64),
}

/// The desk in Teams; cloning shares its connections, its token and its pace.
#[derive(Debug, Clone)]
pub struct Teams {
    /// The workspace that it belongs to; the only one when not given.
    pub workspace: Option<Slug>,
    bot: Option<Bot>,
    workflows: BTreeMap<ChannelName, SecretString>,
    line: Line,
    pace: Pace,
}

/// A bot of the Bot Framework.
#[derive(Debug, Clone)]
struct Bot {
    app_id: String,
    app_secret: SecretString,
    tenant: String,
    service_url: Url,
    token_url: Url,
    openid_url: Url,
    /// Held while a new one is asked for, so that it is asked for once.
    token: Arc<Mutex<Option<(SecretString, Instant)>>>,
    keys: Arc<Mutex<Keys>>,
}

impl Teams {
    /// The desk in Teams; `None` where nothing of it is set. `allowed` are networks that are not public and may be reached all the same.
    ///
    /// # Errors
    /// [`Unfit`] names the key and says what to do.
    pub fn new(options: &Options, allowed: &[Network]) -> Result<Option<Self>, Unfit> {
        if !(1..=60).contains(&options.timeout_seconds) {
            return Err(Unfit::Timeout(options.timeout_seconds));
        }
        let line = Line::new(allowed, options.timeout_seconds);
        for (name, url) in &options.workflows {
            let checked = line.address(url.expose_secret());
            checked.map_err(|unfit| Unfit::Address { key: format!("workflows.{name}"), why: unfit.to_string() })?;
        }
        let bot = Bot::new(options, &line)?;
        if bot.is_none() && options.workflows.is_empty() {
            return Ok(None);
        }
        let (workspace, workflows) = (options.workspace.clone(), options.workflows.clone());
        Ok(Some(Self { workspace, bot, workflows, line, pace: Pace::new(PACE) }))
    }

    /// Whether there is a bot, so that answers can come.
    #[must_use]
    pub const fn has_bot(&self) -> bool {
        self.bot.is_some()
    }

    /// Whether something may be of the tenant that the bot belongs to; a tenant that is called by its domain is not compared.
    #[must_use]
    pub fn is_own_tenant(&self, tenant: &str) -> bool {
        self.bot.as_ref().is_some_and(|bot| bot.tenant.contains('.') || bot.tenant.eq_ignore_ascii_case(tenant))
    }
}

impl Bot {
    fn new(options: &Options, line: &Line) -> Result<Option<Self>, Unfit> {
        let Options { app_id, app_secret, tenant, service_url, login_url, openid_url, .. } = options;
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let secret = app_secret.clone().filter(|secret| !secret.expose_secret().trim().is_empty());
        let (app_id, app_secret, tenant) = match (given(app_id), secret, given(tenant)) {
            (None, None, None) => return Ok(None),
            (Some(app_id), Some(secret), Some(tenant)) => (app_id, secret, tenant),
            (None, ..) => return Err(Unfit::Missing { missing: "app_id" }),
            (_, None, _) => return Err(Unfit::Missing { missing: "app_secret" }),
            (.., None) => return Err(Unfit::Missing { missing: "tenant" }),
        };
        for (key, id) in [("app_id", &app_id), ("tenant", &tenant)] {
            // A tenant may be called by its domain too.
            if !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')) {
                return Err(Unfit::Id { key });
            }
        }
        let address =
            |key: &str, url: &str| line.address(url).map_err(|unfit| Unfit::Address { key: key.to_owned(), why: unfit.to_string() });
        let token_url = format!("{}/{tenant}/oauth2/v2.0/token", login_url.trim_end_matches('/'));
        Ok(Some(Self {
            service_url: address("service_url", service_url)?,
            token_url: address("login_url", &token_url)?,
            openid_url: address("openid_url", openid_url)?,
            app_id,
            app_secret,
            tenant,
            token: Arc::default(),
            keys: Arc::default(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    fn options() -> Options {
        Options { app_id: Some(ID.to_owned()), app_secret: Some("hush".into()), tenant: Some(ID.to_owned()), ..Options::default() }
    }

    #[test]
    fn what_does_not_go_together_is_refused_without_a_secret_in_the_words() {
        assert!(Teams::new(&Options::default(), &[]).unwrap().is_none());
        assert!(Teams::new(&options(), &[]).unwrap().unwrap().has_bot());
        let refused = |options: Options| Teams::new(&options, &[]).unwrap_err().to_string();
        assert!(refused(Options { app_id: None, ..options() }).contains("teams.app_id"));
        assert!(refused(Options { app_secret: None, ..options() }).contains("teams.app_secret"));
        assert!(refused(Options { tenant: None, ..options() }).contains("teams.tenant"));
        assert!(refused(Options { tenant: Some("a/b".to_owned()), ..options() }).contains("teams.tenant"));
        assert!(refused(Options { login_url: "http://login.example".to_owned(), ..options() }).contains("teams.login_url"));
        assert!(refused(Options { timeout_seconds: 61, ..options() }).contains("1 to 60"));
        let workflow = |url: &str| BTreeMap::from([("lab".parse().unwrap(), url.into())]);
        let said = refused(Options { workflows: workflow("http://hooks.example/in?sig=hush"), ..Options::default() });
        assert!(said.contains("teams.workflows.lab") && !said.contains("hush"), "{said}");
        let one_way = Teams::new(&Options { workflows: workflow("https://hooks.example/in?sig=hush"), ..Options::default() }, &[]);
        assert!(!one_way.as_ref().unwrap().as_ref().unwrap().has_bot());
        assert!(!format!("{:?}{one_way:?}", Teams::new(&options(), &[])).contains("hush"));
    }
}
