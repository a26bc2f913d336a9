//! The inbox, a ticket's page, and writing on it.

use std::time::Duration;

use backchannel::domain::id::TicketId;
use backchannel::domain::intake::NewComment;
use backchannel::domain::panel::Panel;
use backchannel::domain::vocabulary::{NextStep, Part, Role, TicketStatus};
use backchannel::wire::lines::{Record, parse_line};
use serde_json::json;

use crate::support::app::TestApp;
use crate::web::visitor::{Visitor, ticket};

#[tokio::test]
async fn the_inbox_lists_filters_and_searches() {
    let app = TestApp::new().await;
    let (first, second) = (ticket(&app, &app.admin, "T-1").await, ticket(&app, &app.admin, "T-2").await);
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let page = visitor.get("/tickets").await.expect_page(200);
    assert_eq!(page.all(".tickets tbody tr").len(), 2);
    let found = visitor.get("/tickets?q=T-2").await.expect_page(200);
    assert_eq!(found.element(".t-subject a").attr("href"), Some(format!("/tickets/{second}?q=T-2").as_str()));
    assert!(visitor.get("/tickets?status=solved").await.expect_page(200).has(".empty"));
    assert_eq!(visitor.get("/tickets?status=new&group=&q=").await.expect_page(200).all(".tickets tbody tr").len(), 2);
    // Words that mean nothing are passed over; a cursor that nobody gave is told.
    assert_eq!(visitor.get("/tickets?status=hot&x=y").await.expect_page(200).all(".tickets tbody tr").len(), 2);
    visitor.get("/tickets?cursor=nonsense").await.expect_page(422);
    let beside = visitor.get(&format!("/tickets/{first}?q=T-1")).await.expect_page(200);
    assert_eq!(beside.element(".side-row").attr("href"), Some(format!("/tickets/{first}?q=T-1").as_str()));
    assert_eq!(beside.element(".side-back").attr("href"), Some("/tickets?q=T-1"));
}

#[tokio::test]
async fn a_ticket_that_is_not_on_the_page_of_its_list_stands_above_it() {
    let app = TestApp::new().await;
    let first = ticket(&app, &app.admin, "T-0").await;
    for number in 1..=50 {
        ticket(&app, &app.admin, &format!("T-{number}")).await;
    }
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let here = |page: &scraper::Html| -> Vec<String> {
        let rows = scraper::Selector::parse(".side-row").unwrap();
        let rows: Vec<_> = page.select(&rows).collect();
        assert_eq!(rows.iter().filter(|row| row.attr("aria-current").is_some()).count(), 1);
        rows.iter().map(|row| row.attr("href").unwrap().to_owned()).collect()
    };
    let page = scraper::Html::parse_document(&visitor.get(&format!("/tickets/{first}")).await.text);
    let shown = here(&page);
    assert_eq!((shown.len(), &shown[0]), (51, &format!("/tickets/{first}")));
    let page = scraper::Html::parse_document(&visitor.get(&shown[1]).await.text);
    assert_eq!(here(&page).len(), 50, "one that is listed stands in its place");
}

#[tokio::test]
async fn every_group_can_be_chosen_whatever_the_list_shows() {
    let app = TestApp::new().await;
    let visitor = Visitor::signed_in(&app, Role::Light).await;
    let groups = app.app.triage_choices(&app.admin).await.unwrap().groups;
    assert!(groups.len() > 1);
    for path in ["/tickets".to_owned(), format!("/tickets?group={}", groups[0])] {
        let page = visitor.get(&path).await.expect_page(200);
        assert_eq!(page.all(".chip").len(), groups.len() + 1, "{path}");
    }
}

#[tokio::test]
async fn colleagues_are_called_by_their_names() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let writer = Visitor::signed_in(&app, Role::Agent).await;
    writer.post(&format!("/tickets/{id}/comments"), &[("public", "1"), ("body", "On its way.")]).await.led();
    // Added by address alone, but the playbook knows who it is.
    let tom = "tom.hargreaves@alderwick.example";
    let user = app.app.put_user(&app.admin, tom.parse().unwrap(), tom, Role::Agent).await.unwrap().id;
    let mut reader = Visitor::stranger(&app);
    reader.use_link(&app.app.make_sign_in_link(&app.admin, user).await.unwrap()).await.expect_led("/tickets");
    let reader = reader.with_token().await;
    reader.post(&format!("/tickets/{id}/comments"), &[("public", "0"), ("body", "I asked the depot.")]).await.led();
    let page = reader.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert_eq!((page.text(".message-agent strong"), page.text(".message-note strong")), ("Una agent".into(), "Tom Hargreaves".into()));
}

