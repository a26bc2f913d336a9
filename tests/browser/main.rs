//! The console in a real browser: what only a browser can say about policies, scripts, streams and widths.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod desk;
mod directory;
mod driver;
mod evals;
mod gate;
mod incidents;
mod keys;
mod leaving;
mod looks;
mod panel;
mod search;
#[expect(dead_code, reason = "shared with the other test target, which uses all of it")]
#[path = "../support/mod.rs"]
mod support;
mod upload;
mod waiting;

use backchannel::domain::audience::Audience;
use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{NewComment, NewDocument, NewMessage, NewRequester, NewThread, NewTicket};
use backchannel::domain::vocabulary::{Language, ThreadChannel, TicketChannel, TicketStatus};

use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};
use crate::support::app::TestApp;

/// Whoever writes on a ticket of these tests and is no customer.
const TOM: &str = "tom.hargreaves@alderwick.example";

#[tokio::test]
async fn an_agent_signs_in_reads_a_ticket_gives_a_thumb_and_answers() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();

    // Signing in: the link shows a button, the button opens the inbox.
    desk.sign_in().await;
    looks_right(browser).await;

    // Reading: the panel stands beside the ticket, and the stream is open.
    browser.click(".t-subject a").await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    browser.until("document.querySelector('[data-live-say].on')").await;
    looks_right(browser).await;

    // A thumb: pressed at once, kept by the server.
    let up = ".thumbs button[value=up]";
    browser.click(up).await;
    browser.until(&format!("document.querySelector(\"{up}\").getAttribute('aria-pressed') === 'true'")).await;
    browser.until("document.querySelector('.thumbs-say').textContent === 'Noted'").await;
    browser.reload().await;
    browser.until(&format!("document.querySelector(\"{up}\")?.getAttribute('aria-pressed') === 'true'")).await;

    // A question: answered below the field, from the article.
    browser.write("#ask-question", "How long must the reset button of a camera be held?").await;
    browser.click("form[data-ask] button").await;
    browser.until("document.querySelector('[data-asked] .answers')?.innerText.includes('hold the reset button for ten seconds')").await;
    looks_right(browser).await;
    browser.reload().await;

    // What a colleague writes appears by itself.
    browser.until("document.querySelector('[data-live-say].on')").await;
    let note = NewComment {
        author: TOM.parse().unwrap(),
        public: false,
        body: "I have seen this before.".to_owned(),
        created_at: None,
        attachments: vec![],
    };
    app.app.add_comment(&app.admin, ticket, note).await.unwrap();
    browser.until("document.querySelector('.message-note')?.innerText.includes('I have seen this before.')").await;

    // Answering: the page comes back with the reply and still knows its list.
    browser.write("#write-body", "Please hold the reset button for ten seconds.").await;
    browser.click("#composer button[type=submit]").await;
    browser.until("document.querySelector('.message-agent')?.innerText.includes('Please hold the reset button')").await;

    desk.sign_out().await;
    desk.close(|_| false).await;
}

#[tokio::test]
async fn long_words_ids_and_addresses_keep_within_narrow_screens_in_both_schemes() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = endless(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.visit("/sign-in").await;
    looks_right(browser).await;
    desk.sign_in().await;
    looks_right(browser).await;
    desk.visit(&format!("/tickets?q={}", endless_word())).await;
    looks_right(browser).await;
    desk.visit("/tickets/none").await;
    looks_right(browser).await;

    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    looks_right(browser).await;
    let passage = "document.querySelector('section[aria-labelledby=part-passages] h4 a')";
    let document = browser.value(&format!("{passage}.getAttribute('href')")).await;
    for path in ["/knowledge", "/knowledge/gaps", "/knowledge/new", document.as_str().unwrap()] {
        desk.visit(path).await;
        looks_right(browser).await;
    }
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    // The words that a citation leads to are lit.
    browser.value("document.querySelector(\"a.cite[href*='-at-']\").click()").await;
    browser.until("document.querySelector('mark:target')").await;
    looks_right(browser).await;

    // What was written comes back with a long complaint, because no channel has such a name.
    let send = format!(
        "(() => {{ const form = document.getElementById('composer'); form.action = '/tickets/{ticket}/side-conversations'; \
         const name = document.createElement('input'); name.name = 'channel'; name.value = '{word}'; form.append(name); \
         document.getElementById('write-body').value = '{word}'; form.submit(); }})()",
        word = endless_word()
    );
    browser.value(&send).await;
    browser.until("document.querySelector('#kept')?.value.length > 100").await;
    looks_right(browser).await;
    desk.close(|_| true).await;
}

