//! The stream that keeps an open page up to date.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use backchannel::domain::intake::NewComment;
use backchannel::domain::vocabulary::{Language, Role};
use backchannel::web;
use http_body_util::BodyExt;

use crate::support::app::{TestApp, over};
use crate::support::database::each;
use crate::web::visitor::{URL, Visitor, put, ticket};

/// Reads a stream until it has said `count` events, and gives their ids and what they say.
async fn first(visitor: &Visitor, path: &str, count: usize) -> Vec<(i64, String)> {
    let request = visitor.request(&Method::GET, path).body(Body::empty()).unwrap();
    let response = visitor.open(request).await;
    assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"text/event-stream".parse().unwrap()));
    let mut body = response.into_body();
    let mut text = String::new();
    let read = async {
        while text.matches("\n\n").count() < count {
            let frame = body.frame().await.unwrap().unwrap();
            text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(30), read).await.unwrap();
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        (field("id:").parse().unwrap(), field("data:"))
    };
    text.split("\n\n").take(count).map(event).collect()
}

#[tokio::test]
async fn a_page_learns_of_what_happened_since_it_was_made() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    app.app.panel(&app.admin, id).await.unwrap();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    let events = page.element("[data-live]").attr("data-events").unwrap().to_owned();
    let path = format!("/tickets/{id}/comments");
    visitor.post(&path, &[("body", "one")]).await.led();
    let seen = first(&visitor, &events, 1).await;
    assert_eq!(seen[0].1, "ticket.commented");

    // A stream that comes back goes on after the last event it told, not where the page was made.
    visitor.post(&path, &[("body", "two")]).await.led();
    let back = visitor.saying(&[("last-event-id", &seen[0].0.to_string())]);
    let later = first(&back, &events, 1).await;
    assert!(later[0].0 > seen[0].0);
}

#[tokio::test]
async fn what_happens_while_a_page_is_open_is_told_at_once() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let after = app.app.last_event(&app.admin, id).await.unwrap();
    let events = format!("/tickets/{id}/events?after={after}");
    let (seen, _) = tokio::join!(first(&visitor, &events, 1), async {
        visitor.post(&format!("/tickets/{id}/comments"), &[("body", "one")]).await.led()
    });
    assert_eq!(seen[0].1, "ticket.commented");
}

#[tokio::test]
async fn an_event_says_nothing_that_anybody_wrote() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let seen = first(&visitor, &format!("/tickets/{id}/events?after=0"), 1).await;
    assert_eq!(seen[0].1, "ticket.received");
}

#[tokio::test]
async fn a_page_of_one_replica_learns_of_what_is_written_at_another() {
    each(async |database| {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (here, there) = (over(database.open_again().await, &folders[0]).await, over(database.open_again().await, &folders[1]).await);
        let email = "admin@desk.example".parse().unwrap();
        let admin = here.create_workspace("desk".parse().unwrap(), "desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        let id = put(&here, &admin, "T-1").await;
        let link = here.make_sign_in_link(&admin, admin.user.unwrap()).await.unwrap();
        let mut visitor = Visitor::at(web::router(here.clone(), URL));
        visitor.use_link(&link).await.led();
        let visitor = visitor.with_token().await;
        let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
        let events = page.element("[data-live]").attr("data-events").unwrap().to_owned();

        let author = "tom@desk.example".parse().unwrap();
        let comment = NewComment { author, public: false, body: "Asked the carrier.".to_owned(), created_at: None, attachments: vec![] };
        let (told, written) = tokio::join!(first(&visitor, &events, 1), there.add_comment(&admin, id, comment));
        written.unwrap();
        assert_eq!(told[0].1, "ticket.commented");
    })
    .await;
}
