//! A server that is killed between a mail server's taking a message and the note of it: the next one neither sends it twice nor forgets it.

use std::collections::BTreeSet;
use std::time::Duration;

use backchannel::domain::vocabulary::Role;
use reqwest::Client;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::site::{LONGEST, Site};
use crate::support::database::{Database, each};
use crate::support::gate::{Gate, Plan};
use crate::support::mail::{fresh_name, servers};

const LOOK_EVERY: Duration = Duration::from_millis(50);

async fn post(http: &Client, token: &str, url: String, body: &Value) -> Value {
    let request = http.post(&url).bearer_auth(token).header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{url}: {status} {text}");
    serde_json::from_str(&text).unwrap()
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

/// Kills a server once its message was taken by the mail server, which does with it as planned; then lets another one go on.
async fn kill_while_sending(plan: Plan) {
    let Some(servers) = servers() else { return };
    each(async |database| {
        database.store.close().await;
        let (name, ana) = (fresh_name("desk"), fresh_name("ana"));
        let gate = Gate::open(&servers).await;
        gate.next([plan]);
        let site = Site::set_up(database.folder(), database.options.clone()).await;
        let inside = site.look().await;
        let (_, secret) = inside.app.create_token(&inside.actor, "a call", Role::Admin, BTreeSet::default()).await.unwrap();
        inside.close().await;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (http, token) = (Client::builder().no_proxy().build().unwrap(), secret.expose().to_owned());
        let (smtp, imap, ca) = (gate.url(), servers.imap_url(&name), servers.ca_file());
        let (address, ca) = (format!("{name}@desk.example"), ca.to_str().unwrap());
        let variables = [
            ("BACKCHANNEL__EMAIL__SMTP_URL", smtp.as_str()),
            ("BACKCHANNEL__EMAIL__IMAP_URL", imap.as_str()),
            ("BACKCHANNEL__EMAIL__ADDRESS", address.as_str()),
            ("BACKCHANNEL__EMAIL__CA_FILE", ca),
            ("BACKCHANNEL__EMAIL__POLL_SECONDS", "1"),
            ("BACKCHANNEL__EMAIL__SETTLE_SECONDS", "3"),
        ];
        let serving = site.serve_with(&variables).await;
        let url = |path: &str| format!("http://{}{path}", serving.address);
        let ticket =
            json!({"external_id": "T-1", "subject": "Lamp", "body": "The lamp is broken.", "requester": {"email": "ana@mail.example"}});
        post(&http, &token, url("/v1/tickets"), &ticket).await;
        let thread = json!({"channel": "email", "subject": "Lamp", "opened_by": "tom@alderwick.example", "body": "What next?",
            "participants": [format!("{ana}@desk.example")]});
        post(&http, &token, url("/v1/tickets/T-1/side-conversations"), &thread).await;
        timeout(LONGEST, gate.until(1)).await.expect("the message is handed over");
        assert_eq!(database.number("SELECT COUNT(*) FROM message_deliveries WHERE state = 'sending'").await, 1, "said before it left");
        serving.signal(Signal::KILL);
        drop(serving);

        // The leases of the dead are not waited for.
        database.tamper("UPDATE jobs SET leased_until = 0 WHERE state = 'running'; UPDATE mailboxes SET leased_until = 0").await;
        let serving = site.serve_with(&variables).await;
        until(database, "the message ends as sent", "SELECT COUNT(*) FROM message_deliveries WHERE state = 'sent'", 1).await;
        until(database, "nobody waits", "SELECT COUNT(*) FROM message_recipients WHERE state <> 'sent'", 0).await;
        servers.arrived(&ana, 1).await;
        serving.stop().await;
        assert_eq!(servers.mails(&ana).len(), 1, "neither twice nor never");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_after_its_mail_was_taken_does_not_send_it_twice() {
    kill_while_sending(Plan::RelayAndWait).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_before_its_mail_was_taken_does_not_forget_it() {
    kill_while_sending(Plan::Wait).await;
}