#[tokio::test]
async fn a_ticket_is_found_by_its_id_and_by_its_id_elsewhere() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "HELP/1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    for path in [format!("/tickets/{id}"), "/tickets/HELP%2F1".to_owned()] {
        let page = visitor.get(&path).await.expect_page(200);
        assert_eq!(page.text("h1"), "Where is my parcel?");
        assert!(page.text("#opening .text").ends_with("<b>Where</b> is it?"));
        assert!(page.element("[data-live]").attr("data-events").unwrap().starts_with(&format!("/tickets/{id}/events?after=")));
    }
}

#[tokio::test]
async fn another_workspaces_ticket_is_not_there() {
    let app = TestApp::new().await;
    let foreign = app.app.authenticate(&app.foreign_admin).await.unwrap();
    let id = ticket(&app, &foreign, "T-9").await;
    let visitor = Visitor::signed_in(&app, Role::Admin).await;
    let nowhere = TicketId::at(crate::support::make::NOW, crate::support::make::random());
    for reference in [id.to_string(), "T-9".to_owned(), nowhere.to_string(), "none".to_owned()] {
        for path in [format!("/tickets/{reference}"), format!("/tickets/{reference}/panel"), format!("/tickets/{reference}/events")] {
            visitor.get(&path).await.expect_page(404);
        }
        for path in [format!("/tickets/{reference}/comments"), format!("/tickets/{reference}/side-conversations")] {
            let fields = [("body", "x"), ("subject", "x"), ("recipients", "bo@desk.example"), ("channel", "x")];
            assert!(matches!(visitor.post(&path, &fields).await.status, 404 | 422), "{path}");
        }
    }
    assert!(app.app.ticket(&foreign, id).await.unwrap().comments.is_empty());
}

#[tokio::test]
async fn an_opened_ticket_gets_its_panel_ahead_of_the_queue() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(page.has(".panel[aria-busy=true]"));
    let after: i64 = page.element("[data-live]").attr("data-events").unwrap().rsplit('=').next().unwrap().parse().unwrap();
    let ready = async {
        let mut after = after;
        loop {
            for (sequence, event) in app.app.events(&app.admin, id, after).await.unwrap() {
                after = sequence;
                if event.kind == "suggestion.ready" {
                    return;
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), ready).await.unwrap();
    let fragment = visitor.get(&format!("/tickets/{id}/panel")).await.expect_page(200);
    assert!(fragment.has("[data-swap=panel] #part-triage") && !fragment.has("[aria-busy], script, header.bar"));
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert!(page.has(".panel form[data-thumbs]") && !page.has("[aria-busy]"));
}

#[tokio::test]
async fn a_reply_is_public_and_a_note_is_not() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}/comments");
    let led = visitor.post(&path, &[("public", "1"), ("body", "On its way.\r\nUna\r\n")]).await.led();
    visitor.post(&path, &[("public", "0"), ("body", "Lost, I think.")]).await.led();
    // A form that lost the field must not tell the customer what was meant for colleagues.
    visitor.post(&path, &[("body", "And this?")]).await.led();
    let comments = app.app.ticket(&app.admin, id).await.unwrap().comments;
    let kept: Vec<_> = comments.iter().map(|comment| (comment.public, comment.body.as_str())).collect();
    assert_eq!(kept, [(true, "On its way.\nUna"), (false, "Lost, I think."), (false, "And this?")]);
    assert_eq!(led, format!("/tickets/{id}#comment-{}", comments[0].id));
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    assert_eq!((page.all(".message-agent").len(), page.all(".message-note").len()), (1, 2));
    assert_eq!(page.text(&format!("#comment-{} strong", comments[0].id)), "Una agent");
    visitor.post(&path, &[("public", "1"), ("body", " ")]).await.expect_page(422);
}

#[tokio::test]
async fn after_writing_the_list_is_still_remembered() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let from = |page: &str| visitor.saying(&[("sec-fetch-site", "same-origin"), ("referer", page)]);
    let path = format!("/tickets/{id}/comments");
    let led = from(&format!("http://desk.example/tickets/{id}?status=new")).post(&path, &[("body", "one")]).await.led();
    assert!(led.starts_with(&format!("/tickets/{id}?status=new#comment-")), "{led}");
    let led = from(&format!("http://evil.example/tickets/{id}?status=new")).post(&path, &[("body", "two")]).await.led();
    assert!(led.starts_with(&format!("/tickets/{id}#comment-")), "{led}");
}

