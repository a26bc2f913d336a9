//! The console in a real browser: what only a browser can say about policies, scripts, streams and widths.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod driver;
#[expect(dead_code, reason = "shared with the other test target, which uses all of it")]
#[path = "../support/mod.rs"]
mod support;

use std::future::pending;
use std::time::Duration;

use backchannel::domain::audience::Audience;
use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{NewComment, NewDocument, NewRequester, NewTicket};
use backchannel::domain::vocabulary::{Language, TicketChannel, TicketStatus};
use backchannel::server::{Service, bind, serve};
use backchannel::web;

use crate::driver::Browser;
use crate::support::app::TestApp;

/// Where it is set, a missing browser is a failure.
const REQUIRED: &str = "BACKCHANNEL_REQUIRE_BROWSER";
/// The widths of a desktop and of a small telephone, in pixels.
const WIDTHS: [(u32, u32); 2] = [(1280, 900), (400, 800)];

#[tokio::test]
async fn an_agent_signs_in_reads_a_ticket_gives_a_thumb_and_answers() {
    let browser = match Browser::start().await {
        Ok(browser) => browser,
        Err(why) => return leave_out(&why),
    };
    let app = TestApp::new().await;
    let ticket = company(&app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    let url = serve_on_a_port(&app).await;

    // Signing in: the link shows a button, the button opens the inbox.
    let secret = app.app.make_sign_in_link(&app.admin, app.admin.user.unwrap()).await.unwrap();
    browser.open(&format!("{url}/sign-in/{secret}")).await;
    browser.click("main button[type=submit]").await;
    browser.until("location.pathname === '/tickets' && document.querySelector('.tickets tbody tr')").await;
    fits(&browser).await;

    // Reading: the panel stands beside the ticket, and the stream is open.
    browser.click(".t-subject a").await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    browser.until("document.querySelector('[data-live-say].on')").await;
    fits(&browser).await;

    // A thumb: pressed at once, kept by the server.
    let up = ".thumbs button[value=up]";
    browser.click(up).await;
    browser.until(&format!("document.querySelector(\"{up}\").getAttribute('aria-pressed') === 'true'")).await;
    browser.until("document.querySelector('.thumbs-say').textContent === 'Noted'").await;
    browser.reload().await;
    browser.until(&format!("document.querySelector(\"{up}\")?.getAttribute('aria-pressed') === 'true'")).await;

    // What a colleague writes appears by itself.
    browser.until("document.querySelector('[data-live-say].on')").await;
    let author = "tom.hargreaves@alderwick.example".parse().unwrap();
    let note = NewComment { author, public: false, body: "I have seen this before.".to_owned(), created_at: None };
    app.app.add_comment(&app.admin, ticket, note).await.unwrap();
    browser.until("document.querySelector('.message-note')?.innerText.includes('I have seen this before.')").await;

    // Answering: the page comes back with the reply and still knows its list.
    browser.write("#write-body", "Please hold the reset button for ten seconds.").await;
    browser.click("#composer button[type=submit]").await;
    browser.until("document.querySelector('.message-agent')?.innerText.includes('Please hold the reset button')").await;

    browser.click(".who summary").await;
    browser.click("form[action='/sign-out'] button").await;
    browser.until("location.pathname === '/sign-in'").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "the browser refused or missed something");
    browser.quit().await;
}

/// Nothing sticks out sideways at any width.
async fn fits(browser: &Browser) {
    for (width, height) in WIDTHS {
        browser.resize(width, height).await;
        browser.until(&format!("innerWidth === {width}")).await;
        let views: &[&str] = &["#show-talk", "#show-panel"];
        for view in views {
            browser.value(&format!("document.querySelector('{view}') && (document.querySelector('{view}').checked = true)")).await;
            let wide = browser.value("document.documentElement.scrollWidth").await;
            let out = "Array.from(document.querySelectorAll('body *')).filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 200)).slice(0, 8)";
            let out = browser.value(out).await;
            assert!(wide.as_u64().unwrap() <= u64::from(width), "{wide} px of content on {width} px, {view}: {out:#}");
        }
    }
    browser.resize(WIDTHS[0].0, WIDTHS[0].1).await;
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
fn leave_out(why: &str) {
    assert!(std::env::var_os(REQUIRED).is_none(), "{why}: install `chromium` and `chromium-driver`");
    eprintln!("LEFT OUT: nothing is tested in a browser: {why}; install `chromium` and `chromium-driver`");
}

/// Serves the console until the test ends; gives its address.
async fn serve_on_a_port(app: &TestApp) -> String {
    let listener = bind("server.listen", "127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = web::router(app.app.clone(), &url);
    tokio::spawn(serve(Service { listener, router }, None, pending(), Duration::ZERO));
    url
}

/// A ticket with an article that speaks of it and a past ticket like it.
async fn company(app: &TestApp) -> TicketId {
    let article = NewDocument {
        external_id: "kb-1".to_owned(),
        title: Some("Resetting a camera".to_owned()),
        file_name: "reset.md".to_owned(),
        bytes: b"# Resetting a camera\n\nIf the light of the camera stays red, hold the reset button for ten seconds. Wait until the light blinks white.\n".to_vec(),
        language: Some(Language::ENGLISH),
        audience: Audience::Public,
        updated_at: None,
    };
    app.app.put_document(&app.admin, article).await.unwrap();
    put(app, "T-1", "Camera light is red", TicketStatus::Solved).await;
    put(app, "T-2", "The light of my camera stays red", TicketStatus::Open).await
}

async fn put(app: &TestApp, external_id: &str, subject: &str, status: TicketStatus) -> TicketId {
    let requester = NewRequester { email: "ana@mail.example".parse().unwrap(), name: Some("Ana Roy".to_owned()), external_id: None };
    let new = NewTicket {
        external_id: Some(external_id.to_owned()),
        subject: subject.to_owned(),
        body: format!(
            "Hello,\n\nsince yesterday the light of my camera stays red. {}\n\nAna",
            "Donaudampfschifffahrtsgesellschaft".repeat(4)
        ),
        requester,
        channel: TicketChannel::Email,
        created_at: None,
        status: Some(status),
        solved_at: None,
        priority: None,
        group: None,
        assignee: None,
        tags: vec!["camera".to_owned()],
        language: None,
        custom_fields: [].into(),
        comments: vec![],
    };
    app.app.put_ticket(&app.admin, new).await.unwrap().item.ticket.id
}
