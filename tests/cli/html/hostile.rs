//! File names, authors and titles that would like to be more than text.

use super::browser::{Browser, ENTER};
use super::page;
use crate::support::{Folder, Key};
use serde_json::json;
use std::io::Read;
use std::net::TcpListener;
use std::time::Duration;

/// All rows unfolded, under a header each.
fn look_at_all(browser: &Browser) {
    browser.run("group.value = 'commit'; group.dispatchEvent(new Event('change'))");
    browser.run("document.querySelectorAll('tr.finding').forEach(line => line.click())");
    browser.press("/");
    browser.press("<");
    browser.press(ENTER);
}

#[test]
fn names_authors_and_titles_are_text_and_nothing_else() {
    let here = Folder::repository();
    let names = [
        "<img src=x onerror=alert(1)>.env",
        "</script><script>alert(2)</script>.env",
        "\"><svg onload=alert(3)>.env",
        "{{scripts}}&lt;b&gt;.env",
        "gpj.\u{202e}vne.env",
    ];
    for (name, seed) in names.iter().zip(1100..) {
        here.stage(&name.replace('/', "\u{2215}"), Key::new(seed).env_file());
    }
    here.stage("<!--<script>/\u{2028}a.env", Key::new(1109).env_file());
    let author = "--author=A \" onmouseover=alert(4) x='&lt;img src=x onerror=alert(4)&gt; B <a@example.org>";
    let title = "</script><style>*{display:none}</style><iframe src='javascript:alert(6)'>\u{2029}";
    here.git(&["commit", "--quiet", "--no-verify", author, "--message", title]);
    let browser = page(&here, &["--history"]);
    let made = "return [document.scripts.length, document.querySelectorAll('img, svg, iframe, b b, style').length]";
    let before = browser.run(made);
    look_at_all(&browser);
    assert_eq!(browser.run(made), before);
    assert!(!browser.has_dialog());
    let told = browser.texts("tr.details").concat();
    for part in ["A \" onmouseover=alert(4) x='&lt;img", "javascript:alert(6)"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let places = browser.texts("tr.finding .c4").concat();
    assert!(
        places.contains("<img src=x onerror=alert(1)>.env:3") && places.contains("gpj.\\u{202e}vne.env"),
        "{places}"
    );
    let requests = browser.requests();
    assert_eq!(requests, [format!("file://{}", here.at("page.html").display())]);
}

#[test]
fn the_page_lets_no_other_script_run_and_nothing_be_loaded() {
    let (here, key) = (Folder::new(), Key::new(1120));
    here.write("in/a.env", key.env_file());
    let browser = page(&here, &["in"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let tried = browser.run(&format!(
        "const refused = [];
         addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective));
         const put = (tag, properties) => document.body.append(Object.assign(document.createElement(tag), properties));
         put('script', {{ textContent: 'globalThis.ran = true' }});
         put('button', {{ id: 'trap' }});
         document.getElementById('trap').setAttribute('onclick', 'globalThis.ran = true');
         document.getElementById('trap').click();
         for (const tag of ['script', 'img', 'iframe']) put(tag, {{ src: {0} }});
         put('link', {{ rel: 'stylesheet', href: {0} }});
         try {{ await fetch({0}); }} catch {{}}
         await new Promise(done => setTimeout(done, 300));
         return [globalThis.ran ?? null, [...new Set(refused)].sort()];",
        json!(address)
    ));
    let refused = ["connect-src", "frame-src", "img-src", "script-src-attr", "script-src-elem", "style-src-elem"];
    assert_eq!(tried, json!([null, refused]));
    // For a frame Chromium opens a connection before it reads the policy, and sends nothing over it.
    if let Ok((mut connection, _)) = listener.accept() {
        connection.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let sent = connection.read(&mut [0; 64]);
        assert!(!matches!(sent, Ok(1..)), "the page reached the network");
    }
}
