//! What is restricted to a team stays with it, on the pages too.

use backchannel::domain::audience::Audience;
use backchannel::domain::id::TicketId;
use backchannel::domain::intake::NewDocument;
use backchannel::domain::vocabulary::{Language, Role};

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

/// Words of the document that stand in no ticket.
const SECRET: &str = "nine working days";

/// A ticket, and a document about the same that only the legal team may read.
async fn restricted(app: &TestApp) -> TicketId {
    let new = NewDocument {
        external_id: "lost".to_owned(),
        title: Some("Lost parcels".to_owned()),
        file_name: "lost.md".to_owned(),
        bytes: format!("# Lost parcels\n\nAn order that was due on Monday and has not come is lost after {SECRET}.\n").into_bytes(),
        language: Some(Language::ENGLISH),
        audience: Audience::Teams(["legal".parse().unwrap()].into()),
        updated_at: None,
    };
    app.app.put_document(&app.admin, new).await.unwrap();
    ticket(app, &app.admin, "T-1").await
}

#[tokio::test]
async fn a_restricted_passage_is_on_the_pages_of_its_team_alone() {
    let app = TestApp::new().await;
    let id = restricted(&app).await;
    // Prepared by somebody who may read it all.
    let panel = app.app.panel(&app.admin, id).await.unwrap();
    assert!(panel.passages.iter().any(|shown| shown.item.passage.text.contains(SECRET)), "{:?}", panel.passages);
    let others = [
        Visitor::signed_in(&app, Role::Agent).await,
        Visitor::signed_in(&app, Role::Light).await,
        Visitor::of_teams(&app, Role::Approver, &["finance", "support"]).await,
    ];
    for path in [format!("/tickets/{id}"), format!("/tickets/{id}/panel"), format!("/tickets?q={SECRET}").replace(' ', "%20")] {
        for other in &others {
            let answer = other.get(&path).await;
            // The address of a search repeats what was asked; a ticket's page must not know it at all.
            let repeats = path.contains("?q=");
            assert!(answer.status == 200 && (repeats || !answer.text.contains(SECRET)), "{path}: {}", answer.text);
            assert!(!answer.text.contains("Lost parcels"), "{path}: {}", answer.text);
        }
    }
    let member = Visitor::of_teams(&app, Role::Light, &["legal"]).await;
    let page = member.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(page.text("section[aria-labelledby=part-passages]").contains(SECRET));
    let silent = others[0].get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(!silent.has("[aria-busy]") && silent.has("section[aria-labelledby=part-passages] .abstained"));
}

#[tokio::test]
async fn a_member_who_leaves_the_team_sees_its_passages_no_more() {
    let app = TestApp::new().await;
    let id = restricted(&app).await;
    app.app.panel(&app.admin, id).await.unwrap();
    let user = app.app.put_user(&app.admin, "una@desk.example".parse().unwrap(), "Una", Role::Agent).await.unwrap().id;
    app.app.set_user_teams(&app.admin, user, ["legal".parse().unwrap()].into()).await.unwrap();
    let link = app.app.make_sign_in_link(&app.admin, user).await.unwrap();
    let mut visitor = Visitor::stranger(&app);
    visitor.use_link(&link).await.expect_led("/tickets");
    let page = format!("/tickets/{id}");
    assert!(visitor.get(&page).await.text.contains(SECRET));
    app.app.set_user_teams(&app.admin, user, [].into()).await.unwrap();
    assert!(!visitor.get(&page).await.text.contains(SECRET));
    let nowhere = app.app.set_user_teams(&app.admin, user, ["leagl".parse().unwrap()].into()).await;
    assert!(nowhere.unwrap_err().to_string().contains("leagl"));
}
