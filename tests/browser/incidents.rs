//! Incidents and the account of a triage: within narrow screens, in both schemes and languages.

use backchannel::domain::id::IncidentId;
use backchannel::domain::vocabulary::TicketStatus;
use backchannel::store::incident;

use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};
use crate::{company, endless_word, put};

#[tokio::test]
async fn an_incident_and_the_account_of_a_triage_can_be_read_at_every_width() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    let id = IncidentId::at(app.app.now(), rand::random());
    let mut members = vec![ticket];
    for number in 3..8 {
        let name = if number == 7 { endless_word() } else { "since the update".to_owned() };
        members.push(put(app, &format!("T-{number}"), &format!("The light of the camera stays red {name}"), TicketStatus::New).await);
    }
    let about = ["Wick Cam".to_owned(), "light".to_owned(), "update".to_owned()];
    let mut tx = app.store.begin().await.unwrap();
    incident::save(&mut tx, app.admin.workspace, id, &about, app.app.now()).await.unwrap();
    for member in &members {
        assert!(incident::join(&mut tx, app.admin.workspace, id, *member).await.unwrap());
    }
    tx.commit().await.unwrap();
    app.app.say_duplicate(&app.admin, ticket, members[1], false).await.unwrap();
    app.app.panel(&app.admin, ticket).await.unwrap();
    desk.sign_in().await;
    browser.until("document.querySelector('.notice a[href^=\"/incidents/\"]')").await;
    looks_right(browser).await;
    keep_pictures(browser, "incident-inbox").await;

    desk.visit("/incidents").await;
    looks_right(browser).await;
    keep_pictures(browser, "incidents").await;
    browser.click(".incidents a").await;
    browser.until(&format!("location.pathname === '/incidents/{id}'")).await;
    looks_right(browser).await;
    keep_pictures(browser, "incident").await;

    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('#part-triage') && !document.querySelector('[aria-busy]')").await;
    browser.click(".why-account summary").await;
    browser.until("document.querySelector('.why-account[open] li')").await;
    looks_right(browser).await;
    browser.value("document.querySelector('#part-triage').scrollIntoView()").await;
    keep_pictures(browser, "why").await;
    browser.click(".languages button[value=fr]").await;
    browser.until("document.querySelector('.why-account summary')?.innerText.startsWith('Pourquoi')").await;
    browser.click(".why-account summary").await;
    looks_right(browser).await;
    browser.value("document.querySelector('#part-triage').scrollIntoView()").await;
    keep_pictures(browser, "fr-why").await;
    desk.close(|_| false).await;
}