#[tokio::test]
async fn on_a_narrow_screen_the_jumps_stay_in_sight_below_the_switch() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    browser.resize(400, 800).await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    browser.value("document.getElementById('show-panel').click()").await;
    browser.value("document.querySelector('.jumps a:last-child').click()").await;
    browser.until("scrollY > 200").await;
    let edge = |what: &str, side: &str| format!("Math.round(document.querySelector('{what}').getBoundingClientRect().{side})");
    let stands = format!("{} <= {}", edge(".switch", "bottom"), edge(".jumps", "top"));
    assert_eq!(browser.value(&stands).await, true, "the switch covers the jumps");
    let led = format!("document.querySelector(location.hash).getBoundingClientRect().top >= {}", edge(".panel-top", "bottom"));
    assert_eq!(browser.value(&led).await, true, "the jumps cover what they lead to");
    let fits = "[...document.querySelectorAll('.jumps a')].every((link) => link.getBoundingClientRect().right <= innerWidth)";
    assert_eq!(browser.value(fits).await, true, "a jump is out of sight");
    desk.close(|_| false).await;
}

#[tokio::test]
async fn a_reader_switches_language_and_theme_and_loses_nothing() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();

    // Before signing in: the browser asks for English, the reader for French.
    desk.visit("/sign-in").await;
    browser.until("document.documentElement.lang === 'en'").await;
    browser.click(".languages button[value=fr]").await;
    browser.until("document.documentElement.lang === 'fr' && location.pathname === '/sign-in'").await;
    browser.until("document.querySelector('h1').innerText === 'Se connecter'").await;
    looks_right(browser).await;
    keep_pictures(browser, "fr-sign-in").await;
    desk.sign_in().await;
    browser.until("document.querySelector('h1').innerText === 'Boîte de réception'").await;
    looks_right(browser).await;
    keep_pictures(browser, "fr-inbox").await;
    // Words of closed sets are never cut: only subjects and names may be.
    let whole = "[...document.querySelectorAll('.t-status, .t-feeling, .t-priority, .t-age')].every((cell) => cell.scrollWidth <= cell.clientWidth)";
    assert_eq!(browser.value(whole).await, true, "a word of the list is cut");
    desk.visit("/tickets?q=zzzz").await;
    keep_pictures(browser, "fr-no-match").await;
    desk.visit("/nowhere").await;
    browser.until("document.querySelector('h1').innerText === 'Il n’y a rien ici'").await;
    looks_right(browser).await;
    keep_pictures(browser, "fr-problem").await;

    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('[data-live-say].on')?.innerText === 'En direct'").await;
    browser.until("document.querySelector('.ticket-meta time').innerText.includes(' nov. ')").await;
    looks_right(browser).await;
    keep_pictures(browser, "fr-ticket").await;

    // A theme changes at once, whatever the system prefers, and what is being written stays.
    browser.write("#write-body", "Bonjour").await;
    browser.click(".themes summary").await;
    looks_right(browser).await;
    browser.click(".themes button[value=dark]").await;
    browser.until("getComputedStyle(document.body).backgroundColor === 'rgb(18, 21, 20)'").await;
    browser.until("document.querySelector('#write-body').value === 'Bonjour'").await;
    browser.until("document.querySelector('.themes button[value=dark]').getAttribute('aria-pressed') === 'true'").await;
    browser.reload().await;
    browser.until("getComputedStyle(document.body).backgroundColor === 'rgb(18, 21, 20)'").await;
    looks_right(browser).await;

    // Back, by the keyboard alone: both switches take the focus. A note that is being written stays, and stays a note.
    browser.value("document.getElementById('write-note').click()").await;
    browser.write("#write-body", "Bonjour, pas pour la cliente").await;
    browser.value("document.querySelector('.languages button[value=en]').focus()").await;
    browser.press("\u{E007}").await;
    browser.until("document.documentElement.lang === 'en'").await;
    browser.until("document.querySelector('#write-body').value.endsWith('pas pour la cliente')").await;
    assert_eq!(browser.value("document.getElementById('write-note').checked").await, true, "a note came back as a reply");
    browser.click("#composer button[type=submit]").await;
    browser.until("document.querySelector('.message-note')?.innerText.includes('pas pour la cliente')").await;
    browser.until("document.querySelector('#write-body')?.value === ''").await;
    browser.value("document.querySelector('.themes summary').focus()").await;
    browser.press("\u{E007}").await;
    browser.press("\u{E004}").await;
    browser.until("document.activeElement.value === 'system'").await;
    browser.press("\u{E007}").await;
    browser.until("getComputedStyle(document.body).backgroundColor === 'rgb(247, 246, 243)'").await;
    desk.close(|complaint| complaint.contains("/nowhere")).await;
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

