//! Every route of the table, and what lies outside it.

use axum::http::Method;
use axum::http::header::ALLOW;
use backchannel::domain::id::{AttachmentId, CustomerId, PersonId, SuggestionId, TicketId, TokenId, UserId};
use backchannel::domain::vocabulary::Role;
use backchannel::web::routes::{ROUTES, Who};

use crate::support::app::TestApp;
use crate::support::make::{NOW, random};
use crate::web::visitor::{URL, Visitor};

fn filled(path: &str) -> String {
    path.replace("{ticket}", &TicketId::at(NOW, random()).to_string())
        .replace("{suggestion}", &SuggestionId::at(NOW, random()).to_string())
        .replace("{person}", &PersonId::at(NOW, random()).to_string())
        .replace("{customer}", &CustomerId::at(NOW, random()).to_string())
        .replace("{user}", &UserId::at(NOW, random()).to_string())
        .replace("{token}", &TokenId::at(NOW, random()).to_string())
        .replace("{team}", "hardware")
        .replace("{channel}", "night")
        .replace("{list}", "people.csv")
        .replace("{secret}", "0123456789abcdef")
        .replace("{file}", "app.css")
        .replace("{view}", "0123456789abcdef")
        .replace("{attachment}", &AttachmentId::at(NOW, random()).to_string())
}

#[tokio::test]
async fn every_page_of_a_workspace_asks_a_stranger_to_sign_in() {
    let app = TestApp::new().await;
    let stranger = Visitor::stranger(&app);
    let forged = Visitor { cookie: Some(format!("backchannel={}", "0".repeat(64))), ..stranger.clone() };
    for route in ROUTES.iter().filter(|route| route.who == Who::SignedIn) {
        for visitor in [&stranger, &forged] {
            let path = filled(route.path);
            let answer = if route.method == Method::GET { visitor.get(&path).await } else { visitor.post(&path, &[]).await };
            let page = answer.expect_page(401);
            assert_eq!(page.text("h1"), "You are not signed in", "{}", route.path);
            assert!(page.has("a[href='/sign-in']"), "{}", route.path);
        }
    }
}

#[tokio::test]
async fn the_pages_of_a_stranger_ask_for_no_session() {
    let app = TestApp::new().await;
    let stranger = Visitor::stranger(&app);
    for route in ROUTES.iter().filter(|route| route.who == Who::Anyone && route.method == Method::GET) {
        let status = stranger.get(&filled(route.path)).await.status;
        assert!(matches!(status, 200 | 303 | 404), "{}: {status}", route.path);
    }
    stranger.get("/").await.expect_led("/tickets");
}

#[tokio::test]
async fn who_may_only_read_is_refused_to_write() {
    let app = TestApp::new().await;
    let ticket = crate::web::visitor::ticket(&app, &app.admin, "T-1").await;
    let panel = app.app.panel(&app.admin, ticket).await.unwrap();
    let suggestion = panel.part_ids.values().next().unwrap();
    let channel = app.app.directory(&app.admin).await.unwrap().channels.into_keys().next().unwrap();
    let chosen = format!("ticket-{ticket}");
    for role in [Role::Light, Role::Auditor] {
        let reader = Visitor::signed_in(&app, role).await;
        let page = reader.get(&format!("/tickets/{ticket}")).await.expect_page(200);
        assert!(!page.has("form[method=post]:not([action='/sign-out']):not([action='/preferences']):not([data-ask])"), "{role}");
        assert!(!reader.get("/tickets").await.expect_page(200).has(".pick"), "{role}");
        // Asking reads.
        let answer = reader.post(&format!("/tickets/{ticket}/ask"), &[("question", "where is the parcel?")]).await.expect_page(200);
        assert!(answer.has("[data-answer]") && answer.text("h1") == "where is the parcel?", "{role}");
        let posts = [
            (format!("/tickets/{ticket}/comments"), vec![("body", "no")]),
            (
                format!("/tickets/{ticket}/side-conversations"),
                vec![("channel", channel.as_str()), ("recipients", "bo@desk.example"), ("subject", "no"), ("body", "no")],
            ),
            (format!("/suggestions/{suggestion}/feedback"), vec![("verdict", "up")]),
            (format!("/suggestions/{suggestion}/set-aside"), vec![("for", "good")]),
            (format!("/suggestions/{suggestion}/bring-back"), vec![]),
            (format!("/tickets/{ticket}/correct"), vec![("intent", "-")]),
            (format!("/tickets/{ticket}/correct/take-back"), vec![]),
            ("/tickets/correct".to_owned(), vec![(chosen.as_str(), "1"), ("intent", "-")]),
        ];
        for (path, fields) in posts {
            let page = reader.post(&path, &fields).await.expect_page(403);
            assert_eq!(page.text("h1"), "You may not do this", "{role} {path}");
        }
    }
    let history = app.app.ticket(&app.admin, ticket).await.unwrap();
    assert!(history.comments.is_empty() && app.app.threads(&app.admin, ticket).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_unknown_path_is_a_page_and_an_unknown_method_is_told() {
    let app = TestApp::new().await;
    let stranger = Visitor::stranger(&app);
    for path in ["/nowhere", "/tickets/", "/static/app.css", "/static/%ff", "/static/..%2fCargo.toml"] {
        assert_eq!(stranger.get(path).await.expect_page(404).text("h1"), "There is nothing here", "{path}");
    }
    let answer = stranger.post("/tickets", &[]).await;
    assert_eq!(answer.headers[ALLOW], "GET,HEAD");
    answer.expect_page(405);
}

#[tokio::test]
async fn the_console_and_the_api_live_on_one_router() {
    let app = TestApp::new().await;
    let router = backchannel::web::router(app.app.clone(), URL).merge(app.router.clone());
    let both = Visitor::at(router);
    assert_eq!(both.get("/healthz").await.status, 200);
    assert_eq!(both.get("/v1/nowhere").await.headers["content-type"], "application/problem+json");
    both.get("/sign-in").await.expect_page(200);
    both.get("/nowhere").await.expect_page(404);
}
