//! What answered before an ask is sent, what is kept of it, and what insights make of it.

use backchannel::domain::id::AskId;
use backchannel::domain::vocabulary::{Arm, AskOutcome, Role};
use backchannel::store::ask;
use serde_json::{Value, json};

use crate::api::client::{Client, ticket};
use crate::support::app::{TestApp, playbook};

const SUBJECT: &str = "VAT number after 14 days";
const BODY: &str = "May a VAT number be added to an invoice after 14 days?";
const ANSWER: &str = "After 14 days a VAT number is never added to the invoice: it is always a credit note and a new invoice.";

fn asked(by: &str, subject: &str, body: &str) -> Value {
    json!({"channel": "slack", "subject": subject, "opened_by": by, "participants": ["bastien@alderwick.example"], "body": body})
}

/// A ticket whose side conversation was answered, and another one on which the same is about to be asked.
async fn desk() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    for id in ["T-1", "T-2"] {
        client.post("/v1/tickets", &ticket(id)).await.expect(201);
    }
    let thread = asked("priya@alderwick.example", SUBJECT, BODY);
    let thread = client.post("/v1/tickets/T-1/side-conversations", &thread).await.expect(201);
    let path = format!("/v1/side-conversations/{}/messages", thread["id"].as_str().unwrap());
    client.post(&path, &json!({"author": "bastien@alderwick.example", "body": ANSWER})).await.expect(201);
    app.work().await;
    (app, client)
}

fn check(ticket: &str) -> Value {
    json!({"ticket": ticket, "subject": SUBJECT, "body": BODY, "recipients": ["bastien@alderwick.example"]})
}

