//! Incidents and duplicates, and why.

use axum::http::Method;
use backchannel::domain::vocabulary::{Language, Role};
use backchannel::store;
use backchannel::wire::ticket::TicketIn;
use serde_json::{Value, json};

use crate::api::client::Client;
use crate::support::app::{TestApp, over, playbook};
use crate::support::database::each;

/// What some customers write of one thing that happened.
const OUTAGE: [&str; 6] = [
    "Our Wick Hub went offline this morning after the firmware update and the red light blinks",
    "The Wick Hub is offline since the firmware update, a red light blinks on it",
    "Since the update the hub is offline with a red light: firmware trouble?",
    "Wick Hub offline after update, red light blinks all the time",
    "Red light on my Wick Hub, offline since this firmware update arrived",
    "Firmware update broke the Wick Hub: offline, and the red light blinks",
];

/// What they write about otherwise.
const ORDINARY: [&str; 10] = [
    "Where is the invoice for October, our accountant asks for a copy",
    "Please change the delivery address to Mill Lane, we moved house",
    "The doorbell melody is too quiet for grandmother, is a louder chime sold?",
    "I returned a mesh router in September and no refund arrived on the card",
    "How do I cancel the subscription before it renews in January?",
    "Quotation for twelve cameras with mounts for a warehouse in Leeds, please",
    "The parcel came open, the box was crushed and a charger was missing",
    "Delete my account and every recording according to the privacy law",
    "Can the leak sensor stand in the cold of an unheated barn over winter?",
    "My bank shows two payments for one sensor, which of them is right?",
];

fn ticket(reference: &str, customer: &str, body: &str, at: &str) -> Value {
    json!({"external_id": reference, "subject": "", "body": body, "created_at": at, "requester": {"email": format!("{customer}@mail.example")}})
}

/// Four weeks of ordinary tickets, one a day.
async fn ordinary_weeks(client: &Client) {
    for day in 1..=28 {
        let body = format!("{} ({day})", ORDINARY[day % ORDINARY.len()]);
        let at = format!("2026-10-{day:02}T10:00:00Z");
        client.post("/v1/tickets", &ticket(&format!("O-{day}"), &format!("customer{day}"), &body, &at)).await.expect(201);
    }
}

async fn triaged(client: &Client, ticket: &Value) -> Value {
    client.post("/v1/tickets?wait=triage", ticket).await.expect(201)["triage"].clone()
}

#[tokio::test]
async fn a_burst_is_one_incident_that_grows_and_that_a_text_can_fit() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    ordinary_weeks(&client).await;
    for (number, body) in OUTAGE.iter().enumerate() {
        let at = format!("2026-10-29T09:{:02}:00Z", number * 9);
        triaged(&client, &ticket(&format!("H-{number}"), &format!("hub{number}"), body, &at)).await;
    }
    let listed = client.get("/v1/incidents").await.expect(200);
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{listed}");
    let incident = &items[0];
    assert_eq!(
        (&incident["tickets"], &incident["state"], &incident["first_seen"]),
        (&json!(6), &json!("over"), &json!("2026-10-29T09:00:00Z"))
    );
    assert_eq!((&incident["per_hour"], &incident["last_hour"]), (&json!(6.0), &json!(0)));
    let about = incident["about"].as_array().unwrap();
    assert!(about.contains(&json!("Wick Hub")) || about.contains(&json!("offline")), "{about:?}");
    let whole = client.get(&format!("/v1/incidents/{}", incident["id"].as_str().unwrap())).await.expect(200);
    let references: Vec<&str> = whole["tickets"].as_array().unwrap().iter().map(|ticket| ticket["reference"].as_str().unwrap()).collect();
    assert_eq!(references, ["H-0", "H-1", "H-2", "H-3", "H-4", "H-5"]);
    // The first of them, whose panel was made before anybody knew, says so as well; an ordinary one does not.
    let triage = client.get("/v1/tickets/H-0/triage").await.expect(200);
    assert_eq!((&triage["incident"]["id"], &triage["duplicates"]), (&incident["id"], &json!([])));
    let why = client.get("/v1/tickets/H-0/why").await.expect(200);
    assert_eq!(why["steps"].as_array().unwrap().last().unwrap()["code"], "incident_part", "its account as well: {why}");
    assert_eq!(client.get("/v1/tickets/O-3/triage").await.expect(200)["incident"], Value::Null);
    // A text that is not kept fits while the incident is open, and another one does not.
    let fits =
        async |body: &str, at: &str| client.post("/v1/triage", &ticket("X", "new", body, at)).await.expect(200)["incident"]["id"].clone();
    let asked = "Wick Hub offline since the update, the red light blinks";
    assert_eq!(fits(asked, "2026-10-29T12:00:00Z").await, incident["id"]);
    assert_eq!(fits(ORDINARY[0], "2026-10-29T12:00:00Z").await, Value::Null);
    assert_eq!(fits(asked, "2026-10-31T12:00:00Z").await, Value::Null, "it is over by then");
}

