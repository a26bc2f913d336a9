//! Customers.

use backchannel::domain::vocabulary::Role;
use serde_json::json;

use crate::api::client::Client;
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
