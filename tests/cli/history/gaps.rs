//! Histories that cannot be examined, or not whole: never called clean.

use super::{filler, scan};
use crate::support::{Folder, Key};

#[test]
fn a_revision_that_means_nothing_is_an_error_that_says_what_to_type() {
    let here = Folder::repository();
    here.commit_as("one");
    let gone = "1234567890".repeat(4);
    for (arguments, said) in [
        (
            &["--range", "nope..HEAD"][..],
            "keyward: unknown commit 'nope'\n  hint: git fetch brings what the remote has",
        ),
        (&["--range", &gone], "keyward: unknown commit '1234567890123456789012345678901234567890'"),
        (&["--since", "--exec=x"], "keyward: unknown commit '--exec=x'"),
        (&["--range", "a...b"], "keyward: 'a...b' is not a range\n  hint: A..B is what B has and A has not"),
    ] {
        let arguments = arguments.iter().map(|text| if *text == "--since" { "--since=--exec=x" } else { text });
        let arguments: Vec<&str> = arguments.filter(|text| *text != "--exec=x").collect();
        let run = here.keyward(&[&["scan", "--history"], &arguments[..]].concat());
        assert_eq!(run.status, 2);
        assert!(run.err.starts_with(said), "{}", run.err);
    }
}

#[test]
fn a_shallow_clone_is_not_called_clean() {
    let here = Folder::repository();
    for title in ["one", "two", "three"] {
        here.stage("a", title);
        here.commit_as(title);
    }
    let url = format!("file://{}", here.path().display());
    here.git(&["clone", "--quiet", "--depth=1", &url, "shallow"]);
    let run = here.keyward_in("shallow", &["scan", "--history"]);
    assert_eq!(run.status, 2);
    assert!(
        run.err.starts_with("keyward: incomplete: the history: this clone is shallow, so what came before "),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("\n  hint: git fetch --unshallow, or fetch-depth: 0 in actions/checkout\n"),
        "{}",
        run.err
    );
    let run = here.keyward_in("shallow", &["scan", "--history", "--range", "HEAD"]);
    assert_eq!(run.status, 2);
    let run = here.keyward_in("shallow", &["scan", "--history", "--range", "HEAD~1..HEAD"]);
    assert!(run.err.contains("caused by: this clone is shallow\n  hint: git fetch --unshallow"), "{}", run.err);
}

#[test]
fn what_a_partial_clone_leaves_out_is_said_and_never_fetched() {
    let here = Folder::repository();
    here.stage("a", "content\n");
    here.commit_as("one");
    here.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", here.path().display());
    here.git(&["clone", "--quiet", "--bare", "--filter=blob:none", &url, "partial"]);
    for arguments in [&["scan", "--history"][..], &["scan", "--history", "--range", "HEAD"]] {
        let run = here.keyward_in("partial", arguments);
        assert_eq!(run.status, 2);
        let said = "keyward: incomplete: the history: 1 objects of it are not here, so they were not examined\n  hint: git fetch --refetch";
        assert!(run.err.contains(said), "{}", run.err);
    }
}

#[test]
fn packs_without_an_index_of_their_own_are_read_through_the_multi_pack_index() {
    let (here, key) = (Folder::repository(), Key::new(137));
    here.stage("a.env", key.env_file());
    here.commit_as("one");
    here.git(&["repack", "-d", "-q"]);
    here.stage("b", "b\n");
    here.commit_as("two");
    here.git(&["repack", "-d", "-q"]);
    here.git(&["multi-pack-index", "write"]);
    let packs = here.at(".git/objects/pack");
    for file in std::fs::read_dir(&packs).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|end| end == "idx") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let run = scan(&here, &[]);
    assert_eq!((run.status, run.found()), (1, vec![format!("a.env:3 {}", key.id)]));
    std::fs::remove_file(packs.join("multi-pack-index")).unwrap();
    let run = here.keyward(&["scan", "--history"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("it has no index\n  hint: git index-pack "), "{}", run.err);
}

/// Changes one byte of the only pack, at the start of the entry of `object` or some bytes behind it.
fn damage(here: &Folder, object: &str, behind: u64, change: impl Fn(u8) -> u8) {
    use std::os::unix::fs::{FileExt, PermissionsExt};
    let packs = std::fs::read_dir(here.at(".git/objects/pack")).unwrap().map(|file| file.unwrap().path());
    let pack = packs.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap();
    let index = pack.with_extension("idx");
    let listing = here.git(&["verify-pack", "-v", index.to_str().unwrap()]).out;
    let line = listing.lines().find(|line| line.starts_with(object)).unwrap();
    let offset: u64 = line.split_ascii_whitespace().nth(4).unwrap().parse().unwrap();
    std::fs::set_permissions(&pack, std::fs::Permissions::from_mode(0o644)).unwrap();
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&pack).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset + behind).unwrap();
    file.write_all_at(&[change(byte[0])], offset + behind).unwrap();
}

#[test]
fn a_damaged_object_is_named_and_the_rest_is_still_examined() {
    for (behind, said) in [(0, "wrong checksum"), (9, "wrong checksum")] {
        let (here, key) = (Folder::repository(), Key::new(138));
        here.stage("a.env", key.env_file());
        here.stage("b", filler(50));
        here.commit_as("one");
        let broken = here.git(&["rev-parse", "HEAD:b"]).out;
        here.repack();
        damage(&here, broken.trim(), behind, |byte| byte ^ 0x10);
        let run = scan(&here, &[]);
        assert_eq!((run.status, run.found()), (1, vec![format!("a.env:3 {}", key.id)]));
        let gaps = &run.summary()["incomplete"];
        assert_eq!(gaps[0]["what"], format!("object {}", broken.trim()));
        assert!(gaps[0]["why"].as_str().unwrap().contains(said), "{gaps}");
    }
}

