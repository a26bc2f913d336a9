//! Lists taken in and out whole.

use axum::http::Method;
use backchannel::app::Imported;
use backchannel::domain::vocabulary::{Register, RegisterFormat, Role};
use backchannel::wire::lines::parse_line;
use serde_json::{Value, json};

use crate::api::client::Client;
use crate::support::app::TestApp;

const KINDS: [(&str, &str); 2] = [("jsonl", "application/x-ndjson"), ("csv", "text/csv")];

async fn export(client: &Client, of: &str, format: &str) -> String {
    client.text(&format!("/v1/export?of={of}&format={format}")).await
}

async fn import(client: &Client, of: &str, kind: &str, text: String) -> crate::api::client::Answer {
    client.raw(Method::POST, &format!("/v1/import?of={of}"), kind, text).await
}

/// Something of each list with what is hard to write in a table.
async fn fill(client: &Client) {
    client.post("/v1/teams", &json!({"name": "night", "title": "=SUM(A1); \"Night\", shift", "external": true})).await.expect(201);
    let channel = json!({"name": "night", "kind": "slack", "address": "@night", "teams": ["night", "hardware"], "expected_reply_minutes": 5,
        "use_for": "line one\n=line two, \"quoted\"; =three\t@four;\"=five\""});
    client.post("/v1/channels", &channel).await.expect(201);
    let person = json!({"email": "nina@alderwick.example", "name": "-Nina عائشة 🦦", "team": "night", "role": "expert", "languages": ["en", "fr"],
        "skills": ["batteries; swollen", "a\\b", "+44"],
        "availability": {"hours": "Mon to Fri, 9 to 17", "away_until": "2026-12-03", "away_note": "'=holiday"}});
    client.post("/v1/people", &person).await.expect(201);
    let customer = json!({"external_id": "C-1", "email": "ana@mail.example", "name": "<script>alert(1)</script>", "tier": "business",
        "account_owner": "nina@alderwick.example", "notes": "@home\n\"x\"", "created_at": "2024-10-11T00:00:00Z",
        "orders": [{"number": "AW-1", "placed_at": "2026-03-02T11:20:00Z", "status": "shipped", "total_minor": 12900, "currency": "GBP",
            "items": ["=1+1"]}]});
    client.post("/v1/customers", &customer).await.expect(201);
    client.post("/v1/customers", &json!({"email": "ben@mail.example"})).await.expect(201);
}

#[tokio::test]
async fn what_is_taken_out_is_taken_in_unchanged_in_both_forms() {
    let app = TestApp::new().await;
    let (client, other) = (Client::new(&app, Role::Admin), Client::with(&app, &app.foreign_admin));
    fill(&client).await;
    for (format, kind) in KINDS {
        for of in ["teams", "channels", "people", "customers"] {
            let text = export(&client, of, format).await;
            let here = import(&client, of, kind, text.clone()).await.expect(200);
            assert_eq!((&here["created"], &here["updated"]), (&0.into(), &0.into()), "{of} {format}: {here}");
            assert!(here["unchanged"].as_u64().unwrap() >= 1);
            // Elsewhere it becomes the same list.
            let there = import(&other, of, kind, text.clone()).await.expect(200);
            assert_eq!(there["created"].as_u64().unwrap() > 0, format == "jsonl", "{of} {format}: {there}");
            assert_eq!(export(&other, of, format).await, text, "{of} {format}");
        }
    }
}

#[tokio::test]
async fn a_line_that_is_taken_out_is_one_that_ingest_reads() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    fill(&client).await;
    for of in ["teams", "channels", "people", "customers"] {
        for line in export(&client, of, "jsonl").await.lines() {
            parse_line(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        }
    }
}

#[tokio::test]
async fn no_cell_of_a_table_is_a_formula() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    fill(&client).await;
    for of in ["teams", "channels", "people", "customers"] {
        let text = export(&client, of, "csv").await;
        let mut table = csv::Reader::from_reader(text.as_bytes());
        for row in table.records() {
            for cell in &row.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{of}: {cell}");
            }
        }
        // Nor for a program that parts cells elsewhere, to which our quotes are letters.
        for cell in text.split([';', '\t', '\n', '\r']) {
            assert!(!cell.trim_start_matches([' ', '"']).starts_with(['=', '+', '-', '@']), "{of}: {cell}");
        }
    }
}