#[tokio::test]
async fn many_like_tickets_of_long_ago_do_not_hide_a_burst() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    // Each is nearer to every ticket of the burst than these are to each other, and they are more than are looked at.
    for number in 0..210 {
        let at = format!("2026-{:02}-{:02}T10:00:00Z", 1 + number / 28, 1 + number % 28);
        let past = ticket(&format!("P-{number}"), &format!("past{number}"), OUTAGE[1], &at);
        client.post("/v1/tickets", &past).await.expect(201);
    }
    ordinary_weeks(&client).await;
    app.app.index_pending(app.admin.workspace, &|_, _| ()).await.unwrap();
    let endings = ["My neighbour has none", "I use it in a bakery", "Restarting did nothing", "Yours, Ewa", "It worked on Sunday"];
    for (number, ending) in endings.iter().enumerate() {
        let body = format!("{}. {ending}.", OUTAGE[1]);
        triaged(&client, &ticket(&format!("H-{number}"), &format!("hub{number}"), &body, &format!("2026-10-29T09:{:02}:00Z", number * 9)))
            .await;
    }
    let listed = client.get("/v1/incidents").await.expect(200);
    let tickets: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|incident| &incident["tickets"]).collect();
    assert_eq!(tickets, [&json!(5)], "{listed}");
}