async fn kept(app: &TestApp, ask: &Value) -> backchannel::domain::answered::KeptAsk {
    let id: AskId = ask.as_str().unwrap().parse().unwrap();
    ask::get(&app.store, app.admin.workspace, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_same_ask_is_met_by_who_answered_it_before_with_words_and_place() {
    let (_app, client) = desk().await;
    let answer = client.post("/v1/side-conversations/check", &check("T-2")).await.expect(200);
    let first = &answer["already_answered"][0];
    assert_eq!((&first["kind"], &first["title"], &first["asked_here"]), (&json!("thread"), &json!(SUBJECT), &json!(false)), "{answer}");
    assert_eq!((&first["who"], &first["probability"]), (&json!("bastien@alderwick.example"), &Value::Null), "{answer}");
    assert_eq!(first["quote"]["text"], ANSWER);
    let evidence = &first["quote"]["evidence"][0];
    assert_eq!((&evidence["source"]["kind"], &evidence["span"]["start"]), (&json!("message"), &json!(0)), "{answer}");
    // On the ticket itself it was asked already; an errand and another question are answered by nothing.
    let own = client.post("/v1/side-conversations/check", &check("T-1")).await.expect(200);
    assert_eq!(own["already_answered"][0]["asked_here"], true, "{own}");
    for body in ["Please add the VAT number to the invoice.", "Is the hub able to reach a shed behind the house?"] {
        let other = json!({"subject": "hello", "body": body, "recipients": ["bastien@alderwick.example"]});
        let other = client.post("/v1/side-conversations/check", &other).await.expect(200);
        assert_eq!((&other["already_answered"], &other["ask"]), (&json!([]), &Value::Null), "{body}");
    }
}

#[tokio::test]
async fn what_became_of_an_ask_is_kept_without_its_words() {
    let (app, client) = desk().await;
    let first = client.post("/v1/side-conversations/check", &check("T-2")).await.expect(200);
    let again = client.post("/v1/side-conversations/check", &check("T-2")).await.expect(200);
    assert_eq!(first["ask"], again["ask"], "asked twice before anything came of it");
    let ask = &first["ask"];
    let path = format!("/v1/asks/{}", ask.as_str().unwrap());
    client.post(&path, &json!({"outcome": "sent_anyway"})).await.expect_problem(422, "body-invalid", Some("/outcome"));
    let unknown = json!({"outcome": "avoided", "suggestion": "019aa0e2-7c00-7000-8000-000000000404"});
    client.post(&path, &unknown).await.expect_problem(422, "body-invalid", Some("/suggestion"));
    let used = &first["already_answered"][0]["id"];
    let decided = client.post(&path, &json!({"outcome": "avoided", "suggestion": used})).await.expect(200);
    assert_eq!((&decided["outcome"], &decided["used"], &decided["channel"]), (&json!("avoided"), used, &Value::Null));
    assert!(!decided.to_string().contains("VAT") && decided["decided_at"].is_string(), "{decided}");

    // Asked once more it is another ask; sent in spite of what was shown, that is noted.
    let next = client.post("/v1/side-conversations/check", &check("T-2")).await.expect(200);
    assert_ne!(&next["ask"], ask);
    let mut thread = asked("tom@alderwick.example", SUBJECT, BODY);
    thread["ask_id"] = next["ask"].clone();
    client.post("/v1/tickets/T-2/side-conversations", &thread).await.expect(201);
    assert_eq!(kept(&app, &next["ask"]).await.outcome, AskOutcome::SentAnyway);
    assert_eq!(kept(&app, ask).await.outcome, AskOutcome::Avoided);

    let auditor = Client::new(&app, Role::Auditor);
    let told = auditor.get("/v1/insights?by=channel").await.expect(200);
    let total = &told["total"];
    assert_eq!((&total["suggested"], &total["avoided"]["by_reuse"], &total["sent_anyway"]), (&json!(2), &json!(1), &json!(1)), "{told}");
    assert_eq!((&total["tickets"], &total["threads"], &total["threads_per_100_tickets"]), (&json!(2), &json!(2), &json!(100.0)), "{told}");
    assert_eq!((&told["rows"][0]["name"], &told["rows"][0]["threads"], &told["hold_out"]), (&json!("slack"), &json!(2), &Value::Null));
}

#[tokio::test]
async fn who_may_only_read_checks_nothing() {
    let (app, _) = desk().await;
    let light = Client::new(&app, Role::Light);
    light.post("/v1/side-conversations/check", &check("T-2")).await.expect_problem(403, "forbidden", None);
}

#[tokio::test]
async fn what_is_restricted_to_a_team_answers_that_team_alone_and_no_other_workspace() {
    let (app, _) = desk().await;
    let admin = Client::new(&app, Role::Admin);
    let secret =
        "May a VAT number be added to an invoice after 14 days? Only the lawyers may add a VAT number to an invoice after 14 days.";
    let document = json!({"external_id": "vat", "title": SUBJECT, "text": secret, "audience": "teams:legal"});
    admin.post("/v1/documents", &document).await.expect(201);
    app.work().await;
    let mut others: Vec<Client> = [Role::Agent, Role::Approver].iter().map(|role| Client::new(&app, *role)).collect();
    others.push(Client::of_teams(&app, Role::Agent, &["finance"]).await);
    let body = json!({"subject": SUBJECT, "body": BODY, "recipients": ["bastien@alderwick.example"]});
    for other in others {
        let answer = other.post("/v1/side-conversations/check", &body).await.expect(200);
        assert!(!answer.to_string().contains("lawyers") && !answer.to_string().contains("\"document\""), "{answer}");
    }
    let member = Client::of_teams(&app, Role::Agent, &["legal"]).await;
    let answer = member.post("/v1/side-conversations/check", &body).await.expect(200);
    assert!(answer.to_string().contains("lawyers"), "{answer}");
    let foreign = Client::with(&app, &app.foreign_admin);
    assert_eq!(foreign.post("/v1/side-conversations/check", &body).await.expect(200)["already_answered"], json!([]));
}

#[tokio::test]
async fn a_document_that_changed_since_comes_before_the_answer() {
    let (app, client) = desk().await;
    let text = "May a VAT number be added to an invoice after 14 days? Since this month a VAT number is added to an invoice for 30 days.";
    let document = json!({"external_id": "vat", "title": SUBJECT, "text": text, "audience": "internal"});
    Client::new(&app, Role::Admin).post("/v1/documents", &document).await.expect(201);
    app.work().await;
    let answer = client.post("/v1/side-conversations/check", &check("T-2")).await.expect(200);
    let kinds: Vec<&Value> = answer["already_answered"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["document", "thread"], "{answer}");
    let changed = &answer["already_answered"][1]["changed_since"];
    assert_eq!((&changed["title"], &changed["document"]), (&json!(SUBJECT), &answer["already_answered"][0]["id"]), "{answer}");
}

#[tokio::test]
async fn a_ticket_that_is_held_out_is_shown_nothing_and_what_would_have_been_is_kept() {
    let (app, client) = desk().await;
    let mut files = playbook();
    files.insert("thresholds.toml".to_owned(), "[insights]\nhold_out = 0.5\n".to_owned());
    app.app.apply_playbook(&app.admin, files).await.unwrap();
    let mut arms = Vec::new();
    for n in 3..19 {
        let id = format!("T-{n}");
        client.post("/v1/tickets", &ticket(&id)).await.expect(201);
        let answer = client.post("/v1/side-conversations/check", &check(&id)).await.expect(200);
        let kept = kept(&app, &answer["ask"]).await;
        assert_eq!(kept.finds.len(), 1, "{answer}");
        assert_eq!(answer["already_answered"].as_array().unwrap().len(), usize::from(kept.arm == Arm::Suggested));
        if kept.arm == Arm::HeldOut {
            let path = format!("/v1/asks/{}", answer["ask"].as_str().unwrap());
            client.post(&path, &json!({"outcome": "avoided"})).await.expect_problem(422, "body-invalid", Some("/outcome"));
            let panel = client.get(&format!("/v1/tickets/{id}/suggestions")).await.expect(200);
            assert_eq!(panel["similar_threads"], json!([]), "{panel}");
        }
        arms.push(kept.arm);
    }
    assert!(arms.contains(&Arm::HeldOut) && arms.contains(&Arm::Suggested), "{arms:?}");
    let told = Client::new(&app, Role::Admin).get("/v1/insights").await.expect(200);
    let held = &told["hold_out"];
    assert_eq!((&held["share"], &held["avoided"]), (&json!(0.5), &Value::Null), "too few tickets: {told}");
    let count = |arm: &str| held[arm]["tickets"].as_u64().unwrap();
    assert_eq!(count("suggested") + count("held_out"), 16, "those that came since it is held out");
}

#[tokio::test]
async fn insights_of_days_that_are_none_are_refused_and_of_an_empty_workspace_are_nothing() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let told = admin.get("/v1/insights?from=2026-11-02&to=2026-11-15&by=week").await.expect(200);
    assert_eq!(
        (&told["from"], &told["to"], &told["total"]["threads_per_100_tickets"]),
        (&json!("2026-11-02"), &json!("2026-11-15"), &Value::Null)
    );
    let weeks: Vec<&Value> = told["rows"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(weeks, ["2026-11-02", "2026-11-09"]);
    for wrong in ["from=soon", "from=2026-11-15&to=2026-11-02", "from=1990-01-01", "by=moon", "since=2026-11-02"] {
        let answer = admin.get(&format!("/v1/insights?{wrong}")).await;
        assert!((400..=422).contains(&answer.status), "{wrong}: {}", answer.status);
    }
}
