//! The panel at work: what is set aside, what goes along with a side conversation, and a page that outlives its server.

use backchannel::domain::intake::{NewComment, NewMessage, NewThread};
use backchannel::domain::vocabulary::ThreadChannel;

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

/// A side conversation of the past; the first author opens it.
fn talk(external_id: Option<&str>, subject: &str, messages: &[(&str, &str, &str)]) -> NewThread {
    let message = |(author, at, body): &(&str, &str, &str)| NewMessage {
        author: author.parse().unwrap(),
        body: (*body).to_owned(),
        created_at: Some(at.parse().unwrap()),
        attachments: vec![],
    };
    NewThread {
        ask: None,
        context: vec![],
        external_id: external_id.map(str::to_owned),
        channel: ThreadChannel::Slack,
        subject: subject.to_owned(),
        status: None,
        opened_by: TOM.parse().unwrap(),
        participants: vec!["bastien@alderwick.example".parse().unwrap()],
        created_at: None,
        messages: messages.iter().map(message).collect(),
    }
}

#[tokio::test]
async fn what_hangs_loose_stands_first_is_reminded_of_and_a_long_talk_has_ways_through_it() {
    const BASTIEN: &str = "bastien@alderwick.example";
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    let silent = talk(None, "The hub of T-2", &[(TOM, "2026-11-16T09:00:00Z", "Hi,\nCan you swap the hub of this customer?")]);
    let silent = app.app.open_thread(&app.admin, ticket, silent).await.unwrap().item.thread.id;
    let long = [
        (TOM, "2026-11-16T09:00:00Z", "Does the warranty cover the pack of AW-118342-5?"),
        (BASTIEN, "2026-11-16T10:00:00Z", "I look at the contract tomorrow."),
        (TOM, "2026-11-17T09:00:00Z", "Is there news of it?"),
        (
            BASTIEN,
            "2026-11-17T10:00:00Z",
            "The lab has the pack since Monday.\n\nOn Tue, 17 Nov 2026 at 09:00, Tom wrote:\n> Is there news of it?",
        ),
        (TOM, "2026-11-18T09:00:00Z", "And what do they say?"),
        (
            BASTIEN,
            "2026-11-18T10:00:00Z",
            "Approved, the warranty covers the pack. I will send a new one by Friday. Please tell her to keep the box.",
        ),
    ];
    let long = app.app.open_thread(&app.admin, ticket, talk(Some("SC-20"), "Warranty of a pack", &long)).await.unwrap().item.thread.id;
    app.work().await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('#part-loose') && !document.querySelector('[aria-busy]')").await;
    let before = "document.querySelector('#part-loose').compareDocumentPosition(document.querySelector('#part-triage')) & 4";
    assert_eq!(browser.value(before).await, 4, "what hangs loose comes first");
    browser.value("document.querySelectorAll('.end-draft, .thread-rest').forEach((fold) => fold.setAttribute('open', ''))").await;
    looks_right(browser).await;
    keep_pictures(browser, "loose-ends").await;

    let thread = format!("document.getElementById('thread-{long}')");
    browser.write(&format!("#find-thread-{long}"), "lab monday").await;
    browser.until(&format!("[...{thread}.querySelectorAll('.thread-message')].filter((one) => !one.hidden).length === 1")).await;
    assert_eq!(browser.value(&format!("{thread}.querySelector('[data-found]').textContent")).await, "1 / 6");
    browser.click(&format!("#thread-{long} [data-talk-tools] a")).await;
    browser.until("location.hash.startsWith('#message-') && !document.querySelector(location.hash).hidden").await;
    let said = browser.value("document.querySelector(location.hash).innerText").await;
    assert!(said.as_str().unwrap().contains("Approved"), "{said}");

    browser.value("document.querySelector('.loose-stalled details').open = true").await;
    browser.click(".loose-stalled form button[type=submit]").await;
    browser.until(&format!("document.querySelectorAll('#thread-{silent} .thread-message').length === 2")).await;
    let messages = app.app.thread(&app.admin, silent).await.unwrap().messages;
    assert!(messages[1].body.contains("“Can you swap the hub of this customer?”"), "{}", messages[1].body);

    // What comes while the reader is elsewhere is the first unread.
    let news =
        NewMessage { author: BASTIEN.parse().unwrap(), body: "The new pack left today.".to_owned(), created_at: None, attachments: vec![] };
    desk.visit("/tickets").await;
    let news = app.app.add_message(&app.admin, long, news).await.unwrap().id;
    desk.visit(&format!("/tickets/{ticket}")).await;
    let link = format!("{thread}.querySelector('a[data-unread]')");
    browser.until(&format!("{link} && !{link}.hidden && {link}.hash === '#message-{news}'")).await;
    desk.close(|_| false).await;
}
