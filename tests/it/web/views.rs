//! Views of the inbox that users keep.

use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

#[tokio::test]
async fn a_list_is_kept_under_a_name_shown_to_its_owner_and_removed() {
    let app = TestApp::new().await;
    ticket(&app, &app.admin, "T-1").await;
    let owner = Visitor::signed_in(&app, Role::Light).await;
    assert!(!owner.get("/tickets").await.expect_page(200).has(".views"), "the whole list needs no name");
    let list = "/tickets?status=new&q=parcel&order=urgency";
    let page = owner.get(list).await.expect_page(200);
    let hidden = page.all(".keep-view input[type=hidden]:not([name=csrf])");
    let fields: Vec<(String, String)> =
        hidden.iter().map(|field| (field.attr("name").unwrap().to_owned(), field.attr("value").unwrap().to_owned())).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let named = |name: &'static str| fields.iter().copied().chain([("name", name)]).collect::<Vec<_>>();
    owner.post("/views", &named("  Late parcels ")).await.expect_led(list);
    let page = owner.get(list).await.expect_page(200);
    let tab = page.element(".views .chip");
    assert_eq!(
        (tab.text().collect::<String>().as_str(), tab.attr("href"), tab.attr("aria-current")),
        ("Late parcels", Some(list), Some("page"))
    );
    assert!(!page.has(".keep-view"), "what has a name needs no other");
    let remove = page.element(".views form").attr("action").unwrap().to_owned();

    let other = Visitor::signed_in(&app, Role::Admin).await;
    assert!(!other.get("/tickets").await.expect_page(200).has(".views"));
    other.post(&remove, &[]).await.expect_page(404);
    other.post("/views/nonsense/delete", &[]).await.expect_page(404);
    owner.post(&remove, &[]).await.expect_led("/tickets");
    assert!(!owner.get("/tickets").await.expect_page(200).has(".views"));
    owner.post("/views", &named(" ")).await.expect_page(422);
    let long = "x".repeat(61);
    owner.post("/views", &[("name", &long)]).await.expect_page(422);
}

#[tokio::test]
async fn a_user_keeps_at_most_twenty_views() {
    let app = TestApp::new().await;
    let owner = Visitor::signed_in(&app, Role::Agent).await;
    for number in 0..20 {
        owner.post("/views", &[("name", &number.to_string()), ("status", "open")]).await.led();
    }
    owner.post("/views", &[("name", "20"), ("status", "open")]).await.expect_page(409);
    owner.post("/views", &[("name", "7"), ("status", "solved")]).await.led();
    assert_eq!(owner.get("/tickets?status=solved").await.expect_page(200).text(".views .chip[aria-current=page]"), "7");
}
