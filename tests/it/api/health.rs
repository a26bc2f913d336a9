//! Health and description.

use backchannel::api::openapi::openapi;

use crate::api::client::Client;
use crate::support::app::TestApp;

#[tokio::test]
async fn the_process_says_that_it_lives_and_can_work() {
    let app = TestApp::new().await;
    let client = Client::with(&app, "");
    assert_eq!(client.get("/healthz").await.expect(200)["status"], "ok");
    assert_eq!(client.get("/readyz").await.expect(200)["status"], "ok");
}

#[tokio::test]
async fn the_description_is_the_one_that_the_program_prints() {
    let app = TestApp::new().await;
    let served = Client::with(&app, "").get("/openapi.json").await.expect(200);
    assert_eq!(served, serde_json::from_str::<serde_json::Value>(&openapi()).unwrap());
}
