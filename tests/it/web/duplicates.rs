//! Saying of two tickets that they are one, or that they are not.

use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

#[tokio::test]
async fn an_agent_says_what_is_a_duplicate_and_takes_it_back() {
    let app = TestApp::new().await;
    let (first, second) = (ticket(&app, &app.admin, "T-1").await, ticket(&app, &app.admin, "T-2").await);
    app.work().await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let address = format!("/tickets/{second}");
    let back = format!("{address}#part-triage");
    let page = visitor.get(&address).await.expect_page(200);
    assert_eq!(page.text(".twins li a"), "T-1");

    // Not the same: it is gone at once, and stays so when the panel is made again.
    let form = page.element(".twins form");
    let path = form.attr("action").unwrap();
    let other = first.to_string();
    visitor.post(path, &[("other", &other), ("same", "0")]).await.expect_led(&back);
    for _ in 0..2 {
        let page = visitor.get(&address).await.expect_page(200);
        assert!(!page.has(".twins li a"), "{}", page.text(".twins"));
        assert!(page.text(".twins").starts_with("T-1 is not the same, as Una agent said on "), "{}", page.text(".twins"));
        app.work().await;
    }
    assert!(visitor.get(&format!("/tickets/{first}")).await.expect_page(200).text(".twins").contains("T-2 is not the same"));

    // Taken back it is judged again, and by its reference it can be said to be the same.
    visitor.post(&format!("{address}/duplicates/take-back"), &[("other", &other)]).await.expect_led(&back);
    app.work().await;
    assert_eq!(visitor.get(&address).await.expect_page(200).text(".twins li a"), "T-1");
    visitor.post(path, &[("other", "T-1"), ("same", "1")]).await.expect_led(&back);
    let page = visitor.get(&address).await.expect_page(200);
    assert!(page.text(".twins li").contains("Una agent said so on "), "{}", page.text(".twins li"));

    visitor.post(path, &[("other", ""), ("same", "1")]).await.expect_page(422);
    assert!(visitor.post(path, &[("other", "T-9"), ("same", "1")]).await.expect_page(422).text("main").contains("T-9"));
    visitor.post(path, &[("other", "T-2"), ("same", "1")]).await.expect_page(422);
    let reader = Visitor::signed_in(&app, Role::Light).await;
    assert!(!reader.get(&address).await.expect_page(200).has(".twins form"));
    reader.post(path, &[("other", "T-1"), ("same", "0")]).await.expect_page(403);
}
