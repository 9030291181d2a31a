//! The HTML page, in a real browser.

mod browser;
mod hostile;
mod many;

use crate::support::{ACCOUNT, Folder, Key};
use browser::{Browser, DOWN, ENTER, ESCAPE, LEFT, RIGHT, TAB, UP};
use serde_json::json;

/// The places in the table, as they are shown.
const PLACES: &str = "tr.finding .c4";

/// A page over what `arguments` scan.
fn page(here: &Folder, arguments: &[&str]) -> Browser {
    here.keyward(&[&["scan", "--format", "html", "--output", "page.html"], arguments].concat());
    Browser::open(&here.at("page.html"))
}

/// A folder with a pair in `b/app.env`, a lone key ID in `a.js` and a lone secret in `c/d.ini`.
fn three_findings() -> (Folder, [Key; 3]) {
    let (here, keys) = (Folder::new(), [Key::new(1001), Key::new(1002), Key::new(1003)]);
    here.write("in/b/app.env", keys[0].env_file());
    here.write("in/a.js", format!("const id = \"{}\";\n", keys[1].id));
    here.write("in/c/d.ini", format!("aws_secret_access_key = {}\n", keys[2].secret));
    (here, keys)
}

#[test]
fn the_page_says_first_how_much_was_found_where_and_what_was_examined() {
    let (here, _) = three_findings();
    let browser = page(&here, &["in"]);
    assert_eq!(browser.run("return document.title"), "keyward: 3 findings");
    let said = browser.text("header");
    for part in ["3 findings", "1 critical", "1 high", "1 medium", ACCOUNT, "Scanned in: 3 files, "] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The gravest first.
    assert_eq!(browser.texts(PLACES), ["in/b/app.env:3", "in/c/d.ini:1", "in/a.js:1"]);
}

#[test]
fn the_table_filters_as_one_types_sorts_by_any_column_and_groups() {
    let (here, keys) = three_findings();
    let browser = page(&here, &["in"]);
    browser.click("#filter");
    browser.press("D.ini SECRET");
    assert_eq!(browser.texts(PLACES), ["in/c/d.ini:1"]);
    assert_eq!(browser.text("#count"), "Showing 1 of 3");
    browser.press("x");
    assert_eq!((browser.texts(PLACES), browser.text("#count")), (vec![], "Nothing matches".to_owned()));
    browser.press(ESCAPE);
    assert_eq!(browser.texts(PLACES).len(), 3);
    browser.click("[data-filter=medium]");
    assert_eq!(browser.texts(PLACES), ["in/a.js:1"]);
    browser.press(ESCAPE);

    for (column, expected) in [
        ("place", ["in/a.js:1", "in/b/app.env:3", "in/c/d.ini:1"]),
        ("place", ["in/c/d.ini:1", "in/b/app.env:3", "in/a.js:1"]),
        ("severity", ["in/b/app.env:3", "in/c/d.ini:1", "in/a.js:1"]),
        ("severity", ["in/a.js:1", "in/c/d.ini:1", "in/b/app.env:3"]),
    ] {
        browser.click(&format!("th[data-column={column}]"));
        assert_eq!(browser.texts(PLACES), expected, "{column}");
    }
    // What has no key ID comes last, up and down.
    let mut ids = [&keys[0].id, &keys[1].id];
    ids.sort();
    for reverse in [false, true] {
        browser.click("th[data-column=key]");
        let sorted = if reverse { [ids[1], ids[0], ""] } else { [ids[0], ids[1], ""] };
        assert_eq!(browser.texts("tr.finding .c2"), sorted);
        let told = browser.run("return document.querySelector('th[data-column=key]').ariaSort");
        assert_eq!(told, if reverse { "descending" } else { "ascending" });
    }

    browser.run("group.value = 'account'; group.dispatchEvent(new Event('change'))");
    let groups = browser.texts("tr.group");
    assert_eq!(groups, [format!("critical Account {ACCOUNT} 2 findings"), "high No account known 1 finding".into()]);
    browser.click("tr.group");
    assert_eq!(browser.texts(PLACES), ["in/c/d.ini:1"]);
    browser.run("group.value = 'file'; group.dispatchEvent(new Event('change'))");
    assert_eq!(browser.texts("tr.group").len(), 3);
}

