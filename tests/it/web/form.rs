//! Forms: whose token, from where, how large.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

#[tokio::test]
async fn a_form_without_the_sessions_own_token_changes_nothing_and_gives_the_text_back() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let (visitor, other) = (Visitor::signed_in(&app, Role::Agent).await, Visitor::signed_in(&app, Role::Agent).await);
    let path = format!("/tickets/{id}/comments");
    for token in [None, Some(""), Some("0".repeat(48).as_str()), Some(other.csrf.as_str())] {
        let fields: Vec<_> = [("body", "A long reply.")].into_iter().chain(token.map(|token| ("csrf", token))).collect();
        let page = visitor.post_as_is(&path, &fields).await.expect_page(403);
        assert_eq!((page.text("h1"), page.text("#kept")), ("This form is too old".to_owned(), "A long reply.".to_owned()));
    }
    assert!(app.app.ticket(&app.admin, id).await.unwrap().comments.is_empty());
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_even_with_the_token() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let secret = app.app.make_sign_in_link(&app.admin, app.admin.user.unwrap()).await.unwrap();
    let sets: [&[(&'static str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
    ];
    for headers in sets {
        let elsewhere = visitor.saying(headers);
        elsewhere.post(&format!("/tickets/{id}/comments"), &[("body", "no")]).await.expect_page(403);
        elsewhere.post("/sign-out", &[]).await.expect_page(403);
        elsewhere.post(&format!("/sign-in/{secret}"), &[]).await.expect_page(403);
        elsewhere.post("/set-up/x", &[]).await.expect_page(403);
    }
    assert!(app.app.ticket(&app.admin, id).await.unwrap().comments.is_empty());
    // Neither the session nor the link was used up by it.
    visitor.get("/tickets").await.expect_page(200);
    Visitor::stranger(&app).use_link(&secret).await.expect_led("/tickets");
    visitor.saying(&[("origin", "http://desk.example")]).post("/sign-out", &[]).await.expect_led("/sign-in");
}

#[tokio::test]
async fn a_text_is_not_lost_when_the_session_ended_meanwhile() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    visitor.post("/sign-out", &[]).await;
    let page = visitor.post(&format!("/tickets/{id}/comments"), &[("body", "An hour's work.")]).await.expect_page(401);
    assert_eq!(page.text("#kept"), "An hour's work.");
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_form_is_refused() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}/comments");
    visitor.post(&path, &[("body", &"a".repeat(64 * 1024))]).await.expect_page(413);
    let json = visitor.request(&Method::POST, &path).header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
    visitor.send(json).await.expect_page(415);
}
