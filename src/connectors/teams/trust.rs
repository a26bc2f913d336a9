//! Whether something that came for the bot is of Teams: by the token that it came with.
//!
//! The signature is checked by `ring`, which carries the product's TLS already; so no library for tokens is needed that would bring another one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;
use tokio::time::Instant;

use super::{Bot, Teams};
use crate::connectors::chat::{Trouble, text};
use crate::domain::outbox::SendReason;
use crate::domain::time::Timestamp;

const ISSUER: &str = "https://api.botframework.com";
const CHANNEL: &str = "msteams";
/// Clocks differ by so much.
const SKEW_SECONDS: i64 = 300;
/// The keys are read anew after a day, and for a key that is not among them at most once in a while.
const KEPT_FOR: Duration = Duration::from_hours(24);
const ASKED_EVERY: Duration = Duration::from_mins(1);
const LONGEST_TOKEN_BYTES: usize = 16 << 10;

/// Why something is not taken for what it says to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It is not of Teams, or not for this bot.
    #[error("this was not signed by Teams for this bot")]
    Unsigned,
    /// Nobody can tell just now.
    #[error("the keys of Teams cannot be read: {0}")]
    NoKeys(SendReason),
}

/// The keys of those who speak to the bot.
#[derive(Debug, Default)]
pub(super) struct Keys {
    read_at: Option<Instant>,
    /// When they were last read for the sake of one that was not among them.
    sought_at: Option<Instant>,
    known: Vec<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    id: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    endorsements: Option<Vec<String>>,
}

impl Teams {
    /// Whether a request with this header `Authorization` is of Teams, for this bot, and of who wants to be answered at `service_url`.
    ///
    /// # Errors
    /// [`Distrust`] says whether it is not, or nobody can tell.
    ///
    /// # Source
    /// Bot Framework, "Authentication with the Bot Connector API".
    pub async fn trusts(&self, authorization: &str, service_url: &str, now: Timestamp) -> Result<(), Distrust> {
        let bot = self.bot.as_ref().ok_or(Distrust::Unsigned)?;
        let token = authorization.strip_prefix("Bearer ").map(str::trim).ok_or(Distrust::Unsigned)?;
        let token = Token::parse(token).ok_or(Distrust::Unsigned)?;
        let key = self.key(bot, &token.key).await?.ok_or(Distrust::Unsigned)?;
        let is_of_teams = key.endorsements.as_ref().is_none_or(|named| named.iter().any(|name| name == CHANNEL));
        if is_of_teams && key.signed(&token) && token.is_for(&bot.app_id, service_url, now) { Ok(()) } else { Err(Distrust::Unsigned) }
    }

    /// The key with this id; one that is not known is looked for, unless that was done just now.
    async fn key(&self, bot: &Bot, id: &str) -> Result<Option<Key>, Distrust> {
        let mut kept = bot.keys.lock().await;
        let is_old = kept.read_at.is_none_or(|at| at.elapsed() >= KEPT_FOR);
        let known = kept.known.iter().find(|key| key.id == id).cloned();
        if known.is_some() && !is_old {
            return Ok(known);
        }
        let was_sought = kept.sought_at.is_some_and(|at| at.elapsed() < ASKED_EVERY);
        if !is_old {
            if was_sought {
                return Ok(None);
            }
            kept.sought_at = Some(Instant::now());
        }
        match self.read_keys(bot).await {
            Ok(keys) => {
                (kept.known, kept.read_at) = (keys, Some(Instant::now()));
                Ok(kept.known.iter().find(|key| key.id == id).cloned())
            }
            // Old keys are better than none while nobody says that they are void.
            Err(_) if known.is_some() => Ok(known),
            Err(trouble) => Err(Distrust::NoKeys(trouble.reason())),
        }
    }

    async fn read_keys(&self, bot: &Bot) -> Result<Vec<Key>, Trouble> {
        let document = self.line.ask(|client| client.get(bot.openid_url.clone())).await.map_err(Trouble::of_reading)?.body;
        let away = Trouble::later(SendReason::ServerAway);
        let signs = document["id_token_signing_alg_values_supported"].as_array();
        let uri = text(&document["jwks_uri"]).filter(|_| signs.is_none_or(|signs| signs.iter().any(|sign| sign == "RS256"))).ok_or(away)?;
        let uri = self.line.address(&uri).map_err(|_| Trouble::Refused(SendReason::NotAllowed))?;
        let answer = self.line.ask(|client| client.get(uri)).await.map_err(Trouble::of_reading)?.body;
        let keys: Vec<Key> = answer["keys"].as_array().into_iter().flatten().filter_map(Key::parse).collect();
        if keys.is_empty() { Err(away) } else { Ok(keys) }
    }
}

