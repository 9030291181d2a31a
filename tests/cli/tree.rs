//! `keyward scan PATH`: which files are looked at.

use crate::support::{Folder, Key};
use std::os::unix::fs::symlink;

#[test]
fn dot_files_are_scanned_and_git_internals_are_not_except_the_configuration() {
    let (here, env, remote, hidden) = (Folder::repository(), Key::new(1), Key::new(2), Key::new(3));
    here.write(".env", env.env_file());
    here.write(".aws/credentials", env.env_file());
    here.write(".git/description", hidden.env_file());
    here.git(&["config", "remote.o.url", &format!("https://{}:{}@example.org/r", remote.id, remote.secret)]);
    let found = here.scan(&[]).found();
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0], format!(".aws/credentials:3 {}", env.id));
    assert_eq!(found[1], format!(".env:3 {}", env.id));
    assert!(found[2].starts_with(".git/config:") && found[2].ends_with(&remote.id), "{found:?}");
}

#[test]
fn a_tracked_file_is_scanned_though_gitignore_names_it() {
    let (here, key) = (Folder::repository(), Key::new(4));
    here.write(".gitignore", ".env\n/secret/\n");
    here.stage(".env", key.env_file());
    here.stage("secret/deep/prod.env", key.env_file());
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!(".env:3 {}", key.id), format!("secret/deep/prod.env:3 {}", key.id)]);
    assert_eq!(run.status, 1);
}

#[test]
fn an_untracked_ignored_file_is_spared_and_counted_and_no_ignore_scans_it() {
    let (here, key) = (Folder::repository(), Key::new(5));
    here.write(".gitignore", "*.local\nbuild/\n!keep.local\n");
    for path in ["a.local", "build/x", "build/y/z", "keep.local", "src/b.local"] {
        here.write(path, key.env_file());
    }
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("keep.local:3 {}", key.id)]);
    // Two files and one folder, which counts once.
    assert_eq!(run.summary()["spared"], 3);
    assert_eq!(here.scan(&["--no-ignore"]).found().len(), 5);
}

#[test]
fn a_tracked_file_in_an_ignored_folder_does_not_drag_its_neighbours_in() {
    let (here, key) = (Folder::repository(), Key::new(6));
    here.write(".gitignore", "/build/\n");
    here.stage("build/tracked.env", key.env_file());
    here.write("build/untracked.env", key.env_file());
    here.write("build/cache/untracked.env", key.env_file());
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("build/tracked.env:3 {}", key.id)]);
    assert_eq!(run.summary()["spared"], 2);
}

#[test]
fn ignore_files_of_other_tools_and_of_the_user_hide_nothing() {
    let (here, key) = (Folder::repository(), Key::new(7));
    for file in [".ignore", ".rgignore", ".fdignore", "excludes"] {
        here.write(file, "*\n");
    }
    here.git(&["config", "core.excludesFile", here.at("excludes").to_str().unwrap()]);
    here.write(".env", key.env_file());
    assert_eq!(here.scan(&[]).found(), [format!(".env:3 {}", key.id)]);
}

#[test]
fn ignore_files_above_the_repository_are_not_read() {
    let (here, key) = (Folder::new(), Key::new(8));
    here.write(".gitignore", "*\n");
    here.init("inner");
    here.write("inner/.env", key.env_file());
    assert_eq!(here.scan(&["inner"]).found(), [format!("inner/.env:3 {}", key.id)]);
}

#[test]
fn outside_a_repository_nothing_is_ignored() {
    let (here, key) = (Folder::new(), Key::new(9));
    here.write(".gitignore", "*\n");
    here.write(".env", key.env_file());
    assert_eq!(here.scan(&[]).found(), [format!(".env:3 {}", key.id)]);
}

#[test]
fn the_rules_of_folders_above_hold_when_a_folder_inside_is_scanned() {
    let (here, key) = (Folder::repository(), Key::new(10));
    here.write(".gitignore", "/app/gen/\n*.log\n");
    here.write("app/.gitignore", "*.tmp\n");
    for path in ["app/gen/a", "app/b.log", "app/c.tmp", "app/d/e.tmp", "app/f"] {
        here.write(path, key.env_file());
    }
    assert_eq!(here.scan(&["app"]).found(), [format!("app/f:3 {}", key.id)]);
    // Whoever names an ignored folder wants it scanned.
    assert_eq!(here.scan(&["app/gen"]).found(), [format!("app/gen/a:3 {}", key.id)]);
}

