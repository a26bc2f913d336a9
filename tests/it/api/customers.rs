//! Customers.

use backchannel::domain::vocabulary::Role;
use serde_json::json;

use crate::api::client::{Client, ticket};
use crate::support::app::TestApp;

#[tokio::test]
async fn a_customer_is_created_updated_and_read_with_orders() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Service);
    let order =
        json!({"number": "AW-118342-5", "placed_at": "2026-03-02T11:20:00Z", "status": "shipped", "total_minor": 12900, "currency": "GBP"});
    let mut customer = json!({"email": "Ana@Mail.example", "name": "Ana", "tier": "care_plus", "orders": [order]});
    let created = client.post("/v1/customers", &customer).await.expect(201);
    customer["name"] = "Ana Maria".into();
    let updated = client.post("/v1/customers", &customer).await.expect(200);
    assert_eq!(created["id"], updated["id"]);
    let read = client.get(&format!("/v1/customers/{}", created["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&read["email"], &read["name"], &read["tier"]), (&"ana@mail.example".into(), &"Ana Maria".into(), &"care_plus".into()));
    assert_eq!(read["orders"][0]["number"], "AW-118342-5");
    assert_eq!(client.get("/v1/customers").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_customer_with_tickets_stays_and_one_without_is_removed() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let ticket = client.post("/v1/tickets", &ticket("T-1")).await.expect(201);
    let theirs = format!("/v1/customers/{}", ticket["requester"]["id"].as_str().unwrap());
    client.delete(&theirs).await.expect_problem(409, "conflict", None);
    let other = client.post("/v1/customers", &json!({"email": "ben@mail.example"})).await.expect(201);
    let other = format!("/v1/customers/{}", other["id"].as_str().unwrap());
    assert_eq!(client.delete(&other).await.status, 204);
    client.get(&other).await.expect_problem(404, "not-found", None);
    client.get(&theirs).await.expect(200);
}

#[tokio::test]
async fn an_address_and_an_id_of_two_customers_are_a_conflict() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/customers", &json!({"email": "ana@mail.example", "external_id": "C-1"})).await.expect(201);
    client.post("/v1/customers", &json!({"email": "ben@mail.example", "external_id": "C-2"})).await.expect(201);
    let mixed = json!({"email": "ben@mail.example", "external_id": "C-1"});
    let problem = client.post("/v1/customers", &mixed).await.expect_problem(409, "conflict", None);
    assert!(problem["detail"].as_str().unwrap().contains("two different customers"), "{problem}");
}
