//! Databases that are damaged, by accident or on purpose.

use super::make;
use crate::support::{Folder, Key, Random};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;

/// Key IDs and secrets of a jsonl report, without their places.
fn values(run: &crate::support::Run) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for finding in run.objects().iter().filter(|object| object["type"] == "finding") {
        values.extend(["key_id", "secret"].iter().filter_map(|part| finding[part].as_str()).map(str::to_owned));
    }
    values
}

/// A database with many rows of keys, and a file of settings in one of them.
fn database(here: &Folder, name: &str) {
    let mut steps =
        vec![json!("sql"), json!(name), json!(["page_size = 512"]), json!(["create table t(id, secret, text)", []])];
    for seed in 0..60 {
        let key = Key::new(1000 + seed);
        steps.push(json!(["insert into t values (?, ?, ?)", [key.id, key.secret, Key::new(2000 + seed).env_file()]]));
    }
    steps.push(json!(["create index i on t(secret)", []]));
    steps.push(json!(["delete from t where rowid % 5 = 0", []]));
    make(here, &json!([steps]));
}

#[test]
fn never_less_is_found_than_the_bytes_alone_show() {
    let here = Folder::new();
    database(&here, "app.db");
    let whole = fs::read(here.at("app.db")).unwrap();
    let mut random = Random(77);
    for turn in 0..24 {
        let mut bytes = whole.clone();
        for _ in 0..random.below(40) {
            // Most damage where it leads astray: in the headers of pages.
            let at = if random.below(3) > 0 {
                random.below(bytes.len() / 512) * 512 + random.below(40)
            } else {
                random.below(bytes.len())
            };
            if at >= 16 {
                bytes[at] = u8::try_from(random.below(256)).unwrap();
            }
        }
        if turn % 3 == 0 {
            bytes.truncate(1 + random.below(whole.len()));
        }
        here.write("app.db", &bytes);
        let arguments = ["--min-confidence", "low", "--show-secrets", "app.db"];
        let opened = here.scan(&arguments);
        if bytes.len() > 16 {
            bytes[0] = b'_';
        }
        here.write("app.db", &bytes);
        let raw = here.scan(&arguments);
        let missing: Vec<_> = values(&raw).difference(&values(&opened)).cloned().collect();
        assert_eq!(missing, Vec::<String>::new(), "{turn}: {}", opened.err);
        assert!(opened.err.lines().all(|line| !line.contains("panic")), "{}", opened.err);
    }
}

#[test]
fn a_damaged_database_is_named_and_does_not_by_itself_fail_the_scan() {
    let here = Folder::new();
    make(
        &here,
        &json!([[
            "sql",
            "app.db",
            ["page_size = 512"],
            ["create table t(a)", []],
            [
                "with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) insert into t select 'row ' || i from n",
                []
            ]
        ]]),
    );
    let whole = fs::read(here.at("app.db")).unwrap();
    for (bytes, why) in [
        (whole[..whole.len() / 2].to_vec(), "pages of it are missing"),
        (whole[..20].to_vec(), "its header makes no sense"),
    ] {
        here.write("app.db", &bytes);
        let run = here.scan(&[]);
        let note = format!("app.db: not a whole SQLite database: {why}: examined as far as it goes, and as it is");
        assert_eq!((run.status, run.summary()["notes"].clone()), (0, json!([note])), "{}", run.err);
    }
}

/// Every inner page leads to the root, every row goes on in the page in which it begins, and all cells are the same.
#[test]
fn a_database_that_leads_in_circles_comes_to_an_end() {
    let here = Folder::new();
    make(
        &here,
        &json!([[
            "sql",
            "app.db",
            ["page_size = 512"],
            ["create table t(a)", []],
            [
                "with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) insert into t select hex(zeroblob(700)) from n",
                []
            ]
        ]]),
    );
    let whole = fs::read(here.at("app.db")).unwrap();
    let mut circles = whole.clone();
    for page in circles.chunks_mut(512).skip(1) {
        match page[0] {
            5 => page[8..12].copy_from_slice(&2_u32.to_be_bytes()),
            13 => {
                let cell = [page[8], page[9]];
                let count = usize::from(u16::from_be_bytes([page[3], page[4]]));
                (0..count).for_each(|index| page[8 + 2 * index..][..2].copy_from_slice(&cell));
            }
            // A page of a chain.
            _ => page[..4].copy_from_slice(&2_u32.to_be_bytes()),
        }
    }
    here.write("app.db", circles);
    let run = here.scan(&[]);
    let note =
        "app.db: not a whole SQLite database: a page of it is used twice: examined as far as it goes, and as it is";
    assert_eq!((run.status, run.summary()["notes"].clone()), (0, json!([note])), "{}", run.err);
}