#[tokio::test]
async fn what_comes_a_hundred_times_every_day_is_no_incident() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    // More than are looked at in four weeks and in one, and fewer than that in a day.
    let ticket = |number: usize| {
        let minutes = number * 14;
        let at = format!("2026-10-{:02}T{:02}:{:02}:00Z", 20 + minutes / 1440, minutes / 60 % 24, minutes % 60);
        ticket(&format!("R-{number}"), &format!("someone{number}"), &format!("{} ({number})", OUTAGE[1]), &at)
    };
    for number in 0..720 {
        client.post("/v1/tickets", &ticket(number)).await.expect(201);
    }
    app.app.index_pending(app.admin.workspace, &|_, _| ()).await.unwrap();
    triaged(&client, &ticket(720)).await;
    assert_eq!(client.get("/v1/incidents").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn an_incident_is_seen_at_once_as_it_stands_by_every_replica() {
    each(async |database| {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (here, there) = (over(database.open_again().await, &folders[0]).await, over(database.open_again().await, &folders[1]).await);
        let email = "admin@desk.example".parse().unwrap();
        let admin = here.create_workspace("desk".parse().unwrap(), "desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        here.apply_playbook(&admin, playbook()).await.unwrap();
        let new = |reference: &str, customer: &str, body: &str, at: &str| {
            serde_json::from_value::<TicketIn>(ticket(reference, customer, body, at)).unwrap().into_new().unwrap()
        };
        let put = async |reference: &str, customer: &str, body: &str, at: &str| {
            let id = here.put_ticket(&admin, new(reference, customer, body, at)).await.unwrap().item.ticket.id;
            here.prepare_panel(admin.workspace, id).await.unwrap();
            id
        };
        let seen_of = async |body: &str| {
            let asked = || new("X", "new", body, "2026-10-29T12:00:00Z");
            let mut seen = Vec::new();
            // Twice each: once from the database and once from what is kept.
            for app in [&here, &there, &here, &there] {
                seen.push(app.triage(&admin, asked()).await.unwrap().incident.map(|incident| incident.tickets));
            }
            seen
        };
        let seen = async || seen_of("Wick Hub offline since the update, the red light blinks").await;
        for day in 1..=28 {
            let body = format!("{} ({day})", ORDINARY[day % ORDINARY.len()]);
            let at = format!("2026-10-{day:02}T10:00:00Z");
            here.put_ticket(&admin, new(&format!("O-{day}"), &format!("customer{day}"), &body, &at)).await.unwrap();
        }
        assert_eq!(seen().await, [None; 4]);
        let at = |number: usize| format!("2026-10-29T09:{:02}:00Z", number * 9);
        let customer = |number: usize| format!("hub{number}");
        for (number, body) in OUTAGE.iter().enumerate().take(4) {
            put(&format!("H-{number}"), &customer(number), body, &at(number)).await;
        }
        assert_eq!(seen().await, [Some(4); 4]);
        let last = put("H-4", &customer(4), OUTAGE[4], &at(4)).await;
        assert_eq!(seen().await, [Some(5); 4], "one more joined");
        let mut tx = database.store.begin().await.unwrap();
        store::ticket::remove(&mut tx, admin.workspace, last).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seen().await, [Some(4); 4], "and was removed");
        // Its tickets turn out to be about something else, and then not.
        assert_eq!(seen_of(ORDINARY[0]).await, [None; 4]);
        for number in 0..4 {
            there.put_ticket(&admin, new(&format!("H-{number}"), &customer(number), ORDINARY[0], &at(number))).await.unwrap();
        }
        assert_eq!(seen_of(ORDINARY[0]).await, [Some(4); 4]);
        for (number, body) in OUTAGE.iter().enumerate().take(4) {
            here.put_ticket(&admin, new(&format!("H-{number}"), &customer(number), body, &at(number))).await.unwrap();
        }
        assert_eq!(seen_of(ORDINARY[0]).await, [None; 4]);
    })
    .await;
}

#[tokio::test]
async fn the_account_tells_what_was_said_since_as_the_panel_does() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    for (reference, at) in [("H-0", "2026-10-29T09:00:00Z"), ("H-1", "2026-10-29T10:00:00Z")] {
        client.post("/v1/tickets", &ticket(reference, "ana", OUTAGE[1], at)).await.expect(201);
    }
    app.work().await;
    let id = app.app.ticket_by_reference(&app.admin, "H-1").await.unwrap().ticket.id;
    // As the console shows it while the panel is made again.
    let told = async || {
        let latest = app.app.latest_panel(&app.admin, id).await.unwrap().unwrap();
        let codes: Vec<&str> = latest.panel.why.steps.iter().map(|step| step.fact.code()).collect();
        (latest.panel.triage, codes)
    };
    let (triage, codes) = told().await;
    assert!(triage.corrected.is_none() && codes.contains(&"duplicate") && !codes.contains(&"intent_said"), "{codes:?}");

    let path = "/v1/tickets/H-1/correction";
    client.json(Method::PUT, path, &json!({"intent": "refund_request", "group": "billing"})).await.expect(200);
    let (triage, codes) = told().await;
    assert_eq!(triage.route.unwrap().group.as_str(), "billing");
    let of_intent = |codes: &[&'static str]| codes.iter().filter(|code| code.contains("intent")).copied().collect::<Vec<_>>();
    let of_route = |codes: &[&'static str]| codes.iter().filter(|code| code.contains("route")).copied().collect::<Vec<_>>();
    assert_eq!((of_intent(&codes), of_route(&codes)), (vec!["intent_said"], vec!["route_said"]));
    let why = client.get("/v1/tickets/H-1/why").await.expect(200);
    assert!(why["steps"].as_array().unwrap().iter().any(|step| step["code"] == "route_said"), "{why}");

    app.work().await;
    client.delete(path).await.expect(204);
    let (triage, codes) = told().await;
    assert_eq!((triage.intent, triage.route), (None, None));
    assert_eq!((of_intent(&codes), of_route(&codes)), (vec!["no_intent"], vec!["no_route"]));

    app.work().await;
    client.json(Method::PUT, "/v1/tickets/H-1/duplicates/H-0", &json!({"is_same": false})).await.expect(200);
    let why = client.get("/v1/tickets/H-1/why").await.expect(200);
    let codes: Vec<&str> = why["steps"].as_array().unwrap().iter().map(|step| step["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"duplicate_denied") && !codes.contains(&"duplicate"), "before the panel is made again: {codes:?}");
    assert_eq!(client.get("/v1/tickets/H-1/triage").await.expect(200)["duplicates"], json!([]));
}

#[tokio::test]
async fn ten_unrelated_tickets_of_a_busy_hour_are_no_incident() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    ordinary_weeks(&client).await;
    for (number, body) in ORDINARY.iter().enumerate() {
        let triage =
            triaged(&client, &ticket(&format!("B-{number}"), &format!("busy{number}"), body, &format!("2026-10-29T09:{number:02}:00Z")))
                .await;
        assert_eq!(triage["incident"], Value::Null);
    }
    assert_eq!(client.get("/v1/incidents").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn one_customer_who_writes_five_times_has_duplicates_and_makes_no_incident() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    ordinary_weeks(&client).await;
    let mut last = Value::Null;
    for number in 0..5 {
        let at = format!("2026-10-29T09:{:02}:00Z", number * 9);
        last = triaged(&client, &ticket(&format!("H-{number}"), "ana", OUTAGE[1], &at)).await;
    }
    assert_eq!(client.get("/v1/incidents").await.expect(200)["items"], json!([]));
    assert_eq!(last["duplicates"].as_array().unwrap().len(), 4, "{last}");
    let why = client.get("/v1/tickets/H-4/why").await.expect(200);
    let codes: Vec<&str> = why["steps"].as_array().unwrap().iter().map(|step| step["code"].as_str().unwrap()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "duplicate").count(), 4, "{codes:?}");
    assert!(codes.contains(&"incident_few"), "{codes:?}");
}

#[tokio::test]
async fn what_is_said_of_duplicates_is_shown_at_once_kept_to_and_taken_back() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Agent);
    let tickets = [ticket("H-0", "ana", OUTAGE[1], "2026-10-29T09:00:00Z"), ticket("H-1", "ana", OUTAGE[1], "2026-10-29T10:00:00Z")];
    for ticket in &tickets {
        client.post("/v1/tickets", ticket).await.expect(201);
    }
    let other = client.post("/v1/tickets", &ticket("O-1", "ben", ORDINARY[0], "2026-10-29T09:30:00Z")).await.expect(201)["id"].clone();
    let twin = client.get("/v1/tickets/H-0").await.expect(200)["id"].clone();
    let duplicates = async || client.get("/v1/tickets/H-1/triage").await.expect(200)["duplicates"].clone();
    assert_eq!(duplicates().await, json!([twin]));

    let say = async |other: &str, is_same: bool| {
        client.json(Method::PUT, &format!("/v1/tickets/H-1/duplicates/{other}"), &json!({"is_same": is_same})).await
    };
    say("H-0", false).await.expect(200);
    let said = say("O-1", true).await.expect(200);
    assert_eq!((&said["ticket"], &said["is_same"]), (&other, &json!(true)));
    assert_eq!(duplicates().await, json!([other]), "before the panel is made again");
    app.work().await;
    assert_eq!(duplicates().await, json!([other]), "and after");
    assert_eq!(client.get("/v1/tickets/O-1/triage").await.expect(200)["said_duplicates"][0]["is_same"], true, "on both");
    let why = client.get("/v1/tickets/H-1/why").await.expect(200);
    let said: Vec<&str> = why["steps"].as_array().unwrap().iter().map(|step| step["said"].as_str().unwrap()).collect();
    assert!(said.contains(&"O-1 was said to be the same"), "{said:?}");
    assert!(said.iter().any(|said| said.ends_with(" said that H-0 is not the same")), "{said:?}");

    for path in ["/v1/tickets/H-1/duplicates/H-0", "/v1/tickets/H-1/duplicates/O-1", "/v1/tickets/H-1/duplicates/O-1"] {
        assert_eq!(client.delete(path).await.status, 204);
    }
    app.work().await;
    assert_eq!(duplicates().await, json!([twin]), "judged again");
    say("H-1", true).await.expect_problem(422, "body-invalid", Some("/other"));
    say("T-9", true).await.expect_problem(404, "not-found", None);
}

#[tokio::test]
async fn the_account_of_a_triage_tells_its_steps_in_order_and_whence_each_field_comes() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let text = "The battery of my camera is swollen and hot, order AW-204518-6. My solicitor wants to know of it.\n\nKind regards\nAna Roy";
    let kept = triaged(&client, &ticket("T-1", "ana", text, "2026-10-29T09:00:00Z")).await;
    assert_eq!((&kept["origins"]["urgency"]["by"], &kept["origins"]["urgency"]["because"][0]), (&json!("words"), &json!("swollen")));
    assert_eq!(kept["origins"]["intent"]["by"], "head");
    assert_eq!((&kept["origins"]["language"]["by"], &kept["route"]["by"]), (&json!("words"), &kept["origins"]["route"]["by"]));
    for tag in kept["tags"].as_array().unwrap() {
        assert!(kept["origins"]["tags"][tag.as_str().unwrap()].is_string(), "{tag}");
    }
    let why = client.get("/v1/tickets/T-1/why").await.expect(200);
    let steps = why["steps"].as_array().unwrap();
    let topics: Vec<&str> = steps.iter().map(|step| step["topic"].as_str().unwrap()).collect();
    let mut firsts = topics.clone();
    firsts.dedup();
    assert_eq!(firsts, ["text", "intent", "rules", "route", "priority", "mood", "duplicates", "incident"]);
    let of = |code: &str| steps.iter().find(|step| step["code"] == code);
    assert!(of("left_out").is_some() && of("rule_held").is_some(), "{why}");
    assert_eq!(of("danger").unwrap()["terms"][0], json!({"text": "swollen", "weight": null}));
    // The playbook has rules that ask for more than this ticket has.
    let nearly = of("rule_nearly").unwrap();
    assert_eq!(nearly["happened"], false);
    assert!(nearly["said"].as_str().unwrap().contains("nearly held: it asks for"), "{nearly}");
    let candidate = steps.iter().find(|step| step["topic"] == "intent").unwrap();
    assert!(!candidate["terms"].as_array().unwrap().is_empty() && !candidate["evidence"].as_array().unwrap().is_empty(), "{candidate}");
}

