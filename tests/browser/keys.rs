//! The keys of the console, and what stands in their way.

use crate::company;
use crate::desk::Desk;
use crate::looks::looks_right;

const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";

#[tokio::test]
async fn keys_lead_through_the_inbox_and_a_ticket_unless_somebody_types() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    let focus = |css: &str| format!("document.activeElement.matches(\"{css}\")");

    // The map.
    browser.press("?").await;
    browser.until("document.querySelector('dialog[open] [data-key=j]')").await;
    looks_right(browser).await;
    browser.press(ESCAPE).await;
    browser.until("!document.querySelector('dialog[open]')").await;

    // The inbox: rows from the first on, and no further than the last.
    browser.press("j").await;
    browser.until(&focus("tbody tr:first-child .t-subject a")).await;
    browser.press("j").await;
    browser.press("k").await;
    browser.press("k").await;
    browser.until(&focus("tbody tr:first-child .t-subject a")).await;
    browser.press("/").await;
    browser.until(&focus(".search input")).await;
    browser.press("j").await;
    assert_eq!(browser.value("document.querySelector('.search input').value").await, "j", "a key was taken from somebody who types");
    browser.value("document.activeElement.blur()").await;
    browser.press("j").await;
    browser.press(ENTER).await;
    browser.until("location.pathname.startsWith('/tickets/')").await;

    // The ticket.
    desk.visit(&format!("/tickets/{ticket}?status=open")).await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    browser.press("n").await;
    browser.until(&format!("{} && document.querySelector('#write-note').checked", focus("#write-body"))).await;
    browser.value("document.activeElement.blur()").await;
    browser.press("r").await;
    browser.until(&format!("{} && document.querySelector('#write-public').checked", focus("#write-body"))).await;
    assert_eq!(browser.value("document.querySelector('#write-body').value").await, "", "the key was written");
    browser.value("document.activeElement.blur()").await;
    browser.press("a").await;
    browser.until(&focus("#ask-question")).await;
    browser.value("document.activeElement.blur()").await;
    browser.press("u").await;
    browser.until("location.pathname + location.search === '/tickets?status=open'").await;

    // Two keys one after the other.
    for (key, path) in [("k", "/knowledge"), ("p", "/people"), ("i", "/tickets")] {
        browser.press("g").await;
        browser.press(key).await;
        browser.until(&format!("location.pathname === '{path}' && document.readyState === 'complete'")).await;
    }

    // By hand, and turned off for good.
    browser.click(".who summary").await;
    browser.click("[data-keys-open]").await;
    browser.click("#keys-on").await;
    browser.click("dialog form button").await;
    browser.reload().await;
    browser.until("document.readyState === 'complete'").await;
    browser.press("?").await;
    browser.press("j").await;
    assert_eq!(browser.value("document.querySelector('dialog[open]') === null && document.activeElement === document.body").await, true);
    desk.close(|_| false).await;
}

#[tokio::test]
async fn tickets_are_chosen_and_corrected_together_and_one_by_itself() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    let hidden = "getComputedStyle(document.querySelector('.correct-bar')).display === 'none'";
    browser.until(hidden).await;
    browser.click(".pick").await;
    browser.until(&format!("!({hidden})")).await;
    looks_right(browser).await;
    browser.value("document.querySelector('#correct-group').value = 'billing'").await;
    browser.click(".correct-bar button").await;
    browser.until("document.querySelector('.notice.corrected')?.innerText.includes('1 of 1 ticket was corrected.')").await;
    browser.until("document.querySelector('.t-group').innerText === 'Billing'").await;
    looks_right(browser).await;

    // A view under a name.
    desk.visit("/tickets?order=urgency").await;
    browser.click(".keep-view summary").await;
    browser.write("#view-name", "What presses").await;
    looks_right(browser).await;
    browser.click(".keep-view button").await;
    browser.until("document.querySelector('.views .chip[aria-current]')?.innerText === 'What presses'").await;
    looks_right(browser).await;

    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    browser.click(".correct summary").await;
    browser.value("document.querySelector('#correct-intent').value = '-'").await;
    looks_right(browser).await;
    browser.click(".correct button").await;
    browser.until("document.querySelector('.guesses .held')?.innerText === 'Out of scope'").await;
    looks_right(browser).await;
    desk.close(|_| false).await;
}