#[tokio::test]
async fn a_citation_underlines_the_very_sentence_that_it_cites() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let panel = app.app.panel(&app.admin, id).await.unwrap();
    let page = Visitor::signed_in(&app, Role::Agent).await.get(&format!("/tickets/{id}")).await.expect_page(200);
    let marked: Vec<String> = page.all("#opening mark").iter().map(|mark| mark.text().collect()).collect();
    let cited: Vec<_> = panel.summary.sentences.iter().flat_map(|sentence| &sentence.evidence).collect();
    assert!(!cited.is_empty());
    for evidence in cited {
        assert!(marked.contains(&evidence.quote), "{}: {marked:?}", evidence.quote);
    }
}

#[tokio::test]
async fn a_reply_does_not_pass_one_that_its_author_cannot_have_read_and_is_written_once() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let (una, tom) = (Visitor::signed_in(&app, Role::Agent).await, Visitor::signed_in(&app, Role::Agent).await);
    let (page, comments) = (format!("/tickets/{id}"), format!("/tickets/{id}/comments"));
    let seen = async |visitor: &Visitor| {
        let page = visitor.get(&page).await.expect_page(200);
        let seen = page.element("#composer [name=seen]").attr("value").unwrap().to_owned();
        assert_eq!(page.element("#talk-start").attr("data-last"), Some(seen.as_str()));
        seen
    };
    let write = async |visitor: &Visitor, seen: &str, public: &str, body: &str| {
        visitor.post(&comments, &[("seen", seen), ("public", public), ("body", body)]).await
    };
    let before = seen(&una).await;
    assert_eq!(before, "");
    let first = write(&una, &before, "1", "It is on its way.").await.led();
    // The other tab of the same author, with the same text.
    assert_eq!(write(&una, &before, "1", "It is on its way. ").await.led(), first);
    let answer = write(&tom, &before, "1", "We look into it.").await.expect_page(409);
    assert_eq!(answer.text("#kept"), "We look into it.");
    assert!(answer.text("main").contains("Una agent wrote on this ticket after the page was opened"));
    let read = answer.element(".actions a").attr("href").unwrap();
    assert_eq!(read.split('?').next().zip(read.split('#').nth(1)), first.split('#').next().zip(first.split('#').nth(1)));
    // Nor from another tab of the same author, who may not see there what they wrote here.
    write(&una, &before, "1", "Still looking.").await.expect_page(409);
    // A note reaches no customer, and what was read is no surprise.
    write(&tom, &before, "0", "Una is on it.").await.led();
    let now = seen(&tom).await;
    write(&tom, &now, "1", "We look into it.").await.led();
    let history = app.app.ticket(&app.admin, id).await.unwrap();
    let bodies: Vec<&str> = history.comments.iter().map(|comment| comment.body.as_str()).collect();
    assert_eq!(bodies, ["It is on its way.", "Una is on it.", "We look into it."]);
}

#[tokio::test]
async fn a_reply_moves_the_ticket_where_its_author_says_and_a_note_does_not() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{id}");
    let write = async |public: &str, body: &str, was: &str, status: &str| {
        let seen = visitor.get(&path).await.expect_page(200).element("#composer [name=seen]").attr("value").unwrap().to_owned();
        let fields = [("was", was), ("seen", seen.as_str()), ("public", public), ("body", body), ("status", status)];
        visitor.post(&format!("{path}/comments"), &fields).await.led();
        let kept = app.app.ticket(&app.admin, id).await.unwrap().ticket;
        (kept.status, kept.solved_at.is_some())
    };
    let page = visitor.get(&path).await.expect_page(200);
    assert_eq!(page.element("#write-status option[selected]").attr("value"), Some("pending"));
    assert_eq!(write("0", "Asked the carrier.", "new", "solved").await, (TicketStatus::New, false));
    assert_eq!(write("1", "It comes on Friday.", "new", "pending").await, (TicketStatus::Pending, false));
    assert!(visitor.get(&path).await.expect_page(200).text(".ticket-top").contains("Pending"));
    assert_eq!(write("1", "It has come.", "pending", "solved").await, (TicketStatus::Solved, true));
    let page = visitor.get(&path).await.expect_page(200);
    assert_eq!(page.element("#write-status option[selected]").attr("value"), Some("solved"));
    assert_eq!(write("1", "Shall we look again?", "solved", "open").await, (TicketStatus::Open, false));
    assert_eq!(write("1", "Still there?", "open", "nonsense").await, (TicketStatus::Open, false));
    // On a page of before somebody moved it.
    assert_eq!(write("1", "Solved, I think.", "pending", "solved").await, (TicketStatus::Open, false));
}