#[tokio::test]
async fn a_panel_that_an_older_version_kept_without_an_account_is_made_again_when_it_is_asked_for() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    triaged(&client, &ticket("T-1", "ana", "Where is my parcel?", "2026-10-29T09:00:00Z")).await;
    let id = client.get("/v1/tickets/T-1/suggestions").await.expect(200)["ticket"].as_str().unwrap().parse().unwrap();
    let workspace = app.admin.workspace;
    let mut prepared = store::panel::get(&app.store, workspace, id).await.unwrap().unwrap();
    let mut old: Value = serde_json::from_str(&prepared.json).unwrap();
    assert!(old.as_object_mut().unwrap().remove("why").is_some() && old["triage"].as_object_mut().unwrap().remove("origins").is_some());
    prepared.json = old.to_string();
    let mut tx = app.store.begin().await.unwrap();
    store::panel::save(&mut tx, workspace, &prepared).await.unwrap();
    tx.commit().await.unwrap();
    let why = client.get("/v1/tickets/T-1/why").await.expect(200);
    assert!(why["steps"].as_array().unwrap().len() > 3, "{why}");
    let panel = client.get("/v1/tickets/T-1/suggestions").await.expect(200);
    assert!(panel["triage"]["origins"]["intent"]["by"].is_string(), "{panel}");
}
