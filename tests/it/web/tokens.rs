//! Tokens in the console.

use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::Visitor;

#[tokio::test]
async fn a_token_is_shown_once_listed_and_revoked() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let page = admin.post("/tokens", &[("name", "import <b>"), ("role", "service")]).await.expect_page(201);
    let secret = page.text("#secret");
    let token = app.app.tokens(&app.admin).await.unwrap().into_iter().find(|token| token.name == "import <b>").unwrap();
    app.app.authenticate(&secret).await.unwrap();
    let list = admin.get("/tokens").await;
    assert!(!list.text.contains(&secret));
    let list = list.expect_page(200);
    assert!(list.all("tbody tr").iter().any(|row| row.text().any(|text| text == "Una admin")), "who made it is named");
    let revoke = format!("/tokens/{}/revoke", token.id);
    assert!(list.has(&format!("form[action='{revoke}']")));
    admin.post(&revoke, &[]).await.expect_led("/tokens");
    app.app.authenticate(&secret).await.unwrap_err();
    assert!(!admin.get("/tokens").await.expect_page(200).has(&format!("form[action='{revoke}']")));
    let auditor = Visitor::signed_in(&app, Role::Auditor).await;
    assert!(!auditor.get("/tokens").await.expect_page(200).has("main form, main a.primary"));
}

#[tokio::test]
async fn a_token_that_cannot_be_is_told() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let before = app.app.tokens(&app.admin).await.unwrap().len();
    admin.post("/tokens", &[("name", " "), ("role", "service")]).await.expect_page(422);
    let page = admin.post("/tokens", &[("name", "a"), ("role", "servce")]).await.expect_page(422);
    assert!(page.text("[role=alert]").contains("did you mean `service`?") && page.has("#role[aria-invalid=true]"));
    assert_eq!(app.app.tokens(&app.admin).await.unwrap().len(), before);
}