#[test]
fn info_exclude_spares_and_nested_repositories_have_their_own_rules() {
    let (here, key) = (Folder::repository(), Key::new(11));
    here.write(".git/info/exclude", "scratch\n");
    here.write("scratch", key.env_file());
    here.write(".gitignore", "*.env\n");
    here.init("vendor/inner");
    here.write("vendor/inner/.gitignore", "*.log\n");
    here.write("vendor/inner/a.env", key.env_file());
    here.write("vendor/inner/a.log", key.env_file());
    here.write("b.env", key.env_file());
    assert_eq!(here.scan(&[]).found(), [format!("vendor/inner/a.env:3 {}", key.id)]);
}

#[test]
fn links_are_not_followed_but_their_target_is_read_as_git_would_commit_it() {
    let (here, outside, key) = (Folder::new(), Folder::new(), Key::new(12));
    outside.write("secrets/.env", key.env_file());
    symlink(outside.at("secrets"), here.at("folder")).unwrap();
    symlink(outside.at("secrets/.env"), here.at("file")).unwrap();
    symlink(".", here.at("loop")).unwrap();
    here.write("plain", "nothing\n");
    let run = here.scan(&[]);
    assert_eq!((run.status, run.found()), (0, vec![]));
    assert_eq!(run.summary()["files"], 4);

    symlink(format!("https://{}@example.org", key.id), here.at("named")).unwrap();
    assert_eq!(here.scan(&[]).found(), [format!("named:1 {}", key.id)]);
}

#[test]
fn a_named_link_is_followed_because_somebody_asked_for_it() {
    let (here, key) = (Folder::new(), Key::new(13));
    here.write("real/.env", key.env_file());
    symlink("real", here.at("link")).unwrap();
    assert_eq!(here.scan(&["link"]).found(), [format!("link/.env:3 {}", key.id)]);
}

#[test]
fn standard_input_is_a_text_named_dash() {
    let (here, key) = (Folder::new(), Key::new(14));
    let run = here.keyward_reading(key.env_file(), &["scan", "-", "--format", "jsonl"]);
    assert_eq!((run.status, run.found()), (1, vec![format!("-:3 {}", key.id)]));
    assert_eq!(run.objects()[0]["source"], "stdin");
}

#[test]
fn a_file_larger_than_any_buffer_is_scanned_to_its_end() {
    let (here, key) = (Folder::new(), Key::new(15));
    let filler = "x = 1 # filler\n".repeat(100_000);
    here.write("big.py", format!("{filler}{}{filler}{}", key.env_file(), key.env_file()));
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("big.py:100003 {}", key.id)]);
    let lines: Vec<_> = run.objects()[0]["locations"].as_array().unwrap().iter().map(|at| at["line"].clone()).collect();
    assert_eq!(lines, [100_003, 100_002, 200_006, 200_005]);
}

#[test]
fn utf16_with_and_without_a_mark_and_other_line_ends_are_read() {
    let (here, key) = (Folder::new(), Key::new(16));
    let text = key.env_file();
    let utf16 = |mark: &[u8], order: fn(u16) -> [u8; 2]| {
        [mark, &text.encode_utf16().flat_map(order).collect::<Vec<u8>>()].concat()
    };
    here.write("be-marked.ps1", utf16(b"\xfe\xff", u16::to_be_bytes));
    here.write("cr.txt", text.replace('\n', "\r"));
    here.write("crlf.txt", text.replace('\n', "\r\n"));
    here.write("le-bare.ps1", utf16(b"", u16::to_le_bytes));
    here.write("le-marked.ps1", utf16(b"\xff\xfe", u16::to_le_bytes));
    here.write("utf8-marked.txt", format!("\u{feff}{text}"));
    let names = ["be-marked.ps1", "cr.txt", "crlf.txt", "le-bare.ps1", "le-marked.ps1", "utf8-marked.txt"];
    assert_eq!(here.scan(&[]).found(), names.map(|name| format!("{name}:3 {}", key.id)));
}

