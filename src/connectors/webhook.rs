//! Messages to webhooks: signed as Standard Webhooks says, and sent only where they may lead.
//!
//! Knows nothing of events and of when to try again; answers what came of one attempt in words of its own, never in those of the
//! receiver. Called by `app`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use sha2::Sha256;
use tokio::sync::OnceCell;

use crate::connectors::network::{Forbidden, Network, Unfit, address, client, is_forbidden};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{LeasedDelivery, SigningSecret};

/// What an operator may set about webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// How long a receiver may take to answer, in seconds.
    pub timeout_seconds: u64,
    /// Networks that are not public and that webhooks may lead to all the same.
    pub allowed_networks: Vec<Network>,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout_seconds: 15, allowed_networks: Vec::new() }
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// Why the attempt failed, in words of ours; `None` when the receiver has the message.
    pub failure: Option<String>,
}

impl Answer {
    /// Whether the receiver said that it wants no more messages.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        matches!(self.status, Some(410))
    }

    fn failed(reason: impl Into<String>) -> Self {
        Self { status: None, failure: Some(reason.into()) }
    }
}

/// Sends messages; cloning shares the connections.
#[derive(Debug, Clone)]
pub struct Sender {
    options: Arc<Options>,
    allowed: Arc<[Network]>,
    /// Made at the first message: most installations have no webhook.
    client: Arc<OnceCell<Client>>,
}

impl Sender {
    /// A sender; nothing is opened yet.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Self { allowed: options.allowed_networks.clone().into(), options: Arc::new(options.clone()), client: Arc::default() }
    }

    /// Whether messages can be sent to an address at all; where its name leads is looked at whenever one is sent.
    ///
    /// # Errors
    /// [`Unfit`] says what to write instead.
    pub fn check(&self, url: &str) -> Result<(), Unfit> {
        address(url, &self.allowed).map(|_| ())
    }

    /// Sends a message once.
    ///
    /// # Cancel safety
    /// Dropped halfway, the receiver may have the message or not.
    pub async fn send(&self, message: &LeasedDelivery, now: Timestamp) -> Answer {
        let url = match address(&message.url, &self.allowed) {
            Ok(url) => url,
            Err(unfit) => return Answer::failed(unfit.to_string()),
        };
        let client = match self.client.get_or_try_init(|| std::future::ready(self.client())).await {
            Ok(client) => client,
            Err(error) => {
                tracing::error!(problem.causes = &error as &dyn std::error::Error, "nothing can be sent to webhooks");
                return Answer::failed("this installation cannot send: see its log");
            }
        };
        let (id, seconds) = (message.id.to_string(), now.seconds_since(Timestamp::from_micros(0)).to_string());
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", &seconds)
            .header("webhook-signature", signatures(&message.secrets, &id, &seconds, &message.body))
            .body(message.body.clone());
        // The body of the answer is nobody's business: it is dropped unread, and its connection with it.
        match request.send().await {
            Ok(answer) => judge(answer.status()),
            Err(error) => Answer::failed(self.reason(&error)),
        }
    }

    fn client(&self) -> Result<Client, reqwest::Error> {
        // Unread answers end their connections in any case.
        client(&self.allowed, Duration::from_secs(self.options.timeout_seconds)).pool_max_idle_per_host(0).build()
    }

    /// Why nothing was answered, by the kind of the error: its own words may hold the address.
    fn reason(&self, error: &reqwest::Error) -> String {
        if is_forbidden(error) {
            Forbidden.to_string()
        } else if error.is_timeout() {
            format!("no answer within {} seconds", self.options.timeout_seconds)
        } else if error.is_connect() {
            "no connection: check the name, the port and the certificate".to_owned()
        } else {
            "the connection broke before there was an answer".to_owned()
        }
    }
}

fn judge(status: StatusCode) -> Answer {
    let failure = if status.is_success() {
        None
    } else if status.is_redirection() {
        Some(format!("it answered {} and sends elsewhere, which is not followed: give the webhook that address", status.as_u16()))
    } else {
        Some(format!("it answered {}", status.as_u16()))
    };
    Answer { status: Some(status.as_u16()), failure }
}