#[tokio::test]
async fn whoever_was_answered_is_not_answered_again_before_they_write() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    let say = async |author: &str, body: &str| {
        let (author, body) = (author.parse().unwrap(), body.to_owned());
        let new = NewComment { author, public: true, body, created_at: None, attachments: vec![] };
        app.app.add_comment(&app.admin, id, new).await.unwrap();
        app.work().await;
        app.app.panel(&app.admin, id).await.unwrap()
    };
    let owen = "owen.pryce@alderwick.example";
    let step = |panel: &Panel| panel.next_step.as_ref().map(|advice| (advice.step.name, advice.reason.code()));
    let answered = say(owen, "Your parcel was delivered to your neighbour on Monday.").await;
    assert_eq!(step(&answered), Some((NextStep::Wait, "answered_last")));
    assert_eq!(answered.reply_draft, None);
    assert!(answered.abstained.iter().any(|(part, why)| *part == Part::ReplyDraft && why.reason.code() == "answered_already"));
    let again = say("ana@mail.example", "No, the neighbour has nothing. Where is it?").await;
    assert_ne!(step(&again), Some((NextStep::Wait, "answered_last")));
}

#[tokio::test]
async fn what_a_rule_wants_told_first_is_drafted_until_the_customer_was_answered() {
    let app = TestApp::new().await;
    let mut files = app.app.playbook_files(&app.admin).await.unwrap();
    let routing = files.get_mut("routing.toml").unwrap();
    routing.push_str("\n[[rules]]\nname = \"Parcels of the first\"\nwhen = { contains = [\"parcel\"], tier = [\"business\"] }\n");
    routing.push_str("first_reply = { en = \"We send it again today.\" }\n");
    app.app.apply_playbook(&app.admin, files).await.unwrap();
    let put = async |name: &str, body: &str| {
        let line = json!({"type": "ticket", "external_id": name, "subject": "", "body": body, "requester": {"email": "ana@mail.example"}})
            .to_string();
        let Record::Ticket { ticket, .. } = parse_line(&line).unwrap() else { panic!("{line}") };
        let id = app.app.put_ticket(&app.admin, ticket).await.unwrap().item.ticket.id;
        (id, app.app.panel(&app.admin, id).await.unwrap())
    };
    let code = |panel: &Panel| panel.next_step.as_ref().map(|advice| advice.reason.code());
    let said = |panel: &Panel| panel.reply_draft.as_ref().map(|shown| (shown.item.sentences[0].text.clone(), shown.item.warnings.len()));

    let (id, panel) = put("T-1", "The battery of my camera is swollen. May I post it to you?").await;
    assert_eq!(code(&panel), Some("first_reply"));
    let first = "Please stop using the camera now: do not charge it and do not switch it on again.".to_owned();
    assert_eq!(said(&panel), Some((first.clone(), 0)));
    let answer = app.app.ask(&app.admin, id, "May they post the battery?").await.unwrap();
    assert_eq!(answer.sentences[0].text, "Do not post it and do not hand it to a driver.");
    // A language that the rule does not have is answered in English, and the author is told.
    let (_, panel) =
        put("T-2", "Die Batterie meiner Kamera ist swollen und ich weiß nicht, was ich damit machen soll. Bitte helfen Sie mir.").await;
    assert_eq!(said(&panel), Some((first, 1)));
    // A rule holds with all of its conditions or not at all.
    let (_, panel) = put("T-3", "My parcel has not come. Where is it?").await;
    assert_ne!(code(&panel), Some("first_reply"));

    let say = async |author: &str, body: &str| {
        let (author, body) = (author.parse().unwrap(), body.to_owned());
        let new = NewComment { author, public: true, body, created_at: None, attachments: vec![] };
        app.app.add_comment(&app.admin, id, new).await.unwrap();
        app.work().await;
        code(&app.app.panel(&app.admin, id).await.unwrap())
    };
    assert_eq!(say("brother@mail.example", "It smells as well.").await, Some("first_reply"), "a relative is not the desk");
    assert_eq!(say("owen.pryce@alderwick.example", "We have got it and will come back to you today.").await, Some("first_reply"));
    let told = "Do not post it. Lay it outside on stone, away from anything that burns.";
    assert_eq!(say("owen.pryce@alderwick.example", told).await, Some("answered_last"));
}

#[tokio::test]
async fn the_head_of_a_ticket_shows_the_priority_that_its_row_shows() {
    let app = TestApp::new().await;
    let id = ticket(&app, &app.admin, "T-1").await;
    app.work().await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let row = visitor.get("/tickets").await.expect_page(200).text(".t-priority");
    assert!(!row.is_empty());
    assert_eq!(visitor.get(&format!("/tickets/{id}")).await.expect_page(200).text(".ticket-top .priority"), row);
}
