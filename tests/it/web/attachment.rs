//! Files on a ticket's page, and what else people may bring: long, many, and meant to do harm.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use backchannel::app::UnsentLimits;
use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{NewComment, NewRequester, NewTicket};
use backchannel::domain::vocabulary::{Role, TicketChannel};
use futures::StreamExt;

use crate::support::app::{ATTACHMENT_LIMIT_BYTES, TestApp};
use crate::web::visitor::{Answer, Visitor, ticket};

const PAGE: &[u8] = b"<!doctype html><script>document.title = 'ran'</script>";
const HOSTILE: &str = "<script>document.title = 'ran'</script><img src=x onerror=\"document.title='ran'\">";

/// Sends a form with parts, as a browser without script does.
async fn send(visitor: &Visitor, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    for (name, bytes) in files {
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    let request = visitor.request(&Method::POST, path).header(CONTENT_TYPE, "multipart/form-data; boundary=b");
    // In pieces, one after the other, as it comes over the network.
    let pieces: Vec<Vec<u8>> = body.chunks(64 << 10).map(<[u8]>::to_vec).collect();
    let pieces = futures::stream::iter(pieces).enumerate().then(async |(position, piece)| {
        if position > 0 {
            tokio::task::yield_now().await;
        }
        Ok::<_, Infallible>(piece)
    });
    visitor.send(request.body(Body::from_stream(pieces)).unwrap()).await
}

async fn writer() -> (TestApp, TicketId, Visitor) {
    let app = TestApp::new().await;
    let ticket = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    (app, ticket, visitor)
}

#[tokio::test]
async fn a_reply_brings_its_files_without_script() {
    let (app, ticket, visitor) = writer().await;
    let path = format!("/tickets/{ticket}/comments");
    let csrf = visitor.csrf.clone();
    let fields = [("csrf", csrf.as_str()), ("public", "1"), ("body", "See the log.")];
    send(&visitor, &path, &fields, &[("device.log", b"boot\n"), ("photo.png", PAGE), ("", b"")]).await.led();
    app.work().await;
    let page = visitor.get(&format!("/tickets/{ticket}")).await.expect_page(200);
    let names: Vec<String> = page.all(".message-agent .file-name").iter().map(|name| name.text().collect()).collect();
    assert_eq!(names, ["device.log", "photo.png"]);
    assert!(page.has(".file-note"), "a type that lies is told");
    assert_eq!(page.all(".file img").len(), 0, "a page is no picture, whatever it is called");
    let links: Vec<_> =
        page.all(".file-link").iter().map(|link| (link.attr("href").unwrap().to_owned(), link.attr("download").is_some())).collect();
    assert_eq!(links.iter().map(|(_, saved)| *saved).collect::<Vec<_>>(), [false, true]);
    let text = visitor.get(&links[0].0).await;
    assert_eq!((text.status, text.text.as_str()), (200, "boot\n"));
    assert_eq!(text.headers[CONTENT_TYPE], "text/plain; charset=utf-8");
    assert!(text.headers["content-disposition"].to_str().unwrap().starts_with("inline"));
    let lie = visitor.get(&links[1].0).await;
    assert!(lie.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(lie.headers["content-security-policy"], "sandbox; default-src 'none'");
    Visitor::stranger(&app).get(&links[0].0).await.expect_page(401);
}

#[tokio::test]
async fn a_file_that_went_ahead_is_sent_by_its_id() {
    let (_app, ticket, visitor) = writer().await;
    let csrf = visitor.csrf.clone();
    let ahead = send(&visitor, "/attachments", &[("csrf", &csrf)], &[("a.txt", b"words")]).await;
    assert_eq!(ahead.status, 201, "{}", ahead.text);
    let fields = [("csrf", csrf.as_str()), ("public", "0"), ("body", "Ahead."), ("attachments", ahead.text.as_str())];
    send(&visitor, &format!("/tickets/{ticket}/comments"), &fields, &[]).await.led();
    let page = visitor.get(&format!("/tickets/{ticket}")).await.expect_page(200);
    assert_eq!(page.text(".message-note .file-name"), "a.txt");
}

#[tokio::test]
async fn no_file_is_kept_for_a_foreign_page_a_stranger_or_a_reader() {
    let (app, ticket, visitor) = writer().await;
    let path = format!("/tickets/{ticket}/comments");
    let files: &[(&str, &[u8])] = &[("a.txt", b"words")];
    let answer = send(&visitor, &path, &[("csrf", "wrong"), ("body", "my text")], files).await.expect_page(403);
    assert!(answer.text("textarea").contains("my text"), "what was written comes back");
    // A file that comes before the token could be anybody's.
    send(&visitor, &path, &[], files).await.expect_page(403);
    send(&visitor.saying(&[("sec-fetch-site", "cross-site")]), "/attachments", &[("csrf", &visitor.csrf)], files).await.expect_page(403);
    send(&Visitor::stranger(&app), "/attachments", &[("csrf", "x")], files).await.expect_page(401);
    let reader = Visitor::signed_in(&app, Role::Light).await;
    send(&reader, "/attachments", &[("csrf", &reader.csrf)], files).await.expect_page(403);
    let large = vec![0; usize::try_from(ATTACHMENT_LIMIT_BYTES).unwrap() + 1];
    let fields = [("csrf", visitor.csrf.as_str()), ("public", "1"), ("body", "kept text")];
    let answer = send(&visitor, &path, &fields, &[("big.bin", &large)]).await.expect_page(413);
    assert!(answer.text("textarea").contains("kept text"));
    let kept = walkdir::WalkDir::new(app.folder.path().join("attachments"))
        .into_iter()
        .filter(|entry| entry.as_ref().unwrap().file_type().is_file());
    assert_eq!(kept.count(), 0);
    assert!(app.app.ticket(&app.admin, ticket).await.unwrap().comments.is_empty());
}

#[tokio::test]
async fn a_form_that_is_refused_leaves_none_of_its_files_and_fills_no_quota() {
    let app = TestApp::with(|parts| parts.unsent = UnsentLimits { files: 2, bytes: 1 << 20 }).await;
    let ticket = ticket(&app, &app.admin, "T-1").await;
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let path = format!("/tickets/{ticket}/comments");
    let kept = || {
        let walk = walkdir::WalkDir::new(app.folder.path().join("attachments")).into_iter();
        walk.filter(|entry| entry.as_ref().unwrap().file_type().is_file()).count()
    };
    let ahead = send(&visitor, "/attachments", &[("csrf", &visitor.csrf)], &[("ahead.txt", b"ahead")]).await;
    assert_eq!(ahead.status, 201, "{}", ahead.text);
    for _ in 0..3 {
        let fields = [("csrf", visitor.csrf.as_str()), ("body", " "), ("attachments", ahead.text.as_str())];
        send(&visitor, &path, &fields, &[("a.txt", b"words")]).await.expect_page(422);
        // What comes last is too large: the file before it stays no more than that one.
        let large = vec![0; usize::try_from(ATTACHMENT_LIMIT_BYTES).unwrap() + 1];
        send(&visitor, &path, &fields, &[("a.txt", b"words"), ("big.bin", &large)]).await.expect_page(413);
        send(&visitor, "/tickets/T-none/comments", &fields, &[("a.txt", b"words")]).await.expect_page(404);
        // The second and third together are one more than may wait.
        send(&visitor, &path, &fields, &[("a.txt", b"words"), ("b.txt", b"more")]).await.expect_page(409);
    }
    assert_eq!(kept(), 1, "only what was uploaded ahead waits for the form to be sent again");
    let many: Vec<(String, &[u8])> = (0..21).map(|number| (format!("{number}.txt"), b"x".as_slice())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let fields = [("csrf", visitor.csrf.as_str()), ("body", "many"), ("attachments", ahead.text.as_str())];
    let answer = send(&visitor, &path, &fields, &many).await.expect_page(422);
    assert!(answer.text("main").contains("at most 20 files"), "{}", answer.text("main"));
    let fields = [("csrf", visitor.csrf.as_str()), ("body", "All of it."), ("attachments", ahead.text.as_str())];
    send(&visitor, &path, &fields, &[("a.txt", b"words")]).await.led();
    let page = visitor.get(&format!("/tickets/{ticket}")).await.expect_page(200);
    assert_eq!(page.all(".message-note .file-name").len(), 2);
}

#[tokio::test]
async fn files_that_are_too_large_together_are_refused_with_what_a_form_may_bring() {
    let (_app, ticket, visitor) = writer().await;
    let file = vec![0; usize::try_from(ATTACHMENT_LIMIT_BYTES).unwrap()];
    let files: Vec<(&str, &[u8])> = ["1.bin", "2.bin", "3.bin", "4.bin", "5.bin"].map(|name| (name, file.as_slice())).into();
    let fields = [("csrf", visitor.csrf.as_str()), ("public", "1"), ("body", "kept text")];
    let answer = send(&visitor, &format!("/tickets/{ticket}/comments"), &fields, &files).await.expect_page(413);
    assert!(
        answer.text("main").contains("The files are together larger than 4 MiB: send them with several messages."),
        "{}",
        answer.text("main")
    );
    assert!(answer.text("textarea").contains("kept text"));
    // A text that is too long is still told as one.
    let long = "a".repeat(70_000);
    let fields = [("csrf", visitor.csrf.as_str()), ("public", "1"), ("body", long.as_str())];
    let answer = send(&visitor, &format!("/tickets/{ticket}/comments"), &fields, &[]).await.expect_page(413);
    assert!(answer.text("main").contains("The text is too long: at most 64 KiB."));
}

fn new_ticket(comments: Vec<NewComment>) -> NewTicket {
    let requester = NewRequester {
        email: "ana@mail.example".parse().unwrap(),
        name: Some(format!("\u{202e}\u{5e9}\u{5dc}\u{5d5}\u{5dd} 👩\u{200d}🔧 {HOSTILE}")),
        external_id: None,
    };
    NewTicket {
        external_id: Some("T-9".to_owned()),
        subject: HOSTILE.to_owned(),
        body: HOSTILE.to_owned(),
        requester,
        channel: TicketChannel::Email,
        created_at: None,
        status: None,
        solved_at: None,
        priority: None,
        group: None,
        assignee: None,
        tags: vec![HOSTILE.to_owned()],
        language: None,
        custom_fields: [(HOSTILE.to_owned(), HOSTILE.to_owned())].into(),
        comments,
        attachments: vec![],
    }
}

fn comment(number: usize, body: String) -> NewComment {
    let created_at =
        Some(backchannel::domain::time::Timestamp::from_micros(1_790_000_000_000_000).plus_seconds(i64::try_from(number).unwrap()));
    NewComment { author: "ana@mail.example".parse().unwrap(), public: true, body, created_at, attachments: vec![] }
}

#[tokio::test]
async fn ten_thousand_comments_are_shown_from_the_end_a_part_at_a_time() {
    let app = TestApp::new().await;
    let comments = (0..10_000).map(|number| comment(number, format!("comment number {number}"))).collect();
    let id = app.app.put_ticket(&app.admin, new_ticket(comments)).await.unwrap().item.ticket.id;
    let reader = Visitor::signed_in(&app, Role::Light).await;
    let answer = reader.get(&format!("/tickets/{id}")).await;
    assert!(answer.text.len() < 400_000, "{} bytes", answer.text.len());
    let page = answer.expect_page(200);
    let shown = page.all(".message");
    assert_eq!(shown.len(), 101);
    assert!(shown[1].text().collect::<String>().contains("comment number 9900"));
    let earlier = page.all(".rest a")[0].attr("href").unwrap().to_owned();
    let page = reader.get(&format!("/tickets/{id}{}", earlier.split('#').next().unwrap())).await.expect_page(200);
    assert!(page.all(".message")[1].text().collect::<String>().contains("comment number 9800"));
    assert_eq!(page.all(".rest a").len(), 2, "one way back, one way to the end");
    // The panel of such a ticket is made of its newest comments, in the time of any other.
    app.app.panel(&app.admin, id).await.unwrap();
}

#[tokio::test]
async fn a_comment_of_two_megabytes_is_shown_by_its_start_and_whole_on_demand() {
    let app = TestApp::new().await;
    let long = "A line of a log that never ends.\n".repeat(64_000);
    assert!(long.len() > 2_000_000);
    let put = app.app.put_ticket(&app.admin, new_ticket(vec![comment(0, long)])).await.unwrap().item;
    let reader = Visitor::signed_in(&app, Role::Light).await;
    let answer = reader.get(&format!("/tickets/{}", put.ticket.id)).await;
    assert!(answer.text.len() < 200_000, "{} bytes", answer.text.len());
    let page = answer.expect_page(200);
    let whole = page.element(".message .rest a").attr("href").unwrap().to_owned();
    let answer = reader.get(&format!("/tickets/{}{}", put.ticket.id, whole.split('#').next().unwrap())).await;
    assert!(answer.text.len() > 2_000_000);
    app.app.panel(&app.admin, put.ticket.id).await.unwrap();
}

#[tokio::test]
async fn script_in_every_field_is_text_and_names_cannot_turn_the_line_around() {
    let app = TestApp::new().await;
    let hostile = comment(0, HOSTILE.to_owned());
    let id = app.app.put_ticket(&app.admin, new_ticket(vec![hostile])).await.unwrap().item.ticket.id;
    app.app.panel(&app.admin, id).await.unwrap();
    let visitor = Visitor::signed_in(&app, Role::Agent).await;
    let csrf = visitor.csrf.clone();
    let fields = [("csrf", csrf.as_str()), ("public", "1"), ("body", HOSTILE)];
    let name = "\u{5e9}\u{5dc}\u{5d5}\u{5dd} 🙂 <img src=x>.txt";
    send(&visitor, &format!("/tickets/{id}/comments"), &fields, &[(name, b"x")]).await.led();
    for path in [format!("/tickets/{id}"), "/tickets".to_owned(), format!("/tickets/{id}/panel")] {
        let answer = visitor.get(&path).await;
        assert!(!answer.text.contains("<script>document") && !answer.text.contains("onerror=\""), "{path}");
        assert!(!answer.text.contains("<img src=x"), "{path}");
    }
    let page = visitor.get(&format!("/tickets/{id}")).await.expect_page(200);
    for who in page.all(".message-who strong") {
        assert_eq!(who.attr("dir"), Some("auto"), "a name is isolated from what stands beside it");
    }
    assert_eq!(page.text("bdi.file-name"), name);
}
