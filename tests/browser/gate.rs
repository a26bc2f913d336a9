//! What answered before, and insights: with and without scripts of one's own, by the keyboard, at every width.

use backchannel::domain::intake::{NewMessage, NewThread};
use backchannel::domain::vocabulary::{ThreadChannel, TicketStatus};

use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};
use crate::{TOM, company, put};

const SUBJECT: &str = "VAT number after 14 days";
const BODY: &str = "May a VAT number be added to an invoice after 14 days?";
const ANSWER: &str = "After 14 days a VAT number is never added to the invoice: it is always a credit note and a new invoice.";

#[tokio::test]
async fn an_earlier_answer_is_used_in_place_of_asking_again_by_the_keyboard() {
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
