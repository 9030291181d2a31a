//! A hundred thousand findings.

use super::browser::{ENTER, ESCAPE, PAGE_DOWN, PAGE_UP};
use super::{PLACES, page};
use crate::support::{Folder, Key};

const FILES: u64 = 1_000;
const IN_A_FILE: u64 = 100;

/// Lines of the table that the page may hold at once.
const BOUND: usize = 250;

#[test]
fn of_a_hundred_thousand_findings_the_page_holds_a_few_hundred_lines() {
    let here = Folder::new();
    for file in 0..FILES {
        let keys = (0..IN_A_FILE)
            .map(|key| format!("{}\n\n\n\n\n\n\n\n\n", Key::new(2_000_000 + file * IN_A_FILE + key).env_file()));
        here.write(format!("in/{file:03}.env"), keys.collect::<String>());
    }
    let browser = page(&here, &["in"]);
    assert_eq!(browser.text("h1"), "100,000 findings");
    assert_eq!(browser.text("#count"), "Showing 100,000");
    let lines =
        || usize::try_from(browser.run("return document.querySelectorAll('tr').length").as_u64().unwrap()).unwrap();
    assert!(lines() < BOUND, "{}", lines());

    let last = Key::new(2_000_000 + FILES * IN_A_FILE - 1);
    browser.press("/");
    browser.press(&last.id.to_ascii_lowercase());
    assert_eq!(browser.texts(PLACES), ["in/999.env:1191"]);
    browser.press(ENTER);
    browser.press(ENTER);
    assert!(browser.text("tr.details").contains(&last.starred()), "{}", browser.text("tr.details"));
    browser.press(ESCAPE);

    browser.click("th[data-column=place]");
    browser.click("th[data-column=place]");
    assert_eq!(browser.text(PLACES), "in/999.env:1191");
    browser.press("j");
    browser.press(PAGE_DOWN);
    assert_eq!(browser.text(PLACES), "in/997.env:1191");
    assert_eq!(browser.text("#pages span"), "lines 201 to 400 of 100,000");
    browser.press(PAGE_UP);
    browser.press(PAGE_UP);
    assert_eq!(browser.text("#pages span"), "lines 1 to 200 of 100,000");
    browser.run("group.value = 'file'; group.dispatchEvent(new Event('change'))");
    assert_eq!(browser.text("tr.group"), "critical in/999.env 100 findings");
    assert!(lines() < BOUND, "{}", lines());
    // Paper holds more, and not everything.
    browser.run("dispatchEvent(new Event('beforeprint'))");
    assert!((1_000..3_000).contains(&lines()), "{}", lines());
    browser.run("dispatchEvent(new Event('afterprint'))");
    assert!(lines() < BOUND, "{}", lines());
}
