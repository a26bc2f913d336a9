//! One call for each thing that is asked of Slack.
//!
//! Slack knows no key under which the same message is taken only once. So each message carries one of the desk's in its metadata, and after a
//! broken line the conversation is read again: its metadata comes back with `conversations.history` and `conversations.replies`.

use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Slack;
use crate::connectors::chat::{self, Member, Part, Trouble, locked, text};
use crate::domain::outbox::SendReason;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::EmailAddress;

/// So long somebody is believed to be who they were.
const KNOWN_FOR: Duration = Duration::from_hours(1);
const MOST_KNOWN: usize = 10_000;
/// How many pages are read to find a channel or a message.
const MOST_PAGES: usize = 20;
/// How the metadata of the desk's messages are called.
const METADATA: &str = "backchannel_message";
/// Clocks differ; a message that begins a thread is looked for from so long before it was written.
const EARLIER_SECONDS: i64 = 3600;

/// What a message carries so that it is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The same at every try; forged by nobody.
    pub key: &'a str,
    /// Which part of the message, from 0.
    pub part: u32,
}

/// What was found of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which part of it.
    pub part: u32,
    /// Its id in the channel.
    pub posting: String,
}

impl Slack {
    /// Whether Slack lets this installation in.
    ///
    /// # Errors
    /// [`Trouble`] says why not.
    pub async fn check(&self) -> Result<(), Trouble> {
        self.get("auth.test", &[], &self.bot_token).await.map(drop)
    }

    /// The id of a channel by its id or name, with or without its `#`.
    ///
    /// # Errors
    /// [`SendReason::ChannelUnknown`] where there is none that the app can see.
    pub async fn channel(&self, called: &str) -> Result<String, Trouble> {
        let name = called.trim().trim_start_matches('#');
        if is_id(name) {
            return Ok(name.to_owned());
        }
        if let Some(id) = locked(&self.channels).get(name) {
            return Ok(id.clone());
        }
        let mut cursor = String::new();
        for _ in 0..MOST_PAGES {
            let asked = [("types", "public_channel,private_channel"), ("limit", "1000"), ("exclude_archived", "true"), ("cursor", &cursor)];
            let page = self.get("conversations.list", &asked, &self.bot_token).await?;
            let found = list(&page["channels"]).find(|channel| channel["name"] == name).and_then(|channel| channel["id"].as_str());
            if let Some(id) = found {
                locked(&self.channels).insert(name.to_owned(), id.to_owned());
                return Ok(id.to_owned());
            }
            cursor = next_cursor(&page);
            if cursor.is_empty() {
                break;
            }
        }
        Err(Trouble::Refused(SendReason::ChannelUnknown))
    }

    /// The id of somebody by their address.
    ///
    /// # Errors
    /// [`SendReason::PersonUnknown`] where nobody has it.
    pub async fn person(&self, address: &EmailAddress) -> Result<String, Trouble> {
        let found = self.get("users.lookupByEmail", &[("email", address.as_str())], &self.bot_token).await?;
        text(&found["user"]["id"]).ok_or(Trouble::later(SendReason::ServerBusy))
    }

    /// The id of the direct conversation with some people, by their ids; opened where there is none.
    ///
    /// # Errors
    /// [`Trouble`] says why there is none.
    pub async fn direct(&self, people: &[String]) -> Result<String, Trouble> {
        let body = json!({"users": people.join(","), "return_im": false});
        let opened = self.post_json("conversations.open", &body).await.map_err(Trouble::of_reading)?;
        text(&opened["channel"]["id"]).ok_or(Trouble::later(SendReason::ServerBusy))
    }

