//! What lies inside of archives: found like in a text file, wherever the archive lies.

mod bounds;
mod images;
mod inner_paths;

use crate::support::{Folder, Key};

/// Archives of the file `conf/prod.env` below `path`, each made by the tool that people make it with: the name of the
/// archive, the commands, and the inner path.
const MADE: [(&str, &str, &str); 8] = [
    ("a.zip", "zip -qr a.zip conf", "a.zip!conf/prod.env"),
    ("a.tar", "tar -cf a.tar conf", "a.tar!conf/prod.env"),
    ("a.tar.gz", "tar -czf a.tar.gz conf", "a.tar.gz!conf/prod.env"),
    ("a.tar.bz2", "tar -cjf a.tar.bz2 conf", "a.tar.bz2!conf/prod.env"),
    ("a.tar.xz", "tar -cJf a.tar.xz conf", "a.tar.xz!conf/prod.env"),
    ("a.tar.zst", "tar -cf - conf | zstd -q > a.tar.zst", "a.tar.zst!conf/prod.env"),
    ("jar.zip", "gzip -c conf/prod.env > p.gz; zip -q0 jar.zip p.gz; rm p.gz", "jar.zip!p.gz!p"),
    ("prod.env.gz", "gzip -c conf/prod.env > prod.env.gz", "prod.env.gz!prod.env"),
];

/// Runs a line of shell in the folder.
fn shell(here: &Folder, line: &str) {
    let output = here.command("sh").args(["-ec", line]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes an archive of a file with the pair, and removes the file.
fn make(here: &Folder, key: &Key, commands: &str) {
    here.write("conf/prod.env", key.env_file());
    shell(here, &format!("{commands}; rm -r conf"));
}

#[test]
fn what_lies_in_an_archive_is_found_in_a_tree() {
    for (name, commands, inner) in MADE {
        let (here, key) = (Folder::new(), Key::new(900));
        make(&here, &key, commands);
        let run = here.scan(&[]);
        assert_eq!((run.found(), run.status), (vec![format!("{inner}:3 {}", key.id)], 1), "{name}: {}", run.err);
    }
}

#[test]
fn what_lies_in_an_archive_is_found_on_standard_input() {
    for (name, commands, inner) in MADE {
        let (here, key) = (Folder::new(), Key::new(901));
        make(&here, &key, commands);
        let run = here.keyward_reading(std::fs::read(here.at(name)).unwrap(), &["scan", "--format", "jsonl", "-"]);
        let inner = inner.replace(name, "-").replace("-!prod.env", "-!content");
        assert_eq!(run.found(), [format!("{inner}:3 {}", key.id)], "{name}: {}", run.err);
    }
}

#[test]
fn what_lies_in_an_archive_refuses_the_commit() {
    for (name, commands, inner) in MADE {
        let (here, key) = (Folder::repository(), Key::new(902));
        make(&here, &key, commands);
        here.git(&["add", name]);
        let run = here.keyward(&["hook", "run", "pre-commit"]);
        assert_eq!(run.status, 1, "{name}: {}", run.err);
        assert!(run.err.contains(&format!("\n{inner}:3:23  AWS access key {}", key.id)), "{name}: {}", run.err);
    }
}

#[test]
fn the_commit_that_brought_an_archive_is_named_with_the_inner_path() {
    for (name, commands, inner) in MADE {
        let (here, key) = (Folder::repository(), Key::new(903));
        here.write("lib/README", "libraries");
        here.git(&["add", "."]);
        here.commit();
        make(&here, &key, commands);
        shell(&here, &format!("mv {name} lib/"));
        here.git(&["add", "."]);
        here.commit();
        let brought = here.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
        here.git(&["rm", "--quiet", &format!("lib/{name}")]);
        here.commit();
        for store in [&["gc", "--quiet"][..], &["unpack-refs"][..0]] {
            if !store.is_empty() {
                here.git(store);
            }
            let run = here.scan(&["--history"]);
            assert_eq!(run.found(), [format!("lib/{inner}:3 {}", key.id)], "{name}: {}", run.err);
            assert_eq!(run.objects()[0]["commit"], brought.as_str(), "{name}");
        }
        let run = here.scan(&["--history", "--range", "HEAD~2..HEAD"]);
        assert_eq!(run.found(), [format!("lib/{inner}:3 {}", key.id)], "{name}: {}", run.err);
        assert_eq!(run.objects()[0]["commit"], brought.as_str(), "{name}");
    }
}

/// An old version of a large archive is a tiny delta whose first bytes are copied: nothing in it looks like a zip.
#[test]
fn an_old_version_of_an_archive_that_is_stored_as_a_delta_is_opened() {
    let (here, key) = (Folder::repository(), Key::new(904));
    here.write("conf/prod.env", key.env_file());
    shell(&here, "seq 1 200000 > conf/numbers; zip -q0r lib.jar conf; git add lib.jar");
    here.commit();
    shell(&here, "echo PORT=80 > conf/prod.env; zip -q0 lib.jar conf/prod.env; git add lib.jar");
    here.commit();
    here.git(&["repack", "-adfq"]);
    let packed = here.git(&["rev-list", "--disk-usage", "--objects", "--all"]).out;
    assert!(packed.trim().parse::<u64>().unwrap() < 900_000, "{packed}");
    let run = here.scan(&["--history"]);
    assert_eq!(run.found(), [format!("lib.jar!conf/prod.env:3 {}", key.id)], "{}", run.err);
}
