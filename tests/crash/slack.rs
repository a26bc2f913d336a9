//! A server that is killed while it posts to Slack.

use std::collections::BTreeSet;
use std::time::Duration;

use backchannel::app::wall_clock;
use backchannel::connectors::slack::Options;
use backchannel::domain::vocabulary::Role;
use reqwest::Client;
use rustix::process::Signal;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::site::{LONGEST, Site};
use crate::support::database::{Database, each};
use crate::support::slack::{Slack, Turn};

const LOOK_EVERY: Duration = Duration::from_millis(50);

async fn post(http: &Client, token: &str, url: String, body: &Value) {
    let request = http.post(&url).bearer_auth(token).header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{url}: {status} {text}");
}

/// Waits until a query answers a number.
async fn until(database: &Database, what: &str, sql: &str, wanted: i64) {
    let looking = async {
        while database.number(sql).await != wanted {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    timeout(LONGEST, looking).await.unwrap_or_else(|_| panic!("{what}"));
}

/// Kills a server while it posts the second part of a long message, which Slack takes or does not; then lets another one go on.
async fn kill_while_posting(turn: Turn) {
    each(async |database| {
        database.store.close().await;
        let slack = Slack::start_at(wall_clock()()).await;
        slack.next([Turn::Take, turn]);
        let site = Site::set_up(database.folder(), database.options.clone()).await;
        let inside = site.look().await;
        let (_, secret) = inside.app.create_token(&inside.actor, "a call", Role::Admin, BTreeSet::default()).await.unwrap();
        inside.close().await;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (http, token) = (Client::builder().no_proxy().build().unwrap(), secret.expose().to_owned());
        let Options { bot_token, signing_secret, api_url, .. } = slack.options();
        let (bot_token, signing_secret) = (bot_token.unwrap(), signing_secret.unwrap());
        let variables = [
            ("BACKCHANNEL__SLACK__BOT_TOKEN", bot_token.expose_secret()),
            ("BACKCHANNEL__SLACK__SIGNING_SECRET", signing_secret.expose_secret()),
            ("BACKCHANNEL__SLACK__API_URL", api_url.as_str()),
            ("BACKCHANNEL__SLACK__SETTLE_SECONDS", "1"),
            ("BACKCHANNEL__WEBHOOKS__ALLOWED_NETWORKS", "[\"127.0.0.0/8\"]"),
        ];
        let serving = site.serve_with(&variables).await;
        let url = |path: &str| format!("http://{}{path}", serving.address);
        let ticket =
            json!({"external_id": "T-1", "subject": "Lamp", "body": "The lamp is broken.", "requester": {"email": "ana@mail.example"}});
        post(&http, &token, url("/v1/tickets"), &ticket).await;
        let channel = json!({"name": "lab", "kind": "slack", "address": "#hw-lab", "expected_reply_minutes": 5, "use_for": "lamps"});
        post(&http, &token, url("/v1/channels"), &channel).await;
        let body = (0..3000).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
        let thread = json!({"channel": "slack", "channel_name": "lab", "subject": "Lamp", "opened_by": "tom@alderwick.example", "body": body,
            "participants": ["ingrid@alderwick.example"]});
        post(&http, &token, url("/v1/tickets/T-1/side-conversations"), &thread).await;
        timeout(LONGEST, slack.until(2)).await.expect("the second part is handed over");
        assert_eq!(database.number("SELECT COUNT(*) FROM message_deliveries WHERE state = 'sending'").await, 1, "said before it left");
        serving.signal(Signal::KILL);
        drop(serving);

        // The lease of the dead is not waited for.
        database.tamper("UPDATE jobs SET leased_until = 0 WHERE state = 'running'").await;
        let serving = site.serve_with(&variables).await;
        until(database, "the message ends as sent", "SELECT COUNT(*) FROM message_deliveries WHERE state = 'sent'", 1).await;
        until(database, "nobody waits", "SELECT COUNT(*) FROM message_recipients WHERE state <> 'sent'", 0).await;
        serving.stop().await;
        let posted = slack.standing();
        let texts = posted.iter().flat_map(|part| part.texts());
        let said: Vec<&str> = texts.flat_map(str::split_whitespace).filter(|word| word.starts_with("word")).collect();
        assert_eq!((posted.len(), said.join(" ")), (3, body), "neither twice nor never");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_after_slack_took_its_message_does_not_post_it_twice() {
    kill_while_posting(Turn::TakeAndWait).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_before_slack_took_its_message_does_not_forget_it() {
    kill_while_posting(Turn::Wait).await;
}
