//! Files in a real browser: chosen, shown, and unable to do harm.

use std::path::Path;

use crate::company;
use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};

/// A red dot, sixteen pixels wide.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mO4oKBAEmIY1TCqYfhqAABLfxAQegypMgAAAABJRU5ErkJggg==";

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs_err::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn files_are_uploaded_with_progress_shown_small_and_never_run() {
    let Some(desk) = Desk::open().await else { return };
    let Desk { browser, app, .. } = &desk;
    let ticket = company(app).await;
    app.app.panel(&app.admin, ticket).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let picture = write(folder.path(), "photo of the lamp.png", &base64(PNG));
    let page = write(folder.path(), "invoice.html", b"<!doctype html><script>top.document.title = 'ran'; document.title = 'ran'</script>");
    let drawing = write(
        folder.path(),
        "drawing.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"document.title='ran'\"><script>document.title='ran'</script></svg>",
    );
    let lie = write(folder.path(), "holiday.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>document.title='ran'</script></svg>");
    let log = write(folder.path(), "\u{5d9}\u{5d5}\u{5de}\u{5df} 🙂.log", b"boot <script>document.title = 'ran'</script> is text here\n");
    let large = write(folder.path(), "large.bin", &vec![0; (1 << 20) + 1]);

    desk.sign_in().await;
    desk.visit(&format!("/tickets/{ticket}")).await;
    browser.until("document.querySelector('[data-live-say].on')").await;

    // Several at once; the one that is too large says so and does not hinder the others.
    for path in [&picture, &page, &drawing, &lie, &log, &large] {
        browser.write("#write-files", path).await;
    }
    browser
        .until("document.querySelectorAll('.upload[data-id]').length === 5 && document.querySelectorAll('.upload.failed').length === 1")
        .await;
    assert_eq!(browser.value("document.querySelector('#write-files').value").await, "", "the form sends no file twice");
    looks_right(browser).await;
    // One is taken back by the keyboard, and the focus is where the next one is chosen.
    browser.value("document.querySelector('.upload.failed button').focus()").await;
    browser.press("\u{e007}").await;
    browser.until("!document.querySelector('.upload.failed') && document.activeElement.id === 'write-files'").await;
    browser.write("#write-body", "Here is everything that I have.").await;
    browser.click("#composer button[type=submit]").await;
    browser.until("document.querySelectorAll('.message-agent .file').length === 5").await;

    // The picture has its place before it loads and shows; everything else has the sign of a file.
    browser.until("document.querySelector('.file img')?.naturalWidth === 16").await;
    assert_eq!(browser.value("document.querySelectorAll('.file img').length").await, 1);
    assert_eq!(browser.value("document.querySelector('.file-face').getBoundingClientRect().height").await, 48);
    looks_right(browser).await;
    keep_pictures(browser, "ticket-files").await;

    // A picture that does not load gives way to that sign.
    browser.value("document.querySelector('.file img').src = '/attachments/none'").await;
    browser
        .until("document.querySelector('.file img.broken') && getComputedStyle(document.querySelector('.file img')).display === 'none'")
        .await;
    // The failed request is the test's own.
    browser.complaints().await;

    // Opened by themselves they are saved or shown as text, and nothing in them runs.
    let links = browser.value("[...document.querySelectorAll('.file-link')].map((link) => link.href)").await;
    // Files stand in the order in which they arrived, which is nobody's choice.
    let log = "[...document.querySelectorAll('.file-link')].find((link) => link.textContent.includes('.log')).href";
    let shown = browser.value(log).await;
    for link in links.as_array().unwrap() {
        desk.visit(&format!("/tickets/{ticket}")).await;
        browser.open(link.as_str().unwrap()).await;
        assert_ne!(browser.value("document.title").await, "ran", "{link}");
    }
    browser.open(shown.as_str().unwrap()).await;
    browser.until("document.body.innerText.includes('is text here')").await;
    // Nor inside a page of the console: its policy refuses frames.
    desk.visit(&format!("/tickets/{ticket}")).await;
    for link in links.as_array().unwrap().iter().filter(|link| **link != shown) {
        let frame =
            format!("(() => {{ const frame = document.createElement('iframe'); frame.src = {link}; document.body.append(frame); }})()");
        browser.value(&frame).await;
    }
    browser.until("document.readyState === 'complete'").await;
    assert_ne!(browser.value("document.title").await, "ran");
    desk.close(|_| true).await;
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.decode(text).unwrap()
}
