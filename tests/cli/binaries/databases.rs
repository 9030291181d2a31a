//! What stands in the rows of a database, and what stood there.

use super::make;
use crate::support::{Folder, Key};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Read;
use std::process::Stdio;

/// All places of the findings, in order.
fn places(objects: &[Value]) -> Vec<String> {
    let findings = objects.iter().filter(|object| object["type"] == "finding");
    findings
        .flat_map(|finding| finding["locations"].as_array().unwrap())
        .map(|place| place["path"].as_str().unwrap().into())
        .collect()
}

/// A table of settings, in which a name and its value are two values of a row.
fn settings(key: &Key) -> Value {
    json!([[
        "sql",
        "app.db",
        [],
        ["create table settings(k, v)", []],
        [
            "insert into settings values (?, ?), (?, ?)",
            ["aws_access_key_id", key.id, "aws_secret_access_key", key.secret]
        ]
    ]])
}

#[test]
fn a_pair_is_found_with_its_table_rows_and_columns() {
    let (here, key) = (Folder::new(), Key::new(950));
    make(&here, &settings(&key));
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("app.db!settings/2/v:1 {}", key.id)], "{}", run.err);
    assert_eq!(places(&run.objects()), ["app.db!settings/2/v", "app.db!settings/1/v"]);
    assert_eq!((run.status, run.objects()[0]["locations"][0]["column"].clone()), (1, json!(1)));
}

#[test]
fn a_name_in_one_column_labels_the_secret_in_the_other() {
    let (here, key) = (Folder::new(), Key::new(951));
    for (file, columns) in [("a.db", "k, v"), ("b.db", "v, k"), ("c.db", "id integer primary key, v, n blob, k")] {
        make(
            &here,
            &json!([[
                "sql",
                file,
                [],
                [format!("create table t({columns})"), []],
                ["insert into t(k, v) values (?, ?)", ["aws_secret_access_key", key.secret]]
            ]]),
        );
        let run = here.scan(&[file]);
        assert_eq!(run.found(), [format!("{file}!t/1/v:1 -")], "{}", run.err);
    }
}

/// Behind a `=` the two digits would be an escape of quoted-printable.
#[test]
fn a_secret_that_begins_with_hexadecimal_digits_is_found_once_and_whole() {
    let (here, key) = (Folder::new(), Key::new(961));
    let key = Key { secret: format!("4F{}", &key.secret[2..]), ..key };
    make(&here, &settings(&key));
    let run = here.scan(&["--show-secrets"]);
    assert_eq!(run.found(), [format!("app.db!settings/2/v:1 {}", key.id)], "{}", run.err);
    assert_eq!(run.objects()[0]["secret"], key.secret.as_str());
}

#[test]
fn a_pair_is_found_in_every_kind_of_database() {
    let (here, key) = (Folder::new(), Key::new(952));
    let long = "x, ".repeat(3000);
    let plain = "create table t(name primary key, id, secret, more)";
    for (name, pragmas, table) in [
        ("small", vec!["page_size = 512"], plain),
        ("large", vec!["page_size = 65536"], plain),
        ("utf16le", vec!["encoding = 'UTF-16le'"], plain),
        ("utf16be", vec!["encoding = 'UTF-16be'", "page_size = 1024"], plain),
        ("vacuum", vec!["auto_vacuum = full", "page_size = 512"], plain),
        ("without", vec![], "create table t(id, secret, more, name, primary key(name)) without rowid"),
        ("deep", vec!["page_size = 512"], plain),
    ] {
        let file = format!("{name}.db");
        let rows = if name == "deep" { 2000 } else { 3 };
        make(
            &here,
            &json!([[
                "sql",
                file,
                pragmas,
                [table, []],
                [
                    format!(
                        "with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) insert into t(name, more) select 'a' || i, ? from n"
                    ),
                    ["nothing"]
                ],
                ["insert into t(name, id, secret, more) values ('zz', ?, ?, ?)", [key.id, key.secret, long]]
            ]]),
        );
        let run = here.scan(&[&file]);
        assert_eq!(run.found(), [format!("{file}!t/{}/secret:1 {}", rows + 1, key.id)], "{}", run.err);
    }
}

#[test]
fn a_value_behind_many_pages_has_its_line_and_column_in_the_value() {
    let (here, key) = (Folder::new(), Key::new(953));
    let text = format!("{}\n{}", "word, ".repeat(5000), key.env_file());
    make(
        &here,
        &json!([[
            "sql",
            "app.db",
            [],
            ["create table files(path, content)", []],
            ["insert into files values ('prod.env', ?)", [text]]
        ]]),
    );
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("app.db!files/1/content:4 {}", key.id)], "{}", run.err);
    assert_eq!(run.objects()[0]["locations"][0]["column"], 23);
}

