//! Heads: learned when something must answer, kept for the next start, learned anew when labels change, and taken back in one call.

use std::sync::{Arc, Mutex};

use axum::http::Method;
use backchannel::app::{Clock, Error, Learning};
use backchannel::domain::intake::NewLabel;
use backchannel::domain::triage::Correction;
use backchannel::domain::vocabulary::{HeadPart, Role};
use backchannel::store::head::{self, NewHeads};
use backchannel::store::{correction, ticket as ticket_rows};
use backchannel::wire::ticket::TicketIn;
use serde_json::{Value, json};

use crate::api::client::{Client, blank_label, ticket};
use crate::support::app::{TestApp, over};
use crate::support::make;

/// Two matters that words tell apart.
const MATTERS: [(&str, &str); 2] = [
    ("refund_request", "I want my money back for the lamp, refund please"),
    ("delivery_problem", "the parcel never came, it is lost in transit"),
];

/// Labelled tickets of both matters; those whose number is in `wrong` are labelled as the other one.
async fn label(app: &TestApp, client: &Client, numbers: std::ops::Range<usize>, wrong: &[usize]) {
    let said = ["please", "hello", "again", "since monday", "for the third time", "help", "urgent", "thank you"];
    for number in numbers {
        let (_, words) = MATTERS[number % 2];
        let mut new = ticket(&format!("L-{number}"));
        new["subject"] = format!("{words} {} {number}", said[number / 2 % said.len()]).into();
        new["body"] = "".into();
        client.post("/v1/tickets", &new).await.expect(201);
        let (intent, _) = MATTERS[(number + usize::from(wrong.contains(&number))) % 2];
        let new = NewLabel { intents: Some(vec![intent.parse().unwrap()]), ..blank_label(&format!("L-{number}")) };
        app.app.put_label(&app.admin, new).await.unwrap();
    }
}

async fn versions(client: &Client) -> Vec<i64> {
    let list = client.get("/v1/heads").await.expect(200);
    list["items"].as_array().unwrap().iter().map(|version| version["version"].as_i64().unwrap()).collect()
}

async fn asked(client: &Client) -> Value {
    client.post("/v1/triage", &json!({"subject": "refund my money please", "body": ""})).await.expect(200)
}

#[tokio::test]
async fn heads_are_kept_and_the_next_start_learns_nothing() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    label(&app, &client, 0..40, &[]).await;
    let first = asked(&client).await;
    assert_eq!(first["intent"], "refund_request", "{first}");
    let kept = versions(&client).await;
    // Another process over the same rows.
    let folder = tempfile::tempdir().unwrap();
    let again = over(app.store.clone(), &folder).await;
    let text = json!({"subject": "refund my money please", "body": "", "requester": {"email": "ana@mail.example"}});
    let text = serde_json::from_value::<TicketIn>(text).unwrap().into_new().unwrap();
    let told = again.triage(&app.admin, text).await.unwrap();
    assert_eq!(told.intent.unwrap().as_str(), "refund_request");
    let probability = told.intents[0].probability.unwrap().get();
    assert!((probability - first["intents"][0]["probability"].as_f64().unwrap()).abs() < 1e-12, "the same heads say the same");
    assert_eq!(versions(&client).await, kept);
}

#[tokio::test]
async fn a_label_makes_a_new_version_and_the_earlier_one_answers_again_in_one_call() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    label(&app, &client, 0..40, &[]).await;
    let first = asked(&client).await;
    let earlier = versions(&client).await[0];
    // Everything is said to be the other matter.
    label(&app, &client, 40..140, &(40..140).collect::<Vec<_>>()).await;
    let second = asked(&client).await;
    assert_ne!(second["intents"], first["intents"]);
    assert!(versions(&client).await[0] > earlier);
    let held = client.json(Method::PUT, "/v1/heads/held", &json!({"version": earlier})).await.expect(200);
    assert_eq!((&held["version"], &held["held"]), (&earlier.into(), &true.into()));
    assert_eq!(asked(&client).await["intents"], first["intents"]);
    // Whatever is learned later.
    label(&app, &client, 140..150, &[]).await;
    client.post("/v1/heads", &json!({})).await.expect(202);
    app.work().await;
    assert_eq!(asked(&client).await["intents"], first["intents"]);
    client.delete("/v1/heads/held").await.expect(204);
    assert_ne!(asked(&client).await["intents"], first["intents"]);
    client.json(Method::PUT, "/v1/heads/held", &json!({"version": 999})).await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn heads_that_took_long_to_learn_answer_until_the_next_ones_are_there() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    label(&app, &client, 0..40, &[]).await;
    let first = asked(&client).await;
    let workspace = app.admin.workspace;
    let newest = versions(&client).await[0];
    // The same ones, as if learning them had taken a minute, and from other labels.
    let slow = head::get(&app.store, workspace, newest).await.unwrap().unwrap();
    let bytes = head::bytes(&app.store, workspace, newest).await.unwrap().unwrap();
    let new = NewHeads {
        workspace,
        made_from: "other labels",
        encoder: &slow.encoder,
        playbook: &slow.playbook,
        data_hash: &slow.data_hash,
        examples: slow.examples,
        seconds: 60.0,
        metrics: &slow.metrics,
        bytes: &bytes,
        created_by: "a test",
        created_at: slow.created_at,
    };
    label(&app, &client, 40..60, &(40..60).collect::<Vec<_>>()).await;
    let mut tx = app.store.begin().await.unwrap();
    let slow = head::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(asked(&client).await["intents"], first["intents"], "nobody waits for the new ones");
    assert_eq!(versions(&client).await[0], slow);
    app.work().await;
    assert!(versions(&client).await[0] > slow, "they were learned in the background");
    assert_ne!(asked(&client).await["intents"], first["intents"], "and answer without a restart");
}

