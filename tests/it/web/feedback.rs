//! Thumbs, and setting aside.

use backchannel::domain::id::SuggestionId;
use backchannel::domain::vocabulary::{Part, Role};
use serde_json::json;

use crate::api::client::{Client, document};
use crate::support::app::TestApp;
use crate::support::make::{NOW, random};
use crate::web::visitor::{Visitor, ticket};

#[tokio::test]
async fn a_thumb_is_taken_from_a_script_and_from_a_form_and_stays_pressed() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let suggestion = app.app.panel(&app.admin, id).await.unwrap().part_ids[&Part::Triage];
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/suggestions/{suggestion}/feedback");
    let pressed = async |verdict: &str| {
        let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
        page.element(&format!("#thumbs-{suggestion} button[aria-pressed=true]")).attr("value") == Some(verdict)
    };
    let script = visitor.saying(&[("accept", "application/json")]);
    let answer = script.post(&path, &[("verdict", "up")]).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert!(pressed("up").await);
    let form = visitor.saying(&[("referer", &format!("http://desk.example/tickets/{id}"))]);
    form.post(&path, &[("verdict", "down")]).await.expect_led(&format!("/tickets/{id}#thumbs-{suggestion}"));
    assert!(pressed("down").await);
    // Somebody else's thumb is their own.
    let other = Visitor::signed_in(&app, Role::Agent).await.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(!other.has("[data-thumbs] button[aria-pressed=true]"));
}

#[tokio::test]
async fn a_thumb_on_nothing_or_without_a_word_is_refused() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let suggestion = app.app.panel(&app.admin, id).await.unwrap().part_ids[&Part::Triage];
    let foreign = app.app.authenticate(&app.foreign_admin).await.unwrap();
    let elsewhere = ticket(&app, &foreign, "T-9").await;
    let foreign = app.app.panel(&foreign, elsewhere).await.unwrap().part_ids[&Part::Triage];
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    visitor.post(&format!("/suggestions/{suggestion}/feedback"), &[("verdict", "sideways")]).await.expect_page(422);
    for unknown in [foreign.to_string(), SuggestionId::at(NOW, random()).to_string(), "1".to_owned()] {
        visitor.post(&format!("/suggestions/{unknown}/feedback"), &[("verdict", "up")]).await.expect_page(404);
    }
}

#[tokio::test]
async fn what_is_set_aside_is_out_of_sight_for_whoever_said_so_until_they_bring_it_back() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    client.post("/v1/documents", &document("returns")).await.expect(201);
    let asked = json!({
        "external_id": "T-1", "subject": "Returning a kettle", "body": "How many days do I have to return something after delivery?",
        "requester": {"email": "ana@mail.example"},
    });
    let id = client.post("/v1/tickets", &asked).await.expect(201)["id"].as_str().unwrap().to_owned();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let other = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}");
    let from = visitor.saying(&[("referer", &format!("http://desk.example{path}"))]);
    app.work().await;

    let page = visitor.get(&path).await.expect_page(200);
    let link = "[aria-labelledby='part-passages'] .item h4 a";
    assert_eq!(page.text(link), "Returns");
    let set_aside = page.element("[aria-labelledby='part-passages'] .item .aside-menu form").attr("action").unwrap();
    let led = from.post(set_aside, &[("for", "day")]).await.led();
    let anchor = led.strip_prefix(&format!("{path}#")).unwrap();

    let page = visitor.get(&path).await.expect_page(200);
    assert!(!page.has(link));
    assert!(page.text(&format!("#{anchor}")).contains("Set aside until"), "{}", page.text(&format!("#{anchor}")));
    assert!(other.get(&path).await.expect_page(200).has(link), "a colleague sees it still");

    // A panel that is made anew does not bring it back.
    other.post(&format!("{path}/comments"), &[("public", "0"), ("body", "Asked the carrier.")]).await.led();
    app.work().await;
    let page = visitor.get(&path).await.expect_page(200);
    assert!(!page.has(link) && page.has(".asides form"));
    let back = page.element(".asides form").attr("action").unwrap();
    from.post(back, &[]).await.led();
    let page = visitor.get(&path).await.expect_page(200);
    assert!(page.has(link) && !page.has(".asides"));
}

#[tokio::test]
async fn a_part_that_is_there_once_comes_back_with_news_and_the_triage_stays() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    app.work().await;
    let panel = async || app.app.panel(&app.admin, id).await.unwrap();
    let first = panel().await;
    assert!(first.next_step.is_some());
    let (step, triage) = (first.part_ids[&Part::NextStep], first.part_ids[&Part::Triage]);
    app.app.set_aside(&app.admin, step, None).await.unwrap();
    let aside = panel().await;
    assert_eq!((aside.next_step.is_none(), aside.set_aside.len()), (true, 1));
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    visitor.post(&format!("/tickets/{id}/comments"), &[("public", "0"), ("body", "Asked the carrier.")]).await.led();
    app.work().await;
    assert_eq!(panel().await.set_aside, []);

    visitor.post(&format!("/suggestions/{triage}/set-aside"), &[("for", "good")]).await.expect_page(422);
    visitor.post(&format!("/suggestions/{step}/set-aside"), &[("for", "ever")]).await.expect_page(422);
    let foreign = app.app.authenticate(&app.foreign_admin).await.unwrap();
    let elsewhere = ticket(&app, &foreign, "T-9").await;
    let foreign = app.app.panel(&foreign, elsewhere).await.unwrap().part_ids[&Part::NextStep];
    for act in ["set-aside", "bring-back"] {
        visitor.post(&format!("/suggestions/{foreign}/{act}"), &[("for", "good")]).await.expect_page(404);
    }
}