#[test]
fn what_was_deleted_is_found_until_it_is_written_over() {
    let (here, key) = (Folder::new(), Key::new(954));
    let table = ["create table keys(id integer primary key, name, access_key, secret_key)"];
    let row = |name: &str, key: &Key| {
        json!(["insert into keys(name, access_key, secret_key) values (?, ?, ?)", [name, key.id, key.secret]])
    };
    let (one, two) = (Key::new(955), Key::new(956));
    for (file, last, found) in [
        ("row.db", "delete from keys where name = 'gone'", "keys/deleted/secret_key"),
        ("rows.db", "delete from keys", "keys/deleted/secret_key"),
        ("table.db", "drop table keys", "page-2/deleted/column-4"),
    ] {
        make(
            &here,
            &json!([["sql", file, [], [table[0], []], row("a", &one), row("gone", &key), row("b", &two), [last, []]]]),
        );
        let run = here.scan(&[file]);
        let deleted = format!("{file}!{found}:1 {}", key.id);
        assert!(run.found().contains(&deleted), "{deleted}: {:?} {}", run.found(), run.err);
        make(&here, &json!([["sql", file, [], ["vacuum", []]]]));
        assert!(!here.scan(&[file]).out.contains(&key.id), "{file} after vacuum");
    }
}

#[test]
fn what_is_only_in_the_log_beside_a_database_is_found() {
    let (here, key) = (Folder::new(), Key::new(957));
    make(
        &here,
        &json!([[
            "log",
            "app.db",
            [],
            ["create table t(a, b)", []],
            ["insert into t values (?, ?)", [key.id, key.secret]]
        ]]),
    );
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("app.db-wal!t/1/b:1 {}", key.id)], "{}", run.err);
}

#[test]
fn an_archive_in_a_row_is_opened() {
    let (here, key) = (Folder::new(), Key::new(958));
    here.write("conf/prod.env", key.env_file());
    assert!(here.command("zip").args(["-qr", "a.zip", "conf"]).status().unwrap().success());
    let mut zip = String::new();
    for byte in std::fs::read(here.at("a.zip")).unwrap() {
        write!(zip, "{byte:02x}").unwrap();
    }
    std::fs::remove_file(here.at("a.zip")).unwrap();
    std::fs::remove_file(here.at("conf/prod.env")).unwrap();
    make(
        &here,
        &json!([["sql", "app.db", [], ["create table files(name, data)", []], ["insert into files values ('a', ?)", [{"hex": zip}]]]]),
    );
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("app.db!files/1/data!conf/prod.env:3 {}", key.id)], "{}", run.err);
}

#[test]
fn a_staged_database_refuses_the_commit_and_standard_input_is_read() {
    let (here, key) = (Folder::repository(), Key::new(959));
    make(&here, &settings(&key));
    here.git(&["add", "app.db"]);
    let run = here.keyward(&["hook", "run", "pre-commit"]);
    assert!(
        run.status == 1 && run.err.contains(&format!("\napp.db!settings/2/v:1:1  AWS access key {}", key.id)),
        "{}",
        run.err
    );
    let run = here.keyward_reading(std::fs::read(here.at("app.db")).unwrap(), &["scan", "--format", "jsonl", "-"]);
    assert_eq!(run.found(), [format!("-!settings/2/v:1 {}", key.id)], "{}", run.err);
}

/// The old version is a tiny delta whose first bytes are copied: nothing in it looks like a database.
#[test]
fn an_old_version_in_a_repacked_history_is_read_and_its_commit_is_named() {
    let (here, key) = (Folder::repository(), Key::new(960));
    std::fs::create_dir(here.at("data")).unwrap();
    let rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) \
                insert into t select i, hex(i) || ' is a row' from n";
    make(&here, &json!([["sql", "data/app.db", [], ["create table t(n, text)", []], [rows, []]]]));
    here.git(&["add", "."]);
    here.commit();
    make(&here, &json!([["sql", "data/app.db", [], ["insert into t values (?, ?)", [key.id, key.secret]]]]));
    here.git(&["add", "."]);
    here.commit();
    let brought = here.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    make(&here, &json!([["sql", "data/app.db", [], ["delete from t where n = ?", [key.id]], ["vacuum", []]]]));
    here.git(&["add", "."]);
    here.commit();
    here.git(&["repack", "-adfq"]);
    for arguments in [&["--history"][..], &["--history", "--range", "HEAD~2..HEAD"]] {
        let run = here.scan(arguments);
        assert_eq!(run.found(), [format!("data/app.db!t/5001/text:1 {}", key.id)], "{}", run.err);
        assert_eq!(run.objects()[0]["commit"], brought.as_str());
    }
}