/// A word that no line of a narrow screen can hold.
fn endless_word() -> String {
    "Donaudampfschifffahrtsgesellschaft".repeat(4)
}

/// A ticket on which everything that people name is longer than a narrow screen is wide.
async fn endless(app: &TestApp) -> TicketId {
    let word = endless_word();
    let words = format!(
        "See https://portal.alderwick.example/{word}?token={word} or write to {word}@{word}.example. The code `let {word}={word}::new();` \
         stays red, and the log says\n\n    {word}/{word}/{word}\n\nWhy does the light of the camera stay red?"
    );
    let article = NewDocument {
        external_id: word.clone(),
        title: Some(format!("Camera {word}")),
        file_name: "endless.md".to_owned(),
        bytes: format!("# Light {word}\n\nThe light of the camera stays red: {words}\n").into_bytes(),
        language: Some(Language::ENGLISH),
        audience: Audience::Teams(
            ["hardware".parse().unwrap(), "a-team-whose-name-is-much-longer-than-the-names-of-other-teams".parse().unwrap()].into(),
        ),
        updated_at: None,
    };
    app.app.put_document(&app.admin, article).await.unwrap();
    let opened_by = TOM.parse().unwrap();
    let colleague = format!("{}@alderwick.example", word.to_lowercase());
    let requester = NewRequester { email: format!("{word}@mail.example").parse().unwrap(), name: Some(word.clone()), external_id: None };
    let comment = |author: &str, public| NewComment {
        author: author.parse().unwrap(),
        public,
        body: words.clone(),
        created_at: None,
        attachments: vec![],
    };
    let new = |external_id: String, status| NewTicket {
        external_id: Some(external_id),
        subject: format!("Light {word}"),
        body: words.clone(),
        requester: requester.clone(),
        channel: TicketChannel::Email,
        created_at: None,
        status: Some(status),
        solved_at: None,
        priority: None,
        group: None,
        assignee: Some(colleague.parse().unwrap()),
        tags: vec![word.clone()],
        language: None,
        custom_fields: [].into(),
        comments: vec![comment(&colleague, true), comment(TOM, false)],
        attachments: vec![],
    };
    app.app.put_ticket(&app.admin, new(format!("{word}-1"), TicketStatus::Solved)).await.unwrap();
    let ticket = app.app.put_ticket(&app.admin, new(format!("{word}-2"), TicketStatus::Open)).await.unwrap().item.ticket.id;
    let thread = NewThread {
        ask: None,
        context: vec![],
        external_id: Some(format!("SC-{word}")),
        channel: ThreadChannel::Slack,
        subject: format!("Light {word}"),
        status: None,
        opened_by,
        participants: vec![colleague.parse().unwrap()],
        created_at: None,
        messages: vec![
            NewMessage { author: TOM.parse().unwrap(), body: words.clone(), created_at: None, attachments: vec![] },
            NewMessage { author: colleague.parse().unwrap(), body: words.clone(), created_at: None, attachments: vec![] },
        ],
    };
    app.app.open_thread(&app.admin, ticket, thread).await.unwrap();
    ticket
}

async fn put(app: &TestApp, external_id: &str, subject: &str, status: TicketStatus) -> TicketId {
    let requester = NewRequester { email: "ana@mail.example".parse().unwrap(), name: Some("Ana Roy".to_owned()), external_id: None };
    let new = NewTicket {
        external_id: Some(external_id.to_owned()),
        subject: subject.to_owned(),
        body: format!("Hello,\n\nsince yesterday the light of my camera stays red. {}\n\nAna", endless_word()),
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
        attachments: vec![],
    };
    app.app.put_ticket(&app.admin, new).await.unwrap().item.ticket.id
}
