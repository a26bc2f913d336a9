//! Users in the console.

use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::Visitor;

const HOSTILE: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn an_admin_invites_changes_disables_and_resets_a_user() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let fields = [("email", "Una@new.example"), ("name", HOSTILE), ("role", "agent"), ("teams-hardware", "1"), ("valid_hours", "24")];
    let answer = admin.post("/users", &fields).await;
    assert!(!answer.text.contains("<script>alert"));
    let page = answer.expect_page(201);
    let link = page.text("#secret");
    assert!(link.starts_with("http://desk.example/sign-in/"), "{link}");
    let secret = link.rsplit('/').next().unwrap();
    app.app.sign_in_choosing(secret, "kelp otter 9 lantern").await.unwrap();

    let accounts = app.app.accounts(&app.admin).await.unwrap();
    let user = &accounts[&"una@new.example".parse().unwrap()].user;
    assert_eq!(user.teams, ["hardware".parse().unwrap()].into());
    let path = format!("/users/{}", user.id);
    assert!(admin.get("/users").await.expect_page(200).has(&format!("a[href='{path}']")));
    let page = admin.get(&path).await.expect_page(200);
    assert!(page.has("#teams-hardware[checked]") && page.has(&format!("form[action='{path}/reset']")));

    admin.post(&path, &[("name", "Una"), ("role", "approver")]).await.expect_led("/users");
    let changed = app.app.account(&app.admin, user.id).await.unwrap().user;
    assert_eq!((changed.name.as_str(), changed.role, changed.teams.len()), ("Una", Role::Approver, 0));
    // Two admins who press the same button want the same: the second undoes nothing.
    for _ in 0..2 {
        admin.post(&format!("{path}/disable"), &[]).await.expect_led(&path);
        let page = admin.get(&path).await.expect_page(200);
        assert!(!page.has(&format!("form[action='{path}/reset']")) && page.has(&format!("form[action='{path}/enable']")));
    }
    for _ in 0..2 {
        admin.post(&format!("{path}/enable"), &[]).await.expect_led(&path);
        assert!(admin.get(&path).await.expect_page(200).has(&format!("form[action='{path}/disable']")));
    }
    let page = admin.post(&format!("{path}/reset"), &[]).await.expect_page(201);
    assert!(page.text("#secret").contains("/sign-in/"));
}

#[tokio::test]
async fn what_cannot_be_is_told_beside_what_was_entered() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let check = async |field: &str, value: &str, marked: &str, says: &str| {
        let mut fields = vec![("email", "una@new.example"), ("name", "Una"), ("role", "agent"), ("valid_hours", "24")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let page = admin.post("/users", &fields).await.expect_page(422);
        assert!(page.text("[role=alert]").contains(says), "{}", page.text("[role=alert]"));
        assert!(page.has(&format!("#{marked}[aria-invalid=true]")), "{field}");
    };
    let long = "x".repeat(10_000);
    check("email", "una", "email", "not an e-mail address").await;
    check("name", &long, "name", "at most 200 fit").await;
    check("role", "agnet", "role", "did you mean `agent`?").await;
    check("role", "service", "role", "a role of tokens").await;
    check("email", "ADMIN@first.example", "email", "is a user already").await;
    let fields = [("email", "una@new.example"), ("name", "Una"), ("role", "agent"), ("valid_hours", "24"), ("teams-nowhere", "1")];
    let page = admin.post("/users", &fields).await.expect_page(422);
    assert!(page.text("[role=alert]").contains("there is no team `nowhere`: add it first"));
}

#[tokio::test]
async fn only_an_admin_changes_users_and_nobody_their_own_role() {
    let app = TestApp::new().await;
    let own = format!("/users/{}", app.admin.user.unwrap());
    for role in [Role::Light, Role::Agent, Role::Approver] {
        let visitor = Visitor::signed_in(&app, role).await;
        assert!(!visitor.get("/tickets").await.expect_page(200).has("a[href='/users']"), "{role}");
        for path in ["/users", "/tokens", "/lists", "/lists/people.csv", &own] {
            assert_eq!(visitor.get(path).await.expect_page(403).text("h1"), "You may not do this", "{role} {path}");
        }
        visitor.post(&own, &[("name", "x"), ("role", "agent")]).await.expect_page(403);
    }
    let auditor = Visitor::signed_in(&app, Role::Auditor).await;
    let page = auditor.get(&own).await.expect_page(200);
    assert!(!page.has("main form button") && page.has("#name[readonly]"));
    auditor.post(&own, &[("name", "x"), ("role", "agent")]).await.expect_page(403);
    auditor.post(&format!("{own}/reset"), &[]).await.expect_page(403);

    let link = app.app.make_sign_in_link(&app.admin, app.admin.user.unwrap()).await.unwrap();
    let mut admin = Visitor::stranger(&app);
    admin.use_link(&link).await.expect_led("/tickets");
    let admin = admin.with_token().await;
    assert!(admin.get(&own).await.expect_page(200).has("#role[readonly]"));
    // A forged form changes the name alone.
    admin.post(&own, &[("name", "Ada"), ("role", "light")]).await.expect_led("/users");
    assert_eq!(app.app.account(&app.admin, app.admin.user.unwrap()).await.unwrap().user.role, Role::Admin);
    admin.post(&format!("{own}/disable"), &[]).await.expect_page(409);
}
