//! How a page looks: at every width and in both colour schemes it keeps within the screen and can be read.

use std::path::PathBuf;

use crate::driver::Browser;

/// Where it is set, pictures of pages are kept in that folder.
const PICTURES: &str = "BACKCHANNEL_PICTURES";

/// The widths of a small telephone and of a desktop, in pixels, each with a height; a test goes on at the last one.
const WIDTHS: [(u32, u32); 2] = [(400, 800), (1280, 900)];
/// What a reader may prefer; a test goes on in the last one.
const SCHEMES: [&str; 2] = ["dark", "light"];
/// The halves of a ticket's page, of which a narrow screen shows one; other pages have none.
const HALVES: [&str; 2] = ["show-panel", "show-talk"];

const OVERFLOW: &str = include_str!("overflow.js");
const CONTRAST: &str = include_str!("contrast.js");

/// Asserts that nothing sticks out sideways and that every text has the contrast that WCAG asks for, at any width, in both schemes.
pub(crate) async fn looks_right(browser: &Browser) {
    for scheme in SCHEMES {
        browser.prefer(scheme).await;
        for (width, height) in WIDTHS {
            browser.resize(width, height).await;
            browser.until(&format!("innerWidth === {width}")).await;
            for half in HALVES {
                browser.value(&format!("document.getElementById('{half}')?.click()")).await;
                let place = format!("{scheme}, {width} px, {half}");
                assert_eq!(list(browser, OVERFLOW).await, Vec::<String>::new(), "content sticks out: {place}");
                assert_eq!(list(browser, CONTRAST).await, Vec::<String>::new(), "text is hard to read: {place}");
            }
        }
    }
}

/// Keeps pictures of the page at every width and in both schemes, in the folder that [`PICTURES`] names, if it names one.
pub(crate) async fn keep_pictures(browser: &Browser, name: &str) {
    let Some(folder) = std::env::var_os(PICTURES).map(PathBuf::from) else { return };
    fs_err::create_dir_all(&folder).unwrap();
    for scheme in SCHEMES {
        browser.prefer(scheme).await;
        for (width, height) in WIDTHS {
            browser.resize(width, height).await;
            browser.until(&format!("innerWidth === {width}")).await;
            for half in HALVES {
                let has_half = browser.value(&format!("Boolean(document.getElementById('{half}'))")).await == true;
                if has_half {
                    browser.value(&format!("document.getElementById('{half}').click()")).await;
                }
                let half = if has_half { half } else { "whole" };
                fs_err::write(folder.join(format!("{name}-{scheme}-{width}-{half}.png")), browser.picture().await).unwrap();
            }
        }
    }
}

/// What a script of this folder complains about, each with the page that it stands on.
async fn list(browser: &Browser, script: &str) -> Vec<String> {
    let (found, address) = (browser.value(script).await, browser.value("location.pathname").await);
    let found = found.as_array().unwrap_or_else(|| panic!("the script gave no list but {found}"));
    found.iter().map(|one| format!("{}: {}", address.as_str().unwrap(), one.as_str().unwrap())).collect()
}
