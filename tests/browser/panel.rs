//! The panel at work: what is set aside, what goes along with a side conversation, and a page that outlives its server.

use backchannel::domain::intake::NewComment;

use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};
use crate::{TOM, company};

#[tokio::test]
async fn a_suggestion_is_set_aside_and_brought_back_by_keys_alone() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('[data-live-say].on')").await;
    let item = "[aria-labelledby=\"part-passages\"] .item";

    // What is being written is there still when the page comes back.
    browser.write("#write-body", "Hold on, please.").await;
    browser.value(&format!("document.querySelector('{item} .aside-menu summary').focus()")).await;
    browser.press("\u{e007}").await;
    browser.until(&format!("document.querySelector('{item} .aside-menu').open")).await;
    browser.press("\u{e00c}").await;
    browser.until(&format!("!document.querySelector('{item} .aside-menu').open && document.activeElement.matches('{item} summary')")).await;
    browser.press("\u{e007}").await;
    browser.press("\u{e004}").await;
    browser.until("document.activeElement.value === 'hours'").await;
    browser.press("\u{e007}").await;
    browser.until(&format!("document.querySelector('.asides') && !document.querySelector('{item}')")).await;
    assert_eq!(browser.value("document.querySelector('#write-body').value").await, "Hold on, please.");
    looks_right(browser).await;
    keep_pictures(browser, "ticket-aside").await;
    browser.value("document.querySelector('.asides button').focus()").await;
    browser.press("\u{e007}").await;
    browser.until(&format!("document.querySelector('{item}') && !document.querySelector('.asides')")).await;
    desk.close(|_| false).await;
}

#[tokio::test]
async fn the_tour_leads_to_its_stops_and_what_is_chosen_of_a_ticket_goes_along() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    company(app).await;
    app.work().await;
    desk.sign_in().await;
    browser.click(".offer a").await;
    browser.until("document.querySelectorAll('.stops li').length === 10").await;
    looks_right(browser).await;
    keep_pictures(browser, "tour").await;
    desk.visit("/tickets").await;
    browser.click(".offer button").await;
    browser.until("document.querySelector('.tickets') && !document.querySelector('.offer')").await;
    desk.close(|_| false).await;
}

#[tokio::test]
async fn a_page_outlives_its_server_and_learns_what_it_missed() {
    let Some(mut desk) = Desk::open().await else { return };
    let ticket = company(&desk.app).await;
    desk.app.app.panel(&desk.app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    desk.browser.until("document.querySelector('[data-live-say].on')").await;
    desk.browser.write("#write-body", "I am still writing").await;

    desk.stop().await;
    desk.browser
        .until("document.querySelector('[data-live-say]').textContent === document.querySelector('[data-live]').dataset.sayOff")
        .await;
    let note = NewComment {
        author: TOM.parse().unwrap(),
        public: false,
        body: "I have seen this before.".to_owned(),
        created_at: None,
        attachments: vec![],
    };
    desk.app.app.add_comment(&desk.app.admin, ticket, note).await.unwrap();
    desk.start().await;
    desk.browser.until("document.querySelector('.message-note')?.innerText.includes('I have seen this before.')").await;
    desk.browser.until("document.querySelector('[data-live-say].on')").await;
    assert_eq!(desk.browser.value("document.querySelector('#write-body').value").await, "I am still writing");
    // The lost stream is the test's own.
    desk.close(|complaint| complaint.contains("/events")).await;
}

#[tokio::test]
async fn a_draft_is_inserted_into_the_reply_with_its_sources_at_hand() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('[data-live-say].on')").await;
    let said =
        browser.value("document.querySelector('[data-draft] .draft-text')?.innerText ?? document.querySelector('#panel').innerText").await;
    assert!(said.as_str().unwrap().contains("hold the reset button"), "{said}");
    browser.write("#write-body", "Dear Ana,").await;
    browser.click("[data-insert]").await;
    let written = browser.value("document.querySelector('#write-body').value").await;
    let written = written.as_str().unwrap();
    assert!(written.starts_with("Dear Ana,\n\n") && written.contains("hold the reset button"), "{written}");
    // The number behind a sentence names its source, and leads to the passage.
    let cite = "document.querySelector('.draft-text .cite')";
    assert!(browser.value(&format!("{cite}.title")).await.as_str().unwrap().contains("Resetting a camera"));
    browser.value(&format!("{cite}.click()")).await;
    browser.until("document.querySelector(':target')?.innerText.includes('hold the reset button')").await;
    looks_right(browser).await;
    desk.close(|_| false).await;
}
