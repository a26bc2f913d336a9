//! The directory and the administration in a real browser.

use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{NewCorrection, NewMessage, NewThread};
use backchannel::domain::vocabulary::{Register, RegisterFormat, ThreadChannel};

use crate::desk::Desk;
use crate::driver::Browser;
use crate::looks::{keep_pictures, looks_right};
use crate::support::app::TestApp;
use crate::{TOM, company, endless_word};

const PASSWORD: &str = "kelp otter 9 lantern";

#[tokio::test]
async fn an_admin_keeps_the_directory_and_invites_a_colleague_who_signs_in_with_a_password() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    fill(app).await;
    desk.sign_in().await;

    // The directory: a search, one person, a change.
    browser.click(".places a[href='/people']").await;
    browser.until("location.pathname === '/people' && document.querySelector('.list tbody tr')").await;
    seen(browser, "people").await;
    browser.write(".list-search input", "nina").await;
    browser.click(".list-search button").await;
    browser.until("document.querySelectorAll('.list tbody tr').length === 1").await;
    browser.click(".list tbody a").await;
    browser.until("document.querySelector('.facts-list')").await;
    seen(browser, "person").await;
    browser.click(".sheet-head a.button").await;
    browser.until("document.querySelector('#away_until')").await;
    browser.value("document.querySelector('#away_until').value = '2999-12-03'").await;
    browser.value("document.querySelector('#name').value = ''").await;
    browser.value("document.querySelector('#name').required = false").await;
    seen(browser, "person-form").await;
    browser.click(".form-end button").await;
    browser.until("document.querySelector('[role=alert]') && document.querySelector('#name[aria-invalid=true]')").await;
    seen(browser, "person-refused").await;
    browser.write("#name", &format!("Nina {}", endless_word())).await;
    browser.click(".form-end button").await;
    browser.until("document.querySelector('.alert')?.innerText.includes('Away until')").await;
    seen(browser, "person-away").await;
    for (path, name) in
        [("/teams", "teams"), ("/teams/hardware", "team"), ("/channels", "channels"), ("/channels/hw-escalations", "channel")]
    {
        desk.visit(path).await;
        seen(browser, name).await;
    }
    desk.visit("/customers").await;
    seen(browser, "customers").await;
    let requester = app.app.ticket(&app.admin, ticket).await.unwrap().ticket.requester;
    desk.visit(&format!("/customers/{requester}")).await;
    seen(browser, "customer").await;
    desk.visit("/customers?q=nobody").await;
    seen(browser, "customers-none").await;

    knowledge(&desk, ticket).await;

    // The administration: tokens, lists, an invitation.
    desk.visit("/tokens/new").await;
    seen(browser, "token-form").await;
    browser.write("#name", "order import").await;
    browser.click(".form-end button").await;
    browser.until("document.querySelector('#secret')?.value.startsWith('bc_')").await;
    seen(browser, "token-once").await;
    desk.visit("/tokens").await;
    seen(browser, "tokens").await;
    webhooks(&desk, ticket).await;
    desk.visit("/lists").await;
    seen(browser, "lists").await;
    browser.value(SEND_BAD_LIST).await;
    browser.until("document.querySelector('.report tbody tr')").await;
    seen(browser, "lists-refused").await;
    desk.visit("/users").await;
    seen(browser, "users").await;
    browser.click(".list-tools a.primary").await;
    browser.until("document.querySelector('#valid_hours')").await;
    seen(browser, "user-form").await;
    browser.write("#email", "una@desk.example").await;
    browser.write("#name", "Una").await;
    browser.click(".form-end button").await;
    browser.until("document.querySelector('#secret')?.value.includes('/sign-in/')").await;
    seen(browser, "user-once").await;
    let link = browser.value("document.querySelector('#secret').value").await.as_str().unwrap().to_owned();
    desk.visit("/users").await;
    browser.click(".list tbody a").await;
    browser.until("location.pathname.startsWith('/users/')").await;
    seen(browser, "user").await;
    desk.visit("/account").await;
    seen(browser, "account").await;

    // The colleague: chooses a password, finds the link used up, signs in again.
    desk.sign_out().await;
    browser.open(&link).await;
    seen(browser, "choose").await;
    browser.write("#password", PASSWORD).await;
    desk.enter().await;
    assert_eq!(browser.value("document.querySelector(\".places a[href='/users']\") === null").await, true);
    desk.sign_out().await;
    browser.open(&link).await;
    browser.until("document.querySelector('h1').textContent.includes('used already')").await;
    seen(browser, "link-used").await;
    browser.write("#workspace", "first").await;
    browser.write("#email", "una@desk.example").await;
    browser.write("#password", "wrong wrong wrong").await;
    browser.click("main button[type=submit]").await;
    browser.until("document.querySelector('[role=alert]')").await;
    seen(browser, "sign-in-wrong").await;
    browser.write("#password", PASSWORD).await;
    desk.enter().await;
    desk.close(|complaint| complaint.contains("the server responded with a status of 4")).await;
}

