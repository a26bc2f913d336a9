//! The language and the theme of pages.

use axum::http::header::{CONTENT_LANGUAGE, SET_COOKIE, VARY};
use backchannel::domain::intake::NewCorrection;
use backchannel::domain::triage::Matter;
use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::{Answer, Visitor, ticket};

/// The values of the cookies that an answer sets.
fn cookies(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect()
}

/// A visitor whose browser says this of itself with every request.
fn browser(visitor: &Visitor, headers: &[(&'static str, &str)]) -> Visitor {
    visitor.saying(&[headers, &[("sec-fetch-site", "same-origin")]].concat())
}

impl Visitor {
    /// The same visitor with another cookie beside the session's.
    fn keeping(&self, cookie: &str) -> Self {
        Self { cookie: Some(self.cookie.iter().map(String::as_str).chain([cookie]).collect::<Vec<_>>().join("; ")), ..self.clone() }
    }
}

#[tokio::test]
async fn pages_speak_the_language_of_the_browser_until_the_reader_chooses_one() {
    let app = TestApp::new().await;
    let stranger = Visitor::stranger(&app);
    let check = async |visitor: &Visitor, path: &str, status: u16, language: &str, title: &str| {
        let answer = visitor.get(path).await;
        assert_eq!(
            (answer.headers[CONTENT_LANGUAGE].to_str().unwrap(), answer.headers[VARY].to_str().unwrap()),
            (language, "cookie, accept-language")
        );
        let page = answer.expect_page(status);
        assert_eq!((page.element("html").attr("lang"), page.text("h1").as_str()), (Some(language), title));
    };
    check(&stranger, "/sign-in", 200, "en", "Sign in").await;
    let french = browser(&stranger, &[("accept-language", "fr-FR,fr;q=0.9,en;q=0.8")]);
    check(&french, "/sign-in", 200, "fr", "Se connecter").await;
    check(&french, "/nowhere", 404, "fr", "Il n’y a rien ici").await;
    check(&french, "/tickets", 401, "fr", "Vous n’êtes pas connecté").await;
    check(&french.keeping("backchannel-language=en"), "/sign-in", 200, "en", "Sign in").await;
    check(&browser(&stranger, &[("accept-language", "de")]), "/sign-in", 200, "en", "Sign in").await;
    let agent = Visitor::signed_in(&app, Role::Agent).await.keeping("backchannel-language=fr");
    check(&agent, "/tickets", 200, "fr", "Boîte de réception").await;
}

#[tokio::test]
async fn a_choice_is_kept_in_the_browser_and_leads_back() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let stranger = Visitor::stranger(&app);
    let from = |page: &str| browser(&stranger, &[("referer", &format!("http://desk.example{page}"))]);
    let answer = from("/tickets?status=open").post_as_is("/preferences", &[("language", "fr")]).await;
    answer.expect_led("/tickets?status=open");
    assert_eq!(cookies(&answer), ["backchannel-language=fr; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"]);
    let answer = from("/sign-in").post_as_is("/preferences", &[("theme", "dark")]).await;
    answer.expect_led("/sign-in");
    assert_eq!(cookies(&answer), ["backchannel-theme=dark; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"]);

    // The answer to a question stands at an address that cannot be opened again.
    from(&format!("/tickets/{id}/ask")).post_as_is("/preferences", &[("language", "fr")]).await.expect_led(&format!("/tickets/{id}"));
    stranger.post_as_is("/preferences", &[("language", "fr")]).await.expect_led("/tickets");
    let nothing = stranger.post_as_is("/preferences", &[("language", "xx; Path=/"), ("theme", "pink")]).await;
    assert_eq!(cookies(&nothing), Vec::<&str>::new());
}

#[tokio::test]
async fn a_script_that_changes_the_theme_stays_on_its_page() {
    let app = TestApp::new().await;
    let script = browser(&Visitor::stranger(&app), &[("accept", "application/json")]);
    let answer = script.post_as_is("/preferences", &[("theme", "light")]).await;
    assert_eq!((answer.status, cookies(&answer).len()), (204, 1));
}

#[tokio::test]
async fn another_site_cannot_choose_for_a_reader() {
    let app = TestApp::new().await;
    let lured = Visitor::stranger(&app).saying(&[("sec-fetch-site", "cross-site")]);
    let answer = lured.post_as_is("/preferences", &[("language", "fr")]).await;
    assert_eq!(cookies(&answer), Vec::<&str>::new());
    answer.expect_page(403);
}

#[tokio::test]
async fn intents_groups_and_numbers_are_called_as_the_playbook_calls_them_in_the_readers_language() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let said = NewCorrection { matter: Some(Matter::Intent("order_status".parse().unwrap())), group: "orders".parse().ok() };
    app.app.correct_triage(&app.admin, id, said).await.unwrap();
    app.work().await;
    let agent = Visitor::signed_in(&app, Role::Agent).await;
    for (language, intent, group, order) in
        [("fr", "Suivi de commande", "Commandes", "Commande"), ("en", "Order status", "Orders", "Order")]
    {
        let reader = agent.saying(&[("accept-language", language)]);
        let inbox = reader.get("/tickets").await.expect_page(200);
        assert_eq!((inbox.text(".t-intent").as_str(), inbox.text(".t-group").as_str()), (intent, group));
        let page = reader.get(&format!("/tickets/{id}")).await.expect_page(200);
        assert_eq!(page.text(".guesses .held"), intent);
        assert!(page.text(".entity:first-child").starts_with(&format!("{order} ")), "{}", page.text(".entity:first-child"));
    }
}

