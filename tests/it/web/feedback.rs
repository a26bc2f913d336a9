//! Thumbs.

use backchannel::domain::id::SuggestionId;
use backchannel::domain::vocabulary::{Part, Role};

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
    assert!(!other.has(".thumbs button[aria-pressed=true]"));
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
