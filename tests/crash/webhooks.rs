//! A server that is killed while it sends to a webhook: what was committed is sent by the next one, under the same id.

use std::collections::BTreeSet;
use std::time::Duration;

use backchannel::domain::vocabulary::Role;
use reqwest::Client;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::site::{LONGEST, Site};
use crate::support::database::each;
use crate::support::receiver::{Receiver, Reply};

const TO_THIS_MACHINE: (&str, &str) = ("BACKCHANNEL__WEBHOOKS__ALLOWED_NETWORKS", "[\"127.0.0.0/8\"]");

/// Calls a server with a token.
struct Caller {
    http: Client,
    token: String,
}

impl Caller {
    async fn post(&self, address: &str, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("http://{address}{path}")).bearer_auth(&self.token);
        let answer = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_while_it_sends_leaves_the_message_to_the_next_one() {
    each(async |database| {
        database.store.close().await;
        let site = Site::set_up(database.folder(), database.options.clone()).await;
        let inside = site.look().await;
        let (_, secret) = inside.app.create_token(&inside.actor, "a call", Role::Admin, BTreeSet::new()).await.unwrap();
        inside.close().await;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let caller = Caller { http: Client::builder().no_proxy().build().unwrap(), token: secret.expose().to_owned() };
        let receiver = Receiver::start().await;
        receiver.otherwise(Reply::Never);

        let serving = site.serve_with(&[TO_THIS_MACHINE]).await;
        let webhook = json!({"url": receiver.url(), "events": ["ticket.triaged"]});
        let made = caller.post(&serving.address, "/v1/webhooks", &webhook).await;
        let ticket =
            json!({"external_id": "T-1", "subject": "Lamp", "body": "The lamp is broken.", "requester": {"email": "ana@mail.example"}});
        caller.post(&serving.address, "/v1/tickets", &ticket).await;
        timeout(LONGEST, receiver.until(1)).await.expect("the message is sent");
        serving.signal(Signal::KILL);
        drop(serving);

        // The lease on the message is not waited for.
        database.tamper("UPDATE webhook_deliveries SET next_at = 0 WHERE state = 'waiting'").await;
        receiver.otherwise(Reply::Status(204));
        let serving = site.serve_with(&[TO_THIS_MACHINE]).await;
        let got = timeout(LONGEST, receiver.until(2)).await.expect("the message is sent again");
        let until_noted = async {
            while database.number("SELECT COUNT(*) FROM webhook_deliveries WHERE state <> 'delivered'").await > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(LONGEST, until_noted).await.expect("the answer is noted");
        serving.stop().await;
        assert_eq!(got.len(), 2);
        assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
        assert_eq!(got[0].body, got[1].body);
        assert_eq!(got[1].json()["data"]["ticket"]["external_id"], "T-1");
        got[1].expect_signed(&[made["secret"].as_str().unwrap()]);
        assert_eq!(receiver.got().len(), 2, "what arrived is not sent again");
    })
    .await;
}
