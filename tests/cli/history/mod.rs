//! `keyward scan --history`: all that a repository has ever held, and who brought what was found.

mod gaps;

use crate::support::{Folder, Key, Run};
use serde_json::Value;

/// The findings: where, which key, the title of the commit that brought it, and the refs that still reach it.
fn findings(run: &Run) -> Vec<(String, String)> {
    run.found().into_iter().zip(standing(run)).map(|(found, object)| (found, fate(&object))).collect()
}

pub fn standing(run: &Run) -> Vec<Value> {
    run.objects().into_iter().filter(|object| object["type"] == "finding").collect()
}

fn fate(finding: &Value) -> String {
    let reach = &finding["reachable"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let refs: Vec<String> = reach["first"].as_array().into_iter().flatten().filter_map(text).collect();
    match (text(&reach["held_by"]), text(&reach["removed_by"]), reach["in_head"].as_bool()) {
        (Some(holder), ..) => format!("held by {holder}"),
        (_, Some(_), _) => format!("{}, removed", refs.join(" ")),
        (_, _, Some(true)) => format!("{}, in HEAD", refs.join(" ")),
        _ => refs.join(" "),
    }
}

pub fn scan(here: &Folder, arguments: &[&str]) -> Run {
    here.scan(&[&["--history"], arguments].concat())
}

impl Folder {
    pub fn commit_as(&self, title: &str) -> String {
        self.git(&["commit", "--quiet", "--no-verify", "--allow-empty", "--message", title]);
        self.git(&["rev-parse", "HEAD"]).out.trim().to_owned()
    }

    /// All objects in one pack.
    pub fn repack(&self) {
        self.git(&["repack", "-a", "-d", "-f", "-q", "--depth=50", "--window=10", "-k"]);
    }
}

/// A text of `lines` lines that git stores well as a delta.
pub fn filler(lines: usize) -> String {
    use std::fmt::Write;
    (0..lines).fold(String::new(), |mut text, line| {
        writeln!(text, "line {line} of a file, {}", line * 7919 % 1000).unwrap();
        text
    })
}

#[test]
fn every_door_of_a_history_is_looked_behind_and_each_finding_has_its_commit() {
    let here = Folder::repository();
    let keys: Vec<Key> = (100..112).map(Key::new).collect();
    here.stage("root.env", keys[0].env_file());
    here.commit_as("root");
    here.git(&["rm", "--quiet", "root.env"]);
    here.commit_as("remove root");

    here.git(&["switch", "--quiet", "--create", "side"]);
    here.stage("side", "side\n");
    here.commit_as("side");
    here.git(&["switch", "--quiet", "main"]);
    here.stage("main", "main\n");
    here.commit_as("main");
    here.git(&["merge", "--quiet", "--no-commit", "side"]);
    here.stage("merge.env", keys[1].env_file());
    here.commit_as("merge");

    here.stage("old.txt", filler(200));
    here.commit_as("file");
    here.git(&["mv", "old.txt", "new.txt"]);
    here.stage("new.txt", format!("{}{}", filler(200), keys[2].env_file()));
    here.commit_as("rename with edit");

    here.git(&["tag", "--annotate", "--message", &keys[3].env_file(), "v1"]);
    here.git(&["notes", "add", "--message", &keys[4].env_file()]);
    here.stage("stash.env", keys[5].env_file());
    here.git(&["stash", "--quiet"]);
    here.stage("stash.env", keys[6].env_file());
    here.git(&["stash", "--quiet"]);
    here.write("loose", keys[7].env_file());
    here.git(&["hash-object", "-w", "loose"]);
    here.write("tagged", keys[8].env_file());
    let tagged = here.git(&["hash-object", "-w", "tagged"]).out;
    here.git(&["tag", "blob-tag", tagged.trim()]);
    let message = here.commit_as(&format!("message\n\n{}", keys[9].env_file()));
    here.stage(&format!("deep/er/{}.pem", keys[10].id), "x\n");
    here.commit_as("name");
    here.git(&["branch", &keys[11].id]);

    let expected = |run: &Run| {
        let mut found: Vec<(String, String)> = findings(run);
        found.sort_by_key(|(found, _)| keys.iter().position(|key| found.ends_with(&key.id)));
        let fates: Vec<(usize, String)> = found
            .iter()
            .map(|(found, fate)| (keys.iter().position(|key| found.ends_with(&key.id)).unwrap(), fate.clone()))
            .collect();
        let branch = &keys[11].id;
        let all = format!("{branch} main side stash v1, removed");
        assert_eq!(
            fates,
            [
                (0, all),
                (1, format!("{branch} main stash v1, in HEAD")),
                (2, format!("{branch} main stash v1, in HEAD")),
                (3, "v1".into()),
                (4, "notes/commits".into()),
                (5, "held by stash@{1}".into()),
                (6, "stash".into()),
                (7, String::new()),
                (8, "blob-tag".into()),
                (9, format!("{branch} main, in HEAD")),
                (10, format!("{branch} main, in HEAD")),
                (11, String::new()),
            ]
        );
        found.into_iter().map(|(found, _)| found).collect::<Vec<_>>()
    };
    let places = expected(&scan(&here, &[]));
    assert_eq!(places[0], format!("root.env:3 {}", keys[0].id));
    assert_eq!(places[1], format!("merge.env:3 {}", keys[1].id));
    assert_eq!(places[2], format!("new.txt:203 {}", keys[2].id));
    assert!(places[9].starts_with(&format!("message of commit {}:5 ", &message[..8])), "{}", places[9]);
    assert_eq!(places[10], format!("deep/er/{}.pem:1 {}", keys[10].id, keys[10].id));
    assert_eq!(places[11], format!("name of ref refs/heads/{}:1 {}", keys[11].id, keys[11].id));

    // The same from packs, and on one thread.
    here.repack();
    assert_eq!(expected(&scan(&here, &[])), places);
    assert_eq!(scan(&here, &["-j1"]).out, scan(&here, &["-j8"]).out);
    let reachable = scan(&here, &["--reachable"]);
    assert_eq!(standing(&reachable).len(), keys.len() - 2);
}

#[test]
fn a_key_in_a_chain_of_deltas_is_found_whichever_end_is_stored_whole() {
    let (start, middle, end) = (Key::new(120), Key::new(121), Key::new(122));
    let version = |version: usize| {
        let body = filler(400 + version);
        let (before, behind) = body.split_at(body.len() / 2);
        let if_in = |held: bool, key: &Key| if held { key.env_file() } else { String::new() };
        let (head, inside) = (if_in((10..25).contains(&version), &start), if_in(version == 30, &middle));
        format!("{head}{before}\n{inside}{behind}{}", if_in(version >= 50, &end).trim_end())
    };
    for newest_is_whole in [true, false] {
        let here = Folder::repository();
        let mut order: Vec<usize> = (0..60).collect();
        if newest_is_whole {
            order.reverse();
        }
        here.import(&order, &version);
        let chains = here.chain_lengths();
        assert!(chains.iter().max() > Some(&50), "the versions are not stored as deltas: {chains:?}");
        let titles: Vec<_> = [&start, &middle, &end].map(|key| title_of(&here, key)).to_vec();
        assert_eq!(titles, ["version 10", "version 30", "version 50"]);
        let check = here.keyward(&["scan", "--history", "--check"]);
        assert!(check.err.contains(": 0 differ"), "{}", check.err);
    }
}

/// The title of the commit that brought `key`.
fn title_of(here: &Folder, key: &Key) -> String {
    let finding = standing(&scan(here, &[])).into_iter().find(|finding| finding["key_id"] == key.id).unwrap();
    let commit = finding["commit"].as_str().unwrap();
    here.git(&["log", "-1", "--format=%s", commit]).out.trim().to_owned()
}

impl Folder {
    /// Makes a commit of each version of `file`, whose blobs are stored in `order`, each as a delta to the one before.
    fn import(&self, order: &[usize], version: &dyn Fn(usize) -> String) {
        let data = |text: &str| format!("data {}\n{text}\n", text.len());
        let mut stream = String::new();
        for &at in order {
            stream.extend(["blob\nmark :", &(at + 1).to_string(), "\n", &data(&version(at))]);
        }
        for at in 0..order.len() {
            let title = data(&format!("version {at}"));
            let committer = format!("committer A <a@example.org> {} +0000\n", 1000 + at);
            let file = format!("M 100644 :{} file\n", at + 1);
            stream.extend(["commit refs/heads/main\n", &committer, &title, &file]);
        }
        self.write(".git/stream", stream);
        self.git(&["config", "fastimport.unpackLimit", "0"]);
        let import = "alias.import=!git fast-import --quiet --depth=4095 < .git/stream";
        self.git(&["-c", import, "import"]);
    }

    fn chain_lengths(&self) -> Vec<usize> {
        let files = std::fs::read_dir(self.at(".git/objects/pack")).unwrap().map(|file| file.unwrap().path());
        let index = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "idx")).unwrap();
        let verified = self.git(&["verify-pack", "-v", index.to_str().unwrap()]).out;
        let lines = verified.lines().filter_map(|line| line.strip_prefix("chain length = ")?.split_once(':'));
        lines.map(|(length, _)| length.parse().unwrap()).collect()
    }
}

