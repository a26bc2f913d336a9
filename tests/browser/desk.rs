//! A desk before a browser: the console on a port of its own, and the steps that every story takes.

use std::time::Duration;

use backchannel::server::{Service, bind, serve};
use backchannel::web;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::driver::Browser;
use crate::support::app::TestApp;

/// Where it is set, a missing browser is a failure.
const REQUIRED: &str = "BACKCHANNEL_REQUIRE_BROWSER";

/// The console with somebody before it.
pub(crate) struct Desk {
    pub(crate) browser: Browser,
    pub(crate) app: TestApp,
    /// Where the console is.
    pub(crate) url: String,
    /// What stops it, and what ends with it.
    serving: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Desk {
    /// An empty desk; `None` where there is no browser, which is said.
    pub(crate) async fn open() -> Option<Self> {
        let browser = match Browser::start().await {
            Ok(browser) => browser,
            Err(why) => {
                leave_out(&why);
                return None;
            }
        };
        let app = TestApp::new().await;
        let listener = bind("server.listen", "127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut desk = Self { browser, app, url, serving: None };
        desk.serve(listener);
        Some(desk)
    }

    fn serve(&mut self, listener: TcpListener) {
        let router = web::router(self.app.app.clone(), &self.url);
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let served = async { serve(Service { listener, router }, None, shutdown, Duration::ZERO).await.unwrap() };
        self.serving = Some((stop, tokio::spawn(served)));
    }

    /// Stops the console; pages that are open lose it.
    pub(crate) async fn stop(&mut self) {
        let (stop, served) = self.serving.take().unwrap();
        stop.send(()).unwrap();
        served.await.unwrap();
    }

    /// Starts it again where it was.
    pub(crate) async fn start(&mut self) {
        let listener = bind("server.listen", self.url.trim_start_matches("http://")).await.unwrap();
        self.serve(listener);
    }

    /// Opens a page of the console.
    pub(crate) async fn visit(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.url)).await;
    }

    /// Signs the admin in by a link, as its page's button does; the inbox must have tickets.
    pub(crate) async fn sign_in(&self) {
        let secret = self.app.app.make_sign_in_link(&self.app.admin, self.app.admin.user.unwrap()).await.unwrap();
        self.visit(&format!("/sign-in/{secret}")).await;
        self.enter().await;
        self.browser.until("document.querySelector('.tickets tbody tr')").await;
    }

    /// Presses the button of a page that lets somebody in.
    pub(crate) async fn enter(&self) {
        self.browser.click("main button[type=submit]").await;
        self.browser.until("location.pathname === '/tickets'").await;
    }

    /// Signs out by the menu of the page.
    pub(crate) async fn sign_out(&self) {
        self.browser.click(".who summary").await;
        self.browser.click("form[action='/sign-out'] button").await;
        self.browser.until("location.pathname === '/sign-in'").await;
    }

    /// Ends the story; nothing may have been refused or missed but what `expected` says.
    pub(crate) async fn close(self, expected: impl Fn(&str) -> bool) {
        let complaints: Vec<String> = self.browser.complaints().await;
        let unexpected: Vec<_> = complaints.iter().filter(|complaint| !expected(complaint)).collect();
        assert!(unexpected.is_empty(), "the browser refused or missed something: {unexpected:?}");
        self.browser.quit().await;
    }
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
fn leave_out(why: &str) {
    assert!(std::env::var_os(REQUIRED).is_none(), "{why}: install `chromium` and `chromium-driver`");
    eprintln!("LEFT OUT: nothing is tested in a browser: {why}; install `chromium` and `chromium-driver`");
}