/// The value of the header `webhook-signature`: one signature for each secret, parted by spaces.
///
/// # Source
/// Standard Webhooks, "Signature scheme": HMAC-SHA256 over `{id}.{timestamp}.{body}`.
#[must_use]
pub fn signatures(secrets: &[SigningSecret], id: &str, seconds: &str, body: &str) -> String {
    let signed = secrets.iter().map(|secret| signature(secret.as_bytes(), id, seconds, body));
    signed.collect::<Vec<_>>().join(" ")
}

fn signature(key: &[u8], id: &str, seconds: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length: this is a bug");
    for part in [id, ".", seconds, ".", body] {
        mac.update(part.as_bytes());
    }
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::network::LONGEST_URL_CHARS;

    fn sender(allowed: &[&str]) -> Sender {
        let allowed_networks = allowed.iter().map(|network| network.parse().unwrap()).collect();
        Sender::new(&Options { allowed_networks, ..Options::default() })
    }

    /// The published example of Standard Webhooks, whose key is shorter than ours.
    #[test]
    fn the_published_example_is_signed_as_it_should() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_signs() {
        let both = [SigningSecret::from_bytes([1; 32]), SigningSecret::from_bytes([2; 32])];
        let signed = signatures(&both, "a", "1", "{}");
        assert_eq!(signed.split(' ').count(), 2);
        assert_eq!(signed.split(' ').next().unwrap(), signatures(&both[..1], "a", "1", "{}"));
    }

    #[test]
    fn an_address_that_nothing_may_be_sent_to_is_refused_with_what_to_do() {
        let strict = sender(&[]);
        let check = |url: &str, unfit: Result<(), Unfit>| assert_eq!(strict.check(url), unfit, "{url}");
        check("https://hooks.example/in?key=1", Ok(()));
        check("https://hooks.example:8443/in", Ok(()));
        check(" https://93.184.215.14/in ", Ok(()));
        check("hooks.example", Err(Unfit::NoUrl));
        check("", Err(Unfit::NoUrl));
        check("https://", Err(Unfit::NoUrl));
        check("http://hooks.example/in", Err(Unfit::NotHttps("http".to_owned())));
        check("http://localhost:80/", Err(Unfit::NotHttps("http".to_owned())));
        check("ftp://hooks.example/in", Err(Unfit::NotHttps("ftp".to_owned())));
        check("javascript:alert(1)", Err(Unfit::NoUrl));
        check("https://user@hooks.example/in", Err(Unfit::UserInfo));
        check("https://user:word@hooks.example/in", Err(Unfit::UserInfo));
        check("https://hooks.example/in#part", Err(Unfit::Fragment));
        let long = format!("https://hooks.example/{}", "x".repeat(LONGEST_URL_CHARS));
        check(&long, Err(Unfit::TooLong(long.len())));
        // One address in its many spellings.
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "[::1]",
            "[::ffff:7f00:1]",
            "[::ffff:127.0.0.1]",
            "0",
            "127.0.0.1.",
            "169.254.169.254",
            "１２７.0.0.1",
            "10.0.0.8",
            "[fd00:ec2::254]",
        ] {
            check(&format!("https://{host}/"), Err(Unfit::Forbidden));
        }
    }

    #[test]
    fn http_leads_to_this_machine_alone_and_only_where_that_is_allowed() {
        let own = sender(&["127.0.0.0/8", "10.0.0.0/8"]);
        for url in ["http://127.0.0.1:9000/in", "http://localhost:9000/in", "https://127.0.0.1/", "https://10.0.0.8/"] {
            assert_eq!(own.check(url), Ok(()), "{url}");
        }
        for url in ["http://10.0.0.8/", "http://hooks.example/", "http://[::1]/"] {
            assert_eq!(own.check(url), Err(Unfit::NotHttps("http".to_owned())), "{url}");
        }
        assert_eq!(own.check("https://192.168.0.1/"), Err(Unfit::Forbidden));
    }

    #[test]
    fn only_what_begins_with_two_is_success() {
        for status in [200, 202, 204, 299] {
            assert_eq!(judge(StatusCode::from_u16(status).unwrap()), Answer { status: Some(status), failure: None });
        }
        for status in [301, 307, 400, 404, 410, 429, 500, 503] {
            let answer = judge(StatusCode::from_u16(status).unwrap());
            assert!(answer.failure.is_some() && answer.is_gone() == (status == 410), "{answer:?}");
        }
    }
}
