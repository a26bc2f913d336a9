//! People, teams, channels and customers in the console.

use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::vocabulary::{Role, ThreadChannel};

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

const HOSTILE: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn a_person_is_added_found_read_changed_and_removed() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let fields = [
        ("email", "Nina@a.example"),
        ("name", "نينا 🦦"),
        ("role", "expert"),
        ("team", "hardware"),
        ("languages", "en, fr"),
        ("skills", "swollen batteries\n<b>radio</b>"),
        ("hours", "Mon to Fri"),
        ("away_until", "2999-12-03"),
        ("away_note", HOSTILE),
    ];
    let path = admin.post("/people", &fields).await.led();
    let answer = admin.get(&path).await;
    assert!(!answer.text.contains("<script>alert"));
    let page = answer.expect_page(200);
    assert_eq!(page.text("h1"), "نينا 🦦");
    assert!(page.text(".alert").contains("Away until 2999-12-03") && page.text(".alert").contains(HOSTILE));
    assert_eq!(page.all(".tags .tag").len(), 2);
    for (words, found) in [("SWOLLEN", 1), ("swollen nobody", 0), ("%", 0)] {
        let list = admin.get(&format!("/people?q={}", words.replace('%', "%25").replace(' ', "+"))).await.expect_page(200);
        assert_eq!(list.all(&format!("a[href='{path}']")).len(), found, "{words}");
    }
    let page = admin.get(&format!("{path}/edit")).await.expect_page(200);
    assert!(page.has("#email[readonly]") && page.has("#team option[value=hardware][selected]"));
    let id = path.rsplit('/').next().unwrap();
    admin.post("/people", &[("id", id), ("name", "Nina"), ("role", "agent"), ("away_until", "")]).await.expect_led(&path);
    let page = admin.get(&path).await.expect_page(200);
    assert!(page.text("h1") == "Nina" && !page.has(".alert"));
    admin.post(&format!("{path}/delete"), &[]).await.expect_led("/people");
    admin.get(&path).await.expect_page(404);
}

#[tokio::test]
async fn a_persons_page_links_what_they_answered() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let path = admin.post("/people", &[("email", "nina@a.example"), ("name", "Nina"), ("role", "expert")]).await.led();
    assert!(admin.get(&path).await.expect_page(200).has("section[aria-labelledby=lately] p.quiet"));
    let ticket = ticket(&app, &app.admin, "T-1").await;
    let say = |author: &str, body: &str| NewMessage {
        author: author.parse().unwrap(),
        body: body.to_owned(),
        attachments: Vec::new(),
        created_at: None,
    };
    let thread = NewThread {
        ask: None,
        context: vec![],
        external_id: None,
        channel: ThreadChannel::Slack,
        subject: "Swollen pack".to_owned(),
        status: None,
        opened_by: "tom@a.example".parse().unwrap(),
        participants: vec!["nina@a.example".parse().unwrap()],
        created_at: None,
        messages: vec![say("tom@a.example", "May it be posted?"), say("nina@a.example", HOSTILE)],
    };
    let thread = app.app.open_thread(&app.admin, ticket, thread).await.unwrap().item;
    let answer = thread.messages.iter().find(|message| message.body == HOSTILE).unwrap().id;
    let page = Visitor::signed_in(&app, Role::Light).await.get(&path).await.expect_page(200);
    assert!(page.has(&format!("a[href='/tickets/{ticket}#message-{answer}']")));
    assert_eq!(page.text(".said"), HOSTILE);
    assert!(page.text(".facts-list").contains("1 open side conversation"));
}

#[tokio::test]
async fn agents_read_the_directory_and_write_nothing_in_it() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let person = admin.post("/people", &[("email", "nina@a.example"), ("name", "Nina"), ("role", "expert")]).await.led();
    let customer = admin.post("/customers", &[("email", "ana@m.example"), ("tier", "standard")]).await.led();
    for role in [Role::Light, Role::Agent, Role::Approver, Role::Auditor] {
        let reader = Visitor::signed_in(&app, role).await;
        for path in ["/people", "/teams", "/channels", "/customers", &person, &customer] {
            let page = reader.get(path).await.expect_page(200);
            assert!(
                !page.has("main form[method=post]") && !page.has("main a[href$='/new']") && !page.has("main a[href$='/edit']"),
                "{role} {path}"
            );
        }
        for (path, fields) in [
            ("/people", vec![("email", "x@a.example"), ("name", "X"), ("role", "expert")]),
            ("/teams", vec![("name", "x"), ("title", "X")]),
            ("/channels", vec![("name", "x"), ("kind", "slack"), ("address", "#x"), ("expected_reply_minutes", "5")]),
            ("/customers", vec![("email", "x@a.example"), ("tier", "standard")]),
            (&format!("{person}/delete"), vec![]),
            (&format!("{customer}/delete"), vec![]),
            ("/teams/hardware/delete", vec![]),
        ] {
            reader.post(path, &fields).await.expect_page(403);
        }
    }
}