    /// Posts a part of a message, as an answer to `root` if there is one; gives its id. Waits while the channel takes no more.
    ///
    /// # Errors
    /// [`Trouble::Unknown`] where it may have been posted all the same.
    ///
    /// # Cancel safety
    /// Dropped halfway, it may have been posted or not.
    pub async fn post(&self, conversation: &str, root: Option<&str>, part: &Part, mark: Mark<'_>) -> Result<String, Trouble> {
        self.pace.wait(conversation).await;
        let mut body = json!({
            "channel": conversation,
            "text": part.text,
            "blocks": part.shown,
            "unfurl_links": false,
            "unfurl_media": false,
            "metadata": {"event_type": METADATA, "event_payload": {"key": mark.key, "part": mark.part}},
        });
        if let Some(root) = root {
            body["thread_ts"] = root.into();
        }
        let posted = self.post_json("chat.postMessage", &body).await?;
        // It was posted, though nobody said where.
        text(&posted["ts"]).ok_or(Trouble::Unknown)
    }

    /// What stands of a message in a channel: under `root`, or without one among what was posted since it was written.
    ///
    /// # Errors
    /// [`Trouble::Refused`] where this installation may not look, or there is too much to look through.
    pub async fn find(&self, conversation: &str, root: Option<&str>, key: &str, since: Timestamp) -> Result<Vec<Found>, Trouble> {
        let oldest = since.plus_seconds(-EARLIER_SECONDS).seconds_since(Timestamp::from_micros(0)).to_string();
        let method = if root.is_some() { "conversations.replies" } else { "conversations.history" };
        let token = self.user_token.as_ref().unwrap_or(&self.bot_token);
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            // A thread is read as a whole, so that it does not matter whose clock is right.
            let from = root.map_or(("oldest", oldest.as_str()), |root| ("ts", root));
            let asked = [("channel", conversation), ("include_all_metadata", "true"), ("limit", "200"), from, ("cursor", &cursor)];
            let page = self.get(method, &asked, token).await?;
            for message in list(&page["messages"]).filter(|message| message["metadata"]["event_payload"]["key"] == key) {
                let part = message["metadata"]["event_payload"]["part"].as_u64().and_then(|part| u32::try_from(part).ok());
                if let (Some(part), Some(posting)) = (part, text(&message["ts"])) {
                    found.push(Found { part, posting });
                }
            }
            cursor = next_cursor(&page);
            if cursor.is_empty() {
                found.sort_by_key(|found| found.part);
                return Ok(found);
            }
        }
        Err(Trouble::Refused(SendReason::TooLarge))
    }

    /// Somebody by their id.
    ///
    /// # Errors
    /// [`Trouble`] says why nobody is known.
    pub async fn member(&self, user: &str) -> Result<Member, Trouble> {
        if let Some((at, member)) = locked(&self.members).get(user)
            && at.elapsed() < KNOWN_FOR
        {
            return Ok(member.clone());
        }
        let answer = self.get("users.info", &[("user", user)], &self.bot_token).await?;
        let (row, profile) = (&answer["user"], &answer["user"]["profile"]);
        let names = [&profile["real_name"], &row["real_name"], &profile["display_name"], &row["name"]];
        let name = names.into_iter().find_map(text).unwrap_or_else(|| user.to_owned());
        let member = Member { address: text(&profile["email"]).and_then(|address| address.parse().ok()), name };
        let mut members = locked(&self.members);
        if members.len() >= MOST_KNOWN {
            members.clear();
        }
        members.insert(user.to_owned(), (Instant::now(), member.clone()));
        Ok(member)
    }

    async fn get(&self, method: &str, query: &[(&str, &str)], token: &SecretString) -> Result<Value, Trouble> {
        let mut url = self.method(method)?;
        url.query_pairs_mut().extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()));
        let asked = self.line.ask(|client| client.get(url).bearer_auth(token.expose_secret().trim())).await;
        judged(asked.map_err(Trouble::of_reading)?.body).map_err(Trouble::of_reading)
    }

    async fn post_json(&self, method: &str, body: &Value) -> Result<Value, Trouble> {
        let url = self.method(method)?;
        let token = self.bot_token.expose_secret().trim();
        judged(self.line.ask(|client| chat::json(client.post(url).bearer_auth(token), body)).await?.body)
    }

    fn method(&self, method: &str) -> Result<Url, Trouble> {
        self.api.join(method).map_err(|_| Trouble::later(SendReason::ServerAway))
    }
}

