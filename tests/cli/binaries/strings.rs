//! Strings in pickles, compiled Python modules and Java classes.

use super::make;
use crate::support::{Folder, Key};
use serde_json::json;

#[test]
fn a_pair_and_a_labelled_secret_are_found_in_a_pickle_of_every_protocol() {
    for protocol in 0..6 {
        let (here, key, alone) = (Folder::new(), Key::new(970), Key::new(971));
        make(
            &here,
            &json!([["pickle", "pair.pkl", protocol, {"aws_access_key_id": key.id, "aws_secret_access_key": key.secret, "n": [1, 2.5, null]}],
            ["pickle", "secret.pkl", protocol, {"aws_secret_access_key": alone.secret}]]),
        );
        let run = here.scan(&["--show-secrets"]);
        let found: Vec<_> = run
            .objects()
            .iter()
            .filter(|object| object["type"] == "finding")
            .map(|finding| {
                (finding["locations"][0]["path"].clone(), finding["key_id"].clone(), finding["secret"].clone())
            })
            .collect();
        let expected = [
            (json!("pair.pkl"), json!(key.id), json!(key.secret)),
            (json!("secret.pkl"), json!(null), json!(alone.secret)),
        ];
        assert_eq!(found, expected, "{protocol}: {}", run.err);
    }
}

#[test]
fn a_value_has_the_place_at_which_it_stands_in_the_file() {
    let (here, key) = (Folder::new(), Key::new(972));
    make(&here, &json!([["pickle", "a.pkl", 2, ["one\ntwo\n", key.id]]]));
    let bytes = std::fs::read(here.at("a.pkl")).unwrap();
    let at = bytes.windows(20).position(|window| window == key.id.as_bytes()).unwrap();
    let line_at = bytes[..at].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("a.pkl:3 {}", key.id)], "{}", run.err);
    assert_eq!(run.objects()[0]["locations"][0]["column"], json!(at - line_at + 1));
}

#[test]
fn a_pair_is_found_in_a_compiled_module() {
    let (here, key) = (Folder::new(), Key::new(973));
    let call = format!("c = client('s3', aws_access_key_id='{}', aws_secret_access_key='{}')\n", key.id, key.secret);
    let names = format!("ID = '{}'\nSECRET = '{}'\ndef f(): return None\n", key.id, key.secret);
    make(&here, &json!([["module", "call.pyc", call], ["module", "names.pyc", names]]));
    let run = here.scan(&[]);
    let found: Vec<_> = run.found().iter().map(|found| found.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(found, ["call.pyc", "names.pyc"], "{}", run.err);
    assert!(run.objects()[..2].iter().all(|finding| finding["rule"] == "aws-access-key"), "{}", run.out);
}

#[test]
fn pairs_and_labelled_secrets_are_found_in_classes() {
    let (here, one, two, three) = (Folder::new(), Key::new(974), Key::new(975), Key::new(976));
    let fields = format!("class A {{ static final String ID = \"{}\", KEY = \"{}\"; }}", one.id, one.secret);
    let calls = format!(
        "class B {{ Object m() {{ return java.util.Map.of(\"accessKey\", \"{}\", \"secretKey\", \"{}\"); }} }}",
        two.id, two.secret
    );
    let alone = format!("class C {{ static final String X = \"y\", AWS_SECRET_KEY = \"{}\"; }}", three.secret);
    for (name, source) in [("A", fields), ("B", calls), ("C", alone)] {
        here.write(format!("{name}.java"), source);
        assert!(here.command("javac").arg(format!("{name}.java")).status().unwrap().success());
        std::fs::remove_file(here.at(format!("{name}.java"))).unwrap();
    }
    let run = here.scan(&["--show-secrets"]);
    let found: Vec<_> = run
        .objects()
        .iter()
        .filter(|object| object["type"] == "finding")
        .map(|finding| finding["secret"].clone())
        .collect();
    assert_eq!(found, [json!(one.secret), json!(two.secret), json!(three.secret)], "{} {}", run.out, run.err);
}