#[tokio::test]
async fn one_line_that_cannot_be_keeps_the_whole_list_out() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let table = "email,name,role,team\r\nok@a.example,Ok,expert,hardware\r\nbad,\"Bad\r\nName\",exprt,hardware\r\nok2@a.example,Ok,expert,nowhere\r\n";
    let problem = import(&client, "people", "text/csv", table.to_owned()).await;
    let problem = problem.expect_problem(422, "body-invalid", Some("/2/role"));
    assert_eq!(problem["errors"][0]["detail"], "line 3: unknown value `exprt`: did you mean `expert`?");
    let table = table.replace("exprt", "expert");
    let problem = import(&client, "people", "text/csv", table.clone()).await.expect_problem(422, "body-invalid", Some("/2/email"));
    assert!(problem["errors"][0]["detail"].as_str().unwrap().starts_with("line 3: `bad` is not an e-mail address"), "{problem}");
    let table = table.replace("bad,", "bad@a.example,").replace("Bad\r\nName", "Bad");
    let problem = import(&client, "people", "text/csv", table).await.expect_problem(422, "body-invalid", Some("/3/team"));
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("there is no team `nowhere`"), "{problem}");
    let people = client.get("/v1/people?q=ok@a.example").await.expect(200);
    assert_eq!(people["items"], json!([]));
}

#[tokio::test]
async fn a_list_can_be_checked_without_taking_it_in() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let line = json!({"email": "ok@a.example"}).to_string();
    let path = "/v1/import?of=customers&dry_run=true";
    let checked = client.raw(Method::POST, path, "application/x-ndjson", line).await.expect(200);
    assert_eq!(checked, json!({"created": 1, "updated": 0, "unchanged": 0}));
    assert_eq!(client.get("/v1/customers").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn bad_lists_are_problems() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let path = "/v1/import?of=teams";
    client.raw(Method::POST, path, "application/json", "{}").await.expect_problem(415, "media-type-unsupported", None);
    client.raw(Method::POST, path, "text/csv", "").await.expect_problem(422, "body-invalid", Some(""));
    client.raw(Method::POST, path, "text/csv", b"name,title\nnight,caf\xe9\n".to_vec()).await.expect_problem(422, "body-invalid", None);
    client.raw(Method::POST, "/v1/import?of=cats", "text/csv", "x").await.expect_problem(400, "query-invalid", Some("/of"));
    client.get("/v1/export?of=people&format=xlsx").await.expect_problem(400, "query-invalid", Some("/format"));
    let long = format!("name,title\nnight,{}\n", "x".repeat(10_000));
    client.raw(Method::POST, path, "text/csv", long).await.expect_problem(422, "body-invalid", Some("/1/title"));
    let twice = "email\nAna@mail.example\nana@MAIL.example\n".to_owned();
    let problem = import(&client, "customers", "text/csv", twice).await.expect_problem(422, "body-invalid", Some("/2"));
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("stands on line 2 already"), "{problem}");
}

#[tokio::test]
async fn a_list_that_is_too_large_is_told_what_fits() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let fitting = " ".repeat(8 << 20);
    import(&client, "teams", "text/csv", fitting.clone()).await.expect_problem(422, "body-invalid", Some("/0"));
    let problem = import(&client, "teams", "text/csv", fitting + " ").await.expect_problem(413, "body-too-large", None);
    assert_eq!(problem["detail"], "a list may hold 8 MiB: split the file");
}

#[test]
fn a_list_is_read_beside_whatever_else_is_asked() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let app = TestApp::new().await;
        // While the one thread for slow work is taken, a list waits for it; were it read here, this one would be refused at once.
        let (done, taken) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || taken.recv());
        let import = app.app.import(&app.admin, Register::Teams, RegisterFormat::Lines, String::new(), false);
        let mut import = std::pin::pin!(import);
        assert!(futures::poll!(import.as_mut()).is_pending());
        done.send(()).unwrap();
        busy.await.unwrap().unwrap();
        assert!(matches!(import.await.unwrap(), Imported::Refused(_)));
    });
}

#[tokio::test]
async fn people_and_customers_are_found_by_their_words() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    fill(&client).await;
    let found = async |path: &str| -> Vec<String> {
        let list = client.get(path).await.expect(200);
        list["items"].as_array().unwrap().iter().map(|item: &Value| item["email"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found("/v1/people?q=SWOLLEN%20nina").await, ["nina@alderwick.example"]);
    assert_eq!(found("/v1/customers?q=aw-1").await, ["ana@mail.example"]);
    assert_eq!(found("/v1/customers?q=%25").await, Vec::<String>::new());
    let long = format!("/v1/customers?q={}", "x".repeat(201));
    client.get(&long).await.expect_problem(400, "query-invalid", Some("/q"));
}
