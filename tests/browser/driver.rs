//! A browser that is told what to do: Chromium by `chromedriver`, over the plain `WebDriver` protocol.

use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long a page may take to come to a state.
const PATIENCE: Duration = Duration::from_secs(30);
const ASK_EVERY: Duration = Duration::from_millis(50);
/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window; its process and its driver's end with this value, however the test ends.
pub(crate) struct Browser {
    http: reqwest::Client,
    session: String,
    /// The browser's own process, until it has been told to end.
    chromium: Option<Pid>,
    driver: Child,
}

impl Browser {
    /// Starts a browser, or says why there is none.
    pub(crate) async fn start() -> Result<Self, String> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("`chromedriver` does not start: {error}"))?;
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().ok_or("`chromedriver` ended without a port")?;
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        // Nobody reads on, so whatever else the driver says must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        // The client wants a provider even where it speaks plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let base = format!("http://127.0.0.1:{port}/session");
        // As root, in a container, Chromium has neither a sandbox nor much shared memory.
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            // What moves cannot be clicked reliably, and what fades has no colour yet.
            "--force-prefers-reduced-motion",
            "--lang=en-GB",
            "--window-size=1280,900",
        ];
        let capabilities = json!({"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": args}, "goog:loggingPrefs": {"browser": "ALL"},
        }});
        let value = send(&http, &base, &json!({"capabilities": capabilities})).await?;
        let session = format!("{base}/{}", value["sessionId"].as_str().unwrap());
        let process = value["capabilities"]["goog:processID"].as_i64().and_then(|id| i32::try_from(id).ok());
        Ok(Self { http, session, chromium: process.and_then(Pid::from_raw), driver })
    }

    /// Ends the browser in order; its driver ends with this value.
    pub(crate) async fn quit(mut self) {
        self.http.delete(&self.session).send().await.unwrap();
        // From here on the id may belong to another process.
        self.chromium = None;
    }

    pub(crate) async fn open(&self, url: &str) {
        self.ask("url", &json!({"url": url})).await;
    }

    pub(crate) async fn reload(&self) {
        self.ask("refresh", &json!({})).await;
    }

    /// What an expression is worth on the page.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        self.ask("execute/sync", &json!({"script": format!("return ({expression});"), "args": []})).await
    }

    /// Waits until an expression holds on the page.
    pub(crate) async fn until(&self, expression: &str) {
        let wait = async {
            while self.value(&format!("Boolean({expression})")).await != Value::Bool(true) {
                tokio::time::sleep(ASK_EVERY).await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            let (title, text) = (self.value("document.title").await, self.value("document.body.innerText").await);
            panic!("never came true: `{expression}`\non {title}:\n{}", text.as_str().unwrap_or_default());
        }
    }

    /// Clicks the first visible element that a selector finds, as a hand would: one that is covered is not clicked.
    pub(crate) async fn click(&self, css: &str) {
        let element = self.element(css).await;
        self.ask(&format!("element/{element}/click"), &json!({})).await;
    }

    pub(crate) async fn write(&self, css: &str, text: &str) {
        let element = self.element(css).await;
        self.ask(&format!("element/{element}/value"), &json!({"text": text})).await;
    }

    /// Presses and releases a key, such as `\u{E004}` for Tab or `\u{E007}` for Enter, where the focus is.
    pub(crate) async fn press(&self, key: &str) {
        let actions = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        self.ask("actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})).await;
    }

    /// Makes the page so wide, as a screen of that width would.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.ask("goog/cdp/execute", &json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics})).await;
    }

    /// Shows pages as to somebody who prefers a colour scheme, `light` or `dark`, and no motion.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]);
        self.ask("goog/cdp/execute", &json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}})).await;
        self.until(&format!("matchMedia('(prefers-color-scheme: {scheme}) and (prefers-reduced-motion: reduce)').matches")).await;
    }

    /// What the window shows, as PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        let answer = self.http.get(format!("{}/screenshot", self.session)).send().await.unwrap().bytes().await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        STANDARD.decode(answer["value"].as_str().unwrap()).unwrap()
    }

    /// What the browser complained about since it was asked last: refused scripts, failed requests, errors of scripts.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.ask("se/log", &json!({"type": "browser"})).await;
        let entries = log.as_array().unwrap().iter().filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")));
        entries.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    async fn element(&self, css: &str) -> String {
        self.until(&format!("document.querySelector({})", json!(css))).await;
        let found = self.ask("element", &json!({"using": "css selector", "value": css})).await;
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    async fn ask(&self, command: &str, body: &Value) -> Value {
        send(&self.http, &format!("{}/{command}", self.session), body).await.unwrap_or_else(|error| panic!("`{command}` {body}: {error}"))
    }
}

impl Drop for Browser {
    /// Ends both processes by their ids: a test that fails never comes to [`Browser::quit`], and a driver that is killed leaves its
    /// browser behind.
    fn drop(&mut self) {
        // One that has ended by itself has nothing left to end.
        if let Some(chromium) = self.chromium.take() {
            let _ = kill_process(chromium, Signal::KILL);
        }
        let _ = self.driver.start_kill();
    }
}

async fn send(http: &reqwest::Client, url: &str, body: &Value) -> Result<Value, String> {
    let answer = http.post(url).header("content-type", "application/json").body(body.to_string()).send().await;
    let answer = answer.map_err(|error| error.to_string())?;
    let is_good = answer.status().is_success();
    let bytes = answer.bytes().await.map_err(|error| error.to_string())?;
    let mut answer: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    let value = answer["value"].take();
    if is_good { Ok(value) } else { Err(value["message"].as_str().unwrap_or_default().to_owned()) }
}
