//! Who may accept what where: by a marker, a line of the baseline or an entry of the config, that comes with what it accepts or
//! was there before.

use super::accepting;
use crate::support::{Folder, KEYWARD, Key, Run};
use serde_json::json;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Means {
    Marker,
    Baseline,
    Config,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comes {
    WithIt,
    Before,
}

fn key() -> Key {
    Key::new(780)
}

/// A repository whose last commit brings `a.env`, and by what it is accepted; `server.git` has all but that commit.
fn world(means: Means, comes: Comes) -> Folder {
    let (here, key) = (Folder::repository(), key());
    let marked = format!("{} # keyward:allow a test key\n", key.env_file().trim_end());
    let accept = || match means {
        Means::Marker => here.stage("other.env", &marked),
        Means::Baseline => here.stage(".keyward-baseline", accepting(&[&key])),
        Means::Config => {
            let entry = format!("[[allow]]\nreason = \"a test key\"\nkey-ids = [\"{}\"]\n", key.id);
            here.stage(".keyward.toml", entry);
        }
    };
    here.stage("README", "x\n");
    if comes == Comes::Before {
        accept();
    }
    here.commit();
    here.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
    here.write(".git/info/exclude", "server.git\nevent.json\n");
    here.stage("a.env", if means == Means::Marker { marked.clone() } else { key.env_file() });
    if comes == Comes::WithIt && means != Means::Marker {
        accept();
    }
    here.commit();
    here
}

fn name(here: &Folder, revision: &str) -> String {
    here.git(&["rev-parse", revision]).out.trim().to_owned()
}

fn commit(here: &Folder) -> Run {
    here.git(&["reset", "--quiet", "--soft", "HEAD^"]);
    here.keyward(&["hook", "run", "pre-commit"])
}

fn pre_push(here: &Folder) -> Run {
    here.git(&["remote", "add", "origin", "server.git"]);
    let line = format!("refs/heads/main {} refs/heads/main {}\n", name(here, "HEAD"), name(here, "HEAD^"));
    here.keyward_reading(line, &["hook", "run", "pre-push", "origin", "server.git"])
}

fn push_to_server(here: &Folder, hook: &str, branch: &str) -> Run {
    crate::markers::guard(here, hook);
    here.try_git(&["push", "--quiet", "server.git", &format!("HEAD:refs/heads/{branch}")])
}

fn pre_receive(here: &Folder) -> Run {
    push_to_server(here, "pre-receive", "main")
}

fn pre_receive_of_a_new_branch(here: &Folder) -> Run {
    push_to_server(here, "pre-receive", "topic")
}

fn update(here: &Folder) -> Run {
    push_to_server(here, "update", "main")
}

fn on_github(here: &Folder, event: &str, payload: &serde_json::Value) -> Run {
    here.write("event.json", payload.to_string());
    let mut command = here.command(KEYWARD);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_NAME", event)
        .env("GITHUB_EVENT_PATH", here.at("event.json"));
    command.arg("ci").output().unwrap().into()
}

fn pull_request(here: &Folder) -> Run {
    let (head, base) = (name(here, "HEAD"), name(here, "HEAD^"));
    on_github(
        here,
        "pull_request",
        &json!({"number": 1, "pull_request": {"head": {"sha": head}, "base": {"sha": base}}}),
    )
}

fn pushed(here: &Folder) -> Run {
    let (after, before) = (name(here, "HEAD"), name(here, "HEAD^"));
    let repository = json!({"default_branch": "main"});
    on_github(
        here,
        "push",
        &json!({"ref": "refs/heads/main", "after": after, "before": before, "repository": repository}),
    )
}

fn as_asked(here: &Folder) -> Run {
    here.keyward(&["ci", "--base", "HEAD^"])
}

fn from_revision(here: &Folder) -> Run {
    here.keyward(&["scan", "--config-from", "HEAD^"])
}

fn staged_from_revision(here: &Folder) -> Run {
    here.git(&["reset", "--quiet", "--soft", "HEAD^"]);
    here.keyward(&["scan", "--staged", "--config-from", "HEAD"])
}

fn tree(here: &Folder) -> Run {
    here.keyward(&["scan"])
}

type Door = fn(&Folder) -> Run;

#[test]
fn nobody_accepts_his_own_leak_where_others_must_decide() {
    // Does it count if it comes with what it accepts? What was there before counts everywhere.
    let table: [(&str, Door, bool); 11] = [
        ("a scan of the files", tree, true),
        ("a commit", commit, true),
        ("a push, where it starts", pre_push, true),
        ("a push in CI", pushed, true),
        ("a push, where it arrives", pre_receive, false),
        ("a push of a new branch, where it arrives", pre_receive_of_a_new_branch, false),
        ("a push, ref by ref", update, false),
        ("a pull request in CI", pull_request, false),
        ("what a base has not, in CI", as_asked, false),
        ("a scan with --config-from", from_revision, false),
        ("the same of what is staged", staged_from_revision, false),
    ];
    for (door, act, counts) in table {
        for means in [Means::Marker, Means::Baseline, Means::Config] {
            for comes in [Comes::Before, Comes::WithIt] {
                let run = act(&world(means, comes));
                let accepted = comes == Comes::Before || counts;
                let situation = format!("{door}, {means:?} {comes:?}: {}{}", run.out, run.err);
                assert_eq!(run.status, i32::from(!accepted), "{situation}");
                let how = match means {
                    Means::Marker => "with a marker",
                    Means::Baseline => "in .keyward-baseline",
                    Means::Config => "in .keyward.toml",
                };
                let note = format!("a.env:3  accepted by the author {how}, which does not count here");
                assert_eq!(run.err.contains(&note), !accepted, "{situation}");
            }
        }
    }
}

#[test]
fn two_pushes_do_not_accept_what_one_may_not() {
    for means in [Means::Baseline, Means::Config] {
        let here = world(means, Comes::Before);
        // The first one, of a branch of his own, brings only what accepts.
        here.git(&["switch", "--quiet", "--orphan", "clean"]);
        here.stage("README", "x\n");
        here.commit();
        here.git(&["push", "--quiet", "--force", "server.git", "clean:main"]);
        here.git(&["push", "--quiet", "server.git", "main~1:refs/heads/his"]);
        crate::markers::guard(&here, "pre-receive");
        let run = here.try_git(&["push", "--quiet", "server.git", "main:refs/heads/his"]);
        assert_eq!(run.status, 1, "{means:?}: {}", run.err);
        assert!(run.err.contains("accepted by the author in .keyward"), "{means:?}: {}", run.err);
    }
}

#[test]
fn the_base_decides_unless_the_ci_is_told_otherwise() {
    let here = world(Means::Baseline, Comes::WithIt);
    assert_eq!(here.keyward(&["ci", "--base", "HEAD^"]).status, 1);
    assert_eq!(here.keyward(&["ci", "--base", "HEAD^", "--config-from", "HEAD"]).status, 0);
}

#[test]
fn a_revision_that_is_not_here_is_an_error_even_where_nothing_is_found() {
    let here = Folder::repository();
    here.stage("README", "x\n");
    here.commit();
    for arguments in [&["scan"][..], &["scan", "--staged"], &["scan", "--history"]] {
        let run = here.keyward(&[arguments, &["--config-from", "origin/main"]].concat());
        assert!(run.status == 2 && run.err.starts_with("keyward: unknown commit 'origin/main'\n"), "{}", run.err);
    }
}

#[test]
fn what_decides_and_is_broken_is_an_error_that_names_its_revision() {
    let here = world(Means::Baseline, Comes::Before);
    here.git(&["reset", "--quiet", "--hard", "HEAD^"]);
    here.stage(".keyward-baseline", "nonsense\n");
    here.commit();
    here.stage("a.env", key().env_file());
    here.commit();
    let run = here.keyward(&["ci", "--base", "HEAD^"]);
    let said = format!("keyward: could not read .keyward-baseline of {}\n", &name(&here, "HEAD^")[..8]);
    assert!(run.status == 2 && run.err.contains(&said), "{}", run.err);
}
