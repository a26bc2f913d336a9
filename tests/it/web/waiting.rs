//! The page of what waits.

use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{NewComment, NewMessage, NewThread};
use backchannel::domain::vocabulary::{Role, ThreadChannel};

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

/// A side conversation that was answered at once.
async fn answered(app: &TestApp, ticket: TicketId) {
    let message = |author: &str, body: &str| NewMessage {
        author: author.parse().unwrap(),
        body: body.to_owned(),
        created_at: None,
        attachments: vec![],
    };
    let new = NewThread {
        ask: None,
        context: vec![],
        external_id: Some("S-1".to_owned()),
        channel: ThreadChannel::Slack,
        subject: "Trace".to_owned(),
        status: None,
        opened_by: "tom@desk.example".parse().unwrap(),
        participants: vec!["sunil@lab.example".parse().unwrap()],
        created_at: None,
        messages: vec![message("tom@desk.example", "May it be traced?"), message("sunil@lab.example", "It was lost in Lyon.")],
    };
    app.app.open_thread(&app.admin, ticket, new).await.unwrap();
}

#[tokio::test]
async fn what_waits_leads_to_its_place_on_the_ticket_and_is_counted_in_the_head() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    answered(&app, id).await;
    let reader = Visitor::signed_in(&app, Role::Agent).await;
    assert_eq!(reader.get("/tickets").await.expect_page(200).text(".places .count"), "2");
    let page = reader.get("/waiting").await.expect_page(200);
    assert_eq!(page.text(".places .count"), "2");
    assert!(page.has(".places a[href='/waiting'][aria-current=page]"));
    assert!(page.text(".notice").starts_with("You have no tickets"));
    let links: Vec<String> = page.all(".waits-to").iter().map(|link| link.attr("href").unwrap().to_owned()).collect();
    let opened = reader.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert_eq!(links.len(), 2);
    for link in &links {
        let (path, anchor) = link.split_once('#').unwrap();
        assert_eq!(path, format!("/tickets/{id}"));
        assert!(opened.has(&format!("[id='{anchor}']")), "{anchor} is not on the ticket");
    }
    assert!(page.all(".waits li")[0].text().collect::<String>().contains("sunil@lab.example answered in S-1"));
    assert!(!reader.get("/people").await.expect_page(200).has(".places .count"), "the count is not asked for on every page");
}

#[tokio::test]
async fn what_is_answered_no_longer_waits_and_the_empty_page_says_what_would_be_there() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let reader = Visitor::signed_in(&app, Role::Agent).await;
    assert!(reader.get("/waiting?whose=all").await.expect_page(200).has(".waits-to"));
    let reply = NewComment {
        author: "tom@desk.example".parse().unwrap(),
        public: true,
        body: "It comes on Friday.".to_owned(),
        created_at: None,
        attachments: vec![],
    };
    app.app.add_comment(&app.admin, id, reply).await.unwrap();
    let page = reader.get("/waiting").await.expect_page(200);
    assert_eq!(page.text(".empty h2"), "Nothing waits for you");
    assert!(page.has(".empty a[href='/waiting?whose=all']") && !page.has(".places .count"));
    let page = reader.get("/waiting?whose=all").await.expect_page(200);
    assert_eq!((page.text("h1"), page.text(".empty h2")), ("Everything that waits".to_owned(), "Nothing waits".to_owned()));
}

#[tokio::test]
async fn fifty_are_shown_and_the_rest_is_said_and_a_click_away() {
    let app = TestApp::new().await;
    for number in 0..53 {
        ticket(&app, &app.admin, &format!("T-{number}")).await;
    }
    let reader = Visitor::signed_in(&app, Role::Light).await;
    let page = reader.get("/waiting").await.expect_page(200);
    assert_eq!((page.all(".waits-to").len(), page.text(".waits-more")), (50, "And 3 more. Show more".to_owned()));
    assert_eq!(page.text("#unanswered .count"), "53");
    let page = reader.get(page.element(".waits-more a").attr("href").unwrap()).await.expect_page(200);
    assert_eq!((page.all(".waits-to").len(), page.has(".waits-more")), (53, false));
}