#[tokio::test]
async fn training_tells_its_steps_and_what_it_came_to() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    label(&app, &client, 0..60, &[]).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let version = app.app.train(&app.admin, Arc::new(move |step| heard.lock().unwrap().push(step))).await.unwrap();
    let told = told.lock().unwrap().clone();
    let Learning::Encoding(done, total) = told[0] else { panic!("{told:?}") };
    assert!(done > 0 && done <= total);
    let fitted = told.iter().filter_map(|step| if let Learning::Fitting(done, total) = step { Some((*done, *total)) } else { None });
    let (done, total) = fitted.max().unwrap();
    assert!(done > 0 && done <= total, "{done} of {total}");
    let intent = version.metrics.iter().find(|head| head.part == HeadPart::Intent).unwrap();
    assert_eq!((intent.judged, intent.accuracy), (60, Some(1.0)), "{intent:?}");
    assert_eq!(version.created_by, app.admin.name);
    let same = app.app.train(&app.admin, Arc::new(|_| {})).await.unwrap();
    assert_eq!(same.data_hash, version.data_hash);
    let bytes = async |n| head::bytes(&app.store, app.admin.workspace, n).await.unwrap().unwrap();
    assert_eq!(bytes(version.n).await, bytes(same.n).await, "the same texts and labels give the same bytes");
    Client::new(&app, Role::Agent).post("/v1/heads", &json!({})).await.expect_problem(403, "forbidden", None);
}

#[tokio::test]
async fn a_precision_that_is_asked_for_becomes_a_threshold_and_an_abstention_below_it() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    // One of twelve labels is wrong.
    let wrong: Vec<usize> = (0..240).step_by(12).collect();
    label(&app, &client, 0..240, &wrong).await;
    let advice = client.get("/v1/heads/thresholds?precision=0.9").await.expect(200);
    assert_eq!(advice["judged"], 240);
    let expected = &advice["expected"];
    assert!(expected["precision"].as_f64().unwrap() >= 0.9 && expected["coverage"].as_f64().unwrap() > 0.3, "{advice}");
    let curve = advice["curve"].as_array().unwrap();
    assert!(curve.len() <= 100 && curve.is_sorted_by_key(|point| point["coverage"].as_f64().unwrap().to_bits()), "{advice}");
    client.get("/v1/heads/thresholds?precision=1.5").await.expect(422);

    // More than any threshold keeps: every guess is left to a person, with the reason and the candidates.
    let mut playbook = client.get("/v1/playbook").await.expect(200);
    playbook["files"]["thresholds.toml"] = "[precision]\nintent = 0.999\n".into();
    client.json(Method::PUT, "/v1/playbook", &playbook).await.expect(200);
    let told = asked(&client).await;
    assert_eq!((&told["intent"], &told["abstained"]["candidates"][0]), (&Value::Null, &"refund_request".into()), "{told}");
    let reason = told["abstained"]["reason"].as_str().unwrap();
    assert!(reason.contains("precision"), "{reason}");
    playbook["files"]["thresholds.toml"] = "[precision]\nintent = 2\n".into();
    client.json(Method::PUT, "/v1/playbook", &playbook).await.expect(422);
}