#[test]
fn a_truncated_pack_and_a_damaged_loose_object_are_not_called_clean() {
    let here = Folder::repository();
    here.stage("a", filler(500));
    here.commit_as("one");
    let blob = here.git(&["rev-parse", "HEAD:a"]).out;
    let loose = here.at(format!(".git/objects/{}/{}", &blob[..2], blob[2..].trim()));
    let whole = std::fs::read(&loose).unwrap();
    std::fs::remove_file(&loose).unwrap();
    std::fs::write(&loose, &whole[..whole.len() / 2]).unwrap();
    let run = scan(&here, &[]);
    assert_eq!((run.status, &run.summary()["incomplete"][0]["what"]), (2, &format!("object {}", blob.trim()).into()));
    std::fs::write(&loose, &whole).unwrap();

    here.repack();
    let pack = std::fs::read_dir(here.at(".git/objects/pack")).unwrap().map(|file| file.unwrap().path());
    let pack = pack.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap();
    let bytes = std::fs::read(&pack).unwrap();
    std::fs::remove_file(&pack).unwrap();
    std::fs::write(&pack, &bytes[..bytes.len() / 2]).unwrap();
    let run = scan(&here, &[]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert!(run.err.contains("the file is truncated"), "{}", run.err);
}

#[test]
fn an_empty_repository_is_nothing_to_examine_and_a_folder_without_one_an_error() {
    let here = Folder::repository();
    let run = here.keyward(&["scan", "--history"]);
    assert_eq!((run.status, run.err.as_str()), (0, "nothing to examine: the repository holds no objects\n"));
    let bare = Folder::new();
    let run = bare.keyward(&["scan", "--history"]);
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with("keyward: not a git repository"), "{}", run.err);
}

#[test]
fn no_command_that_the_repository_names_is_run_for_its_history() {
    let (here, key) = (Folder::repository(), Key::new(140));
    here.stage("a.env", key.env_file());
    here.commit_as("one");
    let marker = here.at("marker");
    let touch = format!("touch '{}'", marker.display());
    let names =
        ["core.fsmonitor", "core.sshCommand", "core.pager", "diff.external", "gpg.program", "credential.helper"];
    for name in names {
        here.git(&["config", name, &touch]);
    }
    here.git(&["config", "log.showSignature", "true"]);
    assert_eq!(scan(&here, &[]).status, 1);
    assert_eq!(scan(&here, &["--range", "HEAD"]).status, 1);
    assert!(!marker.exists());
}

#[test]
fn what_lies_outside_the_repository_is_counted() {
    let (here, other) = (Folder::repository(), Folder::repository());
    other.commit_as("one");
    let url = other.path().to_str().unwrap();
    here.git(&["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", url, "sub"]);
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 9\n", "a".repeat(64));
    here.stage("large", pointer);
    here.commit_as("two");
    for _ in 0..2 {
        let run = scan(&here, &[]);
        let summary = run.summary();
        assert_eq!((run.status, &summary["submodules"], &summary["lfs_pointers"]), (0, &1.into(), &1.into()));
        here.repack();
    }
}
#[test]
fn a_pack_of_any_name_is_read_as_git_reads_it() {
    let (here, key) = (Folder::repository(), Key::new(142));
    here.stage("a.env", key.env_file());
    here.commit_as("one");
    here.repack();
    for file in std::fs::read_dir(here.at(".git/objects/pack")).unwrap() {
        let path = file.unwrap().path();
        std::fs::rename(&path, path.with_file_name(format!("other.{}", path.extension().unwrap().display()))).unwrap();
    }
    assert_eq!(here.git(&["show", "--format=", "HEAD:a.env"]).out, key.env_file());
    assert_eq!(scan(&here, &[]).found(), [format!("a.env:3 {}", key.id)]);
}

#[test]
fn a_tag_that_is_called_like_a_branch_of_the_remote_does_not_stand_for_it() {
    let here = Folder::repository();
    here.stage("a", "x\n");
    here.commit();
    here.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    here.stage("a.env", Key::new(990).env_file());
    here.commit();
    assert_eq!(here.scan(&["--history", "--since", "origin/main"]).status, 1);
    here.git(&["tag", "origin/main", "HEAD"]);
    let run = here.keyward(&["scan", "--history", "--since", "origin/main"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (
            2,
            "keyward: 'origin/main' may mean refs/remotes/origin/main or refs/tags/origin/main\n  hint: give the whole name\n"
        )
    );
    // A whole name means that ref, and no tag that bears it.
    here.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    here.git(&["update-ref", "refs/tags/refs/remotes/origin/main", "HEAD"]);
    let run = here.keyward(&["scan", "--history", "--since", "refs/remotes/origin/main"]);
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with("keyward: unknown ref 'refs/remotes/origin/main'\n"), "{}", run.err);
}

#[test]
fn a_secret_that_is_a_title_or_the_name_of_a_file_is_not_whole_in_any_report() {
    // A name has no slash.
    let (here, key) = (Folder::repository(), Key { secret: Key::new(991).secret.replace('/', "+"), ..Key::new(991) });
    let title = format!("AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={}", key.id, key.secret);
    here.stage(&title, "x\n");
    here.git(&["commit", "--quiet", "--message", &title]);
    for format in ["human", "concise", "json", "jsonl", "sarif", "html", "junit", "github", "rdjson", "gitlab-secrets"]
    {
        let run = here.keyward(&["scan", "--history", "--format", format]);
        assert_eq!(run.status, 1, "{format}");
        assert!(!run.out.contains(&key.secret) && !run.err.contains(&key.secret), "{format}: {}", run.out);
    }
}
