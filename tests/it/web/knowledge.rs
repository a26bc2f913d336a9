//! The knowledge base in the console.

use backchannel::domain::audience::Audience;
use backchannel::domain::intake::{NewCorrection, NewDocument};
use backchannel::domain::triage::Matter;
use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

const PAGE: &str = "/knowledge";

async fn put(app: &TestApp, name: &str, text: &str, audience: Audience) -> String {
    let document = NewDocument {
        external_id: name.to_owned(),
        title: None,
        file_name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
        language: None,
        audience,
        updated_at: None,
    };
    let kept = app.app.put_document(&app.admin, document).await.unwrap();
    format!("/knowledge/{}", kept.item.id)
}

#[tokio::test]
async fn a_document_is_listed_found_and_shown_as_it_was_cut() {
    let app = TestApp::new().await;
    let agent = Visitor::signed_in(&app, Role::Agent).await;
    agent.get("/knowledge").await.expect_page(200);
    let page = put(&app, "returns.md", "# Returns\n\n## How long\n\nYou have 30 days from delivery.", Audience::Public).await;
    let list = agent.get("/knowledge?q=RETURNS").await.expect_page(200);
    assert!(list.text(".list tbody tr").contains("returns.md"), "{}", list.text(".list"));
    assert!(list.text(".list tbody tr").contains("waits to be indexed"));
    assert_eq!(agent.get("/knowledge?q=nothing").await.expect_page(200).all(".list tbody tr").len(), 0);
    let shown = agent.get(&page).await.expect_page(200);
    assert!(shown.text(".passages").contains("You have 30 days from delivery."));
    assert!(shown.text(".passages").contains("How long"));
    app.work().await;
    assert!(!agent.get("/knowledge").await.expect_page(200).text(".list tbody tr").contains("waits"));
}

#[tokio::test]
async fn whoever_may_not_read_a_document_does_not_meet_it() {
    let app = TestApp::new().await;
    let audience = Audience::Teams(["legal".parse().unwrap()].into());
    let page = put(&app, "secret.md", "# Secret\n\nThe settlement is 9,000 euros.", audience).await;
    for (teams, expected) in [(&["legal"][..], 200), (&["finance"][..], 404)] {
        let agent = Visitor::of_teams(&app, Role::Agent, teams).await;
        agent.get(&page).await.expect_page(expected);
        for list in ["/knowledge", "/knowledge/gaps"] {
            let found = agent.get(list).await.expect_page(200);
            assert_eq!(found.text("main").contains("Secret"), expected == 200, "{list}");
        }
    }
}

#[tokio::test]
async fn a_file_sent_again_is_read_by_nobody_new() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let page = put(&app, "secret.md", "# Secret\n\nOld.", Audience::Teams(["legal".parse().unwrap()].into())).await;
    let fields = [("csrf", admin.csrf.as_str()), ("audience", "public"), ("title", ""), ("external_id", "")];
    assert_eq!(admin.send_file(PAGE, &fields, "secret.md", "# Secret\n\nNew words.").await.headers["location"], page.as_str());
    let shown = admin.get(&page).await.expect_page(200);
    assert!(shown.text(".passages").contains("New words."));
    assert!(shown.text(".facts-list").contains("Only"), "{}", shown.text(".facts-list"));
}

#[tokio::test]
async fn what_panels_show_is_counted_and_led_to() {
    let app = TestApp::new().await;
    let agent = Visitor::signed_in(&app, Role::Agent).await;
    let text = "# Returns\n\nWhere is my parcel? An order that was due on Monday and has not come is on the page of Norvik.";
    let page = put(&app, "returns.md", text, Audience::Public).await;
    let ticket = ticket(&app, &app.admin, "T-1").await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    let shown = agent.get(&page).await.expect_page(200);
    assert!(shown.text(".facts-list").contains("Beside 1 ticket"), "{}", shown.text(".facts-list"));
    assert_eq!(shown.all(&format!("a[href=\"/tickets/{ticket}\"]")).len(), 1);
    let said = NewCorrection { matter: Some(Matter::Intent("order_status".parse().unwrap())), group: None };
    app.app.correct_triage(&app.admin, ticket, said).await.unwrap();
    app.work().await;
    let gaps = agent.get("/knowledge/gaps").await.expect_page(200);
    let links = gaps.all("[aria-labelledby=coverage] a");
    assert!(!links.is_empty());
    for link in links {
        let listed = agent.get(link.attr("href").unwrap()).await.expect_page(200);
        assert!(listed.text(".found").contains(&link.text().collect::<String>()) && !listed.all(".tickets tbody tr").is_empty());
    }
    assert!(gaps.text("[aria-labelledby=most-used]").contains("Returns"), "{}", gaps.text("main"));
    let link = format!("a[href^=\"{page}#passage-\"]");
    assert_eq!(agent.get(&format!("/tickets/{ticket}")).await.expect_page(200).all(&link).len(), 1);
}

#[tokio::test]
async fn a_question_that_nothing_answers_is_listed_once_with_its_ticket() {
    let app = TestApp::new().await;
    let agent = Visitor::signed_in(&app, Role::Agent).await;
    let ticket = ticket(&app, &app.admin, "T-1").await;
    for question in ["What is the penalty in clause 9?", "what is the penalty  in clause 9?"] {
        assert_eq!(app.app.ask(&app.admin, ticket, question).await.unwrap().sentences, []);
    }
    let gaps = agent.get("/knowledge/gaps").await.expect_page(200);
    let rows = gaps.all("[aria-labelledby=unanswered] li");
    assert_eq!(rows.len(), 1);
    assert!(gaps.text("[aria-labelledby=unanswered] li").contains("clause 9"));
}

#[tokio::test]
async fn an_admin_takes_a_file_in_and_a_refused_one_is_listed_until_it_is_in() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let fields = [("csrf", admin.csrf.as_str()), ("audience", "public"), ("title", ""), ("external_id", "")];
    admin.get("/knowledge/new").await.expect_page(200);
    let refused = admin.send_file(PAGE, &fields, "a.pdf", "%PDF-1.7 and nothing else").await.expect_page(422);
    assert!(!refused.text("[role=alert]").is_empty());
    assert!(admin.get("/knowledge/gaps").await.expect_page(200).text("[aria-labelledby=refused]").contains("a.pdf"));
    let agent = Visitor::signed_in(&app, Role::Agent).await;
    assert!(!agent.get("/knowledge/gaps").await.expect_page(200).text("main").contains("a.pdf"));

    let named = [("csrf", admin.csrf.as_str()), ("audience", "public"), ("title", "A"), ("external_id", "a.pdf")];
    let answer = admin.send_file(PAGE, &named, "a.md", "# Returns\n\nYou have 30 days.").await;
    let page = answer.headers["location"].to_str().unwrap().to_owned();
    assert!(page.starts_with("/knowledge/"), "{page}");
    assert!(!admin.get("/knowledge/gaps").await.expect_page(200).text("[aria-labelledby=refused]").contains("a.pdf"));
    agent.send_file(PAGE, &[("csrf", agent.csrf.as_str())], "a.md", "text").await.expect_page(403);
    admin.send_file(PAGE, &[("csrf", "x")], "a.md", "text").await.expect_page(403);
    admin.send_file(PAGE, &fields, "", "").await.expect_page(422);

    admin.post(&format!("{page}/delete"), &[("csrf", &admin.csrf)]).await.expect_led("/knowledge");
    admin.get(&page).await.expect_page(404);
}
