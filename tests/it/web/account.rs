//! Signing in with a password, choosing one, and changing it.

use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use backchannel::domain::intake::NewUser;
use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::Visitor;

const PASSWORD: &str = "kelp otter 9 lantern";

/// The secret of an invitation to a new agent.
async fn invitation(app: &TestApp, name: &str) -> String {
    let new = NewUser { email: "una@desk.example".parse().unwrap(), name: name.to_owned(), role: Role::Agent, teams: [].into() };
    app.app.invite_user(&app.admin, new, None).await.unwrap().link.secret
}

async fn sign_in(visitor: &Visitor, password: &str) -> crate::web::visitor::Answer {
    visitor.post("/sign-in", &[("workspace", "first"), ("email", "Una@desk.example"), ("password", password)]).await
}

#[tokio::test]
async fn an_invited_user_chooses_a_password_and_signs_in_with_it_from_then_on() {
    let app = TestApp::new().await;
    let secret = invitation(&app, "Una <b>").await;
    let mut visitor = Visitor::stranger(&app);
    let path = format!("/sign-in/{secret}");
    let page = visitor.get(&path).await.expect_page(200);
    assert_eq!(page.text("h1"), "Welcome, Una <b>");
    assert_eq!(page.element("#email").attr("value"), Some("una@desk.example"));
    assert_eq!(page.element("#password").attr("autocomplete"), Some("new-password"));
    let refused = visitor.post(&path, &[("password", "password1234")]).await.expect_page(422);
    assert!(refused.text("[role=alert]").contains("too easy to guess"));
    let answer = visitor.post(&path, &[("password", PASSWORD)]).await;
    answer.expect_led("/tickets");
    visitor.take_cookie(&answer);
    visitor.get("/tickets").await.expect_page(200);

    let used = Visitor::stranger(&app).get(&path).await.expect_page(410);
    assert_eq!(used.text("h1"), "This link was used already");

    let stranger = Visitor::stranger(&app);
    assert!(stranger.get("/sign-in").await.expect_page(200).has("input[name=workspace]"), "there are two workspaces");
    let wrong = sign_in(&stranger, "wrong wrong wrong").await;
    assert!(!wrong.headers.contains_key(SET_COOKIE));
    let wrong = wrong.expect_page(401);
    assert_eq!(wrong.text("[role=alert]"), "The address or the password is wrong.");
    assert_eq!(wrong.element("#email").attr("value"), Some("Una@desk.example"));
    assert_eq!(wrong.element("#password").attr("value"), None, "a password is never sent back");
    sign_in(&stranger, PASSWORD).await.expect_led("/tickets");
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_page() {
    let app = TestApp::new().await;
    let secret = invitation(&app, "Una").await;
    app.app.sign_in_choosing(&secret, PASSWORD).await.unwrap();
    let stranger = Visitor::stranger(&app);
    let fields = |email| [("workspace", "first"), ("email", email), ("password", "wrong wrong wrong")];
    let known = stranger.post("/sign-in", &fields("una@desk.example")).await;
    let unknown = stranger.post("/sign-in", &fields("abc@desk.example")).await;
    assert_eq!(known.status, unknown.status);
    assert_eq!(known.text.replace("una@desk.example", "abc@desk.example"), unknown.text);
}

#[tokio::test]
async fn too_many_wrong_passwords_are_told_when_to_come_back() {
    let app = TestApp::new().await;
    let secret = invitation(&app, "Una").await;
    app.app.sign_in_choosing(&secret, PASSWORD).await.unwrap();
    let stranger = Visitor::stranger(&app);
    for _ in 0..5 {
        assert_eq!(sign_in(&stranger, "wrong wrong wrong").await.status, 401);
    }
    let held = sign_in(&stranger, PASSWORD).await;
    assert!(held.headers[RETRY_AFTER].to_str().unwrap().parse::<u32>().unwrap() <= 30);
    assert!(held.expect_page(429).text("[role=alert]").contains("Try again in a minute"));
}

#[tokio::test]
async fn an_old_link_says_so_and_offers_a_way_on() {
    let now = backchannel::domain::time::Timestamp::from_micros(1_790_000_000_000_000);
    let clock = backchannel::app::Clock::fixed(now);
    let app = TestApp::with(|parts| parts.clock = clock.clone()).await;
    let secret = invitation(&app, "Una").await;
    clock.advance(73 * 3600);
    let stranger = Visitor::stranger(&app);
    for answer in
        [stranger.get(&format!("/sign-in/{secret}")).await, stranger.post(&format!("/sign-in/{secret}"), &[("password", PASSWORD)]).await]
    {
        let page = answer.expect_page(410);
        assert_eq!(page.text("h1"), "This link is too old");
        assert!(page.has("form[action='/sign-in'] input[name=password]"));
    }
}

#[tokio::test]
async fn changing_the_password_asks_for_the_old_one_and_ends_other_sessions() {
    let app = TestApp::new().await;
    let secret = invitation(&app, "Una").await;
    let mut here = Visitor::stranger(&app);
    let answer = here.post(&format!("/sign-in/{secret}"), &[("password", PASSWORD)]).await;
    here.take_cookie(&answer);
    let here = here.with_token().await;
    let mut there = Visitor::stranger(&app);
    let answer = sign_in(&there, PASSWORD).await;
    there.take_cookie(&answer);
    there.get("/account").await.expect_page(200);

    let wanted = "another otter 7 lamp";
    let wrong = here.post("/account", &[("current", "wrong wrong wrong"), ("password", wanted)]).await.expect_page(422);
    assert_eq!(wrong.text("[role=alert]"), "This is not your current password.");
    assert!(wrong.has("#current[aria-invalid=true]"));
    let weak = here.post("/account", &[("current", PASSWORD), ("password", "aaaaaaaaaaaaaa")]).await.expect_page(422);
    assert!(weak.has("#password[aria-invalid=true]"));
    let own = here.post("/account", &[("current", PASSWORD), ("password", "UNA@desk.example")]).await.expect_page(422);
    assert!(own.text("[role=alert]").contains("it is your address"));
    let done = here.post("/account", &[("current", PASSWORD), ("password", wanted)]).await.expect_page(200);
    assert!(done.text("[role=status]").starts_with("Your password is set."));
    here.get("/account").await.expect_page(200);
    there.get("/account").await.expect_page(401);
    assert_eq!(sign_in(&there, PASSWORD).await.status, 401);
    sign_in(&there, wanted).await.expect_led("/tickets");
}
