//! The check before a message leaves.

use axum::http::Method;
use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, document, ticket, upload};
use crate::support::app::TestApp;

const NOTE: &str = "Refunded within my own limit, told the shop team again about the old page.";
const POLICY: &str = "Goodwill goes up to forty pounds without asking anybody in Finance first.";
const ANSWER: &str = "The factory left three hundred bells on the bench account after testing.";

/// A desk with a note, a side conversation, closed articles and another customer.
async fn desk() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let note = json!({"author": "tom.hargreaves@alderwick.example", "public": false, "body": NOTE});
    client.post("/v1/tickets/T-1/comments", &note).await.expect(201);
    let thread = json!({
        "external_id": "SC-1", "channel": "slack", "subject": "Bells on the bench account", "opened_by": "tom.hargreaves@alderwick.example",
        "participants": ["rafael.pinto@alderwick.example"], "body": "Why is it taken?",
        "messages": [{"author": "rafael.pinto@alderwick.example", "body": ANSWER}],
    });
    client.post("/v1/tickets/T-1/side-conversations", &thread).await.expect(201);
    let mut other = ticket("T-2");
    other["requester"] = json!({"email": "henrik@post.example", "name": "Henrik Toll"});
    other["subject"] = "Moving to Norway".into();
    other["body"] = "I am off to live in Norway and want nine months of my plan back. Order AW-204519-4.".into();
    client.post("/v1/tickets", &other).await.expect(201);
    let mut policy = document("goodwill");
    policy["text"] = format!("# Goodwill\n\n{POLICY}\n\nTell them: “Your credit is booked and shows within five working days.”").into();
    policy["title"] = "Goodwill rules".into();
    policy["audience"] = "internal".into();
    client.post("/v1/documents", &policy).await.expect(201);
    policy["external_id"] = "cells".into();
    policy["title"] = "Cells under watch".into();
    policy["text"] = "# Cells\n\nThree swollen cells in one batch within a month are seen by the engineers the same day.".into();
    policy["audience"] = "teams:hardware".into();
    client.post("/v1/documents", &policy).await.expect(201);
    client.post("/v1/documents", &document("returns")).await.expect(201);
    app.work().await;
    (app, client)
}

async fn checked(client: &Client, body: &str, recipients: &[&str]) -> Value {
    let check = json!({"ticket": "T-1", "subject": "Parcel AW-204518-6", "body": body, "recipients": recipients});
    client.post("/v1/side-conversations/check", &check).await.expect(200)
}

/// What stands in the way of a message, and the words.
fn blocked<'a>(answer: &'a Value, body: &'a str) -> Vec<(&'a str, &'a str)> {
    let findings = answer["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] != "hint");
    let place = |finding: &Value, end: &str| usize::try_from(finding["span"][end].as_u64().unwrap_or(0)).unwrap();
    findings.map(|finding| (finding["code"].as_str().unwrap(), &body[place(finding, "start")..place(finding, "end")])).collect()
}

#[tokio::test]
async fn words_that_a_recipient_may_not_read_are_found_where_they_stand() {
    let (_app, client) = desk().await;
    let (customer, partner, colleague) = ("ana@mail.example", "petra.holm@norvik.example", "gareth@alderwick.example");
    let cases = [
        (NOTE, customer, Some("note_would_leave")),
        (NOTE, partner, Some("note_would_leave")),
        (NOTE, colleague, None),
        (ANSWER, customer, Some("thread_would_leave")),
        (ANSWER, "rafael.pinto@alderwick.example", None),
        (POLICY, customer, Some("article_would_leave")),
        (POLICY, "who@elsewhere.example", Some("article_would_leave")),
        (POLICY, colleague, None),
        ("Three swollen cells in one batch within a month are seen by the engineers the same day.", colleague, Some("article_would_leave")),
        ("I am off to live in Norway and want nine months of my plan back.", customer, Some("other_customer_would_leave")),
        // What is public, what articles say word for word, the customer's own words.
        ("You have 30 days from delivery.", customer, None),
        ("Your credit is booked and shows within five working days.", customer, None),
        ("Order AW-204518-6 was due on Monday and has not come.", customer, None),
        ("Order AW-204518-6 was due on Monday and has not come.", partner, None),
    ];
    for (words, recipient, code) in cases {
        let body = format!("Hello,\n\nas promised: {}\n\nCan you confirm?", words.to_uppercase().replace(", ", " — "));
        let answer = checked(&client, &body, &[recipient]).await;
        let found = blocked(&answer, &body);
        assert_eq!(found.first().map(|(code, _)| *code), code, "{words} to {recipient}: {answer}");
        if code.is_some() {
            assert!(found[0].1.split_whitespace().count() >= 8, "{found:?}");
            assert_eq!(answer["redacted"].as_str().unwrap().matches("[…]").count(), 1, "{answer}");
            assert_eq!(answer["findings"][0]["to"], json!([recipient]));
        }
    }
}