#[test]
fn the_page_is_read_with_the_keyboard_alone() {
    let (here, [key, lone, _]) = three_findings();
    let browser = page(&here, &["in"]);
    let focused = || browser.run("return document.activeElement.innerText.split('\\t').at(-1)");
    browser.press("j");
    assert_eq!(focused(), "in/b/app.env:3");
    assert_ne!(browser.run("return getComputedStyle(document.activeElement).outlineStyle"), "none");
    browser.press("jj");
    assert_eq!(focused(), "in/a.js:1");
    // There is nothing below it.
    browser.press(DOWN);
    browser.press("k");
    browser.press(UP);
    assert_eq!(focused(), "in/b/app.env:3");

    let unfolds = |keys: &str, wish: &str| {
        browser.press(keys);
        assert_eq!(browser.run("return document.activeElement.ariaExpanded"), wish, "{keys:?}");
        assert_eq!(browser.texts("tr.details").len(), usize::from(wish == "true"));
    };
    unfolds(ENTER, "true");
    let told = browser.text("tr.details");
    for part in [
        &format!("2 | AWS_ACCESS_KEY_ID={}", key.id),
        &format!("3 | AWS_SECRET_ACCESS_KEY={}", key.starred()),
        &format!("aws iam update-access-key --status Inactive --access-key-id {} --user-name USER", key.id),
        "keyward:allow REASON",
        "v1:",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // The command's button is the next thing that the tab key reaches.
    browser.press(TAB);
    // The button says it for two seconds, and not at once.
    browser.run(
        "const button = document.activeElement; window.said = ''; \
         new MutationObserver(() => { window.said ||= button.textContent; }).observe(button, { childList: true });",
    );
    browser.press(ENTER);
    let said = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        Some(browser.run("return window.said")).filter(|said| said != "")
    });
    let said = said.expect("the button answers");
    assert!(said == "Copied" || said == "Ctrl+C", "{said}");
    browser.run("document.querySelector('tr[tabindex=\"0\"]').focus()");
    unfolds(ENTER, "false");
    unfolds(RIGHT, "true");
    unfolds(LEFT, "false");

    browser.press("/");
    browser.press("a.js");
    browser.press(ENTER);
    assert_eq!(focused(), "in/a.js:1");
    unfolds(" ", "true");
    assert!(browser.text("tr.details").contains(&lone.id));
    browser.press(ESCAPE);
    assert_eq!(browser.texts(PLACES).len(), 3);
}

