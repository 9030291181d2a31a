//! How what lies inside is paired, named and reported.

use super::{make, shell};
use crate::support::{Folder, Key};

#[test]
fn halves_in_two_entries_of_an_archive_are_a_pair_of_medium_confidence() {
    let (here, key) = (Folder::new(), Key::new(930));
    here.write("a/id.txt", &key.id);
    here.write("b/c/secret.txt", format!("aws_secret_access_key = {}\n", key.secret));
    shell(&here, "zip -qr both.zip a b; tar -cf both.tar a b; rm -r a b");
    let run = here.scan(&[]);
    let pairs: Vec<_> = run.objects().into_iter().filter(|object| object["rule"] == "aws-access-key").collect();
    assert_eq!(pairs.len(), 2, "{}", run.out);
    for (pair, name) in pairs.iter().zip(["both.tar", "both.zip"]) {
        assert_eq!(pair["confidence"], "medium");
        assert_eq!(pair["locations"][0]["path"], format!("{name}!b/c/secret.txt"));
        assert_eq!(pair["locations"][1]["path"], format!("{name}!a/id.txt"));
    }
}

#[test]
fn halves_in_two_archives_are_no_pair() {
    let (here, key) = (Folder::new(), Key::new(931));
    here.write("id.txt", &key.id);
    here.write("secret.txt", format!("aws_secret_access_key = {}\n", key.secret));
    shell(&here, "zip -q a.zip id.txt; zip -q b.zip secret.txt; rm *.txt");
    let run = here.scan(&[]);
    assert!(!run.out.contains("\"aws-access-key\""), "{}", run.out);
    assert_eq!(run.found().len(), 2, "{}", run.out);
}

#[test]
fn what_is_stored_as_it_is_is_reported_once() {
    let (here, key) = (Folder::new(), Key::new(932));
    make(&here, &key, "zip -qr0 a.zip conf");
    assert_eq!(here.scan(&[]).found(), [format!("a.zip!conf/prod.env:3 {}", key.id)]);
}

#[test]
fn forges_are_given_the_archive_and_told_the_entry() {
    let (here, key) = (Folder::repository(), Key::new(933));
    make(&here, &key, "mkdir -p lib; zip -qr 'lib/a b.zip' conf");
    let sarif: serde_json::Value = serde_json::from_str(&here.keyward(&["scan", "--format", "sarif"]).out).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "lib/a%20b.zip");
    assert_eq!(place["region"]["startLine"], 1);
    assert!(result["message"]["text"].as_str().unwrap().contains(", in conf/prod.env:3:23, "), "{result}");
    let quality = here.keyward(&["scan", "--format", "gitlab-codequality"]).out;
    let quality: serde_json::Value = serde_json::from_str(&quality).unwrap();
    assert_eq!(quality[0]["location"]["path"], "lib/a b.zip");
}

#[test]
fn a_marker_in_an_entry_accepts_what_stands_there() {
    let (here, key) = (Folder::new(), Key::new(934));
    here.write("a.env", key.env_file().replace(&key.secret, &format!("{} # keyward:allow test data", key.secret)));
    shell(&here, "zip -q a.zip a.env; rm a.env");
    let run = here.scan(&[]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert_eq!(run.objects()[0]["suppressed_by"], "marker");
}

#[test]
fn outputs_of_a_notebook_are_found() {
    let (here, key) = (Folder::new(), Key::new(935));
    let text = key.env_file().replace('\n', "\\n");
    here.write("n.ipynb", format!(r#"{{"cells":[{{"cell_type":"code","source":[],"outputs":[{{"output_type":"stream","text":["{text}"]}}]}}]}}"#));
    assert_eq!(here.scan(&[]).found(), [format!("n.ipynb:1 {}", key.id)]);
}

#[test]
fn entries_of_a_zip_are_found_however_they_are_packed() {
    let (here, key) = (Folder::new(), Key::new(936));
    here.write("a.env", key.env_file());
    let script = "import zipfile\n\
        for name, method in [('lzma', 14), ('bzip2', 12)]:\n\
        \x20   with zipfile.ZipFile(name + '.zip', 'w', method) as z: z.write('a.env')\n";
    let output = here.command("python3").args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    shell(&here, "rm a.env");
    let expected = ["bzip2.zip", "lzma.zip"].map(|name| format!("{name}!a.env:3 {}", key.id));
    let run = here.scan(&[]);
    assert_eq!(run.found(), expected, "{}", run.err);
}