#[tokio::test]
async fn a_learned_route_keeps_its_precision_on_the_tickets_that_no_rule_routes() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let thresholds = "[precision]\nroute = 0.7\n[abstain]\nroute = 0.1\n";
    let mut playbook = client.get("/v1/playbook").await.expect(200);
    let groups = "[groups.orders]\nname = \"Orders\"\n[groups.billing]\nname = \"Billing\"\n[groups.technical]\nname = \"Technical\"\n";
    (playbook["files"]["routing.toml"], playbook["files"]["thresholds.toml"]) = (groups.into(), thresholds.into());
    client.json(Method::PUT, "/v1/playbook", &playbook).await.expect(200);
    label(&app, &client, 0..120, &[]).await;
    for number in 0..120 {
        // What is lost always goes to one place; what wants money back goes anywhere.
        let group = if number % 2 == 1 { "orders" } else { ["billing", "technical"][number / 16 % 2] };
        let new = NewLabel { group: group.parse().ok(), ..blank_label(&format!("L-{number}")) };
        app.app.put_label(&app.admin, new).await.unwrap();
    }
    let advice = async || client.get("/v1/heads/thresholds?head=route&precision=0.7").await.expect(200);
    let lost = async || {
        let asked = json!({"subject": "lost in transit: where is my parcel", "body": ""});
        client.post("/v1/triage", &asked).await.expect(200)["route"]["by"].clone()
    };
    let before = advice().await;
    assert_eq!((&before["judged"], &before["expected"]["coverage"]), (&json!(120), &json!(1.0)), "{before}");
    assert_eq!((lost().await, asked(&client).await["route"]["by"].clone()), (json!("head"), json!("head")));

    let rule = "[[rules]]\nname = \"lost\"\nwhen = { contains = [\"parcel\"] }\ngroup = \"orders\"\n";
    playbook["files"]["routing.toml"] = format!("{groups}{rule}").into();
    client.json(Method::PUT, "/v1/playbook", &playbook).await.expect(200);
    let after = advice().await;
    assert_eq!((&after["judged"], lost().await), (&json!(60), json!("rule")), "{after}");
    assert!(after["expected"]["coverage"].as_f64().unwrap_or_default() < 0.5, "{after}");
    assert_eq!(asked(&client).await["route"], Value::Null, "what the rule takes made up for what is left");
}

#[tokio::test]
async fn labels_that_are_wrong_are_reported_as_suspects() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    // 3 % of them.
    let wrong = [17, 50, 83, 116, 149, 182];
    label(&app, &client, 0..200, &wrong).await;
    let suspects = client.get("/v1/heads/suspects").await.expect(200);
    let mut found: Vec<&str> = suspects["items"].as_array().unwrap().iter().map(|suspect| suspect["reference"].as_str().unwrap()).collect();
    found.sort_unstable();
    let mut expected: Vec<String> = wrong.iter().map(|number| format!("L-{number}")).collect();
    expected.sort_unstable();
    assert_eq!(found, expected, "{suspects}");
    assert_eq!(Client::with(&app, &app.foreign_admin).get("/v1/heads/suspects").await.expect(200), json!({"items": []}));
}

#[tokio::test]
async fn an_intent_that_left_the_playbook_is_not_said_any_more() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    label(&app, &client, 0..40, &[]).await;
    asked(&client).await;
    let newest = versions(&client).await[0];
    client.json(Method::PUT, "/v1/heads/held", &json!({"version": newest})).await.expect(200);
    let mut playbook = client.get("/v1/playbook").await.expect(200);
    let intents = playbook["files"]["intents.toml"].as_str().unwrap().replace("[intents.refund_request]", "[intents.money_back]");
    playbook["files"]["intents.toml"] = intents.into();
    let routing = playbook["files"]["routing.toml"].as_str().unwrap().replace("refund_request", "money_back");
    playbook["files"]["routing.toml"] = routing.into();
    client.json(Method::PUT, "/v1/playbook", &playbook).await.expect(200);
    let told = asked(&client).await;
    assert!(told["intents"].as_array().unwrap().iter().all(|guess| guess["name"] != "refund_request"), "{told}");
}

#[tokio::test]
async fn too_little_to_learn_from_says_what_is_needed() {
    let app = TestApp::new().await;
    app.app.apply_playbook(&app.admin, [].into()).await.unwrap();
    let error = app.app.train(&app.admin, Arc::new(|_| {})).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }) && error.to_string().contains("two intents"), "{error}");
}

#[tokio::test]
async fn routes_are_learned_from_who_had_solved_tickets_in_the_end() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    // No rule speaks, and nobody labelled anything.
    let mut playbook = client.get("/v1/playbook").await.expect(200);
    playbook["files"]["routing.toml"] = "[groups.billing]\nname = \"Billing\"\n[groups.orders]\nname = \"Orders\"\n".into();
    client.json(Method::PUT, "/v1/playbook", &playbook).await.expect(200);
    for number in 0..60 {
        let (_, words) = MATTERS[number % 2];
        let mut new = ticket(&format!("S-{number}"));
        new["subject"] = format!("{words} {number}").into();
        new["body"] = "".into();
        new["status"] = "solved".into();
        new["group"] = ["billing", "orders"][number % 2].into();
        client.post("/v1/tickets", &new).await.expect(201);
    }
    let told = asked(&client).await;
    let route = &told["route"];
    assert_eq!((&route["group"], &route["by"]), (&"billing".into(), &"head".into()), "{told}");
    assert!(route["probability"].as_f64().unwrap() > 0.7 && route["because"].as_str().unwrap().contains("S-"), "{route}");
}

