//! The page of what waits: by a key to it, and from its rows to the right place on a ticket.

use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::vocabulary::{ThreadChannel, TicketStatus};

use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};
use crate::{TOM, company, endless, endless_word, put};

const ENTER: &str = "\u{E007}";

#[tokio::test]
async fn a_row_leads_to_the_side_conversation_that_was_left_hanging() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    let message = |author: &str, body: &str| NewMessage {
        author: author.parse().unwrap(),
        body: body.to_owned(),
        created_at: None,
        attachments: vec![],
    };
    let thread = NewThread {
        ask: None,
        context: vec![],
        external_id: Some("SC-7".to_owned()),
        channel: ThreadChannel::Slack,
        subject: "Red light after the update".to_owned(),
        status: None,
        opened_by: TOM.parse().unwrap(),
        participants: vec!["ingrid.solberg@alderwick.example".parse().unwrap()],
        created_at: None,
        messages: vec![
            message(TOM, "Is the red light known?"),
            message("ingrid.solberg@alderwick.example", "Yes, it goes with firmware 4.2.3, which is out since Monday."),
        ],
    };
    app.app.open_thread(&app.admin, ticket, thread).await.unwrap();
    desk.sign_in().await;
    browser.until("document.querySelector('.places .count')?.innerText === '2'").await;
    browser.press("w").await;
    browser.until("location.pathname === '/waiting' && document.readyState === 'complete'").await;
    looks_right(browser).await;
    keep_pictures(browser, "waiting").await;

    // By the keyboard alone, on a desktop and on a telephone.
    for (width, height) in [(1280, 900), (400, 800)] {
        browser.resize(width, height).await;
        desk.visit("/waiting").await;
        browser.until("document.readyState === 'complete'").await;
        browser.press("j").await;
        browser.until("document.activeElement.matches('.waits li:first-child .waits-to')").await;
        browser.press(ENTER).await;
        browser.until(&format!("location.pathname === '/tickets/{ticket}' && location.hash.startsWith('#thread-')")).await;
        let seen = "(() => { const at = document.querySelector(location.hash)?.getBoundingClientRect(); \
            return at && at.height > 0 && at.top >= 0 && at.top < innerHeight; })()";
        browser.until(seen).await;
    }
    browser.resize(1280, 900).await;
    desk.visit("/waiting").await;
    browser.click("section[aria-labelledby=unanswered] .waits-to").await;
    browser
        .until(&format!("location.pathname === '/tickets/{ticket}' && document.querySelector(location.hash)?.matches('.message')"))
        .await;
    desk.close(|_| false).await;
}

#[tokio::test]
async fn what_waits_keeps_within_narrow_screens_and_speaks_french() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    endless(app).await;
    desk.sign_in().await;
    desk.visit("/waiting").await;
    browser.until("document.querySelector('.empty h2')?.innerText === 'Nothing waits for you'").await;
    looks_right(browser).await;
    let word = endless_word();
    put(app, &format!("{word}-9"), &format!("Light {word}"), TicketStatus::Open).await;
    browser.click(".empty a").await;
    browser.until("location.search === '?whose=all'").await;
    browser.until(&format!("document.querySelector('.waits')?.innerText.includes('{word}')")).await;
    looks_right(browser).await;
    browser.click(".languages button[value=fr]").await;
    browser.until("document.querySelector('h1').innerText === 'Tout ce qui attend'").await;
    looks_right(browser).await;
    keep_pictures(browser, "fr-waiting").await;
    desk.close(|_| false).await;
}