#[test]
fn what_is_in_history_says_who_brought_it_and_can_be_grouped_by_commit() {
    let (here, key) = (Folder::repository(), Key::new(1010));
    here.stage("a.env", key.env_file());
    here.git(&["commit", "--quiet", "--no-verify", "--message", "add uploader"]);
    here.git(&["rm", "--quiet", "a.env"]);
    here.commit();
    let commit = here.git(&["rev-parse", "HEAD^"]).out.trim().to_owned();
    let browser = page(&here, &["--history"]);
    assert!(browser.text("header").contains("Scanned the history: 2 commits, 1 blob, "));
    assert!(browser.text("tr.finding .c5").starts_with(&commit[..8]));
    browser.press("j");
    browser.press(ENTER);
    let told = browser.text("tr.details");
    for part in [
        &format!("git show {commit}"),
        "Author <author@example.org>",
        "add uploader",
        "main (removed from HEAD by ",
        "Rewriting history (git filter-repo) comes last",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    browser.run("group.value = 'commit'; group.dispatchEvent(new Event('change'))");
    let group = browser.text("tr.group");
    assert!(group.contains(&commit[..8]) && group.contains("add uploader"), "{group}");
}

#[test]
fn what_is_accepted_or_not_new_is_shown_on_request() {
    let (here, old, new, accepted) = (Folder::repository(), Key::new(1020), Key::new(1021), Key::new(1022));
    here.stage("it's.env", old.env_file());
    here.commit();
    let marked = format!("AWS_SECRET_ACCESS_KEY={} # keyward:allow a test account\n", accepted.secret);
    here.stage("it's.env", format!("{}\n# other\n{}\n\n\n\n\n\n\n\n\n\n\n{marked}", old.env_file(), new.env_file()));
    let browser = page(&here, &["--staged"]);
    assert_eq!(browser.texts(PLACES), ["it's.env:8"]);
    browser.click("#suppressed");
    assert_eq!(browser.texts(PLACES).len(), 3);
    let told = browser.texts("tr.suppressed .c1").concat();
    assert!(told.contains("held it before") && told.contains("accepted by a marker"), "{told}");
    browser.press("j");
    browser.press(ENTER);
    assert!(browser.texts("tr.details code").iter().any(|code| code.starts_with("aws iam ")));
    let out = browser.texts("tr.details code").into_iter().find(|code| code.starts_with("git reset"));
    assert_eq!(out.as_deref(), Some("git reset -- ':/it'\\''s.env'"));
}

#[test]
fn a_page_without_findings_is_calm_and_an_incomplete_one_is_loud() {
    let here = Folder::new();
    here.write("in/a", "x\n");
    let browser = page(&here, &["in"]);
    assert_eq!(browser.text("h1"), "No credentials");
    assert!(browser.text("header").contains("Scanned in: 1 file, 2 bytes examined."));
    assert_eq!((browser.texts("table").len(), browser.texts(".loud").len()), (0, 0));
    assert_eq!(here.keyward(&["scan", "in", "<nowhere>", "-f", "html", "-o", "page.html"]).status, 2);
    browser.go(&here.at("page.html"));
    assert_eq!(browser.text("h1"), "No credentials in the part that was examined");
    assert!(browser.text(".loud").contains("Incomplete: this was not examined.\n<nowhere>: "));
}

#[test]
fn the_page_is_light_or_dark_as_the_system_says_or_somebody_chooses_and_light_on_paper() {
    let (here, _) = three_findings();
    let browser = page(&here, &["in"]);
    let ground = || browser.run("return getComputedStyle(document.body).backgroundColor");
    let light = ground();
    browser.pretend("", "dark");
    let dark = ground();
    assert_ne!(light, dark);
    // The browser tells the page of the change when it comes to it.
    let is_told = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        browser.text("#theme") == "Light"
    });
    assert!(is_told);
    browser.click("#theme");
    assert_eq!(ground(), light);
    browser.pretend("", "light");
    browser.click("#theme");
    assert_eq!(ground(), dark);
    browser.pretend("print", "light");
    assert_eq!((ground(), browser.texts("#controls").len()), (light, 0));
}

#[test]
fn what_to_do_next_depends_on_what_was_found() {
    let (here, key) = (Folder::new(), Key::new(1030));
    // A key ID of a canary account, put together here.
    here.write("in/a.txt", format!("key {}{}\n", "AKIASP2TPHJS", "RM3FJQUX"));
    here.write("in/b.env", key.env_file().replace("AKIA", "ASIA"));
    here.write("in/c.txt", format!("da2-{}\n", "k3x7q2m5v9w4t8r6p1n0b2c4z7"));
    here.write("in/d/d.env", format!("AWS_SECRET_ACCESS_KEY={} # keyward:allow\n", Key::new(1031).secret));
    let browser = page(&here, &["in"]);
    let told = |place: &str| {
        browser.run(&format!("filter.value = {}; filter.dispatchEvent(new Event('input'))", json!(place)));
        browser.click("tr.finding");
        browser.text("tr.details")
    };
    let canary = told("a.txt");
    assert!(canary.contains("bait, and whoever uses it raises an alarm") && !canary.contains("aws iam"), "{canary}");
    let temporary = told("b.env");
    assert!(temporary.contains("expire by themselves") && !temporary.contains("aws iam"), "{temporary}");
    let other = told("c.txt");
    assert!(other.contains("keyward rules show aws-appsync-api-key") && !other.contains("aws iam"), "{other}");
    let unexplained = told("d.env");
    assert!(unexplained.contains("in/d/d.env:1, without a reason, so it does not count"), "{unexplained}");
    assert!(unexplained.contains("--access-key-id KEYID --user-name USER"), "{unexplained}");
}

#[test]
fn no_secret_is_whole_in_the_page_unless_somebody_asks_for_it() {
    let (here, [key, _, lone]) = three_findings();
    let html = here.keyward(&["scan", "in", "--format", "html"]).out;
    assert!(!html.contains(&key.secret) && !html.contains(&lone.secret));
    assert!(html.starts_with("<!doctype html>\n") && html.ends_with("</html>\n"));
    let shown = here.keyward(&["scan", "in", "--format", "html", "--show-secrets"]).out;
    assert!(shown.contains(&json!(key.secret).to_string()) && shown.contains("holds secrets in full"));
}