/// What Slack answered, if it said yes.
fn judged(body: Value) -> Result<Value, Trouble> {
    match (&body["ok"], &body["error"]) {
        (Value::Bool(true), _) => Ok(body),
        (Value::Bool(false), Value::String(error)) => Err(trouble(error)),
        _ => Err(Trouble::Unknown),
    }
}

/// What one of Slack's words for an error means.
///
/// # Source
/// Slack, errors of `chat.postMessage`, `conversations.open` and `users.lookupByEmail`. Of `internal_error` and `fatal_error` it says that some of
/// what was asked for may have been done.
fn trouble(error: &str) -> Trouble {
    match error {
        "internal_error" | "fatal_error" => Trouble::Unknown,
        "rate_limited" | "ratelimited" | "message_limit_exceeded" | "service_unavailable" | "request_timeout" | "team_added_to_org" => {
            Trouble::later(SendReason::ServerBusy)
        }
        "invalid_auth"
        | "not_authed"
        | "account_inactive"
        | "token_revoked"
        | "token_expired"
        | "missing_scope"
        | "not_allowed_token_type"
        | "two_factor_setup_required"
        | "org_login_required"
        | "no_permission"
        | "access_denied" => Trouble::later(SendReason::LoginRefused),
        "channel_not_found" | "thread_not_found" | "message_not_found" => Trouble::Refused(SendReason::ChannelUnknown),
        "not_in_channel" => Trouble::Refused(SendReason::NotInChannel),
        "is_archived" => Trouble::Refused(SendReason::ChannelArchived),
        "users_not_found" | "user_not_found" | "user_disabled" | "user_not_visible" | "cannot_dm_bot" => {
            Trouble::Refused(SendReason::PersonUnknown)
        }
        "msg_too_long" | "msg_blocks_too_long" | "too_many_attachments" | "metadata_too_large" => Trouble::Refused(SendReason::TooLarge),
        restricted if restricted.starts_with("restricted_action") => Trouble::Refused(SendReason::NotAllowed),
        "ekm_access_denied" | "team_access_not_granted" | "as_user_not_supported" => Trouble::Refused(SendReason::NotAllowed),
        _ => Trouble::Refused(SendReason::Rejected),
    }
}

/// Whether something is the id of a conversation and not a name, which has no capitals.
fn is_id(name: &str) -> bool {
    name.len() >= 8 && name.starts_with(['C', 'G', 'D']) && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn next_cursor(page: &Value) -> String {
    text(&page["response_metadata"]["next_cursor"]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_of_slack_says_whether_another_try_may_help() {
        let check = |error: &str, expected: Trouble| assert_eq!(judged(json!({"ok": false, "error": error})), Err(expected), "{error}");
        check("channel_not_found", Trouble::Refused(SendReason::ChannelUnknown));
        check("not_in_channel", Trouble::Refused(SendReason::NotInChannel));
        check("is_archived", Trouble::Refused(SendReason::ChannelArchived));
        check("invalid_auth", Trouble::later(SendReason::LoginRefused));
        check("msg_too_long", Trouble::Refused(SendReason::TooLarge));
        check("msg_blocks_too_long", Trouble::Refused(SendReason::TooLarge));
        check("users_not_found", Trouble::Refused(SendReason::PersonUnknown));
        check("restricted_action_read_only_channel", Trouble::Refused(SendReason::NotAllowed));
        check("ratelimited", Trouble::later(SendReason::ServerBusy));
        check("fatal_error", Trouble::Unknown);
        check("something_new", Trouble::Refused(SendReason::Rejected));
        assert_eq!(judged(Value::Null), Err(Trouble::Unknown), "an answer that is none of Slack's");
        assert!(judged(json!({"ok": true})).is_ok());
    }

    #[test]
    fn ids_are_told_from_names() {
        for id in ["C0123ABCD", "G01234567", "D9ABCDEFGH"] {
            assert!(is_id(id), "{id}");
        }
        for name in ["hw-escalations", "c0123abcd", "CABLES", "general", ""] {
            assert!(!is_id(name), "{name}");
        }
    }
}
