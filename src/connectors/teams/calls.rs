//! One call for each thing that is asked of Teams.

use std::time::Duration;

use form_urlencoded::Serializer;
use reqwest::header::CONTENT_TYPE;
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Bot, Teams};
use crate::connectors::chat::{self, Member, Part, Trouble, text};
use crate::domain::outbox::SendReason;
use crate::domain::vocabulary::ChannelName;

const SCOPE: &str = "https://api.botframework.com/.default";
/// A token is not used in its last minutes, as requests take a while.
const MARGIN: Duration = Duration::from_mins(5);

/// Where messages of a side conversation go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One way, by the workflow of a channel of the directory.
    Workflow(ChannelName),
    /// A channel by its id, by the bot.
    Channel(String),
}

impl Teams {
    /// Where messages for a channel of the directory go, by its name and its address.
    ///
    /// # Errors
    /// [`SendReason::ChannelUnknown`] where it has no workflow and its address is not the id of a channel.
    pub fn target(&self, name: &ChannelName, address: &str) -> Result<Target, Trouble> {
        if self.workflows.contains_key(name) {
            return Ok(Target::Workflow(name.clone()));
        }
        let address = address.trim();
        if self.has_bot() && address.starts_with("19:") {
            return Ok(Target::Channel(address.to_owned()));
        }
        Err(Trouble::Refused(SendReason::ChannelUnknown))
    }

    /// Whether Teams gives this installation a token; true where it needs none.
    ///
    /// # Errors
    /// [`Trouble`] says why not.
    pub async fn check(&self) -> Result<(), Trouble> {
        match &self.bot {
            Some(bot) => self.token(bot).await.map(drop),
            None => Ok(()),
        }
    }

    /// Posts a card by the workflow of a channel.
    ///
    /// # Errors
    /// [`Trouble::Unknown`] where it may have been posted all the same.
    ///
    /// # Cancel safety
    /// Dropped halfway, it may have been posted or not.
    pub async fn post_by_workflow(&self, name: &ChannelName, part: &Part) -> Result<(), Trouble> {
        let url = self.workflows.get(name).ok_or(Trouble::Refused(SendReason::ChannelUnknown))?;
        let url = self.line.address(url.expose_secret()).map_err(|_| Trouble::Refused(SendReason::NotAllowed))?;
        self.pace.wait(name.as_str()).await;
        let body = json!({"type": "message", "attachments": [part.shown]});
        match self.line.ask(|client| chat::json(client.post(url), &body)).await?.status {
            status if status.is_success() => Ok(()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Trouble::later(SendReason::LoginRefused)),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(Trouble::Refused(SendReason::ChannelUnknown)),
            StatusCode::PAYLOAD_TOO_LARGE => Err(Trouble::Refused(SendReason::TooLarge)),
            _ => Err(Trouble::Refused(SendReason::Rejected)),
        }
    }

    /// Posts a card as the bot, as an answer to `root` if there is one; gives its id. `service_url` is where Teams said that it wants to be
    /// answered, if it did.
    ///
    /// # Errors
    /// [`Trouble::Unknown`] where it may have been posted all the same.
    ///
    /// # Cancel safety
    /// Dropped halfway, it may have been posted or not.
    pub async fn post(&self, service_url: Option<&str>, channel: &str, root: Option<&str>, part: &Part) -> Result<String, Trouble> {
        let bot = self.bot.as_ref().ok_or(Trouble::later(SendReason::LoginRefused))?;
        let conversation = root.map_or_else(|| channel.to_owned(), |root| format!("{channel};messageid={root}"));
        let url = self.place(bot, service_url, &[&conversation, "activities"])?;
        let token = self.token(bot).await?;
        self.pace.wait(channel).await;
        let body = json!({
            "type": "message",
            "from": {"id": format!("28:{}", bot.app_id)},
            "summary": part.text,
            "channelData": {"tenant": {"id": bot.tenant}},
            "attachments": [part.shown],
        });
        let answer = self.line.ask(|client| chat::json(client.post(url).bearer_auth(token.expose_secret()), &body)).await?;
        match answer.status {
            status if status.is_success() => text(&answer.body["id"]).ok_or(Trouble::Unknown),
            StatusCode::UNAUTHORIZED => {
                *bot.token.lock().await = None;
                Err(Trouble::later(SendReason::LoginRefused))
            }
            StatusCode::FORBIDDEN => Err(Trouble::Refused(SendReason::NotInChannel)),
            StatusCode::NOT_FOUND => Err(Trouble::Refused(SendReason::ChannelUnknown)),
            StatusCode::PAYLOAD_TOO_LARGE => Err(Trouble::Refused(SendReason::TooLarge)),
            _ => Err(Trouble::Refused(SendReason::Rejected)),
        }
    }

