//! Webhooks in the console.

use backchannel::domain::intake::PageRequest;
use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::Visitor;

const NEW: [(&str, &str); 3] =
    [("url", "https://hooks.example/in"), ("events-ticket.triaged", "ticket.triaged"), ("description", "routing <b>")];

#[tokio::test]
async fn a_webhook_is_made_pinged_rotated_and_removed_and_its_secret_shown_once() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    assert!(admin.get("/webhooks").await.expect_page(200).has("main a[href='/webhooks/new']"));
    assert!(admin.get("/webhooks/new").await.expect_page(200).has("form[action='/webhooks'] input[name=url][required]"));
    let page = admin.post("/webhooks", &NEW).await.expect_page(201);
    let secret = page.text("#secret");
    assert!(secret.starts_with("whsec_"));
    let [made] = app.app.webhooks(&app.admin, PageRequest::default()).await.unwrap().items.try_into().unwrap();
    let path = format!("/webhooks/{}", made.id);
    assert_eq!(page.all("main a").iter().filter(|link| link.attr("href") == Some(path.as_str())).count(), 1, "the way on");
    let list = admin.get("/webhooks").await;
    assert!(!list.text.contains(&secret[6..]));
    assert!(list.expect_page(200).has(&format!("a[href='{path}']")));

    admin.post(&format!("{path}/ping"), &[]).await.expect_led(&path);
    let page = admin.get(&path).await.expect_page(200);
    assert_eq!(page.all("tbody tr").len(), 1);
    let [ping] = app.app.deliveries(&app.admin, made.id, PageRequest::default()).await.unwrap().items.try_into().unwrap();
    let replay = format!("{path}/messages/{}/replay", ping.id);
    assert!(page.has(&format!("form[action='{replay}']")));
    admin.post(&replay, &[]).await.expect_led(&path);
    let rotated = admin.post(&format!("{path}/secret"), &[]).await.expect_page(201);
    assert_ne!(rotated.text("#secret"), secret);

    let auditor = Visitor::signed_in(&app, Role::Auditor).await;
    assert!(!auditor.get("/webhooks").await.expect_page(200).has("main form, main a.primary"));
    assert!(!auditor.get(&path).await.expect_page(200).has("main form"));
    assert_eq!(auditor.post(&format!("{path}/delete"), &[]).await.status, 403);
    assert_eq!(Visitor::signed_in(&app, Role::Agent).await.get("/webhooks").await.status, 403);
    admin.post(&format!("{path}/delete"), &[]).await.expect_led("/webhooks");
    assert_eq!(admin.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_webhook_that_cannot_be_is_told_at_its_field() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let page = admin.post("/webhooks", &[("url", "http://hooks.example/"), NEW[1]]).await.expect_page(422);
    assert!(page.text("[role=alert]").contains("use https") && page.has("#url[aria-invalid=true]"));
    assert!(page.has("input[name='events-ticket.triaged'][checked]"), "what was chosen stays so");
    let page = admin.post("/webhooks", &NEW[..1]).await.expect_page(422);
    assert!(page.text("[role=alert]").contains("at least one event"));
    assert_eq!(app.app.webhooks(&app.admin, PageRequest::default()).await.unwrap().items.len(), 0);
}
