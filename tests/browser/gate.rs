//! What stands in the way of a message, and insights: while it is written and when it is sent, at every width.

use backchannel::domain::intake::{NewComment, NewMessage, NewThread};
use backchannel::domain::vocabulary::{ThreadChannel, TicketStatus};

use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};
use crate::{TOM, company, put};

const SUBJECT: &str = "VAT number after 14 days";
const BODY: &str = "May a VAT number be added to an invoice after 14 days?";
const ANSWER: &str = "After 14 days a VAT number is never added to the invoice: it is always a credit note and a new invoice.";

#[tokio::test]
async fn an_earlier_answer_is_used_in_place_of_asking_again() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    let other = put(app, "T-9", "Invoice", TicketStatus::Open).await;
    let message = |author: &str, body: &str| NewMessage {
        author: author.parse().unwrap(),
        body: body.to_owned(),
        created_at: None,
        attachments: vec![],
    };
    let thread = NewThread {
        ask: None,
        context: vec![],
        external_id: Some("SC-9".to_owned()),
        channel: ThreadChannel::Slack,
        subject: SUBJECT.to_owned(),
        status: None,
        opened_by: TOM.parse().unwrap(),
        participants: vec!["bastien@alderwick.example".parse().unwrap()],
        created_at: None,
        messages: vec![message(TOM, BODY), message("bastien@alderwick.example", ANSWER)],
    };
    app.app.open_thread(&app.admin, other, thread).await.unwrap();
    app.work().await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    // Written by hand where nobody is suggested, else in the draft.
    browser.value("document.querySelector('.own-thread')?.setAttribute('open', '')").await;
    let fill = format!(
        "(() => {{ const form = document.querySelector(\"form[action$='/side-conversations']\"); \
         form.querySelector('[name=recipients]').value = 'bastien@alderwick.example'; form.querySelector('[name=subject]').value = '{SUBJECT}'; \
         form.querySelector('[name=body]').value = '{BODY}'; form.requestSubmit(); }})()"
    );
    browser.value(&fill).await;
    let shown = format!("[...document.querySelectorAll('#gate article')].find((one) => one.innerText.includes('{ANSWER}'))");
    browser.until(&shown).await;
    browser.until("document.activeElement.id === 'gate-title'").await;
    looks_right(browser).await;
    keep_pictures(browser, "gate").await;
    assert!(app.app.threads(&app.admin, ticket).await.unwrap().is_empty(), "it was sent");

    // Title, place of the answer, and then the button that uses it.
    browser.value(&format!("{shown}.querySelector('button[value=reply]').focus()")).await;
    browser.press("\u{E007}").await;
    browser.until(&format!("document.querySelector('#write-body')?.value === '{ANSWER}'")).await;
    looks_right(browser).await;

    for by in ["week", "channel"] {
        desk.visit(&format!("/insights?by={by}")).await;
        browser.until("document.querySelector('.insights-table tbody tr')").await;
        looks_right(browser).await;
        keep_pictures(browser, &format!("insights-{by}")).await;
    }
    desk.visit("/insights?from=2020-01-01&to=2020-01-31").await;
    browser.click(".languages button[value=fr]").await;
    browser.until("document.querySelector('h1')?.innerText === 'Bilan'").await;
    looks_right(browser).await;
    keep_pictures(browser, "fr-insights-empty").await;
    desk.close(|_| false).await;
}

const NOTE: &str = "Refunded within my own limit, told the shop team again about the old page.";
const MARKED: &str = "Refunded within my own limit, told the shop team again about the old page";

#[tokio::test]
async fn what_must_not_leave_is_marked_while_it_is_written_held_when_it_is_sent_and_taken_out_by_a_button() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    let note = NewComment { author: TOM.parse().unwrap(), public: false, body: NOTE.to_owned(), created_at: None, attachments: vec![] };
    app.app.add_comment(&app.admin, ticket, note).await.unwrap();
    app.work().await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    browser.write("#write-body", &format!("Good news. {NOTE}")).await;
    browser.until(&format!("document.querySelector('#composer [data-leaks] mark')?.innerText === '{MARKED}'")).await;
    looks_right(browser).await;
    keep_pictures(browser, "looked").await;
    // A note is for colleagues: nothing stands in its way.
    browser.click("label[for=write-note]").await;
    browser.until("!document.querySelector('#composer [data-leaks] mark')").await;
    browser.click("label[for=write-public]").await;
    browser.until("document.querySelector('#composer [data-leaks] mark')").await;

    browser.value("document.getElementById('composer').requestSubmit()").await;
    browser.until(&format!("document.querySelector('#gate mark')?.innerText === '{MARKED}'")).await;
    browser.until("document.activeElement.id === 'gate-title'").await;
    looks_right(browser).await;
    keep_pictures(browser, "held").await;
    browser.click("#gate button[name=redact]").await;
    browser.until("document.querySelector('#gate-body')?.value === 'Good news. […].' && !document.querySelector('#gate .held')").await;
    looks_right(browser).await;
    let comments = app.app.ticket(&app.admin, ticket).await.unwrap().comments;
    assert!(comments.iter().all(|comment| !comment.public), "it was sent");
    browser.value("document.querySelector('#gate form.draft').requestSubmit()").await;
    browser.until("[...document.querySelectorAll('.message-agent')].some((one) => one.innerText.includes('Good news. […].'))").await;
    desk.close(|_| false).await;
}
