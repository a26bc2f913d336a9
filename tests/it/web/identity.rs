//! Links, sessions and the first administrator.

use axum::http::header::SET_COOKIE;
use backchannel::domain::vocabulary::Role;
use backchannel::store::{Options, Store};
use backchannel::web;

use crate::support::app::{TestApp, over};
use crate::web::visitor::{Visitor, link};

#[tokio::test]
async fn looking_at_a_link_uses_nothing_up_and_its_button_signs_in_once() {
    let app = TestApp::new().await;
    let secret = link(&app, &app.admin, Role::Agent).await;
    let mut visitor = Visitor::stranger(&app);
    for _ in 0..3 {
        let page = visitor.get(&format!("/sign-in/{secret}")).await.expect_page(200);
        assert_eq!(page.element("main form").attr("action"), Some(format!("/sign-in/{secret}").as_str()));
    }
    let answer = visitor.use_link(&secret).await;
    answer.expect_led("/tickets");
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("backchannel=") && cookie.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"), "{cookie}");
    assert_eq!(visitor.get("/tickets").await.expect_page(200).text(".who-name"), "Una agent");

    let mut second = Visitor::stranger(&app);
    let again = second.use_link(&secret).await;
    assert!(!again.headers.contains_key(SET_COOKIE));
    assert_eq!(again.expect_page(401).text("h1"), "This link no longer works");
}

#[tokio::test]
async fn behind_https_the_cookie_is_bound_to_the_host() {
    let app = TestApp::new().await;
    let secret = link(&app, &app.admin, Role::Agent).await;
    let mut visitor = Visitor::at(web::router(app.app.clone(), "https://desk.example"));
    let answer = visitor.use_link(&secret).await;
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-backchannel=") && cookie.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    visitor.get("/tickets").await.expect_page(200);
}

#[tokio::test]
async fn signing_in_anew_ends_the_session_before() {
    let app = TestApp::new().await;
    let mut visitor = Visitor::signed_in(&app, Role::Agent).await;
    let before = visitor.clone();
    let secret = link(&app, &app.admin, Role::Light).await;
    visitor.use_link(&secret).await.expect_led("/tickets");
    visitor.get("/tickets").await.expect_page(200);
    before.get("/tickets").await.expect_page(401);
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_in_the_browser() {
    let app = TestApp::new().await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let answer = visitor.post("/sign-out", &[]).await;
    answer.expect_led("/sign-in");
    assert_eq!(answer.headers[SET_COOKIE], "backchannel=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    visitor.get("/tickets").await.expect_page(401);
}

#[tokio::test]
async fn the_first_administrator_is_made_with_the_link_that_serve_prints() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Options::default(), folder.path()).await.unwrap();
    let app = over(store, &folder).await;
    let others = app.make_setup_link().await.unwrap();
    let secret = app.make_setup_link().await.unwrap();
    let mut visitor = Visitor::at(web::router(app, "http://desk.example"));
    let set_up = format!("/set-up/{secret}");
    let page = visitor.get(&format!("/sign-in/{secret}")).await.expect_page(200);
    assert_eq!(page.element("main form").attr("action"), Some(set_up.as_str()));

    let refused = visitor.post(&set_up, &[("name", "Ida <i>"), ("email", "ida"), ("workspace", "Alderwick")]).await.expect_page(422);
    assert!(refused.text("[role=alert]").contains("“ida” is not an e-mail address"));
    assert_eq!(refused.element("#name").attr("value"), Some("Ida <i>"));
    let nameless = visitor.post(&set_up, &[("name", " "), ("email", "ida@desk.example"), ("workspace", "Alderwick")]).await;
    assert!(nameless.expect_page(422).text("[role=alert]").contains("Give your name"));
    let fields = [("name", "Ida"), ("email", "ida@desk.example"), ("workspace", "Alderwick")];
    assert_eq!(visitor.post("/set-up/wrong", &fields).await.expect_page(401).text("h1"), "This link no longer works");

    let answer = visitor.post(&set_up, &fields).await;
    answer.expect_led("/tickets");
    visitor.take_cookie(&answer);
    assert_eq!(visitor.get("/tickets").await.expect_page(200).text(".bar-place"), "Alderwick");
    // The link is used up, and from now on links sign in.
    assert_ne!(visitor.post(&set_up, &fields).await.status, 303);
    assert_ne!(visitor.post(&format!("/set-up/{others}"), &fields).await.status, 303);
    assert!(visitor.get("/sign-in/other").await.expect_page(200).has("form[action='/sign-in/other']"));
}
