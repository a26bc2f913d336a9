//! Side conversations from the draft's form.

use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

#[tokio::test]
async fn a_side_conversation_is_opened_as_it_was_edited() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let (name, channel) = app.app.directory(&app.admin).await.unwrap().channels.into_iter().next().unwrap();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}/side-conversations");
    let fields = |channel: &'static str| {
        [("channel", channel), ("recipients", "bo@desk.example,\r\ncy@desk.example"), ("subject", "Parcel"), ("body", "Please trace it.")]
    };
    let mut real = fields("");
    real[0].1 = name.as_str();
    let led = visitor.post(&path, &real).await.led();
    let threads = app.app.threads(&app.admin, id).await.unwrap();
    let thread = &threads[0].thread;
    assert_eq!((threads.len(), led), (1, format!("/tickets/{id}#thread-{}", thread.id)));
    assert_eq!((thread.channel, thread.subject.as_str()), (channel.kind, "Parcel"));
    assert_eq!(thread.participants, ["bo@desk.example", "cy@desk.example"].map(|address| address.parse().unwrap()));
    assert!(thread.opened_by.to_string().starts_with("agent-") && threads[0].messages[0].body == "Please trace it.");
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(page.has(&format!("#thread-{}[open]", thread.id)));
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_with_the_text_given_back() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let name = app.app.directory(&app.admin).await.unwrap().channels.into_keys().next().unwrap();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}/side-conversations");
    let good = [("channel", name.as_str()), ("recipients", "bo@desk.example"), ("subject", "Parcel"), ("body", "Please trace it.")];
    for (field, value) in [("channel", "no-such"), ("channel", "No such!"), ("recipients", "bo"), ("recipients", " , "), ("subject", "")] {
        let fields = good.map(|(name, given)| (name, if name == field { value } else { given }));
        let page = visitor.post(&path, &fields).await.expect_page(422);
        assert_eq!(page.text("#kept"), "Please trace it.", "{field}");
    }
    assert!(app.app.threads(&app.admin, id).await.unwrap().is_empty());
}