#[test]
fn halves_that_arrive_in_different_commits_are_one_pair_brought_with_the_secret() {
    let (here, key) = (Folder::repository(), Key::new(130));
    here.stage("a.env", format!("AWS_ACCESS_KEY_ID={}\n", key.id));
    here.commit_as("id");
    here.stage("a.env", format!("AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n", key.id, key.secret));
    let secret = here.commit_as("secret");
    here.stage("utf16", "\u{feff}x\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    here.commit_as("other");
    let run = scan(&here, &[]);
    let found = standing(&run);
    assert_eq!((found.len(), &found[0]["rule"], &found[0]["commit"]), (1, &"aws-access-key".into(), &secret.into()));
}

#[test]
fn replace_refs_and_grafts_hide_nothing() {
    let (here, key) = (Folder::repository(), Key::new(131));
    here.stage("a.env", key.env_file());
    let hidden = here.commit_as("hidden");
    here.git(&["rm", "--quiet", "a.env"]);
    let tip = here.commit_as("tip");
    let tree = here.git(&["rev-parse", "HEAD^{tree}"]).out;
    let orphan = here.git(&["commit-tree", "-m", "nothing to see", tree.trim()]).out;
    here.git(&["replace", &tip, orphan.trim()]);
    here.write(".git/info/grafts", format!("{tip}\n"));
    let run = scan(&here, &[]);
    assert_eq!(standing(&run)[0]["commit"], hidden.as_str());
}

#[test]
fn a_range_brings_what_is_new_and_not_what_the_files_held_before() {
    let (here, old, new) = (Folder::repository(), Key::new(132), Key::new(133));
    here.stage("a.env", old.env_file());
    let base = here.commit_as("base");
    here.stage("a.env", format!("# moved\n{}", old.env_file()));
    here.commit_as("move");
    here.git(&["mv", "a.env", "b.env"]);
    here.commit_as("rename");
    let range = format!("{base}..HEAD");
    let run = scan(&here, &["--range", &range]);
    assert_eq!((run.status, &standing(&run)[0]["suppressed_by"]), (0, &"already-there".into()));

    here.git(&["switch", "--quiet", "--create", "topic"]);
    here.stage("b.env", format!("{}{}", old.env_file(), new.env_file()));
    let bringing = here.commit_as("new key");
    here.git(&["rm", "--quiet", "b.env"]);
    here.commit_as("and away");
    for arguments in
        [&["--range", &range[..]][..], &["--since", "main"], &["--range", "topic", "--not", "main"], &["--not", "main"]]
    {
        let run = scan(&here, arguments);
        assert_eq!(run.status, 1, "{arguments:?}: {}", run.err);
        let new = standing(&run).into_iter().find(|finding| finding["key_id"] == new.id).unwrap();
        assert_eq!((&new["commit"], &new["locations"][0]["path"]), (&bringing.as_str().into(), &"b.env".into()));
    }
    let run = here.keyward(&["scan", "--history", "--range", "topic..main"]);
    assert_eq!((run.status, run.err.as_str()), (0, "nothing to examine: the range brings no new objects\n"));
}

#[test]
fn repositories_that_libgit2_refuses_are_scanned_all_the_same() {
    let key = Key::new(134);
    let here = Folder::new();
    here.git(&["init", "--quiet", "--object-format=sha256", "--initial-branch=main", "."]);
    here.git(&["config", "user.name", "Author"]);
    here.git(&["config", "user.email", "author@example.org"]);
    for version in 0..5 {
        let text = if version == 2 { key.env_file() } else { String::new() };
        here.stage("a.env", format!("{}{text}", filler(100 + version)));
        here.commit_as(&format!("version {version}"));
    }
    for _ in 0..2 {
        let run = scan(&here, &[]);
        assert_eq!(standing(&run)[0]["commit"].as_str().map(str::len), Some(64), "{}", run.err);
        here.repack();
    }
}

#[test]
fn borrowed_objects_count_where_refs_reach_them() {
    let (here, reached, unreached) = (Folder::repository(), Key::new(135), Key::new(136));
    here.stage("a.env", reached.env_file());
    here.commit_as("reached");
    here.write("b.env", unreached.env_file());
    here.git(&["hash-object", "-w", "b.env"]);
    here.git(&["clone", "--quiet", "--shared", "--bare", ".", "shared"]);
    for _ in 0..2 {
        let run = here.keyward_in("shared", &["scan", "--history", "--format", "jsonl"]);
        assert_eq!(run.found(), [format!("a.env:3 {}", reached.id)]);
        here.git(&["repack", "-a", "-d", "-q", "-k"]);
    }
}

#[test]
fn the_report_for_people_says_who_brought_it_and_what_to_do_first() {
    let (here, key) = (Folder::repository(), Key::new(139));
    here.stage("config/old.yml", key.env_file());
    let brought = here.commit_as("add uploader");
    here.git(&["rm", "--quiet", "config/old.yml"]);
    let removed = here.commit_as("clean up");
    let run = here.keyward(&["scan", "--history"]);
    let date = here.git(&["log", "-1", "--format=%as", &brought]).out;
    assert_eq!(run.status, 1);
    assert_eq!(
        run.out,
        format!(
            "config/old.yml:3:23  AWS access key {id}, account 123456789012\n    2 | AWS_ACCESS_KEY_ID={id}\n    \
             3 | AWS_SECRET_ACCESS_KEY={secret}\n      |                       ^ the secret of {id}\n      \
             = fingerprint {fingerprint}\n    \
             brought by  {}  {}  Author <author@example.org>  \"add uploader\"\n    \
             still in    main (removed from HEAD by {})\n\n",
            &brought[..8],
            date.trim(),
            &removed[..8],
            id = key.id,
            fingerprint = key.fingerprint(),
            secret = key.starred(),
        )
    );
    assert!(
        run.err.starts_with("  First, switch it off: whoever has a copy of the repository has it.\n"),
        "{}",
        run.err
    );
    assert!(run.err.contains("\n1 finding in 2 commits, 1 blob, "), "{}", run.err);
}

#[test]
fn an_id_that_refs_reach_counts_where_its_pair_is_left_out() {
    let (here, key) = (Folder::repository(), Key::new(141));
    here.stage("a.env", format!("AWS_ACCESS_KEY_ID={}\n", key.id));
    here.commit_as("id");
    here.write("b.env", key.env_file());
    here.git(&["hash-object", "-w", "b.env"]);
    let rules = |run: &Run| standing(run).iter().map(|found| found["rule"].clone()).collect::<Vec<_>>();
    assert_eq!(rules(&scan(&here, &[])), ["aws-access-key"]);
    assert_eq!(rules(&scan(&here, &["--reachable"])), ["aws-access-key-id"]);
}
