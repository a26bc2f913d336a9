//! The page of an evaluation in a real browser: it fits any width, can be read in both schemes, and needs nothing that its policy forbids.

use std::path::Path;

use backchannel::eval::html;
use backchannel::eval::report::Report;

use crate::desk::Desk;
use crate::looks::{keep_pictures, looks_right};

#[tokio::test]
async fn the_page_of_a_run_fits_every_width_and_can_be_read_in_both_schemes() {
    let Some(desk) = Desk::open().await else { return };
    let folder = tempfile::tempdir().unwrap();
    for suite in ["alderwick_intent", "alderwick_routing", "entities"] {
        let baseline = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("eval/baselines/{suite}.json"));
        let page = folder.path().join(format!("{suite}.html"));
        fs_err::write(&page, html::page(&Report::read(&baseline).unwrap(), "What it is about.")).unwrap();
        desk.browser.open(&format!("file://{}", page.display())).await;
        assert_eq!(desk.browser.value("document.querySelector('h1').textContent").await, suite);
        // Styled, which the policy of the page allows by the sum of its style.
        assert_eq!(desk.browser.value("getComputedStyle(document.querySelector('section')).borderTopStyle").await, "solid");
        looks_right(&desk.browser).await;
        keep_pictures(&desk.browser, suite).await;
    }
    desk.close(|_| false).await;
}