/// Sends a list with a line that cannot be taken, as the form of the page does.
const SEND_BAD_LIST: &str = "(() => { const form = document.querySelector('main form'); const files = new DataTransfer(); \
    files.items.add(new File(['email,name,role\\nok@a.example,Ok,expert\\nbad,<b>,exprt\\n'], 'people.csv', {type: 'text/csv'})); \
    form.querySelector('#file').files = files.files; form.querySelector('button.primary').click(); })()";

async fn seen(browser: &Browser, name: &str) {
    keep_pictures(browser, name).await;
    looks_right(browser).await;
}

/// A webhook is made, told of a ticket that it cannot get, and shown with its messages.
async fn webhooks(desk: &Desk, ticket: TicketId) {
    let Desk { browser, app, .. } = desk;
    desk.visit("/webhooks").await;
    seen(browser, "webhooks-none").await;
    browser.click(".list-tools a.primary").await;
    browser.until("document.querySelector('#url')").await;
    browser.write("#url", &format!("https://localhost:1/{}", endless_word())).await;
    browser.click("label[for='events-ticket.triaged']").await;
    seen(browser, "webhook-form").await;
    browser.click(".form-end button").await;
    browser.until("document.querySelector('#secret')?.value.startsWith('whsec_')").await;
    seen(browser, "webhook-once").await;
    app.app.correct_triage(&app.admin, ticket, NewCorrection { matter: None, group: Some("billing".parse().unwrap()) }).await.unwrap();
    app.app.prepare_panel(app.admin.workspace, ticket).await.unwrap();
    app.app.deliver_next().await.unwrap().expect("the ticket is told");
    desk.visit("/webhooks").await;
    browser.until("document.querySelector('.list tbody .badge')").await;
    seen(browser, "webhooks").await;
    browser.click(".list tbody a").await;
    browser.until("document.querySelector('section[aria-labelledby=messages]')").await;
    browser.click(".act button").await;
    browser.until("document.querySelectorAll('.list tbody tr').length === 2").await;
    seen(browser, "webhook").await;
}

/// The knowledge base, after a panel has shown something and a question found nothing.
async fn knowledge(desk: &Desk, ticket: TicketId) {
    let Desk { browser, app, .. } = desk;
    app.app.panel(&app.admin, ticket).await.unwrap();
    app.app.ask(&app.admin, ticket, "What is the penalty in clause 9?").await.unwrap();
    browser.click(".places a[href='/knowledge']").await;
    browser.until("location.pathname === '/knowledge' && document.querySelector('.list tbody tr')").await;
    seen(browser, "knowledge").await;
    browser.click(".list tbody a").await;
    browser.until("document.querySelector('.passages li')").await;
    seen(browser, "document").await;
    browser.click("nav a[href='/knowledge']").await;
    browser.until("document.querySelector('.tabs')").await;
    browser.click(".tabs a[href='/knowledge/gaps']").await;
    browser.until("document.querySelector('.plot')").await;
    seen(browser, "knowledge-gaps").await;
}

/// A person with an answer, and customers with long names.
async fn fill(app: &TestApp) {
    let word = endless_word();
    let people = format!(
        "{{\"email\":\"nina@alderwick.example\",\"name\":\"Nina Berg\",\"team\":\"hardware\",\"role\":\"expert\",\"languages\":[\"en\",\"fr\"],\
         \"skills\":[\"swollen batteries\",\"{word}\"],\"availability\":{{\"hours\":\"Mon to Fri, 9 to 17\"}}}}\n"
    );
    app.app.import(&app.admin, Register::People, RegisterFormat::Lines, people, false).await.unwrap();
    let order = "{\"number\":\"AW-118342-5\",\"placed_at\":\"2026-03-02T11:20:00Z\",\"status\":\"shipped\",\"total_minor\":12900,\"currency\":\"GBP\",\"items\":[\"Wick Cam Outdoor\"]}";
    let customers = format!(
        "{{\"email\":\"ana@mail.example\",\"name\":\"Ana Roy\",\"organisation\":\"Roy & Sons\",\"tier\":\"business\",\"account_owner\":\"nina@alderwick.example\",\
         \"notes\":\"Prefers e-mail.\",\"orders\":[{order}]}}\n{{\"email\":\"{word}@mail.example\",\"name\":\"عائشة {word}\"}}\n"
    );
    app.app.import(&app.admin, Register::Customers, RegisterFormat::Lines, customers, false).await.unwrap();
    let ticket = app.app.ticket_by_reference(&app.admin, "T-2").await.unwrap().ticket.id;
    let say = |author: &str, body: &str| NewMessage {
        author: author.parse().unwrap(),
        body: body.to_owned(),
        attachments: Vec::new(),
        created_at: None,
    };
    let thread = NewThread {
        ask: None,
        context: vec![],
        external_id: None,
        channel: ThreadChannel::Slack,
        subject: "Red light after the update".to_owned(),
        status: None,
        opened_by: TOM.parse().unwrap(),
        participants: vec!["nina@alderwick.example".parse().unwrap()],
        created_at: None,
        messages: vec![
            say(TOM, "Is this the known defect?"),
            say("nina@alderwick.example", "Yes. Hold the reset button for ten seconds, then update again."),
        ],
    };
    app.app.open_thread(&app.admin, ticket, thread).await.unwrap();
}