    /// Somebody of a conversation by their id.
    ///
    /// # Errors
    /// [`Trouble`] says why nobody is known.
    pub async fn member(&self, service_url: Option<&str>, channel: &str, user: &str) -> Result<Member, Trouble> {
        let bot = self.bot.as_ref().ok_or(Trouble::later(SendReason::LoginRefused))?;
        let url = self.place(bot, service_url, &[channel, "members", user])?;
        let token = self.token(bot).await?;
        let answer = self.line.ask(|client| client.get(url).bearer_auth(token.expose_secret())).await.map_err(Trouble::of_reading)?;
        match answer.status {
            status if status.is_success() => {
                let addresses = [&answer.body["email"], &answer.body["userPrincipalName"]];
                let address = addresses.into_iter().filter_map(text).find_map(|address| address.parse().ok());
                Ok(Member { address, name: text(&answer.body["name"]).unwrap_or_else(|| user.to_owned()) })
            }
            StatusCode::UNAUTHORIZED => {
                *bot.token.lock().await = None;
                Err(Trouble::later(SendReason::LoginRefused))
            }
            _ => Err(Trouble::Refused(SendReason::PersonUnknown)),
        }
    }

    /// A place under a conversation; where Teams wants to be answered is looked at like every address that somebody else names.
    fn place(&self, bot: &Bot, service_url: Option<&str>, under: &[&str]) -> Result<Url, Trouble> {
        let mut url = match service_url {
            Some(url) => self.line.address(url).map_err(|_| Trouble::Refused(SendReason::NotAllowed))?,
            None => bot.service_url.clone(),
        };
        let mut path = url.path_segments_mut().map_err(|()| Trouble::Refused(SendReason::NotAllowed))?;
        path.pop_if_empty().extend(["v3", "conversations"]).extend(under);
        drop(path);
        Ok(url)
    }

    /// The bot's token; asked for once, however many want it.
    async fn token(&self, bot: &Bot) -> Result<SecretString, Trouble> {
        let mut kept = bot.token.lock().await;
        if let Some((token, until)) = kept.as_ref()
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let form = credentials(bot);
        let asked =
            self.line.ask(|client| client.post(bot.token_url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form));
        let answer = asked.await.map_err(Trouble::of_reading)?;
        let token = token_in(&answer.body).filter(|_| answer.status.is_success()).ok_or(Trouble::later(SendReason::LoginRefused))?;
        let lasts = Duration::from_secs(answer.body["expires_in"].as_u64().unwrap_or(3600));
        *kept = Some((token.clone(), Instant::now() + lasts.saturating_sub(MARGIN)));
        Ok(token)
    }
}

fn credentials(bot: &Bot) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials").append_pair("client_id", &bot.app_id);
    form.append_pair("client_secret", bot.app_secret.expose_secret().trim()).append_pair("scope", SCOPE);
    form.finish()
}

fn token_in(body: &Value) -> Option<SecretString> {
    text(&body["access_token"]).map(SecretString::from)
}