impl Key {
    fn parse(key: &Value) -> Option<Self> {
        if key["kty"] != "RSA" || !(key["use"].is_null() || key["use"] == "sig") || !(key["alg"].is_null() || key["alg"] == "RS256") {
            return None;
        }
        let number = |value: &Value| URL_SAFE_NO_PAD.decode(value.as_str()?.trim_end_matches('=')).ok();
        let names = |list: &Vec<Value>| list.iter().filter_map(text).collect();
        Some(Self {
            id: text(&key["kid"])?,
            modulus: number(&key["n"])?,
            exponent: number(&key["e"])?,
            endorsements: key["endorsements"].as_array().map(names),
        })
    }

    fn signed(&self, token: &Token<'_>) -> bool {
        let key = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, token.signed.as_bytes(), &token.signature).is_ok()
    }
}

/// A token, read and not believed yet.
struct Token<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    key: String,
    claims: Value,
}

impl<'a> Token<'a> {
    /// A token whose head says that it is signed by RS256, which is the only way it may be.
    fn parse(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST_TOKEN_BYTES {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.').filter(|(_, claims)| !claims.contains('.'))?;
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let json = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).ok().filter(Value::is_object);
        let (head, claims) = (json(head)?, json(claims)?);
        if head["alg"] != "RS256" || !head["crit"].is_null() {
            return None;
        }
        Some(Self { signed, signature: decoded(signature)?, key: text(&head["kid"])?, claims })
    }

    /// Whether it is of the Bot Framework, for this bot, good now, and of who wants to be answered there.
    fn is_for(&self, app_id: &str, service_url: &str, now: Timestamp) -> bool {
        let now = now.seconds_since(Timestamp::from_micros(0));
        let seconds = |name: &str| self.claims[name].as_i64();
        let named = text(&self.claims["serviceurl"]).or_else(|| text(&self.claims["serviceUrl"]));
        self.claims["iss"] == ISSUER
            && self.claims["aud"] == app_id
            && seconds("exp").is_some_and(|until| now <= until.saturating_add(SKEW_SECONDS))
            && (self.claims["nbf"].is_null() || seconds("nbf").is_some_and(|from| now >= from.saturating_sub(SKEW_SECONDS)))
            && named.is_some_and(|named| named == service_url)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(head: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.{}", part(head), part(&json!({"iss": ISSUER})), URL_SAFE_NO_PAD.encode("signature"))
    }

    #[test]
    fn a_token_that_is_not_signed_by_rs256_is_none() {
        assert!(Token::parse(&token(&json!({"alg": "RS256", "kid": "1"}))).is_some());
        for head in [
            json!({"alg": "none", "kid": "1"}),
            json!({"alg": "HS256", "kid": "1"}),
            json!({"alg": "rs256", "kid": "1"}),
            json!({"alg": ["RS256"], "kid": "1"}),
            json!({"alg": "RS256"}),
            json!({"alg": "RS256", "kid": "1", "crit": ["exp"]}),
            json!(["RS256"]),
        ] {
            assert!(Token::parse(&token(&head)).is_none(), "{head}");
        }
        for other in ["", "a.b.c", "..", "a.b.c.d", &"x".repeat(LONGEST_TOKEN_BYTES + 1)] {
            assert!(Token::parse(other).is_none());
        }
    }

    #[test]
    fn a_token_is_for_one_bot_one_place_and_a_while() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let claims = json!({"iss": ISSUER, "aud": "app", "exp": 2000, "nbf": 1000, "serviceurl": "https://smba.example/"});
        let check = |change: (&str, Value), service_url: &str, now: i64| {
            let mut claims = claims.clone();
            claims[change.0] = change.1;
            Token { signed: "", signature: vec![], key: String::new(), claims }.is_for("app", service_url, at(now))
        };
        let same = || ("aud", json!("app"));
        assert!(check(same(), "https://smba.example/", 1500));
        assert!(check(same(), "https://smba.example/", 700) && check(same(), "https://smba.example/", 2300), "clocks differ");
        assert!(!check(same(), "https://smba.example/", 699) && !check(same(), "https://smba.example/", 2301));
        assert!(!check(same(), "https://evil.example/", 1500));
        for wrong in [
            ("aud", json!("other")),
            ("aud", json!(["app"])),
            ("iss", json!("https://evil.example")),
            ("exp", Value::Null),
            ("exp", json!("soon")),
            ("nbf", json!("soon")),
            ("serviceurl", Value::Null),
        ] {
            assert!(!check(wrong.clone(), "https://smba.example/", 1500), "{wrong:?}");
        }
    }
}
