//! The headers around every answer.

use backchannel::domain::vocabulary::Role;
use backchannel::web::assets;

use crate::support::app::TestApp;
use crate::web::visitor::{Answer, Visitor, ticket};

const COVER: [&str; 6] = [
    "cache-control",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
    "x-content-type-options",
];

fn cover(answer: &Answer) -> String {
    COVER.iter().flat_map(|name| [name, ": ", answer.headers[*name].to_str().unwrap(), "\n"]).collect()
}

fn nonce(answer: &Answer) -> String {
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0.to_owned()
}

#[tokio::test]
async fn every_page_is_covered() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    for path in ["/tickets".to_owned(), format!("/tickets/{id}")] {
        let answer = visitor.get(&path).await;
        insta::allow_duplicates! { insta::assert_snapshot!(cover(&answer).replace(&nonce(&answer), "NONCE"), @r"
        cache-control: no-store
        content-security-policy: default-src 'none'; script-src 'nonce-NONCE'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        referrer-policy: same-origin
        x-content-type-options: nosniff
        ") }
    }
    let plain = [visitor.get("/sign-in").await, visitor.get("/nowhere").await, visitor.get(&format!("/tickets/{id}/panel")).await];
    for answer in plain {
        insta::allow_duplicates! { insta::assert_snapshot!(cover(&answer), @r"
        cache-control: no-store
        content-security-policy: default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        referrer-policy: same-origin
        x-content-type-options: nosniff
        ") }
    }
    insta::assert_snapshot!(cover(&visitor.get("/").await), @r"
    cache-control: no-store
    content-security-policy: default-src 'none'; base-uri 'none'; frame-ancestors 'none'
    cross-origin-opener-policy: same-origin
    cross-origin-resource-policy: same-origin
    referrer-policy: same-origin
    x-content-type-options: nosniff
    ");
}

#[tokio::test]
async fn each_page_has_its_own_nonce_and_only_its_scripts_carry_it() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let (first, second) = (visitor.get(&format!("/tickets/{id}")).await, visitor.get(&format!("/tickets/{id}")).await);
    let (nonce, other) = (nonce(&first), nonce(&second));
    assert_ne!(nonce, other);
    let page = first.expect_page(200);
    assert!(page.has("script") && page.all("script").iter().all(|script| script.attr("nonce") == Some(&nonce)));
    assert!(!page.has("[style], style, [onclick]"));
}

#[tokio::test]
async fn a_static_file_is_kept_for_ever_and_known_by_its_tag() {
    let app = TestApp::new().await;
    let stranger = Visitor::stranger(&app);
    for name in ["app.css", "live.js", "icons.svg"] {
        let answer = stranger.get(assets::url(name)).await;
        assert_eq!((answer.status, &answer.headers["cache-control"]), (200, &"public, max-age=31536000, immutable".parse().unwrap()));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        let tag = answer.headers["etag"].to_str().unwrap();
        let again = stranger.saying(&[("if-none-match", &format!("\"other\", W/{tag}"))]).get(assets::url(name)).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        assert_eq!(again.headers["etag"], *tag);
        assert_eq!(stranger.saying(&[("if-none-match", "\"other\"")]).get(assets::url(name)).await.status, 200);
    }
}
