//! A real browser without a window, led through `WebDriver` (<https://www.w3.org/TR/webdriver2/>): plain HTTP and JSON.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const TAB: &str = "\u{e004}";
pub const LEFT: &str = "\u{e012}";
pub const UP: &str = "\u{e013}";
pub const RIGHT: &str = "\u{e014}";
pub const DOWN: &str = "\u{e015}";
pub const PAGE_UP: &str = "\u{e00e}";
pub const PAGE_DOWN: &str = "\u{e00f}";

/// What keeps the browser to the page.
const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1300,1000",
];

static INSTALLED: LazyLock<()> = LazyLock::new(|| {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/html/setup.sh");
    let run = Command::new("sh").arg(script).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
});

/// A browser with one page, which goes away with the test.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: tempfile::TempDir,
}

impl Browser {
    /// A browser in which the page at `path` is open.
    pub fn open(path: &Path) -> Self {
        LazyLock::force(&INSTALLED);
        let mut driver =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let port = port_of(&mut driver);
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, port, session: String::new(), profile };
        browser.start();
        browser.go(path);
        browser
    }

    fn start(&mut self) {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let arguments: Vec<_> = ARGUMENTS.into_iter().chain([profile.as_str()]).collect();
        let asked = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"performance": "ALL"},
            "unhandledPromptBehavior": "ignore",
        }}});
        let answer = self.ask("POST", "/session", &asked).unwrap();
        self.session = format!("/session/{}", answer["sessionId"].as_str().unwrap());
    }

    pub fn go(&self, path: &Path) {
        self.tell("url", &json!({"url": format!("file://{}", path.display())}));
    }

    /// What a script returns that runs in the page.
    pub fn run(&self, script: &str) -> Value {
        self.tell("execute/sync", &json!({"script": script, "args": []}))
    }

    /// Lets the page believe that it is on `media` (`print`, or as it is), for somebody who likes this colour scheme.
    pub fn pretend(&self, media: &str, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        let parameters = json!({"media": media, "features": features});
        self.tell("goog/cdp/execute", &json!({"cmd": "Emulation.setEmulatedMedia", "params": parameters}));
    }

    /// Types keys, wherever the focus is.
    pub fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|act| json!({"type": act, "value": key})));
        let strokes: Vec<_> = strokes.collect();
        self.tell("actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// Clicks, as a mouse does, on the first element that a selector finds.
    pub fn click(&self, selector: &str) {
        let found = self.tell("element", &json!({"using": "css selector", "value": selector}));
        let element = found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.tell(&format!("element/{element}/click"), &json!({}));
    }

    /// The text of all elements that a selector finds and that can be seen, as it is seen.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll({})].filter(e => e.checkVisibility()).map(e => e.innerText.trim())",
            json!(selector)
        );
        serde_json::from_value(self.run(&script)).unwrap()
    }

    /// The same of the first.
    pub fn text(&self, selector: &str) -> String {
        self.texts(selector).into_iter().next().unwrap_or_default()
    }

    /// Has a page opened a dialog?
    pub fn has_dialog(&self) -> bool {
        self.ask("GET", &format!("{}/alert/text", self.session), &Value::Null).is_ok()
    }

    /// The addresses of all that the browser asked for, the page's own first; before it there was the browser's start page.
    pub fn requests(&self) -> Vec<String> {
        let entries = self.tell("se/log", &json!({"type": "performance"}));
        let messages = entries.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap());
        let events = messages.map(|message| serde_json::from_str::<Value>(message).unwrap()["message"].take());
        events
            .filter(|event| event["method"] == "Network.requestWillBeSent")
            .map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned())
            .skip_while(|address| !address.starts_with("file:"))
            .collect()
    }

    fn tell(&self, command: &str, body: &Value) -> Value {
        self.ask("POST", &format!("{}/{command}", self.session), body).unwrap()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer: Value = serde_json::from_slice(&body_of(stream)).unwrap();
        let value = answer["value"].take();
        if value.get("error").is_some_and(|error| !error.is_null()) { Err(value) } else { Ok(value) }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            let _ = self.ask("DELETE", &self.session, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that the driver says it listens on.
fn port_of(driver: &mut Child) -> u16 {
    let mut said = BufReader::new(driver.stdout.take().unwrap());
    let mut line = String::new();
    while said.read_line(&mut line).unwrap() > 0 {
        if let Some((_, port)) = line.trim_end().trim_end_matches('.').split_once("successfully on port ") {
            let port = port.parse().unwrap();
            // The driver would stop if nobody took what it says.
            std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
            return port;
        }
        line.clear();
    }
    panic!("chromedriver did not start");
}

fn body_of(stream: TcpStream) -> Vec<u8> {
    let mut answer = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while answer.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body).unwrap();
    body
}