#[tokio::test]
async fn other_customers_secrets_and_personal_data_do_not_leave() {
    let (_app, client) = desk().await;
    let (customer, partner) = ("ana@mail.example", "petra.holm@norvik.example");
    let cases = [
        ("A Mr Toll asked the same.", customer, Some(("other_customer_named", "Mr Toll"))),
        ("A Mr Toll asked the same.", "gareth@alderwick.example", None),
        ("The password for the portal is moor!hen-7714.", "gareth@alderwick.example", Some(("secret_would_leave", "moor!hen-7714"))),
        ("Ring her on 01632 960204.", partner, Some(("must_not_leave", "01632 960204"))),
        ("Your own number 01632 960204 is noted.", customer, None),
        ("The card is 4242 4242 4242 4242.", "gareth@alderwick.example", Some(("must_not_leave", "4242 4242 4242 4242"))),
        ("Reset your password in the app.", customer, None),
    ];
    for (body, recipient, expected) in cases {
        let answer = checked(&client, body, &[recipient]).await;
        assert_eq!(blocked(&answer, body).first().copied(), expected, "{body} to {recipient}: {answer}");
    }
}

#[tokio::test]
async fn an_address_that_looks_like_another_one_and_a_hidden_stranger_are_noticed() {
    let (_app, client) = desk().await;
    let check = json!({"ticket": "T-1", "body": "Is it found?", "recipients": ["sunil@alderw1ck.example"], "hidden_recipients": ["who@elsewhere.example"]});
    let answer = client.post("/v1/side-conversations/check", &check).await.expect(200);
    assert_eq!((&answer["ok"], &answer["level"]), (&json!(false), &json!("block")), "{answer}");
    assert_eq!(answer["warning_codes"], json!(["looks_like", "hidden_outsider"]));
    let nobody = json!({"ticket": "T-1", "body": "Is it found?"});
    client.post("/v1/side-conversations/check", &nobody).await.expect_problem(422, "body-invalid", Some("/recipients"));
    let unknown = json!({"ticket": "T-404", "body": "Is it found?", "recipients": ["who@elsewhere.example"]});
    client.post("/v1/side-conversations/check", &unknown).await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn nothing_is_hidden_by_what_cannot_be_seen_by_a_changed_word_or_in_the_subject() {
    let (_app, client) = desk().await;
    let ways = [
        NOTE.replace("within", "wi\u{200b}thin").replace("again", "a\u{ad}gain"),
        NOTE.replace("told", "informed"),
        format!("> {}", NOTE.replace("shop team", "shop\n> team")),
        format!("{} {NOTE}", "It is late. ".repeat(80)),
    ];
    for body in ways {
        let answer = checked(&client, &body, &["ana@mail.example"]).await;
        assert_eq!(blocked(&answer, &body).first().map(|(code, _)| *code), Some("note_would_leave"), "{body}: {answer}");
    }
    let check = json!({"ticket": "T-1", "subject": NOTE, "body": "Is it so?", "recipients": ["ana@mail.example"]});
    let answer = client.post("/v1/side-conversations/check", &check).await.expect(200);
    assert_eq!((&answer["findings"][0]["part"], &answer["redacted_subject"]), (&json!("subject"), &json!("[…].")), "{answer}");
}

#[tokio::test]
async fn a_channel_is_who_reads_it_and_one_that_nobody_knows_is_refused() {
    let (_app, client) = desk().await;
    let body = "Three swollen cells in one batch within a month are seen by the engineers the same day.";
    let check = async |channel: &str| {
        let check = json!({"ticket": "T-1", "body": body, "channels": [channel]});
        client.post("/v1/side-conversations/check", &check).await
    };
    assert_eq!(check("#hw-escalations").await.expect(200)["ok"], true);
    assert_eq!(check("warehouse").await.expect(200)["findings"][0]["code"], "article_would_leave");
    check("#warehose").await.expect_problem(422, "body-invalid", Some("/channels/0"));
}

#[tokio::test]
async fn what_could_be_better_is_a_hint_and_keeps_nothing_back() {
    let (_app, client) = desk().await;
    let check = json!({"ticket": "T-1", "subject": "Question", "body": "It is late.", "recipients": ["gareth@alderwick.example"]});
    let answer = client.post("/v1/side-conversations/check", &check).await.expect(200);
    assert_eq!((&answer["ok"], &answer["level"]), (&json!(true), &json!("hint")), "{answer}");
    assert_eq!(answer["warning_codes"], json!(["nothing_asked", "vague_subject"]));
}

#[tokio::test]
async fn whoever_may_not_read_an_article_does_not_learn_what_it_is_called() {
    let (app, client) = desk().await;
    let agent = Client::new(&app, Role::Agent);
    let body = "Three swollen cells in one batch within a month are seen by the engineers the same day.";
    let said = async |client: &Client| checked(client, body, &["who@elsewhere.example"]).await["findings"][0]["said"].to_string();
    assert!(said(&client).await.contains("Cells under watch"));
    let told = said(&agent).await;
    assert!(!told.contains("Cells") && told.contains("may not read"), "{told}");
    let told = checked(&agent, body, &["who@elsewhere.example"]).await;
    assert_eq!((&told["findings"][0]["span"], &told["redacted"]), (&Value::Null, &json!(body)), "or it could be found word by word");
    let light = Client::new(&app, Role::Light);
    let check = json!({"body": body, "recipients": ["who@elsewhere.example"]});
    light.post("/v1/side-conversations/check", &check).await.expect_problem(403, "forbidden", None);
    // Another workspace knows nothing of it.
    let foreign = Client::with(&app, &app.foreign_admin);
    let check = json!({"body": body, "recipients": ["who@elsewhere.example"]});
    let answer = foreign.json(Method::POST, "/v1/side-conversations/check", &check).await.expect(200);
    assert_eq!(answer["findings"], json!([]), "{answer}");
}

#[tokio::test]
async fn what_holds_a_message_back_is_said_at_its_part_and_a_tick_lifts_only_what_may_be_meant() {
    let (_app, client) = desk().await;
    let reply = |body: &str, acknowledged: bool| json!({"author": "tom.hargreaves@alderwick.example", "public": true, "body": body, "acknowledged": acknowledged});
    for acknowledged in [false, true] {
        client.post("/v1/tickets/T-1/comments", &reply(NOTE, acknowledged)).await.expect_problem(422, "message-held", Some("/body"));
    }
    let thread = |body: &str, to: &str| json!({"channel": "email", "subject": "Parcel AW-204518-6", "opened_by": "tom.hargreaves@alderwick.example", "participants": [to], "body": body});
    let path = "/v1/tickets/T-1/side-conversations";
    client.post(path, &thread(POLICY, "petra@courier.example")).await.expect_problem(422, "message-held", Some("/body"));
    let mut meant = thread("Mr Toll asked the same. Can you look?", "petra@courier.example");
    client.post(path, &meant).await.expect_problem(422, "message-held", Some("/body"));
    meant["acknowledged"] = true.into();
    let opened = client.post(path, &meant).await.expect(201);
    let path = format!("/v1/side-conversations/{}/messages", opened["id"].as_str().unwrap());
    let message = json!({"author": "tom.hargreaves@alderwick.example", "body": POLICY});
    client.post(&path, &message).await.expect_problem(422, "message-held", Some("/body"));
    // What was said elsewhere, and what the other side says, is taken in as it is.
    client.post(&path, &json!({"author": "petra@courier.example", "body": POLICY})).await.expect(201);
    client
        .post(&path, &json!({"author": "tom.hargreaves@alderwick.example", "body": POLICY, "created_at": "2026-11-02T09:00:00Z"}))
        .await
        .expect(201);
}

#[tokio::test]
async fn another_customers_number_or_address_does_not_pass_because_a_note_of_theirs_names_it() {
    let (app, client) = desk().await;
    let note = json!({"author": "tom.hargreaves@alderwick.example", "public": false, "body": "Order AW-204519-4 goes back to the shop."});
    client.post("/v1/tickets/T-2/comments", &note).await.expect(201);
    app.work().await;
    let customer = ticket("T-1")["requester"]["email"].as_str().unwrap().to_owned();
    let body = "The order AW-204519-4 goes back to the shop, they say.";
    let found = checked(&client, body, &[&customer]).await;
    assert!(blocked(&found, body).iter().any(|(_, words)| *words == "AW-204519-4"), "{found}");
    let body = "You can also ask henrik@post.example how it went.";
    let found = checked(&client, body, &[&customer]).await;
    assert!(blocked(&found, body).iter().any(|(_, words)| *words == "henrik@post.example"), "{found}");
    // Somebody else who reads it as well makes it no better.
    let found = checked(&client, body, &[&customer, "petra.holm@norvik.example"]).await;
    assert_eq!(found["level"], "block", "{found}");
}

#[tokio::test]
async fn a_subject_and_a_text_have_their_bounds() {
    let (_app, client) = desk().await;
    let check =
        |subject: &str, body: &str| json!({"ticket": "T-1", "subject": subject, "body": body, "recipients": ["petra@courier.example"]});
    let path = "/v1/side-conversations/check";
    client.post(path, &check(&"s".repeat(2_000), "x")).await.expect_problem(422, "body-invalid", Some("/subject"));
    client.post(path, &check("s", &"a ".repeat(20_000))).await.expect_problem(422, "body-invalid", Some("/body"));
    client.post(path, &check("s", &"a ".repeat(8_000))).await.expect(200);
}

#[tokio::test]
async fn what_a_file_on_the_ticket_says_to_colleagues_stays_with_them() {
    let (app, client) = desk().await;
    let said = "The seal of the lower chamber gives way above forty degrees, so the pack must be vented by hand.";
    let file = upload(&client, "findings.txt", said.as_bytes()).await.expect(201);
    let note =
        json!({"author": "tom.hargreaves@alderwick.example", "public": false, "body": "From the lab.", "attachment_ids": [file["id"]]});
    client.post("/v1/tickets/T-1/comments", &note).await.expect(201);
    app.work().await;
    let customer = ticket("T-1")["requester"]["email"].as_str().unwrap().to_owned();
    let found = checked(&client, said, &[&customer]).await;
    assert_eq!(found["level"], "block", "{found}");
}