#[tokio::test]
async fn a_theme_that_was_chosen_is_on_every_page() {
    let app = TestApp::new().await;
    let dark = Visitor::signed_in(&app, Role::Agent).await.keeping("backchannel-theme=dark");
    for (path, status) in [("/tickets", 200), ("/sign-in", 200), ("/nowhere", 404)] {
        assert_eq!(dark.get(path).await.expect_page(status).element("html").attr("data-theme"), Some("dark"), "{path}");
    }
}

#[tokio::test]
async fn a_french_reader_is_told_in_french_what_a_form_lacks() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let agent = Visitor::signed_in(&app, Role::Agent).await.keeping("backchannel-language=fr");
    let page = agent.post(&format!("/tickets/{id}/ask"), &[("question", " ")]).await.expect_page(422);
    assert!(page.text("main").contains("La question est vide"), "{}", page.text("main"));
    let page = agent.post(&format!("/tickets/{id}/comments"), &[("body", ""), ("public", "1")]).await.expect_page(422);
    assert!(page.text("main").contains("Le texte est vide"), "{}", page.text("main"));
    assert_eq!(page.element(".actions a").attr("href"), Some(format!("/tickets/{id}#composer").as_str()));
    // What the verbs refuse is English wherever it is read, and says so.
    let page = agent.post(&format!("/tickets/{id}/correct"), &[("intent", "nonsense"), ("group", "")]).await.expect_page(422);
    assert!(page.has("main [lang=en]"));
}

#[tokio::test]
async fn whoever_is_new_is_offered_the_tour_until_they_hide_it() {
    let app = TestApp::new().await;
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    // Where the demo company's tickets are not, its stops lead nowhere.
    let page = visitor.get("/tour").await.expect_page(200);
    assert!(page.has(".notice") && page.all(".stops a").iter().all(|link| !link.attr("href").unwrap().starts_with("/tickets/")));
    let id = ticket(&app, &app.admin, "T-1029").await;
    let page = visitor.get("/tickets").await.expect_page(200);
    let tour = page.element(".offer a").attr("href").unwrap();
    let page = visitor.get(tour).await.expect_page(200);
    assert_eq!(page.all(".stops li").len(), 10);
    assert!(page.has(".notice") && !page.has(&format!(".stops a[href^='/tickets/{id}']")), "another desk may call its tickets the same");
    let answer = visitor.post("/preferences", &[("tour", "hidden")]).await;
    let hidden = cookies(&answer)[0].split(';').next().unwrap().to_owned();
    assert!(!visitor.keeping(&hidden).get("/tickets").await.expect_page(200).has(".offer"));
}
