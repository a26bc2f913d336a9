//! Search as one types.

use crate::desk::Desk;
use crate::driver::Browser;
use crate::looks::{keep_pictures, looks_right};
use crate::{company, endless};

const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const UP: &str = "\u{E013}";
const DOWN: &str = "\u{E015}";
const FIELD: &str = ".search input[type=search]";

/// The id of the option that is chosen, which is the one that the field names.
const CHOSEN: &str = "(() => { const own = document.querySelector('#search-list [aria-selected=true]')?.id ?? ''; \
    const named = document.querySelector('.search-field input').getAttribute('aria-activedescendant') ?? ''; \
    return own === named ? own : `${own} but ${named}`; })()";

async fn is_open(browser: &Browser, is_open: bool) {
    let state = format!("document.querySelector('{FIELD}').getAttribute('aria-expanded') === '{is_open}'");
    browser.until(&format!("{state} && document.querySelector('.search-box').checkVisibility() === {is_open}")).await;
}

#[tokio::test]
async fn somebody_who_types_sees_the_first_results_and_opens_one_by_the_keyboard() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.work().await;
    desk.sign_in().await;
    desk.visit("/knowledge").await;
    browser.until("document.querySelector('.search input[role=combobox]')").await;

    // One character asks nobody; a few more open the list, and nothing else moves.
    let before = browser.value("document.querySelector('main').getBoundingClientRect().top").await;
    browser.press("/").await;
    browser.write(FIELD, "c").await;
    is_open(browser, false).await;
    browser.write(FIELD, "amera").await;
    is_open(browser, true).await;
    browser.until("document.querySelectorAll('#search-list [role=option]').length >= 4").await;
    assert_eq!(browser.value("document.querySelector('main').getBoundingClientRect().top").await, before, "the page jumped");
    browser.until("document.querySelector('#search-list .hit mark')?.textContent.toLowerCase() === 'camera'").await;
    browser.until("document.querySelector('[data-search-say]').textContent.endsWith(' results')").await;
    let asked = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/search/glance')).map((one) => one.name)";
    assert!(!browser.value(asked).await.as_array().unwrap().iter().any(|one| one.as_str().unwrap().ends_with("q=c")));
    keep_pictures(browser, "search-list").await;
    looks_right(browser).await;

    // Arrows go round, by way of the field; the focus stays in it.
    assert_eq!(browser.value(CHOSEN).await, "");
    browser.press(UP).await;
    assert_eq!(browser.value(CHOSEN).await, "found-all");
    looks_right(browser).await;
    browser.press(DOWN).await;
    assert_eq!(browser.value(CHOSEN).await, "");
    browser.press(DOWN).await;
    assert_eq!(browser.value(CHOSEN).await, "found-1");
    assert_eq!(browser.value("document.activeElement.matches('.search-field input')").await, true);

    // Escape closes and leaves the words, an arrow opens again, Enter opens what is chosen.
    browser.press(ESCAPE).await;
    is_open(browser, false).await;
    assert_eq!(browser.value("document.querySelector('.search-field input').value").await, "camera");
    browser.press(DOWN).await;
    is_open(browser, true).await;
    browser.press(DOWN).await;
    assert_eq!(browser.value(CHOSEN).await, "found-1");
    browser.press(ENTER).await;
    browser.until("location.pathname.startsWith('/tickets/') && document.readyState === 'complete'").await;

    // With nothing chosen Enter shows all of it.
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.write(FIELD, "light camera").await;
    is_open(browser, true).await;
    browser.press(ENTER).await;
    browser
        .until("location.pathname + location.search === '/search?q=light+camera' && document.querySelectorAll('.hits .hit').length > 2")
        .await;
    keep_pictures(browser, "search").await;
    looks_right(browser).await;

    // A result leads to its very place.
    browser.value("document.querySelector(\".hits a[href*='#passage-']\").click()").await;
    browser.until("location.pathname.startsWith('/knowledge/') && document.querySelector(location.hash)").await;
    desk.visit("/search").await;
    keep_pictures(browser, "search-empty").await;
    looks_right(browser).await;
    desk.close(|_| false).await;
}

#[tokio::test]
async fn in_the_inbox_enter_finds_everything_the_list_can_be_filtered_and_a_failing_search_says_so() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    company(app).await;
    app.work().await;
    desk.sign_in().await;
    desk.visit("/tickets?status=open").await;
    browser.until("document.querySelector('.search input[role=combobox]')").await;
    browser.press("/").await;
    browser.until("document.activeElement.matches('.search-field input')").await;
    browser.write(FIELD, "light").await;
    is_open(browser, true).await;
    browser.until("document.querySelector('#found-list') && document.querySelector('#found-all kbd')").await;
    browser.press(UP).await;
    assert_eq!(browser.value(CHOSEN).await, "found-list");
    browser.press(ENTER).await;
    browser.until("location.pathname + location.search === '/tickets?status=open&q=light'").await;
    browser.until("document.querySelector('.found')").await;
    looks_right(browser).await;
    browser.press("/").await;
    browser.write(FIELD, "s").await;
    browser.press(ENTER).await;
    browser.until("location.pathname === '/search' && document.querySelector('h1').textContent.startsWith('Results for')").await;

    // Out of the field the list is gone; what does not answer is said.
    browser.write(FIELD, "s").await;
    is_open(browser, true).await;
    browser.value("document.querySelector('.search-field input').blur()").await;
    is_open(browser, false).await;
    browser.value("document.querySelector('[data-search]').dataset.search = '/nowhere'").await;
    browser.write(FIELD, "x").await;
    browser.until("document.querySelector('.search-failed').checkVisibility()").await;
    assert_eq!(browser.value("document.querySelector('.search-field input').getAttribute('aria-expanded')").await, "false");
    looks_right(browser).await;
    desk.close(|complaint| complaint.contains("/nowhere")).await;
}

#[tokio::test]
async fn long_words_keep_within_the_list_and_the_page_of_results() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    endless(app).await;
    app.work().await;
    desk.sign_in().await;
    browser.resize(400, 800).await;
    browser.write(FIELD, "donau").await;
    is_open(browser, true).await;
    let edges = "(() => { const box = document.querySelector('.search-box').getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight; })()";
    assert_eq!(browser.value(edges).await, true, "the list leaves a narrow screen");
    keep_pictures(browser, "search-list-long").await;
    looks_right(browser).await;
    desk.visit("/search?q=light%20donau").await;
    keep_pictures(browser, "search-long").await;
    looks_right(browser).await;
    desk.close(|_| false).await;
}
