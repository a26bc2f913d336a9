//! What is restricted to a team stays with it, wherever the API could give it away.

use backchannel::domain::vocabulary::Role;
use serde_json::{Value, json};

use crate::api::client::{Client, document, ticket};
use crate::support::app::TestApp;

/// Words of the document that stand in no ticket.
const SECRET: &str = "30 days";
const OWN: &[&str] = &["legal"];
const OTHER: &[&str] = &["finance", "support"];

/// A document that only the legal team may read, and a ticket that it answers.
async fn restricted(app: &TestApp) -> String {
    let admin = Client::new(app, Role::Admin);
    let mut asked = ticket("T-1");
    asked["body"] = "How many days do I have to return something after delivery?".into();
    admin.post("/v1/tickets", &asked).await.expect(201);
    let mut document = document("returns");
    document["audience"] = "teams:legal".into();
    admin.post("/v1/documents", &document).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Everybody who may read tickets and is in no team, or in others than the legal one.
async fn others(app: &TestApp) -> Vec<Client> {
    let mut others: Vec<Client> =
        [Role::Light, Role::Agent, Role::Approver, Role::Auditor, Role::Service].iter().map(|role| Client::new(app, *role)).collect();
    others.push(Client::of_teams(app, Role::Agent, OTHER).await);
    others
}

fn reason(panel: &Value, part: &str) -> Option<String> {
    let abstained = panel["abstained"].as_array().unwrap().iter();
    abstained.filter(|one| one["part"] == part).find_map(|one| one["reason"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_restricted_passage_is_on_the_panel_for_its_team_alone() {
    let app = TestApp::new().await;
    restricted(&app).await;
    let member = Client::of_teams(&app, Role::Light, OWN).await;
    // The first of them has the panel made, the rest and the second round read the one that is there.
    for round in ["before", "after"] {
        for other in others(&app).await {
            let panel = other.get("/v1/tickets/T-1/suggestions").await.expect(200);
            assert!(!panel.to_string().contains(SECRET), "{round} a member asked: {panel}");
            assert_eq!(panel["passages"], json!([]), "{panel}");
            assert!(reason(&panel, "passage").is_some(), "nobody says why there is no passage: {panel}");
            let experts = other.get("/v1/experts?ticket=T-1").await.expect(200);
            assert!(!experts.to_string().contains(SECRET), "{experts}");
        }
        let panel = member.get("/v1/tickets/T-1/suggestions").await.expect(200);
        assert_eq!(panel["passages"][0]["external_id"], "returns", "{panel}");
        assert!(panel["passages"].to_string().contains(SECRET), "{panel}");
        assert_eq!(reason(&panel, "passage"), None, "{panel}");
    }
}

#[tokio::test]
async fn a_restricted_passage_is_found_by_its_team_alone() {
    let app = TestApp::new().await;
    restricted(&app).await;
    // What a worker would do.
    app.app.index_pending(app.admin.workspace, &|_, _| ()).await.unwrap();
    let query = json!({"query": "you have 30 days from delivery"});
    for other in others(&app).await {
        let found = other.post("/v1/search", &query).await.expect(200);
        assert!(found["items"].as_array().unwrap().iter().all(|item| item["kind"] != "passage"), "{found}");
    }
    let found = Client::of_teams(&app, Role::Light, OWN).await.post("/v1/search", &query).await.expect(200);
    assert!(found["items"].as_array().unwrap().iter().any(|item| item["quote"].as_str().unwrap().contains(SECRET)), "{found}");
}

#[tokio::test]
async fn a_restricted_document_is_listed_and_read_by_its_team_alone() {
    let app = TestApp::new().await;
    let path = format!("/v1/documents/{}", restricted(&app).await);
    for other in others(&app).await {
        assert_eq!(other.get("/v1/documents").await.expect(200)["items"], json!([]));
        // As if it were not there: its very name may tell something.
        other.get(&path).await.expect_problem(404, "not-found", None);
    }
    let member = Client::of_teams(&app, Role::Light, OWN).await;
    assert_eq!(member.get("/v1/documents").await.expect(200)["items"][0]["external_id"], "returns");
    assert!(member.get(&path).await.expect(200)["text"].as_str().unwrap().contains(SECRET));
}

#[tokio::test]
async fn a_document_that_becomes_restricted_leaves_the_panels_that_were_made_before() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let mut asked = ticket("T-1");
    asked["body"] = "How many days do I have to return something after delivery?".into();
    admin.post("/v1/tickets", &asked).await.expect(201);
    admin.post("/v1/documents", &document("returns")).await.expect(201);
    let other = Client::of_teams(&app, Role::Agent, OTHER).await;
    let open = other.get("/v1/tickets/T-1/suggestions").await.expect(200);
    assert!(open.to_string().contains(SECRET), "{open}");
    let mut narrowed = document("returns");
    narrowed["audience"] = "teams:legal".into();
    admin.post("/v1/documents", &narrowed).await.expect(200);
    let closed = other.get("/v1/tickets/T-1/suggestions").await.expect(200);
    assert!(!closed.to_string().contains(SECRET), "{closed}");
    let member = Client::of_teams(&app, Role::Agent, OWN).await;
    let kept = member.get("/v1/tickets/T-1/suggestions").await.expect(200);
    assert_eq!(kept["passages"][0]["external_id"], "returns", "{kept}");
}

#[tokio::test]
async fn a_document_that_changes_is_on_the_panel_as_it_is_now() {
    let app = TestApp::new().await;
    let admin = Client::new(&app, Role::Admin);
    let mut asked = ticket("T-1");
    asked["body"] = "How many days do I have to return something after delivery?".into();
    admin.post("/v1/tickets", &asked).await.expect(201);
    let mut article = document("returns");
    admin.post("/v1/documents", &article).await.expect(201);
    assert!(admin.get("/v1/tickets/T-1/suggestions").await.expect(200)["passages"].to_string().contains(SECRET));
    article["text"] = "# Returns\n\nYou have 45 days from delivery.".into();
    admin.post("/v1/documents", &article).await.expect(200);
    let panel = admin.get("/v1/tickets/T-1/suggestions").await.expect(200);
    assert!(panel["passages"].to_string().contains("45 days") && !panel.to_string().contains(SECRET), "{panel}");
}