#[test]
fn a_large_utf16_file_has_right_lines_too() {
    let (here, key) = (Folder::new(), Key::new(17));
    let text = format!("{}{}", "Zeile mit Umlaut: ä\r\n".repeat(50_000), key.env_file());
    here.write("big.ps1", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    // Without a mark and with more than ASCII it still has a NUL in nearly every second byte.
    assert_eq!(here.scan(&[]).found(), [format!("big.ps1:50003 {}", key.id)]);
}

#[test]
fn one_and_eight_threads_say_the_same() {
    let here = Folder::repository();
    for number in 0..300 {
        let key = Key::new(1000 + number);
        here.write(format!("d{}/f{number}.env", number % 7), key.env_file().repeat(3));
    }
    let one = here.scan(&["-j", "1"]);
    assert_eq!(one.found().len(), 300);
    assert_eq!(here.scan(&["-j", "8"]).out, one.out);
}

#[test]
fn a_tracked_file_that_is_gone_from_disk_is_no_error() {
    let here = Folder::repository();
    here.stage("a", "x\n");
    here.stage("b", "y\n");
    std::fs::remove_file(here.at("a")).unwrap();
    assert_eq!(here.scan(&[]).status, 0);
}

/// Patterns that the matcher reads otherwise than git does: braces, classes that match a slash, blanks at the end,
/// a line that is not UTF-8. Each would spare a file that `git add .` takes.
#[test]
fn only_what_git_itself_ignores_is_spared() {
    let patterns: [(&[u8], &str); 8] = [
        (b"*.{env,pem}\n", "prod.env"),
        (b"*.env\n# caf\xe9\n!prod.env\n", "prod.env"),
        (b"data[^0-9]*\n", "data/prod.env"),
        (b"*[!c]onfig\n", "app/config"),
        (b"\\/\n", "prod.env"),
        (b"*.env\n![[:digit:]]*.env\n", "1.env"),
        (b"prod.env\t\n", "prod.env"),
        (b"*.env\n!{prod}.env\n", "{prod}.env"),
    ];
    for (seed, (pattern, path)) in patterns.into_iter().enumerate() {
        let (here, key) = (Folder::repository(), Key::new(900 + seed as u64));
        here.write(".gitignore", pattern);
        here.write(path, key.env_file());
        let taken = here.git(&["status", "--porcelain", "--untracked-files=all", "-z"]).out;
        assert!(taken.contains(path), "{path}: {taken}");
        assert_eq!(here.scan(&[]).found(), [format!("{path}:3 {}", key.id)], "{}", String::from_utf8_lossy(pattern));
    }
}

#[test]
fn a_folder_that_merely_looks_like_a_git_folder_hides_nothing() {
    let (here, key) = (Folder::repository(), Key::new(920));
    here.write("sub/.git/HEAD", "x");
    here.write("sub/.git/info/exclude", "*\n");
    here.write("sub/.git/creds", key.env_file());
    here.write("sub/prod.env", key.env_file());
    let found = here.scan(&[]).found();
    assert_eq!(found, [format!("sub/.git/creds:3 {}", key.id), format!("sub/prod.env:3 {}", key.id)]);
}

#[test]
fn the_configuration_of_a_submodule_is_scanned() {
    let (here, other, key) = (Folder::repository(), Folder::repository(), Key::new(921));
    other.stage("a", "x\n");
    other.commit();
    let url = other.path().to_str().unwrap();
    here.git(&["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", url, "deep/sub"]);
    let url = format!("https://{}:{}@example.org/r", key.id, key.secret.replace('/', "%2F").replace('+', "%2B"));
    here.git(&["-C", "deep/sub", "config", "remote.origin.url", &url]);
    let run = here.scan(&[]);
    assert_eq!(run.found().len(), 1, "{}", run.out);
    assert!(run.found()[0].starts_with(".git/modules/deep/sub/config:"), "{}", run.out);
    assert_eq!(run.objects()[0]["rule"], "aws-access-key");
}

#[test]
fn a_file_under_two_of_the_paths_is_read_once() {
    let (here, key) = (Folder::new(), Key::new(922));
    here.write("dup/a", key.env_file());
    let run = here.scan(&["dup", "dup/a", "./dup"]);
    assert_eq!((run.found().len(), &run.summary()["files"]), (1, &1.into()));
}
