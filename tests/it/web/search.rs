//! The search page, and its first results while somebody types.

use std::collections::BTreeSet;

use backchannel::domain::audience::Audience;
use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{NewComment, NewDocument, NewMessage, NewThread};
use backchannel::domain::vocabulary::{Language, Role, ThreadChannel};

use crate::support::app::TestApp;
use crate::web::visitor::{Page, Visitor, link, ticket};

const TOM: &str = "tom.hargreaves@alderwick.example";

/// A ticket with a comment and a side conversation, and an article, all indexed.
async fn desk(app: &TestApp) -> TicketId {
    let article = NewDocument {
        external_id: "lost".to_owned(),
        title: Some("Lost parcels".to_owned()),
        file_name: "lost.md".to_owned(),
        bytes: "# Lost parcels\n\nA parcel that has not come is traced by the carrier. The <b>dépôt</b> answers.\n".into(),
        language: Some(Language::ENGLISH),
        audience: Audience::Public,
        updated_at: None,
    };
    app.app.put_document(&app.admin, article).await.unwrap();
    let id = ticket(app, &app.admin, "T-1").await;
    comment(app, id, "The dépôt has the parcel <i>on a shelf</i>.").await;
    let thread = NewThread {
        ask: None,
        context: vec![],
        external_id: None,
        channel: ThreadChannel::Slack,
        subject: "Parcel on a shelf".to_owned(),
        status: None,
        opened_by: TOM.parse().unwrap(),
        participants: vec!["nina@alderwick.example".parse().unwrap()],
        created_at: None,
        messages: vec![NewMessage {
            author: TOM.parse().unwrap(),
            body: "Which depot has the parcel?".to_owned(),
            attachments: Vec::new(),
            created_at: None,
        }],
    };
    app.app.open_thread(&app.admin, id, thread).await.unwrap();
    app.work().await;
    id
}

async fn comment(app: &TestApp, id: TicketId, body: &str) -> String {
    let new = NewComment { author: TOM.parse().unwrap(), public: true, body: body.to_owned(), created_at: None, attachments: vec![] };
    app.app.add_comment(&app.admin, id, new).await.unwrap().id.to_string()
}