#[tokio::test]
async fn what_corrections_are_worth_is_measured_on_tickets_that_came_after_them() {
    let app = TestApp::with(|parts| parts.clock = Clock::fixed(make::NOW)).await;
    let client = Client::new(&app, Role::Admin);
    // Half of the first forty are labelled wrongly, and corrected before the last twenty are written.
    let wrong: Vec<usize> = (0..40).filter(|number| number % 4 < 2).collect();
    let written = |number: usize| make::NOW.plus_seconds(i64::try_from(number).unwrap() * 60 - 7_200);
    for number in 0..60 {
        let (intent, words) = MATTERS[number % 2];
        let said = if wrong.contains(&number) { MATTERS[(number + 1) % 2].0 } else { intent };
        let mut new = ticket(&format!("F-{number}"));
        new["subject"] = format!("{words} {number}").into();
        new["body"] = "".into();
        new["created_at"] = written(number).to_string().into();
        client.post("/v1/tickets", &new).await.expect(201);
        let label = NewLabel { intents: Some(vec![said.parse().unwrap()]), ..blank_label(&format!("F-{number}")) };
        app.app.put_label(&app.admin, label).await.unwrap();
    }
    let nothing = app.app.feedback_worth(&app.admin).await.unwrap();
    assert_eq!((nothing.corrections, nothing.asked, nothing.difference), (0, 20, Some(0.0)));
    // Corrections that came later than the tickets that are asked teach nothing of them.
    for number in &wrong {
        let said = json!({"intent": MATTERS[number % 2].0});
        client.json(Method::PUT, &format!("/v1/tickets/F-{number}/correction"), &said).await.expect(200);
    }
    assert_eq!(app.app.feedback_worth(&app.admin).await.unwrap().corrections, 0);
    let mut tx = app.store.begin().await.unwrap();
    for (ticket, said) in correction::list(&app.store, app.admin.workspace).await.unwrap() {
        correction::save(&mut tx, app.admin.workspace, ticket, &Correction { at: written(39), ..said }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let worth = app.app.feedback_worth(&app.admin).await.unwrap();
    assert_eq!((worth.corrections, worth.asked, worth.since), (20, 20, written(40)));
    assert_eq!(worth.after, Some(1.0), "{worth:?}");
    assert!(worth.low.unwrap() > 0.0 && worth.probability.unwrap() > 0.95, "{worth:?}");
}

#[tokio::test]
async fn what_is_kept_of_heads_holds_no_words_of_tickets_and_a_removed_one_is_no_evidence() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    label(&app, &client, 0..40, &[]).await;
    let first = asked(&client).await;
    let newest = versions(&client).await[0];
    let bytes = head::bytes(&app.store, app.admin.workspace, newest).await.unwrap().unwrap();
    let holds = |words: &str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(!holds("I want my money back for the lamp") && !holds("L-12"));
    // Another process reads them, and says the words that tickets have now.
    let folder = tempfile::tempdir().unwrap();
    let again = over(app.store.clone(), &folder).await;
    let text = json!({"subject": "refund my money please", "body": "", "requester": {"email": "ana@mail.example"}});
    let text = || serde_json::from_value::<TicketIn>(text.clone()).unwrap().into_new().unwrap();
    let told = again.triage(&app.admin, text()).await.unwrap();
    let cited = told.evidence[0].title.clone();
    assert!(cited.starts_with("L-") && told.evidence[0].quote.contains("money back"), "{:?}", told.evidence);
    assert_eq!(first["evidence"][0]["title"], cited.as_str());
    client.json(Method::PUT, "/v1/heads/held", &json!({"version": newest})).await.expect(200);
    let gone = client.get(&format!("/v1/tickets/{cited}")).await.expect(200)["id"].as_str().unwrap().parse().unwrap();
    let mut tx = app.store.begin().await.unwrap();
    assert!(ticket_rows::remove(&mut tx, app.admin.workspace, gone).await.unwrap());
    tx.commit().await.unwrap();
    let told = again.triage(&app.admin, text()).await.unwrap();
    assert!(told.evidence.iter().all(|evidence| evidence.title != cited), "{:?}", told.evidence);
}