#[tokio::test]
async fn teams_and_channels_are_added_changed_and_removed() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    admin.post("/teams", &[("name", "night"), ("title", HOSTILE), ("external", "true")]).await.expect_led("/teams");
    let page = admin.get("/teams/night").await.expect_page(200);
    assert!(page.has("#name[readonly]") && page.has("#external option[value=true][selected]"));
    let channel =
        [("name", "night"), ("kind", "email"), ("address", "night@a.example"), ("teams-night", "1"), ("expected_reply_minutes", "30")];
    admin.post("/channels", &channel).await.expect_led("/channels");
    assert!(admin.get("/channels/night").await.expect_page(200).has("#teams-night[checked]"));
    let refused = admin.post("/teams/night/delete", &[]).await.expect_page(409);
    assert!(refused.text("main").contains("1 channels name the team `night`"));
    admin.post("/channels/night/delete", &[]).await.expect_led("/channels");
    admin.post("/teams", &[("known", "night"), ("title", "Night"), ("external", "false")]).await.expect_led("/teams");
    assert_eq!(app.app.team(&app.admin, &"night".parse().unwrap()).await.unwrap().title, "Night");
    admin.post("/teams/night/delete", &[]).await.expect_led("/teams");
    admin.get("/teams/night").await.expect_page(404);
}

#[tokio::test]
async fn a_customers_page_shows_their_tickets_and_a_change_keeps_their_orders() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let ticket = ticket(&app, &app.admin, "T-1").await;
    let requester = app.app.ticket(&app.admin, ticket).await.unwrap().ticket.requester;
    let order = r#"{"email":"ana@mail.example","name":"Ana Roy","orders":[{"number":"AW-1","placed_at":"2026-03-02T11:20:00Z","status":"shipped","total_minor":12900,"currency":"GBP"}]}"#;
    let register = backchannel::domain::vocabulary::Register::Customers;
    app.app.import(&app.admin, register, backchannel::domain::vocabulary::RegisterFormat::Lines, order.to_owned(), false).await.unwrap();
    let path = format!("/customers/{requester}");
    let page = admin.get(&path).await.expect_page(200);
    assert!(page.has(&format!("a[href='/tickets/{ticket}']")) && page.text("section[aria-labelledby=orders]").contains("AW-1"));
    let id = requester.to_string();
    let fields = [
        ("id", id.as_str()),
        ("name", HOSTILE),
        ("tier", "business"),
        ("account_owner", "ingrid.solberg@alderwick.example"),
        ("notes", "a\r\nb"),
    ];
    admin.post("/customers", &fields).await.expect_led(&path);
    let kept = app.app.customer(&app.admin, requester).await.unwrap();
    assert_eq!((kept.orders.len(), kept.name.as_deref(), kept.notes.as_deref()), (1, Some(HOSTILE), Some("a\nb")));
    let page = admin.get(&path).await;
    assert!(!page.text.contains("<script>alert"));
    assert!(page.expect_page(200).text(".facts-list").contains("Ingrid Solberg"));
    admin.post(&format!("{path}/delete"), &[]).await.expect_page(409);
    assert!(admin.get("/customers?q=aw-1").await.expect_page(200).has(&format!("a[href='{path}']")));
}

#[tokio::test]
async fn what_cannot_be_is_told_beside_what_was_entered() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let long = "x".repeat(10_000);
    let check = async |path: &str, fields: &[(&str, &str)], marked: &str, says: &str| {
        let page = admin.post(path, fields).await.expect_page(422);
        assert!(page.text("[role=alert]").contains(says), "{path}: {}", page.text("[role=alert]"));
        assert!(page.has(&format!("#{marked}[aria-invalid=true]")), "{path} {marked}");
    };
    let person = |name, value| {
        let mut fields = vec![("email", "a@a.example"), ("name", "A"), ("role", "expert")];
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        fields
    };
    check("/people", &person("email", "nina"), "email", "not an e-mail address").await;
    check("/people", &person("name", &long), "name", "at most 200 fit").await;
    check("/people", &person("role", "exprt"), "role", "did you mean `expert`?").await;
    check("/people", &person("languages", "en, french"), "languages", "not a language").await;
    check("/people", &person("skills", &long), "skills", "at most 200 fit").await;
    check("/people", &person("away_until", "soon"), "away_until", "not a day").await;
    admin.post("/people", &person("name", "A")).await.led();
    check("/people", &person("email", "A@A.example"), "email", "is in the list already").await;
    check("/teams", &[("name", "Big Team"), ("title", "x")], "name", "is not a name").await;
    check("/teams", &[("name", "hardware"), ("title", "x")], "name", "is in the list already").await;
    check(
        "/channels",
        &[("name", "x"), ("kind", "slack"), ("address", "#x"), ("expected_reply_minutes", "soon")],
        "expected_reply_minutes",
        "expected u32",
    )
    .await;
    check(
        "/channels",
        &[("name", "x"), ("kind", "slak"), ("address", "#x"), ("expected_reply_minutes", "1")],
        "kind",
        "did you mean `slack`?",
    )
    .await;
    check("/customers", &[("email", "a@a.example"), ("tier", "busines")], "tier", "did you mean `business`?").await;
    check("/customers", &[("email", "a@a.example"), ("name", &long)], "name", "at most 200 fit").await;
}