fn texts(page: &Page, css: &str) -> Vec<String> {
    page.all(css).iter().map(|found| found.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test]
async fn a_search_shows_tickets_by_their_words_then_what_is_near_each_with_a_way_to_its_place() {
    let app = TestApp::new().await;
    let id = desk(&app).await;
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let answer = visitor.get("/search?q=parcel%20monday").await;
    assert!(!answer.text.contains("score"));
    let page = answer.expect_page(200);
    assert_eq!(page.text("h1"), "Results for “parcel monday”");
    assert_eq!(page.element(".search input[name=q]").attr("value"), Some("parcel monday"));
    let first = "section[aria-labelledby=by-words]";
    assert_eq!(texts(&page, &format!("{first} .hit-title")), ["Where is my parcel?"]);
    assert_eq!(texts(&page, &format!("{first} mark")), ["parcel", "Monday"], "one in the subject, one in the text");
    assert_eq!(page.element(&format!("{first} .hit-title")).attr("href"), Some(format!("/tickets/{id}").as_str()));

    // By words without their accents; no ticket has them in its own text.
    let page = visitor.get("/search?q=depot").await.expect_page(200);
    assert!(texts(&page, &format!("{first} p.quiet")).contains(&"No ticket has all of them.".to_owned()));
    let near = page.all("section[aria-labelledby=near] .hit");
    let kinds = texts(&page, "section[aria-labelledby=near] .hit-kind");
    assert_eq!(near.len(), kinds.len());
    for (kind, link) in [("Article", "/knowledge/"), ("Comment", "#comment-"), ("Side conversation", "#message-")] {
        let place = kinds.iter().position(|one| one == kind).unwrap_or_else(|| panic!("no {kind} in {kinds:?}"));
        let hit = near[place];
        assert!(hit.html().contains(link) && hit.html().to_lowercase().contains("<mark>d"), "{kind}: {}", hit.html());
    }
    // A number finds what has it, and nothing that is only like it.
    let page = visitor.get("/search?q=aw-204518-6").await.expect_page(200);
    assert_eq!(texts(&page, ".hit-text mark"), ["AW-204518-6"]);
    assert_eq!(visitor.get("/search?q=AW-204518-7").await.expect_page(200).text(".empty h2"), "Nothing was found");
    // Who types what a ticket is called is led to it; a number alone may be anything.
    for name in ["T-1", "t-1"] {
        assert_eq!(visitor.get(&format!("/search?q={name}")).await.led(), format!("/tickets/{id}"));
    }
    // What people wrote stays text.
    let html = visitor.get("/search?q=%3Cb%3Ed%C3%A9p%C3%B4t").await.text;
    assert!(!html.contains("<b>") && !html.contains("<i>"), "{html}");
}

#[tokio::test]
async fn a_search_for_nothing_says_what_can_be_found_and_one_without_results_how_to_go_on() {
    let app = TestApp::new().await;
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let page = visitor.get("/search?q=%20").await.expect_page(200);
    assert_eq!(page.text(".empty h2"), "What are you looking for?");
    let page = visitor.get("/search?q=zzz").await.expect_page(200);
    assert_eq!(page.text(".empty h2"), "Nothing was found");
    assert_eq!(Visitor::stranger(&app).get("/search?q=zzz").await.status, 401);
    assert_eq!(Visitor::stranger(&app).get("/search/glance?q=zzz").await.status, 401);
}

#[tokio::test]
async fn while_somebody_types_a_few_results_and_what_enter_does_come_as_options() {
    let app = TestApp::new().await;
    desk(&app).await;
    for number in 2..9 {
        ticket(&app, &app.admin, &format!("T-{number}")).await;
    }
    app.work().await;
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let page = visitor.get("/search/glance?q=PARC").await.expect_page(200);
    let list = page.element("[role=listbox]");
    assert!(list.attr("data-say").unwrap().ends_with(" results"));
    let kinds = texts(&page, "a.hit[role=option][id][aria-selected=false] .hit-kind");
    let refs = texts(&page, "a.hit .ref");
    assert_eq!(refs.iter().collect::<BTreeSet<_>>().len(), refs.len(), "each ticket stands once: {refs:?}");
    assert_eq!(kinds[..4], ["Ticket", "Ticket", "Ticket", "Ticket"].map(str::to_owned));
    assert!(!page.has("script") && !page.has("nav"));
    assert_eq!(page.element("#found-all").attr("href"), Some("/search?q=PARC"));
    assert!(texts(&page, "#found-all")[0].ends_with("Enter"));
    assert!(!page.has("#found-list"));

    let page = visitor.get("/search/glance?within=list&status=new&order=urgency&q=parc&cursor=x").await.expect_page(200);
    assert_eq!(page.element("#found-list").attr("href"), Some("/tickets?status=new&q=parc&order=urgency"));
    assert!(texts(&page, "#found-all")[0].ends_with("Enter") && !texts(&page, "#found-list")[0].ends_with("Enter"));
    assert_eq!(page.all("[role=option]").last().unwrap().attr("id"), Some("found-list"));
    let page = visitor.get("/search/glance?q=p").await.expect_page(200);
    assert!(!page.has("[role=option]"), "too little to look for");
}

#[tokio::test]
async fn a_comment_far_up_in_a_long_conversation_is_on_the_page_that_its_link_opens() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let early = comment(&app, id, "The first of many.").await;
    for number in 0..120 {
        comment(&app, id, &format!("Comment {number}.")).await;
    }
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(!page.has(&format!("#comment-{early}")));
    let page = visitor.get(&format!("/tickets/{id}?comment={early}")).await.expect_page(200);
    assert!(page.has(&format!("#comment-{early}")));
    let page = visitor.get(&format!("/tickets/{id}?comment=nonsense")).await.expect_page(200);
    assert!(page.text(".talk").contains("Comment 119."));
}

#[tokio::test]
async fn what_is_restricted_is_found_by_those_who_may_read_it_alone() {
    let app = TestApp::new().await;
    desk(&app).await;
    let secret = NewDocument {
        external_id: "secret".to_owned(),
        title: Some("Zebra contract".to_owned()),
        file_name: "zebra.md".to_owned(),
        bytes: b"# Zebra contract\n\nThe zebra penalty is nine per cent.\n".to_vec(),
        language: Some(Language::ENGLISH),
        audience: Audience::Teams(["legal".parse().unwrap()].into()),
        updated_at: None,
    };
    app.app.put_document(&app.admin, secret).await.unwrap();
    app.work().await;
    let member = Visitor::of_teams(&app, Role::Light, &["legal"]).await;
    let others = [Visitor::signed_in(&app, Role::Agent).await, Visitor::of_teams(&app, Role::Approver, &["finance", "support"]).await];
    for path in ["/search?q=zebra%20penalty", "/search/glance?q=zebra%20penalty"] {
        let found = member.get(path).await.text;
        assert!(found.contains("nine per cent") && found.contains("contract"), "{path}: {found}");
        for other in &others {
            let found = other.get(path).await;
            assert!(
                found.status == 200 && !found.text.contains("nine per cent") && !found.text.contains("contract"),
                "{path}: {}",
                found.text
            );
        }
    }
    // Another workspace finds nothing of this one.
    let mut foreign = Visitor::stranger(&app);
    let secret = link(&app, &app.app.authenticate(&app.foreign_admin).await.unwrap(), Role::Admin).await;
    foreign.use_link(&secret).await.expect_led("/tickets");
    assert_eq!(foreign.get("/search?q=parcel").await.expect_page(200).text(".empty h2"), "Nothing was found");
}
