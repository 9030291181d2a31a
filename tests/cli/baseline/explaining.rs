//! `keyward explain`: one finding, and what to do about it.

use crate::support::{ACCOUNT, Folder, Key, Run};

fn explain(here: &Folder, arguments: &[&str]) -> Run {
    here.keyward(&[&["explain"], arguments].concat())
}

#[test]
fn explain_tells_what_where_why_and_what_to_do() {
    let (here, key) = (Folder::repository(), Key::new(790));
    here.write("deploy/prod.env", key.env_file());
    here.write("copy.txt", format!("x\nid {}\n", key.id));
    let run = explain(&here, &[&key.fingerprint()]);
    let brief = format!("{}...(40)", &key.secret[..4]);
    let whole = keyward::credential::Fingerprint::of(&key.secret);
    let expected = format!(
        "deploy/prod.env:3:23  AWS access key {id}, account {ACCOUNT}
  fingerprint   {whole}
  What          a key ID and its secret: everything that a request to AWS needs
                {brief}, of which no more is shown
  Where         deploy/prod.env:3:23  the secret
                deploy/prod.env:2:19  the key ID
  Why           rule aws-access-key: a key ID and 40 base64 characters within 8
                  lines, or within 200 behind their name
                here: the secret of {id}
                its halves stand 1 line apart, and no other fits better
                before it stands: AWS_SECRET_ACCESS_KEY=
                account {ACCOUNT} can be read from it, without asking AWS
                confidence high: a pair is hardly ever anything else
                severity critical; the format: IAM user guide, Managing access
                  keys for IAM users
  Counts        nobody has accepted it: scans exit with 1, hooks refuse what
                  brings it
  To do         1. If it was pushed or shown to anybody, switch it off:
                   aws iam update-access-key --status Inactive \\
                       --access-key-id {id} --user-name USER
                2. See what it did since:
                   aws cloudtrail lookup-events --lookup-attributes \\
                   AttributeKey=AccessKeyId,AttributeValue={id}
                3. Give what used it a role or a profile (aws sso login) instead
                4. Take it out of the file
  Not a secret? Add `keyward:allow REASON` to the line of its first place; or:
                keyward baseline add {short} --reason TEXT
",
        id = key.id,
        whole = whole.as_str(),
        short = key.fingerprint(),
    );
    assert_eq!(run, Run { status: 0, out: expected, err: String::new() });
    // By less of it, and by all of it.
    for name in [&key.fingerprint()[..4], whole.as_str(), &format!("v1:{}", key.fingerprint())] {
        assert_eq!(explain(&here, &[name]), run);
    }
}

#[test]
fn explain_says_who_accepted_it() {
    let (here, key) = (Folder::repository(), Key::new(791));
    here.write("a.env", key.env_file());
    here.accept(&[&key]);
    let said = explain(&here, &[&key.fingerprint()]).out;
    assert!(said.contains("  Counts        accepted in .keyward-baseline: a test key\n"), "{said}");
    here.write("a.env", format!("{} # keyward:allow test\n", key.env_file().trim_end()));
    let said = explain(&here, &[&key.fingerprint()]).out;
    assert!(said.contains("  Counts        accepted by a marker in the file\n"), "{said}");
}

#[test]
fn explain_finds_it_in_the_index_and_in_the_history() {
    let (here, key) = (Folder::repository(), Key::new(792));
    here.stage("a.env", key.env_file());
    here.commit_as("add uploader");
    here.git(&["mv", "a.env", "b.env"]);
    here.commit_as("rename");
    here.stage("b.env", format!("{}# more\n", key.env_file()));
    let staged = explain(&here, &[&key.fingerprint(), "--staged"]);
    assert!(staged.out.contains("  Counts        not new: the changed files held it before\n"), "{}", staged.out);
    std::fs::remove_file(here.at("b.env")).unwrap();
    let gone = explain(&here, &[&key.fingerprint()]);
    let said = format!(
        "keyward: nothing that is found has the fingerprint '{}'\n  hint: --staged and --history look for it elsewhere\n",
        key.fingerprint()
    );
    assert!(gone.status == 2 && gone.err.ends_with(&said), "{}", gone.err);
    let old = explain(&here, &[&key.fingerprint(), "--history"]);
    for said in ["a.env:3:23  the secret\n", "    brought by  ", "\"add uploader\"\n", " --history --reason TEXT\n"] {
        assert!(old.out.contains(said), "{}", old.out);
    }
}

#[test]
fn explain_works_outside_of_a_repository_and_never_shows_a_secret() {
    let (here, key) = (Folder::new(), Key::new(793));
    here.write("a", format!("aws_secret_access_key = {}\n", key.secret));
    here.write("b", format!("ASIA{}\n", &key.id[4..]));
    let run = explain(&here, &[&key.fingerprint()]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(!run.out.contains(&key.secret[..8]) && !run.out.contains(&key.secret[30..]), "{}", run.out);
}