/// What a transaction writes over stands in the journal beside the database, until it is over.
#[test]
fn what_is_only_in_the_journal_beside_a_database_is_found() {
    let (here, key) = (Folder::new(), Key::new(962));
    // More than SQLite keeps in memory: only then does it finish the journal's header before the transaction is over.
    let rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) \
                insert into t select i, hex(zeroblob(500)) from n";
    make(
        &here,
        &json!([[
            "journal",
            "app.db",
            [],
            ["create table t(a, b)", []],
            ["insert into t values (?, ?)", [key.id, key.secret]],
            [rows, []],
            ["update t set a = 1, b = 2", []]
        ]]),
    );
    let run = here.scan(&[]);
    let found = run.found();
    assert!(
        matches!(&found[..], [one] if one.starts_with("app.db-journal!page-") && one.ends_with(&format!("/1/column-2:1 {}", key.id))),
        "{found:?} {}",
        run.err
    );
}

/// Where the journal persists, SQLite writes zeros over its header, so it is no longer known for one: its bytes are examined.
#[test]
fn a_journal_whose_header_was_zeroed_is_examined_as_it_is() {
    let (here, key) = (Folder::new(), Key::new(963));
    make(
        &here,
        &json!([[
            "journal",
            "app.db",
            ["journal_mode = persist"],
            ["create table t(text)", []],
            ["insert into t values (?)", [format!("\n{}\n", key.env_file())]],
            ["update t set text = 1", []]
        ]]),
    );
    let journal = std::fs::read(here.at("app.db-journal")).unwrap();
    assert_eq!(journal[..28], [0; 28]);
    let run = here.scan(&[]);
    let found = run.found();
    assert!(matches!(&found[..], [one] if one.starts_with("app.db-journal:") && one.ends_with(&key.id)), "{found:?}");
}

#[test]
fn a_database_in_use_is_read_and_nothing_beside_it_is_made_or_changed() {
    let (here, key) = (Folder::new(), Key::new(964));
    let script = "import sqlite3, sys\n\
        db = sqlite3.connect('app.db', isolation_level=None)\n\
        db.execute('pragma journal_mode = wal')\n\
        db.execute('create table t(a, b)')\n\
        db.execute('insert into t values (?, ?)', sys.argv[1:])\n\
        print('ready', flush=True); sys.stdin.read()\n";
    let mut writer = here
        .command("python3")
        .args(["-c", script, &key.id, &key.secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 6];
    writer.stdout.take().unwrap().read_exact(&mut ready).unwrap();
    let state = || -> Vec<_> {
        let mut files: Vec<_> = std::fs::read_dir(here.at("")).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files
            .into_iter()
            .map(|path| {
                let modified = path.metadata().unwrap().modified().unwrap();
                let bytes = std::fs::read(&path).unwrap();
                (path, modified, bytes)
            })
            .collect()
    };
    let before = state();
    assert!(before.iter().any(|(path, ..)| path.ends_with("app.db-wal")) && before.len() >= 3);
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("app.db-wal!t/1/b:1 {}", key.id)], "{}", run.err);
    assert!(state() == before, "a scan changed what lies beside a database");
    drop(writer.stdin.take());
    assert!(writer.wait().unwrap().success());
}

#[test]
fn a_database_of_any_size_is_read_where_it_is_a_file_and_named_where_it_comes_as_a_stream() {
    let (here, key) = (Folder::new(), Key::new(965));
    make(
        &here,
        &json!([[
            "sql",
            "app.db",
            ["page_size = 65536"],
            ["create table t(a, b)", []],
            ["insert into t values (zeroblob(140000000), 1)", []],
            ["insert into t values (?, ?)", [key.id, key.secret]]
        ]]),
    );
    let run = here.scan(&[]);
    assert_eq!((run.found(), run.status), (vec![format!("app.db!t/2/b:1 {}", key.id)], 1), "{}", run.err);
    let run = here.keyward_reading(std::fs::read(here.at("app.db")).unwrap(), &["scan", "-"]);
    let said = "keyward: incomplete: -: not unpacked: larger than 64 MiB, and no file of its own that can be read in any order\n  \
                hint: unpack or check it out, and name the file to keyward scan\n";
    assert!(run.status == 2 && run.err.starts_with(said), "{}", run.err);
}
